//! Pieces of a page's picture for reading again: level, upright, without what stands beside them.
//!
//! They come from the picture as it was scanned, before anything was evened or made black and
//! white. Light is taken from the red of its colours: there stamps vanish and blue ink is dark.

use image::{DynamicImage, GrayImage, Luma};

use crate::digits::{ABOVE, MOST_COLUMNS, PER_EM, ROWS};
use crate::document::{Picture, Rect, Token};
use crate::vi::fold::fold_char;

/// A page picture that pieces are cut from. All lengths are its pixels.
pub(super) struct Source<'a> {
    image: std::borrow::Cow<'a, DynamicImage>,
    /// Page units for a pixel.
    scale: f32,
    /// Font size of a letterhead (13 points), from the resolution or from the width of A4.
    em: f32,
}

/// Where a line of text stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) baseline: f32,
    /// Font size.
    pub(super) em: f32,
}

impl<'a> Source<'a> {
    pub(super) fn new(picture: &'a Picture) -> Self {
        let image = match &picture.image {
            image @ (DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_)) => std::borrow::Cow::Borrowed(image),
            image => std::borrow::Cow::Owned(DynamicImage::ImageRgb8(image.to_rgb8())),
        };
        let dpi = picture.dpi.filter(|dpi| *dpi >= 50.0).unwrap_or(image.width() as f32 / 8.27);
        let em = (13.0 / 72.0 * dpi).max(6.0);
        Self { image, scale: picture.scale.max(f32::MIN_POSITIVE), em }
    }

    /// Width and height.
    pub(super) fn size(&self) -> (f32, f32) {
        (self.image.width() as f32, self.image.height() as f32)
    }

    /// Font size to expect.
    pub(super) fn usual_em(&self) -> f32 {
        self.em
    }

    /// A box of the page in pixels.
    pub(super) fn pixels(&self, rect: Rect) -> Rect {
        let pixel = |value: f32| value / self.scale;
        Rect { x0: pixel(rect.x0), y0: pixel(rect.y0), x1: pixel(rect.x1), y1: pixel(rect.y1) }
    }

    /// The other way round.
    pub(super) fn units(&self, rect: Rect) -> Rect {
        let unit = |value: f32| value * self.scale;
        Rect { x0: unit(rect.x0), y0: unit(rect.y0), x1: unit(rect.x1), y1: unit(rect.y1) }
    }

    fn colours(&self, x: i64, y: i64) -> [u8; 3] {
        let inside = x >= 0 && y >= 0 && x < i64::from(self.image.width()) && y < i64::from(self.image.height());
        match &*self.image {
            _ if !inside => [255; 3],
            DynamicImage::ImageLuma8(grey) => [grey.get_pixel(x as u32, y as u32).0[0]; 3],
            DynamicImage::ImageRgb8(rgb) => rgb.get_pixel(x as u32, y as u32).0,
            _ => [255; 3],
        }
    }

    /// `columns` by `rows` pixels, each of `step` by `step` here, from `left` and `top` on. Rows
    /// above `frame`'s baseline are taken from further right where the letters lean so by `slant`.
    fn sample(&self, (left, top): (f32, f32), (columns, rows): (u32, u32), step: f32, lean: (f32, f32)) -> GrayImage {
        let (baseline, slant) = lean;
        let fine = (step.ceil() as i32).clamp(1, 6);
        GrayImage::from_fn(columns, rows, |column, row| {
            let mut sum = 0;
            for j in 0..fine {
                let y = top + (row as f32 + (j as f32 + 0.5) / fine as f32) * step;
                let shift = (baseline - y) * slant;
                for i in 0..fine {
                    let x = left + shift + (column as f32 + (i as f32 + 0.5) / fine as f32) * step;
                    sum += if fine == 1 {
                        self.between(x, y)
                    } else {
                        u32::from(self.colours(x.floor() as i64, y.floor() as i64)[0])
                    };
                }
            }
            Luma([(sum / (fine * fine).cast_unsigned()) as u8])
        })
    }

    /// The light at a point between four pixels.
    fn between(&self, x: f32, y: f32) -> u32 {
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let at = |dx: i64, dy: i64| f32::from(self.colours(left as i64 + dx, top as i64 + dy)[0]);
        let upper = at(0, 0) * (1.0 - fx) + at(1, 0) * fx;
        let lower = at(0, 1) * (1.0 - fx) + at(1, 1) * fx;
        (upper * (1.0 - fy) + lower * fy) as u32
    }

    /// The strip between `left` and `right` for [`digits`](crate::digits).
    pub(super) fn strip(&self, left: f32, right: f32, frame: Frame) -> GrayImage {
        let step = frame.em / PER_EM;
        let columns = (((right - left) / step) as u32).clamp(1, MOST_COLUMNS as u32) & !1;
        let top = frame.baseline - ABOVE * frame.em;
        self.sample((left, top), (columns, ROWS as u32), step, (frame.baseline, 0.0))
    }

    /// The part between `left` and `right`, its font size `em` pixels, upright if it leans by
    /// `slant`, with white around: for an engine that reads lines.
    pub(super) fn line(&self, left: f32, right: f32, frame: Frame, em: f32, slant: f32) -> GrayImage {
        let step = frame.em / em;
        let columns = (((right - left) / step) as u32).clamp(1, 3000);
        let rows = (1.3 * em) as u32;
        let inner =
            self.sample((left, frame.baseline - 0.95 * frame.em), (columns, rows), step, (frame.baseline, slant));
        let edge = (0.4 * em) as u32;
        let paper = paper_of(&inner);
        let mut whole = GrayImage::from_pixel(columns + 2 * edge, rows + 2 * edge, Luma([paper]));
        image::imageops::replace(&mut whole, &inner, i64::from(edge), i64::from(edge));
        whole
    }

    /// Whether the ink between `left` and `right` has a colour that is no stamp's: that of a pen.
    pub(super) fn is_coloured(&self, left: f32, right: f32, frame: Frame) -> bool {
        let (mut ink, mut blue) = (0_u32, 0_u32);
        let step = (frame.em / 24.0).max(1.0) as usize;
        let rows = ((frame.baseline - 0.9 * frame.em) as i64..(frame.baseline + 0.1 * frame.em) as i64).step_by(step);
        for y in rows {
            for x in (left as i64..right as i64).step_by(step) {
                let [r, g, b] = self.colours(x, y);
                if r < 140 {
                    ink += 1;
                    blue += u32::from(b > r.saturating_add(40) && b >= g);
                }
            }
        }
        ink >= 8 && blue * 3 > ink
    }
}

