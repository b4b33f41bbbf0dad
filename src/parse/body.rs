//! Where in a text the document itself stands.
//!
//! Turns a text into the span from the first line of the letterhead to the end of the document:
//! the signature and the list, or the last annex where annexes follow. What a portal put around it
//! is left out; but nothing is cut unless something shows that there is a portal, since losing a
//! page of a document is worse than keeping a line of a menu.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::letterhead::Letterhead;
use super::portal::is_chrome;
use super::sheet::{Sheet, folded_expression};
use crate::facts::Facts;
use crate::text::Span;

/// How many lines after the foot an annex announces itself.
const NEAR: usize = 16;

static ANNEX: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(
        r"^(?:phu luc\b|\(?(?:ban hanh )?kem theo|mau so\b|bieu (?:so|mau)\b|danh (?:sach|muc)\b|cong hoa xa hoi chu nghia|doc lap - tu do|\[[0-9]{1,3}\]|ghi chu\b|stt\b|tt\b|chuong i\b|dieu 1\b)",
    )
});

/// The document's own part. `foot`: the line of the last cell of signature and list, if there is one.
pub(crate) fn find_body(
    sheet: &Sheet<'_>,
    head: &Letterhead,
    foot: Option<usize>,
    labelled: bool,
    facts: &Facts,
) -> Span {
    let first = first_line(sheet, head);
    let last = last_line(sheet, head, foot, labelled, facts);
    let cells: Vec<_> = (first..=last).flat_map(|line| sheet.line(line)).collect();
    match (cells.first(), cells.last()) {
        (Some(from), Some(to)) => {
            // From the very start of its line: a bullet or an indent belongs to it.
            Span::at(sheet.span(**from).start(), sheet.span(**to).end())
        }
        _ => Span::at(0, sheet.text.len()),
    }
}

fn first_line(sheet: &Sheet<'_>, head: &Letterhead) -> usize {
    if !head.anchored {
        return 0;
    }
    // Reading order may put the letterhead after the text of its page.
    let prose = (0..head.lines.start)
        .filter(|line| {
            sheet.line(*line).first().is_some_and(|cell| {
                let folded = sheet.fold(*cell);
                folded.starts_with("can cu ") || folded.starts_with("thuc hien ") || folded.starts_with("dieu 1")
            })
        })
        .count();
    if prose > 0 { 0 } else { head.lines.start }
}

fn last_line(sheet: &Sheet<'_>, head: &Letterhead, foot: Option<usize>, labelled: bool, facts: &Facts) -> usize {
    let end = (0..sheet.lines.len()).rev().find(|line| !sheet.is_empty(*line)).unwrap_or(0);
    let Some(foot) = foot.filter(|foot| *foot < end) else {
        return end;
    };
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut chrome = Vec::new();
    let (mut filled, mut phrases) = (0, 0);
    for line in foot + 1..=end {
        let Some(cell) = sheet.line(line).first() else { continue };
        let folded = sheet.fold(*cell);
        let times = seen.entry(folded).or_default();
        *times += 1;
        let named = is_chrome(sheet, line, facts);
        // Cells of a flattened table repeat too: a repetition counts only beside the site's own words.
        if named || *times >= 3 && folded.len() > 24 && !chrome.is_empty() {
            chrome.push((line, filled));
        }
        phrases += usize::from(named);
        filled += 1;
    }
    let menu = head.anchored && (0..head.lines.start).any(|line| is_chrome(sheet, line, facts));
    if !(phrases >= 3 || menu || labelled && head.anchored) {
        return end;
    }
    // From the first of the site's lines after which they lie thick, or nearly nothing follows.
    let site = chrome.iter().enumerate().find(|(index, (_, before))| {
        let rest = filled - before;
        rest <= 12 || (chrome.len() - index) * 8 >= rest
    });
    let site = site.map(|(_, (line, _))| *line);
    let annex = (foot + 1..site.unwrap_or(end + 1))
        .filter(|line| !sheet.is_empty(*line))
        .take(NEAR)
        .any(|line| sheet.line(line).iter().any(|cell| ANNEX.is_match(sheet.fold(*cell))));
    match (annex, site) {
        (false, _) => foot,
        (true, Some(site)) => (foot..site).rev().find(|line| !sheet.is_empty(*line)).unwrap_or(foot),
        (true, None) => end,
    }
}
