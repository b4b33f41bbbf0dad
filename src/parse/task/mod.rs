//! Tasks: what somebody is to do, who leads, who takes part, and when it is due.
//!
//! Four shapes are read: labelled lines under a heading ("Đơn vị chủ trì: …"), tables, the items
//! under a heading that names a unit, and sentences that give an order. In a document that labels
//! its tasks the labels are the whole truth, and the general duties under its unit headings are no
//! tasks of their own; targets, closing sentences and the duration of the plan never are.

mod blocks;
mod cells;
mod duty;
mod frame;
mod judge;
mod label;
mod sentence;
mod table;

use jiff::civil::Date;

use self::blocks::{Block, read_blocks};
use self::duty::is_firm;
use self::frame::{foot, head, is_letter, likely_date, people};
use self::judge::CLOSING;
use self::sentence::{Reader, Subject};
use self::table::{Table, find_tables};
use super::cite::squeeze;
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
                    self.push_order(block, found.0, found.1.units);
                }
                continue;
            }
            if labelled || closing || opens || self.is_closing(block) || self.takes_reply(block) {
                continue;
            }
            self.push_item(block, scopes.last().map_or(&[], |scope| &scope.units));
        }
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
}

#[cfg(test)]
mod tests;
