//! Comma-separated values by RFC 4180, UTF-8, a header row, lines ending in CR LF.
//!
//! Free text that a spreadsheet would take for a formula gets an apostrophe before it; keys,
//! relations and numbers never start like one.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::store::GraphView;

use super::places;

/// Writes the nodes, one a row.
pub fn nodes_csv(view: &GraphView, out: &mut impl Write) -> io::Result<()> {
    row(out, &["key", "label", "state", "type", "issuer", "title", "year", "date", "place", "cited"])?;
    for node in &view.nodes {
        let year = node.year.map(|year| year.to_string()).unwrap_or_default();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        row(
            out,
            &[
                &node.key,
                &safe(&node.printed),
                &node.state,
                &safe(&text(&node.kind)),
                &safe(&text(&node.issuer)),
                &safe(&text(&node.title)),
                &year,
                &text(&node.date),
                &text(&node.place),
                &node.cited.to_string(),
            ],
        )?;
    }
    Ok(())
}

/// Writes the edges, one a row, with the labels of their ends and the sentences as evidence.
pub fn edges_csv(view: &GraphView, out: &mut impl Write) -> io::Result<()> {
    row(
        out,
        &[
            "source",
            "target",
            "relation",
            "outcome",
            "score",
            "confidence",
            "locator",
            "source_label",
            "target_label",
            "evidence",
        ],
    )?;
    let places = places(view);
    for edge in &view.edges {
        let label = |key: &str| places.get(key).map_or("", |place| view.nodes[*place].printed.as_str());
        row(
            out,
            &[
                &edge.source,
                &edge.target,
                &edge.relation,
                &edge.outcome,
                &edge.score.to_string(),
                &edge.confidence.to_string(),
                &safe(edge.locator.as_deref().unwrap_or_default()),
                &safe(label(&edge.source)),
                &safe(label(&edge.target)),
                &safe(&edge.evidence.join("\n")),
            ],
        )?;
    }
    Ok(())
}

pub(super) fn row(out: &mut impl Write, cells: &[&str]) -> io::Result<()> {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

pub(super) fn safe(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}
