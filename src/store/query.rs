//! Questions about documents and their citations: who cites this, what does it cite, what is it?
//!
//! They never choose among several documents of one number: all that fit are answered for, and
//! each row says which one it is about.

use std::collections::BTreeSet;

use rusqlite::params;

use crate::error::{Error, Result};
use crate::parse::Relation;
use crate::record::Record;

use super::Store;
use super::answer::{
    BRIEF, BRIEF_COLUMNS, CITATION, Citation, Citer, Citers, Cites, CitesRow, DocumentBrief, Evidence, NODE, Rival,
    Shown, ShownFile, Wanted, bare_citation, brief, node_brief,
};
use super::compress::{Kind, unpack};
use super::filter::{CiteFilter, Filter, ListFilter};
use super::find::Candidate;

impl Store {
    /// The documents that cite what `words` mean, each with every sentence that says so.
    pub fn who_cites(&self, words: &str, filter: &CiteFilter) -> Result<Citers> {
        let asked = self.find(words)?;
        let most = filter.document.limit.unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        for candidate in asked.candidates.iter().filter(|candidate| candidate.node.cited > 0) {
            self.collect_citers(candidate, false, filter, most, &mut seen, &mut rows)?;
        }
        // What may only mean one of them comes last anyway.
        if rows.len() < most {
            for candidate in &asked.candidates {
                self.collect_citers(candidate, true, filter, most, &mut seen, &mut rows)?;
            }
        }
        rows.sort_by(|a, b| {
            (a.possible.cmp(&b.possible))
                .then_with(|| b.document.date.cmp(&a.document.date))
                .then_with(|| a.document.digest.cmp(&b.document.digest))
        });
        rows.truncate(most);
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

    /// Adds the newest `most` citations of one node that the filter admits and that are not `seen`;
    /// `possible`: those of which it is a rival.
    fn collect_citers(
        &self,
        candidate: &Candidate,
        possible: bool,
        filter: &CiteFilter,
        most: usize,
        seen: &mut BTreeSet<i64>,
        rows: &mut Vec<BareCiter>,
    ) -> Result<()> {
        let (from, target) = if possible {
            ("rival r CROSS JOIN edge e ON e.citation = r.citation", "r.node")
        } else {
            ("edge e", "e.target")
        };
        // In this order the index gives the newest first, and reading stops when there are enough.
        let sql = format!(
            "SELECT {BRIEF}, {CITATION} FROM {from} \
             CROSS JOIN citation c ON c.id = e.citation CROSS JOIN document d ON d.id = e.document \
             LEFT JOIN holding h ON h.document = d.id LEFT JOIN node n ON n.id = h.node \
             WHERE {target} = ?1 AND (?2 IS NULL OR e.relation = ?2) \
             AND (?3 IS NULL OR e.date >= ?3) AND (?4 IS NULL OR e.date <= ?4) ORDER BY e.date DESC, d.digest"
        );
        let words = Filter::of(&filter.document);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let values = params![candidate.id, filter.relation.map(Relation::as_str), words.from, words.to];
        let mut found = statement.query(values)?;
        let mut added = 0;
        while added < most
            && let Some(row) = found.next()?
        {
            let document = brief(row)?;
            let (id, citation) = bare_citation(row, BRIEF_COLUMNS)?;
            if words.admits(&document) && seen.insert(id) {
                let target = candidate.node.key.clone();
                rows.push(BareCiter { id, target, possible, document, citation });
                added += 1;
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
