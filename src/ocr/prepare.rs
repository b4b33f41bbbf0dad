//! A page picture into the grey picture that recognition reads best.
//!
//! Grey is the largest of red, green and blue, so that the ink of red stamps vanishes. Uneven
//! paper (a photograph, a copy with show-through) is divided by its background; only then is the
//! page straightened too, since resampling an even page costs more letters than a small skew.
//! Pages under 140 dpi are enlarged, except 1-bit ones, whose stairs grow with them. The
//! thresholds were set on eighty degraded pages of one document: check them on others.

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, Luma};

use crate::document::Rect;

/// The engine keeps places in 16 bits.
const MOST_SIDE: f32 = 30_000.0;

/// A picture ready for recognition, and the way back to the picture that it was made from.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The pixels.
    pub image: GrayImage,
    /// Dots an inch.
    pub dpi: f32,
    /// Pixels here for one pixel there.
    factor: f32,
    /// How far the page was turned, in radians, about its centre.
    turned: f32,
}

impl Prepared {
    /// The box around `rect` in the picture that this one was made from.
    pub(super) fn back(&self, rect: Rect) -> Rect {
        let (x, y) = (self.image.width() as f32 / 2.0, self.image.height() as f32 / 2.0);
        let (sin, cos) = self.turned.sin_cos();
        let point = |px: f32, py: f32| {
            let (dx, dy) = (px - x, py - y);
            let (px, py) = (x + dx * cos + dy * sin, y - dx * sin + dy * cos);
            Rect { x0: px, y0: py, x1: px, y1: py }
        };
        let all = point(rect.x0, rect.y0)
            .cover(point(rect.x1, rect.y0))
            .cover(point(rect.x0, rect.y1))
            .cover(point(rect.x1, rect.y1));
        let scale = |value: f32| value / self.factor;
        Rect { x0: scale(all.x0), y0: scale(all.y0), x1: scale(all.x1), y1: scale(all.y1) }
    }
}

/// Prepares `picture`; `dpi` where it is known, else the longer side is taken for that of an A4
/// page.
pub(super) fn prepare(picture: &DynamicImage, dpi: Option<f32>) -> Prepared {
    let (width, height) = (picture.width(), picture.height());
    let dpi = dpi.unwrap_or_else(|| (width.max(height) as f32 / 11.69).clamp(70.0, 600.0));
    let (mut grey, coloured) = grey(picture);
    let mut turned = 0.0;
    if is_bilevel(&grey) {
        return Prepared { image: grey, dpi, factor: 1.0, turned };
    }
    let uneven = unevenness(&grey) > 0.3;
    if uneven {
        grey = even(&grey, dpi);
        turned = skew(&grey);
        if turned.abs() > 0.0026 {
            grey = turn(&grey, turned);
        } else {
            turned = 0.0;
        }
    } else if !coloured {
        let evened = divide(&grey, dpi);
        if has_ghosts(&evened) {
            grey = levels(&evened);
        }
    }
    let wanted = if dpi < 140.0 { (300.0 / dpi).min(4.0) } else { 1.0 };
    let factor = wanted.min(MOST_SIDE / width.max(height) as f32);
    if (factor - 1.0).abs() > f32::EPSILON {
        let size = |side: u32| ((side as f32 * factor) as u32).max(1);
        grey = imageops::resize(&grey, size(width), size(height), FilterType::CatmullRom);
    }
    Prepared { image: grey, dpi: dpi * factor, factor, turned }
}

