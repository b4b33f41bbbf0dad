//! What the language model may not touch: numbers, dates, amounts, document numbers, section
//! numerals, addresses.
//!
//! A unit that holds a digit is kept unless it can only be a word with a misread letter (`s6`,
//! `d6i`): a model that makes a plausible number is worse than a broken one. Everything is decided
//! from the letters alone, before any model is asked.

use super::line::{Glyph, Kind, Unit, is_alphanumeric, is_hard_mark, is_letter, string};
use crate::model::tokens::{class, stop_id};

/// Cuts a line into units.
pub(super) fn units(glyphs: &[Glyph], out: &mut Vec<Unit>) {
    out.clear();
    let mut at = 0;
    while at < glyphs.len() {
        let space = glyphs[at].c.is_whitespace();
        let end =
            glyphs[at..].iter().position(|glyph| glyph.c.is_whitespace() != space).map_or(glyphs.len(), |n| at + n);
        if space {
            push(out, Kind::Gap, at, end);
        } else {
            chunk(glyphs, at, end, out);
        }
        at = end;
    }
}

fn push(out: &mut Vec<Unit>, kind: Kind, start: usize, end: usize) {
    if start < end {
        out.push(Unit { kind, start: start as u32, end: end as u32 });
    }
}

/// One chunk between spaces.
fn chunk(glyphs: &[Glyph], start: usize, end: usize, out: &mut Vec<Unit>) {
    let word = |at: &usize| is_alphanumeric(glyphs[*at].c);
    let Some(first) = (start..end).find(word) else {
        return marks(glyphs, start, end, out);
    };
    let last = (start..end).rfind(word).map_or(end, |at| at + 1);
    let core = &glyphs[first..last];
    if core.iter().all(|glyph| is_letter(glyph.c)) {
        // Most chunks are a word and perhaps a comma.
        let soft = |range: std::ops::Range<usize>| glyphs[range].iter().all(|glyph| is_hard_mark(glyph.c));
        if soft(start..first) && soft(last..end) {
            marks(glyphs, start, first, out);
            run(glyphs, first, last, out);
            return marks(glyphs, last, end, out);
        }
    }
    if is_address(core) || is_symbol(core) {
        marks(glyphs, start, first, out);
        push(out, Kind::Kept(class::SYMBOL), first, last);
        return marks(glyphs, last, end, out);
    }
    let mut at = start;
    while at < end {
        if let Some((number, kind)) = number(glyphs, at, end) {
            push(out, Kind::Kept(kind), at, number);
            at = number;
        } else if is_hard_mark(glyphs[at].c) {
            marks(glyphs, at, at + 1, out);
            at += 1;
        } else {
            let stop = (at..end).find(|at| is_hard_mark(glyphs[*at].c)).unwrap_or(end);
            run(glyphs, at, stop, out);
            at = stop;
        }
    }
}

/// A run without hard marks: a word with what may belong to it.
fn run(glyphs: &[Glyph], start: usize, end: usize, out: &mut Vec<Unit>) {
    let letters = &glyphs[start..end];
    // `doan2024`: a word whose space was lost. Codes (`QH13`) are upper case.
    let tail = letters.iter().rposition(|glyph| !glyph.c.is_ascii_digit()).map_or(0, |at| at + 1);
    if tail >= 2 && letters.len() >= tail + 2 && letters[1..tail].iter().all(|glyph| glyph.c.is_lowercase()) {
        push(out, Kind::Word, start, start + tail);
        return push(out, Kind::Kept(class::NUMBER), start + tail, end);
    }
    let kind = if !letters.iter().any(|glyph| is_alphanumeric(glyph.c)) {
        // Marks alone: `&` for `và` and the like are not worth the risk.
        Kind::Gap
    } else if letters.iter().any(|glyph| glyph.c.is_numeric()) && !is_damaged_word(letters) {
        let digits = letters.iter().all(|glyph| !glyph.c.is_alphabetic());
        Kind::Kept(if digits { class::NUMBER } else { class::SYMBOL })
    } else if letters.len() > 1 && letters.iter().all(|glyph| matches!(glyph.c, 'I' | 'V' | 'X')) {
        Kind::Numeral
    } else {
        Kind::Word
    };
    push(out, kind, start, end);
}

fn marks(glyphs: &[Glyph], start: usize, end: usize, out: &mut Vec<Unit>) {
    for (at, glyph) in glyphs.iter().enumerate().take(end).skip(start) {
        push(out, stop_id(glyph.c).map_or(Kind::Gap, Kind::Stop), at, at + 1);
    }
}

