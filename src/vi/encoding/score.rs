//! How surprising a piece of text is as Vietnamese, in bits: the evidence by which one reading of
//! the same bytes is preferred to another.
//!
//! A common syllable costs little, one that can be spelled but is rare costs more, letters that
//! spell no syllable cost most. Foreign words cost the same in every encoding that leaves them as
//! they are, so they neither help nor harm.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::vi::fold::is_mark;
use crate::vi::syllable::is_possible;
use crate::vi::tone::{to_new, to_old};

/// A syllable that can be spelled but that no text had.
const RARE: f32 = 24.0;
/// A run of letters that spells nothing: to begin with, and for each letter.
const SPELLED: f32 = 11.0;
const LETTER: f32 = 4.7;
/// A letter that Vietnamese does not have, beside [`LETTER`].
const FOREIGN: f32 = 3.0;
/// Other letters that spell nothing either: what stands there is as good.
const VAIN: f32 = 12.0;
/// A capital in the middle of a word.
const HUMP: f32 = 5.0;
/// A character that this encoding has no letter for where it should have one.
const ALIEN: f32 = 12.0;
/// Signs that prose hardly has: `¸`, `©`, control codes.
const SIGN: f32 = 9.0;
/// The same between letters.
const INSIDE: f32 = 5.0;

static SYLLABLES: LazyLock<HashMap<&'static str, f32>> = LazyLock::new(|| {
    include_str!("../../../dictionaries/syllables.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(bits, syllables)| Some((bits.parse().ok()?, syllables)))
        .flat_map(|(bits, syllables): (f32, &str)| syllables.split(' ').map(move |syllable| (syllable, bits)))
        .collect()
});

/// A character of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) c: char,
    /// Whether the encoding reads something else than what stands there.
    pub(super) changed: bool,
    /// Whether the encoding cannot have meant it.
    pub(super) alien: bool,
}

/// The cost of a common or rare syllable in lower case; none if it cannot be spelled.
pub(super) fn syllable(word: &str) -> Option<f32> {
    let known = |word: &str| SYLLABLES.get(word).copied();
    known(word)
        .or_else(|| to_old(word).or_else(|| to_new(word)).and_then(|other| known(&other)))
        .or_else(|| is_possible(word).then_some(RARE))
}

/// Whether a word, in any case, is one that Vietnamese texts have.
pub(super) fn is_known(word: &str) -> bool {
    syllable(&word.to_lowercase()).is_some_and(|bits| bits < RARE)
}

/// Whether letters are an abbreviation with `Đ`, the only letter beyond ASCII that is common in them:
/// all capitals, none with a tone.
pub(super) fn has_bare_d(letters: impl Iterator<Item = char>) -> bool {
    let letters: Vec<char> = letters.collect();
    letters.len() >= 2
        && letters.contains(&'Đ')
        && letters.iter().all(|c| c.is_ascii_uppercase() || "ĐƯÔƠÂĂÊ".contains(*c))
}

/// The cost of a reading of a stretch without white space.
pub(super) fn cost(reads: &[Read]) -> f32 {
    let inside = |read: &Read| read.c.is_alphabetic() || is_mark(read.c);
    let mut sum = 0.0;
    let mut at = 0;
    let mut word = String::new();
    while at < reads.len() {
        let alien = if reads[at].alien { ALIEN } else { 0.0 };
        if !inside(&reads[at]) {
            let beside = |index: Option<usize>| index.and_then(|index| reads.get(index)).is_some_and(inside);
            let between = beside(at.checked_sub(1)) && beside(Some(at + 1));
            sum += alien + sign(reads[at].c, between);
            at += 1;
            continue;
        }
        word.clear();
        let from = at;
        while at < reads.len() && inside(&reads[at]) {
            if reads[at].alien {
                sum += ALIEN;
            }
            word.extend(reads[at].c.to_lowercase());
            at += 1;
        }
        sum += spelled(&word, &reads[from..at]);
    }
    sum
}

fn spelled(word: &str, reads: &[Read]) -> f32 {
    let humps = reads.windows(2).filter(|pair| pair[0].c.is_lowercase() && pair[1].c.is_uppercase()).count();
    let hump = humps as f32 * HUMP;
    if let Some(bits) = syllable(word) {
        return bits + hump;
    }
    // The letter of a list: `đ)`, after `d)`.
    if word == "đ" {
        return 14.0;
    }
    let vietnamese = |c: char| {
        c.is_ascii_lowercase()
            || matches!(c, 'đ' | 'ă' | 'ơ' | 'ư' | 'ĩ' | 'ũ' | '\u{1ea0}'..='\u{1ef9}')
            || "àáâãèéêìíòóôõùúý".contains(c)
    };
    let letters = reads.len() as f32;
    let foreign = word.chars().filter(|c| !vietnamese(*c)).count() as f32 * FOREIGN;
    // Abbreviations in capitals (`QĐ`, `HĐND`) spell nothing either way.
    let abbreviates = reads.iter().all(|read| !read.changed) || has_bare_d(reads.iter().map(|read| read.c));
    if foreign == 0.0 && reads.len() <= 8 && reads.iter().all(|read| read.c.is_uppercase()) && abbreviates {
        return 6.0 + 4.0 * letters;
    }
    let vain = if reads.iter().any(|read| read.changed) { VAIN } else { 0.0 };
    SPELLED + LETTER * letters + foreign + hump + vain
}

fn sign(c: char, between: bool) -> f32 {
    let inside = if between { INSIDE } else { 0.0 };
    match c {
        '0'..='9' => 0.0,
        '^' | '`' | '~' | '\\' => SIGN + inside,
        ' '..='\u{7e}' => 1.0 + if between && !"-/.&_".contains(c) { inside } else { 0.0 },
        '“' | '”' | '‘' | '’' | '–' | '—' | '…' | '•' | '\u{a0}' => 2.0,
        _ => SIGN + inside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> f32 {
        let reads: Vec<Read> = text.chars().map(|c| Read { c, changed: false, alien: false }).collect();
        cost(&reads)
    }

    #[test]
    fn what_is_vietnamese_costs_least() {
        for (better, worse) in
            [("Việt", "ViÖt"), ("cộng", "céng"), ("xã", "x·"), ("nghĩa", "nghÜa"), ("HỘI", "HOÄI"), ("QĐ-UB", "Q§-UB")]
        {
            assert!(of(better) + 4.0 < of(worse), "{better} {} {worse} {}", of(better), of(worse));
        }
        // Both spellings of one syllable are known.
        assert!(of("hòa") < RARE && of("hoà") < RARE);
    }

    #[test]
    fn every_syllable_of_the_table_can_be_spelled() {
        for syllable in SYLLABLES.keys() {
            assert!(is_possible(syllable), "{syllable}");
        }
        assert!(SYLLABLES.len() > 4000);
    }
}
