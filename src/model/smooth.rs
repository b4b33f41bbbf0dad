//! Counts to probabilities: interpolated Kneser-Ney with three discounts an order (Chen and
//! Goodman 1999), general text mixed into words and pairs, then pruned.
//!
//! An n-gram is dropped where backing off says nearly the same, weighed by how often it occurs
//! (Seymore and Rosenfeld 1996): that keeps more of what matters in the same space than leaving
//! out rare n-grams does, and the back-off weights are computed afresh for what is left.

use std::collections::HashMap;

use super::grams::{ORDER, key, pack_log, pack_weight};
use super::tokens::class;

/// Keys counted before they are sorted and merged: half a gigabyte.
const BLOCK: usize = 1 << 26;

/// Counts keys by sorting.
#[derive(Default)]
pub(super) struct Counter {
    block: Vec<u64>,
    grams: Vec<Gram>,
}

/// An n-gram and its counts.
#[derive(Clone, Copy, Debug)]
struct Gram {
    key: u64,
    /// What Kneser-Ney counts: uses at the highest order, words seen before it below.
    count: u32,
    /// Uses.
    uses: u32,
}

impl Counter {
    pub(super) fn add(&mut self, key: u64) {
        self.block.push(key);
        if self.block.len() >= BLOCK {
            self.merge();
        }
    }

    fn merge(&mut self) {
        self.block.sort_unstable();
        let mut merged: Vec<Gram> = Vec::with_capacity(self.grams.len() + self.block.len() / 3);
        let mut old = std::mem::take(&mut self.grams).into_iter().peekable();
        for run in self.block.chunk_by(|a, b| a == b) {
            let (key, mut uses) = (run[0], run.len() as u32);
            while let Some(gram) = old.next_if(|gram| gram.key <= key) {
                if gram.key == key { uses += gram.uses } else { merged.push(gram) }
            }
            merged.push(Gram { key, count: uses, uses });
        }
        merged.extend(old);
        self.grams = merged;
        self.block.clear();
    }

    fn finish(mut self) -> Vec<Gram> {
        self.merge();
        self.block = Vec::new();
        self.grams
    }
}

/// Counts of general text under the ids of the vocabulary.
pub(super) struct News {
    /// By id.
    pub(super) words: Vec<u64>,
    /// By key, sorted.
    pub(super) pairs: Vec<(u64, u64)>,
}

/// A finished model.
pub(super) struct Smoothed {
    /// Logarithms of probability and back-off weight, by id.
    pub(super) unigrams: Vec<(f32, f32)>,
    /// Pairs and triples, by key: packed probability and weight.
    pub(super) grams: Vec<(u64, u8, u8)>,
    /// The longest n-grams, likewise, without weights.
    pub(super) longest: Vec<(u64, u8, u8)>,
    /// How many of two, three and four words.
    pub(super) counts: [usize; 3],
}

/// How much a word of general text counts against one of the texts trained on.
const NEWS_WEIGHT: f64 = 0.12;

/// One order of n-grams while probabilities are worked out; arrays run alongside `grams`.
struct Level {
    grams: Vec<Gram>,
    /// Probability from this order's own counts, discounted, the general text mixed in.
    own: Vec<f32>,
    /// Probability with what the lower orders add.
    full: Vec<f32>,
    keep: Vec<bool>,
    /// Contexts (keys without the last word) with the share left to the lower order.
    left: Vec<(u64, f32)>,
}

impl Level {
    fn find(&self, key: u64) -> Option<usize> {
        self.grams.binary_search_by_key(&key, |gram| gram.key).ok()
    }

    fn left(&self, context: u64) -> f32 {
        self.left.binary_search_by_key(&context, |(context, _)| *context).map_or(1.0, |at| self.left[at].1)
    }

    /// The ranges of n-grams that share a context.
    fn groups(&self) -> Vec<std::ops::Range<usize>> {
        let mut start = 0;
        self.grams
            .chunk_by(|a, b| a.key >> 16 == b.key >> 16)
            .map(|group| {
                start += group.len();
                start - group.len()..start
            })
            .collect()
    }

