//! An XML part of a document into a small tree.
//!
//! Bounded in size and depth before anything is built; entities of the file's own are not expanded,
//! nothing outside is ever fetched. Names keep their prefix (`w:p`): writers use the customary ones.

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::document::Limits;
use crate::error::{Error, Result};
use crate::ingest::too_large;

/// Elements inside elements; real documents stay under a hundred.
const DEPTH: usize = 256;
/// Nodes of one part, at some hundred bytes each.
const NODES: usize = 8_000_000;

/// One element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: Box<str>,
    attributes: Vec<(Box<str>, Box<str>)>,
    pub(super) children: Vec<Node>,
}

/// What stands in an element.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The value of an attribute, by its name with the prefix.
    pub(super) fn attr(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| **key == *name).map(|(_, value)| &**value)
    }

    /// The elements directly inside.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of this name directly inside.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| *element.name == *name)
    }

    /// The name without its prefix.
    pub(super) fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// All elements inside, in the order of the file, this one first.
    pub(super) fn descendants(&self) -> Vec<&Self> {
        let mut all = vec![self];
        let mut at = 0;
        // Depth first, so that the order is the file's.
        while at < all.len() {
            let inside: Vec<&Self> = all[at].elements().collect();
            at += 1;
            all.splice(at..at, inside);
        }
        all
    }

    /// All text inside.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for node in &self.children {
            match node {
                Node::Text(part) => text.push_str(part),
                Node::Element(element) => text.push_str(&element.text()),
            }
        }
        text
    }
}

/// Reads the tree of `bytes`; `format` names the file in errors.
pub(super) fn parse(bytes: &[u8], format: &'static str, limits: &Limits) -> Result<Element> {
    let most = limits.text_bytes.saturating_mul(8);
    if bytes.len() > most {
        return Err(too_large("text", bytes.len() as u64, most as u64));
    }
    let damaged = |reason: String| Error::Damaged { format, reason };
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        None => String::from_utf8_lossy(bytes),
    };
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    let mut nodes = 0;
    loop {
        let event = reader.read_event().map_err(|error| damaged(format!("its XML is broken: {}", short(&error))))?;
        nodes += 1;
        if nodes > NODES {
            return Err(damaged("its XML has too many elements".into()));
        }
        match event {
            Event::Start(start) => {
                if open.len() > DEPTH {
                    return Err(damaged("its XML is nested too deep".into()));
                }
                let attributes = start
                    .attributes()
                    .with_checks(false)
                    .filter_map(|attribute| {
                        let attribute = attribute.ok()?;
                        let value = quick_xml::escape::unescape(&attribute.value);
                        let value = value.unwrap_or_else(|_| attribute.value.clone());
                        Some((attribute.key.as_ref().into(), (*value).into()))
                    })
                    .collect();
                let name = start.name().as_ref().into();
                open.push(Element { name, attributes, children: Vec::new() });
            }
            Event::End(_) => {
                if let Some(element) = open.pop()
                    && let Some(parent) = open.last_mut()
                {
                    parent.children.push(Node::Element(element));
                }
            }
            Event::Text(part) => push(&mut open, &part),
            Event::CData(part) => push(&mut open, &part),
            Event::GeneralRef(name) => {
                let text = match name.strip_prefix('#') {
                    Some(number) => character(number).map(String::from),
                    None => quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned),
                };
                push(&mut open, &text.unwrap_or_default());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let root = open.into_iter().next().and_then(|root| {
        root.children.into_iter().find_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    });
    root.ok_or_else(|| damaged("its XML ends early".into()))
}

fn push(open: &mut [Element], text: &str) {
    let Some(element) = open.last_mut() else { return };
    match element.children.last_mut() {
        Some(Node::Text(whole)) => whole.push_str(text),
        _ if !text.is_empty() => element.children.push(Node::Text(text.to_owned())),
        _ => {}
    }
}

/// The character of a reference such as `#x1EBF`.
fn character(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|c| *c != '\0')
}

fn short(error: &quick_xml::Error) -> String {
    error.to_string().chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Result<Element> {
        parse(text.as_bytes(), "DOCX", &Limits::default())
    }

    #[test]
    fn text_and_references_are_read_and_entities_are_not_expanded() {
        let root = tree("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a><b c='1 &amp; 2'/>Đ&#x1EBF;&lt;&x;</a>")
            .unwrap();
        assert_eq!(root.child("b").and_then(|b| b.attr("c")), Some("1 & 2"));
        assert_eq!(root.text(), "Đế<");
    }

    #[test]
    fn broken_and_deep_trees_are_errors() {
        for text in ["", "abc", "<a><b></a>", "<a", &"<a>".repeat(100_000)] {
            assert!(matches!(tree(text), Err(Error::Damaged { .. })), "{}", &text[..text.len().min(20)]);
        }
    }
}
