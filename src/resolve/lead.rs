//! One more citation, when its block is resolved already: where does it lead, if that can be said
//! without looking at all the others again?
//!
//! Gives the very answer that [`resolve_block`](super::resolve_block) would give with the citation
//! among the rest, or none where it might change anything but its own link. A property test of the
//! store holds the two against each other.

use super::block::{CitedClaim, Draft, bareness, identity_from_key, is_complete, key_of, partial_identity, said_score};
use super::block::{fits, identity_of};
use super::claim::{Claim, Naming};
use super::fit::{Index, decide, ranked, round};
use super::{Node, Outcome, State};

/// A node that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Existing {
    /// What is known of it. Its documents need not be filled in.
    pub node: Node,
    /// Whether a held document gives its number, type, issuer and subject itself, so that what
    /// citations say has no part in them.
    pub own: [bool; 4],
}

/// Where a citation leads, among the nodes that were given.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// Index of the node.
    pub node: usize,
    /// Whether it is certain.
    pub outcome: Outcome,
    /// How well it fits.
    pub score: f32,
    /// Other candidates, best first.
    pub rivals: Vec<(usize, f32)>,
}

/// Leads one citation into a resolved block whose nodes are `existing`. None if the whole block
/// must be resolved again. The citing document must not be one of the nodes' own.
pub fn lead(cited: &CitedClaim, existing: &[Existing]) -> Option<Lead> {
    let claim = &cited.claim;
    let law = claim.naming == Naming::Law;
    if claim.naming == Naming::Local {
        return None;
    }
    if is_complete(law, claim) {
        let key = key_of(claim, &identity_of(law, claim, None, String::new()));
        let at = existing.iter().position(|one| one.node.key == key)?;
        let there = matches!(existing[at].node.state, State::Held | State::Cited);
        return (there && agrees_on_date(claim, at, existing) && leaves_display(claim, &existing[at], true)).then(
            || Lead { node: at, outcome: Outcome::Resolved, score: round(said_score(claim)), rivals: Vec::new() },
        );
    }
    // As in resolve_block: a claim sees what is complete, and the stubs of fuller claims.
    let step = bareness(law, claim);
    let mut places = Vec::new();
    let mut drafts = Vec::new();
    for (at, one) in existing.iter().enumerate() {
        let identity = identity_from_key(claim.naming, &claim.block, one);
        let known = one.node.state != State::Partial || identity.bareness(law) < step;
        if known {
            let mut draft = Draft::new(identity, one.node.state);
            draft.date = one.node.date;
            draft.title = one.node.title.as_deref();
            drafts.push(draft);
            places.push(at);
        }
    }
    let fits = fits(&drafts, law, cited, &Index::of(&drafts));
    let of_existing = |rivals: Vec<(usize, f32)>| rivals.into_iter().map(|(at, score)| (places[at], score)).collect();
    if let Some(best) = decide(&fits) {
        let at = places[best.draft];
        let rivals = of_existing(ranked(&fits, Some(best.draft)));
        return leaves_display(claim, &existing[at], false).then(|| Lead {
            node: at,
            outcome: Outcome::Resolved,
            score: round(best.score),
            rivals,
        });
    }
    let key = key_of(claim, &partial_identity(law, cited));
    let at = existing.iter().position(|one| one.node.key == key && one.node.state == State::Partial)?;
    let several = fits.iter().filter(|fit| fit.possible).count() > 1;
    let outcome = if several { Outcome::Ambiguous } else { Outcome::Unresolved };
    (agrees_on_date(claim, at, existing) && leaves_display(claim, &existing[at], true)).then(|| Lead {
        node: at,
        outcome,
        score: 0.5,
        rivals: of_existing(ranked(&fits, None)),
    })
}

/// Whether the claim gives the node's date, or none where no other date is given by anybody.
fn agrees_on_date(claim: &Claim, at: usize, existing: &[Existing]) -> bool {
    let node = &existing[at].node;
    if claim.date.is_some() {
        return claim.date == node.date;
    }
    let siblings = format!("{}~", node.key);
    !existing.iter().any(|one| one.node.key.starts_with(&siblings))
}

/// Whether the node is shown the same with one more claim: what the claim says is what most say
/// already, or what the document says itself.
fn leaves_display(claim: &Claim, existing: &Existing, title_counts: bool) -> bool {
    let node = &existing.node;
    let [number, kind, issuer, subject] = existing.own;
    let same = |own: bool, said: &Option<String>, shown: &Option<String>| own || said.is_none() || said == shown;
    (number || claim.printed == node.printed && claim.letters == node.letters)
        && (claim.class.is_none() || claim.class == node.class)
        && same(kind, &claim.kind, &node.kind)
        && same(issuer, &claim.issuer, &node.issuer)
        && (!title_counts || same(subject, &claim.title, &node.title))
}
