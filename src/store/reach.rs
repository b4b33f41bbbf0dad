//! Questions over several steps: what lies behind a document, how does one lead to another, what
//! rests on something that is no longer in force?

use std::collections::{HashMap, VecDeque};

use rusqlite::params;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::resolve::suspect::{Suspect, suspects};
use crate::resolve::{Node, State};

use super::Store;
use super::answer::{NODE, NodeBrief, node_brief};

/// Which way to follow citations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To what is cited.
    Up,
    /// To what cites.
    Down,
    /// Both.
    Both,
}

/// A node that can be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    /// Steps from the start.
    pub depth: u32,
    /// The node.
    #[serde(flatten)]
    pub node: NodeBrief,
}

/// One way from a document to another, each citing the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Path {
    /// The steps, from the start.
    pub steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// What the document before does to this one; none for the start.
    pub relation: Option<String>,
    /// The document.
    pub node: NodeBrief,
}

/// A document that rests on one that was replaced or repealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// The document that rests on it.
    pub document: NodeBrief,
    /// How.
    pub relation: String,
    /// What is no longer in force, or not in full.
    pub ended: NodeBrief,
    /// replaces or repeals.
    pub by_relation: String,
    /// The document that ended it.
    pub by: NodeBrief,
    /// Whether the resting document is the later one: it cites what had already ended.
    pub late: bool,
}

/// Nodes that one answer visits at most, so that a hub cannot fill the memory.
const MOST: usize = 100_000;

/// The relations on which a document rests.
const RESTS: &str = "('based_on', 'implements', 'guides', 'refers_to')";

impl Store {
    /// The nodes within `depth` steps of what `words` mean, nearest first.
    pub fn reach(&self, words: &str, direction: Direction, depth: u32) -> Result<Vec<Reached>> {
        let starts: Vec<i64> = self.find(words)?.candidates.iter().map(|candidate| candidate.id).collect();
        let reached = self.reach_ids(&starts, direction, depth)?;
        let mut list = Vec::with_capacity(reached.len());
        for (id, depth) in reached {
            if depth > 0 {
                list.push(Reached { depth, node: self.node(id)? });
            }
        }
        list.sort_by(|a, b| a.depth.cmp(&b.depth).then_with(|| a.node.key.cmp(&b.node.key)));
        Ok(list)
    }

    /// Node ids within `depth` steps of `starts`, with their distance, nearest first.
    pub(super) fn reach_ids(&self, starts: &[i64], direction: Direction, depth: u32) -> Result<Vec<(i64, u32)>> {
        let mut seen: HashMap<i64, u32> = starts.iter().map(|id| (*id, 0)).collect();
        let mut order: Vec<(i64, u32)> = starts.iter().map(|id| (*id, 0)).collect();
        let mut next = 0;
        while let Some((id, far)) = order.get(next).copied() {
            next += 1;
            if far >= depth || order.len() >= MOST {
                continue;
            }
            for neighbour in self.neighbours(id, direction)? {
                if let std::collections::hash_map::Entry::Vacant(slot) = seen.entry(neighbour) {
                    slot.insert(far + 1);
                    order.push((neighbour, far + 1));
                }
            }
        }
        Ok(order)
    }

    fn neighbours(&self, id: i64, direction: Direction) -> Result<Vec<i64>> {
        let mut all = Vec::new();
        if direction != Direction::Down {
            let mut statement = self.connection.prepare_cached(
                "SELECT DISTINCT e.target FROM holding h JOIN citation c ON c.document = h.document \
                 JOIN edge e ON e.citation = c.id WHERE h.node = ?1 ORDER BY e.target",
            )?;
            let rows = statement.query_map([id], |row| row.get(0))?;
            all.extend(rows.collect::<rusqlite::Result<Vec<i64>>>()?);
        }
        if direction != Direction::Up {
            let mut statement = self.connection.prepare_cached(
                "SELECT DISTINCT h.node FROM edge e JOIN holding h ON h.document = e.document WHERE e.target = ?1 \
                 ORDER BY h.node",
            )?;
            let rows = statement.query_map([id], |row| row.get(0))?;
            all.extend(rows.collect::<rusqlite::Result<Vec<i64>>>()?);
        }
        Ok(all)
    }

