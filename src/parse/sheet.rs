//! A text as lines and columns.
//!
//! Turns a text into cells: what stands by itself on a line, because a tab, a table bar or a run of
//! spaces parts it from the rest. The pages that these texts come from are laid out in two columns
//! at head and foot, and every way of getting text out of a page flattens them differently. Knows
//! lines and gaps, not what stands in them, except that blanks to be filled in ("ngày    tháng",
//! "Số:    /KH") are no gaps.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::folded::Folded;
use crate::text::Span;

/// A text cut into lines and cells.
#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// The whole of it, folded.
    pub(crate) folded: Folded,
    /// Cells in the order of the text.
    pub(crate) cells: Vec<Cell>,
    /// The cells of each line; empty for a blank line.
    pub(crate) lines: Vec<Range<usize>>,
}

/// One column of one line, or a whole line; without the blanks and Markdown marks around it.
///
/// Invariant: `from < to`, both offsets of the folded text; nothing but a line feed parts lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Its line, counted from zero.
    pub(crate) line: usize,
    /// First byte in the folded text.
    pub(crate) from: usize,
    /// One past the last.
    pub(crate) to: usize,
}

/// What a blank to be filled in stands after and before; a gap there parts no columns.
static BLANK: LazyLock<(Regex, Regex)> = LazyLock::new(|| {
    (
        folded_expression(r"(?:^|[\x00-\x60])(?:so|s6|ngay|thang|nam|ngay thang) ?[:.]?$"),
        folded_expression(r"^(?:/|-[a-z]|thang\b|nam\b)"),
    )
});

