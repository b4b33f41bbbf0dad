//! The head of the first page: motto, issuer and the body above it, number, place and date.
//!
//! Finds where a letterhead stands in a text, takes its two columns apart however they were
//! flattened, and reads its parts (Nghị định 30/2020/NĐ-CP, Phụ lục I, II.1 to II.4; party documents
//! after Hướng dẫn 36-HD/VPTW). The motto (tiêu ngữ) is the anchor: unlike every other line of a
//! letterhead it hardly ever occurs in running text. All matching is on folded text, with misread
//! letters allowed where nothing better is found.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::date::dates_in;
use super::found::Found;
use super::names::head_of;
use super::number::{NumberLine, read_number_line};
use super::sentence::kind_at;
use super::sheet::{Cell, Sheet, find_alike, folded_expression, is_rule, one_line};
use crate::facts::Facts;

const COUNTRY: &str = "cong hoa xa hoi chu nghia viet nam";
const MOTTO: &str = "doc lap tu do hanh phuc";
const PARTY: &str = "dang cong san viet nam";

/// How far a letterhead reaches: lines that are not blank, above and below its motto.
const ABOVE: usize = 9;
const BELOW: usize = 30;

static MOTTO_EXACT: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"doc lap\s*[-~_.]*\s*tu do\s*[-~_.]*\s*hanh ph[uo]c"));

/// The core of a date line; day and month may be blank.
static DATE_LINE: LazyLock<Regex> = LazyLock::new(|| {
    folded_expression(concat!(
        r"\bng[a-z]{1,2}y\b?(?:(?:[\s.~_*0-9]{0,60}?|[\t\x20-\x2b\x2d-\x39\x3c-\x7e]{0,14}?)th[a-z]{1,3}g[\s.~_*0-9]{0,40}?n[ai]{1,2}m\b[\s.]{0,4}(?:[0-9]{2,4})?",
        r"|\s*[0-9]{1,2}\s?[/.-]\s?[0-9]{1,2}\s?[/.-]\s?[0-9]{4})"
    ))
});

/// With what the text of a document begins after its head.
static END: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"^(?:kinh gui\b|can cu\b|dieu 1\b|chuong i\b|phan i\b|i\. |1\. |noi nhan\b)"));

/// Places that have a number for a name: "Quận 5", "Phường 12".
static NUMBERED_PLACE: LazyLock<Regex> =
    LazyLock::new(|| folded_expression(r"^(?:quan|phuong|khu pho|ap|thon|q\.|p\.) ?[0-9]{1,2}(?:,[a-z .]+)?$"));

/// A letterhead.
#[derive(Debug, Default)]
pub(crate) struct Letterhead {
    /// Its lines.
    pub(crate) lines: Range<usize>,
    /// Whether a motto, or the party's name in its place, was seen.
    pub(crate) anchored: bool,
    /// The number line, and its cell.
    pub(crate) number: Option<(NumberLine, usize)>,
    /// The names in the left column, from the highest body to the issuer.
    pub(crate) units: Vec<Found<String>>,
    /// The place.
    pub(crate) place: Option<Found<String>>,
    /// The day.
    pub(crate) date: Option<Found<Date>>,
    /// Offset in the folded text where the place begins, if there is a date line.
    pub(crate) date_line: Option<Range<usize>>,
}

/// Finds the letterhead and reads it. The lines of the motto become cells of their own.
pub(crate) fn read_letterhead(sheet: &mut Sheet<'_>, facts: &Facts) -> Letterhead {
    let anchor = find_anchor(sheet).filter(|anchor| !is_form(sheet, anchor.lines.start, facts));
    let (first, last) = anchor.as_ref().map_or((0, 0), |anchor| (anchor.lines.start, anchor.lines.end - 1));
    let anchored = anchor.is_some();
    let start = if anchored { climb(sheet, first, None, facts) } else { 0 };
    let end = descend(sheet, last, anchored);
    let mut head = Letterhead { lines: start..end, anchored, ..Letterhead::default() };
    head.number = find_number(sheet, start..end, anchored);
    read_date_line(sheet, &mut head);
    if anchored {
        let (marks, likeness) = anchor.map(|anchor| (anchor.marks, anchor.likeness)).unwrap_or_default();
        head.units = read_units(sheet, &head, &marks, facts);
        // What stands under a damaged motto is damaged too.
        let marked = head.units.iter().any(|unit| !unit.value.is_ascii());
        let sure = likeness as f32 * if marked { 1.0 } else { 0.9 };
        for found in head.units.iter_mut().chain(&mut head.place) {
            found.confidence *= sure;
        }
    } else {
        read_without_motto(sheet, &mut head, facts);
    }
    head
}

