//! PDF into pages: from the text layer where it is good, else from the page's picture.
//!
//! Each page's own text is judged, and what was measured and chosen goes with the page. A layer
//! whose letters are named wrongly is first read again with the help of its [`fonts`]; only then is
//! the picture asked. Pages go one at a time, so that memory holds one page picture. A page that is
//! one picture is handed on at its own resolution; any other is drawn, with its annotations, since
//! in signed documents the number and the date are often drawn by those; as text they are exact, and
//! [`overlay`] puts them over what was read.

pub(super) mod fonts;
mod overlay;
mod signatures;

use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::{Page, Pages};
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::{DynamicImage, RgbImage};

use crate::document::{
    Digest, Document, FontRepair, Format, Judgement, Layer, Layout, Limits, Picture, Recognise, Rect, Token, assemble,
};
use crate::error::{Error, Result};
use crate::ingest::glyphs::{self, Content, Drawn};
use crate::ingest::judge::{self, Counts, Ground, Verdict, judge};
use crate::ingest::{check_readable, too_large};
use crate::lines::{Piece, arrange};
use crate::vi::encoding::soft_hyphens;
use fonts::Fonts;

/// Resolution at which a page is drawn for recognition, in dots an inch.
const DRAWN_DPI: f64 = 300.0;
/// Share of the page that a picture covers to count as a scan of it.
const COVERS: f64 = 0.6;

/// Share of the page that a picture inside a typeset page covers to be worth reading.
const INSET: f64 = 0.12;

/// Reads a PDF.
pub(super) fn read(bytes: &[u8], limits: &Limits, ocr: &mut dyn Recognise) -> Result<Document> {
    let pdf = open(bytes, ocr.passwords())?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(damaged("it has no pages"));
    }
    if pages.len() > limits.pages {
        return Err(too_large("page count", pages.len() as u64, limits.pages as u64));
    }
    let settings = InterpreterSettings::default();
    let mut fonts = Some(Fonts::default());
    let mut settled = None;
    let mut layouts = Vec::with_capacity(pages.len());
    let mut judgements = Vec::with_capacity(pages.len());
    let mut failed = None;
    let mut text = 0;
    for page in pages.iter() {
        let mut layer = TextLayer::of(page, &settings, settled.as_mut().or(fonts.as_mut()));
        if layer.is_suspect()
            && let Some(mut found) = fonts.take()
        {
            survey(pages, &settings, &mut found);
            layer = TextLayer::of(page, &settings, Some(settled.insert(found)));
        }
        let mut judged = layer.judgement();
        let (layer, layout) = match read_page(page, &settings, limits, layer, &mut judged, ocr) {
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
        judgements.push(judged);
    }
    check_readable(&layouts, failed)?;
    let mut document = assemble(Digest::of(bytes), Format::Pdf, layouts);
    document.signatures = signatures::list(&pdf, bytes);
    for (page, judged) in document.pages.iter_mut().zip(judgements) {
        page.judged = Some(Box::new(judged));
    }
    Ok(document)
}

/// Takes a page's number, its size, where its picture stands, and the picture.
type Pass<'a> = dyn FnMut(u32, (f32, f32), (f32, f32), &Picture) + 'a;

/// Hands on what each page looks like: its number, its size, where its picture stands, and that.
pub(super) fn pictures(bytes: &[u8], limits: &Limits, passwords: &[String], each: &mut Pass<'_>) -> Result<()> {
    let pdf = open(bytes, passwords)?;
    let settings = InterpreterSettings::default();
    for (index, page) in pdf.pages().iter().enumerate().take(limits.pages) {
        let own = TextLayer::of(page, &settings, None);
        let (picture, x, y) = picture(page, &settings, limits, &own.content, own.scan)?;
        each(index as u32 + 1, page.render_dimensions(), (x, y), &picture);
    }
    Ok(())
}

/// Decides how the fonts are to be read, by the words of all pages.
fn survey(pages: &Pages<'_>, settings: &InterpreterSettings, fonts: &mut Fonts) {
    fonts.begin_survey();
    for page in pages.iter() {
        glyphs::collect(page, settings, fonts);
        if fonts.is_surveyed() {
            break;
        }
    }
    fonts.settle();
}

fn damaged(reason: impl Into<String>) -> Error {
    Error::Damaged { format: "PDF", reason: reason.into() }
}

