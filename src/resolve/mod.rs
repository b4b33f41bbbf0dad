//! Many documents in, one graph out: which mention means which document?
//!
//! [`resolve`] is pure and total, and its result does not depend on the order of its input. A
//! document is its series, number, year and issuer, never its number alone: `1927/KH-UBND` exists
//! in every province and every year. What a mention leaves open is either settled by exactly one
//! compatible candidate or kept open, with the candidates beside it; nothing is merged by
//! likeness. Knows no SQL: the store hands in rows, block by block, and takes rows out.

pub mod block;
pub mod claim;
mod fit;
pub mod issuer;
pub mod lead;
pub mod number;
pub mod suspect;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::document::Digest;

pub use block::{BlockGraph, CitedClaim, HeldClaim, resolve_block};
pub use claim::{Claim, Claims, Kept, Letterhead, Naming, Reference, read_claims, restore_cited, restore_own};
pub(crate) use fit::rank_candidates;
pub use issuer::Scope;

/// Version of the rules. A store resolved by another version is resolved anew.
pub const RULES_VERSION: i64 = 2;

/// One document with what it cites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Digest of its file.
    pub digest: Digest,
    /// What it says of itself.
    pub head: Letterhead,
    /// What it says of others.
    pub references: Vec<Reference>,
}

/// Documents and who cites whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Sorted by key.
    pub nodes: Vec<Node>,
    /// One for each reference, in the order of the papers and their references.
    pub edges: Vec<Edge>,
}

/// How much is known of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A file of it is held.
    Held,
    /// Cited, with everything that identity asks for.
    Cited,
    /// Cited without its year or issuer; mentions that agree in what they do say share it.
    Partial,
    /// A short reference or bare title, which means something in its own document only.
    Local,
}

impl State {
    /// The name used in JSON and the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Cited => "cited",
            Self::Partial => "partial",
            Self::Local => "local",
        }
    }
}

/// One document of the graph, held or only cited.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Stable readable key: `kh-ubnd/1927/2024/ho-chi-minh`. See docs/schema.md.
    pub key: String,
    /// How much is known.
    pub state: State,
    /// Number and symbol, or the name, as mostly printed.
    pub printed: String,
    /// Number without leading zeros; empty for a name.
    pub number: String,
    /// Folded letters of the symbol: `khubnd`.
    pub letters: String,
    /// Folded code of the type: `kh`.
    pub class: Option<String>,
    /// Type as printed.
    pub kind: Option<String>,
    /// Issuer as printed.
    pub issuer: Option<String>,
    /// Subject or title.
    pub title: Option<String>,
    /// Year of issue.
    pub year: Option<i16>,
    /// Day of issue.
    pub date: Option<Date>,
    /// Where the issuer sits: a province's slug, `vn` for the whole state.
    pub place: Option<String>,
    /// The body below the place: empty where the symbol says enough, none where it is not known.
    pub unit: Option<String>,
    /// The files of it that are held, by the ids that came in; several are manifestations of one
    /// document (a scan and a web copy).
    pub documents: Vec<i64>,
}

impl State {
    /// Undoes [`State::as_str`]; an unknown name is the least that can be known.
    pub(crate) fn from_name(name: &str) -> Self {
        [Self::Held, Self::Cited, Self::Partial].into_iter().find(|state| state.as_str() == name).unwrap_or(Self::Local)
    }
}

impl Node {
    /// A held node of which nothing but the key is said.
    pub(crate) fn held(key: String) -> Self {
        Self {
            key,
            state: State::Held,
            printed: String::new(),
            number: String::new(),
            letters: String::new(),
            class: None,
            kind: None,
            issuer: None,
            title: None,
            year: None,
            date: None,
            place: None,
            unit: None,
            documents: Vec::new(),
        }
    }
}

/// How sure it is that an edge ends at its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The mention says which document, or exactly one fits.
    Resolved,
    /// Several documents fit; the edge ends at a node for the mention as it stands.
    Ambiguous,
    /// No document fits all that is said; the edge ends at a node for the mention as it stands.
    Unresolved,
}

impl Outcome {
    /// The name used in JSON and the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Ambiguous => "ambiguous",
            Self::Unresolved => "unresolved",
        }
    }
}

