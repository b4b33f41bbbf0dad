//! ODT (`OpenDocument` text) into the text that a word processor shows.
//!
//! Numbers of lists are counted by their list styles, merged cells keep their places, deleted text of
//! tracked changes is left out, footnotes stand at the end. Fonts of spans may speak for an old
//! encoding ([`flow`](super::flow::write)).

use std::collections::HashMap;

use crate::document::{Digest, Document, Format, Limits};
use crate::error::{Error, Result};
use crate::ingest::flow::{self, Block, Face, Grid, Paragraph, Place};
use crate::ingest::numbering::{Counters, Level, Style as Numeral};
use crate::ingest::package::Package;
use crate::ingest::xml::{self, Element, Node};
use crate::text::Note;
use crate::vi::encoding::old_font;

/// Reads an ODT file.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document> {
    let mut package = Package::open(bytes, "ODT", limits)?;
    if let Some(manifest) = package.part("META-INF/manifest.xml")?
        && manifest.windows(16).any(|window| window == b":encryption-data")
    {
        return Err(Error::Locked("ODT"));
    }
    let mut part = |name: &str| package.part(name)?.map(|bytes| xml::parse(&bytes, "ODT", limits)).transpose();
    let missing = || Error::Damaged { format: "ODT", reason: "its text is missing".into() };
    let content = part("content.xml")?.ok_or_else(missing)?;
    let styles = part("styles.xml")?;
    let text = content.child("office:body").and_then(|body| body.child("office:text")).ok_or_else(missing)?;
    let mut reader = Reader::default();
    for root in [styles.as_ref(), Some(&content)].into_iter().flatten() {
        reader.learn(root);
    }
    let mut blocks = Vec::new();
    reader.blocks(text, 0, &mut blocks);
    blocks.append(&mut reader.notes);
    let mut document = flow::write(Digest::of(bytes), Format::Odt, &blocks, limits)?;
    let heads = styles.iter().flat_map(|root| root.descendants()).filter(|element| {
        matches!(&*element.name, "style:header" | "style:footer" | "style:header-first" | "style:footer-first")
    });
    for head in heads {
        let mut inside = Vec::new();
        reader.blocks(head, 0, &mut inside);
        let line: String = flow::lines(&inside).join(" / ").chars().take(300).collect();
        if line.chars().any(char::is_alphabetic) {
            document.notes.push(Note::general(format!("running head or foot, not part of the text: {line}")));
        }
    }
    if document.raw.trim().is_empty() {
        document.notes.push(Note::general("the document holds no text"));
    }
    Ok(document)
}

#[derive(Clone, Debug, Default)]
struct Style {
    parent: Option<String>,
    font: Option<String>,
    capitals: Option<bool>,
    hidden: Option<bool>,
    list: Option<String>,
}

#[derive(Default)]
struct Reader {
    styles: HashMap<String, Style>,
    /// Font faces: the name that styles use, and the family.
    faces: HashMap<String, String>,
    lists: HashMap<String, Vec<Level>>,
    counters: HashMap<String, Counters>,
    notes: Vec<Block>,
    count: usize,
    boxes: Vec<Block>,
}

/// Styles that build on each other; a loop ends here.
const CHAIN: usize = 24;

impl Reader {
    fn learn(&mut self, root: &Element) {
        for element in root.descendants() {
            match &*element.name {
                "style:font-face" => {
                    if let (Some(name), Some(family)) = (element.attr("style:name"), element.attr("svg:font-family")) {
                        self.faces.insert(name.into(), family.trim_matches(['\'', '"']).into());
                    }
                }
                "style:style" | "style:default-style" => {
                    let text = element.child("style:text-properties");
                    let set = |name: &str| text.and_then(|text| text.attr(name));
                    let style = Style {
                        parent: element.attr("style:parent-style-name").map(str::to_owned),
                        font: set("style:font-name").or_else(|| set("fo:font-family")).map(str::to_owned),
                        capitals: set("fo:text-transform")
                            .map(|value| value == "uppercase")
                            .or_else(|| set("fo:font-variant").map(|value| value == "small-caps")),
                        hidden: set("text:display").map(|value| value == "none"),
                        list: element.attr("style:list-style-name").map(str::to_owned).filter(|name| !name.is_empty()),
                    };
                    let family = element.attr("style:family").unwrap_or_default();
                    self.styles.insert(format!("{family}/{}", element.attr("style:name").unwrap_or_default()), style);
                }
                "text:list-style" | "text:outline-style" => {
                    let name = element.attr("style:name").unwrap_or("Outline").to_owned();
                    self.lists.insert(name, levels(element));
                }
                _ => {}
            }
        }
    }

