//! The outline: headings and numbered items, in the order of the text, each with its depth.
//!
//! Turns the lines of a document into sections: Phần, Chương, Mục, Điều, khoản, điểm, and the
//! pattern of plans, `I.` `1.` `a)` `-` (Nghị định 30/2020/NĐ-CP, Phụ lục I, II.6). A marker counts
//! only at the start of a line, before words, and where its number can stand after the one before,
//! so that dates, amounts and wrapped references are not taken for headings. Knows the order of
//! levels, not what a section is about.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::found::{Found, Section};
use super::sheet::{Cell, Sheet, folded_expression, is_caps, one_line};
use crate::text::Span;

/// A line over this many characters was never wrapped.
const UNWRAPPED: usize = 140;

/// Most lines that one title takes.
const TITLE_LINES: usize = 12;

static ANNEX: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(r"^phu luc\b(?:\s+(?:so\s+)?(?P<n>[ivx1l]{1,5}|[0-9]{1,2}|[a-h])\b)?\s*[.:]?\s*")
});

static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(
        r"^(?P<word>phan|chuong|muc|tieu muc|dieu)\s+(?P<n>thu\s+[a-z]+|[ivxl1]{1,6}|[0-9]{1,3}[a-z]?|[a-h])(?P<sign>\s*[.:)]|\s+-|\s*$|\s)\s*",
    )
});