/// Opens a PDF: without a password, then with each of those given.
fn open(bytes: &[u8], passwords: &[String]) -> Result<Pdf> {
    // A file cut short can often be opened by searching it for objects, but then pages are
    // missing and nothing says so.
    let end = bytes.iter().rposition(|byte| !matches!(byte, 0 | b' ' | b'\r' | b'\n' | b'\t')).unwrap_or(0);
    let tail = &bytes[end.saturating_sub(4096)..=end];
    // One that is made for the web has a mark of its end near its start too: objects follow it.
    let last = tail.windows(5).rposition(|window| window == b"%%EOF");
    let complete = last.is_some_and(|at| !tail[at..].windows(4).any(|window| window == b" obj"));
    let bytes: Arc<Vec<u8>> = Arc::new(bytes.to_vec());
    let locked = LoadPdfError::Decryption(DecryptionError::PasswordProtected);
    let mut opened = Pdf::new(bytes.clone());
    for password in passwords {
        if !matches!(&opened, Err(error) if *error == locked) {
            break;
        }
        opened = Pdf::new_with_password(bytes.clone(), password);
    }
    opened
        .map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
                damaged("its encryption is of an unknown kind")
            }
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Error::Encrypted { tried: passwords.len() },
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

/// The text of a page as the file has it, and what there is to judge it by.
struct TextLayer {
    content: Content,
    /// The lines of the layer, where it is good.
    lines: Vec<Vec<Token>>,
    /// Those of them that can be seen, where a picture is under them all.
    over: Vec<Vec<Token>>,
    counts: Counts,
    ground: Ground,
    verdict: Verdict,
    /// The picture that covers the page.
    scan: Option<usize>,
    /// Share of the page under pictures, of which there may be many.
    pictured: f64,
    conflicts: usize,
    repairs: Vec<FontRepair>,
}

impl TextLayer {
    fn of<'a>(page: &'a Page<'a>, settings: &InterpreterSettings, fonts: Option<&mut Fonts>) -> Self {
        let mut none = Fonts::default();
        let fonts = fonts.unwrap_or(&mut none);
        let size = page.render_dimensions();
        let mut content = glyphs::collect(page, settings, fonts);
        let (words, hidden) = (std::mem::take(&mut content.words), std::mem::take(&mut content.hidden));
        let pictured = covered(&content.pictures, size);
        let has_hidden = hidden.iter().any(|pieces| !pieces.is_empty());
        let has_words = words.iter().any(|pieces| !pieces.is_empty());
        let mut over = Vec::new();
        let (lines, counts, ground) = if pictured < COVERS {
            // Letters that nobody sees are not on the paper, unless they stand for shapes that are.
            let lines = if has_words || content.shapes < 20 { ordered([words]) } else { ordered([hidden]) };
            let counts = Counts::of(&lines);
            (lines, counts, Ground::Paper)
        } else if has_hidden {
            over = ordered([words.clone()]);
            let counts = Counts::of(&ordered([hidden.clone()]));
            (ordered([words, hidden]), counts, Ground::HiddenOnPicture)
        } else {
            over = ordered([words]);
            let counts = Counts::of(&over);
            (over.clone(), counts, Ground::Picture)
        };
        let verdict = judge(counts, ground);
        let scan = content.pictures.iter().position(|picture| covers(picture, size));
        let (conflicts, repairs) = (fonts.take_conflicts(), fonts.take_repairs());
        Self { content, lines, over, counts, ground, verdict, scan, pictured, conflicts, repairs }
    }

    /// Whether the letters may be others than the file says.
    fn is_suspect(&self) -> bool {
        self.content.unknown > 0 || self.conflicts > 0 || matches!(self.verdict, Verdict::Bad(_))
    }

    fn judgement(&self) -> Judgement {
        let share = |part: usize, of: usize| round(part as f32 / of.max(1) as f32);
        let counts = self.counts;
        Judgement {
            reason: String::new(),
            words: counts.words as u32,
            spelled: round(counts.spelled()),
            marked: share(counts.marked, counts.words),
            unknown: share(self.content.unknown, self.content.visible + self.content.invisible),
            invisible: share(self.content.invisible, self.content.visible + self.content.invisible),
            pictured: round(self.pictured as f32),
            encoding: counts.encoding.map(|encoding| encoding.name().to_owned()),
            fonts: self.repairs.clone(),
        }
    }
}

fn round(share: f32) -> f32 {
    (share * 1000.0).round() / 1000.0
}

/// Words by direction into lines, each direction for itself.
fn ordered<const N: usize>(layers: [[Vec<Piece>; 4]; N]) -> Vec<Vec<Token>> {
    let mut directions: [Vec<Piece>; 4] = Default::default();
    for layer in layers {
        for (all, pieces) in directions.iter_mut().zip(layer) {
            all.extend(pieces);
        }
    }
    let mut lines: Vec<Vec<Token>> = directions.into_iter().flat_map(arrange).collect();
    show_soft_hyphens(&mut lines);
    lines
}

