//! Repaired text in, what a clerk would write down out.
//!
//! [`parse`] is pure and total: it sees the text and [`Facts`], never pixels, boxes or OCR
//! confidences, never the clock, and it does not fail. What is odd becomes a [`Note`]. It does not
//! resolve either: "Quyết định này" stays what it is, and a citation names a number, not a node.

mod body;
pub mod cite;
pub mod date;
pub mod deadline;
pub mod folded;
pub mod found;
mod header;
mod heading;
mod issuer;
mod letterhead;
mod names;
mod number;
mod outline;
mod portal;
mod recipients;
pub mod relation;
mod sheet;
mod signature;
pub mod task;
mod unit;
mod words;

pub use found::{Citation, Deadline, DeadlineKind, Found, Header, Parsed, Relation, Section, Signer, Task};

use crate::facts::Facts;

/// Reads everything from the repaired text of one document (NFC, as
/// [`Text::fixed`](crate::text::Text::fixed) gives it). All spans point into `text`.
pub fn parse(text: &str, facts: &Facts) -> Parsed {
    let read = header::read_header(text, facts);
    let outline = outline::read_outline(&read.sheet, read.content, &read.foot);
    let citations = cite::find_citations(text, read.body, &read.header, facts);
    let tasks = task::find_tasks(text, read.body, &outline, &read.header, facts);
    Parsed { body: read.body, header: read.header, outline, citations, tasks, notes: read.notes }
}
