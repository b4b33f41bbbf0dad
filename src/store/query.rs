//! Questions about documents and their citations: who cites this, what does it cite, what is it?
//!
//! Answers are plain structures that print as JSON. They never choose among several documents of
//! one number: all that fit are answered for, and each row says which one it is about.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use rusqlite::{Row, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::parse::Relation;
use crate::record::Record;
use crate::resolve::issuer;

use super::Store;
use super::compress::{Kind, unpack};
use super::find::{Asked, Candidate};
use super::put::hex;

/// A node in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// Folded code of the type.
    #[serde(skip)]
    pub class: Option<String>,
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

/// Which citing documents to list. Nothing set: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CiteFilter {
    /// Only this relation.
    pub relation: Option<Relation>,
    /// About the citing documents.
    #[serde(flatten)]
    pub document: ListFilter,
}

/// Which documents to list. Nothing set: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListFilter {
    /// Type, in any spelling, or its code: `Kế hoạch`, `ke hoach`, `KH`.
    pub kind: Option<String>,
    /// Words of the issuer, in any spelling.
    pub issuer: Option<String>,
    /// Province, in any spelling.
    pub place: Option<String>,
    /// Issued on this day or later.
    #[schemars(with = "Option<String>")]
    pub from: Option<Date>,
    /// Issued on this day or earlier.
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// At most so many.
    pub limit: Option<usize>,
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
        class: row.get(first + 5)?,
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

/// A filter with its words brought to their comparison form.
pub(super) struct Filter {
    kind: Option<String>,
    issuer: Option<String>,
    place: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) limit: Option<usize>,
}

impl Filter {
    pub(super) fn of(filter: &ListFilter) -> Self {
        let kind = filter.kind.as_deref().map(|kind| {
            let facts = crate::facts::Facts::builtin();
            let code = facts.kinds.iter().find(|known| !known.code.is_empty() && known.code.eq_ignore_ascii_case(kind));
            code.map_or_else(|| issuer::normal(kind), |known| known.folded.clone())
        });
        let place = filter.place.as_deref().map(|place| {
            let words = issuer::normal(place);
            let bare = words.strip_prefix("thanh pho ").or_else(|| words.strip_prefix("tinh ")).unwrap_or(&words);
            bare.replace(' ', "-")
        });
        Self {
            kind,
            issuer: filter.issuer.as_deref().map(issuer::normal),
            place,
            from: filter.from.map(|date| date.to_string()),
            to: filter.to.map(|date| date.to_string()),
            limit: filter.limit,
        }
    }

    /// Whether the words of the filter admit `document`; the dates are left to SQL.
    pub(super) fn admits(&self, document: &DocumentBrief) -> bool {
        let fits = |wanted: &Option<String>, value: &Option<String>, whole: bool| {
            wanted.as_ref().is_none_or(|wanted| {
                value
                    .as_deref()
                    .map(issuer::normal)
                    .is_some_and(|v| if whole { v == *wanted } else { v.contains(wanted) })
            })
        };
        fits(&self.kind, &document.kind, true)
            && fits(&self.issuer, &document.issuer, false)
            && self.place.as_ref().is_none_or(|place| document.place.as_ref() == Some(place))
    }
}

impl Store {
    /// The documents that cite what `words` mean, each with every sentence that says so.
    pub fn who_cites(&self, words: &str, filter: &CiteFilter) -> Result<Citers> {
        let asked = self.find(words)?;
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        for possible in [false, true] {
            self.collect_citers(&asked.candidates, possible, filter, &mut seen, &mut rows)?;
        }
        rows.sort_by(|a, b| {
            (a.possible.cmp(&b.possible))
                .then_with(|| b.document.date.cmp(&a.document.date))
                .then_with(|| a.document.digest.cmp(&b.document.digest))
        });
        if let Some(limit) = filter.document.limit {
            rows.truncate(limit);
        }
        let mut citers = Vec::with_capacity(rows.len());
        for mut row in rows {
            self.fill_evidence(row.id, &mut row.citation)?;
            citers.push(Citer {
                target: row.target,
                possible: row.possible,
                document: row.document,
                citation: row.citation,
            });
        }
        Ok(Citers { ambiguous: asked.candidates.len() > 1, asked, rows: citers })
    }

