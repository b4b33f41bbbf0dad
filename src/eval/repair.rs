//! How good repair is: clean texts, the same without marks, and pairs of lines (what the paper
//! said, what OCR read), each raw and repaired side by side.
//!
//! Every figure comes from running repair over whole texts, as a user would. What stays wrong is
//! counted by class and listed, since the list is what the next improvement starts from; edits are
//! held against the confidence that they were given.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde::Serialize;
use strsim::levenshtein;

use super::encodings::EncodingReport;
use super::syllables::{Comparison, Pair, Strictness, count, pairs, syllables};
use crate::facts::table;
use crate::model::tokens::normal;
use crate::repair::Repairer;
use crate::text::{Span, Text};
use crate::vi::fold::fold;

/// A text and what the paper said, line for line where there are as many lines.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What the paper said.
    pub truth: String,
    /// What was read.
    pub raw: String,
}

/// One row of the report: a set of trials.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// What was tried.
    pub name: String,
    /// Syllables of the truth.
    pub syllables: usize,
    /// Wrong, missing or added before repair, case counted.
    pub raw_wrong: usize,
    /// After repair, case counted.
    pub wrong: usize,
    /// After repair, with case and the placement of tones left aside.
    pub wrong_letters: usize,
    /// Syllables that were right before and are wrong now.
    pub spoilt: usize,
    /// Syllables repaired in a second.
    pub speed: f64,
    /// What stays wrong, by class.
    pub classes: BTreeMap<&'static str, usize>,
    /// The commonest of it: truth, text, how often.
    pub commonest: Vec<(String, String, usize)>,
    /// Edits by confidence, in the bins that start at [`BINS`]: edits and how many of them are right.
    pub calibration: [(usize, usize); BINS.len()],
    #[serde(skip)]
    residue: BTreeMap<(String, String), usize>,
    #[serde(skip)]
    took: Duration,
}

/// The whole report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RepairReport {
    /// One row for each set of trials.
    pub rows: Vec<Row>,
    /// Texts whose order is not that of their truth.
    pub bags: Vec<Bag>,
    /// Bytes of the model.
    pub model_bytes: usize,
    /// Seconds that opening the model took.
    pub model_load: f64,
    /// Old encodings, over the clean texts.
    pub encodings: Option<EncodingReport>,
    /// Most memory that the process held, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
}

/// Where the bins of the calibration curve start: confidences, finer where most edits are.
pub const BINS: [f32; 13] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999];

/// A text and its truth in another order (columns, page furniture): compared as bags of syllables.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Bag {
    /// What was tried.
    pub name: String,
    /// Syllables of the truth.
    pub syllables: usize,
    /// Syllables of the truth that the text as read lacks, whatever their case and tone placement.
    pub missing_raw: usize,
    /// Those that it lacks after repair.
    pub missing: usize,
}

/// Counts what a text that has no order in common with its truth lacks of it.
pub fn measure_bag(name: &str, trial: &Trial, repairer: &mut Repairer<'_>) -> Bag {
    let missing = |text: &str| {
        let mut left: HashMap<String, usize> = HashMap::new();
        for syllable in syllables(text) {
            *left.entry(normal(syllable)).or_insert(0) += 1;
        }
        let has = |syllable: &&str| match left.get_mut(&normal(syllable)) {
            Some(times) if *times > 0 => {
                *times -= 1;
                false
            }
            _ => true,
        };
        syllables(&trial.truth).filter(has).count()
    };
    Bag {
        name: name.to_owned(),
        syllables: syllables(&trial.truth).count(),
        missing_raw: missing(&trial.raw),
        missing: missing(repairer.repair(&trial.raw).fixed()),
    }
}

/// How many of the commonest errors are listed.
const LISTED: usize = 20;

/// Repairs the trials one after the other and counts. With `names`, personal names are scored
/// without tones: a reading without tones cannot tell Thúy from Thùy.
pub fn measure(name: &str, trials: &[Trial], names: bool, repairer: &mut Repairer<'_>) -> Row {
    let mut row = Row { name: name.to_owned(), ..Row::default() };
    for trial in trials {
        let start = Instant::now();
        let text = repairer.repair(&trial.raw);
        row.took += start.elapsed();
        score(trial, &text, names, &mut row);
    }
    row.speed = row.syllables as f64 / row.took.as_secs_f64().max(1e-9);
    let mut commonest: Vec<_> =
        std::mem::take(&mut row.residue).into_iter().map(|((truth, text), times)| (truth, text, times)).collect();
    commonest.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
    commonest.truncate(LISTED);
    row.commonest = commonest;
    row
}

