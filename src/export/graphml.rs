//! `GraphML` 1.0. Node ids are `n0`, `n1`, …, since keys hold signs that an id may not; the key is a
//! data field. Labels are given once more for yEd, which shows no plain data.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::store::{GraphEdge, GraphView, NodeBrief};

use super::{caption, places};

/// Id, whose, name, type.
const FIELDS: [(&str, &str, &str, &str); 18] = [
    ("key", "node", "key", "string"),
    ("label", "node", "label", "string"),
    ("state", "node", "state", "string"),
    ("type", "node", "type", "string"),
    ("issuer", "node", "issuer", "string"),
    ("title", "node", "title", "string"),
    ("year", "node", "year", "int"),
    ("date", "node", "date", "string"),
    ("place", "node", "place", "string"),
    ("cited", "node", "cited", "int"),
    ("relation", "edge", "relation", "string"),
    ("outcome", "edge", "outcome", "string"),
    ("score", "edge", "score", "double"),
    ("confidence", "edge", "confidence", "double"),
    ("locator", "edge", "locator", "string"),
    ("evidence", "edge", "evidence", "string"),
    ("mentions", "edge", "mentions", "int"),
    ("weight", "edge", "weight", "double"),
];

pub(super) fn write(view: &GraphView, out: &mut impl Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = BytesStart::new("graphml").with_attributes([
        ("xmlns", "http://graphml.graphdrawing.org/xmlns"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ("xmlns:y", "http://www.yworks.com/xml/graphml"),
        (
            "xsi:schemaLocation",
            "http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd",
        ),
    ]);
    xml.write_event(Event::Start(root))?;
    for (id, whose, name, kind) in FIELDS {
        let key = BytesStart::new("key").with_attributes([
            ("id", format!("{}_{id}", &whose[..1]).as_str()),
            ("for", whose),
            ("attr.name", name),
            ("attr.type", kind),
        ]);
        xml.write_event(Event::Empty(key))?;
    }
    let yed = BytesStart::new("key").with_attributes([("id", "y"), ("for", "node"), ("yfiles.type", "nodegraphics")]);
    xml.write_event(Event::Empty(yed))?;
    xml.write_event(Event::Start(
        BytesStart::new("graph").with_attributes([("id", "G"), ("edgedefault", "directed")]),
    ))?;
    for (place, node) in view.nodes.iter().enumerate() {
        write_node(&mut xml, place, node)?;
    }
    let places = places(view);
    for (index, edge) in view.edges.iter().enumerate() {
        if let (Some(from), Some(to)) = (places.get(edge.source.as_str()), places.get(edge.target.as_str())) {
            write_edge(&mut xml, index, *from, *to, edge)?;
        }
    }
    xml.write_event(Event::End(BytesEnd::new("graph")))?;
    xml.write_event(Event::End(BytesEnd::new("graphml")))?;
    out.write_all(b"\n")
}

fn write_node<W: Write>(xml: &mut Writer<W>, place: usize, node: &NodeBrief) -> io::Result<()> {
    xml.write_event(Event::Start(BytesStart::new("node").with_attributes([("id", format!("n{place}").as_str())])))?;
    let number = |value: Option<i16>| value.map(|value| value.to_string());
    for (name, value) in [
        ("key", Some(node.key.clone())),
        ("label", Some(node.printed.clone())),
        ("state", Some(node.state.clone())),
        ("type", node.kind.clone()),
        ("issuer", node.issuer.clone()),
        ("title", node.title.clone()),
        ("year", number(node.year)),
        ("date", node.date.clone()),
        ("place", node.place.clone()),
        ("cited", Some(node.cited.to_string())),
    ] {
        data(xml, &format!("n_{name}"), value.as_deref())?;
    }
    xml.write_event(Event::Start(BytesStart::new("data").with_attributes([("key", "y")])))?;
    xml.write_event(Event::Start(BytesStart::new("y:ShapeNode")))?;
    xml.write_event(Event::Start(BytesStart::new("y:NodeLabel")))?;
    xml.write_event(Event::Text(BytesText::new(&allowed(&caption(node)))))?;
    for name in ["y:NodeLabel", "y:ShapeNode", "data", "node"] {
        xml.write_event(Event::End(BytesEnd::new(name)))?;
    }
    Ok(())
}

fn write_edge<W: Write>(xml: &mut Writer<W>, index: usize, from: usize, to: usize, edge: &GraphEdge) -> io::Result<()> {
    xml.write_event(Event::Start(BytesStart::new("edge").with_attributes([
        ("id", format!("e{index}").as_str()),
        ("source", format!("n{from}").as_str()),
        ("target", format!("n{to}").as_str()),
    ])))?;
    for (name, value) in [
        ("relation", Some(edge.relation.clone())),
        ("outcome", Some(edge.outcome.clone())),
        ("score", Some(edge.score.to_string())),
        ("confidence", Some(edge.confidence.to_string())),
        ("locator", edge.locator.clone()),
        ("evidence", Some(edge.evidence.join("\n"))),
        ("mentions", Some(edge.evidence.len().to_string())),
        ("weight", Some((edge.score * edge.confidence).to_string())),
    ] {
        data(xml, &format!("e_{name}"), value.as_deref())?;
    }
    xml.write_event(Event::End(BytesEnd::new("edge")))
}

fn data<W: Write>(xml: &mut Writer<W>, key: &str, value: Option<&str>) -> io::Result<()> {
    let Some(value) = value else { return Ok(()) };
    xml.write_event(Event::Start(BytesStart::new("data").with_attributes([("key", key)])))?;
    xml.write_event(Event::Text(BytesText::new(&allowed(value))))?;
    xml.write_event(Event::End(BytesEnd::new("data")))
}

/// XML 1.0 has no way to write most control characters, even escaped.
fn allowed(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => c,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => ' ',
            _ => c,
        })
        .collect()
}
