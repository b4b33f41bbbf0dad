//! How well does a claim that leaves something open fit a node that is there already?
//!
//! What is said on both sides must agree. What is said on one side only costs a little; what must
//! be guessed (the province of the citing document is not that of the candidate, the year is not
//! given and far away) makes a candidate, never a match.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Node;
use super::block::{CitedClaim, Draft};
use super::claim::Claim;
use super::issuer::Scope;
use super::suspect::title_likeness;

/// Of several candidates, the one whose title has this share of words in common is meant.
const TITLE_DECIDES: f32 = 0.6;
/// A mention without a year reaches back so many days to the one document that fits. Measured on a
/// made-up world: of mentions led to the one candidate of the same year, 94 in 100 are right; of the
/// year before, 84; of two years before, 74.
const REACH_DAYS: i32 = 183;
/// Titles with this share of words in common are of one document, given that the number agrees.
const TITLE_AGREES: f32 = 0.5;
/// Candidates kept beside a link.
const MAX_RIVALS: usize = 8;

/// How a claim fits a node.
pub(super) struct Fit {
    /// The node, by its place among the drafts.
    pub(super) draft: usize,
    /// 0 to 1.
    pub(super) score: f32,
    /// Nothing that is said speaks against it, and enough is said.
    pub(super) firm: bool,
    /// Nothing that is said speaks against it, though too little may be said to be led there.
    pub(super) possible: bool,
    /// Both give the same day.
    same_date: bool,
    /// Likeness of the titles, where both have one.
    title: Option<f32>,
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

/// A number such as 1/KH-UBND has thousands of nodes; past this many, only those of the claim's own
/// place or date are looked at.
const SMALL_BLOCK: usize = 64;

/// The drafts that were there before a step.
pub(super) struct Index {
    known: usize,
    by_scope: BTreeMap<Scope, Vec<usize>>,
    by_date: BTreeMap<Date, Vec<usize>>,
}

impl Index {
    /// Looks the drafts through.
    pub(super) fn of(drafts: &[Draft<'_>]) -> Self {
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

    /// Those that a claim may fit.
    pub(super) fn candidates(&self, law: bool, claim: &Claim) -> Vec<usize> {
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
pub(super) fn fit(law: bool, cited: &CitedClaim, at: usize, draft: &Draft<'_>) -> Option<Fit> {
    let (claim, identity) = (&cited.claim, &draft.identity);
    let same_date = claim.date.is_some() && claim.date == draft.date;
    if claim.date.is_some() && draft.date.is_some() && !same_date {
        return None;
    }
    let mut score = 1.0_f32;
    let (mut firm, mut aged) = (true, false);
    let citing_year = cited.on.map(jiff::civil::Date::year);
    let title = match (claim.title.as_deref(), draft.title) {
        (Some(a), Some(b)) => title_likeness(a, b),
        _ => None,
    };
    let agrees = title.is_some_and(|likeness| likeness >= TITLE_AGREES);
    match (claim.year, identity.year) {
        (Some(a), Some(b)) if a != b => return None,
        (Some(_), Some(_)) => {}
        (None, Some(year)) => {
            let gap = citing_year.map(|on| on - year);
            if gap.is_some_and(|gap| gap < 0) {
                return None;
            }
            // A law without its date is the law as it then was, which no list of ours can tell.
            aged = law || !agrees && !is_recent(gap, cited.on, draft.date);
            score *= if aged { 0.4 } else { 0.9 } / f32::from(gap.unwrap_or(9)).mul_add(0.05, 1.0);
        }
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
    if let (Some(on), Some(date)) = (cited.on, draft.date)
        && date > on
    {
        score *= 0.5;
        firm = false;
    }
    if title.is_some() && !agrees {
        score *= 0.6;
        firm &= same_date;
    }
    Some(Fit { draft: at, score, firm: firm && !aged, possible: firm, same_date, title })
}

/// Whether a document of the year `gap` years before is near enough to be meant without its year.
fn is_recent(gap: Option<i16>, on: Option<Date>, date: Option<Date>) -> bool {
    let days = on.zip(date).and_then(|(on, date)| on.since(date).ok()).map(|span| span.get_days());
    gap == Some(0) || days.is_some_and(|days| days <= REACH_DAYS)
}

/// The one that it must be, if there is one.
pub(super) fn decide(fits: &[Fit]) -> Option<&Fit> {
    let only = |admit: &dyn Fn(&Fit) -> bool| {
        let mut admitted = fits.iter().filter(|fit| fit.possible && admit(fit));
        admitted.next().filter(|fit| fit.firm && admitted.next().is_none())
    };
    only(&|_| true)
        .or_else(|| only(&|fit| fit.same_date))
        .or_else(|| only(&|fit| fit.title.is_some_and(|likeness| likeness >= TITLE_DECIDES)))
}

/// The candidates to keep beside a link: all of an open one, the possible ones of a settled one.
pub(super) fn ranked(fits: &[Fit], without: Option<usize>) -> Vec<(usize, f32)> {
    fits.iter()
        .filter(|fit| Some(fit.draft) != without && (without.is_none() || fit.possible))
        .take(MAX_RIVALS)
        .map(|fit| (fit.draft, round(fit.score)))
        .collect()
}

/// Three places are enough for a score, and print well.
pub(super) fn round(score: f32) -> f32 {
    (score * 1000.0).round() / 1000.0
}
