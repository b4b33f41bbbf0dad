//! Heads that are one sentence: "Quyết định của Thủ tướng Chính phủ số … ngày … về việc …".
//!
//! Gazettes and old files carry no letterhead; type, issuer, number, day and title follow each other
//! in one sentence over several lines. Turns it into what a letterhead would have given. Looked for
//! only where no letterhead stands, at the very beginning.

use std::sync::LazyLock;

use regex::Regex;

use super::date::dates_in;
use super::found::Found;
use super::letterhead::Letterhead;
use super::names::{begins_with, unit_name};
use super::number::read_number_line;
use super::sheet::{Cell, Sheet, folded_expression, one_line};
use crate::facts::{Facts, Kind};

/// How many bytes of folded text a head of one sentence may take up to its title.
const REACH: usize = 400;

static ISSUER: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(r"^\s*cua\s+(?P<who>[a-z][a-z ,\n-]{2,90}?)\s+(?:so\b|ve\b|quy dinh\b|ban hanh\b|huong dan\b)")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^\s*(?P<so>so\s*:?\s*)?[0-9]{1,5}[a-z]?\s?/"));
static DATE: LazyLock<Regex> = LazyLock::new(|| folded_expression(r"^[\s,]*ngay\s"));

/// A head of one sentence.
pub(crate) struct SentenceHead<'f> {
    /// What a letterhead would have given.
    pub(crate) head: Letterhead,
    /// The type.
    pub(crate) kind: &'f Kind,
    /// The cell of the type.
    pub(crate) cell: usize,
    /// Where the title begins, in the folded text.
    pub(crate) title: usize,
}

/// Reads a head of one sentence at the beginning of the text.
pub(crate) fn read_sentence_head<'f>(sheet: &Sheet<'_>, facts: &'f Facts) -> Option<SentenceHead<'f>> {
    let index = (0..sheet.cells.len()).take(6).find(|index| kind_at(sheet, *index, facts).is_some())?;
    let kind = kind_at(sheet, index, facts)?;
    let start = sheet.cells[index].from;
    let mut head = Letterhead { lines: sheet.cells[index].line..sheet.cells[index].line, ..Letterhead::default() };
    let text = sheet.folded.text();
    let reach = text.len().min(start + kind.folded.len() + REACH);
    let mut at = start + kind.folded.len();
    let take_issuer = |at: &mut usize, head: &mut Letterhead| {
        if let Some(who) = ISSUER.captures(&text[*at..reach]).and_then(|found| found.name("who")) {
            let span = sheet.folded.span(*at + who.start(), *at + who.end());
            let name = unit_name(&one_line(span.of(sheet.text)), facts);
            head.units = vec![Found::new(name, span, "sentence.issuer", 0.85)];
            *at += who.end();
        }
    };
    take_issuer(&mut at, &mut head);
    let number = NUMBER.captures(&text[at..reach])?;
    let digits = at + number.name("so").map_or_else(|| number[0].len() - number[0].trim_start().len(), |so| so.start());
    let end = text[digits..reach].find('\n').map_or(reach, |end| digits + end);
    let mut line = read_number_line(sheet, Cell { line: 0, from: digits, to: end })?;
    line.rank = 0;
    line.key.as_ref()?;
    at = line.to;
    head.number = Some((line, index));
    let dated = DATE.find(&text[at..reach])?;
    let date = dates_in(&sheet.folded, sheet.text, at, reach).into_iter().next()?;
    if sheet.folded.place(date.span.start()) > at + dated.end() {
        return None;
    }
    at = sheet.folded.place(date.span.end());
    head.date = Some(Found { rule: "sentence.date", ..date });
    if head.units.is_empty() {
        take_issuer(&mut at, &mut head);
    }
    let title = at + text[at..].len() - text[at..].trim_start_matches([' ', '\n', '\t', ',']).len();
    Some(SentenceHead { head, kind, cell: index, title })
}

/// The type with which a cell begins.
pub(crate) fn kind_at<'f>(sheet: &Sheet<'_>, index: usize, facts: &'f Facts) -> Option<&'f Kind> {
    let folded = sheet.fold(*sheet.cells.get(index)?);
    let kinds = facts.kinds.iter().filter(|kind| begins_with(folded, &kind.folded));
    kinds.max_by_key(|kind| kind.folded.len())
}
