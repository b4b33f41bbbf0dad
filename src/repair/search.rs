//! What could these letters have been? A walk through the tree of words that spells each word
//! the way the channels would have broken it.
//!
//! All channels are walked at once: a state carries one cost for each, the least over the ways to
//! reach it, so that which channel a line went through can be decided afterwards.

use crate::model::Model;
use crate::model::channel::{ANY_LETTER, ANY_LOSS, ANY_MARK, CHANNELS, Costs, NEVER};
use crate::model::tokens::Case;

/// A word that the letters could have been, ending after `len` of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
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
const WORST: f32 = 24.0;
/// A whole-word candidate that costs more than this in every channel is no explanation.
pub(super) const ODD: f32 = 5.0;
/// Candidates kept for one end.
const KEPT: usize = 24;

const MODES: [Case; 3] = [Case::Lower, Case::Title, Case::Upper];

/// Searches candidates; keeps its buffers between calls.
#[derive(Debug)]
pub(super) struct Searcher<'m> {
    model: &'m Model,
    levels: Vec<Vec<State>>,
    /// Whether any letter may be misread as any other.
    free: bool,
    found: Vec<(f32, Candidate)>,
}

/// Which ends of words are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ends {
    /// Only the end of the letters.
    Whole,
    /// Anywhere: the rest is another word.
    Any,
}

impl<'m> Searcher<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self { model, levels: Vec::new(), free: false, found: Vec::new() }
    }

    /// Candidates for words that start with the first of `read`. A space inside `read` is one that
    /// may have been added.
    pub(super) fn search(&mut self, read: &[char], ends: Ends) -> Vec<Candidate> {
        self.free = false;
        let candidates = self.walk(read, ends);
        let whole = |candidate: &&Candidate| usize::from(candidate.len) == read.len();
        let cheapest = candidates.iter().filter(whole).flat_map(|candidate| candidate.costs).fold(NEVER, f32::min);
        if ends == Ends::Any || cheapest <= ODD || read.len() < 2 {
            return candidates;
        }
        // What was seen in training does not explain it: let anything happen, at a price.
        self.free = true;
        self.walk(read, ends)
    }

    fn walk(&mut self, read: &[char], ends: Ends) -> Vec<Candidate> {
        let channels = self.model.channels();
        let lexicon = self.model.lexicon();
        let size = read.len() + 4;
        if self.levels.len() < size {
            self.levels.resize_with(size, Vec::new);
        }
        for level in &mut self.levels {
            level.clear();
        }
        for (mode, _) in MODES.iter().enumerate() {
            self.levels[0].push(State { key: (mode as u32) << 30, costs: [0.0; CHANNELS] });
        }
        self.found.clear();
        for at in 0..=read.len() {
            let mut level = std::mem::take(&mut self.levels[at]);
            settle(&mut level);
            // Letters that left no trace lead to more states of the same level: one each at most.
            let reached = level.len();
            for index in 0..reached {
                let state = level[index];
                let (mode, node) = (state.key >> 30, state.key & 0x3fff_ffff);
                for child in lexicon.children(node) {
                    let capital = capital(mode, node);
                    let lost = channels.lost(lexicon.label(child), capital);
                    let costs = add(&state.costs, &if self.free { least(lost, &ANY_LOSS) } else { *lost });
                    if worth(&costs) {
                        level.push(State { key: mode << 30 | child, costs });
                    }
                }
            }
            if level.len() > reached {
                settle(&mut level);
            }
            if at > 0 && (ends == Ends::Any || at == read.len()) {
                self.collect(&level, at);
            }
            if at < read.len() {
                for state in &level {
                    self.step(*state, read, at);
                }
            }
            self.levels[at] = level;
        }
        self.pick(ends)
    }

    /// Every way on from one state.
    fn step(&mut self, state: State, read: &[char], at: usize) {
        let channels = self.model.channels();
        let lexicon = self.model.lexicon();
        let (mode, node) = (state.key >> 30, state.key & 0x3fff_ffff);
        if read[at] == ' ' {
            if node != 0 {
                let costs = add(&state.costs, channels.join());
                if worth(&costs) {
                    self.levels[at + 1].push(State { key: state.key, costs });
                }
            }
            return;
        }
        let Some(reading) = channels.reading(read[at]) else { return };
        let upper = capital(mode, node);
        let other = if read[at].is_alphabetic() { &ANY_LETTER } else { &ANY_MARK };
        for child in lexicon.children(node) {
            let single = channels.single(reading, lexicon.label(child), upper);
            let costs = add(&state.costs, &if self.free { least(single, other) } else { *single });
            if worth(&costs) {
                self.levels[at + 1].push(State { key: mode << 30 | child, costs });
            }
        }
        let added = channels.added(reading);
        let costs = add(&state.costs, &if self.free { least(added, &ANY_LOSS) } else { *added });
        if worth(&costs) {
            self.levels[at + 1].push(State { key: state.key, costs });
        }
        'rules: for rule in channels.long(reading) {
            if !read[at..].starts_with(&rule.read) {
                continue;
            }
            let mut here = node;
            for (letter, capital_wanted) in &rule.truth {
                if capital(mode, here) != *capital_wanted {
                    continue 'rules;
                }
                let Some(child) = lexicon.children(here).find(|child| lexicon.label(*child) == *letter) else {
                    continue 'rules;
                };
                here = child;
            }
            let costs = add(&state.costs, &rule.costs);
            if worth(&costs) {
                self.levels[at + rule.read.len()].push(State { key: mode << 30 | here, costs });
            }
        }
    }

    fn collect(&mut self, level: &[State], at: usize) {
        let lexicon = self.model.lexicon();
        let scorer = self.model.scorer();
        for state in level {
            let (mode, node) = (state.key >> 30, state.key & 0x3fff_ffff);
            if let Some(id) = lexicon.end(node) {
                let best = state.costs.iter().copied().fold(NEVER, f32::min);
                let candidate = Candidate { id, case: MODES[mode as usize % 3], len: at as u16, costs: state.costs };
                self.found.push((best - scorer.unigram(id), candidate));
            }
        }
    }

    /// The best for each end. A one-letter word in title case is the same as in upper case.
    fn pick(&mut self, ends: Ends) -> Vec<Candidate> {
        self.found.sort_by(|a, b| a.1.len.cmp(&b.1.len).then(a.0.total_cmp(&b.0)).then(a.1.id.cmp(&b.1.id)));
        let mut picked: Vec<Candidate> = Vec::new();
        let kept = if ends == Ends::Whole { KEPT } else { 8 };
        for group in self.found.chunk_by(|a, b| a.1.len == b.1.len) {
            picked.extend(group.iter().take(kept).map(|(_, candidate)| *candidate));
        }
        picked
    }
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

fn worth(costs: &Costs) -> bool {
    costs.iter().any(|cost| *cost < WORST)
}

/// Merges equal states and gives up those that are far behind in every channel.
fn settle(level: &mut Vec<State>) {
    level.sort_unstable_by_key(|state| state.key);
    level.dedup_by(|next, kept| {
        let same = next.key == kept.key;
        if same {
            for (kept, next) in kept.costs.iter_mut().zip(&next.costs) {
                *kept = kept.min(*next);
            }
        }
        same
    });
    let mut best = [NEVER; CHANNELS];
    for state in &*level {
        for (best, cost) in best.iter_mut().zip(&state.costs) {
            *best = best.min(*cost);
        }
    }
    level.retain(|state| state.costs.iter().zip(&best).any(|(cost, best)| *cost <= (*best + MARGIN).min(WORST)));
}
