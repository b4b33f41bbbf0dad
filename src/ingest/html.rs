//! A web page into the text of the document on it.
//!
//! Blocks become lines, tables keep their cells ([`flow`]). What a browser would not show, and what belongs to the site
//! and not to the document (menus, headers, forms), is left out, unless most of the page's text
//! stands in it: many portals wrap the whole page in one form.

use std::sync::LazyLock;

use encoding_rs::Encoding;
use scraper::node::{Element, Node};
use scraper::{ElementRef, Html};

use crate::document::{Digest, Document, Format, Limits, from_text};
use crate::error::Result;
use crate::ingest::flow::{self, Block, Grid, Paragraph, Place};
use crate::ingest::{too_large, txt};
use crate::text::{Note, Span};
use crate::vi::fold::fold_char;

/// Elements that never carry the document's text.
const NEVER: [&str; 20] = [
    "head", "script", "style", "noscript", "template", "button", "select", "textarea", "iframe", "object", "svg",
    "canvas", "audio", "video", "dialog", "datalist", "input", "map", "math", "title",
];
/// Elements that belong to the site, unless most of the text stands in them.
const SITE: [&str; 6] = ["nav", "header", "footer", "aside", "form", "menu"];
/// Elements that begin and end a line; cells of tables are seen to apart.
const BLOCKS: [&str; 37] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];

/// Reads a web page.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document> {
    if bytes.len() > limits.text_bytes.saturating_mul(4) {
        return Err(too_large("text", bytes.len() as u64, limits.text_bytes as u64 * 4));
    }
    let (source, note) = decode(bytes);
    let blocks = blocks_of(&Html::parse_document(&source));
    let mut document = drop_soft_hyphens(flow::write(Digest::of(bytes), Format::Html, &blocks, limits)?);
    if document.raw.is_empty() {
        document.notes.push(Note::general("the page shows no text"));
    }
    document.notes.extend(note.map(Note::general));
    Ok(document)
}

/// Without soft hyphens, unless they are letters of an old encoding.
fn drop_soft_hyphens(document: Document) -> Document {
    if !document.raw.contains('\u{ad}') {
        return document;
    }
    let letters = crate::vi::encoding::soft_hyphens(&document.raw);
    let dropped = |at: &usize| letters.binary_search(at).is_err();
    let dropped: Vec<usize> = document.raw.match_indices('\u{ad}').map(|(at, _)| at).filter(dropped).collect();
    let keep = |at: usize, c: char| c != '\u{ad}' || dropped.binary_search(&at).is_err();
    let raw = document.raw.char_indices().filter(|(at, c)| keep(*at, *c)).map(|(_, c)| c).collect();
    let moved = |at: usize| at - '\u{ad}'.len_utf8() * dropped.partition_point(|place| *place < at);
    let turn = |span: Span| Span::at(moved(span.start()), moved(span.end()));
    let tables = document.tables.iter().map(|table| table.map(turn)).collect();
    Document { tables, ..from_text(document.digest, document.format, raw) }
}

/// By how many bits an old encoding must explain a page better than what the page declares: pages in
/// TCVN3 or VNI fonts declare anything.
const DECLARED: f32 = 60.0;

/// Decodes by byte order mark, then by what the page declares, then as text files are.
fn decode(bytes: &[u8]) -> (std::borrow::Cow<'_, str>, Option<String>) {
    if Encoding::for_bom(bytes).is_none()
        && std::str::from_utf8(bytes).is_err()
        && let Some(encoding) = declared(bytes)
        && encoding != encoding_rs::UTF_8
    {
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        let sure = || crate::vi::encoding::guess(bytes).is_some_and(|guess| guess.margin > DECLARED);
        if !broken && !sure() {
            return (text, None);
        }
    }
    txt::decode(bytes)
}

/// The encoding named by a `meta` element in the first kilobytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let value = head.split("charset").nth(1)?.trim_start().strip_prefix('=')?;
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(value.len());
    Encoding::for_label(&value.as_bytes()[..end])
}

