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

/// How probable it is in each channel that the marks of a word survive: the evidence of every known
/// word with marks, which nearly all words of a clean text are. They are counted, not listed.
pub(super) const MARKED: Evidence = [1.0, 0.082, 0.018, 1.0];

/// The words of a line, as far as they are evidence.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// How many say [`MARKED`].
    pub(super) marked: usize,
    /// The others, a range of a list.
    pub(super) others: std::ops::Range<usize>,
}

impl Seen {
    fn len(&self) -> usize {
        self.marked + self.others.len()
    }
}

/// Shares of the channels over `words` and `marked` more that say [`MARKED`], with `prior` counting
/// as `weight` words.
fn estimate(words: &[Evidence], marked: usize, prior: &Shares, weight: f32) -> Shares {
    let mut shares = *prior;
    for _ in 0..ROUNDS {
        let floored = shares.map(|share| share.max(FLOOR));
        let mut sums: Shares = prior.map(|share| share * weight);
        let mut add = |evidence: &Evidence, times: f32| {
            let parts: Shares = std::array::from_fn(|k| floored[k] * evidence[k]);
            let whole = times / parts.iter().sum::<f32>();
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += part * whole;
            }
        };
        if marked > 0 {
            add(&MARKED, marked as f32);
        }
        for evidence in words {
            add(evidence, 1.0);
        }
        let total = (words.len() + marked) as f32 + weight;
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

/// Shares for each line, from the evidence of its words; those that are not counted stand in `words`.
pub(super) fn shares(words: &[Evidence], lines: &[Seen]) -> Vec<Shares> {
    let marked: usize = lines.iter().map(|line| line.marked).sum();
    let step = ((words.len() + marked) / SAMPLE).max(1);
    let document = if step > 2 {
        let sample: Vec<Evidence> = words.iter().step_by(step).copied().collect();
        estimate(&sample, marked / step, &PRIOR, 3.0)
    } else {
        estimate(words, marked, &PRIOR, 3.0)
    };
    let near = 3;
    let of = |line: &Seen, prior: &Shares, weight| estimate(&words[line.others.clone()], line.marked, prior, weight);
    let alone: Vec<Shares> = lines.iter().map(|line| of(line, &document, 3.0)).collect();
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
            let mut shares = of(&lines[index], &prior, 2.5);
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
