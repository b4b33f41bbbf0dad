//! Facts about Vietnam's documents, read once from the tables under `dictionaries/`.
//!
//! Code holds grammar, tables hold facts: which types exist, what their codes are, which bodies
//! and provinces there are. The tables are compiled in, so that a copied program needs nothing
//! beside it; each is a tab-separated text with `#` comments, a header row and no quoting.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::error::{Error, Result};
use crate::vi::fold::fold;

/// The tables, with the look-ups that parsing needs.
#[derive(Debug)]
pub struct Facts {
    /// Types of document.
    pub kinds: Vec<Kind>,
    /// Bodies that issue documents.
    pub agencies: Vec<Agency>,
    /// Provinces and centrally run cities, of today and of before July 2025.
    pub provinces: Vec<String>,
    /// How the words of names are written.
    pub names: Names,
    /// Posts of signers, as written in running text: `Phó Giám đốc`; the longest first.
    pub positions: Vec<Phrase>,
    /// Words with which the text after the title begins, folded.
    pub openers: Vec<String>,
    /// Labels of a portal's data block, folded, with the field that each stands for; the longest
    /// first.
    pub labels: Vec<(String, String)>,
    /// Finds the phrases that web sites put around documents, in folded text.
    pub chrome: AhoCorasick,
    /// Folded lines that are nothing but a web site's.
    pub chrome_lines: Vec<String>,
    /// Indexes into `agencies`: several where bodies share a code.
    agencies_by_code: HashMap<String, Vec<usize>>,
}

/// Words in the spelling of running text, and folded for finding them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// `Giáo dục`.
    pub text: String,
    /// `giao duc`.
    pub folded: String,
}

impl Phrase {
    fn new(text: &str) -> Self {
        Self { text: text.into(), folded: fold(text) }
    }
}

/// How the words of names of bodies are written; each list with the longest phrase first.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// What opens the name of a body: `Sở`.
    pub heads: Vec<Phrase>,
    /// Heads that are not complete by themselves: `Văn phòng`.
    pub open: Vec<String>,
    /// Fields of work: `Giáo dục`.
    pub fields: Vec<Phrase>,
    /// Abbreviations that stay in capitals.
    pub abbreviations: Vec<Phrase>,
    /// Words that stay in small letters.
    pub small: Vec<String>,
    /// Folded stamps in capitals that are no names: `hoa toc`.
    pub marks: Vec<String>,
    /// Those that say how urgent a document is.
    pub urgency: Vec<Phrase>,
    /// Those that say how secret it is.
    pub secrecy: Vec<Phrase>,
    /// Words in small letters that fold like the first word of a head and are none: `vũ`.
    pub others: Vec<String>,
    /// What may stand before a signer's name: `ThS`.
    pub titles: Vec<Phrase>,
    /// Organs that are named together with their body only: `Ban Thường vụ`.
    pub organs: Vec<Phrase>,
    /// First words of bodies that every province has, whose names say which only together with it: `so`.
    pub local: Vec<String>,
    /// First words of central bodies whose heads issue in their own name: `bo`.
    pub central: Vec<String>,
    /// Posts of those heads: `bo truong`.
    pub chiefs: Vec<String>,
}

/// A type of document (tên loại văn bản).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Abbreviation in the symbol: `KH`. Empty where the type has none.
    pub code: String,
    /// `Kế hoạch`.
    pub name: String,
    /// [`fold`] of the name: `ke hoach`.
    pub folded: String,
    /// The rules that it follows.
    pub class: Class,
}

/// The rules that a type of document follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// One of the 29 types of Nghị định 30/2020/NĐ-CP, Điều 7.
    Administrative,
    /// A copy with a number of its own (sao y, trích sao, sao lục).
    Copy,
    /// A normative document (văn bản quy phạm pháp luật).
    Normative,
    /// A consolidated text (văn bản hợp nhất).
    Consolidated,
    /// A document of the party.
    Party,
    /// Anything else that carries a number.
    Other,
}

/// A body that issues documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its code in symbols: `SGDĐT`.
    pub code: String,
    /// `Sở Giáo dục và Đào tạo`.
    pub name: String,
    /// Level of government, as the table has it: `TW`, `tỉnh`, `huyện`, `xã`.
    pub level: String,
}

