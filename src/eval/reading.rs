//! How well pages are read: pictures and scanned PDFs against what the paper says, before repair
//! and after it, a row for each set of pages.
//!
//! A page has no one order: which half of a letterhead or which column of a table comes first is a
//! matter of taste. So what does not fit in order is held against each other once more, until
//! nothing more fits: a block that stands elsewhere costs nothing, a wrong syllable still does.
//! How much is found in order, and how much at all, is said beside it. Characters are counted in
//! the tokens that do not fit, marks included, white space left out.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use super::syllables::{Pair, Strictness, pairs, syllables};

/// A page or a document: what the paper says, and what was read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The set it belongs to.
    pub set: String,
    /// Pages of it.
    pub pages: usize,
    /// What the paper says.
    pub truth: String,
    /// As it was read, before repair.
    pub raw: String,
    /// After repair. Readers without one repeat `raw`.
    pub repaired: String,
}

/// Errors of one text, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Errors {
    /// Syllables wrong, missing or too many.
    pub syllables: usize,
    /// Characters to change, put in or take out.
    pub characters: usize,
    /// Syllables of the truth that are nowhere in the reading.
    pub missing: usize,
    /// Syllables of the truth that are not in their order.
    pub missing_in_order: usize,
}

/// A set of pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its pages.
    pub pages: usize,
    /// Syllables of the truth.
    pub syllables: usize,
    /// Characters of the truth, white space left out.
    pub characters: usize,
    /// Before repair.
    pub raw: Errors,
    /// After repair.
    pub repaired: Errors,
    /// What stays wrong most often after repair: truth, reading, how often.
    pub commonest: Vec<(String, String, usize)>,
}

/// What one reader made of all sets.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reader {
    /// Its name, with what it was run with.
    pub name: String,
    /// A row for each set, by name, and one for all.
    pub rows: Vec<Row>,
    /// Pages read in a second, by the clock, start of the program included.
    pub pages_per_second: f64,
    /// Processor time for a page, in seconds, where the system tells: unlike the clock it hardly
    /// depends on what else the machine does.
    pub processor_seconds: Option<f64>,
    /// Most memory that its processes held, together, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
    /// Files that it could not read, with the reason.
    pub failed: Vec<String>,
}

/// The whole report: the first reader is this program.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReadingReport {
    /// How many pages were read at the same time.
    pub jobs: usize,
    /// This program, and the others that are installed.
    pub readers: Vec<Reader>,
}

/// How many of the commonest errors are listed.
const LISTED: usize = 20;
/// How often what did not fit is held against each other again.
const PASSES: usize = 6;

/// Counts what differs, by set, with a row for all at the end.
pub fn measure(readings: &[Reading]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut residues: Vec<HashMap<(String, String), usize>> = Vec::new();
    for reading in readings {
        let at = rows.iter().position(|row| row.name == reading.set).unwrap_or_else(|| {
            rows.push(Row { name: reading.set.clone(), ..Row::default() });
            residues.push(HashMap::new());
            rows.len() - 1
        });
        let row = &mut rows[at];
        row.pages += reading.pages;
        row.syllables += syllables(&reading.truth).count();
        row.characters += reading.truth.chars().filter(|c| !c.is_whitespace()).count();
        row.raw = row.raw.plus(&errors(&reading.truth, &reading.raw).0);
        let (repaired, wrong) = errors(&reading.truth, &reading.repaired);
        row.repaired = row.repaired.plus(&repaired);
        for pair in wrong {
            *residues[at].entry(pair).or_insert(0) += 1;
        }
    }
    for (row, residue) in rows.iter_mut().zip(residues) {
        let mut commonest: Vec<_> = residue.into_iter().map(|((truth, text), times)| (truth, text, times)).collect();
        commonest.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
        commonest.truncate(LISTED);
        row.commonest = commonest;
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    if rows.len() > 1 {
        let all = rows.iter().fold(Row { name: "all".into(), ..Row::default() }, |all, row| Row {
            pages: all.pages + row.pages,
            syllables: all.syllables + row.syllables,
            characters: all.characters + row.characters,
            raw: all.raw.plus(&row.raw),
            repaired: all.repaired.plus(&row.repaired),
            ..all
        });
        rows.push(all);
    }
    rows
}

impl Errors {
    fn plus(&self, other: &Self) -> Self {
        Self {
            syllables: self.syllables + other.syllables,
            characters: self.characters + other.characters,
            missing: self.missing + other.missing,
            missing_in_order: self.missing_in_order + other.missing_in_order,
        }
    }
}

/// The errors of a text, and what is wrong: truth and text, either of which may be empty.
fn errors(truth: &str, text: &str) -> (Errors, Vec<(String, String)>) {
    let (paper, read): (Vec<&str>, Vec<&str>) = (syllables(truth).collect(), syllables(text).collect());
    let (wrong, out_of_order) = unfit(&paper, &read);
    let tokens = |text| -> Vec<&str> { str::split_whitespace(text).collect() };
    let (unlike, _) = unfit(&tokens(truth), &tokens(text));
    let errors = Errors {
        syllables: wrong.len(),
        characters: unlike.iter().map(|(truth, text)| distance(truth, text)).sum(),
        missing: missing(&paper, &read),
        missing_in_order: out_of_order,
    };
    (errors, wrong.into_iter().map(|(truth, text)| (truth.to_owned(), text.to_owned())).collect())
}

/// What is left of two rows of tokens when those in order, and then those in blocks that stand
/// elsewhere, are taken out; and how many of `truth` were not in order.
fn unfit<'a>(truth: &[&'a str], text: &[&'a str]) -> (Vec<(&'a str, &'a str)>, usize) {
    let (mut truth, mut text) = (truth.to_vec(), text.to_vec());
    let mut out_of_order = 0;
    for pass in 0..PASSES {
        let matched = pairs(&truth, &text, Strictness::Exact, &[]);
        let wrong: Vec<&Pair> = matched.iter().filter(|pair| !pair.right).collect();
        if pass == 0 {
            out_of_order = wrong.iter().filter(|pair| pair.truth.is_some()).count();
        }
        let fits = wrong.len() < matched.len();
        if !fits || pass + 1 == PASSES {
            let of = |side: &[&'a str], at: Option<usize>| at.map_or("", |at| side[at]);
            return (wrong.iter().map(|pair| (of(&truth, pair.truth), of(&text, pair.text))).collect(), out_of_order);
        }
        let left = |side: &[&'a str], of: fn(&Pair) -> Option<usize>| -> Vec<&'a str> {
            wrong.iter().filter_map(|pair| of(pair)).map(|at| side[at]).collect()
        };
        (truth, text) = (left(&truth, |pair| pair.truth), left(&text, |pair| pair.text));
    }
    (Vec::new(), out_of_order)
}

/// How many of `truth` are not in `text`, whatever the order.
fn missing(truth: &[&str], text: &[&str]) -> usize {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for token in text {
        *counts.entry(token).or_insert(0) += 1;
    }
    let mut lacking = 0;
    for token in truth {
        match counts.get_mut(token) {
            Some(count) if *count > 0 => *count -= 1,
            _ => lacking += 1,
        }
    }
    lacking
}

/// The fewest characters to change, put in or take out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut last = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let here = (row[j + 1] + 1).min(row[j] + 1).min(last + usize::from(x != *y));
            last = std::mem::replace(&mut row[j + 1], here);
        }
    }
    row[b.len()]
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

