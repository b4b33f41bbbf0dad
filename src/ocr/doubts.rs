//! What the engine weighed for each character of a word into doubts about its letters.
//!
//! Most characters have no rival worth a word; only those that have one are kept, and only
//! letters: a rival for a digit would have nobody to decide it.

use crate::document::Doubt;
use crate::text::Span;

/// Rivals that fit the picture worse than this, from 0 to 1, are none.
const LEAST: f32 = 0.02;

/// Something that a character could be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) text: String,
    /// How well it fits the picture, 0 to 1.
    pub(super) confidence: f32,
}

/// The doubts about a word that was read with `confidence`. The choices are in the order of its
/// characters, with those for the spaces beside it; where the two lists do not agree, nothing is
/// doubted.
pub(super) fn doubts(word: &str, confidence: f32, choices: &[Vec<Choice>]) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut lists = choices.iter();
    for (start, read) in word.char_indices() {
        let is_read = |choice: &&Choice| letter(&choice.text) == Some(read);
        let Some((list, chosen)) = lists.find_map(|list| Some((list, list.iter().find(is_read)?))) else {
            return Vec::new();
        };
        let mut rivals: Vec<(char, f32)> = list
            .iter()
            .filter_map(|choice| Some((letter(&choice.text)?, choice.confidence)))
            .filter(|(rival, fit)| *rival != read && rival.is_alphabetic() && *fit >= LEAST)
            .collect();
        if !rivals.is_empty() && read.is_alphabetic() {
            rivals.sort_by(|a, b| b.1.total_cmp(&a.1));
            let span = Span::at(start, start + read.len_utf8());
            doubts.push(Doubt { span, confidence: chosen.confidence, word: confidence, rivals });
        }
    }
    doubts
}

/// The character that a text is, if it is one.
fn letter(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(lists: &[&[(&str, f32)]]) -> Vec<Vec<Choice>> {
        let choice = |(text, confidence): &(&str, f32)| Choice { text: (*text).into(), confidence: *confidence };
        lists.iter().map(|list| list.iter().map(choice).collect()).collect()
    }

    #[test]
    fn letters_keep_their_rivals_and_digits_none() {
        let space: &[(&str, f32)] = &[(" ", 0.96), (",", 0.0)];
        let lists = choices(&[
            space,
            &[("c", 0.95), ("o", 0.004)],
            &[("h", 0.95)],
            &[("ỉ", 0.9), ("1", 0.5), ("i", 0.6), ("í", 0.2)],
            &[("1", 0.7), ("l", 0.6)],
        ]);
        let doubts = doubts("chỉ1", 0.8, &lists);
        let rivals = vec![('i', 0.6), ('í', 0.2)];
        assert_eq!(doubts, [Doubt { span: Span::new(2, 5), confidence: 0.9, word: 0.8, rivals }]);
    }

    #[test]
    fn choices_of_another_word_say_nothing() {
        assert!(doubts("ba", 0.9, &choices(&[&[("b", 0.9), ("h", 0.8)]])).is_empty());
    }
}
