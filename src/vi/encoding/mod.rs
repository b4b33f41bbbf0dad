//! Text that was written before Unicode, or spoilt on the way to it, into clean Unicode.
//!
//! Two entrances. [`guess`] takes the bytes of a file that is not UTF-8 and says which encoding
//! they are in. [`edits`] takes Unicode text in which letters of the old fonts stand as the
//! Latin-1 characters with the same codes (`Céng hßa x· héi`), as PDFs and web copies have them,
//! and gives an edit for each word; a text may change its encoding from passage to passage.
//!
//! Both decide by the reading, not by statistics of bytes: the passage is read in every encoding,
//! and the reading that spells common Vietnamese syllables wins ([`score`]). Unicode as it stands
//! is one of the readings, so clean text in any language stays as it is. Digits are never changed,
//! nor is where the tone stands (`hòa`, `hoà`): comparison sees to that ([`crate::vi::tone`]).
//!
//! TCVN3 has small letters only; capitals came from a second font (`.VnTimeH`), and the text alone
//! does not say where. Words whose plain letters are capitals (`CéNG`) are read in capitals, all
//! others stay small.

mod detect;
mod font;
mod lookalike;
mod mojibake;
mod scan;
mod score;
mod table;
mod viqr;

pub use self::font::{OldFont, is_unicode, old_font, reads_better};
pub use crate::text::Encoding;
use crate::text::{Edit, Text, compose};
use score::Read;
use table::{byte_of, char_of, table};

/// A letter as an encoding reads it, and the bytes of the text that it stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
    c: char,
    /// Whether the encoding read something else than what stands there.
    changed: bool,
    /// Whether the encoding cannot have meant what stands there.
    alien: bool,
}

impl Piece {
    const fn read(&self) -> Read {
        Read { c: self.c, changed: self.changed, alien: self.alien }
    }
}

/// The edits that turn `text` into clean Unicode: passages in old encodings, text encoded twice,
/// decomposed letters, look-alikes. Clean text gives none, at the speed of one look at its bytes.
///
/// ```
/// use vanban::text::Text;
/// use vanban::vi::encoding::edits;
/// let raw = "Céng hßa x· héi chñ nghÜa ViÖt Nam, số 12";
/// let text = Text::new(raw.into(), edits(raw));
/// assert_eq!(text.fixed(), "Cộng hòa xã hội chủ nghĩa Việt Nam, số 12");
/// ```
pub fn edits(text: &str) -> Vec<Edit> {
    if !scan::is_suspicious(text) {
        return Vec::new();
    }
    let first = detect::edits(text);
    if first.is_empty() {
        return lookalike::edits(text);
    }
    let first = Text::new(text.to_owned(), first);
    let second = lookalike::edits(first.fixed());
    compose(&first, second)
}

/// How surprising `text` is as Vietnamese, in bits: the lower of two readings of the same letters is
/// the likelier. No encoding is undone.
pub fn surprise(text: &str) -> f32 {
    let read = |c: char| Read { c, changed: false, alien: c == '\u{fffd}' };
    text.split_whitespace().map(|word| score::cost(&word.chars().map(read).collect::<Vec<_>>())).sum()
}

/// Where soft hyphens (U+00AD) stand in `text` that are letters: the code of one is that of `ư` in
/// TCVN3. All others may be dropped.
pub fn soft_hyphens(text: &str) -> Vec<usize> {
    if !text.contains('\u{ad}') {
        return Vec::new();
    }
    let mut edits = detect::edits(text).into_iter().peekable();
    let mut letters = Vec::new();
    for (at, _) in text.match_indices('\u{ad}') {
        while edits.next_if(|edit| edit.raw.end() <= at).is_some() {}
        if edits.peek().is_some_and(|edit| edit.raw.start() <= at) {
            letters.push(at);
        }
    }
    letters
}

/// The encoding of a file's bytes, as its text tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The encoding; never [`Encoding::Viqr`] or [`Encoding::Utf8Twice`], which are valid UTF-8.
    pub encoding: Encoding,
    /// The text in it.
    pub text: String,
    /// By how much it explains the text better than the next encoding does that reads something
    /// else, in bits.
    pub margin: f32,
}

/// Which old encoding the bytes are in; none if Windows-1252 explains them as well or better, or
/// if no single encoding explains the whole.
pub fn guess(bytes: &[u8]) -> Option<Guess> {
    let shown: String = bytes.iter().map(|byte| char_of(*byte)).collect();
    let (encoding, margin) = detect::whole(&shown)?;
    Some(Guess { encoding, text: decode(encoding, &shown), margin })
}

/// Reads all of `text` in one encoding. For encodings of bytes, `text` is what a program shows that
/// takes them for Windows-1252.
pub fn decode(encoding: Encoding, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pieces = Vec::new();
    let escapes = viqr::escapes(text);
    let mut at = 0;
    for chunk in text.split_inclusive(|c: char| c.is_ascii_whitespace()) {
        at += chunk.len();
        pieces.clear();
        read(encoding, chunk, escapes || goes_on(text, at), &mut pieces);
        out.extend(pieces.iter().map(|piece| piece.c));
    }
    out
}

