//! What stands around the tasks of a document: its kind, its day, where head and foot end, and who is named.
//!
//! Knows the header that was read before and the folded text, not tasks.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::blocks::Block;
use crate::parse::cite::squeeze;
use crate::parse::date::{dates_in, expression};
use crate::parse::folded::Folded;
use crate::parse::found::{Found, Header, Task};
use crate::parse::unit::form;

/// The persons that a task names in its words and among its units: "đồng chí Nguyễn Văn An".
pub(super) fn people(folded: &Folded, flat: &str, text: &str, task: &Task) -> Vec<Found<String>> {
    static TITLE: LazyLock<Regex> = LazyLock::new(|| expression(r"\b(?:dong chi|d/c|ong|ba|thay|co)[.:]?\s+"));
    let mut people: Vec<Found<String>> = Vec::new();
    let places = task.lead.iter().chain(&task.coordinate).map(|unit| unit.span).chain([task.text.span]);
    for span in places {
        let (from, to) = (folded.place(span.start()), folded.place(span.end()));
        for title in TITLE.find_iter(&flat[from..to]) {
            let printed = folded.span(from + title.start(), from + title.end()).of(text).to_lowercase();
            let printed = printed.trim_end_matches(|c: char| !c.is_alphabetic());
            if !matches!(printed, "đồng chí" | "đ/c" | "ông" | "bà" | "thầy" | "cô") {
                continue;
            }
            let start = from + title.end();
            let mut end = start;
            let mut words = 0;
            for word in flat[start..to].split(' ') {
                let bare = word.trim_end_matches([',', ';', '.', ':', ')', '-']);
                let printed = folded.span(end + usize::from(words > 0), end + usize::from(words > 0) + bare.len());
                let mut letters = printed.of(text).chars();
                let name = letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase);
                if !name || words == 5 {
                    break;
                }
                end = end + usize::from(words > 0) + bare.len();
                words += 1;
                if bare.len() < word.len() {
                    break;
                }
            }
            let span = folded.span(start, end);
            if (2..=5).contains(&words) && !people.iter().any(|known| known.span == span) {
                people.push(Found::new(squeeze(span.of(text)), span, "task.people", 0.8));
            }
        }
    }
    people
}

/// Whether the document is an official letter (công văn), which asks rather than plans.
pub(super) fn is_letter(header: &Header) -> bool {
    header
        .kind
        .as_ref()
        .is_none_or(|kind| matches!(form(&kind.value).as_str(), "cong van" | "thong bao" | "phieu chuyen"))
}

/// Without a date of issue: the earliest full date of the year that the text names most.
pub(super) fn likely_date(folded: &Folded, text: &str) -> Option<Date> {
    let dates: Vec<Date> = dates_in(folded, text, 0, folded.text().len()).into_iter().map(|date| date.value).collect();
    let mut years: BTreeMap<i16, usize> = BTreeMap::new();
    for date in &dates {
        *years.entry(date.year()).or_default() += 1;
    }
    let (year, _) = years.into_iter().max_by_key(|(year, count)| (*count, *year))?;
    dates.into_iter().filter(|date| date.year() == year).min()
}

/// Where the letterhead with type and subject ends.
pub(super) fn head(folded: &Folded, header: &Header, blocks: &[Block]) -> usize {
    let spans = [
        header.subject.as_ref().map(|found| found.span),
        header.key.as_ref().map(|found| found.span),
        header.kind.as_ref().map(|found| found.span),
    ];
    let first = blocks.iter().find(|block| block.depth.is_some()).map_or(usize::MAX, |block| block.start);
    let end = spans.into_iter().flatten().map(|span| folded.place(span.end())).max().unwrap_or(0);
    let addressed = addressees(folded);
    end.min(first).max(addressed)
}

/// Where the list after "Kính gửi:" ends.
pub(super) fn addressees(folded: &Folded) -> usize {
    let plain = folded.text();
    let Some(start) = plain[..plain.len().min(5_000)].find("kinh gui") else { return 0 };
    let mut end = start;
    for (index, line) in plain[start..].split_inclusive('\n').enumerate() {
        let words = line.trim();
        let item = words.starts_with(['-', '+', '*']) || words.ends_with(';') || words.is_empty();
        if index > 0 && (!item || words.len() > 220) {
            // The last addressee of a list ends in a full stop.
            let last = words.len() < 100 && words.ends_with('.') && plain[..end].trim_end().ends_with(';');
            end += if last { line.len() } else { 0 };
            break;
        }
        end += line.len();
    }
    end
}

/// Where signature and distribution list stand.
pub(super) fn foot(folded: &Folded, header: &Header) -> (usize, usize) {
    static START: LazyLock<Regex> = LazyLock::new(|| expression(r"(?m)^[ \t|*]*noi nhan\s*:"));
    let plain = folded.text();
    let Some(start) = START.find_iter(plain).last().map(|hit| hit.start()) else { return (plain.len(), plain.len()) };
    let signer = header.signer.as_ref().and_then(|signer| signer.name.as_ref()).map(|name| name.span);
    let recipients = header.recipients.iter().map(|recipient| recipient.span);
    let end = signer.into_iter().chain(recipients).map(|span| folded.place(span.end())).max().unwrap_or(start);
    (start, end.max(start + 1))
}
