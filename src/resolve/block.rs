//! One block of claims in, its nodes and links out.
//!
//! Claims that say everything are grouped by what they say. The rest are fitted to the nodes that
//! exist by then, in steps from the fuller to the barer, each step seeing the results of those
//! before it only, so that order within a step cannot matter. A claim that fits exactly one node
//! joins it; one that fits several, or none, gets a node for itself as it stands, and the
//! candidates are kept beside it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::document::Digest;

use super::claim::{Claim, Naming, short};
use super::fit::{Fit, Index, decide, fit, ranked, round};
use super::issuer::Scope;
use super::lead::Existing;
use super::{Node, Outcome, State};

/// A held document's claim about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldClaim {
    /// The caller's id of the document.
    pub id: i64,
    /// Digest of its file, which breaks ties whatever the ids are.
    pub digest: Digest,
    /// What it says.
    pub claim: Claim,
}

/// A citation's claim.
#[derive(Clone, Debug, PartialEq)]
pub struct CitedClaim {
    /// The caller's id of the citation.
    pub id: i64,
    /// The caller's id of the citing document.
    pub document: i64,
    /// Digest of the citing file.
    pub digest: Digest,
    /// Its place among the citations of that document.
    pub order: u32,
    /// Day of issue of the citing document.
    pub on: Option<Date>,
    /// Where the citing document's issuer sits.
    pub home: Scope,
    /// What it says.
    pub claim: Claim,
}

/// The nodes of one block and where its citations lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockGraph {
    /// Nodes, sorted by key.
    pub nodes: Vec<Node>,
    /// One for each citation, sorted by id.
    pub links: Vec<Link>,
}

/// Where one citation leads. Nodes are indexes into [`BlockGraph::nodes`].
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The citation's id.
    pub id: i64,
    /// Its target.
    pub node: usize,
    /// Whether the target is certain.
    pub outcome: Outcome,
    /// How well it fits, 0 to 1.
    pub score: f32,
    /// Other candidates, best first.
    pub rivals: Vec<(usize, f32)>,
}

/// What tells one node of a block from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) year: Option<i16>,
    pub(super) scope: Scope,
    pub(super) unit: Option<String>,
    /// Year of the citing documents, where `year` is not known.
    pub(super) cited_in: Option<i16>,
    /// Keeps apart what cannot be shared: a date that contradicts, or the citing file.
    suffix: String,
}

/// A node while it is being put together.
pub(super) struct Draft<'a> {
    pub(super) identity: Identity,
    state: State,
    pub(super) date: Option<Date>,
    pub(super) held: Vec<&'a HeldClaim>,
    cited: Vec<&'a CitedClaim>,
    /// Where titles are compared: the first of the held, else of the cited.
    pub(super) title: Option<&'a str>,
}

/// Resolves the claims of one block. The result does not depend on the order of the input.
pub fn resolve_block(held: &[HeldClaim], cited: &[CitedClaim]) -> BlockGraph {
    let mut held: Vec<&HeldClaim> = held.iter().collect();
    held.sort_by_key(|held| held.digest);
    let mut cited: Vec<&CitedClaim> = cited.iter().collect();
    cited.sort_by_key(|cited| (cited.digest, cited.order));
    let mut build = Build { drafts: Vec::new(), links: Vec::with_capacity(cited.len()) };
    let naming = cited.first().map(|cited| cited.claim.naming).or_else(|| held.first().map(|held| held.claim.naming));
    match naming {
        None | Some(Naming::Local) => build.keep_apart(&held, &cited),
        Some(naming) => build.group(naming, &held, &cited),
    }
    build.finish()
}

struct Build<'a> {
    drafts: Vec<Draft<'a>>,
    /// Citation, draft, outcome, score, rivals.
    links: Vec<Link>,
}

impl<'a> Build<'a> {
    /// Nodes of what means something in its own document only: one each.
    fn keep_apart(&mut self, held: &[&'a HeldClaim], cited: &[&'a CitedClaim]) {
        for held in held {
            let identity = held_identity(&held.claim, String::new());
            self.add_held(identity, vec![held]);
        }
        let mut places: BTreeMap<Digest, usize> = BTreeMap::new();
        for cited in cited {
            let at = *places.entry(cited.digest).or_insert_with(|| {
                let suffix = format!("~in-{}", short(cited.digest));
                self.add(Draft::new(held_identity(&cited.claim, suffix), State::Local))
            });
            self.drafts[at].title = self.drafts[at].title.or(cited.claim.title.as_deref());
            self.join(at, cited, Outcome::Unresolved, 1.0, Vec::new());
        }
    }

