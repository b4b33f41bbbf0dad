//! The header as a whole: letterhead, title, foot and a portal's data block held together.
//!
//! Joins what the rooms beside it read. Where two sources say different things, the page itself
//! wins over what a site says about it, the other value stays as a rival, and a note says so. Stamps
//! of arrival, of digital signatures and of copies are no source.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::body::find_body;
use super::date::{dates_in, impossible_in};
use super::found::{Found, Header, Signer};
use super::heading::{Heading, read_heading, read_heading_of_sentence};
use super::issuer::read_issuer;
use super::letterhead::read_letterhead;
use super::marks::{read_addressees, read_stamp};
use super::names::{begins_with, head_of, person_name, position_name, post_of, sentence_case, unit_name};
use super::portal::{CONFIDENCE, Labelled, read_labels};
use super::recipients::read_recipients;
use super::sentence::read_sentence_head;
use super::sheet::{Sheet, folded_expression, is_caps};
use super::signature::{Foot, read_foot};
use crate::facts::Facts;
use crate::key::DocNumber;
use crate::text::{Note, Span};
use crate::vi::fold::fold;

/// How many lines before the letterhead and after the foot a data block is looked for.
const NEAR: usize = 60;

/// Notes of days that no calendar has; a table of measurements may be full of what looks like them.
const IMPOSSIBLE: usize = 20;

/// "Ngày ký: 2026-04-22" and its kin, of a digital signature.
static SIGNED: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(
        r"(?:ngay ky|thoi gian ky|ky ngay)\s*:?\s*(?:([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}))",
    )
});

/// A clause by which a body issues the text: "Bộ trưởng Bộ Công Thương ban hành Thông tư …".
static ISSUES: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(concat!(
        r"(?:^|[,;.\n]\s*)(?P<who>(?:bo truong|thong doc|tong thanh tra|chu nhiem|tong kiem toan|chanh an|vien truong|truong|so|phong|uy ban|ubnd|ban|cuc|vien)\s[\t\x20-\x2b\x2d\x2f-\x39\x3c-\x7e]{3,90}?(?:\n[\t\x20-\x2b\x2d\x2f-\x39\x3c-\x7e]{2,60}?)?)",
        r"\s+(?:ban hanh|xay dung|huong dan|quy dinh|yeu cau|thong bao)\s+(?P<what>[a-z]+(?:\s[a-z]+){0,2})"
    ))
});

/// Header, the document's own part of the text, and what was odd.
pub(crate) struct Read<'a> {
    pub(crate) sheet: Sheet<'a>,
    pub(crate) header: Header,
    pub(crate) body: Span,
    /// The lines after the title, to the end of the document.
    pub(crate) content: Range<usize>,
    /// The lines of signature and list.
    pub(crate) foot: Range<usize>,
    pub(crate) notes: Vec<Note>,
}

