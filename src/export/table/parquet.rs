//! Apache Parquet: each batch a row group, every column optional, text as UTF-8.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use crate::error::{Error, Result};
use crate::store::{Cells, Table};

pub(super) struct File<W: Write + Send> {
    /// Until the first batch tells the columns.
    waiting: Option<W>,
    writer: Option<SerializedFileWriter<W>>,
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: ParquetError) -> Error {
    Error::Store(format!("parquet: {error}"))
}

impl<W: Write + Send> File<W> {
    pub(super) const fn new(out: W) -> Self {
        Self { waiting: Some(out), writer: None }
    }

    pub(super) fn batch(&mut self, table: &Table) -> Result<()> {
        if let Some(out) = self.waiting.take() {
            let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
            let writer =
                SerializedFileWriter::new(out, schema(table).map_err(failed)?, Arc::new(properties)).map_err(failed)?;
            self.writer = Some(writer);
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        if table.rows() == 0 {
            return Ok(());
        }
        write_group(writer, table).map_err(failed)
    }

    pub(super) fn end(mut self) -> Result<()> {
        self.batch(&Table::default())?;
        if let Some(writer) = self.writer {
            let mut out = writer.into_inner().map_err(failed)?;
            out.flush().map_err(Error::io(std::path::PathBuf::from("output")))?;
        }
        Ok(())
    }
}

fn schema(table: &Table) -> std::result::Result<TypePtr, ParquetError> {
    let fields = table
        .columns
        .iter()
        .map(|column| {
            let (physical, logical) = match column.cells {
                Cells::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
                Cells::Int(_) => (Physical::INT64, None),
                Cells::Real(_) => (Physical::DOUBLE, None),
            };
            Type::primitive_type_builder(&column.name, physical)
                .with_logical_type(logical)
                .with_repetition(Repetition::OPTIONAL)
                .build()
                .map(Arc::new)
        })
        .collect::<std::result::Result<_, _>>()?;
    Ok(Arc::new(Type::group_type_builder("vanban").with_fields(fields).build()?))
}

fn write_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    table: &Table,
) -> std::result::Result<(), ParquetError> {
    fn levels<T>(list: &[Option<T>]) -> Vec<i16> {
        list.iter().map(|value| i16::from(value.is_some())).collect()
    }
    let mut group = writer.next_row_group()?;
    for column in &table.columns {
        let Some(mut out) = group.next_column()? else { break };
        match &column.cells {
            Cells::Text(list) => {
                let values: Vec<ByteArray> = list.iter().flatten().map(|text| ByteArray::from(text.as_str())).collect();
                out.typed::<ByteArrayType>().write_batch(&values, Some(&levels(list)), None)?;
            }
            Cells::Int(list) => {
                let values: Vec<i64> = list.iter().flatten().copied().collect();
                out.typed::<Int64Type>().write_batch(&values, Some(&levels(list)), None)?;
            }
            Cells::Real(list) => {
                let values: Vec<f64> = list.iter().flatten().copied().collect();
                out.typed::<DoubleType>().write_batch(&values, Some(&levels(list)), None)?;
            }
        }
        out.close()?;
    }
    group.close().map(|_| ())
}
