//! The probability of each choice against its rivals: the other words for the same letters, the
//! rest of the line staying as it is.

use super::decode::{Lattice, Link, Step};
use super::echo::Echo;
use crate::model::tokens::class;
use crate::model::{Batch, Context, Scorer};

/// A word of the best reading.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// Index of the edge.
    pub(super) edge: u32,
    /// Its share against other words of the same letters.
    pub(super) confidence: f32,
    /// Other edges of the same letters with their shares, best first.
    pub(super) rivals: Vec<(u32, f32)>,
}

/// A word that a choice could have been, with what follows it.
#[derive(Clone, Copy, Debug)]
struct Reading {
    edge: u32,
    context: Context,
    score: f32,
}

/// A choice and its readings, the chosen one first: a range of the list.
struct Group {
    readings: std::ops::Range<usize>,
    /// The words that follow, as far as the model looks back.
    after: [u16; REACH],
}

/// How many words after a choice depend on it.
const REACH: usize = 3;
/// A rival behind by this much before what follows is heard is none.
const HOPELESS: f32 = 12.0;
/// Choices weighed together.
const TOGETHER: usize = 32;
/// The scores are sharper than the truth: set so that of choices given 0.9, nine in ten are right.
const SOFTEN: f32 = 0.6;

/// Weighs every choice on the path.
pub(super) fn weigh(
    lattice: &Lattice,
    start: Context,
    path: &[Link],
    scorer: Scorer<'_>,
    batch: &mut Batch,
    echo: &Echo,
) -> Vec<Choice> {
    let mut choices = Vec::new();
    let mut readings: Vec<Reading> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    for (index, link) in path.iter().enumerate() {
        let before = index.checked_sub(1).map_or(start, |index| path[index].context);
        if let Some(edge) = link.edge().filter(|edge| lattice.edges[*edge as usize].id != class::NONE) {
            let first = readings.len();
            let all = std::iter::once(edge).chain(rivals_of(lattice, edge));
            readings.extend(all.map(|edge| Reading { edge, context: before, score: 0.0 }));
            let mut after = [class::NONE; REACH];
            let following = path[index + 1..].iter().filter_map(|link| link.word(lattice));
            for (slot, word) in after.iter_mut().zip(following) {
                *slot = word;
            }
            groups.push(Group { readings: first..readings.len(), after });
        }
        if groups.len() == TOGETHER || index + 1 == path.len() {
            hear(lattice, &mut readings, &groups, scorer, batch, echo);
            choices.extend(groups.iter().map(|group| choice(&readings[group.readings.clone()])));
            readings.clear();
            groups.clear();
        }
    }
    choices
}

/// Other edges between the same positions.
fn rivals_of(lattice: &Lattice, edge: u32) -> impl Iterator<Item = u32> {
    let chosen = lattice.edges[edge as usize];
    let from = lattice.steps.partition_point(|(at, _)| *at < chosen.from);
    let range = match lattice.steps.get(from) {
        Some((at, Step::Choose(range))) if *at == chosen.from => range.clone(),
        _ => 0..0,
    };
    range.filter(move |other| {
        let rival = lattice.edges[*other as usize];
        *other != edge && rival.to == chosen.to && rival.id != class::NONE && rival.cost <= chosen.cost + 14.0
    })
}

/// Scores the readings with the words that follow.
fn hear(
    lattice: &Lattice,
    readings: &mut [Reading],
    groups: &[Group],
    scorer: Scorer<'_>,
    batch: &mut Batch,
    echo: &Echo,
) {
    batch.asks.clear();
    for (index, reading) in readings.iter().enumerate() {
        let edge = lattice.edges[reading.edge as usize];
        batch.ask(reading.context, edge.id, index as u32, -edge.cost);
    }
    take_answers(readings, scorer, batch, echo);
    for group in groups {
        let floor = readings[group.readings.start].score - HOPELESS;
        for reading in &mut readings[group.readings.clone()] {
            if reading.score < floor {
                reading.score = f32::NEG_INFINITY;
            }
        }
    }
    for place in 0..REACH {
        batch.asks.clear();
        for group in groups.iter().filter(|group| group.after[place] != class::NONE) {
            for index in group.readings.clone().filter(|index| readings[*index].score.is_finite()) {
                let reading = readings[index];
                batch.ask(reading.context, group.after[place], index as u32, reading.score);
            }
        }
        take_answers(readings, scorer, batch, echo);
    }
}

fn take_answers(readings: &mut [Reading], scorer: Scorer<'_>, batch: &mut Batch, echo: &Echo) {
    batch.answer(scorer, f32::INFINITY);
    for ask in &batch.asks {
        let reading = &mut readings[ask.way as usize];
        let log = ask.score - ask.base;
        let log = if echo.is_empty() { log } else { echo.mix(&ask.context, ask.word, log) };
        (reading.score, reading.context) = (ask.base + log, ask.next);
    }
}

fn choice(readings: &[Reading]) -> Choice {
    let best = readings[0].score;
    let mut sum = 1.0;
    let mut rivals: Vec<(u32, f32)> = Vec::new();
    for reading in &readings[1..] {
        let share = ((reading.score - best) * SOFTEN).exp();
        sum += share;
        if share > 0.02 {
            rivals.push((reading.edge, share));
        }
    }
    for rival in &mut rivals {
        rival.1 /= sum;
    }
    rivals.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Choice { edge: readings[0].edge, confidence: 1.0 / sum, rivals }
}
