//! RTF into the text that a word processor shows.
//!
//! An own reader, because what matters here is what the libraries leave out: the font of each letter
//! (it names the code page, or an old Vietnamese encoding), tables as cells, the numbers of lists as
//! they were printed (`\listtext`). Anything that is not text is passed over: pictures, styles, data.

mod token;

use std::collections::HashMap;

use encoding_rs::Encoding;
use token::{Token, Tokens};

use crate::document::{Digest, Document, Format, Limits};
use crate::error::Result;
use crate::ingest::edges::{self, Cell, Row};
use crate::ingest::flow::{self, Block, Face, Paragraph};
use crate::ingest::symbol::symbol;
use crate::text::Note;
use crate::vi::encoding::{OldFont, old_font};

/// Groups inside groups; deeper ones are passed over.
const DEPTH: usize = 500;

/// Groups that hold no text of the document.
const SKIPPED: [&str; 39] = [
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "objdata",
    "objclass",
    "themedata",
    "colorschememapping",
    "datastore",
    "latentstyles",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "xmlnstbl",
    "fldinst",
    "bkmkstart",
    "bkmkend",
    "nonshppict",
    "sp",
    "shprslt",
    "annotation",
    "atnid",
    "atnauthor",
    "filetbl",
    "revtbl",
    "pgdsctbl",
    "datafield",
    "pn",
    "template",
    "private",
];
/// Starred groups that hold text all the same.
const STARRED: [&str; 4] = ["shpinst", "ud", "shptxt", "listtext"];

/// Reads an RTF file.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document> {
    let mut reader = Reader::default();
    reader.states.push(State { fallback: 1, ..State::default() });
    let mut tokens = Tokens::new(bytes);
    while let Some(token) = tokens.next() {
        if let Token::Word("bin", Some(count)) = token {
            tokens.pass(count.max(0) as usize);
        }
        reader.token(token);
    }
    let blocks = reader.finish();
    let mut document = flow::write(Digest::of(bytes), Format::Rtf, &blocks, limits)?;
    if document.raw.trim().is_empty() {
        document.notes.push(Note::general("the document holds no text"));
    }
    Ok(document)
}

/// A font of the file.
#[derive(Clone, Debug, Default)]
struct Font {
    name: String,
    old: Option<OldFont>,
    charset: i32,
}

/// What holds inside a group.
#[allow(clippy::struct_excessive_bools, reason = "switches of the format, each by itself")]
#[derive(Clone, Copy, Debug, Default)]
struct State {
    font: i32,
    capitals: bool,
    hidden: bool,
    deleted: bool,
    /// Nothing in here is text.
    skipped: bool,
    /// In the table of fonts.
    fonts: bool,
    /// A text of its own: how many such groups are open.
    aside: usize,
    /// Characters that stand for one `\u` in readers that do not know it.
    fallback: usize,
    in_table: bool,
}

#[derive(Default)]
struct Reader {
    states: Vec<State>,
    /// Groups that are open beyond [`DEPTH`].
    deeper: usize,
    fonts: HashMap<i32, Font>,
    /// The font that the table of fonts is at.
    at: i32,
    page: i32,
    star: bool,
    first: bool,
    skip: usize,
    bytes: Vec<u8>,
    surrogate: Option<u16>,
    paragraph: Paragraph,
    /// The blocks of the text, or of the cell at hand.
    blocks: Vec<Block>,
    cell: Vec<Block>,
    cells: Vec<Vec<Block>>,
    rows: Vec<Row>,
    edges: Vec<(i32, bool, bool)>,
    merge: (bool, bool),
    left: i32,
    head: bool,
    /// Texts beside the one at hand: the paragraph that waits, and the number of the note.
    waiting: Vec<(Paragraph, Option<usize>)>,
    notes: Vec<Block>,
    count: usize,
}

impl Reader {
    fn state(&mut self) -> &mut State {
        if self.states.is_empty() {
            self.states.push(State { fallback: 1, ..State::default() });
        }
        let last = self.states.len() - 1;
        &mut self.states[last]
    }

