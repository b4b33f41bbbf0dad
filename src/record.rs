//! One document as JSON: everything that was read, each value with its proof.
//!
//! [`prove`] joins what parsing found in the repaired text with the raw text and the page that it
//! came from. The chain is followed here and nowhere else: span of the repaired text, to the raw
//! span by [`Text::raw_span`], to page and box by [`Document::place`]. The types are the public
//! JSON; a change of their shape is a change of [`SCHEMA_VERSION`].

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{
    Declared, Digest, Document, Format, Judgement, Layer, Reading, Rect, Signature, Within, Written,
};
use crate::key::DocNumber;
use crate::parse::date::find_dates;
use crate::parse::deadline::edtf;
use crate::parse::found::{AttachedKind, Computed, DeadlineKind, Found, Header, Parsed, Refers, Relation};
use crate::table::{Table, repaired};
use crate::text::{Edit, Note, Span, Text};

/// Version of the JSON of a document. The first number changes when a name or meaning does.
pub const SCHEMA_VERSION: &str = "1.1";

/// One document, as `vanban read --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Version of this schema.
    pub schema_version: String,
    /// The file that was read.
    pub file: FileRecord,
    /// Letterhead and foot.
    pub header: HeaderRecord,
    /// Headings in the order of the text.
    pub outline: Vec<SectionRecord>,
    /// One for each cited document.
    pub citations: Vec<CitationRecord>,
    /// What somebody is to do.
    pub tasks: Vec<TaskRecord>,
    /// What the envelope that it was sent in says of it. The header is read from the document itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<Declared>,
    /// The tables, cell by cell; `span`s point into `text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// Words that mean a document named before, or this one. They are no citations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub back_references: Vec<BackReferenceRecord>,
    /// Annexes, attached instruments and further documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<AttachedRecord>,
    /// The repaired text. All `span`s point into it, in bytes of UTF-8.
    pub text: String,
    /// Every change that repair made, in spans of the raw text.
    #[schemars(with = "Vec<EditRecord>")]
    pub edits: Vec<Edit>,
    /// What a person should know. Spans point into `text`.
    pub notes: Vec<Note>,
}

/// The file behind a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileRecord {
    /// BLAKE3 of its bytes, in hexadecimal.
    #[schemars(with = "String")]
    pub digest: Digest,
    /// Its kind, told from its bytes.
    pub format: Format,
    /// Its pages.
    pub pages: Vec<PageRecord>,
    /// The archive, mail or envelope that it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// Its digital signatures. Whether their certificates are to be trusted was not checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// One page of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PageRecord {
    /// Width and height in the unit of the boxes: points (1/72 inch) for PDF, pixels for pictures.
    pub size: Option<(f32, f32)>,
    /// Where its text came from.
    pub layer: Layer,
    /// What the page's own text looked like, and why it was or was not used; for pages of a PDF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Box<Judgement>>,
}

/// A value that was read, with its proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Field<T> {
    /// The value in its normal form.
    pub value: T,
    /// What the file has there, before repair.
    pub raw: String,
    /// Where it stands in the repaired `text`: first byte and one past the last.
    #[schemars(with = "(u32, u32)")]
    pub span: Span,
    /// One-based page.
    pub page: u32,
    /// Box on the page: left, top, right, bottom. Null for formats without geometry.
    pub bbox: Option<Rect>,
    /// 0 to 1. Under 0.6 a person should look.
    pub confidence: f32,
    /// The rule that found it.
    pub rule: String,
    /// Other values that are possible, best first.
    #[serde(default = "none::<T>", skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<T>,
    /// How its digits came onto the paper, where that was looked at: those of a hand are never sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Written>,
}

/// An absent list of rivals is an empty one (serde's own default would ask that `T` has one).
const fn none<T>() -> Vec<T> {
    Vec::new()
}

