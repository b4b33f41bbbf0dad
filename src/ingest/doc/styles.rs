//! Fonts, styles and lists of a DOC: what its paragraphs and runs inherit.

use super::bytes::{byte, long, short, wide};
use super::sprm::{Paragraph, Run, paragraph, run};
use crate::ingest::numbering::{Level, Style as Numeral};

/// Names of the fonts, in their order ([MS-DOC] 2.9.286).
pub(super) fn fonts(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    // A count, and the length of data beside each font, of which there is none.
    let (count, mut at) = match short(bytes, 0) {
        Some(0xffff) => (short(bytes, 2), 6),
        count => (count, 4),
    };
    for _ in 0..count.unwrap_or(0) {
        let Some(length) = byte(bytes, at).map(|length| usize::from(length) + 1) else { break };
        let units = wide(bytes, at + 40, length.saturating_sub(40) / 2).unwrap_or_default();
        let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
        names.push(String::from_utf16_lossy(&units[..end]));
        at += length;
    }
    names
}

#[derive(Clone, Debug, Default)]
struct Style {
    base: u16,
    run: Run,
    paragraph: Vec<u8>,
}

/// The style sheet ([MS-DOC] 2.9.271).
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: Vec<Style>,
    /// The font where nothing else is said.
    font: Option<u16>,
}

/// Styles that build on each other; a loop ends here.
const CHAIN: usize = 24;
/// A style that builds on none.
const NONE: u16 = 0x0fff;

impl Styles {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut styles = Self::default();
        let Some(length) = short(bytes, 0).map(usize::from) else { return styles };
        let count = short(bytes, 2).unwrap_or(0);
        let base = usize::from(short(bytes, 4).unwrap_or(10));
        // The third of the standard fonts is that of letters with marks.
        styles.font = short(bytes, 18).filter(|_| length >= 18).or_else(|| short(bytes, 14));
        let mut at = 2 + length;
        for _ in 0..count {
            let Some(size) = short(bytes, at).map(usize::from) else { break };
            let definition = bytes.get(at + 2..at + 2 + size).unwrap_or_default();
            styles.styles.push(style(definition, base).unwrap_or(Style { base: NONE, ..Style::default() }));
            at += 2 + size;
        }
        styles
    }

    fn chain(&self, index: u16) -> impl Iterator<Item = &Style> {
        let first = self.styles.get(usize::from(index));
        std::iter::successors(first, |style| self.styles.get(usize::from(style.base))).take(CHAIN)
    }

    /// What the runs of a paragraph of this style inherit.
    pub(super) fn run(&self, index: u16) -> Run {
        let base = Run { font: self.font, ..Run::default() };
        self.chain(index).fold(Run::default(), |run, style| run.over(style.run)).over(base)
    }

    /// What a character style says.
    pub(super) fn character(&self, index: u16) -> Run {
        self.chain(index).fold(Run::default(), |run, style| run.over(style.run))
    }

    /// A paragraph of this style.
    pub(super) fn paragraph(&self, index: u16) -> Paragraph {
        let mut result = Paragraph { style: index, ..Paragraph::default() };
        let chain: Vec<&Style> = self.chain(index).collect();
        for style in chain.iter().rev() {
            paragraph(&style.paragraph, &mut result);
        }
        result
    }
}

/// One style: head, name, then what it says of paragraphs and runs.
fn style(bytes: &[u8], base: usize) -> Option<Style> {
    let kind = short(bytes, 2)?;
    let parts = short(bytes, 4)? & 15;
    let name = usize::from(short(bytes, base)?);
    let mut at = base + 2 + 2 * (name + 1);
    let mut style = Style { base: kind >> 4, ..Style::default() };
    for part in 0..parts.min(3) {
        at += at & 1;
        let Some(length) = short(bytes, at).map(usize::from) else { break };
        let modifiers = bytes.get(at + 2..at + 2 + length).unwrap_or_default();
        match (kind & 15, part) {
            (1, 0) => style.paragraph = modifiers.get(2..).unwrap_or_default().to_vec(),
            (1, 1) | (2, 0) => style.run = run(modifiers),
            _ => {}
        }
        at += 2 + length;
    }
    Some(style)
}

