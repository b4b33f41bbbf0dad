//! Deadlines: from the words of an order to days that a calendar knows.
//!
//! Reads one label ("Thời gian thực hiện: Quý IV năm 2024") or one sentence, and says how its end is
//! bound: up to a day, within a period, again and again, or after something that has no date yet.
//! Nothing is invented: a year is inferred only from the day of issue and with lower confidence,
//! working days are counted only where every holiday in between is known, and a period in a programme's name is no deadline of a sentence.

pub mod calendar;
mod edtf;
mod period;
mod recurring;

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;

pub use self::edtf::edtf;
use self::period::{Grain, Period, find_periods};
use super::cite::squeeze;
use super::date::expression;
use super::folded::Folded;
use super::found::{Computed, Deadline, DeadlineKind, Found};
use crate::text::Span;

/// Where the words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// After a label or in the cell of a table: they are nothing but the deadline.
    Label,
    /// In running text: only words that bind make a period a deadline.
    Sentence,
}

/// The deadline that the part `within` of `text` names, if any. `issued` is the day of issue, from
/// which a missing year and "kể từ ngày ký" are counted.
pub fn read(text: &str, within: Span, context: Context, issued: Option<Date>) -> Option<Deadline> {
    let folded = Folded::new(text, within);
    read_in(&folded, text, (0, folded.text().len()), context, issued)
}

/// [`read`] for a part of a text that is folded already.
pub(crate) fn read_in(
    folded: &Folded,
    text: &str,
    (from, to): (usize, usize),
    context: Context,
    issued: Option<Date>,
) -> Option<Deadline> {
    let source = Source { folded, text, from, to, context, issued };
    let periods = find_periods(folded, text, (from, to), issued, context == Context::Label);
    let bound = periods.iter().filter_map(|period| source.bound(period)).max_by(|a, b| {
        // Of several the firmest, then the finest, and of two the later one: nothing is late before it.
        let key = |bound: &Bound| (bound.strength, std::cmp::Reverse(days(&bound.deadline)));
        key(a).cmp(&key(b)).then_with(|| a.deadline.end.cmp(&b.deadline.end))
    });
    let recurring = recurring::read(&source, &periods);
    if let Some(recurring) = recurring {
        let binds = bound.as_ref().is_none_or(|bound| {
            recurring.text.span.overlaps(bound.deadline.text.span)
                || (bound.strength < Strength::Bound && context == Context::Sentence)
                || (context == Context::Label && bound.deadline.end.is_none())
        });
        if binds {
            return Some(recurring);
        }
    }
    let event = source.event();
    if let Some(bound) = bound {
        // "sau khi … năm 2023": the year belongs to what is waited for.
        let inside = event.as_ref().is_some_and(|event| {
            event.text.span.contains(bound.deadline.text.span) && bound.strength < Strength::Bound
        });
        if !inside {
            return Some(bound.deadline);
        }
    }
    event
}

/// The words that are read, with all that reading them needs.
pub(super) struct Source<'a> {
    folded: &'a Folded,
    text: &'a str,
    from: usize,
    to: usize,
    context: Context,
    issued: Option<Date>,
}

/// How surely a period is a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// A period in a label, whose binding is the label itself.
    Plain,
    /// "trong quý III", "vào ngày …".
    Within,
    /// "trước", "chậm nhất", "đến hết".
    Bound,
}

struct Bound {
    deadline: Deadline,
    strength: Strength,
}

/// How many days an interval takes; a bound takes one.
fn days(deadline: &Deadline) -> i32 {
    match (deadline.kind, deadline.start, deadline.end) {
        (DeadlineKind::Interval, Some(start), Some(end)) => end.since(start).map_or(i32::MAX, |span| span.get_days()),
        // "đến năm 2020" is as coarse as its year.
        (DeadlineKind::Before, _, Some(end)) if end.month() == 12 && end.day() == 31 => 365,
        _ => 1,
    }
}

