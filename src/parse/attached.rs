//! What a file holds after its first document: annexes, attached instruments, further documents.
//!
//! Turns the lines behind the signature into parts with a head of their own: `PHỤ LỤC I` with its
//! title, a "QUY CHẾ … (Ban hành kèm theo Quyết định số …)", or a second document with letterhead,
//! number and type, as in a scanned folder. A motto without number and type is a form's. Each part
//! reaches to the next one; nothing is read twice.

use std::sync::LazyLock;

use regex::Regex;

use super::found::{Attached, AttachedKind, Found, Header};
use super::header::read_header;
use super::names::begins_with;
use super::sheet::{Sheet, folded_expression, is_caps, one_line};
use crate::facts::Facts;
use crate::text::Span;

/// Most lines of a title, and lines within which "(kèm theo …)" follows a type.
const TITLE: usize = 6;
const NEAR: usize = 10;
/// A file with more parts is a table that looks like them.
const MOST: usize = 500;

static ANNEX: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(r"^phu luc(?:\s+(?:so\s*)?(?:[ivxl]{1,7}|[0-9]{1,3}|[a-z])(?:[.-][0-9]{1,2})?)?\s*[:.]?$")
});
static CARRIED: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^[(\[*_]*\s*(?:ban hanh\s+)?kem theo\b"));
static MOTTO: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"doc lap\s*[-~_.]*\s*tu do\s*[-~_.]*\s*hanh ph[uo]c"));

/// The parts on the lines `from` to `end` of the sheet.
pub(crate) fn find_attached(sheet: &Sheet<'_>, from: usize, end: usize, facts: &Facts) -> Vec<Attached> {
    let end = end.min(sheet.lines.len());
    let mut starts: Vec<(usize, AttachedKind)> = Vec::new();
    for line in from..end {
        let Some(cell) = sheet.line(line).first().copied() else { continue };
        let folded = sheet.fold(cell).trim_end_matches(['*', '_', ' ']);
        if sheet.line(line).iter().any(|cell| cell.to - cell.from < 200 && MOTTO.is_match(sheet.fold(*cell))) {
            let top = top_of(sheet, line, starts.last().map_or(from, |(line, _)| line + 1));
            starts.push((top, AttachedKind::Document));
        } else if cell.to - cell.from < 60 && ANNEX.is_match(folded) && sheet.raw(cell).starts_with('P') {
            starts.push((line, AttachedKind::Annex));
        } else if sheet.caps(cell)
            && facts.kinds.iter().any(|kind| kind.folded == folded)
            && carried(sheet, line + 1, end).is_some()
        {
            starts.push((line, AttachedKind::Instrument));
        }
        if starts.len() > MOST {
            return Vec::new();
        }
    }
    let mut found: Vec<Attached> = Vec::new();
    for (index, (line, kind)) in starts.iter().enumerate() {
        let next = starts.get(index + 1).map_or(end, |(next, _)| *next);
        let Some(span) = lines_span(sheet, *line, next) else { continue };
        let read = match kind {
            AttachedKind::Document => document(sheet, span, facts),
            _ => titled(sheet, *line, next, *kind, span, facts),
        };
        match read {
            Some(part) => found.push(part),
            // A form belongs to the part before it.
            None => {
                if let Some(last) = found.last_mut() {
                    last.span = last.span.cover(span);
                }
            }
        }
    }
    found
}

/// The first line of the letterhead whose motto stands on `line`.
fn top_of(sheet: &Sheet<'_>, line: usize, floor: usize) -> usize {
    let mut top = line;
    for above in (floor..line).rev().take(8) {
        let cells = sheet.line(above);
        if sheet.is_empty(above) && !cells.is_empty() {
            continue;
        }
        if cells.is_empty() || !cells.iter().all(|cell| sheet.caps(*cell) || super::sheet::is_rule(sheet.fold(*cell))) {
            break;
        }
        top = above;
    }
    top
}

/// The line on which "(Kèm theo …)" stands within a few lines.
fn carried(sheet: &Sheet<'_>, from: usize, end: usize) -> Option<usize> {
    (from..end)
        .filter(|line| !sheet.is_empty(*line))
        .take(NEAR)
        .find(|line| sheet.line(*line).first().is_some_and(|cell| CARRIED.is_match(sheet.fold(*cell))))
}

fn lines_span(sheet: &Sheet<'_>, from: usize, end: usize) -> Option<Span> {
    let first = sheet.lines.get(from..end)?.iter().find(|cells| !cells.is_empty())?.start;
    let last = sheet.lines.get(from..end)?.iter().rev().find(|cells| !cells.is_empty())?.end;
    Some(sheet.span(sheet.cells[first]).cover(sheet.span(sheet.cells[last - 1])))
}