/// Grey by the largest of the three colours, and whether the picture has any colour.
fn grey(picture: &DynamicImage) -> (GrayImage, bool) {
    match picture {
        DynamicImage::ImageLuma8(grey) => (grey.clone(), false),
        DynamicImage::ImageLuma16(_) => (picture.to_luma8(), false),
        DynamicImage::ImageRgb8(rgb) => flatten(rgb.width(), rgb.height(), rgb.as_raw(), 3),
        _ => {
            // Paper shows through what is clear.
            let rgba = picture.to_rgba8();
            let over = |value: u8, alpha: u8| {
                ((u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255) as u8
            };
            let rgb: Vec<u8> = rgba.pixels().flat_map(|p| [0, 1, 2].map(|i| over(p.0[i], p.0[3]))).collect();
            flatten(rgba.width(), rgba.height(), &rgb, 3)
        }
    }
}

fn flatten(width: u32, height: u32, pixels: &[u8], step: usize) -> (GrayImage, bool) {
    let mut colour = 0;
    let mut grey = GrayImage::new(width, height);
    for (to, from) in grey.iter_mut().zip(pixels.chunks_exact(step)) {
        let high = from[0].max(from[1]).max(from[2]);
        let low = from[0].min(from[1]).min(from[2]);
        colour = colour.max(high - low);
        *to = high;
    }
    (grey, colour > 40)
}

fn is_bilevel(grey: &GrayImage) -> bool {
    let mut seen = [false; 256];
    grey.iter().for_each(|value| seen[usize::from(*value)] = true);
    seen.iter().filter(|seen| **seen).count() <= 2
}

/// The picture made `by` times smaller, each pixel the mean of a square.
fn shrink(grey: &GrayImage, by: u32) -> GrayImage {
    let size = |side: u32| (side / by).max(1);
    imageops::thumbnail(grey, size(grey.width()), size(grey.height()))
}

/// The lightest pixel of each square of side `2 * reach + 1`: ink vanishes, paper stays.
fn dilate(grey: &GrayImage, reach: i64) -> GrayImage {
    slide(&slide(grey, reach, true), reach, false)
}

fn slide(grey: &GrayImage, reach: i64, across: bool) -> GrayImage {
    let (width, height) = (i64::from(grey.width()), i64::from(grey.height()));
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        let (x, y) = (i64::from(x), i64::from(y));
        let at = |step: i64| {
            let (x, y) = if across { (x + step, y) } else { (x, y + step) };
            grey.get_pixel(x.clamp(0, width - 1) as u32, y.clamp(0, height - 1) as u32).0[0]
        };
        Luma([(-reach..=reach).map(at).max().unwrap_or(255)])
    })
}

/// The middle value of each square of side `2 * reach + 1`.
fn median(grey: &GrayImage, reach: i64) -> GrayImage {
    let (width, height) = (i64::from(grey.width()), i64::from(grey.height()));
    let mut column = Vec::new();
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        column.clear();
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let x = (i64::from(x) + dx).clamp(0, width - 1) as u32;
                let y = (i64::from(y) + dy).clamp(0, height - 1) as u32;
                column.push(grey.get_pixel(x, y).0[0]);
            }
        }
        let middle = column.len() / 2;
        Luma([*column.select_nth_unstable(middle).1])
    })
}

/// How much the paper differs over the page: 0 for even, towards 1 for a shadow.
fn unevenness(grey: &GrayImage) -> f32 {
    let ground = median(&dilate(&shrink(grey, 16), 1), 4);
    let (dark, light) = (percentile(&ground, 0.04), percentile(&ground, 0.98));
    (light - dark) / light.max(1.0)
}

fn percentile(grey: &GrayImage, share: f32) -> f32 {
    let mut counts = [0_usize; 256];
    grey.iter().for_each(|value| counts[usize::from(*value)] += 1);
    let wanted = (grey.len() as f32 * share) as usize;
    let mut sum = 0;
    for (value, count) in counts.iter().enumerate() {
        sum += count;
        if sum > wanted {
            return value as f32;
        }
    }
    255.0
}

