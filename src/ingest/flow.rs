//! Paragraphs and tables, as the readers of formats without geometry meet them, into a document.
//!
//! Every such reader (HTML, DOCX, DOC, RTF, ODT, sheets) builds [`Block`]s; how they become lines is
//! decided here once. A row of a table becomes one line with a TAB for each border between columns,
//! and the table's cells are kept as spans. A grid that only arranges the page (a letterhead, a
//! signature block) is laid side by side line for line, as on paper, and is no table.
//!
//! The font of a piece of text may say that its letters stand at the codes of an old encoding. It is
//! believed unless the text itself shows that it was converted and the font's name left behind.

use crate::document::{Digest, Document, Format, Limits, from_text};
use crate::error::Result;
use crate::ingest::too_large;
use crate::table::{Cell, Table};
use crate::text::Span;
use crate::vi::encoding::{self, Encoding, OldFont};

/// Tables inside tables that are kept as such; readers let deeper ones flow into the cell around.
pub(super) const DEPTH: usize = 16;

/// A paragraph or a table.
#[derive(Debug)]
pub(super) enum Block {
    Line(Paragraph),
    Table(Grid),
}

/// A table as a reader meets it.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// Rows at the top that the file marks as heads.
    pub(super) heads: u32,
    pub(super) rows: Vec<Vec<Place>>,
}

/// One cell: where it stands in its row, how far it reaches, what is in it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) column: u32,
    pub(super) tall: u32,
    pub(super) wide: u32,
    pub(super) blocks: Vec<Block>,
}

/// How a piece of text is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Face {
    /// The old encoding that its font speaks for.
    pub(super) font: Option<OldFont>,
    /// Set in capitals whatever was typed.
    pub(super) capitals: bool,
}

/// The text of a paragraph, in pieces of one face each. May hold `\n` where a line was broken by
/// hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Paragraph {
    pieces: Vec<(Face, String)>,
}

impl Paragraph {
    pub(super) fn plain(text: String) -> Self {
        Self { pieces: vec![(Face::default(), text)] }
    }

    pub(super) fn push(&mut self, face: Face, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.pieces.last_mut() {
            Some((last, whole)) if *last == face => whole.push_str(text),
            _ => self.pieces.push((face, text.to_owned())),
        }
    }

    pub(super) fn push_char(&mut self, face: Face, c: char) {
        self.push(face, c.encode_utf8(&mut [0; 4]));
    }

    /// Puts what the program prints before the text (a number, a bullet).
    pub(super) fn lead(&mut self, face: Face, marker: &str) {
        self.pieces.insert(0, (face, marker.to_owned()));
    }

    pub(super) fn is_blank(&self) -> bool {
        self.pieces.iter().all(|(_, text)| text.trim().is_empty())
    }

    /// Its letters, whatever font they were typed for. `believed`: the document's fonts tell the truth.
    fn read(&self, believed: bool) -> String {
        let mut out = String::new();
        let mut rest = self.pieces.as_slice();
        while let Some((face, _)) = rest.first() {
            // A letter and its tone may stand in pieces of their own; they are read together.
            let same = |(other, _): &&(Face, String)| {
                other.font.map(|font| font.encoding) == face.font.map(|font| font.encoding)
            };
            let (group, next) = rest.split_at(rest.iter().take_while(same).count().max(1));
            rest = next;
            match face.font.filter(|_| believed) {
                Some(font) => read_old(group, font.encoding, &mut out),
                None => group.iter().for_each(|(face, text)| shown(text, face.capitals, &mut out)),
            }
        }
        out
    }
}

/// Text as it is shown: in capitals where the setting says so.
fn shown(text: &str, capitals: bool, out: &mut String) {
    if capitals { out.extend(text.chars().flat_map(char::to_uppercase)) } else { out.push_str(text) }
}

