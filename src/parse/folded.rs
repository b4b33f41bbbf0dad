//! A text without marks and case, byte for character, with the way back.
//!
//! Turns any text into ASCII in which one byte stands for one character, so that grammar can be
//! matched on clean, half-repaired and unrepaired text alike, and every match be given as a span
//! of the original. Knows letters, not words: which damaged spellings a word may have is said by
//! the expressions of each parser.

use std::sync::LazyLock;

use crate::text::Span;
use crate::vi::fold::{fold_char, is_mark};

/// A part of a text in folded form.
///
/// Invariant: `text` is ASCII, and `at` holds the original offset of each of its bytes and of its
/// end, ascending.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
    at: Vec<u32>,
}

impl Folded {
    /// Folds the part of `text` that `within` covers. Letters lose marks and case, every dash
    /// becomes `-`, every quotation mark `"`, every bullet `*`, blanks other than tab and line
    /// feed a space; other letters become `_`, other signs `~`. Loose combining marks vanish.
    pub fn new(text: &str, within: Span) -> Self {
        let part = within.of(text);
        let mut bytes = Vec::with_capacity(part.len());
        let mut at = Vec::with_capacity(part.len() + 1);
        let table = &*TABLE;
        for (offset, c) in part.char_indices() {
            let plain = match table.get(c as usize) {
                Some(plain) => *plain,
                None => plain(c).map_or(GONE, |c| c as u8),
            };
            if plain != GONE {
                bytes.push(plain);
                at.push((within.start() + offset) as u32);
            }
        }
        at.push((within.start() + part.len()) as u32);
        // Every byte is ASCII, so that nothing is lost here.
        Self { text: String::from_utf8(bytes).unwrap_or_default(), at }
    }

    /// The part of a folded text that `within` covers, as if only that had been folded.
    pub(crate) fn part(&self, within: Span) -> Self {
        let (from, to) = (self.place(within.start()), self.place(within.end()));
        let to = to.max(from);
        let mut at = self.at[from..=to].to_vec();
        if let Some(last) = at.last_mut() {
            *last = within.end() as u32;
        }
        Self { text: self.text[from..to].to_owned(), at }
    }

    /// Folds the whole of `text`.
    pub fn of(text: &str) -> Self {
        Self::new(text, Span::at(0, text.len()))
    }

    /// The folded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The span of the original text behind `start..end` of the folded text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let last = self.at.len() - 1;
        Span::new(self.at[start.min(last)], self.at[end.min(last)])
    }

    /// Where in the folded text the original `offset` went: the first byte at or after it.
    pub fn place(&self, offset: usize) -> usize {
        self.at.partition_point(|at| (*at as usize) < offset).min(self.text.len())
    }
}

/// Stands in the table for what vanishes.
const GONE: u8 = 0xff;

/// The folded form of the characters up to the end of the block of punctuation, which is nearly all that
/// documents hold.
static TABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let known = (0..0x2100_u32).map(|code| char::from_u32(code).and_then(plain).map_or(GONE, |c| c as u8));
    known.collect()
});

/// One character of the folded form; none for what vanishes.
fn plain(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(match c {
            '\t' | '\n' => c,
            _ if c.is_ascii_control() => ' ',
            _ => c.to_ascii_lowercase(),
        });
    }
    Some(match c {
        '‐'..='―' | '−' => '-',
        '“' | '”' | '„' | '«' | '»' | '″' => '"',
        '‘' | '’' | '′' => '\'',
        '⁄' | '∕' => '/',
        '…' => '.',
        '•' | '●' | '○' | '▪' | '■' | '◦' | '·' | '►' | '➢' | '\u{f000}'..='\u{f0ff}' => '*',
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => return None,
        _ if is_mark(c) => return None,
        _ if c.is_whitespace() => ' ',
        _ => match fold_char(c) {
            letter if letter.is_ascii() => letter,
            letter if letter.is_alphanumeric() => '_',
            _ => '~',
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_finds_its_character() {
        let text = "Căn cứ Kế hoạch\u{a0}số 1927/KH–UBND “Đề án”";
        let folded = Folded::of(text);
        assert_eq!(folded.text(), "can cu ke hoach so 1927/kh-ubnd \"de an\"");
        let at = folded.text().find("1927").expect("present");
        assert_eq!(folded.span(at, at + 12).of(text), "1927/KH–UBND");
        assert_eq!(folded.place(folded.span(at, at).start()), at);
    }

    proptest::proptest! {
        #[test]
        fn spans_lie_on_character_borders(text in "\\PC{0,40}", a in 0usize..40, b in 0usize..40) {
            let folded = Folded::of(&text);
            proptest::prop_assert!(folded.text().is_ascii());
            let span = folded.span(a, b);
            proptest::prop_assert!(text.get(span.range()).is_some());
            let part = folded.part(span);
            let anew = Folded::new(&text, span);
            proptest::prop_assert_eq!(part.text(), anew.text());
            proptest::prop_assert_eq!(part.at, anew.at);
        }
    }
}