/// Unions and associations print no motto: a number line above or beside a line of place and day, near
/// the top, is a letterhead too.
fn read_without_motto(sheet: &Sheet<'_>, head: &mut Letterhead, facts: &Facts) {
    let (Some((number, index)), Some(date)) = (&head.number, &head.date_line) else { return };
    let line = sheet.cells[*index].line;
    let above = (0..line).filter(|line| !sheet.is_empty(*line)).count();
    let near = sheet.folded.text().get(number.to.min(date.start)..date.start.max(number.to)).unwrap_or_default();
    if head.place.is_none() || above > ABOVE || near.matches('\n').count() > 4 {
        return;
    }
    head.anchored = true;
    head.lines = climb(sheet, line, Some(date), facts)..head.lines.end;
    let named = |line: usize| sheet.line(line).iter().any(|cell| head_of(sheet.raw(*cell), facts).is_some());
    if !head.lines.clone().any(named) {
        head.units.clear();
        return;
    }
    // The right column repeats the name of the whole union.
    let right: Vec<usize> = (head.lines.start..line)
        .flat_map(|line| sheet.line(line).iter().skip(1))
        .map(|cell| cell.from)
        .take(64)
        .collect();
    head.units = read_units(sheet, head, &right, facts);
    for unit in &mut head.units {
        unit.confidence *= 0.85;
    }
}

/// Whether a motto so far down is a form's in an annex: the text begins with a type and has gone on
/// for pages.
fn is_form(sheet: &Sheet<'_>, line: usize, facts: &Facts) -> bool {
    let above = (0..line).filter(|line| !sheet.is_empty(*line)).count();
    above > 150 && (0..4).any(|index| kind_at(sheet, index, facts).is_some())
}

struct Anchor {
    lines: Range<usize>,
    /// Offsets in the folded text of the cells that are the motto's.
    marks: Vec<usize>,
    /// How well the words agree, 0 to 1.
    likeness: f64,
}

fn find_anchor(sheet: &mut Sheet<'_>) -> Option<Anchor> {
    let exact = (0..sheet.cells.len()).find_map(|index| {
        let cell = sheet.cells[index];
        // A quick look first: most cells are prose.
        let folded = sheet.fold(cell);
        if !folded.contains("doc lap") {
            return None;
        }
        let found = MOTTO_EXACT.find(folded)?;
        Some((index, cell.from + found.start(), cell.from + found.end(), 1.0))
    });
    let motto = exact.or_else(|| {
        let near = sheet.cells.partition_point(|cell| cell.line < 300);
        let mut best: Option<(usize, usize, usize, f64)> = None;
        for index in 0..near {
            let cell = sheet.cells[index];
            if cell.to - cell.from < 16 || cell.to - cell.from > 160 {
                continue;
            }
            if let Some((from, to, likeness)) = find_alike(sheet.fold(cell), MOTTO, 0.7)
                && best.is_none_or(|(.., known)| likeness > known)
            {
                best = Some((index, cell.from + from, cell.from + to, likeness));
            }
        }
        best
    });
    if let Some((index, from, to, likeness)) = motto {
        let line = sheet.cells[index].line;
        sheet.part(index, from, to);
        let mut marks = vec![from];
        let top = part_country(sheet, line, &mut marks).unwrap_or(line);
        return Some(Anchor { lines: top..line + 1, marks, likeness });
    }
    let near = sheet.cells.partition_point(|cell| cell.line < 60);
    let party = (0..near).find_map(|index| {
        let cell = sheet.cells[index];
        let at = sheet.fold(cell).find(PARTY)?;
        let (from, to) = (cell.from + at, cell.from + at + PARTY.len());
        (to == cell.to && super::sheet::is_caps(sheet.folded.span(from, to).of(sheet.text)))
            .then_some((index, from, to))
    });
    if let Some((index, from, to)) = party {
        let line = sheet.cells[index].line;
        sheet.part(index, from, to);
        return Some(Anchor { lines: line..line + 1, marks: vec![from], likeness: 1.0 });
    }
    let mut marks = Vec::new();
    let country = (0..near).find(|index| {
        let cell = sheet.cells[*index];
        sheet.fold(cell).ends_with(COUNTRY) && sheet.caps(cell)
    })?;
    let line = sheet.cells[country].line;
    part_country(sheet, line + 1, &mut marks);
    Some(Anchor { lines: line..line + 1, marks, likeness: 1.0 })
}

