//! The distribution list (nơi nhận), entry by entry.
//!
//! Turns the left column of a foot into entries without bullets and closing signs; the archive line
//! ("Lưu: VT, …") is the last. The signer's column, which flattening leaves between the entries, is
//! known by then and stepped over. Knows bullets and line ends, not who may receive a document.

use super::found::Found;
use super::names::begins_with;
use super::sheet::{Sheet, is_caps, is_rule, one_line};
use super::signature::{Foot, LIST};
use crate::text::Span;

/// The entries of the list in `foot`.
pub(crate) fn read_recipients(sheet: &Sheet<'_>, foot: &Foot) -> Vec<Found<String>> {
    let Some(list) = foot.list else { return Vec::new() };
    let mut entries = Entries { sheet, found: Vec::new(), open: None };
    let cell = sheet.cells[list];
    let inline = LIST.find(sheet.fold(cell)).map_or(cell.to, |found| cell.from + found.end());
    if inline < cell.to {
        let rest = &sheet.folded.text()[inline..cell.to];
        // One stray sign is dirt from the scan.
        if rest.bytes().filter(u8::is_ascii_alphanumeric).count() > 1 {
            let mut from = inline;
            for part in rest.split_inclusive(';') {
                entries.start(from, from + part.len());
                from += part.len();
            }
        }
    }
    let end = sheet.lines.get(foot.lines.end.saturating_sub(1)).map_or(sheet.cells.len(), |cells| cells.end);
    let bulleted = (list + 1..end).any(|index| bullet(sheet.raw(sheet.cells[index])));
    let mut line = cell.line;
    for index in list + 1..end {
        let cell = sheet.cells[index];
        if foot.signing.contains(&index) {
            continue;
        }
        let folded = sheet.fold(cell);
        let raw = sheet.raw(cell);
        // The next label of a form: "NỘI DUNG:".
        if !bullet(raw) && raw.split_once(':').is_some_and(|(label, _)| is_caps(label) && label.chars().count() > 4) {
            break;
        }
        let archived = entries.archived();
        let gap = (line + 1..cell.line).filter(|between| sheet.lines[*between].is_empty()).count();
        let starts = bullet(raw) || (!bulleted && folded.ends_with([';', '.'])) || begins_with(folded, "luu");
        if archived && (entries.closed() || gap > 0 || starts) {
            break;
        }
        if is_rule(folded) || folded.starts_with("(da ky") {
            continue;
        }
        if starts {
            entries.start(cell.from, cell.to);
        } else if entries.found.is_empty() && entries.open.is_none() {
            // Dirt between the word and the list.
            if cell.line > sheet.cells[list].line + 3 {
                break;
            }
            continue;
        } else if gap == 0 && !entries.closed() && cell.line <= line + 1 {
            entries.extend(cell.to);
        } else if gap > 1 || (gap > 0 && folded.len() > 80) {
            break;
        } else {
            continue;
        }
        line = cell.line;
    }
    entries.finish()
}

fn bullet(raw: &str) -> bool {
    let mut chars = raw.chars();
    matches!(chars.next(), Some('-' | '–' | '—' | '+' | '•' | '*' | '·' | '▪' | '●'))
        && raw.chars().any(char::is_alphabetic)
}

struct Entries<'s, 'a> {
    sheet: &'s Sheet<'a>,
    found: Vec<Found<String>>,
    /// Parts of the entry that is being read, in the folded text.
    open: Option<Vec<(usize, usize)>>,
}

impl Entries<'_, '_> {
    fn start(&mut self, from: usize, to: usize) {
        self.close();
        self.open = Some(vec![(from, to)]);
    }

    fn extend(&mut self, to: usize) {
        let Some(parts) = &mut self.open else { return };
        // The continuation's own cell, not what lies between the columns.
        let from = self.sheet.cells.iter().find(|cell| cell.to == to).map_or(to, |cell| cell.from);
        parts.push((from, to));
    }

    /// Whether the entry that is being read has its closing sign.
    fn closed(&self) -> bool {
        let Some((_, to)) = self.open.as_ref().and_then(|parts| parts.last()) else { return true };
        self.sheet.folded.text()[..*to].trim_end().ends_with([';', '.'])
    }

    /// Whether it is the archive line.
    fn archived(&self) -> bool {
        self.open.as_ref().and_then(|parts| parts.first()).is_some_and(|(from, to)| {
            let part = self.sheet.folded.text()[*from..*to].trim_start_matches(['-', '*', '+', '.', '~', ' ']);
            begins_with(part, "luu") || part.starts_with("luu:")
        })
    }

    fn close(&mut self) {
        let Some(parts) = self.open.take() else { return };
        let text: Vec<&str> =
            parts.iter().map(|(from, to)| self.sheet.folded.span(*from, *to).of(self.sheet.text)).collect();
        let line = one_line(&text.join(" "));
        let value = line
            .trim_start_matches(['-', '–', '—', '+', '•', '*', '·', '▪', '●', ' '])
            .trim_end_matches([';', '.', ',', ' ']);
        let span = parts.iter().map(|(from, to)| self.sheet.folded.span(*from, *to)).reduce(Span::cover);
        if let Some(span) = span.filter(|_| value.chars().any(char::is_alphabetic)) {
            self.found.push(Found::new(value.to_owned(), span, "recipients.entry", 0.92));
        }
    }

    fn finish(mut self) -> Vec<Found<String>> {
        self.close();
        self.found
    }
}