/// Pieces set in fonts of one old encoding.
fn read_old(group: &[(Face, String)], encoding: Encoding, out: &mut String) {
    let whole: String = group.iter().map(|(_, text)| text.as_str()).collect();
    let decoded = encoding::decode(encoding, &whole);
    if encoding::is_unicode(&whole) || encoding::reads_better(&whole, &decoded) {
        return group.iter().for_each(|(face, text)| shown(text, face.capitals, out));
    }
    let capitals = |face: &Face| face.capitals || face.font.is_some_and(|font| font.capitals);
    if group.iter().all(|(face, _)| !capitals(face)) {
        return out.push_str(&decoded);
    }
    // Where the setting changes, letter and tone stand together: only VNI has two codes a letter,
    // and no font of it shows small letters as capitals.
    for (face, text) in group {
        shown(&encoding::decode(encoding, text), capitals(face), out);
    }
}

/// Whether the fonts of the whole document tell the truth about its letters.
fn believes(blocks: &[Block]) -> bool {
    fn gather(blocks: &[Block], text: &mut String) {
        for block in blocks {
            match block {
                Block::Line(paragraph) => {
                    text.extend(
                        paragraph.pieces.iter().filter(|(face, _)| face.font.is_some()).map(|(_, text)| text.as_str()),
                    );
                }
                Block::Table(grid) => grid.rows.iter().flatten().for_each(|place| gather(&place.blocks, text)),
            }
        }
    }
    let mut text = String::new();
    gather(blocks, &mut text);
    !encoding::is_unicode(&text)
}

/// Writes blocks down as a document of one page.
pub(super) fn write(digest: Digest, format: Format, blocks: &[Block], limits: &Limits) -> Result<Document> {
    write_pages(digest, format, &[blocks], limits)
}

/// Writes blocks down, a page each.
pub(super) fn write_pages(digest: Digest, format: Format, pages: &[&[Block]], limits: &Limits) -> Result<Document> {
    let mut writer = Writer { limit: limits.text_bytes, ..Writer::default() };
    for (index, blocks) in pages.iter().enumerate() {
        if index > 0 {
            writer.raw.push('\u{c}');
        }
        writer.believed = believes(blocks);
        writer.blocks(blocks)?;
    }
    let mut document = from_text(digest, format, writer.raw);
    document.tables = writer.tables;
    // A table inside a cell of another was finished before it.
    document.tables.sort_by_key(Table::span);
    Ok(document)
}

/// The lines that blocks make by themselves.
pub(super) fn lines(blocks: &[Block]) -> Vec<String> {
    let mut writer = Writer { believed: believes(blocks), limit: usize::MAX, ..Writer::default() };
    match writer.blocks(blocks) {
        Ok(()) => writer.raw.lines().map(str::to_owned).collect(),
        Err(_) => Vec::new(),
    }
}

