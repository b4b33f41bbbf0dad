//! One document as Akoma Ntoso 3.0 (OASIS LegalDocML): metadata, letterhead, sections, citations.
//!
//! Normative documents are `act`, all others `doc`. The outline gives the hierarchy, the lines of
//! the text its paragraphs, and each mention of a document a `ref` to the IRI of its number. Text is
//! written as repair left it. Knows [`Record`], not the store: a reference names the number that the
//! words give, since the record does not know what resolution makes of it.

use std::io::{self, Write};

use jiff::civil::Date;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::error::{Error, Result};
use crate::facts::{Class, Facts};
use crate::record::{Record, SectionRecord};
use crate::vi::fold::fold;

use super::terms::iri;

const NAMESPACE: &str = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0";

/// Writes `record`; `key` is its node's key, `base` the base of IRIs, `today` the day of writing.
///
/// Fails if the document has no day of issue, which the standard asks for and nobody may invent.
pub fn akn(record: &Record, key: &str, base: &str, today: Date, out: &mut impl Write) -> Result<()> {
    let Some(date) = record.header.date.as_ref().map(|field| field.value) else {
        return Err(Error::Store(format!("{key}: no day of issue was read, and Akoma Ntoso asks for one")));
    };
    let mut page =
        Page { xml: Writer::new_with_indent(&mut *out, b' ', 1), record, base, mentions: mentions(record, base) };
    page.document(key, date, today).map_err(Error::io("output"))?;
    out.write_all(b"\n").map_err(Error::io("output"))
}

/// A stretch of the text that cites: first byte, one past the last, IRI.
type Mention = (usize, usize, String);

fn mentions(record: &Record, base: &str) -> Vec<Mention> {
    let mut all: Vec<Mention> = Vec::new();
    for citation in &record.citations {
        let Some(key) = &citation.key else { continue };
        let target = iri(base, &format!("?{}", fold(&key.value).replace(' ', "")));
        all.extend(citation.mentions.iter().map(|one| (one.span.start(), one.span.end(), target.clone())));
    }
    all.sort();
    let mut end = 0;
    all.retain(|(start, stop, _)| {
        let apart = *start >= end && stop > start && *stop <= record.text.len();
        if apart {
            end = *stop;
        }
        apart
    });
    all
}

struct Page<'a, W: Write> {
    xml: Writer<W>,
    record: &'a Record,
    base: &'a str,
    mentions: Vec<Mention>,
}

