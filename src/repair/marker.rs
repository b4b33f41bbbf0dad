//! Marks at the start of lines. Letters of lists: a, b, c, d, đ, e; where marks are lost, the second
//! `d)` in a row was a `đ)`. And `V/v` (về việc), which opens the subject of a letter and whose slash
//! OCR reads as a letter.

use super::strength::Shares;
use crate::model::channel::CLEAN;
use crate::text::{Edit, Span, Why};

/// A line that is clean to this share says what it means.
const CLEAN_ENOUGH: f32 = 0.9;

/// What OCR makes of `V/v`.
const SUBJECT: [&str; 4] = ["Viv", "VIv", "Vlv", "Vív"];

/// Gives the slash back to `V/v` at the start of lines; edits of its letters make room.
pub(super) fn give_slashes(raw: &str, lines: &[Span], shares: &[Shares], edits: &mut Vec<Edit>) {
    for (span, shares) in lines.iter().zip(shares) {
        let line = span.of(raw);
        let text = line.trim_start();
        let Some(read) = SUBJECT.iter().find(|read| text.starts_with(**read)) else { continue };
        let goes_on = text[read.len()..].strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_lowercase));
        if !goes_on || shares[CLEAN] >= CLEAN_ENOUGH {
            continue;
        }
        let at = span.start() + line.len() - text.len();
        let raw = Span::at(at, at + read.len());
        let first = edits.partition_point(|other| other.raw.end() <= raw.start());
        let last = first + edits[first..].iter().take_while(|other| other.raw.start() < raw.end()).count();
        if edits[first..last].iter().all(|other| other.raw.end() <= raw.end()) {
            let rivals = vec![(*read).to_owned()];
            let edit = Edit { raw, new: "V/v".into(), why: Why::Confusion, confidence: 0.95, rivals };
            edits.splice(first..last, [edit]);
        }
    }
}

/// Adds an edit for each second `d` of a list; `edits` are in the order of the text and stay so.
pub(super) fn give_strokes(raw: &str, lines: &[Span], shares: &[Shares], edits: &mut Vec<Edit>) {
    let mut last = None;
    let mut found: Vec<Edit> = Vec::new();
    for (span, shares) in lines.iter().zip(shares) {
        let line = span.of(raw);
        let text = line.trim_start();
        let mut letters = text.chars();
        let (Some(letter), Some(mark)) = (letters.next(), letters.next()) else { continue };
        if !letter.is_lowercase() || !matches!(mark, ')' | '.') || !letters.next().is_none_or(char::is_whitespace) {
            continue;
        }
        if letter == 'd' && last == Some(('d', mark)) && shares[CLEAN] < CLEAN_ENOUGH {
            let at = span.start() + line.len() - text.len();
            let rivals = vec!["d".to_owned()];
            let raw = Span::at(at, at + 1);
            found.push(Edit { raw, new: "đ".into(), why: Why::Diacritic, confidence: 0.95, rivals });
        }
        last = Some((letter, mark));
    }
    for edit in found {
        let place = edits.partition_point(|other| other.raw.end() <= edit.raw.start());
        if edits.get(place).is_none_or(|other| other.raw.start() >= edit.raw.end()) {
            edits.insert(place, edit);
        }
    }
}
