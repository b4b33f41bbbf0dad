//! DOC (Word 97 to 2003, [MS-DOC]) into the text that Word prints.
//!
//! The container is opened by `cfb`; the piece table, the settings of runs and paragraphs, styles,
//! fonts and lists are read here, because the font of each letter must be known: in the 2000s it
//! named the encoding. Documents of Word 6 and 95 are read as plain text without fonts.

mod bytes;
mod pieces;
mod sprm;
mod styles;

use std::collections::{HashMap, HashSet};
use std::io::{Cursor, Read};

use bytes::{long, short};
use pieces::{Char, Pieces, Settings};

use crate::document::{Digest, Document, Format, Limits};
use crate::error::{Error, Result};
use crate::ingest::edges::{self, Cell, Row};
use crate::ingest::flow::{self, Block, Face, Paragraph};
use crate::ingest::numbering::Counters;
use crate::ingest::symbol::symbol;
use crate::ingest::too_large;
use crate::text::Note;
use crate::vi::encoding::{OldFont, old_font};

fn damaged(reason: &str) -> Error {
    Error::Damaged { format: "DOC", reason: reason.into() }
}

/// Reads a DOC file.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document> {
    let mut container =
        cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|error| damaged(&one_line(&error.to_string())))?;
    let mut stream = |name: &str| -> Result<Option<Vec<u8>>> {
        let Ok(stream) = container.open_stream(name) else { return Ok(None) };
        if stream.len() > bytes.len() as u64 {
            return Err(damaged("a stream is longer than the file"));
        }
        let mut data = Vec::new();
        // What can be read of a damaged stream is used.
        let _ = stream.take(limits.file_bytes).read_to_end(&mut data);
        Ok(Some(data))
    };
    let file = stream("/WordDocument")?.ok_or_else(|| damaged("its text is missing"))?;
    let cut = || damaged("its head is cut short");
    if short(&file, 0) != Some(0xa5ec) && short(&file, 0) != Some(0xa5dc) {
        return Err(damaged("its head is not that of a Word document"));
    }
    let version = short(&file, 2).ok_or_else(cut)?;
    let flags = short(&file, 10).ok_or_else(cut)?;
    if flags & 0x100 != 0 {
        return Err(Error::Locked("DOC"));
    }
    let mut notes = Vec::new();
    let (blocks, asides) = if version < 0xc1 {
        notes.push(Note::general("written by Word 6 or 95: read without its fonts"));
        let (from, count) = (long(&file, 24).ok_or_else(cut)?, long(&file, 52).ok_or_else(cut)?);
        let empty = Story { pieces: Pieces::plain(from as usize, count), ..Story::default() };
        (empty.read(&file, (0, count), limits)?, Vec::new())
    } else {
        let table = stream(if flags & 0x200 == 0 { "/0Table" } else { "/1Table" })?;
        let table = table.ok_or_else(|| damaged("its tables are missing"))?;
        read_stories(&file, &table, limits)?
    };
    let mut document = flow::write(Digest::of(bytes), Format::Doc, &blocks, limits)?;
    document.notes = notes;
    let mut seen = HashSet::new();
    for line in flow::lines(&asides).into_iter().filter(|line| line.chars().any(char::is_alphabetic)).take(64) {
        if seen.insert(line.clone()) {
            let line: String = line.chars().take(300).collect();
            document.notes.push(Note::general(format!("running head or foot, not part of the text: {line}")));
        }
    }
    if document.raw.trim().is_empty() {
        document.notes.push(Note::general("the document holds no text"));
    }
    Ok(document)
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(90).collect()
}

