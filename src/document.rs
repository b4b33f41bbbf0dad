//! A document as it was read: one raw text, its pages, and where each word stood on its page.
//!
//! The readers of [`ingest`](crate::ingest) and [`ocr`](crate::ocr) produce [`Layout`]s, a page
//! each, in nested lines because that is what they see; [`assemble`] flattens them into one
//! string with spans, because that is what every later stage wants. Nothing here knows formats,
//! engines or Vietnamese.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::table::Table;
use crate::text::{Note, Span};

/// What is allowed in, so that one file cannot take the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest file, in bytes.
    pub file_bytes: u64,
    /// Largest text of one document, in bytes.
    pub text_bytes: usize,
    /// Most pages of one document.
    pub pages: usize,
    /// Largest picture, in pixels.
    pub pixels: u64,
    /// Most members of one archive or mail.
    pub members: usize,
    /// Archives and mails inside each other.
    pub depth: usize,
    /// Most bytes that may be unpacked out of one file, all its members together.
    pub unpacked_bytes: u64,
}

impl Default for Limits {
    /// 512 MiB a file, 16 MiB of text (about 5 000 pages), 5 000 pages, 200 megapixels; 2 000 members
    /// of an archive, 4 archives inside each other, 1 GiB unpacked.
    fn default() -> Self {
        Self {
            file_bytes: 512 << 20,
            text_bytes: 16 << 20,
            pages: 5_000,
            pixels: 200_000_000,
            members: 2_000,
            depth: 4,
            unpacked_bytes: 1 << 30,
        }
    }
}

/// BLAKE3 digest of a file's bytes: the identity of a file, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The digest of all that `reader` gives.
    pub fn of_reader(mut reader: impl std::io::Read) -> std::io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&mut reader)?;
        Ok(Self(*hasher.finalize().as_bytes()))
    }

    /// A digest from its 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads 64 hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        blake3::Hash::from_hex(hex).ok().map(|hash| Self(*hash.as_bytes()))
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        Self::from_hex(&hex).ok_or_else(|| serde::de::Error::custom("not a digest of 64 hexadecimal digits"))
    }
}

/// The kind of file that the bytes are, told from the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Plain text.
    Txt,
    /// A web page.
    Html,
    /// PDF, with or without a text layer.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A TIFF picture, of one page or more.
    Tiff,
    /// A WebP picture.
    Webp,
    /// Word 2007 and later (Office Open XML).
    Docx,
    /// Word 97 to 2003.
    Doc,
    /// Rich Text Format.
    Rtf,
    /// `OpenDocument` text.
    Odt,
    /// Excel 2007 and later.
    Xlsx,
    /// Excel 97 to 2003.
    Xls,
    /// `OpenDocument` sheet.
    Ods,
    /// A mail: its own text; what is attached are documents of their own.
    Eml,
    /// An envelope of document exchange between offices (QCVN 102:2016/BTTTT).
    Edxml,
    /// A ZIP archive.
    Zip,
    /// A 7z archive.
    #[serde(rename = "7z")]
    SevenZip,
}

impl Format {
    /// Its name as a person calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Txt => "text",
            Self::Html => "HTML",
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Tiff => "TIFF",
            Self::Webp => "WebP",
            Self::Docx => "DOCX",
            Self::Doc => "DOC",
            Self::Rtf => "RTF",
            Self::Odt => "ODT",
            Self::Xlsx => "XLSX",
            Self::Xls => "XLS",
            Self::Ods => "ODS",
            Self::Eml => "mail",
            Self::Edxml => "edXML",
            Self::Zip => "ZIP",
            Self::SevenZip => "7z",
        }
    }
}

/// The file that a document came in: an archive, a mail, an envelope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Within {
    /// BLAKE3 of that file's bytes, in hexadecimal.
    #[schemars(with = "String")]
    pub digest: Digest,
    /// Its kind.
    pub format: Format,
    /// The document's name in it. A name only: nothing is ever written there.
    pub name: String,
}

/// What somebody other than the document itself says about it: the envelope that it was sent in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Declared {
    /// What is said: `number`, `symbol`, `date` (ISO 8601), `place`, `type`, `subject`, `issuer`,
    /// `signer`, `position`, `authority`, `recipient`, `due`.
    pub field: String,
    /// The value in its normal form.
    pub value: String,
    /// As it is written there.
    pub raw: String,
    /// Who says so: `edxml`.
    pub source: String,
}

