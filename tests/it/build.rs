//! Records made in code, for tests that need no file: a header and the lines of a text, in which
//! each citation's words are looked up so that spans are true.

use jiff::civil::Date;
use vanban::document::Digest;
use vanban::parse::{DeadlineKind, Relation};
use vanban::record::{CitationRecord, DeadlineRecord, Field, HeaderRecord, Record, TaskRecord};
use vanban::text::Span;

use crate::synth::{blank, field};

/// A document to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doc {
    key: String,
    kind: String,
    issuer: String,
    parent: String,
    place: String,
    date: Option<Date>,
    subject: String,
    lines: Vec<String>,
    citations: Vec<Cite>,
    tasks: Vec<Todo>,
    salt: String,
}

/// A citation to be.
#[derive(Clone, Debug)]
pub(crate) struct Cite {
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) date: Option<Date>,
    pub(crate) issuer: &'static str,
    pub(crate) title: &'static str,
    pub(crate) relation: Relation,
    /// Words of the text that mention it.
    pub(crate) mentions: Vec<&'static str>,
}

/// A citation of `key` by its number alone.
pub(crate) fn cite(key: &'static str) -> Cite {
    Cite {
        key,
        name: "",
        kind: "",
        date: None,
        issuer: "",
        title: "",
        relation: Relation::BasedOn,
        mentions: vec![key],
    }
}

/// A task to be.
#[derive(Clone, Debug)]
pub(crate) struct Todo {
    pub(crate) text: &'static str,
    pub(crate) lead: Vec<&'static str>,
    pub(crate) coordinate: Vec<&'static str>,
    pub(crate) due: Option<(DeadlineKind, Option<Date>, Option<Date>, bool)>,
}

impl Doc {
    pub(crate) fn new(key: &str, kind: &str, issuer: &str, date: Date) -> Self {
        Self { key: key.into(), kind: kind.into(), issuer: issuer.into(), date: Some(date), ..Self::default() }
    }

    /// The plan of a school in Hồ Chí Minh City.
    pub(crate) fn school(number: u32, date: Date) -> Self {
        Self::new(&format!("{number}/KH-THPTLTT"), "Kế hoạch", "Trường THPT Lê Trọng Tấn", date)
            .under("Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh")
            .at("Thành phố Hồ Chí Minh")
    }

    pub(crate) fn under(mut self, parent: &str) -> Self {
        self.parent = parent.into();
        self
    }

    pub(crate) fn at(mut self, place: &str) -> Self {
        self.place = place.into();
        self
    }

    pub(crate) fn about(mut self, subject: &str) -> Self {
        self.subject = subject.into();
        self
    }

    pub(crate) fn line(mut self, line: &str) -> Self {
        self.lines.push(line.into());
        self
    }

    pub(crate) fn cites(mut self, cite: Cite) -> Self {
        self.citations.push(cite);
        self
    }

    pub(crate) fn asks(mut self, task: Todo) -> Self {
        self.tasks.push(task);
        self
    }

    /// Another file of the same document.
    pub(crate) fn copy(mut self, salt: &str) -> Self {
        self.salt = salt.into();
        self
    }

    pub(crate) fn record(&self) -> Record {
        let mut text = format!("{}\nSố: {}\n{}\n", self.issuer, self.key, self.subject);
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        for cite in &self.citations {
            for words in &cite.mentions {
                if !text.contains(words) {
                    text = format!("{text}Căn cứ {words};\n");
                }
            }
        }
        let make = |words: &str| found(&text, words);
        Record {
            header: HeaderRecord {
                key: make(&self.key),
                kind: make(&self.kind),
                issuer: make(&self.issuer),
                parent: make(&self.parent),
                place: make(&self.place),
                date: self.date.map(|date| field(date, Span::default())),
                subject: make(&self.subject),
                ..HeaderRecord::default()
            },
            citations: self.citations.iter().map(|cite| citation(&text, cite)).collect(),
            tasks: self.tasks.iter().map(task).collect(),
            ..blank(Digest::of(format!("{self:?}").as_bytes()), text.clone())
        }
    }
}

fn citation(text: &str, cite: &Cite) -> CitationRecord {
    let mut mentions: Vec<Field<String>> = Vec::new();
    for words in &cite.mentions {
        let after = mentions.last().map_or(0, |last| last.span.end());
        let start = text[after..].find(words).map_or(0, |at| after + at);
        mentions.push(field((*words).to_owned(), Span::at(start, start + words.len())));
    }
    CitationRecord {
        key: found(text, cite.key),
        name: found(text, cite.name),
        title: found(text, cite.title),
        kind: found(text, cite.kind),
        date: cite.date.map(|date| field(date, Span::default())),
        issuer: found(text, cite.issuer),
        relation: field(cite.relation, Span::default()),
        locator: None,
        mentions,
    }
}

fn task(task: &Todo) -> TaskRecord {
    let names = |list: &[&str]| list.iter().map(|name| field((*name).to_owned(), Span::default())).collect();
    TaskRecord {
        text: field(task.text.to_owned(), Span::default()),
        lead: names(&task.lead),
        coordinate: names(&task.coordinate),
        people: Vec::new(),
        product: None,
        budget: None,
        deadline: task.due.map(|(kind, start, end, inclusive)| DeadlineRecord {
            kind: field(kind, Span::default()),
            start: start.map(|date| field(date, Span::default())),
            end: end.map(|date| field(date, Span::default())),
            text: field("như in".into(), Span::default()),
            inclusive,
            tentative: false,
            recurrence: None,
            anchor: None,
            edtf: None,
            computed: None,
        }),
    }
}

fn found(text: &str, words: &str) -> Option<Field<String>> {
    let start = text.find(words).unwrap_or_default();
    (!words.is_empty()).then(|| field(words.to_owned(), Span::at(start, start + words.len())))
}