/// The middle value: most of a piece is paper.
fn paper_of(piece: &GrayImage) -> u8 {
    let mut values = piece.as_raw().clone();
    let middle = values.len() / 2;
    if values.is_empty() { 255 } else { *values.select_nth_unstable(middle).1 }
}

/// Baseline and font size from the box of a word: how far its letters reach is known for print
/// (Times: capitals 0.68 of the size, tails 0.21).
pub(super) fn frame_of(token: &Token, pixels: Rect) -> Frame {
    let (mut above, mut below) = (0.46_f32, 0.0_f32);
    for c in token.text.chars() {
        let plain = fold_char(c);
        let marked =
            plain != c && !matches!(c, 'đ' | 'Đ') && !plain.is_uppercase() && c.to_lowercase().next() != Some(plain);
        above = above.max(match c {
            _ if c.is_uppercase() && marked => 0.9,
            _ if c.is_uppercase() || c.is_ascii_digit() || matches!(plain, 'b' | 'd' | 'f' | 'h' | 'k' | 'l' | 't') => {
                0.68
            }
            '/' | '(' | ')' | '"' | '“' | '”' | '\'' => 0.68,
            _ if marked => 0.72,
            _ => 0.46,
        });
        below = below.max(match c {
            'Q' | ',' | ';' => 0.17,
            '(' | ')' => 0.2,
            _ if matches!(plain, 'g' | 'p' | 'q' | 'y' | 'j') && !c.is_uppercase() => 0.21,
            _ => 0.0,
        });
    }
    let em = (pixels.y1 - pixels.y0) / (above + below);
    Frame { baseline: pixels.y1 - below * em, em }
}

