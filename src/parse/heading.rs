//! Type and subject: `KẾ HOẠCH` and the lines under it, or `V/v …` where no type is named.
//!
//! Turns the lines after a letterhead into type (tên loại) and subject (trích yếu), after Nghị định
//! 30/2020/NĐ-CP, Phụ lục I, II.5. The type is read from the heading and compared with the code in
//! the symbol; where they disagree the heading wins, and the other stays as a rival. Knows how
//! titles end, not what they may say.

use std::sync::LazyLock;

use regex::Regex;

use super::found::Found;
use super::letterhead::Letterhead;
use super::names::{begins_with, head_of, post_of};
use super::sentence::SentenceHead;
use super::sheet::{Cell, Sheet, folded_expression, is_caps, is_rule, one_line};
use crate::facts::{Facts, Kind};
use crate::text::{Note, Span};
use crate::vi::fold::fold;

/// Most lines of a title.
const LINES: usize = 14;

/// Type and subject, and where they stand.
#[derive(Debug, Default)]
pub(crate) struct Heading {
    /// The type.
    pub(crate) kind: Option<Found<String>>,
    /// The subject.
    pub(crate) subject: Option<Found<String>>,
    /// The cell of the type.
    pub(crate) cell: Option<usize>,
    /// The first line after the title.
    pub(crate) end: usize,
    /// What was odd.
    pub(crate) notes: Vec<Note>,
}

static ABOUT: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^[(*\s]*(?:v\s?/\s?v|viv)\b\s*[:.]?\s*"));

/// What a title never begins with.
static NO_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(
        r"^(?:can cu\b|kinh gui\b|dieu [0-9]+\b|chuong [ivx1]+\b|phan [ivx1]+\b|i\. |\((?:ban hanh )?kem theo|noi nhan\b|so\s*:)",
    )
});

/// An authority to sign, before a post or a body: "TM. BAN THƯỜNG VỤ", "T/M CHI BỘ".
static SIGNING: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"^(?:(?:t/?m|k/?t|t/?l|tuq)\s?[./]?\s|(?:tm|kt|tl|tuq|q)\.)\s?[a-z]"));

/// Reads type and subject of the document under `head`.
pub(crate) fn read_heading(sheet: &Sheet<'_>, head: &Letterhead, facts: &Facts) -> Heading {
    let mut heading = Heading { end: last_part(sheet, head), ..Heading::default() };
    if let Some((index, kind, sure, rest)) = find_kind(sheet, head, facts) {
        let cell = sheet.cells[index];
        let span = sheet.folded.span(cell.from, rest);
        heading.kind = Some(Found::new(kind.name.clone(), span, "heading.type", sure));
        heading.cell = Some(index);
        heading.end = cell.line + 1;
        title_under(sheet, head, cell, rest, facts, &mut heading);
    } else if let Some(index) = find_about(sheet, head) {
        let cell = sheet.cells[index];
        heading.end = cell.line + 1;
        title_about(sheet, head, index, &mut heading);
        let word = Span::at(sheet.span(cell).start(), sheet.span(cell).end());
        heading.kind = Some(Found::new("Công văn".to_owned(), word, "heading.letter", 0.9));
    }
    check_symbol(head, facts, &mut heading);
    heading
}

/// One past the line of the last part that the letterhead surely has: its number, its date. Without
/// either all of its lines.
fn last_part(sheet: &Sheet<'_>, head: &Letterhead) -> usize {
    let line_of = |at: usize| sheet.cells.partition_point(|cell| cell.from <= at).saturating_sub(1);
    let number = head.number.as_ref().map(|(_, index)| *index);
    let date = head.date_line.as_ref().map(|date| line_of(date.start));
    let last = number.into_iter().chain(date).max();
    last.and_then(|index| sheet.cells.get(index)).map_or(head.lines.end, |cell| cell.line + 1)
}