/// Where the text of a page came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The file's own characters.
    Native,
    /// The file's own characters, some of which the file names wrongly or not at all: they were
    /// recovered from its fonts.
    Recovered,
    /// Read from the page's picture.
    Recognised,
    /// The page carries no text.
    Blank,
    /// The page could not be read; a note says why.
    Unread,
}

/// What a page's own text looked like, and why the page was read the way it was. Shares are 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Judgement {
    /// Why this layer was chosen, in a few words.
    pub reason: String,
    /// Words of two letters or more in the page's own text.
    pub words: u32,
    /// Share of these that can be spelled in Vietnamese.
    pub spelled: f32,
    /// Share of these that carry a Vietnamese mark.
    pub marked: f32,
    /// Share of the characters that the file does not name.
    pub unknown: f32,
    /// Share of the characters that are drawn invisibly, as OCR programs do over a scan.
    pub invisible: f32,
    /// Share of the page that its largest picture covers.
    pub pictured: f32,
    /// Encoding of old Vietnamese fonts that the text is in, where it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Fonts whose letters were recovered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fonts: Vec<FontRepair>,
}

/// A font whose letters were not taken from the file's own table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FontRepair {
    /// Its PostScript name.
    pub font: String,
    /// Where the letters were taken from.
    pub from: FontSource,
    /// Glyphs of the page that this changed.
    pub glyphs: u32,
}

/// Where the letters of a font can be found beside the file's own table (`ToUnicode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FontSource {
    /// The character map inside the font (`cmap`).
    CharacterMap,
    /// The names of its glyphs (`post`, or those of a CFF font).
    GlyphNames,
    /// The usual order of glyphs in such fonts, which the words of the document confirmed.
    GlyphOrder,
}

/// A digital signature of a file. Whether its certificate is to be trusted was not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Signature {
    /// Name of the form field that it stands in.
    pub field: Option<String>,
    /// Name in the signer's certificate.
    pub signer: Option<String>,
    /// Organisation in the signer's certificate.
    pub organisation: Option<String>,
    /// Who issued that certificate, as it says itself.
    pub issuer: Option<String>,
    /// When it was signed, ISO 8601; by the signer's clock.
    pub time: Option<String>,
    /// Where the time was taken from.
    pub time_source: Option<TimeSource>,
    /// Whether the bytes that it covers are those that were signed. Null: could not be checked.
    pub unchanged: Option<bool>,
    /// Whether it was made with the key of that certificate. Null: could not be checked.
    pub signed_by_key: Option<bool>,
    /// Whether it covers all of the file but its own value.
    pub covers_whole_file: bool,
    /// Bytes that were added to the file after it: another signature, or a change.
    pub added_later: u64,
    /// Why it could not be read or checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Where the time of a signature was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// From what was signed.
    Signed,
    /// From the file beside it, where anybody could have written it.
    Claimed,
}

/// A box on a page, from the top left corner, in the page's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(from = "[f32; 4]", into = "[f32; 4]")]
#[schemars(with = "[f32; 4]")]
pub struct Rect {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

impl Rect {
    /// The smallest box that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}

impl From<[f32; 4]> for Rect {
    fn from([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Self { x0, y0, x1, y1 }
    }
}

impl From<Rect> for [f32; 4] {
    fn from(rect: Rect) -> Self {
        [rect.x0, rect.y0, rect.x1, rect.y1]
    }
}

/// What a reader saw on one page: lines of words in reading order.
///
/// Readers without geometry (text, HTML) give each line as one token without a box, so that the
/// line's own white space survives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Width and height of the page. Points (1/72 inch) for PDF, pixels for pictures.
    pub size: Option<(f32, f32)>,
    /// The lines, from the first read to the last. A row of a table is one line, each of its cells'
    /// words together, a gap before the next cell's.
    pub lines: Vec<Vec<Token>>,
    /// The tables. Spans of their cells count tokens, from 0 for the first of the first line.
    pub tables: Vec<Table>,
    /// What was odd.
    pub notes: Vec<String>,
}

/// One word as a reader saw it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Token {
    /// Its characters: no line break.
    pub text: String,
    /// Its box, where the reader knows it.
    pub bbox: Option<Rect>,
    /// 0 to 1; 1 for characters that were not recognised from a picture.
    pub confidence: f32,
    /// Whether a gap much wider than a space stands before it: another column of a letterhead or
    /// a table. [`assemble`] writes a tab there instead of a space.
    pub after_gap: bool,
    /// Letters that could be others, in order; spans are in `text`.
    pub doubts: Vec<Doubt>,
    /// Digits that were read more than once, in order; spans are in `text`.
    pub readings: Vec<Reading>,
}

/// A letter that the OCR engine read, and what else it could have been.
///
/// The engine looks at letters, not at words: where a tone mark is blurred it says so here, and
/// [`repair`](crate::repair) decides by the words around.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Doubt {
    /// Place of the letter: in the token that holds it, or in the raw text of the document.
    pub span: Span,
    /// How well the letter that was read fits the picture, 0 to 1. Not a probability.
    pub confidence: f32,
    /// The engine's confidence in the whole word that holds it, 0 to 1.
    pub word: f32,
    /// Other letters and how well they fit, the best first.
    pub rivals: Vec<(char, f32)>,
}

