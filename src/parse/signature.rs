//! The foot: by what right, in what post, and by whom a document is signed.
//!
//! Finds the signature block, however its column was mixed with the distribution list, and reads
//! authority, post and name (Nghị định 30/2020/NĐ-CP, Phụ lục I, II.7). The block is found by its
//! posts in capitals; the name is the first line after the last of them that a person's name could
//! be. Knows posts from a table, names from their shape only.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::found::{Found, Signer};
use super::names::begins_with;
use super::names::{head_of, person_name, position_name, post_of};
use super::sheet::{Cell, Sheet, folded_expression, is_caps, is_rule};
use crate::facts::Facts;
use crate::text::Span;

/// How far the block reaches below its first line, and from "Nơi nhận" up.
const BELOW: usize = 48;
const ABOVE: usize = 8;

/// Posts after which a name is looked for where no list shows the foot. A document in whose tables more
/// stand keeps its signature unread.
const TRIES: usize = 2_000;

/// More columns than this are a table's.
const WIDE: usize = 8;

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
    LazyLock::new(|| folded_expression(r"^[*_#\s-]*(?:noi nh[a-z]{1,2}n|n[a-z]i nhan)\s*(?:[:;.,~*/'_]|$)"));

/// Authority and the first letters of what follows.
static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(
        r"(?:^|[\s;:.,)])((?:tm|t/m|kt|k/t|tl|t/l|tuq|q)\s?[./]\s?,?\s?(?:kt\s?\.\s?)?|(?:tm|kt|tl|tuq|t/m|k/t|t/l)\s+)[a-z_]{2}",
    )
});

/// With what the foot has surely ended.
static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(
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
    }
    // Without a list, or with the signature far from it: the first posts that a name follows.
    let mut at = first;
    let mut tried = 0;
    while at < sheet.cells.len() {
        let cell = sheet.cells[at];
        let folded = sheet.fold(cell);
        let opens = folded.len() < 160
            && sheet.lines[cell.line].len() <= WIDE
            && (sheet.caps(cell) && authority_of(sheet, cell, facts).is_some() || is_post(sheet, cell, false, facts));
        if opens {
            tried += 1;
            if tried > TRIES {
                break;
            }
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
        if sheet.lines[line].len() > WIDE {
            continue;
        }
        let mut index = sheet.lines[line].start;
        while index < sheet.lines[line].end {
            let cell = sheet.cells[index];
            if cell.to - cell.from < 300
                && let Some(from) = second_column(sheet, cell, facts)
                && cell.from < from
                && !is_rule(&sheet.folded.text()[cell.from..from])
            {
                sheet.part(index, from, cell.to);
            }
            index += 1;
        }
    }
}

/// Where in a cell the signer's column begins: at an authority, at a post or a name behind the
/// closing sign of an entry, or at a name glued to capitals.
fn second_column(sheet: &Sheet<'_>, cell: Cell, facts: &Facts) -> Option<usize> {
    let raw = sheet.raw(cell);
    let place = |offset: usize| sheet.folded.place(sheet.span(cell).start() + offset);
    if authority_of(sheet, cell, facts).is_none() {
        let inside = AUTHORITY.captures_iter(sheet.fold(cell)).filter_map(|found| found.get(1));
        let inside = inside
            .map(|code| cell.from + code.start())
            .find(|from| *from > cell.from && in_capitals(sheet, *from, cell.to));
        if inside.is_some() {
            return inside;
        }
        for (at, sign) in raw.match_indices([';', '.', ')']) {
            let rest = &raw[at + sign.len()..];
            let tail = rest.trim();
            let entry = raw.starts_with(['-', '+', '•', '*', '–']);
            let parted = rest.starts_with(char::is_whitespace) && tail.chars().count() > 3;
            if parted && (is_caps(tail) && post_of(tail, facts).is_some() || entry && is_name(tail, facts)) {
                return Some(place(at + sign.len() + rest.len() - rest.trim_start().len()));
            }
        }
    }
    // "THỦ TƯỚNGNguyễn Văn A": a small letter after two capitals and one more.
    let letters: Vec<(usize, char)> =
        raw.char_indices().take_while(|(_, c)| c.is_alphabetic() || matches!(c, ' ' | '.' | '/')).collect();
    let glued = letters
        .windows(4)
        .find(|window| window[..3].iter().all(|(_, c)| c.is_uppercase()) && window[3].1.is_lowercase())?;
    let at = glued[2].0;
    is_name(&raw[at..], facts).then(|| place(at))
}

