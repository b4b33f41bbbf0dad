//! Writing documents: each in one transaction, or many in one, never half of one.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use crate::document::{Digest, Within};
use crate::error::{Error, Result};
use crate::record::{Field, Record, TaskRecord};
use crate::resolve::{CitedClaim, Claim, issuer};

use super::Store;
use super::graph::lead_at_once;
use super::prepare::{Prepared, citation_confidence, prepare, value};

/// What became of a document that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Put {
    /// It was not there.
    New,
    /// It was there as it is, or as a newer program read it; its path was noted.
    Unchanged,
    /// It was there, read otherwise, and was replaced.
    Replaced,
}

/// How often a batch is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Documents in one transaction at most.
    pub documents: usize,
    /// Time after which a transaction is committed as soon as the next document comes.
    pub every: Duration,
}

impl Default for Batch {
    fn default() -> Self {
        Self { documents: 256, every: Duration::from_millis(500) }
    }
}

/// The version that is noted beside what it read.
const READER: &str = env!("CARGO_PKG_VERSION");

impl Store {
    /// Whether a document with this digest is held.
    pub fn has(&self, digest: Digest) -> Result<bool> {
        Ok(self.reader(digest)?.is_some())
    }

    /// The version of the program that read the document with this digest.
    pub fn reader(&self, digest: Digest) -> Result<Option<String>> {
        let mut statement = self.connection.prepare_cached("SELECT reader FROM document WHERE digest = ?1")?;
        Ok(statement.query_row([bytes(digest)], |row| row.get(0)).optional()?)
    }

    /// Stores one document, seen at `path`, in one transaction: all of it or nothing. The graph is
    /// made by [`Store::resolve`] afterwards.
    pub fn put(&mut self, record: &Record, path: &str) -> Result<Put> {
        let slim = Record { text: String::new(), ..record.clone() };
        self.put_prepared(&prepare(&slim, &record.text)?, path)
    }

    /// Stores many documents, several in one transaction. `stored` is told of each document only
    /// after the transaction that holds it was committed: what it was told of survives a kill.
    pub fn put_all(
        &mut self,
        documents: impl IntoIterator<Item = (Record, String)>,
        batch: Batch,
        mut stored: impl FnMut(&str, &Result<Put>),
    ) -> Result<()> {
        let mut waiting: Vec<(Record, String)> = Vec::new();
        let mut since = Instant::now();
        for document in documents {
            if waiting.is_empty() {
                since = Instant::now();
            }
            waiting.push(document);
            if waiting.len() >= batch.documents.max(1) || since.elapsed() >= batch.every {
                self.put_waiting(&mut waiting, &mut stored)?;
            }
        }
        self.put_waiting(&mut waiting, &mut stored)
    }

    fn put_waiting(
        &mut self,
        waiting: &mut Vec<(Record, String)>,
        stored: &mut impl FnMut(&str, &Result<Put>),
    ) -> Result<()> {
        for (result, (_, path)) in self.put_batch(waiting)?.iter().zip(waiting.iter()) {
            stored(path, result);
        }
        waiting.clear();
        Ok(())
    }