    fn group(&mut self, naming: Naming, held: &[&'a HeldClaim], cited: &[&'a CitedClaim]) {
        let law = naming == Naming::Law;
        let mut groups: BTreeMap<Identity, (Vec<&HeldClaim>, Vec<&CitedClaim>)> = BTreeMap::new();
        for held in held {
            let claim = &held.claim;
            // An incomplete document that is held is itself, and no other.
            let suffix = if is_complete(law, claim) { String::new() } else { format!("~{}", short(held.digest)) };
            groups.entry(identity_of(law, claim, None, suffix)).or_default().0.push(held);
        }
        let (full, bare): (Vec<&CitedClaim>, Vec<&CitedClaim>) =
            cited.iter().partition(|cited| is_complete(law, &cited.claim));
        for cited in full {
            let identity = identity_of(law, &cited.claim, None, String::new());
            groups.entry(identity).or_default().1.push(cited);
        }
        for (identity, (held, cited)) in groups {
            let state = if held.is_empty() { State::Cited } else { State::Held };
            self.add_by_date(&identity, state, &held, &cited);
        }
        for step in 0..5 {
            let claims = bare.iter().copied().filter(|cited| bareness(law, &cited.claim) == step);
            self.fit_step(law, claims.collect());
        }
    }

    /// Joins the claims of one step to what was there before it, and groups the rest.
    fn fit_step(&mut self, law: bool, claims: Vec<&'a CitedClaim>) {
        let index = Index::of(&self.drafts);
        let mut rest: BTreeMap<Identity, Vec<&CitedClaim>> = BTreeMap::new();
        let mut open: BTreeMap<i64, (Outcome, Vec<(usize, f32)>)> = BTreeMap::new();
        for cited in claims {
            let fits = fits(&self.drafts, law, cited, &index);
            if let Some(best) = decide(&fits) {
                let rivals = ranked(&fits, Some(best.draft));
                self.join(best.draft, cited, Outcome::Resolved, best.score, rivals);
            } else {
                let several = fits.iter().filter(|fit| fit.possible).count() > 1;
                let outcome = if several { Outcome::Ambiguous } else { Outcome::Unresolved };
                rest.entry(partial_identity(law, cited)).or_default().push(cited);
                open.insert(cited.id, (outcome, ranked(&fits, None)));
            }
        }
        for (identity, claims) in rest {
            let first = self.links.len();
            self.add_by_date(&identity, State::Partial, &[], &claims);
            for link in &mut self.links[first..] {
                if let Some((outcome, rivals)) = open.remove(&link.id) {
                    link.outcome = outcome;
                    link.rivals = rivals;
                    link.score = 0.5;
                }
            }
        }
    }

    /// Adds the node of one identity, or several where dates contradict each other: the document
    /// that is held, else the date that most citing documents give, keeps the plain key.
    fn add_by_date(&mut self, identity: &Identity, state: State, held: &[&'a HeldClaim], cited: &[&'a CitedClaim]) {
        let mut support: BTreeMap<Date, (bool, BTreeSet<Digest>)> = BTreeMap::new();
        for held in held {
            if let Some(date) = held.claim.date {
                support.entry(date).or_default().0 = true;
            }
        }
        for cited in cited {
            if let Some(date) = cited.claim.date {
                support.entry(date).or_default().1.insert(cited.digest);
            }
        }
        let main = support
            .iter()
            .max_by(|a, b| (a.1.0, a.1.1.len()).cmp(&(b.1.0, b.1.1.len())).then_with(|| b.0.cmp(a.0)))
            .map(|(date, _)| *date);
        let of_date = |date: Option<Date>| date.filter(|date| Some(*date) != main);
        let others: BTreeSet<Option<Date>> =
            std::iter::once(None).chain(support.keys().copied().filter(|date| Some(*date) != main).map(Some)).collect();
        for other in others {
            let mut identity = identity.clone();
            let mut state = state;
            if let Some(date) = other {
                identity.suffix = format!("{}~{date}", identity.suffix);
            }
            let papers: Vec<&HeldClaim> =
                held.iter().copied().filter(|held| of_date(held.claim.date) == other).collect();
            if state == State::Held && papers.is_empty() {
                state = State::Cited;
            }
            let at =
                if papers.is_empty() { self.add(Draft::new(identity, state)) } else { self.add_held(identity, papers) };
            self.drafts[at].date = other.or(main);
            // Titles of barer claims, which join later, have no say: they are judged by this one.
            let titles = cited.iter().filter(|cited| of_date(cited.claim.date) == other);
            let title = most(titles.filter_map(|cited| cited.claim.title.as_deref()));
            self.drafts[at].title = self.drafts[at].title.or(title);
            for cited in cited.iter().filter(|cited| of_date(cited.claim.date) == other) {
                let exact = cited.claim.date.is_some() || support.len() <= 1;
                self.join(
                    at,
                    cited,
                    Outcome::Resolved,
                    said_score(&cited.claim) * if exact { 1.0 } else { 0.85 },
                    Vec::new(),
                );
            }
        }
    }

