//! Phrases in a text, however they are wrapped and whatever marks a scan took from them.
//!
//! Phrases are matched on folded text and then compared with what is printed, since many words fold
//! alike: "đài" and "đại", "từ" and "tư". A word without marks, or one that is no syllable, may be any
//! of them; a sound word is itself only.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::folded::Folded;
use crate::vi::fold::fold;
use crate::vi::syllable::is_possible;

/// Words of the table by their first folded word: the folded words and the words as they are spelled.
#[derive(Debug, Default)]
pub(crate) struct Words(HashMap<String, Vec<Phrase>>);

/// A phrase: its folded words and its words as they are spelled.
type Phrase = (Vec<String>, Vec<String>);

impl Words {
    /// The phrases, parted by bars.
    pub(crate) fn of(phrases: &str) -> Self {
        let mut words = Self::default();
        phrases.split('|').filter(|phrase| !phrase.is_empty()).for_each(|phrase| words.add(phrase));
        words
    }

    /// Adds a phrase.
    pub(crate) fn add(&mut self, words: &str) {
        let spelled: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let folded: Vec<String> = spelled.iter().map(|word| fold(word)).collect();
        self.0.entry(folded[0].clone()).or_default().push((folded, spelled));
    }

    /// The end of the longest entry that starts at `at`.
    pub(crate) fn end_at(&self, folded: &Folded, text: &str, at: usize) -> Option<usize> {
        let plain = folded.text();
        let first = plain[at..].split(|c: char| !c.is_ascii_alphanumeric()).next()?;
        let entries = self.0.get(first)?.iter();
        let fitting = entries.filter_map(|(words, spelled)| {
            let end = match_words(plain, at, words)?;
            let printed = folded.span(at, end).of(text);
            printed.split_whitespace().zip(spelled).all(|(printed, spelled)| can_be(printed, spelled)).then_some(end)
        });
        fitting.max()
    }
}

/// Whether a printed word with the folded form of `spelled` can be it: equal up to the place of the
/// tone mark, without any marks, or no syllable at all, as damaged words are. "đại" is not "đài". An é may
/// be any e: that is what programs without Vietnamese make of ê with its tones.
pub(crate) fn can_be(printed: &str, spelled: &str) -> bool {
    let marks = |word: &str| {
        let mut marks: Vec<char> = word.to_lowercase().nfd().collect();
        marks.sort_unstable();
        marks
    };
    let bare = |word: &'_ str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let (printed, spelled) = (bare(printed), bare(spelled));
    printed.is_ascii() || printed.contains('é') || marks(&printed) == marks(&spelled) || !is_possible(&printed)
}

/// Where `words` end if they stand at `from`, with any white space between them.
pub(crate) fn match_words<T: AsRef<str>>(plain: &str, from: usize, words: &[T]) -> Option<usize> {
    let mut at = from;
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            let rest = &plain[at..];
            let blank = rest.len() - rest.trim_start().len();
            if blank == 0 {
                return None;
            }
            at += blank;
        }
        at += plain[at..].starts_with(word.as_ref()).then_some(word.as_ref().len())?;
    }
    let next = plain.as_bytes().get(at).copied().unwrap_or(b' ');
    (!next.is_ascii_alphanumeric() && next != b'_').then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_fold_alike_are_told_apart() {
        assert!(can_be("hoà", "hòa") && can_be("tu", "tư") && can_be("Gido", "giáo"));
        assert!(!can_be("đại", "đài") && !can_be("dân", "dẫn"));
        let text = "của đài\ntruyền hình";
        let folded = Folded::of(text);
        assert_eq!(Words::of("đài truyền hình").end_at(&folded, text, 4), Some(19));
        assert_eq!(Words::of("đại truyền hình").end_at(&folded, text, 4), None);
    }
}
