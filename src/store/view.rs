//! The graph, or a part of it, in memory: what [`export`](crate::export) writes.

use std::collections::HashMap;

use rusqlite::params;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Result;

use super::Store;
use super::answer::{NODE, NodeBrief, node_brief};
use super::reach::Direction;

/// Nodes and the edges between them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GraphView {
    /// Sorted by key.
    pub nodes: Vec<NodeBrief>,
    /// Sorted by source, target and relation.
    pub edges: Vec<GraphEdge>,
}

/// One citation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GraphEdge {
    /// Key of the citing document.
    pub source: String,
    /// Key of the cited one.
    pub target: String,
    /// What the one does to the other.
    pub relation: String,
    /// resolved, ambiguous or unresolved.
    pub outcome: String,
    /// How well the mention fits its node, 0 to 1.
    pub score: f64,
    /// How sure the reading is, 0 to 1.
    pub confidence: f64,
    /// The part that is meant.
    pub locator: Option<String>,
    /// The sentence around every mention.
    pub evidence: Vec<String>,
}

/// What a store holds, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statistics {
    /// Files.
    pub documents: i64,
    /// Nodes, by state: held, cited, partial, local.
    pub nodes: Vec<(String, i64)>,
    /// Edges, by outcome: resolved, ambiguous, unresolved.
    pub edges: Vec<(String, i64)>,
    /// Edges, by relation.
    pub relations: Vec<(String, i64)>,
    /// Held documents, by type.
    pub kinds: Vec<(String, i64)>,
    /// Tasks.
    pub tasks: i64,
    /// Files that could not be read.
    pub failures: i64,
}

impl Store {
    /// The whole graph.
    pub fn graph(&self) -> Result<GraphView> {
        let mut statement = self.connection.prepare(&format!("SELECT {NODE} FROM node n ORDER BY n.key"))?;
        let nodes = statement.query_map([], |row| node_brief(row, 0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        self.view_of(nodes)
    }

    /// The part of the graph within `depth` steps, either way, of what `words` mean.
    pub fn graph_around(&self, words: &str, depth: u32) -> Result<GraphView> {
        let starts: Vec<i64> = self.find(words)?.candidates.iter().map(|candidate| candidate.id).collect();
        let mut nodes = Vec::new();
        for (id, _) in self.reach_ids(&starts, Direction::Both, depth)? {
            nodes.push((id, self.node(id)?));
        }
        nodes.sort_by(|a, b| a.1.key.cmp(&b.1.key));
        self.view_of(nodes)
    }

    /// These nodes and the edges between them.
    fn view_of(&self, nodes: Vec<(i64, NodeBrief)>) -> Result<GraphView> {
        let places: HashMap<i64, usize> = nodes.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect();
        let mut edges = Vec::new();
        for (from, (id, _)) in nodes.iter().enumerate().filter(|(_, (_, node))| node.state == "held") {
            let mut statement = self.connection.prepare_cached(
                "SELECT e.target, e.relation, e.outcome, e.score, c.confidence, c.locator, c.id \
                 FROM holding h JOIN citation c ON c.document = h.document JOIN edge e ON e.citation = c.id \
                 WHERE h.node = ?1 ORDER BY h.document, c.ordinal",
            )?;
            let mut rows = statement.query([*id])?;
            while let Some(row) = rows.next()? {
                let Some(to) = places.get(&row.get(0)?).copied() else { continue };
                edges.push(GraphEdge {
                    source: nodes[from].1.key.clone(),
                    target: nodes[to].1.key.clone(),
                    relation: row.get(1)?,
                    outcome: row.get(2)?,
                    score: row.get(3)?,
                    confidence: row.get(4)?,
                    locator: row.get(5)?,
                    evidence: self.sentences(row.get(6)?)?,
                });
            }
        }
        // Two files of one document cite alike; the order must not hang on their ids.
        edges.sort_by(|a, b| {
            (&a.source, &a.target, &a.relation, &a.evidence).cmp(&(&b.source, &b.target, &b.relation, &b.evidence))
        });
        let nodes = nodes.into_iter().map(|(_, node)| node).collect();
        Ok(GraphView { nodes, edges })
    }

    fn sentences(&self, citation: i64) -> Result<Vec<String>> {
        let mut statement =
            self.connection.prepare_cached("SELECT sentence FROM mention WHERE citation = ?1 ORDER BY ordinal")?;
        Ok(statement.query_map(params![citation], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// What the store holds, in numbers.
    pub fn statistics(&self) -> Result<Statistics> {
        let count = |table: &str| -> Result<i64> {
            Ok(self.connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)
        };
        let group = |column: &str, table: &str| -> Result<Vec<(String, i64)>> {
            let mut statement = self.connection.prepare(&format!(
                "SELECT coalesce({column}, ''), count(*) FROM {table} GROUP BY 1 ORDER BY 2 DESC, 1"
            ))?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(Statistics {
            documents: count("document")?,
            nodes: group("state", "node")?,
            edges: group("outcome", "edge")?,
            relations: group("relation", "edge")?,
            kinds: group("kind", "document")?,
            tasks: count("task")?,
            failures: count("failure")?,
        })
    }
}