    fn token(&mut self, token: Token<'_>) {
        if self.deeper > 0 {
            match token {
                Token::Open => self.deeper += 1,
                Token::Close => self.deeper -= 1,
                _ => {}
            }
            return;
        }
        let first = std::mem::take(&mut self.first);
        match token {
            Token::Open => {
                self.flush();
                self.skip = 0;
                let state = *self.state();
                if self.states.len() >= DEPTH {
                    self.deeper = 1;
                } else {
                    self.states.push(state);
                    self.first = true;
                }
            }
            Token::Close => {
                self.flush();
                self.skip = 0;
                self.star = false;
                let before = self.state().aside;
                if self.states.len() > 1 {
                    self.states.pop();
                }
                if self.state().aside < before {
                    self.end_aside();
                }
            }
            Token::Symbol(b'*') => {
                self.star = true;
                self.first = first;
            }
            Token::Word(word, number) => {
                let star = std::mem::take(&mut self.star);
                if self.skip > 0 && !first {
                    self.skip -= 1;
                    return;
                }
                self.flush_unless(word);
                if star && !STARRED.contains(&word) || SKIPPED.contains(&word) && (first || star) {
                    self.state().skipped = true;
                } else {
                    self.word(word, number);
                }
            }
            Token::Symbol(symbol) => {
                if self.skip > 0 {
                    self.skip -= 1;
                    return;
                }
                self.flush();
                match symbol {
                    b'~' => self.char(' '),
                    b'_' => self.char('-'),
                    _ => {}
                }
            }
            Token::Byte(byte) => {
                if self.skip > 0 {
                    self.skip -= 1;
                } else if self.state().fonts {
                    self.font_name(byte);
                } else if !self.is_silent() {
                    self.bytes.push(byte);
                }
            }
        }
    }

    /// Letters of two bytes may stand around words that change nothing of them; others end them.
    fn flush_unless(&mut self, word: &str) {
        if !matches!(word, "u") {
            self.surrogate = None;
        }
        self.flush();
    }

    fn is_silent(&mut self) -> bool {
        let state = self.state();
        state.skipped || state.hidden || state.deleted || state.fonts
    }

    fn font_name(&mut self, byte: u8) {
        // Names of alternatives stand in groups of their own.
        if self.state().skipped {
            return;
        }
        let font = self.fonts.entry(self.at).or_default();
        if byte == b';' {
            font.old = old_font(&font.name);
        } else if font.name.len() < 100 {
            font.name.push(char::from(byte));
        }
    }

    #[allow(clippy::too_many_lines, reason = "a list of words, one line each")]
    fn word(&mut self, word: &str, number: Option<i32>) {
        let on = number != Some(0);
        if self.state().fonts {
            match word {
                "f" => {
                    self.at = number.unwrap_or(0);
                    self.fonts.insert(self.at, Font::default());
                }
                "fcharset" => self.fonts.entry(self.at).or_default().charset = number.unwrap_or(0),
                _ => {}
            }
            return;
        }
        match word {
            "fonttbl" => self.state().fonts = true,
            "ansicpg" => self.page = number.unwrap_or(0),
            "f" | "deff" => self.state().font = number.unwrap_or(0),
            "plain" => {
                let state = self.state();
                (state.capitals, state.hidden) = (false, false);
            }
            "caps" | "scaps" => self.state().capitals = on,
            "v" => self.state().hidden = on,
            "deleted" => self.state().deleted = on,
            "uc" => self.state().fallback = number.unwrap_or(1).clamp(0, 20) as usize,
            "u" => {
                self.unicode(number.unwrap_or(0));
                self.skip = self.state().fallback;
            }
            _ if self.is_silent() => {}
            "par" | "sect" | "page" | "nestrow" => self.end_paragraph(),
            "line" | "softline" => self.char('\n'),
            "tab" | "nestcell" => self.char('\t'),
            "emdash" => self.char('—'),
            "endash" => self.char('–'),
            "lquote" => self.char('‘'),
            "rquote" => self.char('’'),
            "ldblquote" => self.char('“'),
            "rdblquote" => self.char('”'),
            "bullet" => self.char('•'),
            "emspace" | "enspace" | "qmspace" => self.char(' '),
            "intbl" => self.state().in_table = on,
            "pard" => self.state().in_table = false,
            "trowd" => {
                self.edges.clear();
                (self.merge, self.left, self.head) = ((false, false), 0, false);
            }
            "trleft" => self.left = number.unwrap_or(0),
            "trhdr" => self.head = true,
            "clvmrg" => self.merge.0 = true,
            "clmrg" => self.merge.1 = true,
            "cellx" => {
                if self.edges.len() < 1000 {
                    self.edges.push((number.unwrap_or(0), self.merge.0, self.merge.1));
                }
                self.merge = (false, false);
            }
            "cell" => {
                self.end_line();
                if self.cells.len() < 1000 {
                    self.cells.push(std::mem::take(&mut self.cell));
                }
            }
            "row" => self.end_row(),
            "footnote" => self.begin_aside(true),
            "shptxt" | "dptxbxtext" => self.begin_aside(false),
            _ => {}
        }
    }

