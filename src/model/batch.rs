//! Many words after many contexts, scored together.
//!
//! The tables are far larger than the caches of a processor, and a look-up that waits for memory
//! costs more than all the arithmetic around it. So the look-ups of one length are made together:
//! first their cache lines are asked for, then they are read; meanwhile the next are on their way.

use super::Scorer;
use super::grams::{Context, Grams, Recent, key};
use super::tokens::class;

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

/// Words after contexts, each after each. Contexts of a beam share their last words, so that most
/// look-ups serve several of them.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    /// A context and what its scores are added to.
    pub(crate) ways: Vec<(Context, f32)>,
    /// A word and what it costs.
    pub(crate) words: Vec<(u16, f32)>,
    /// The last words of the contexts, and their last two with the place of the last; each once.
    ones: Vec<u16>,
    twos: Vec<([u16; 2], u32)>,
    /// For each way its places in both.
    of_way: Vec<[u32; 2]>,
    /// Logarithm and weight of each word after each of `ones` and of `twos`.
    pairs: Vec<Option<(f32, f32)>>,
    triples: Vec<Option<(f32, f32)>>,
    keys: Vec<(u64, u32)>,
    /// The answers: scores and the contexts after, word by word.
    pub(crate) answers: Vec<(f32, Context)>,
}

impl Grid {
    /// Clears both sides.
    pub(crate) fn clear(&mut self) {
        self.ways.clear();
        self.words.clear();
    }

    /// Where the last word and the last two of a context stand among all of the ways.
    pub(crate) fn places(&self, way: usize) -> [usize; 2] {
        self.of_way[way].map(|place| place as usize)
    }

    /// The last words of the contexts, each once.
    pub(crate) fn last_words(&self) -> &[u16] {
        &self.ones
    }

    /// The last two words of the contexts, each two once and earlier first, with the place of the last.
    pub(crate) fn last_two(&self) -> &[([u16; 2], u32)] {
        &self.twos
    }

    /// Scores all words after all contexts; the first of the answers are those of the first word.
    /// What is behind the best by more than `slack` after the last word alone is looked at no closer.
    pub(crate) fn answer(&mut self, scorer: Scorer<'_>, recent: &mut Recent, slack: f32) {
        let figures = scorer.0;
        self.group();
        let (ways, ones, twos) = (self.ways.len(), self.ones.len(), self.twos.len());
        self.keys.clear();
        self.pairs.clear();
        self.pairs.resize(self.words.len() * ones, None);
        for (row, (word, _)) in self.words.iter().enumerate() {
            for (place, last) in self.ones.iter().enumerate().filter(|(_, last)| **last != class::NONE) {
                self.keys.push((key(&[*last, *word]), (row * ones + place) as u32));
            }
        }
        let pairs = &mut self.pairs;
        look_up(&figures.grams, recent, &mut self.keys, |at, log, weight| pairs[at] = Some((log, weight)));
        self.answers.clear();
        let mut best = f32::MIN;
        for (row, (word, cost)) in self.words.iter().enumerate() {
            let (own, own_weight) = figures.unigram(*word);
            for ((context, score), [one, _]) in self.ways.iter().zip(&self.of_way) {
                let mut next = Context { words: [*word, 0, 0], weights: [own_weight, 0.0, 0.0], len: 1 };
                let base = score - cost;
                let score = match self.pairs[row * ones + *one as usize].filter(|_| context.len > 0) {
                    Some((log, weight)) => {
                        (next.words[1], next.weights[1], next.len) = (context.words[0], weight, 2);
                        base + log + context.backoff(1)
                    }
                    None => base + own + context.backoff(0),
                };
                best = best.max(score);
                self.answers.push((score, next));
            }
        }
        // The end of every n-gram of the model is in the model too: only those found can go on.
        let floor = best - slack;
        let goes_on =
            |answer: &(f32, Context), context: &Context| answer.1.len == 2 && context.len >= 2 && answer.0 >= floor;
        self.keys.clear();
        self.triples.clear();
        self.triples.resize(self.words.len() * twos, None);
        for (row, (word, _)) in self.words.iter().enumerate() {
            let mut asked = 0u64;
            for (way, [_, two]) in self.of_way.iter().enumerate() {
                if asked >> (two % 64) & 1 == 0 && goes_on(&self.answers[row * ways + way], &self.ways[way].0) {
                    // A beam is narrower than a word has bits; of a wider one some are asked twice.
                    asked |= u64::from(*two < 64) << (two % 64);
                    let [b, a] = self.twos[*two as usize].0;
                    self.keys.push((key(&[b, a, *word]), (row * twos) as u32 + two));
                }
            }
        }
        let triples = &mut self.triples;
        look_up(&figures.grams, recent, &mut self.keys, |at, log, weight| triples[at] = Some((log, weight)));
        self.keys.clear();
        for (row, (word, cost)) in self.words.iter().enumerate() {
            for (way, [_, two]) in self.of_way.iter().enumerate() {
                let (context, score) = self.ways[way];
                let at = row * ways + way;
                if !goes_on(&self.answers[at], &context) {
                    continue;
                }
                let Some((log, weight)) = self.triples[row * twos + *two as usize] else { continue };
                let (answer, next) = &mut self.answers[at];
                *answer = score - cost + log + context.backoff(2);
                (next.words[2], next.weights[2], next.len) = (context.words[1], weight, 3);
                if context.len >= 3 {
                    let [a, b, c] = context.words;
                    self.keys.push((key(&[c, b, a, *word]), at as u32));
                }
            }
        }
        let (answers, words, all) = (&mut self.answers, &self.words, &self.ways);
        look_up(&figures.longest, recent, &mut self.keys, |at, log, _| {
            answers[at].0 = all[at % ways].1 - words[at / ways].1 + log;
        });
    }

    fn group(&mut self) {
        self.ones.clear();
        self.twos.clear();
        self.of_way.clear();
        for (context, _) in &self.ways {
            let [a, b, _] = context.words;
            let one = self.ones.iter().position(|one| *one == a).unwrap_or_else(|| {
                self.ones.push(a);
                self.ones.len() - 1
            });
            let two = self.twos.iter().position(|(two, _)| *two == [b, a]).unwrap_or_else(|| {
                self.twos.push(([b, a], one as u32));
                self.twos.len() - 1
            });
            self.of_way.push([one as u32, two as u32]);
        }
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
