//! Clean text as the language model sees it: lower-case words, classes for what is not a word,
//! and the few marks that part phrases.
//!
//! Quotes, hyphens and brackets of lists are passed over, so that `chính trị - xã hội` and
//! `chính trị, xã hội` share what follows. Training and repair both go through here: what one
//! calls a number the other does too.

use crate::vi::tone;

/// What a piece of text is to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Letters.
    Word,
    /// Digits, with dots and commas inside.
    Number,
    /// Digits with slashes.
    Date,
    /// A document number or another mixture of letters and digits, an address, a link.
    Symbol,
    /// One of `, ; . : ( )`.
    Stop(char),
}

/// Ids of the classes. Words come after them.
pub mod class {
    /// No word: the empty part of a short context.
    pub const NONE: u16 = 0;
    /// Start of a paragraph.
    pub const START: u16 = 1;
    /// End of a paragraph.
    pub const END: u16 = 2;
    /// A word that the vocabulary lacks.
    pub const UNKNOWN: u16 = 3;
    /// [`Piece::Number`](super::Piece::Number).
    pub const NUMBER: u16 = 4;
    /// [`Piece::Date`](super::Piece::Date).
    pub const DATE: u16 = 5;
    /// [`Piece::Symbol`](super::Piece::Symbol).
    pub const SYMBOL: u16 = 6;
    /// `,`, and the other marks after it in the order of [`STOPS`].
    pub const FIRST_STOP: u16 = 7;
    /// The marks that the model sees.
    pub const STOPS: [char; 6] = [',', ';', '.', ':', '(', ')'];
    /// Id of the first word.
    pub const FIRST_WORD: u16 = FIRST_STOP + STOPS.len() as u16;
    /// Printed names of the classes, by id.
    pub const NAMES: [&str; FIRST_WORD as usize] =
        ["<none>", "<s>", "</s>", "<unk>", "<num>", "<date>", "<sym>", ",", ";", ".", ":", "(", ")"];
}

/// The id of a mark, if the model sees it.
pub fn stop_id(mark: char) -> Option<u16> {
    class::STOPS.iter().position(|stop| *stop == mark).map(|index| class::FIRST_STOP + index as u16)
}

/// Calls `each` with every piece of `text` in order.
pub fn for_each_piece<'t>(text: &'t str, mut each: impl FnMut(&'t str, Piece)) {
    for chunk in text.split_whitespace() {
        pieces_of_chunk(chunk, &mut each);
    }
}

fn pieces_of_chunk<'t>(chunk: &'t str, each: &mut impl FnMut(&'t str, Piece)) {
    let core = chunk.trim_matches(|c: char| !c.is_alphanumeric());
    let from = core.as_ptr() as usize - chunk.as_ptr() as usize;
    marks(&chunk[..from], each);
    if !core.is_empty() {
        if is_symbol(core) {
            each(core, Piece::Symbol);
        } else {
            runs(core, each);
        }
        marks(&chunk[from + core.len()..], each);
    }
}

/// Whether a chunk without its outer marks is a document number, an address or a link.
fn is_symbol(core: &str) -> bool {
    let has = |test: fn(char) -> bool| core.chars().any(test);
    core.contains('@')
        || core.contains("://")
        || core.starts_with("www.")
        || (core.contains('/') && has(|c| c.is_ascii_digit()) && has(char::is_alphabetic))
}

fn runs<'t>(core: &'t str, each: &mut impl FnMut(&'t str, Piece)) {
    let mut rest = core;
    while let Some(first) = rest.chars().next() {
        let end = |test: &dyn Fn(char) -> bool| rest.find(|c| !test(c)).unwrap_or(rest.len());
        let alnum = end(&char::is_alphanumeric);
        let cut = if first.is_alphabetic() {
            let letters = end(&char::is_alphabetic);
            each(&rest[..alnum], if letters == alnum { Piece::Word } else { Piece::Symbol });
            alnum
        } else if first.is_numeric() {
            let digits = end(&|c| c.is_numeric() || matches!(c, '.' | ',' | '/' | '-' | ':'));
            let digits = rest[..digits].trim_end_matches(['.', ',', '/', '-', ':']).len();
            let cut = digits.max(alnum);
            let piece = match &rest[..cut] {
                run if run.contains(char::is_alphabetic) => Piece::Symbol,
                run if run.contains('/') => Piece::Date,
                _ => Piece::Number,
            };
            each(&rest[..cut], piece);
            cut
        } else {
            marks(&rest[..first.len_utf8()], each);
            first.len_utf8()
        };
        rest = &rest[cut..];
    }
}

fn marks<'t>(text: &'t str, each: &mut impl FnMut(&'t str, Piece)) {
    for (at, mark) in text.char_indices() {
        if class::STOPS.contains(&mark) {
            each(&text[at..at + mark.len_utf8()], Piece::Stop(mark));
        }
    }
}

/// The form under which a word is counted: lower case, old tone placement.
pub fn normal(word: &str) -> String {
    let lower = word.to_lowercase();
    tone::to_old(&lower).unwrap_or(lower)
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Case {
    /// `thành`
    Lower,
    /// `Thành`
    Title,
    /// `THÀNH`, and single capital letters of upper-case lines
    Upper,
    /// `TTg`
    Mixed,
}

/// The case of the letters of a word; other characters do not count.
pub fn case_of(word: &str) -> Case {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let Some(first) = letters.next() else { return Case::Lower };
    let (mut upper, mut lower) = (0, 0);
    for letter in letters {
        if letter.is_uppercase() { upper += 1 } else { lower += 1 }
    }
    match (first.is_uppercase(), upper, lower) {
        (false, 0, _) => Case::Lower,
        (true, 0, _) => Case::Title,
        (true, _, 0) => Case::Upper,
        _ => Case::Mixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_words_classes_and_marks() {
        let mut seen = Vec::new();
        for_each_piece(
            "Căn cứ “Kế hoạch” số 1927/KH-UBND ngày 11/4/2024 (Điều 30a, 1.500.000 đồng);",
            |text, piece| {
                seen.push((text, piece));
            },
        );
        let words: Vec<_> = seen.iter().filter(|(_, piece)| *piece == Piece::Word).map(|(text, _)| *text).collect();
        assert_eq!(words, ["Căn", "cứ", "Kế", "hoạch", "số", "ngày", "Điều", "đồng"]);
        for (text, piece) in [
            ("1927/KH-UBND", Piece::Symbol),
            ("11/4/2024", Piece::Date),
            ("30a", Piece::Symbol),
            ("1.500.000", Piece::Number),
            ("(", Piece::Stop('(')),
            (";", Piece::Stop(';')),
        ] {
            assert!(seen.contains(&(text, piece)), "{text}");
        }
    }
}