/// The text with its boxes and notes, and the running heads.
fn read_stories(file: &[u8], table: &[u8], limits: &Limits) -> Result<(Vec<Block>, Vec<Block>)> {
    // The head lists, for each table, where it lies and how long it is.
    let part = |index: usize| {
        let (at, length) = (long(file, 0x9a + 8 * index)? as usize, long(file, 0x9e + 8 * index)? as usize);
        table.get(at..at.checked_add(length)?)
    };
    let pieces = part(33).and_then(Pieces::of).ok_or_else(|| damaged("its piece table is broken"))?;
    let part = |index: usize| part(index).unwrap_or_default();
    // Levels of lists follow the definitions without being listed.
    let after = long(file, 0x9a + 8 * 73)
        .zip(long(file, 0x9e + 8 * 73))
        .and_then(|(at, length)| table.get((at as usize).checked_add(length as usize)?..));
    let story = Story {
        pieces,
        runs: pieces::runs(file, part(12)),
        paragraphs: pieces::paragraphs(file, part(13)),
        styles: styles::Styles::of(part(1)),
        fonts: styles::fonts(part(15)).into_iter().map(|name| (old_font(&name), name)).collect(),
        lists: styles::lists(part(73), after.unwrap_or_default(), part(74)),
    };
    // The stories stand one behind the other: text, notes, running heads, comments, end notes, boxes.
    let mut counts = [0_u32; 8];
    for (index, count) in counts.iter_mut().enumerate() {
        *count = long(file, 0x4c + 4 * index).unwrap_or(0);
    }
    let [text, footnotes, heads, macros, comments, endnotes, boxes, _] = counts;
    let mut from = 0_u32;
    let mut next = |count: u32| {
        let start = from;
        from = from.saturating_add(count);
        (start, from)
    };
    let (text, footnotes, heads) = (next(text), next(footnotes), next(heads));
    next(macros);
    next(comments);
    let (endnotes, boxes) = (next(endnotes), next(boxes));
    let mut blocks = story.read(file, text, limits)?;
    for range in [boxes, footnotes, endnotes] {
        blocks.append(&mut story.read(file, range, limits)?);
    }
    Ok((blocks, story.read(file, heads, limits)?))
}

/// What all stories of a document share.
struct Story {
    pieces: Pieces,
    runs: Settings<sprm::Run>,
    paragraphs: Settings<(u16, Vec<u8>)>,
    styles: styles::Styles,
    fonts: Vec<(Option<OldFont>, String)>,
    lists: Vec<styles::List>,
}

impl Default for Story {
    fn default() -> Self {
        Self {
            pieces: Pieces::plain(0, 0),
            runs: Settings::default(),
            paragraphs: Settings::default(),
            styles: styles::Styles::default(),
            fonts: Vec::new(),
            lists: Vec::new(),
        }
    }
}

/// What is open while a story is read.
#[derive(Default)]
struct Open {
    blocks: Vec<Block>,
    cell: Vec<Block>,
    cells: Vec<Vec<Block>>,
    rows: Vec<Row>,
    /// Fields: whether each has come to its result.
    fields: Vec<bool>,
    counters: HashMap<u32, Counters>,
    begun: HashSet<u16>,
    notes: usize,
}

impl Story {
    fn read(&self, file: &[u8], (from, to): (u32, u32), limits: &Limits) -> Result<Vec<Block>> {
        let most = limits.text_bytes as u64;
        if u64::from(to - from) > most {
            return Err(too_large("text", u64::from(to - from), most));
        }
        let chars = self.pieces.chars(file, from, to);
        let mut open = Open::default();
        for line in chars.split_inclusive(|char| matches!(char.c, '\r' | '\u{7}' | '\u{c}')) {
            self.paragraph(line, &mut open);
        }
        open.end_table();
        Ok(open.blocks)
    }

    fn paragraph(&self, chars: &[Char], open: &mut Open) {
        let Some(mark) = chars.last() else { return };
        let mut set = sprm::Paragraph::default();
        if let Some((style, modifiers)) = self.paragraphs.at(mark.at) {
            set = self.styles.paragraph(*style);
            sprm::paragraph(modifiers, &mut set);
        }
        let base = self.styles.run(set.style);
        let mut paragraph = Paragraph::default();
        for char in chars {
            self.char(*char, base, &mut paragraph, open);
        }
        self.number(&set, base, &mut paragraph, open);
        let is_cell = mark.c == '\u{7}';
        if is_cell && set.row_end {
            return open.end_row(&set);
        }
        // A deleted paragraph mark would join two; the text of both is kept either way.
        let inside = is_cell || set.in_table || set.depth > 0;
        if !inside {
            open.end_table();
        }
        let blocks = if inside { &mut open.cell } else { &mut open.blocks };
        if !paragraph.is_blank() {
            blocks.push(Block::Line(paragraph));
        }
        if is_cell && open.cells.len() < 1000 {
            let cell = std::mem::take(&mut open.cell);
            open.cells.push(cell);
        }
    }

