//! What runs of letters could be, whatever line they stand on: searched once, then remembered.

use std::collections::HashMap;
use std::rc::Rc;

use super::search::{Candidate, Ends, ODD, Searcher};
use super::strength::Evidence;
use crate::model::Model;
use crate::model::channel::{CHANNELS, NEVER};
use crate::model::tokens::class;

/// What a run of letters could be.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    pub(super) evidence: Evidence,
    /// Whether no single word explains the letters well.
    pub(super) odd: bool,
}

/// Searches remembered before the memory is emptied.
const REMEMBERED: usize = 60_000;
/// Longest run of letters looked at; longer ones are no words.
const LONGEST_RUN: usize = 32;
/// Cost of each letter of a word that the vocabulary lacks.
const SPELL: f32 = 2.6;

/// What was searched before.
#[derive(Debug)]
pub(super) struct Memory<'m> {
    pub(super) model: &'m Model,
    searcher: Searcher<'m>,
    known: HashMap<(String, Ends), Rc<Found>>,
}

impl<'m> Memory<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self { model, searcher: Searcher::new(model), known: HashMap::new() }
    }

    /// What letters could be, from memory if they were searched before.
    pub(super) fn find(&mut self, letters: String, ends: Ends) -> Rc<Found> {
        let key = (letters, ends);
        if let Some(found) = self.known.get(&key) {
            return Rc::clone(found);
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let found = Rc::new(self.look(&key.0, ends));
        self.known.insert(key, Rc::clone(&found));
        found
    }

    fn look(&mut self, letters: &str, ends: Ends) -> Found {
        let read: Vec<char> = letters.chars().collect();
        let scorer = self.model.scorer();
        let candidates = if read.len() <= LONGEST_RUN { self.searcher.search(&read, ends) } else { Vec::new() };
        let whole = |candidate: &&Candidate| usize::from(candidate.len) == read.len();
        let unknown = scorer.unigram(class::UNKNOWN) - spelling(letters);
        let mut evidence = [0.0; CHANNELS];
        for (channel, evidence) in evidence.iter_mut().enumerate() {
            let mut sum = unknown.exp();
            for candidate in candidates.iter().filter(whole) {
                sum += (scorer.unigram(candidate.id) - candidate.costs[channel]).exp();
            }
            *evidence = sum.max(1e-30).ln();
        }
        let cheapest = candidates.iter().filter(whole).flat_map(|candidate| candidate.costs).fold(NEVER, f32::min);
        Found { candidates, evidence, odd: cheapest > ODD }
    }
}

/// The cost of letters that spell no known word.
pub(super) fn spelling(letters: &str) -> f32 {
    SPELL * letters.chars().count() as f32
}
