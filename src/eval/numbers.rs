//! How well numbers and dates are read from pictures: records against what the paper says.
//!
//! A wrong number that looks right is the worst that reading can give, so three things are counted:
//! what is right, what is wrong and said to be doubtful, and what is wrong and not. Numbers that a
//! hand wrote also count as found when the truth is among the first three readings.

use std::fmt;

use serde::Serialize;

use crate::document::Written;
use crate::key::fold_key;
use crate::parse::found::REVIEW;
use crate::record::{Field, Record};

/// What the paper says in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `number`, `date` (both of the letterhead) or `cite`.
    pub kind: String,
    /// How it came onto the paper: `print`, `italic`, `hand`, or anything else to count apart.
    pub how: String,
    /// The value: `288/KH-VP`, `2017-12-18`.
    pub value: String,
}

/// The facts of a table: kind, how, value, a tab between them. Lines that begin with `#` are left
/// out; None where another line has not three fields of a known kind.
pub fn facts(table: &str) -> Option<Vec<Fact>> {
    let lines = table.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut fields = line.split('\t').map(str::trim);
            let (kind, how, value) = (fields.next()?, fields.next()?, fields.next()?);
            let known = matches!(kind, "number" | "date" | "cite") && !value.is_empty();
            known.then(|| Fact { kind: kind.into(), how: how.into(), value: value.into() })
        })
        .collect()
}

/// What was made of the facts of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Kind and how: `cite italic`.
    pub name: String,
    /// Facts.
    pub facts: usize,
    /// Read right.
    pub right: usize,
    /// Right, or right among the first three readings.
    pub first_three: usize,
    /// Another value was read, and marked as doubtful.
    pub wrong_flagged: usize,
    /// Another value was read, and not marked.
    pub wrong: usize,
    /// No value was read.
    pub blank: usize,
    /// Said to be written by a hand.
    pub by_hand: usize,
    /// What was missed: the truth, and what was read for it.
    pub missed: Vec<(String, String)>,
}

/// What one reader made of all pages.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reader {
    /// Its name.
    pub name: String,
    /// A row for each kind.
    pub rows: Vec<Row>,
    /// Citations read that no fact stands for, and not marked as doubtful.
    pub invented: usize,
    /// Pages read in a second by the clock.
    pub pages_per_second: f64,
    /// Files that could not be read.
    pub failed: Vec<String>,
}

/// The whole report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NumbersReport {
    /// This program first.
    pub readers: Vec<Reader>,
}

/// What was read in a place: value, confidence, rivals, whether a hand wrote it.
struct Seen {
    value: String,
    confidence: f32,
    rivals: Vec<String>,
    hand: bool,
}

impl Seen {
    fn of<T: fmt::Display>(field: &Field<T>) -> Self {
        Self {
            value: field.value.to_string(),
            confidence: field.confidence,
            rivals: field.rivals.iter().map(ToString::to_string).collect(),
            hand: field.written == Some(Written::Hand),
        }
    }
}

impl Reader {
    /// Counts one record against the facts of its page.
    pub fn count(&mut self, facts: &[Fact], record: &Record) {
        let cited: Vec<Seen> =
            record.citations.iter().filter_map(|citation| citation.key.as_ref()).map(Seen::of).collect();
        let mut taken = vec![false; cited.len()];
        let same = |fact: &Fact, value: &str| match fact.kind.as_str() {
            "date" => fact.value == value,
            _ => fold_key(&fact.value) == fold_key(value),
        };
        for fact in facts.iter().filter(|fact| fact.kind == "cite") {
            if let Some(at) = cited.iter().position(|seen| same(fact, &seen.value)) {
                taken[at] = true;
            }
        }
        for fact in facts {
            let found = match fact.kind.as_str() {
                // A number without its symbol would be told apart by the symbol's letters.
                "number" => record.header.key.as_ref().map(Seen::of),
                "date" => record.header.date.as_ref().map(Seen::of),
                _ => {
                    let at = cited.iter().position(|seen| same(fact, &seen.value)).or_else(|| {
                        let free = (0..cited.len()).filter(|at| !taken[*at]);
                        free.max_by(|a, b| near(fact, &cited[*a]).total_cmp(&near(fact, &cited[*b])))
                            .filter(|at| near(fact, &cited[*at]) >= 0.6)
                    });
                    at.map(|at| {
                        taken[at] = true;
                        let Seen { value, confidence, rivals, hand } = &cited[at];
                        Seen { value: value.clone(), confidence: *confidence, rivals: rivals.clone(), hand: *hand }
                    })
                }
            };
            let row = self.row(&format!("{} {}", fact.kind, fact.how));
            row.facts += 1;
            let Some(seen) = found else {
                row.blank += 1;
                row.missed.push((fact.value.clone(), String::new()));
                continue;
            };
            row.by_hand += usize::from(seen.hand);
            let right = same(fact, &seen.value);
            row.right += usize::from(right);
            row.first_three += usize::from(right || seen.rivals.iter().take(2).any(|rival| same(fact, rival)));
            if !right {
                if seen.confidence < REVIEW {
                    row.wrong_flagged += 1;
                } else {
                    row.wrong += 1;
                }
                let sure = if seen.confidence < REVIEW { "?" } else { "" };
                row.missed.push((fact.value.clone(), format!("{}{sure}", seen.value)));
            }
        }
        if facts.iter().any(|fact| fact.kind == "cite") {
            let loose = cited.iter().zip(&taken).filter(|(seen, taken)| !**taken && seen.confidence >= REVIEW);
            self.invented += loose.count();
        }
    }

