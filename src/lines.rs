//! Words with places on a page into lines in reading order.
//!
//! Both sources of placed words, the glyphs of a PDF and the words of an OCR engine, come through
//! here, so that a letterhead reads the same whichever it was. Words whose baselines agree form a
//! segment, up to a gap much wider than a space; segments that stand side by side form one line,
//! parted by a column gap. That keeps the two halves of a letterhead (issuer left, quốc hiệu
//! right) and the cells of a table row together. It knows no formats, engines or words.

use crate::document::{Doubt, Rect, Token};

/// A word and where it stands. Lengths are in any one unit; y grows downwards.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Its characters.
    pub text: String,
    /// Its box in the page's unit, handed on untouched.
    pub bbox: Rect,
    /// Left edge on the straightened page.
    pub left: f32,
    /// Right edge on the straightened page.
    pub right: f32,
    /// Height of its baseline on the straightened page.
    pub baseline: f32,
    /// Font size (em).
    pub size: f32,
    /// 0 to 1.
    pub confidence: f32,
    /// The block that the reader put it in; words of different blocks are in different columns
    /// unless they nearly touch. Always 0 where the reader knows no blocks.
    pub block: u32,
    /// Letters that could be others, handed on untouched.
    pub doubts: Vec<Doubt>,
}

/// Words on one baseline without a wide gap between them.
#[derive(Debug)]
struct Segment {
    pieces: Vec<Piece>,
    left: f32,
    right: f32,
    baseline: f32,
    size: f32,
}

impl Segment {
    fn new(pieces: Vec<Piece>) -> Option<Self> {
        let left = pieces.iter().map(|piece| piece.left).min_by(f32::total_cmp)?;
        let right = pieces.iter().map(|piece| piece.right).max_by(f32::total_cmp)?;
        let count = pieces.len() as f32;
        let baseline = pieces.iter().map(|piece| piece.baseline).sum::<f32>() / count;
        let size = pieces.iter().map(|piece| piece.size).sum::<f32>() / count;
        Some(Self { pieces, left, right, baseline, size })
    }

    /// Whether the two could be read as one line: side by side, and half of the lower one's
    /// height in common.
    fn beside(&self, other: &Self) -> bool {
        let top = (self.baseline - 0.75 * self.size).max(other.baseline - 0.75 * other.size);
        let bottom = (self.baseline + 0.2 * self.size).min(other.baseline + 0.2 * other.size);
        let slack = 0.2 * self.size.min(other.size);
        bottom - top >= 0.5 * 0.95 * self.size.min(other.size)
            && (self.right <= other.left + slack || other.right <= self.left + slack)
    }
}

/// Brings words into lines, top to bottom, each from left to right.
pub(crate) fn arrange(pieces: Vec<Piece>) -> Vec<Vec<Token>> {
    let mut rows = rows(pieces.into_iter().filter_map(clean).collect());
    let leads: Vec<bool> = (0..rows.len()).map(|index| stands_right(&rows, index)).collect();
    rows.drain(..)
        .zip(leads)
        .map(|(row, lead)| {
            let mut tokens = Vec::new();
            let mut end: Option<(f32, f32)> = None;
            for segment in row {
                let gap = end.map_or(lead, |(right, size)| segment.left - right > 0.9 * size.min(segment.size));
                end = Some((segment.right, segment.size));
                for (place, piece) in segment.pieces.into_iter().enumerate() {
                    tokens.push(Token {
                        text: piece.text,
                        bbox: Some(piece.bbox),
                        confidence: piece.confidence,
                        after_gap: place == 0 && gap,
                        doubts: piece.doubts,
                        readings: Vec::new(),
                    });
                }
            }
            tokens
        })
        .collect()
}

/// Refuses places that cannot be sorted or compared.
fn clean(piece: Piece) -> Option<Piece> {
    let numbers = [piece.left, piece.right, piece.baseline, piece.size];
    (numbers.iter().all(|number| number.is_finite()) && piece.size > 0.0 && !piece.text.is_empty()).then_some(piece)
}

