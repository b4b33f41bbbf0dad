//! A page picture into the grey picture that recognition reads best.
//!
//! Grey is the largest of red, green and blue where there is colour, so that the ink of red stamps
//! vanishes, and their mean brightness elsewhere, which evens out the noise of three. What is done
//! beyond that is a [`Way`]: most pages are best left as they are, since every resampling costs
//! letters. [`ways`] says from cheap statistics which way to try first, and which one if the reading
//! turns out doubtful: then the engine's own confidence decides. Pages under 140 dpi are enlarged,
//! except 1-bit ones, whose stairs grow with them.

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, Luma};

use crate::document::Rect;
use crate::lines::Piece;
use crate::ocr::ground::{divide, has_ghosts, levels, shrink, unevenness};

/// The engine keeps places in 16 bits.
const MOST_SIDE: f32 = 30_000.0;
/// Under this many dots an inch a page is enlarged.
const LOW: f32 = 140.0;
/// To so many; more gains nothing and takes longer.
const ENLARGED: f32 = 200.0;
/// Skew that costs more letters than resampling the page does, in radians.
const SKEWED: f32 = 0.035;
/// The same for a page that is resampled anyway.
const SKEWED_EVENED: f32 = 0.0026;

/// A page in grey.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// The pixels.
    pub grey: GrayImage,
    /// Whether there are two values only.
    pub bilevel: bool,
    /// Dots an inch.
    pub dpi: f32,
}

/// What is done to a sheet before it is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Way {
    /// Nothing that changes strokes.
    Plain,
    /// Divided by its background; what is lighter than this share of the way from ink to paper is white.
    Evened(f32),
    /// Blurred a little, this many pixels: the stairs of a 1-bit page become slopes.
    Smoothed(f32),
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain => f.write_str("as it is"),
            Self::Evened(white) => write!(f, "evened to {white}"),
            Self::Smoothed(_) => f.write_str("smoothed"),
        }
    }
}

/// The sheet of a picture; `dpi` where it is known, else the longer side is taken for that of an A4
/// page.
pub(super) fn sheet(picture: &DynamicImage, dpi: Option<f32>) -> Sheet {
    let longer = picture.width().max(picture.height()) as f32;
    let dpi = dpi.unwrap_or_else(|| (longer / 11.69).clamp(70.0, 600.0));
    let grey = grey(picture);
    Sheet { bilevel: is_bilevel(&grey), grey, dpi }
}

/// The way to try first, and the one to try when that was doubtful.
pub(super) fn ways(sheet: &Sheet) -> (Way, Way) {
    if sheet.bilevel {
        // A stair is a dot wide whatever the resolution, but letters have fewer dots on a coarse page.
        (Way::Smoothed((sheet.dpi * 0.0034).clamp(0.3, 1.0)), Way::Plain)
    } else if unevenness(&sheet.grey) > 0.3 {
        (Way::Evened(0.8), Way::Plain)
    } else if has_ghosts(&divide(&sheet.grey, sheet.dpi), sheet.dpi) {
        (Way::Evened(0.6), Way::Evened(0.45))
    } else {
        (Way::Plain, Way::Evened(0.6))
    }
}

/// Prepares a sheet for the engine.
pub(super) fn prepare(sheet: &Sheet, way: Way) -> Prepared {
    let mut grey = match way {
        Way::Plain => sheet.grey.clone(),
        Way::Evened(white) => levels(&divide(&sheet.grey, sheet.dpi), white),
        Way::Smoothed(reach) => smooth(&sheet.grey, reach),
    };
    let mut turned = skew(&grey);
    let evened = matches!(way, Way::Evened(_));
    if turned.abs() > if evened { SKEWED_EVENED } else { SKEWED } {
        grey = turn(&grey, turned);
    } else {
        turned = 0.0;
    }
    let wanted = if sheet.dpi < LOW && !sheet.bilevel { (ENLARGED / sheet.dpi).min(4.0) } else { 1.0 };
    let factor = wanted.min(MOST_SIDE / grey.width().max(grey.height()) as f32);
    if (factor - 1.0).abs() > f32::EPSILON {
        let size = |side: u32| ((side as f32 * factor) as u32).max(1);
        grey = imageops::resize(&grey, size(grey.width()), size(grey.height()), FilterType::CatmullRom);
    }
    Prepared { image: grey, dpi: sheet.dpi * factor, factor, turned }
}

