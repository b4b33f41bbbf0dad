//! Digits that identify something, read again by other means than the first time.
//!
//! A wrong digit in a number looks as right as a right one, and the engine is as sure of it. So
//! the tokens that carry identity (numbers of documents, dates, the number and day of the
//! letterhead) are cut out of the picture as it was scanned and read by a second reader with other
//! habits (`digits`). Where the two agree, one pass is all it costs. Where they do
//! not, the engine reads the piece again, alone, larger and smaller, italics set upright, and all
//! readings are put to a vote ([`vote`]); what loses is kept beside what wins. Knows shapes of
//! numbers and dates, not which documents exist.

mod crop;
mod head;
mod vote;

use std::sync::LazyLock;

use image::GrayImage;
use regex::Regex;

use crate::digits;
use crate::document::{Picture, Reading, Rect, Token, Written};
use crate::text::Span;
use crate::vi::fold::fold;
use crop::{Frame, Source, frame_of, slant};
use vote::{Vote, count, is_possible};

/// Font sizes, in pixels, at which the engine reads a piece again.
const SIZES: [f32; 3] = [44.0, 64.0, 34.0];
/// Pieces of a page that the engine reads again at most: a page of numbers is read once.
const MOST_PIECES: usize = 24;
/// Winners with a smaller share of the votes are for a person to look at.
const CLEAR: f32 = 0.7;
/// The most that a contested reading is believed.
const CONTESTED: f32 = 0.55;

/// What reads a picture of one line again: its text and confidence from 0 to 1.
pub(super) type Again<'a> = &'a mut dyn FnMut(&GrayImage) -> Option<(String, f32)>;

/// Reads again what carries identity in the lines of a page that was read from `picture`, upright.
pub(super) fn reread(lines: &mut [Vec<Token>], picture: &Picture, again: Again<'_>) {
    let source = Source::new(picture);
    head::reread(lines, &source);
    let mut pieces = 0;
    for line in lines {
        for index in 0..line.len() {
            if !line[index].readings.is_empty() || !carries_identity(line, index) {
                continue;
            }
            let Some((span, frame)) = place(line, index, &source) else { continue };
            let strip = source.strip(span.0, span.1, frame);
            let token = &line[index];
            let ranked = digits::read(&strip);
            let digits = vote::digits(&token.text);
            let agree = ranked.first().is_some_and(|best| vote::digits(&best.text) == digits);
            if agree && is_possible(&token.text) || pieces >= MOST_PIECES {
                continue;
            }
            pieces += 1;
            let mut votes: Vec<Vote> = ranked
                .iter()
                .filter(|ranked| ranked.chance > 0.1)
                .map(|ranked| Vote { text: ranked.text.clone(), weight: 0.9 * ranked.chance })
                .collect();
            let lean = slant(&strip);
            for size in SIZES {
                if let Some((text, sure)) = again(&source.line(span.0, span.1, frame, size, lean)) {
                    votes.push(Vote { text, weight: 0.5 + 0.4 * sure.clamp(0.0, 1.0) });
                }
            }
            settle(&mut line[index], &votes);
        }
    }
}

/// Puts the outcome of a vote into the token.
fn settle(token: &mut Token, votes: &[Vote]) {
    let outcome = count(&token.text, votes);
    if outcome.rivals.is_empty() {
        return;
    }
    let kept = outcome.text == token.text;
    let confidence = match outcome.share {
        share if share < CLEAR || !is_possible(&outcome.text) => CONTESTED.min(share),
        share if kept => token.confidence.min(share),
        share => share.min(0.8),
    };
    let (old, new) = (vote::runs(&token.text), vote::runs(&outcome.text));
    let rivals: Vec<(String, f32)> = outcome.rivals.clone();
    if !kept {
        // The letters are as they were, but they stand elsewhere if there are more digits now.
        if outcome.text.len() != token.text.len() {
            token.doubts.clear();
        }
        token.text = outcome.text;
    }
    debug_assert_eq!(old.len(), new.len());
    for (index, run) in new.into_iter().enumerate() {
        let here = token.text.get(run.clone()).unwrap_or_default();
        let mut others: Vec<(String, f32)> = Vec::new();
        for (text, share) in &rivals {
            let Some(other) = vote::runs(text).get(index).and_then(|run| text.get(run.clone())) else { continue };
            match others.iter_mut().find(|(known, _)| known == other) {
                _ if other == here => {}
                Some((_, sum)) => *sum += share,
                None => others.push((other.to_owned(), *share)),
            }
        }
        if !others.is_empty() {
            let span = Span::at(run.start, run.end);
            token.readings.push(Reading { span, written: Written::Print, confidence, rivals: others });
        }
    }
    token.confidence = token.confidence.max(CONTESTED).min(confidence.max(0.0));
}

