//! Readings of the same digits put to a vote, with what a number or a date can be.
//!
//! A vote is about digits only: the letters around them stay as they were read first, unless the
//! readings part the digits differently.

use std::sync::LazyLock;

use regex::Regex;

/// One reading of a token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Vote {
    /// The token as this reader saw it; letters may be missing.
    pub(super) text: String,
    /// Its weight.
    pub(super) weight: f32,
}

/// What came of a vote.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    /// The token with the digits that won.
    pub(super) text: String,
    /// Share of the weight that it won with, 0 to 1.
    pub(super) share: f32,
    /// The other readings of the token, best first, with their shares.
    pub(super) rivals: Vec<(String, f32)>,
}

/// Rivals below this share are not worth a word.
const LEAST: f32 = 0.04;
/// Most rivals that are kept.
const MOST: usize = 4;

/// Counts the votes on a token that was first read as `first`, which votes with weight 1.
pub(super) fn count(first: &str, votes: &[Vote]) -> Outcome {
    let mut sums: Vec<(String, f32)> = vec![(first.to_owned(), weigh(first, 1.0))];
    for vote in votes {
        let Some(text) = put_digits(first, &vote.text) else { continue };
        let weight = weigh(&text, vote.weight);
        match sums.iter_mut().find(|(known, _)| *known == text) {
            Some((_, sum)) => *sum += weight,
            None => sums.push((text, weight)),
        }
    }
    let whole: f32 = sums.iter().map(|(_, sum)| sum).sum::<f32>().max(f32::MIN_POSITIVE);
    for (_, sum) in &mut sums {
        *sum /= whole;
    }
    // A tie stays with the first reading.
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (text, share) = sums.remove(0);
    sums.retain(|(text, share)| *share >= LEAST || text == first);
    sums.truncate(MOST);
    Outcome { text, share, rivals: sums }
}

/// The digits of `text`, and nothing else.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Runs of digits in `text`: their byte ranges.
pub(super) fn runs(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + c.len_utf8(),
            _ => runs.push(at..at + c.len_utf8()),
        }
    }
    runs
}

/// `first` with the digits of another reading of it. None if the two do not part alike.
pub(super) fn put_digits(first: &str, other: &str) -> Option<String> {
    let (here, there) = (runs(first), runs(other));
    let (old, new) = (digits(first), digits(other));
    let mut text = String::with_capacity(first.len());
    let mut end = 0;
    let mut taken = 0;
    for (index, run) in here.iter().enumerate() {
        text.push_str(&first[end..run.start]);
        if old.len() == new.len() {
            text.push_str(&new[taken..taken + run.len()]);
        } else if here.len() == there.len() {
            text.push_str(&other[there[index].clone()]);
        } else {
            return None;
        }
        taken += run.len();
        end = run.end;
    }
    text.push_str(&first[end..]);
    (!here.is_empty()).then_some(text)
}

fn weigh(text: &str, weight: f32) -> f32 {
    if is_possible(text) { weight } else { weight * 0.25 }
}

static DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\D*([0-9]{1,2})([/.-])([0-9]{1,2})([/.-])([0-9]{4})\D*$").ok());
static YEAR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[0-9][a-z]?/([0-9]+)/\p{Lu}").ok());

/// Whether a token could stand in a document: days are in the calendar, years are years.
pub(super) fn is_possible(text: &str) -> bool {
    let number = |part: Option<regex::Match<'_>>| part.and_then(|part| part.as_str().parse::<i16>().ok());
    if let Some(date) = DATE.as_ref().and_then(|date| date.captures(text)).filter(|date| date[2] == date[4]) {
        let day = number(date.get(1)).and_then(|day| i8::try_from(day).ok());
        let month = number(date.get(3)).and_then(|month| i8::try_from(month).ok());
        return match (day, month, number(date.get(5))) {
            (Some(day), Some(month), Some(year)) => {
                (1900..2100).contains(&year) && jiff::civil::Date::new(year, month, day).is_ok()
            }
            _ => false,
        };
    }
    match YEAR.as_ref().and_then(|year| year.captures(text)) {
        Some(year) => number(year.get(1)).is_some_and(|year| (1945..2100).contains(&year)),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(text: &str, weight: f32) -> Vote {
        Vote { text: text.into(), weight }
    }

    #[test]
    fn digits_of_another_reading_go_where_they_belong() {
        for (first, other, expected) in [
            ("32/2026/TT-BTC", "55/2026/", Some("55/2026/TT-BTC")),
            ("5/2026/TT-BTC;", "55/2026/TI-BIC", Some("55/2026/TT-BTC;")),
            ("03.10.2017", "03102019", Some("03.10.2019")),
            ("5512026/TT-BTC", "55/2026/TT-BTC", None),
            ("NQ-CP", "1", None),
            ("12/NQ-CP", "", None),
        ] {
            assert_eq!(put_digits(first, other).as_deref(), expected, "{first} {other}");
        }
    }

    #[test]
    fn most_votes_win_and_the_first_reading_is_kept() {
        let outcome = count("32/2026/TT-BTC", &[vote("55/2026/", 0.8), vote("55/2026/TT-BTC", 0.8)]);
        assert_eq!(outcome.text, "55/2026/TT-BTC");
        assert_eq!(outcome.rivals[0].0, "32/2026/TT-BTC");
        assert!(outcome.share > 0.6 && outcome.share < 0.63);
        let alone = count("32/2026/TT-BTC", &[]);
        assert_eq!((alone.text.as_str(), alone.share, alone.rivals.len()), ("32/2026/TT-BTC", 1.0, 0));
    }

    #[test]
    fn what_cannot_be_has_a_weak_voice() {
        for (text, possible) in [
            ("31/6/2024", false),
            ("30/6/2024", true),
            ("(03/10/2017)", true),
            ("55/2026/TT-BTC", true),
            ("55/2926/TT-BTC", false),
            ("12/NQ-CP", true),
        ] {
            assert_eq!(is_possible(text), possible, "{text}");
        }
        assert_eq!(count("31/6/2024", &[vote("21/6/2024", 0.8)]).text, "21/6/2024");
    }

    proptest::proptest! {
        #[test]
        fn shares_are_shares(first in "\\PC{0,12}", others in proptest::collection::vec("[0-9/.-]{0,8}", 0..5)) {
            let votes: Vec<Vote> = others.iter().map(|text| vote(text, 0.7)).collect();
            let outcome = count(&first, &votes);
            let sum = outcome.share + outcome.rivals.iter().map(|(_, share)| share).sum::<f32>();
            proptest::prop_assert!(sum <= 1.001);
            proptest::prop_assert_eq!(runs(&outcome.text).len(), runs(&first).len());
        }
    }
}
