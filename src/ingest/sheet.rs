//! Workbooks (XLSX, XLS, ODS) into text, a sheet a page.
//!
//! Cells come from `calamine`. On a sheet, office clerks put a letterhead and a title above the table
//! and a signature below it: the table goes from the first row with three cells or more to the last,
//! everything else are lines. Hidden sheets are left out, a note names them. Cells are read one by one
//! and counted, so that a cell at the far corner of a sheet costs no more than any other.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Ods, Reader, SheetVisible, Xls, Xlsx};

use crate::document::{Digest, Document, Format, Limits};
use crate::error::{Error, Result};
use crate::ingest::flow::{self, Block, Grid, Paragraph, Place};
use crate::ingest::package::Package;
use crate::ingest::too_large;
use crate::text::Note;

/// Cells of one workbook that hold anything.
const CELLS: u64 = 2_000_000;

/// The cells of a sheet that hold text, by row and column.
type Cells = BTreeMap<(u32, u32), String>;

/// Reads a workbook.
pub(super) fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<Document> {
    let name = format.name();
    let (sheets, hidden) = match format {
        Format::Xlsx => xlsx(bytes, limits)?,
        Format::Xls => {
            let book = Xls::new(Cursor::new(bytes)).map_err(|error| damaged(name, &error))?;
            dense(book, name, |book, sheet| book.merge_cells_by_sheet_name(sheet).unwrap_or_default())?
        }
        _ => {
            check_size(bytes, name, limits)?;
            let book = Ods::new(Cursor::new(bytes)).map_err(|error| damaged(name, &error))?;
            dense(book, name, |_, _| Vec::new())?
        }
    };
    let pages: Vec<Vec<Block>> = sheets.iter().map(|(cells, merged)| blocks(cells, merged)).collect();
    let pages: Vec<&[Block]> = pages.iter().map(Vec::as_slice).filter(|blocks| !blocks.is_empty()).collect();
    let mut document = flow::write_pages(Digest::of(bytes), format, &pages, limits)?;
    document.notes.extend(hidden.into_iter().map(|name| Note::general(format!("hidden sheet left out: {name}"))));
    if document.raw.trim().is_empty() {
        document.notes.push(Note::general("the workbook holds no text"));
    }
    Ok(document)
}

fn damaged(format: &'static str, error: &dyn std::fmt::Display) -> Error {
    let reason: String = error.to_string().chars().filter(|c| !c.is_control()).take(90).collect();
    if reason.contains("password") { Error::Locked(format) } else { Error::Damaged { format, reason } }
}

/// Whether the parts of a package unpack within the limits, before a library reads them whole.
fn check_size(bytes: &[u8], format: &'static str, limits: &Limits) -> Result<()> {
    let mut package = Package::open(bytes, format, limits)?;
    for part in &package.names() {
        package.part(part)?;
    }
    Ok(())
}

type Sheets = (Vec<(Cells, Vec<Dimensions>)>, Vec<String>);

fn xlsx(bytes: &[u8], limits: &Limits) -> Result<Sheets> {
    check_size(bytes, "XLSX", limits)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged("XLSX", &error))?;
    let (mut sheets, mut hidden, mut count) = (Vec::new(), Vec::new(), 0);
    for sheet in book.sheets_metadata().to_vec() {
        if sheet.visible != SheetVisible::Visible {
            hidden.push(sheet.name);
            continue;
        }
        // Without what is merged the cells are still there.
        let merged = book.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default();
        // Charts have sheets without cells.
        let Ok(mut reader) = book.worksheet_cells_reader(&sheet.name) else { continue };
        let mut cells = Cells::new();
        while let Some(cell) = reader.next_cell().map_err(|error| damaged("XLSX", &error))? {
            let text = match cell.get_value() {
                DataRef::SharedString(text) => (*text).to_owned(),
                value => shown(&Data::from(value.clone())),
            };
            keep(&mut cells, cell.get_position(), text, &mut count)?;
        }
        sheets.push((cells, merged));
    }
    Ok((sheets, hidden))
}

/// Sheets of the formats that cannot place a cell far out.
fn dense<'a, B: Reader<Cursor<&'a [u8]>>>(
    mut book: B,
    format: &'static str,
    merged: impl Fn(&B, &str) -> Vec<Dimensions>,
) -> Result<Sheets> {
    let (mut sheets, mut hidden, mut count) = (Vec::new(), Vec::new(), 0);
    for sheet in book.sheets_metadata().to_vec() {
        if sheet.visible != SheetVisible::Visible {
            hidden.push(sheet.name);
            continue;
        }
        let range = match book.worksheet_range(&sheet.name) {
            Ok(range) => range,
            Err(_) if sheet.typ != calamine::SheetType::WorkSheet => continue,
            Err(error) => return Err(damaged(format, &format!("{error:?}"))),
        };
        let (row, column) = range.start().unwrap_or_default();
        let mut cells = Cells::new();
        for (down, across, value) in range.used_cells() {
            let text = shown(value);
            keep(&mut cells, (row + down as u32, column + across as u32), text, &mut count)?;
        }
        sheets.push((cells, merged(&book, &sheet.name)));
    }
    Ok((sheets, hidden))
}

