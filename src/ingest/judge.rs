//! Is the text layer of a page worth trusting, or is the page's picture the better source?
//!
//! Of real office PDFs about a third are scans, some with the text of a digital signature alone,
//! some with a layer that an English OCR engine left, and one in twelve has a layer whose letters
//! are shifted. All show in the same few counts: how many words can be spelled in Vietnamese, how
//! many carry marks, how many characters are unknown.

use crate::document::Token;
use crate::text::{Encoding, Text, Why};
use crate::vi::encoding;
use crate::vi::syllable::is_possible;

/// What a text layer looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// The page's text.
    Good,
    /// No characters at all.
    Empty,
    /// A few words on a page that is a picture: the text of a stamp or a signature.
    Thin,
    /// Not the page's text; the reason.
    Bad(&'static str),
}

/// Counts over the words of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// Words of two letters or more.
    pub words: usize,
    /// Of these, possible syllables.
    pub possible: usize,
    /// Of these, with a letter outside ASCII.
    pub marked: usize,
    /// Of these, like words of another Latin-script language: ASCII letters with a vowel.
    pub latin: usize,
    /// Characters.
    pub characters: usize,
    /// Characters that the file does not name.
    pub unknown: usize,
    /// The encoding of old fonts that the text is in.
    pub encoding: Option<Encoding>,
}

impl Counts {
    /// Counts the words of `lines`, as repair will see them: a layer in TCVN3 is as good as another.
    pub(super) fn of<'a>(lines: impl IntoIterator<Item = &'a Vec<Token>>) -> Self {
        let mut counts = Self::default();
        let raw = joined(lines);
        let edits = encoding::edits(&raw);
        counts.encoding = edits.iter().find_map(|edit| match edit.why {
            Why::Encoding(encoding) => Some(encoding),
            _ => None,
        });
        let text = Text::new(raw, edits);
        for token in text.fixed().split_ascii_whitespace() {
            counts.characters += token.chars().count();
            counts.unknown += token.matches('\u{fffd}').count();
            // A digit inside a word is a sign of a bad layer, so it stays in the word.
            let core = token.trim_matches(|c: char| !c.is_alphabetic());
            for word in core.split(['-', '–', '/', ',', '.', '(', ')', ';', ':']) {
                if word.chars().filter(|c| c.is_alphabetic()).count() < 2 {
                    continue;
                }
                counts.words += 1;
                counts.possible += usize::from(is_possible(word));
                counts.marked += usize::from(word.chars().any(|c| c.is_alphabetic() && !c.is_ascii()));
                let latin = word.bytes().all(|byte| byte.is_ascii_alphabetic())
                    && word.bytes().any(|byte| b"aeiouyAEIOUY".contains(&byte));
                counts.latin += usize::from(latin);
            }
        }
        counts
    }

    /// Share of possible syllables, 0 to 1.
    pub(super) fn spelled(self) -> f32 {
        self.possible as f32 / self.words.max(1) as f32
    }
}

/// The tokens with a byte of white space after each, lines apart.
pub(super) fn joined<'a>(lines: impl IntoIterator<Item = &'a Vec<Token>>) -> String {
    let mut text = String::new();
    for line in lines {
        for (index, token) in line.iter().enumerate() {
            text.push_str(&token.text);
            text.push(if index + 1 == line.len() { '\n' } else { ' ' });
        }
    }
    text
}

/// Where a text layer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// On paper of its own.
    Paper,
    /// Drawn over a picture of the page.
    Picture,
    /// Over a picture of the page, but not to be seen: an OCR program read that picture.
    HiddenOnPicture,
}

/// Judges a text layer.
pub(super) fn judge(counts: Counts, ground: Ground) -> Verdict {
    let share = |part: usize| part as f32 / counts.words.max(1) as f32;
    let pictured = ground != Ground::Paper;
    // Another program's OCR is as good as ours only where it reads almost every word as one.
    let needed = if ground == Ground::HiddenOnPicture { 0.85 } else { 0.75 };
    if counts.characters == 0 {
        Verdict::Empty
    } else if counts.unknown * 20 > counts.characters {
        Verdict::Bad("it does not name its characters")
    } else if pictured && counts.words < 25 {
        Verdict::Thin
    } else if pictured && share(counts.marked) < 0.35 {
        Verdict::Bad("it lacks the Vietnamese marks")
    } else if pictured && counts.spelled() < needed
        || counts.words >= 10 && counts.spelled() < 0.5 && share(counts.latin) < 0.8
    {
        Verdict::Bad("its words cannot be spelled")
    } else {
        Verdict::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str, pictured: bool) -> Verdict {
        let ground = if pictured { Ground::Picture } else { Ground::Paper };
        let token = |text: &str| Token { text: text.into(), confidence: 1.0, ..Token::default() };
        judge(Counts::of(&[text.split(' ').map(token).collect::<Vec<_>>()]), ground)
    }

    const GOOD: &str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc Số: 12/KH-UBND Căn cứ Nghị định \
                        số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;";

    #[test]
    fn a_vietnamese_layer_is_good_with_and_without_a_picture_behind_it() {
        assert_eq!(verdict(GOOD, false), Verdict::Good);
        assert_eq!(verdict(GOOD, true), Verdict::Good);
    }

    #[test]
    fn a_layer_of_english_ocr_over_a_picture_is_bad() {
        let text = crate::vi::fold::fold(GOOD).to_uppercase();
        assert!(matches!(verdict(&text, true), Verdict::Bad(_)));
    }

    #[test]
    fn shifted_letters_are_bad_and_a_page_in_english_is_not() {
        let shifted = "6Ӣ&{1*7+ѬѪ1* 7ӌ1+ ÇҺ1 &Ӝ1* +Ñ$ ;+ ӜI &KӪ 1JKƭD 9LӋW 1DP ĈӝF OұS 7ӵ GR HҥQK SK~F";
        assert!(matches!(verdict(shifted, false), Verdict::Bad(_)));
        let english = "The Government of Viet Nam and the World Bank signed the financing agreement for the project";
        assert_eq!(verdict(english, false), Verdict::Good);
    }

    #[test]
    fn the_text_of_a_signature_on_a_scan_is_not_the_page() {
        assert_eq!(verdict("Ký bởi: Sở Công Thương Ngày ký: 12/05/2023 10:21:33", true), Verdict::Thin);
        assert_eq!(verdict("Ký bởi: Sở Công Thương", false), Verdict::Good);
        assert_eq!(judge(Counts::default(), Ground::Picture), Verdict::Empty);
    }

    #[test]
    fn a_layer_in_an_old_encoding_is_good() {
        use crate::vi::encoding::{Encoding, express, misread};
        for encoding in Encoding::all() {
            let text = misread(encoding, &express(encoding, GOOD)).unwrap();
            assert_eq!(verdict(&text, true), Verdict::Good, "{text}");
        }
    }

    #[test]
    fn characters_without_a_name_are_bad() {
        let text = "\u{fffd}".repeat(10) + GOOD;
        assert!(matches!(verdict(&text, false), Verdict::Bad(_)));
    }
}