fn read_page<'a>(
    page: &'a Page<'a>,
    settings: &InterpreterSettings,
    limits: &Limits,
    own: TextLayer,
    judged: &mut Judgement,
    ocr: &mut dyn Recognise,
) -> Result<(Layer, Layout)> {
    let size = page.render_dimensions();
    let TextLayer { content, lines, over, counts, ground, verdict, scan, repairs, .. } = own;
    let mut layout = Layout { size: Some(size), lines, ..Layout::default() };
    let mut because = |reason: &str| reason.clone_into(&mut judged.reason);
    let native = if repairs.is_empty() { Layer::Native } else { Layer::Recovered };
    if content.slanted > 0 && verdict == Verdict::Good {
        layout.notes.push(format!("{} slanted characters (a watermark) left out", content.slanted));
    }
    let recognise = |ocr: &mut dyn Recognise| {
        picture(page, settings, limits, &content, scan).and_then(|(picture, x, y)| {
            let mut seen = ocr.recognise(&picture)?;
            seen.size = Some(size);
            shift(&mut seen, x, y);
            Ok(seen)
        })
    };
    match verdict {
        Verdict::Good => {
            because(match (ground, native, counts.encoding) {
                (_, Layer::Recovered, _) => "its letters were recovered from its fonts",
                (_, _, Some(_)) => "its words are Vietnamese, in the encoding of old fonts",
                (Ground::Paper, ..) => "its words can be spelled",
                (Ground::Picture, ..) => "its words can be spelled, and stand on a picture",
                (Ground::HiddenOnPicture, ..) => "what another program read from the picture can be spelled",
            });
            let inset = overlay::insets(&content.pictures, &layout.lines, size, INSET);
            if ground == Ground::Paper
                && !inset.is_empty()
                && let Ok(seen) = recognise(ocr)
            {
                let words = overlay::keep_inside(seen, &inset);
                let read = Counts::of(&words.lines);
                if read.words >= 8 && read.spelled() >= 0.7 {
                    layout.notes.push("a picture on the page was read too".into());
                    layout = overlay::overlay(words, layout);
                }
            }
            return Ok((native, layout));
        }
        Verdict::Empty if content.pictures.is_empty() && content.shapes == 0 && content.slanted == 0 => {
            because("nothing is drawn on it");
            return Ok((Layer::Blank, layout));
        }
        _ => {}
    }
    match (recognise(ocr), verdict) {
        (Ok(seen), Verdict::Empty | Verdict::Thin) if seen.lines.is_empty() && layout.lines.is_empty() => {
            because("nothing can be read on it");
            Ok((Layer::Blank, seen))
        }
        (Ok(seen), Verdict::Thin) if seen.lines.is_empty() => {
            because("nothing can be read in its picture");
            Ok((native, layout))
        }
        (Ok(mut seen), _) => {
            match verdict {
                Verdict::Bad(reason) => {
                    because(&format!("its text was not used: {reason}"));
                    seen.notes.push(format!("the text layer was not used: {reason}"));
                }
                Verdict::Thin => because("it is a picture, with a few words over it"),
                _ => because("it is a picture without text"),
            }
            // What is drawn over the picture as text is known to the letter: number, date and
            // signer of a signed scan.
            if !over.is_empty()
                && Counts::of(&over).unknown == 0
                && !(ground == Ground::Picture && matches!(verdict, Verdict::Bad(_)))
            {
                seen = overlay::overlay(seen, Layout { lines: over, ..Layout::default() });
            }
            Ok((if seen.lines.is_empty() { Layer::Blank } else { Layer::Recognised }, seen))
        }
        // Half-right text is still of use to repair; letters that stand for others are not.
        (Err(error), Verdict::Bad(reason)) if counts.spelled() >= 0.3 => {
            because(&format!("its picture could not be read, and its text is poor: {reason}"));
            layout.notes.push(format!("the text layer is poor ({reason}) and the picture was not read: {error}"));
            Ok((native, layout))
        }
        (Err(error), _) => {
            because("neither its text nor its picture could be read");
            Err(error)
        }
    }
}

/// Share of the page under pictures.
fn covered(pictures: &[Drawn], size: (f32, f32)) -> f64 {
    const CELLS: u32 = 24;
    let point = |x: u32, y: u32| {
        let at = |cell: u32, length: f32| (f64::from(cell) + 0.5) / f64::from(CELLS) * f64::from(length);
        hayro::kurbo::Point::new(at(x, size.0), at(y, size.1))
    };
    let under = |point| pictures.iter().any(|picture| picture.area.contains(point));
    let cells = (0..CELLS * CELLS).filter(|cell| under(point(cell % CELLS, cell / CELLS))).count();
    cells as f64 / f64::from(CELLS * CELLS)
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
