//! The graph in the forms that other programs read.
//!
//! [`graph`] writes a [`GraphView`] as JSON, JSON lines, `GraphML` (yEd, Gephi, networkx), DOT
//! (Graphviz), CSV, Mermaid, JSON-LD (ELI, schema.org) or a picture; [`table`] writes tables,
//! [`akn()`] one document, [`calendar()`] tasks. Text comes from documents that anybody may have written: each form
//! escapes it by its own rules, and ids are our own, never made of text.

mod akn;
mod archive;
mod calendar;
mod csv;
mod dot;
mod graphml;
mod jsonld;
mod mermaid;
mod neo4j;
pub mod page;
mod svg;
pub mod table;
mod terms;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::store::{GraphEdge, GraphView, NodeBrief};

pub use akn::akn;
pub use archive::{Profile, archive};
pub use calendar::calendar;
pub use csv::{edges_csv, nodes_csv};
pub use jsonld::BASE;
pub use neo4j::{neo4j_edges, neo4j_nodes};
pub use svg::MOST as MOST_DRAWN;

/// Version of the JSON of a graph.
pub const SCHEMA_VERSION: &str = "1.0";

/// The forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One object: `nodes`, `edges`.
    Json,
    /// One object a line: first the nodes, then the edges.
    Jsonl,
    /// XML for Gephi, yEd and networkx.
    Graphml,
    /// For Graphviz.
    Dot,
    /// The edges as comma-separated values, with the ends' labels. [`nodes_csv`] writes the nodes.
    Csv,
    /// For Markdown pages.
    Mermaid,
    /// JSON-LD with the ELI ontology and schema.org.
    Jsonld,
    /// A picture.
    Svg,
}

impl Format {
    /// All forms, with their names on the command line and what each is for.
    pub const ALL: [(&'static str, Self, &'static str); 8] = [
        ("json", Self::Json, "Nodes and edges with their evidence"),
        ("jsonl", Self::Jsonl, "One node or edge a line"),
        ("graphml", Self::Graphml, "For Gephi, yEd and networkx"),
        ("dot", Self::Dot, "For Graphviz"),
        ("csv", Self::Csv, "One edge a line"),
        ("mermaid", Self::Mermaid, "For Markdown pages"),
        ("jsonld", Self::Jsonld, "Linked data with ELI and schema.org"),
        ("svg", Self::Svg, "A picture for a report"),
    ];

    /// The form of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, ..)| *known == name).map(|(_, format, _)| *format)
    }
}

/// The JSON form of a graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GraphRecord {
    /// Version of this schema.
    pub schema_version: String,
    /// The graph.
    #[serde(flatten)]
    pub graph: GraphView,
}

/// One line of the JSON-lines form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum GraphLine {
    /// A node.
    Node(NodeBrief),
    /// An edge.
    Edge(GraphEdge),
}

/// What some forms want to know besides the graph.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// Base of IRIs; ends in `/`, `#` or `:`.
    pub base: &'a str,
    /// Keys of the nodes that a picture has in its middle.
    pub focus: &'a [String],
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Self { base: BASE, focus: &[] }
    }
}

/// Writes `view` in the given form.
///
/// Fails if the output cannot be written, or a picture has more nodes than anybody can see.
pub fn graph(view: &GraphView, format: Format, setting: &Setting<'_>, out: &mut impl Write) -> Result<()> {
    if format == Format::Svg && view.nodes.len() > MOST_DRAWN {
        return Err(Error::Store(format!(
            "{} documents do not fit on one picture of at most {MOST_DRAWN}; take a part with --around KEY and a smaller --depth",
            view.nodes.len()
        )));
    }
    match format {
        Format::Json => json(view, out),
        Format::Jsonl => jsonl(view, out),
        Format::Graphml => graphml::write(view, out),
        Format::Dot => dot::write(view, out),
        Format::Csv => edges_csv(view, out),
        Format::Mermaid => mermaid::write(view, out),
        Format::Jsonld => jsonld::write(view, setting.base, out),
        Format::Svg => svg::write(view, setting.focus, out),
    }
    .map_err(Error::io(PathBuf::from("output")))
}

fn json(view: &GraphView, out: &mut impl Write) -> std::io::Result<()> {
    #[derive(Serialize)]
    struct Borrowed<'a> {
        schema_version: &'static str,
        #[serde(flatten)]
        graph: &'a GraphView,
    }
    serde_json::to_writer_pretty(&mut *out, &Borrowed { schema_version: SCHEMA_VERSION, graph: view })?;
    out.write_all(b"\n")
}

fn jsonl(view: &GraphView, out: &mut impl Write) -> std::io::Result<()> {
    #[derive(Serialize)]
    struct Line<'a, T> {
        record: &'static str,
        #[serde(flatten)]
        value: &'a T,
    }
    for value in &view.nodes {
        serde_json::to_writer(&mut *out, &Line { record: "node", value })?;
        out.write_all(b"\n")?;
    }
    for value in &view.edges {
        serde_json::to_writer(&mut *out, &Line { record: "edge", value })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The place of each node by its key: the ids of the forms are made of it.
fn places(view: &GraphView) -> HashMap<&str, usize> {
    view.nodes.iter().enumerate().map(|(place, node)| (node.key.as_str(), place)).collect()
}

/// What a person calls a node: number, then year and place where it has them.
fn caption(node: &NodeBrief) -> String {
    let mut caption = if node.printed.is_empty() { node.key.clone() } else { shorten(&node.printed, 60) };
    if let Some(date) = &node.date {
        caption.push('\n');
        caption.push_str(date);
    } else if let Some(year) = node.year.filter(|year| !caption.contains(&year.to_string())) {
        caption = format!("{caption}\n{year}");
    }
    if let Some(issuer) = &node.issuer {
        caption.push('\n');
        caption.push_str(&shorten(issuer, 40));
    }
    caption
}

/// The first `most` characters, cut at a word, with an ellipsis.
fn shorten(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let cut: String = text.chars().take(most).collect();
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words))
}