/// Type and subject of a document whose head is one sentence.
pub(crate) fn read_heading_of_sentence(sheet: &Sheet<'_>, sentence: &SentenceHead<'_>, facts: &Facts) -> Heading {
    let first = sheet.cells[sentence.cell];
    let span = sheet.folded.span(first.from, first.from + sentence.kind.folded.len());
    let mut heading = Heading {
        kind: Some(Found::new(sentence.kind.name.clone(), span, "heading.sentence", 0.9)),
        cell: Some(sentence.cell),
        ..Heading::default()
    };
    let last = sheet.cells.partition_point(|cell| cell.from <= sentence.title).saturating_sub(1);
    let cell = sheet.cells[last];
    heading.end = cell.line + 1;
    title_under(sheet, &sentence.head, cell, sentence.title, facts, &mut heading);
    check_symbol(&sentence.head, facts, &mut heading);
    heading
}

/// The cell of the type, the type, how sure, and where the type's words end in the folded text.
fn find_kind<'f>(sheet: &Sheet<'_>, head: &Letterhead, facts: &'f Facts) -> Option<(usize, &'f Kind, f32, usize)> {
    let mut guess = None;
    for line in head.lines.clone() {
        for index in sheet.lines[line].clone() {
            let cell = sheet.cells[index];
            let folded = sheet.fold(cell).trim_end_matches([':', '.', '*', ' ']);
            if cell.to - cell.from > 300 {
                continue;
            }
            if let Some(kind) = facts.kinds.iter().find(|kind| kind.folded == folded)
                && (starts_capital(sheet, cell) || small_letters_fit(sheet, head, index))
            {
                // Without its marks "QUY DINH" could be more than one word.
                let sure = if sheet.raw(cell).is_ascii() && !kind.name.is_ascii() { 0.85 } else { 0.97 };
                return Some((index, kind, sure, cell.from + kind.folded.len()));
            }
            if let Some(kind) = letter_spaced(folded, facts) {
                return Some((index, kind, 0.9, cell.to));
            }
            let after_number = head.number.as_ref().is_none_or(|(_, number)| index > *number);
            let caps = leading_capitals(sheet, cell);
            let prefix = facts
                .kinds
                .iter()
                .filter(|kind| begins_with(folded, &kind.folded))
                .max_by_key(|kind| kind.folded.len());
            if let Some(kind) = prefix.filter(|_| after_number) {
                let rest = folded[kind.folded.len()..].trim_start();
                let of_issuer = rest.starts_with("cua ") && rest.len() < 60;
                let wrapped = begins_with(rest, "va") || rest.starts_with(',') || begins_with(rest, "so");
                if of_issuer || (caps >= kind.folded.len() && !wrapped && head.anchored) {
                    let end = if of_issuer { cell.to } else { cell.from + kind.folded.len() };
                    return Some((index, kind, 0.85, end));
                }
            }
            if guess.is_none() && after_number && sheet.caps(cell) && folded.len() < 30 && head.anchored {
                let alike = facts
                    .kinds
                    .iter()
                    .map(|kind| (kind, strsim::normalized_levenshtein(&kind.folded, folded)))
                    .max_by(|a, b| a.1.total_cmp(&b.1));
                guess = alike.filter(|(_, likeness)| *likeness >= 0.8).map(|(kind, _)| (index, kind, 0.65, cell.to));
            }
        }
    }
    guess
}

/// The type that letters set apart spell: "Q U Y Ế T  Đ Ị N H".
fn letter_spaced<'f>(folded: &str, facts: &'f Facts) -> Option<&'f Kind> {
    if folded.len() > 60 || folded.split_whitespace().any(|letter| letter.len() > 1) {
        return None;
    }
    let joined: String = folded.split_whitespace().collect();
    let same = |kind: &&Kind| kind.folded.chars().filter(|c| *c != ' ').eq(joined.chars());
    facts.kinds.iter().find(same).filter(|_| joined.len() > 3)
}

/// Old fonts leave types in small letters too: alone on a line after the number, or the text's first.
fn small_letters_fit(sheet: &Sheet<'_>, head: &Letterhead, index: usize) -> bool {
    let alone = sheet.lines[sheet.cells[index].line].len() == 1;
    alone && (index < 2 || head.anchored && head.number.as_ref().is_some_and(|(_, number)| index > *number))
}

