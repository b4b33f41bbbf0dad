//! Lists of units, one by one.
//!
//! A part opens a new unit only if it begins as units do, is known as a unit of its own elsewhere in the
//! document, or stands after a semicolon; everything else belongs to the name before it.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{Known, TABLE, begins, form, is_class};
use crate::facts::Facts;
use crate::parse::cite::squeeze;
use crate::parse::folded::Folded;
use crate::parse::found::Found;
use crate::parse::words::match_words;
use crate::vi::fold::fold;

/// The units in `from..to`, as printed, one by one.
pub(crate) fn split(
    folded: &Folded,
    text: &str,
    (from, to): (usize, usize),
    known: &Known,
    rule: &'static str,
) -> Vec<Found<String>> {
    let plain = folded.text();
    let to = to.min(plain.len());
    let mut cuts = vec![from];
    let mut at = from;
    let mut depth = 0;
    while at < to {
        // A name of the table keeps its commas.
        if cuts.last() == Some(&at)
            && let Some(end) = table_name(plain, at, to)
        {
            at = end;
            continue;
        }
        let byte = plain.as_bytes()[at];
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b';' if depth <= 0 => cuts.push(skip(plain, at + 1, to)),
            b',' if depth <= 0 && !cuts.last().is_some_and(|start| names_class(&plain[*start..at])) => {
                let next = skip(plain, at + 1, to);
                let next = if plain[next..to].starts_with("va ") { skip(plain, next + 3, to) } else { next };
                let last = cuts.last().copied().unwrap_or(from);
                if opens(folded, text, (from, next, to), b',', known)
                    || stands_alone(folded, text, (last, at), known) && is_capital(folded, text, next, to)
                {
                    cuts.push(next);
                }
            }
            b'v' if depth <= 0
                && plain[at..to].starts_with("va")
                && at > from
                && plain.as_bytes()[at - 1].is_ascii_whitespace()
                && plain[at + 2..to].starts_with(char::is_whitespace) =>
            {
                let next = skip(plain, at + 3, to);
                if opens(folded, text, (from, next, to), b'v', known) {
                    cuts.push(next);
                }
            }
            b'\n' if depth <= 0 && at > from && at + 1 < to => {
                let next = skip(plain, at + 1, to);
                let bullet = plain[next..to].starts_with(['-', '+', '*']);
                if bullet {
                    cuts.push(skip(plain, next + 1, to));
                }
            }
            _ => {}
        }
        at += 1;
    }
    cuts.dedup();
    let mut units = Vec::with_capacity(cuts.len());
    for (index, start) in cuts.iter().enumerate() {
        let end = cuts.get(index + 1).copied().unwrap_or(to);
        units.extend(unit(folded, text, *start, end, rule));
    }
    units
}

/// Whether the part opens with a class and its colon: its members share the head.
fn names_class(part: &str) -> bool {
    part.split_once(':').is_some_and(|(class, _)| is_class(&format!("{class}:"), 0, class.len() + 1))
}

/// One unit without the glue around it.
fn unit(folded: &Folded, text: &str, from: usize, to: usize, rule: &'static str) -> Option<Found<String>> {
    let plain = folded.text();
    let glue = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '.' | ':' | '-' | '*' | '+' | '|' | '/');
    let mut part = &plain[from..to.max(from)];
    loop {
        let trimmed = part.trim_matches(glue);
        let trimmed = trimmed.strip_suffix(" va").unwrap_or(trimmed);
        let trimmed = trimmed.strip_prefix("va ").unwrap_or(trimmed);
        if trimmed.len() == part.len() {
            break;
        }
        part = trimmed;
    }
    // What stands in brackets after a name says more of it, or what for; it is not the name.
    if let Some(open) = part.rfind('(')
        && open > 2
        && (part.ends_with(')') || !part[open..].contains(')'))
    {
        part = part[..open].trim_end();
    }
    if part.is_empty() || !part.bytes().any(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let start = part.as_ptr().addr() - plain.as_ptr().addr();
    let span = folded.span(start, start + part.len());
    let value = squeeze(span.of(text));
    let confidence = if begins(folded, text, start) { 0.9 } else { 0.7 };
    Some(Found::new(value, span, rule, confidence))
}

fn skip(plain: &str, at: usize, to: usize) -> usize {
    let rest = &plain[at.min(to)..to];
    at.min(to) + rest.len() - rest.trim_start().len()
}

