//! Full dates: day, month and year, in every form that official documents print.
//!
//! Matches on the folded text, so that `ngày 05 tháng 3 năm 2020`, `ngay 04 thang 12 niam 2024` and
//! `15-11-2004` are all read; always day before month (Nghị định 30/2020/NĐ-CP, Phụ lục I, II.4).
//! Knows nothing of what a date means: periods and dates without a year belong to
//! [`deadline`](super::deadline).

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Regex, RegexBuilder};

use super::folded::Folded;
use super::found::Found;
use crate::text::{Note, Span};

/// Months in words (tháng bốn), as Phụ lục II of Nghị định 30/2020/NĐ-CP writes them in capitals.
const MONTHS: [(&str, i8); 15] = [
    ("muoi hai", 12),
    ("muoi mot", 11),
    ("muoi", 10),
    ("gieng", 1),
    ("mot", 1),
    ("hai", 2),
    ("ba", 3),
    ("tu", 4),
    ("bon", 4),
    ("nam", 5),
    ("sau", 6),
    ("bay", 7),
    ("tam", 8),
    ("chin", 9),
    ("chap", 12),
];

/// The three words in their damaged forms: a vowel or two misread, a letter lost or doubled.
static IN_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let months: Vec<_> = MONTHS.iter().map(|(name, _)| name.replace(' ', r"\s+")).collect();
    let pattern = format!(
        r"(?:\bng[a-z]{{1,2}}y[\s:]*)?\b([0-9]{{1,2}})[\s,/]*th[a-z]{{1,3}}g\s*([0-9]{{1,2}}|{})[\s,./]*n[ai]{{1,2}}m\s*([0-9]{{4}})\b",
        months.join("|")
    );
    expression(&pattern)
});

static IN_DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?:\bng[a-z]{1,2}y[\s:]*)?([0-9]{1,2})\s{0,2}([/.-])\s{0,2}([0-9]{1,2})\s{0,2}([/.-])\s{0,2}([0-9]{4}|[0-9]{2})",
    )
});

/// Compiles an expression that stands in the source, for folded text: its classes are ASCII's where the
/// pattern allows it, which makes it a fraction of the size of one that knows all letters.
pub(crate) fn expression(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .unicode(false)
        .build()
        .or_else(|_| Regex::new(pattern))
        .unwrap_or_else(|error| unreachable!("an expression in the source: {error}"))
}

/// Every full date in the part of `text` that `within` covers, in order. The span of each takes in
/// the word "ngày" where it is printed. A day that no calendar has (31 tháng 6) is not a date.
pub fn find_dates(text: &str, within: Span) -> Vec<Found<Date>> {
    let folded = Folded::new(text, within);
    dates_in(&folded, text, 0, folded.text().len())
}

/// What is written like a day and is none: "31 tháng 6 năm 2024". A note for each, at most `most`.
pub(crate) fn impossible_in(folded: &Folded, most: usize) -> Vec<Note> {
    let found = IN_WORDS.captures_iter(folded.text()).filter_map(|found| {
        let year: i16 = found[3].parse().ok()?;
        let day = (found[1].parse::<i8>().ok()?, month_number(&found[2])?);
        let whole = found.get(0)?;
        (date(&found[1], &found[2], &found[3]).is_none() && (1900..2100).contains(&year)).then(|| {
            let span = folded.span(whole.start(), whole.end());
            Note::at(span, format!("no calendar has this day: {} tháng {} năm {year}", day.0, day.1))
        })
    });
    found.take(most).collect()
}

/// [`find_dates`] for bytes `from` to `to` of a text that is folded already.
pub(crate) fn dates_in(folded: &Folded, text: &str, from: usize, to: usize) -> Vec<Found<Date>> {
    let part = &folded.text()[..to];
    let mut dates = Vec::new();
    let mut at = from;
    while let Some(found) = IN_WORDS.captures_at(part, at) {
        let (whole, day, month, year) = (&found[0], &found[1], &found[2], &found[3]);
        let start = found.get(0).map_or(at, |whole| whole.start());
        at = start + whole.len();
        if let Some(value) = date(day, month, year) {
            let span = folded.span(start, at);
            let confidence = match (whole.starts_with('n'), span.of(text).contains("tháng")) {
                (true, true) => 0.98,
                (false, true) => 0.95,
                _ => 0.85,
            };
            dates.push(Found::new(value, span, "date.words", confidence));
        }
    }
    let mut at = from;
    while let Some(found) = IN_DIGITS.captures_at(part, at) {
        let start = found.get(0).map_or(at, |whole| whole.start());
        let end = start + found[0].len();
        let named = found[0].starts_with('n');
        match in_digits(&found, part, start, end) {
            Some((value, confidence)) => {
                dates.push(Found::new(value, folded.span(start, end), "date.digits", confidence));
                at = end;
            }
            // What begins inside a refused match may still be one: "15-20/12/2024".
            None => at = if named { found.get(1).map_or(end, |day| day.start()) } else { start + 1 },
        }
    }
    dates.sort_by_key(|date| date.span);
    dates
}