/// Letterhead and foot of a document. What was not found is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeaderRecord {
    /// Số.
    pub number: Option<Field<String>>,
    /// Ký hiệu.
    pub symbol: Option<Field<String>>,
    /// Number and symbol together: `1927/KH-UBND`.
    pub key: Option<Field<String>>,
    /// Tên loại.
    #[serde(rename = "type")]
    pub kind: Option<Field<String>>,
    /// Cơ quan ban hành.
    pub issuer: Option<Field<String>>,
    /// Cơ quan chủ quản.
    pub parent: Option<Field<String>>,
    /// Địa danh.
    pub place: Option<Field<String>>,
    /// Day of issue, ISO 8601.
    #[schemars(with = "Option<Field<String>>")]
    pub date: Option<Field<Date>>,
    /// Trích yếu, as printed.
    pub subject: Option<Field<String>>,
    /// A subject that is printed in capitals, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_sentence: Option<Field<String>>,
    /// Mức độ khẩn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Field<String>>,
    /// Độ mật.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrecy: Option<Field<String>>,
    /// Kính gửi.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addressees: Vec<Field<String>>,
    /// Who signed.
    pub signer: Option<SignerRecord>,
    /// Nơi nhận.
    pub recipients: Vec<Field<String>>,
    /// The archive line, which is the last of the recipients: `Lưu: VT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Field<String>>,
}

/// Words that stand for a document without naming it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BackReferenceRecord {
    /// The words.
    pub words: Field<String>,
    /// How they refer.
    pub refers: Refers,
    /// Which of `citations` is meant, counted from zero, if one can be told.
    pub citation: Option<usize>,
}

/// An annex, an attached instrument or a further document in the same file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttachedRecord {
    /// What it is.
    pub kind: AttachedKind,
    /// The label of an annex: `PHỤ LỤC I`.
    pub label: Option<Field<String>>,
    /// Its own head.
    pub header: HeaderRecord,
    /// Where it stands in `text`.
    #[schemars(with = "(u32, u32)")]
    pub span: Span,
}

/// The signature block.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignerRecord {
    /// Họ tên.
    pub name: Option<Field<String>>,
    /// Chức vụ of the one who signed.
    pub position: Option<Field<String>>,
    /// Quyền hạn: `KT.`, `TM.`, `TL.`, `TUQ.`, `Q.`.
    pub authority: Option<Field<String>>,
}

/// One heading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SectionRecord {
    /// 0 for the highest level.
    pub depth: u8,
    /// The numeral as printed.
    pub label: String,
    /// The heading.
    pub title: Field<String>,
    /// From the heading to the next one of this level or higher, in `text`.
    #[schemars(with = "(u32, u32)")]
    pub span: Span,
}

/// One cited document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CitationRecord {
    /// `1927/KH-UBND`; null for a law cited by name.
    pub key: Option<Field<String>>,
    /// Name of a law, or the words of a short reference.
    pub name: Option<Field<String>>,
    /// Title, where the citation gives it.
    pub title: Option<Field<String>>,
    /// Type of the cited document.
    #[serde(rename = "type")]
    pub kind: Option<Field<String>>,
    /// Its day of issue.
    #[schemars(with = "Option<Field<String>>")]
    pub date: Option<Field<Date>>,
    /// Who issued it, as printed.
    pub issuer: Option<Field<String>>,
    /// What this document does to it.
    pub relation: Field<Relation>,
    /// The part that is meant.
    pub locator: Option<Field<String>>,
    /// Every mention.
    pub mentions: Vec<Field<String>>,
}

/// One task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskRecord {
    /// What is to be done.
    pub text: Field<String>,
    /// Who is responsible.
    pub lead: Vec<Field<String>>,
    /// Who takes part.
    pub coordinate: Vec<Field<String>>,
    /// Persons that it names, without their title (ông, bà, đồng chí).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Field<String>>,
    /// When it is due.
    pub deadline: Option<DeadlineRecord>,
    /// What is to come of it (sản phẩm, kết quả).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Field<String>>,
    /// Where the money comes from (nguồn kinh phí).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Field<String>>,
}