/// A picture ready for recognition, and the way back to the picture that it was made from.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The pixels.
    pub image: GrayImage,
    /// Dots an inch.
    pub dpi: f32,
    /// Pixels here for one pixel there.
    pub factor: f32,
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

    /// A word in pixels of the picture that this one was made from; its baseline stays straight.
    pub(super) fn back_piece(&self, word: Piece) -> Piece {
        let scale = |value: f32| value / self.factor;
        Piece {
            bbox: self.back(word.bbox),
            left: scale(word.left),
            right: scale(word.right),
            baseline: scale(word.baseline),
            size: scale(word.size),
            ..word
        }
    }
}

/// The sheet turned clockwise by quarters.
pub(super) fn turn_quarters(sheet: &Sheet, quarters: u8) -> Sheet {
    let grey = match quarters % 4 {
        0 => sheet.grey.clone(),
        1 => imageops::rotate90(&sheet.grey),
        2 => imageops::rotate180(&sheet.grey),
        _ => imageops::rotate270(&sheet.grey),
    };
    Sheet { grey, ..*sheet }
}

/// Where a box of a turned sheet is on the sheet as it was, `width` by `height`.
pub(super) fn turn_back(rect: Rect, quarters: u8, width: u32, height: u32) -> Rect {
    let (width, height) = (width as f32, height as f32);
    let Rect { x0, y0, x1, y1 } = rect;
    match quarters % 4 {
        0 => rect,
        1 => Rect { x0: y0, y0: height - x1, x1: y1, y1: height - x0 },
        2 => Rect { x0: width - x1, y0: height - y1, x1: width - x0, y1: height - y0 },
        _ => Rect { x0: width - y1, y0: x0, x1: width - y0, y1: x1 },
    }
}

/// A part of a sheet, and how far from its left edge it begins.
#[derive(Debug)]
pub(super) struct Part {
    pub sheet: Sheet,
    pub left: f32,
}

/// The sheet cut in two at `gutter`, or whole.
pub(super) fn halves(sheet: &Sheet, gutter: Option<u32>) -> Vec<Part> {
    let (width, height) = sheet.grey.dimensions();
    let part = |from: u32, to: u32| {
        let grey = imageops::crop_imm(&sheet.grey, from, 0, to - from, height).to_image();
        Part { sheet: Sheet { grey, ..*sheet }, left: from as f32 }
    };
    match gutter.filter(|at| (1..width).contains(at)) {
        Some(at) => vec![part(0, at), part(at, width)],
        None => vec![part(0, width)],
    }
}

/// A fifth of the sheet, with as many lines as anywhere: enough to tell how well it reads.
pub(super) fn strip(sheet: &Sheet) -> Sheet {
    let (width, height) = sheet.grey.dimensions();
    let part = (height / 5).max(1);
    let ink = |top: u32| -> usize {
        let rows = sheet.grey.rows().skip(top as usize).take(part as usize).step_by(4);
        rows.map(|row| row.filter(|value| value.0[0] < 128).count()).sum()
    };
    let top = (0..=8).map(|nth| nth * (height - part) / 8).max_by_key(|top| ink(*top)).unwrap_or(0);
    Sheet { grey: imageops::crop_imm(&sheet.grey, 0, top, width, part).to_image(), ..*sheet }
}