/// How characters came onto the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// By a printer or a stamp.
    Print,
    /// By a hand, as number and day often are over the dotted line of a letterhead.
    Hand,
}

/// Digits that identify something and so were read more than once.
///
/// What stands in the text won the vote; what lost is kept here, so that nothing is changed
/// silently. No language model has a say in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Place of the digits: in the token that holds them, or in the raw text of the document.
    pub span: Span,
    /// How they were written.
    pub written: Written,
    /// How sure the digits in the text are, 0 to 1.
    pub confidence: f32,
    /// What other readings gave, the best first, with their shares, 0 to 1.
    pub rivals: Vec<(String, f32)>,
}

/// A page picture on its way to recognition.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The pixels.
    pub image: image::DynamicImage,
    /// Dots an inch, where the file says so or the page size tells.
    pub dpi: Option<f32>,
    /// What to multiply pixels by to come to the unit of the page's boxes (72/dpi for PDF, 1 for
    /// pictures).
    pub scale: f32,
}

/// What a page looks like, packed as a PDF holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PagePicture {
    /// One-based.
    pub page: u32,
    /// Width and height of the page, in the unit of its boxes.
    pub size: (f32, f32),
    /// Dots an inch, where known.
    pub dpi: Option<f32>,
    /// Where the picture stands on the page.
    pub area: Rect,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Whether it is grey; else red, green and blue.
    pub gray: bool,
    /// Bits a colour: 1 or 8.
    pub bits: u8,
    /// Whether the bytes are a JPEG; else they are pixels, deflated.
    pub jpeg: bool,
    /// The bytes.
    #[serde(with = "base64")]
    pub data: Vec<u8>,
}

/// Bytes in a line of JSON.
mod base64 {
    use base64ct::{Base64, Encoding};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64::encode_string(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        Base64::decode_vec(&text).map_err(serde::de::Error::custom)
    }
}

/// Something that reads a page picture. [`ingest`](crate::ingest) is handed one and knows no more
/// of OCR; pictures are passed one at a time, so that memory holds one page.
pub trait Recognise {
    /// Reads one picture. Boxes are in page units: pixels times [`Picture::scale`].
    fn recognise(&mut self, picture: &Picture) -> Result<Layout>;

    /// Passwords to try on a locked file, in this order. Whoever lends the engine knows them.
    fn passwords(&self) -> &[String] {
        &[]
    }
}

/// A document as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Digest of the file's bytes.
    pub digest: Digest,
    /// The kind of file.
    pub format: Format,
    /// The whole text: lines end in `\n`, pages in `\u{c}` (form feed) except the last.
    pub raw: String,
    /// The pages, in order. At least one.
    pub pages: Vec<Page>,
    /// What was odd, in spans of `raw`.
    pub notes: Vec<Note>,
    /// Letters of recognised pages that could be others, in order; spans are in `raw`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// Digits that were read more than once, in order; spans are in `raw`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// The tables, in the order of the text; spans of their cells are in `raw`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// The file that it came in, if it was not one by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// What the envelope says about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<Declared>,
    /// The digital signatures of the file, the first made first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The page's part of the raw text.
    pub span: Span,
    /// Width and height: points (1/72 inch) for PDF, pixels for pictures.
    pub size: Option<(f32, f32)>,
    /// Where its text came from.
    pub layer: Layer,
    /// What decided that, for a page of a PDF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Box<Judgement>>,
    /// The words that have a box, in the order of the text. Empty for formats without geometry.
    pub words: Vec<Word>,
}

/// Where one word of the raw text stood on the page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// Its place in the raw text.
    pub span: Span,
    /// Its box on the page.
    pub bbox: Rect,
    /// 0 to 1; 1 for characters that were not recognised from a picture.
    pub confidence: f32,
}

