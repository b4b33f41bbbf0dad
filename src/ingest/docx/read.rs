//! Paragraphs, runs and tables of one story of a DOCX.

use std::collections::{HashMap, HashSet};

use super::line;
use super::styles::{Run, Styles, is_on};
use crate::ingest::flow::{self, Block, Face, Grid, Paragraph, Place};
use crate::ingest::numbering::Counters;
use crate::ingest::symbol::symbol;
use crate::ingest::xml::{Element, Node};
use crate::vi::encoding::old_font;

/// The marks of footnotes, in order: which kind of note, and its name.
pub(super) type Marks = Vec<(&'static str, String)>;

/// Reads the body: its blocks, and the marks of notes in it.
pub(super) fn body(element: &Element, styles: &Styles) -> (Vec<Block>, Marks) {
    let mut reader = Reader::new(styles);
    let blocks = reader.blocks(element, 0);
    (blocks, reader.marks)
}

/// Reads a story beside the body: a note, a running head.
pub(super) fn story(element: &Element, styles: &Styles) -> Vec<Block> {
    Reader::new(styles).blocks(element, 0)
}

struct Reader<'a> {
    styles: &'a Styles,
    counters: HashMap<&'a str, Counters>,
    /// Lists that have been used.
    begun: HashSet<&'a str>,
    marks: Marks,
    /// Fields that are open: whether each has come to its result.
    fields: Vec<bool>,
    /// What stands in text boxes of the paragraph at hand.
    boxes: Vec<Block>,
}

impl<'a> Reader<'a> {
    fn new(styles: &'a Styles) -> Self {
        Self {
            styles,
            counters: HashMap::new(),
            begun: HashSet::new(),
            marks: Vec::new(),
            fields: Vec::new(),
            boxes: Vec::new(),
        }
    }

    fn blocks(&mut self, parent: &Element, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open = None;
        self.gather(parent, depth, &mut blocks, &mut open);
        blocks.extend(open.map(Block::Line));
        blocks
    }

    /// `open` is a paragraph whose end mark was deleted: the next one goes on in it.
    fn gather(&mut self, parent: &Element, depth: usize, blocks: &mut Vec<Block>, open: &mut Option<Paragraph>) {
        for element in parent.elements() {
            match &*element.name {
                "w:p" => {
                    let mut paragraph = open.take().unwrap_or_default();
                    self.paragraph(element, &mut paragraph);
                    let mark = element.child("w:pPr").and_then(|properties| properties.child("w:rPr"));
                    if mark.is_some_and(|mark| mark.child("w:del").is_some() || mark.child("w:moveFrom").is_some()) {
                        *open = Some(paragraph);
                    } else if !paragraph.is_blank() {
                        blocks.push(Block::Line(paragraph));
                    }
                    if open.is_none() {
                        blocks.append(&mut self.boxes);
                    }
                }
                "w:tbl" => {
                    blocks.extend(open.take().map(Block::Line));
                    let grid = self.grid(element, depth + 1);
                    if depth < flow::DEPTH {
                        blocks.push(Block::Table(grid));
                    } else {
                        blocks.extend(grid.rows.into_iter().flatten().flat_map(|place| place.blocks));
                    }
                }
                "w:del" | "w:moveFrom" | "w:sectPr" | "w:pPr" | "w:tblPr" | "mc:Fallback" => {}
                _ => self.gather(element, depth, blocks, open),
            }
        }
    }

