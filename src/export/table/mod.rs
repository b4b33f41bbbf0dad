//! Tables in the forms that people and programs open: CSV, XLSX, JSON lines, Parquet.
//!
//! A table comes batch by batch. [`Sheet`] is the writer of one of them: it is given each batch and
//! ended once. Knows [`Table`], not where it comes from.

mod parquet;
mod xlsx;

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::store::{Cells, Table};

use super::csv;

/// The forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// RFC 4180, UTF-8.
    Csv,
    /// A workbook of one sheet.
    Xlsx,
    /// One object a line.
    Jsonl,
    /// Apache Parquet, for `DuckDB`, pandas, Spark.
    Parquet,
}

impl TableFormat {
    /// All forms, with their names, which are the endings of their files.
    pub const ALL: [(&'static str, Self, &'static str); 4] = [
        ("csv", Self::Csv, "Comma-separated values"),
        ("xlsx", Self::Xlsx, "A workbook for Excel and LibreOffice"),
        ("jsonl", Self::Jsonl, "One JSON object a line"),
        ("parquet", Self::Parquet, "For DuckDB, pandas and Spark"),
    ];

    /// The form of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, ..)| *known == name).map(|(_, format, _)| *format)
    }
}

/// A table being written.
pub struct Sheet<W: Write + Send> {
    form: Form<W>,
    started: bool,
}

enum Form<W: Write + Send> {
    Csv(W),
    Jsonl(W),
    Xlsx(Box<xlsx::Book>, W),
    Parquet(parquet::File<W>),
}

impl<W: Write + Send> Sheet<W> {
    /// A table to be written to `out`.
    pub fn new(format: TableFormat, out: W) -> Self {
        let form = match format {
            TableFormat::Csv => Form::Csv(out),
            TableFormat::Jsonl => Form::Jsonl(out),
            TableFormat::Xlsx => Form::Xlsx(Box::default(), out),
            TableFormat::Parquet => Form::Parquet(parquet::File::new(out)),
        };
        Self { form, started: false }
    }

    /// Writes some rows. All batches have the same columns.
    ///
    /// Fails if the output cannot be written, or a workbook gets more rows than it can hold.
    pub fn batch(&mut self, table: &Table) -> Result<()> {
        let first = !std::mem::replace(&mut self.started, true);
        match &mut self.form {
            Form::Csv(out) => csv_rows(table, first, out).map_err(Error::io(PathBuf::from("output"))),
            Form::Jsonl(out) => jsonl_rows(table, out).map_err(Error::io(PathBuf::from("output"))),
            Form::Xlsx(book, _) => book.batch(table),
            Form::Parquet(file) => file.batch(table),
        }
    }

    /// Ends the table.
    pub fn end(self) -> Result<()> {
        match self.form {
            Form::Csv(mut out) | Form::Jsonl(mut out) => out.flush().map_err(Error::io(PathBuf::from("output"))),
            Form::Xlsx(book, out) => book.end(out),
            Form::Parquet(file) => file.end(),
        }
    }
}

fn csv_rows(table: &Table, first: bool, out: &mut impl Write) -> std::io::Result<()> {
    if first {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        csv::row(out, &names)?;
    }
    for row in 0..table.rows() {
        let cells: Vec<String> = (table.columns.iter())
            .map(|column| {
                let text = column.cells.text(row).unwrap_or_default();
                if matches!(column.cells, Cells::Text(_)) { csv::safe(&text).into_owned() } else { text }
            })
            .collect();
        csv::row(out, &cells.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn jsonl_rows(table: &Table, out: &mut impl Write) -> std::io::Result<()> {
    for row in 0..table.rows() {
        let object: Map<String, Value> = (table.columns.iter())
            .map(|column| {
                let value = match &column.cells {
                    Cells::Text(list) => list[row].as_deref().map(Value::from),
                    Cells::Int(list) => list[row].map(Value::from),
                    Cells::Real(list) => list[row].map(Value::from),
                };
                (column.name.clone(), value.unwrap_or(Value::Null))
            })
            .collect();
        serde_json::to_writer(&mut *out, &object)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