    /// The share of each context that its own n-grams, all or the kept ones, leave over.
    fn share_out(&mut self, kept_only: bool) {
        self.left = self
            .groups()
            .into_iter()
            .map(|group| {
                let context = self.grams[group.start].key >> 16;
                let sum: f32 = group.filter(|at| !kept_only || self.keep[*at]).map(|at| self.own[at]).sum();
                (context, (1.0 - sum).max(1e-4))
            })
            .collect();
    }
}

/// Works out a model of at most `max_grams` n-grams. `bases` numbers the words by their letters
/// without marks.
pub(super) fn smooth(counter: Counter, bases: &[u32], news: &News, max_grams: usize) -> Smoothed {
    let words = bases.len();
    // Level n-1 holds the n-grams of n words.
    let mut levels: Vec<Level> = Vec::new();
    let mut grams = counter.finish();
    for length in (1..=ORDER).rev() {
        let lower = if length > 1 { shorten(&grams, length) } else { Vec::new() };
        // N-grams that begin with the empty word say nothing that shorter ones do not.
        grams.retain(|gram| gram.key >> (16 * (length - 1)) != u64::from(class::NONE));
        let size = grams.len();
        levels.push(Level {
            grams,
            own: vec![0.0; size],
            full: vec![0.0; size],
            keep: vec![true; size],
            left: Vec::new(),
        });
        grams = lower;
    }
    levels.reverse();
    let unigrams = unigrams(&levels[0], words, news);
    add_pairs_of(&mut levels[1], news);
    for length in 2..=ORDER {
        discount(&mut levels[length - 1]);
        if length == 2 {
            let (words, pairs) = levels.split_at_mut(1);
            mix_pairs(&mut pairs[0], &words[0], news);
        }
        levels[length - 1].share_out(false);
        for at in 0..levels[length - 1].grams.len() {
            let level = &levels[length - 1];
            let gram = level.grams[at].key;
            let below = lower_full(&levels, &unigrams, gram, length - 1);
            let full = level.own[at] + level.left(gram >> 16) * below;
            levels[length - 1].full[at] = full;
        }
    }
    prune(&mut levels, &unigrams, bases, max_grams);
    finish(levels, &unigrams)
}

/// The n-grams of one word less: their last words, each counted once for every word before it.
fn shorten(grams: &[Gram], length: usize) -> Vec<Gram> {
    let mask = (1u64 << (16 * (length - 1))) - 1;
    let mut shorter: Vec<Gram> =
        grams.iter().map(|gram| Gram { key: gram.key & mask, count: 1, uses: gram.uses }).collect();
    shorter.sort_unstable_by_key(|gram| gram.key);
    shorter.dedup_by(|next, kept| {
        let same = next.key == kept.key;
        if same {
            kept.count += next.count;
            kept.uses += next.uses;
        }
        same
    });
    let first = 16 * (length - 2);
    for gram in &mut shorter {
        // Nothing stands before the start of a paragraph, so that uses are all there is to count.
        if gram.key >> first == u64::from(class::START) {
            gram.count = gram.uses;
        }
    }
    shorter
}

fn unigrams(level: &Level, words: usize, news: &News) -> Vec<f32> {
    let total: f64 = level.grams.iter().map(|gram| f64::from(gram.count)).sum();
    let mut probabilities = vec![0.0f64; words];
    for gram in &level.grams {
        probabilities[gram.key as usize] = (f64::from(gram.count) - 0.5) / total;
    }
    let news_total: f64 = news.words.iter().map(|count| *count as f64).sum::<f64>().max(1.0);
    let share = if news_total > 1.0 { 0.15 } else { 0.0 };
    for (id, probability) in probabilities.iter_mut().enumerate() {
        *probability = (1.0 - share) * *probability + share * news.words[id] as f64 / news_total;
    }
    let rest = (1.0 - probabilities.iter().sum::<f64>()).max(1e-6) / words as f64;
    probabilities.into_iter().map(|probability| (probability + rest) as f32).collect()
}

/// Makes room for pairs that only the general text has.
fn add_pairs_of(level: &mut Level, news: &News) {
    let missing: Vec<Gram> = news
        .pairs
        .iter()
        .filter(|(key, _)| level.find(*key).is_none())
        .map(|(key, _)| Gram { key: *key, count: 0, uses: 0 })
        .collect();
    level.grams.extend(missing);
    level.grams.sort_unstable_by_key(|gram| gram.key);
    let size = level.grams.len();
    level.own = vec![0.0; size];
    level.full = vec![0.0; size];
    level.keep = vec![true; size];
}

