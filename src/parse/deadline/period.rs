//! Calendar periods: days, weeks, months, quarters, half-years, years and ranges of them.
//!
//! Finds each with its first and last day, in folded text. A year that is not printed is inferred:
//! the first such period that does not end before the day of issue. Whether a period is a deadline,
//! and how it is bound, is said by the words around it, which are not looked at here.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::{Captures, Regex};

use crate::parse::date::{dates_in, expression, month_number};
use crate::parse::folded::Folded;

/// What a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    Day,
    Month,
    Quarter,
    Year,
    /// A school year or a term of one, whose days are set every year anew.
    School,
    /// A range between two others, or a part of one.
    Range,
    /// A period that programmes are named by ("giai đoạn 2021-2025").
    Stage,
}

/// A period in the folded text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Period {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) start: Option<Date>,
    pub(super) end: Option<Date>,
    pub(super) grain: Grain,
    /// The year was not printed.
    pub(super) inferred: bool,
    /// A convention says where it begins and ends ("đầu quý I", "năm học 2024-2025").
    pub(super) approximate: bool,
    /// Month and day where no year is printed: what a yearly rule needs.
    pub(super) month: Option<i8>,
    pub(super) day: Option<i8>,
    /// Months of a list ("tháng 3, 6, 9, 12").
    pub(super) months: Vec<i8>,
}

const YEAR: &str = "((?:19|20)[0-9]{2})";

struct Patterns {
    quarter: Regex,
    month: Regex,
    partial: Regex,
    half: Regex,
    year: Regex,
    stage: Regex,
    school: Regex,
    week: Regex,
    bare_year: Regex,
    rest: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let month = "(?:1[0-2]|0?[1-9]|muoi hai|muoi mot|muoi|hai|ba|tu|bon|nam|sau|bay|tam|chin|gieng)";
    let quarter = "(?:iv|i{1,3}|0?[1-4])";
    let year = format!(r"(?:\s*[,/-]?\s*(?:n[ai]{{1,2}}m\s+)?{YEAR}\b)?");
    Patterns {
        quarter: expression(&format!(
            r"\bqu[yif]\s*({quarter})\b(?:\s*(?:,|va|den|-)\s*(?:quy\s+)?({quarter})\b)?{year}"
        )),
        month: expression(&format!(
            r"\bth[a-z]{{1,2}}ng\s+({month})\b((?:\s*(?:,|va|-|den)\s*(?:thang\s+)?{month}\b)*){year}"
        )),
        partial: expression(&format!(
            r"\b(?:(ng[a-z]{{1,2}}y)\s+)?([0-9]{{1,2}})\s?(?:[/.-]\s?(1[0-2]|0?[1-9])\b|\s*th[a-z]{{1,2}}ng\s+({month})\b)"
        )),
        half: expression(&format!(
            r"\b(0?[1-9]|1[01]|sau|chin|ba)\s+thang\s+(dau|cuoi)\s+(?:cua\s+)?nam(?:\s+{YEAR})?\b|\bnua\s+(dau|cuoi)\s+nam(?:\s+{YEAR})?\b"
        )),
        year: expression(&format!(r"\bn[ai]{{1,2}}m\s+{YEAR}(?:\s*(?:-|den|den nam)\s*{YEAR})?\b")),
        stage: expression(&format!(
            r"\b(?:giai\s+doan|nhiem\s+ky|thoi\s+ky)\s*(?:tu\s+)?(?:nam\s+)?{YEAR}\s*(?:-|den|den nam)\s*{YEAR}\b"
        )),
        school: expression(&format!(r"\b(?:hoc\s+k[yi]\s+(ii|i|1|2)\s*[,-]?\s*)?nam\s+hoc\s*{YEAR}\s*-\s*{YEAR}\b")),
        week: expression(&format!(
            r"\btuan\s+(?:thu\s+)?([1-5]|i{{1,3}}|iv)\s*[,/]?\s*(?:cua\s+)?thang\s+({month})\b{year}"
        )),
        bare_year: expression(&format!(r"\b{YEAR}(?:\s*-\s*{YEAR})?\b")),
        rest: expression(r"\b(dau|giua|cuoi|het|trong|ca)\s+$"),
    }
});

