//! What a document does to the one that it cites, told from the words before the citation.
//!
//! The words are a table (`dictionaries/relations.tsv`); how far each reaches is part of it. A
//! trigger that opens a clause holds for every document cited in it, others only for the one that
//! follows at once. Knows folded text and offsets, not what a citation looks like.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::found::Relation;
use crate::error::Result;
use crate::facts::table;
use crate::vi::fold::fold;

/// How far a trigger reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Every document cited in the clause that it opens.
    Clause,
    /// The document that follows at once.
    Near,
    /// The document before it.
    After,
}

/// A trigger found in folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trigger {
    pub(crate) relation: Relation,
    pub(crate) reach: Reach,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

struct Table {
    finder: AhoCorasick,
    rows: Vec<(Relation, Reach)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    read_table().unwrap_or_else(|error| unreachable!("a compiled-in table is checked by a test: {error}"))
});

fn read_table() -> Result<Table> {
    let mut words = Vec::new();
    let mut rows = Vec::new();
    for row in table("relations.tsv", include_str!("../../dictionaries/relations.tsv"), 3)? {
        let relation = Relation::from_name(row.cells[1])
            .ok_or_else(|| row.error(format!("unknown relation `{}`", row.cells[1])))?;
        let reach = match row.cells[2] {
            "clause" => Reach::Clause,
            "near" => Reach::Near,
            "after" => Reach::After,
            other => return Err(row.error(format!("unknown reach `{other}`"))),
        };
        words.push(fold(row.cells[0]));
        rows.push((relation, reach));
    }
    let finder = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(&words)
        .unwrap_or_else(|error| unreachable!("a table of this size compiles: {error}"));
    Ok(Table { finder, rows })
}

/// The triggers in `part`, in order, as offsets into it. White space between their words may be
/// any single character, a line break too.
pub(crate) fn find_triggers(part: &str) -> Vec<Trigger> {
    let flat: String = part.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let bytes = flat.as_bytes();
    let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    TABLE
        .finder
        .find_iter(&flat)
        .filter(|hit| !letter(hit.start().checked_sub(1)) && !letter(Some(hit.end())))
        .map(|hit| {
            let (relation, reach) = TABLE.rows[hit.pattern().as_usize()];
            Trigger { relation, reach, from: hit.start(), to: hit.end() }
        })
        .collect()
}

/// How much a relation says; of several mentions of one document the most telling counts.
pub(crate) const fn weight(relation: Relation) -> u8 {
    match relation {
        Relation::Replaces | Relation::Repeals | Relation::Corrects | Relation::Consolidates => 9,
        Relation::BasedOn => 7,
        Relation::Amends | Relation::Suspends => 6,
        Relation::Implements => 5,
        Relation::Proposes => 4,
        Relation::Guides | Relation::Approves => 3,
        Relation::AnnexedTo => 2,
        Relation::RefersTo => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_trigger_counts() {
        let found = find_triggers("ban hanh kem\ntheo quyet dinh");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].relation, found[0].reach), (Relation::AnnexedTo, Reach::Near));
        assert_eq!(find_triggers("cantai xettheo"), []);
    }
}