fn starts_capital(sheet: &Sheet<'_>, cell: Cell) -> bool {
    sheet.raw(cell).starts_with(char::is_uppercase)
}

/// How many folded bytes at the start of the cell are words in capitals.
fn leading_capitals(sheet: &Sheet<'_>, cell: Cell) -> usize {
    let raw = sheet.raw(cell);
    let mut count = 0;
    let mut end = 0;
    for word in raw.split_inclusive(' ') {
        if word.chars().any(char::is_lowercase) {
            break;
        }
        count += word.chars().count();
        end = count;
    }
    end
}

fn find_about(sheet: &Sheet<'_>, head: &Letterhead) -> Option<usize> {
    head.lines.clone().flat_map(|line| sheet.lines[line].clone()).find(|index| {
        let folded = sheet.fold(sheet.cells[*index]);
        ABOUT.is_match(folded)
            || (begins_with(folded, "ve viec") && head.number.as_ref().is_some_and(|(_, n)| index > n))
    })
}

/// The title in the lines under the type.
fn title_under(sheet: &Sheet<'_>, head: &Letterhead, cell: Cell, rest: usize, facts: &Facts, heading: &mut Heading) {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    if rest < cell.to && !is_rule(&sheet.folded.text()[rest..cell.to]) {
        let lead = sheet.folded.text()[rest..cell.to].len() - sheet.folded.text()[rest..cell.to].trim_start().len();
        parts.push((rest + lead, cell.to));
    }
    for line in cell.line + 1..sheet.lines.len() {
        if sheet.is_empty(line) {
            let ruled = !sheet.line(line).is_empty();
            if parts.is_empty() && !(ruled && line > cell.line + 4) {
                continue;
            }
            if !ruled && goes_on(sheet, &parts, line + 1) {
                continue;
            }
            break;
        }
        let cells = sheet.line(line);
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { break };
        let folded = sheet.fold(*first);
        if NO_TITLE.is_match(folded) || parts.len() >= LINES {
            break;
        }
        let raw = sheet.folded.span(first.from, last.to).of(sheet.text);
        if SIGNING.is_match(folded) && is_caps(sheet.raw(*first)) {
            break;
        }
        if parts.is_empty() {
            let of_body = raw.len() < 90 && is_caps(raw) && begins_with(folded, "cua") && title_follows(sheet, line);
            if of_body {
                continue;
            }
            let issuer = head.units.iter().any(|unit| fold(&unit.value) == *folded);
            let authority = issuer
                || facts.names.heads.iter().any(|head| head.folded == folded)
                || is_caps(raw) && post_of(raw, facts).is_some();
            if line > cell.line + 6 || authority || raw.trim_end().ends_with(':') {
                break;
            }
        } else if ends_title(sheet, head, &parts, folded, raw, facts) {
            break;
        }
        parts.push((first.from, last.to));
        heading.end = line + 1;
        if raw.trim_end().ends_with(['.', ';', ':']) || raw.chars().count() > 260 {
            break;
        }
    }
    heading.subject = subject_of(sheet, head, &parts, "heading.subject", 0.92);
}

/// Whether a name must follow: "… của".
fn governs(text: &str) -> bool {
    let last = fold(text.trim_end().rsplit([' ', '\n']).next().unwrap_or_default());
    matches!(last.as_str(), "cua" | "do" | "voi" | "boi" | "thuoc" | "cho" | "va" | "tai" | "de" | "o" | "giua" | "cac")
}

/// Whether a title goes on under a blank line: in small letters, where its lines stand apart.
fn goes_on(sheet: &Sheet<'_>, parts: &[(usize, usize)], line: usize) -> bool {
    let Some(cell) = sheet.line(line).first() else { return false };
    let last = parts.last().map_or("", |(from, to)| sheet.folded.text()[*from..*to].trim_end());
    !last.ends_with(['.', ';', ':'])
        && sheet.raw(*cell).starts_with(char::is_lowercase)
        && !NO_TITLE.is_match(sheet.fold(*cell))
}

