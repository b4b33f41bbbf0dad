//! The engine's hOCR (an XHTML with boxes in its attributes) into placed words.
//!
//! Baselines come from the engine's own lines, so that words of columns whose lines the engine
//! put in different blocks can be brought together again. The slope that the lines have in common
//! is the page's skew; it is taken out of the places, not of the picture.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::document::Rect;
use crate::lines::Piece;
use crate::ocr::doubts::{self, Choice};

/// One line as the engine saw it.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    left: f32,
    bottom: f32,
    slope: f32,
    offset: f32,
    size: f32,
}

/// A word whose element is open.
#[derive(Debug, Default)]
struct Word {
    bbox: Rect,
    confidence: f32,
    text: String,
    /// What the engine weighed, a list for each character and each space beside the word.
    choices: Vec<Vec<Choice>>,
    /// How many elements are open inside it: such as `strong`, and those of the choices.
    plain: usize,
    inside: usize,
}

/// Where the characters of an `ocrx_cinfo` stand: in a list of choices, in a choice.
const LIST: usize = 1;
const CHOICE: usize = 2;

impl Word {
    /// Takes in the start of an element inside the word.
    fn open(&mut self, element: &BytesStart<'_>) {
        if self.inside == 0 && attribute(element, "class") != "ocrx_cinfo" {
            self.plain += 1;
            return;
        }
        self.inside += 1;
        match self.inside {
            LIST => self.choices.push(Vec::new()),
            CHOICE => {
                let percent = numbers(&attribute(element, "title"), "x_confs").first().copied().unwrap_or_default();
                if let Some(list) = self.choices.last_mut() {
                    // A thousandth is more than it means, and short when written.
                    let confidence = (percent * 10.0).round() / 1000.0;
                    list.push(Choice { text: String::new(), confidence: confidence.clamp(0.0, 1.0) });
                }
            }
            _ => {}
        }
    }

    /// Where characters go that come now.
    fn letters(&mut self) -> Option<&mut String> {
        match self.inside {
            0 => Some(&mut self.text),
            CHOICE => Some(&mut self.choices.last_mut()?.last_mut()?.text),
            _ => None,
        }
    }

    /// Takes in the end of an element. Tells whether it was one inside the word.
    fn close(&mut self) -> bool {
        let count = if self.inside > 0 { &mut self.inside } else { &mut self.plain };
        let open = *count > 0;
        *count = count.saturating_sub(1);
        open
    }
}

/// The words of a page, boxes in pixels of the picture that was read.
pub(super) fn words(hocr: &str) -> Vec<Piece> {
    let mut words: Vec<(Piece, Line)> = Vec::new();
    let mut reader = Reader::from_str(hocr);
    reader.config_mut().check_end_names = false;
    let (mut block, mut line) = (0, Line::default());
    let mut word: Option<Word> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                if let Some(word) = &mut word {
                    word.open(&element);
                    continue;
                }
                let (class, title) = (attribute(&element, "class"), attribute(&element, "title"));
                match class.as_str() {
                    "ocr_carea" | "ocr_photo" => block += 1,
                    "ocr_line" | "ocr_header" | "ocr_caption" | "ocr_textfloat" => {
                        let rect = bbox(&title).unwrap_or_default();
                        let base = numbers(&title, "baseline");
                        line = Line {
                            left: rect.x0,
                            bottom: rect.y1,
                            slope: base.first().copied().unwrap_or_default(),
                            offset: base.get(1).copied().unwrap_or_default(),
                            size: numbers(&title, "x_size").first().copied().unwrap_or(rect.y1 - rect.y0),
                        };
                    }
                    "ocrx_word" => {
                        let confidence = numbers(&title, "x_wconf").first().copied().unwrap_or_default() / 100.0;
                        let confidence = confidence.clamp(0.0, 1.0);
                        word = bbox(&title).map(|bbox| Word { bbox, confidence, ..Word::default() });
                    }
                    _ => {}
                }
            }
            Ok(Event::Text(text)) => {
                if let Some(letters) = word.as_mut().and_then(Word::letters) {
                    letters.push_str(&text);
                }
            }
            Ok(Event::GeneralRef(name)) => {
                if let Some(letters) = word.as_mut().and_then(Word::letters) {
                    letters.extend(entity(&name));
                }
            }
            Ok(Event::End(_)) if word.as_mut().is_some_and(Word::close) => {}
            Ok(Event::End(_)) => {
                if let Some(Word { bbox, confidence, text, choices, .. }) = word.take() {
                    let text: String = text.split_whitespace().collect();
                    let doubts = doubts::doubts(&text, confidence, &choices);
                    let piece = Piece {
                        text,
                        bbox,
                        left: bbox.x0,
                        right: bbox.x1,
                        baseline: line.bottom
                            + line.offset
                            + line.slope * (f32::midpoint(bbox.x0, bbox.x1) - line.left),
                        size: line.size,
                        confidence,
                        block,
                        doubts,
                    };
                    words.push((piece, line));
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    level(words)
}

/// Takes the common slope out of the baselines.
fn level(words: Vec<(Piece, Line)>) -> Vec<Piece> {
    let mut slopes: Vec<f32> = words.iter().map(|(_, line)| line.slope).collect();
    slopes.sort_by(f32::total_cmp);
    let slope = slopes.get(slopes.len() / 2).copied().unwrap_or_default();
    let level = |(mut piece, _): (Piece, Line)| {
        piece.baseline -= slope * (piece.left + piece.right) / 2.0;
        piece
    };
    words.into_iter().map(level).collect()
}

fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    let found = element.try_get_attribute(name).ok().flatten();
    found
        .and_then(|value| value.normalized_value(XmlVersion::default()).ok().map(std::borrow::Cow::into_owned))
        .unwrap_or_default()
}