    fn collect_citers(
        &self,
        candidates: &[Candidate],
        possible: bool,
        filter: &CiteFilter,
        seen: &mut BTreeSet<i64>,
        rows: &mut Vec<BareCiter>,
    ) -> Result<()> {
        let cited: Vec<&Candidate> =
            candidates.iter().filter(|candidate| possible || candidate.node.cited > 0).collect();
        let keys: HashMap<i64, &str> = cited.iter().map(|one| (one.id, one.node.key.as_str())).collect();
        let ids: Vec<String> = cited.iter().map(|one| one.id.to_string()).collect();
        let (from, target) = if possible {
            ("rival r ON r.node = asked.value JOIN edge e ON e.citation = r.citation", "r.node")
        } else {
            ("edge e ON e.target = asked.value", "e.target")
        };
        let sql = format!(
            "SELECT {BRIEF}, {CITATION}, {target} FROM json_each(?1) asked CROSS JOIN {from} \
             JOIN citation c ON c.id = e.citation JOIN document d ON d.id = e.document \
             LEFT JOIN holding h ON h.document = d.id LEFT JOIN node n ON n.id = h.node \
             WHERE (?2 IS NULL OR e.relation = ?2) AND (?3 IS NULL OR d.date >= ?3) AND (?4 IS NULL OR d.date <= ?4)"
        );
        let words = Filter::of(&filter.document);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let values =
            params![format!("[{}]", ids.join(",")), filter.relation.map(Relation::as_str), words.from, words.to];
        let mut found = statement.query(values)?;
        while let Some(row) = found.next()? {
            let document = brief(row)?;
            let (id, citation) = bare_citation(row, BRIEF_COLUMNS)?;
            let target = keys.get(&row.get(BRIEF_COLUMNS + 6)?).copied().unwrap_or_default().to_owned();
            if words.admits(&document) && seen.insert(id) {
                rows.push(BareCiter { id, target, possible, document, citation });
            }
        }
        Ok(())
    }

    /// What the held documents that `words` mean cite.
    pub fn cites(&self, words: &str) -> Result<Cites> {
        let asked = self.find(words)?;
        let mut rows = Vec::new();
        let sql = format!(
            "SELECT {NODE}, {CITATION} FROM holding h JOIN citation c ON c.document = h.document \
             JOIN edge e ON e.citation = c.id JOIN node n ON n.id = e.target \
             WHERE h.node = ?1 ORDER BY h.document, c.ordinal"
        );
        for candidate in &asked.candidates {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut found = statement.query([candidate.id])?;
            while let Some(row) = found.next()? {
                let (_, target) = node_brief(row, 0)?;
                let (id, mut citation) = bare_citation(row, 12)?;
                self.fill_evidence(id, &mut citation)?;
                rows.push(CitesRow { source: candidate.node.key.clone(), target, citation });
            }
        }
        Ok(Cites { asked, rows })
    }

