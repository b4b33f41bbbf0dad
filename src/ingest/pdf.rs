//! PDF into pages: from the text layer where it is good, else from the page's picture.
//!
//! Pages go one at a time, so that memory holds one page picture. A page that is one picture is
//! handed on at its own resolution; any other is drawn, with its annotations, since in signed
//! documents the number and the date are often drawn by those.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::{DynamicImage, RgbImage};

use crate::document::{Digest, Document, Format, Layer, Layout, Limits, Picture, Recognise, Rect, Token, assemble};
use crate::error::{Error, Result};
use crate::ingest::glyphs::{self, Content, Drawn};
use crate::ingest::judge::{self, Counts, Verdict, judge};
use crate::ingest::{check_readable, too_large};
use crate::lines::arrange;
use crate::vi::encoding::soft_hyphens;

/// Resolution at which a page is drawn for recognition, in dots an inch.
const DRAWN_DPI: f64 = 300.0;
/// Share of the page that a picture covers to count as a scan of it.
const COVERS: f64 = 0.6;

/// Reads a PDF.
pub(super) fn read(bytes: &[u8], limits: &Limits, ocr: &mut dyn Recognise) -> Result<Document> {
    let pdf = open(bytes)?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(damaged("it has no pages"));
    }
    if pages.len() > limits.pages {
        return Err(too_large("page count", pages.len() as u64, limits.pages as u64));
    }
    let settings = InterpreterSettings::default();
    let mut layouts = Vec::with_capacity(pages.len());
    let mut failed = None;
    let mut text = 0;
    for page in pages.iter() {
        let (layer, layout) = match read_page(page, &settings, limits, ocr) {
            Ok(read) => read,
            Err(error) => {
                let notes = vec![format!("page not read: {error}")];
                failed.get_or_insert(error);
                (Layer::Unread, Layout { size: Some(page.render_dimensions()), notes, ..Layout::default() })
            }
        };
        text += layout.lines.iter().flatten().map(|token| token.text.len() + 1).sum::<usize>();
        if text > limits.text_bytes {
            return Err(too_large("text", text as u64, limits.text_bytes as u64));
        }
        layouts.push((layer, layout));
    }
    check_readable(&layouts, failed)?;
    Ok(assemble(Digest::of(bytes), Format::Pdf, layouts))
}

fn damaged(reason: impl Into<String>) -> Error {
    Error::Damaged { format: "PDF", reason: reason.into() }
}

fn open(bytes: &[u8]) -> Result<Pdf> {
    // A file cut short can often be opened by searching it for objects, but then pages are
    // missing and nothing says so.
    let end = bytes.iter().rposition(|byte| !matches!(byte, 0 | b' ' | b'\r' | b'\n' | b'\t')).unwrap_or(0);
    let tail = &bytes[end.saturating_sub(4096)..=end];
    // One that is made for the web has a mark of its end near its start too: objects follow it.
    let last = tail.windows(5).rposition(|window| window == b"%%EOF");
    let complete = last.is_some_and(|at| !tail[at..].windows(4).any(|window| window == b" obj"));
    Pdf::new(bytes.to_vec())
        .map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
                damaged("its encryption is of an unknown kind")
            }
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Error::Encrypted,
            LoadPdfError::Decryption(_) => damaged("its encryption data is broken"),
            LoadPdfError::Invalid if !complete => damaged("the file ends early"),
            LoadPdfError::Invalid => damaged("it has no readable pages"),
        })
        .and_then(|pdf| if complete { Ok(pdf) } else { Err(damaged("the file ends early")) })
}

/// A soft hyphen that is drawn is a hyphen, unless it is a letter of an old encoding.
fn show_soft_hyphens(lines: &mut [Vec<Token>]) {
    if !lines.iter().flatten().any(|token| token.text.contains('\u{ad}')) {
        return;
    }
    let letters = soft_hyphens(&judge::joined(lines.iter()));
    let mut start = 0;
    for line in lines {
        for token in line {
            let shown = |(at, c): (usize, char)| {
                if c == '\u{ad}' && letters.binary_search(&(start + at)).is_err() { '-' } else { c }
            };
            let text: String = token.text.char_indices().map(shown).collect();
            start += token.text.len() + 1;
            token.text = text;
        }
    }
}

