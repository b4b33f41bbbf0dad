//! Which nodes look like misreadings of others?
//!
//! Offered, never acted on: a wrong merge hides a document, a wrong offer costs a glance. Numbers
//! of one series run close together on one day, so likeness of number alone is never enough.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::vi::fold::fold;

use super::{Node, State};

/// One node that may be a misreading of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Suspect {
    /// The odd one: cited by fewer, and not held.
    pub node: String,
    /// What it probably should be.
    pub probably: String,
    /// What differs, in plain English.
    pub why: String,
    /// How many documents cite the odd one and the other.
    pub support: (u32, u32),
    /// 0 to 1.
    pub score: f32,
}

/// Words that most titles have, folded: they say nothing of which document it is.
const COMMON: &str = " ve viec trien khai thuc hien ban hanh quy dinh mot so ke hoach cua va cac tren dia nam giai doan \
    phe duyet huong dan cong tac sua doi bo sung trong theo tinh thanh pho cho tai den tu ";

/// Share of the telling words of the shorter title that stand in the longer one, 0 to 1. None where
/// one has fewer than two of them.
pub fn title_likeness(a: &str, b: &str) -> Option<f32> {
    let words = |text: &str| -> BTreeSet<String> {
        fold(text)
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty() && !COMMON.contains(&format!(" {w} ")))
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    let least = a.len().min(b.len());
    (least >= 2).then(|| a.intersection(&b).count() as f32 / least as f32)
}

/// Series, year and place.
type Series<'a> = (&'a str, Option<i16>, Option<&'a str>);

/// Finds suspected misreadings among `nodes`, each with the number of documents that cite it.
///
/// Two kinds: numbers that differ in one place under the same series, date and issuer, with
/// titles that agree; and dates that differ in one digit, or in day and month exchanged, under the
/// same number, year and issuer.
pub fn suspects(nodes: &[(&Node, u32)]) -> Vec<Suspect> {
    let mut found = Vec::new();
    let mut by_day: BTreeMap<(&str, jiff::civil::Date, Option<&str>), Vec<usize>> = BTreeMap::new();
    let mut by_year: BTreeMap<Series<'_>, Vec<usize>> = BTreeMap::new();
    for (index, (node, _)) in nodes.iter().enumerate() {
        let Some(date) = node.date.filter(|_| !node.letters.is_empty()) else { continue };
        by_day.entry((&node.letters, date, node.place.as_deref())).or_default().push(index);
        let series = node.key.split('/').next().unwrap_or_default();
        let at = (series, node.year, node.place.as_deref());
        by_year.entry(at).or_default().push(index);
    }
    for group in by_day.values() {
        pairs(group, nodes, &mut found, |a, b| {
            if !one_place_apart(&a.number, &b.number) {
                return None;
            }
            let likeness = title_likeness(a.title.as_deref()?, b.title.as_deref()?)?;
            (likeness >= 0.75).then(|| {
                (format!("number {} for {}, with the same date, issuer and title", a.number, b.number), likeness * 0.9)
            })
        });
    }
    for group in by_year.values() {
        let mut numbers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for index in group {
            numbers.entry(&nodes[*index].0.number).or_default().push(*index);
        }
        for group in numbers.values() {
            pairs(group, nodes, &mut found, |a, b| {
                let (x, y) = (a.date?, b.date?);
                let swapped = x.day() == y.month() && x.month() == y.day() && x.year() == y.year();
                (x != y && (swapped || one_place_apart(&x.to_string(), &y.to_string())))
                    .then(|| (format!("date {x} for {y}, with the same number and issuer"), 0.8))
            });
        }
    }
    found.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| a.node.cmp(&b.node)).then(a.probably.cmp(&b.probably))
    });
    found
}

/// Compares all pairs of a group; the one that is not held and cited by fewer is the odd one.
fn pairs(
    group: &[usize],
    nodes: &[(&Node, u32)],
    found: &mut Vec<Suspect>,
    compare: impl Fn(&Node, &Node) -> Option<(String, f32)>,
) {
    for (place, first) in group.iter().enumerate() {
        for second in &group[place + 1..] {
            let weight = |index: usize| (nodes[index].0.state == State::Held, nodes[index].1);
            let (odd, other) = if weight(*first) < weight(*second) { (*first, *second) } else { (*second, *first) };
            if weight(odd) == weight(other) || nodes[odd].0.state == State::Held {
                continue;
            }
            if let Some((why, score)) = compare(nodes[odd].0, nodes[other].0) {
                found.push(Suspect {
                    node: nodes[odd].0.key.clone(),
                    probably: nodes[other].0.key.clone(),
                    why,
                    support: (nodes[odd].1, nodes[other].1),
                    score: (score * 1000.0).round() / 1000.0,
                });
            }
        }
    }
}

/// Whether two strings of one length differ in exactly one place.
fn one_place_apart(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).filter(|(x, y)| x != y).count() == 1
}
