//! UTF-8 that was read as Windows-1252 or Latin-1: `Viá»‡t` for `Việt`.
//!
//! Five bytes have no character in Windows-1252 and two are a space and a hyphen that programs
//! drop, so sequences come cut; which letter was meant is then decided by the word.

use super::Piece;
use super::score::{self, Read};
use super::table::{byte_of, char_of, viqr};

/// Bytes that are lost on the way: without a character, no-break space, soft hyphen.
const LOST: [u8; 7] = [0x81, 0x8d, 0x8f, 0x90, 0x9d, 0xa0, 0xad];

/// Whether a stretch holds the head of a Vietnamese letter in this shape.
pub(super) fn has_marks(chunk: &str) -> bool {
    chunk.contains(['Ã', 'Ä', 'Æ', 'á', 'Å', 'â', 'Â'])
}

/// Letters of a head and a tail.
fn letter(bytes: &[u8]) -> Option<char> {
    std::str::from_utf8(bytes).ok()?.chars().next()
}

/// Reads a stretch without white space; for cut sequences the letter that fits the word best, with
/// the words that would also be possible in `rivals`.
pub(super) fn decode(chunk: &str, pieces: &mut Vec<Piece>) -> Vec<String> {
    let chars: Vec<(usize, char)> = chunk.char_indices().collect();
    let end_of = |index: usize| chars.get(index).map_or(chunk.len(), |(at, _)| *at);
    let byte = |index: usize| chars.get(index).and_then(|(_, c)| byte_of(*c)).filter(|byte| !byte.is_ascii());
    let tail = |index: usize| byte(index).filter(|byte| matches!(byte, 0x80..=0xbf));
    let lost = |index: usize| chars.get(index).is_some_and(|(_, c)| matches!(c, '\u{fffd}' | '?'));
    let mut cuts: Vec<(usize, Vec<char>)> = Vec::new();
    let mut index = 0;
    while index < chars.len() {
        let (start, c) = chars[index];
        let whole = match (byte(index), tail(index + 1), tail(index + 2)) {
            (Some(a @ 0xc2..=0xdf), Some(b), _) => letter(&[a, b]).map(|c| (2, c)),
            (Some(a @ 0xe1..=0xe2), Some(b), Some(d)) => letter(&[a, b, d]).map(|c| (3, c)),
            // Only the closing quote loses its last byte.
            (Some(0xe2), Some(0x80), None) => Some((2, '”')),
            _ => None,
        };
        let fits: (usize, Vec<char>) = match (whole, byte(index), tail(index + 1)) {
            (None, Some(0xe1), Some(b @ (0xba | 0xbb))) => {
                (2, LOST.iter().filter_map(|d| letter(&[0xe1, b, *d])).collect())
            }
            (None, Some(a @ (0xc3 | 0xc4 | 0xc6)), None) => (1, LOST.iter().filter_map(|b| letter(&[a, *b])).collect()),
            _ => (0, Vec::new()),
        };
        let fits = (
            fits.0 + usize::from(lost(index + fits.0)),
            fits.1.into_iter().filter(|c| viqr(*c).is_some()).collect::<Vec<_>>(),
        );
        let (count, c, changed) = match (whole, fits.1.first()) {
            (Some((count, c)), _) => (count, c, true),
            (None, Some(c)) => (fits.0, *c, true),
            (None, None) => (1, c, false),
        };
        if whole.is_none() && changed {
            cuts.push((pieces.len(), fits.1));
        }
        let alien = !changed && !c.is_ascii() && c.is_alphabetic();
        pieces.push(Piece { start, end: end_of(index + count), c, changed, alien });
        index += count;
    }
    if cuts.is_empty() { Vec::new() } else { settle(pieces, &cuts) }
}

/// Chooses the letters of cut sequences, one after the other, by what the stretch then costs.
fn settle(pieces: &mut [Piece], cuts: &[(usize, Vec<char>)]) -> Vec<String> {
    let mut rivals = Vec::new();
    for (at, fits) in cuts {
        let mut ranked: Vec<(f32, char)> = fits
            .iter()
            .map(|c| {
                pieces[*at].c = *c;
                let reads: Vec<Read> = pieces.iter().map(Piece::read).collect();
                (score::cost(&reads), *c)
            })
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (cost, c) in ranked.iter().skip(1).take(2) {
            if *cost < ranked[0].0 + 8.0 {
                pieces[*at].c = *c;
                rivals.push(pieces.iter().map(|piece| piece.c).collect());
            }
        }
        pieces[*at].c = ranked[0].1;
    }
    rivals
}

/// What a program that takes UTF-8 for Windows-1252 shows.
pub(super) fn encode(text: &str) -> String {
    text.bytes().map(char_of).collect()
}
