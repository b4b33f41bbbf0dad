//! Citations and tasks against annotations.
//!
//! A citation counts as found when its canonical number agrees in any spelling (a law without a
//! number: its name), a task when its first words agree; "tasks with lead" asks beside the words that at least
//! one of the lead units annotated is among those found, or that neither names one. Type, date, issuer, relation, units and
//! deadline are then judged on what was found, so that each figure says one thing. Values must be equal
//! after folding; units are compared as sets.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::key::fold_key;
use crate::record::{CitationRecord, DeadlineRecord, Field, Record, TaskRecord};
use crate::vi::fold::fold;

/// What was found and what was not, over any number of documents.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Content {
    /// Documents scored.
    pub documents: usize,
    /// Citations by canonical number or name.
    pub citations: Tally,
    /// Tasks by their first words.
    pub tasks: Tally,
    /// Tasks by their first words and a lead unit: what does not have both is missed and false.
    pub tasks_with_lead: Tally,
    /// Fields of what was found, by name.
    pub fields: BTreeMap<&'static str, Rate>,
    /// Each document with its own tallies and everything that was wrong in it.
    pub each: Vec<DocumentContent>,
}

/// One document's share of a [`Content`].
#[derive(Clone, Debug, Default, Serialize)]
pub struct DocumentContent {
    /// The annotation's name for the document.
    pub id: String,
    /// Its citations.
    pub citations: Tally,
    /// Its tasks.
    pub tasks: Tally,
    /// Its tasks by words and a lead unit.
    pub tasks_with_lead: Tally,
    /// What was missed, false or different, a line each.
    pub misses: Vec<String>,
}

/// Found, missed and false items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Annotated and found.
    pub found: usize,
    /// Annotated, not found.
    pub missed: usize,
    /// Found, not annotated.
    #[serde(rename = "false")]
    pub extra: usize,
}

impl Tally {
    /// Share of the annotated that was found; 1 if nothing was annotated.
    pub fn recall(self) -> f64 {
        share(self.found, self.found + self.missed)
    }

    /// Share of the found that is annotated; 1 if nothing was found.
    pub fn precision(self) -> f64 {
        share(self.found, self.found + self.extra)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(self) -> f64 {
        share(2 * self.found, 2 * self.found + self.missed + self.extra)
    }

    fn add(&mut self, other: Self) {
        self.found += other.found;
        self.missed += other.missed;
        self.extra += other.extra;
    }
}

/// How many of so many were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Equal to the annotation.
    pub right: usize,
    /// Annotated.
    pub of: usize,
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Compares one document with its annotation (an object of the gold format) and adds the result to
/// `report`.
pub fn score(gold: &Value, record: &Record, report: &mut Content) {
    let mut document =
        DocumentContent { id: gold["id"].as_str().unwrap_or("?").to_owned(), ..DocumentContent::default() };
    let mut scorer = Scorer { fields: &mut report.fields, misses: Vec::new() };
    document.citations = scorer.citations(list(&gold["citations"]), &record.citations);
    if gold["tasks"].is_array() {
        let complete = gold["tasks_complete"].as_bool().unwrap_or(true);
        (document.tasks, document.tasks_with_lead) = scorer.tasks(list(&gold["tasks"]), &record.tasks, complete);
    }
    document.misses = scorer.misses;
    report.documents += 1;
    report.citations.add(document.citations);
    report.tasks.add(document.tasks);
    report.tasks_with_lead.add(document.tasks_with_lead);
    report.each.push(document);
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

struct Scorer<'a> {
    fields: &'a mut BTreeMap<&'static str, Rate>,
    misses: Vec<String>,
}

impl Scorer<'_> {
    /// Notes whether a field is right.
    fn judge(&mut self, field: &'static str, right: bool, what: impl FnOnce() -> String) {
        let rate = self.fields.entry(field).or_default();
        rate.of += 1;
        if right {
            rate.right += 1;
        } else {
            let what = what();
            self.misses.push(format!("{field}: {what}"));
        }
    }

    fn citations(&mut self, gold: &[Value], found: &[CitationRecord]) -> Tally {
        let mut taken = vec![false; found.len()];
        let mut tally = Tally::default();
        for wanted in gold {
            let candidates = (0..found.len()).filter(|index| !taken[*index] && is_cited(wanted, &found[*index]));
            let date = wanted["date"].as_str();
            let best = candidates.max_by_key(|index| {
                let same = found[*index].date.as_ref().map(|date| date.value.to_string()).as_deref() == date;
                (same, std::cmp::Reverse(*index))
            });
            let label = wanted["canonical"].as_str().or(wanted["name"].as_str()).unwrap_or("?");
            let Some(index) = best else {
                tally.missed += 1;
                let surface = wanted["surface"].as_str().unwrap_or_default();
                self.misses.push(format!("citation missed: {label} | {}", line(surface)));
                continue;
            };
            taken[index] = true;
            tally.found += 1;
            self.citation(label, wanted, &found[index]);
        }
        for (citation, _) in found.iter().zip(taken).filter(|(_, taken)| !taken) {
            tally.extra += 1;
            let words = citation.mentions.first().map_or("", |mention| mention.value.as_str());
            self.misses.push(format!("citation false: {} | {words}", named(citation)));
        }
        tally
    }

