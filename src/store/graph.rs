//! Making the graph of the dirty blocks: rows out, [`resolve_block`], rows in.
//!
//! The cost is that of the blocks that changed, not of the store. Short references are made last,
//! since their candidates are the nodes of other blocks.

use std::collections::HashMap;

use rayon::prelude::*;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::resolve::lead::{Existing, lead};
use crate::resolve::{BlockGraph, CitedClaim, Naming, Node, RULES_VERSION, State, rank_candidates, resolve_block};

use super::Store;
use super::claims::{Blocks, Loaded, date, load_cited, load_held, read_all_claims};
use super::put::round;

/// What [`Store::resolve`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Resolved {
    /// Blocks that were made again.
    pub blocks: usize,
    /// Nodes in them.
    pub nodes: usize,
    /// Edges in them.
    pub edges: usize,
}

/// Blocks that are loaded at a time: bounds the memory.
const CHUNK: u32 = 4096;

impl Store {
    /// Whether parts of the graph are due to be made again, as after a killed import.
    pub fn is_dirty(&self) -> Result<bool> {
        Ok(self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM dirty) OR NOT EXISTS (SELECT 1 FROM meta WHERE name = 'rules' AND value = ?1)",
            [RULES_VERSION],
            |row| row.get(0),
        )?)
    }

    /// Brings the graph up to date with what was put, in one transaction. The result depends on
    /// what is held only, not on the order in which it came.
    pub fn resolve(&mut self) -> Result<Resolved> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let rules: Option<i64> =
            transaction.query_row("SELECT max(value) FROM meta WHERE name = 'rules'", [], |row| row.get(0))?;
        if rules != Some(RULES_VERSION) {
            read_all_claims(&transaction)?;
        }
        let done = resolve_dirty(&transaction)?;
        transaction.commit()?;
        if done.blocks > CHUNK as usize {
            self.connection.execute_batch("PRAGMA analysis_limit = 1000; PRAGMA optimize")?;
        }
        Ok(done)
    }

    /// Forgets the graph and makes it anew from what was read.
    pub fn resolve_all(&mut self) -> Result<Resolved> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch("PRAGMA defer_foreign_keys = ON; DELETE FROM rival; DELETE FROM edge; DELETE FROM holding; DELETE FROM node;")?;
        read_all_claims(&transaction)?;
        let done = resolve_dirty(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

fn resolve_dirty(transaction: &Transaction<'_>) -> Result<Resolved> {
    // A node of one block may go before the edge that led to it is made again in another.
    transaction.execute_batch("PRAGMA defer_foreign_keys = ON")?;
    let mut done = Resolved::default();
    let mut after = String::new();
    // '?' opens the blocks of short references.
    loop {
        let names = dirty_after(transaction, &after, false)?;
        let Some(last) = names.last().cloned() else { break };
        resolve_blocks(transaction, &after, &last, &names, &mut done)?;
        after = last;
    }
    after.clear();
    loop {
        let names = dirty_after(transaction, &after, true)?;
        let Some(last) = names.last().cloned() else { break };
        let blocks = resolve_blocks(transaction, &after, &last, &names, &mut done)?;
        for block in blocks.values() {
            offer_candidates(transaction, &block.cited)?;
        }
        after = last;
    }
    transaction.execute("DELETE FROM dirty", [])?;
    Ok(done)
}

fn dirty_after(connection: &Connection, after: &str, short: bool) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT block FROM dirty WHERE block > ?1 AND (substr(block, 1, 1) = '?') = ?2 ORDER BY block LIMIT ?3",
    )?;
    let names = statement.query_map(params![after, short, CHUNK], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// Resolves the named blocks, all of which lie after `after` and up to `last`.
fn resolve_blocks(
    connection: &Connection,
    after: &str,
    last: &str,
    names: &[String],
    done: &mut Resolved,
) -> Result<Blocks> {
    let mut blocks: Blocks = names.iter().map(|name| (name.clone(), Loaded::default())).collect();
    load_held(connection, after, last, &mut blocks)?;
    load_cited(connection, after, last, &mut blocks)?;
    let graphs: Vec<(&String, BlockGraph)> =
        blocks.par_iter().map(|(name, block)| (name, resolve_block(&block.held, &block.cited))).collect();
    for (name, graph) in graphs {
        write_block(connection, name, &blocks[name], &graph)?;
        done.blocks += 1;
        done.nodes += graph.nodes.len();
        done.edges += graph.links.len();
    }
    Ok(blocks)
}

/// The day of an edge never changes: a document that is read again gets new citations.
const INSERT_EDGE: &str = "INSERT INTO edge (citation, document, target, relation, outcome, score, date) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT date FROM document WHERE id = ?2))";

fn write_block(connection: &Connection, name: &str, block: &Loaded, graph: &BlockGraph) -> Result<()> {
    let mut stale: HashMap<i64, (Option<String>, String)> = connection
        .prepare_cached("SELECT id, class, number FROM node WHERE block = ?1")?
        .query_map([name], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
        .collect::<rusqlite::Result<_>>()?;
    let mut touched: Vec<(Option<String>, String)> = stale.values().cloned().collect();
    let documents: HashMap<i64, i64> = block.cited.iter().map(|cited| (cited.id, cited.document)).collect();
    let counts = count_citing(graph, &documents);
    let mut ids = Vec::with_capacity(graph.nodes.len());
    for (node, count) in graph.nodes.iter().zip(counts) {
        let id = write_node(connection, name, node, count)?;
        stale.remove(&id);
        ids.push(id);
        if node.state == State::Held {
            touched.push((node.class.clone(), node.number.clone()));
        }
        for document in &node.documents {
            connection
                .prepare_cached("INSERT OR REPLACE INTO holding (document, node) VALUES (?1, ?2)")?
                .execute([*document, id])?;
        }
    }
    for link in &graph.links {
        let document = documents.get(&link.id).copied().unwrap_or_default();
        let Some((relation, before)) = block.before.get(&link.id) else { continue };
        let (target, outcome, score) = (ids[link.node], link.outcome.as_str(), round(link.score));
        let had_rivals = before.as_ref().is_some_and(|led| led.rivals);
        let same = before.as_ref().is_some_and(|led| {
            led.target == target && led.outcome == outcome && led.score.to_bits() == score.to_bits()
        });
        if !same {
            let sql = if before.is_some() {
                "UPDATE edge SET target = ?3, relation = ?4, outcome = ?5, score = ?6 WHERE citation = ?1 AND document = ?2"
            } else {
                INSERT_EDGE
            };
            let row = params![link.id, document, target, relation, outcome, score];
            connection.prepare_cached(sql)?.execute(row)?;
        }
        if had_rivals {
            connection.prepare_cached("DELETE FROM rival WHERE citation = ?1")?.execute([link.id])?;
        }
        let rivals: Vec<(i64, f32)> = link.rivals.iter().map(|(node, score)| (ids[*node], *score)).collect();
        write_rivals(connection, link.id, &rivals)?;
    }
    for id in stale.into_keys() {
        connection.prepare_cached("DELETE FROM node WHERE id = ?1")?.execute([id])?;
    }
    touched.sort();
    touched.dedup();
    for (class, number) in touched.into_iter().filter(|(_, number)| !number.is_empty()) {
        let Some(class) = class else { continue };
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO dirty SELECT ?1 WHERE EXISTS (SELECT 1 FROM citation WHERE block = ?1)",
            )?
            .execute([format!("?{class}/{number}")])?;
    }
    Ok(())
}

/// Leads a citation to its node at once, where making its block again would do just that; see
/// [`lead`]. So the cost of one more citation of a document that thousands cite does not grow with
/// them. Gives back whether it was done.
pub(super) fn lead_at_once(connection: &Connection, cited: &CitedClaim, relation: &str) -> Result<bool> {
    let block = &cited.claim.block;
    let dirty: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM dirty WHERE block = ?1) OR EXISTS (SELECT 1 FROM document WHERE id = ?2 AND block = ?1)",
        )?
        .query_row(params![block, cited.document], |row| row.get(0))?;
    if dirty || cited.claim.naming == Naming::Local {
        return Ok(false);
    }
    let nodes: Vec<(i64, Existing)> = connection
        .prepare_cached(
            "SELECT n.id, n.key, n.state, n.printed, n.letters, n.class, n.kind, n.issuer, n.title, n.year, n.date, \
             n.place, n.unit, max(d.key IS NOT NULL), max(d.kind IS NOT NULL), max(d.issuer IS NOT NULL), \
             max(d.subject IS NOT NULL) FROM node n LEFT JOIN holding h ON h.node = n.id \
             LEFT JOIN document d ON d.id = h.document WHERE n.block = ?1 GROUP BY n.id",
        )?
        .query_map([block], |row| {
            let state: String = row.get(2)?;
            let node = Node {
                state: State::from_name(&state),
                printed: row.get(3)?,
                letters: row.get(4)?,
                class: row.get(5)?,
                kind: row.get(6)?,
                issuer: row.get(7)?,
                title: row.get(8)?,
                year: row.get(9)?,
                date: date(row, 10)?,
                place: row.get(11)?,
                unit: row.get(12)?,
                ..Node::held(row.get(1)?)
            };
            Ok((row.get(0)?, Existing { node, own: [row.get(13)?, row.get(14)?, row.get(15)?, row.get(16)?] }))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let (ids, existing): (Vec<i64>, Vec<Existing>) = nodes.into_iter().unzip();
    let Some(lead) = lead(cited, &existing) else { return Ok(false) };
    let target = ids[lead.node];
    connection
        .prepare_cached(
            "UPDATE node SET cited = cited + 1 WHERE id = ?1 AND NOT EXISTS \
             (SELECT 1 FROM citation c JOIN edge e ON e.citation = c.id WHERE c.document = ?2 AND e.target = ?1)",
        )?
        .execute([target, cited.document])?;
    connection.prepare_cached(INSERT_EDGE)?.execute(params![
        cited.id,
        cited.document,
        target,
        relation,
        lead.outcome.as_str(),
        round(lead.score)
    ])?;
    let rivals: Vec<(i64, f32)> = lead.rivals.iter().map(|(node, score)| (ids[*node], *score)).collect();
    write_rivals(connection, cited.id, &rivals)?;
    Ok(true)
}

/// How many other documents cite each node.
fn count_citing(graph: &BlockGraph, documents: &HashMap<i64, i64>) -> Vec<usize> {
    let mut citing: Vec<Vec<i64>> = vec![Vec::new(); graph.nodes.len()];
    for link in &graph.links {
        citing[link.node].extend(documents.get(&link.id));
    }
    citing
        .into_iter()
        .zip(&graph.nodes)
        .map(|(mut list, node)| {
            list.sort_unstable();
            list.dedup();
            list.iter().filter(|document| !node.documents.contains(document)).count()
        })
        .collect()
}

fn write_node(connection: &Connection, block: &str, node: &Node, cited: usize) -> Result<i64> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO node (key, state, printed, number, letters, class, kind, issuer, title, year, date, place, cited, \
         block, unit) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
         ON CONFLICT (key) DO UPDATE SET state = excluded.state, printed = excluded.printed, \
         number = excluded.number, letters = excluded.letters, class = excluded.class, kind = excluded.kind, \
         issuer = excluded.issuer, title = excluded.title, year = excluded.year, date = excluded.date, \
         place = excluded.place, unit = excluded.unit, cited = excluded.cited, block = excluded.block RETURNING id",
    )?;
    let row = params![
        node.key,
        node.state.as_str(),
        node.printed,
        node.number,
        node.letters,
        node.class,
        node.kind,
        node.issuer,
        node.title,
        node.year,
        node.date.map(|date| date.to_string()),
        node.place,
        cited as u32,
        block,
        node.unit,
    ];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

