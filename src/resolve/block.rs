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
use super::issuer::Scope;
use super::suspect::title_likeness;
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

/// A candidate that is not clearly better than another by this much is ambiguous.
const TITLE_DECIDES: (f32, f32) = (0.6, 0.35);
/// A bare mention may reach back this many years to the one document that fits.
const REACH_YEARS: i16 = 2;
/// Candidates kept beside a link.
const MAX_RIVALS: usize = 8;

/// What tells one node of a block from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    year: Option<i16>,
    scope: Scope,
    unit: Option<String>,
    /// Year of the citing documents, where `year` is not known.
    cited_in: Option<i16>,
    /// Keeps apart what cannot be shared: a date that contradicts, or the citing file.
    suffix: String,
}

/// A node while it is being put together.
struct Draft<'a> {
    identity: Identity,
    state: State,
    date: Option<Date>,
    held: Vec<&'a HeldClaim>,
    cited: Vec<&'a CitedClaim>,
    /// Where titles are compared: the first of the held, else of the cited.
    title: Option<&'a str>,
}

struct Fit {
    draft: usize,
    score: f32,
    /// Nothing that is said speaks against it, and enough is said.
    firm: bool,
    same_date: bool,
    title: Option<f32>,
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

/// Scores held documents as readings of a short reference: of the right time and place first.
/// `held` pairs the caller's index with the node.
pub(crate) fn rank_candidates(cited: &CitedClaim, held: &[(usize, &Node)]) -> Vec<(usize, f32)> {
    let mut ranked: Vec<(usize, f32, &str)> = held
        .iter()
        .filter_map(|(index, node)| {
            let gap = match (cited.on.map(jiff::civil::Date::year), node.year) {
                (Some(on), Some(year)) if year > on => return None,
                (Some(on), Some(year)) => f32::from(on - year),
                _ => 5.0,
            };
            if cited.claim.year.is_some() && node.year.is_some() && cited.claim.year != node.year {
                return None;
            }
            let near = match (&cited.home, node.place.as_deref()) {
                (_, Some("vn")) => 1.0,
                (Scope::Province(home), Some(place)) if home == place => 1.0,
                (_, None) | (Scope::Unknown, _) => 0.6,
                _ => return None,
            };
            Some((*index, round(0.5 * near / gap.mul_add(0.1, 1.0)), node.key.as_str()))
        })
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.2.cmp(b.2)));
    ranked.into_iter().take(MAX_RIVALS).map(|(index, score, _)| (index, score)).collect()
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
            self.join(at, cited, Outcome::Unresolved, 1.0, Vec::new());
        }
    }

    fn group(&mut self, naming: Naming, held: &[&'a HeldClaim], cited: &[&'a CitedClaim]) {
        let law = naming == Naming::Law;
        let complete = |claim: &Claim| claim.is_complete() || law && claim.year.is_some();
        let mut groups: BTreeMap<Identity, (Vec<&HeldClaim>, Vec<&CitedClaim>)> = BTreeMap::new();
        for held in held {
            let claim = &held.claim;
            // An incomplete document that is held is itself, and no other.
            let suffix = if complete(claim) { String::new() } else { format!("~{}", short(held.digest)) };
            groups.entry(identity_of(law, claim, None, suffix)).or_default().0.push(held);
        }
        let (full, bare): (Vec<&CitedClaim>, Vec<&CitedClaim>) = cited.iter().partition(|cited| complete(&cited.claim));
        for cited in full {
            let identity = identity_of(law, &cited.claim, None, String::new());
            groups.entry(identity).or_default().1.push(cited);
        }
        for (identity, (held, cited)) in groups {
            let state = if held.is_empty() { State::Cited } else { State::Held };
            self.add_by_date(&identity, state, &held, &cited);
        }
        for step in 0..5 {
            let claims = bare.iter().copied().filter(|cited| bareness(&cited.claim) == step);
            self.fit_step(law, claims.collect());
        }
    }

    /// Joins the claims of one step to what was there before it, and groups the rest.
    fn fit_step(&mut self, law: bool, claims: Vec<&'a CitedClaim>) {
        let index = Index::of(&self.drafts);
        let mut rest: BTreeMap<Identity, Vec<&CitedClaim>> = BTreeMap::new();
        let mut open: BTreeMap<i64, (Outcome, Vec<(usize, f32)>)> = BTreeMap::new();
        for cited in claims {
            let fits = self.fits(law, cited, &index);
            match decide(&fits) {
                Some(best) => {
                    let rivals = ranked(&fits, Some(best.draft));
                    self.join(best.draft, cited, Outcome::Resolved, best.score, rivals);
                }
                None => {
                    let several = fits.iter().filter(|fit| fit.firm).count() > 1;
                    let outcome = if several { Outcome::Ambiguous } else { Outcome::Unresolved };
                    rest.entry(partial_identity(law, cited)).or_default().push(cited);
                    open.insert(cited.id, (outcome, ranked(&fits, None)));
                }
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
            for cited in cited.iter().filter(|cited| of_date(cited.claim.date) == other) {
                let exact = cited.claim.date.is_some() || support.len() <= 1;
                let said = if cited.claim.said { 1.0 } else { 0.95 };
                self.join(at, cited, Outcome::Resolved, said * if exact { 1.0 } else { 0.85 }, Vec::new());
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
        if draft.title.is_none() {
            draft.title = cited.claim.title.as_deref();
        }
        self.links.push(Link { id: cited.id, node: at, outcome, score: round(score), rivals });
    }

    fn fits(&self, law: bool, cited: &CitedClaim, index: &Index) -> Vec<Fit> {
        let mut fits: Vec<Fit> = index
            .candidates(law, &cited.claim)
            .into_iter()
            .filter(|at| !self.drafts[*at].held.iter().any(|held| held.digest == cited.digest))
            .filter_map(|at| fit(law, cited, at, &self.drafts[at]))
            .collect();
        fits.sort_by(|a, b| {
            (b.firm.cmp(&a.firm))
                .then(b.score.total_cmp(&a.score))
                .then_with(|| self.drafts[a.draft].identity.cmp(&self.drafts[b.draft].identity))
        });
        fits
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

/// A number such as 1/KH-UBND has thousands of nodes; past this many, only those of the claim's own
/// place or date are looked at.
const SMALL_BLOCK: usize = 64;

/// The drafts that were there before a step.
struct Index {
    known: usize,
    by_scope: BTreeMap<Scope, Vec<usize>>,
    by_date: BTreeMap<Date, Vec<usize>>,
}

impl Index {
    fn of(drafts: &[Draft<'_>]) -> Self {
        let mut index = Self { known: drafts.len(), by_scope: BTreeMap::new(), by_date: BTreeMap::new() };
        if drafts.len() > SMALL_BLOCK {
            for (at, draft) in drafts.iter().enumerate() {
                index.by_scope.entry(draft.identity.scope.clone()).or_default().push(at);
                if let Some(date) = draft.date {
                    index.by_date.entry(date).or_default().push(at);
                }
            }
        }
        index
    }

    fn candidates(&self, law: bool, claim: &Claim) -> Vec<usize> {
        if law || self.known <= SMALL_BLOCK {
            return (0..self.known).collect();
        }
        let mut all: BTreeSet<usize> = BTreeSet::new();
        if let Some(date) = claim.date {
            all.extend(self.by_date.get(&date).into_iter().flatten());
        }
        if claim.scope != Scope::Unknown {
            for scope in [&claim.scope, &Scope::Unknown] {
                all.extend(self.by_scope.get(scope).into_iter().flatten());
            }
        }
        all.into_iter().collect()
    }
}

/// How a claim fits a node: none where something that is said contradicts it.
fn fit(law: bool, cited: &CitedClaim, at: usize, draft: &Draft<'_>) -> Option<Fit> {
    let (claim, identity) = (&cited.claim, &draft.identity);
    let same_date = claim.date.is_some() && claim.date == draft.date;
    if claim.date.is_some() && draft.date.is_some() && !same_date {
        return None;
    }
    let mut score = 1.0_f32;
    let mut firm = true;
    let citing_year = cited.on.map(jiff::civil::Date::year);
    match (claim.year, identity.year) {
        (Some(a), Some(b)) if a != b => return None,
        (Some(_), Some(_)) => {}
        (None, Some(year)) => match citing_year.map(|on| on - year) {
            Some(gap) if gap < 0 => return None,
            // A law without its date is the law as it then was, which no list of ours can tell.
            Some(gap) if gap <= REACH_YEARS && !law => score *= f32::from(gap).mul_add(-0.08, 0.95),
            Some(gap) => {
                score *= 0.4 / f32::from(gap).mul_add(0.05, 1.0);
                firm = false;
            }
            None => {
                score *= 0.3;
                firm = false;
            }
        },
        (_, None) => {
            let same_time = identity.cited_in.is_some() && identity.cited_in == citing_year;
            if !same_time && !same_date {
                score *= 0.4;
                firm = false;
            }
        }
    }
    match (&claim.scope, &identity.scope) {
        (a, b) if a == b && *a != Scope::Unknown => {}
        _ if law => {}
        (Scope::Unknown, _) | (_, Scope::Unknown) => {
            score *= if same_date { 0.85 } else { 0.5 };
            firm &= same_date;
        }
        _ if claim.said => return None,
        _ => {
            score *= if same_date { 0.5 } else { 0.2 };
            firm = false;
        }
    }
    match (&claim.unit, &identity.unit) {
        (Some(a), Some(b)) if a != b && !law => return None,
        (None, Some(_)) | (Some(_), None) => score *= 0.95,
        _ => {}
    }
    if let (Some(on), Some(date)) = (cited.on, draft.date) {
        if date > on {
            score *= 0.5;
            firm = false;
        }
    }
    let title = match (claim.title.as_deref(), draft.title) {
        (Some(a), Some(b)) => title_likeness(a, b),
        _ => None,
    };
    if title.is_some_and(|likeness| likeness < 0.2) {
        score *= 0.6;
        firm &= same_date;
    }
    Some(Fit { draft: at, score, firm, same_date, title })
}

/// The one that it must be, if there is one.
fn decide(fits: &[Fit]) -> Option<&Fit> {
    let firm: Vec<&Fit> = fits.iter().filter(|fit| fit.firm).collect();
    let only = |list: Vec<&'_ Fit>| if let [one] = list[..] { Some(one.draft) } else { None };
    let chosen = only(firm.clone())
        .or_else(|| only(firm.iter().copied().filter(|fit| fit.same_date).collect()))
        .or_else(|| {
            let (high, low) = TITLE_DECIDES;
            let like = only(firm.iter().copied().filter(|fit| fit.title.is_some_and(|t| t >= high)).collect())?;
            let others_differ =
                firm.iter().all(|fit| fit.draft == like || fit.title.is_some_and(|likeness| likeness < low));
            others_differ.then_some(like)
        })?;
    fits.iter().find(|fit| fit.draft == chosen)
}

fn ranked(fits: &[Fit], without: Option<usize>) -> Vec<(usize, f32)> {
    fits.iter()
        .filter(|fit| Some(fit.draft) != without && (without.is_none() || fit.firm))
        .take(MAX_RIVALS)
        .map(|fit| (fit.draft, round(fit.score)))
        .collect()
}

/// The step in which a claim is fitted: the more it says, the earlier.
fn bareness(claim: &Claim) -> usize {
    let (year, scope, unit) = (claim.year.is_some(), claim.scope != Scope::Unknown, claim.unit.is_some());
    match (year, scope, unit) {
        (true, true, _) => 0,
        (true, false, _) => 1,
        (false, true, true) => 2,
        (false, true, false) => 3,
        (false, false, _) => 4,
    }
}

fn identity_of(law: bool, claim: &Claim, cited_in: Option<i16>, suffix: String) -> Identity {
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
fn partial_identity(law: bool, cited: &CitedClaim) -> Identity {
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

impl<'a> Draft<'a> {
    fn new(identity: Identity, state: State) -> Self {
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
            letters: text(|claim| &claim.letters),
            class: pick(|claim| claim.class.as_deref()),
            kind: pick(|claim| claim.kind.as_deref()),
            issuer: pick(|claim| claim.issuer.as_deref()),
            title: pick(|claim| claim.title.as_deref()),
            year: identity.year,
            date: self.date,
            place: identity.scope.as_text().map(str::to_owned),
            documents: self.held.iter().map(|held| held.id).collect(),
        }
    }

    fn key(&self, any: Option<&Claim>) -> String {
        let Some(claim) = any else { return self.identity.suffix.clone() };
        let identity = &self.identity;
        let mut key = claim.block.clone();
        match claim.naming {
            Naming::Local => {}
            Naming::Law => {
                if let Some(year) = identity.year {
                    key.push_str(&format!("/{year}"));
                }
            }
            Naming::Numbered => {
                match (identity.year, identity.cited_in) {
                    (Some(year), _) => key.push_str(&format!("/{year}")),
                    (None, Some(year)) => key.push_str(&format!("/-{year}")),
                    (None, None) => key.push_str("/-"),
                }
                let unit = identity.unit.as_deref();
                match &identity.scope {
                    Scope::National if unit == Some("") => {}
                    Scope::National => key.push_str("/vn"),
                    Scope::Province(slug) => key.push_str(&format!("/{slug}")),
                    Scope::Unknown => key.push_str("/-"),
                }
                match unit {
                    Some("") => {}
                    Some(unit) => key.push_str(&format!("/{unit}")),
                    None if identity.scope == Scope::Unknown => {}
                    None => key.push_str("/-"),
                }
            }
        }
        key.push_str(&identity.suffix);
        key
    }
}

/// The value that occurs most often; the least of several.
fn most<'a>(values: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0))).map(|(value, _)| value)
}

fn round(score: f32) -> f32 {
    (score * 1000.0).round() / 1000.0
}
