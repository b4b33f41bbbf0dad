//! Letters without their marks: the form in which half-repaired and clean text compare equal.

use unicode_normalization::char::decompose_canonical;

/// The base letter of one character in lower case: `Ế` gives `e`, `Đ` gives `d`.
/// Characters that are not letters with marks are given back in lower case.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match c {
        // No canonical decomposition exists for d with stroke, eth or African d.
        'đ' | 'Đ' | 'ð' | 'Ð' | 'ɖ' | 'Ɖ' => 'd',
        _ => {
            let mut base = None;
            decompose_canonical(c, |part| {
                base.get_or_insert(part);
            });
            base.unwrap_or(c).to_lowercase().next().unwrap_or(c)
        }
    }
}

/// The text in lower case without diacritics: `Ủy ban nhân dân` gives `uy ban nhan dan`.
/// For text in NFC the number of characters is kept; loose combining marks are dropped.
///
/// ```
/// assert_eq!(vanban::vi::fold::fold("ĐƯỜNG Lữ"), "duong lu");
/// ```
pub fn fold(text: &str) -> String {
    text.chars().filter(|c| !is_mark(*c)).map(fold_char).collect()
}

/// The text without diacritics, in its own case: `Ủy ban` gives `Uy ban`.
pub fn strip_marks(text: &str) -> String {
    let strip = |c: char| if c.is_uppercase() { fold_char(c).to_ascii_uppercase() } else { fold_char(c) };
    text.chars().filter(|c| !is_mark(*c)).map(|c| if c.is_alphabetic() { strip(c) } else { c }).collect()
}

/// Whether `c` is a combining mark of the block that Vietnamese uses (U+0300 to U+036F).
pub const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 134 letters with marks, both cases, fold to one ASCII letter each.
    #[test]
    fn every_vietnamese_letter_folds_to_ascii() {
        let letters = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ";
        for letter in letters.chars().chain(letters.to_uppercase().chars()) {
            let folded = fold_char(letter);
            assert!(folded.is_ascii_lowercase(), "{letter} gives {folded}");
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(fold(&once), once);
        }
    }
}
