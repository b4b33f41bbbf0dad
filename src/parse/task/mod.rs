//! Tasks: what somebody is to do, who leads, who takes part, and when it is due.
//!
//! Four shapes are read: labelled lines under a heading ("Đơn vị chủ trì: …"), tables, the items
//! under a heading that names a unit, and sentences that give an order. In a document that labels
//! its tasks the labels are the whole truth, and the general duties under its unit headings are no
//! tasks of their own; targets, closing sentences and the duration of the plan never are.

mod blocks;
mod judge;
mod label;
mod sentence;
mod table;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use self::blocks::{Block, read_blocks};
use self::judge::CLOSING;
use self::sentence::{Reader, Subject};
use self::table::{Table, find_tables};
use super::cite::squeeze;
use super::date::{dates_in, expression};
use super::deadline::{Context, read_in};
use super::folded::Folded;
use super::found::{Deadline, DeadlineKind, Found, Header, Section, Task};
use super::unit::{Known, form, list_end};
use crate::text::Span;

/// The tasks in the part `body` of `text`, in the order of the text. `outline` are its sections;
/// from `header` come the day of issue and the ends of head and foot, `cells` are the tables that the
/// reader of the file knew.
pub fn find_tasks(
    text: &str,
    body: Span,
    outline: &[Section],
    header: &Header,
    cells: &[crate::table::Table],
) -> Vec<Task> {
    tasks_in(&Folded::new(text, body), text, outline, header, cells)
}

/// [`find_tasks`] in a body that is folded already.
pub(crate) fn tasks_in(
    folded: &Folded,
    text: &str,
    outline: &[Section],
    header: &Header,
    _cells: &[crate::table::Table],
) -> Vec<Task> {
    let length = folded.text().len();
    let issued = header.date.as_ref().map(|date| date.value).or_else(|| likely_date(folded, text));
    // One blank for every line feed, so that words are found wherever the lines were wrapped.
    let flat = folded.text().replace(['\n', '\t'], " ");
    let tables = find_tables(folded, text, (0, length));
    let blocks = read_blocks(folded, text, (0, length), outline, label::is_label);
    let mut reader = Reader { folded, text, known: Known::default() };
    let foot = foot(folded, header);
    let head = head(folded, header, &blocks);
    learn(&mut reader, &blocks);
    let own_name = header.issuer.as_ref().map(|found| form(&found.value)).unwrap_or_default();
    let mut search = Finder {
        reader: &reader,
        flat: &flat,
        blocks: &blocks,
        tables: &tables,
        head,
        foot,
        issued,
        issuer: own_name,
        tasks: Vec::new(),
    };
    let labelled = search.labelled();
    search.tables();
    search.orders(labelled >= 2, is_letter(header));
    let mut tasks = search.tasks;
    // A heading of marks alone says nothing to do.
    tasks.retain(|task| !task.text.value.is_empty());
    tasks.sort_by_key(|task| task.text.span);
    for task in &mut tasks {
        task.people = people(folded, &flat, text, task);
    }
    tasks.dedup_by(|next, kept| next.text.span == kept.text.span && next.lead == kept.lead);
    tasks
}