/// What the page shows, in the order of the source.
fn blocks_of(page: &Html) -> Vec<Block> {
    let root = document_root(page);
    let whole = letters(root);
    let mut measured = 0;
    let mut writer = Writer { frames: vec![Frame::default()], ..Writer::default() };
    // The walk is a loop, not recursion: a hostile page nests elements by the thousand.
    let mut node = *root;
    loop {
        let mut enter = false;
        match node.value() {
            Node::Text(text) => writer.text(text),
            Node::Element(element) => {
                let site = SITE.contains(&element.name()) && {
                    measured += 1;
                    // Each measure walks the element, so nested ones are not measured for ever.
                    measured < 100 && ElementRef::wrap(node).is_some_and(|inner| letters(inner) * 2 < whole)
                };
                enter = !(site || is_hidden(element));
                if enter {
                    writer.open(element);
                }
            }
            _ => {}
        }
        if enter && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        if enter && let Node::Element(element) = node.value() {
            writer.close(element);
        }
        loop {
            if node == *root {
                return writer.finish();
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return writer.finish() };
            if let Node::Element(element) = parent.value() {
                writer.close(element);
            }
            node = parent;
        }
    }
}

/// How far a page is searched for the element that holds the document.
const LEVELS: usize = 100;

/// The element that holds the document: where a known site puts it, else the smallest one that holds
/// the motto of a letterhead and half of the text; the whole page if there is none.
fn document_root(page: &Html) -> ElementRef<'_> {
    static SITES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
        let table = include_str!("../../dictionaries/portals.tsv");
        let row = |line: &'static str| {
            let mut cells = line.split('\t').skip(1);
            Some((cells.next()?, cells.next()?))
        };
        table.lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(row).collect()
    });
    let whole = letters(page.root_element());
    let known = |element: &ElementRef<'_>| {
        SITES.iter().any(|(attribute, value)| match *attribute {
            "id" => element.value().id() == Some(value),
            _ => element.value().classes().any(|class| class == *value),
        })
    };
    // An empty place of a page that loads its text later holds nothing.
    let holder = page.root_element().descendants().filter_map(ElementRef::wrap).find(known);
    if let Some(holder) = holder.filter(|holder| letters(*holder) * 10 > whole) {
        return holder;
    }
    let mut root = page.root_element();
    if !holds_motto(root) {
        return root;
    }
    for _ in 0..LEVELS {
        let inner = root.child_elements().find(|child| letters(*child) * 2 >= whole && holds_motto(*child));
        match inner {
            Some(inner) => root = inner,
            None => break,
        }
    }
    // The motto stands in the letterhead, the text beside it.
    root
}

/// Whether the words of a letterhead stand in an element, however they are broken up.
fn holds_motto(element: ElementRef<'_>) -> bool {
    let letters = element.text().flat_map(str::chars).filter(|c| c.is_alphabetic()).map(fold_char);
    let plain: String = letters.collect();
    plain.contains("conghoaxahoichunghia") || plain.contains("dangcongsanvietnam")
}

/// How much text stands in an element, white space aside.
fn letters(element: ElementRef<'_>) -> usize {
    let shown = element.descendants().filter(|node| {
        let parent = node.parent().and_then(|parent| parent.value().as_element().map(Element::name));
        parent.is_none_or(|name| !NEVER.contains(&name))
    });
    shown.filter_map(|node| node.value().as_text()).map(|text| text.trim().len()).sum()
}

fn is_hidden(element: &Element) -> bool {
    let style = element.attr("style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    NEVER.contains(&element.name())
        || element.attr("hidden").is_some()
        || element.attr("aria-hidden") == Some("true")
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}

/// What stands on the page, or in one cell.
#[derive(Default)]
struct Frame {
    blocks: Vec<Block>,
    line: String,
    space: bool,
    /// What to write before the next line's text: the marker of a list item.
    marker: Option<String>,
}

impl Frame {
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.space = false;
        if line.is_empty() {
            return;
        }
        let line = match self.marker.take() {
            // The author wrote the marker as text as well.
            Some(marker) if !is_marked(&line) => marker + &line,
            _ => line,
        };
        self.blocks.push(Block::Line(Paragraph::plain(line)));
    }
}

/// Whether a line begins like a list item: `-`, `+`, `1.`, `a)`.
fn is_marked(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    let short = word.chars().count() <= 5;
    line.starts_with(['-', '+', '–', '•', '*']) || short && word.ends_with(['.', ')']) || word.ends_with("./")
}

/// A table that is open.
#[derive(Default)]
struct Open {
    grid: Grid,
    row: Vec<Place>,
    /// Whether all cells of the row so far are heads.
    heads: bool,
    /// For each column, how many rows a cell from above still reaches down.
    taken: Vec<u32>,
}

/// No browser lets a cell take more columns, or rows.
const WIDEST: u32 = 1000;
const TALLEST: u32 = 65_534;