    /// One shortest chain of citations from what `from` means up to what `to` means, for each start
    /// from which there is one.
    pub fn path(&self, from: &str, to: &str) -> Result<Vec<Path>> {
        let ends: Vec<i64> = self.find(to)?.candidates.iter().map(|candidate| candidate.id).collect();
        let mut paths = Vec::new();
        for start in self.find(from)?.candidates {
            if let Some(ids) = self.shortest(start.id, &ends)? {
                let mut steps = Vec::new();
                for (index, id) in ids.iter().enumerate() {
                    let relation = if index == 0 { None } else { Some(self.relation(ids[index - 1], *id)?) };
                    steps.push(Step { relation, node: self.node(*id)? });
                }
                paths.push(Path { steps });
            }
        }
        Ok(paths)
    }

    fn shortest(&self, start: i64, ends: &[i64]) -> Result<Option<Vec<i64>>> {
        let mut before: HashMap<i64, i64> = HashMap::from([(start, start)]);
        let mut queue = VecDeque::from([start]);
        while let Some(id) = queue.pop_front() {
            if ends.contains(&id) {
                let mut chain = vec![id];
                let mut at = id;
                while before[&at] != at {
                    at = before[&at];
                    chain.push(at);
                }
                chain.reverse();
                return Ok(Some(chain));
            }
            if before.len() >= MOST {
                break;
            }
            for neighbour in self.neighbours(id, Direction::Up)? {
                before.entry(neighbour).or_insert_with(|| {
                    queue.push_back(neighbour);
                    id
                });
            }
        }
        Ok(None)
    }

    fn relation(&self, from: i64, to: i64) -> Result<String> {
        let mut statement = self.connection.prepare_cached(
            "SELECT e.relation FROM holding h JOIN citation c ON c.document = h.document \
             JOIN edge e ON e.citation = c.id WHERE h.node = ?1 AND e.target = ?2 \
             ORDER BY e.relation = 'refers_to', c.ordinal LIMIT 1",
        )?;
        Ok(statement.query_row([from, to], |row| row.get(0))?)
    }

    pub(super) fn node(&self, id: i64) -> Result<NodeBrief> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {NODE} FROM node n WHERE n.id = ?1"))?;
        Ok(statement.query_row([id], |row| Ok(node_brief(row, 0)?.1))?)
    }

    /// The documents that rest on one that another held document replaces or repeals. With
    /// `words`, only what rests on these; with `late`, only those issued after the end.
    pub fn impact(&self, words: Option<&str>, late: bool) -> Result<Vec<Impact>> {
        let ids: Option<String> = match words {
            None => None,
            Some(words) => {
                let ids: Vec<String> = self.find(words)?.candidates.iter().map(|c| c.id.to_string()).collect();
                Some(format!("[{}]", ids.join(",")))
            }
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT DISTINCT h.node, e.relation, x.target, x.relation, hx.node, d.date > dx.date \
             FROM edge x JOIN document dx ON dx.id = x.document JOIN holding hx ON hx.document = x.document \
             JOIN edge e ON e.target = x.target AND e.document <> x.document AND e.relation IN {RESTS} \
             JOIN document d ON d.id = e.document JOIN holding h ON h.document = e.document \
             WHERE x.relation IN ('replaces', 'repeals') AND h.node <> hx.node \
             AND (?1 IS NULL OR x.target IN (SELECT value FROM json_each(?1))) \
             AND (NOT ?2 OR d.date > dx.date) ORDER BY d.date DESC, h.node, x.target"
        ))?;
        let mut rows = statement.query(params![ids, late])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Impact {
                document: self.node(row.get(0)?)?,
                relation: row.get(1)?,
                ended: self.node(row.get(2)?)?,
                by_relation: row.get(3)?,
                by: self.node(row.get(4)?)?,
                late: row.get::<_, Option<bool>>(5)?.unwrap_or(false),
            });
        }
        Ok(found)
    }

    /// Nodes that look like misreadings of others.
    pub fn suspects(&self) -> Result<Vec<Suspect>> {
        let mut statement = self.connection.prepare(
            "SELECT key, number, letters, title, year, date, place, state = 'held', cited FROM node \
             WHERE date IS NOT NULL AND letters <> ''",
        )?;
        let nodes: Vec<(Node, u32)> = statement
            .query_map([], |row| {
                let node = Node {
                    state: if row.get(7)? { State::Held } else { State::Cited },
                    number: row.get(1)?,
                    letters: row.get(2)?,
                    title: row.get(3)?,
                    year: row.get(4)?,
                    date: super::claims::date(row, 5)?,
                    place: row.get(6)?,
                    ..Node::held(row.get(0)?)
                };
                Ok((node, row.get(8)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let views: Vec<(&Node, u32)> = nodes.iter().map(|(node, cited)| (node, *cited)).collect();
        Ok(suspects(&views))
    }
}
