//! Tasks by labelled lines and by rows of tables, where the paper itself says what is what.

use super::Finder;
use super::label;
use super::table::Table;
use crate::parse::cite::squeeze;
use crate::parse::date::dates_in;
use crate::parse::deadline::Context;
use crate::parse::found::{Deadline, Found, Task};
use crate::parse::unit::list_end;

impl Finder<'_> {
    /// Tasks by labelled lines; how many there are.
    pub(super) fn labelled(&mut self) -> usize {
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

    pub(super) fn tables(&mut self) {
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
    pub(super) fn day_above(&self, table: &Table) -> Option<Deadline> {
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
    pub(super) fn cell_units(&self, from: usize, to: usize) -> Vec<Found<String>> {
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
    pub(super) fn without_duty(&self, unit: Found<String>) -> Found<String> {
        let (from, to) = (self.reader.folded.place(unit.span.start()), self.reader.folded.place(unit.span.end()));
        let end = list_end(self.reader.folded, self.reader.text, from, to);
        if end >= to || end <= from {
            return unit;
        }
        let span = self.reader.folded.span(from, end);
        Found { value: squeeze(span.of(self.reader.text)), span, ..unit }
    }
}

/// The same units, less sure: an empty cell may belong to the one above it or say nothing.
fn doubtful(units: &[Found<String>]) -> Vec<Found<String>> {
    let weaker = |unit: &Found<String>| Found { rule: "task.cell_above", confidence: 0.5, ..unit.clone() };
    units.iter().map(weaker).collect()
}
