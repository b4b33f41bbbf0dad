//! What a document said before: its own words and names come again, and the language model may
//! never have met them.
//!
//! Pairs and triples of words that were read for certain are counted; a word that followed the same
//! words before is made likelier by interpolating the model with those counts (a cache model: Kuhn
//! and De Mori, 1990).

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use crate::model::Context;
use crate::model::tokens::class;

/// Share of the counts of pairs and of triples in the mixture.
const PAIRS: f32 = 0.08;
const TRIPLES: f32 = 0.15;
/// How many times a context counts as having been followed by something else.
const DOUBT: f32 = 2.0;
/// Counts kept; a longer document goes on with what it has.
const ROOM: usize = 200_000;

/// Counts of pairs and triples, and of what they begin with.
#[derive(Debug, Default)]
pub(super) struct Echo {
    counts: HashMap<u64, u32, FxBuildHasher>,
}

/// The key of up to three words; [`class::NONE`] in the last place stands for anything.
const fn key(first: u16, second: u16, third: u16) -> u64 {
    (first as u64) << 32 | (second as u64) << 16 | third as u64
}

impl Echo {
    pub(super) fn clear(&mut self) {
        self.counts.clear();
    }

    /// Counts a word after the two before it.
    pub(super) fn note(&mut self, before: [u16; 2], word: u16) {
        let [second, first] = before;
        if self.counts.len() > ROOM || first == class::NONE {
            return;
        }
        for key in [key(class::NONE, first, word), key(class::NONE, first, class::NONE)] {
            *self.counts.entry(key).or_insert(0) += 1;
        }
        if second != class::NONE {
            for key in [key(second, first, word), key(second, first, class::NONE)] {
                *self.counts.entry(key).or_insert(0) += 1;
            }
        }
    }

    /// The natural logarithm of a probability, with what the document said before.
    pub(super) fn mix(&self, context: &Context, word: u16, log: f32) -> f32 {
        let [first, second] = context.last_two();
        self.pair(first, word).map_or(log, |pair| mixed(log, pair, self.triple([second, first], word)))
    }

    /// What pairs add to the probability of a word, if it stood after `before` in the document.
    pub(super) fn pair(&self, before: u16, word: u16) -> Option<f32> {
        let pair = self.counts.get(&key(class::NONE, before, word))?;
        Some(PAIRS * self.share(*pair, key(class::NONE, before, class::NONE)))
    }

    /// What triples add to the probability of a word, if it stood after the two `before`.
    pub(super) fn triple(&self, before: [u16; 2], word: u16) -> Option<f32> {
        let [second, first] = before;
        let triple = self.counts.get(&key(second, first, word)).filter(|_| second != class::NONE)?;
        Some(TRIPLES * self.share(*triple, key(second, first, class::NONE)))
    }

    fn share(&self, seen: u32, of: u64) -> f32 {
        let whole = self.counts.get(&of).copied().unwrap_or(seen);
        seen as f32 / (whole as f32 + DOUBT)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

/// The natural logarithm of a probability with the shares of pairs and triples.
pub(super) fn mixed(log: f32, pair: f32, triple: Option<f32>) -> f32 {
    let mut sum = (1.0 - PAIRS - TRIPLES) * log.exp() + pair;
    if let Some(triple) = triple {
        sum += triple;
    }
    sum.ln().max(log)
}