/// One citation in the graph. Nodes are indexes into [`Graph::nodes`].
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// The citing document.
    pub from: usize,
    /// The cited one.
    pub to: usize,
    /// Which reference of which paper this is.
    pub evidence: (usize, usize),
    /// Whether the target is certain.
    pub outcome: Outcome,
    /// How well the mention fits its node, 0 to 1.
    pub score: f32,
    /// Other nodes that it may mean, best first, with their scores.
    pub rivals: Vec<(usize, f32)>,
}

/// Resolves all references of all papers.
pub fn resolve(papers: &[Paper]) -> Graph {
    let mut blocks: BTreeMap<String, (Vec<HeldClaim>, Vec<CitedClaim>)> = BTreeMap::new();
    let mut evidence: Vec<(usize, usize)> = Vec::new();
    for (index, paper) in papers.iter().enumerate() {
        let claims = read_claims(paper.digest, &paper.head, &paper.references);
        let on = claims.own.date;
        let home = claims.own.scope.clone();
        for (order, claim) in claims.cited.into_iter().enumerate() {
            blocks.entry(claim.block.clone()).or_default().1.push(CitedClaim {
                id: i64::from(evidence.len() as u32),
                document: i64::from(index as u32),
                digest: paper.digest,
                order: order as u32,
                on,
                home: home.clone(),
                claim,
            });
            evidence.push((index, order));
        }
        blocks.entry(claims.own.block.clone()).or_default().0.push(HeldClaim {
            id: i64::from(index as u32),
            digest: paper.digest,
            claim: claims.own,
        });
    }
    let mut nodes: Vec<Node> = Vec::new();
    let mut links: Vec<(usize, block::Link)> = Vec::with_capacity(evidence.len());
    let mut local: Vec<CitedClaim> = Vec::new();
    for (held, cited) in blocks.into_values() {
        let graph = resolve_block(&held, &cited);
        let base = nodes.len();
        nodes.extend(graph.nodes);
        links.extend(graph.links.into_iter().map(|link| (base, link)));
        local.extend(cited.into_iter().filter(|cited| cited.claim.naming == Naming::Local));
    }
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by(|a, b| nodes[*a].key.cmp(&nodes[*b].key));
    let mut place = vec![0; nodes.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut home = vec![0; papers.len()];
    for (old, node) in nodes.iter().enumerate() {
        for document in &node.documents {
            home[*document as usize] = place[old];
        }
    }
    let mut edges: Vec<Edge> = links
        .into_iter()
        .map(|(base, link)| {
            let (paper, reference) = evidence[link.id as usize];
            Edge {
                from: home[paper],
                to: place[base + link.node],
                evidence: (paper, reference),
                outcome: link.outcome,
                score: link.score,
                rivals: link.rivals.into_iter().map(|(node, score)| (place[base + node], score)).collect(),
            }
        })
        .collect();
    edges.sort_by_key(|edge| edge.evidence);
    let mut sorted: Vec<Node> = order.iter().map(|index| nodes[*index].clone()).collect();
    offer_candidates(&mut sorted, &mut edges, &local, &evidence);
    Graph { nodes: sorted, edges }
}

/// Gives short references ("Thông tư 24") the held documents that they may mean.
fn offer_candidates(nodes: &mut [Node], edges: &mut [Edge], local: &[CitedClaim], evidence: &[(usize, usize)]) {
    let mut held: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.state == State::Held) {
        if let Some(class) = &node.class {
            held.entry((class, &node.number)).or_default().push(index);
        }
    }
    for cited in local {
        let Some(candidates) = cited.claim.class.as_deref().and_then(|class| held.get(&(class, &*cited.claim.number)))
        else {
            continue;
        };
        let at = evidence[cited.id as usize];
        if let Ok(edge) = edges.binary_search_by_key(&at, |edge| edge.evidence) {
            let edge = &mut edges[edge];
            let views: Vec<(usize, &Node)> =
                candidates.iter().filter(|index| **index != edge.from).map(|index| (*index, &nodes[*index])).collect();
            edge.rivals = rank_candidates(cited, &views);
        }
    }
}

#[cfg(test)]
mod tests;