fn score(trial: &Trial, text: &Text, names: bool, row: &mut Row) {
    let lines = |text: &str| text.split('\n').count();
    let aligned = lines(&trial.truth) == lines(&trial.raw);
    let parts = |text: &str| -> Vec<(usize, usize)> {
        if !aligned {
            return vec![(0, text.len())];
        }
        let mut start = 0;
        text.split('\n')
            .map(|line| {
                let part = (start, start + line.len());
                start = part.1 + 1;
                part
            })
            .collect()
    };
    let fixed = text.fixed();
    let mut right_at: Vec<(usize, usize, Option<String>)> = Vec::new();
    for ((truth, raw), read) in parts(&trial.truth).into_iter().zip(parts(&trial.raw)).zip(parts(fixed)) {
        let truth: Vec<&str> = syllables(&trial.truth[truth.0..truth.1]).collect();
        let before: Vec<&str> = syllables(&trial.raw[raw.0..raw.1]).collect();
        let after: Vec<&str> = syllables(&fixed[read.0..read.1]).collect();
        let lenient = if names { name_syllables(&truth) } else { Vec::new() };
        let was = pairs(&truth, &before, Strictness::Exact, &lenient);
        let now = pairs(&truth, &after, Strictness::Exact, &lenient);
        let letters = count(&truth, &after, &pairs(&truth, &after, Strictness::Letters, &lenient));
        let result = count(&truth, &after, &now);
        row.syllables += truth.len();
        row.raw_wrong += errors(&count(&truth, &before, &was));
        row.wrong += errors(&result);
        row.wrong_letters += errors(&letters);
        let held = |pairs: &[Pair]| -> Vec<bool> {
            let mut held = vec![false; truth.len()];
            for pair in pairs.iter().filter(|pair| pair.right) {
                held[pair.truth.unwrap_or_default()] = true;
            }
            held
        };
        row.spoilt += held(&was).into_iter().zip(held(&now)).filter(|(was, now)| *was && !now).count();
        for pair in &now {
            if let Some(at) = pair.text {
                let start = after[at].as_ptr() as usize - fixed.as_ptr() as usize;
                let wanted = pair.truth.filter(|_| !pair.right).map(|at| truth[at].to_owned());
                right_at.push((start, start + after[at].len(), wanted.or((!pair.right).then(String::new))));
            }
        }
        for (truth, read) in result.wrong {
            *row.classes.entry(class_of(&truth, &read)).or_insert(0) += 1;
            *row.residue.entry((truth, read)).or_insert(0) += 1;
        }
    }
    right_at.sort_unstable();
    for (index, edit) in text.edits().iter().enumerate() {
        let span = text.edit_span(index);
        let first = right_at.partition_point(|(_, end, _)| *end <= span.start());
        let mut touched = right_at[first..].iter().take_while(|(start, _, _)| *start < span.end()).peekable();
        if touched.peek().is_none() {
            continue;
        }
        let bin = BINS.partition_point(|from| *from <= edit.confidence).max(1) - 1;
        row.calibration[bin].0 += 1;
        let is_right = touched.all(|(from, to, wanted)| {
            wanted.as_ref().is_none_or(|wanted| {
                // What else is wrong in the token is not the edit's fault: `10/QĐ-TTq` has its Đ back.
                let undone = |span: Span| {
                    span.start() >= *from && span.end() <= *to && {
                        let (before, after) = (edit.raw.of(text.raw()), span.of(fixed));
                        let old = [&fixed[*from..span.start()], before, &fixed[span.end()..*to]].concat();
                        let (was, now) = (levenshtein(&old, wanted), levenshtein(&fixed[*from..*to], wanted));
                        was == now + levenshtein(before, after)
                    }
                };
                !wanted.is_empty() && undone(span)
            })
        });
        row.calibration[bin].1 += usize::from(is_right);
    }
}

/// Everything that differs: wrong, missing, added.
fn errors(comparison: &Comparison) -> usize {
    comparison.truth - comparison.right + comparison.extra
}

