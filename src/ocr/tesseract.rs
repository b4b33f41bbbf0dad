//! Tesseract as an engine of ours: pictures in, placed words out.
//!
//! An engine is loaded once (0.07 s) and reads page after page. It is single-threaded only if
//! `OMP_THREAD_LIMIT=1` stood in the environment when the process began; with several threads it
//! is four times slower, so [`worker`](crate::worker) sets that for its children.

use crate::document::{Layout, Picture, Recognise, Rect, Token};
use crate::error::Result;
use crate::lines::{Piece, arrange};
use crate::ocr::choose::{merge, worth};
use crate::ocr::library::Tesseract;
use crate::ocr::prepare::{self, Sheet, Way, prepare, ways};
use crate::ocr::reread::reread;
use crate::ocr::{hocr, paper};

/// Below this a picture holds no letter that could be read.
const LEAST_SIDE: u32 = 12;

/// An OCR engine with the data of one language.
pub struct Engine {
    library: Tesseract,
    /// Whether numbers and dates are read once only.
    once: bool,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("version", &self.library.version()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Loads the engine with the data of `language` (`vie`). The error says what is not installed.
    pub fn new(language: &str) -> Result<Self> {
        Tesseract::new(language).map(|library| Self { library, once: false })
    }

    /// Version of the engine's library: `5.3.0`.
    pub fn version(&self) -> String {
        self.library.version()
    }

    /// Reads numbers and dates once only: faster, and their errors stay unseen.
    #[must_use]
    pub fn once(self, once: bool) -> Self {
        Self { once, ..self }
    }
}

/// Below this a reading is doubted and the page read another way too.
const DOUBTED: f32 = 0.86;
/// The same for this share of the letters in doubtful words.
const WEAK_SHARE: f32 = 0.02;
/// Below this the page may be upside down.
const STRANGE: f32 = 0.55;
/// A page with fewer sure letters than this, and no surer than this, holds none: dirt, a seal that
/// shines through.
const SPECKS: (f32, f32) = (30.0, 0.45);

/// How the note of a turned page begins.
const TURNED: &str = "turned by";

impl Recognise for Engine {
    fn recognise(&mut self, picture: &Picture) -> Result<Layout> {
        let (width, height) = (picture.image.width(), picture.image.height());
        let size = Some((width as f32 * picture.scale, height as f32 * picture.scale));
        if width.min(height) < LEAST_SIDE {
            return Ok(Layout { size, ..Layout::default() });
        }
        let mut sheet = prepare::sheet(&picture.image, picture.dpi);
        let mut notes: Vec<String> =
            paper::clean(&mut sheet.grey, sheet.dpi).into_iter().map(|what| format!("{what} left out")).collect();
        let mut lines = Vec::new();
        if !paper::is_blank(&sheet.grey, sheet.dpi) {
            let quarters = self.upright(&sheet, &mut notes)?;
            let turned = prepare::turn_quarters(&sheet, quarters);
            for part in prepare::halves(&turned, paper::gutter(&turned.grey, turned.dpi)) {
                let words = self.read_page(&part.sheet, &mut notes)?;
                // Back to the picture as it came: first the half in its sheet, then the sheet's turn.
                let place = |rect: Rect| {
                    let rect = Rect { x0: rect.x0 + part.left, x1: rect.x1 + part.left, ..rect };
                    let Rect { x0, y0, x1, y1 } = prepare::turn_back(rect, quarters, width, height);
                    let scale = picture.scale;
                    Rect { x0: x0 * scale, y0: y0 * scale, x1: x1 * scale, y1: y1 * scale }
                };
                lines.extend(arrange(words.into_iter().map(|word| Piece { bbox: place(word.bbox), ..word }).collect()));
                if part.left > 0.0 {
                    notes.push("two pages side by side, read one after the other".into());
                }
            }
        }
        // Only now, or a dropped speck would leave a gap that looks like that of a column.
        lines.iter_mut().for_each(drop_noise);
        lines.retain(|line| line.iter().any(|token| has_content(&token.text)));
        // The second reader looks at the picture as it came: not at one that had to be turned.
        if !self.once && !notes.iter().any(|note| note.starts_with(TURNED)) {
            reread(&mut lines, picture, &mut |piece| read_line(&mut self.library, piece));
        }
        Ok(Layout { size, lines, notes, ..Layout::default() })
    }
}

impl Engine {
    /// By how many quarters, clockwise, the sheet must be turned for its lines to run from left to
    /// right. The lines themselves show whether they run up; whether they then stand on their heads, a
    /// strip of them read both ways.
    fn upright(&mut self, sheet: &Sheet, notes: &mut Vec<String>) -> Result<u8> {
        if !paper::is_sideways(&sheet.grey, sheet.dpi) {
            return Ok(0);
        }
        let mut best = (0, 0.0);
        for quarters in [1, 3] {
            let strip = prepare::strip(&prepare::turn_quarters(sheet, quarters));
            let letters = worth(&self.read_once(&strip, ways(&strip).0, &mut Vec::new())?).letters;
            if letters > best.1 {
                best = (quarters, letters);
            }
        }
        if best.0 > 0 {
            notes.push(format!("{TURNED} {} degrees", u32::from(best.0) * 90));
        }
        Ok(best.0)
    }

