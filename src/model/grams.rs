//! N-gram probabilities: a back-off model in two hash tables of cache lines.
//!
//! An n-gram of two to four words is a key of 64 bits, 16 a word. A bucket is one cache line: of
//! pairs and triples it holds twelve (fingerprint of 24 bits, quantised probability, quantised
//! back-off weight), of the longest n-grams, which need no weight, sixteen. Looking an n-gram up
//! touches one line, nearly always. A key that is not there passes for one that is about once in a
//! million times (16 bits of fingerprint were tried: once in 4 000, and the probabilities of a
//! context added up to 2); in exchange an n-gram costs five bytes, and there is no order of words
//! to search through.

use super::tokens::class;

/// Bytes of a bucket.
const BUCKET: usize = 64;
/// N-grams in a bucket that also holds their back-off weights.
const WEIGHTED: usize = 12;
/// N-grams in a bucket without.
const PLAIN: usize = 16;
/// Longest n-gram.
pub(super) const ORDER: usize = 4;

/// Natural logarithm of a probability, as a byte: steps of 1/14 down to -18.2.
pub(super) fn pack_log(log: f32) -> u8 {
    (-log * 14.0).round().clamp(0.0, 255.0) as u8
}

pub(super) fn unpack_log(byte: u8) -> f32 {
    f32::from(byte) * (-1.0 / 14.0)
}

/// Natural logarithm of a back-off weight, as a byte: steps of 1/28 down to -9.1.
pub(super) fn pack_weight(log: f32) -> u8 {
    (-log * 28.0).round().clamp(0.0, 255.0) as u8
}

pub(super) fn unpack_weight(byte: u8) -> f32 {
    f32::from(byte) * (-1.0 / 28.0)
}

/// The key of an n-gram: the last word lowest, absent words 0.
pub(super) fn key(words: &[u16]) -> u64 {
    words.iter().fold(0, |key, word| key << 16 | u64::from(*word))
}

/// Bucket and fingerprint of a key.
fn place(key: u64, buckets: usize) -> (usize, u32) {
    let mut hash = (key ^ key >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^= hash >> 32;
    let bucket = ((u128::from(hash) * buckets as u128) >> 64) as usize;
    // The bucket takes the high bits, the fingerprint the low; 0 marks a free slot.
    (bucket, (hash as u32 & 0xff_ffff).max(1))
}

/// A table of n-grams.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grams<'a> {
    table: &'a [u8],
    buckets: usize,
    weighted: bool,
}

impl<'a> Grams<'a> {
    /// A table with back-off weights or without.
    pub(super) fn new(table: &'a [u8], weighted: bool) -> Self {
        Self { table, buckets: table.len() / BUCKET, weighted }
    }

    /// Logarithms of probability and back-off weight.
    pub(super) fn find(&self, key: u64) -> Option<(f32, f32)> {
        self.bytes(key).map(|[log, weight]| (unpack_log(log), unpack_weight(weight)))
    }

    /// Brings the cache line of a key near.
    pub(super) fn touch(&self, key: u64) -> u8 {
        self.table.get(place(key, self.buckets).0 * BUCKET).copied().unwrap_or_default()
    }

    /// Quantised probability and back-off weight.
    fn bytes(&self, key: u64) -> Option<[u8; 2]> {
        if self.buckets == 0 {
            return None;
        }
        let slots = if self.weighted { WEIGHTED } else { PLAIN };
        let valid = (1u32 << slots) - 1;
        let (mut bucket, print) = place(key, self.buckets);
        // A damaged table could be full; a sound one ends the search in the next bucket or two.
        for _ in 0..64 {
            let line: &[u8; BUCKET] = self.table.get(bucket * BUCKET..)?.first_chunk()?;
            // All slots at once: what follows compiles to a few vector instructions.
            let (mut hits, mut free) = (0u32, 0u32);
            for (slot, four) in line.chunks_exact(4).enumerate() {
                let entry = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
                hits |= u32::from(entry >> 8 == print) << slot;
                free |= u32::from(entry == 0) << slot;
            }
            if hits & valid != 0 {
                let slot = (hits & valid).trailing_zeros() as usize;
                let weight = if self.weighted { line[WEIGHTED * 4 + slot].min(ABSENT - 1) } else { 0 };
                return Some([line[slot * 4], weight]);
            }
            if free & valid != 0 {
                return None;
            }
            bucket = (bucket + 1) % self.buckets;
        }
        None
    }
}