/// Fills `own` with discounted relative counts.
fn discount(level: &mut Level) {
    let mut of_count = [0u64; 5];
    for gram in &level.grams {
        if let Some(slot) = of_count.get_mut(gram.count as usize) {
            *slot += 1;
        }
    }
    let n = |count: usize| of_count[count].max(1) as f64;
    let y = n(1) / (n(1) + 2.0 * n(2));
    let discounts = [
        0.0,
        (1.0 - 2.0 * y * n(2) / n(1)).clamp(0.1, 1.0),
        (2.0 - 3.0 * y * n(3) / n(2)).clamp(0.1, 2.0),
        (3.0 - 4.0 * y * n(4) / n(3)).clamp(0.1, 3.0),
    ];
    for group in level.groups() {
        let total: f64 = level.grams[group.clone()].iter().map(|gram| f64::from(gram.count)).sum();
        for at in group {
            let count = level.grams[at].count;
            let left = f64::from(count) - discounts[count.min(3) as usize];
            level.own[at] = if count == 0 { 0.0 } else { (left.max(0.0) / total) as f32 };
        }
    }
}

/// Mixes the general text's pairs in, each context by how much text each side has of it.
fn mix_pairs(level: &mut Level, words: &Level, news: &News) {
    for group in level.groups() {
        let context = level.grams[group.start].key >> 16;
        let here = words.find(context).map_or(0, |at| words.grams[at].uses);
        let there = news.words.get(context as usize).copied().unwrap_or(0) as f64;
        if there == 0.0 {
            continue;
        }
        let share = NEWS_WEIGHT * there / (f64::from(here) + NEWS_WEIGHT * there);
        for at in group {
            let gram = level.grams[at];
            let count = news.pairs.binary_search_by_key(&gram.key, |pair| pair.0).map_or(0, |at| news.pairs[at].1);
            let own = (count as f64 - 0.7).max(0.0) / there;
            level.own[at] = ((1.0 - share) * f64::from(level.own[at]) + share * own.min(1.0)) as f32;
            level.grams[at].uses += (count as f64 * NEWS_WEIGHT) as u32;
        }
    }
}

/// The full probability of the last word of `key` under its last `length` words.
fn lower_full(levels: &[Level], unigrams: &[f32], key: u64, length: usize) -> f32 {
    if length == 1 {
        return unigrams[(key & 0xffff) as usize];
    }
    let short = key & ((1u64 << (16 * length)) - 1);
    let level = &levels[length - 1];
    match level.find(short) {
        Some(at) => level.full[at],
        None => level.left(short >> 16) * lower_full(levels, unigrams, short, length - 1),
    }
}

/// Marks what is kept: what changes probabilities most, and every beginning and end of what is
/// kept.
fn prune(levels: &mut [Level], unigrams: &[f32], bases: &[u32], max_grams: usize) {
    let mut gains: Vec<Vec<f32>> = (2..=ORDER)
        .map(|length| {
            let level = &levels[length - 1];
            (0..level.grams.len())
                .map(|at| {
                    let gram = level.grams[at];
                    let below = level.left(gram.key >> 16) * lower_full(levels, unigrams, gram.key, length - 1);
                    gram.uses as f32 * (level.full[at] / below).ln()
                })
                .collect()
        })
        .collect();
    let slips = slips(&levels[1], bases);
    for (level, gains) in levels[1..].iter().zip(&mut gains) {
        for (gram, gain) in level.grams.iter().zip(gains) {
            let mut pairs = (0..ORDER - 1).map(|at| gram.key >> (16 * at) & 0xffff_ffff);
            if pairs.any(|pair| pair >> 16 != 0 && slips.binary_search(&pair).is_ok()) {
                *gain = f32::NEG_INFINITY;
            }
        }
    }
    let (mut low, mut high) = (0.0f32, 200.0f32);
    for _ in 0..12 {
        let threshold = f32::midpoint(low, high);
        mark(levels, &gains, threshold);
        let kept: usize = levels[1..].iter().map(|level| level.keep.iter().filter(|keep| **keep).count()).sum();
        if kept > max_grams { low = threshold } else { high = threshold }
    }
    mark(levels, &gains, high);
}