/// The picture divided by its background.
fn divide(grey: &GrayImage, dpi: f32) -> GrayImage {
    let reach = ((45.0 * dpi / 300.0 / 8.0 * 4.0 / 2.0) as i64).clamp(1, 10);
    let ground = median(&dilate(&shrink(grey, 8), 2), reach);
    let ground = imageops::resize(&ground, grey.width(), grey.height(), FilterType::Triangle);
    let mut even = grey.clone();
    for (value, ground) in even.iter_mut().zip(ground.iter()) {
        *value = (u32::from(*value) * 255 / u32::from(*ground).max(1)).min(255) as u8;
    }
    even
}

/// Ink to black, paper and what is nearly paper to white.
fn levels(grey: &GrayImage) -> GrayImage {
    let low = percentile(grey, 0.007);
    let high = low + (255.0 - low) * 0.8;
    let mut sharp = grey.clone();
    sharp.iter_mut().for_each(|value| {
        *value = ((f32::from(*value) - low) * 255.0 / (high - low).max(1.0)).clamp(0.0, 255.0) as u8;
    });
    sharp
}

fn even(grey: &GrayImage, dpi: f32) -> GrayImage {
    levels(&divide(grey, dpi))
}

/// Whether more of the page is half-dark (show-through, the stamp on a grey copy) than inked.
fn has_ghosts(even: &GrayImage) -> bool {
    let half = even.iter().filter(|value| (111..215).contains(*value)).count();
    let ink = even.iter().filter(|value| **value < 110).count();
    half > ink
}

/// The angle, in radians, by which turning the page makes its lines level.
///
/// At the right angle the sums of ink over the rows of pixels differ most from row to row.
fn skew(grey: &GrayImage) -> f32 {
    let small = shrink(grey, (grey.width() / 800).max(1));
    let (width, height) = (small.width() as f32, small.height() as f32);
    let ink: Vec<(f32, f32, f32)> = small
        .enumerate_pixels()
        .filter(|(_, _, value)| value.0[0] < 185)
        .map(|(x, y, value)| (x as f32 - width / 2.0, y as f32, f32::from(255 - value.0[0])))
        .collect();
    let sharpness = |angle: f32| {
        let slope = angle.tan();
        let mut rows = vec![0.0_f32; height as usize + 1];
        for (x, y, weight) in &ink {
            let row = y + x * slope;
            if row >= 0.0 && row < height {
                rows[row as usize] += weight;
            }
        }
        rows.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum::<f32>()
    };
    let best = |around: f32, reach: i16, step: f32| {
        (-reach..=reach)
            .map(|i| around + f32::from(i) * step.to_radians())
            .map(|angle| (angle, sharpness(angle)))
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
            .map_or(around, |(angle, _)| angle)
    };
    best(best(0.0, 8, 0.5), 5, 0.1)
}

