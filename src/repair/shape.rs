//! Words as the page wrote them: the case of the raw text, and its placement of tones.

use crate::model::tokens::Case;
use crate::vi::tone;

/// A lower-case word with old tone placement in the given case and style.
pub(super) fn write(word: &str, case: Case, new_style: bool) -> String {
    let styled = if new_style { tone::to_new(word) } else { None };
    let word = styled.as_deref().unwrap_or(word);
    match case {
        Case::Lower | Case::Mixed => word.to_owned(),
        Case::Upper => word.to_uppercase(),
        Case::Title => {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}

/// Whether a text writes `hoà` more often than `hòa`.
pub(super) fn prefers_new(raw: &str) -> bool {
    let (mut old, mut new) = (0, 0);
    for word in raw.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii() && word.len() <= 12) {
        let lower = word.to_lowercase();
        new += usize::from(tone::to_old(&lower).is_some());
        old += usize::from(tone::to_new(&lower).is_some());
    }
    new > old
}
