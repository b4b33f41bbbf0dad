//! Which channels a line went through: estimated line by line, since one document can hold clean
//! and ruined passages.
//!
//! Each word says how well every channel explains it, whatever the word was. A few rounds of
//! expectation-maximisation turn that into shares, first for the whole document, then for each
//! line with the document and the neighbouring lines as a prior.

use crate::model::channel::{CHANNELS, CLEAN, Costs};

/// Log-likelihood of one word of the raw text under each channel.
pub(super) type Evidence = [f32; CHANNELS];

/// Shares of the channels; they add up to one.
pub(super) type Shares = [f32; CHANNELS];

/// What is believed of text before it is seen: that it is clean.
const PRIOR: Shares = [0.97, 0.01, 0.01, 0.01];
/// No channel is ever ruled out entirely.
const FLOOR: f32 = 2e-5;

fn responsibilities(evidence: &Evidence, shares: &Shares) -> Shares {
    let top = evidence.iter().copied().fold(f32::MIN, f32::max);
    let mut parts: Shares = std::array::from_fn(|k| shares[k].max(FLOOR) * (evidence[k] - top).exp());
    let sum: f32 = parts.iter().sum();
    for part in &mut parts {
        *part /= sum;
    }
    parts
}

/// Shares of the channels over `words`, with `prior` counting as `weight` words.
fn estimate(words: &[Evidence], prior: &Shares, weight: f32) -> Shares {
    let mut shares = *prior;
    for _ in 0..6 {
        let mut sums: Shares = prior.map(|share| share * weight);
        for evidence in words {
            for (sum, part) in sums.iter_mut().zip(responsibilities(evidence, &shares)) {
                *sum += part;
            }
        }
        let total = words.len() as f32 + weight;
        shares = sums.map(|sum| sum / total);
    }
    shares
}

/// Shares for each line, from the evidence of its words.
pub(super) fn shares(lines: &[Vec<Evidence>]) -> Vec<Shares> {
    let all: Vec<Evidence> = lines.iter().flatten().copied().collect();
    let document = estimate(&all, &PRIOR, 3.0);
    let near = 3;
    let alone: Vec<Shares> = lines.iter().map(|line| estimate(line, &document, 3.0)).collect();
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
            let mut shares = estimate(&lines[index], &prior, 2.5);
            // What marks are lost in one word can be lost in the next, but a clean line stays clean.
            shares[CLEAN] = shares[CLEAN].max(FLOOR);
            shares
        })
        .collect()
}

/// One cost for a candidate, over the channels that the line may have gone through.
pub(super) fn mix(costs: &Costs, shares: &Shares) -> f32 {
    let sum: f32 = costs.iter().zip(shares).map(|(cost, share)| share.max(FLOOR) * (-cost).exp()).sum();
    -sum.max(1e-30).ln()
}
