//! The number line of a letterhead: `Số: 441 /KH-THPTLTT`.
//!
//! Turns a cell of the letterhead into number, symbol and key. The number is read as printed; a
//! blank number ("Số:      /KH-SCT") leaves the symbol. Letters in the place of digits are read as
//! digits with a confidence that asks for a person. Knows shapes (Nghị định 30/2020/NĐ-CP,
//! Phụ lục I, II.3), not which symbols exist.

use std::sync::LazyLock;

use regex::Regex;

use super::found::Found;
use super::sheet::{Cell, Sheet, folded_expression};
use crate::key::DocNumber;
use crate::text::Span;

/// What stands on a number line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NumberLine {
    /// The number alone.
    pub(crate) number: Option<Found<String>>,
    /// The symbol alone.
    pub(crate) symbol: Option<Found<String>>,
    /// The whole.
    pub(crate) key: Option<Found<DocNumber>>,
    /// From the word "Số" to the end of the symbol, in the folded text.
    pub(crate) from: usize,
    /// See `from`.
    pub(crate) to: usize,
    /// How well it looks like a number line; for choosing among several.
    pub(crate) rank: u8,
}

/// The word "Số" and its damaged forms.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"(?:^|[\x00-/:-\x60{-\x7f])(s(?:[o6ebdau]|6b|o6)|_[_o]?)\s*([:;.]?)[\s*]*"));

/// What follows: number, year, and the sign before the symbol. `~` is a sign that folding does not
/// know, such as a fraction slash.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(concat!(
        r"^[ \t]*(?:(?P<number>[0-9]{1,6}(?:\.[0-9]{1,3})?[a-z]{0,2})|(?P<letters>[ilosb|0-9]{1,4})|[\t\x20-\x2c.\x3a-\x60|~]{0,60})",
        r"[ \t.]*(?:[/~][ \t]*(?P<year>(?:19|20)[0-9][0-9])[ \t]*)?[ \t]*(?P<sign>[/~-])[ \t]*"
    ))
});

/// A number and symbol without the word "Số", or with that word garbled.
static BARE: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^(?:[\x21-\x7e]{1,4} )?([0-9]{1,5}) ?/ ?[a-z]"));

/// Reads the number line in `cell`, if it is one.
pub(crate) fn read_number_line(sheet: &Sheet<'_>, cell: Cell) -> Option<NumberLine> {
    let folded = sheet.fold(cell);
    if folded.starts_with("cong bao") || folded.starts_with("so hieu") {
        return None;
    }
    let mut best: Option<NumberLine> = None;
    for found in WORD.captures_iter(folded) {
        let (Some(word), Some(whole)) = (found.get(1), found.get(0)) else { continue };
        let rank = u8::from(!found[2].is_empty()) * 2 + u8::from(word.start() == 0);
        let from = cell.from + word.start();
        if let Some(line) = read_at(sheet, from, cell.from + whole.end(), rank)
            && best.as_ref().is_none_or(|best| best.rank < line.rank)
        {
            best = Some(line);
        }
    }
    let bare = BARE.captures(folded).and_then(|found| found.get(1));
    if let (None, Some(digits)) = (&best, bare) {
        best = read_at(sheet, cell.from, cell.from + digits.start(), 0).map(|mut line| {
            for confidence in [
                line.number.as_mut().map(|found| &mut found.confidence),
                line.symbol.as_mut().map(|found| &mut found.confidence),
                line.key.as_mut().map(|found| &mut found.confidence),
            ]
            .into_iter()
            .flatten()
            {
                *confidence *= 0.7;
            }
            line
        });
    }
    best
}

/// Reads from folded offset `at`; `from` is where the word "Số" begins.
fn read_at(sheet: &Sheet<'_>, from: usize, at: usize, rank: u8) -> Option<NumberLine> {
    let head = HEAD.captures(sheet.folded.text().get(at..)?)?;
    let printed = |part: regex::Match<'_>| sheet.folded.span(at + part.start(), at + part.end());
    let sign = match printed(head.name("sign")?).of(sheet.text) {
        "/" | "⁄" | "∕" => '/',
        sign if head["sign"] == *"-" && !sign.is_empty() => '-',
        _ => return None,
    };
    let start = sheet.folded.span(at + head[0].len(), at + head[0].len()).start();
    let symbol_span = Span::at(start, start + read_symbol(sheet.text.get(start..)?)?);
    let symbol = symbol_text(symbol_span.of(sheet.text));
    let sure = if rank >= 2 { 0.97 } else { 0.9 };
    let mut line = NumberLine {
        number: None,
        symbol: Some(Found::new(symbol.clone(), symbol_span, "number.symbol", sure)),
        key: None,
        from,
        to: sheet.folded.place(symbol_span.end()),
        rank,
    };
    let (digits, confidence, span) = if let Some(number) = head.name("number") {
        let span = printed(number);
        (span.of(sheet.text).to_owned(), sure, span)
    } else if let Some(letters) = head.name("letters") {
        let span = printed(letters);
        (letters_as_digits(span.of(sheet.text))?, 0.4, span)
    } else {
        return Some(line);
    };
    line.number = Some(Found::new(digits.clone(), span, "number.number", confidence));
    let year = head.name("year").map_or(String::new(), |year| format!("/{}", year.as_str()));
    let key = DocNumber::parse(&format!("{digits}{year}{sign}{symbol}"))?;
    line.key = Some(Found::new(key, span.cover(symbol_span), "number.key", confidence));
    Some(line)
}