impl Open {
    /// Puts a finished cell into the row, where no cell from above stands.
    fn put(&mut self, (wide, tall, head): (u32, u32, bool), blocks: Vec<Block>) {
        let mut column = self.row.last().map_or(0, |place| place.column + place.wide);
        while self.taken.get(column as usize).is_some_and(|rows| *rows > 0) {
            column += 1;
        }
        self.heads = head && (self.heads || self.row.is_empty());
        if column.saturating_add(wide) <= 4 * WIDEST {
            self.row.push(Place { column, tall, wide, blocks });
        } else if let Some(last) = self.row.last_mut() {
            last.blocks.extend(blocks);
        }
    }

    fn end_row(&mut self) {
        for rows in &mut self.taken {
            *rows = rows.saturating_sub(1);
        }
        for place in &self.row {
            let end = (place.column + place.wide) as usize;
            if self.taken.len() < end {
                self.taken.resize(end, 0);
            }
            self.taken[place.column as usize..end].fill(place.tall - 1);
        }
        if self.heads && self.grid.heads as usize == self.grid.rows.len() {
            self.grid.heads += 1;
        }
        self.heads = false;
        self.grid.rows.push(std::mem::take(&mut self.row));
    }
}

/// How far a cell reaches sideways and down, and whether it is a head.
fn reach(element: &Element) -> (u32, u32, bool) {
    let number = |name| element.attr(name).and_then(|value| value.trim().parse::<u32>().ok());
    // Zero rows means all that are left.
    let tall = number("rowspan").map_or(1, |rows| if rows == 0 { TALLEST } else { rows.min(TALLEST) });
    (number("colspan").unwrap_or(1).clamp(1, WIDEST), tall, element.name() == "th")
}

#[derive(Default)]
struct Writer {
    /// The page, and the cells that are open.
    frames: Vec<Frame>,
    /// The tables that are open, and how far the cell that is open in each reaches.
    tables: Vec<Open>,
    cells: Vec<(u32, u32, bool)>,
    /// Tables that are open, but too deep inside others to be kept as such.
    deep: usize,
    /// The lists that are open: the next number, or none for a list without numbers.
    lists: Vec<Option<i64>>,
    pre: usize,
}

impl Writer {
    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn text(&mut self, text: &str) {
        let pre = self.pre > 0;
        let frame = self.frame();
        for c in text.chars() {
            match c {
                '\u{200b}' | '\u{feff}' => {}
                '\n' if pre => frame.end_line(),
                // The upper control codes are letters of old encodings.
                c if c != '\u{85}' && c.is_whitespace() || c.is_ascii_control() => frame.space = true,
                c => {
                    if std::mem::take(&mut frame.space) && !frame.line.is_empty() {
                        frame.line.push(' ');
                    }
                    frame.line.push(c);
                }
            }
        }
    }