#[derive(Default)]
struct Writer {
    raw: String,
    tables: Vec<Table>,
    believed: bool,
    limit: usize,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block]) -> Result<()> {
        for block in blocks {
            match block {
                Block::Line(paragraph) => self.lines_of(paragraph).iter().for_each(|line| self.line(line)),
                Block::Table(grid) => self.grid(grid)?,
            }
            if self.raw.len() > self.limit {
                return Err(too_large("text", self.raw.len() as u64, self.limit as u64));
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &str) {
        self.raw.push_str(line);
        self.raw.push('\n');
    }

    /// The lines of a paragraph that hold anything, without blanks around them.
    fn lines_of(&self, paragraph: &Paragraph) -> Vec<String> {
        let text = paragraph.read(self.believed);
        text.split('\n').map(tidy).filter(|line| !line.is_empty()).collect()
    }

    /// The lines of a cell without a table in it.
    fn cell_lines(&self, place: &Place) -> Vec<String> {
        let lines = place.blocks.iter().map(|block| match block {
            Block::Line(paragraph) => self.lines_of(paragraph),
            Block::Table(_) => Vec::new(),
        });
        lines.flatten().map(|line| line.replace('\t', " ")).collect()
    }

    fn grid(&mut self, grid: &Grid) -> Result<()> {
        let rows: Vec<Vec<Filled<'_>>> = grid.rows.iter().map(|row| self.fill(row)).collect();
        let filled = |row: &Vec<Filled<'_>>| row.iter().filter(|cell| !cell.is_empty()).count();
        let most = rows.iter().map(filled).max().unwrap_or(0);
        let full = rows.iter().filter(|row| filled(row) > 0).count();
        let nested = rows.iter().flatten().any(|cell| cell.nested);
        // A letterhead has two columns and few rows.
        let data = !nested && full >= 2 && (most >= 3 || most == 2 && (full >= 4 || grid.heads > 0));
        if !data {
            return rows.iter().try_for_each(|row| self.arranged(row));
        }
        let mut starts: Vec<u32> = grid.rows.iter().flatten().map(|place| place.column).collect();
        starts.sort_unstable();
        starts.dedup();
        let rank = |column: u32| starts.partition_point(|start| *start < column) as u32;
        let mut table = Table { columns: starts.len() as u32, heads: grid.heads, ..Table::default() };
        for cells in &rows {
            let lines = self.raw.len();
            // Where a cell is a page by itself, each stands alone, not beside the others.
            let tall = cells.iter().any(|cell| cell.lines.len() > LONG);
            let mut at = 0;
            for cell in cells.iter().filter(|cell| !cell.is_empty()) {
                let column = rank(cell.place.column);
                let end = rank(cell.place.column.saturating_add(cell.place.wide.max(1)));
                if !tall {
                    self.raw.extend(std::iter::repeat_n('\t', column.saturating_sub(at) as usize));
                } else if self.raw.len() > lines {
                    self.raw.push('\n');
                }
                at = column;
                let from = self.raw.len();
                self.raw.push_str(&cell.lines.join(if tall { "\n" } else { " " }));
                table.cells.push(Cell {
                    row: table.rows,
                    column,
                    tall: cell.place.tall.max(1),
                    wide: end.saturating_sub(column).max(1),
                    span: Span::at(from, self.raw.len()),
                });
            }
            if self.raw.len() > lines {
                self.raw.push('\n');
            }
            table.rows += 1;
            if self.raw.len() > self.limit {
                return Err(too_large("text", self.raw.len() as u64, self.limit as u64));
            }
        }
        for cell in &mut table.cells {
            cell.tall = cell.tall.min(table.rows - cell.row);
        }
        table.heads = table.heads.min(table.rows);
        self.tables.push(table);
        Ok(())
    }

    fn fill<'a>(&self, row: &'a [Place]) -> Vec<Filled<'a>> {
        row.iter()
            .map(|place| {
                let nested = place.blocks.iter().any(|block| matches!(block, Block::Table(_)));
                Filled { place, nested, lines: self.cell_lines(place) }
            })
            .collect()
    }

    /// A row of a grid that only arranges the page.
    fn arranged(&mut self, row: &[Filled<'_>]) -> Result<()> {
        let cells: Vec<&Filled<'_>> = row.iter().filter(|cell| !cell.is_empty()).collect();
        let page_like = cells.iter().any(|cell| cell.nested || cell.lines.len() > LONG);
        let short = || cells.iter().flat_map(|cell| &cell.lines).all(|line| line.chars().count() <= 120);
        if cells.len() < 2 || page_like {
            for cell in cells {
                self.blocks(&cell.place.blocks)?;
            }
        } else if cells.len() == 2 && short() {
            let height = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
            let line = |cell: usize, index: usize| cells[cell].lines.get(index).map_or("", String::as_str);
            for index in 0..height {
                match (line(0, index), line(1, index)) {
                    (left, "") => self.line(left),
                    (left, right) => self.line(&format!("{left}\t{right}")),
                }
            }
        } else {
            let cells: Vec<String> = cells.iter().map(|cell| cell.lines.join(" ")).collect();
            self.line(&cells.join("\t"));
        }
        Ok(())
    }
}

/// Lines of a cell from which on it is a page by itself.
const LONG: usize = 40;

/// A cell and its lines.
struct Filled<'a> {
    place: &'a Place,
    nested: bool,
    lines: Vec<String>,
}

impl Filled<'_> {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && !self.nested
    }
}

/// A line without blanks at its ends, runs of blanks as one. A run that holds a TAB is a TAB: a stop
/// parts columns; not after what opens the line, where it is the stop behind a number or bullet.
fn tidy(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let (mut blank, mut tab) = (false, false);
    for c in line.chars() {
        match c {
            '\t' => (blank, tab) = (true, true),
            '\u{200b}' | '\u{feff}' => {}
            c if c.is_whitespace() && c != '\u{85}' || c.is_ascii_control() => blank = true,
            c => {
                if std::mem::take(&mut blank) && !out.is_empty() {
                    out.push(if tab && !is_marker(&out) { '\t' } else { ' ' });
                }
                tab = false;
                out.push(c);
            }
        }
    }
    out
}

