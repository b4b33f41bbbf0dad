//! Claims out of rows: what the store has of the blocks that are due to be resolved.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, Row, params};

use crate::error::Result;
use crate::resolve::{
    CitedClaim, HeldClaim, Kept, Letterhead, RULES_VERSION, Reference, Scope, read_claims, restore_cited, restore_own,
};

use super::put::digest;

/// Blocks with what belongs to them.
pub(super) type Blocks = BTreeMap<String, Loaded>;

/// What the store has of one block.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) held: Vec<HeldClaim>,
    pub(super) cited: Vec<CitedClaim>,
    /// Relation of each of `cited`, and where it led before.
    pub(super) before: HashMap<i64, (String, Option<Led>)>,
}

/// Where a citation led before, so that what has not changed is not written.
pub(super) struct Led {
    pub(super) target: i64,
    pub(super) outcome: String,
    pub(super) score: f64,
    pub(super) rivals: bool,
}

pub(super) fn load_held(connection: &Connection, after: &str, last: &str, blocks: &mut Blocks) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT d.id, d.digest, d.block, d.year, d.scope, d.said, d.unit, \
         d.key, d.kind, d.issuer, d.parent, d.place, d.date, d.subject \
         FROM dirty JOIN document d ON d.block = dirty.block WHERE dirty.block > ?1 AND dirty.block <= ?2",
    )?;
    let mut rows = statement.query([after, last])?;
    while let Some(row) = rows.next()? {
        let head = letterhead(row, 7)?;
        let kept = kept(row, 2)?;
        if let Some(block) = blocks.get_mut(&kept.block) {
            block.held.push(HeldClaim {
                id: row.get(0)?,
                digest: digest(row.get_ref(1)?.as_blob().unwrap_or_default())?,
                claim: restore_own(&head, kept),
            });
        }
    }
    Ok(())
}

pub(super) fn load_cited(connection: &Connection, after: &str, last: &str, blocks: &mut Blocks) -> Result<()> {
    // A short reference that took over its antecedent's claim is read from that one's words.
    let mut statement = connection.prepare_cached(
        "SELECT c.id, c.document, c.block, c.year, c.scope, c.said, c.unit, c.ordinal, d.digest, d.date, d.scope, \
         w.key, w.name, w.kind, w.date, w.issuer, w.title, c.relation, e.target, e.outcome, e.score, \
         EXISTS (SELECT 1 FROM rival r WHERE r.citation = c.id) \
         FROM dirty JOIN citation c ON c.block = dirty.block JOIN document d ON d.id = c.document \
         JOIN citation w ON w.document = c.document AND w.ordinal = coalesce(c.antecedent, c.ordinal) \
         LEFT JOIN edge e ON e.citation = c.id \
         WHERE dirty.block > ?1 AND dirty.block <= ?2",
    )?;
    let mut rows = statement.query([after, last])?;
    while let Some(row) = rows.next()? {
        let words = reference(row, 11)?;
        let kept = kept(row, 2)?;
        if let Some(block) = blocks.get_mut(&kept.block) {
            let id = row.get(0)?;
            let target: Option<i64> = row.get(18)?;
            let led = target.map(|target| -> rusqlite::Result<Led> {
                Ok(Led { target, outcome: row.get(19)?, score: row.get(20)?, rivals: row.get(21)? })
            });
            block.before.insert(id, (row.get(17)?, led.transpose()?));
            block.cited.push(CitedClaim {
                id,
                document: row.get(1)?,
                digest: digest(row.get_ref(8)?.as_blob().unwrap_or_default())?,
                order: row.get(7)?,
                on: date(row, 9)?,
                home: Scope::from_text(row.get(10)?),
                claim: restore_cited(&words, kept),
            });
        }
    }
    Ok(())
}

/// The columns key, kind, issuer, parent, place, date, subject of a document, from `first` on.
fn letterhead(row: &Row<'_>, first: usize) -> rusqlite::Result<Letterhead> {
    Ok(Letterhead {
        key: row.get(first)?,
        kind: row.get(first + 1)?,
        issuer: row.get(first + 2)?,
        parent: row.get(first + 3)?,
        place: row.get(first + 4)?,
        date: date(row, first + 5)?,
        subject: row.get(first + 6)?,
    })
}

/// The columns key, name, kind, date, issuer, title of a citation, from `first` on.
fn reference(row: &Row<'_>, first: usize) -> rusqlite::Result<Reference> {
    Ok(Reference {
        key: row.get(first)?,
        name: row.get(first + 1)?,
        kind: row.get(first + 2)?,
        date: date(row, first + 3)?,
        issuer: row.get(first + 4)?,
        title: row.get(first + 5)?,
    })
}

/// The columns block, year, scope, said, unit, from `first` on.
fn kept(row: &Row<'_>, first: usize) -> rusqlite::Result<Kept> {
    Ok(Kept {
        block: row.get(first)?,
        year: row.get(first + 1)?,
        scope: row.get(first + 2)?,
        said: row.get(first + 3)?,
        unit: row.get(first + 4)?,
    })
}

/// A stored date. One that cannot be read counts as none.
pub(super) fn date(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<jiff::civil::Date>> {
    Ok(row.get::<_, Option<String>>(index)?.and_then(|text| text.parse().ok()))
}

/// Reads every claim again from the words, after the rules have changed.
pub(super) fn read_all_claims(connection: &Connection) -> Result<()> {
    let mut documents = connection
        .prepare("SELECT id, digest, key, kind, issuer, parent, place, date, subject FROM document ORDER BY id")?;
    let mut rows = documents.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let head = letterhead(row, 2)?;
        let (citations, references): (Vec<i64>, Vec<Reference>) = connection
            .prepare_cached(
                "SELECT id, key, name, kind, date, issuer, title FROM citation WHERE document = ?1 ORDER BY ordinal",
            )?
            .query_map([id], |row| Ok((row.get::<_, i64>(0)?, reference(row, 1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let claims = read_claims(digest(row.get_ref(1)?.as_blob().unwrap_or_default())?, &head, &references);
        let own = &claims.own;
        connection
            .prepare_cached(
                "UPDATE document SET block = ?2, year = ?3, scope = ?4, said = ?5, unit = ?6 WHERE id = ?1",
            )?
            .execute(params![id, own.block, own.year, own.scope.as_text(), own.said, own.unit])?;
        for ((citation, claim), antecedent) in citations.into_iter().zip(&claims.cited).zip(&claims.antecedents) {
            connection
                .prepare_cached(
                    "UPDATE citation SET block = ?2, year = ?3, scope = ?4, said = ?5, unit = ?6, antecedent = ?7 \
                     WHERE id = ?1",
                )?
                .execute(params![
                    citation,
                    claim.block,
                    claim.year,
                    claim.scope.as_text(),
                    claim.said,
                    claim.unit,
                    antecedent.map(|ordinal| ordinal as u32)
                ])?;
        }
    }
    connection.execute_batch(
        "INSERT OR IGNORE INTO dirty SELECT block FROM node; \
         INSERT OR IGNORE INTO dirty SELECT block FROM document; \
         INSERT OR IGNORE INTO dirty SELECT block FROM citation;",
    )?;
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('rules', ?1)", [RULES_VERSION])?;
    Ok(())
}