    fn open(&mut self, element: &Element) {
        match element.name() {
            "br" => self.frame().end_line(),
            "table" if self.deep > 0 || self.frames.len() > flow::DEPTH => {
                self.frame().end_line();
                self.deep += 1;
            }
            "table" => {
                self.frame().end_line();
                self.tables.push(Open::default());
            }
            "tr" | "td" | "th" if self.deep > 0 => self.frame().end_line(),
            // A cell that is open belongs to the table around.
            "td" | "th" if self.cells.len() < self.tables.len() => {
                self.cells.push(reach(element));
                self.frames.push(Frame::default());
            }
            name if BLOCKS.contains(&name) => {
                self.frame().end_line();
                match name {
                    "pre" => self.pre += 1,
                    "ul" => self.lists.push(None),
                    "ol" => {
                        let start = element.attr("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
                        self.lists.push(Some(start));
                    }
                    "li" => {
                        let marker = match self.lists.last_mut() {
                            Some(Some(number)) => {
                                let marker = format!("{number}. ");
                                *number = number.saturating_add(1);
                                marker
                            }
                            _ => "- ".to_owned(),
                        };
                        self.frame().marker = Some(marker);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, element: &Element) {
        match element.name() {
            "table" if self.deep > 0 => {
                self.frame().end_line();
                self.deep -= 1;
            }
            "table" => {
                self.frame().end_line();
                if let Some(table) = self.tables.pop() {
                    self.frame().blocks.push(Block::Table(table.grid));
                }
            }
            "tr" | "td" | "th" if self.deep > 0 => self.frame().end_line(),
            "tr" => {
                self.frame().end_line();
                if let Some(table) = self.tables.last_mut() {
                    table.end_row();
                }
            }
            "td" | "th" if self.frames.len() > 1 && self.cells.len() == self.tables.len() => {
                self.frame().end_line();
                if let (Some(reach), Some(cell), Some(table)) =
                    (self.cells.pop(), self.frames.pop(), self.tables.last_mut())
                {
                    table.put(reach, cell.blocks);
                }
            }
            name if BLOCKS.contains(&name) => {
                self.frame().end_line();
                match name {
                    "pre" => self.pre = self.pre.saturating_sub(1),
                    "ul" | "ol" => {
                        self.lists.pop();
                    }
                    "li" => self.frame().marker = None,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Vec<Block> {
        self.frame().end_line();
        self.frames.into_iter().next().map(|frame| frame.blocks).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        read(html.as_bytes(), &Limits::default()).unwrap().raw
    }

    #[test]
    fn blocks_become_lines_and_runs_of_white_space_one_space() {
        let cases = [
            ("<p>Kế&nbsp;hoạch\n   <b>số</b> 12</p><p>Điều 1</p>", "Kế hoạch số 12\nĐiều 1\n"),
            ("một<br>hai<br/><br>ba", "một\nhai\nba\n"),
            ("<div>a<div>b</div>c</div>", "a\nb\nc\n"),
            ("<ul><li>một<li>- hai</ul><ol start=3><li>ba<li>b) bốn</ol>", "- một\n- hai\n3. ba\nb) bốn\n"),
            ("<pre>dòng 1\ndòng  2</pre>", "dòng 1\ndòng 2\n"),
            ("&#272;i&#7873;u 1 &lt; 2 &amp; 3", "Điều 1 < 2 & 3\n"),
            ("QĐ<sup>1</sup>", "QĐ1\n"),
        ];
        for (html, expected) in cases {
            assert_eq!(text(html), expected, "{html}");
        }
    }

    #[test]
    fn a_letterhead_table_is_laid_side_by_side_and_a_data_table_by_rows() {
        let head = "<table><tr><td>UBND TỈNH<br>SỞ CÔNG THƯƠNG</td><td><p>CỘNG HÒA</p><p>Độc lập</p><p>ngày 5</p></td></table>";
        assert_eq!(text(head), "UBND TỈNH\tCỘNG HÒA\nSỞ CÔNG THƯƠNG\tĐộc lập\n\tngày 5\n");
        let data = "<table><tr><th>STT<th>Việc<th>Hạn<tr><td>1<td>Họp<br>bàn<td>5/2024</table>";
        assert_eq!(text(data), "STT\tViệc\tHạn\n1\tHọp bàn\t5/2024\n");
        let page = "<table><tr><td>menu</td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>";
        assert_eq!(text(page), "menu\na\tb\n");
    }

    #[test]
    fn what_is_hidden_or_the_sites_own_is_left_out() {
        let long = "Nội dung của văn bản dài hơn phần của trang. ".repeat(5);
        for part in [
            "<script>x</script>",
            "<style>p{}</style>",
            "<nav>Trang chủ</nav>",
            "<header><div>Cổng</div></header>",
            "<footer>Bản quyền</footer>",
            "<p style='display: none'>ẩn</p>",
            "<p hidden>ẩn</p>",
            "<form><input value=1>Tìm</form>",
            "<!-- chú thích -->",
        ] {
            let html = format!("<title>t</title>{part}<p>{long}</p>{part}");
            assert_eq!(text(&html).trim(), long.trim(), "{part}");
            // The page as a whole inside one form.
            let html = format!("<form>{part}<p>{long}</p></form>");
            if !part.starts_with("<form") {
                assert_eq!(text(&html).trim(), long.trim(), "{part} in a form");
            }
        }
    }

    #[test]
    fn the_declared_encoding_is_used() {
        let mut page = b"<html><meta charset='windows-1258'><p>K\xea\xec hoa\xf2ch".to_vec();
        let document = read(&page, &Limits::default()).unwrap();
        assert_eq!((document.raw.as_str(), document.notes.len()), ("Kê\u{301} hoa\u{323}ch\n", 0));
        page = b"\xff\xfe".iter().copied().chain("<p>Kế hoạch".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(read(&page, &Limits::default()).unwrap().raw, "Kế hoạch\n");
    }

    #[test]
    fn ten_thousand_nested_elements_do_not_overflow() {
        for tag in ["div", "aside", "b", "ul", "table", "td"] {
            let html = format!("{}Kế hoạch", format!("<{tag}>").repeat(10_000));
            assert!(text(&html).contains("Kế hoạch"), "{tag}");
        }
    }
}
