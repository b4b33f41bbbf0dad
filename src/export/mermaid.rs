//! A Mermaid flowchart, for pages in Markdown. Made for the part around a document: Mermaid draws
//! a few hundred nodes at most.

use std::io::{self, Write};

use crate::store::GraphView;

use super::{caption, places};

pub(super) fn write(view: &GraphView, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (place, node) in view.nodes.iter().enumerate() {
        let class = match node.state.as_str() {
            "held" => "held",
            "cited" => "cited",
            _ => "open",
        };
        writeln!(out, "  n{place}[\"{}\"]:::{class}", escape(&caption(node)))?;
    }
    let places = places(view);
    for edge in &view.edges {
        if let (Some(from), Some(to)) = (places.get(edge.source.as_str()), places.get(edge.target.as_str())) {
            let arrow = if edge.outcome == "resolved" { "-->" } else { "-.->" };
            writeln!(out, "  n{from} {arrow}|\"{}\"| n{to}", escape(&edge.relation.replace('_', " ")))?;
        }
    }
    writeln!(out, "  classDef held fill:#dbe9f6,stroke:#4a78a8")?;
    writeln!(out, "  classDef cited fill:#ffffff,stroke:#4a78a8")?;
    writeln!(out, "  classDef open fill:#ffffff,stroke:#999999,stroke-dasharray:4 3")
}

/// Entities by number, as Mermaid writes them; everything that could end the label or be markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("<br/>"),
            '"' | '<' | '>' | '&' | '#' | '`' | '\\' | '[' | ']' | '{' | '}' | '|' => {
                out.push('#');
                out.push_str(&u32::from(c).to_string());
                out.push(';');
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
