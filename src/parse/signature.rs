//! The foot: by what right, in what post, and by whom a document is signed.
//!
//! Finds the signature block, however its column was mixed with the distribution list, and reads
//! authority, post and name (Nghị định 30/2020/NĐ-CP, Phụ lục I, II.7). The block is found by its
//! posts in capitals; the name is the first line after the last of them that a person's name could
//! be. Knows posts from a table, names from their shape only.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::date::expression;
use super::found::{Found, Signer};
use super::names::begins_with;
use super::names::{head_of, person_name, position_name, post_of};
use super::sheet::{Cell, Sheet, is_caps, is_rule};
use crate::facts::Facts;

/// How far the block reaches below its first line, and from "Nơi nhận" up.
const BELOW: usize = 48;
const ABOVE: usize = 8;

/// The foot of a document.
#[derive(Debug, Default)]
pub(crate) struct Foot {
    /// Who signed.
    pub(crate) signer: Option<Signer>,
    /// The cell of "Nơi nhận".
    pub(crate) list: Option<usize>,
    /// Cells that belong to the signature.
    pub(crate) signing: Vec<usize>,
    /// Lines that may hold it.
    pub(crate) lines: Range<usize>,
}

/// "Nơi nhận", also damaged.
pub(crate) static LIST: LazyLock<Regex> =
    LazyLock::new(|| expression(r"^[*_#\s-]*(?:noi nh[a-z]{1,2}n|n[a-z]i nhan)\s*(?:[:;.,~*/'_]|$)"));

/// Authority and what follows, in the printed text.
static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?:^|[\s;:.,)])((?:TM|T/M|KT|K/T|TL|T/L|TUQ|Q)\s?[./]\s?,?\s?(?:KT\s?\.\s?)?|(?:TM|KT|TL|TUQ|T/M|K/T|T/L)\s)\p{Lu}{2}",
    )
});

/// A post run into the end of an entry of the list: "- Như trên; PHÓ GIÁM ĐỐC".
static TAIL: LazyLock<Regex> = LazyLock::new(|| expression(r"[;.)]\s+(\p{Lu}{2,}(?:[ ,]+\p{Lu}{2,}){0,5})\s*$"));

/// A name run into it.
static NAME_TAIL: LazyLock<Regex> = LazyLock::new(|| expression(r"[;.)]\s+(\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+){1,4})\s*$"));

/// With what the foot has surely ended.
static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"^(?:phu luc\b|\(?(?:ban hanh )?kem theo|cong hoa xa hoi chu nghia|mau so\b|dang ky tai|van ban nay chua)",
    )
});

/// Reads the foot of the document whose text begins on line `start`. Cells into which the columns
/// of the foot were run together are parted.
pub(crate) fn read_foot(sheet: &mut Sheet<'_>, start: usize, facts: &Facts) -> Foot {
    let first = sheet.cells.partition_point(|cell| cell.line < start);
    let list = (first..sheet.cells.len()).find(|index| is_list_word(sheet, sheet.cells[*index]));
    let mut foot = Foot { list, ..Foot::default() };
    if let Some(index) = list {
        let line = sheet.cells[index].line;
        foot.lines = block_lines(sheet, line.saturating_sub(ABOVE).max(start), line, BELOW);
        part_columns(sheet, foot.lines.clone(), facts);
        foot.list = (first..sheet.cells.len()).find(|index| is_list_word(sheet, sheet.cells[*index]));
        let lines = foot.lines.clone();
        if read_signing(sheet, lines, facts, &mut foot) {
            return foot;
        }
        let kept = foot.lines.clone();
        foot.lines = kept;
    }
    // Without a list, or with the signature far from it: the first posts that a name follows.
    let mut at = first;
    while at < sheet.cells.len() {
        let cell = sheet.cells[at];
        let folded = sheet.fold(cell);
        let opens = folded.len() < 160
            && (AUTHORITY.is_match(sheet.raw(cell)) && sheet.caps(cell) || is_post(sheet, cell, facts).is_some());
        if opens {
            let lines = block_lines(sheet, cell.line, cell.line, 14);
            part_columns(sheet, lines.clone(), facts);
            if read_signing(sheet, lines.clone(), facts, &mut foot) {
                if foot.list.is_none() {
                    foot.lines = lines;
                } else {
                    foot.lines = foot.lines.start.min(lines.start)..foot.lines.end.max(lines.end);
                }
                return foot;
            }
        }
        at += 1;
    }
    foot
}

