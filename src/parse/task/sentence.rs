//! Who is told to do something in a sentence, and with whom.
//!
//! Reads "Giao X chủ trì, phối hợp với Y …", "X có trách nhiệm …", "Đề nghị X …" and the units that a
//! heading names. Works on places in the folded text and knows one paragraph at a time.

use std::sync::LazyLock;

use regex::Regex;

use crate::parse::date::expression;
use crate::parse::folded::Folded;
use crate::parse::found::Found;
use crate::parse::unit::{self, Known};

/// The text with all that reading units in it needs.
pub(super) struct Reader<'a> {
    pub(super) folded: &'a Folded,
    pub(super) text: &'a str,
    pub(super) known: Known,
}

/// A paragraph that begins with units.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) units: Vec<Found<String>>,
    /// Where the list of units ends.
    pub(super) end: usize,
    /// Where what follows the units begins, after a colon if there is one.
    pub(super) rest: usize,
    /// A colon parts units and rest.
    pub(super) colon: bool,
    /// Nothing follows: the paragraph is a heading that names units.
    pub(super) alone: bool,
    /// "Giao", "Đề nghị", "Yêu cầu" stood before.
    pub(super) ordered: bool,
}

/// What may stand before the units of a heading.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"^(?:(giao(?:\s+cho|\s+trach\s+nhiem\s+cho)?|de\s+nghi|yeu\s+cau|khuyen\s+khich|kinh\s+de\s+nghi)\s*:?\s+|doi\s+voi\s+(?:cac\s+thanh\s+vien\s+)?|trach\s+nhiem\s+(?:cua\s+)?|nhiem\s+vu\s+cua\s+|phan\s+cong\s+(?:cho\s+)?)",
    )
});

/// People are named with a title: "Ông. Hoàng Văn Thuân - Trưởng đoàn: …".
static PERSON: LazyLock<Regex> =
    LazyLock::new(|| expression(r"^(?:(?:dong chi|ong|ba|d/c)[.:]?\s+)([^-:,;(\n]{4,40}?)\s*(?:-[^:\n]{2,60})?:\s*"));