    /// Stores some documents, each seen at a path, in one transaction, and says of each what became
    /// of it. If one cannot be written, each gets a transaction of its own, so that it does not take
    /// the others with it. (A savepoint a document would do the same, but full-text search writes
    /// out its index at every one.)
    pub fn put_batch(&mut self, batch: &mut [(Record, String)]) -> Result<Vec<Result<Put>>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        // The record is kept without its text, which has a table of its own; it is lent, not copied.
        let texts: Vec<String> = batch.iter_mut().map(|(record, _)| std::mem::take(&mut record.text)).collect();
        let results = self.put_parts(batch, &texts);
        for ((record, _), text) in batch.iter_mut().zip(texts) {
            record.text = text;
        }
        results
    }

    fn put_parts(&mut self, batch: &[(Record, String)], texts: &[String]) -> Result<Vec<Result<Put>>> {
        let prepared: Vec<Result<Prepared<'_>>> =
            batch.par_iter().zip(texts).map(|((record, _), text)| prepare(record, text)).collect();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Of many documents, most make blocks anew anyway.
        let few = batch.len() <= 16;
        let mut together = Vec::with_capacity(batch.len());
        for (prepared, (_, path)) in prepared.iter().zip(batch) {
            if let Ok(prepared) = prepared {
                together.push(write(&transaction, prepared, path, few));
            }
        }
        if together.iter().all(Result::is_ok) {
            transaction.commit()?;
            let mut together = together.into_iter();
            let one = |prepared: Result<Prepared<'_>>| prepared.and_then(|_| together.next().unwrap_or(Ok(Put::New)));
            return Ok(prepared.into_iter().map(one).collect());
        }
        transaction.rollback()?;
        let pairs = prepared.into_iter().zip(batch);
        Ok(pairs.map(|(prepared, (_, path))| self.put_prepared(&prepared?, path)).collect())
    }

    /// Digests of the documents that this version of the program has read.
    pub fn digests(&self) -> Result<HashSet<Digest>> {
        // Of an archive or a mail in which something could not be read, that is tried again.
        let mut statement = self.connection.prepare(
            "SELECT digest FROM (SELECT digest FROM document WHERE reader = ?1 UNION \
             SELECT m.container FROM member m JOIN document d ON d.id = m.document WHERE d.reader = ?1) \
             WHERE digest NOT IN (SELECT digest FROM failure WHERE digest IS NOT NULL)",
        )?;
        let digests = statement.query_map([READER], |row| row.get::<_, Vec<u8>>(0))?;
        digests
            .map(|bytes| Digest::from_bytes(&bytes?).ok_or_else(|| Error::Store("a digest is damaged".into())))
            .collect()
    }

    fn put_prepared(&mut self, prepared: &Prepared<'_>, path: &str) -> Result<Put> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let put = write(&transaction, prepared, path, true)?;
        transaction.commit()?;
        Ok(put)
    }

    /// Notes that the file at `path` holds the document with this digest, which is held already.
    /// Gives back whether it is.
    pub fn seen(&mut self, digest: Digest, path: &str) -> Result<bool> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id: Option<i64> = transaction
            .query_row("SELECT id FROM document WHERE digest = ?1", [bytes(digest)], |row| row.get(0))
            .optional()?;
        if let Some(id) = id {
            note_path(&transaction, id, path)?;
        }
        transaction.commit()?;
        Ok(id.is_some())
    }

    /// Notes that a document which is held lies inside another file. Gives back whether it is held.
    pub fn hold(&mut self, within: &Within, digest: Digest) -> Result<bool> {
        let mut statement = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO member (container, name, format, document) \
             SELECT ?1, ?2, ?3, id FROM document WHERE digest = ?4",
        )?;
        let format = plain_name(&within.format)?;
        Ok(statement.execute(params![bytes(within.digest), within.name, format, bytes(digest)])? > 0)
    }

    /// Notes that the file at `path` could not be read. Of a member of an archive, `digest` is the
    /// archive's.
    pub fn fail(&mut self, path: &str, digest: Option<Digest>, reason: &str) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("INSERT OR REPLACE INTO failure (path, digest, reason) VALUES (?1, ?2, ?3)")?;
        statement.execute(params![path, digest.map(bytes), reason])?;
        Ok(())
    }
}

