//! What could these letters have been? A walk through the tree of words that spells each word
//! the way the channels would have broken it.
//!
//! All channels are walked at once: a state carries one cost for each, the least over the ways to
//! reach it, so that which channel a line went through can be decided afterwards. States of one
//! length are merged in a small hash table as they come, and what is behind the best in every
//! channel is given up before it is kept: no level is ever sorted.

use crate::model::Model;
use crate::model::channel::{ANY_LETTER, ANY_LOSS, ANY_MARK, CHANNELS, Channels, Costs, LongRule, NEVER};
use crate::model::lexicon::{Lexicon, Node, children};
use crate::model::tokens::Case;
use crate::vi::fold::fold_char;

/// A word that the letters could have been, ending after `len` of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spelled {
    pub(super) id: u16,
    pub(super) case: Case,
    pub(super) len: u16,
    pub(super) costs: Costs,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// Node of the tree, with the case in the two highest bits: the key of merging.
    key: u32,
    costs: Costs,
}

/// Worse than the best of a channel by more than this is given up.
const MARGIN: f32 = 8.5;
/// Worse than this is never worth it, in any channel.
const WORST: f32 = 14.0;
/// A whole-word candidate that costs more than this in every channel is no explanation.
pub(super) const ODD: f32 = 3.5;
/// What is behind the best word in every channel by more than this no context brings back: the
/// lattice gives up sooner.
const BEYOND: f32 = 14.0;
/// Short runs have few states and little to go by: more is kept of them.
const MARGIN_SHORT: f32 = 9.5;
const MARGIN_SHORTEST: f32 = 11.0;
/// Candidates kept for the whole, and for each end inside.
const KEPT: usize = 24;
const KEPT_INSIDE: usize = 8;

const MODES: [Case; 3] = [Case::Lower, Case::Title, Case::Upper];

/// Slots of the table that merges the states of a level; more than half of them are never used.
const SLOTS: usize = 4096;

/// The states after some of the letters.
#[derive(Debug)]
struct Level {
    states: Vec<State>,
    /// What a state may cost in each channel.
    limit: Costs,
    margin: f32,
    /// A stamp that grows with every use, above the place in `states`: nothing needs clearing.
    slots: Vec<u32>,
    stamp: u32,
}

impl Level {
    fn new() -> Self {
        Self { states: Vec::new(), limit: [WORST; CHANNELS], margin: MARGIN, slots: vec![0; SLOTS], stamp: 0 }
    }

    fn clear(&mut self, margin: f32, worst: f32) {
        self.margin = margin;
        self.states.clear();
        self.limit = [worst; CHANNELS];
        self.stamp += SLOTS as u32;
        if self.stamp > u32::MAX - 2 * SLOTS as u32 {
            self.slots.fill(0);
            self.stamp = SLOTS as u32;
        }
    }

    #[inline]
    fn is_worth(&self, costs: &Costs) -> bool {
        // Counted rather than asked one after the other: four comparisons at once, no branch.
        let worth: u32 = costs.iter().zip(&self.limit).map(|(cost, limit)| u32::from(cost <= limit)).sum();
        worth > 0
    }

    /// Keeps a state if it is worth it; most are not, and are turned away without a call.
    #[inline]
    fn push(&mut self, key: u32, costs: Costs) {
        if self.is_worth(&costs) {
            self.keep(key, costs);
        }
    }

