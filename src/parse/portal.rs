//! The data block that a web portal puts beside a text, and the portal's own lines.
//!
//! Turns labelled values ("Số hiệu: …  Loại văn bản: …") into a second source for the header, and
//! says which lines are a site's. No site is known by name: labels and phrases are tables
//! (`labels.tsv`, `chrome.tsv`). A value that says it is no value ("Đang cập nhật") is none.

use super::found::Found;
use super::names::begins_with;
use super::sheet::{Sheet, one_line};
use crate::facts::Facts;
use crate::text::Span;

/// Confidence of what only the block says.
pub(crate) const CONFIDENCE: f32 = 0.65;

/// One labelled value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Labelled {
    /// The field of `labels.tsv`.
    pub(crate) field: String,
    /// Its value, on one line.
    pub(crate) value: Found<String>,
    /// Its line.
    pub(crate) line: usize,
}

/// Every labelled value on the given lines. Empty unless two labels at least stand there: one may be
/// a sentence.
pub(crate) fn read_labels(sheet: &Sheet<'_>, lines: impl IntoIterator<Item = usize>, facts: &Facts) -> Vec<Labelled> {
    let mut found = Vec::new();
    let mut labels = 0;
    for line in lines {
        let cells = sheet.line(line);
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { continue };
        if last.to - first.from > 2_000 {
            continue;
        }
        let places = labels_on(&sheet.folded.text()[first.from..last.to], facts);
        labels += places.len();
        for (number, (_, end, field)) in places.iter().enumerate() {
            let from = first.from + end;
            let to = places.get(number + 1).map_or(last.to, |(next, ..)| first.from + next);
            let mut span = trim(sheet, from, to);
            if span.is_empty() && to == last.to {
                // The value on the next line.
                let next = sheet.line(line + 1);
                if let (Some(first), Some(last)) = (next.first(), next.last())
                    && labels_on(&sheet.folded.text()[first.from..last.to], facts).is_empty()
                {
                    span = trim(sheet, first.from, last.to);
                }
            }
            let value = one_line(span.of(sheet.text));
            if field == "other" || is_null(&value) {
                continue;
            }
            let value = Found::new(value, span, "portal.label", CONFIDENCE);
            found.push(Labelled { field: field.clone(), value, line });
        }
    }
    if labels < 2 { Vec::new() } else { found }
}

/// Start, end and field of each label on a folded line. A label is followed by a colon, or is a
/// column of its own.
fn labels_on(line: &str, facts: &Facts) -> Vec<(usize, usize, String)> {
    let mut places: Vec<(usize, usize, String)> = Vec::new();
    for (label, field) in &facts.labels {
        if !line.contains([':', '\t', '|']) {
            break;
        }
        for (at, _) in line.match_indices(label.as_str()) {
            let end = at + label.len();
            let rest = line[end..].trim_start_matches(' ');
            let before = line[..at].trim_end_matches(' ');
            let bounded = at == 0 || !line.as_bytes()[at - 1].is_ascii_alphanumeric();
            let sign = rest.starts_with(':')
                || (rest.starts_with(['\t', '|']) && (before.is_empty() || before.ends_with(['\t', '|'])));
            if !bounded || !sign || places.iter().any(|(from, to, _)| at < *to && *from < end) {
                continue;
            }
            let value = end + (line[end..].len() - rest.len()) + 1;
            places.push((at, value, field.clone()));
        }
    }
    places.sort_by_key(|(at, ..)| *at);
    places
}

fn trim(sheet: &Sheet<'_>, from: usize, to: usize) -> Span {
    if from >= to {
        return Span::default();
    }
    let part = &sheet.folded.text()[from..to];
    let blank = [' ', '\t', '|', '*'];
    let lead = part.len() - part.trim_start_matches(blank).len();
    let trail = part.len() - part.trim_end_matches(blank).len();
    if lead + trail >= part.len() {
        return Span::default();
    }
    sheet.folded.span(from + lead, to - trail)
}

/// Words that portals print where they have no value.
fn is_null(value: &str) -> bool {
    let folded = crate::vi::fold::fold(value);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    bare.is_empty()
        || ["dang cap nhat", "da biet", "khong xac dinh", "chua cap nhat", "chua biet", "khong co", "dang tai", "n/a"]
            .iter()
            .any(|null| begins_with(bare, null))
}

/// Whether a line looks like a site's: it is or holds a phrase of `chrome.tsv`. One such line proves
/// nothing, since documents speak of logging in too.
pub(crate) fn is_chrome(sheet: &Sheet<'_>, line: usize, facts: &Facts) -> bool {
    let cells = sheet.line(line);
    let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return false };
    let folded = &sheet.folded.text()[first.from..last.to];
    let bytes = folded.as_bytes();
    let bare = folded.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    folded.len() < 160
        && (facts.chrome_lines.iter().any(|line| line == bare)
            || facts.chrome.find_overlapping_iter(folded).any(|found| {
                (found.start() == 0 || !bytes[found.start() - 1].is_ascii_alphanumeric())
                    && bytes.get(found.end()).is_none_or(|byte| !byte.is_ascii_alphanumeric())
            }))
}