/// Whether the next line is in small letters: the title under "CỦA BAN CHẤP HÀNH ĐẢNG BỘ TỈNH".
fn title_follows(sheet: &Sheet<'_>, line: usize) -> bool {
    sheet.line(line + 1).first().is_some_and(|cell| !is_caps(sheet.raw(*cell)))
}

/// Whether a line is the authority's that follows a title ("THỦ TƯỚNG CHÍNH PHỦ") and no title.
fn head_line(folded: &str, raw: &str, facts: &Facts) -> bool {
    let whole = facts.names.heads.iter().any(|head| head.folded == folded.trim_end_matches([' ', ':', '*']));
    whole || is_caps(raw) && (post_of(raw, facts).is_some() || head_of(raw, facts).is_some())
}

/// Whether the title whose lines are `parts` has ended before the line.
fn ends_title(
    sheet: &Sheet<'_>,
    head: &Letterhead,
    parts: &[(usize, usize)],
    folded: &str,
    raw: &str,
    facts: &Facts,
) -> bool {
    // A wrapped title may go on with "thực hiện Nghị quyết …", but not with a capital.
    let capital = raw.trim_start_matches(['*', '_', '(']).starts_with(char::is_uppercase);
    let words = folded.trim_start_matches(['-', '*', '+', ' ']);
    let bulleted = words.len() < folded.len();
    if (capital || bulleted) && facts.openers.iter().any(|opener| words.starts_with(opener.as_str())) {
        return true;
    }
    if let Some(issuer) = head.units.last() {
        // "bộ trưởng bộ tài chính" under the letterhead "Bộ Tài chính".
        let issuer = fold(&issuer.value);
        let last = parts.last().map_or("", |(_, to)| &sheet.folded.text()[..*to]);
        let last = &last[last.len().saturating_sub(24)..];
        if !governs(last)
            && folded.len() <= issuer.len() + 24
            && folded.ends_with(&issuer)
            && (post_of(raw, facts).is_some() || *folded == issuer)
        {
            return true;
        }
    }
    let before: Vec<&str> = parts.iter().map(|(from, to)| sheet.folded.span(*from, *to).of(sheet.text)).collect();
    let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
    let title_caps = before.iter().all(|part| is_caps(part));
    if letters >= 2 && title_caps && !is_caps(raw) {
        return true;
    }
    if letters >= 2 && !title_caps && is_caps(raw) && (raw.trim_end().ends_with(':') || head_line(folded, raw, facts)) {
        return true;
    }
    if title_caps && head_line(folded, raw, facts) && facts.names.heads.iter().any(|head| head.folded == folded) {
        return true;
    }
    !is_caps(raw) && facts.names.heads.iter().any(|head| head.folded == folded.trim_end())
        // A paragraph after short lines.
        || raw.chars().count() > 160 && before.iter().all(|part| part.chars().count() < 110)
}

/// The title after "V/v", in the left column.
fn title_about(sheet: &Sheet<'_>, head: &Letterhead, index: usize, heading: &mut Heading) {
    let cell = sheet.cells[index];
    let skip = ABOUT.find(sheet.fold(cell)).map_or(0, |found| found.end());
    let cut = |cell: Cell| {
        head.date_line
            .as_ref()
            .filter(|date| cell.from < date.start && date.start < cell.to)
            .map_or(cell.to, |date| date.start)
    };
    let mut parts = vec![(cell.from + skip, cut(cell))];
    for line in cell.line + 1..sheet.lines.len() {
        if sheet.is_empty(line) || parts.len() >= LINES {
            break;
        }
        let Some(first) = sheet.line(line).first().copied() else { break };
        let folded = sheet.fold(first);
        let dated = head.date_line.as_ref().is_some_and(|date| first.from <= date.start && date.start < first.to);
        if NO_TITLE.is_match(folded)
            || (dated && head.date_line.as_ref().is_some_and(|date| date.start <= first.from + 2))
        {
            break;
        }
        // Far to the right and alone: the other column.
        parts.push((first.from, cut(first)));
        heading.end = line + 1;
    }
    heading.subject = subject_of(sheet, head, &parts, "heading.about", 0.92);
}

