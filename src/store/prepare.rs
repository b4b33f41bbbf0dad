//! Everything about a record that can be worked out before the store is touched.
//!
//! Pure, so that a batch prepares its documents on all cores while one connection writes.

use crate::document::Digest;
use crate::error::{Error, Result};
use crate::record::{CitationRecord, Field, Record};
use crate::resolve::{Claims, Letterhead, Reference, read_claims};
use crate::text::Span;

use super::compress::{Kind, pack};
use super::search::searchable;

/// A record, ready to be written.
pub(super) struct Prepared<'a> {
    /// Without its text.
    pub(super) record: &'a Record,
    pub(super) hash: Digest,
    pub(super) claims: Claims,
    pub(super) text: Vec<u8>,
    pub(super) json: Vec<u8>,
    /// Body and folded body for full-text search.
    pub(super) search: (String, String),
    /// The sentence around each mention of each citation.
    pub(super) sentences: Vec<Vec<String>>,
}

/// Works out what will be written for a record without its text, and the text.
pub(super) fn prepare<'a>(record: &'a Record, text: &str) -> Result<Prepared<'a>> {
    let json = serde_json::to_vec(record).map_err(|error| Error::Store(error.to_string()))?;
    let body = body_start(record);
    Ok(Prepared {
        hash: Digest::of(&[json.as_slice(), text.as_bytes()].concat()),
        claims: read_claims(record.file.digest, &letterhead(record), &references(record)),
        text: pack(Kind::Text, text.as_bytes())?,
        json: pack(Kind::Record, &json)?,
        search: searchable(text),
        sentences: record
            .citations
            .iter()
            .map(|citation| citation.mentions.iter().map(|mention| sentence(text, mention.span, body)).collect())
            .collect(),
        record,
    })
}

/// Where the letterhead ends: a sentence of the body does not begin before.
fn body_start(record: &Record) -> usize {
    let header = &record.header;
    [&header.subject, &header.kind, &header.key]
        .into_iter()
        .flatten()
        .map(|field| field.span.end())
        .chain(header.date.as_ref().map(|date| date.span.end()))
        .max()
        .unwrap_or(0)
}

/// The letterhead of a record in the terms of resolution.
pub(super) fn letterhead(record: &Record) -> Letterhead {
    let header = &record.header;
    Letterhead {
        key: value(header.key.as_ref()),
        kind: value(header.kind.as_ref()),
        issuer: value(header.issuer.as_ref()),
        parent: value(header.parent.as_ref()),
        place: value(header.place.as_ref()),
        date: header.date.as_ref().map(|date| date.value),
        subject: value(header.subject.as_ref()),
    }
}

fn references(record: &Record) -> Vec<Reference> {
    record
        .citations
        .iter()
        .map(|citation| Reference {
            key: value(citation.key.as_ref()),
            name: value(citation.name.as_ref()),
            kind: value(citation.kind.as_ref()),
            date: citation.date.as_ref().map(|date| date.value),
            issuer: value(citation.issuer.as_ref()),
            title: value(citation.title.as_ref()),
        })
        .collect()
}

/// The value of a field that may be missing.
pub(super) fn value(field: Option<&Field<String>>) -> Option<String> {
    field.map(|field| field.value.clone())
}

/// How sure the reading of a citation is: of its number, or its name.
pub(super) fn citation_confidence(citation: &CitationRecord) -> f32 {
    let named = citation.key.as_ref().or(citation.name.as_ref()).map(|field| field.confidence);
    named.or_else(|| citation.mentions.first().map(|mention| mention.confidence)).unwrap_or(0.0)
}

/// Longest sentence kept as evidence, in bytes.
const LONGEST_SENTENCE: usize = 700;