/// When a task is due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeadlineRecord {
    /// How to read `start` and `end`.
    pub kind: Field<DeadlineKind>,
    /// First day, ISO 8601.
    #[schemars(with = "Option<Field<String>>")]
    pub start: Option<Field<Date>>,
    /// Last day, ISO 8601.
    #[schemars(with = "Option<Field<String>>")]
    pub end: Option<Field<Date>>,
    /// The words as printed.
    pub text: Field<String>,
    /// Whether `end` itself still counts.
    pub inclusive: bool,
    /// Said to be a plan only ("dự kiến").
    pub tentative: bool,
    /// RFC 5545 rule of a recurring deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<String>,
    /// What an event deadline waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// The same in EDTF (ISO 8601-2): `2024-36`, `../2024-12-14`; none for what has no dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edtf: Option<String>,
    /// How a day that is not printed was counted from the day of issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<Computed>,
}

/// The shape of an edit in JSON.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read by the schema generator only")]
struct EditRecord {
    /// What was replaced, in the raw text.
    raw: (u32, u32),
    /// What stands there instead.
    new: String,
    /// unicode, diacritic, confusion, rival, join, split, number or human; or the encoding: `encoding: TCVN3`.
    why: String,
    /// 0 to 1.
    confidence: f32,
    /// Other readings, best first.
    rivals: Option<Vec<String>>,
}

/// Joins the stages' results into one record. `parsed` was read from `text`, and `text` was made
/// from `document`.
#[allow(clippy::too_many_lines, reason = "one field after the other")]
pub fn prove(document: &Document, text: &Text, parsed: Parsed) -> Record {
    let chain = Chain { document, text };
    let key = |key: Option<Found<DocNumber>>| key.map(|found| chain.field(found.map(|number| number.to_string())));
    let texts = |list: Vec<Found<String>>| list.into_iter().map(|found| chain.field(found)).collect::<Vec<_>>();
    let mut notes: Vec<Note> = document
        .notes
        .iter()
        .map(|note| Note { span: note.span.map(|span| text.fixed_span(span)), message: note.message.clone() })
        .collect();
    notes.extend(parsed.notes);
    notes.extend(contradictions(&document.declared, &parsed.header));
    Record {
        schema_version: SCHEMA_VERSION.into(),
        file: FileRecord {
            digest: document.digest,
            format: document.format,
            pages: document
                .pages
                .iter()
                .map(|page| PageRecord { size: page.size, layer: page.layer, judged: page.judged.clone() })
                .collect(),
            signatures: document.signatures.clone(),
            within: document.within.clone(),
        },
        header: chain.header(parsed.header),
        outline: parsed
            .outline
            .into_iter()
            .map(|section| SectionRecord {
                depth: section.depth,
                label: section.label,
                title: chain.field(section.title),
                span: section.span,
            })
            .collect(),
        citations: parsed
            .citations
            .into_iter()
            .map(|citation| CitationRecord {
                key: key(citation.key),
                name: chain.optional(citation.name),
                title: chain.optional(citation.title),
                kind: chain.optional(citation.kind),
                date: chain.optional(citation.date),
                issuer: chain.optional(citation.issuer),
                relation: chain.field(citation.relation),
                locator: chain.optional(citation.locator),
                mentions: texts(citation.mentions),
            })
            .collect(),
        tasks: parsed
            .tasks
            .into_iter()
            .map(|task| TaskRecord {
                text: chain.field(task.text),
                lead: texts(task.lead),
                coordinate: texts(task.coordinate),
                people: texts(task.people),
                product: chain.optional(task.product),
                budget: chain.optional(task.budget),
                deadline: task.deadline.map(|deadline| {
                    let words = &deadline.text;
                    let derived = |date: Date| Found::new(date, words.span, words.rule, words.confidence);
                    DeadlineRecord {
                        kind: chain.field(Found::new(deadline.kind, words.span, words.rule, words.confidence)),
                        start: deadline.start.map(|date| chain.field(derived(date))),
                        end: deadline.end.map(|date| chain.field(derived(date))),
                        inclusive: deadline.inclusive,
                        tentative: deadline.tentative,
                        recurrence: deadline.recurrence.clone(),
                        anchor: deadline.anchor.clone(),
                        edtf: edtf(&deadline),
                        computed: deadline.computed.clone(),
                        text: chain.field(deadline.text),
                    }
                }),
            })
            .collect(),
        declared: document.declared.clone(),
        tables: repaired(&document.tables, text),
        back_references: parsed
            .back_references
            .into_iter()
            .map(|back| BackReferenceRecord {
                words: chain.field(back.words),
                refers: back.refers,
                citation: back.citation,
            })
            .collect(),
        attached: parsed
            .attached
            .into_iter()
            .map(|part| AttachedRecord {
                kind: part.kind,
                label: chain.optional(part.label),
                header: chain.header(part.header),
                span: part.span,
            })
            .collect(),
        text: text.fixed().to_owned(),
        edits: text.edits().to_vec(),
        notes,
    }
}