/// Finds the name of the country on the line of the motto or up to four lines above, whole or broken
/// over two lines, and makes it cells of their own. Gives the line on which it begins.
fn part_country(sheet: &mut Sheet<'_>, motto: usize, marks: &mut Vec<usize>) -> Option<usize> {
    let above: Vec<usize> = (0..=motto).rev().filter(|line| !sheet.is_empty(*line)).take(5).collect();
    for line in &above {
        for index in sheet.lines.get(*line).cloned().unwrap_or_default() {
            let cell = sheet.cells[index];
            let folded = sheet.fold(cell);
            let found = folded.find(COUNTRY).map(|at| (at, at + COUNTRY.len())).or_else(|| {
                (folded.len() < 160)
                    .then(|| find_alike(folded, COUNTRY, 0.75))
                    .flatten()
                    .map(|(from, to, _)| (from, to))
            });
            if let Some((from, to)) = found {
                marks.push(cell.from + from);
                sheet.part(index, cell.from + from, cell.from + to);
                return Some(*line);
            }
        }
    }
    let words: Vec<&str> = COUNTRY.split(' ').collect();
    for pair in above.windows(2) {
        let (lower, upper) = (pair[0], pair[1]);
        for cut in (2..words.len()).rev() {
            let (lead, tail) = (words[..cut].join(" "), words[cut..].join(" "));
            let ending = |sheet: &Sheet<'_>, line: usize, phrase: &str| {
                sheet.lines[line].clone().find(|index| sheet.fold(sheet.cells[*index]).ends_with(phrase))
            };
            let (Some(_), Some(second)) = (ending(sheet, upper, &lead), ending(sheet, lower, &tail)) else { continue };
            let to = sheet.cells[second].to;
            marks.push(to - tail.len());
            sheet.part(second, to - tail.len(), to);
            if let Some(first) = ending(sheet, upper, &lead) {
                let to = sheet.cells[first].to;
                marks.push(to - lead.len());
                sheet.part(first, to - lead.len(), to);
            }
            return Some(upper);
        }
    }
    None
}

/// The first line of the letterhead whose motto begins on line `first`. `date`: its line of place and
/// day, if that is known.
fn climb(sheet: &Sheet<'_>, first: usize, date: Option<&Range<usize>>, facts: &Facts) -> usize {
    let mut start = first;
    let mut seen = 0;
    for line in (0..first).rev() {
        let cells = sheet.line(line);
        if sheet.is_empty(line) {
            if first - line > ABOVE * 2 {
                break;
            }
            continue;
        }
        let fits = cells.iter().all(|cell| {
            let folded = sheet.fold(*cell);
            is_rule(folded)
                || date.is_some_and(|date| cell.from < date.end && date.start < cell.to)
                || sheet.caps(*cell) && folded.len() < 90
                || folded.len() < 70 && head_of(sheet.raw(*cell), facts).is_some()
                || folded.len() < 60 && read_number_line(sheet, *cell).is_some()
        });
        seen += 1;
        if !fits || seen > ABOVE {
            break;
        }
        start = line;
    }
    // What stands above the first name of a body is not the letterhead's: menus, stamps, banners.
    (start..first)
        .find(|line| sheet.line(*line).iter().any(|cell| head_of(sheet.raw(*cell), facts).is_some()))
        .unwrap_or(start)
}

