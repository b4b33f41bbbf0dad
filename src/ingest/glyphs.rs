//! What a PDF page draws: its glyphs as placed words, and where its pictures stand.
//!
//! Words are built in the order of drawing, because that keeps a combining mark behind its
//! letter; [`lines`](crate::lines) then brings the words into reading order. Pictures are only
//! measured here, not decoded.

use std::collections::HashMap;

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::kurbo::{Affine, BezPath, Point, Rect as Area, Shape};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps, InterpreterCache,
    InterpreterSettings, Paint, SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::page::Page;
use image::{DynamicImage, GrayImage, RgbImage};

use super::pdf::fonts::Fonts;
use crate::document::Rect;
use crate::lines::Piece;

/// What stands on a page, in points from its top left corner.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The words that can be seen, by the direction that they are read in: rightwards, downwards,
    /// leftwards and upwards.
    pub words: [Vec<Piece>; 4],
    /// The words that cannot: what OCR programs put over a scan.
    pub hidden: [Vec<Piece>; 4],
    /// Glyphs that can be seen.
    pub visible: usize,
    /// Glyphs that cannot.
    pub invisible: usize,
    /// Glyphs without a known character.
    pub unknown: usize,
    /// Glyphs at a slant (watermarks), which were left out.
    pub slanted: usize,
    /// The pictures.
    pub pictures: Vec<Drawn>,
    /// Lines and shapes.
    pub shapes: usize,
}

/// A picture on a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    /// Its box.
    pub area: Area,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Whether it is neither turned nor mirrored.
    pub upright: bool,
}

/// Characters of Word's symbol fonts, which stand in the private use area.
const SYMBOLS: [(char, char); 7] = [
    ('\u{f0b7}', '•'),
    ('\u{f0a7}', '▪'),
    ('\u{f0d8}', '➢'),
    ('\u{f0fc}', '✓'),
    ('\u{f076}', '❖'),
    ('\u{f02d}', '-'),
    ('\u{f02b}', '+'),
];

/// Reads what `page` draws.
pub(super) fn collect<'a>(page: &'a Page<'a>, settings: &InterpreterSettings, fonts: &mut Fonts) -> Content {
    let (width, height) = page.render_dimensions();
    let page_area = Area::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut collector = Collector {
        page: page_area,
        content: Content::default(),
        open: None,
        last: None,
        end: None,
        seen: true,
        fonts,
    };
    interpret(page, settings, &mut collector);
    collector.close();
    let mut content = collector.content;
    content.words.iter_mut().chain(&mut content.hidden).for_each(drop_doubles);
    content
}

/// Decodes the picture that [`Content::pictures`] lists at `index`. None if it has a mask or
/// colours that only a drawn page shows right.
pub(super) fn grab<'a>(page: &'a Page<'a>, settings: &InterpreterSettings, index: usize) -> Option<DynamicImage> {
    let mut grab = Grab { wanted: index, seen: 0, image: None };
    interpret(page, settings, &mut grab);
    grab.image
}

fn interpret<'a>(page: &'a Page<'a>, settings: &InterpreterSettings, device: &mut impl Device<'a>) {
    let (width, height) = page.render_dimensions();
    let area = Area::new(0.0, 0.0, f64::from(width), f64::from(height));
    // One cache a page, so that a long document does not keep every font and picture.
    let cache = InterpreterCache::new();
    let mut context =
        Context::new(page.initial_transform(true).to_kurbo(), area, &cache, page.xref(), settings.clone());
    interpret_page(page, &mut context, device);
}

/// The word that is being built.
struct Open {
    piece: Piece,
    direction: usize,
}

struct Collector<'f> {
    page: Area,
    content: Content,
    open: Option<Open>,
    /// The last glyph: its text and its origin.
    last: Option<(String, Point)>,
    /// Where the last glyph ended, and its size.
    end: Option<(Point, f64)>,
    /// Whether what is drawn can be seen.
    seen: bool,
    fonts: &'f mut Fonts,
}

