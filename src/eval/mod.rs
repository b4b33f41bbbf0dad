//! How good is it? Results against annotations: counts, rates, and what was missed.
//!
//! The annotations are JSON lines, one document a line, beside a folder of texts. Measuring knows
//! the record only, never how a stage came to it.

pub mod content;
pub mod encodings;
pub mod header;
pub mod reading;
pub mod numbers;
pub mod repair;
pub mod syllables;

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::record::Record;

/// What was measured over a set of annotated documents.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Documents read.
    pub documents: usize,
    /// Letterhead and foot.
    pub header: header::HeaderReport,
    /// Citations and tasks.
    pub content: content::Content,
}

/// Reads each document that `gold` annotates (`ID.txt` in `docs`) with `read`, and holds the records
/// against the annotations. A line that is no JSON object, or a document that is missing, is an
/// error: a measurement with holes would look better than it is.
pub fn run(gold: &Path, docs: &Path, read: &dyn Fn(&str) -> Record) -> Result<Report> {
    let lines = fs::read_to_string(gold).map_err(Error::io(gold))?;
    let mut report = Report::default();
    for (number, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |reason: String| Error::NotADocument(format!("{}, line {}: {reason}", gold.display(), number + 1));
        let annotated: Value = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        let id = annotated["id"].as_str().ok_or_else(|| wrong("no `id`".into()))?;
        let path = docs.join(format!("{id}.txt"));
        let text = fs::read_to_string(&path).map_err(Error::io(&path))?;
        let record = read(&text);
        report.documents += 1;
        header::score(&annotated, &record, &mut report.header);
        content::score(&annotated, &record, &mut report.content);
    }
    Ok(report)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} documents", self.documents)?;
        writeln!(f, "\n{}", self.header)?;
        write!(f, "{}", self.content)
    }
}