    /// A style and those that it builds on.
    fn chain(&self, family: &str, name: Option<&str>) -> Vec<&Style> {
        let find = |name: &str| self.styles.get(&format!("{family}/{name}"));
        let first = name.and_then(find);
        std::iter::successors(first, |style| style.parent.as_deref().and_then(find)).take(CHAIN).collect()
    }

    /// Face and hiddenness of a style, over those around it.
    fn face(&self, family: &str, name: Option<&str>, around: (Face, bool)) -> (Face, bool) {
        let mut chain = self.chain(family, name);
        if family == "paragraph" {
            chain.extend(self.chain(family, Some("")));
        }
        let font = chain.iter().find_map(|style| style.font.as_deref());
        let font = font.map_or(around.0.font, |font| old_font(self.faces.get(font).map_or(font, String::as_str)));
        let capitals = chain.iter().find_map(|style| style.capitals).unwrap_or(around.0.capitals);
        let hidden = chain.iter().find_map(|style| style.hidden).unwrap_or(around.1);
        (Face { font, capitals }, hidden)
    }

    fn blocks(&mut self, parent: &Element, depth: usize, blocks: &mut Vec<Block>) {
        for element in parent.elements() {
            match &*element.name {
                "text:p" | "text:h" => {
                    let mut paragraph = self.paragraph(element);
                    // Headings may be numbered by the outline of the document.
                    if *element.name == *"text:h" && self.lists.contains_key("Outline") && !paragraph.is_blank() {
                        let level =
                            element.attr("text:outline-level").and_then(|l| l.parse::<usize>().ok()).unwrap_or(1);
                        let marker = self.next("Outline", level.saturating_sub(1));
                        if !marker.is_empty() {
                            paragraph.lead(Face::default(), &format!("{marker} "));
                        }
                    }
                    self.put(paragraph, blocks);
                }
                "text:list" => self.list(element, None, 0, depth, blocks),
                "table:table" => {
                    let grid = self.grid(element, depth + 1);
                    if depth < flow::DEPTH {
                        blocks.push(Block::Table(grid));
                    } else {
                        blocks.extend(grid.rows.into_iter().flatten().flat_map(|place| place.blocks));
                    }
                }
                "text:tracked-changes" | "office:forms" | "text:sequence-decls" | "office:annotation" => {}
                _ => self.blocks(element, depth, blocks),
            }
        }
    }

    fn put(&mut self, paragraph: Paragraph, blocks: &mut Vec<Block>) {
        if !paragraph.is_blank() {
            blocks.push(Block::Line(paragraph));
        }
        blocks.append(&mut self.boxes);
    }

    fn next(&mut self, list: &str, level: usize) -> String {
        let Some(levels) = self.lists.get(list) else { return String::new() };
        self.counters.entry(list.to_owned()).or_default().next(levels, level)
    }

    fn list(&mut self, list: &Element, name: Option<&str>, level: usize, depth: usize, blocks: &mut Vec<Block>) {
        let name = list.attr("text:style-name").or(name).map(str::to_owned);
        if level == 0
            && list.attr("text:continue-numbering") != Some("true")
            && list.attr("text:continue-list").is_none()
            && let Some(name) = &name
        {
            self.counters.remove(name);
        }
        for item in list.elements() {
            let mut first = *item.name == *"text:list-item";
            for element in item.elements() {
                match &*element.name {
                    "text:list" => self.list(element, name.as_deref(), level + 1, depth, blocks),
                    "text:p" | "text:h" => {
                        let mut paragraph = self.paragraph(element);
                        let style = element.attr("text:style-name").map(str::to_owned);
                        let own = || {
                            self.chain("paragraph", style.as_deref()).into_iter().find_map(|style| style.list.clone())
                        };
                        let list = name.clone().or_else(own);
                        if let Some(list) = list.filter(|_| std::mem::take(&mut first) && !paragraph.is_blank()) {
                            let marker = self.next(&list, level);
                            if !marker.is_empty() {
                                paragraph.lead(Face::default(), &format!("{marker} "));
                            }
                        }
                        self.put(paragraph, blocks);
                    }
                    _ => self.blocks(element, depth, blocks),
                }
            }
        }
    }

    fn paragraph(&mut self, element: &Element) -> Paragraph {
        let mut paragraph = Paragraph::default();
        let set = self.face("paragraph", element.attr("text:style-name"), (Face::default(), false));
        self.inline(element, set, &mut paragraph);
        paragraph
    }

