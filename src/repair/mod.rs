//! Broken text to what the paper said: a noisy-channel decoder over syllables.
//!
//! Each line is cut into units; what holds numbers is set aside ([`guard`]); for the rest the
//! words that it could have been are searched ([`search`]), those that the OCR engine named among
//! them ([`doubt`]); how broken the line is, is estimated ([`strength`]); and the best reading in
//! context is found ([`decode`]). Every change becomes an [`Edit`] with its
//! reason, its probability and its rivals. Nothing here knows files or formats; nothing here can
//! fail, and equal input gives equal output.

mod decode;
mod doubt;
mod echo;
mod guard;
mod lattice;
mod line;
mod marker;
mod memory;
mod number;
mod search;
mod shape;
mod strength;
mod trust;
mod weigh;
mod workshop;
mod write;

use crate::document::{Document, Doubt};
use crate::model::Model;
use crate::text::{Edit, Span, Text, compose};
use crate::vi::encoding;
use memory::Memory;
use workshop::Workshop;

/// Repairs the text of a document, with what its OCR engine was not sure of.
pub fn repair(document: &Document, model: &Model) -> Text {
    Repairer::new(model).repair_doubted(&document.raw, &document.doubts)
}

/// Repairs raw text, line for line: line breaks are never changed.
///
/// ```
/// let model = vanban::model::Model::builtin();
/// let text = vanban::repair::repair_text("Uy ban nhan dan tinh", model);
/// assert_eq!(text.fixed(), "Ủy ban nhân dân tỉnh");
/// ```
pub fn repair_text(raw: &str, model: &Model) -> Text {
    Repairer::new(model).repair(raw)
}

/// Repairs one text after the other and remembers what runs of letters can be, which makes the
/// later ones faster and changes nothing else.
#[derive(Debug)]
pub struct Repairer<'m> {
    memory: Memory<'m>,
}

impl<'m> Repairer<'m> {
    /// Nothing is remembered yet.
    pub fn new(model: &'m Model) -> Self {
        Self { memory: Memory::new(model) }
    }

    /// [`repair_text`].
    pub fn repair(&mut self, raw: &str) -> Text {
        self.repair_doubted(raw, &[])
    }

    /// Repairs text that an OCR engine read; `doubts` are the letters of `raw` that it was not sure
    /// of, in order.
    pub fn repair_doubted(&mut self, raw: &str, doubts: &[Doubt]) -> Text {
        // Letters first: the decoder works on the text that old encodings stand for.
        let letters = encoding::edits(raw);
        if letters.is_empty() {
            return Text::new(raw.to_owned(), self.decode(raw, doubts));
        }
        let decoded = Text::new(raw.to_owned(), letters);
        let edits = self.decode(decoded.fixed(), &doubt::after(&decoded, doubts));
        let mut both = compose(&decoded, edits);
        // What one layer changed the other may have changed back.
        both.retain(|edit| edit.raw.of(raw) != edit.new);
        Text::new(raw.to_owned(), both)
    }

    /// What the decoder changes in a text of Unicode letters.
    fn decode(&mut self, raw: &str, doubts: &[Doubt]) -> Vec<Edit> {
        let lines = lines(raw);
        Workshop::new(raw, doubts, &mut self.memory).pass(&lines, &paragraphs(raw, &lines))
    }
}

/// Widest line that a page holds, in bytes; longer ones are whole paragraphs.
const WIDEST: usize = 140;
/// Longest stretch decoded at once, in bytes: a file without line breaks must not need memory
/// without bound.
const LONGEST: usize = 4096;

/// The lines, without their breaks; long ones in parts that end at spaces.
fn lines(raw: &str) -> Vec<Span> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut space = None;
    for (at, byte) in raw.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' | b'\x0c' => {
                lines.push(Span::at(start, at));
                start = at + 1;
                space = None;
            }
            b' ' | b'\t' => space = Some(at + 1),
            _ => {}
        }
        if at > start + LONGEST
            && let Some(cut) = space.take()
        {
            lines.push(Span::at(start, cut));
            start = cut;
        } else if at >= start + LONGEST * 2 && raw.is_char_boundary(at) {
            lines.push(Span::at(start, at));
            start = at;
        }
    }
    lines.push(Span::at(start, raw.len()));
    lines
}

/// The lines that are read in one go: a wrapped paragraph says more than its lines.
fn paragraphs(raw: &str, lines: &[Span]) -> Vec<std::ops::Range<usize>> {
    // Most lines of a wrapped text are nearly as wide as the page.
    let mut widths: Vec<usize> = lines.iter().map(|line| line.len()).filter(|width| *width > 20).collect();
    widths.sort_unstable();
    let widest = widths.get(widths.len() * 4 / 5).copied().unwrap_or(0).min(WIDEST);
    let mut parts: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match parts.last_mut() {
            Some(part)
                if line.end() - lines[part.start].start() <= LONGEST
                    && !starts_paragraph(lines[index - 1].of(raw), line.of(raw), widest) =>
            {
                part.end = index + 1;
            }
            _ => parts.push(index..index + 1),
        }
    }
    parts
}

/// Whether a line begins a new paragraph, as far as the two lines show.
fn starts_paragraph(before: &str, line: &str, widest: usize) -> bool {
    let (before, line) = (before.trim(), line.trim());
    let item = line.starts_with(['-', '+', '•', '*'])
        || line.split_once(['.', ')', '/']).is_some_and(|(number, _)| {
            number.len() <= 4 && !number.is_empty() && number.chars().all(char::is_alphanumeric)
        });
    if before.is_empty() || item || before.ends_with(['.', ';', ':', '!', '?']) {
        return true;
    }
    !line.starts_with(char::is_lowercase) && before.len() * 5 < widest * 3
}

#[cfg(test)]
mod tests;