fn rows(pieces: Vec<Piece>) -> Vec<Vec<Segment>> {
    let mut rows: Vec<Vec<Segment>> = Vec::new();
    for segment in segments(pieces) {
        // Only the last rows can share a height with this one; a table has some dozen cells a row.
        let home = rows
            .iter_mut()
            .rev()
            .take(12)
            .filter(|row| row.iter().all(|other| segment.beside(other)))
            .min_by(|a, b| distance(a, &segment).total_cmp(&distance(b, &segment)));
        match home {
            Some(row) => row.push(segment),
            None => rows.push(vec![segment]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    rows
}

fn distance(row: &[Segment], segment: &Segment) -> f32 {
    row.iter().map(|other| (other.baseline - segment.baseline).abs()).fold(f32::MAX, f32::min)
}

/// Segments in the order of their baselines.
fn segments(mut pieces: Vec<Piece>) -> Vec<Segment> {
    pieces.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut segments = Vec::new();
    let mut line: Vec<Piece> = Vec::new();
    let mut mean = 0.0;
    for piece in pieces {
        let same = line.last().is_some_and(|last| {
            let size = piece.size.min(last.size);
            (piece.baseline - mean).abs() <= 0.25 * size && last.size.max(piece.size) <= 1.6 * size
        });
        if !same {
            cut(std::mem::take(&mut line), &mut segments);
            mean = piece.baseline;
        }
        line.push(piece);
        mean += (line.last().map_or(mean, |last| last.baseline) - mean) / line.len() as f32;
    }
    cut(line, &mut segments);
    segments.sort_by(|a: &Segment, b| a.baseline.total_cmp(&b.baseline));
    segments
}

/// Cuts the words of one baseline at the wide gaps.
fn cut(mut line: Vec<Piece>, segments: &mut Vec<Segment>) {
    line.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut gaps: Vec<f32> =
        line.windows(2).map(|pair| pair[1].left - pair[0].right).filter(|gap| *gap > 0.0).collect();
    gaps.sort_by(f32::total_cmp);
    let size = line.iter().map(|piece| piece.size).fold(0.0, f32::max);
    // In a justified line every space is stretched alike; the lower quartile shows by how much.
    // Few gaps show nothing: the only one may be the gap between two columns.
    let space = gaps.get(gaps.len() / 4).copied().unwrap_or_default().max(0.25 * size);
    let space = if gaps.len() <= 3 { space.min(0.4 * size) } else { space };
    let mut part: Vec<Piece> = Vec::new();
    for piece in line {
        if let Some(last) = part.last() {
            let gap = piece.left - last.right;
            let wide = if last.block == piece.block { gap > 0.9 * size && gap > 2.2 * space } else { gap > 0.6 * size };
            let marked = part.len() == 1 && is_marker(&last.text) && gap < 4.0 * size;
            if wide && !marked {
                segments.extend(Segment::new(std::mem::take(&mut part)));
            }
        }
        part.push(piece);
    }
    segments.extend(Segment::new(part));
}

/// Whether the word is what stands before an item of a list (`-`, `1.`, `a)`, `II.`), where the
/// gap after it is a tabulator stop and not a column.
fn is_marker(text: &str) -> bool {
    let core = text.trim_start_matches('(').trim_end_matches(['.', ')', '/']);
    if core.is_empty() || core == text {
        return matches!(text, "-" | "–" | "—" | "+" | "*" | "•" | "·" | "o");
    }
    core.chars().count() <= 4 && core.chars().all(|c| c.is_alphanumeric() || c == '.')
}

/// Whether a line belongs to a right-hand column whose left-hand neighbour is on another line:
/// it starts in the right part of the page, and a line just above or below ends before it, or
/// has a column of its own there.
fn stands_right(rows: &[Vec<Segment>], index: usize) -> bool {
    let Some(first) = rows[index].first() else { return false };
    let all = || rows.iter().flatten();
    let left = all().map(|segment| segment.left).fold(f32::MAX, f32::min);
    let right = all().map(|segment| segment.right).fold(f32::MIN, f32::max);
    if first.left < left + 0.4 * (right - left) {
        return false;
    }
    let near = rows[index.saturating_sub(2)..].iter().take(5);
    near.filter(|row| row.iter().all(|other| !std::ptr::eq(other, first))).any(|row| {
        row.iter().all(|other| (other.baseline - first.baseline).abs() < 1.6 * first.size)
            && row.first().is_some_and(|other| other.right < first.left - first.size)
            && row.iter().skip(1).all(|other| other.left < first.right && first.left < other.right)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of 10 units' font size, half an em a letter, at (x, baseline).
    fn lines(words: &[(&str, f32, f32)]) -> Vec<String> {
        sized(&words.iter().map(|(text, x, y)| (*text, *x, *y, 10.0)).collect::<Vec<_>>())
    }

    fn sized(words: &[(&str, f32, f32, f32)]) -> Vec<String> {
        let piece = |&(text, left, baseline, size): &(&str, f32, f32, f32)| Piece {
            text: text.into(),
            bbox: Rect::default(),
            left,
            right: left + 0.5 * size * text.chars().count() as f32,
            baseline,
            size,
            confidence: 1.0,
            block: 0,
            doubts: Vec::new(),
        };
        let line = |tokens: Vec<Token>| {
            let mut line = String::new();
            for token in tokens {
                line.push_str(if token.after_gap {
                    "\t"
                } else if line.is_empty() {
                    ""
                } else {
                    " "
                });
                line.push_str(&token.text);
            }
            line
        };
        arrange(words.iter().map(piece).collect()).into_iter().map(line).collect()
    }

    #[test]
    fn words_come_out_in_reading_order_whatever_order_they_were_drawn_in() {
        assert_eq!(lines(&[("ba", 0.0, 30.0), ("hai", 18.0, 10.0), ("một", 0.0, 10.5)]), ["một hai", "ba"]);
    }

    #[test]
    fn the_halves_of_a_letterhead_share_a_line_even_a_little_off() {
        let words = [
            ("UBND", 0.0, 10.0, 12.0),
            ("CỘNG", 200.0, 11.5, 13.0),
            ("HÒA", 236.0, 11.5, 13.0),
            ("SỞ", 5.0, 25.0, 12.0),
            ("Độc", 210.0, 27.5, 13.0),
            ("lập", 233.0, 27.5, 13.0),
        ];
        assert_eq!(sized(&words), ["UBND\tCỘNG HÒA", "SỞ\tĐộc lập"]);
    }

    #[test]
    fn a_right_column_between_two_lines_of_the_left_one_keeps_its_tab() {
        let words = [("- Như trên;", 0.0, 10.0, 11.0), ("KT.", 300.0, 19.0, 13.0), ("- Lưu: VT.", 0.0, 28.0, 11.0)];
        assert_eq!(sized(&words), ["- Như trên;", "\tKT.", "- Lưu: VT."]);
    }

    #[test]
    fn stretched_spaces_of_a_justified_line_are_not_columns() {
        let words: Vec<_> = (0_u8..8).map(|i| ("chữ", f32::from(i) * 28.0, 10.0)).collect();
        assert_eq!(lines(&words), ["chữ chữ chữ chữ chữ chữ chữ chữ"]);
    }

    #[test]
    fn the_stop_after_an_item_marker_is_not_a_column_but_a_table_number_is() {
        assert_eq!(lines(&[("1.", 0.0, 10.0), ("Mục", 30.0, 10.0)]), ["1. Mục"]);
        assert_eq!(lines(&[("a)", 0.0, 10.0), ("Mục", 30.0, 10.0)]), ["a) Mục"]);
        assert_eq!(lines(&[("1", 0.0, 10.0), ("Mục", 30.0, 10.0)]), ["1\tMục"]);
    }

    /// Glued to the number it would make another number.
    #[test]
    fn a_raised_footnote_mark_stays_apart_from_the_number_before_it() {
        assert_eq!(sized(&[("12", 0.0, 20.0, 10.0), ("3", 10.0, 16.5, 6.0)]), ["12 3"]);
    }

    #[test]
    fn places_that_are_not_numbers_are_left_out() {
        assert_eq!(lines(&[("x", f32::NAN, 1.0), ("y", 0.0, f32::INFINITY), ("z", 0.0, 1.0)]), ["z"]);
    }
}