/// A piece's left and right edge, with a little of the space beside it, and where its line stands.
fn place(line: &[Token], index: usize, source: &Source<'_>) -> Option<((f32, f32), Frame)> {
    let rect = source.pixels(line[index].bbox?);
    let frame = frame_of(&line[index], rect);
    if !(frame.em.is_finite() && frame.em >= 6.0 && rect.x1 > rect.x0) {
        return None;
    }
    let edge = |other: Option<&Token>| other.and_then(|token| token.bbox).map(|bbox| source.pixels(bbox));
    let reach = 0.22 * frame.em;
    let before = index.checked_sub(1).and_then(|before| edge(line.get(before)));
    let after = edge(line.get(index + 1));
    let left = before
        .filter(|other: &Rect| other.x1 <= rect.x0)
        .map_or(reach, |other| ((rect.x0 - other.x1) / 2.0).min(reach));
    let right =
        after.filter(|other| other.x0 >= rect.x1).map_or(reach, |other| ((other.x0 - rect.x1) / 2.0).min(reach));
    Some(((rect.x0 - left, rect.x1 + right), frame))
}

/// A number with a symbol, or what is left of one where a digit was read as a letter; a date.
static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[0-9][a-zđ]?(?:/[0-9SOIl]{2,5})?[/-]\p{Lu}|(?:^|\D)[0-9]{1,2}([/.-])[0-9]{1,2}([/.-])[0-9]{4}(?:\D|$)")
        .ok()
});

/// Whether a token is one that a wrong digit would make another document or another day.
fn carries_identity(line: &[Token], index: usize) -> bool {
    let text = &line[index].text;
    if !text.contains(|c: char| c.is_ascii_digit()) || text.chars().count() > 40 {
        return false;
    }
    if SHAPE.as_ref().is_some_and(|shape| shape.is_match(text)) {
        return true;
    }
    let short = text.chars().filter(char::is_ascii_digit).count() <= 5
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ';' | ')' | '/' | '-' | ':'));
    let before = index.checked_sub(1).map(|before| fold(&line[before].text));
    let before = before.as_deref().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    match before {
        Some("ngay" | "thang" | "nam") => short,
        Some("so") => short || text.contains('/'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, Luma};

    fn line(words: &[&str]) -> Vec<Token> {
        let mut x = 20.0;
        let token = |word: &&str| {
            let wide = 12.0 * word.chars().count() as f32;
            let bbox = Some(Rect { x0: x, y0: 30.0, x1: x + wide, y1: 44.0 });
            x += wide + 8.0;
            Token { text: (*word).into(), bbox, confidence: 0.95, ..Token::default() }
        };
        words.iter().map(token).collect()
    }

    #[test]
    fn tokens_that_carry_identity() {
        for (words, expected) in [
            (&["số", "55/2026/TT-BTC"][..], &[false, true][..]),
            (&["ngày", "03/10/2017", "của"], &[false, true, false]),
            (&["ngày", "05", "tháng", "3", "năm", "2020"], &[false, true, false, true, false, true]),
            (&["Điều", "5", "khoản", "12"], &[false, false, false, false]),
            (&["số", "S5/2026/TT-BTC"], &[false, true]),
            (&["99/NQ-CP", "80%", "2.500.000", "05-NQ/TW"], &[true, false, false, true]),
        ] {
            let line = line(words);
            let found: Vec<bool> = (0..line.len()).map(|index| carries_identity(&line, index)).collect();
            assert_eq!(found, expected, "{words:?}");
        }
    }

    /// The page is white: the second reader sees nothing, so the engine is asked three times.
    #[test]
    fn a_vote_against_the_first_reading_keeps_it_as_a_rival() {
        let page = DynamicImage::ImageLuma8(GrayImage::from_pixel(600, 400, Luma([255])));
        let picture = Picture { image: page, dpi: Some(72.0), scale: 1.0 };
        let mut lines = vec![line(&["số", "32/2026/TT-BTC", "ngày"])];
        let mut asked = 0;
        reread(&mut lines, &picture, &mut |_| {
            asked += 1;
            Some(("55/2026/TT-BTC".into(), 0.9))
        });
        assert_eq!(asked, SIZES.len());
        let token = &lines[0][1];
        assert_eq!(token.text, "55/2026/TT-BTC");
        let [reading] = &token.readings[..] else { panic!("{token:?}") };
        assert_eq!((reading.span, reading.written), (Span::at(0, 2), Written::Print));
        assert_eq!(reading.rivals[0].0, "32");
        assert!(token.confidence < 0.95);
        // Nobody to ask, nothing that changes.
        let mut lines = vec![line(&["số", "32/2026/TT-BTC"])];
        reread(&mut lines, &picture, &mut |_| None);
        assert_eq!(lines[0], line(&["số", "32/2026/TT-BTC"]));
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_survived(words in proptest::collection::vec("\\PC{1,14}", 1..8), answer in "\\PC{0,14}") {
            let page = DynamicImage::ImageLuma8(GrayImage::from_pixel(400, 100, Luma([255])));
            let picture = Picture { image: page, dpi: None, scale: 1.0 };
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut lines = vec![line(&words)];
            reread(&mut lines, &picture, &mut |_| Some((answer.clone(), 0.5)));
            for token in lines.iter().flatten() {
                for reading in &token.readings {
                    proptest::prop_assert!(token.text.get(reading.span.range()).is_some());
                }
            }
        }
    }
}