/// The date of a match of [`IN_DIGITS`], if what stands around it lets it be one.
fn in_digits(found: &regex::Captures<'_>, part: &str, start: usize, end: usize) -> Option<(Date, f32)> {
    let named = found[0].starts_with('n');
    if found[2] != found[4] || (found[5].len() == 2 && !named) {
        return None;
    }
    let bytes = part.as_bytes();
    let before = start.checked_sub(1).map_or(b' ', |at| bytes[at]);
    if !named && (before.is_ascii_alphanumeric() || matches!(before, b'/' | b'.' | b'_')) {
        return None;
    }
    let after = bytes.get(end).copied().unwrap_or(b' ');
    let next = bytes.get(end + 1).copied().unwrap_or(b' ');
    if after.is_ascii_alphanumeric() || (matches!(after, b'/' | b'.' | b'-') && next.is_ascii_alphanumeric()) {
        // "01/7/2024-31/12/2024" is a range, "15.3.2020/QĐ" a number.
        if after != b'-' || !next.is_ascii_digit() {
            return None;
        }
    }
    let confidence = match (named, found[5].len(), &found[2]) {
        (_, 2, _) => 0.5,
        (true, _, _) => 0.97,
        (false, _, "/") => 0.93,
        _ => 0.75,
    };
    Some((date(&found[1], &found[3], &found[5])?, confidence))
}

/// The day that three folded words name. A year of two digits is one of 1945 to 2044.
fn date(day: &str, month: &str, year: &str) -> Option<Date> {
    let year: i16 = match year.parse().ok()? {
        short @ 0..=44 => 2000 + short,
        short @ 45..=99 => 1900 + short,
        full => full,
    };
    if !(1900..2100).contains(&year) {
        return None;
    }
    Date::new(year, month_number(month)?, day.parse().ok()?).ok()
}

/// The month that a folded word or number names.
pub(crate) fn month_number(word: &str) -> Option<i8> {
    if let Ok(number) = word.parse() {
        return (1..=12).contains(&number).then_some(number);
    }
    let mut parts = word.split_whitespace();
    let (first, second) = (parts.next()?, parts.next());
    let joined = second.map_or_else(|| first.to_owned(), |second| format!("{first} {second}"));
    MONTHS.iter().find(|(name, _)| *name == joined).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(text: &str) -> Vec<(String, String)> {
        let found = find_dates(text, Span::at(0, text.len()));
        found.iter().map(|date| (date.value.to_string(), date.span.of(text).to_owned())).collect()
    }

    /// Printed form; the date.
    #[test]
    fn reads_the_printed_forms() {
        for (text, expected) in [
            ("ngày 05 tháng 3 năm 2020", "2020-03-05"),
            ("Hà Nội, ngày 5 tháng 01 năm 2020", "2020-01-05"),
            ("ngày 04/02/2008", "2008-02-04"),
            ("ngày 15-11-2004 của Bộ Chính trị", "2004-11-15"),
            ("05 - NQ/TW, ngày 24 - 9 - 2001 về", "2001-09-24"),
            ("(01.02.2020)", "2020-02-01"),
            ("ngày 03 tháng bốn năm 2018", "2018-04-03"),
            ("ngày 20 tháng Mười Một năm 2018", "2018-11-20"),
            ("ngày 01 tháng 4, năm 2003,", "2003-04-01"),
            ("ngay 04 thang 12 nam 2024", "2024-12-04"),
            ("ngay 11 thang 4 niam 2024 cta Uy", "2024-04-11"),
            ("ngày 23 thang 04 nim 2024", "2024-04-23"),
            ("NGÀY 16 THÁNG 7 NĂM 2021", "2021-07-16"),
            ("ngày 15\ntháng 11\nnăm 2023", "2023-11-15"),
            ("15 tháng 3 năm 2025", "2025-03-15"),
            ("ngày 1/5/98", "1998-05-01"),
            ("ngày\u{a0}06/ 11/2025", "2025-11-06"),
            ("từ 15-20/12/2024", "2024-12-20"),
        ] {
            let found = dates(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!(found[0].0, expected, "{text}");
        }
    }

    #[test]
    fn the_span_is_the_printed_date() {
        let text = "Hà Nội, ngày 05 tháng 3 năm 2020.";
        assert_eq!(dates(text)[0].1, "ngày 05 tháng 3 năm 2020");
        assert_eq!(dates("(01/7/2024-31/12/2024)").len(), 2);
    }

    /// Numbers of documents, fractions, impossible days, blanks to be filled.
    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "số 12/3/2020/QĐ-UBND",
            "ngày 31 tháng 6 năm 2024",
            "ngày     tháng 9 năm 2024",
            "tháng 12/2024",
            "24/2024",
            "1.234.5678",
            "điểm 5.1.2024.3",
            "028.3829.1875",
            "15/20/2024",
        ] {
            assert_eq!(dates(text), [], "{text}");
        }
    }

    proptest::proptest! {
        /// Whatever day is printed in words or digits is read back.
        #[test]
        fn printed_dates_are_read_back(year in 1945i16..2099, month in 1i8..=12, day in 1i8..=28) {
            let date = Date::new(year, month, day).expect("present");
            for text in [format!("ngày {day:02} tháng {month} năm {year}"), format!("x {day}/{month:02}/{year};")] {
                let found = find_dates(&text, Span::at(0, text.len()));
                proptest::prop_assert_eq!(found.len(), 1);
                proptest::prop_assert_eq!(found[0].value, date);
            }
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,60}") {
            find_dates(&text, Span::at(0, text.len()));
        }
    }
}
