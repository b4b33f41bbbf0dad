//! What the store holds as tables of plain columns, batch by batch, for programs that analyse.
//!
//! A batch is bounded, so a store of any size passes through a bounded memory.

use rusqlite::types::ValueRef;

use crate::error::Result;

use super::Store;

/// A table, or a batch of its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns, all of one length.
    pub columns: Vec<Column>,
}

impl Table {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values.
    pub cells: Cells,
}

/// Values of one type; what is not known is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Words; dates are ISO 8601.
    Text(Vec<Option<String>>),
    /// Whole numbers; truth is 0 or 1.
    Int(Vec<Option<i64>>),
    /// Others.
    Real(Vec<Option<f64>>),
}

impl Cells {
    /// How many there are.
    pub const fn len(&self) -> usize {
        match self {
            Self::Text(list) => list.len(),
            Self::Int(list) => list.len(),
            Self::Real(list) => list.len(),
        }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One value as it is written in a text; none where it is not known.
    pub fn text(&self, row: usize) -> Option<String> {
        match self {
            Self::Text(list) => list.get(row)?.clone(),
            Self::Int(list) => list.get(row)?.map(|number| number.to_string()),
            Self::Real(list) => list.get(row)?.map(|number| number.to_string()),
        }
    }
}

/// The tables that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableName {
    /// One row a held file.
    Documents,
    /// One row a document of the graph, held or only cited.
    Nodes,
    /// One row a mention of one document in another.
    Citations,
    /// One row a task.
    Tasks,
}

impl TableName {
    /// All tables, with their names on the command line and what each is for.
    pub const ALL: [(&'static str, Self, &'static str); 4] = [
        ("documents", Self::Documents, "One row a held file"),
        ("nodes", Self::Nodes, "One row a document of the graph, held or only cited"),
        ("citations", Self::Citations, "One row a mention of one document in another"),
        ("tasks", Self::Tasks, "One row a task"),
    ];

    /// The table's columns with their types (t, i, r) and the query that gives them in a stable order.
    const fn query(self) -> (&'static str, &'static str) {
        match self {
            Self::Documents => (
                "tttttttttttiittt",
                "SELECT n.key AS node, d.key AS key, d.number AS number, d.symbol AS symbol, d.kind AS type, \
                 d.issuer AS issuer, d.parent AS parent, d.place AS place, d.date AS date, d.subject AS subject, \
                 d.signer AS signer, d.pages AS pages, coalesce(n.cited, 0) AS cited, d.format AS format, \
                 lower(hex(d.digest)) AS digest, \
                 (SELECT min(path) FROM path p WHERE p.document = d.id) AS path \
                 FROM document d LEFT JOIN holding h ON h.document = d.id LEFT JOIN node n ON n.id = h.node \
                 ORDER BY d.digest",
            ),
            Self::Nodes => (
                "ttttttittti",
                "SELECT key, printed, state, kind AS type, issuer, title, year, date, place, unit, cited \
                 FROM node ORDER BY key",
            ),
            Self::Citations => (
                "tttttrrtttitiitt",
                "SELECT s.key AS source, t.key AS target, e.relation AS relation, e.outcome AS outcome, \
                 c.locator AS locator, e.score AS score, c.confidence AS confidence, t.printed AS printed, \
                 m.words AS words, coalesce(m.raw, m.words) AS raw, m.page AS page, m.sentence AS sentence, \
                 m.start AS start, m.stop AS stop, d.date AS date, lower(hex(d.digest)) AS digest \
                 FROM document d JOIN citation c ON c.document = d.id JOIN edge e ON e.citation = c.id \
                 JOIN node t ON t.id = e.target LEFT JOIN holding h ON h.document = d.id \
                 LEFT JOIN node s ON s.id = h.node LEFT JOIN mention m ON m.citation = c.id \
                 ORDER BY d.digest, c.ordinal, m.ordinal",
            ),
            Self::Tasks => (
                "tittttttttiitir",
                "SELECT n.key AS document, t.ordinal AS ordinal, t.text AS text, \
                 (SELECT group_concat(u.name, '; ') FROM task_unit tu JOIN unit u ON u.id = tu.unit \
                  WHERE tu.task = t.id AND tu.role = 'lead') AS lead, \
                 (SELECT group_concat(u.name, '; ') FROM task_unit tu JOIN unit u ON u.id = tu.unit \
                  WHERE tu.task = t.id AND tu.role = 'coordinate') AS coordinate, \
                 t.deadline AS deadline, t.kind AS kind, t.due_start AS due_start, t.due_end AS due_end, \
                 t.recurrence AS recurrence, t.inclusive AS inclusive, t.tentative AS tentative, \
                 lower(hex(d.digest)) AS digest, t.page AS page, t.confidence AS confidence \
                 FROM task t JOIN document d ON d.id = t.document LEFT JOIN holding h ON h.document = d.id \
                 LEFT JOIN node n ON n.id = h.node ORDER BY d.digest, t.ordinal",
            ),
        }
    }
}

impl Store {
    /// Gives a table to `take`, at most `most` rows at a time; an empty table once, for its columns.
    pub fn table(&self, name: TableName, most: usize, mut take: impl FnMut(&Table) -> Result<()>) -> Result<()> {
        let (types, sql) = name.query();
        let mut statement = self.connection.prepare(sql)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let empty = || Table {
            columns: (names.iter().zip(types.bytes()))
                .map(|(name, kind)| Column {
                    name: name.clone(),
                    cells: match kind {
                        b'i' => Cells::Int(Vec::new()),
                        b'r' => Cells::Real(Vec::new()),
                        _ => Cells::Text(Vec::new()),
                    },
                })
                .collect(),
        };
        let mut batch = empty();
        let mut given = false;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for (at, column) in batch.columns.iter_mut().enumerate() {
                let value = row.get_ref(at)?;
                match &mut column.cells {
                    Cells::Text(list) => list.push(match value {
                        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
                        _ => None,
                    }),
                    Cells::Int(list) => list.push(match value {
                        ValueRef::Integer(number) => Some(number),
                        _ => None,
                    }),
                    Cells::Real(list) => list.push(match value {
                        ValueRef::Real(number) => Some(number),
                        ValueRef::Integer(number) => Some(number as f64),
                        _ => None,
                    }),
                }
            }
            if batch.rows() >= most.max(1) {
                take(&batch)?;
                given = true;
                batch = empty();
            }
        }
        if !given || batch.rows() > 0 {
            take(&batch)?;
        }
        Ok(())
    }
}