impl<'a> Sheet<'a> {
    /// Cuts `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        let folded = Folded::of(text);
        let mut sheet = Self { text, folded, cells: Vec::new(), lines: Vec::new() };
        let whole = std::mem::take(&mut sheet.folded);
        let mut start = 0;
        for line in whole.text().split('\n') {
            sheet.cut(&whole, start, line);
            start += line.len() + 1;
        }
        sheet.folded = whole;
        sheet
    }

    fn cut(&mut self, folded: &Folded, start: usize, line: &str) {
        let first = self.cells.len();
        let bytes = line.as_bytes();
        let number = self.lines.len();
        let mut from = 0;
        let mut at = 0;
        while at < bytes.len() {
            let gap = match bytes[at] {
                b'\t' | b'|' => 1,
                b' ' => {
                    let run = bytes[at..].iter().take_while(|byte| **byte == b' ').count();
                    let blank =
                        run < 3 || BLANK.0.is_match(line[from..at].trim_start()) || BLANK.1.is_match(&line[at + run..]);
                    if blank {
                        at += run;
                        continue;
                    }
                    run
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            self.push(folded, number, start + from, start + at);
            at += gap;
            from = at;
        }
        self.push(folded, number, start + from, start + bytes.len());
        self.lines.push(first..self.cells.len());
    }

    fn push(&mut self, folded: &Folded, line: usize, from: usize, to: usize) {
        let (mut from, mut to) = (from, to);
        let text = folded.text();
        loop {
            let part = &text[from..to];
            let lead = part.len() - part.trim_start().len();
            let trail = part.len() - part.trim_end().len();
            if lead == part.len() {
                return;
            }
            (from, to) = (from + lead, to - trail);
            let part = &text[from..to];
            if part.starts_with("**") || part.starts_with("__") {
                from += 2;
            } else if part.starts_with('#') || part.starts_with('>') {
                from += 1;
            } else if part.ends_with("**") || part.ends_with("__") {
                to -= 2;
            } else if part.len() > 2 && part.starts_with('_') && part.ends_with('_') {
                from += 1;
                to -= 1;
            } else {
                break;
            }
            if from >= to {
                return;
            }
        }
        self.cells.push(Cell { line, from, to });
    }

    /// The cell's folded text.
    pub(crate) fn fold(&self, cell: Cell) -> &str {
        &self.folded.text()[cell.from..cell.to]
    }

    /// Its place in the text.
    pub(crate) fn span(&self, cell: Cell) -> Span {
        self.folded.span(cell.from, cell.to)
    }

    /// The cell as printed.
    pub(crate) fn raw(&self, cell: Cell) -> &'a str {
        let span = self.span(cell);
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Whether the cell stands in capitals: four letters in five at least, and two letters.
    pub(crate) fn caps(&self, cell: Cell) -> bool {
        is_caps(self.raw(cell))
    }

    /// The cells of a line.
    pub(crate) fn line(&self, line: usize) -> &[Cell] {
        self.lines.get(line).map_or(&[], |cells| &self.cells[cells.clone()])
    }

    /// Whether a line holds no letter and no digit: blank, or a rule.
    pub(crate) fn is_empty(&self, line: usize) -> bool {
        self.line(line).iter().all(|cell| is_rule(self.fold(*cell)))
    }

    /// Parts a cell at two offsets of the folded text, so that what lies between is a cell of its
    /// own.
    pub(crate) fn part(&mut self, cell: usize, from: usize, to: usize) {
        let Cell { line, from: start, to: end } = self.cells[cell];
        let folded = std::mem::take(&mut self.folded);
        let tail = self.cells.split_off(cell + 1);
        self.cells.pop();
        for (from, to) in [(start, from), (from, to), (to, end)] {
            if from < to {
                self.push(&folded, line, from, to);
            }
        }
        let added = self.cells.len() - cell;
        self.cells.extend(tail);
        self.folded = folded;
        for (number, cells) in self.lines.iter_mut().enumerate().skip(line) {
            if number > line {
                cells.start = cells.start + added - 1;
            }
            cells.end = cells.end + added - 1;
        }
    }
}

/// Compiles an expression for folded text. Its classes are ASCII's, which makes it a fraction of the
/// size of one that knows all letters.
pub(crate) fn folded_expression(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .unicode(false)
        .build()
        .unwrap_or_else(|error| unreachable!("an expression in the source: {error}"))
}

/// Whether a folded cell is a rule: no letter and no digit.
pub(crate) fn is_rule(folded: &str) -> bool {
    !folded.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// Whether at least four letters in five are capitals, and two letters there are.
pub(crate) fn is_caps(text: &str) -> bool {
    let (mut upper, mut letters) = (0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        upper += usize::from(c.is_uppercase());
    }
    letters >= 2 && upper * 5 >= letters * 4
}

/// The text with each run of white space as one space, without Markdown emphasis.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let word = word.trim_matches('|').replace("**", "");
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    line
}

/// Where `words` stand in `line`, both folded, with some letters misread: the offsets and the
/// likeness from 0 to 1. None under `threshold`.
pub(crate) fn find_alike(line: &str, words: &str, threshold: f64) -> Option<(usize, usize, f64)> {
    let bounds: Vec<(usize, usize)> = tokens(line).collect();
    let count = tokens(words).count();
    let plain: String = words.split(' ').collect();
    let mut best: Option<(usize, usize, f64)> = None;
    let mut joined = String::with_capacity(plain.len() * 2);
    for first in 0..bounds.len() {
        for width in count.saturating_sub(1).max(1)..=count + 1 {
            let Some(last) = bounds.get(first + width - 1) else { break };
            joined.clear();
            for (from, to) in &bounds[first..first + width] {
                joined.push_str(&line[*from..*to]);
            }
            if joined.len().abs_diff(plain.len()) * 4 > plain.len() {
                continue;
            }
            let alike = strsim::normalized_levenshtein(&joined, &plain);
            if alike >= threshold && best.is_none_or(|(_, _, known)| alike > known) {
                best = Some((bounds[first].0, last.1, alike));
            }
        }
    }
    best
}

/// Offsets of the runs of letters and digits.
fn tokens(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + line[rest..].find(|c: char| c.is_ascii_alphanumeric())?;
        let end = start + line[start..].find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(line.len() - start);
        rest = end;
        Some((start, end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<&str> {
        let sheet = Sheet::new(text);
        sheet.cells.iter().map(|cell| sheet.raw(*cell)).collect()
    }

    #[test]
    fn columns_are_parted() {
        for (line, expected) in [
            ("SỞ NỘI VỤ\tCỘNG HÒA", vec!["SỞ NỘI VỤ", "CỘNG HÒA"]),
            ("UBND TỈNH |  |   CỘNG HOÀ", vec!["UBND TỈNH", "CỘNG HOÀ"]),
            ("   SỞ Y TẾ        Độc lập - Tự do", vec!["SỞ Y TẾ", "Độc lập - Tự do"]),
            (
                "Số:        /KH-SCT |  Hà Nội, ngày      tháng 7 năm 2026",
                vec!["Số:        /KH-SCT", "Hà Nội, ngày      tháng 7 năm 2026"],
            ),
            ("**Số: 850/QĐ-X**", vec!["Số: 850/QĐ-X"]),
            ("_Đốc Binh Kiều, ngày ... tháng 8_", vec!["Đốc Binh Kiều, ngày ... tháng 8"]),
            ("|", vec![]),
        ] {
            assert_eq!(cells(line), expected, "{line}");
        }
    }

    #[test]
    fn damaged_words_are_found() {
        let line = "thanh pho ho chi minh doc 14p - tu do - hanh phic";
        let (from, to, _) = find_alike(line, "doc lap tu do hanh phuc", 0.75).expect("misread, but there");
        assert_eq!(&line[from..to], "doc 14p - tu do - hanh phic");
        assert_eq!(find_alike("thong bao ket luan cua dong chi", "doc lap tu do hanh phuc", 0.75), None);
    }

    proptest::proptest! {
        /// Every letter and digit of the text is in exactly one cell.
        #[test]
        fn nothing_is_lost(text in "[a-zĐ \t|*_#\n-]{0,60}") {
            let sheet = Sheet::new(&text);
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let kept: String = sheet.cells.iter().map(|cell| letters(sheet.raw(*cell))).collect();
            proptest::prop_assert_eq!(kept, letters(&text));
        }
    }
}