/// Where the envelope says something else than the document.
fn contradictions(declared: &[Declared], header: &Header) -> Vec<Note> {
    let said = |field: &str| declared.iter().find(|said| said.field == field).map(|said| said.value.as_str());
    let folded = |text: &str| crate::key::fold_key(text);
    let mut notes = Vec::new();
    let mut compare = |field: &str, read: Option<(String, Span)>, same: &dyn Fn(&str, &str) -> bool| {
        if let (Some(said), Some((read, span))) = (said(field), read)
            && !same(said, &read)
        {
            notes.push(Note::at(span, format!("the envelope says {field} {said}, the document {read}")));
        }
    };
    let number = |text: &str| text.trim_start_matches('0').to_owned();
    let found = |found: &Option<Found<String>>| found.as_ref().map(|found| (found.value.clone(), found.span));
    compare("number", found(&header.number), &|said, read| number(said) == number(read));
    compare("symbol", found(&header.symbol), &|said, read| folded(said) == folded(read));
    let date = header.date.as_ref().map(|found| (found.value.to_string(), found.span));
    compare("date", date, &|said, read| said == read);
    notes
}

/// The way back from a span of the repaired text to the page.
struct Chain<'a> {
    document: &'a Document,
    text: &'a Text,
}

impl Chain<'_> {
    /// The digits inside `raw` that were read more than once.
    fn readings(&self, raw: Span) -> impl Iterator<Item = &Reading> {
        let readings = &self.document.readings;
        let first = readings.partition_point(|reading| reading.span.start() < raw.start());
        readings[first..].iter().take_while(move |reading| reading.span.end() <= raw.end())
    }

    fn header(&self, header: Header) -> HeaderRecord {
        let list = |list: Vec<Found<String>>| list.into_iter().map(|found| self.field(found)).collect();
        HeaderRecord {
            number: self.optional(header.number),
            symbol: self.optional(header.symbol),
            key: header.key.map(|found| self.field(found.map(|number| number.to_string()))),
            kind: self.optional(header.kind),
            issuer: self.optional(header.issuer),
            parent: self.optional(header.parent),
            place: self.optional(header.place),
            date: self.optional(header.date),
            subject: self.optional(header.subject),
            subject_sentence: self.optional(header.subject_sentence),
            urgency: self.optional(header.urgency),
            secrecy: self.optional(header.secrecy),
            addressees: list(header.addressees),
            signer: header.signer.map(|signer| SignerRecord {
                name: self.optional(signer.name),
                position: self.optional(signer.position),
                authority: self.optional(signer.authority),
            }),
            recipients: list(header.recipients),
            archive: self.optional(header.archive),
        }
    }

    fn optional<T: FromWords>(&self, found: Option<Found<T>>) -> Option<Field<T>> {
        found.map(|found| self.field(found))
    }

    /// A value is no surer than the words that it was read from: its confidence is the rule's,
    /// times the lowest of its words on the page and of the edits that made its text.
    fn field<T: FromWords>(&self, found: Found<T>) -> Field<T> {
        let raw = self.text.raw_span(found.span);
        let place = self.document.place(raw);
        let mut confidence = found.confidence.min(found.confidence * place.confidence);
        let mut rivals = found.rivals;
        for index in self.text.edits_in(found.span) {
            let edit = &self.text.edits()[index];
            confidence = confidence.min(found.confidence * edit.confidence);
            if edit.confidence >= SURE {
                continue;
            }
            let within = self.text.edit_span(index);
            for rival in &edit.rivals {
                let value = T::with_words(&found.value, within.of(self.text.fixed()), rival);
                rivals.extend(value.filter(|value| *value != found.value && !rivals.contains(value)));
            }
        }
        let printed = raw.of(self.text.raw());
        let mut written = None;
        let mut others: Vec<(T, f32)> = Vec::new();
        for reading in self.readings(raw) {
            written = written.max(Some(reading.written));
            for (digits, share) in &reading.rivals {
                let start = reading.span.start() - raw.start();
                let value = T::with_digits(&found.value, printed, start..start + reading.span.len(), digits);
                others.extend(value.filter(|value| *value != found.value).map(|value| (value, *share)));
            }
        }
        others.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (value, _) in others {
            if !rivals.contains(&value) {
                rivals.push(value);
            }
        }
        Field {
            raw: printed.to_owned(),
            span: found.span,
            page: place.page,
            bbox: place.bbox,
            confidence: (confidence * 1000.0).round() / 1000.0,
            rule: found.rule.to_owned(),
            value: found.value,
            rivals,
            written,
        }
    }
}