    fn char(&self, char: Char, base: sprm::Run, paragraph: &mut Paragraph, open: &mut Open) {
        match char.c {
            '\u{13}' => return open.fields.push(false),
            '\u{14}' => {
                if let Some(last) = open.fields.last_mut() {
                    *last = true;
                }
                return;
            }
            '\u{15}' => {
                open.fields.pop();
                return;
            }
            _ => {}
        }
        let own = self.runs.at(char.at).copied().unwrap_or_default();
        let style = own.style.map(|style| self.styles.character(style)).unwrap_or_default();
        let set = own.over(style).over(base);
        // Between the beginning of a field and its result stand instructions.
        if set.hidden == Some(true) || own.deleted || open.fields.iter().any(|result| !result) {
            return;
        }
        let face = self.face(set);
        if let Some((font, code)) = own.symbol.filter(|_| own.special && char.c == '(') {
            let (old, name) = self.fonts.get(usize::from(font)).cloned().unwrap_or_default();
            if let Some(c) = symbol(&name, u32::from(code)) {
                paragraph.push_char(Face { font: old, ..face }, c);
            }
            return;
        }
        match char.c {
            '\u{2}' if own.special => {
                open.notes += 1;
                let blank = if paragraph.is_blank() { "" } else { " " };
                let after = if paragraph.is_blank() { " " } else { "" };
                paragraph.push(Face::default(), &format!("{blank}[{}]{after}", open.notes));
            }
            '\t' => paragraph.push_char(Face::default(), '\t'),
            '\u{b}' => paragraph.push_char(Face::default(), '\n'),
            '\u{1e}' => paragraph.push_char(face, '-'),
            '\u{a0}' => paragraph.push_char(face, ' '),
            '\r' | '\u{7}' | '\u{c}' | '\u{0}'..='\u{1f}' => {}
            '\u{f000}'..='\u{f0ff}' => {
                let name = set.font.and_then(|font| self.fonts.get(usize::from(font))).map_or("", |(_, name)| name);
                if let Some(c) = symbol(name, u32::from(char.c)) {
                    paragraph.push_char(face, c);
                }
            }
            c => paragraph.push_char(face, c),
        }
    }

    fn face(&self, set: sprm::Run) -> Face {
        let font = set.font.and_then(|font| self.fonts.get(usize::from(font))).and_then(|(old, _)| *old);
        Face { font, capitals: set.capitals == Some(true) }
    }

    /// Writes the number of a list's item before it.
    fn number(&self, set: &sprm::Paragraph, base: sprm::Run, paragraph: &mut Paragraph, open: &mut Open) {
        if paragraph.is_blank() {
            return;
        }
        let Some(number) = set.list.filter(|list| *list > 0 && *list != 0x7ff) else { return };
        let Some(list) = self.lists.get(usize::from(number) - 1) else { return };
        let level = usize::from(set.level.unwrap_or(0)).min(8);
        let counters = open.counters.entry(list.id).or_default();
        if open.begun.insert(number) {
            for (level, start) in &list.restarts {
                counters.restart(*level, *start);
            }
        }
        let marker = counters.next(&list.levels, level);
        if !marker.is_empty() {
            let run = list.runs.get(level).copied().unwrap_or_default().over(base);
            paragraph.lead(self.face(run), &format!("{marker} "));
        }
    }
}

impl Open {
    fn end_row(&mut self, set: &sprm::Paragraph) {
        if !self.cell.is_empty() {
            let cell = std::mem::take(&mut self.cell);
            self.cells.push(cell);
        }
        let columns = set.table.as_deref().unwrap_or_default();
        let mut row = Row { head: set.head, cells: Vec::new() };
        let mut left = 0;
        for (index, blocks) in std::mem::take(&mut self.cells).into_iter().enumerate() {
            let cell = match columns.get(index) {
                Some(column) => Cell {
                    left: column.left,
                    right: column.right,
                    down: column.down,
                    aside: column.merged && blocks.is_empty() && index > 0,
                    blocks,
                },
                None => Cell { left, right: left + 1000, blocks, ..Cell::default() },
            };
            left = cell.right;
            row.cells.push(cell);
        }
        self.rows.push(row);
    }

    fn end_table(&mut self) {
        if !self.cells.is_empty() || !self.cell.is_empty() {
            self.end_row(&sprm::Paragraph::default());
        }
        if !self.rows.is_empty() {
            self.blocks.push(Block::Table(edges::grid(std::mem::take(&mut self.rows))));
        }
    }
}

#[cfg(test)]
mod tests;