    fn row(&mut self, name: &str) -> &mut Row {
        let at = self.rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            self.rows.push(Row { name: name.into(), ..Row::default() });
            self.rows.len() - 1
        });
        &mut self.rows[at]
    }
}

/// How near a citation is to a fact that it may be a misreading of, 0 to 1.
fn near(fact: &Fact, seen: &Seen) -> f64 {
    strsim::normalized_levenshtein(&fold_key(&fact.value), &fold_key(&seen.value))
}

impl fmt::Display for NumbersReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for reader in &self.readers {
            writeln!(f, "{}: {:.2} pages a second", reader.name, reader.pages_per_second)?;
            for failure in &reader.failed {
                writeln!(f, "  not read: {failure}")?;
            }
            writeln!(
                f,
                "{:<16} {:>6} {:>7} {:>7} {:>8} {:>8} {:>7} {:>7}",
                "", "facts", "right", "in 3", "flagged", "wrong", "blank", "hand"
            )?;
            for row in &reader.rows {
                let share = |part: usize| 100.0 * part as f64 / row.facts.max(1) as f64;
                writeln!(
                    f,
                    "{:<16} {:>6} {:>6.1}% {:>6.1}% {:>7.1}% {:>7.1}% {:>6.1}% {:>6.1}%",
                    row.name,
                    row.facts,
                    share(row.right),
                    share(row.first_three),
                    share(row.wrong_flagged),
                    share(row.wrong),
                    share(row.blank),
                    share(row.by_hand)
                )?;
            }
            writeln!(f, "citations that no page has, not flagged: {}", reader.invented)?;
            for row in reader.rows.iter().filter(|row| !row.missed.is_empty()) {
                let missed: Vec<String> =
                    row.missed.iter().take(40).map(|(truth, read)| format!("{truth}>{read}")).collect();
                writeln!(f, "{}: {}", row.name, missed.join(", "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Digest, Format, from_text};
    use crate::facts::Facts;
    use crate::model::Model;

    #[test]
    fn a_table_with_a_line_that_is_none_is_refused() {
        let table = "# page 1\nnumber\thand\t441/KH-UBND\n\ncite\titalic\t30/2020/NĐ-CP\n";
        assert_eq!(facts(table).map(|facts| facts.len()), Some(2));
        assert_eq!(facts("number hand 441"), None);
        assert_eq!(facts("colour\thand\tred"), None);
    }

    #[test]
    fn right_wrong_and_blank_are_told_apart() {
        let text = "ỦY BAN NHÂN DÂN\nXÃ TÂN HƯNG\nSố: 441/KH-UBND\nTân Hưng, ngày 04 tháng 12 năm 2024\n\
            KẾ HOẠCH\nvề việc trồng cây\nCăn cứ Nghị định số 38/2020/NĐ-CP ngày 05 tháng 3 năm 2020;\n";
        let document = from_text(Digest::of(text.as_bytes()), Format::Txt, text.into());
        let mut record = crate::pipeline::interpret(&document, Model::builtin(), Facts::builtin());
        let date = record.header.date.as_mut().unwrap();
        (date.confidence, date.rivals) = (0.4, vec!["2024-12-14".parse().unwrap()]);
        let table = "number\tprint\t441/KH-UBND\ndate\thand\t2024-12-14\ncite\tprint\t30/2020/NĐ-CP\n\
            cite\tprint\t12/QĐ-TTg\n";
        let mut reader = Reader::default();
        reader.count(&facts(table).unwrap(), &record);
        let [number, date, cite] = &reader.rows[..] else { panic!("{reader:?}") };
        assert_eq!((number.right, number.facts), (1, 1));
        assert_eq!((date.right, date.first_three, date.wrong_flagged, date.wrong), (0, 1, 1, 0));
        assert_eq!((cite.right, cite.wrong, cite.blank), (0, 1, 1));
    }
}