    /// The words of one page: boxes in pixels of `sheet`, baselines in those of the page upright.
    fn read_page(&mut self, sheet: &Sheet, notes: &mut Vec<String>) -> Result<Vec<Piece>> {
        let (way, other) = ways(sheet);
        let mut words = self.read_once(sheet, way, notes)?;
        let mut first = worth(&words);
        let mut heads = None;
        if first.mean < STRANGE && !words.is_empty() {
            let turned = prepare::turn_quarters(sheet, 2);
            let upside = worth(&self.read_once(&prepare::strip(&turned), way, &mut Vec::new())?);
            if upside.mean > first.mean + 0.15 {
                words = self.read_once(&turned, way, &mut Vec::new())?;
                first = worth(&words);
                notes.push(format!("{TURNED} 180 degrees"));
                heads = Some(turned);
            }
        }
        if (first.mean < DOUBTED || first.weak > WEAK_SHARE) && !words.is_empty() {
            let second = self.read_once(heads.as_ref().unwrap_or(sheet), other, &mut Vec::new())?;
            let after = worth(&second);
            words = merge(words, second);
            let together = worth(&words).mean;
            let sure = format!("sure to {:.2} and {:.2}, together {together:.2}", first.mean, after.mean);
            notes.push(format!("read twice, {way} and {other}: {sure}"));
        }
        let all = worth(&words);
        if all.letters < SPECKS.0 && all.mean < SPECKS.1 && !words.is_empty() {
            notes.push("what little was seen on the page is no text".into());
            words.clear();
        }
        if heads.is_some() {
            let (width, height) = sheet.grey.dimensions();
            for word in &mut words {
                word.bbox = prepare::turn_back(word.bbox, 2, width, height);
            }
        }
        Ok(words)
    }

    /// One reading of a sheet, prepared one way.
    fn read_once(&mut self, sheet: &Sheet, way: Way, notes: &mut Vec<String>) -> Result<Vec<Piece>> {
        let mut prepared = prepare(sheet, way);
        if paper::clean_margins(&mut prepared.image, prepared.dpi) {
            notes.push("words down the margin left out".into());
        }
        let hocr = self.library.read(&prepared.image, prepared.dpi.round() as i32)?;
        let words = hocr::words(&hocr).into_iter();
        Ok(words.map(|word| prepared.back_piece(word)).collect())
    }
}

/// The text of a picture of one line and its least sure word's confidence.
fn read_line(library: &mut Tesseract, piece: &image::GrayImage) -> Option<(String, f32)> {
    let words = hocr::words(&library.read_line(piece, 300).ok()?);
    let confidence = words.iter().map(|word| word.confidence).min_by(f32::total_cmp)?;
    Some((words.into_iter().map(|word| word.text).collect(), confidence))
}

fn has_content(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

fn drop_noise(line: &mut Vec<Token>) {
    let mut gap = false;
    line.retain_mut(|token| {
        gap |= token.after_gap;
        if is_noise(token) {
            return false;
        }
        token.after_gap = std::mem::take(&mut gap);
        true
    });
}

/// Dotted lines, ruled lines and specks. Nothing with a letter or a digit is noise.
fn is_noise(word: &Token) -> bool {
    let length = word.text.chars().count();
    !has_content(&word.text) && (length == 0 || length >= 4 || word.confidence < 0.3 && !is_bullet(word))
}

fn is_bullet(word: &Token) -> bool {
    matches!(word.text.as_str(), "-" | "–" | "—" | "+" | "/" | "%" | "(" | ")" | "\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn missing_language_data_says_what_to_install() {
        let error = Engine::new("xyz").unwrap_err().to_string();
        assert!(error.contains("install tesseract-ocr-xyz"), "{error}");
        let error = Engine::new("xy\0z").unwrap_err();
        assert!(matches!(error, Error::NoOcr(_)));
    }

    #[test]
    fn noise_is_never_a_digit_or_a_letter() {
        let token = |text: &str, confidence| Token { text: text.into(), confidence, ..Token::default() };
        for (text, confidence, expected) in [
            ("......", 0.9, true),
            ("…..—_", 0.9, true),
            ("|", 0.1, true),
            ("-", 0.1, false),
            ("...1...", 0.0, false),
            ("7", 0.0, false),
            ("/", 0.9, false),
        ] {
            assert_eq!(is_noise(&token(text, confidence)), expected, "{text}");
        }
    }
}