/// The bytes of a digest, from its hexadecimal form.
pub(super) fn bytes(digest: Digest) -> Vec<u8> {
    let hex = digest.to_string();
    (0..hex.len() / 2).filter_map(|i| u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}

/// Hexadecimal digits of `bytes`, in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The digest of 32 stored bytes.
pub(super) fn digest(bytes: &[u8]) -> Result<Digest> {
    Digest::from_hex(&hex(bytes)).ok_or_else(|| Error::Store("a digest that is not 32 bytes long".into()))
}

fn note_path(connection: &Connection, document: i64, path: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO path (document, path) VALUES (?1, ?2)")?
        .execute(params![document, path])?;
    connection.prepare_cached("DELETE FROM failure WHERE path = ?1")?.execute([path])?;
    Ok(())
}

/// Writes one document. The caller holds a transaction. `thorough`: lead its citations at once where
/// that can be done, rather than leave their blocks to be made again.
fn write(connection: &Connection, prepared: &Prepared<'_>, path: &str, thorough: bool) -> Result<Put> {
    let digest = bytes(prepared.record.file.digest);
    let hash = bytes(prepared.hash);
    let known: Option<(i64, Vec<u8>, String)> = connection
        .prepare_cached("SELECT id, record_hash, reader FROM document WHERE digest = ?1")?
        .query_row([&digest], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let put = match &known {
        None => Put::New,
        Some((id, known_hash, reader)) if *known_hash == hash || is_newer(reader, READER) => {
            note_path(connection, *id, path)?;
            return Ok(Put::Unchanged);
        }
        Some((id, ..)) => {
            forget(connection, *id)?;
            Put::Replaced
        }
    };
    let id = write_document(connection, prepared, known.map(|(id, ..)| id))?;
    note_path(connection, id, path)?;
    connection.prepare_cached("INSERT INTO content (document, text, record) VALUES (?1, ?2, ?3)")?.execute(params![
        id,
        prepared.text,
        prepared.json
    ])?;
    connection.prepare_cached("INSERT INTO search (rowid, body, folded) VALUES (?1, ?2, ?3)")?.execute(params![
        id,
        prepared.search.0,
        prepared.search.1
    ])?;
    write_citations(connection, id, prepared, thorough)?;
    for (ordinal, task) in prepared.record.tasks.iter().enumerate() {
        write_task(connection, id, ordinal, task)?;
    }
    Ok(put)
}

/// Removes what was read of a document, but not the document itself, whose id others hold.
fn forget(connection: &Connection, id: i64) -> Result<()> {
    for statement in [
        "INSERT OR IGNORE INTO dirty SELECT block FROM citation WHERE document = ?1",
        "INSERT OR IGNORE INTO dirty SELECT block FROM document WHERE id = ?1",
        "DELETE FROM citation WHERE document = ?1",
        "DELETE FROM task WHERE document = ?1",
        "DELETE FROM content WHERE document = ?1",
        "DELETE FROM search WHERE rowid = ?1",
        "DELETE FROM holding WHERE document = ?1",
    ] {
        connection.prepare_cached(statement)?.execute([id])?;
    }
    Ok(())
}

fn write_document(connection: &Connection, prepared: &Prepared<'_>, id: Option<i64>) -> Result<i64> {
    let record = prepared.record;
    let header = &record.header;
    let own = &prepared.claims.own;
    let key = value(header.key.as_ref());
    let signer = header.signer.as_ref();
    connection
        .prepare_cached(
            "INSERT INTO document (id, digest, format, pages, reader, record_hash, key, folded, number, symbol, kind, \
             issuer, parent, place, date, subject, signer, position, block, year, scope, said, unit) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
             ?22, ?23) \
             ON CONFLICT (id) DO UPDATE SET format = excluded.format, pages = excluded.pages, \
             reader = excluded.reader, record_hash = excluded.record_hash, key = excluded.key, \
             folded = excluded.folded, number = excluded.number, symbol = excluded.symbol, kind = excluded.kind, \
             issuer = excluded.issuer, parent = excluded.parent, place = excluded.place, date = excluded.date, \
             subject = excluded.subject, signer = excluded.signer, position = excluded.position, \
             block = excluded.block, year = excluded.year, scope = excluded.scope, said = excluded.said, \
             unit = excluded.unit",
        )?
        .execute(params![
            id,
            bytes(record.file.digest),
            plain_name(&record.file.format)?,
            record.file.pages.len() as u32,
            READER,
            bytes(prepared.hash),
            key,
            key.as_deref().map(crate::key::fold_key),
            value(header.number.as_ref()),
            value(header.symbol.as_ref()),
            value(header.kind.as_ref()),
            value(header.issuer.as_ref()),
            value(header.parent.as_ref()),
            value(header.place.as_ref()),
            header.date.as_ref().map(|date| date.value.to_string()),
            value(header.subject.as_ref()),
            value(signer.and_then(|signer| signer.name.as_ref())),
            value(signer.and_then(|signer| signer.position.as_ref())),
            own.block,
            own.year,
            own.scope.as_text(),
            own.said,
            own.unit,
        ])?;
    mark_dirty(connection, own)?;
    Ok(id.unwrap_or_else(|| connection.last_insert_rowid()))
}

fn write_citations(connection: &Connection, document: i64, prepared: &Prepared<'_>, thorough: bool) -> Result<()> {
    let claims = &prepared.claims;
    for (ordinal, citation) in prepared.record.citations.iter().enumerate() {
        let claim = &claims.cited[ordinal];
        let id = connection
            .prepare_cached(
                "INSERT INTO citation (document, ordinal, key, name, title, kind, date, issuer, relation, locator, \
                 confidence, block, year, scope, said, unit, antecedent) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            )?
            .insert(params![
                document,
                ordinal as u32,
                value(citation.key.as_ref()),
                value(citation.name.as_ref()),
                value(citation.title.as_ref()),
                value(citation.kind.as_ref()),
                citation.date.as_ref().map(|date| date.value.to_string()),
                value(citation.issuer.as_ref()),
                citation.relation.value.as_str(),
                value(citation.locator.as_ref()),
                round(citation_confidence(citation)),
                claim.block,
                claim.year,
                claim.scope.as_text(),
                claim.said,
                claim.unit,
                claims.antecedents[ordinal].map(|ordinal| ordinal as u32),
            ])?;
        let cited = CitedClaim {
            id,
            document,
            digest: prepared.record.file.digest,
            order: ordinal as u32,
            on: claims.own.date,
            home: claims.own.scope.clone(),
            claim: claim.clone(),
        };
        if !(thorough && lead_at_once(connection, &cited, citation.relation.value.as_str())?) {
            mark_dirty(connection, claim)?;
        }
        let sentences = &prepared.sentences[ordinal];
        for (order, (mention, sentence)) in citation.mentions.iter().zip(sentences).enumerate() {
            connection
                .prepare_cached(
                    "INSERT INTO mention (citation, ordinal, words, raw, sentence, start, stop, page) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    id,
                    order as u32,
                    mention.value,
                    Some(&mention.raw).filter(|raw| **raw != mention.value),
                    sentence,
                    mention.span.start() as u32,
                    mention.span.end() as u32,
                    mention.page,
                ])?;
        }
    }
    Ok(())
}

fn mark_dirty(connection: &Connection, claim: &Claim) -> Result<()> {
    connection.prepare_cached("INSERT OR IGNORE INTO dirty (block) VALUES (?1)")?.execute([&claim.block])?;
    Ok(())
}

fn write_task(connection: &Connection, document: i64, ordinal: usize, task: &TaskRecord) -> Result<()> {
    let due = task.deadline.as_ref();
    let id = connection
        .prepare_cached(
            "INSERT INTO task (document, ordinal, text, deadline, kind, due_start, due_end, inclusive, tentative, \
             recurrence, anchor, page, confidence) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .insert(params![
            document,
            ordinal as u32,
            task.text.value,
            due.map(|due| &due.text.value),
            due.map(|due| due.kind.value.as_str()),
            due.and_then(|due| due.start.as_ref()).map(|date| date.value.to_string()),
            due.and_then(|due| due.end.as_ref()).map(|date| date.value.to_string()),
            due.map(|due| due.inclusive),
            due.map(|due| due.tentative),
            due.and_then(|due| due.recurrence.as_ref()),
            due.and_then(|due| due.anchor.as_ref()),
            task.text.page,
            round(task.text.confidence),
        ])?;
    let lead = task.lead.iter().map(|unit| ("lead", unit));
    let coordinate = task.coordinate.iter().map(|unit| ("coordinate", unit));
    for (order, (role, unit)) in lead.chain(coordinate).enumerate() {
        let unit = write_unit(connection, unit)?;
        connection
            .prepare_cached("INSERT INTO task_unit (task, ordinal, role, unit) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, order as u32, role, unit])?;
    }
    Ok(())
}

fn write_unit(connection: &Connection, unit: &Field<String>) -> Result<i64> {
    let known: Option<i64> = connection
        .prepare_cached("SELECT id FROM unit WHERE name = ?1")?
        .query_row([&unit.value], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    Ok(connection
        .prepare_cached("INSERT INTO unit (name, folded) VALUES (?1, ?2)")?
        .insert(params![unit.value, issuer::normal(&unit.value)])?)
}

/// The name that serde gives a variant without fields.
fn plain_name(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        other => Err(Error::Store(format!("not a plain name: {other:?}"))),
    }
}

/// Scores are stored as printed: 0.9, not 0.8999999761581421.
pub(super) fn round(score: f32) -> f64 {
    (f64::from(score) * 1000.0).round() / 1000.0
}

/// Whether version `a` is newer than `b`, part by part.
fn is_newer(a: &str, b: &str) -> bool {
    let parts = |text: &str| -> Vec<u64> { text.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect() };
    parts(a) > parts(b)
}
