//! DOT for Graphviz: held documents are filled boxes, those only cited are outlines, what is not
//! certain is dashed.

use std::io::{self, Write};

use crate::store::GraphView;

use super::{caption, places, shorten};

pub(super) fn write(view: &GraphView, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "digraph vanban {{")?;
    writeln!(out, "  rankdir=LR; charset=\"UTF-8\";")?;
    writeln!(out, "  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11, margin=\"0.12,0.06\"];")?;
    writeln!(out, "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#666666\"];")?;
    for (place, node) in view.nodes.iter().enumerate() {
        let style = match node.state.as_str() {
            "held" => "style=\"rounded,filled\", fillcolor=\"#dbe9f6\"",
            "cited" => "style=rounded",
            _ => "style=\"rounded,dashed\"",
        };
        let tip = node.title.as_deref().unwrap_or(&node.key);
        writeln!(out, "  n{place} [label={}, tooltip={}, {style}];", quote(&caption(node)), quote(&shorten(tip, 200)))?;
    }
    let places = places(view);
    for edge in &view.edges {
        if let (Some(from), Some(to)) = (places.get(edge.source.as_str()), places.get(edge.target.as_str())) {
            let style = if edge.outcome == "resolved" { "" } else { ", style=dashed" };
            let tip = edge.evidence.first().map(|sentence| shorten(sentence, 200)).unwrap_or_default();
            writeln!(
                out,
                "  n{from} -> n{to} [label={}, tooltip={}{style}];",
                quote(&edge.relation.replace('_', " ")),
                quote(&tip)
            )?;
        }
    }
    writeln!(out, "}}")
}

/// A quoted string: backslashes would start an escape, line breaks are `\n`.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