/// By how much the letters of a strip lean to the right: columns of upright letters differ most
/// from one to the next. 0 where nothing is gained.
pub(super) fn slant(strip: &GrayImage) -> f32 {
    let base = ABOVE * PER_EM;
    let columns = strip.width() as usize;
    let paper = i32::from(paper_of(strip));
    let sharpness = |slant: f32| {
        let mut sums = vec![0_i32; columns + 16];
        for (x, y, pixel) in strip.enumerate_pixels() {
            let ink = (paper - i32::from(pixel.0[0])).max(0);
            let to = x as f32 - (base - y as f32) * slant + 12.0;
            if let Some(sum) = sums.get_mut(to.max(0.0) as usize) {
                *sum += ink;
            }
        }
        sums.windows(2).map(|pair| f64::from(pair[1] - pair[0]).powi(2)).sum::<f64>()
    };
    let upright = sharpness(0.0);
    let (best, most) = (1..=8)
        .map(|step| step as f32 * 0.05)
        .map(|slant| (slant, sharpness(slant)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap_or((0.0, 0.0));
    if most > 1.15 * upright { best } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn picture(image: DynamicImage) -> Picture {
        Picture { image, dpi: Some(100.0), scale: 2.0 }
    }

    #[test]
    fn blue_ink_is_dark_and_a_red_stamp_is_not() {
        let page = RgbImage::from_fn(60, 40, |x, _| if x < 30 { Rgb([30, 60, 200]) } else { Rgb([230, 20, 30]) });
        let picture = picture(page.into());
        let source = Source::new(&picture);
        let frame = Frame { baseline: 30.0, em: 20.0 };
        let strip = source.strip(0.0, 60.0, frame);
        assert!(strip.get_pixel(5, 20).0[0] < 60 && strip.get_pixel(50, 20).0[0] > 200);
        assert!(source.is_coloured(0.0, 30.0, frame) && !source.is_coloured(31.0, 60.0, frame));
    }

    #[test]
    fn a_word_says_where_its_line_stands() {
        let token = |text: &str| Token { text: text.into(), ..Token::default() };
        let rect = Rect { x0: 0.0, y0: 100.0, x1: 90.0, y1: 134.0 };
        let frame = frame_of(&token("/KH-VP"), rect);
        assert!((frame.em - 50.0).abs() < 0.1 && (frame.baseline - 134.0).abs() < 0.1);
        let tailed = frame_of(&token("/QĐ-UBND"), rect);
        assert!(tailed.em < 41.0 && tailed.baseline < 128.0, "{tailed:?}");
    }

    #[test]
    fn leaning_letters_are_noticed_and_set_upright() {
        let lean = 0.25;
        let page = GrayImage::from_fn(200, 60, |x, y| {
            let along = x as f32 - (46.0 - y as f32) * lean;
            Luma([if (10..48).contains(&y) && along.rem_euclid(16.0) < 4.0 { 0 } else { 255 }])
        });
        let picture = picture(page.into());
        let source = Source::new(&picture);
        let frame = Frame { baseline: 46.0, em: 40.0 };
        let found = slant(&source.strip(0.0, 200.0, frame));
        assert!((found - lean).abs() <= 0.06, "{found}");
        let upright = source.line(20.0, 180.0, frame, 40.0, found);
        assert!(slant(&image::imageops::resize(&upright, 176, 32, image::imageops::FilterType::Triangle)) < 0.01);
    }

    #[test]
    fn what_is_beyond_the_page_is_white() {
        let picture = picture(GrayImage::from_pixel(20, 20, Luma([9])).into());
        let source = Source::new(&picture);
        let strip = source.strip(-500.0, 900.0, Frame { baseline: -100.0, em: 1.0 });
        assert!(strip.width() as usize <= MOST_COLUMNS && strip.pixels().all(|pixel| pixel.0[0] == 255));
    }
}