/// Reads the header of `text`.
pub(crate) fn read_header<'a>(text: &'a str, facts: &Facts) -> Read<'a> {
    let mut sheet = Sheet::new(text);
    let letterhead = read_letterhead(&mut sheet, facts);
    let sentence = if letterhead.anchored { None } else { read_sentence_head(&sheet, facts) };
    let (head, mut heading) = if let Some(sentence) = sentence {
        let heading = read_heading_of_sentence(&sheet, &sentence, facts);
        (sentence.head, heading)
    } else {
        let heading = read_heading(&sheet, &letterhead, facts);
        (letterhead, heading)
    };
    let mut notes = std::mem::take(&mut heading.notes);
    let foot = read_foot(&mut sheet, heading.end, facts);
    let recipients = read_recipients(&sheet, &foot);
    let foot_line = last_foot_line(&sheet, &foot, &recipients);

    let joint = heading.kind.as_ref().is_some_and(|kind| fold(&kind.value).contains("lien tich"));
    let (issuer, parent) = read_issuer(&head, joint, facts);
    let mut header = Header {
        issuer,
        parent,
        place: head.place.clone(),
        date: head.date.clone(),
        kind: heading.kind.clone(),
        subject: heading.subject.clone(),
        signer: foot.signer.clone(),
        recipients,
        ..Header::default()
    };
    if let Some((line, _)) = &head.number {
        header.number.clone_from(&line.number);
        header.symbol.clone_from(&line.symbol);
        header.key.clone_from(&line.key);
    }
    issuing_authority(&sheet, &heading, &mut header, facts);
    header.urgency = read_stamp(&sheet, &head.lines, &facts.names.urgency);
    header.secrecy = read_stamp(&sheet, &head.lines, &facts.names.secrecy);
    header.addressees = read_addressees(&sheet, head.lines.start.max(heading.end.saturating_sub(3)));
    header.archive = header.recipients.last().filter(|entry| begins_with(&fold(&entry.value), "luu")).cloned();
    header.subject_sentence = header.subject.as_ref().filter(|subject| is_caps(&subject.value)).map(|subject| {
        let value = sentence_case(&subject.value, facts);
        Found::new(value, subject.span, "header.sentence", subject.confidence * 0.8)
    });

    let labels = read_labels(&sheet, outside(&sheet, &head.lines, head.anchored, foot_line), facts);
    for label in &labels {
        join_label(&sheet, label, &mut header, &mut notes, facts);
    }
    check_signing_time(&sheet, &header, &mut notes);
    notes.extend(impossible_in(&sheet.folded, IMPOSSIBLE));
    let body = find_body(&sheet, &head, foot_line, !labels.is_empty(), facts);
    let last = sheet.folded.place(body.end());
    let last = sheet.cells.partition_point(|cell| cell.from < last);
    let end = last.checked_sub(1).map_or(sheet.lines.len(), |index| sheet.cells[index].line + 1);
    // A letterhead that stands after its text.
    let start = if body.start()
        < sheet
            .lines
            .get(head.lines.start)
            .and_then(|cells| sheet.cells.get(cells.start))
            .map_or(0, |cell| sheet.span(*cell).start())
    {
        0
    } else {
        heading.end
    };
    let foot_start =
        foot.list.into_iter().chain(foot.signing.iter().copied()).map(|index| sheet.cells[index].line).min();
    let foot = foot_start.zip(foot_line).map_or(0..0, |(start, end)| start..end + 1);
    Read { sheet, header, body, content: start..end.max(start), foot, notes }
}

/// The lines near the document that are not its own, where a portal's data block stands.
fn outside(sheet: &Sheet<'_>, head: &Range<usize>, anchored: bool, foot: Option<usize>) -> Vec<usize> {
    if !anchored {
        return (0..sheet.lines.len().min(24)).collect();
    }
    let after = foot.map_or(0..0, |line| line + 1..sheet.lines.len().min(line + 1 + NEAR));
    (head.start.saturating_sub(NEAR)..head.start).chain(after).collect()
}

/// The last line of signature and list.
fn last_foot_line(sheet: &Sheet<'_>, foot: &Foot, recipients: &[Found<String>]) -> Option<usize> {
    let signing = foot.signing.iter().map(|index| sheet.cells[*index].line).max();
    let listed = recipients.last().map(|entry| {
        let end = sheet.folded.place(entry.span.end());
        sheet.cells.partition_point(|cell| cell.from < end).saturating_sub(1)
    });
    signing.max(listed.map(|index| sheet.cells[index].line))
}