/// One past the last line of the letterhead whose motto ends on line `last`.
fn descend(sheet: &Sheet<'_>, last: usize, anchored: bool) -> usize {
    let mut seen = 0;
    for line in last + usize::from(anchored)..sheet.lines.len() {
        if sheet.is_empty(line) {
            continue;
        }
        seen += 1;
        let ends = sheet.line(line).first().is_some_and(|cell| {
            let folded = sheet.fold(*cell);
            END.is_match(folded.trim_start_matches(['*', '_', ' ']))
        });
        if seen > BELOW || ends {
            return line;
        }
    }
    sheet.lines.len()
}

fn find_number(sheet: &Sheet<'_>, lines: Range<usize>, anchored: bool) -> Option<(NumberLine, usize)> {
    let mut best: Option<(NumberLine, usize)> = None;
    for line in lines {
        for index in sheet.lines[line].clone() {
            let cell = sheet.cells[index];
            if cell.to - cell.from > 200 || (!anchored && cell.to - cell.from > 60) {
                continue;
            }
            let Some(found) = read_number_line(sheet, cell) else { continue };
            // Within a title or a sentence a number is another document's.
            if found.rank & 1 == 0 && (found.from - cell.from > 14 || !anchored) {
                continue;
            }
            if !anchored && found.rank < 3 && found.to < cell.to {
                continue;
            }
            if best.as_ref().is_none_or(|(known, _)| known.rank < found.rank) {
                best = Some((found, index));
            }
        }
    }
    best
}

fn read_date_line(sheet: &Sheet<'_>, head: &mut Letterhead) {
    let lines: Vec<Cell> = head.lines.clone().flat_map(|line| sheet.line(line)).copied().collect();
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return };
    let folded = sheet.folded.text();
    let mut plain: Option<(usize, usize)> = None;
    let mut at = first.from;
    while let Some(found) = DATE_LINE.find_at(&folded[..last.to], at) {
        at = found.end();
        let (core, end) = (found.start(), found.end());
        let Some((from, to)) = place_before(sheet, core, head) else {
            let index = sheet.cells.partition_point(|cell| cell.from < core);
            let alone = sheet.cells.get(index).is_some_and(|cell| cell.from == core && cell.to <= end + 2);
            if alone && plain.is_none() {
                plain = Some((core, end));
            }
            continue;
        };
        let span = sheet.folded.span(from, to);
        head.place = Some(Found::new(one_line(span.of(sheet.text)), span, "letterhead.place", 0.95));
        head.date = dates_in(&sheet.folded, sheet.text, core, end).into_iter().next().map(|mut date| {
            date.rule = "letterhead.date";
            date
        });
        head.date_line = Some(from..end);
        return;
    }
    if let (Some((core, end)), true) = (plain, head.anchored) {
        head.date = dates_in(&sheet.folded, sheet.text, core, end).into_iter().next().map(|mut date| {
            date.rule = "letterhead.date_alone";
            date.confidence *= 0.75;
            date
        });
        head.date_line = Some(core..end);
    }
}

/// The place that stands before the date at folded offset `core`: capitalised words and a comma.
fn place_before(sheet: &Sheet<'_>, core: usize, head: &Letterhead) -> Option<(usize, usize)> {
    let folded = sheet.folded.text();
    let near = core.saturating_sub(200);
    let before = folded[near..core].trim_end();
    let words = before.strip_suffix(',').or_else(|| before.strip_suffix('.'));
    let words = words.or_else(|| (before.len() < core - near).then_some(before))?.trim_end();
    let to = near + words.len();
    let comma = words.len() < before.len();
    let mut from = near + words.rfind(['\t', '|', '\n', ':', ';', ',']).map_or(0, |at| at + 1);
    if let Some((number, _)) = &head.number
        && number.to <= to
    {
        from = from.max(number.to);
    }
    let gap = folded[from..to].rfind("   ").map_or(from, |at| at + from + 3);
    from = gap + folded[gap..to].len() - folded[gap..to].trim_start_matches([' ', '*', '_', '-', '.', '~', '[']).len();
    let raw = sheet.folded.span(from, to).of(sheet.text);
    let fits = (2..=45).contains(&raw.chars().count())
        && raw.split_whitespace().count() <= 7
        && raw.starts_with(char::is_uppercase)
        && !raw.contains(['/', '"'])
        && (!raw.contains(|c: char| c.is_ascii_digit()) || NUMBERED_PLACE.is_match(&folded[from..to]))
        // Without a comma only a name in capitals on each word is believed.
        && (comma || raw.split_whitespace().all(|word| word.starts_with(char::is_uppercase)));
    fits.then_some((from, to))
}

