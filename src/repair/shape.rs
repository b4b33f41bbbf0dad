//! Words as the page wrote them: the case of the raw text, and its placement of tones.

use super::line::is_letter;
use crate::model::tokens::Case;
use crate::vi::fold::fold_char;
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

/// Of the open syllables of a text, at least one in so many must show the new placement: where marks
/// are lost hardly any shows one, and those that do were misread (`hóa` as `hoá`, `khdéa`).
const SHOWN: u32 = 6;

/// Whether a text writes `hoà` more often than `hòa`: what open syllables in `oa`, `oe`, `uy` show.
pub(super) fn prefers_new(raw: &str) -> bool {
    let (mut old, mut new, mut plain) = (0, 0, 0);
    let [mut third, mut second, mut first] = [' '; 3];
    for next in raw.chars().chain([' ']) {
        // The last two letters of a word, and the one before them: `quý` has no choice.
        if !is_letter(next) && is_letter(first) && !matches!(third, 'q' | 'Q') {
            let toned = |c: char, of: &str| of.contains(c);
            match (fold_char(second), fold_char(first)) {
                ('o', 'a' | 'e') | ('u', 'y') => {
                    plain += u32::from(second.is_ascii() && first.is_ascii());
                    old += u32::from(toned(second, "òóỏõọÒÓỎÕỌùúủũụÙÚỦŨỤ") && first.is_ascii());
                    new += u32::from(toned(first, "àáảãạÀÁẢÃẠèéẻẽẹÈÉẺẼẸỳýỷỹỵỲÝỶỸỴ") && second.is_ascii());
                }
                _ => {}
            }
        }
        (third, second, first) = (second, first, next);
    }
    new > old && new * SHOWN >= plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_is_what_open_syllables_show() {
        assert!(prefers_new("hoà bình, thuỷ lợi, quý, hoàn toàn, Khoẻ"));
        assert!(!prefers_new("hòa bình, thủy lợi, quý, hoàn, KHỎE"));
        assert!(prefers_new("UỶ BAN") && !prefers_new("ỦY BAN") && !prefers_new(""));
        // Read by an OCR model for English: one misread word is no style.
        let read = "Uy ban, Uy ban, hoa binh, hoé, van hoa, thuy loi, Uy ban, HOA, Hoa, tuy";
        assert!(!prefers_new(read));
    }
}