/// The sentence around `span`, on one line. Lines of running text are joined; a blank line, a
/// list item, a semicolon and a full stop end it, but not the dot of `TP.` or `KT.`. A sentence
/// that stands after the byte `body` does not begin before it.
pub(super) fn sentence(text: &str, span: Span, body: usize) -> String {
    if span.of(text).is_empty() {
        return String::new();
    }
    let reach = span.start().saturating_sub(LONGEST_SENTENCE);
    let earliest = floor(text, if body <= span.start() { reach.max(body) } else { reach });
    let start = text[earliest..span.start()]
        .char_indices()
        .rev()
        .find(|(at, c)| ends_sentence(text, earliest + at, *c))
        .map_or(earliest, |(at, c)| earliest + at + c.len_utf8());
    let latest = floor(text, (span.end() + LONGEST_SENTENCE).min(text.len()));
    let end = text[span.end()..latest]
        .char_indices()
        .find(|(at, c)| ends_sentence(text, span.end() + at, *c))
        .map_or(latest, |(at, c)| span.end() + at + if c.is_whitespace() { 0 } else { c.len_utf8() });
    text[start..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ends_sentence(text: &str, at: usize, c: char) -> bool {
    let after = &text[at + c.len_utf8()..];
    match c {
        '\u{c}' | ';' => true,
        '.' | '!' | '?' => {
            let word = text[..at].rsplit(|c: char| c.is_whitespace() || c == '.').next().unwrap_or_default();
            let short = word.chars().count() <= 4 && !word.chars().any(char::is_lowercase);
            let next = after.trim_start_matches(['"', '”', '’', ')', '/', '.']);
            !short
                && next.starts_with(char::is_whitespace)
                && next.trim_start().chars().next().is_none_or(|c| !c.is_lowercase())
        }
        '\n' => {
            let next = after.trim_start_matches([' ', '\t']);
            let before = text[..at].trim_end_matches([' ', '\t']);
            next.starts_with('\n')
                || next.starts_with(['-', '+', '•', '*', '–'])
                || before.ends_with([';', ':', '.'])
                || next.starts_with("Căn cứ ")
                || starts_with_label(next)
        }
        _ => false,
    }
}

/// Whether a line opens with `1.`, `a)` or `II.`.
fn starts_with_label(line: &str) -> bool {
    let label: String = line.chars().take_while(|c| c.is_alphanumeric()).take(5).collect();
    let rest = &line[label.len()..];
    let numeral = label.bytes().all(|b| b.is_ascii_digit()) || label.bytes().all(|b| b"IVX".contains(&b));
    !label.is_empty()
        && (numeral && rest.starts_with(['.', ')']) && !rest[1..].starts_with(|c: char| c.is_ascii_digit())
            || label.chars().count() == 1 && rest.starts_with(')'))
}

/// The character border at or before `at`.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text with the mention in brackets; the sentence.
    #[test]
    fn finds_the_sentence() {
        for (text, expected) in [
            ("Một. Đảm bảo theo [Kế\nhoạch 1] được xong. Hai.", "Đảm bảo theo Kế hoạch 1 được xong."),
            ("Căn cứ [Luật A];\nCăn cứ Luật B;", "Căn cứ Luật A;"),
            ("- một\n- theo [KH 2] của UBND TP. Hồ Chí Minh\n- ba", "- theo KH 2 của UBND TP. Hồ Chí Minh"),
            ("1. Tên mục\nTheo [KH 3]\n\nhai", "1. Tên mục Theo KH 3"),
            ("[KH 4]", "KH 4"),
        ] {
            let start = text.find('[').expect("start");
            let end = text.find(']').expect("end") - 1;
            let text = text.replace(['[', ']'], "");
            assert_eq!(sentence(&text, Span::at(start, end), 0), expected);
        }
        let head = "KẾ HOẠCH\nTên gọi\nThực hiện KH 5 năm";
        let at = head.find("KH 5").expect("a mention");
        let body = head.find("\nThực").expect("a body");
        assert_eq!(sentence(head, Span::at(at, at + 4), body), "Thực hiện KH 5 năm");
        assert_eq!(sentence("abc", Span::new(7, 9), 0), "");
    }
}
