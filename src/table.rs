//! Tables of a text: which part of it stands in which row and column.
//!
//! A table keeps no words of its own. The text holds each row as one line with a TAB between its
//! cells, so that a reader who knows nothing of tables still sees them parted; the cells say what
//! a TAB cannot: which column a text belongs to where cells before it are empty, what is merged,
//! and which rows are heads. Plain data, known to `document`, `parse` and `record` alike.

use serde::{Deserialize, Serialize};

use crate::text::{Span, Text};

/// A table. A grid that only arranges the page (a letterhead, a signature block) is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Table {
    /// Rows, empty ones counted.
    pub rows: u32,
    /// Columns of the grid that all rows share.
    pub columns: u32,
    /// How many rows at the top are heads of columns; 0 where the reader does not know.
    pub heads: u32,
    /// The cells that hold text, by row, then by column.
    pub cells: Vec<Cell>,
}

/// One cell of a [`Table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cell {
    /// Its upper row, from 0.
    pub row: u32,
    /// Its left column, from 0.
    pub column: u32,
    /// Rows that it takes: 1, or more where cells are merged downwards.
    pub tall: u32,
    /// Columns that it takes: 1, or more where cells are merged sideways.
    pub wide: u32,
    /// Its text, white space around it left out; never empty. In the raw text in a `Document`, in
    /// the repaired text for `parse` and in the JSON; in a page's `Layout` it counts tokens.
    #[schemars(with = "(u32, u32)")]
    pub span: Span,
}

impl Table {
    /// The cell that covers a place of the grid, merged ones included.
    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        let covers = |cell: &&Cell| {
            (cell.row..cell.row.saturating_add(cell.tall)).contains(&row)
                && (cell.column..cell.column.saturating_add(cell.wide)).contains(&column)
        };
        self.cells.iter().find(covers)
    }

    /// From the first byte of the first cell to the end of the last one.
    pub fn span(&self) -> Span {
        self.cells.iter().map(|cell| cell.span).reduce(Span::cover).unwrap_or_default()
    }

    /// The same table with each span turned into another.
    #[must_use]
    pub fn map(&self, mut turn: impl FnMut(Span) -> Span) -> Self {
        let cells = self.cells.iter().map(|cell| Cell { span: turn(cell.span), ..*cell }).collect();
        Self { cells, ..*self }
    }
}

/// Tables of the raw text as tables of the repaired one.
pub fn repaired(tables: &[Table], text: &Text) -> Vec<Table> {
    tables.iter().map(|table| table.map(|span| text.fixed_span(span))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merged_cell_is_found_at_each_place_it_covers() {
        let cell = |row, column, tall, wide, from, to| Cell { row, column, tall, wide, span: Span::new(from, to) };
        let table = Table {
            rows: 3,
            columns: 3,
            heads: 1,
            cells: vec![cell(0, 0, 1, 2, 0, 3), cell(0, 2, 1, 1, 4, 6), cell(1, 0, 2, 1, 7, 9)],
        };
        let at = |row, column| table.cell(row, column).map(|cell| cell.span.start());
        assert_eq!([at(0, 0), at(0, 1), at(0, 2), at(2, 0), at(1, 1)], [Some(0), Some(0), Some(4), Some(7), None]);
        assert_eq!(table.span(), Span::new(0, 9));
        assert_eq!(table.map(|span| Span::at(span.start() + 1, span.end() + 1)).span(), Span::new(1, 10));
    }
}