fn keep(cells: &mut Cells, place: (u32, u32), text: String, count: &mut u64) -> Result<()> {
    if !text.trim().is_empty() {
        *count += 1;
        if *count > CELLS {
            return Err(too_large("cell count", *count, CELLS));
        }
        cells.insert(place, text);
    }
    Ok(())
}

/// A value as a clerk would write it: days as 05/03/2024, numbers without the noise of binary fractions.
fn shown(value: &Data) -> String {
    match value {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => {
            let text = format!("{number:.10}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Data::DateTime(when) => day(*when),
        Data::Error(_) => String::new(),
        value => value.to_string(),
    }
}

fn day(when: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, ..) = when.to_ymd_hms_milli();
    match (when.is_duration() || when.as_f64() < 1.0, hour, minute) {
        (true, ..) => format!("{hour:02}:{minute:02}"),
        (_, 0, 0) => format!("{day:02}/{month:02}/{year}"),
        _ => format!("{day:02}/{month:02}/{year} {hour:02}:{minute:02}"),
    }
}

/// The lines above, the table, the lines below.
fn blocks(cells: &Cells, merged: &[Dimensions]) -> Vec<Block> {
    let spans: BTreeMap<(u32, u32), (u32, u32)> = merged
        .iter()
        .filter(|place| place.end >= place.start && place.end.1 >= place.start.1)
        .map(|place| (place.start, (place.end.0 - place.start.0 + 1, place.end.1 - place.start.1 + 1)))
        .collect();
    let mut rows: Vec<(u32, Vec<Place>)> = Vec::new();
    for (&(row, column), text) in cells {
        let (tall, wide) = spans.get(&(row, column)).copied().unwrap_or((1, 1));
        let paragraph = Block::Line(Paragraph::plain(text.clone()));
        let place = Place { column, tall, wide, blocks: vec![paragraph] };
        match rows.last_mut() {
            Some((last, places)) if *last == row => places.push(place),
            _ => rows.push((row, vec![place])),
        }
    }
    let wide = |(_, places): &(u32, Vec<Place>)| places.len() >= 3;
    let (first, last) = (rows.iter().position(wide), rows.iter().rposition(wide));
    let mut blocks = Vec::new();
    let mut table = Grid::default();
    for (index, (row, mut places)) in rows.into_iter().enumerate() {
        if first.is_some_and(|first| index >= first) && last.is_some_and(|last| index <= last) {
            for place in &mut places {
                // Rows without text are not kept: what is merged over them is shorter.
                let end = row.saturating_add(place.tall);
                let kept = cells.range((row, 0)..(end, 0)).map(|((row, _), _)| *row);
                let mut kept: Vec<u32> = if place.tall > 1 { kept.collect() } else { vec![row] };
                kept.dedup();
                place.tall = kept.len().max(1) as u32;
            }
            table.rows.push(places);
            if Some(index) == last {
                blocks.push(Block::Table(std::mem::take(&mut table)));
            }
        } else {
            blocks.push(Block::Table(Grid { heads: 0, rows: vec![places] }));
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_letterhead_table_and_signature() {
        let rows: [(u32, &[(u32, &str)]); 6] = [
            (0, &[(0, "UBND XÃ TÂN HƯNG"), (3, "CỘNG HÒA")]),
            (2, &[(0, "BẢNG PHÂN CÔNG")]),
            (4, &[(0, "STT"), (1, "Nội dung"), (3, "Đơn vị")]),
            (5, &[(0, "I"), (1, "NHÓM MỘT")]),
            (7, &[(0, "1"), (1, "Rà soát"), (3, "Phòng A")]),
            (9, &[(3, "CHỦ TỊCH")]),
        ];
        let cells: Cells = rows
            .iter()
            .flat_map(|(row, cells)| cells.iter().map(|(column, text)| ((*row, *column), (*text).to_owned())))
            .collect();
        let merged = [Dimensions { start: (4, 1), end: (4, 2) }, Dimensions { start: (5, 0), end: (7, 0) }];
        let blocks = blocks(&cells, &merged);
        let document = flow::write(Digest::of(b""), Format::Xlsx, &blocks, &Limits::default()).unwrap();
        let expected = "UBND XÃ TÂN HƯNG\tCỘNG HÒA\nBẢNG PHÂN CÔNG\nSTT\tNội dung\tĐơn vị\nI\tNHÓM MỘT\n1\tRà soát\tPhòng A\n\
            CHỦ TỊCH\n";
        assert_eq!(document.raw, expected);
        assert_eq!((document.tables.len(), document.tables[0].rows, document.tables[0].columns), (1, 3, 3));
        assert_eq!(document.tables[0].cells.iter().find(|cell| cell.row == 1).map(|cell| cell.tall), Some(2));
    }

    #[test]
    fn values_are_shown_as_clerks_write_them() {
        assert_eq!(shown(&Data::Float(12.0)), "12");
        assert_eq!(shown(&Data::Float(0.1 + 0.2)), "0.3");
        let day = ExcelDateTime::new(45356.0, calamine::ExcelDateTimeType::DateTime, false);
        assert_eq!(shown(&Data::DateTime(day)), "05/03/2024");
    }
}