/// Ministers issue in their own name: the line between title and text, or the sentence before the
/// first article, says so where the letterhead names the ministry. Where no letterhead is left, the
/// same sentence is all that tells issuer and type.
fn issuing_authority(sheet: &Sheet<'_>, heading: &Heading, header: &mut Header, facts: &Facts) {
    let kind = header.kind.as_ref().map(|kind| fold(&kind.value));
    let central = header.issuer.as_ref().is_some_and(|issuer| {
        let folded = fold(&issuer.value);
        facts.names.central.iter().any(|body| begins_with(&folded, body))
    });
    let personal = kind.as_deref().is_some_and(|kind| matches!(kind, "thong tu" | "quyet dinh" | "thong tu lien tich"));
    if header.issuer.is_some() && !(central && personal) {
        return;
    }
    let lines = heading.end.min(sheet.lines.len())..sheet.lines.len().min(heading.end + 60);
    let first = lines.clone().find_map(|line| sheet.line(line).first()).map(|cell| cell.from);
    let Some(first) = first else { return };
    let mut end = first;
    let mut prose = false;
    for line in lines {
        let Some(cell) = sheet.line(line).first().copied() else { continue };
        let folded = sheet.fold(cell);
        if begins_with(folded, "dieu 1") || begins_with(folded, "chuong i") {
            break;
        }
        // Under the text the same line is a signature.
        prose |= !sheet.caps(cell) && folded.len() > 40;
        if central && !prose && sheet.caps(cell) && facts.names.chiefs.iter().any(|post| begins_with(folded, post)) {
            take_authority(sheet, (cell.from, cell.to), "header.authority", 0.85, header, facts);
            return;
        }
        end = sheet.line(line).last().map_or(end, |cell| cell.to);
    }
    let text = &sheet.folded.text()[first..end];
    for found in ISSUES.captures_iter(text) {
        let (Some(who), Some(what)) = (found.name("who"), found.name("what")) else { continue };
        let span = (first + who.start(), first + who.end());
        let raw = sheet.folded.span(span.0, span.1).of(sheet.text);
        if !raw.starts_with(char::is_uppercase) {
            continue;
        }
        let what = what.as_str().replace('\n', " ");
        let post = facts.names.chiefs.iter().any(|post| begins_with(who.as_str(), post));
        if header.issuer.is_some() {
            let says = kind.as_deref().is_some_and(|kind| begins_with(&what, kind)) || what.starts_with("mot so");
            if post && says {
                take_authority(sheet, span, "header.authority", 0.8, header, facts);
                return;
            }
        } else if post || head_of(raw, facts).is_some() {
            if header.kind.is_none() {
                let named = facts.kinds.iter().filter(|kind| begins_with(&what, &kind.folded));
                let named = named.max_by_key(|kind| kind.folded.len());
                let place = sheet.folded.span(
                    first + found.get(0).map_or(0, |found| found.start()),
                    first + found.get(0).map_or(0, |found| found.end()),
                );
                header.kind = named.map(|kind| Found::new(kind.name.clone(), place, "header.issues", 0.5));
            }
            take_authority(sheet, span, "header.issues", 0.5, header, facts);
            return;
        }
    }
}

/// Makes the words at `place` of the folded text the issuer; what was held before stays as a rival.
fn take_authority(
    sheet: &Sheet<'_>,
    place: (usize, usize),
    rule: &'static str,
    confidence: f32,
    header: &mut Header,
    facts: &Facts,
) {
    let span = sheet.folded.span(place.0, place.1);
    let mut value = position_name(span.of(sheet.text).trim_end_matches([' ', ',']), facts);
    // "THỐNG ĐỐC", "BỘ TRƯỞNG" alone: the post of the body that the letterhead names.
    if let (Some(body), Some(post)) = (&header.issuer, post_of(&value, facts))
        && fold(&value) == post.folded
    {
        let body = &body.value;
        if begins_with(&fold(body), "thanh tra") && post.folded == "tong thanh tra" {
            value = format!("Tổng {body}");
        } else if !fold(&value).contains(&fold(body)) {
            value = format!("{value} {body}");
        }
    }
    let mut found = Found::new(value, span, rule, confidence);
    if let Some(before) = header.issuer.take() {
        found.rivals.push(before.value);
    }
    header.issuer = Some(found);
}

