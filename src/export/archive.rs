//! The table of documents in the fields that archives ask for (`dictionaries/archive_fields.tsv`).
//!
//! What a document does not say (codes of the file and the fonds, keywords, access) stays empty for
//! the archivist. Nothing is cut: values longer than their field are counted and kept.

use std::sync::LazyLock;

use crate::error::Result;
use crate::facts::table;
use crate::store::{Cells, Column, Table};

/// Which rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Thông tư 02/2019/TT-BNV, the document's level.
    Tt02,
    /// Nghị định 113/2025/NĐ-CP, basic data of a document.
    Nd113,
}

impl Profile {
    /// All profiles, with their names on the command line and what each is.
    pub const ALL: [(&'static str, Self, &'static str); 2] = [
        ("tt02", Self::Tt02, "Thông tư 02/2019/TT-BNV, document level"),
        ("nd113", Self::Nd113, "Nghị định 113/2025/NĐ-CP, basic data"),
    ];

    /// The profile of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, ..)| *known == name).map(|(_, profile, _)| *profile)
    }
}

struct Field {
    profile: Profile,
    name: &'static str,
    length: Option<usize>,
    from: &'static str,
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    read_fields().unwrap_or_else(|error| unreachable!("a compiled-in table is checked by a test: {error}"))
});

fn read_fields() -> Result<Vec<Field>> {
    let rows = table("archive_fields.tsv", include_str!("../../dictionaries/archive_fields.tsv"), 4)?;
    rows.into_iter()
        .map(|row| {
            let [profile, name, length, from] = row.cells[..] else { return Err(row.error("four cells".into())) };
            let profile =
                Profile::from_name(profile).ok_or_else(|| row.error(format!("unknown profile `{profile}`")))?;
            let length = match length {
                "" => None,
                number => Some(number.parse().map_err(|_| row.error(format!("`{number}` is no length")))?),
            };
            Ok(Field { profile, name, length, from })
        })
        .collect()
}

/// `documents` in the fields of a profile, and how many values are longer than their field allows.
pub fn archive(documents: &Table, profile: Profile) -> (Table, usize) {
    let rows = documents.rows();
    let mut too_long = 0;
    let columns = FIELDS
        .iter()
        .filter(|field| field.profile == profile)
        .map(|field| {
            let (day, from) = field.from.strip_prefix("day:").map_or((false, field.from), |from| (true, from));
            let source = documents.columns.iter().find(|column| column.name == from);
            let cells: Vec<Option<String>> = (0..rows)
                .map(|row| match from.strip_prefix('=') {
                    Some(fixed) => Some(fixed.to_owned()),
                    None => source
                        .and_then(|column| column.cells.text(row))
                        .map(|text| if day { turn(&text) } else { text }),
                })
                .collect();
            if let Some(most) = field.length {
                too_long += cells.iter().flatten().filter(|text| text.chars().count() > most).count();
            }
            Column { name: field.name.to_owned(), cells: Cells::Text(cells) }
        })
        .collect();
    (Table { columns }, too_long)
}

/// 2024-04-11 as 11/04/2024.
fn turn(date: &str) -> String {
    let parts: Vec<&str> = date.split('-').collect();
    if let [year, month, day] = parts[..] { format!("{day}/{month}/{year}") } else { date.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_filled_from_the_documents() {
        read_fields().expect("the table reads");
        let column = |name: &str, value: &str| Column {
            name: name.into(),
            cells: Cells::Text(vec![Some(value.to_owned()), None]),
        };
        let documents = Table {
            columns: vec![
                column("number", "1927"),
                column("symbol", "KH-UBND"),
                column("date", "2024-04-11"),
                column("subject", &"dài ".repeat(200)),
            ],
        };
        let (table, too_long) = archive(&documents, Profile::Tt02);
        let value = |name: &str, row: usize| {
            table.columns.iter().find(|column| column.name == name).and_then(|column| column.cells.text(row))
        };
        assert_eq!(value("CodeNumber", 0).as_deref(), Some("1927"));
        assert_eq!(value("IssuedDate", 0).as_deref(), Some("11/04/2024"));
        assert_eq!(value("IssuedDate", 1), None);
        assert_eq!(value("Language", 1).as_deref(), Some("Tiếng Việt"));
        assert_eq!(too_long, 1);
        assert_eq!(value("Subject", 0).map(|text| text.chars().count()), Some(800));
    }
}