/// Rivals of an edit this sure are not worth a reader's time.
const SURE: f32 = 0.9;

/// Values into which a rival reading of one word can be put.
trait FromWords: PartialEq + Sized {
    /// The value with `old` read as `new`. None where that cannot be said.
    fn with_words(value: &Self, old: &str, new: &str) -> Option<Self>;

    /// The value if the file had `digits` at bytes `at` of `printed`, which it was read from.
    fn with_digits(_value: &Self, _printed: &str, _at: std::ops::Range<usize>, _digits: &str) -> Option<Self> {
        None
    }
}

/// Values longer than this many bytes are sentences: their rivals would hide what differs.
const SHORT: usize = 64;

/// Runs of digits in `text`.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + text[end..].find(|c: char| c.is_ascii_digit())?;
        let length = text[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - start);
        end = start + length;
        Some((start, &text[start..end]))
    })
}

impl FromWords for String {
    fn with_words(value: &Self, old: &str, new: &str) -> Option<Self> {
        let at = value.rfind(old).filter(|_| !old.is_empty())?;
        Some(format!("{}{new}{}", &value[..at], &value[at + old.len()..]))
    }

    /// The digits that stand in the same place among the value's, if they are the same.
    fn with_digits(value: &Self, printed: &str, at: std::ops::Range<usize>, digits: &str) -> Option<Self> {
        let index = runs(printed).position(|(start, _)| start == at.start)?;
        let (start, old) = runs(value).nth(index).filter(|(_, old)| Some(*old) == printed.get(at))?;
        let whole = || format!("{}{digits}{}", &value[..start], &value[start + old.len()..]);
        (value.len() <= SHORT).then(whole)
    }
}

impl FromWords for Date {
    fn with_words(_: &Self, _: &str, _: &str) -> Option<Self> {
        None
    }

    fn with_digits(_: &Self, printed: &str, at: std::ops::Range<usize>, digits: &str) -> Option<Self> {
        let other = format!("{}{digits}{}", printed.get(..at.start)?, printed.get(at.end..)?);
        find_dates(&other, Span::at(0, other.len())).into_iter().next().map(|date| date.value)
    }
}

impl FromWords for Relation {
    fn with_words(_: &Self, _: &str, _: &str) -> Option<Self> {
        None
    }
}

impl FromWords for DeadlineKind {
    fn with_words(_: &Self, _: &str, _: &str) -> Option<Self> {
        None
    }
}