    /// The characters behind the bytes that were gathered.
    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let number = self.state().font;
        let font = self.fonts.get(&number).cloned().unwrap_or_default();
        let text: String = if font.old.is_some() {
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned()
        } else if font.charset == 2 {
            bytes.iter().filter_map(|byte| symbol(&font.name, u32::from(*byte) + 0xf000)).collect()
        } else {
            code_page(font.charset, self.page).decode_without_bom_handling(&bytes).0.into_owned()
        };
        self.text(&text);
    }

    fn face(&mut self) -> Face {
        let State { font, capitals, .. } = *self.state();
        Face { font: self.fonts.get(&font).and_then(|font| font.old), capitals }
    }

    fn text(&mut self, text: &str) {
        if !self.is_silent() {
            let face = self.face();
            self.paragraph.push(face, text);
        }
    }

    fn char(&mut self, c: char) {
        if !self.is_silent() {
            self.paragraph.push_char(Face::default(), c);
        }
    }

    fn unicode(&mut self, number: i32) {
        let unit = number as u16;
        if let Some(high) = self.surrogate.take()
            && let Some(Ok(c)) = char::decode_utf16([high, unit]).next()
        {
            return self.text(c.encode_utf8(&mut [0; 4]));
        }
        match char::from_u32(u32::from(unit)) {
            None => self.surrogate = Some(unit),
            // Letters of symbol fonts stand in the private area.
            Some(c @ '\u{f000}'..='\u{f0ff}') => {
                let number = self.state().font;
                let name = self.fonts.get(&number).map(|font| font.name.clone()).unwrap_or_default();
                if let Some(c) = symbol(&name, u32::from(c)) {
                    self.text(c.encode_utf8(&mut [0; 4]));
                }
            }
            Some('\0') => {}
            Some(c) => self.text(c.encode_utf8(&mut [0; 4])),
        }
    }

    /// Ends a line without saying whether the table goes on.
    fn end_line(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        if !paragraph.is_blank() {
            self.cell.push(Block::Line(paragraph));
        }
    }

    fn end_paragraph(&mut self) {
        if self.state().aside > 0 || self.state().in_table {
            return self.end_line();
        }
        self.end_table();
        let paragraph = std::mem::take(&mut self.paragraph);
        if !paragraph.is_blank() {
            self.blocks.push(Block::Line(paragraph));
        }
    }

    fn end_row(&mut self) {
        // A row that was never ended by a cell keeps its text.
        self.end_line();
        if !self.cell.is_empty() {
            self.cells.push(std::mem::take(&mut self.cell));
        }
        let mut left = self.left;
        let mut row = Row { head: self.head, cells: Vec::new() };
        for (index, blocks) in std::mem::take(&mut self.cells).into_iter().enumerate() {
            let (right, down, aside) =
                self.edges.get(index).copied().unwrap_or((left.saturating_add(1000), false, false));
            row.cells.push(Cell { left, right, down, aside, blocks });
            left = right;
        }
        self.rows.push(row);
    }

    fn end_table(&mut self) {
        if !self.cells.is_empty() || !self.cell.is_empty() {
            self.end_row();
        }
        if !self.rows.is_empty() {
            self.blocks.push(Block::Table(edges::grid(std::mem::take(&mut self.rows))));
        }
    }

    /// A note or a text box: its text is kept apart from the paragraph that holds it.
    fn begin_aside(&mut self, note: bool) {
        let number = note.then(|| {
            self.count += 1;
            self.count
        });
        if let Some(number) = number {
            self.paragraph.push(Face::default(), &format!(" [{number}]"));
        }
        let waiting = std::mem::take(&mut self.paragraph);
        self.waiting.push((waiting, number));
        self.state().aside += 1;
        if let Some(number) = number {
            self.paragraph.push(Face::default(), &format!("[{number}] "));
        }
    }

    fn end_aside(&mut self) {
        let text = std::mem::take(&mut self.paragraph);
        let Some((waiting, note)) = self.waiting.pop() else { return };
        self.paragraph = waiting;
        if !text.is_blank() {
            let list = if note.is_some() { &mut self.notes } else { &mut self.blocks };
            list.push(Block::Line(text));
        }
    }

    fn finish(mut self) -> Vec<Block> {
        self.flush();
        while !self.waiting.is_empty() {
            self.end_aside();
        }
        self.states.clear();
        self.end_table();
        let rest = std::mem::take(&mut self.paragraph);
        if !rest.is_blank() {
            self.blocks.push(Block::Line(rest));
        }
        self.blocks.append(&mut self.notes);
        self.blocks
    }
}

/// The encoding of a character set of Windows; `page` is the file's own code page.
fn code_page(charset: i32, page: i32) -> &'static Encoding {
    let label = match charset {
        0 => "windows-1252",
        128 => "shift_jis",
        129 => "euc-kr",
        134 => "gbk",
        136 => "big5",
        161 => "windows-1253",
        162 => "windows-1254",
        163 => "windows-1258",
        177 => "windows-1255",
        178 => "windows-1256",
        186 => "windows-1257",
        204 => "windows-1251",
        222 => "windows-874",
        238 => "windows-1250",
        77 => "macintosh",
        _ => return Encoding::for_label(format!("windows-{page}").as_bytes()).unwrap_or(encoding_rs::WINDOWS_1252),
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::WINDOWS_1252)
}

#[cfg(test)]
mod tests;