impl Facts {
    /// The compiled-in tables.
    pub fn builtin() -> &'static Self {
        static FACTS: LazyLock<Facts> = LazyLock::new(|| {
            Facts::read().unwrap_or_else(|error| unreachable!("a compiled-in table is checked by a test: {error}"))
        });
        &FACTS
    }

    #[allow(clippy::too_many_lines, reason = "one table after the other")]
    fn read() -> Result<Self> {
        let kinds = table("doctypes.tsv", include_str!("../dictionaries/doctypes.tsv"), 5)?
            .into_iter()
            .map(|row| {
                let class = match row.cells[2] {
                    "administrative" => Class::Administrative,
                    "copy" => Class::Copy,
                    "normative" => Class::Normative,
                    "consolidated" => Class::Consolidated,
                    "party" => Class::Party,
                    "other" => Class::Other,
                    other => return Err(row.error(format!("unknown class `{other}`"))),
                };
                Ok(Kind { code: row.cells[0].into(), name: row.cells[1].into(), folded: fold(row.cells[1]), class })
            })
            .collect::<Result<Vec<_>>>()?;
        let mut agencies = Vec::new();
        let mut agencies_by_code: HashMap<String, Vec<usize>> = HashMap::new();
        for row in table("agencies.tsv", include_str!("../dictionaries/agencies.tsv"), 9)? {
            for code in std::iter::once(row.cells[0]).chain(row.cells[1].split('|')).filter(|code| !code.is_empty()) {
                let list = agencies_by_code.entry(fold_code(code)).or_default();
                if list.last() != Some(&agencies.len()) {
                    list.push(agencies.len());
                }
            }
            agencies.push(Agency { code: row.cells[0].into(), name: row.cells[2].into(), level: row.cells[3].into() });
        }
        let mut provinces = Vec::new();
        for row in table("provinces.tsv", include_str!("../dictionaries/provinces.tsv"), 3)? {
            for name in std::iter::once(row.cells[0]).chain(row.cells[1].split('|')) {
                if !name.is_empty() && !provinces.iter().any(|known| known == name) {
                    provinces.push(name.to_owned());
                }
            }
        }
        let mut names = Names::default();
        for row in table("names.tsv", include_str!("../dictionaries/names.tsv"), 2)? {
            let phrase = Phrase::new(row.cells[1]);
            match row.cells[0] {
                "head" => names.heads.push(phrase),
                "open" => {
                    names.open.push(phrase.folded.clone());
                    names.heads.push(phrase);
                }
                "field" => names.fields.push(phrase),
                "abbreviation" => names.abbreviations.push(phrase),
                "small" => names.small.push(phrase.text),
                "mark" => names.marks.push(phrase.folded),
                "urgency" | "secrecy" => {
                    names.marks.push(phrase.folded.clone());
                    let list = if row.cells[0] == "urgency" { &mut names.urgency } else { &mut names.secrecy };
                    list.push(phrase);
                }
                "other" => names.others.push(row.cells[1].to_owned()),
                "title" => names.titles.push(phrase),
                "organ" => names.organs.push(phrase),
                "local" => names.local.push(phrase.folded),
                "central" => names.central.push(phrase.folded),
                "chief" => names.chiefs.push(phrase.folded),
                other => return Err(row.error(format!("unknown class `{other}`"))),
            }
        }
        for list in [&mut names.heads, &mut names.fields, &mut names.titles] {
            list.sort_by_key(|phrase| std::cmp::Reverse(phrase.folded.len()));
        }
        let mut positions = Vec::new();
        for row in table("positions.tsv", include_str!("../dictionaries/positions.tsv"), 1)? {
            positions.push(Phrase::new(row.cells[0]));
        }
        positions.sort_by_key(|phrase| std::cmp::Reverse(phrase.folded.len()));
        let column = |name, text| -> Result<Vec<String>> {
            Ok(table(name, text, 1)?.into_iter().map(|row| row.cells[0].to_owned()).collect())
        };
        let openers = column("openers.tsv", include_str!("../dictionaries/openers.tsv"))?;
        let (mut phrases, mut chrome_lines) = (Vec::new(), Vec::new());
        for row in table("chrome.tsv", include_str!("../dictionaries/chrome.tsv"), 2)? {
            match row.cells[0] {
                "within" => phrases.push(row.cells[1]),
                "line" => chrome_lines.push(row.cells[1].to_owned()),
                other => return Err(row.error(format!("unknown place `{other}`"))),
            }
        }
        let chrome = AhoCorasick::new(phrases).map_err(|error| Error::Table {
            table: "chrome.tsv",
            line: 1,
            reason: error.to_string(),
        })?;
        let mut labels: Vec<(String, String)> = table("labels.tsv", include_str!("../dictionaries/labels.tsv"), 2)?
            .into_iter()
            .map(|row| (row.cells[1].to_owned(), row.cells[0].to_owned()))
            .collect();
        labels.sort_by_key(|(label, _)| std::cmp::Reverse(label.len()));
        Ok(Self {
            kinds,
            agencies,
            provinces,
            names,
            positions,
            openers,
            labels,
            chrome,
            chrome_lines,
            agencies_by_code,
        })
    }

    /// The type whose abbreviation is `code`, upper and lower case and Đ told apart: `QyĐ` is not
    /// `QĐ`.
    pub fn kind_by_code(&self, code: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| !kind.code.is_empty() && kind.code == code)
    }

    /// The type of this name, in any spelling and with or without diacritics.
    pub fn kind_by_name(&self, name: &str) -> Option<&Kind> {
        let folded = fold(name);
        self.kinds.iter().find(|kind| kind.folded == folded)
    }

    /// The bodies with this code; `&`, hyphens, case and lost diacritics are forgiven. More than
    /// one where a ministry and its departments share it: `GDĐT`.
    pub fn agencies_by_code(&self, code: &str) -> impl Iterator<Item = &Agency> {
        let indexes = self.agencies_by_code.get(&fold_code(code)).map_or(&[][..], Vec::as_slice);
        indexes.iter().map(|index| &self.agencies[*index])
    }

    /// The one body with this code. None for a code that several share: its level would have to
    /// be known.
    pub fn agency_by_code(&self, code: &str) -> Option<&Agency> {
        let mut agencies = self.agencies_by_code(code);
        agencies.next().filter(|_| agencies.next().is_none())
    }
}