/// A list: its levels, each with the run settings of its number.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    pub(super) id: u32,
    pub(super) levels: Vec<Level>,
    pub(super) runs: Vec<Run>,
    /// Levels that begin anew where the list is first used, and with what.
    pub(super) restarts: Vec<(usize, i64)>,
}

/// The lists by their numbers, from 1 ([MS-DOC] 2.9.147 and 2.9.131). `after` is what follows the
/// definitions: the levels.
pub(super) fn lists(definitions: &[u8], after: &[u8], uses: &[u8]) -> Vec<List> {
    let mut defined = Vec::new();
    let mut at = 0;
    for index in 0..usize::from(short(definitions, 0).unwrap_or(0)) {
        let entry = 2 + 28 * index;
        let (Some(id), Some(flags)) = (long(definitions, entry), byte(definitions, entry + 26)) else { break };
        let mut list = List { id, ..List::default() };
        for _ in 0..if flags & 1 == 1 { 1 } else { 9 } {
            let Some((level, run, length)) = level(after, at) else { break };
            list.levels.push(level);
            list.runs.push(run);
            at += length;
        }
        defined.push(list);
    }
    let count = long(uses, 0).unwrap_or(0).min(20_000) as usize;
    let mut data = 4 + 16 * count;
    let mut lists = Vec::new();
    for index in 0..count {
        let entry = 4 + 16 * index;
        let (Some(id), Some(changes)) = (long(uses, entry), byte(uses, entry + 12)) else { break };
        let mut list = defined.iter().find(|list| list.id == id).cloned().unwrap_or_default();
        data += 4;
        for _ in 0..changes {
            let (Some(start), Some(flags)) = (long(uses, data), long(uses, data + 4)) else { break };
            data += 8;
            let place = (flags & 15) as usize;
            if flags & 0x20 != 0 {
                let Some((new, run, length)) = level(uses, data) else { break };
                if place < list.levels.len() {
                    (list.levels[place], list.runs[place]) = (new, run);
                }
                data += length;
            } else if flags & 0x10 != 0 {
                list.restarts.push((place, i64::from(start)));
            }
        }
        lists.push(list);
    }
    lists
}

/// A level, the settings of its number, and its length.
fn level(bytes: &[u8], at: usize) -> Option<(Level, Run, usize)> {
    let start = i64::from(long(bytes, at)? as i32);
    let style = match byte(bytes, at + 4)? {
        1 => Numeral::UpperRoman,
        2 => Numeral::LowerRoman,
        3 => Numeral::UpperLetter,
        4 => Numeral::LowerLetter,
        22 => Numeral::Padded,
        23 => Numeral::Bullet,
        255 => Numeral::None,
        _ => Numeral::Decimal,
    };
    let legal = byte(bytes, at + 5)? & 4 != 0;
    let (runs, paragraphs) = (usize::from(byte(bytes, at + 24)?), usize::from(byte(bytes, at + 25)?));
    let modifiers = bytes.get(at + 28 + paragraphs..at + 28 + paragraphs + runs)?;
    let text = at + 28 + paragraphs + runs;
    let count = usize::from(short(bytes, text)?);
    let units = wide(bytes, text + 2, count)?;
    // Numbers stand for levels.
    let shown = char::decode_utf16(units).map(|c| match c {
        Ok(c @ '\0'..='\u{8}') => format!("%{}", c as u32 + 1),
        Ok(c) => c.to_string(),
        Err(_) => String::new(),
    });
    Some((Level { style, text: shown.collect(), start, legal }, run(modifiers), 28 + paragraphs + runs + 2 + 2 * count))
}
