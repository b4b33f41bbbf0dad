//! A workbook (Office Open XML) of one sheet with a header row that stays in view.

use std::io::Write;
use std::path::PathBuf;

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::error::{Error, Result};
use crate::store::{Cells, Table};

/// Rows that a sheet can hold, with the header.
const MOST: usize = 1_048_576;

/// Characters that a cell can hold.
const LONGEST: usize = 32_767;

pub(super) struct Book {
    book: Workbook,
    rows: usize,
}

impl Default for Book {
    fn default() -> Self {
        let mut book = Workbook::new();
        book.add_worksheet();
        Self { book, rows: 0 }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: XlsxError) -> Error {
    Error::Store(format!("workbook: {error}"))
}

impl Book {
    pub(super) fn batch(&mut self, table: &Table) -> Result<()> {
        if self.rows + table.rows() >= MOST {
            return Err(Error::Store(format!("a workbook holds {MOST} rows at most; write csv or parquet")));
        }
        let sheet = self.book.worksheet_from_index(0).map_err(failed)?;
        if self.rows == 0 {
            let bold = Format::new().set_bold();
            for (at, column) in table.columns.iter().enumerate() {
                sheet.write_with_format(0, at as u16, column.name.as_str(), &bold).map_err(failed)?;
                let width = if matches!(column.cells, Cells::Text(_)) { 24.0 } else { 9.0 };
                sheet.set_column_width(at as u16, width).map_err(failed)?;
            }
            sheet.set_freeze_panes(1, 0).map_err(failed)?;
            self.rows = 1;
        }
        for row in 0..table.rows() {
            let line = (self.rows + row) as u32;
            for (at, column) in table.columns.iter().enumerate() {
                let at = at as u16;
                match &column.cells {
                    // Written as text, so that nothing is taken for a formula and 01/02 for a date.
                    Cells::Text(list) => match &list[row] {
                        Some(text) => {
                            let text: String = text.chars().take(LONGEST).collect();
                            sheet.write_string(line, at, text).map(|_| ())
                        }
                        None => Ok(()),
                    },
                    Cells::Int(list) => {
                        list[row].map_or(Ok(()), |n| sheet.write_number(line, at, n as f64).map(|_| ()))
                    }
                    Cells::Real(list) => list[row].map_or(Ok(()), |n| sheet.write_number(line, at, n).map(|_| ())),
                }
                .map_err(failed)?;
            }
        }
        self.rows += table.rows();
        Ok(())
    }

    pub(super) fn end(mut self, mut out: impl Write) -> Result<()> {
        let bytes = self.book.save_to_buffer().map_err(failed)?;
        out.write_all(&bytes).and_then(|()| out.flush()).map_err(Error::io(PathBuf::from("output")))
    }
}