static ROMAN: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"^(?P<n>[ivx1l]{1,6})\s?(?P<sign>[.)/-]|\s-)\s*(?:[a-z\x22(])"));
static CAPITAL: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^(?P<n>[a-h])\s?[.)/]\s*(?:[a-z\x22(])"));
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"^(?P<n>[0-9]{1,3})\s?(?P<sign>[.)]|/ |- )\s*(?:[a-z\x22(])"));
static NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"^(?P<n>[0-9]{1,2}(?:\.[0-9]{1,2}){1,3})(?:[.)]\s*|\s+)(?:[a-z\x22(])"));
static LETTER: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^(?P<n>[a-z])\s?[.)]\s*(?:[a-z0-9\x22(])"));
static BULLET: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^(?P<n>[-+*])\s*[a-z0-9\x22(]"));

/// Levels from the highest down.
const ANNEXES: u8 = 0;
const CAPITALS: u8 = 6;
const ROMANS: u8 = 7;
const NUMBERED: u8 = 8;
const LETTERED: u8 = 12;
const DASHED: u8 = 13;
const PLUSSED: u8 = 14;

/// A marker at the start of a line.
struct Marker {
    rank: u8,
    /// Its number; bullets have none.
    number: Option<u16>,
    /// Bytes of the label in the folded cell.
    label: usize,
    /// Where the title begins in the folded cell.
    title: usize,
    /// Sure whatever number came before.
    certain: bool,
}

/// Reads the outline of the lines `within`, leaving out those of the foot.
pub(crate) fn read_outline(sheet: &Sheet<'_>, within: Range<usize>, foot: &Range<usize>) -> Vec<Section> {
    let width = line_width(sheet, &within);
    let mut sections: Vec<Section> = Vec::new();
    let mut stack: Vec<(u8, Option<u16>)> = Vec::new();
    let mut line = within.start;
    let mut end = 0;
    let mut addressed = false;
    while line < within.end.min(sheet.lines.len()) {
        let at = line;
        line += 1;
        let Some(cell) = sheet.line(at).first().copied() else { continue };
        end = sheet.line(at).last().map_or(end, |cell| sheet.span(*cell).end());
        if foot.contains(&at) {
            continue;
        }
        let Some(marker) = marker(sheet, cell) else {
            addressed = sheet.fold(cell).starts_with("kinh gui") || addressed && sheet.line(at).is_empty();
            continue;
        };
        // Whom a letter is addressed to.
        if addressed && marker.number.is_none() {
            continue;
        }
        addressed = false;
        if !fits(sheet, at, cell, &marker, &stack) {
            continue;
        }
        while stack.last().is_some_and(|(rank, _)| *rank >= marker.rank) {
            stack.pop();
        }
        let depth = stack.len() as u8;
        stack.push((marker.rank, marker.number));
        let (title, next) = read_title(sheet, at, cell, &marker, &within, width);
        let label = sheet.folded.span(cell.from, cell.from + marker.label);
        let label = one_line(label.of(sheet.text)).trim_end_matches(['.', ')', ':', '/']).to_owned();
        let confidence = if marker.certain || marker.number.is_none() { 0.95 } else { 0.9 };
        let value = one_line(title.of(sheet.text));
        let start = sheet.span(cell).start();
        sections.push(Section {
            depth,
            label,
            title: Found::new(value, title, "outline.title", confidence),
            span: Span::at(start, start),
        });
        // The lines of the title hold no other marker, or they would not be its.
        line = next;
        if let Some(last) = sheet.line(next - 1).last() {
            end = sheet.span(*last).end();
        }
    }
    close(&mut sections, end);
    sections
}

/// Gives each section its end: where the next of its depth or higher begins.
fn close(sections: &mut [Section], end: usize) {
    let mut open: Vec<usize> = Vec::new();
    for index in 0..sections.len() {
        let (depth, start) = (sections[index].depth, sections[index].span.start());
        while open.last().is_some_and(|last| sections[*last].depth >= depth) {
            if let Some(last) = open.pop() {
                sections[last].span = Span::at(sections[last].span.start(), start);
            }
        }
        open.push(index);
    }
    for index in open {
        sections[index].span = Span::at(sections[index].span.start(), end);
    }
}

/// The marker with which a cell begins.
fn marker(sheet: &Sheet<'_>, cell: Cell) -> Option<Marker> {
    named_marker(sheet, cell).or_else(|| plain_marker(sheet, cell))
}

/// Annexes, and levels that are named: "Phụ lục II", "Chương I", "Điều 5".
fn named_marker(sheet: &Sheet<'_>, cell: Cell) -> Option<Marker> {
    let (folded, raw) = (sheet.fold(cell), sheet.raw(cell));
    if !raw.starts_with(char::is_uppercase) {
        return None;
    }
    if let Some(hit) = ANNEX.captures(folded) {
        let title = hit[0].len();
        // "Phụ lục kèm theo …" in a sentence is none.
        let alone = title == folded.len() || is_caps(raw) || hit[0].trim_end().ends_with([':', '.']);
        let label = hit.name("n").map_or("phu luc".len(), |n| n.end());
        let number = hit.name("n").and_then(|n| ordinal(n.as_str()));
        return alone.then_some(Marker { rank: ANNEXES, number, label, title, certain: true });
    }
    let hit = UNIT.captures(folded)?;
    let n = hit.name("n")?;
    let title = hit[0].len();
    let rest = raw_from(sheet, cell, title);
    // "Điều 5 Nghị định số …" at the start of a wrapped line refers, it does not open.
    if hit["sign"].trim().is_empty() && !rest.is_empty() && !is_caps(rest) {
        return None;
    }
    let rank = match &hit["word"] {
        "phan" => 1,
        "chuong" => 2,
        "muc" => 3,
        "tieu muc" => 4,
        _ => 5,
    };
    Some(Marker { rank, number: ordinal(n.as_str()), label: n.end(), title, certain: true })
}

/// Numerals, letters and bullets.
fn plain_marker(sheet: &Sheet<'_>, cell: Cell) -> Option<Marker> {
    let (folded, raw) = (sheet.fold(cell), sheet.raw(cell));
    let first = raw.chars().next()?;
    let label_of = |expression: &Regex| Some(expression.captures(folded)?.name("n")?.end());
    let build = |rank, number, label: usize, certain| {
        let title = title_at(&folded[label..], label);
        Marker { rank, number, label, title, certain }
    };
    let shown = |marker: &Marker| raw_from(sheet, cell, marker.title);
    if let Some(label) = label_of(&NUMBERS) {
        let parts = folded[..label].split('.').count() as u8;
        let last = folded[..label].rsplit('.').next()?.parse().ok();
        return Some(build(NUMBERED + parts - 1, last, label, false)).filter(|marker| starts_title(shown(marker)));
    }
    if let Some(label) = label_of(&ROMAN) {
        let printed = sheet.folded.span(cell.from, cell.from + label).of(sheet.text);
        if printed.contains(['I', 'V', 'X']) && !printed.contains(['i', 'v', 'x']) {
            let mut marker = build(ROMANS, ordinal(&folded[..label]), label, false);
            marker.certain = is_caps(shown(&marker));
            return Some(marker).filter(|marker| starts_title(shown(marker)));
        }
    }
    if first.is_ascii_uppercase() {
        let label = label_of(&CAPITAL)?;
        let number = u16::from(folded.as_bytes()[0] - b'a') + 1;
        return Some(build(CAPITALS, Some(number), label, false)).filter(|marker| is_caps(shown(marker)));
    }
    if let Some(label) = label_of(&NUMBER) {
        let marker = build(NUMBERED, folded[..label].parse().ok(), label, false);
        return Some(marker).filter(|marker| starts_title(shown(marker)));
    }
    if first.is_lowercase() {
        return Some(build(LETTERED, letter_number(first), label_of(&LETTER)?, false));
    }
    let label = label_of(&BULLET)?;
    let rank = if folded.starts_with('+') { PLUSSED } else { DASHED };
    Some(build(rank, None, label, true))
}

/// Skips the sign after a label, and blanks.
fn title_at(rest: &str, at: usize) -> usize {
    at + rest.len() - rest.trim_start_matches([' ', '.', ')', '/', '-', ':', '*']).len()
}

/// The cell as printed from a folded offset on.
fn raw_from<'a>(sheet: &Sheet<'a>, cell: Cell, from: usize) -> &'a str {
    sheet.text.get(sheet.folded.span((cell.from + from).min(cell.to), cell.to).range()).unwrap_or_default()
}