fn is_list_word(sheet: &Sheet<'_>, cell: Cell) -> bool {
    let folded = sheet.fold(cell);
    let Some(found) = LIST.find(folded) else { return false };
    // Without a colon only alone, or before capitals.
    let rest = folded[found.end()..].trim_start();
    found.as_str().contains([':', ';', ',', '.', '~', '*', '/']) || rest.is_empty()
}

/// The lines from `from` to `below` lines under `line`, ended early by what never stands in a foot.
fn block_lines(sheet: &Sheet<'_>, from: usize, line: usize, below: usize) -> Range<usize> {
    let mut seen = 0;
    for next in line + 1..sheet.lines.len() {
        if sheet.is_empty(next) {
            continue;
        }
        seen += 1;
        let ends = sheet.line(next).iter().any(|cell| AFTER.is_match(sheet.fold(*cell)));
        if seen > below || ends {
            return from..next;
        }
    }
    from..sheet.lines.len()
}

/// Parts cells in which the signer's column runs on from the list's.
fn part_columns(sheet: &mut Sheet<'_>, lines: Range<usize>, facts: &Facts) {
    for line in lines {
        let mut index = sheet.lines[line].start;
        while index < sheet.lines[line].end {
            let cell = sheet.cells[index];
            let raw = sheet.raw(cell);
            if raw.len() < 400 && authority_of(raw).is_none() {
                let base = sheet.span(cell).start();
                let authority =
                    AUTHORITY.captures(raw).and_then(|found| found.get(1)).filter(|found| found.start() > 0);
                let tail = || {
                    let found = TAIL.captures(raw)?.get(1)?;
                    post_of(found.as_str(), facts).map(|_| found)
                };
                let name = || {
                    let found = NAME_TAIL.captures(raw)?.get(1)?;
                    (raw.starts_with(['-', '+', '•', '*']) && is_name(found.as_str(), facts)).then_some(found)
                };
                if let Some(found) = authority.or_else(tail).or_else(name) {
                    let from = sheet.folded.place(base + found.start());
                    let keep = cell.from < from && !is_rule(&sheet.folded.text()[cell.from..from]);
                    if keep {
                        sheet.part(index, from, cell.to);
                    }
                }
            }
            index += 1;
        }
    }
}

/// Reads authority, post and name among the cells of `lines`. False where no name follows a post.
fn read_signing(sheet: &Sheet<'_>, lines: Range<usize>, facts: &Facts, foot: &mut Foot) -> bool {
    let cells = match (sheet.lines.get(lines.start), sheet.lines.get(lines.end.saturating_sub(1))) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => return false,
    };
    let mut codes: Vec<(String, usize)> = Vec::new();
    let mut under: Option<(usize, usize)> = None;
    let mut post: Option<usize> = None;
    let mut signing = Vec::new();
    let mut open_line = None;
    for index in cells.clone() {
        let cell = sheet.cells[index];
        let raw = sheet.raw(cell);
        let folded = sheet.fold(cell);
        if is_rule(folded) || folded.starts_with("(da ky") || folded.starts_with("(ky") || folded == "da ky" {
            continue;
        }
        if let Some((code, length)) = authority_of(raw) {
            codes.push((code, index));
            under = Some((index, length));
            signing.push(index);
            open_line = Some(cell.line);
            continue;
        }
        if !raw.starts_with(['-', '+', '•', '*', '–']) && is_post(sheet, cell, facts).is_some() {
            // A post before any authority may close an earlier sentence; the last run counts.
            post = Some(index);
            signing.push(index);
            open_line = None;
            continue;
        }
        // The wrapped rest of "TM. ỦY BAN / NHÂN DÂN".
        if open_line.is_some_and(|line| cell.line <= line + 2)
            && is_caps(raw)
            && folded.split(' ').count() <= 4
            && follows_post(sheet, index, cells.end, facts)
        {
            signing.push(index);
            continue;
        }
        if (post.is_some() || under.is_some()) && is_name(raw, facts) && !follows_authority(sheet, index, cells.end) {
            let mut signer = Signer::default();
            let (_, name) = without_title(raw, facts);
            signer.name = Some(Found::new(person_name(name), sheet.span(cell), "signature.name", 0.93));
            signer.position = match (post, under) {
                (Some(post), _) => {
                    let cell = sheet.cells[post];
                    Some(Found::new(position_name(sheet.raw(cell), facts), sheet.span(cell), "signature.post", 0.93))
                }
                (None, Some((index, skip))) => {
                    let cell = sheet.cells[index];
                    let span = sheet.span(cell);
                    let printed = sheet.raw(cell).get(skip..).unwrap_or_default();
                    let known = post_of(printed.trim(), facts).is_some();
                    let span = crate::text::Span::at(span.start() + skip, span.end());
                    known.then(|| Found::new(position_name(printed, facts), span, "signature.post_above", 0.8))
                }
                (None, None) => None,
            };
            let joined = codes.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>().join(",");
            let span = codes.iter().map(|(_, index)| sheet.span(sheet.cells[*index])).reduce(crate::text::Span::cover);
            signer.authority = span.map(|span| Found::new(joined, span, "signature.authority", 0.95));
            signing.push(index);
            foot.signer = Some(signer);
            foot.signing = signing;
            return true;
        }
        // Prose between a post and a name: the post was none.
        if folded.len() > 110 && !raw.starts_with(['-', '+', '•', '*']) {
            codes.clear();
            under = None;
            post = None;
            signing.clear();
        }
    }
    false
}

