//! Header fields against annotations.
//!
//! A value is right when it equals the annotated one after NFC, with white space, letter case, the
//! shape of dashes and quotes, and the place of the tone mark (hòa, hoà) made equal. "V/v" before a
//! subject and signs in an authority ("TM.,KT.") are left aside, since annotations differ in them.
//! `loose` counts also what is nearly equal: bodies by what they are called without "tỉnh" and with
//! "UBND" spelled out, texts by their letters, nine in ten alike. A list is scored entry by entry. A
//! value that is annotated as absent and was read is false; one that differs is both false and missed.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::record::Record;
use crate::vi::fold::fold;

/// The fields that are scored, in the order of the report.
pub(super) const FIELDS: [&str; 12] = [
    "number",
    "symbol",
    "key",
    "type",
    "issuer",
    "parent",
    "place",
    "date",
    "subject",
    "signer",
    "position",
    "authority",
];

/// Every field over a set of documents.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HeaderReport {
    /// Each field.
    pub fields: Vec<FieldScore>,
    /// Documents in which every scalar field is right.
    pub perfect: usize,
    /// Documents scored.
    pub documents: usize,
    /// Each document's share.
    pub each: Vec<DocumentHeader>,
}

/// How many scalar fields of a document are right, of those that it has or that were read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DocumentHeader {
    /// The annotation's name for the document.
    pub id: String,
    /// Right ones.
    pub right: usize,
    /// Annotated or read.
    pub of: usize,
}

/// One field.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FieldScore {
    /// Its name in the record.
    pub name: &'static str,
    /// Read and right.
    pub right: usize,
    /// Read, but not annotated or annotated otherwise.
    #[serde(rename = "false")]
    pub extra: usize,
    /// Annotated, but not read or read otherwise.
    pub missed: usize,
    /// Right, or nearly.
    pub loose: usize,
    /// What went wrong.
    pub misses: Vec<Miss>,
}

/// One wrong value.
#[derive(Clone, Debug, Serialize)]
pub struct Miss {
    /// The annotation's name for the document.
    pub id: String,
    /// The annotated value.
    pub expected: Option<String>,
    /// The value that was read.
    pub found: Option<String>,
    /// Nearly right.
    pub loose: bool,
}

impl FieldScore {
    /// Of what was read, the share that is right; 1 if nothing was read.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.extra)
    }

    /// Of what is annotated, the share that was read right; 1 if nothing is annotated.
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// The harmonic mean of the two.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, 2 * self.right + self.extra + self.missed)
    }

    fn add(&mut self, id: &str, expected: Option<String>, found: Option<String>) -> bool {
        let (right, loose) = match (&expected, &found) {
            (None, None) => return true,
            (Some(expected), Some(found)) => {
                let right = strict(self.name, expected) == strict(self.name, found);
                (right, right || alike(self.name, expected, found))
            }
            _ => (false, false),
        };
        self.loose += usize::from(loose);
        if right {
            self.right += 1;
            return true;
        }
        self.missed += usize::from(expected.is_some());
        self.extra += usize::from(found.is_some());
        self.misses.push(Miss { id: id.to_owned(), expected, found, loose });
        false
    }
}