/// Whether the first two letters of the authority at folded offset `from` stand in capitals, and
/// those of what follows it.
fn in_capitals(sheet: &Sheet<'_>, from: usize, to: usize) -> bool {
    let raw = sheet.folded.span(from, to).of(sheet.text);
    raw.chars().filter(|c| c.is_alphabetic()).take(4).all(char::is_uppercase)
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
        if sheet.lines[cell.line].len() > WIDE {
            continue;
        }
        if is_rule(folded) || folded.starts_with("(da ky") || folded.starts_with("(ky") || folded == "da ky" {
            continue;
        }
        if let Some((code, length)) = authority_of(sheet, cell, facts) {
            codes.push((code, index));
            under = Some((index, length));
            signing.push(index);
            open_line = Some(cell.line);
            continue;
        }
        if !raw.starts_with(['-', '+', '•', '*', '–']) && is_post(sheet, cell, true, facts) {
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
        if (post.is_some() || under.is_some())
            && is_name(raw, facts)
            && !follows_authority(sheet, index, cells.end, facts)
        {
            let name = without_title(raw, facts);
            let mut signer = signer_of(sheet, &codes, post, under, facts);
            signer.name = Some(Found::new(person_name(name), sheet.span(cell), "signature.name", 0.93));
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
    if foot.list.is_some_and(|list| cells.contains(&list)) && (!codes.is_empty() || post.is_some()) {
        // A draft: the post waits for its name.
        foot.signer = Some(signer_of(sheet, &codes, post, under, facts));
        foot.signing = signing;
    }
    false
}

/// The signer without a name: authorities, the post of the signer, and the cell of the post above
/// with the bytes that its authority takes.
fn signer_of(
    sheet: &Sheet<'_>,
    codes: &[(String, usize)],
    post: Option<usize>,
    under: Option<(usize, usize)>,
    facts: &Facts,
) -> Signer {
    let mut signer = Signer::default();
    if let Some(index) = post {
        let cell = sheet.cells[index];
        let name = position_name(sheet.raw(cell), facts);
        signer.position = Some(Found::new(name, sheet.span(cell), "signature.post", 0.93));
    } else if let Some((index, skip)) = under {
        let cell = sheet.cells[index];
        let span = sheet.folded.span(cell.from + skip, cell.to);
        let printed = span.of(sheet.text);
        if post_of(printed.trim(), facts).is_some() {
            signer.position = Some(Found::new(position_name(printed, facts), span, "signature.post_above", 0.8));
        }
    }
    let joined = codes.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>().join(",");
    let span = codes.iter().map(|(_, index)| sheet.span(sheet.cells[*index])).reduce(Span::cover);
    signer.authority = span.map(|span| Found::new(joined, span, "signature.authority", 0.95));
    signer
}

/// The authority with which a cell begins, as `TM.`, and how many folded bytes it takes. In small
/// letters, as old fonts leave it, only before a post or a body.
fn authority_of(sheet: &Sheet<'_>, cell: Cell, facts: &Facts) -> Option<(String, usize)> {
    let found = AUTHORITY.captures(sheet.fold(cell))?.get(1).filter(|found| found.start() == 0)?;
    if !in_capitals(sheet, cell.from, cell.to) {
        let rest = sheet.folded.span(cell.from + found.end(), cell.to).of(sheet.text);
        if post_of(rest, facts).is_none() && head_of(rest, facts).is_none() {
            return None;
        }
    }
    let letters: String = found.as_str().chars().filter(char::is_ascii_alphabetic).collect::<String>().to_uppercase();
    let code = match letters.as_str() {
        "TMKT" => "TM.,KT.".to_owned(),
        code => format!("{code}."),
    };
    Some((code, found.end()))
}

/// Whether a whole cell is a post. `small`: in small letters too, as in running text only the post
/// alone is.
fn is_post(sheet: &Sheet<'_>, cell: Cell, small: bool, facts: &Facts) -> bool {
    if cell.to - cell.from > 90 {
        return false;
    }
    let raw = sheet.raw(cell);
    let Some(known) = post_of(raw, facts) else { return false };
    if is_caps(raw) {
        return !raw.ends_with(':');
    }
    let words = known.folded.split(' ').count();
    raw.split_whitespace().count() == words
        && (small || raw.starts_with(char::is_uppercase))
        && !raw.ends_with([':', ';', ','])
}

/// Whether an authority or a post follows within the next three cells.
fn follows_post(sheet: &Sheet<'_>, index: usize, end: usize, facts: &Facts) -> bool {
    (index + 1..end.min(index + 5)).any(|next| {
        let cell = sheet.cells[next];
        authority_of(sheet, cell, facts).is_some() || is_post(sheet, cell, false, facts)
    })
}

fn follows_authority(sheet: &Sheet<'_>, index: usize, end: usize, facts: &Facts) -> bool {
    (index + 1..end.min(index + 4)).any(|next| authority_of(sheet, sheet.cells[next], facts).is_some())
}

/// Whether a cell can be a person's name: two to six words, each with a capital, and neither a post
/// nor a body.
pub(crate) fn is_name(raw: &str, facts: &Facts) -> bool {
    let name = without_title(raw, facts);
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
        // "Đoàn" is a family name too, and "Trương" without its marks reads "Truong".
        && head_of(name, facts).is_none_or(|head| head == "doan" || head == "truong" && name.is_ascii() && !is_caps(name))
        && post_of(name, facts).is_none_or(|post| !post.folded.contains(' '))
        && !facts.kinds.iter().any(|kind| begins_with(&folded, &kind.folded))
        && !facts.provinces.iter().any(|province| crate::vi::fold::fold(province) == folded)
        && !begins_with(&folded, "viet nam")
}

/// The name without the titles before it and the words "đã ký" after it.
fn without_title<'t>(raw: &'t str, facts: &Facts) -> &'t str {
    let mut name = raw.trim().trim_end_matches("(đã ký)").trim_end_matches("đã ký").trim_end();
    loop {
        let folded = crate::vi::fold::fold(name);
        let title = facts.names.titles.iter().find(|title| {
            folded.strip_prefix(title.folded.as_str()).is_some_and(|rest| rest.starts_with(['.', ' ', ',']))
                && name.starts_with(title.text.chars().next().unwrap_or(' '))
        });
        let Some(title) = title else { return name };
        let count = title.text.chars().count();
        let end = name.char_indices().nth(count).map_or(name.len(), |(at, _)| at);
        name = name[end..].trim_start_matches(['.', ',', ' ', '-']);
    }
}
