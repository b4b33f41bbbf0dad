//! A document's pages in the forms of archives and OCR tools: words in their places, repaired.
//!
//! [`place`] follows the repaired text back to the words on the page; [`hocr()`] and [`alto()`] write
//! that as XML, [`archive()`] as a PDF/A whose text lies unseen under the picture of each page.
//! Repair joins and splits words: where one edit covers several words on the page their boxes are
//! joined, and where a box comes to hold several words it is shared out by the length of each.

mod alto;
mod archive;
mod hocr;

pub use alto::alto;
pub use archive::{Sheet, archive};
pub use hocr::hocr;

use crate::document::{Document, Rect};
use crate::text::{Span, Text};

/// A page of repaired words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlacedPage {
    /// One-based.
    pub number: u32,
    /// Width and height, in the unit of the boxes.
    pub size: (f32, f32),
    /// Units an inch: 72 for PDF; unknown for pictures, where the unit is a pixel.
    pub dpi: f32,
    /// The lines, from the first read to the last.
    pub lines: Vec<Vec<PlacedWord>>,
}

/// A word of the repaired text and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedWord {
    /// The repaired word, without white space.
    pub text: String,
    /// Its box on the page.
    pub bbox: Rect,
    /// 0 to 1: how sure reading and repair are.
    pub confidence: f32,
    /// Whether a gap as between columns stands before it.
    pub after_gap: bool,
}

/// The repaired words of each page that has a size, in reading order.
pub fn place(document: &Document, text: &Text) -> Vec<PlacedPage> {
    let dpi = if document.format == crate::document::Format::Pdf { 72.0 } else { 300.0 };
    let mut pages = Vec::new();
    for (index, page) in document.pages.iter().enumerate() {
        let Some(size) = page.size else { continue };
        let mut placed = PlacedPage { number: index as u32 + 1, size, dpi, lines: Vec::new() };
        let mut at = 0;
        let mut end = page.span.start();
        while at < page.words.len() {
            // Words that one edit covers come together.
            let first = page.words[at];
            let mut raw = text.raw_span(text.fixed_span(first.span));
            let (mut bbox, mut confidence) = (first.bbox, first.confidence);
            at += 1;
            while let Some(word) = page.words.get(at).filter(|word| word.span.start() < raw.end()) {
                raw = raw.cover(text.raw_span(text.fixed_span(word.span)));
                bbox = bbox.cover(word.bbox);
                confidence = confidence.min(word.confidence);
                at += 1;
            }
            let fixed = text.fixed_span(raw.cover(first.span));
            for edit in text.edits_in(fixed) {
                confidence = confidence.min(text.edits()[edit].confidence);
            }
            let between = Span::at(end.min(raw.start()), raw.start()).of(&document.raw);
            end = raw.end();
            let new_line = placed.lines.is_empty() || between.contains('\n');
            if new_line {
                placed.lines.push(Vec::new());
            }
            let words = share(fixed.of(text.fixed()), bbox, confidence, !new_line && between.contains('\t'));
            if let Some(line) = placed.lines.last_mut() {
                line.extend(words);
            }
        }
        placed.lines.retain(|line| !line.is_empty());
        pages.push(placed);
    }
    pages
}

/// The words of `text` beside each other in one box.
fn share(text: &str, bbox: Rect, confidence: f32, gap: bool) -> Vec<PlacedWord> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let length = |word: &str| word.chars().count() as f32;
    let total: f32 = words.iter().map(|word| length(word) + 1.0).sum::<f32>() - 1.0;
    let each = (bbox.x1 - bbox.x0) / total.max(1.0);
    let mut left = bbox.x0;
    let mut placed = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let right = left + each * length(word);
        let own = Rect { x0: left, x1: if index + 1 == words.len() { bbox.x1 } else { right }, ..bbox };
        placed.push(PlacedWord { text: (*word).into(), bbox: own, confidence, after_gap: gap && index == 0 });
        left = right + each;
    }
    placed
}

impl PlacedPage {
    /// The smallest box around the words of a line.
    fn extent(line: &[PlacedWord]) -> Rect {
        line.iter().map(|word| word.bbox).reduce(Rect::cover).unwrap_or_default()
    }
}

/// Resolution of the pixels in which hOCR and ALTO give places, in dots an inch.
const PIXELS: f32 = 300.0;

/// A box in whole pixels: left, top, right, bottom.
fn pixels(bbox: Rect, page: &PlacedPage) -> [i64; 4] {
    let scale = if page.dpi < 100.0 { PIXELS / page.dpi } else { 1.0 };
    let most = [page.size.0, page.size.1, page.size.0, page.size.1];
    let mut out = [0; 4];
    for (out, (at, most)) in out.iter_mut().zip([bbox.x0, bbox.y0, bbox.x1, bbox.y1].into_iter().zip(most)) {
        *out = (at.clamp(0.0, most) * scale).round() as i64;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Digest, Format, Layer, Layout, Token, assemble};
    use crate::text::{Edit, Why};

    fn document() -> Document {
        let token = |text: &str, x0: f32, x1: f32| Token {
            text: text.into(),
            bbox: Some(Rect { x0, y0: 10.0, x1, y1: 20.0 }),
            confidence: 1.0,
            after_gap: x0 > 100.0,
            ..Token::default()
        };
        let lines = vec![
            vec![token("kếhoạch", 0.0, 70.0), token("s", 80.0, 90.0), token("ố", 92.0, 99.0)],
            vec![token("12", 120.0, 140.0)],
        ];
        let layout = Layout { size: Some((200.0, 100.0)), lines, ..Layout::default() };
        assemble(Digest::of(b""), Format::Pdf, vec![(Layer::Recognised, layout)])
    }

    #[test]
    fn split_words_share_a_box_and_joined_ones_have_one() {
        let document = document();
        let edit = |from: &str, new: &str| {
            let start = document.raw.find(from).unwrap();
            let raw = Span::at(start, start + from.len());
            Edit { raw, new: new.into(), why: Why::Split, confidence: 0.8, rivals: Vec::new() }
        };
        let text = Text::new(document.raw.clone(), vec![edit("kếhoạch", "kế hoạch"), edit("s ố", "số")]);
        let pages = place(&document, &text);
        let words: Vec<Vec<(&str, f32, f32)>> = pages[0]
            .lines
            .iter()
            .map(|line| line.iter().map(|word| (word.text.as_str(), word.bbox.x0, word.bbox.x1)).collect())
            .collect();
        assert_eq!(
            words,
            [vec![("kế", 0.0, 17.5), ("hoạch", 26.25, 70.0), ("số", 80.0, 99.0)], vec![("12", 120.0, 140.0)]]
        );
        assert!((pages[0].lines[0][2].confidence - 0.8).abs() < 1e-6);
    }

    #[test]
    fn every_word_of_the_text_is_placed_once() {
        let document = document();
        let text = Text::clean(document.raw.clone());
        let all: Vec<String> =
            place(&document, &text).into_iter().flat_map(|page| page.lines).flatten().map(|word| word.text).collect();
        assert_eq!(all, document.raw.split_whitespace().collect::<Vec<_>>());
    }
}