/// Where a span of the raw text stands on paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// One-based page number.
    pub page: u32,
    /// Box around the words of the span on that page.
    pub bbox: Option<Rect>,
    /// Lowest confidence of those words, 0 to 1.
    pub confidence: f32,
}

impl Document {
    /// The page and box of `span` of the raw text. A span over several pages is placed on the
    /// first.
    pub fn place(&self, span: Span) -> Place {
        let index =
            self.pages.partition_point(|page| page.span.end() <= span.start()).min(self.pages.len().saturating_sub(1));
        let Some(page) = self.pages.get(index) else { return Place { page: 1, bbox: None, confidence: 1.0 } };
        let first = page.words.partition_point(|word| word.span.end() <= span.start());
        let mut place = Place { page: index as u32 + 1, bbox: None, confidence: 1.0 };
        for word in page.words[first..].iter().take_while(|word| word.span.start() < span.end()) {
            place.bbox = Some(place.bbox.map_or(word.bbox, |bbox| bbox.cover(word.bbox)));
            place.confidence = place.confidence.min(word.confidence);
        }
        place
    }
}

/// Flattens page layouts into one document.
pub fn assemble(digest: Digest, format: Format, layouts: Vec<(Layer, Layout)>) -> Document {
    let mut document = Document {
        digest,
        format,
        raw: String::new(),
        pages: Vec::with_capacity(layouts.len()),
        notes: Vec::new(),
        doubts: Vec::new(),
        readings: Vec::new(),
        tables: Vec::new(),
        within: None,
        declared: Vec::new(),
        signatures: Vec::new(),
    };
    let raw = &mut document.raw;
    for (index, (layer, layout)) in layouts.into_iter().enumerate() {
        if index > 0 {
            raw.push('\u{c}');
        }
        let start = raw.len();
        let mut words = Vec::new();
        let mut tokens = Vec::new();
        for (number, line) in layout.lines.iter().enumerate() {
            if number > 0 {
                raw.push('\n');
            }
            for (place, token) in line.iter().enumerate() {
                if token.after_gap {
                    raw.push('\t');
                } else if place > 0 {
                    raw.push(' ');
                }
                let from = raw.len();
                raw.push_str(&token.text);
                tokens.push(Span::at(from, raw.len()));
                if let Some(bbox) = token.bbox {
                    words.push(Word { span: Span::at(from, raw.len()), bbox, confidence: token.confidence });
                }
                document.doubts.extend(token.doubts.iter().map(|doubt| {
                    let span = Span::at(from + doubt.span.start(), from + doubt.span.end());
                    Doubt { span, ..doubt.clone() }
                }));
                document.readings.extend(token.readings.iter().map(|reading| {
                    let span = Span::at(from + reading.span.start(), from + reading.span.end());
                    Reading { span, ..reading.clone() }
                }));
            }
        }
        if !layout.lines.is_empty() {
            raw.push('\n');
        }
        document.tables.extend(layout.tables.iter().map(|table| in_raw(table, &tokens)));
        let span = Span::at(start, raw.len());
        document.notes.extend(layout.notes.into_iter().map(|message| Note::at(span, message)));
        document.pages.push(Page { span, size: layout.size, layer, judged: None, words });
    }
    document
}

/// A table whose spans count tokens, in spans of the raw text. Cells without tokens are left out.
fn in_raw(table: &Table, tokens: &[Span]) -> Table {
    let mut cells = table.cells.clone();
    cells.retain(|cell| !cell.span.is_empty() && cell.span.end() <= tokens.len());
    let table = Table { cells, ..*table };
    table.map(|span| tokens[span.start()].cover(tokens[span.end() - 1]))
}

/// A document of a format without geometry, its text kept to the letter. Form feeds part pages.
pub fn from_text(digest: Digest, format: Format, raw: String) -> Document {
    let mut pages = Vec::new();
    let mut start = 0;
    for part in raw.split_inclusive('\u{c}') {
        let text = part.strip_suffix('\u{c}').unwrap_or(part);
        let layer = if text.trim().is_empty() { Layer::Blank } else { Layer::Native };
        pages.push(Page {
            span: Span::at(start, start + text.len()),
            size: None,
            layer,
            judged: None,
            words: Vec::new(),
        });
        start += part.len();
    }
    Document {
        digest,
        format,
        raw,
        pages,
        notes: Vec::new(),
        doubts: Vec::new(),
        readings: Vec::new(),
        tables: Vec::new(),
        within: None,
        declared: Vec::new(),
        signatures: Vec::new(),
    }
}