    fn grid(&mut self, table: &Element, depth: usize) -> Grid {
        let mut grid = Grid::default();
        let mut rows = Vec::new();
        rows_of(table, &mut rows);
        // For each column, the row and place of the cell that is merged downwards there.
        let mut above: HashMap<u32, (usize, usize)> = HashMap::new();
        for row in rows {
            let properties = row.child("w:trPr");
            if properties.is_some_and(|properties| properties.child("w:del").is_some()) {
                continue;
            }
            let number = |name: &str| {
                let value = properties.and_then(|properties| properties.child(name)).and_then(|e| e.attr("w:val"));
                value.and_then(|value| value.parse::<u32>().ok()).unwrap_or(0).min(WIDEST)
            };
            let mut column = number("w:gridBefore");
            if properties.and_then(|properties| properties.child("w:tblHeader")).is_some_and(is_on)
                && grid.heads as usize == grid.rows.len()
            {
                grid.heads += 1;
            }
            let mut places: Vec<Place> = Vec::new();
            let mut cells = Vec::new();
            cells_of(row, &mut cells);
            for cell in cells {
                let properties = cell.child("w:tcPr");
                let setting = |name| properties.and_then(|properties| properties.child(name));
                let wide = setting("w:gridSpan").and_then(|span| span.attr("w:val")?.parse().ok()).unwrap_or(1);
                let wide = u32::clamp(wide, 1, WIDEST);
                let goes_on = |name| setting(name).is_some_and(|merge| merge.attr("w:val") != Some("restart"));
                let mut blocks = self.blocks(cell, depth);
                if goes_on("w:vMerge")
                    && let Some((row, index)) = above.get(&column)
                {
                    let tall = (grid.rows.len() + 1 - row) as u32;
                    let merged = &mut grid.rows[*row][*index];
                    merged.tall = tall;
                    merged.blocks.append(&mut blocks);
                } else if goes_on("w:hMerge")
                    && let Some(last) = places.last_mut()
                {
                    last.wide += wide;
                    last.blocks.append(&mut blocks);
                } else {
                    if setting("w:vMerge").is_some() {
                        above.insert(column, (grid.rows.len(), places.len()));
                    } else {
                        above.remove(&column);
                    }
                    places.push(Place { column, tall: 1, wide, blocks });
                }
                column = column.saturating_add(wide).min(64 * WIDEST);
            }
            grid.rows.push(places);
        }
        grid
    }

    fn paragraph(&mut self, element: &Element, paragraph: &mut Paragraph) {
        let properties = element.child("w:pPr");
        let style = properties.and_then(|properties| properties.child("w:pStyle")).and_then(|s| s.attr("w:val"));
        let base = self.styles.paragraph_run(style);
        self.inline(element, base, paragraph);
        if paragraph.is_blank() {
            return;
        }
        let styles = self.styles;
        if let Some((id, list, level)) = styles.list_of(properties) {
            let counters = self.counters.entry(list.family.as_str()).or_default();
            if self.begun.insert(id) {
                for (level, start) in &list.restarts {
                    counters.restart(*level, *start);
                }
            }
            let marker = counters.next(&list.levels, level);
            if !marker.is_empty() {
                let face = Face { font: base.font.flatten(), capitals: base.capitals == Some(true) };
                paragraph.lead(face, &format!("{marker} "));
            }
        }
    }

    /// What stands in a paragraph, through hyperlinks, insertions and controls.
    fn inline(&mut self, parent: &Element, base: Run, paragraph: &mut Paragraph) {
        for element in parent.elements() {
            match &*element.name {
                "w:r" => self.run(element, base, paragraph),
                "w:pPr" | "w:rPr" | "w:del" | "w:moveFrom" | "w:sdtPr" | "mc:Fallback" | "w:p" | "w:tbl" => {}
                "m:t" => paragraph.push(Face::default(), &element.text()),
                _ => self.inline(element, base, paragraph),
            }
        }
    }

    fn run(&mut self, run: &Element, base: Run, paragraph: &mut Paragraph) {
        let properties = run.child("w:rPr");
        let style = properties.and_then(|properties| properties.child("w:rStyle")).and_then(|s| s.attr("w:val"));
        let set = Run::of(properties).over(self.styles.run(style)).over(base);
        if set.hidden == Some(true) {
            return self.fields(run);
        }
        let face = Face { font: set.font.flatten(), capitals: set.capitals == Some(true) };
        self.contents(run, face, paragraph);
    }