/// A further document, if its letterhead gives a type and a number or a symbol.
fn document(sheet: &Sheet<'_>, span: Span, facts: &Facts) -> Option<Attached> {
    let mut header = read_header(span.of(sheet.text), facts).header;
    if header.kind.is_none() || header.symbol.is_none() {
        return None;
    }
    header.move_by(span.start());
    Some(Attached { kind: AttachedKind::Document, label: None, header, span })
}

/// An annex or an instrument: its label or type, and the title under it.
fn titled(
    sheet: &Sheet<'_>,
    line: usize,
    end: usize,
    kind: AttachedKind,
    span: Span,
    facts: &Facts,
) -> Option<Attached> {
    let cell = *sheet.line(line).first()?;
    let mut part = Attached { kind, label: None, header: Header::default(), span };
    if kind == AttachedKind::Annex {
        let label = one_line(sheet.raw(cell).trim_end_matches([':', '.', '*', ' ']));
        part.label = Some(Found::new(label, sheet.span(cell), "attached.annex", 0.92));
    } else {
        let folded = sheet.fold(cell).trim_end_matches(['*', '_', ' ']);
        let known = facts.kinds.iter().find(|kind| kind.folded == folded)?;
        part.header.kind = Some(Found::new(known.name.clone(), sheet.span(cell), "attached.type", 0.92));
    }
    let mut lines: Vec<Span> = Vec::new();
    for next in line + 1..end.min(line + 2 * NEAR) {
        if sheet.is_empty(next) {
            if lines.is_empty() {
                continue;
            }
            break;
        }
        let (first, last) = (sheet.line(next).first()?, sheet.line(next).last()?);
        let folded = sheet.fold(*first);
        let table = sheet.line(next).len() > 2 || begins_with(folded, "stt") || begins_with(folded, "tt");
        let text = sheet.span(*first).cover(sheet.span(*last));
        let caps = is_caps(text.of(sheet.text));
        let turns = lines.first().is_some_and(|known| is_caps(known.of(sheet.text)) != caps);
        let opens = ["dieu ", "chuong ", "phan ", "i. ", "1. ", "can cu "].iter().any(|word| folded.starts_with(word));
        if table || opens || turns || CARRIED.is_match(folded) || lines.len() >= TITLE || text.len() > 400 {
            break;
        }
        lines.push(text);
    }
    if let Some(whole) = lines.iter().copied().reduce(Span::cover) {
        let title = one_line(whole.of(sheet.text));
        let title = title.trim_matches(['*', '_', ' ', '(', ')']).to_owned();
        if title.chars().any(char::is_alphabetic) {
            part.header.subject = Some(Found::new(title, whole, "attached.title", 0.85));
        }
    }
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let text = "PHỤ LỤC I\nDANH MỤC NHIỆM VỤ\n(Kèm theo Kế hoạch số 1/KH-UBND)\nSTT | Nhiệm vụ\n\n\
            QUY CHẾ\nLàm việc của Tổ\n(Ban hành kèm theo Quyết định số 2/QĐ-UBND)\nĐiều 1. Phạm vi\n\n\
            CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nĐƠN ĐỀ NGHỊ\nKính gửi: …\n\n\
            UBND XÃ A\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\
            Số: 5/BC-UBND\nA, ngày 01 tháng 02 năm 2024\nBÁO CÁO\nKết quả quý I\n\nNội dung.";
        let sheet = Sheet::new(text);
        let parts = find_attached(&sheet, 0, sheet.lines.len(), Facts::builtin());
        let shown: Vec<String> = parts
            .iter()
            .map(|part| {
                let text =
                    |found: &Option<Found<String>>| found.as_ref().map_or("-".into(), |found| found.value.clone());
                let key = part.header.key.as_ref().map_or("-".into(), |key| key.value.to_string());
                format!("{} {} {} {key}", text(&part.label), text(&part.header.kind), text(&part.header.subject))
            })
            .collect();
        assert_eq!(
            shown,
            ["PHỤ LỤC I - DANH MỤC NHIỆM VỤ -", "- Quy chế Làm việc của Tổ -", "- Báo cáo Kết quả quý I 5/BC-UBND"]
        );
        assert!(parts[1].span.of(text).contains("ĐƠN ĐỀ NGHỊ"), "a form is no document");
        assert_eq!(parts[2].header.number.as_ref().map(|number| number.span.of(text)), Some("5"));
    }
}