/// The persons that a task names in its words and among its units: "đồng chí Nguyễn Văn An".
fn people(folded: &Folded, flat: &str, text: &str, task: &Task) -> Vec<Found<String>> {
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
fn is_letter(header: &Header) -> bool {
    header
        .kind
        .as_ref()
        .is_none_or(|kind| matches!(form(&kind.value).as_str(), "cong van" | "thong bao" | "phieu chuyen"))
}

/// Without a date of issue: the earliest full date of the year that the text names most.
fn likely_date(folded: &Folded, text: &str) -> Option<Date> {
    let dates: Vec<Date> = dates_in(folded, text, 0, folded.text().len()).into_iter().map(|date| date.value).collect();
    let mut years: BTreeMap<i16, usize> = BTreeMap::new();
    for date in &dates {
        *years.entry(date.year()).or_default() += 1;
    }
    let (year, _) = years.into_iter().max_by_key(|(year, count)| (*count, *year))?;
    dates.into_iter().filter(|date| date.year() == year).min()
}

/// Where the letterhead with type and subject ends.
fn head(folded: &Folded, header: &Header, blocks: &[Block]) -> usize {
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
fn addressees(folded: &Folded) -> usize {
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
fn foot(folded: &Folded, header: &Header) -> (usize, usize) {
    static START: LazyLock<Regex> = LazyLock::new(|| expression(r"(?m)^[ \t|*]*noi nhan\s*:"));
    let plain = folded.text();
    let Some(start) = START.find_iter(plain).last().map(|hit| hit.start()) else { return (plain.len(), plain.len()) };
    let signer = header.signer.as_ref().and_then(|signer| signer.name.as_ref()).map(|name| name.span);
    let recipients = header.recipients.iter().map(|recipient| recipient.span);
    let end = signer.into_iter().chain(recipients).map(|span| folded.place(span.end())).max().unwrap_or(start);
    (start, end.max(start + 1))
}

/// Names that stand alone in headings are units wherever they come in lists.
fn learn(reader: &mut Reader<'_>, blocks: &[Block]) {
    let names: Vec<String> = blocks
        .iter()
        .filter(|block| block.depth.is_some() && block.to - block.from < 120)
        .filter_map(|block| reader.subject(block.from, block.to))
        .filter(|subject| subject.alone && subject.units.len() == 1)
        .map(|subject| subject.units[0].value.clone())
        .collect();
    for name in names {
        reader.known.learn(&name);
    }
}

/// How many bytes of a paragraph are looked at for its deadline.
const REACH: usize = 6_000;

struct Finder<'a> {
    reader: &'a Reader<'a>,
    /// The folded text with every line feed as a blank, byte for byte.
    flat: &'a str,
    blocks: &'a [Block],
    tables: &'a [Table],
    head: usize,
    foot: (usize, usize),
    issued: Option<Date>,
    /// The issuer's name in comparison form.
    issuer: String,
    tasks: Vec<Task>,
}

/// A heading that names units, for the items under it.
#[derive(Clone, Debug)]
struct Scope {
    /// Items of this depth and deeper are under it.
    depth: u8,
    units: Vec<Found<String>>,
}

impl Finder<'_> {
    fn plain(&self) -> &str {
        self.reader.folded.text()
    }

    fn skips(&self, block: &Block) -> bool {
        block.start < self.head || (self.foot.0 <= block.start && block.start < self.foot.1) || self.in_table(block)
    }

    /// Whether the block overlaps a table; tables stand in the order of the text.
    fn in_table(&self, block: &Block) -> bool {
        let next = self.tables.partition_point(|table| table.to <= block.from);
        self.tables.get(next).is_some_and(|table| table.from < block.to)
    }

    fn words(&self, from: usize, to: usize, rule: &'static str, confidence: f32) -> Found<String> {
        let span = self.reader.folded.span(from, to);
        let printed = span.of(self.reader.text);
        let trimmed = printed.trim();
        let start = span.start() + (trimmed.as_ptr().addr() - printed.as_ptr().addr());
        Found::new(squeeze(trimmed), Span::at(start, start + trimmed.len()), rule, confidence)
    }

    fn due(&self, from: usize, to: usize, context: Context) -> Option<Deadline> {
        // No deadline stands this far into its paragraph, and a paragraph has no end on some inputs.
        let to = to.min(from + REACH);
        read_in(self.reader.folded, self.reader.text, (from, to), context, self.issued)
    }

    /// Tasks by labelled lines; how many there are.
    fn labelled(&mut self) -> usize {
        let groups = label::groups(self.reader, self.blocks, |block| self.skips(block));
        let mut count = 0;
        for group in groups {
            let block = &self.blocks[group.heading];
            let end = self.blocks.get(group.heading + 1).map_or(block.to, |next| block.to.min(next.start));
            let end = group.text_end.unwrap_or(end);
            let deadline = group.time.and_then(|(from, to)| self.due(from, to, Context::Label));
            if group.lead.is_empty() && group.coordinate.is_empty() {
                // A time alone is a task's only under an item of its own, not under the title of a chapter.
                let printed = self.reader.folded.span(block.from, end).of(self.reader.text);
                if deadline.is_none() || block.depth.is_none() || !printed.chars().any(char::is_lowercase) {
                    continue;
                }
            } else {
                count += 1;
            }
            let said = |place: Option<(usize, usize)>, rule| {
                let place = place.map(|(from, to)| {
                    (from, from + self.plain()[from..to].trim_end_matches([' ', '\n', '.', ';', ',', ')']).len())
                });
                place.map(|(from, to)| self.words(from, to, rule, 0.9)).filter(|found| !found.value.is_empty())
            };
            self.tasks.push(Task {
                text: self.words(block.from, end, "task.labelled", 0.95),
                lead: group.lead,
                coordinate: group.coordinate,
                deadline,
                people: Vec::new(),
                product: said(group.product, "task.product"),
                budget: said(group.budget, "task.budget"),
            });
        }
        count
    }

    fn tables(&mut self) {
        let mut tasks = Vec::new();
        for table in self.tables {
            // The unit that a row of the table names for the rows under it.
            let mut scope: Vec<Found<String>> = Vec::new();
            let mut above: Vec<Found<String>> = Vec::new();
            for row in &table.rows {
                let Some((from, to)) = row.task else { continue };
                let cell =
                    |place: Option<(usize, usize)>| place.map_or_else(Vec::new, |(from, to)| self.cell_units(from, to));
                let (mut lead, coordinate) = (cell(row.lead), cell(row.coordinate));
                if lead.is_empty() && coordinate.is_empty() && row.time.is_none() {
                    let subject = self.reader.subject(from, to).filter(|subject| subject.alone);
                    if let Some(subject) = subject {
                        scope = subject.units;
                        continue;
                    }
                    if row.group {
                        scope.clear();
                        above.clear();
                        continue;
                    }
                }
                if lead.is_empty() && row.spanned && !row.group {
                    lead = doubtful(&above);
                }
                if lead.is_empty() && !scope.is_empty() {
                    lead.clone_from(&scope);
                }
                let deadline = row
                    .time
                    .and_then(|(from, to)| self.due(from, to, Context::Label))
                    .or_else(|| row.time.and_then(|_| self.day_above(table)));
                if lead.is_empty() && coordinate.is_empty() && deadline.is_none() {
                    continue;
                }
                above.clone_from(&lead);
                let cell = |place: Option<(usize, usize)>, rule| {
                    place.map(|(from, to)| self.words(from, to, rule, 0.85)).filter(|found| !found.value.is_empty())
                };
                tasks.push(Task {
                    text: self.words(from, to, "task.table", 0.85),
                    lead,
                    coordinate,
                    deadline,
                    people: Vec::new(),
                    product: cell(row.product, "task.product"),
                    budget: cell(row.budget, "task.budget"),
                });
            }
        }
        self.tasks.extend(tasks);
    }

    /// The day that the heading of a table names, for rows that give hours only.
    fn day_above(&self, table: &Table) -> Option<Deadline> {
        let start = table.from.saturating_sub(160).max(
            self.tables[..self.tables.partition_point(|other| other.to <= table.from)]
                .last()
                .map_or(0, |other| other.to),
        );
        let lines = self.plain()[start..table.from].trim_end();
        let line = lines.rfind('\n').map_or(start, |at| start + at + 1);
        let dates = dates_in(self.reader.folded, self.reader.text, line, start + lines.len());
        let day = dates.last()?;
        let (from, to) = (self.reader.folded.place(day.span.start()), self.reader.folded.place(day.span.end()));
        self.due(from, to, Context::Label)
    }

    /// The units of a cell, where a line break may part names without a comma.
    fn cell_units(&self, from: usize, to: usize) -> Vec<Found<String>> {
        let plain = self.plain();
        let lines: Vec<&str> = plain[from..to].lines().collect();
        // Names of people stand one a line, every word with a capital.
        let span = self.reader.folded.span(from, to);
        let people = lines.len() > 1
            && span.of(self.reader.text).lines().all(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                (2..=5).contains(&words.len()) && words.iter().all(|word| word.starts_with(char::is_uppercase))
            });
        if !people {
            // "Sở Y tế chủ trì hướng dẫn; các xã …": a cell may say what the unit does.
            let units = self.reader.units(from, to, "task.cell");
            return units.into_iter().map(|unit| self.without_duty(unit)).collect();
        }
        let mut at = from;
        let mut units = Vec::new();
        for line in lines {
            units.extend(self.reader.units(at, at + line.len(), "task.cell"));
            at += line.len() + 1;
        }
        units
    }

    /// The unit without the verb that follows its name.
    fn without_duty(&self, unit: Found<String>) -> Found<String> {
        let (from, to) = (self.reader.folded.place(unit.span.start()), self.reader.folded.place(unit.span.end()));
        let end = list_end(self.reader.folded, self.reader.text, from, to);
        if end >= to || end <= from {
            return unit;
        }
        let span = self.reader.folded.span(from, end);
        Found { value: squeeze(span.of(self.reader.text)), span, ..unit }
    }

    /// Tasks under headings that name units, and by sentences that give orders.
    fn orders(&mut self, labelled: bool, letter: bool) {
        let mut scopes: Vec<Scope> = Vec::new();
        let mut pending: Option<Vec<Found<String>>> = None;
        let organised = self.blocks.iter().any(|block| self.organises(block));
        for index in 0..self.blocks.len() {
            let block = &self.blocks[index];
            if let Some(depth) = block.depth {
                scopes.retain(|scope| scope.depth <= depth);
                if let Some(units) = pending.take() {
                    scopes.retain(|scope| scope.depth < depth);
                    scopes.push(Scope { depth, units });
                }
            } else if block.parent.is_none() {
                scopes.clear();
            }
            if self.skips(block) || block.to <= block.from {
                continue;
            }
            if label::is_label(&self.plain()[block.from..block.to]) {
                continue;
            }
            let opens = self.plain()[block.from..block.to].trim_end().ends_with(':');
            if let Some(subject) =
                self.reader.subject(block.from, block.to).filter(|subject| !self.asks(block, subject))
            {
                if subject.alone && organised && !self.in_organising(block) && self.is_topic(block, &subject) {
                    continue;
                }
                if subject.alone {
                    if let Some(depth) = block.depth {
                        scopes.push(Scope { depth: depth + 1, units: subject.units });
                    } else {
                        // A heading without a numeral: its units hold for what follows.
                        let parent = block.parent.map(|parent| &self.blocks[parent]);
                        let depth =
                            parent.and_then(|parent| Some(parent.depth? + u8::from(!parent.is_bullet()))).unwrap_or(0);
                        scopes.retain(|scope| scope.depth < depth);
                        scopes.push(Scope { depth, units: subject.units });
                    }
                    continue;
                }
                if opens && !subject.ordered && !self.gives_duties(block, &subject) {
                    continue;
                }
                if opens && self.has_items(index) {
                    match block.depth {
                        Some(depth) if self.deeper(index) => {
                            scopes.push(Scope { depth: depth + 1, units: subject.units });
                        }
                        _ => pending = Some(subject.units),
                    }
                    continue;
                }
                if !labelled && self.is_duty(block, &subject, scopes.last().is_some(), letter) {
                    if let Some(depth) = block.depth.filter(|_| subject.colon) {
                        scopes.push(Scope { depth: depth + 1, units: subject.units.clone() });
                    }
                    self.push_sentences(block.from, block.to, &subject.units, "task.subject", 0.8);
                    continue;
                }
                if labelled {
                    continue;
                }
            }
            // "Về vốn: Bộ Tài chính chủ trì …": a topic, then its unit.
            if !labelled && let Some(subject) = self.after_topic(block) {
                self.push_sentences(block.from, block.to, &subject.units, "task.subject", 0.75);
                continue;
            }
            let closing = CLOSING.is_match(&self.plain()[block.from..block.to]);
            if !labelled && (closing || self.is_closing(block) || self.hands_on(block)) {
                let reports = self.dated_reports(block);
                if !reports.is_empty() {
                    self.tasks.extend(reports);
                    continue;
                }
            }
            if let Some(found) = self.order_inside(block, letter) {
                if opens && self.has_items(index) {
                    pending = Some(found.1.units);
                } else if !labelled {
                    let end = self.reader.sentence_end(found.0, block.to);
                    self.push(found.0, end, found.1.units, "task.order", 0.75);
                    // "… Báo cáo gửi về Sở trước ngày …": the next sentence says by when.
                    let later = self.due(end, block.to, Context::Sentence);
                    if let Some(task) = self.tasks.last_mut().filter(|task| task.deadline.is_none()) {
                        task.deadline = later.filter(|deadline| deadline.kind == DeadlineKind::Before);
                    }
                }
                continue;
            }
            if labelled || closing || opens || self.is_closing(block) || self.takes_reply(block) {
                continue;
            }
            let printed = self.reader.folded.span(block.from, block.to).of(self.reader.text);
            if !printed.chars().any(char::is_lowercase) {
                continue;
            }
            if let Some(scope) = scopes.last() {
                if block.to - block.from > 24 {
                    let units = scope.units.clone();
                    self.push_sentences(block.from, block.to, &units, "task.item", 0.75);
                }
            } else if let Some(deadline) = self.own_deadline(block) {
                let coordinate = self.reader.partners(block.from, block.to);
                self.tasks.push(Task {
                    text: self.words(block.from, block.to, "task.deadline", 0.55),
                    lead: Vec::new(),
                    coordinate,
                    deadline: Some(deadline),
                    people: Vec::new(),
                    product: None,
                    budget: None,
                });
            }
        }
    }

    /// "Ý kiến tham gia đề nghị gửi về Sở … trước ngày …": the deadline of what was asked before.
    fn takes_reply(&mut self, block: &Block) -> bool {
        static REPLY: LazyLock<Regex> = LazyLock::new(|| {
            expression(r"^(?:van ban|y kien|noi dung|bao cao|ket qua|thong tin|ho so)\b[^.;:]{0,90}\b(?:gui|ve)\b")
        });
        if !REPLY.is_match(&self.plain()[block.from..block.to]) {
            return false;
        }
        let deadline = self.due(block.from, block.to, Context::Sentence).filter(is_firm);
        let Some(deadline) = deadline else { return false };
        let asked = self.tasks.last_mut().filter(|task| task.deadline.is_none() && task.text.rule != "task.labelled");
        asked.is_some_and(|task| {
            task.deadline = Some(deadline);
            true
        })
    }

    /// A paragraph as tasks: one for all of it, and one for each later sentence that opens with units of
    /// its own ("… Sở Tài chính có trách nhiệm …").
    fn push_sentences(&mut self, from: usize, to: usize, units: &[Found<String>], rule: &'static str, confidence: f32) {
        let mut start = from;
        let mut units = units.to_vec();
        let mut at = from;
        while at < to {
            let end = self.sentence_or_clause_end(at, to);
            let next = end + self.plain()[end..to].len() - self.plain()[end..to].trim_start().len();
            // "Sở Y tế; Ủy ban nhân dân các xã chịu trách nhiệm …" is one list with one duty.
            let named = units.last().map_or(start, |unit| self.reader.folded.place(unit.span.end()));
            let done = end > start.max(named.min(end)) + 20;
            let own = (end < to && done).then(|| self.own_duty(next, to)).flatten();
            if let Some(subject) = own {
                self.push(start, end, std::mem::replace(&mut units, subject.units), rule, confidence);
                start = next;
            }
            at = next.max(at + 1);
        }
        self.push(start, to, units, rule, confidence);
    }

    /// The units that are told to act after a short topic and its colon.
    fn after_topic(&self, block: &Block) -> Option<Subject> {
        let head = &self.flat[block.from..block.to.min(block.from + 90)];
        let colon = head.find(':')?;
        let rest = &head[colon + 1..];
        self.own_duty(block.from + colon + 1 + rest.len() - rest.trim_start().len(), block.to)
    }

    /// The end of the sentence or of the part up to the next semicolon.
    fn sentence_or_clause_end(&self, at: usize, to: usize) -> usize {
        let end = self.reader.sentence_end(at, to);
        self.plain()[at..end].find(';').map_or(end, |semicolon| at + semicolon + 1)
    }

    /// The units with which a sentence opens, if it says in so many words that they are to act.
    fn own_duty(&self, at: usize, to: usize) -> Option<Subject> {
        let end = self.sentence_or_clause_end(at, to);
        let subject = self.reader.subject(at, end).filter(|subject| !subject.alone)?;
        let rest = &self.flat[subject.end..end];
        let rest = &rest[..rest.len().min(60)];
        let duty = ["chu tri", "co trach nhiem", "chiu trach nhiem", "co nhiem vu", "la co quan dau moi"];
        duty.iter().any(|words| rest.contains(words)).then_some(subject)
    }

    /// Whether the paragraph begins by asking for the paper to be carried out: "… yêu cầu các Sở … nghiêm
    /// túc thực hiện; định kỳ …".
    fn hands_on(&self, block: &Block) -> bool {
        let end = self.sentence_or_clause_end(block.from, block.to);
        let part = &self.flat[block.from..end];
        block.depth.is_none()
            && ["yeu cau", "de nghi"].iter().any(|word| part.contains(word))
            && (["nghiem tuc", "thuc hien tot"].iter().any(|words| part.contains(words))
                || part.trim_end_matches(['.', ';', ' ']).ends_with(" nay"))
    }

    /// The parts of a closing paragraph that ask for a report by a day or again and again.
    fn dated_reports(&self, block: &Block) -> Vec<Task> {
        static REPORT: LazyLock<Regex> =
            LazyLock::new(|| expression(r"\b(?:bao\s+cao|gui\b|tong\s+hop|so\s+ket|tong\s+ket)"));
        let mut found = Vec::new();
        let mut at = block.from;
        let asked =
            self.reader.subject(block.from, block.to).filter(|subject| subject.ordered).or_else(|| {
                self.reader.orders(block.from, block.to, true).into_iter().next().map(|(_, subject)| subject)
            });
        while at < block.to {
            let end = self.sentence_or_clause_end(at, block.to);
            let start = at + self.plain()[at..end].len() - self.plain()[at..end].trim_start().len();
            at = end.max(at + 1);
            if end - start < 30 || !REPORT.is_match(&self.plain()[start..end]) {
                continue;
            }
            let Some(deadline) = self.due(start, end, Context::Sentence) else { continue };
            if !matches!(deadline.kind, DeadlineKind::Before | DeadlineKind::Recurring) {
                continue;
            }
            if deadline.end.is_some_and(|end| self.issued.is_some_and(|issued| end < issued)) {
                continue;
            }
            let after = self.reader.folded.place(deadline.text.span.end());
            let after = after + self.plain()[after..end.max(after)].len()
                - self.plain()[after..end.max(after)].trim_start_matches([' ', ',', '\n']).len();
            let own = [start, after].into_iter().find_map(|place| {
                self.reader.subject(place, end.max(place)).filter(|subject| !subject.alone && !self.is_issuer(subject))
            });
            let opens = self.reader.folded.place(deadline.text.span.start()) < start + 12;
            if own.is_none() && asked.is_none() && !opens {
                continue;
            }
            let lead = own.or_else(|| asked.clone()).map_or_else(Vec::new, |subject| subject.units);
            found.push(Task {
                text: self.words(start, end, "task.report", 0.65),
                lead,
                coordinate: Vec::new(),
                deadline: Some(deadline),
                people: Vec::new(),
                product: None,
                budget: None,
            });
        }
        found
    }

    /// Whether the units are the issuer itself.
    fn is_issuer(&self, subject: &Subject) -> bool {
        !self.issuer.is_empty()
            && subject.units.iter().any(|unit| {
                let name = form(&unit.value);
                self.issuer.starts_with(&name) || name.starts_with(&self.issuer)
            })
    }

    /// Whether a section around the block is about goals, not about what is done for them.
    fn among_goals(&self, block: &Block) -> bool {
        let mut parent = block.parent;
        while let Some(index) = parent {
            let section = &self.blocks[index];
            let title = &self.flat[section.from..section.to.min(section.from + 80)];
            if ["muc tieu", "muc dich", "yeu cau", "chi tieu", "quan diem", "kinh phi"]
                .iter()
                .any(|word| title.contains(word))
            {
                return true;
            }
            parent = section.parent;
        }
        false
    }

    fn push(&mut self, from: usize, to: usize, lead: Vec<Found<String>>, rule: &'static str, confidence: f32) {
        let coordinate = self.reader.partners(from, to);
        let deadline = self.due(from, to, Context::Sentence);
        let text = self.words(from, to, rule, confidence);
        let lead = if self.flat[from..to].contains("trach nhiem thi hanh") { without_the_rest(lead) } else { lead };
        let budget = self.budget(from, to);
        self.tasks.push(Task { text, lead, coordinate, deadline, people: Vec::new(), product: None, budget });
    }

    /// Where the money comes from, as a sentence says it: "từ nguồn …", "kinh phí … do ngân sách tỉnh bảo đảm".
    fn budget(&self, from: usize, to: usize) -> Option<Found<String>> {
        static SOURCE: LazyLock<Regex> = LazyLock::new(|| {
            expression(
                r"\b(?:(?:tu|bang|trong)\s+(?:cac\s+)?nguon\s+(?:kinh\s+phi|von|ngan\s+sach|du\s+toan)|(?:tu|bang)\s+ngan\s+sach|kinh\s+phi\s+(?:thuc\s+hien\s+)?(?:duoc\s+)?(?:lay|trich|bo\s+tri)?\s*(?:tu|do)\s)[^.;,\n]{0,120}",
            )
        });
        if !self.flat[from..to].contains("ngan sach") && !self.flat[from..to].contains("nguon ") {
            return None;
        }
        let hit = SOURCE.find(&self.flat[from..to])?;
        Some(self.words(from + hit.start(), from + hit.end(), "task.budget", 0.6))
    }

    /// Whether items follow the block.
    fn has_items(&self, index: usize) -> bool {
        self.blocks.get(index + 1).is_some_and(|next| next.depth.is_some() || self.blocks[index].depth.is_none())
    }

    /// Whether the next block is an item under this one.
    fn deeper(&self, index: usize) -> bool {
        match (self.blocks[index].depth, self.blocks.get(index + 1)) {
            (Some(depth), Some(next)) => next.depth.is_none_or(|next| next > depth),
            _ => false,
        }
    }

    /// An order inside the paragraph.
    fn order_inside(&self, block: &Block, letter: bool) -> Option<(usize, Subject)> {
        let found = self.reader.orders(block.from, block.to, letter);
        found.into_iter().find(|(at, subject)| {
            let end = self.reader.sentence_end(*at, block.to);
            let part = &self.flat[*at..end];
            let order = part.starts_with("giao");
            let closing = !order
                && (part.contains("nghiem tuc")
                    || part.contains("quan tam") && part.len() < 80
                    || part.contains("kho khan, vuong mac"));
            let _ = subject;
            part.len() > 30 && (!closing || self.due(*at, end, Context::Sentence).as_ref().is_some_and(is_firm))
        })
    }

    /// A deadline that makes an item a task though no unit is named: a day, and one that is not past.
    fn own_deadline(&self, block: &Block) -> Option<Deadline> {
        if block.to - block.from > 900 {
            return None;
        }
        let deadline = self.due(block.from, block.to, Context::Sentence)?;
        let late = match (self.issued, deadline.end) {
            (Some(issued), Some(end)) => end >= issued,
            (_, end) => end.is_some(),
        };
        let day = deadline.text.value.contains("ngày") || deadline.text.value.contains('/');
        // "Định kỳ hằng năm công bố …" as an item of its own, but not among the goals.
        let again = deadline.kind == DeadlineKind::Recurring && block.depth.is_some() && !self.among_goals(block);
        (again || late && day && is_firm(&deadline)).then_some(deadline)
    }
}

/// The same units, less sure: an empty cell may belong to the one above it or say nothing.
fn doubtful(units: &[Found<String>]) -> Vec<Found<String>> {
    let weaker = |unit: &Found<String>| Found { rule: "task.cell_above", confidence: 0.5, ..unit.clone() };
    units.iter().map(weaker).collect()
}

/// "… và các tổ chức, cá nhân có liên quan" closes every enforcement clause and names nobody.
fn without_the_rest(mut units: Vec<Found<String>>) -> Vec<Found<String>> {
    if units.len() > 1 {
        units.retain(|unit| {
            let name = form(&unit.value);
            !(name.starts_with("cac ") && name.ends_with("lien quan"))
        });
    }
    units
}

/// Whether the deadline names a day or a rule.
fn is_firm(deadline: &Deadline) -> bool {
    matches!(deadline.kind, DeadlineKind::Before | DeadlineKind::Recurring)
        || deadline.kind == DeadlineKind::Interval && deadline.start.is_some()
}

#[cfg(test)]
mod tests;