impl fmt::Display for ReadingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} pages at a time. Errors in %, before repair and after it; case counts.", self.jobs)?;
        writeln!(
            f,
            "`missing`: syllables of the paper that are nowhere in the reading; `in order`: not in their place"
        )?;
        for reader in &self.readers {
            write!(f, "\n{}: {:.2} pages a second", reader.name, reader.pages_per_second)?;
            if let Some(seconds) = reader.processor_seconds {
                write!(f, ", {seconds:.2} s of the processor a page")?;
            }
            if let Some(bytes) = reader.peak_memory {
                write!(f, ", at most {:.0} MB", bytes as f64 / 1e6)?;
            }
            writeln!(f)?;
            for failure in &reader.failed {
                writeln!(f, "  not read: {failure}")?;
            }
            writeln!(
                f,
                "{:<22} {:>5} {:>9} {:>7} {:>7} {:>8} {:>8} {:>8} {:>9}",
                "", "pages", "syllables", "char", "char'", "syll", "syll'", "missing", "in order"
            )?;
            for row in &reader.rows {
                writeln!(
                    f,
                    "{:<22} {:>5} {:>9} {:>7.2} {:>7.2} {:>8.2} {:>8.2} {:>8.2} {:>9.2}",
                    row.name,
                    row.pages,
                    row.syllables,
                    percent(row.raw.characters, row.characters),
                    percent(row.repaired.characters, row.characters),
                    percent(row.raw.syllables, row.syllables),
                    percent(row.repaired.syllables, row.syllables),
                    percent(row.repaired.missing, row.syllables),
                    percent(row.repaired.missing_in_order, row.syllables),
                )?;
            }
        }
        let Some(own) = self.readers.first() else { return Ok(()) };
        for row in own.rows.iter().filter(|row| !row.commonest.is_empty()) {
            let worst: Vec<String> =
                row.commonest.iter().map(|(truth, text, times)| format!("{truth}>{text} {times}")).collect();
            writeln!(f, "\n{} stays wrong: {}", row.name, worst.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(truth: &str, raw: &str, repaired: &str) -> Reading {
        Reading { set: "a".into(), pages: 1, truth: truth.into(), raw: raw.into(), repaired: repaired.into() }
    }

    #[test]
    fn a_block_elsewhere_is_no_error_but_is_out_of_order() {
        let truth = "ỦY BAN NHÂN DÂN\nXÃ TÂN HƯNG\nCỘNG HÒA XÃ HỘI\nĐộc lập";
        let read = "ỦY BAN NHÂN DÂN\tCỘNG HÒA XÃ HỘI\nXÃ TÂN HƯNG\tĐộc lập";
        let rows = measure(&[reading(truth, read, read)]);
        assert_eq!((rows[0].raw.syllables, rows[0].raw.characters, rows[0].raw.missing), (0, 0, 0));
        assert_eq!((rows[0].syllables, rows[0].raw.missing_in_order), (13, 3));
    }

    #[test]
    fn wrong_lost_and_added_syllables_are_counted_once() {
        let rows = measure(&[reading("nổ súng, số 12.", "nỗ sung số 12", "nổ sung số 12 ba")]);
        let row = &rows[0];
        assert_eq!((row.raw.syllables, row.raw.missing), (2, 2));
        assert_eq!((row.repaired.syllables, row.repaired.missing), (2, 1));
        // A comma and a stop are characters too.
        assert_eq!((row.raw.characters, row.characters), (4, 12));
        assert_eq!(row.commonest.len(), 2);
    }

    #[test]
    fn sets_have_a_row_each_and_one_together() {
        let mut other = reading("hai", "hai", "hai");
        other.set = "b".into();
        let rows = measure(&[other, reading("một", "", "")]);
        let names: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.raw.syllables)).collect();
        assert_eq!(names, [("a", 1), ("b", 0), ("all", 1)]);
    }
}
