//! Document numbers: what stands after "Số" and what others cite, such as `1927/KH-UBND`.
//!
//! Turns a string into a [`DocNumber`] and any spelling of it into one comparison form. Knows
//! the grammar of numbers (Nghị định 30/2020/NĐ-CP, Phụ lục I, II.3; party documents after
//! Hướng dẫn 36-HD/VPTW), not which types and organs exist.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::vi::fold;

/// The number and symbol of a document (số, ký hiệu), as printed.
///
/// Invariant: built by [`DocNumber::parse`] only, so `number` starts with a digit and
/// `canonical` holds no white space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocNumber {
    canonical: String,
    number: String,
    year: Option<u16>,
    symbol: Option<String>,
}

impl DocNumber {
    /// Reads a number in any of its usual shapes: `15/QĐ-BNV`, `45/2023/QĐ-TTg`, `30a/2008/NQ-CP`,
    /// `12-NQ/TU`, `2417/ KH-SGDĐT`, `55/TTr - UBND`, a standard's `122:2024/BGTVT`, and a bare `24`.
    ///
    /// The spelling is kept apart from white space; a number is never changed.
    pub fn parse(text: &str) -> Option<Self> {
        let canonical: String =
            text.trim().trim_end_matches(['.', ',', ';', ':']).chars().filter(|c| !c.is_whitespace()).collect();
        let canonical = canonical.replace(['–', '—', '‑', '\u{ad}'], "-");
        let digits = canonical.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 6 {
            return None;
        }
        // A letter, or a dot and digits ("24.6/GĐN"), may belong to the number itself.
        let number_end = canonical.find(['/', '-', ':']).unwrap_or(canonical.len());
        let number = &canonical[..number_end];
        let suffix = &number[digits..];
        let plain = suffix.chars().count() <= 2 && suffix.chars().all(char::is_alphabetic)
            || suffix.starts_with('.') && suffix[1..].bytes().all(|b| b.is_ascii_digit()) && suffix.len() > 1;
        if !plain {
            return None;
        }
        let mut rest = canonical.get(number_end + 1..).unwrap_or_default();
        let year = rest.split('/').next().and_then(read_year);
        // A colon joins the number of a standard to its year, and nothing else.
        if canonical[number_end..].starts_with(':') && year.is_none() {
            return None;
        }
        if year.is_some() {
            rest = rest.get(5..).unwrap_or_default();
        }
        let symbol = (!rest.is_empty()).then(|| rest.to_owned());
        if symbol.as_deref().is_some_and(|symbol| !symbol.chars().any(char::is_alphabetic)) {
            return None;
        }
        Some(Self { number: number.to_owned(), year, symbol, canonical })
    }

    /// The number itself, leading zeros and letters kept: `05`, `30a`.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The year that stands in the number, as in `45/2023/QĐ-TTg`.
    pub const fn year(&self) -> Option<u16> {
        self.year
    }

    /// What follows number and year: `KH-UBND`. None for a bare number.
    pub fn symbol(&self) -> Option<&str> {
        self.symbol.as_deref()
    }

    /// The whole as printed, without white space: `1927/KH-UBND`.
    pub fn as_str(&self) -> &str {
        &self.canonical
    }

    /// The comparison form; see [`fold_key`].
    pub fn folded(&self) -> String {
        fold_key(&self.canonical)
    }
}

impl fmt::Display for DocNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)
    }
}

impl TryFrom<String> for DocNumber {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a document number: `{text}`"))
    }
}

impl From<DocNumber> for String {
    fn from(number: DocNumber) -> Self {
        number.canonical
    }
}

/// The form in which two spellings of one number are equal: folded to lower-case letters
/// without diacritics, leading zeros dropped, numbers joined by `/`, the letters of the symbol run
/// together. Any order of typing aids that a person uses is forgiven.
///
/// ```
/// use vanban::key::fold_key;
/// assert_eq!(fold_key("1927/KH-UBND"), "1927/khubnd");
/// assert_eq!(fold_key("1927 kh ubnd"), "1927/khubnd");
/// assert_eq!(fold_key("Số: 2417/ KH-SGDĐT"), fold_key("2417/KH-SGDDT"));
/// assert_eq!(fold_key("05/2024/TT-BGD&ĐT"), "5/2024/ttbgddt");
/// ```
pub fn fold_key(text: &str) -> String {
    let folded = fold::fold(text);
    let mut numbers = String::new();
    let mut letters = String::new();
    for token in folded.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()) {
        if letters.is_empty() && token == "so" {
            continue;
        }
        let digits = token.bytes().take_while(u8::is_ascii_digit).count();
        // "30a" is a number with a letter, "1927khubnd" a number run into its symbol.
        let split = if token.len() - digits <= 1 { token.len() } else { digits };
        let (number, word) = token.split_at(split);
        if digits > 0 && letters.is_empty() {
            if !numbers.is_empty() {
                numbers.push('/');
            }
            let number = number.trim_start_matches('0');
            numbers.push_str(if number.is_empty() { "0" } else { number });
            letters.push_str(word);
        } else {
            letters.push_str(token);
        }
    }
    match (numbers.is_empty(), letters.is_empty()) {
        (_, true) => numbers,
        (true, _) => letters,
        _ => format!("{numbers}/{letters}"),
    }
}

/// A year of four digits between 1945, the first of the state's documents, and 2100.
fn read_year(part: &str) -> Option<u16> {
    let year = (part.len() == 4).then(|| part.parse::<u16>().ok())??;
    (1945..2100).contains(&year).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed form; number, year, symbol.
    #[test]
    fn reads_the_shapes_of_numbers() {
        for (text, expected) in [
            ("441 /KH-THPTLTT", ("441", None, Some("KH-THPTLTT"))),
            ("45/2023/QĐ-TTg", ("45", Some(2023), Some("QĐ-TTg"))),
            ("30a/2008/NQ-CP", ("30a", Some(2008), Some("NQ-CP"))),
            ("12-NQ/TU", ("12", None, Some("NQ/TU"))),
            ("28/2003/TTLT/BTC-BGD&ĐT", ("28", Some(2003), Some("TTLT/BTC-BGD&ĐT"))),
            ("55/TTr – UBND", ("55", None, Some("TTr-UBND"))),
            ("24.6/GĐN", ("24.6", None, Some("GĐN"))),
            ("24", ("24", None, None)),
            ("122:2024/BGTVT", ("122", Some(2024), Some("BGTVT"))),
        ] {
            let number = DocNumber::parse(text).expect(text);
            assert_eq!((number.number(), number.year(), number.symbol()), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["KH-UBND", "", "03/04", "1.234.567", "12345678/QĐ", "19/12", "16:30/KH"] {
            assert_eq!(DocNumber::parse(text), None, "{text}");
        }
    }
}