/// Grey by the largest of the three colours where the picture has any.
fn grey(picture: &DynamicImage) -> GrayImage {
    match picture {
        DynamicImage::ImageLuma8(grey) => grey.clone(),
        DynamicImage::ImageLuma16(_) => picture.to_luma8(),
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

/// Colour from here on is that of ink, not of paper or noise.
const COLOUR: u8 = 40;

fn flatten(width: u32, height: u32, pixels: &[u8], step: usize) -> GrayImage {
    let mut grey = GrayImage::new(width, height);
    for (to, from) in grey.iter_mut().zip(pixels.chunks_exact(step)) {
        let [red, green, blue] = [from[0], from[1], from[2]];
        let high = red.max(green).max(blue);
        let colour = high - red.min(green).min(blue);
        let luma = ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8;
        // Between the two in a slope, so that the rim of a stamp is no step.
        let share = u32::from(colour.saturating_sub(COLOUR).min(32));
        *to = luma + (u32::from(high.saturating_sub(luma)) * share / 32) as u8;
    }
    grey
}

fn is_bilevel(grey: &GrayImage) -> bool {
    let mut seen = [false; 256];
    grey.iter().for_each(|value| seen[usize::from(*value)] = true);
    seen.iter().filter(|seen| **seen).count() <= 2
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

/// Blurs by about `reach` pixels (standard deviation, at most 1): twice the mean of neighbours, across
/// and down.
fn smooth(grey: &GrayImage, reach: f32) -> GrayImage {
    // A kernel (k, 1 - 2k, k) has the variance 2k; in parts of 256.
    let side = (reach.min(1.0).powi(2) / 4.0 * 256.0) as u32;
    let middle = 256 - 2 * side;
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let mut from = grey.clone().into_raw();
    let mut to = from.clone();
    for step in [1, 1, width, width] {
        let across = step == 1;
        for (row, out) in to.chunks_exact_mut(width).enumerate() {
            for (x, out) in out.iter_mut().enumerate() {
                let at = row * width + x;
                let first = if across { x == 0 } else { row == 0 };
                let last = if across { x + 1 == width } else { row + 1 == height };
                let (before, after) = (if first { at } else { at - step }, if last { at } else { at + step });
                let sides = u32::from(from[before]) + u32::from(from[after]);
                *out = ((sides * side + u32::from(from[at]) * middle + 128) >> 8) as u8;
            }
        }
        std::mem::swap(&mut from, &mut to);
    }
    GrayImage::from_raw(grey.width(), grey.height(), from).unwrap_or_else(|| grey.clone())
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
    use crate::ocr::ground::unevenness;
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
        let grey = grey(&rgb.into());
        assert_eq!([0, 150, 250].map(|x| grey.get_pixel(x, 5).0[0]), [240, 20, 250]);
    }

    #[test]
    fn smoothing_makes_slopes_and_keeps_ink() {
        let mut dot = GrayImage::from_pixel(9, 7, Luma([255]));
        dot.put_pixel(4, 3, Luma([0]));
        let smooth = smooth(&dot, 0.8);
        let ink = |grey: &GrayImage| grey.iter().map(|value| 255 - u32::from(*value)).sum::<u32>();
        assert!(ink(&smooth).abs_diff(255) < 40, "{}", ink(&smooth));
        assert!(smooth.get_pixel(4, 3).0[0] > 100 && smooth.get_pixel(3, 3).0[0] < 250);
        assert_eq!(smooth.get_pixel(3, 3), smooth.get_pixel(5, 3));
    }

    #[test]
    fn an_even_page_is_left_as_it_is_and_a_shadowed_one_is_evened() {
        let plain = page(800, 1000, 0.0, |_, _| 240);
        let way = |page: &GrayImage| {
            let sheet = sheet(&page.clone().into(), Some(200.0));
            prepare(&sheet, ways(&sheet).0).image
        };
        assert_eq!(way(&plain), plain);
        let shadowed = page(800, 1000, 0.0, |x, _| 250 - (x / 5) as u8);
        assert!(unevenness(&shadowed) > 0.3);
        let prepared = way(&shadowed);
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
        let size =
            |page: &GrayImage, dpi| prepare(&sheet(&page.clone().into(), Some(dpi)), Way::Plain).image.dimensions();
        assert_eq!((size(&low, 100.0), size(&low, 150.0)), ((800, 1000), (400, 500)));
        let bits = GrayImage::from_fn(400, 500, |x, y| Luma([if (x + y) % 7 == 0 { 0 } else { 255 }]));
        assert_eq!(size(&bits, 100.0), (400, 500));
    }

    #[test]
    fn a_quarter_turn_and_the_way_back_agree() {
        let mut dot = GrayImage::from_pixel(60, 40, Luma([255]));
        dot.put_pixel(50, 10, Luma([0]));
        let sheet = Sheet { grey: dot, bilevel: true, dpi: 300.0 };
        for quarters in 0..4 {
            let turned = turn_quarters(&sheet, quarters).grey;
            let (x, y, _) = turned.enumerate_pixels().find(|(_, _, value)| value.0[0] == 0).unwrap();
            let (x, y) = (x as f32, y as f32);
            let back = turn_back(Rect { x0: x, y0: y, x1: x + 1.0, y1: y + 1.0 }, quarters, 60, 40);
            assert_eq!(back, Rect { x0: 50.0, y0: 10.0, x1: 51.0, y1: 11.0 }, "{quarters}");
        }
    }
}
