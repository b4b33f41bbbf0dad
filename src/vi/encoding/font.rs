//! `dictionaries/fonts.tsv`: which encoding the name of a font speaks for.

use std::sync::LazyLock;

use super::table::byte_of;
use crate::text::Encoding;
use crate::vi::fold::is_mark;
use crate::vi::syllable::is_possible;

/// What the name of an old font says about the text set in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldFont {
    /// The encoding of its letters.
    pub encoding: Encoding,
    /// Whether it shows small letters as capitals (`.VnTimeH`).
    pub capitals: bool,
}

static ROWS: LazyLock<Vec<(&str, Encoding, Option<char>)>> = LazyLock::new(|| {
    let table = include_str!("../../../dictionaries/fonts.tsv");
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let (begins, name, capitals) = (cells.next()?, cells.next()?, cells.next()?);
        let encoding = Encoding::all().into_iter().find(|encoding| encoding.name() == name)?;
        Some((begins, encoding, capitals.chars().next().filter(|sign| *sign != '-')))
    };
    let mut rows: Vec<_> = table.lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(row).collect();
    rows.sort_by_key(|(begins, ..)| std::cmp::Reverse(begins.len()));
    rows
});

/// What Windows appends to the name of a font that it offers for another script.
const SCRIPTS: [&str; 8] = [" ce", " cyr", " greek", " tur", " baltic", " (vietnamese)", " (hebrew)", " (arabic)"];

/// The encoding that a font of this name was made for; none for a font of today.
///
/// ```
/// use vanban::vi::encoding::{Encoding, old_font};
/// assert!(old_font(".VnTimeH").is_some_and(|font| font.encoding == Encoding::Tcvn3 && font.capitals));
/// assert!(old_font("VNI-Times").is_some_and(|font| font.encoding == Encoding::Vni));
/// assert_eq!(old_font("Times New Roman"), None);
/// ```
pub fn old_font(name: &str) -> Option<OldFont> {
    let mut name = name.trim().trim_start_matches('@');
    let folded = name.to_lowercase();
    for script in SCRIPTS {
        if folded.ends_with(script) {
            name = name.get(..name.len() - script.len()).unwrap_or(name);
        }
    }
    let name = name.split(',').next().unwrap_or(name).trim_end();
    let folded = name.to_lowercase();
    let (_, encoding, sign) = ROWS.iter().find(|(begins, ..)| folded.starts_with(begins))?;
    Some(OldFont { encoding: *encoding, capitals: sign.is_some_and(|sign| name.ends_with(sign)) })
}

/// Whether `text` must have been typed as Unicode: more of its letters exist in no font of one byte a
/// letter than could be letters of an old encoding. A font's name often outlives the conversion of
/// its text.
pub fn is_unicode(text: &str) -> bool {
    let (mut new, mut old) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        match byte_of(c) {
            Some(_) => old += 1,
            None if c.is_alphabetic() || is_mark(c) => new += 1,
            None => {}
        }
    }
    // "ế" and "ữ" are about as common in Vietnamese as "à" and "ô", which one byte can hold too.
    new * 3 > old
}

/// Whether a stretch reads better as it stands than in the encoding that its font speaks for.
pub fn reads_better(text: &str, decoded: &str) -> bool {
    sense(text) > sense(decoded)
}

/// How many more of the words with marks can be spelled than cannot.
fn sense(text: &str) -> i32 {
    let words = text.split(|c: char| !c.is_alphanumeric() && !is_mark(c) && c != '\u{ad}' && !is_old_sign(c));
    words.filter(|word| !word.is_ascii()).map(|word| if is_possible(word) { 1 } else { -1 }).sum()
}

/// Signs that are letters in an old font and would not be counted as a word's.
fn is_old_sign(c: char) -> bool {
    !c.is_ascii()
        && byte_of(c).is_some_and(|byte| byte != 0xa0)
        && !matches!(c, '“' | '”' | '‘' | '’' | '–' | '—' | '…')
}