/// The commonest surnames, without marks.
static SURNAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let rows = table("surnames.tsv", include_str!("../../dictionaries/surnames.tsv"), 1).unwrap_or_default();
    rows.iter().map(|row| fold(row.cells[0])).collect()
});

/// Which syllables are personal names: a surname and one to three more, all capitalised.
fn name_syllables(truth: &[&str]) -> Vec<bool> {
    let mut names = vec![false; truth.len()];
    let title = |token: &str| {
        let mut letters = token.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.clone().count() > 0 && letters.all(char::is_lowercase)
    };
    for at in 0..truth.len() {
        let run = truth[at..].iter().take_while(|token| title(token)).count();
        if (3..=4).contains(&run) && SURNAMES.contains(&fold(truth[at])) && !names[at] {
            names[at..at + run].fill(true);
        }
    }
    names
}

fn class_of(truth: &str, text: &str) -> &'static str {
    let capital = |token: &str| token.chars().next().is_some_and(char::is_uppercase);
    if truth.is_empty() {
        "added"
    } else if text.is_empty() {
        "lost"
    } else if truth.contains(|c: char| c.is_ascii_digit()) || text.contains(|c: char| c.is_ascii_digit()) {
        "digits"
    } else if truth.to_lowercase() == text.to_lowercase() {
        "case"
    } else if fold(truth) == fold(text) {
        if capital(truth) { "marks of capitalised words" } else { "marks" }
    } else if capital(truth) {
        "letters of capitalised words"
    } else {
        "letters"
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

impl fmt::Display for RepairReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "model {:.1} MB, opened in {:.2} ms", self.model_bytes as f64 / 1e6, self.model_load * 1e3)?;
        if let Some(bytes) = self.peak_memory {
            write!(f, "; at most {:.0} MB of memory", bytes as f64 / 1e6)?;
        }
        writeln!(f, "\nErrors in % of syllables, case counted; `letters` leaves case and tone placement aside\n")?;
        writeln!(
            f,
            "{:<34} {:>9} {:>8} {:>9} {:>8} {:>8} {:>9}",
            "", "syllables", "raw", "repaired", "letters", "spoilt", "syll/s"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "{:<34} {:>9} {:>8.3} {:>9.3} {:>8.3} {:>8.3} {:>9.0}",
                row.name,
                row.syllables,
                percent(row.raw_wrong, row.syllables),
                percent(row.wrong, row.syllables),
                percent(row.wrong_letters, row.syllables),
                percent(row.spoilt, row.syllables),
                row.speed
            )?;
        }
        for row in &self.rows {
            writeln!(f, "\n{}", row.name)?;
            let classes: Vec<String> = row.classes.iter().map(|(class, times)| format!("{class} {times}")).collect();
            writeln!(f, "  stays wrong: {}", classes.join(", "))?;
            let worst: Vec<String> =
                row.commonest.iter().map(|(truth, text, times)| format!("{truth}>{text} {times}")).collect();
            writeln!(f, "  commonest: {}", worst.join(", "))?;
            let bins: Vec<String> = row
                .calibration
                .iter()
                .enumerate()
                .filter(|(_, (edits, _))| *edits > 0)
                .map(|(bin, (edits, right))| format!("{} {:.1} % of {edits}", BINS[bin], percent(*right, *edits)))
                .collect();
            writeln!(f, "  right by confidence: {}", bins.join(", "))?;
            let sure = row.calibration.iter().zip(BINS).filter(|(_, from)| *from >= 0.9);
            let (edits, right) = sure.fold((0, 0), |sum, (bin, _)| (sum.0 + bin.0, sum.1 + bin.1));
            writeln!(f, "  of edits given 0.9 and more right: {:.1} % of {edits}", percent(right, edits))?;
        }
        for Bag { name, syllables, missing_raw, missing } in &self.bags {
            let quotient = *missing as f64 / (*missing_raw).max(1) as f64;
            writeln!(
                f,
                "\n{name}: of {syllables} syllables {missing_raw} missing, repaired {missing} ({quotient:.3})"
            )?;
        }
        if let Some(encodings) = &self.encodings {
            write!(f, "\n{encodings}")?;
        }
        Ok(())
    }
}
