//! What is due again and again: "hằng năm", "định kỳ 6 tháng", "trước ngày 25 hằng tháng".
//!
//! Where the words allow it the rule is written after RFC 5545; "thường xuyên" has none. Knows words
//! and periods, not tasks.

use std::sync::LazyLock;

use regex::Regex;

use super::period::{Grain, Period};
use super::{Context, Source, number_word};
use crate::parse::date::expression;
use crate::parse::found::{Deadline, DeadlineKind};

static EVERY: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"\b(?:(?:(dinh k[yi_])\s*(?:,\s*)?)?(?:hang|moi)\s+(nam|thang|quy|tuan|ngay)\b|(dinh k[yi_])(?:\s+([0-9]{1,2}|[a-z]+)\s+(thang|tuan|ngay|nam)(?:/lan|\s+mot\s+lan)?)?|(thuong\s+xuyen)|([0-9]{1,2})\s*lan\s*(?:/|mot\s+)\s*(ngay|tuan|thang|quy|nam)|([0-9]{1,2})\s+thang\s*/\s*lan|(dot\s+xuat))",
    )
});

/// The recurring deadline in the words, if there is one.
pub(super) fn read(source: &Source<'_>, periods: &[Period]) -> Option<Deadline> {
    let part = source.plain();
    let label = source.context == Context::Label;
    if let Some(quarterly) = quarter_end(source) {
        return Some(quarterly);
    }
    // Where several words recur, the one with a period beside it says most.
    let found = EVERY.captures_iter(part).filter_map(|hit| one(source, periods, part, label, &hit));
    found.reduce(|best, next| if next.0 && !best.0 { next } else { best }).map(|(_, found)| found)
}

/// The deadline that one recurring word gives, and whether a period stands beside it.
fn one(
    source: &Source<'_>,
    periods: &[Period],
    part: &str,
    label: bool,
    hit: &regex::Captures<'_>,
) -> Option<(bool, Deadline)> {
    let whole = hit.get(0)?;
    if hit.get(10).is_some() && !label {
        return None;
    }
    if !label && !is_due(part, whole.start(), whole.end(), hit) {
        return None;
    }
    let (mut from, mut to) = (source.from + whole.start(), source.from + whole.end());
    let mut rule = rule(hit, part);
    // "trước ngày 15 tháng 12 hằng năm", "tháng 3, 6, 9, 12 hằng năm": the period belongs to it.
    let beside = periods.iter().find(|period| {
        let gap = |a: usize, b: usize| source.folded.text().get(a..b).is_some_and(is_close);
        gap(period.to, from) || gap(to, period.from) || (period.from < from && from < period.to)
    });
    // "Hằng năm, tổng hợp, báo cáo … trước ngày 15 tháng 12": the day that a yearly duty has, in its clause.
    let yearly = hit.get(2).is_some_and(|unit| unit.as_str() == "nam");
    let beside = beside.or_else(|| {
        periods.iter().find(|period| {
            let between = source.folded.text().get(to..period.from);
            yearly
                && period.inferred
                && period.grain == Grain::Day
                && between.is_some_and(|words| words.len() < 140 && !words.contains([';', '.', ':']))
        })
    });
    let mut close = beside.is_some();
    if let Some(period) = beside {
        if period.grain != Grain::Year || period.to > from {
            rule = refined(period, rule);
        }
        from = from.min(period.from);
        to = to.max(period.to);
        // "trước ngày 01/6 và 15/11 hằng năm": every day of the list.
        let mut days = vec![period];
        while let Some(earlier) = periods.iter().find(|other| {
            other.grain == Grain::Day
                && period.grain == Grain::Day
                && source.folded.text().get(other.to..from).is_some_and(is_link)
        }) {
            days.push(earlier);
            from = earlier.from;
        }
        if days.len() > 1 {
            rule = same_day(&days);
        }
    } else if let Some(day) = month_day(source, from, to) {
        close = true;
        (from, to) = (day.from.min(from), day.to.max(to));
        rule = Some(day.rule);
    }
    from = with_binding(source, from);
    let deadline = Deadline {
        kind: DeadlineKind::Recurring,
        start: None,
        end: None,
        inclusive: !source.folded.text()[from..to].contains("truoc"),
        text: source.words(from, to, if label { 0.9 } else { 0.75 }),
        tentative: false,
        recurrence: rule,
        anchor: None,
        computed: None,
    };
    Some((close, deadline))
}