/// A number or date that starts at `at` and its end: digits with `.`, `,`, `/`, `-`, `:` inside.
fn number(glyphs: &[Glyph], at: usize, end: usize) -> Option<(usize, u16)> {
    glyphs[at].c.is_ascii_digit().then_some(())?;
    let inside = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '/' | '-' | ':' | '–');
    let mut stop = (at..end).find(|at| !inside(glyphs[*at].c)).unwrap_or(end);
    while !glyphs[stop - 1].c.is_ascii_digit() {
        stop -= 1;
    }
    // Letters that stick to the digits are for `run` to judge; `12.Đẩy` has a mark between.
    if glyphs.get(stop).is_some_and(|next| stop < end && !is_hard_mark(next.c)) {
        return None;
    }
    let date = glyphs[at..stop].iter().any(|glyph| glyph.c == '/');
    Some((stop, if date { class::DATE } else { class::NUMBER }))
}

/// `@`, `://` or `www.`: an address.
fn is_address(core: &[Glyph]) -> bool {
    let has = |text: &str| string(core).contains(text);
    // An OCR model for English reads ứ and ử as @, so that the sign alone is no address.
    let at_sign = core.iter().position(|glyph| glyph.c == '@').is_some_and(|at| {
        core[at..].iter().any(|glyph| glyph.c == '.') && at > 1 && core.iter().all(|glyph| glyph.c.is_ascii())
    });
    at_sign
        || core.len() > 4
            && core.iter().any(|glyph| matches!(glyph.c, ':' | '.'))
            && (has("://") || has("www.") || has(".vn") || has(".com") || has(".gov"))
}

/// Document numbers (`1927/KH-UBND`) and symbols (`KH-UBND`, `TT-BGDDT`): digits and a slash, or
/// upper-case codes tied by hyphens.
fn is_symbol(core: &[Glyph]) -> bool {
    let count = |test: fn(char) -> bool| core.iter().filter(|glyph| test(glyph.c)).count();
    let (digits, letters) = (count(|c| c.is_ascii_digit()), count(char::is_alphabetic));
    let upper = count(char::is_uppercase);
    let slash = core.iter().any(|glyph| glyph.c == '/');
    let tied = core.iter().any(|glyph| matches!(glyph.c, '-' | '–' | '&'));
    // `BÁO/Số` of a gazette is two words, whatever became of the second.
    if core.rsplit(|glyph| glyph.c == '/').next().is_some_and(|last| {
        last.len() == 2 && last[0].c == 'S' && matches!(last[1].c, '6' | 'o' | 'ó' | 'ố' | 'd' | 'ô' | 'é')
    }) {
        return false;
    }
    if slash && digits > 0 && letters > 0 {
        // `24/QĐ-TTg`, but not `số 24/Ngày` of a form or `2/người`.
        return upper * 2 >= letters;
    }
    (slash || tied) && letters >= 3 && letters - upper <= 2 && upper * 3 >= letters * 2 && core.len() <= 24 && {
        // `KT-XH` and `HÀNH CHÍNH-SỰ NGHIỆP` look alike; codes have no vowel marks.
        core.iter().all(|glyph| glyph.c.is_ascii() || matches!(glyph.c, 'Đ' | 'đ' | '–' | 'Ư'))
    }
}

/// Whether letters and digits without a mark between them are a word with misread letters, not a
/// code: `s6`, `nu6i`, `6n`, `H6`, but not `30a`, `13h30`, `QH13`, `A4`, `5kg`.
fn is_damaged_word(run: &[Glyph]) -> bool {
    let digits = run.iter().filter(|glyph| glyph.c.is_numeric()).count();
    let letters: String = run.iter().filter(|glyph| glyph.c.is_alphabetic()).map(|glyph| glyph.c).collect();
    if digits > 1 || letters.is_empty() || !run.iter().all(|glyph| glyph.c.is_ascii_digit() || !glyph.c.is_numeric()) {
        return false;
    }
    let first = run[0].c;
    if first.is_ascii_digit() {
        // `5kg`, `2a`, `3D`: the digit counts something or numbers something.
        let unit = ["kg", "g", "m", "cm", "mm", "km", "ha", "ml", "l", "h", "tr", "đ", "x", "th", "st", "nd", "rd"];
        let lower = letters.chars().all(char::is_lowercase);
        return lower && letters.chars().count() > 1 && !unit.contains(&letters.as_str())
            || matches!(letters.as_str(), "à" | "á" | "ý")
            || first == '1' && letters == "a";
    }
    // Upper-case letters with a digit are a code; only the shapes of `Số`, `Hồ`, `Tổ` are not.
    let upper = letters.chars().filter(|c| c.is_uppercase()).count();
    upper == 0 || upper == 1 && first.is_uppercase() && (letters.chars().count() > 1 || run[1].c == '6')
}
