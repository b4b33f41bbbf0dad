//! The forward pass of the digit network: ink of a strip into scores a column.
//!
//! Four convolutions of 3 by 3, each followed by pooling that halves the rows (the first halves
//! the columns too), then two along the line. An inference library would bring a graph, an
//! optimiser and a hundred crates for these hundred lines. It knows nothing of what the classes
//! mean.

use super::ROWS;

/// Classes: nothing, ten digits of a hand, ten printed ones, slash, hyphen.
pub(super) const CLASSES: usize = 23;

/// Weights of one layer: `outputs` rows of `inputs` times the kernel's size, batch norms folded in.
#[derive(Debug)]
struct Layer {
    outputs: usize,
    inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// A network.
#[derive(Debug)]
pub(super) struct Net {
    /// 3 by 3 each.
    seen: Vec<Layer>,
    /// 5 along the line.
    line: Layer,
    /// 1 along the line.
    out: Layer,
}

/// Outputs and inputs times kernel size of each layer.
const SHAPES: [(usize, usize); 6] = [(16, 9), (32, 16 * 9), (32, 32 * 9), (48, 32 * 9), (64, 96 * 5), (CLASSES, 64)];

impl Net {
    /// Reads the file that `dictionaries/tools/digits.py export` writes. None if it is not one.
    pub(super) fn load(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"VBDIGIT1")?;
        let mut layers = Vec::new();
        for (outputs, across) in SHAPES {
            let shape = [take_u32(&mut rest)? as usize, take_u32(&mut rest)? as usize];
            if shape != [outputs, across] {
                return None;
            }
            let scale = take_floats(&mut rest, outputs)?;
            let bias = take_floats(&mut rest, outputs)?;
            let (bytes, after) = rest.split_at_checked(outputs * across)?;
            rest = after;
            let weights = bytes.iter().enumerate().map(|(at, byte)| f32::from(byte.cast_signed()) * scale[at / across]);
            let kernel = match layers.len() {
                0..4 => 9,
                4 => 5,
                _ => 1,
            };
            layers.push(Layer { outputs, inputs: across / kernel, weights: weights.collect(), bias });
        }
        let (out, line) = (layers.pop()?, layers.pop()?);
        rest.is_empty().then_some(Self { seen: layers, line, out })
    }

    /// Scores of every class for each second column of `ink`, which is [`ROWS`] rows of an even
    /// number of `columns`.
    pub(super) fn scores(&self, ink: &[f32], columns: usize) -> Vec<[f32; CLASSES]> {
        let (mut rows, mut columns) = (ROWS, columns);
        let mut planes = ink.to_vec();
        for (index, layer) in self.seen.iter().enumerate() {
            let wide = convolve(layer, &planes, rows, columns);
            let across = if index == 0 { 2 } else { 1 };
            planes = pool(&wide, layer.outputs, rows, columns, across);
            rows /= 2;
            columns /= across;
        }
        let line = along(&self.line, &planes, columns, 5);
        let line: Vec<f32> = line.into_iter().map(|value| value.max(0.0)).collect();
        let out = along(&self.out, &line, columns, 1);
        let column = |at: usize| std::array::from_fn(|class| out[class * columns + at]);
        (0..columns).map(column).collect()
    }
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*bytes))
}

fn take_floats(rest: &mut &[u8], count: usize) -> Option<Vec<f32>> {
    (0..count).map(|_| take_u32(rest).map(f32::from_bits).filter(|value| value.is_finite())).collect()
}

/// `to[x] += weight * from[x + shift]` wherever both are.
fn add_shifted(to: &mut [f32], from: &[f32], weight: f32, shift: isize) {
    let width = to.len() as isize;
    let (start, end) = ((-shift).clamp(0, width) as usize, (width - shift).clamp(0, width) as usize);
    if start >= end {
        return;
    }
    let from = &from[(start as isize + shift) as usize..(end as isize + shift) as usize];
    to[start..end].iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
}

/// A convolution of 3 by 3 with what is beyond the edges taken for paper.
fn convolve(layer: &Layer, planes: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let size = rows * columns;
    let mut out = vec![0.0; layer.outputs * size];
    for (output, plane) in out.chunks_exact_mut(size).enumerate() {
        plane.fill(layer.bias[output]);
        for input in 0..layer.inputs {
            let kernel = &layer.weights[(output * layer.inputs + input) * 9..][..9];
            let source = &planes[input * size..][..size];
            for (at, weight) in kernel.iter().enumerate() {
                let (down, right) = ((at / 3) as isize - 1, (at % 3) as isize - 1);
                for row in 0..rows {
                    let Some(other) = row.checked_add_signed(down).filter(|other| *other < rows) else { continue };
                    let to = &mut plane[row * columns..][..columns];
                    add_shifted(to, &source[other * columns..][..columns], *weight, right);
                }
            }
        }
    }
    out
}

/// What is above zero, the largest of each two rows and `across` columns.
fn pool(planes: &[f32], count: usize, rows: usize, columns: usize, across: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(planes.len() / 2 / across);
    for plane in planes.chunks_exact(rows * columns).take(count) {
        for pair in plane.chunks_exact(2 * columns) {
            let (upper, lower) = pair.split_at(columns);
            let largest = |(upper, lower): (&[f32], &[f32])| upper.iter().chain(lower).fold(0.0_f32, |a, b| a.max(*b));
            out.extend(upper.chunks_exact(across).zip(lower.chunks_exact(across)).map(largest));
        }
    }
    out
}

/// A convolution along the line.
fn along(layer: &Layer, planes: &[f32], columns: usize, kernel: usize) -> Vec<f32> {
    let mut out = vec![0.0; layer.outputs * columns];
    for (output, plane) in out.chunks_exact_mut(columns).enumerate() {
        plane.fill(layer.bias[output]);
        for input in 0..layer.inputs {
            let weights = &layer.weights[(output * layer.inputs + input) * kernel..][..kernel];
            for (at, weight) in weights.iter().enumerate() {
                let shift = at as isize - (kernel / 2) as isize;
                add_shifted(plane, &planes[input * columns..][..columns], *weight, shift);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_cut_or_longer_is_refused() {
        let whole = include_bytes!("../../dictionaries/digits.net");
        assert!(Net::load(whole).is_some());
        for cut in [0, 7, 8, 20, whole.len() / 2, whole.len() - 1] {
            assert!(Net::load(&whole[..cut]).is_none(), "{cut}");
        }
        assert!(Net::load(&[&whole[..], b"x"].concat()).is_none());
    }

    #[test]
    fn a_kernel_that_looks_right_moves_left() {
        let mut weights = vec![0.0; 9];
        weights[5] = 1.0;
        let layer = Layer { outputs: 1, inputs: 1, weights, bias: vec![0.5] };
        let moved = convolve(&layer, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3);
        assert_eq!(moved, [2.5, 3.5, 0.5, 5.5, 6.5, 0.5]);
        assert_eq!(pool(&[1.0, -2.0, 3.0, 4.0], 1, 2, 2, 1), [3.0, 4.0]);
        assert_eq!(pool(&[-1.0, -2.0, -3.0, -4.0], 1, 2, 2, 2), [0.0]);
    }
}