fn read_page<'a>(
    page: &'a Page<'a>,
    settings: &InterpreterSettings,
    limits: &Limits,
    ocr: &mut dyn Recognise,
) -> Result<(Layer, Layout)> {
    let size = page.render_dimensions();
    let mut content = glyphs::collect(page, settings);
    let mut lines: Vec<Vec<Token>> = std::mem::take(&mut content.words).into_iter().flat_map(arrange).collect();
    show_soft_hyphens(&mut lines);
    let counts = Counts::of(&lines);
    let scan = content.pictures.iter().position(|picture| covers(picture, size));
    let verdict = judge(counts, scan.is_some());
    let mut layout = Layout { size: Some(size), lines, ..Layout::default() };
    if content.slanted > 0 && verdict == Verdict::Good {
        layout.notes.push(format!("{} slanted characters (a watermark) left out", content.slanted));
    }
    match verdict {
        Verdict::Good => return Ok((Layer::Native, layout)),
        Verdict::Empty if content.pictures.is_empty() && content.shapes == 0 && content.slanted == 0 => {
            return Ok((Layer::Blank, layout));
        }
        _ => {}
    }
    let read = picture(page, settings, limits, &content, scan).and_then(|(picture, x, y)| {
        let mut seen = ocr.recognise(&picture)?;
        seen.size = Some(size);
        shift(&mut seen, x, y);
        Ok(seen)
    });
    match (read, verdict) {
        (Ok(seen), Verdict::Empty | Verdict::Thin) if seen.lines.is_empty() && layout.lines.is_empty() => {
            Ok((Layer::Blank, seen))
        }
        (Ok(seen), Verdict::Thin) if seen.lines.is_empty() => Ok((Layer::Native, layout)),
        (Ok(mut seen), _) => {
            if let Verdict::Bad(reason) = verdict {
                seen.notes.push(format!("the text layer was not used: {reason}"));
            }
            Ok((if seen.lines.is_empty() { Layer::Blank } else { Layer::Recognised }, seen))
        }
        // Half-right text is still of use to repair; letters that stand for others are not.
        (Err(error), Verdict::Bad(reason)) if counts.spelled() >= 0.3 => {
            layout.notes.push(format!("the text layer is poor ({reason}) and the picture was not read: {error}"));
            Ok((Layer::Native, layout))
        }
        (Err(error), _) => Err(error),
    }
}

fn covers(picture: &Drawn, size: (f32, f32)) -> bool {
    let page = hayro::kurbo::Rect::new(0.0, 0.0, f64::from(size.0), f64::from(size.1));
    picture.area.intersect(page).area() >= COVERS * page.area()
}

/// The picture of a page, and how far its top left corner is from the page's.
fn picture<'a>(
    page: &'a Page<'a>,
    settings: &InterpreterSettings,
    limits: &Limits,
    content: &Content,
    scan: Option<usize>,
) -> Result<(Picture, f32, f32)> {
    let drawn = scan.map(|index| (index, content.pictures[index]));
    if let Some((index, scan)) = drawn {
        let pixels = u64::from(scan.width) * u64::from(scan.height);
        if pixels > limits.pixels {
            return Err(too_large("page picture in pixels", pixels, limits.pixels));
        }
        let (x, y) = (scan.area.width() / f64::from(scan.width), scan.area.height() / f64::from(scan.height));
        let alone = content.pictures.len() == 1 && content.visible == 0 && content.shapes == 0;
        if alone
            && scan.upright
            && (x / y - 1.0).abs() < 0.02
            && let Some(image) = glyphs::grab(page, settings, index)
        {
            let scale = scan.area.width() as f32 / image.width().max(1) as f32;
            let picture = Picture { image, dpi: Some(72.0 / scale), scale };
            return Ok((picture, scan.area.x0 as f32, scan.area.y0 as f32));
        }
    }
    if let Some(large) = content.pictures.iter().find(|p| u64::from(p.width) * u64::from(p.height) > limits.pixels) {
        let pixels = u64::from(large.width) * u64::from(large.height);
        return Err(too_large("picture in pixels", pixels, limits.pixels));
    }
    let own = drawn.map(|(_, scan)| f64::from(scan.width) / scan.area.width() * 72.0);
    let picture = draw(page, settings, limits, own.map_or(DRAWN_DPI, |dpi| dpi.clamp(150.0, 400.0)))?;
    Ok((picture, 0.0, 0.0))
}

/// Draws a page at `dpi`, or less where the page is large.
fn draw<'a>(page: &'a Page<'a>, settings: &InterpreterSettings, limits: &Limits, dpi: f64) -> Result<Picture> {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    // The renderer counts pixels of a side in 16 bits; a page side of 60 000 pixels is refused
    // by recognition anyway.
    let most = (f64::from(u16::MAX / 2) / width.max(height)).min((limits.pixels as f64 / (width * height)).sqrt());
    let scale = (dpi / 72.0).min(most);
    if !(scale.is_finite() && width * scale >= 1.0 && height * scale >= 1.0) {
        return Err(damaged("a page has no size"));
    }
    let scale = scale as f32;
    let pixels = hayro::render(
        page,
        &RenderCache::new(),
        settings,
        // Hinting moves strokes to whole pixels, and marks into their letters.
        &RenderSettings { hinting: false, ..RenderSettings::default() },
        &PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE },
    );
    let (width, height) = (u32::from(pixels.width()), u32::from(pixels.height()));
    let rgb = pixels.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let image = RgbImage::from_raw(width, height, rgb).ok_or_else(|| damaged("a page could not be drawn"))?;
    Ok(Picture { image: DynamicImage::ImageRgb8(image), dpi: Some(72.0 * scale), scale: 1.0 / scale })
}

fn shift(layout: &mut Layout, x: f32, y: f32) {
    for token in layout.lines.iter_mut().flatten() {
        if let Some(Rect { x0, y0, x1, y1 }) = token.bbox {
            token.bbox = Some(Rect { x0: x0 + x, y0: y0 + y, x1: x1 + x, y1: y1 + y });
        }
    }
}
