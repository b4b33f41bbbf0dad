//! How good a reading of a page is by itself, and the better words of two readings.
//!
//! The engine's confidence alone believes in nonsense, possible syllables alone in misread marks;
//! together they tell a page that was read from one that was not. Words are told apart by their
//! boxes, so both readings must be in the same places.

use crate::document::Rect;
use crate::lines::Piece;
use crate::vi::syllable::is_possible;

/// What a word counts whose letters are no possible syllable.
const IMPOSSIBLE: f32 = 0.4;
/// How much better the second reading of a place must be.
const MARGIN: f32 = 1.05;
/// Less sure words are doubtful.
const WEAK: f32 = 0.6;
/// A word that only the second reading has counts from here on.
const SURE: f32 = 0.6;

/// What a reading is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Worth {
    /// Letters and digits that were read, each by how sure it is.
    pub letters: f32,
    /// How sure the mean letter is, 0 to 1; 0 where there is none.
    pub mean: f32,
    /// Share of the letters that are in doubtful words, 0 to 1: under a stamp there may be many on a
    /// page that is otherwise well read.
    pub weak: f32,
}

/// What `pieces` are worth.
pub(super) fn worth(pieces: &[Piece]) -> Worth {
    let mut all = 0.0;
    let mut letters = 0.0;
    let mut weak = 0.0;
    for piece in pieces {
        let (length, sure) = (length(&piece.text), sureness(piece));
        all += length;
        letters += length * sure;
        weak += if sure < WEAK { length } else { 0.0 };
    }
    let share = |part: f32| if all > 0.0 { part / all } else { 0.0 };
    Worth { letters, mean: share(letters), weak: share(weak) }
}

fn length(text: &str) -> f32 {
    text.chars().filter(|c| c.is_alphanumeric()).count() as f32
}

/// Confidence in a word, lowered where its letters spell nothing.
fn sureness(piece: &Piece) -> f32 {
    let core = piece.text.trim_matches(|c: char| !c.is_alphanumeric());
    let spelled = core.split(['-', '–', '/', ',', '.', '(', ')', ';', ':']).all(|word| {
        let short = word.chars().count() < 2;
        // Capitals are codes and short forms as often as words.
        short || word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit()) || is_possible(word)
    });
    piece.confidence * if spelled { 1.0 } else { IMPOSSIBLE }
}

/// The words of `first`, with those of `second` in the places where these are surer. Both readings are
/// in the same places on the page.
pub(super) fn merge(first: Vec<Piece>, second: Vec<Piece>) -> Vec<Piece> {
    let count = first.len();
    let all: Vec<Piece> = first.into_iter().chain(second).collect();
    let places = places(&all);
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    for (index, place) in places.iter().enumerate() {
        groups[*place].push(index);
    }
    let mut keep = vec![false; all.len()];
    for group in groups.iter().filter(|group| !group.is_empty()) {
        let (one, other): (Vec<usize>, Vec<usize>) = group.iter().partition(|index| **index < count);
        let value = |side: &[usize]| {
            let longest = [&one, &other].map(|side| side.iter().map(|at| length(&all[*at].text)).sum::<f32>());
            let sure: f32 = side.iter().map(|at| length(&all[*at].text) * sureness(&all[*at])).sum();
            sure / longest[0].max(longest[1]).max(1.0)
        };
        let take = match (one.is_empty(), other.is_empty()) {
            (true, _) if value(&other) >= SURE => &other,
            (true, _) => continue,
            (false, false) if value(&other) > value(&one) * MARGIN => &other,
            (false, _) => &one,
        };
        for at in take {
            keep[*at] = true;
        }
    }
    let mut keep = keep.into_iter();
    all.into_iter().filter(|_| keep.next().unwrap_or_default()).collect()
}

/// For each word the place that it shares with the words that it overlaps.
fn places(pieces: &[Piece]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by(|a, b| pieces[*a].bbox.y0.total_cmp(&pieces[*b].bbox.y0));
    let mut parent: Vec<usize> = (0..pieces.len()).collect();
    for (nth, &a) in order.iter().enumerate() {
        for &b in &order[nth + 1..] {
            if pieces[b].bbox.y0 >= pieces[a].bbox.y1 {
                break;
            }
            if overlap(pieces[a].bbox, pieces[b].bbox) {
                let (a, b) = (root(&mut parent, a), root(&mut parent, b));
                parent[a.max(b)] = a.min(b);
            }
        }
    }
    (0..pieces.len()).map(|index| root(&mut parent, index)).collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// Whether two words stand in the same place: half of the lower one's height and a tenth of the
/// narrower one's width in common.
fn overlap(a: Rect, b: Rect) -> bool {
    let height = a.y1.min(b.y1) - a.y0.max(b.y0);
    let width = a.x1.min(b.x1) - a.x0.max(b.x0);
    height > 0.5 * (a.y1 - a.y0).min(b.y1 - b.y0) && width > 0.1 * (a.x1 - a.x0).min(b.x1 - b.x0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str, x: f32, confidence: f32) -> Piece {
        let right = x + 10.0 * text.chars().count() as f32;
        Piece {
            text: text.into(),
            bbox: Rect { x0: x, y0: 0.0, x1: right, y1: 20.0 },
            left: x,
            right,
            baseline: 18.0,
            size: 20.0,
            confidence,
            block: 0,
            doubts: Vec::new(),
        }
    }

    #[test]
    fn nonsense_is_worth_less_than_its_confidence() {
        let text = worth(&[piece("Căn", 0.0, 0.9), piece("cứ", 40.0, 0.9), piece("12/KH-UBND", 80.0, 0.9)]);
        assert!((text.mean - 0.9).abs() < 1e-6, "{text:?}");
        let nonsense = worth(&[piece("Wxqe", 0.0, 0.9), piece("fstt", 60.0, 0.9)]);
        assert!(nonsense.mean < 0.4 && text.letters > nonsense.letters, "{nonsense:?}");
        assert_eq!(worth(&[]), Worth::default());
    }

    #[test]
    fn each_place_keeps_the_surer_reading() {
        let first = vec![piece("Căn", 0.0, 0.95), piece("ctr", 40.0, 0.5), piece("xq", 300.0, 0.2)];
        let second =
            vec![piece("Cân", 0.0, 0.6), piece("cứ", 42.0, 0.9), piece("số", 80.0, 0.9), piece("mq", 120.0, 0.3)];
        let texts: Vec<String> = merge(first, second).into_iter().map(|piece| piece.text).collect();
        assert_eq!(texts, ["Căn", "xq", "cứ", "số"]);
    }

    #[test]
    fn a_torn_word_stands_against_the_whole_one() {
        let first = vec![piece("đ", 0.0, 0.7), piece("ội", 12.0, 0.7)];
        let texts: Vec<String> = merge(first, vec![piece("đội", 0.0, 0.9)]).into_iter().map(|p| p.text).collect();
        assert_eq!(texts, ["đội"]);
    }
}
