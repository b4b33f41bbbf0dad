//! Letters of document symbols, corrected by their own grammar and tables (`QD-TTg` is `QĐ-TTg`).
//!
//! A symbol is a type code and the codes of bodies, tied by hyphens. A code that no table knows
//! and that becomes a known one when its Đ is given back is corrected, the raw reading kept as a
//! rival; a digit is never touched, and the language model has no say.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::line::Glyph;
use crate::facts::{Facts, table};
use crate::vi::fold::fold;

/// A correction of some glyphs of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Correction {
    /// First glyph and one past the last.
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) new: String,
    pub(super) confidence: f32,
}

struct Parts {
    /// Whole codes without Đ: what they are with it. Types first.
    codes: HashMap<String, (String, f32)>,
    /// Ends of codes, longest first: without Đ, with it.
    ends: Vec<(String, String)>,
}

static PARTS: LazyLock<Parts> = LazyLock::new(|| {
    let facts = Facts::builtin();
    let mut codes = HashMap::new();
    let mut ends = Vec::new();
    for row in table("symbol_parts.tsv", include_str!("../../dictionaries/symbol_parts.tsv"), 2).unwrap_or_default() {
        let part = row.cells[0];
        if part.chars().count() >= 4 {
            ends.push((bare(part), part.to_owned()));
        }
        codes.entry(bare(part)).or_insert((part.to_owned(), 0.97));
    }
    for agency in facts.agencies.iter().filter(|agency| agency.code.contains('Đ') && agency.code.chars().count() > 2) {
        codes.entry(bare(&agency.code)).or_insert((agency.code.clone(), 0.95));
    }
    ends.sort_by_key(|(without, _)| std::cmp::Reverse(without.len()));
    Parts { codes, ends }
});

/// A code with D for Đ, in its own case.
fn bare(code: &str) -> String {
    code.replace('Đ', "D").replace('đ', "d")
}

/// What to correct in the glyphs of a symbol.
pub(super) fn correct(glyphs: &[Glyph]) -> Vec<Correction> {
    let mut corrections = Vec::new();
    let mut start = 0;
    let letter = |at: usize| glyphs[at].c.is_alphabetic();
    while start < glyphs.len() {
        if !letter(start) {
            start += 1;
            continue;
        }
        let mut end = start;
        while end < glyphs.len() && letter(end) {
            end += 1;
        }
        // A code may hold an ampersand: `SGD&DT`.
        if end + 1 < glyphs.len() && glyphs[end].c == '&' && letter(end + 1) {
            end += 1;
            while end < glyphs.len() && letter(end) {
                end += 1;
            }
        }
        let code: String = glyphs[start..end].iter().map(|glyph| glyph.c).collect();
        if let Some((new, confidence)) = code_of(&code) {
            corrections.push(Correction { from: start, to: end, new, confidence });
        }
        start = end;
    }
    corrections
}

/// The code that `code` must be, if it is not one.
fn code_of(code: &str) -> Option<(String, f32)> {
    if code.contains('Đ') || Facts::builtin().kind_by_code(code).is_some() {
        return None;
    }
    with_strokes(code).or_else(|| {
        // An OCR model for English also reads Đ as B, P or DB: only a code that is known as a whole can
        // tell, and the reading stays as a rival.
        let tried_db = code.replace("DB", "D");
        let tried = [tried_db.clone(), code.replace('B', "D"), code.replace('P', "D")];
        tried.iter().chain([&last_replaced(code)]).filter(|tried| *tried != code).find_map(|tried| {
            let plain: String = tried.chars().filter(|c| *c != '&').collect();
            let (new, _) = match PARTS.codes.get(&plain) {
                Some(known) => known.clone(),
                // Nobody but OCR writes DB: the end of a code tells then (`SGDDBT`).
                None if *tried == tried_db => by_end(&plain)?,
                None => return None,
            };
            // `LB` is Liên Bộ: short codes differ by a letter, but for the two commonest.
            let telling = plain == *tried && (plain.len() >= 5 || matches!(new.as_str(), "NĐ" | "QĐ"));
            telling.then_some((new, 0.8))
        })
    })
}

/// A code whose end is known.
fn by_end(plain: &str) -> Option<(String, f32)> {
    let (without, with) = PARTS.ends.iter().find(|(without, _)| plain.ends_with(without.as_str()))?;
    Some((format!("{}{with}", &plain[..plain.len() - without.len()]), 0.9))
}

/// The code with its last B or P as D: `BGDPT` keeps its first letter.
fn last_replaced(code: &str) -> String {
    match code.rfind(['B', 'P']) {
        Some(at) => format!("{}D{}", &code[..at], &code[at + 1..]),
        None => code.to_owned(),
    }
}

/// The code with its D given back their strokes.
fn with_strokes(code: &str) -> Option<(String, f32)> {
    if !code.contains('D') {
        return None;
    }
    let plain: String = code.chars().filter(|c| *c != '&').collect();
    let (new, confidence) = PARTS.codes.get(&plain).cloned().or_else(|| by_end(&plain))?;
    // The ampersand goes back to where it stood.
    let mut letters = new.chars();
    let new: String = code.chars().filter_map(|c| if c == '&' { Some('&') } else { letters.next() }).collect();
    (fold(&new) == fold(code)).then_some((new, confidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    #[test]
    fn letters_are_corrected_and_nothing_else() {
        let fixed = |symbol: &str| {
            let mut glyphs = Vec::new();
            super::super::line::glyphs(symbol, Span::at(0, symbol.len()), &mut glyphs);
            let mut letters: Vec<char> = glyphs.iter().map(|glyph| glyph.c).collect();
            for correction in correct(&glyphs).into_iter().rev() {
                letters.splice(correction.from..correction.to, correction.new.chars());
            }
            letters.into_iter().collect::<String>()
        };
        for (raw, right) in [
            ("2417/KH-SGDDT", "2417/KH-SGDĐT"),
            ("45/2023/QD-TTg", "45/2023/QĐ-TTg"),
            ("30/2020/ND-CP", "30/2020/NĐ-CP"),
            ("27/2017/TT-BGDDT", "27/2017/TT-BGDĐT"),
            ("12/NQ-HDND", "12/NQ-HĐND"),
            ("SGD&DT", "SGD&ĐT"),
            ("59/HD-HKH", "59/HD-HKH"),
            ("1927/KH-UBND", "1927/KH-UBND"),
            ("15/2020/DA-UBND", "15/2020/DA-UBND"),
            ("144/2025/NB-CP", "144/2025/NĐ-CP"),
            ("104/2000/QDB-TTg", "104/2000/QĐ-TTg"),
            ("16/2026/TT-BGDPT", "16/2026/TT-BGDĐT"),
            ("670/TTr-SGDDBT", "670/TTr-SGDĐT"),
            ("12/TB-VP", "12/TB-VP"),
            ("12/BC-SNV", "12/BC-SNV"),
            ("7/NQ-BCH", "7/NQ-BCH"),
            ("04/TT-LB", "04/TT-LB"),
        ] {
            assert_eq!(fixed(raw), right);
        }
    }
}