/// Whether the words between two days make them a list.
fn is_link(gap: &str) -> bool {
    matches!(gap.trim().trim_matches(','), "" | "va" | "va ngay" | "ngay" | "va truoc ngay" | "truoc ngay")
        && !gap.is_empty()
}

/// One rule for days that are the same day of several months; a rule would mix up others.
fn same_day(days: &[&Period]) -> Option<String> {
    let day = days.first()?.day?;
    let mut months =
        days.iter().map(|period| period.month.filter(|_| period.day == Some(day))).collect::<Option<Vec<_>>>()?;
    months.sort_unstable();
    let months: Vec<String> = months.iter().map(i8::to_string).collect();
    Some(format!("FREQ=YEARLY;BYMONTH={};BYMONTHDAY={day}", months.join(",")))
}

/// Whether no more than a blank, a comma or "của" stands between.
fn is_close(gap: &str) -> bool {
    matches!(gap.trim().trim_matches(','), "" | "cua" | "truoc" | "truoc ngay" | "vao" | "vao ngay" | "va")
}

/// Whether the word says when something is due, and not of what sort it is ("giáo dục thường xuyên",
/// "chi thường xuyên", "chế độ báo cáo định kỳ, đột xuất", "dự toán hằng năm").
fn is_due(part: &str, from: usize, to: usize, hit: &regex::Captures<'_>) -> bool {
    let before = part[..from].trim_end();
    let last = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let after = part[to..].trim_start();
    let opens = before.is_empty() || before.ends_with(['.', ';', ':', '-', '+', ')', '\n']);
    if hit.get(6).is_some() {
        return opens;
    }
    if hit.get(3).is_some() && hit.get(4).is_none() {
        let kind_of_report = matches!(last, "cao" | "bao cao") && after.starts_with([',', '(']);
        let followed = [
            "bao cao",
            "to chuc",
            "cap nhat",
            "tong hop",
            "cong bo",
            "kiem tra",
            "ra soat",
            "danh gia",
            "gui",
            "theo",
            "truoc",
            "so ket",
            "tham muu",
            "thong bao",
            "ky",
            "hop",
            "ra",
            "cung cap",
            "thuc hien",
            "kiem",
            "giao ban",
        ]
        .iter()
        .any(|word| after.starts_with(word));
        return !kind_of_report && (opens || followed || before.ends_with(','));
    }
    // "ngân sách hằng năm", "kế hoạch hằng năm" say which, unless the sentence opens with it.
    !matches!(last, "toan" | "hoach" | "xuyen" | "hoc" | "tac" | "trinh")
}

/// The rule that the words give.
fn rule(hit: &regex::Captures<'_>, part: &str) -> Option<String> {
    let freq = |unit: &str, count: i32| -> Option<String> {
        let (name, interval) = match unit {
            "nam" => ("YEARLY", count),
            "thang" => ("MONTHLY", count),
            "quy" => ("MONTHLY", 3 * count),
            "tuan" => ("WEEKLY", count),
            "ngay" => ("DAILY", count),
            _ => return None,
        };
        Some(if interval == 1 { format!("FREQ={name}") } else { format!("FREQ={name};INTERVAL={interval}") })
    };
    if let Some(unit) = hit.get(2) {
        return freq(unit.as_str(), 1);
    }
    if let (Some(count), Some(unit)) = (hit.get(4), hit.get(5)) {
        return freq(unit.as_str(), number_word(count.as_str())?);
    }
    if let Some(count) = hit.get(9) {
        return freq("thang", count.as_str().parse().ok()?);
    }
    if let (Some(count), Some(unit)) = (hit.get(7), hit.get(8)) {
        return (count.as_str() == "1").then(|| freq(unit.as_str(), 1)).flatten();
    }
    // "định kỳ, hằng quý" in one go; "6 tháng đầu năm và cả năm" is a pair of reports.
    if part.contains("thang dau nam va ca nam") {
        return Some("FREQ=YEARLY;BYMONTH=6,12".into());
    }
    None
}