/// The bytes of a table of `(key, probability, weight)` entries. The order of the entries decides
/// the bytes, so give them sorted.
pub(super) fn write(entries: &[(u64, u8, u8)], weighted: bool) -> Vec<u8> {
    let slots = if weighted { WEIGHTED } else { PLAIN };
    // Fuller buckets would fit too, but searches would run over borders more often.
    let buckets = (entries.len() * 10 / 9 / slots + 2).max(2);
    let mut table = vec![0u8; buckets * BUCKET];
    for (key, probability, weight) in entries {
        let (mut bucket, print) = place(*key, buckets);
        loop {
            let line = &mut table[bucket * BUCKET..(bucket + 1) * BUCKET];
            if let Some(slot) = (0..slots).find(|slot| line[slot * 4..slot * 4 + 4] == [0; 4]) {
                line[slot * 4..slot * 4 + 4].copy_from_slice(&(print << 8 | u32::from(*probability)).to_le_bytes());
                if weighted {
                    line[WEIGHTED * 4 + slot] = *weight;
                }
                break;
            }
            bucket = (bucket + 1) % buckets;
        }
    }
    table
}

/// The words before a word, as far as the model looks back, with their back-off weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Context {
    /// The last words, latest first; [`class::NONE`] where there are fewer.
    pub(super) words: [u16; ORDER - 1],
    /// Logarithm of the back-off weight of the last one, two and three words.
    pub(super) weights: [f32; ORDER - 1],
    /// How many words count.
    pub(super) len: u8,
}

impl Context {
    /// Nothing is known of what went before.
    pub const EMPTY: Self = Self { words: [class::NONE; ORDER - 1], weights: [0.0; ORDER - 1], len: 0 };

    /// The last word and the one before it.
    pub(crate) const fn last_two(&self) -> [u16; 2] {
        [self.words[0], self.words[1]]
    }

    /// The back-off weights of words beyond the last `used`.
    pub(super) fn backoff(&self, used: usize) -> f32 {
        let len = usize::from(self.len).min(ORDER - 1);
        self.weights[used.min(len)..len].iter().sum()
    }

    /// What decides every later score: contexts with equal keys can be merged.
    pub fn key(&self) -> u64 {
        u64::from(self.words[2]) << 32 | u64::from(self.words[1]) << 16 | u64::from(self.words[0])
    }
}

/// What was looked up lately: text says the same things again and again, and the tables are far
/// larger than the caches of a processor.
#[derive(Clone, Debug)]
pub(crate) struct Recent {
    /// What is left of the key's hash after the number of the slot, then probability and weight.
    slots: Vec<u64>,
}

/// Number of [`Recent`]'s slots, one for each value of 16 bits: half a megabyte.
const RECENT: usize = 1 << 16;
/// Spreads keys over all bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
/// The bits of a hash that a slot keeps.
const TAG: u64 = (1 << 48) - 1;
/// The weight of what the model does not have; no weight is so small.
const ABSENT: u8 = 255;

impl Default for Recent {
    fn default() -> Self {
        Self { slots: vec![0; RECENT] }
    }
}

impl Recent {
    /// Whether a key was looked up lately.
    pub(super) fn has(&self, key: u64) -> bool {
        let hash = key.wrapping_mul(SPREAD);
        self.slots[(hash >> 48) as usize] >> 16 == hash & TAG
    }