impl<W: Write> Page<'_, W> {
    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.xml.write_event(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.xml.write_event(Event::End(BytesEnd::new(name)))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.xml.write_event(Event::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())))
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let allowed: String = text
            .chars()
            .map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c })
            .collect();
        self.xml.write_event(Event::Text(BytesText::new(&allowed)))
    }

    fn document(&mut self, key: &str, date: Date, today: Date) -> io::Result<()> {
        let record = self.record;
        let kind = record.header.kind.as_ref().map_or("văn bản", |kind| kind.value.as_str());
        let normative = (Facts::builtin().kinds.iter())
            .any(|known| known.folded == fold(kind) && known.class == Class::Normative && normative_number(record));
        let (element, body) = if normative { ("act", "body") } else { ("doc", "mainBody") };
        self.xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        self.open("akomaNtoso", &[("xmlns", NAMESPACE)])?;
        self.open(element, &[("name", &fold(kind).replace(' ', "-"))])?;
        self.meta(key, date, today)?;
        let sections: Vec<&SectionRecord> =
            record.outline.iter().filter(|one| one.span.end() > one.span.start()).collect();
        let start = sections.first().map_or(record.text.len(), |first| first.span.start());
        self.open("preface", &[])?;
        self.paragraphs(0, if sections.is_empty() { first_break(&record.text) } else { start })?;
        self.close("preface")?;
        self.open(body, &[])?;
        if sections.is_empty() {
            if normative {
                self.open("hcontainer", &[("eId", "text"), ("name", "text")])?;
                self.open("content", &[])?;
            }
            self.paragraphs(first_break(&record.text), record.text.len())?;
            if normative {
                self.close("content")?;
                self.close("hcontainer")?;
            }
        } else {
            self.sections(&sections, "")?;
        }
        self.close(body)?;
        self.close(element)?;
        self.close("akomaNtoso")
    }

    fn meta(&mut self, key: &str, date: Date, today: Date) -> io::Result<()> {
        let record = self.record;
        let work = iri(self.base, key);
        let (date, today) = (date.to_string(), today.to_string());
        self.open("meta", &[])?;
        self.open("identification", &[("source", "#vanban")])?;
        for (level, uri, day, by) in [
            ("FRBRWork", work.clone(), &date, "#issuer"),
            ("FRBRExpression", format!("{work}/vie@{date}"), &date, "#issuer"),
            ("FRBRManifestation", format!("{work}/vie@{date}.xml"), &today, "#vanban"),
        ] {
            self.open(level, &[])?;
            self.empty("FRBRthis", &[("value", &uri)])?;
            self.empty("FRBRuri", &[("value", &uri)])?;
            self.empty("FRBRdate", &[("date", day), ("name", if by == "#issuer" { "issue" } else { "markup" })])?;
            self.empty("FRBRauthor", &[("href", by)])?;
            match level {
                "FRBRWork" => {
                    self.empty("FRBRcountry", &[("value", "vn")])?;
                    if let Some(number) = &record.header.key {
                        self.empty("FRBRnumber", &[("value", &number.value)])?;
                    }
                    if let Some(subject) = &record.header.subject {
                        self.empty("FRBRname", &[("value", &subject.value)])?;
                    }
                }
                "FRBRExpression" => self.empty("FRBRlanguage", &[("language", "vie")])?,
                _ => self.empty("FRBRformat", &[("value", "application/akn+xml")])?,
            }
            self.close(level)?;
        }
        self.close("identification")?;
        self.open("references", &[("source", "#vanban")])?;
        let issuer = record.header.issuer.as_ref().map_or("", |field| field.value.as_str());
        self.empty(
            "TLCOrganization",
            &[("eId", "issuer"), ("href", "/ontology/organization/vn/issuer"), ("showAs", issuer)],
        )?;
        self.empty(
            "TLCOrganization",
            &[("eId", "vanban"), ("href", "/ontology/organization/vanban"), ("showAs", "vanban")],
        )?;
        if let Some(name) = record.header.signer.as_ref().and_then(|signer| signer.name.as_ref()) {
            self.empty(
                "TLCPerson",
                &[("eId", "signer"), ("href", "/ontology/person/vn/signer"), ("showAs", &name.value)],
            )?;
        }
        self.close("references")?;
        self.close("meta")
    }

    /// The sections of one level and, inside each, those below it.
    fn sections(&mut self, sections: &[&SectionRecord], above: &str) -> io::Result<()> {
        let mut at = 0;
        let mut ordinal = 0;
        while let Some(section) = sections.get(at).copied() {
            let mut next = at + 1;
            while sections.get(next).is_some_and(|below| below.depth > section.depth) {
                next += 1;
            }
            ordinal += 1;
            let (element, short) = level(&section.label);
            let id = format!("{above}{}{short}_{ordinal}", if above.is_empty() { "" } else { "__" });
            self.open(element, &[("eId", &id)])?;
            self.open("num", &[])?;
            self.text(&section.label)?;
            self.close("num")?;
            let title = &section.title;
            if !title.value.trim().is_empty() {
                self.open("heading", &[])?;
                self.inline(title.span.start(), title.span.end())?;
                self.close("heading")?;
            }
            let below = &sections[at + 1..next];
            let stop =
                sections.get(next).map_or(section.span.end(), |after| after.span.start().min(section.span.end()));
            let start = title.span.end().max(section.span.start());
            if let Some(first) = below.first() {
                if !self.record.text.get(start..first.span.start()).unwrap_or_default().trim().is_empty() {
                    self.open("intro", &[])?;
                    self.paragraphs(start, first.span.start())?;
                    self.close("intro")?;
                }
                self.sections(below, &id)?;
            } else {
                self.open("content", &[])?;
                self.paragraphs(start, stop.max(start))?;
                self.close("content")?;
            }
            self.close(element)?;
            at = next;
        }
        Ok(())
    }

    /// The lines from `start` to `stop`, one paragraph each; one empty paragraph where there are none.
    fn paragraphs(&mut self, start: usize, stop: usize) -> io::Result<()> {
        let text = &self.record.text;
        let mut from = start;
        let mut written = false;
        for line in text.get(start..stop).unwrap_or_default().split_inclusive('\n') {
            let to = from + line.trim_end().len();
            let first = from + (line.len() - line.trim_start().len()).min(to - from);
            if first < to {
                self.open("p", &[])?;
                self.inline(first, to)?;
                self.close("p")?;
                written = true;
            }
            from += line.len();
        }
        if !written {
            self.empty("p", &[])?;
        }
        Ok(())
    }

    /// Text with its mentions as references.
    fn inline(&mut self, start: usize, stop: usize) -> io::Result<()> {
        let record = self.record;
        let first = self.mentions.partition_point(|(_, end, _)| *end <= start);
        let inside: Vec<Mention> =
            self.mentions[first..].iter().take_while(|(from, ..)| *from < stop).cloned().collect();
        let mut at = start;
        for (from, to, target) in inside {
            let (from, to) = (from.max(at), to.min(stop));
            self.text(record.text.get(at..from).unwrap_or_default())?;
            self.open("ref", &[("href", &target)])?;
            self.text(record.text.get(from..to).unwrap_or_default())?;
            self.close("ref")?;
            at = to;
        }
        self.text(record.text.get(at..stop).unwrap_or_default())
    }
}

/// Whether the number carries its year, as those of normative documents do.
fn normative_number(record: &Record) -> bool {
    record.header.key.as_ref().is_some_and(|key| key.value.matches('/').count() >= 2)
}

/// Where the first blank line ends: the letterhead of a text without an outline.
fn first_break(text: &str) -> usize {
    text.find("\n\n").map_or(0, |at| at + 2)
}

/// The element for a heading's numeral, and its short form in ids (OASIS naming convention).
fn level(label: &str) -> (&'static str, &'static str) {
    let folded = fold(label);
    let first = folded.trim_start().chars().next().unwrap_or_default();
    match folded.split_whitespace().next().unwrap_or_default() {
        "phan" => ("part", "part"),
        "chuong" => ("chapter", "chp"),
        "muc" => ("section", "sec"),
        "dieu" => ("article", "art"),
        _ if first.is_ascii_digit() => ("paragraph", "para"),
        _ if "ivx".contains(first) && label.chars().any(char::is_uppercase) => ("section", "sec"),
        _ if first.is_alphabetic() => ("point", "point"),
        _ => ("level", "lvl"),
    }
}