/// Whether the sentence goes on at `at`: with a small letter, also on the next line, or with a sign
/// on the same line.
fn goes_on(text: &str, at: usize) -> bool {
    let rest = text[at..].trim_start_matches([' ', '\t']);
    let small = |text: &str| text.starts_with(|c: char| c.is_lowercase());
    small(rest.trim_start()) || rest.starts_with(|c: char| !c.is_alphanumeric() && !c.is_whitespace())
}

/// The letters of a stretch in an encoding; rival readings where it was cut. `firm`: a sign of VIQR at
/// its end is a mark and no full stop.
fn read(encoding: Encoding, chunk: &str, firm: bool, pieces: &mut Vec<Piece>) -> Vec<String> {
    match encoding {
        Encoding::Viqr => return viqr::decode(chunk, firm, pieces),
        Encoding::Utf8Twice => return mojibake::decode(chunk, pieces),
        _ => {
            let Some(table) = table(encoding) else { return Vec::new() };
            let mut chars = chunk.char_indices().peekable();
            while let Some((start, c)) = chars.next() {
                let mut end = start + c.len_utf8();
                let byte = byte_of(c);
                let pair = byte.zip(chars.peek().and_then(|(_, next)| byte_of(*next))).map(|(a, b)| [a, b]);
                let letter = if let Some(letter) = pair.and_then(|pair| table.pairs.get(&pair)) {
                    end += chars.next().map_or(0, |(_, next)| next.len_utf8());
                    Some(*letter)
                } else {
                    byte.map(|byte| table.single[usize::from(byte)]).filter(|letter| *letter != '\0')
                };
                let alien = letter.is_none() && !c.is_ascii() && c.is_alphabetic();
                let changed = letter.is_some_and(|letter| letter != c);
                pieces.push(Piece { start, end, c: letter.unwrap_or(c), changed, alien });
            }
        }
    }
    Vec::new()
}

/// The bytes of `text` in an encoding, as a file has them; none if some character cannot be written
/// in it. For [`Encoding::Utf8Twice`], UTF-8 encoded a second time.
///
/// ```
/// use vanban::vi::encoding::{Encoding, encode};
/// assert_eq!(encode(Encoding::Viqr, "Việt Nam").unwrap(), b"Vie^.t Nam");
/// assert_eq!(encode(Encoding::Tcvn3, "Việt").unwrap(), b"Vi\xd6t");
/// assert_eq!(encode(Encoding::Tcvn3, "VIỆT"), None);
/// ```
pub fn encode(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Viqr => Some(viqr::encode(text)).filter(|text| text.is_ascii()).map(String::into_bytes),
        Encoding::Utf8Twice => Some(mojibake::encode(text).into_bytes()),
        _ => {
            let mut bytes = Vec::with_capacity(text.len());
            for c in text.chars() {
                write(encoding, c, &mut bytes)?;
            }
            Some(bytes)
        }
    }
}

fn write(encoding: Encoding, c: char, bytes: &mut Vec<u8>) -> Option<()> {
    let table = table(encoding)?;
    if let Some(form) = table.forms.get(&c) {
        bytes.extend(form);
    } else {
        // Codes of letters do not stand for anything else, and letters have no codes but their own.
        let free = |byte: &u8| char_of(*byte) == c && table.single[usize::from(*byte)] == '\0';
        let byte = byte_of(c).filter(|byte| free(byte) && table::viqr(c).is_none())?;
        bytes.push(byte);
    }
    Some(())
}

/// The nearest text to `text` that [`encode`] can write: letters that the encoding lacks in lower
/// case, `?` for other characters.
pub fn express(encoding: Encoding, text: &str) -> String {
    let mut bytes = Vec::new();
    let mut can = |c: char| match encoding {
        Encoding::Viqr => c.is_ascii() || table::viqr(c).is_some(),
        Encoding::Utf8Twice => true,
        _ => write(encoding, c, &mut bytes).is_some(),
    };
    text.chars()
        .map(|c| {
            let lower = c.to_lowercase().next().unwrap_or(c);
            if can(c) {
                c
            } else if can(lower) {
                lower
            } else {
                '?'
            }
        })
        .collect()
}

/// What a program shows for `text` in an encoding if it knows Windows-1252 only: the form that
/// [`edits`] undoes. None where [`encode`] gives none.
pub fn misread(encoding: Encoding, text: &str) -> Option<String> {
    let bytes = encode(encoding, text)?;
    match encoding {
        Encoding::Viqr | Encoding::Utf8Twice => String::from_utf8(bytes).ok(),
        _ => Some(bytes.into_iter().map(char_of).collect()),
    }
}

#[cfg(test)]
mod tests;
