//! Two tables in the form that `neo4j-admin database import` reads: nodes and relationships, with
//! the types of the columns in the header (`:ID`, `:LABEL`, `cited:int`, `:TYPE`).

use std::io::{self, Write};

use crate::store::GraphView;

use super::csv::{row, safe};

/// Writes the nodes: `nodes.csv`.
pub fn neo4j_nodes(view: &GraphView, out: &mut impl Write) -> io::Result<()> {
    row(
        out,
        &[
            "key:ID",
            ":LABEL",
            "label",
            "state",
            "type",
            "issuer",
            "title",
            "year:int",
            "date:date",
            "place",
            "cited:int",
        ],
    )?;
    for node in &view.nodes {
        let label = if node.state == "held" { "Document;Held" } else { "Document" };
        let text = |value: &Option<String>| safe(value.as_deref().unwrap_or_default()).into_owned();
        row(
            out,
            &[
                &node.key,
                label,
                &safe(&node.printed),
                &node.state,
                &text(&node.kind),
                &text(&node.issuer),
                &text(&node.title),
                &node.year.map(|year| year.to_string()).unwrap_or_default(),
                node.date.as_deref().unwrap_or_default(),
                node.place.as_deref().unwrap_or_default(),
                &node.cited.to_string(),
            ],
        )?;
    }
    Ok(())
}

/// Writes the relationships: `edges.csv`.
pub fn neo4j_edges(view: &GraphView, out: &mut impl Write) -> io::Result<()> {
    row(
        out,
        &[":START_ID", ":END_ID", ":TYPE", "outcome", "score:double", "confidence:double", "locator", "evidence"],
    )?;
    for edge in &view.edges {
        row(
            out,
            &[
                &edge.source,
                &edge.target,
                &edge.relation.to_uppercase(),
                &edge.outcome,
                &edge.score.to_string(),
                &edge.confidence.to_string(),
                &safe(edge.locator.as_deref().unwrap_or_default()),
                &safe(&edge.evidence.join("\n")),
            ],
        )?;
    }
    Ok(())
}