    fn citation(&mut self, label: &str, wanted: &Value, found: &CitationRecord) {
        let text = |field: &Option<Field<String>>| field.as_ref().map(|field| field.value.clone());
        for (field, name, value) in
            [("citation type", "type", text(&found.kind)), ("citation issuer", "issuer", text(&found.issuer))]
        {
            if let Some(wanted) = wanted[name].as_str() {
                let value = value.unwrap_or_default();
                self.judge(field, plain(wanted) == plain(&value), || format!("{label}: `{value}`, not `{wanted}`"));
            }
        }
        let date = found.date.as_ref().map(|date| date.value.to_string());
        let wanted_date = wanted["date"].as_str();
        if wanted_date.is_some() || date.is_some() {
            self.judge("citation date", date.as_deref() == wanted_date, || {
                format!("{label}: {date:?}, not {wanted_date:?}")
            });
        }
        if let Some(locator) = wanted["locator"].as_str() {
            let value = text(&found.locator).unwrap_or_default();
            self.judge("citation locator", plain(locator) == plain(&value), || {
                format!("{label}: `{value}`, not `{locator}`")
            });
        }
        if let Some(relation) = wanted["relation"].as_str() {
            let value = found.relation.value.as_str();
            self.judge("citation relation", relation_names(relation).contains(&value), || {
                format!("{label}: {value} ({}, `{}`), not {relation}", found.relation.rule, line(&found.relation.raw))
            });
        }
        if let Some(count) = wanted["count"].as_u64() {
            let mentions = found.mentions.len() as u64;
            self.judge("citation mentions", mentions == count, || format!("{label}: {mentions}, not {count}"));
        }
    }

    /// The tally by words, and that by words and a lead unit.
    fn tasks(&mut self, gold: &[Value], found: &[TaskRecord], complete: bool) -> (Tally, Tally) {
        let mut taken = vec![false; found.len()];
        let mut tally = Tally::default();
        let mut wrong_lead = 0;
        let texts: Vec<Vec<String>> = found.iter().map(|task| words(&task.text.value)).collect();
        for wanted in gold {
            let label = wanted["text"].as_str().unwrap_or_default();
            let first = words(label);
            let lead = names(&wanted["lead"]);
            let best = (0..found.len())
                .filter(|index| !taken[*index] && same_start(&first, &texts[*index]))
                .max_by_key(|index| (overlap(&lead, &found[*index].lead), std::cmp::Reverse(*index)));
            let Some(index) = best else {
                tally.missed += 1;
                self.misses.push(format!("task missed: {label} | {lead:?}"));
                continue;
            };
            taken[index] = true;
            tally.found += 1;
            let right =
                if lead.is_empty() { found[index].lead.is_empty() } else { overlap(&lead, &found[index].lead) > 0 };
            wrong_lead += usize::from(!right);
            self.task(label, wanted, &found[index]);
        }
        if complete {
            for (task, _) in found.iter().zip(taken).filter(|(_, taken)| !taken) {
                tally.extra += 1;
                let lead: Vec<&str> = task.lead.iter().map(|unit| unit.value.as_str()).collect();
                let text: String = line(&task.text.value).chars().take(100).collect();
                self.misses.push(format!("task false: {text} | {lead:?} | {}", task.text.rule));
            }
        }
        let with_lead = Tally {
            found: tally.found - wrong_lead,
            missed: tally.missed + wrong_lead,
            extra: tally.extra + if complete { wrong_lead } else { 0 },
        };
        (tally, with_lead)
    }

    fn task(&mut self, label: &str, wanted: &Value, found: &TaskRecord) {
        let label: String = label.chars().take(40).collect();
        for (equal, some, name, units) in [
            ("task lead equal", "task lead overlaps", "lead", &found.lead),
            ("task coordinate equal", "task coordinate overlaps", "coordinate", &found.coordinate),
        ] {
            let wanted = names(&wanted[name]);
            let printed: Vec<&str> = units.iter().map(|unit| unit.value.as_str()).collect();
            let same = overlap(&wanted, units);
            let right = same == wanted.len() && same == units.len();
            self.judge(equal, right, || format!("{label}: {printed:?}, not {wanted:?}"));
            if !wanted.is_empty() {
                let rate = self.fields.entry(some).or_default();
                rate.of += 1;
                rate.right += usize::from(same > 0);
            }
        }
        self.deadline(&label, &wanted["deadline"], found.deadline.as_ref());
    }