/// The rule with month and day of the period beside it.
fn refined(period: &Period, rule: Option<String>) -> Option<String> {
    let months = |months: &[i8]| months.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
    match (period.grain, period.month, period.day) {
        (Grain::Day, Some(month), Some(day)) => Some(format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}")),
        (Grain::Month, ..) => Some(format!("FREQ=YEARLY;BYMONTH={}", months(&period.months))),
        (Grain::Range, ..) if !period.months.is_empty() => {
            let (first, last) = (period.months[0], *period.months.last()?);
            let all: Vec<i8> = (first.min(last)..=last.max(first)).collect();
            Some(format!("FREQ=YEARLY;BYMONTH={}", months(&all)))
        }
        _ => rule,
    }
}

struct MonthDay {
    from: usize,
    to: usize,
    rule: String,
}

/// "trước ngày 25 hằng tháng": a day of the month without a month.
fn month_day(source: &Source<'_>, from: usize, to: usize) -> Option<MonthDay> {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| expression(r"\bngay\s+(?:thu\s+)?([0-9]{1,2})\s*(?:cua\s+)?$"));
    let plain = source.folded.text();
    let monthly = plain[from..to].ends_with("thang");
    let window = from.saturating_sub(20).max(source.from);
    let day = BEFORE.captures(&plain[window..from]).filter(|_| monthly)?;
    let number: i8 = day[1].parse().ok().filter(|day| (1..=31).contains(day))?;
    let start = window + day.get(0).map_or(0, |whole| whole.start());
    Some(MonthDay { from: start, to, rule: format!("FREQ=MONTHLY;BYMONTHDAY={number}") })
}

/// "trước ngày 15 tháng cuối quý", and "… năm sau" for yearly reports.
fn quarter_end(source: &Source<'_>) -> Option<Deadline> {
    static LAST: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b(?:dinh ky\s+)?(truoc\s+)?ngay\s+([0-9]{1,2})\s+(?:(?:cua\s+)?thang\s+cuoi\s+(?:cua\s+)?(?:moi\s+)?quy|(?:thang\s+|/)([0-9]{1,2})\s+(?:cua\s+)?nam\s+sau)|\b(?:sau|0?6)\s+thang\s+dau\s+nam\s+va\s+ca\s+nam",
        )
    });
    let hit = LAST.captures(source.plain())?;
    let whole = hit.get(0)?;
    let rule = match (hit.get(2), hit.get(3)) {
        (Some(day), Some(month)) => {
            let (day, month): (i8, i8) = (day.as_str().parse().ok()?, month.as_str().parse().ok()?);
            format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}")
        }
        (Some(day), None) => format!("FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY={}", day.as_str().parse::<i8>().ok()?),
        _ => "FREQ=YEARLY;BYMONTH=6,12".into(),
    };
    let (from, to) = (source.from + whole.start(), source.from + whole.end());
    Some(Deadline {
        kind: DeadlineKind::Recurring,
        start: None,
        end: None,
        inclusive: hit.get(1).is_none(),
        text: source.words(from, to, 0.85),
        tentative: false,
        recurrence: Some(rule),
        anchor: None,
        computed: None,
    })
}

/// Where "định kỳ trước ngày" before the period starts.
fn with_binding(source: &Source<'_>, from: usize) -> usize {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b(?:dinh k[yi]\s+)?(?:truoc|cham nhat|vao|tu)\s+(?:ngay\s+|la\s+|den\s+)?(?:[0-9]{1,2}h[0-9]{0,2}'?\s*)?$",
        )
    });
    let window = from.saturating_sub(40).max(source.from);
    WORDS.find(&source.folded.text()[window..from]).map_or(from, |words| window + words.start())
}