/// Pairs that are misprints of another pair: one word has the same letters with other marks, and
/// that pair is far more frequent. The texts are not free of OCR: `vật liệu nỗ` stands in them 9
/// times, `vật liệu nổ` 1 300 times. Keys, sorted.
fn slips(pairs: &Level, bases: &[u32]) -> Vec<u64> {
    let base = |word: u64| u64::from(bases[(word & 0xffff) as usize]);
    let second = |key: u64| key >> 16 << 32 | base(key);
    let first = |key: u64| base(key >> 16) << 32 | 1 << 31 | key & 0xffff;
    let mut most: HashMap<u64, u32> = HashMap::new();
    for gram in &pairs.grams {
        for class in [first(gram.key), second(gram.key)] {
            let most = most.entry(class).or_insert(0);
            *most = (*most).max(gram.uses);
        }
    }
    let slip = |gram: &&Gram| {
        let rival = most[&first(gram.key)].max(most[&second(gram.key)]);
        gram.uses <= SLIP_USES && gram.uses.saturating_mul(SLIP_RATIO) < rival
    };
    pairs.grams.iter().filter(slip).map(|gram| gram.key).collect()
}

/// Pairs used more often than this are no misprints.
const SLIP_USES: u32 = 250;
/// How much more frequent the right pair is.
const SLIP_RATIO: u32 = 50;

fn mark(levels: &mut [Level], gains: &[Vec<f32>], threshold: f32) {
    for (level, gains) in levels[1..].iter_mut().zip(gains) {
        for (keep, gain) in level.keep.iter_mut().zip(gains) {
            *keep = *gain > threshold;
        }
    }
    for length in (3..=ORDER).rev() {
        let (lower, upper) = levels.split_at_mut(length - 1);
        let (lower, upper) = (&mut lower[length - 2], &upper[0]);
        for (gram, keep) in upper.grams.iter().zip(&upper.keep) {
            // Its context carries the weight; its end lets a search stop at the first miss.
            let end = gram.key & ((1 << (16 * (length - 1))) - 1);
            for part in [gram.key >> 16, end] {
                if *keep && let Ok(at) = lower.grams.binary_search_by_key(&part, |gram| gram.key) {
                    lower.keep[at] = true;
                }
            }
        }
    }
}

/// Works out what is stored, from the pairs up, with weights for what was kept.
fn finish(mut levels: Vec<Level>, unigrams: &[f32]) -> Smoothed {
    for length in 2..=ORDER {
        levels[length - 1].share_out(true);
        for at in 0..levels[length - 1].grams.len() {
            if levels[length - 1].keep[at] {
                let level = &levels[length - 1];
                let gram = level.grams[at].key;
                let full = level.own[at] + level.left(gram >> 16) * stored(&levels, unigrams, gram, length - 1);
                levels[length - 1].full[at] = full.min(1.0);
            }
        }
    }
    let weight = |levels: &[Level], key: u64, length: usize| {
        levels.get(length).map_or(0.0, |level| level.left(key).min(1.0).ln())
    };
    let mut smoothed = Smoothed { unigrams: Vec::new(), grams: Vec::new(), longest: Vec::new(), counts: [0; 3] };
    for (id, probability) in unigrams.iter().enumerate() {
        smoothed.unigrams.push((probability.ln(), weight(&levels, key(&[id as u16]), 1)));
    }
    for length in 2..=ORDER {
        let level = &levels[length - 1];
        for at in (0..level.grams.len()).filter(|at| level.keep[*at]) {
            let key = level.grams[at].key;
            let weight = pack_weight(weight(&levels, key, length));
            let list = if length == ORDER { &mut smoothed.longest } else { &mut smoothed.grams };
            list.push((key, pack_log(level.full[at].ln()), weight));
            smoothed.counts[length - 2] += 1;
        }
    }
    smoothed
}

/// The probability that the stored model gives the last word of `key` under its last `length`
/// words.
fn stored(levels: &[Level], unigrams: &[f32], key: u64, length: usize) -> f32 {
    if length == 1 {
        return unigrams[(key & 0xffff) as usize];
    }
    let short = key & ((1u64 << (16 * length)) - 1);
    let level = &levels[length - 1];
    match level.find(short).filter(|at| level.keep[*at]) {
        Some(at) => level.full[at],
        None => level.left(short >> 16) * stored(levels, unigrams, short, length - 1),
    }
}
