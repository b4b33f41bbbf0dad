//! The characters of a DOC in their order, and the settings that go with each.

use super::bytes::{byte, long, short};
use super::sprm::{Run, run};

/// A stretch of characters that lie together in the file.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Number of its first character.
    first: u32,
    count: u32,
    /// Where it lies.
    at: usize,
    /// Whether a character takes one byte.
    single: bool,
}

/// A character: what it is and where it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Char {
    pub(super) c: char,
    pub(super) at: u32,
}

/// The piece table ([MS-DOC] 2.9.38).
#[derive(Debug)]
pub(super) struct Pieces(Vec<Piece>);

impl Pieces {
    pub(super) fn of(clx: &[u8]) -> Option<Self> {
        let mut at = 0;
        // Settings for single pieces come first.
        while byte(clx, at)? == 1 {
            at += 3 + usize::from(short(clx, at + 1)?);
        }
        if byte(clx, at)? != 2 {
            return None;
        }
        let length = long(clx, at + 1)? as usize;
        let table = clx.get(at + 5..at.checked_add(5)?.checked_add(length)?).or_else(|| clx.get(at + 5..))?;
        let count = table.len().checked_sub(4)? / 12;
        let piece = |index: usize| {
            let (first, end) = (long(table, 4 * index)?, long(table, 4 * (index + 1))?);
            let place = long(table, 4 * (count + 1) + 8 * index + 2)?;
            let single = place & 0x4000_0000 != 0;
            let at = (place & 0x3fff_ffff) as usize;
            Some(Piece { first, count: end.checked_sub(first)?, at: if single { at / 2 } else { at }, single })
        };
        Some(Self((0..count).map_while(piece).collect()))
    }

    /// One piece, as documents of Word 6 and 95 have it.
    pub(super) fn plain(at: usize, count: u32) -> Self {
        Self(vec![Piece { first: 0, count, at, single: true }])
    }

    /// The characters from number `from` to `to`.
    pub(super) fn chars(&self, file: &[u8], from: u32, to: u32) -> Vec<Char> {
        let mut chars = Vec::new();
        for piece in &self.0 {
            let (start, end) = (piece.first.max(from), piece.first.saturating_add(piece.count).min(to));
            if start >= end {
                continue;
            }
            let width = if piece.single { 1 } else { 2 };
            let at = piece.at.saturating_add((start - piece.first) as usize * width);
            let Some(part) = file.get(at..).map(|part| &part[..part.len().min((end - start) as usize * width)]) else {
                continue;
            };
            if piece.single {
                let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(part);
                chars.extend(text.chars().enumerate().map(|(i, c)| Char { c, at: (at + i) as u32 }));
            } else {
                let units = part.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                let mut place = at;
                for decoded in char::decode_utf16(units) {
                    let c = decoded.unwrap_or('\u{fffd}');
                    chars.push(Char { c, at: place as u32 });
                    place += 2 * c.len_utf16();
                }
            }
        }
        chars
    }
}

/// Stretches of the file and what is said of each, in their order.
#[derive(Debug, Default)]
pub(super) struct Settings<T> {
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T> Settings<T> {
    /// What is said of the character that lies at `at`.
    pub(super) fn at(&self, at: u32) -> Option<&T> {
        let index = self.starts.partition_point(|start| *start <= at).checked_sub(1)?;
        self.values.get(index)
    }
}

/// Reads the pages that a table of pages lists ([MS-DOC] 2.8.5 and 2.8.6). `entry` is the length of
/// what each stretch has in its page, `read` turns the bytes at its place into the setting.
fn settings<T>(file: &[u8], table: &[u8], entry: usize, read: impl Fn(&[u8], usize) -> T) -> Settings<T> {
    let mut all: Vec<(u32, T)> = Vec::new();
    let pages = table.len().saturating_sub(4) / 8;
    for index in 0..pages {
        let Some(number) = long(table, 4 * (pages + 1) + 4 * index) else { break };
        let from = (number & 0x3f_ffff) as usize * 512;
        let Some(page) = file.get(from..from + 512) else { continue };
        let count = usize::from(page[511]);
        for stretch in 0..count {
            let Some(start) = long(page, 4 * stretch) else { break };
            let Some(place) = byte(page, 4 * (count + 1) + entry * stretch) else { break };
            all.push((start, read(page, usize::from(place) * 2)));
        }
    }
    all.sort_by_key(|(start, _)| *start);
    let (starts, values) = all.into_iter().unzip();
    Settings { starts, values }
}

/// What runs say of themselves.
pub(super) fn runs(file: &[u8], table: &[u8]) -> Settings<Run> {
    settings(file, table, 1, |page, place| {
        let length = if place == 0 { 0 } else { usize::from(byte(page, place).unwrap_or(0)) };
        run(page.get(place + 1..place + 1 + length).unwrap_or_default())
    })
}

/// What paragraphs say of themselves: the number of the style, and modifiers.
pub(super) fn paragraphs(file: &[u8], table: &[u8]) -> Settings<(u16, Vec<u8>)> {
    settings(file, table, 13, |page, place| {
        let (start, length) = match byte(page, place) {
            _ if place == 0 => return (0, Vec::new()),
            Some(0) => (place + 2, 2 * usize::from(byte(page, place + 1).unwrap_or(0))),
            Some(half) => (place + 1, 2 * usize::from(half) - 1),
            None => return (0, Vec::new()),
        };
        let part = page.get(start..(start + length).min(511)).unwrap_or_default();
        (short(part, 0).unwrap_or(0), part.get(2..).unwrap_or_default().to_vec())
    })
}