/// The periods in bytes `from` to `to`, in order, none inside another. `bare` allows a year that
/// stands alone, as in the cell of a table.
pub(super) fn find_periods(
    folded: &Folded,
    text: &str,
    (from, to): (usize, usize),
    issued: Option<Date>,
    bare: bool,
) -> Vec<Period> {
    let part = &folded.text()[from..to];
    let mut found = Vec::new();
    for date in dates_in(folded, text, from, to) {
        let place = (folded.place(date.span.start()), folded.place(date.span.end()));
        found.push(Period {
            day: Some(date.value.day()),
            ..period(place, Some(date.value), Some(date.value), Grain::Day)
        });
    }
    let all = &*PATTERNS;
    collect(&mut found, &all.school, part, (from, bare), school);
    collect(&mut found, &all.stage, part, (from, bare), |hit| years(hit.get(1), hit.get(2), Grain::Stage));
    collect(&mut found, &all.week, part, (from, bare), |hit| week(hit, issued));
    collect(&mut found, &all.half, part, (from, bare), |hit| half(hit, issued));
    collect(&mut found, &all.quarter, part, (from, bare), |hit| quarter(hit, issued));
    collect(&mut found, &all.partial, part, (from, bare), |hit| partial(hit, issued));
    collect(&mut found, &all.month, part, (from, bare), |hit| month(hit, issued));
    collect(&mut found, &all.year, part, (from, bare), |hit| years(hit.get(1), hit.get(2), Grain::Year));
    if bare {
        // "Tết Ất Tỵ 2025" is named by its year, not due in it.
        let mut alone = Vec::new();
        collect(&mut alone, &all.bare_year, part, (from, bare), |hit| years(hit.get(1), hit.get(2), Grain::Year));
        alone.retain(|period| {
            let before = folded.text()[from..period.from].trim_end();
            let word = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
            word.is_empty() || matches!(word, "nam" | "tu" | "den" | "va" | "trong" | "toi" | "kien" | "gian" | "doan")
        });
        found.append(&mut alone);
    }
    found.sort_by_key(|period| (period.from, std::cmp::Reverse(period.to)));
    let mut kept: Vec<Period> = Vec::with_capacity(found.len());
    for period in found {
        match kept.last() {
            Some(last) if period.from < last.to => {}
            _ => kept.push(period),
        }
    }
    for period in &mut kept {
        take_part(period, folded.text(), from);
    }
    join_ranges(kept, folded.text(), from)
}

fn collect(
    found: &mut Vec<Period>,
    pattern: &Regex,
    part: &str,
    (offset, bare): (usize, bool),
    read: impl Fn(&Captures<'_>) -> Option<Period>,
) {
    for hit in pattern.captures_iter(part) {
        let Some(whole) = hit.get(0) else { continue };
        if let Some(period) = read(&hit) {
            // A date of its own must not be cut: "01/7" of "01/7/2024", "2/3" of "2/3.000".
            let next = part.as_bytes().get(whole.end()..whole.end() + 2).unwrap_or_default();
            if matches!(next, [b'/' | b'.' | b'-' | b',', b'0'..=b'9']) && period.grain == Grain::Day {
                continue;
            }
            // "9-5" is a day only where something binds it.
            if period.grain == Grain::Day && whole.as_str().starts_with(|c: char| c.is_ascii_digit()) && !bare {
                let bound = ["den", "truoc", "nhat", "la", "tu"]
                    .iter()
                    .any(|word| part[..whole.start()].trim_end().ends_with(word));
                if !whole.as_str().contains('/') && !whole.as_str().contains("th") && !bound {
                    continue;
                }
            }
            let before = whole.start().checked_sub(1).map(|at| part.as_bytes()[at]);
            if before.is_some_and(|b| matches!(b, b'/' | b'.' | b',')) {
                continue;
            }
            found.push(Period { from: offset + whole.start(), to: offset + whole.end(), ..period });
        }
    }
}

const fn period(place: (usize, usize), start: Option<Date>, end: Option<Date>, grain: Grain) -> Period {
    Period {
        from: place.0,
        to: place.1,
        start,
        end,
        grain,
        inferred: false,
        approximate: false,
        month: None,
        day: None,
        months: Vec::new(),
    }
}

fn number(text: Option<regex::Match<'_>>) -> Option<i16> {
    text?.as_str().parse().ok()
}

/// The last day of a month.
pub(super) fn month_end(year: i16, month: i8) -> Option<Date> {
    Some(Date::new(year, month, 1).ok()?.last_of_month())
}

fn months(year: i16, first: i8, last: i8) -> (Option<Date>, Option<Date>) {
    (Date::new(year, first, 1).ok(), month_end(year, last))
}

/// The year of a period that ends in `month`, `day`: the first that does not end before the day of
/// issue.
fn infer_year(issued: Option<Date>, ends: impl Fn(i16) -> Option<Date>) -> Option<i16> {
    let issued = issued?;
    let this = issued.year();
    if ends(this)? >= issued { Some(this) } else { Some(this + 1) }
}

fn quarter_number(text: &str) -> Option<i8> {
    match text {
        "i" => Some(1),
        "ii" => Some(2),
        "iii" => Some(3),
        "iv" => Some(4),
        digits => digits.parse().ok().filter(|quarter| (1..=4).contains(quarter)),
    }
}

fn quarter(hit: &Captures<'_>, issued: Option<Date>) -> Option<Period> {
    let first = quarter_number(&hit[1])?;
    let last = hit.get(2).and_then(|last| quarter_number(last.as_str())).unwrap_or(first);
    let printed = number(hit.get(3));
    let year = printed.or_else(|| infer_year(issued, |year| month_end(year, last * 3)));
    let (start, end) = year.map_or((None, None), |year| months(year, first * 3 - 2, last * 3));
    Some(Period { inferred: printed.is_none(), ..period((0, 0), start, end, Grain::Quarter) })
}

fn month(hit: &Captures<'_>, issued: Option<Date>) -> Option<Period> {
    let first = month_number(&hit[1])?;
    let more: Vec<i8> = hit[2]
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| month_number(word).filter(|_| word.bytes().all(|b| b.is_ascii_digit())))
        .collect();
    let last = more.last().copied().unwrap_or(first);
    let range = hit[2].contains('-') || hit[2].contains("den");
    let listed: Vec<i8> =
        if range && first < last { (first..=last).collect() } else { std::iter::once(first).chain(more).collect() };
    let printed = number(hit.get(3));
    let year = printed.or_else(|| infer_year(issued, |year| month_end(year, last)));
    let (start, end) = year.map_or((None, None), |year| {
        let (start, end) = months(year, first, last);
        // "tháng 10 - tháng 3 năm 2025" began the year before.
        if last < first { (Date::new(year - 1, first, 1).ok(), end) } else { (start, end) }
    });
    Some(Period {
        inferred: printed.is_none(),
        month: Some(last),
        months: listed,
        ..period((0, 0), start, end, Grain::Month)
    })
}