    fn add(&mut self, draft: Draft<'a>) -> usize {
        self.drafts.push(draft);
        self.drafts.len() - 1
    }

    fn add_held(&mut self, identity: Identity, held: Vec<&'a HeldClaim>) -> usize {
        let mut draft = Draft::new(identity, State::Held);
        draft.date = held.iter().find_map(|held| held.claim.date);
        draft.title = held.iter().find_map(|held| held.claim.title.as_deref());
        draft.held = held;
        self.add(draft)
    }

    fn join(&mut self, at: usize, cited: &'a CitedClaim, outcome: Outcome, score: f32, rivals: Vec<(usize, f32)>) {
        let draft = &mut self.drafts[at];
        draft.cited.push(cited);
        self.links.push(Link { id: cited.id, node: at, outcome, score: round(score), rivals });
    }

    fn finish(self) -> BlockGraph {
        let mut nodes: Vec<(usize, Node)> =
            self.drafts.iter().enumerate().map(|(index, draft)| (index, draft.to_node())).collect();
        nodes.sort_by(|a, b| a.1.key.cmp(&b.1.key));
        let mut place = vec![0; nodes.len()];
        for (new, (old, _)) in nodes.iter().enumerate() {
            place[*old] = new;
        }
        let mut links = self.links;
        for link in &mut links {
            link.node = place[link.node];
            for rival in &mut link.rivals {
                rival.0 = place[rival.0];
            }
        }
        links.sort_by_key(|link| link.id);
        BlockGraph { nodes: nodes.into_iter().map(|(_, node)| node).collect(), links }
    }
}