impl Reader<'_> {
    /// The units at the start of `from..to`, and what follows them.
    pub(super) fn subject(&self, from: usize, to: usize) -> Option<Subject> {
        static NUMERAL: LazyLock<Regex> =
            LazyLock::new(|| expression(r"^(?:[0-9]{1,2}(?:\.[0-9]{1,2})*|[ivx]{1,4}|[a-z])[.)]\s+"));
        let plain = self.folded.text();
        let from = from + NUMERAL.find(&plain[from..to]).map_or(0, |numeral| numeral.end());
        let part = &plain[from..to];
        if let Some(hit) = PERSON.captures(part) {
            let name = hit.get(1)?;
            let units = self.units(from + name.start(), from + name.end(), "task.person");
            let rest = from + hit.get(0)?.end();
            return Some(Subject {
                units,
                end: from + name.end(),
                rest,
                colon: true,
                alone: rest >= to,
                ordered: false,
            });
        }
        let before = BEFORE.captures(part);
        let ordered = before.as_ref().is_some_and(|hit| hit.get(1).is_some());
        let start = from + before.as_ref().and_then(|hit| hit.get(0)).map_or(0, |whole| whole.end());
        if !unit::begins(self.folded, self.text, start) {
            return None;
        }
        let end = unit::list_end(self.folded, self.text, start, to);
        if end - start > 420 {
            return None;
        }
        let tail = &plain[end..to];
        let trimmed = tail.trim_start_matches([' ', '\n', '*', '_', ',']);
        let colon = trimmed.starts_with(':');
        let rest = end + (tail.len() - trimmed.len()) + usize::from(colon);
        let rest = rest + plain[rest..to].len() - plain[rest..to].trim_start_matches([' ', '\n', '*', '_']).len();
        let alone = plain[rest.min(to)..to].trim_matches(['.', ' ', ';', '\n', ':', '*']).is_empty();
        // "Đối với các cơ sở thuộc phạm vi quản lý, …" says what something is about, not who is to act.
        let about = before.as_ref().and_then(|hit| hit.get(0)).is_some_and(|words| words.as_str().starts_with("doi"));
        if about && !colon && !alone {
            return None;
        }
        let units = self.units(start, end, "task.subject");
        // "Cơ quan: Văn phòng Chính phủ" is the label of a form.
        let label = |name: &str| matches!(unit::form(name).as_str(), "co quan" | "don vi" | "bo phan" | "to chuc");
        if colon && units.len() == 1 && label(&units[0].value) {
            return None;
        }
        (!units.is_empty()).then_some(Subject { units, end, rest: rest.min(to), colon, alone, ordered })
    }

    /// The units in `from..to`, one by one.
    pub(super) fn units(&self, from: usize, to: usize, rule: &'static str) -> Vec<Found<String>> {
        unit::split(self.folded, self.text, (from, to), &self.known, rule)
    }

    /// The units after "phối hợp với" in `from..to`.
    pub(super) fn partners(&self, from: usize, to: usize) -> Vec<Found<String>> {
        static WITH: LazyLock<Regex> = LazyLock::new(|| {
            expression(
                r"\bphoi\s+hop(?:\s*,?\s*(?:chat\s+che|thuong\s+xuyen|dong\s+bo|hieu\s+qua))?(?:\s+(cung\s+voi|cung|voi))?\s+",
            )
        });
        let plain = self.folded.text();
        for hit in WITH.captures_iter(&plain[from..to]) {
            let Some(whole) = hit.get(0) else { continue };
            let start = from + whole.end();
            // Without "với" the next words must be a unit; with it, anything that is no verb.
            if !unit::begins(self.folded, self.text, start) && hit.get(1).is_none() {
                continue;
            }
            let end = unit::list_end(self.folded, self.text, start, to);
            if end > start && end - start < 400 {
                return self.units(start, end, "task.partners");
            }
        }
        Vec::new()
    }

    /// Orders inside `from..to`: "giao X …", "đề nghị X …" at the start of a sentence or after its
    /// subject. Each as the place of the order's first word and the units that are told.
    pub(super) fn orders(&self, from: usize, to: usize, asks: bool) -> Vec<(usize, Subject)> {
        static ORDER: LazyLock<Regex> =
            LazyLock::new(|| expression(r"\b(giao|de\s+nghi|yeu\s+cau|chi\s+dao)(?:\s+cho)?\s*:?\s+"));
        let plain = self.folded.text();
        let mut found = Vec::new();
        for hit in ORDER.captures_iter(&plain[from..to]) {
            let (Some(whole), Some(word)) = (hit.get(0), hit.get(1)) else { continue };
            let at = from + whole.start();
            if !asks && word.as_str() != "giao" || word.as_str() == "chi dao" {
                continue;
            }
            let before = plain[from..at].trim_end();
            let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
            if matches!(
                last,
                "duoc" | "da" | "theo" | "xet" | "ban" | "phan" | "van" | "co" | "nhan" | "y" | "khi" | "cac" | "noi"
            ) || last.ends_with('"')
            {
                continue;
            }
            let start = from + whole.end();
            if !unit::begins(self.folded, self.text, start) {
                continue;
            }
            let end = unit::list_end(self.folded, self.text, start, to);
            let units = self.units(start, end, "task.order");
            if units.is_empty() || end >= to {
                continue;
            }
            let colon = plain[end..to].trim_start().starts_with(':');
            let alone = plain[end..to].trim_matches(['.', ' ', ';', '\n', ':', '*']).is_empty();
            found.push((at, Subject { units, end, rest: end, colon, alone, ordered: true }));
        }
        found
    }

    /// The end of the sentence that holds `at`, no further than `to`.
    pub(super) fn sentence_end(&self, at: usize, to: usize) -> usize {
        let plain = self.folded.text();
        plain[at..to]
            .match_indices('.')
            .map(|(offset, _)| at + offset)
            .find(|stop| crate::parse::cite::ends_sentence(self.folded, self.text, *stop))
            .map_or(to, |stop| stop + 1)
    }
}