fn bbox(title: &str) -> Option<Rect> {
    let [x0, y0, x1, y1] = numbers(title, "bbox").try_into().ok()?;
    Some(Rect { x0, y0, x1, y1 })
}

/// The numbers after `key` in a title such as `bbox 1 2 3 4; x_wconf 96`.
fn numbers(title: &str, key: &str) -> Vec<f32> {
    title
        .split(';')
        .filter_map(|part| part.trim().strip_prefix(key)?.strip_prefix(' '))
        .flat_map(|part| part.split_whitespace().map_while(|number| number.parse().ok()))
        .collect()
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let code = name.strip_prefix('#')?;
            let code =
                code.strip_prefix('x').map_or_else(|| code.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            char::from_u32(code?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<div class='ocr_page' title='image \"\"; bbox 0 0 1000 800; ppageno 0'>\
        <div class='ocr_carea' title=\"bbox 100 100 400 140\"><p class='ocr_par'>\
        <span class='ocr_line' title=\"bbox 100 100 400 140; baseline 0.01 -8; x_size 40; x_descenders 8\">\
        <span class='ocrx_word' title='bbox 100 100 200 132; x_wconf 96'><strong>Số:</strong></span> \
        <span class='ocrx_word' title='bbox 210 101 400 134; x_wconf 7'>12&amp;KH&#39;</span></span></p></div>\
        <div class='ocr_carea'><p><span class='ocr_line' title='bbox 600 104 900 150; baseline 0.01 -8; x_size 40'>\
        <span class='ocrx_word' title='bbox 600 104 900 146; x_wconf 90'>ngày</span></span></p></div></div>";

    #[test]
    fn choices_inside_a_word_are_no_letters_of_it() {
        let page = "<span class='ocr_line' title=\"bbox 0 0 9 9; x_size 9\"><span class='ocrx_word' \
            title='bbox 0 0 9 9; x_wconf 81'><strong>tô</strong>\
            <span class='ocrx_cinfo'><span class='ocrx_cinfo' title='x_confs 96.02'> </span></span>\
            <span class='ocrx_cinfo'><span class='ocrx_cinfo' title='x_confs 95'>t</span></span>\
            <span class='ocrx_cinfo'><span class='ocrx_cinfo' title='x_confs 90'>ô</span>\
            <span class='ocrx_cinfo' title='x_confs 35.4321'>ổ</span></span></span></span>";
        let [word] = &words(page)[..] else { panic!("one word") };
        assert_eq!(word.text, "tô");
        let [doubt] = &word.doubts[..] else { panic!("{:?}", word.doubts) };
        assert_eq!((doubt.span.of(&word.text), &doubt.rivals[..]), ("ô", &[('ổ', 0.354)][..]));
        assert!((doubt.word - 0.81).abs() < 1e-6 && (doubt.confidence - 0.9).abs() < 1e-6);
    }

    #[test]
    fn words_come_with_box_confidence_and_level_baseline() {
        let words = words(PAGE);
        let texts: Vec<_> = words.iter().map(|word| (word.text.as_str(), word.confidence, word.block)).collect();
        assert_eq!(texts, [("Số:", 0.96, 1), ("12&KH'", 0.07, 1), ("ngày", 0.9, 2)]);
        assert_eq!(words[0].bbox, Rect { x0: 100.0, y0: 100.0, x1: 200.0, y1: 132.0 });
        // The page slopes by one in a hundred: 132.5 at x = 150 is 131 at the edge.
        assert!((words[0].baseline - 131.0).abs() < 0.1 && (words[2].baseline - 136.0).abs() < 0.1, "{words:?}");
        assert!((words[0].baseline - words[1].baseline).abs() < 0.1);
    }

    #[test]
    fn broken_hocr_gives_what_can_be_read() {
        assert_eq!(words("").len(), 0);
        assert_eq!(words(&PAGE[..PAGE.find("ngày").unwrap()]).len(), 2);
        assert_eq!(words("<span class='ocrx_word' title='bbox 1 2'>x</span>").len(), 0);
    }
}