/// A day without a year.
fn partial(hit: &Captures<'_>, issued: Option<Date>) -> Option<Period> {
    let month = hit.get(3).or(hit.get(4)).and_then(|month| month_number(month.as_str()))?;
    let day: i8 = hit[2].parse().ok()?;
    // Any leap year will do to see whether the day can be.
    Date::new(2024, month, day).ok()?;
    let year = infer_year(issued, |year| Date::new(year, month, day).ok().or_else(|| month_end(year, month)));
    let date = year.and_then(|year| Date::new(year, month, day).ok());
    Some(Period { inferred: true, month: Some(month), day: Some(day), ..period((0, 0), date, date, Grain::Day) })
}

fn half(hit: &Captures<'_>, issued: Option<Date>) -> Option<Period> {
    let (count, which, printed) = match hit.get(1) {
        Some(count) => (
            match count.as_str() {
                "sau" => 6,
                "chin" => 9,
                "ba" => 3,
                digits => digits.parse().ok()?,
            },
            hit.get(2)?.as_str(),
            number(hit.get(3)),
        ),
        None => (6, hit.get(4)?.as_str(), number(hit.get(5))),
    };
    let (first, last) = if which == "dau" { (1, count) } else { (13 - count, 12) };
    let year = printed.or_else(|| infer_year(issued, |year| month_end(year, last)));
    let (start, end) = year.map_or((None, None), |year| months(year, first, last));
    Some(Period { inferred: printed.is_none(), month: Some(last), ..period((0, 0), start, end, Grain::Range) })
}

fn years(first: Option<regex::Match<'_>>, last: Option<regex::Match<'_>>, grain: Grain) -> Option<Period> {
    let first = number(first)?;
    let last = number(last).unwrap_or(first);
    let grain = if first == last || grain == Grain::Stage { grain } else { Grain::Range };
    (first <= last).then(|| period((0, 0), Date::new(first, 1, 1).ok(), Date::new(last, 12, 31).ok(), grain))
}

/// September to May, the first term to January: boundaries are set every year by decision.
fn school(hit: &Captures<'_>) -> Option<Period> {
    let (first, last) = (number(hit.get(2))?, number(hit.get(3))?);
    let (start, end) = match hit.get(1).map(|term| term.as_str()) {
        Some("i" | "1") => (Date::new(first, 9, 1).ok(), month_end(last, 1)),
        Some(_) => (Date::new(last, 1, 1).ok(), month_end(last, 5)),
        None => (Date::new(first, 9, 1).ok(), month_end(last, 5)),
    };
    Some(Period { approximate: true, ..period((0, 0), start, end, Grain::School) })
}

fn week(hit: &Captures<'_>, issued: Option<Date>) -> Option<Period> {
    let week = quarter_number(&hit[1]).or_else(|| hit[1].parse().ok())?;
    let month = month_number(&hit[2])?;
    let printed = number(hit.get(3));
    let year = printed.or_else(|| infer_year(issued, |year| month_end(year, month)))?;
    let start = Date::new(year, month, 1).ok()?.checked_add((i32::from(week - 1) * 7).days()).ok()?;
    let end = start.checked_add(6.days()).ok()?.min(month_end(year, month)?);
    Some(Period {
        inferred: printed.is_none(),
        approximate: true,
        ..period((0, 0), Some(start), Some(end), Grain::Range)
    })
}