/// What stands before an item of a list: `-`, `1.`, `a)`, `II.`, `1.2.`.
fn is_marker(text: &str) -> bool {
    let core = text.trim_start_matches('(').trim_end_matches(['.', ')', '/', ':']);
    if core.is_empty() || core == text {
        return matches!(text, "-" | "–" | "—" | "+" | "*" | "•" | "·" | "o");
    }
    text.chars().count() <= 9 && core.chars().all(|c| c.is_alphanumeric() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Block {
        Block::Line(Paragraph::plain(text.into()))
    }

    fn place(column: u32, tall: u32, wide: u32, text: &str) -> Place {
        Place { column, tall, wide, blocks: text.split('|').map(line).collect() }
    }

    fn written(blocks: &[Block]) -> Document {
        write(Digest::of(b""), Format::Html, blocks, &Limits::default()).unwrap()
    }

    #[test]
    fn merged_and_empty_cells_keep_their_columns() {
        let rows = vec![
            vec![place(0, 2, 1, "STT"), place(1, 1, 2, "Nội dung"), place(6, 1, 1, "Hạn")],
            vec![place(1, 1, 1, "Việc"), place(2, 1, 4, "Đơn vị|chủ trì")],
            vec![place(0, 1, 1, "1"), place(1, 1, 1, ""), place(2, 1, 4, "Phòng A"), place(6, 1, 1, "")],
        ];
        let document = written(&[line("Bảng"), Block::Table(Grid { heads: 2, rows })]);
        assert_eq!(document.raw, "Bảng\nSTT\tNội dung\t\tHạn\n\tViệc\tĐơn vị chủ trì\n1\t\tPhòng A\n");
        let table = &document.tables[0];
        assert_eq!((table.rows, table.columns, table.heads), (3, 4, 2));
        let text = |row, column| table.cell(row, column).map(|cell| cell.span.of(&document.raw));
        assert_eq!(text(1, 0), Some("STT"));
        assert_eq!(text(0, 2), Some("Nội dung"));
        assert_eq!(text(1, 2), Some("Đơn vị chủ trì"));
        assert_eq!(text(2, 1), None);
        assert_eq!(text(2, 2), Some("Phòng A"));
    }

    #[test]
    fn a_letterhead_is_laid_side_by_side_and_is_no_table() {
        let rows = vec![
            vec![place(0, 1, 1, "UBND XÃ|TÂN HƯNG"), place(2, 1, 1, "CỘNG HÒA|Độc lập|***")],
            vec![place(0, 1, 1, "Số: 5/KH"), place(2, 1, 1, "ngày 5")],
        ];
        let document = written(&[Block::Table(Grid { heads: 0, rows })]);
        assert_eq!(document.raw, "UBND XÃ\tCỘNG HÒA\nTÂN HƯNG\tĐộc lập\n\t***\nSố: 5/KH\tngày 5\n");
        assert!(document.tables.is_empty());
    }

    #[test]
    fn fonts_say_the_encoding_unless_the_text_says_otherwise() {
        let face = |name| Face { font: encoding::old_font(name), capitals: false };
        let mut paragraph = Paragraph::default();
        paragraph.push(face(".VnTimeH"), "Bé tµi chÝnh");
        paragraph.push(face(".VnTime"), " Sè 12, Q§");
        paragraph.push(face("VNI-Times"), " keá ho");
        paragraph.push(face("VNI-Helve"), "aïch");
        paragraph.push(face("Arial"), " tiếng Việt");
        assert_eq!(written(&[Block::Line(paragraph)]).raw, "BỘ TÀI CHÍNH Số 12, QĐ kế hoạch tiếng Việt\n");
        let mut kept = Paragraph::default();
        kept.push(face(".VnTime"), "Đã chuyển sang Unicode, cụ Bé, phông chữ vẫn để nguyên");
        assert!(written(&[Block::Line(kept)]).raw.contains("cụ Bé, phông chữ"));
    }
}