fn starts_title(raw: &str) -> bool {
    raw.starts_with(|c: char| c.is_uppercase() || matches!(c, '"' | '“' | '(' | '«' | '‘'))
}

/// Whether a marker can stand here: its number follows the one before, or what stands above has
/// ended.
fn fits(sheet: &Sheet<'_>, line: usize, cell: Cell, marker: &Marker, stack: &[(u8, Option<u16>)]) -> bool {
    if marker.certain {
        return true;
    }
    let Some(number) = marker.number else { return true };
    let before = stack.iter().rev().find(|(rank, _)| *rank == marker.rank).and_then(|(_, number)| *number);
    let follows = match before {
        Some(before) => number == before + 1 || (number == before && marker.rank == LETTERED),
        None => number == 1,
    };
    if follows {
        return true;
    }
    let above = (0..line).next_back().filter(|line| !sheet.is_empty(*line));
    let ended = above.is_none_or(|line| {
        sheet.line(line).last().is_some_and(|cell| {
            let folded = sheet.fold(*cell);
            folded.ends_with(['.', ';', ':', '/', '"', ')']) || sheet.caps(*cell)
        })
    });
    let near = match before {
        // Letters are lost and misread more easily than figures.
        Some(before) => number == 1 || (number > before && (number <= before + 3 || marker.rank == LETTERED)),
        None => number <= 3,
    };
    // "15. 11" and "b) " of a quotation: only what is near, after an ended line.
    ended && (near || marker.rank == ROMANS && sheet.caps(cell))
}

/// The title that begins on `line`, and the first line after it.
fn read_title(
    sheet: &Sheet<'_>,
    line: usize,
    cell: Cell,
    marker: &Marker,
    within: &Range<usize>,
    width: usize,
) -> (Span, usize) {
    let mut from = cell.from + marker.title;
    let mut to = cell.to;
    let mut last = line;
    if from >= to {
        // The number alone: the title stands below, or in the next column.
        if let Some(next) = sheet.line(line).get(1) {
            (from, to) = (next.from, next.to);
        } else if let Some(next) = (line + 1..within.end.min(line + 4)).find(|next| !sheet.is_empty(*next)) {
            let cells = sheet.line(next);
            let titled = cells.first().filter(|first| sheet.caps(**first) || marker.rank <= 5);
            match titled {
                Some(first)
                    if self::marker(sheet, *first).is_none() && cells.len() == 1 && first.to - first.from < 220 =>
                {
                    (from, to) = (first.from, first.to);
                    last = next;
                }
                _ => return (sheet.span(cell), line + 1),
            }
        } else {
            return (sheet.span(cell), line + 1);
        }
    }
    let caps = is_caps(sheet.folded.span(from, to).of(sheet.text));
    while last + 1 < within.end && last - line < TITLE_LINES {
        let Some(next) = sheet.line(last + 1).first().copied().filter(|_| !sheet.is_empty(last + 1)) else { break };
        let shown = sheet.folded.text()[from..to].trim_end();
        if shown.ends_with(['.', ';', ':']) || self::marker(sheet, next).is_some() {
            break;
        }
        let raw = sheet.raw(next);
        let joined = if caps && marker.rank <= ROMANS {
            is_caps(raw) && sheet.line(last + 1).len() == 1
        } else {
            let length = sheet.line(last).last().map_or(0, |cell| cell.to)
                - sheet.line(last).first().map_or(0, |cell| cell.from);
            raw.starts_with(char::is_lowercase) || unfinished(shown) || (width < UNWRAPPED && length * 10 >= width * 8)
        };
        if !joined {
            break;
        }
        to = sheet.line(last + 1).last().map_or(next.to, |cell| cell.to);
        last += 1;
    }
    (sheet.folded.span(from, to), last + 1)
}

/// Whether a folded line ends in the middle of a phrase.
fn unfinished(line: &str) -> bool {
    const LINKS: [&str; 20] = [
        "cua", "va", "tu", "ve", "so", "cac", "den", "do", "cho", "voi", "theo", "tai", "trong", "ngay", "thang",
        "nam", "la", "duoc", "de", "hoac",
    ];
    line.ends_with(['-', ',']) || line.rsplit(' ').next().is_some_and(|word| LINKS.contains(&word))
}

