//! Marks of a first page: how secret, how urgent, and to whom it is written.
//!
//! Turns the stamps beside a letterhead ("HỎA TỐC", "MẬT") into urgency (mức độ khẩn) and secrecy (độ
//! mật), and the lines after "Kính gửi" into addressees (Nghị định 30/2020/NĐ-CP, Phụ lục I, II.9 and
//! III). Which words are stamps is a table; who may be written to is not known here.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::found::Found;
use super::sheet::{Sheet, folded_expression, is_caps, is_rule, one_line};
use crate::facts::Phrase;
use crate::text::Span;

/// How many lines above a letterhead its stamps may stand, and below the title "Kính gửi".
const ABOVE: usize = 6;
const BELOW: usize = 40;
/// More addressees than these are no list of them.
const MOST: usize = 200;

static TO: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^[*_\s]*kinh (?:gui|trinh|chuyen)\s*[:;.]?[*_\s]*"));

/// The first of `stamps` that stands alone in a cell in capitals near the letterhead `lines`.
pub(crate) fn read_stamp(sheet: &Sheet<'_>, lines: &Range<usize>, stamps: &[Phrase]) -> Option<Found<String>> {
    let near = lines.start.saturating_sub(ABOVE)..lines.end.min(sheet.lines.len());
    near.flat_map(|line| sheet.line(line)).find_map(|cell| {
        let raw = sheet.raw(*cell);
        let folded = sheet.fold(*cell).trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let stamp = stamps.iter().find(|stamp| stamp.folded == folded)?;
        is_caps(raw).then(|| Found::new(stamp.text.clone(), sheet.span(*cell), "marks.stamp", 0.9))
    })
}

/// The entries after "Kính gửi", looked for from line `from` on.
pub(crate) fn read_addressees(sheet: &Sheet<'_>, from: usize) -> Vec<Found<String>> {
    let start = (from..sheet.lines.len().min(from + BELOW)).find_map(|line| {
        let cells = sheet.lines[line].clone();
        cells.into_iter().find_map(|index| Some((index, TO.find(sheet.fold(sheet.cells[index]))?.end())))
    });
    let Some((first, skip)) = start else { return Vec::new() };
    let mut entries: Vec<(usize, usize)> = Vec::new();
    let mut line = sheet.cells[first].line;
    for index in first..sheet.cells.len() {
        let cell = sheet.cells[index];
        let begin = if index == first { cell.from + skip } else { cell.from };
        let part = &sheet.folded.text()[begin.min(cell.to)..cell.to];
        if is_rule(part) {
            continue;
        }
        let raw = sheet.folded.span(begin, cell.to).of(sheet.text);
        let bullet = raw.starts_with(['-', '–', '+', '•', '*', '▪']);
        let gap = cell.line > line + 1;
        let closed = entries.last().is_some_and(|(_, to)| sheet.folded.text()[..*to].trim_end().ends_with('.'));
        let open = entries.last().is_some_and(|(_, to)| !sheet.folded.text()[..*to].trim_end().ends_with([';', '.']));
        let goes_on = open && !gap && !bullet && (raw.starts_with(char::is_lowercase) || part.len() < 45);
        if goes_on {
            if let Some((_, to)) = entries.last_mut() {
                *to = cell.to;
            }
        } else if index == first
            || (!closed || bullet) && (bullet || !gap && entries.last().is_some_and(|_| !open) || entries.is_empty())
        {
            if part.len() > 300 || entries.len() >= MOST {
                break;
            }
            let mut at = begin;
            for piece in part.split_inclusive(';') {
                entries.push((at, at + piece.len()));
                at += piece.len();
            }
        } else {
            break;
        }
        line = cell.line;
    }
    let value = |(from, to): &(usize, usize)| {
        let span: Span = sheet.folded.span(*from, *to);
        let line = one_line(span.of(sheet.text));
        let name = line.trim_start_matches(['-', '–', '+', '•', '*', '▪', ' ']).trim_end_matches([';', '.', ',', ' ']);
        name.chars().any(char::is_alphabetic).then(|| Found::new(name.to_owned(), span, "marks.addressee", 0.88))
    };
    entries.iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a letter; its addressees, joined by a bar.
    #[test]
    fn addressees_end_where_the_text_begins() {
        for (text, expected) in [
            ("Kính gửi: Sở Y tế.\n\nThực hiện Kế hoạch …", "Sở Y tế"),
            (
                "Kính gửi:\n- Sở Y tế;\n- Ủy ban nhân dân các xã,\nphường.\nThực hiện Kế hoạch …",
                "Sở Y tế|Ủy ban nhân dân các xã, phường",
            ),
            ("Kính gửi: Sở Y tế; Sở Nội vụ.\nCăn cứ Luật …", "Sở Y tế|Sở Nội vụ"),
            ("Thực hiện Kế hoạch …", ""),
        ] {
            let sheet = Sheet::new(text);
            let found: Vec<String> = read_addressees(&sheet, 0).into_iter().map(|entry| entry.value).collect();
            assert_eq!(found.join("|"), expected, "{text}");
        }
    }
}