/// `BGD&ĐT`, `BGD-ĐT` and `BGDDT` are one code.
fn fold_code(code: &str) -> String {
    fold(code).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// One row of a table.
pub(crate) struct Row<'a> {
    table: &'static str,
    line: usize,
    /// The cells, as many as the table's header has.
    pub(crate) cells: Vec<&'a str>,
}

impl Row<'_> {
    /// An error that names this row.
    pub(crate) fn error(&self, reason: String) -> Error {
        Error::Table { table: self.table, line: self.line, reason }
    }
}

/// Reads a table of `columns` columns: comments, then a header row, then rows.
pub(crate) fn table<'a>(name: &'static str, text: &'a str, columns: usize) -> Result<Vec<Row<'a>>> {
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let row = Row { table: name, line: index + 1, cells: line.split('\t').collect() };
        if row.cells.len() != columns {
            return Err(row.error(format!("{} cells where the table has {columns}", row.cells.len())));
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(Error::Table { table: name, line: 1, reason: "no header row".into() });
    }
    rows.remove(0);
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_can_be_read() {
        let facts = Facts::builtin();
        assert_eq!(facts.kind_by_code("KH").map(|kind| kind.name.as_str()), Some("Kế hoạch"));
        assert_eq!(facts.kind_by_name("KE HOACH").map(|kind| kind.code.as_str()), Some("KH"));
        assert_eq!(facts.agency_by_code("BGD&ĐT").map(|agency| agency.code.as_str()), Some("BGDĐT"));
        assert_eq!(facts.agency_by_code("GDĐT"), None, "the ministry, the departments and the offices share it");
        let shared: Vec<&str> = facts.agencies_by_code("GD&ĐT").map(|agency| agency.level.as_str()).collect();
        assert_eq!(shared, ["TW", "tỉnh", "huyện"]);
        assert!(facts.provinces.iter().any(|name| name == "Tỉnh Bình Dương"));
    }
}