    fn fill_evidence(&self, citation: i64, into: &mut Citation) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT sentence, words, coalesce(raw, words), page, start, stop FROM mention WHERE citation = ?1 \
             ORDER BY ordinal",
        )?;
        into.evidence = statement
            .query_map([citation], |row| {
                Ok(Evidence {
                    sentence: row.get(0)?,
                    words: row.get(1)?,
                    raw: row.get(2)?,
                    page: row.get(3)?,
                    span: (row.get(4)?, row.get(5)?),
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut statement = self.connection.prepare_cached(
            "SELECT n.key, n.printed, r.score FROM rival r JOIN node n ON n.id = r.node WHERE r.citation = ?1 \
             ORDER BY r.rank",
        )?;
        into.rivals = statement
            .query_map([citation], |row| Ok(Rival { node: row.get(0)?, printed: row.get(1)?, score: row.get(2)? }))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(())
    }

    /// Everything that is held of what `words` mean: one entry for each node that fits.
    pub fn show(&self, words: &str) -> Result<Vec<Shown>> {
        let mut shown = Vec::new();
        for candidate in self.find(words)?.candidates {
            let mut statement =
                self.connection.prepare_cached("SELECT document FROM holding WHERE node = ?1 ORDER BY document")?;
            let documents: Vec<i64> =
                statement.query_map([candidate.id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let mut files = Vec::new();
            for document in documents {
                files.push(ShownFile { paths: self.paths(document)?, record: self.record(document)? });
            }
            shown.push(Shown { node: candidate.node, files });
        }
        Ok(shown)
    }

    fn paths(&self, document: i64) -> Result<Vec<String>> {
        let mut statement =
            self.connection.prepare_cached("SELECT path FROM path WHERE document = ?1 ORDER BY path")?;
        Ok(statement.query_map([document], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// The record of a stored document, as it was put.
    pub(super) fn record(&self, document: i64) -> Result<Record> {
        let mut statement = self.connection.prepare_cached("SELECT text, record FROM content WHERE document = ?1")?;
        let (text, json): (Vec<u8>, Vec<u8>) = statement.query_row([document], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let damaged = |reason: &dyn std::fmt::Display| Error::Store(format!("stored document {document}: {reason}"));
        let mut record: Record =
            serde_json::from_slice(&unpack(Kind::Record, &json)?).map_err(|error| damaged(&error))?;
        record.text = String::from_utf8(unpack(Kind::Text, &text)?).map_err(|error| damaged(&error))?;
        Ok(record)
    }

    /// The record of the file with this digest.
    pub fn record_of(&self, digest: crate::document::Digest) -> Result<Option<Record>> {
        use rusqlite::OptionalExtension;
        let id: Option<i64> = self
            .connection
            .prepare_cached("SELECT id FROM document WHERE digest = ?1")?
            .query_row([super::put::bytes(digest)], |row| row.get(0))
            .optional()?;
        id.map(|id| self.record(id)).transpose()
    }

    /// The documents that are held, newest first.
    pub fn list(&self, filter: &ListFilter) -> Result<Vec<DocumentBrief>> {
        let filter = Filter::of(filter);
        let sql = format!(
            "SELECT {BRIEF} FROM document d LEFT JOIN holding h ON h.document = d.id LEFT JOIN node n ON n.id = h.node \
             WHERE (?1 IS NULL OR d.date >= ?1) AND (?2 IS NULL OR d.date <= ?2) ORDER BY d.date DESC, d.digest"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![filter.from, filter.to])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            if filter.limit.is_some_and(|limit| list.len() >= limit) {
                break;
            }
            let document = brief(row)?;
            if filter.admits(&document) {
                list.push(document);
            }
        }
        Ok(list)
    }

    /// Documents that are cited but not held, the most cited first.
    pub fn wanted(&self, limit: u32) -> Result<Vec<Wanted>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {NODE} FROM node n WHERE n.state IN ('cited', 'partial') ORDER BY n.cited DESC, n.key LIMIT ?1"
        ))?;
        let rows = statement.query_map([limit], |row| Ok(Wanted { node: node_brief(row, 0)?.1 }))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// A citing row before its evidence is fetched.
struct BareCiter {
    id: i64,
    target: String,
    possible: bool,
    document: DocumentBrief,
    citation: Citation,
}

/// Columns of a citation `c` and its edge `e`.
const CITATION: &str = "c.id, e.relation, e.outcome, e.score, c.confidence, c.locator";

fn bare_citation(row: &Row<'_>, first: usize) -> rusqlite::Result<(i64, Citation)> {
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