/// The length that nine lines in ten stay under, in characters.
fn line_width(sheet: &Sheet<'_>, within: &Range<usize>) -> usize {
    let mut lengths: Vec<usize> = within
        .clone()
        .filter_map(|line| Some(sheet.line(line).last()?.to - sheet.line(line).first()?.from))
        .filter(|length| *length > 20)
        .collect();
    if lengths.is_empty() {
        return usize::MAX;
    }
    let place = (lengths.len() * 9 / 10).min(lengths.len() - 1);
    *lengths.select_nth_unstable(place).1
}

/// The value of a numeral: Arabic, Roman with misread strokes (`i1` is II), `thu nhat`, or a letter.
fn ordinal(numeral: &str) -> Option<u16> {
    let digits = numeral.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && !numeral.contains(['i', 'v', 'x', 'l'])
    {
        return digits.parse().ok();
    }
    if let Some(word) = numeral.strip_prefix("thu") {
        let words = ["nhat", "hai", "ba", "tu", "nam", "sau", "bay", "tam", "chin", "muoi"];
        return words.iter().position(|known| *known == word.trim()).map(|at| at as u16 + 1);
    }
    let values: Vec<u16> = numeral
        .chars()
        .map(|c| match c {
            'i' | '1' | 'l' => Some(1),
            'v' => Some(5),
            'x' => Some(10),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let mut total = 0;
    for (index, value) in values.iter().enumerate() {
        if values.get(index + 1).is_some_and(|next| next > value) {
            total -= i32::from(*value);
        } else {
            total += i32::from(*value);
        }
    }
    u16::try_from(total).ok().filter(|total| *total > 0)
}

/// The place of a letter in the order of points (điểm): a b c d đ e g h i k l m n o p q r s t u v x y.
fn letter_number(letter: char) -> Option<u16> {
    "abcdđeghiklmnopqrstuvxy".chars().position(|known| known == letter).map(|at| at as u16 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Vec<(u8, String, String)> {
        let sheet = Sheet::new(text);
        let lines = sheet.lines.len();
        read_outline(&sheet, 0..lines, &(0..0))
            .into_iter()
            .map(|section| (section.depth, section.label, section.title.value))
            .collect()
    }

    fn labels(text: &str) -> Vec<String> {
        outline(text).into_iter().map(|(depth, label, _)| format!("{depth}{label}")).collect()
    }

    #[test]
    fn reads_both_patterns() {
        let plan = "I. MỤC ĐÍCH, YÊU CẦU\n1. Mục đích\nNâng cao.\n2. Yêu cầu\na) Kịp thời;\nđ) Đủ.\n- Một là\n+ Hai là\nI1. NỘI DUNG\n3.Đẩy mạnh";
        assert_eq!(labels(plan), ["0I", "11", "12", "2a", "2đ", "3-", "4+", "0I1", "13"].map(str::to_owned));
        let law = "Chương I\nQUY ĐỊNH CHUNG\nĐiều 1. Phạm vi\n1. Luật này quy định.\n2. Không áp dụng với:\na) Một;\nĐiều 2\nChương II\nTHI HÀNH";
        assert_eq!(labels(law), ["0Chương I", "1Điều 1", "21", "22", "3a", "1Điều 2", "0Chương II"].map(str::to_owned));
        assert_eq!(outline(law)[0].2, "QUY ĐỊNH CHUNG");
    }

    #[test]
    fn is_not_fooled() {
        for text in [
            "theo quy định tại\nĐiều 5 Nghị định số 30/2020/NĐ-CP",
            "kinh phí là\n1.500 triệu đồng",
            "họp vào ngày\n15/11/2023",
            "đến năm\n2030. Mục tiêu",
            "tại khoản\n7. Điều này",
            "Phụ lục kèm theo Kế hoạch này",
        ] {
            assert_eq!(outline(text), [], "{text}");
        }
    }

    #[test]
    fn wrapped_titles_are_joined() {
        let text = "1. Tổ chức Lễ trao giấy chứng nhận thành viên của Mạng lưới thành phố học tập\ntoàn cầu của UNESCO\n2. Mục đích\nKiểm tra kỹ thuật";
        let found = outline(text);
        assert!(found[0].2.ends_with("toàn cầu của UNESCO"));
        assert_eq!(found[1].2, "Mục đích");
    }

    #[test]
    fn spans_nest() {
        let text = "I. MỘT\n1. Hai\nba\nII. BỐN\nnăm";
        let sheet = Sheet::new(text);
        let found = read_outline(&sheet, 0..5, &(0..0));
        assert_eq!(found[0].span.of(text), "I. MỘT\n1. Hai\nba\n");
        assert_eq!(found[1].span.of(text), "1. Hai\nba\n");
        assert_eq!(found[2].span.of(text), "II. BỐN\nnăm");
    }
}
