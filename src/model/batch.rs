//! Many words after many contexts, scored together.
//!
//! The tables are far larger than the caches of a processor, and a look-up that waits for memory
//! costs more than all the arithmetic around it. So the look-ups of one length are made together:
//! first their cache lines are asked for, then they are read; meanwhile the next are on their way.

use super::Scorer;
use super::grams::{Context, Grams, Recent, key};

/// A word after a context, and what the model says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) context: Context,
    pub(crate) word: u16,
    /// Index of whatever the asker goes by.
    pub(crate) way: u32,
    /// What the score is added to.
    pub(crate) base: f32,
    /// Answer: the base and the natural logarithm of the probability of the word.
    pub(crate) score: f32,
    /// Answer: the context after the word.
    pub(crate) next: Context,
}

/// Questions and the memory of what was answered lately.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) asks: Vec<Ask>,
    pub(crate) recent: Recent,
    keys: Vec<(u64, u32)>,
}

impl Batch {
    /// Adds a question.
    pub(crate) fn ask(&mut self, context: Context, word: u16, way: u32, base: f32) {
        self.asks.push(Ask { context, word, way, base, score: base, next: Context::EMPTY });
    }

    /// Answers all questions. Where a word after its last one alone is behind the best question by
    /// more than `slack`, longer contexts are not asked.
    pub(crate) fn answer(&mut self, scorer: Scorer<'_>, slack: f32) {
        let figures = scorer.0;
        self.keys.clear();
        for (index, ask) in self.asks.iter_mut().enumerate() {
            let (own, weight) = figures.unigram(ask.word);
            ask.next = Context { words: [ask.word, 0, 0], weights: [weight, 0.0, 0.0], len: 1 };
            ask.score = ask.base + own + ask.context.backoff(0);
            if ask.context.len > 0 {
                self.keys.push((key(&[ask.context.words[0], ask.word]), index as u32));
            }
        }
        let mut longer = std::mem::take(&mut self.keys);
        let asks = &mut self.asks;
        look_up(&figures.grams, &mut self.recent, &mut longer, |index, log, weight| {
            let ask = &mut asks[index];
            ask.score = ask.base + log + ask.context.backoff(1);
            (ask.next.words[1], ask.next.weights[1], ask.next.len) = (ask.context.words[0], weight, 2);
        });
        let floor = self.asks.iter().map(|ask| ask.score).fold(f32::MIN, f32::max) - slack;
        // The end of every n-gram of the model is in the model too: only those found can go on.
        let asks = &mut self.asks;
        longer.retain_mut(|(wanted, index)| {
            let ask = &asks[*index as usize];
            let [a, b, _] = ask.context.words;
            *wanted = key(&[b, a, ask.word]);
            ask.next.len == 2 && ask.context.len >= 2 && ask.score >= floor
        });
        look_up(&figures.grams, &mut self.recent, &mut longer, |index, log, weight| {
            let ask = &mut asks[index];
            ask.score = ask.base + log + ask.context.backoff(2);
            (ask.next.words[2], ask.next.weights[2], ask.next.len) = (ask.context.words[1], weight, 3);
        });
        longer.retain_mut(|(wanted, index)| {
            let ask = &asks[*index as usize];
            let [a, b, c] = ask.context.words;
            *wanted = key(&[c, b, a, ask.word]);
            ask.next.len == 3 && ask.context.len >= 3
        });
        look_up(&figures.longest, &mut self.recent, &mut longer, |index, log, _| {
            let ask = &mut asks[index];
            ask.score = ask.base + log;
        });
        self.keys = longer;
    }
}

/// Looks all keys up and hands what is found to `found`, with its number.
fn look_up(grams: &Grams<'_>, recent: &mut Recent, keys: &mut [(u64, u32)], mut found: impl FnMut(usize, f32, f32)) {
    let mut touched = 0;
    for (key, _) in keys.iter() {
        if !recent.has(*key) {
            touched ^= grams.touch(*key);
        }
    }
    // Without a use of what was read the reading would be left out.
    std::hint::black_box(touched);
    for (key, index) in keys.iter() {
        if let Some((log, weight)) = recent.find(grams, *key) {
            found(*index as usize, log, weight);
        }
    }
}
