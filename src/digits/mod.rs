//! A strip of a page, one line of it with digits, into ranked readings of those digits.
//!
//! Tesseract reads one handwritten number of a letterhead in twelve and says nothing of its doubt.
//! This is a second reader with other habits: a small convolutional network ([`net`]) that was
//! taught with digits of handwriting fonts and of shaken strokes, beside printed ones
//! (`dictionaries/tools/digits.py`), and a beam search over what it saw ([`decode`]). It tells a
//! hand from print, knows digits, slash and hyphen, and is blind to letters and dotted lines. It
//! knows no grammar: which of its readings can be a number or a day is the caller's business.

mod decode;
mod net;

use std::sync::LazyLock;

use image::GrayImage;

use net::Net;

/// Rows of a strip. 20 of them are one font size: 1.15 above the baseline, 0.45 below.
pub(crate) const ROWS: usize = 32;
/// Rows of a strip for one font size.
pub(crate) const PER_EM: f32 = 20.0;
/// Where the baseline is, in font sizes from the top of the strip.
pub(crate) const ABOVE: f32 = 1.15;
/// Longest strip, in columns.
pub(crate) const MOST_COLUMNS: usize = 400;

/// One way to read a strip.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ranked {
    /// Digits, slashes and hyphens from left to right.
    pub(crate) text: String,
    /// How likely, 0 to 1.
    pub(crate) chance: f32,
    /// Share of its digits that a hand wrote, 0 to 1.
    pub(crate) hand: f32,
}

/// The network that came with the program. None only if its file is damaged.
static NET: LazyLock<Option<Net>> = LazyLock::new(|| Net::load(include_bytes!("../../dictionaries/digits.net")));

/// Reads a grey strip of [`ROWS`] rows, dark ink on light paper: the best readings first. Nothing
/// for a strip of another height, or one that is too short or too long.
pub(crate) fn read(strip: &GrayImage) -> Vec<Ranked> {
    let columns = strip.width() as usize;
    let (Some(net), true) = (NET.as_ref(), strip.height() as usize == ROWS && (8..=MOST_COLUMNS).contains(&columns))
    else {
        return Vec::new();
    };
    decode::rank(&net.scores(&ink(strip), columns & !1))
}

/// Reads several strips of the same place, cut a little larger and smaller: what all of them show
/// is likelier than what one shows.
pub(crate) fn read_all(strips: impl IntoIterator<Item = GrayImage>) -> Vec<Ranked> {
    let mut merged: Vec<Ranked> = Vec::new();
    let mut count = 0.0;
    for strip in strips {
        count += 1.0;
        for ranked in read(&strip) {
            match merged.iter_mut().find(|known| known.text == ranked.text) {
                Some(known) => {
                    let whole = (known.chance + ranked.chance).max(f32::MIN_POSITIVE);
                    known.hand = (known.hand * known.chance + ranked.hand * ranked.chance) / whole;
                    known.chance += ranked.chance;
                }
                None => merged.push(ranked),
            }
        }
    }
    for ranked in &mut merged {
        ranked.chance /= count;
    }
    merged.sort_by(|a, b| b.chance.total_cmp(&a.chance).then_with(|| a.text.cmp(&b.text)));
    merged
}

/// Paper to 0, the darkest ink to 1, as the network was taught.
fn ink(strip: &GrayImage) -> Vec<f32> {
    let even = strip.width() as usize & !1;
    let mut ink = Vec::with_capacity(even * ROWS);
    for row in strip.rows() {
        ink.extend(row.take(even).map(|pixel| f32::from(255 - pixel.0[0])));
    }
    let mut sorted = ink.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |share: f32| sorted.get((share * (sorted.len() as f32 - 1.0)) as usize).copied().unwrap_or_default();
    let (low, high) = (at(0.5), at(0.99));
    let range = (high - low).max(40.0);
    for value in &mut ink {
        *value = ((*value - low) / range).clamp(0.0, 1.0);
    }
    ink
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn the_network_is_whole() {
        assert!(NET.is_some());
    }

    #[test]
    fn white_paper_has_no_digits() {
        let read = read(&GrayImage::from_pixel(120, 32, Luma([250])));
        assert!(read.first().is_none_or(|best| best.text.is_empty()), "{read:?}");
    }

    #[test]
    fn several_strips_of_a_place_are_weighed_together() {
        let strip = |light: u8| {
            GrayImage::from_fn(60, 32, |x, y| Luma([if (8..20).contains(&y) && x % 13 < 3 { light } else { 250 }]))
        };
        let (one, both) = (read(&strip(20)), read_all([strip(20), strip(20)]));
        assert!(one.iter().zip(&both).all(|(a, b)| a.text == b.text && (a.chance - b.chance).abs() < 1e-5));
        assert!(read_all([strip(20), strip(90)]).iter().map(|ranked| ranked.chance).sum::<f32>() < 1.001);
        assert!(read_all([]).is_empty());
    }

    #[test]
    fn strips_of_another_shape_are_not_read() {
        for (width, height) in [(0, 32), (4, 32), (100, 31), (5000, 32)] {
            assert!(read(&GrayImage::new(width, height)).is_empty());
        }
    }

    proptest::proptest! {
        /// Whatever is on it, and chances are chances.
        #[test]
        fn any_strip_is_survived(pixels in proptest::collection::vec(proptest::num::u8::ANY, 32 * 40)) {
            let strip = GrayImage::from_raw(40, 32, pixels).expect("as many pixels");
            let read = read(&strip);
            let sum: f32 = read.iter().map(|ranked| ranked.chance).sum();
            proptest::prop_assert!(sum <= 1.001, "{}", sum);
            proptest::prop_assert!(read.windows(2).all(|pair| pair[0].chance >= pair[1].chance));
        }
    }
}
