//! How good is it? Results against annotations: counts, rates, and what was missed.
//!
//! The annotations are JSON lines, one document a line, beside a folder of texts (docs/gold.md says
//! what they hold and when a value counts as right). Measuring knows the record only, never how a
//! stage came to it.

pub mod content;
pub mod encodings;
pub mod header;
pub mod layers;
pub mod numbers;
pub mod page;
pub mod reading;
pub mod repair;
pub mod syllables;

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::record::Record;

/// One annotated document: an object of the gold format (docs/gold.md) and the text that is read.
#[derive(Clone, Debug)]
pub struct Annotated {
    /// The annotation's name for the document.
    pub id: String,
    /// The annotation.
    pub gold: Value,
    /// The text.
    pub text: String,
}

/// Annotated documents, and how many have no text.
#[derive(Clone, Debug, Default)]
pub struct Gold {
    /// Those with a text, in the order of the annotations.
    pub documents: Vec<Annotated>,
    /// Annotated, but left out for want of a reading.
    pub left_out: usize,
}

/// Reads `gold.jsonl` in `folder`, and the text of each document: `docs/ID.txt` beside it, or
/// `ID.txt` in `readings`. A line that is no JSON object, or a document that is missing in `docs`, is an
/// error: a measurement with holes would look better than it is. One without a reading is counted.
pub fn load(folder: &Path, readings: Option<&Path>) -> Result<Gold> {
    let path = folder.join("gold.jsonl");
    let lines = fs::read_to_string(&path).map_err(Error::io(&path))?;
    let docs = folder.join("docs");
    let mut set = Gold::default();
    for (number, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |reason: String| Error::NotADocument(format!("{}, line {}: {reason}", path.display(), number + 1));
        let gold: Value = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        let id = gold["id"].as_str().ok_or_else(|| wrong("no `id`".into()))?.to_owned();
        let file = readings.unwrap_or(&docs).join(format!("{id}.txt"));
        if readings.is_some() && !file.exists() {
            set.left_out += 1;
            continue;
        }
        let text = fs::read_to_string(&file).map_err(Error::io(&file))?;
        set.documents.push(Annotated { id, gold, text });
    }
    Ok(set)
}

/// What was measured over a set of annotated documents.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Documents read.
    pub documents: usize,
    /// Annotated documents without a reading.
    pub left_out: usize,
    /// Letterhead and foot.
    pub header: header::HeaderReport,
    /// Citations and tasks.
    pub content: content::Content,
}

/// Holds records against their annotations.
pub fn measure(set: &Gold, records: &[Record]) -> Report {
    let mut report = Report { left_out: set.left_out, ..Report::default() };
    for (document, record) in set.documents.iter().zip(records) {
        report.documents += 1;
        header::score(&document.gold, record, &mut report.header);
        content::score(&document.gold, record, &mut report.content);
    }
    report
}

impl Report {
    /// The figures alone, without what was missed: for sets that nobody may look into.
    #[must_use]
    pub fn without_misses(mut self) -> Self {
        for field in &mut self.header.fields {
            field.misses.clear();
        }
        for document in &mut self.content.each {
            document.misses.clear();
        }
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} documents", self.documents)?;
        if self.left_out > 0 {
            write!(f, ", {} left out: no reading", self.left_out)?;
        }
        writeln!(f, "\n\n{}", self.header)?;
        write!(f, "{}", self.content)
    }
}