    /// Fields begin and end in hidden runs too.
    fn fields(&mut self, run: &Element) {
        for element in run.elements().filter(|element| *element.name == *"w:fldChar") {
            match element.attr("w:fldCharType") {
                Some("begin") => self.fields.push(false),
                Some("separate") => {
                    if let Some(last) = self.fields.last_mut() {
                        *last = true;
                    }
                }
                Some("end") => {
                    self.fields.pop();
                }
                _ => {}
            }
        }
    }

    fn contents(&mut self, run: &Element, face: Face, paragraph: &mut Paragraph) {
        self.fields(run);
        for element in run.elements() {
            match &*element.name {
                // Between the beginning of a field and its result stand instructions.
                "w:t" if self.fields.iter().all(|result| *result) => {
                    for node in &element.children {
                        if let Node::Text(text) = node {
                            paragraph.push(face, text);
                        }
                    }
                }
                "w:tab" | "w:ptab" => paragraph.push_char(Face::default(), '\t'),
                "w:br" | "w:cr" => paragraph.push_char(Face::default(), '\n'),
                "w:noBreakHyphen" => paragraph.push_char(Face::default(), '-'),
                "w:sym" => {
                    let font = element.attr("w:font").unwrap_or_default();
                    let code = element.attr("w:char").and_then(|code| u32::from_str_radix(code, 16).ok());
                    if let Some(c) = code.and_then(|code| symbol(font, code)) {
                        paragraph.push_char(Face { font: old_font(font), ..face }, c);
                    }
                }
                "w:footnoteReference" => self.mark("w:footnote", element, paragraph),
                "w:endnoteReference" => self.mark("w:endnote", element, paragraph),
                "w:drawing" | "w:pict" | "w:object" => self.boxed(element),
                "mc:AlternateContent" => {
                    let choices = element.elements().filter(|child| *child.name == *"mc:Choice");
                    let before = self.boxes.len();
                    choices.for_each(|choice| self.boxed(choice));
                    if self.boxes.len() == before {
                        element.elements().filter(|child| *child.name == *"mc:Fallback").for_each(|e| self.boxed(e));
                    }
                }
                _ => {}
            }
        }
    }

    fn mark(&mut self, kind: &'static str, element: &Element, paragraph: &mut Paragraph) {
        if let Some(id) = element.attr("w:id") {
            self.marks.push((kind, id.to_owned()));
            paragraph.push(Face::default(), &format!(" [{}]", self.marks.len()));
        }
    }

    /// The text boxes in a drawing.
    fn boxed(&mut self, drawing: &Element) {
        if *drawing.name == *"w:txbxContent" {
            // Boxes inside boxes come with the paragraph that holds them.
            let outer = std::mem::take(&mut self.boxes);
            let fields = std::mem::take(&mut self.fields);
            let inside = self.blocks(drawing, 1);
            self.fields = fields;
            self.boxes = outer;
            self.boxes.extend(inside);
            return;
        }
        if *drawing.name == *"v:textpath"
            && let Some(text) = drawing.attr("string")
        {
            self.boxes.push(line(Face::default(), text));
        }
        for child in drawing.elements().filter(|child| *child.name != *"mc:Fallback") {
            self.boxed(child);
        }
    }
}

/// More columns than Word allows (63), so that no damaged table is cut.
const WIDEST: u32 = 1000;

/// The rows of a table, also inside controls and insertions.
fn rows_of<'e>(table: &'e Element, rows: &mut Vec<&'e Element>) {
    for element in table.elements() {
        match &*element.name {
            "w:tr" => rows.push(element),
            "w:tblPr" | "w:tblGrid" | "w:del" | "w:moveFrom" => {}
            _ => rows_of(element, rows),
        }
    }
}

fn cells_of<'e>(row: &'e Element, cells: &mut Vec<&'e Element>) {
    for element in row.elements() {
        match &*element.name {
            "w:tc" => cells.push(element),
            "w:trPr" | "w:tblPrEx" | "w:del" | "w:moveFrom" => {}
            _ => cells_of(element, cells),
        }
    }
}
