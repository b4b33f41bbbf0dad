//! Tesseract as an engine of ours: pictures in, placed words out.
//!
//! An engine is loaded once (0.07 s) and reads page after page. It is single-threaded only if
//! `OMP_THREAD_LIMIT=1` stood in the environment when the process began; with several threads it
//! is four times slower, so [`worker`](crate::worker) sets that for its children.

use crate::document::{Layout, Picture, Recognise, Rect, Token};
use crate::error::Result;
use crate::lines::{Piece, arrange};
use crate::ocr::hocr;
use crate::ocr::library::Tesseract;
use crate::ocr::prepare::prepare;
use crate::ocr::reread::reread;

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

impl Recognise for Engine {
    fn recognise(&mut self, picture: &Picture) -> Result<Layout> {
        let (width, height) = (picture.image.width(), picture.image.height());
        let size = Some((width as f32 * picture.scale, height as f32 * picture.scale));
        if width.min(height) < LEAST_SIDE {
            return Ok(Layout { size, ..Layout::default() });
        }
        let prepared = prepare(&picture.image, picture.dpi);
        let hocr = self.library.read(&prepared.image, prepared.dpi.round() as i32)?;
        let place = |rect: Rect| {
            let Rect { x0, y0, x1, y1 } = prepared.back(rect);
            let scale = picture.scale;
            Rect { x0: x0 * scale, y0: y0 * scale, x1: x1 * scale, y1: y1 * scale }
        };
        let words = hocr::words(&hocr).into_iter().map(|word| Piece { bbox: place(word.bbox), ..word });
        let mut lines = arrange(words.collect());
        // Only now, or a dropped speck would leave a gap that looks like that of a column.
        lines.iter_mut().for_each(drop_noise);
        lines.retain(|line| line.iter().any(|token| has_content(&token.text)));
        if !self.once {
            reread(&mut lines, picture, &mut |piece| read_line(&mut self.library, piece));
        }
        Ok(Layout { size, lines, notes: Vec::new() })
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