/// The authority with which a cell begins, as `TM.`, and how many bytes it takes.
fn authority_of(raw: &str) -> Option<(String, usize)> {
    let found = AUTHORITY.captures(raw)?.get(1)?;
    if found.start() > 0 {
        return None;
    }
    let letters: String = found.as_str().chars().filter(|c| c.is_alphabetic()).collect();
    let code = match letters.as_str() {
        "TMKT" => "TM.,KT.".to_owned(),
        code => format!("{code}."),
    };
    Some((code, found.end()))
}

/// The post that a whole cell is.
fn is_post(sheet: &Sheet<'_>, cell: Cell, facts: &Facts) -> Option<usize> {
    let folded = sheet.fold(cell).trim_end_matches([' ', '*', '.', ':', ',']);
    if folded.len() > 70 {
        return None;
    }
    let raw = sheet.raw(cell);
    let known = post_of(raw, facts)?;
    let rest = folded[known.folded.len()..].trim();
    let fits = if is_caps(raw) {
        !raw.ends_with(':')
    } else {
        // In small letters only the post alone is one: "Giám đốc".
        rest.is_empty() && raw.starts_with(char::is_uppercase) && !raw.ends_with([':', ';', ','])
    };
    fits.then_some(known.folded.len())
}

/// Whether an authority or a post follows within the next three cells.
fn follows_post(sheet: &Sheet<'_>, index: usize, end: usize, facts: &Facts) -> bool {
    (index + 1..end.min(index + 5)).any(|next| {
        let cell = sheet.cells[next];
        authority_of(sheet.raw(cell)).is_some() || is_post(sheet, cell, facts).is_some()
    })
}

fn follows_authority(sheet: &Sheet<'_>, index: usize, end: usize) -> bool {
    (index + 1..end.min(index + 4)).any(|next| authority_of(sheet.raw(sheet.cells[next])).is_some())
}

/// Whether a cell can be a person's name: two to six words, each with a capital, and neither a post
/// nor a body.
pub(crate) fn is_name(raw: &str, facts: &Facts) -> bool {
    let (_, name) = without_title(raw, facts);
    let words: Vec<&str> = name.split_whitespace().collect();
    if !(2..=6).contains(&words.len()) || name.chars().count() > 40 {
        return false;
    }
    let letters = words.iter().all(|word| {
        word.starts_with(char::is_uppercase)
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '&'))
            && word.chars().count() <= 9
    });
    let folded = crate::vi::fold::fold(name);
    letters
        // "Đoàn" is a family name too.
        && head_of(name, facts).is_none_or(|head| head == "doan")
        && post_of(name, facts).is_none_or(|post| !post.folded.contains(' '))
        && !facts.kinds.iter().any(|kind| begins_with(&folded, &kind.folded))
        && !facts.provinces.iter().any(|province| crate::vi::fold::fold(province) == folded)
        && !begins_with(&folded, "viet nam")
}

/// The titles before a name, and the name.
fn without_title<'t>(raw: &'t str, facts: &Facts) -> (&'t str, &'t str) {
    let mut name = raw.trim();
    loop {
        let folded = crate::vi::fold::fold(name);
        let title = facts.names.titles.iter().find(|title| {
            folded.strip_prefix(title.folded.as_str()).is_some_and(|rest| rest.starts_with(['.', ' ', ',']))
                && name.starts_with(title.text.chars().next().unwrap_or(' '))
        });
        // A title in capitals only ("BS", "TS"): "Bà" and "Ông" are words.
        let Some(title) = title else { break };
        let count = title.text.chars().count();
        let end = name.char_indices().nth(count).map_or(name.len(), |(at, _)| at);
        name = name[end..].trim_start_matches(['.', ',', ' ', '-']);
    }
    (&raw[..raw.len() - name.len().min(raw.len())], name)
}
