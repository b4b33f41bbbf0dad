//! What questions are answered with: plain structures that print as JSON, and the columns that each
//! is read from.

use rusqlite::Row;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::Record;

use super::find::Asked;
use super::put::hex;

/// A node in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeBrief {
    /// Its stable key.
    pub key: String,
    /// Number and symbol as printed, or a name.
    pub printed: String,
    /// held, cited, partial or local.
    pub state: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Issuer as printed.
    pub issuer: Option<String>,
    /// Subject or title.
    pub title: Option<String>,
    /// Year of issue.
    pub year: Option<i16>,
    /// Day of issue, ISO 8601.
    pub date: Option<String>,
    /// Province's slug, `vn` for the whole state.
    pub place: Option<String>,
    /// How many other documents cite it.
    pub cited: u32,
}

/// A held document in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentBrief {
    /// Its node's key. Null while the graph has not been made.
    pub node: Option<String>,
    /// Number and symbol.
    pub key: Option<String>,
    /// Type.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Issuer.
    pub issuer: Option<String>,
    /// Day of issue, ISO 8601.
    pub date: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Digest of the file.
    pub digest: String,
    /// One path at which the file was seen.
    pub path: Option<String>,
    /// Province's slug of the issuer.
    pub place: Option<String>,
}

/// One mention: the proof of a citation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The sentence around the mention.
    pub sentence: String,
    /// The mention's words, repaired.
    pub words: String,
    /// What the file has there.
    pub raw: String,
    /// Page, from 1.
    pub page: u32,
    /// Bytes of the mention in the repaired text.
    pub span: (u32, u32),
}

/// A citation without its ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Citation {
    /// What the citing document does to the cited one.
    pub relation: String,
    /// resolved, ambiguous or unresolved.
    pub outcome: String,
    /// How well the mention fits its node, 0 to 1.
    pub score: f64,
    /// How sure the reading is, 0 to 1.
    pub confidence: f64,
    /// The part that is meant.
    pub locator: Option<String>,
    /// Every mention.
    pub evidence: Vec<Evidence>,
    /// Other nodes that it may mean, best first.
    pub rivals: Vec<Rival>,
}

/// A node that a citation may mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rival {
    /// Its key.
    pub node: String,
    /// Number and symbol, or name.
    pub printed: String,
    /// 0 to 1.
    pub score: f64,
}

/// Who cites what was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Citers {
    /// What was asked, and all nodes that it can mean.
    pub asked: Asked,
    /// Whether the words can mean more than one document.
    pub ambiguous: bool,
    /// One row for each citation, the newest documents first.
    pub rows: Vec<Citer>,
}

/// One citing document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Citer {
    /// Key of the node that is cited.
    pub target: String,
    /// True where the citation ends at another node and this one is a rival only.
    pub possible: bool,
    /// Who cites it.
    pub document: DocumentBrief,
    /// How, with the proof.
    #[serde(flatten)]
    pub citation: Citation,
}

/// What a document cites.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cites {
    /// What was asked, and all nodes that it can mean.
    pub asked: Asked,
    /// One row for each citation, in the order of each document.
    pub rows: Vec<CitesRow>,
}

/// One cited document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CitesRow {
    /// The citing document's node.
    pub source: String,
    /// The cited one.
    pub target: NodeBrief,
    /// How, with the proof.
    #[serde(flatten)]
    pub citation: Citation,
}

/// One node with everything that is held of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// The node.
    pub node: NodeBrief,
    /// The files that are held of it: where they were seen and what was read.
    pub files: Vec<ShownFile>,
}

/// One file of a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownFile {
    /// Where it was seen.
    pub paths: Vec<String>,
    /// What was read.
    pub record: Record,
}

/// A document that is cited but not held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wanted {
    /// The node; `cited` says how many cite it.
    #[serde(flatten)]
    pub node: NodeBrief,
}

/// Columns of [`NodeBrief`], of a node named `n`.
pub(super) const NODE: &str =
    "n.id, n.key, n.printed, n.state, n.kind, n.class, n.issuer, n.title, n.year, n.date, n.place, n.cited";
/// Which of them is the folded code of the type; no part of a [`NodeBrief`].
pub(super) const NODE_CLASS: usize = 5;
/// Columns of [`DocumentBrief`], of a document `d` and its node `n`.
pub(super) const BRIEF: &str = "n.key, d.key, d.kind, d.issuer, d.date, d.subject, d.digest, \
     (SELECT min(path) FROM path p WHERE p.document = d.id), d.scope";
/// How many they are.
pub(super) const BRIEF_COLUMNS: usize = 9;

pub(super) fn node_brief(row: &Row<'_>, first: usize) -> rusqlite::Result<(i64, NodeBrief)> {
    let node = NodeBrief {
        key: row.get(first + 1)?,
        printed: row.get(first + 2)?,
        state: row.get(first + 3)?,
        kind: row.get(first + 4)?,
        issuer: row.get(first + 6)?,
        title: row.get(first + 7)?,
        year: row.get(first + 8)?,
        date: row.get(first + 9)?,
        place: row.get(first + 10)?,
        cited: row.get(first + 11)?,
    };
    Ok((row.get(first)?, node))
}

pub(super) fn brief(row: &Row<'_>) -> rusqlite::Result<DocumentBrief> {
    let digest: Vec<u8> = row.get(6)?;
    Ok(DocumentBrief {
        node: row.get(0)?,
        key: row.get(1)?,
        kind: row.get(2)?,
        issuer: row.get(3)?,
        date: row.get(4)?,
        subject: row.get(5)?,
        digest: hex(&digest),
        path: row.get(7)?,
        place: row.get(8)?,
    })
}

/// Columns of a citation `c` and its edge `e`.
pub(super) const CITATION: &str = "c.id, e.relation, e.outcome, e.score, c.confidence, c.locator";

pub(super) fn bare_citation(row: &Row<'_>, first: usize) -> rusqlite::Result<(i64, Citation)> {
    let citation = Citation {
        relation: row.get(first + 1)?,
        outcome: row.get(first + 2)?,
        score: row.get(first + 3)?,
        confidence: row.get(first + 4)?,
        locator: row.get(first + 5)?,
        evidence: Vec::new(),
        rivals: Vec::new(),
    };
    Ok((row.get(first)?, citation))
}