    fn inline(&mut self, parent: &Element, set: (Face, bool), paragraph: &mut Paragraph) {
        for node in &parent.children {
            let element = match node {
                Node::Text(text) if !set.1 => {
                    paragraph.push(set.0, &text.replace(['\n', '\r', '\t'], " "));
                    continue;
                }
                Node::Text(_) => continue,
                Node::Element(element) => element,
            };
            match &*element.name {
                "text:span" | "text:a" => {
                    let set = self.face("text", element.attr("text:style-name"), set);
                    self.inline(element, set, paragraph);
                }
                "text:s" => {
                    let count = element.attr("text:c").and_then(|count| count.parse::<usize>().ok()).unwrap_or(1);
                    paragraph.push(Face::default(), &" ".repeat(count.min(200)));
                }
                "text:tab" => paragraph.push_char(Face::default(), '\t'),
                "text:line-break" => paragraph.push_char(Face::default(), '\n'),
                "text:note" => {
                    self.count += 1;
                    let mark = format!("[{}]", self.count);
                    paragraph.push(Face::default(), &format!(" {mark}"));
                    let mut inside = Vec::new();
                    if let Some(body) = element.child("text:note-body") {
                        self.blocks(body, 1, &mut inside);
                    }
                    if let Some(Block::Line(first)) = inside.first_mut() {
                        first.lead(Face::default(), &format!("{mark} "));
                    }
                    self.notes.append(&mut inside);
                }
                "draw:text-box" => {
                    let mut inside = std::mem::take(&mut self.boxes);
                    self.blocks(element, 1, &mut inside);
                    self.boxes = inside;
                }
                "office:annotation" | "text:hidden-text" | "svg:title" | "svg:desc" | "text:tracked-changes" => {}
                _ => self.inline(element, set, paragraph),
            }
        }
    }

    fn grid(&mut self, table: &Element, depth: usize) -> Grid {
        let mut grid = Grid::default();
        let mut rows = Vec::new();
        rows_of(table, false, &mut rows);
        for (row, head) in rows {
            let mut places: Vec<Place> = Vec::new();
            let mut column = 0_u32;
            for cell in row.elements() {
                let number = |name: &str| cell.attr(name).and_then(|value| value.parse::<u32>().ok()).unwrap_or(1);
                let repeated = number("table:number-columns-repeated").clamp(1, WIDEST);
                match &*cell.name {
                    "table:table-cell" => {
                        let mut blocks = Vec::new();
                        self.blocks(cell, depth, &mut blocks);
                        let (tall, wide) =
                            (number("table:number-rows-spanned"), number("table:number-columns-spanned"));
                        places.push(Place { column, tall: tall.max(1), wide: wide.clamp(1, WIDEST), blocks });
                        column = column.saturating_add(repeated);
                    }
                    "table:covered-table-cell" => column = column.saturating_add(repeated),
                    _ => {}
                }
            }
            if head && grid.heads as usize == grid.rows.len() {
                grid.heads += 1;
            }
            grid.rows.push(places);
        }
        grid
    }
}

/// More columns than any table has.
const WIDEST: u32 = 1000;

fn rows_of<'e>(table: &'e Element, head: bool, rows: &mut Vec<(&'e Element, bool)>) {
    for element in table.elements() {
        match &*element.name {
            "table:table-row" => rows.push((element, head)),
            "table:table-header-rows" => rows_of(element, true, rows),
            "table:table-rows" | "table:table-row-group" => rows_of(element, head, rows),
            _ => {}
        }
    }
}

/// The levels of a list style.
fn levels(list: &Element) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for element in list.elements() {
        let Some(place) = element.attr("text:level").and_then(|level| level.parse::<usize>().ok()) else { continue };
        if !(1..=9).contains(&place) {
            continue;
        }
        if levels.len() < place {
            levels.resize(place, Level::default());
        }
        let set = |name: &str| element.attr(name).unwrap_or_default();
        let (before, after) = (set("style:num-prefix"), set("style:num-suffix"));
        levels[place - 1] = if &*element.name == "text:list-level-style-bullet" {
            Level { style: Numeral::Bullet, text: set("text:bullet-char").into(), ..Level::default() }
        } else {
            let style = match set("style:num-format") {
                "I" => Numeral::UpperRoman,
                "i" => Numeral::LowerRoman,
                "A" => Numeral::UpperLetter,
                "a" => Numeral::LowerLetter,
                "" => Numeral::None,
                _ => Numeral::Decimal,
            };
            let shown = set("text:display-levels").parse::<usize>().unwrap_or(1).clamp(1, place);
            let numbers: Vec<String> = (place + 1 - shown..=place).map(|level| format!("%{level}")).collect();
            let start = set("text:start-value").parse().unwrap_or(1);
            let numbers = if style == Numeral::None { String::new() } else { numbers.join(".") };
            Level { style, text: format!("{before}{numbers}{after}"), start, legal: false }
        };
    }
    levels
}
