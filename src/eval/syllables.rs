//! How many syllables of a repaired text are right: aligned against the truth, counted by kind.
//!
//! Both texts are split at white space, marks at the ends of tokens do not count, and the tokens
//! are aligned with the fewest insertions, deletions and replacements. What is compared can be
//! made stricter or more lenient with [`Strictness`].

use crate::model::tokens::normal;
use crate::vi::fold::fold;

/// What counts as the same syllable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// The same letters in the same case.
    Exact,
    /// The same letters, in any case and either placement of tones.
    Letters,
    /// The same letters without marks.
    Folded,
}

/// How a text compares with the truth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Syllables of the truth.
    pub truth: usize,
    /// Of them, those that the text has right.
    pub right: usize,
    /// Syllables of the text that the truth has no place for.
    pub extra: usize,
    /// Truth and text where they differ; empty where one side has nothing.
    pub wrong: Vec<(String, String)>,
}

impl Comparison {
    /// Share of the truth's syllables that are right, 0 to 1.
    pub fn rate(&self) -> f64 {
        if self.truth == 0 { 1.0 } else { self.right as f64 / self.truth as f64 }
    }

    /// Adds another document's figures.
    pub fn add(&mut self, other: Self) {
        self.truth += other.truth;
        self.right += other.right;
        self.extra += other.extra;
        self.wrong.extend(other.wrong);
    }
}

/// The syllables of a text: what stands between spaces, without the marks at its ends.
pub fn syllables(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .map(|token| token.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|token| !token.is_empty())
}

/// A place in the alignment of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Index of the syllable of the truth, if it has one here.
    pub truth: Option<usize>,
    /// Index of the syllable of the text, if it has one here.
    pub text: Option<usize>,
    /// Whether they are the same.
    pub right: bool,
}

/// Compares two texts. Syllables of the truth for which `lenient` holds are compared without marks
/// (personal names, whose tones a reading without tones cannot tell).
pub fn compare(truth: &str, text: &str, strictness: Strictness, lenient: impl Fn(&str) -> bool) -> Comparison {
    let truth: Vec<&str> = syllables(truth).collect();
    let text: Vec<&str> = syllables(text).collect();
    let lenient: Vec<bool> = truth.iter().map(|token| lenient(token)).collect();
    count(&truth, &text, &pairs(&truth, &text, strictness, &lenient))
}

/// What an alignment amounts to.
pub fn count(truth: &[&str], text: &[&str], pairs: &[Pair]) -> Comparison {
    let mut comparison = Comparison { truth: truth.len(), ..Comparison::default() };
    for pair in pairs {
        comparison.right += usize::from(pair.right);
        comparison.extra += usize::from(pair.truth.is_none());
        if !pair.right {
            let of = |side: &[&str], at: Option<usize>| at.map_or(String::new(), |at| side[at].to_owned());
            comparison.wrong.push((of(truth, pair.truth), of(text, pair.text)));
        }
    }
    comparison
}

/// Aligns two rows of syllables with the fewest differences. Those of the truth that `lenient` marks
/// are compared without marks; it has one entry for each, or none.
pub fn pairs(truth: &[&str], text: &[&str], strictness: Strictness, lenient: &[bool]) -> Vec<Pair> {
    let key = |token: &str, strictness: Strictness| match strictness {
        Strictness::Exact => token.to_owned(),
        Strictness::Letters => normal(token),
        Strictness::Folded => fold(token),
    };
    let loose = |at: usize| lenient.get(at).copied().unwrap_or(false);
    let keys: Vec<String> =
        (0..truth.len()).map(|at| key(truth[at], if loose(at) { Strictness::Folded } else { strictness })).collect();
    let read: Vec<String> = text.iter().map(|token| key(token, strictness)).collect();
    let folded: Vec<String> =
        if lenient.is_empty() { Vec::new() } else { text.iter().map(|token| fold(token)).collect() };
    let same = |i: usize, j: usize| if loose(i) { keys[i] == folded[j] } else { keys[i] == read[j] };
    align(keys.len(), read.len(), same)
        .into_iter()
        .map(|(truth, text)| {
            let right = truth.zip(text).is_some_and(|(i, j)| same(i, j));
            Pair { truth, text, right }
        })
        .collect()
}

/// Pairs of places, by least edits, within a band around the diagonal that is wide enough for
/// texts of one document.
fn align(rows: usize, columns: usize, same: impl Fn(usize, usize) -> bool) -> Vec<(Option<usize>, Option<usize>)> {
    let band = 200 + rows.abs_diff(columns);
    let width = 2 * band + 1;
    let far = u32::MAX / 2;
    // Cell (i, j) lies at column j + band - i of row i.
    let mut cost = vec![far; (rows + 1) * width];
    let cell = |i: usize, j: usize| {
        (j + band).checked_sub(i).filter(|column| *column < width).map(|column| i * width + column)
    };
    let get = |cost: &[u32], i: usize, j: usize| cell(i, j).map_or(far, |at| cost[at]);
    for i in 0..=rows {
        for j in i.saturating_sub(band)..=(i + band).min(columns) {
            let mut best = if i == 0 && j == 0 { 0 } else { far };
            if i > 0 && j > 0 {
                best = best.min(get(&cost, i - 1, j - 1) + u32::from(!same(i - 1, j - 1)));
            }
            if i > 0 {
                best = best.min(get(&cost, i - 1, j) + 1);
            }
            if j > 0 {
                best = best.min(get(&cost, i, j - 1) + 1);
            }
            if let Some(at) = cell(i, j) {
                cost[at] = best;
            }
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (rows, columns);
    while i > 0 || j > 0 {
        let here = get(&cost, i, j);
        if i > 0 && j > 0 && here == get(&cost, i - 1, j - 1) + u32::from(!same(i - 1, j - 1)) {
            (i, j) = (i - 1, j - 1);
            pairs.push((Some(i), Some(j)));
        } else if i > 0 && here == get(&cost, i - 1, j) + 1 {
            i -= 1;
            pairs.push((Some(i), None));
        } else {
            j -= 1;
            pairs.push((None, Some(j)));
        }
    }
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_right() {
        let strict = compare("Căn cứ Kế hoạch số 12", "Căn cứ kế hoach 12", Strictness::Exact, |_| false);
        assert_eq!((strict.truth, strict.right, strict.extra), (6, 3, 0));
        let letters = compare("Hoà bình, số", "hòa bình số", Strictness::Letters, |_| false);
        assert!((letters.rate() - 1.0).abs() < f64::EPSILON);
        let named = compare("Lê Thị Thúy", "Lê Thị Thùy", Strictness::Letters, |token| token == "Thúy");
        assert_eq!(named.right, 3);
        let torn = compare("đội ngũ", "đ ội ngũ", Strictness::Letters, |_| false);
        assert_eq!((torn.right, torn.extra), (1, 1));
    }
}