/// The drafts that a claim fits, best first, without those of the citing document itself.
pub(super) fn fits(drafts: &[Draft<'_>], law: bool, cited: &CitedClaim, index: &Index) -> Vec<Fit> {
    let mut fits: Vec<Fit> = index
        .candidates(law, &cited.claim)
        .into_iter()
        .filter(|at| !drafts[*at].held.iter().any(|held| held.digest == cited.digest))
        .filter_map(|at| fit(law, cited, at, &drafts[at]))
        .collect();
    fits.sort_by(|a, b| {
        (b.firm.cmp(&a.firm))
            .then(b.score.total_cmp(&a.score))
            .then_with(|| drafts[a.draft].identity.cmp(&drafts[b.draft].identity))
    });
    fits
}

/// Whether a claim says all that identity asks for. Of a law that is its year.
pub(super) fn is_complete(law: bool, claim: &Claim) -> bool {
    claim.is_complete() || law && claim.year.is_some()
}

/// The step in which a claim is fitted: the more it says, the earlier.
pub(super) fn bareness(law: bool, claim: &Claim) -> usize {
    if law { 0 } else { step(claim.year.is_some(), claim.scope != Scope::Unknown, claim.unit.is_some()) }
}

const fn step(year: bool, scope: bool, unit: bool) -> usize {
    match (year, scope, unit) {
        (true, true, _) => 0,
        (true, false, _) => 1,
        (false, true, true) => 2,
        (false, true, false) => 3,
        (false, false, _) => 4,
    }
}

pub(super) fn identity_of(law: bool, claim: &Claim, cited_in: Option<i16>, suffix: String) -> Identity {
    if law {
        return Identity {
            year: claim.year,
            scope: Scope::National,
            unit: Some(String::new()),
            cited_in: None,
            suffix,
        };
    }
    Identity { year: claim.year, scope: claim.scope.clone(), unit: claim.unit.clone(), cited_in, suffix }
}

/// The identity that an incomplete citation can share with others: those of the same place that
/// cite in the same year. Without a place, only an exact date is enough to share.
pub(super) fn partial_identity(law: bool, cited: &CitedClaim) -> Identity {
    let claim = &cited.claim;
    if law {
        return identity_of(law, claim, None, String::new());
    }
    let cited_in = if claim.year.is_none() { cited.on.map(jiff::civil::Date::year) } else { None };
    let vague = claim.scope == Scope::Unknown || claim.year.is_none() && cited_in.is_none();
    let suffix = match claim.date {
        _ if !vague => String::new(),
        Some(date) => format!("~{date}"),
        None => format!("~in-{}", short(cited.digest)),
    };
    identity_of(law, claim, cited_in, suffix)
}

fn held_identity(claim: &Claim, suffix: String) -> Identity {
    Identity { year: claim.year, scope: claim.scope.clone(), unit: claim.unit.clone(), cited_in: None, suffix }
}

impl Identity {
    /// The step in which claims of this identity were fitted.
    pub(super) fn bareness(&self, law: bool) -> usize {
        if law { 0 } else { step(self.year.is_some(), self.scope != Scope::Unknown, self.unit.is_some()) }
    }
}

/// Reads the identity of a node back from what is kept of it.
pub(super) fn identity_from_key(naming: Naming, block: &str, existing: &Existing) -> Identity {
    let node = &existing.node;
    let (key, suffix) = node.key.split_once('~').unwrap_or((&node.key, ""));
    let year = key.get(block.len() + 1..).unwrap_or_default().split('/').next().unwrap_or_default();
    Identity {
        year: node.year,
        scope: if naming == Naming::Law { Scope::National } else { Scope::from_text(node.place.clone()) },
        unit: node.unit.clone(),
        cited_in: year.strip_prefix('-').and_then(|year| year.parse().ok()),
        suffix: if suffix.is_empty() { String::new() } else { format!("~{suffix}") },
    }
}

impl Draft<'_> {
    pub(super) fn new(identity: Identity, state: State) -> Self {
        Self { identity, state, date: None, held: Vec::new(), cited: Vec::new(), title: None }
    }

    /// What held documents print stands before what citations say; among citations, what most say.
    fn to_node(&self) -> Node {
        let claims = || self.held.iter().map(|held| &held.claim).chain(self.cited.iter().map(|cited| &cited.claim));
        let pick = |field: fn(&Claim) -> Option<&str>| {
            let own = self.held.iter().find_map(|held| field(&held.claim));
            own.or_else(|| most(self.cited.iter().filter_map(|cited| field(&cited.claim)))).map(str::to_owned)
        };
        let any = claims().next();
        let text = |field: fn(&Claim) -> &str| any.map(|claim| field(claim).to_owned()).unwrap_or_default();
        let identity = &self.identity;
        Node {
            key: self.key(any),
            state: self.state,
            printed: pick(|claim| Some(claim.printed.as_str()).filter(|text| !text.is_empty())).unwrap_or_default(),
            number: text(|claim| &claim.number),
            letters: pick(|claim| Some(&claim.letters)).unwrap_or_default(),
            class: pick(|claim| claim.class.as_deref()),
            kind: pick(|claim| claim.kind.as_deref()),
            issuer: pick(|claim| claim.issuer.as_deref()),
            title: self.title.map(str::to_owned),
            year: identity.year,
            date: self.date,
            place: identity.scope.as_text().map(str::to_owned),
            unit: identity.unit.clone(),
            documents: self.held.iter().map(|held| held.id).collect(),
        }
    }

    fn key(&self, any: Option<&Claim>) -> String {
        any.map_or_else(|| self.identity.suffix.clone(), |claim| key_of(claim, &self.identity))
    }
}

/// A place that the citing document lends is a little less sure.
pub(super) fn said_score(claim: &Claim) -> f32 {
    if claim.said { 1.0 } else { 0.95 }
}

pub(super) fn key_of(claim: &Claim, identity: &Identity) -> String {
    let mut parts = vec![claim.block.clone()];
    let year = identity.year.map(|year| year.to_string());
    match claim.naming {
        Naming::Local => {}
        Naming::Law => parts.extend(year),
        Naming::Numbered => {
            let cited_in = || identity.cited_in.map(|year| format!("-{year}"));
            parts.push(year.or_else(cited_in).unwrap_or_else(|| "-".into()));
            let unit = identity.unit.as_deref();
            match &identity.scope {
                Scope::National if unit == Some("") => {}
                scope => parts.push(scope.as_text().unwrap_or("-").to_owned()),
            }
            match unit {
                Some("") => {}
                Some(unit) => parts.push(unit.to_owned()),
                None if identity.scope == Scope::Unknown => {}
                None => parts.push("-".into()),
            }
        }
    }
    format!("{}{}", parts.join("/"), identity.suffix)
}

/// The value that occurs most often; the least of several.
fn most<'a>(values: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0))).map(|(value, _)| value)
}
