//! Words as the page wrote them: the case of the raw text, and its placement of tones.

use crate::model::tokens::Case;

/// A lower-case word in the given case.
pub(super) fn write(word: &str, case: Case) -> String {
    match case {
        Case::Lower | Case::Mixed => word.to_owned(),
        Case::Upper => word.to_uppercase(),
        Case::Title => {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}