fn write_rivals(connection: &Connection, citation: i64, rivals: &[(i64, f32)]) -> Result<()> {
    for (rank, (node, score)) in rivals.iter().enumerate() {
        connection
            .prepare_cached("INSERT INTO rival (citation, rank, node, score) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![citation, rank as u32, node, round(*score)])?;
    }
    Ok(())
}

/// Gives short references the held documents that they may mean.
fn offer_candidates(connection: &Connection, cited: &[CitedClaim]) -> Result<()> {
    let Some((class, number)) = cited.iter().find_map(|cited| {
        (cited.claim.naming == Naming::Local && !cited.claim.number.is_empty())
            .then(|| cited.claim.class.clone().map(|class| (class, cited.claim.number.clone())))?
    }) else {
        return Ok(());
    };
    let mut statement = connection.prepare_cached(
        "SELECT id, key, year, place FROM node WHERE state = 'held' AND class = ?1 AND number = ?2 ORDER BY key",
    )?;
    let held: Vec<(i64, Node)> = statement
        .query_map([&class, &number], |row| {
            let key: String = row.get(1)?;
            Ok((row.get(0)?, Node { year: row.get(2)?, place: row.get(3)?, ..Node::held(key) }))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for cited in cited {
        let home: Option<i64> = connection
            .prepare_cached("SELECT max(node) FROM holding WHERE document = ?1")?
            .query_row([cited.document], |row| row.get(0))?;
        let views: Vec<(usize, &Node)> = held
            .iter()
            .enumerate()
            .filter(|(_, (id, _))| Some(*id) != home)
            .map(|(at, (_, node))| (at, node))
            .collect();
        let ranked: Vec<(i64, f32)> =
            rank_candidates(cited, &views).into_iter().map(|(at, score)| (held[at].0, score)).collect();
        write_rivals(connection, cited.id, &ranked)?;
    }
    Ok(())
}