/// "đầu", "giữa", "cuối" before a period take a part of it: thirds of a month (to the 10th, the
/// 20th, the end), months of a quarter, of a year the first quarter, the two in the middle, the last.
fn take_part(period: &mut Period, plain: &str, floor: usize) {
    let window = period.from.saturating_sub(8).max(floor);
    let Some(word) = PATTERNS.rest.captures(&plain[window..period.from]) else { return };
    let (Some(start), Some(end)) = (period.start, period.end) else { return };
    let part = &word[1];
    if !matches!(part, "dau" | "giua" | "cuoi") {
        return;
    }
    let day = |year, month, day| Date::new(year, month, day).ok();
    let (year, month) = (start.year(), start.month());
    let (first, last) = match (period.grain, part) {
        (Grain::Month, "dau") => (Some(start), day(year, month, 10)),
        (Grain::Month, "giua") => (day(year, month, 11), day(year, month, 20)),
        (Grain::Month, _) => (day(end.year(), end.month(), 21), Some(end)),
        (Grain::Quarter, "dau") => (Some(start), month_end(year, month)),
        (Grain::Quarter, "giua") => (day(year, month + 1, 1), month_end(year, month + 1)),
        (Grain::Quarter, _) => (day(end.year(), end.month(), 1), Some(end)),
        (Grain::Year, "dau") => (Some(start), month_end(year, 3)),
        (Grain::Year, "giua") => (day(year, 4, 1), month_end(year, 9)),
        (Grain::Year, _) => (day(end.year(), 10, 1), Some(end)),
        _ => return,
    };
    period.from = window + word.get(1).map_or(0, |word| word.start());
    (period.start, period.end, period.approximate) = (first, last, true);
}

/// "từ A đến B", "A - B": one period. Of the left side only the day may be printed.
fn join_ranges(periods: Vec<Period>, plain: &str, floor: usize) -> Vec<Period> {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| expression(r"^\s*(?:\([^)]{0,20}\)\s*)?(?:-|den|toi|den het|cho den|den cuoi)\s*$"));
    static DAY: LazyLock<Regex> =
        LazyLock::new(|| expression(r"\b(?:tu\s+)?(?:ngay\s+)?([0-9]{1,2})\s*(?:-|den|den ngay|va)\s*$"));
    static FROM: LazyLock<Regex> = LazyLock::new(|| expression(r"\b(?:bat dau\s+)?tu\s*$"));
    let mut joined: Vec<Period> = Vec::with_capacity(periods.len());
    for mut period in periods {
        if let Some(last) = joined.last_mut() {
            let linked = plain.get(last.to..period.from).is_some_and(|gap| LINK.is_match(gap));
            if linked && last.grain != Grain::Stage {
                // The left side borrows the year of the right one.
                if last.inferred && !period.inferred {
                    if let (Some(start), Some(end)) = (last.start, period.end) {
                        let year = if (start.month(), start.day()) <= (end.month(), end.day()) {
                            end.year()
                        } else {
                            end.year() - 1
                        };
                        last.start = Date::new(year, start.month(), start.day()).ok();
                        last.inferred = false;
                    } else if let (Some(month), Some(day), Some(end)) = (last.month, last.day, period.end) {
                        last.start = Date::new(end.year(), month, day).ok();
                        last.inferred = false;
                    }
                }
                if last.start <= period.end || period.end.is_none() {
                    last.to = period.to;
                    last.end = period.end;
                    last.grain = Grain::Range;
                    last.inferred |= period.inferred;
                    last.months.append(&mut period.months);
                    last.day = None;
                    continue;
                }
            }
        }
        if period.grain == Grain::Day {
            let window = period.from.saturating_sub(24).max(joined.last().map_or(floor, |last| last.to));
            if let (Some(hit), Some(end)) = (DAY.captures(&plain[window..period.from]), period.end) {
                let first = hit[1].parse().ok().and_then(|day| Date::new(end.year(), end.month(), day).ok());
                if let Some(first) = first.filter(|first| *first <= end) {
                    period.start = Some(first);
                    period.from = window + hit.get(0).map_or(0, |whole| whole.start());
                    period.grain = Grain::Range;
                    period.day = None;
                }
            }
        }
        joined.push(period);
    }
    for period in &mut joined {
        if period.grain == Grain::Range {
            let window = period.from.saturating_sub(12).max(floor);
            if let Some(word) = FROM.find(&plain[window..period.from]) {
                period.from = window + word.start();
            }
        }
    }
    joined
}