/// The bodies named in the left column, as printed on one line each.
fn read_units(sheet: &Sheet<'_>, head: &Letterhead, marks: &[usize], facts: &Facts) -> Vec<Found<String>> {
    let end = head.number.as_ref().map_or(usize::MAX, |(_, index)| *index);
    let mut units: Vec<(usize, usize, String)> = Vec::new();
    for line in head.lines.clone() {
        if sheet.is_empty(line) {
            continue;
        }
        let cells = sheet.lines[line].clone();
        let marked = cells.clone().any(|index| marks.contains(&sheet.cells[index].from));
        for index in cells {
            let cell = sheet.cells[index];
            let folded = sheet.fold(cell);
            if index >= end || facts.kind_by_name(sheet.raw(cell).trim_end_matches(':')).is_some() {
                return finish(sheet, units);
            }
            let inside_date = head.date_line.as_ref().is_some_and(|date| cell.from < date.end && date.start < cell.to);
            if is_rule(folded) || marks.contains(&cell.from) || inside_date || folded.len() > 120 {
                continue;
            }
            if folded.starts_with("v/v") || folded.starts_with("ve viec") {
                return finish(sheet, units);
            }
            let stamp = folded.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            if facts.names.marks.iter().any(|mark| mark == stamp) || stamp.starts_with("cong bao") {
                continue;
            }
            // Old fonts had no capitals with marks: whole letterheads come in small letters.
            let named = sheet.caps(cell) || marked || head_of(sheet.raw(cell), facts).is_some();
            if !named || folded.bytes().filter(u8::is_ascii_alphabetic).count() < 3 {
                continue;
            }
            for (from, to) in joint_names(sheet, cell, facts) {
                let text = one_line(sheet.folded.span(from, to).of(sheet.text));
                let text = text.trim_end_matches(['_', '-', ' ', '*', '.']);
                let open = units.last().is_some_and(|(_, _, name)| {
                    let name = crate::vi::fold::fold(name);
                    facts.names.open.iter().any(|open| name == *open || open.contains(' ') && name.ends_with(open))
                        || name.ends_with(" va")
                        || name.ends_with(['-', ','])
                });
                match units.last_mut() {
                    Some((_, known_to, name)) if open || head_of(text, facts).is_none() => {
                        name.push(' ');
                        name.push_str(text);
                        *known_to = to;
                    }
                    _ => units.push((from, to, text.to_owned())),
                }
            }
        }
    }
    finish(sheet, units)
}

fn finish(sheet: &Sheet<'_>, units: Vec<(usize, usize, String)>) -> Vec<Found<String>> {
    let mut found: Vec<Found<String>> = Vec::new();
    for (from, to, name) in units {
        if found.iter().any(|known| known.value == name) || is_rule(&name) && !name.chars().any(char::is_alphabetic) {
            continue;
        }
        found.push(Found::new(name, sheet.folded.span(from, to), "letterhead.unit", 0.93));
    }
    found
}

/// A cell parted where two bodies stand side by side: "BỘ XÂY DỰNG - CỤC ĐƯỜNG BỘ VIỆT NAM".
fn joint_names(sheet: &Sheet<'_>, cell: Cell, facts: &Facts) -> Vec<(usize, usize)> {
    let folded = sheet.fold(cell);
    let raw = |from: usize| sheet.folded.span(cell.from + from, cell.to).of(sheet.text);
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in folded.match_indices(" - ") {
        if head_of(raw(at + 3), facts).is_some() && head_of(raw(from), facts).is_some() {
            parts.push((cell.from + from, cell.from + at));
            from = at + 3;
        }
    }
    parts.push((cell.from + from, cell.to));
    parts
}