impl HeaderReport {
    /// The mean over documents of the share of scalar fields that are right.
    pub fn mean(&self) -> f64 {
        let shares = self.each.iter().map(|document| share(document.right, document.of));
        if self.each.is_empty() { 1.0 } else { shares.sum::<f64>() / self.each.len() as f64 }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// The annotated and the read value of a scalar field.
pub(super) fn values(name: &str, gold: &Value, record: &Record) -> (Option<String>, Option<String>) {
    let header = &record.header;
    let signer = header.signer.as_ref();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let value = |field: Option<&crate::record::Field<String>>| field.map(|field| field.value.clone());
    match name {
        "number" => (text(&gold["number"]), value(header.number.as_ref())),
        "symbol" => (text(&gold["symbol"]), value(header.symbol.as_ref())),
        "key" => (text(&gold["canonical"]), value(header.key.as_ref())),
        "type" => (text(&gold["type"]), value(header.kind.as_ref())),
        "issuer" => (text(&gold["issuer"]), value(header.issuer.as_ref())),
        "parent" => (text(&gold["parent_issuer"]), value(header.parent.as_ref())),
        "place" => (text(&gold["place"]), value(header.place.as_ref())),
        "date" => (text(&gold["date"]), header.date.as_ref().map(|date| date.value.to_string())),
        "subject" => (text(&gold["title"]), value(header.subject.as_ref())),
        "signer" => (text(&gold["signer"]["name"]), value(signer.and_then(|signer| signer.name.as_ref()))),
        "position" => (text(&gold["signer"]["position"]), value(signer.and_then(|signer| signer.position.as_ref()))),
        "authority" => (text(&gold["signer"]["authority"]), value(signer.and_then(|signer| signer.authority.as_ref()))),
        _ => (None, None),
    }
}

/// Whether an annotated and a read value are equal; two absent ones are.
pub(super) fn is_right(name: &str, expected: Option<&str>, found: Option<&str>) -> bool {
    match (expected, found) {
        (Some(expected), Some(found)) => strict(name, expected) == strict(name, found),
        (expected, found) => expected.is_none() && found.is_none(),
    }
}

/// Scores one document.
pub fn score(gold: &Value, record: &Record, report: &mut HeaderReport) {
    if report.fields.is_empty() {
        report.fields =
            FIELDS.iter().chain(&["recipients"]).map(|name| FieldScore { name, ..FieldScore::default() }).collect();
    }
    let id = gold["id"].as_str().unwrap_or("?");
    let mut document = DocumentHeader { id: id.to_owned(), right: 0, of: 0 };
    let mut all = true;
    for field in &mut report.fields {
        if field.name == "recipients" {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let expected = gold["recipients"].as_array().into_iter().flatten().filter_map(text).collect();
            let found = record.header.recipients.iter().map(|entry| entry.value.clone()).collect();
            all &= score_list(id, expected, found, field);
            continue;
        }
        let (expected, found) = values(field.name, gold, record);
        let counts = expected.is_some() || found.is_some();
        let right = field.add(id, expected, found);
        document.of += usize::from(counts);
        document.right += usize::from(counts && right);
        all &= right;
    }
    report.each.push(document);
    report.documents += 1;
    report.perfect += usize::from(all);
}

/// Scores a list: equal entries first, then nearly equal ones, then what is left over.
fn score_list(id: &str, expected: Vec<String>, mut found: Vec<String>, field: &mut FieldScore) -> bool {
    let mut left = Vec::new();
    for entry in expected {
        match found.iter().position(|other| strict(field.name, other) == strict(field.name, &entry)) {
            Some(at) => {
                found.remove(at);
                field.right += 1;
                field.loose += 1;
            }
            None => left.push(entry),
        }
    }
    let complete = left.is_empty() && found.is_empty();
    for entry in left {
        let near = found.iter().position(|other| alike(field.name, other, &entry));
        let other = near.map(|at| found.remove(at));
        field.add(id, Some(entry), other);
    }
    for other in found {
        field.add(id, None, Some(other));
    }
    complete
}

/// The form in which right values are equal.
fn strict(field: &str, value: &str) -> String {
    if field == "authority" {
        return fold(value).chars().filter(|c| c.is_alphanumeric()).collect();
    }
    let lower: String = value.nfc().collect::<String>().to_lowercase();
    let mut words: Vec<String> = lower.split_whitespace().map(tone_last).collect();
    if field == "subject" && words.first().is_some_and(|word| word == "v/v") {
        words.remove(0);
    }
    words.join(" ").replace("**", "")
}

/// A word with its tone mark behind it, so that hòa and hoà are one, and with plain dashes and quotes.
fn tone_last(word: &str) -> String {
    let mut tones = String::new();
    let mut letters: String = word
        .nfd()
        .filter_map(|c| match c {
            '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' => {
                tones.push(c);
                None
            }
            '–' | '—' | '‑' => Some('-'),
            '“' | '”' => Some('"'),
            c => Some(c),
        })
        .collect();
    letters.push_str(&tones);
    letters
}

/// Whether two values say the same in nearly the same letters.
fn alike(field: &str, a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        let mut text = format!(" {} ", fold(text));
        if matches!(field, "issuer" | "parent") {
            for (from, to) in [(" ubnd ", " uy ban nhan dan "), (" tinh ", " "), (" thanh pho ", " "), (" tp. ", " ")] {
                text = text.replace(from, to);
            }
        }
        if field == "subject" {
            text = text.replacen(" v/v ", " ", 1).replacen(" ve viec ", " ", 1);
        }
        text.chars().filter(|c| c.is_alphanumeric()).collect::<String>()
    };
    match field {
        "issuer" | "parent" | "subject" | "recipients" | "position" => {
            strsim::normalized_levenshtein(&plain(a), &plain(b)) >= 0.9
        }
        _ => false,
    }
}

impl fmt::Display for HeaderReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<11}{:>6}{:>7}{:>7}{:>11}{:>9}{:>8}{:>8}",
            "field", "right", "false", "missed", "precision", "recall", "F1", "loose"
        )?;
        for field in &self.fields {
            writeln!(
                f,
                "{:<11}{:>6}{:>7}{:>7}{:>10.1}%{:>8.1}%{:>7.1}%{:>7.1}%",
                field.name,
                field.right,
                field.extra,
                field.missed,
                field.precision() * 100.0,
                field.recall() * 100.0,
                field.f1() * 100.0,
                share(2 * field.loose, 2 * field.right + field.extra + field.missed) * 100.0,
            )?;
        }
        writeln!(
            f,
            "{} of {} documents without an error; {:.1}% of a document's fields right, as a mean over documents",
            self.perfect,
            self.documents,
            self.mean() * 100.0
        )?;
        for field in self.fields.iter().filter(|field| !field.misses.is_empty()) {
            writeln!(f, "\n{}", field.name)?;
            for miss in &field.misses {
                let show =
                    |value: &Option<String>| value.as_deref().map_or("(none)".to_owned(), |value| format!("`{value}`"));
                let mark = if miss.loose { "~" } else { " " };
                writeln!(f, " {mark}{}  expected {}  found {}", miss.id, show(&miss.expected), show(&miss.found))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_is_forgiven_and_words_are_not() {
        for (field, a, b) in [
            ("issuer", "Uỷ ban nhân dân  tỉnh Hoà Bình", "Ủy ban nhân dân Tỉnh Hòa Bình"),
            ("authority", "T/M.", "TM."),
            ("subject", "V/v họp – “gấp”", "họp - \"gấp\""),
        ] {
            assert_eq!(strict(field, a), strict(field, b));
        }
        assert_ne!(strict("signer", "Lê Thị Thúy"), strict("signer", "Lê Thị Thủy"));
        assert_ne!(strict("number", "05"), strict("number", "5"));
        assert!(alike("issuer", "UBND tỉnh Lào Cai", "Ủy ban nhân dân Lào Cai"));
        assert!(!alike("date", "2024-01-01", "2024-01-02"));
    }

    #[test]
    fn a_wrong_value_is_false_and_missed() {
        let mut field = FieldScore { name: "place", ..FieldScore::default() };
        let text = |text: &str| Some(text.to_owned());
        field.add("1", text("Hà Nội"), text("Hà Nội"));
        field.add("2", text("Hà Nội"), text("Huế"));
        field.add("3", text("Huế"), None);
        field.add("4", None, text("Huế"));
        assert!(field.add("5", None, None));
        assert_eq!((field.right, field.extra, field.missed), (1, 2, 2));
        assert!((field.f1() - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn lists_are_scored_by_entry() {
        let mut field = FieldScore { name: "recipients", ..FieldScore::default() };
        let list = |text: &str| text.split(';').map(str::to_owned).collect::<Vec<_>>();
        assert!(score_list("1", list("Như trên;Lưu: VT"), list("Lưu: VT;như trên"), &mut field));
        assert!(!score_list("2", list("Như trên;Lưu: VT"), list("Lưu: VT;Sở Y tế"), &mut field));
        assert_eq!((field.right, field.extra, field.missed), (3, 1, 1));
    }
}
