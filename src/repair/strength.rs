//! Which channels a line went through: estimated line by line, since one document can hold clean
//! and ruined passages.
//!
//! Each word says how well every channel explains it, whatever the word was. A few rounds of
//! expectation-maximisation turn that into shares, first for the whole document, then for each
//! line with the document and the neighbouring lines as a prior.

use crate::model::channel::{CHANNELS, CLEAN, Costs};

/// Probability of one word of the raw text under each channel, the best of them 1.
pub(super) type Evidence = [f32; CHANNELS];

/// Shares of the channels; they add up to one.
pub(super) type Shares = [f32; CHANNELS];

/// What is believed of text before it is seen: that it is clean.
const PRIOR: Shares = [0.97, 0.01, 0.01, 0.01];
/// No channel is ever ruled out entirely.
const FLOOR: f32 = 2e-5;
/// Most rounds of an estimate, and the change below which another makes no difference.
const ROUNDS: usize = 6;
const SETTLED: f32 = 1e-4;

/// Evidence from probabilities of any size.
pub(super) fn normalise(sums: [f32; CHANNELS]) -> Evidence {
    let top = sums.iter().copied().fold(0.0, f32::max).max(1e-30);
    sums.map(|sum| (sum / top).max(1e-30))
}

/// Shares of the channels over `words`, with `prior` counting as `weight` words.
fn estimate(words: &[Evidence], prior: &Shares, weight: f32) -> Shares {
    let mut shares = *prior;
    for _ in 0..ROUNDS {
        let floored = shares.map(|share| share.max(FLOOR));
        let mut sums: Shares = prior.map(|share| share * weight);
        for evidence in words {
            let parts: Shares = std::array::from_fn(|k| floored[k] * evidence[k]);
            let whole = 1.0 / parts.iter().sum::<f32>();
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += part * whole;
            }
        }
        let total = words.len() as f32 + weight;
        let next = sums.map(|sum| sum / total);
        let change = next.iter().zip(&shares).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        shares = next;
        if change < SETTLED {
            break;
        }
    }
    shares
}

/// Words of a document that its estimate looks at, evenly spread: more would say the same.
const SAMPLE: usize = 4000;

/// Shares for each line, from the evidence of its words; `lines` are ranges of `words`.
pub(super) fn shares(words: &[Evidence], lines: &[std::ops::Range<usize>]) -> Vec<Shares> {
    let sample: Vec<Evidence>;
    let document = if words.len() > 2 * SAMPLE {
        sample = words.iter().step_by(words.len() / SAMPLE).copied().collect();
        estimate(&sample, &PRIOR, 3.0)
    } else {
        estimate(words, &PRIOR, 3.0)
    };
    let near = 3;
    let alone: Vec<Shares> = lines.iter().map(|line| estimate(&words[line.clone()], &document, 3.0)).collect();
    (0..lines.len())
        .map(|index| {
            let mut prior = document.map(|share| share * 2.0);
            let mut weight = 2.0;
            let range = index.saturating_sub(near)..(index + near + 1).min(lines.len());
            for other in range.filter(|other| *other != index) {
                let words = (lines[other].len() as f32).min(8.0) * 0.25;
                for (sum, share) in prior.iter_mut().zip(&alone[other]) {
                    *sum += share * words;
                }
                weight += words;
            }
            let prior = prior.map(|sum| sum / weight);
            let mut shares = estimate(&words[lines[index].clone()], &prior, 2.5);
            // What marks are lost in one word can be lost in the next, but a clean line stays clean.
            shares[CLEAN] = shares[CLEAN].max(FLOOR);
            shares
        })
        .collect()
}

/// One cost for a candidate, over the channels that the line may have gone through.
pub(super) fn mix(chances: &Costs, shares: &Shares) -> f32 {
    let sum: f32 = chances.iter().zip(shares).map(|(chance, share)| share.max(FLOOR) * chance).sum();
    -sum.max(1e-30).ln()
}