impl Collector<'_> {
    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let words = if self.seen { &mut self.content.words } else { &mut self.content.hidden };
            words[open.direction].push(open.piece);
        }
    }

    fn glyph(&mut self, glyph: &Glyph<'_>, place: Affine) {
        let advance = match glyph {
            Glyph::Outline(outline) => outline.advance_width(),
            Glyph::Type3(drawn) => drawn.advance_width(),
        };
        let advance = f64::from(advance.unwrap_or(500.0));
        // Glyph space has 1000 units to the em, whatever the font.
        let origin = place * Point::ZERO;
        let along = place * Point::new(1000.0, 0.0) - origin;
        let size = (place * Point::new(0.0, 1000.0) - origin).hypot();
        if !(self.page.inflate(2.0, 2.0).contains(origin) && size > 0.1 && along.hypot() > 0.1) {
            return;
        }
        let turn = along.atan2() / std::f64::consts::FRAC_PI_2;
        if (turn - turn.round()).abs() > 0.15 {
            self.content.slanted += 1;
            return;
        }
        let direction = (turn.round() as i64).rem_euclid(4) as usize;
        let apart = self.end.is_none_or(|(end, last)| (end - origin).hypot() > 0.15 * size.max(last));
        self.end = Some((origin + along * (advance / 1000.0), size));
        let Some(text) = self.fonts.read(glyph, apart).and_then(|text| characters(&text)) else {
            self.content.unknown += 1;
            return self.put("\u{fffd}", direction, origin, along * (advance / 1000.0), size);
        };
        if text.chars().all(|c| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{feff}')) {
            return self.close();
        }
        // Bold drawn by doubling the glyph a hair to the side.
        let double = self.last.as_ref().is_some_and(|(last, at)| *last == text && (*at - origin).hypot() < 0.1 * size);
        if !double {
            self.put(&text, direction, origin, along * (advance / 1000.0), size);
        }
        self.last = Some((text, origin));
    }

    fn put(
        &mut self,
        text: &str,
        direction: usize,
        origin: Point,
        advance: hayro::hayro_interpret::kurbo::Vec2,
        size: f64,
    ) {
        let unit = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][direction];
        let level = |point: Point| (point.x * unit.0 + point.y * unit.1, point.y * unit.0 - point.x * unit.1);
        let (left, baseline) = level(origin);
        let (right, _) = level(origin + advance);
        let up = hayro::hayro_interpret::kurbo::Vec2::new(unit.1, -unit.0) * size;
        let corners =
            [origin + up * 0.75, origin - up * 0.22, origin + advance + up * 0.75, origin + advance - up * 0.22];
        let bound = corners
            .iter()
            .skip(1)
            .fold(Area::from_points(corners[0], corners[0]), |area, corner| area.union_pt(*corner));
        let bbox = Rect { x0: bound.x0 as f32, y0: bound.y0 as f32, x1: bound.x1 as f32, y1: bound.y1 as f32 };
        let (left, right, baseline, size) = (left as f32, right as f32, baseline as f32, size as f32);
        let mark = text.chars().all(crate::vi::fold::is_mark);
        let goes_on = self.open.as_ref().is_some_and(|open| {
            let piece = &open.piece;
            let gap = left - piece.right;
            open.direction == direction
                && (mark && gap.abs() < 1.2 * size
                    || (baseline - piece.baseline).abs() < 0.1 * size
                        && (size - piece.size).abs() < 0.15 * size
                        && gap > -0.6 * size
                        && gap < 0.15 * size)
        });
        if goes_on && let Some(open) = &mut self.open {
            open.piece.text.push_str(text);
            open.piece.right = open.piece.right.max(right);
            open.piece.bbox = open.piece.bbox.cover(bbox);
            return;
        }
        self.close();
        let piece = Piece {
            text: text.into(),
            bbox,
            left,
            right,
            baseline,
            size,
            confidence: 1.0,
            block: 0,
            doubts: Vec::new(),
        };
        self.open = Some(Open { piece, direction });
    }
}

/// The characters of a glyph as text has them, if they say which letter it is.
fn characters(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .map(|c| SYMBOLS.iter().find(|(symbol, _)| *symbol == c).map_or(c, |(_, plain)| *plain))
        .filter(|c| !matches!(c, '\n' | '\r' | '\u{c}' | '\0'))
        .collect();
    let known = |c: char| c != '\u{fffd}' && !matches!(c, '\u{e000}'..='\u{f8ff}');
    (!text.is_empty() && text.chars().all(known)).then_some(text)
}

/// Text filled and then stroked, or shadowed, is drawn twice in the same place.
fn drop_doubles(pieces: &mut Vec<Piece>) {
    let mut seen: HashMap<String, Vec<(f32, f32)>> = HashMap::new();
    pieces.retain(|piece| {
        let places = seen.entry(piece.text.clone()).or_default();
        let near = 0.15 * piece.size;
        let double = places.iter().any(|(x, y)| (x - piece.left).abs() < near && (y - piece.baseline).abs() < near);
        places.push((piece.left, piece.baseline));
        !double
    });
}

impl<'a> Device<'a> for Collector<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        let area = props.transform.transform_rect_bbox(path.bounding_box()).intersect(self.page);
        // A ground in one colour under the whole page is no drawing.
        if area.width().max(area.height()) > 1.0 && area.area() < 0.95 * self.page.area() {
            self.content.shapes += 1;
        }
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let seen = !matches!(mode, DrawMode::Invisible);
        if seen != self.seen {
            self.close();
            self.seen = seen;
        }
        for glyph in run.glyphs() {
            self.glyph(glyph, props.transform * glyph.transform());
        }
        *(if seen { &mut self.content.visible } else { &mut self.content.invisible }) += run.glyphs().len();
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let (width, height) = (image.width(), image.height());
        let area = props.transform.transform_rect_bbox(Area::new(0.0, 0.0, f64::from(width), f64::from(height)));
        let [a, b, c, d, _, _] = props.transform.as_coeffs();
        let upright = a > 0.0 && d > 0.0 && b.abs() < 1e-3 * a && c.abs() < 1e-3 * d;
        self.content.pictures.push(Drawn { area, width, height, upright });
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

struct Grab {
    wanted: usize,
    seen: usize,
    image: Option<DynamicImage>,
}

impl<'a> Device<'a> for Grab {
    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.seen += 1;
        if self.seen != self.wanted + 1 {
            return;
        }
        match image {
            Image::Raster(raster) => raster.with_rgba(
                |data, alpha| {
                    if alpha.is_none() {
                        self.image = match data {
                            ImageData::Rgb(rgb) => RgbImage::from_raw(rgb.width, rgb.height, rgb.data).map(Into::into),
                            ImageData::Luma(luma) => {
                                GrayImage::from_raw(luma.width, luma.height, luma.data).map(Into::into)
                            }
                        };
                    }
                },
                None,
            ),
            Image::Stencil(stencil) => stencil.with_stencil(
                |mut luma, paint| {
                    // The stencil says where paint goes; on white paper dark paint is ink.
                    if is_dark(paint) {
                        luma.data.iter_mut().for_each(|value| *value = 255 - *value);
                        self.image = GrayImage::from_raw(luma.width, luma.height, luma.data).map(Into::into);
                    }
                },
                None,
            ),
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

fn is_dark(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => {
            let [red, green, blue, alpha] = color.to_rgba().to_rgba8();
            alpha == 255 && red.max(green).max(blue) < 100
        }
        Paint::Pattern(_) => false,
    }
}