    fn deadline(&mut self, label: &str, wanted: &Value, found: Option<&DeadlineRecord>) {
        let kind = wanted["kind"].as_str().filter(|kind| *kind != "none");
        let printed = found.map(|deadline| deadline.text.value.as_str()).unwrap_or_default();
        let Some(kind) = kind else {
            self.judge("no deadline, none found", found.is_none(), || format!("{label}: `{printed}`"));
            return;
        };
        let surface = wanted["surface"].as_str().unwrap_or_default();
        let date = |field: &Option<Field<jiff::civil::Date>>| field.as_ref().map(|field| field.value.to_string());
        let value = found.map(|deadline| (deadline.kind.value.as_str(), date(&deadline.start), date(&deadline.end)));
        let text = |name: &str| wanted[name].as_str().map(str::to_owned);
        let expected = (kind, text("start"), text("end"));
        self.judge("deadline kind", value.as_ref().map(|value| value.0) == Some(kind), || {
            format!("{label}: {:?} `{printed}`, not {kind} `{surface}`", value.as_ref().map(|value| value.0))
        });
        self.judge("deadline interval", value.as_ref() == Some(&expected), || {
            format!("{label}: {value:?} `{printed}`, not {expected:?} `{surface}`")
        });
    }
}

/// Whether the citation is the annotated one.
fn is_cited(wanted: &Value, found: &CitationRecord) -> bool {
    if let Some(canonical) = wanted["canonical"].as_str() {
        return found.key.as_ref().is_some_and(|key| fold_key(&key.value) == fold_key(canonical));
    }
    let Some(name) = wanted["name"].as_str() else { return false };
    let name = without_date(name);
    found.name.as_ref().is_some_and(|found| without_date(&found.value) == name)
}

/// A law's name in comparison form, without a date after it.
fn without_date(name: &str) -> String {
    let name = plain(name);
    let end = name.find(" ngay ").or_else(|| name.find(" nam ")).unwrap_or(name.len());
    name[..end].to_owned()
}

fn named(citation: &CitationRecord) -> &str {
    citation.key.as_ref().or(citation.name.as_ref()).map_or("?", |field| field.value.as_str())
}

/// The relations that an annotation's word allows.
fn relation_names(gold: &str) -> &[&str] {
    match gold {
        "basis" => &["based_on"],
        "implements" => &["implements"],
        "follows" => &["refers_to", "implements"],
        "amends" => &["amends"],
        "replaces" => &["replaces"],
        "repeals" => &["repeals"],
        "guides" => &["guides"],
        "attaches" => &["annexed_to"],
        "proposal" => &["proposes"],
        "corrects" => &["corrects"],
        "mentions" => &["refers_to"],
        _ => &[],
    }
}

/// Folded words with single spaces.
fn plain(text: &str) -> String {
    words(text).join(" ")
}

fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the first words of one text stand near the start of the other: up to 7 words, after a
/// label or a unit of up to 14.
fn same_start(wanted: &[String], found: &[String]) -> bool {
    let starts = |needle: &[String], hay: &[String]| {
        let length = needle.len().min(7);
        length > 0 && hay.windows(length).take(15).any(|window| window == &needle[..length])
    };
    starts(wanted, found) || starts(found, wanted)
}

fn names(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// How many of the wanted names were found.
fn overlap(wanted: &[String], found: &[Field<String>]) -> usize {
    let found: Vec<String> = found.iter().map(|unit| plain(&unit.value)).collect();
    wanted.iter().filter(|name| found.contains(&plain(name))).count()
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = plain_table();
        table.set_header(["what", "found", "missed", "false", "precision", "recall", "F1", "F1 by document"]);
        for (name, tally, each) in [
            ("citations", self.citations, self.mean(|document| document.citations)),
            ("tasks", self.tasks, self.mean(|document| document.tasks)),
            ("tasks with lead", self.tasks_with_lead, self.mean(|document| document.tasks_with_lead)),
        ] {
            table.add_row([
                name.to_owned(),
                tally.found.to_string(),
                tally.missed.to_string(),
                tally.extra.to_string(),
                percent(tally.precision()),
                percent(tally.recall()),
                percent(tally.f1()),
                percent(each),
            ]);
        }
        writeln!(f, "{table}\n")?;
        let mut table = plain_table();
        table.set_header(["of what was found", "right", "of", "share"]);
        for (name, rate) in &self.fields {
            let share = percent(share(rate.right, rate.of));
            table.add_row([(*name).to_owned(), rate.right.to_string(), rate.of.to_string(), share]);
        }
        write!(f, "{table}")?;
        for document in self.each.iter().filter(|document| !document.misses.is_empty()) {
            write!(f, "\n\n{}", document.id)?;
            for miss in &document.misses {
                write!(f, "\n  {miss}")?;
            }
        }
        Ok(())
    }
}

impl Content {
    /// Mean F1 over the documents in which there was anything to find or anything found.
    fn mean(&self, read: impl Fn(&DocumentContent) -> Tally) -> f64 {
        let tallies: Vec<Tally> = self.each.iter().map(read).filter(|tally| *tally != Tally::default()).collect();
        if tallies.is_empty() {
            1.0
        } else {
            tallies.iter().map(|tally| tally.f1()).sum::<f64>() / tallies.len() as f64
        }
    }
}

/// A table without lines.
fn plain_table() -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