/// How many bytes of `text` are a symbol: codes joined by `-` and `/`, blanks around the joints
/// allowed where the next code is in capitals.
fn read_symbol(text: &str) -> Option<usize> {
    let first = &text[..code_length(text)];
    if !first.starts_with(char::is_alphabetic) || !first.chars().any(char::is_uppercase) {
        return None;
    }
    let mut end = first.len();
    loop {
        let rest = &text[end..];
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let before = rest.len() - trimmed.len();
        let Some(joint) = trimmed.chars().next().filter(|c| matches!(c, '/' | '-' | '–' | '—' | '‑')) else {
            break;
        };
        let after = &trimmed[joint.len_utf8()..];
        let token = after.trim_start_matches([' ', '\t', '\n']);
        let gap = after.len() - token.len();
        let token = &token[..code_length(token)];
        let loose = before > 0 || gap > 0;
        let capitals = token.chars().filter(|c| c.is_uppercase()).count();
        if token.is_empty() || (loose && (capitals < 2 || capitals * 2 < token.chars().count())) {
            break;
        }
        end += before + joint.len_utf8() + gap + token.len();
    }
    Some(text[..end].trim_end_matches('.').len())
}

/// Bytes of the letters, figures, `&` and inner dots with which `text` begins.
fn code_length(text: &str) -> usize {
    let inner = |(at, c): (usize, char)| c.is_alphanumeric() || at > 0 && matches!(c, '&' | '.');
    text.char_indices().find(|found| !inner(*found)).map_or(text.len(), |(at, _)| at)
}

/// The symbol without white space, its dashes as hyphens.
fn symbol_text(printed: &str) -> String {
    printed.chars().filter(|c| !c.is_whitespace()).map(|c| if "–—‑".contains(c) { '-' } else { c }).collect()
}

/// Digits that were read as letters: `II` is 11.
fn letters_as_digits(letters: &str) -> Option<String> {
    letters
        .chars()
        .map(|c| match c {
            'I' | 'l' | '|' => Some('1'),
            'O' => Some('0'),
            'S' => Some('5'),
            'B' => Some('8'),
            _ => c.is_ascii_digit().then_some(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed line; number, symbol, key.
    #[test]
    fn reads_number_lines() {
        for (line, number, symbol, key) in [
            ("Số: 441 /KH-THPTLTT Thành phố Hồ Chí Minh, ngày", "441", "KH-THPTLTT", "441/KH-THPTLTT"),
            ("S6: 441 /KH-THPTLTT Thanh phé Ho Chi Minh", "441", "KH-THPTLTT", "441/KH-THPTLTT"),
            ("Số:           /KH-SCT", "", "KH-SCT", ""),
            ("Số: ……/QĐ-UBND", "", "QĐ-UBND", ""),
            ("Số: /SCT - CN", "", "SCT-CN", ""),
            ("Số 12-NQ/TU", "12", "NQ/TU", "12-NQ/TU"),
            ("Số: 16 /2026/QĐ-UBND", "16", "QĐ-UBND", "16/2026/QĐ-UBND"),
            ("Số: 66.15/2026/NQ-CP", "66.15", "NQ-CP", "66.15/2026/NQ-CP"),
            ("Nghị quyết số: 87/2025/UBTVQH15", "87", "UBTVQH15", "87/2025/UBTVQH15"),
            ("Số: 102/2025/NQLT - UBTVQH15 - CP", "102", "NQLT-UBTVQH15-CP", "102/2025/NQLT-UBTVQH15-CP"),
            ("Số: 12/QĐ-UBND - Hà Nội, ngày", "12", "QĐ-UBND", "12/QĐ-UBND"),
            ("Số: II /2026/QĐ-UBND", "11", "QĐ-UBND", "11/2026/QĐ-UBND"),
            ("6ӕ 466 /PC-VPUBND", "466", "PC-VPUBND", "466/PC-VPUBND"),
            ("Số 1105/KH-ĐKT.", "1105", "KH-ĐKT", "1105/KH-ĐKT"),
        ] {
            let sheet = Sheet::new(line);
            let found = read_number_line(&sheet, sheet.cells[0]).expect(line);
            assert_eq!(found.number.map(|number| number.value).unwrap_or_default(), number, "{line}");
            assert_eq!(found.symbol.map(|symbol| symbol.value).unwrap_or_default(), symbol, "{line}");
            assert_eq!(found.key.map(|key| key.value.to_string()).unwrap_or_default(), key, "{line}");
        }
    }

    #[test]
    fn refuses_what_is_no_number_line() {
        for line in ["CÔNG BÁO/Số 659 + 660/Ngày 10-8-2022", "Số hiệu: 12/QĐ-X", "Số công báo: Đang cập nhật", "Số 35"]
        {
            let sheet = Sheet::new(line);
            assert_eq!(read_number_line(&sheet, sheet.cells[0]), None, "{line}");
        }
    }
}