/// The words before a period that bind it, with an hour between them at most.
static BINDING: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?:\b((?:hoan thanh\s+|xong\s+|gui\s+|ve\s+)*(?:(truoc)|(cham nhat|muon nhat|tre nhat|khong qua|khong muon hon)|(tu nay\s+(?:cho\s+)?den(?:\s+het)?)|(den het|toi het|het|den|toi|den truoc)|(trong|vao|trong khoang|du kien|bat dau tu|tu)))(?:\s+(?:la|den|vao|ngay|het|luc|hoi|khoang|thoi gian|cuoi|trong))*)\s*(?:[0-9]{1,2}\s*(?:gio|h|g)(?:\s*[0-9]{2})?(?:\s*phut)?[',]?\s*)?(?:ngay\s+)?(?:\(?thu [a-z]+\)?,?\s*)?(?:cuoi\s+)?$",
    )
});

impl Source<'_> {
    pub(super) fn plain(&self) -> &str {
        &self.folded.text()[self.from..self.to]
    }

    /// The words between two places of the folded text.
    fn words(&self, from: usize, to: usize, confidence: f32) -> Found<String> {
        let span = self.folded.span(from, to);
        let whole = if self.context == Context::Label { self.folded.span(self.from, self.to) } else { span };
        let printed = whole.of(self.text);
        let trimmed = printed.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ';' | ':' | '|'));
        let start = whole.start() + (trimmed.as_ptr().addr() - printed.as_ptr().addr());
        let rule = match self.context {
            Context::Label => "deadline.label",
            Context::Sentence => "deadline.sentence",
        };
        Found::new(squeeze(trimmed), Span::at(start, start + trimmed.len()), rule, confidence)
    }

    /// The deadline that a period makes with the words before it.
    fn bound(&self, period: &Period) -> Option<Bound> {
        let plain = self.folded.text();
        let window = period.from.saturating_sub(70).max(self.from);
        let before = &plain[window..period.from];
        let hit = BINDING.captures(before).filter(|hit| {
            let at = hit.get(0).map_or(0, |whole| whole.start());
            // "hiện đến năm" is no binding inside a title in quotation marks.
            before[..at].matches('"').count().is_multiple_of(2) || self.context == Context::Label
        });
        let from = hit.as_ref().and_then(|hit| hit.get(0)).map_or(period.from, |whole| window + whole.start());
        let group = hit.as_ref().and_then(|hit| (2..=6).find(|index| hit.get(*index).is_some()));
        let ends_whole = hit.as_ref().is_some_and(|hit| {
            let word = hit.get(1).map_or("", |word| word.as_str());
            word.split_whitespace().any(|word| word == "het") || word.contains("khong qua")
        });
        let mut confidence: f32 = if period.approximate { 0.6 } else { 0.9 };
        if period.inferred {
            confidence = confidence.min(0.7);
        }
        let make = |kind, start, end, inclusive, strength, confidence| Bound {
            deadline: Deadline {
                kind,
                start,
                end,
                inclusive,
                text: self.words(from, period.to, confidence),
                tentative: self.is_tentative(from, period.to),
                recurrence: None,
                anchor: None,
                computed: self.issued.filter(|_| period.inferred).map(|from| Computed {
                    from,
                    offset: None,
                    working_days: false,
                }),
            },
            strength,
        };
        let label = self.context == Context::Label;
        if group.is_none()
            && label
            && let Some(open) = self.open_end(period)
        {
            return Some(open);
        }
        if let Some(unknown) = self.year_of_event(period, from, confidence) {
            return Some(unknown);
        }
        let later = plain[period.to..self.to].trim_start();
        if matches!(period.grain, Grain::Stage) && !label {
            return None;
        }
        match group {
            Some(2) => {
                // Before a period means before its first day; the printed day where one is printed.
                let end = if period.grain == Grain::Day { period.end } else { period.start };
                Some(make(DeadlineKind::Before, None, end, false, Strength::Bound, confidence))
            }
            Some(3) => Some(make(DeadlineKind::Before, None, period.end, true, Strength::Bound, confidence)),
            Some(4) => Some(make(DeadlineKind::Interval, self.issued, period.end, true, Strength::Bound, confidence)),
            Some(5) => {
                // "đến năm 2030, định hướng đến năm 2050": the first is the goal.
                if plain[window..from].trim_end().ends_with("dinh huong")
                    || plain[window..from].trim_end().ends_with("tam nhin")
                    || plain[window..from].trim_end().ends_with("co xet")
                {
                    return None;
                }
                let strength =
                    if ends_whole || period.grain == Grain::Day { Strength::Bound } else { Strength::Within };
                Some(make(DeadlineKind::Before, None, period.end, true, strength, confidence))
            }
            Some(_) if label || Self::binds_within(hit.as_ref(), period, later) => {
                let word = hit.as_ref().and_then(|hit| hit.get(6)).map_or("", |word| word.as_str());
                if !label && word == "vao" && period.grain == Grain::Year {
                    return Some(make(DeadlineKind::Before, None, period.end, true, Strength::Within, confidence));
                }
                let open = word.ends_with("tu") && period.grain == Grain::Day;
                let end = if open { None } else { period.end };
                Some(make(DeadlineKind::Interval, period.start, end, true, Strength::Within, confidence))
            }
            None if label => {
                Some(make(DeadlineKind::Interval, period.start, period.end, true, Strength::Plain, confidence))
            }
            // A range of days binds by itself, and so does a day with its hour.
            None if period.grain == Grain::Range && plain[period.from..].starts_with("tu ") => {
                Some(make(DeadlineKind::Interval, period.start, period.end, true, Strength::Within, confidence))
            }
            None if period.grain == Grain::Day && HOUR.is_match(&plain[window..period.from]) => {
                let at = window + HOUR.find(&plain[window..period.from]).map_or(0, |hour| hour.start());
                let mut bound = make(DeadlineKind::Interval, period.start, period.end, true, Strength::Within, 0.8);
                bound.deadline.text = self.words(at, period.to, 0.8);
                Some(bound)
            }
            _ => None,
        }
    }

    /// "trước ngày 10 tháng 01 của năm thực hiện kế hoạch": a day of a year that is not known. Inferring one
    /// would make a date that looks right.
    fn year_of_event(&self, period: &Period, from: usize, confidence: f32) -> Option<Bound> {
        static OF_YEAR: LazyLock<Regex> = LazyLock::new(|| expression(r"^\s*(?:cua\s+)?(nam\s+[a-z][^.;,]{2,90})"));
        if !period.inferred {
            return None;
        }
        let rest = &self.folded.text()[period.to..self.to];
        let year = OF_YEAR.captures(rest)?.get(1)?;
        let (start, end) = (period.to + year.start(), period.to + year.end());
        Some(Bound {
            deadline: Deadline {
                kind: DeadlineKind::Event,
                start: None,
                end: None,
                inclusive: true,
                text: self.words(from, end, confidence),
                tentative: false,
                recurrence: None,
                anchor: Some(squeeze(self.folded.span(start, end).of(self.text))),
                computed: None,
            },
            strength: Strength::Bound,
        })
    }

    /// "năm 2025 và các năm tiếp theo": from its first day without end.
    fn open_end(&self, period: &Period) -> Option<Bound> {
        static OPEN: LazyLock<Regex> =
            LazyLock::new(|| expression(r"^\s*(?:,\s*)?(?:va|den)\s+(?:cac|nhung)?\s*nam\s+(?:tiep theo|sau|ke tiep)"));
        let rest = &self.folded.text()[period.to..self.to];
        let open = OPEN.find(rest)?;
        Some(Bound {
            deadline: Deadline {
                kind: DeadlineKind::Interval,
                start: period.start,
                end: None,
                inclusive: true,
                text: self.words(period.from, period.to + open.end(), 0.85),
                tentative: false,
                recurrence: None,
                anchor: None,
                computed: None,
            },
            strength: Strength::Bound,
        })
    }

    /// Whether "trong", "vào", "từ" make the period a deadline of the sentence.
    fn binds_within(hit: Option<&regex::Captures<'_>>, period: &Period, later: &str) -> bool {
        let word = hit.and_then(|hit| hit.get(6)).map_or("", |word| word.as_str());
        match period.grain {
            Grain::Day | Grain::Quarter | Grain::Month => {
                // "từ tháng 6/2024" says since when, not until when.
                !word.ends_with("tu") && !later.starts_with("cua ")
            }
            Grain::Range => period.to - period.from > 8,
            Grain::Year => matches!(word, "trong" | "vao" | "du kien"),
            Grain::School | Grain::Stage => false,
        }
    }

    fn is_tentative(&self, from: usize, to: usize) -> bool {
        let start = if self.context == Context::Label { self.from } else { from.saturating_sub(12).max(self.from) };
        let part = &self.folded.text()[start..to];
        part.contains("du kien") || part.contains("du tinh")
    }

    /// What has no date: "sau khi …", "trong thời hạn 15 ngày kể từ …", "theo tiến độ …".
    fn event(&self) -> Option<Deadline> {
        static EVENT: LazyLock<Regex> = LazyLock::new(|| {
            expression(
                r"\b(?:(ngay\s+)?(sau\s+khi|khi)\s+|(?:truoc|sau)\s+(?:dip\s+|ky\s+nghi\s+)?tet\b|(trong\s+thoi\s+gian\s+cho)\s+|(?:((?:cham nhat|khong qua|trong vong|trong thoi han|trong|sau|truoc)\s+(?:la\s+)?)?(?:[a-z]+(?:\s[a-z]+)?\s+)?\(?([0-9]{1,3}|[a-z]+(?:\s(?:lam|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi))?)\)?\s+(ngay(?:\s+lam\s+viec)?|thang|tuan|gio)\s*,?\s*(?:(ke\s+tu|tu)\s+(?:ngay|khi|thoi\s+diem)|(sau\s+khi|truoc\s+khi))\s*)|(theo\s+(?:tien\s+do|yeu\s+cau|ke\s+hoach|huong\s+dan|lo\s+trinh|thoi\s+gian|quy\s+dinh|chi\s+dao)))",
            )
        });
        static DAYS: LazyLock<Regex> = LazyLock::new(|| {
            expression(
                r"\b(?:trong\s+(?:vong|thoi\s+han)|cham\s+nhat|khong\s+qua)\s+(?:la\s+|sau\s+)?(?:[a-z]+\s+)?\(?([0-9]{1,3})\)?\s+(ngay(?:\s+lam\s+viec)?|gio|thang|tuan)",
            )
        });
        let part = self.plain();
        let label = self.context == Context::Label;
        for hit in EVENT.captures_iter(part) {
            let Some(whole) = hit.get(0) else { continue };
            let count = hit.get(5);
            let by_reference = hit.get(9).is_some();
            let clause = hit.get(2);
            if by_reference && !label {
                continue;
            }
            if !label {
                // "khi" inside a sentence says a condition, not a deadline; "ngay khi", "sau khi" and
                // counted days do.
                let first = part[..whole.start()].trim().trim_start_matches(['-', '+', '*', ' ']).is_empty();
                let plain_when = clause.is_some_and(|word| word.as_str() == "khi") && hit.get(1).is_none();
                let after = clause.is_some_and(|word| word.as_str().starts_with("sau"));
                if (plain_when && !first) || (after && hit.get(1).is_none() && count.is_none() && !first) {
                    continue;
                }
            }
            if let Some(count) = count
                && number_word(count.as_str()).is_none()
            {
                continue;
            }
            let start = self.from + whole.start();
            let length = super::cite::clause_length(self.folded, self.text, start).min(self.to - start);
            let holiday = whole.as_str().ends_with("tet");
            let skipped = if holiday { whole.len() - 3 } else { whole.len() };
            let anchor_from = if by_reference { start } else { start + skipped };
            let mut end = if label { self.to } else { start + length };
            if !label {
                // A comma ends what is waited for.
                if let Some(comma) = self.folded.text()[anchor_from.min(end)..end].find(',') {
                    end = anchor_from + comma;
                }
            }
            let anchor = squeeze(self.folded.span(anchor_from.min(end), end).of(self.text));
            let anchor = anchor.trim_end_matches(['.', ';', ',']).to_owned();
            let counted = count.and_then(|count| self.counted(count.as_str(), hit.get(6)?.as_str(), &anchor));
            return Some(Deadline {
                kind: DeadlineKind::Event,
                start: None,
                end: counted.as_ref().map(|(day, _)| *day),
                inclusive: true,
                text: self.words(start, end, 0.8),
                tentative: self.is_tentative(start, end),
                recurrence: None,
                anchor: (!anchor.is_empty()).then_some(anchor),
                computed: counted.map(|(_, computed)| computed),
            });
        }
        let hit = DAYS.find(part)?;
        let (start, end) = (self.from + hit.start(), self.from + hit.end());
        Some(Deadline {
            kind: DeadlineKind::Event,
            start: None,
            end: None,
            inclusive: true,
            text: self.words(start, end, 0.7),
            tentative: false,
            recurrence: None,
            anchor: None,
            computed: None,
        })
    }

    /// The day that a count from the signing gives. Other anchors have no date, and working days are
    /// counted only where every day off in between is known.
    fn counted(&self, count: &str, unit: &str, anchor: &str) -> Option<(Date, Computed)> {
        let count = number_word(count)?;
        let anchor = crate::vi::fold::fold(anchor);
        // "ký kết hợp đồng" is another signing than that of this paper.
        let this_paper = matches!(anchor.as_str(), "ky" | "ban hanh" | "ky ban hanh")
            || ["ky", "ban hanh"].iter().any(|word| anchor.starts_with(word))
                && (anchor.ends_with(" nay") || anchor.starts_with("ky ban hanh"))
                && anchor.len() < 50;
        if !this_paper {
            return None;
        }
        let issued = self.issued?;
        let working = unit.ends_with("viec");
        let (day, letter) = match unit.split_whitespace().next()? {
            "ngay" if working => (calendar::add_working_days(issued, count)?, 'D'),
            "ngay" => (issued.checked_add(i64::from(count).days()).ok()?, 'D'),
            "tuan" => (issued.checked_add(i64::from(count).weeks()).ok()?, 'W'),
            "thang" => (issued.checked_add(i64::from(count).months()).ok()?, 'M'),
            _ => return None,
        };
        Some((day, Computed { from: issued, offset: Some(format!("P{count}{letter}")), working_days: working }))
    }
}

static HOUR: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"\b[0-9]{1,2}\s*(?:gio|h|g)(?:\s*[0-9]{2})?(?:\s*phut)?[',]?\s*(?:thu [a-z]+,?\s*)?(?:ngay\s*)?$")
});

/// A number in digits or in folded words up to ninety-nine.
pub(super) fn number_word(word: &str) -> Option<i32> {
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let digit = |word: &str| {
        Some(match word {
            "mot" => 1,
            "hai" => 2,
            "ba" => 3,
            "bon" | "tu" => 4,
            "nam" | "lam" => 5,
            "sau" => 6,
            "bay" => 7,
            "tam" => 8,
            "chin" => 9,
            "muoi" => 10,
            _ => return None,
        })
    };
    let words: Vec<&str> = word.split_whitespace().collect();
    match words.as_slice() {
        [one] => digit(one),
        ["muoi", one] => Some(10 + digit(one)?),
        [ten, "muoi"] => Some(10 * digit(ten)?),
        [ten, "muoi", one] => Some(10 * digit(ten)? + digit(one)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
