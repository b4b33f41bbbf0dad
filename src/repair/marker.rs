//! Letters of lists: a, b, c, d, đ, e. Where marks are lost, the second `d)` in a row was a `đ)`.

use super::strength::Shares;
use crate::model::channel::CLEAN;
use crate::text::{Edit, Span, Why};

/// A line that is clean to this share says what it means.
const CLEAN_ENOUGH: f32 = 0.9;

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