/// Whether a new unit opens at `next`, after a comma or "và".
fn opens(folded: &Folded, text: &str, (from, next, to): (usize, usize, usize), after: u8, known: &Known) -> bool {
    let plain = folded.text();
    if next >= to {
        return false;
    }
    let word_end = |at: usize| plain[at..to].find([',', ';', '\n']).map_or(to, |length| at + length);
    let first = folded.span(next, next + 1).of(text);
    let lower = first.chars().all(char::is_lowercase);
    let part = folded.span(next, word_end(next)).of(text);
    if TABLE.plurals.end_at(folded, text, next).is_some() {
        return begins(folded, text, next) || !lower || plain[next..].starts_with("cac ");
    }
    if known.has(part) {
        // "Phòng Chính trị, tư tưởng" may stand in a heading; its second half may not.
        return true;
    }
    if !lower {
        if begins(folded, text, next) {
            // "Phòng Tài chính và Thống kê": some heads are fields of work too.
            return after == b',' || TABLE.fields.end_at(folded, text, next).is_none();
        }
        // "Sở Kế hoạch và Đầu tư, Tài chính": the head is left out. After "và" it may as well be the
        // rest of the name.
        return after == b',' && !follows_name(plain, from, next) && elided(folded, next, to);
    }
    // In lower case only after a head in lower case: "tổ văn phòng, giáo viên chủ nhiệm".
    begins(folded, text, next) && {
        let before = folded.span(from, from + 1).of(text).chars().all(char::is_lowercase);
        let class = plain[from..next].starts_with("cac ") || plain[from..next].starts_with("nhung ");
        before && !class && TABLE.heads.end_at(folded, text, next).is_some_and(|end| end - next > 4)
    }
}

/// Whether the part is a whole name that needs nothing after it: "Văn phòng", "Ban lãnh đạo". After
/// it a comma and a capital part two names, even where the second is misread ("Té Tin học").
fn stands_alone(folded: &Folded, text: &str, (from, to): (usize, usize), known: &Known) -> bool {
    let from = skip(folded.text(), from, to);
    let part = folded.text()[from..to].trim_end();
    let whole = TABLE.heads.end_at(folded, text, from).is_some_and(|end| end == from + part.len());
    part.contains(' ') && (whole || known.has(part))
}

fn is_capital(folded: &Folded, text: &str, at: usize, to: usize) -> bool {
    at < to && folded.span(at, at + 1).of(text).chars().all(char::is_uppercase)
}

/// Whether the part before is a class of units, which goes on after its commas.
fn follows_name(plain: &str, from: usize, next: usize) -> bool {
    let head = plain[from..next].rsplit(';').next().unwrap_or_default().trim_start();
    head.starts_with("cac ")
}

/// Whether "Tài chính" alone stands for "Sở Tài chính": a body of the table has this name after its head.
fn elided(folded: &Folded, next: usize, to: usize) -> bool {
    static FIELDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let names = Facts::builtin().agencies.iter().map(|agency| form(&agency.name));
        let field = |name: String| {
            let rest = name.strip_prefix("so ").or_else(|| name.strip_prefix("bo "))?;
            Some([rest.to_owned(), rest.split(" va ").next().unwrap_or(rest).to_owned()])
        };
        names.filter_map(field).flatten().collect()
    });
    let plain = folded.text();
    let end = plain[next..to].find([',', ';', '\n', '.']).map_or(to, |length| next + length);
    let part = form(&plain[next..end]);
    FIELDS.contains(part.split(" va ").next().unwrap_or(&part))
}

/// The end of a body's name with a comma in it that starts at `at`.
fn table_name(plain: &str, at: usize, to: usize) -> Option<usize> {
    static NAMES: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
        let mut names: Vec<Vec<String>> = Facts::builtin()
            .agencies
            .iter()
            .filter(|agency| agency.name.contains(','))
            .flat_map(|agency| {
                let name = fold(&agency.name);
                let rest = name.split_once(' ').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
                ["so", "bo", "phong", "cuc", "ban"].map(|head| format!("{head} {rest}"))
            })
            .map(|name| name.split(' ').map(str::to_owned).collect())
            .collect();
        names.sort();
        names.dedup();
        names
    });
    NAMES.iter().filter_map(|words| match_words(&plain[..to], at, words)).max()
}