    fn keep(&mut self, key: u32, costs: Costs) {
        for (limit, cost) in self.limit.iter_mut().zip(&costs) {
            *limit = limit.min(*cost + self.margin);
        }
        let mut slot = (key.wrapping_mul(0x9e37_79b1) >> 20) as usize;
        loop {
            let entry = self.slots[slot];
            if entry < self.stamp {
                if self.states.len() < SLOTS / 2 {
                    self.slots[slot] = self.stamp + self.states.len() as u32;
                    self.states.push(State { key, costs });
                }
                return;
            }
            let state = &mut self.states[(entry - self.stamp) as usize];
            if state.key == key {
                state.costs = least(&state.costs, &costs);
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}

/// Searches candidates; keeps its buffers between calls.
#[derive(Debug)]
pub(super) struct Searcher<'m> {
    model: &'m Model,
    lexicon: Lexicon<'m>,
    tree: &'m [Node],
    channels: &'m Channels,
    levels: Vec<Level>,
    found: Vec<(f32, Spelled)>,
    place: Place<'m>,
    /// In each channel, the value that the rest of the letters must still be able to reach.
    goal: Costs,
}

/// Rules of several characters at one place.
#[derive(Debug, Default)]
struct Place<'m> {
    /// Rules whose reading stands at the place, each with the next of the same first letter.
    rules: Vec<(&'m LongRule, u16)>,
    /// The first rule that begins with a letter, by letter times two plus case; none beyond the list.
    first: Vec<u16>,
}

impl<'m> Place<'m> {
    fn prepare(&mut self, channels: &'m Channels, letters: usize, read: &[char], reading: usize) {
        self.first.resize(letters * 2, u16::MAX);
        for (rule, _) in self.rules.drain(..) {
            if let Some(first) = rule.truth.first().and_then(|letter| self.first.get_mut(code(*letter))) {
                *first = u16::MAX;
            }
        }
        for rule in channels.long(reading).iter().filter(|rule| read.starts_with(&rule.read)) {
            let Some(first) = rule.truth.first().and_then(|letter| self.first.get_mut(code(*letter))) else { continue };
            self.rules.push((rule, *first));
            *first = self.rules.len() as u16 - 1;
        }
    }
}

/// A letter's place in tables of letters in both cases.
fn code((letter, upper): (u8, bool)) -> usize {
    usize::from(letter) * 2 + usize::from(upper)
}

/// How wide a walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walk {
    /// What costs no more than [`ODD`]: is there a word that explains the letters well?
    Narrow,
    /// All that was learnt, to the end of the letters.
    Whole,
    /// The same, and words that end inside: the rest is another word.
    Any,
    /// To the end, as if any letter could be misread as any other.
    Free,
}

impl<'m> Searcher<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self {
            model,
            lexicon: model.lexicon(),
            tree: model.tree(),
            channels: model.channels(),
            levels: Vec::new(),
            found: Vec::new(),
            place: Place::default(),
            goal: [f32::MIN; CHANNELS],
        }
    }

    /// Candidates for all of `read`, and for words that end inside it if no single word explains it
    /// well. A space inside `read` is one that may have been added. `unknown` is the value of
    /// `read` as no word at all.
    pub(super) fn search(&mut self, read: &[char], unknown: f32) -> (Vec<Spelled>, Vec<Spelled>) {
        self.goal = [unknown - BEYOND; CHANNELS];
        // A quick look says what is to be had; the wide walk leaves out what cannot come near it.
        let plain = self.walk(read, Walk::Narrow) <= ODD;
        // Two torn pieces that fit no word as it is learnt are not one.
        if plain || read.len() < 2 || read.contains(&' ') {
            self.walk(read, Walk::Whole);
            return (self.pick(), Vec::new());
        }
        let cheapest = self.walk(read, Walk::Any);
        let mut all = self.pick();
        let inside = all.partition_point(|spelled| usize::from(spelled.len) < read.len());
        let whole = all.split_off(inside);
        if cheapest <= ODD {
            return (whole, Vec::new());
        }
        // What was seen in training does not explain it: let anything happen, at a price.
        self.walk(read, Walk::Free);
        (self.pick(), all)
    }

    /// Words that the letters are when only marks were lost or changed, in one case: a quick look
    /// that says how common their readings are.
    pub(super) fn look_alikes(&self, read: &[char], case: Case, mut each: impl FnMut(u16, &Costs)) {
        let mode = MODES.iter().position(|mode| *mode == case).unwrap_or(0) as u32;
        let mut open = vec![(0usize, 0u32, [0.0; CHANNELS])];
        while let Some((at, node, costs)) = open.pop() {
            let Some(letter) = read.get(at) else {
                if let Some(id) = self.lexicon.end(node) {
                    each(id, &costs);
                }
                continue;
            };
            let Some(reading) = self.channels.reading(*letter) else { continue };
            let base = fold_char(*letter);
            for child in self.lexicon.children(node) {
                let label = self.lexicon.label(child);
                if self.model.alphabet().get(usize::from(label)).is_some_and(|truth| fold_char(*truth) == base) {
                    let single = self.channels.single(reading, label, capital(mode, node));
                    open.push((at + 1, child, add(&costs, single)));
                }
            }
        }
    }

    /// Walks the tree along the letters. Tells the least cost of a word for all of them.
    #[allow(clippy::too_many_lines, reason = "one step of a search, which reads best in one place")]
    fn walk(&mut self, read: &[char], how: Walk) -> f32 {
        let free = how == Walk::Free;
        let size = read.len() + 4;
        while self.levels.len() < size {
            self.levels.push(Level::new());
        }
        let margin = match (how, read.len()) {
            (Walk::Narrow, _) => ODD,
            (_, 0..=3) => MARGIN_SHORTEST,
            (_, 4..=5) => MARGIN_SHORT,
            _ => MARGIN,
        };
        let worst = if how == Walk::Narrow { ODD } else { WORST };
        for level in &mut self.levels[..size] {
            level.clear(margin, worst);
        }
        for (mode, _) in MODES.iter().enumerate() {
            self.levels[0].push((mode as u32) << 30, [0.0; CHANNELS]);
        }
        self.found.clear();
        let mut cheapest = NEVER;
        for at in 0..=read.len() {
            let (before, after) = self.levels.split_at_mut(at + 1);
            let level = &mut before[at];
            // Letters that left no trace lead to more states of the same level: one each at most.
            for index in 0..level.states.len() {
                let State { key, costs } = level.states[index];
                if !level.is_worth(&costs) {
                    continue;
                }
                let (mode, node) = (key >> 30, key & 0x3fff_ffff);
                let upper = capital(mode, node);
                for (child, to) in children(self.tree, node) {
                    let lost = self.channels.lost(to.label, upper);
                    let costs = add(&costs, &if free { least(lost, &ANY_LOSS) } else { *lost });
                    if level.is_worth(&costs) && is_promising(&costs, to, &self.goal) {
                        level.keep(mode << 30 | child, costs);
                    }
                }
            }
            let last = at == read.len();
            if at > 0 && (how == Walk::Any || last) {
                for state in &level.states {
                    let Some(node) = self.tree.get((state.key & 0x3fff_ffff) as usize).filter(|node| node.end != 0)
                    else {
                        continue;
                    };
                    if !level.is_worth(&state.costs) {
                        continue;
                    }
                    let unigram = self.model.scorer().unigram(node.end);
                    let best = state.costs.iter().copied().fold(NEVER, f32::min);
                    if last {
                        cheapest = cheapest.min(best);
                        for (goal, cost) in self.goal.iter_mut().zip(&state.costs) {
                            *goal = goal.max(unigram - cost - BEYOND);
                        }
                    }
                    let case = MODES[(state.key >> 30) as usize % 3];
                    let spelled = Spelled { id: node.end, case, len: at as u16, costs: state.costs };
                    self.found.push((best - unigram, spelled));
                }
            }
            if last {
                break;
            }
            if read[at] == ' ' {
                for state in level.states.iter().filter(|state| state.key & 0x3fff_ffff != 0) {
                    after[0].push(state.key, add(&state.costs, self.channels.join()));
                }
                continue;
            }
            let Some(reading) = self.channels.reading(read[at]) else { continue };
            self.place.prepare(self.channels, self.model.alphabet().len(), &read[at..], reading);
            let other = if read[at].is_alphabetic() { &ANY_LETTER } else { &ANY_MARK };
            let added = *self.channels.added(reading);
            let added = if free { least(&added, &ANY_LOSS) } else { added };
            for state in &level.states {
                if !level.is_worth(&state.costs) {
                    continue;
                }
                let (mode, node) = (state.key >> 30, state.key & 0x3fff_ffff);
                let upper = capital(mode, node);
                for (child, to) in children(self.tree, node) {
                    if !is_promising(&state.costs, to, &self.goal) {
                        continue;
                    }
                    let single = self.channels.single(reading, to.label, upper);
                    let costs = add(&state.costs, &if free { least(single, other) } else { *single });
                    if after[0].is_worth(&costs) && is_promising(&costs, to, &self.goal) {
                        after[0].keep(mode << 30 | child, costs);
                    }
                    let mut rule = self.place.first.get(code((to.label, upper))).copied().unwrap_or(u16::MAX);
                    while let Some((long, next)) = self.place.rules.get(usize::from(rule)) {
                        let costs = add(&state.costs, &long.costs);
                        let level = &mut after[long.read.len() - 1];
                        if level.is_worth(&costs)
                            && let Some(end) = descend(self.tree, mode, child, &long.truth[1..])
                        {
                            level.keep(mode << 30 | end, costs);
                        }
                        rule = *next;
                    }
                }
                after[0].push(state.key, add(&state.costs, &added));
            }
        }
        cheapest
    }

    /// The best for each end, the shortest first. A one-letter word in title case is the same as in
    /// upper case.
    fn pick(&mut self) -> Vec<Spelled> {
        let (scorer, goal) = (self.model.scorer(), &self.goal);
        self.found.retain(|(_, spelled)| {
            let unigram = scorer.unigram(spelled.id);
            spelled.costs.iter().zip(goal).any(|(cost, goal)| unigram - cost >= *goal)
        });
        self.found.sort_unstable_by(|a, b| {
            a.1.len.cmp(&b.1.len).then(a.0.total_cmp(&b.0)).then(a.1.id.cmp(&b.1.id)).then(a.1.case.cmp(&b.1.case))
        });
        let longest = self.found.last().map_or(0, |(_, spelled)| spelled.len);
        let mut picked: Vec<Spelled> = Vec::new();
        for group in self.found.chunk_by(|a, b| a.1.len == b.1.len) {
            let kept = if group[0].1.len == longest { KEPT } else { KEPT_INSIDE };
            picked.extend(group.iter().take(kept).map(|(_, spelled)| *spelled));
        }
        picked
    }
}

/// Whether a word behind a node could still come near the goal in any channel.
#[inline]
fn is_promising(costs: &Costs, to: &Node, goal: &Costs) -> bool {
    let worth: u32 = costs.iter().zip(goal).map(|(cost, goal)| u32::from(to.best - cost >= *goal)).sum();
    worth > 0
}

/// The node that the letters of a rule lead to.
fn descend(tree: &[Node], mode: u32, node: u32, truth: &[(u8, bool)]) -> Option<u32> {
    let mut here = node;
    for (letter, wanted) in truth {
        if capital(mode, here) != *wanted {
            return None;
        }
        here = children(tree, here).find(|(_, child)| child.label == *letter)?.0;
    }
    Some(here)
}

/// Whether the next letter is written upper case.
fn capital(mode: u32, node: u32) -> bool {
    mode == 2 || mode == 1 && node == 0
}

fn add(a: &Costs, b: &Costs) -> Costs {
    std::array::from_fn(|channel| a[channel] + b[channel])
}

fn least(a: &Costs, b: &Costs) -> Costs {
    std::array::from_fn(|channel| a[channel].min(b[channel]))
}
