//! DOCX (ECMA-376 `WordprocessingML`) into the text that Word prints.
//!
//! Numbers of lists are counted and written out, merged cells keep their places, tracked changes
//! count as accepted, hidden text is left out. Footnotes stand at the end, each with the number of
//! its mark; text boxes after the paragraph that holds them. Running heads and feet are no part of
//! the text: a note says what they were. The font of a run may say in which old encoding its letters
//! are ([`flow`](super::flow::write)).

mod read;
mod styles;

use std::collections::HashMap;

use crate::document::{Digest, Document, Format, Limits};
use crate::error::{Error, Result};
use crate::ingest::flow::{self, Block, Face, Paragraph};
use crate::ingest::package::Package;
use crate::ingest::xml::{self, Element};
use crate::text::Note;

/// Reads a DOCX file.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document> {
    let mut package = Package::open(bytes, "DOCX", limits)?;
    let main = main_part(&mut package, limits)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let mut part = |name: &str| -> Result<Option<Element>> {
        let path = if name.contains('/') || folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        package.part(&path)?.map(|bytes| xml::parse(&bytes, "DOCX", limits)).transpose()
    };
    let missing = || Error::Damaged { format: "DOCX", reason: "its text is missing".into() };
    let document = part(&main)?.ok_or_else(missing)?;
    let styles = styles::Styles::of(part("styles.xml")?.as_ref(), part("numbering.xml")?.as_ref());
    let mut notes = HashMap::new();
    for (file, kind) in [("footnotes.xml", "w:footnote"), ("endnotes.xml", "w:endnote")] {
        for note in part(file)?.iter().flat_map(Element::elements).filter(|note| *note.name == *kind) {
            // Separators have a type; the notes themselves have none.
            if let (Some(id), None | Some("normal")) = (note.attr("w:id"), note.attr("w:type")) {
                notes.insert((kind, id.to_owned()), read::story(note, &styles));
            }
        }
    }
    let body = document.child("w:body").ok_or_else(missing)?;
    let (mut blocks, marks) = read::body(body, &styles);
    for (number, (kind, id)) in marks.into_iter().enumerate() {
        let Some(mut note) = notes.remove(&(kind, id)) else { continue };
        match note.iter_mut().find_map(|block| if let Block::Line(line) = block { Some(line) } else { None }) {
            Some(first) => first.lead(Face::default(), &format!("[{}] ", number + 1)),
            None => continue,
        }
        blocks.append(&mut note);
    }
    let mut result = flow::write(Digest::of(bytes), Format::Docx, &blocks, limits)?;
    for (word, says) in [("header", "running head"), ("footer", "running foot")] {
        let mut names: Vec<String> = package.names();
        let part = |name: &str| name.strip_prefix(&format!("{folder}/{word}")).is_some_and(|rest| !rest.contains('/'));
        names.retain(|name| part(name));
        names.sort();
        let mut seen: Vec<String> = Vec::new();
        for name in names.iter().take(64) {
            let Some(bytes) = package.part(name)? else { continue };
            let Ok(root) = xml::parse(&bytes, "DOCX", limits) else { continue };
            let lines = flow::lines(&read::story(&root, &styles));
            let text: String = lines.join(" / ").chars().take(300).collect();
            // A page number alone is nothing to tell.
            if text.chars().any(char::is_alphabetic) && !seen.contains(&text) {
                result.notes.push(Note::general(format!("{says}, not part of the text: {text}")));
                seen.push(text);
            }
        }
    }
    if result.raw.trim().is_empty() {
        result.notes.push(Note::general("the document holds no text"));
    }
    Ok(result)
}

/// The name of the part that holds the text.
fn main_part(package: &mut Package<'_>, limits: &Limits) -> Result<String> {
    let usual = "word/document.xml";
    if package.names().iter().any(|name| name == usual) {
        return Ok(usual.into());
    }
    let relations = package.part("_rels/.rels")?.map(|bytes| xml::parse(&bytes, "DOCX", limits)).transpose()?;
    let target = relations.as_ref().and_then(|root| {
        root.elements()
            .find(|relation| relation.attr("Type").is_some_and(|kind| kind.ends_with("/officeDocument")))
            .and_then(|relation| relation.attr("Target"))
    });
    Ok(target.map_or(usual, |target| target.trim_start_matches('/')).to_owned())
}

/// A paragraph of its own for a piece of text.
fn line(face: Face, text: &str) -> Block {
    let mut paragraph = Paragraph::default();
    paragraph.push(face, text);
    Block::Line(paragraph)
}

#[cfg(test)]
mod tests;