    /// [`Grams::find`] in a table of `grams`.
    pub(super) fn find(&mut self, grams: &Grams<'_>, key: u64) -> Option<(f32, f32)> {
        // Odd factors lose nothing: slot and tag together are the key again.
        let hash = key.wrapping_mul(SPREAD);
        let slot = &mut self.slots[(hash >> 48) as usize];
        if *slot >> 16 != hash & TAG {
            let [log, weight] = grams.bytes(key).unwrap_or([0, ABSENT]);
            *slot = hash << 16 | u64::from(log) << 8 | u64::from(weight);
        }
        let weight = *slot as u8;
        (weight != ABSENT).then(|| (unpack_log((*slot >> 8) as u8), unpack_weight(weight)))
    }
}

/// A look at the model's figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scores<'a> {
    /// Pairs and triples.
    pub(super) grams: Grams<'a>,
    /// N-grams of [`ORDER`] words.
    pub(super) longest: Grams<'a>,
    pub(super) entries: &'a [u8],
}

impl Scores<'_> {
    /// Logarithms of probability and back-off weight of one word.
    pub(super) fn unigram(&self, word: u16) -> (f32, f32) {
        let at = usize::from(word) * super::lexicon::ENTRY;
        let Some(entry) = self.entries.get(at..at + 4) else { return (-20.0, 0.0) };
        let fixed = |low, high| f32::from(u16::from_le_bytes([low, high])) * (-1.0 / 2048.0);
        (fixed(entry[0], entry[1]), fixed(entry[2], entry[3]))
    }

    /// Natural logarithm of the probability of `word` after `context`.
    pub(super) fn score(&self, context: &Context, word: u16) -> f32 {
        self.step(context, word).0
    }

    /// The score of `word` after `context`, and the context after it.
    pub(super) fn step(&self, context: &Context, word: u16) -> (f32, Context) {
        // A method alone would be bound to one lifetime.
        #[allow(clippy::redundant_closure_for_method_calls)]
        self.step_by(context, word, |grams, key| grams.find(key))
    }

    /// Logarithm and weight of a word with the one before it.
    pub(super) fn pair(&self, before: u16, word: u16, recent: &mut Recent) -> Option<(f32, f32)> {
        recent.find(&self.grams, key(&[before, word]))
    }

    /// The end of every n-gram of the model is in the model too, so that the search goes up from the
    /// pair and stops at the first miss.
    pub(super) fn step_by(
        &self,
        context: &Context,
        word: u16,
        mut find: impl FnMut(&Grams<'_>, u64) -> Option<(f32, f32)>,
    ) -> (f32, Context) {
        let [a, b, c] = context.words;
        let len = usize::from(context.len);
        let (own, weight) = self.unigram(word);
        let mut next = Context { words: [word, 0, 0], weights: [weight, 0.0, 0.0], len: 1 };
        let (mut log, mut used) = (own, 0);
        if len >= 1
            && let Some((found, weight)) = find(&self.grams, key(&[a, word]))
        {
            (log, used) = (found, 1);
            (next.words[1], next.weights[1], next.len) = (a, weight, 2);
            if len >= 2
                && let Some((found, weight)) = find(&self.grams, key(&[b, a, word]))
            {
                (log, used) = (found, 2);
                (next.words[2], next.weights[2], next.len) = (b, weight, 3);
                if len >= 3
                    && let Some((found, _)) = find(&self.longest, key(&[c, b, a, word]))
                {
                    (log, used) = (found, 3);
                }
            }
        }
        (log + context.backoff(used), next)
    }

    /// The context after `word`.
    pub(super) fn advance(&self, context: &Context, word: u16) -> Context {
        self.step(context, word).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found() {
        let entries: Vec<_> =
            (0..10_000u64).map(|n| (n * n * 7919 + 65_536, (n % 250) as u8, (n % 90) as u8)).collect();
        for weighted in [true, false] {
            let table = write(&entries, weighted);
            let grams = Grams::new(&table, weighted);
            for (key, log, weight) in &entries {
                let weight = if weighted { unpack_weight(*weight) } else { 0.0 };
                assert_eq!(grams.find(*key), Some((unpack_log(*log), weight)));
            }
            let strangers = (0..10_000u64).filter(|n| grams.find(n * 104_729 + (7 << 50)).is_some()).count();
            assert!(strangers < 3, "{strangers} strangers were taken for entries");
        }
    }
}
