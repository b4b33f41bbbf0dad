//! A line of raw text as letters, with the place of each, and the units that it is made of.
//!
//! Letters are composed (NFC) here, so that everything after sees one form; what that changed is
//! found again by comparing with the raw text when edits are made. Look-alikes were replaced before.

use std::sync::LazyLock;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::text::Span;

/// One composed character and the raw bytes that it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) c: char,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// The glyphs of `raw[span]`. Tells whether any of them differs from the raw text.
pub(super) fn glyphs(raw: &str, span: Span, out: &mut Vec<Glyph>) -> bool {
    out.clear();
    let mut altered = false;
    let text = span.of(raw);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let start = span.start() + at;
        let mut end = start + c.len_utf8();
        // Nearly every character stands alone; only one followed by marks has to be composed.
        if chars.peek().is_some_and(|(_, next)| !next.is_ascii() && is_combining_mark(*next)) {
            while let Some((at, mark)) = chars.next_if(|(_, next)| is_combining_mark(*next)) {
                end = span.start() + at + mark.len_utf8();
            }
            let mut composed = raw[start..end].nfc();
            if let (Some(c), None) = (composed.next(), composed.next()) {
                altered = true;
                out.push(Glyph { c, start: start as u32, end: end as u32 });
            } else {
                // Marks that nothing composes with stand for themselves.
                for (at, c) in raw[start..end].char_indices() {
                    let from = (start + at) as u32;
                    out.push(Glyph { c, start: from, end: from + c.len_utf8() as u32 });
                }
            }
        } else {
            out.push(Glyph { c, start: start as u32, end: end as u32 });
        }
    }
    altered
}

/// Letters as far as Vietnamese needs them, a bit each: the general tables are slow to search.
static LETTERS: LazyLock<[u64; 0x1f00 / 64]> = LazyLock::new(|| {
    let mut bits = [0; 0x1f00 / 64];
    for c in (0..0x1f00).filter_map(char::from_u32).filter(|c| c.is_alphabetic()) {
        bits[c as usize / 64] |= 1 << (c as usize % 64);
    }
    bits
});

/// [`char::is_alphabetic`], fast where it matters.
pub(super) fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    LETTERS.get(c as usize / 64).map_or_else(|| c.is_alphabetic(), |bits| bits >> (c as usize % 64) & 1 == 1)
}

/// [`char::is_alphanumeric`], fast where it matters.
pub(super) fn is_alphanumeric(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit() || !c.is_ascii() && c.is_numeric()
}

/// Marks that part words wherever they stand.
pub(super) const fn is_hard_mark(c: char) -> bool {
    matches!(
        c,
        ',' | '.'
            | ';'
            | ':'
            | '('
            | ')'
            | '['
            | ']'
            | '"'
            | '“'
            | '”'
            | '„'
            | '«'
            | '»'
            | '/'
            | '-'
            | '–'
            | '—'
            | '‑'
            | '•'
            | '…'
            | '_'
            | '+'
            | '='
            | '%'
            | '✓'
            | '■'
            | '□'
            | '►'
            | '●'
            | '·'
            | '\u{ad}'
    )
}

/// What a unit of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, and characters that OCR makes of letters: to be looked at.
    Word,
    /// A Roman numeral: not to be touched, a word to the model.
    Numeral,
    /// Not to be touched; the class that the model is told.
    Kept(u16),
    /// A mark that the model sees.
    Stop(u16),
    /// White space or a mark that the model does not see.
    Gap,
}

/// A stretch of glyphs of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Unit {
    pub(super) fn of<'g>(&self, glyphs: &'g [Glyph]) -> &'g [Glyph] {
        &glyphs[self.start as usize..self.end as usize]
    }
}

/// The characters of some glyphs.
pub(super) fn string(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.c).collect()
}