/// Turns the page about its centre.
fn turn(grey: &GrayImage, angle: f32) -> GrayImage {
    let (x, y) = (grey.width() as f32 / 2.0, grey.height() as f32 / 2.0);
    let (sin, cos) = angle.sin_cos();
    let (right, bottom) = (grey.width() as f32 - 1.0, grey.height() as f32 - 1.0);
    GrayImage::from_fn(grey.width(), grey.height(), |px, py| {
        let (dx, dy) = (px as f32 - x, py as f32 - y);
        let (sx, sy) = (x + dx * cos + dy * sin, y - dx * sin + dy * cos);
        if !(0.0..right).contains(&sx) || !(0.0..bottom).contains(&sy) {
            return Luma([255]);
        }
        let (fx, fy) = (sx.fract(), sy.fract());
        let at = |x: f32, y: f32| f32::from(grey.get_pixel(x as u32, y as u32).0[0]);
        let (left, top) = (sx.floor(), sy.floor());
        let upper = at(left, top) * (1.0 - fx) + at(left + 1.0, top) * fx;
        let lower = at(left, top + 1.0) * (1.0 - fx) + at(left + 1.0, top + 1.0) * fx;
        Luma([(upper * (1.0 - fy) + lower * fy) as u8])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    /// Rows of dark dashes on paper, sloping down to the right by `slope`.
    fn page(width: u32, height: u32, slope: f32, paper: impl Fn(u32, u32) -> u8) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let row = (y as f32 - x as f32 * slope).rem_euclid(40.0);
            let inked = row < 12.0 && x % 30 < 22 && x > width / 10 && x < width * 9 / 10;
            Luma([if inked { paper(x, y) / 6 } else { paper(x, y) }])
        })
    }

    #[test]
    fn a_red_stamp_vanishes_and_black_ink_stays() {
        let rgb = RgbImage::from_fn(300, 300, |x, y| match (x / 100, y) {
            (0, _) => Rgb([240, 30, 40]),
            (1, _) => Rgb([20, 20, 20]),
            _ => Rgb([250, 250, 250]),
        });
        let (grey, coloured) = grey(&rgb.into());
        assert!(coloured);
        assert_eq!([0, 150, 250].map(|x| grey.get_pixel(x, 5).0[0]), [240, 20, 250]);
    }

    #[test]
    fn an_even_page_is_left_as_it_is_and_a_shadowed_one_is_evened() {
        let plain = page(800, 1000, 0.0, |_, _| 240);
        assert_eq!(prepare(&plain.clone().into(), Some(200.0)).image, plain);
        let shadowed = page(800, 1000, 0.0, |x, _| 250 - (x / 5) as u8);
        assert!(unevenness(&shadowed) > 0.3);
        let prepared = prepare(&shadowed.into(), Some(200.0)).image;
        assert!(unevenness(&prepared) < 0.1, "{}", unevenness(&prepared));
    }

    #[test]
    fn skew_is_found_and_boxes_find_their_way_back() {
        for slope in [-0.05_f32, -0.012, 0.0, 0.02] {
            let angle = skew(&page(1600, 2000, slope, |_, _| 240));
            assert!((angle + slope.atan()).abs() < 0.003, "{slope}: {angle}");
        }
        let prepared = Prepared { image: GrayImage::new(400, 200), dpi: 300.0, factor: 2.0, turned: 0.02 };
        let rect = prepared.back(Rect { x0: 190.0, y0: 90.0, x1: 210.0, y1: 110.0 });
        assert!((rect.x0 + rect.x1 - 200.0).abs() < 0.1 && (rect.y0 + rect.y1 - 100.0).abs() < 0.1, "{rect:?}");
    }

    /// The box of a point that was turned along with the page is where the point was.
    #[test]
    fn turning_and_the_way_back_agree() {
        let mut dot = GrayImage::from_pixel(600, 400, Luma([255]));
        for (x, y) in [(500, 100), (501, 100), (500, 101), (501, 101)] {
            dot.put_pixel(x, y, Luma([0]));
        }
        let turned = turn(&dot, 0.05);
        let (x, y, _) = turned.enumerate_pixels().min_by_key(|(_, _, value)| value.0[0]).unwrap();
        let prepared = Prepared { image: turned.clone(), dpi: 300.0, factor: 1.0, turned: 0.05 };
        let rect = prepared.back(Rect { x0: x as f32, y0: y as f32, x1: x as f32, y1: y as f32 });
        assert!((rect.x0 - 500.5).abs() < 1.5 && (rect.y0 - 100.5).abs() < 1.5, "{rect:?}");
    }

    #[test]
    fn only_small_pages_that_are_not_1_bit_are_enlarged() {
        let low = page(400, 500, 0.0, |_, y| 240 - (y % 3) as u8);
        assert_eq!(prepare(&low.clone().into(), Some(100.0)).image.dimensions(), (1200, 1500));
        assert_eq!(prepare(&low.clone().into(), Some(150.0)).image.dimensions(), (400, 500));
        let bits = GrayImage::from_fn(400, 500, |x, y| Luma([if (x + y) % 7 == 0 { 0 } else { 255 }]));
        assert_eq!(prepare(&bits.into(), Some(100.0)).image.dimensions(), (400, 500));
    }
}