/// Puts a labelled value where the page has none, or holds it against the page's.
fn join_label(sheet: &Sheet<'_>, label: &Labelled, header: &mut Header, notes: &mut Vec<Note>, facts: &Facts) {
    let from = sheet.folded.place(label.value.span.start());
    let to = sheet.folded.place(label.value.span.end());
    match label.field.as_str() {
        "number" => {
            let Some(key) = DocNumber::parse(&label.value.value) else {
                let symbol = label.value.value.trim_start_matches(['/', ' ', '.', '…']);
                if header.symbol.is_none() && symbol.chars().any(char::is_uppercase) && !symbol.contains(' ') {
                    let start = label.value.span.end() - symbol.len().min(label.value.span.len());
                    let span = Span::at(start, label.value.span.end());
                    header.symbol = Some(Found::new(symbol.to_owned(), span, "portal.symbol", CONFIDENCE));
                }
                return;
            };
            let span = label.value.span;
            if let Some(known) = &mut header.key {
                if known.value.folded() != key.folded() {
                    notes.push(Note::at(span, format!("the data block gives {key}, the letterhead {}", known.value)));
                    known.confidence = known.confidence.min(0.7);
                    known.rivals.push(key);
                }
                return;
            }
            if header.number.is_none() {
                header.number = Some(Found::new(key.number().to_owned(), span, "portal.number", CONFIDENCE));
            }
            if let (None, Some(symbol)) = (&header.symbol, key.symbol()) {
                header.symbol = Some(Found::new(symbol.to_owned(), span, "portal.symbol", CONFIDENCE));
            }
            header.key = Some(Found::new(key, span, "portal.key", CONFIDENCE));
        }
        "kind" => {
            let Some(kind) = facts.kind_by_name(&label.value.value) else { return };
            let value = label.value.clone().map(|_| kind.name.clone());
            rival(&mut header.kind, value, notes, "type", |a, b| fold(a) == fold(b));
        }
        "issuer" => {
            let value = label.value.clone().map(|name| unit_name(&name, facts));
            if header.issuer.is_none() {
                header.issuer = Some(value);
            } else if let Some(issuer) = &mut header.issuer
                && fold(&issuer.value) != fold(&value.value)
                && !issuer.rivals.contains(&value.value)
            {
                issuer.rivals.push(value.value);
            }
        }
        "date" => {
            let Some(date) = dates_in(&sheet.folded, sheet.text, from, to).into_iter().next() else { return };
            let date = Found::new(date.value, date.span, "portal.date", CONFIDENCE);
            rival(&mut header.date, date, notes, "date", |a: &Date, b: &Date| a == b);
        }
        "subject" if header.subject.is_none() => {
            let stripped = label.value.value.strip_prefix("V/v ").unwrap_or(&label.value.value).to_owned();
            if header.kind.is_none() && stripped.len() < label.value.value.len() {
                header.kind = Some(Found::new("Công văn".to_owned(), label.value.span, "portal.letter", 0.55));
            }
            header.subject = Some(label.value.clone().map(|_| stripped.clone()));
        }
        "signer" => {
            let name = label.value.clone().map(|name| person_name(&name));
            let signer = header.signer.get_or_insert_with(Signer::default);
            rival(&mut signer.name, name, notes, "signer", |a, b| fold(a) == fold(b));
        }
        "position" => {
            let signer = header.signer.get_or_insert_with(Signer::default);
            if signer.position.is_none() {
                signer.position = Some(label.value.clone());
            }
        }
        "place" if header.place.is_none() => header.place = Some(label.value.clone()),
        "recipients" if header.recipients.is_empty() => {
            let mut at = label.value.span.start();
            for part in label.value.span.of(sheet.text).split_inclusive(';') {
                let name = part.trim_matches([' ', ';', '.', '-', '\t']);
                if !name.is_empty() {
                    let start = at + (part.len() - part.trim_start_matches([' ', '-', '\t']).len());
                    let span = Span::at(start, start + name.len());
                    header.recipients.push(Found::new(name.to_owned(), span, "portal.recipients", CONFIDENCE));
                }
                at += part.len();
            }
        }
        _ => {}
    }
}

/// Fills an empty field, or keeps the other value as a rival with a note.
fn rival<T: Clone + PartialEq + std::fmt::Display>(
    field: &mut Option<Found<T>>,
    other: Found<T>,
    notes: &mut Vec<Note>,
    what: &str,
    same: impl Fn(&T, &T) -> bool,
) {
    match field {
        None => *field = Some(other),
        Some(known) if same(&known.value, &other.value) => {}
        Some(known) => {
            let message = format!("the data block gives the {what} as {}, the page as {}", other.value, known.value);
            notes.push(Note::at(other.span, message));
            known.confidence = known.confidence.min(0.75);
            known.rivals.push(other.value);
        }
    }
}

/// Says so where a digital signature bears another day than the letterhead.
fn check_signing_time(sheet: &Sheet<'_>, header: &Header, notes: &mut Vec<Note>) {
    let Some(date) = &header.date else { return };
    for found in SIGNED.captures_iter(sheet.folded.text()) {
        let number = |index: usize| found.get(index).and_then(|part| part.as_str().parse::<i16>().ok());
        let parts = match (number(1), number(4)) {
            (Some(year), _) => (Some(year), number(2), number(3)),
            _ => (number(6), number(5), number(4)),
        };
        let (Some(year), Some(month), Some(day)) = parts else { continue };
        let Ok(signed) = Date::new(year, month as i8, day as i8) else { continue };
        if let (true, Some(whole)) = (signed != date.value, found.get(0)) {
            let span = sheet.folded.span(whole.start(), whole.end());
            notes.push(Note::at(span, format!("digitally signed on {signed}, dated {}", date.value)));
            return;
        }
    }
}
