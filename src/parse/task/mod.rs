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
use super::unit::{Known, form};
use crate::text::Span;

/// The tasks in the part `body` of `text`, in the order of the text. `outline` are its sections;
/// from `header` come the day of issue and the ends of head and foot, `cells` are the tables that the
/// reader of the file knew.
pub fn find_tasks(
    text: &str,
    body: Span,
    outline: &[Section],
    header: &Header,
    _cells: &[crate::table::Table],
) -> Vec<Task> {
    let folded = Folded::new(text, body);
    let length = folded.text().len();
    let issued = header.date.as_ref().map(|date| date.value).or_else(|| likely_date(&folded, text));
    let tables = find_tables(&folded, text, (0, length));
    let blocks = read_blocks(&folded, text, (0, length), outline, label::is_label);
    let mut reader = Reader { folded: &folded, text, known: Known::default() };
    let foot = foot(&folded, header);
    let head = head(&folded, header, &blocks);
    learn(&mut reader, &blocks);
    let own_name = header.issuer.as_ref().map(|found| form(&found.value)).unwrap_or_default();
    let mut search = Finder {
        reader: &reader,
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
    tasks.dedup_by(|next, kept| next.text.span == kept.text.span && next.lead == kept.lead);
    tasks
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
    let year = dates
        .iter()
        .map(|date| date.year())
        .max_by_key(|year| (dates.iter().filter(|date| date.year() == *year).count(), *year))?;
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

struct Finder<'a> {
    reader: &'a Reader<'a>,
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
        block.start < self.head
            || (self.foot.0 <= block.start && block.start < self.foot.1)
            || self.tables.iter().any(|table| table.from < block.to && block.from < table.to)
    }

    fn words(&self, from: usize, to: usize, rule: &'static str, confidence: f32) -> Found<String> {
        let span = self.reader.folded.span(from, to);
        let printed = span.of(self.reader.text);
        let trimmed = printed.trim();
        let start = span.start() + (trimmed.as_ptr().addr() - printed.as_ptr().addr());
        Found::new(squeeze(trimmed), Span::at(start, start + trimmed.len()), rule, confidence)
    }

    fn due(&self, from: usize, to: usize, context: Context) -> Option<Deadline> {
        read_in(self.reader.folded, self.reader.text, (from, to), context, self.issued)
    }

    /// Tasks by labelled lines; how many there are.
    fn labelled(&mut self) -> usize {
        let groups = label::groups(self.reader, self.blocks, |block| self.skips(block));
        let mut count = 0;
        for group in groups {
            let block = &self.blocks[group.heading];
            let end = self.blocks.get(group.heading + 1).map_or(block.to, |next| block.to.min(next.start));
            let deadline = group.time.and_then(|(from, to)| self.due(from, to, Context::Label));
            if group.lead.is_empty() && group.coordinate.is_empty() {
                continue;
            }
            count += 1;
            self.tasks.push(Task {
                text: self.words(block.from, end, "task.labelled", 0.95),
                lead: group.lead,
                coordinate: group.coordinate,
                deadline,
            });
        }
        count
    }

    fn tables(&mut self) {
        let mut tasks = Vec::new();
        let rows = self.tables.iter().flat_map(|table| table.rows.iter().map(move |row| (table, row)));
        for (table, row) in rows {
            let Some((from, to)) = row.task else { continue };
            let cell =
                |place: Option<(usize, usize)>| place.map_or_else(Vec::new, |(from, to)| self.cell_units(from, to));
            let (lead, coordinate) = (cell(row.lead), cell(row.coordinate));
            if lead.is_empty() && coordinate.is_empty() {
                continue;
            }
            let deadline = row
                .time
                .and_then(|(from, to)| self.due(from, to, Context::Label))
                .or_else(|| row.time.and_then(|_| self.day_above(table)));
            tasks.push(Task { text: self.words(from, to, "task.table", 0.85), lead, coordinate, deadline });
        }
        self.tasks.extend(tasks);
    }

    /// The day that the heading of a table names, for rows that give hours only.
    fn day_above(&self, table: &Table) -> Option<Deadline> {
        let start = table
            .from
            .saturating_sub(160)
            .max(self.tables.iter().map(|other| other.to).filter(|to| *to <= table.from).max().unwrap_or(0));
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
            return self.reader.units(from, to, "task.cell");
        }
        let mut at = from;
        let mut units = Vec::new();
        for line in lines {
            units.extend(self.reader.units(at, at + line.len(), "task.cell"));
            at += line.len() + 1;
        }
        units
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
                    self.push(block.from, block.to, subject.units, "task.subject", 0.8);
                    continue;
                }
                if labelled {
                    continue;
                }
            }
            let closing = CLOSING.is_match(&self.plain()[block.from..block.to]);
            if let Some(found) = self.order_inside(block, letter) {
                if opens && self.has_items(index) {
                    pending = Some(found.1.units);
                } else if !labelled {
                    let end = self.reader.sentence_end(found.0, block.to);
                    self.push(found.0, end, found.1.units, "task.order", 0.75);
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
                    self.push(block.from, block.to, units, "task.item", 0.75);
                }
            } else if let Some(deadline) = self.own_deadline(block) {
                let coordinate = self.reader.partners(block.from, block.to);
                self.tasks.push(Task {
                    text: self.words(block.from, block.to, "task.deadline", 0.55),
                    lead: Vec::new(),
                    coordinate,
                    deadline: Some(deadline),
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

    fn push(&mut self, from: usize, to: usize, lead: Vec<Found<String>>, rule: &'static str, confidence: f32) {
        let coordinate = self.reader.partners(from, to);
        let deadline = self.due(from, to, Context::Sentence);
        let text = self.words(from, to, rule, confidence);
        let lead = if self.plain()[from..to].contains("trach nhiem thi hanh") { without_the_rest(lead) } else { lead };
        self.tasks.push(Task { text, lead, coordinate, deadline });
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
            let part = &self.plain()[*at..end];
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
        (late && day && is_firm(&deadline)).then_some(deadline)
    }
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