/// The lines of a title as one value.
fn subject_of(
    sheet: &Sheet<'_>,
    head: &Letterhead,
    parts: &[(usize, usize)],
    rule: &'static str,
    confidence: f32,
) -> Option<Found<String>> {
    let text =
        parts.iter().map(|(from, to)| sheet.folded.span(*from, *to).of(sheet.text)).collect::<Vec<_>>().join(" ");
    let line = one_line(&text);
    let mut value = line.trim_matches(['*', '_', ' ']).trim_end_matches(['.', ';', ',']).trim();
    let skip = ABOUT.find(&fold_ascii(value)).map_or(0, |found| found.end());
    value = value.get(skip..).unwrap_or(value);
    if value.starts_with('(') && value.ends_with(')') {
        value = value[1..value.len() - 1].trim();
    }
    // "… TIẾP TỤC CÓ HIỆU LỰC CHÍNH PHỦ": the authority's line run into the title's.
    if let Some(issuer) = head.units.last()
        && let Some(shorter) = value.strip_suffix(issuer.value.as_str()).map(str::trim_end)
        && is_caps(value)
        && !governs(shorter)
        && shorter.split(' ').count() > 3
    {
        value = shorter;
    }
    let (first, last) = (parts.first()?, parts.last()?);
    (value.chars().filter(|c| c.is_alphabetic()).count() >= 3)
        .then(|| Found::new(value.to_owned(), sheet.folded.span(first.0, last.1), rule, confidence))
}

/// Lower case, byte for byte where the text begins with ASCII: for the short prefixes looked for.
fn fold_ascii(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// The type that the code in the symbol stands for.
pub(crate) fn kind_of_symbol<'f>(symbol: &str, facts: &'f Facts) -> Option<&'f Kind> {
    let code = symbol.split(['-', '/']).next()?;
    facts.kind_by_code(code).or_else(|| {
        let folded = fold(code);
        (code.is_ascii() && code.chars().all(|c| c.is_ascii_uppercase()))
            .then(|| facts.kinds.iter().find(|kind| !kind.code.is_empty() && fold(&kind.code) == folded))
            .flatten()
    })
}

/// Holds the type against the symbol's code.
fn check_symbol(head: &Letterhead, facts: &Facts, heading: &mut Heading) {
    let Some(symbol) = head.number.as_ref().and_then(|(line, _)| line.symbol.as_ref()) else { return };
    let coded = kind_of_symbol(&symbol.value, facts);
    match (&mut heading.kind, coded) {
        (None, Some(kind)) => {
            heading.kind = Some(Found::new(kind.name.clone(), symbol.span, "heading.symbol", 0.7));
        }
        (None, None) => {
            let letters = symbol.value.chars().filter(|c| c.is_alphabetic()).count();
            if letters >= 2 && head.anchored {
                heading.kind = Some(Found::new("Công văn".to_owned(), symbol.span, "heading.symbol", 0.55));
            }
        }
        (Some(found), Some(kind)) if found.value != kind.name => {
            // Letters of bodies whose code looks like a type's ("CT-05", "TT-ĐT") are no evidence.
            let same = facts.kinds.iter().any(|known| known.code == kind.code && known.name == found.value);
            let close = found.value.starts_with(&kind.name) || kind.name.starts_with(&found.value);
            if !same && !close && found.rule != "heading.letter" {
                found.rivals.push(kind.name.clone());
                found.confidence = found.confidence.min(0.75);
                heading.notes.push(Note::at(
                    symbol.span,
                    format!("the heading says {}, the symbol {} stands for {}", found.value, symbol.value, kind.name),
                ));
            }
        }
        _ => {}
    }
}
