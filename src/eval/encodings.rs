//! How well old encodings are told and undone: clean texts are written in every encoding, as bytes
//! and as what Windows-1252 shows of them, read back, and compared letter for letter.
//!
//! Characters outside of a code page are left out, and letters that TCVN3 has in small only may come
//! back small. Pieces of some 200 characters show whether short texts are told: one is if most of its
//! conversions name the encoding or, two code pages being the same there, 99.5 % of its letters are
//! right. The clean texts themselves must give no conversion.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::text::{Edit, Text, Why};
use crate::vi::encoding::{Encoding, edits, encode, express, guess, misread};

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Those that are right.
    pub right: usize,
    /// All.
    pub total: usize,
}

impl Share {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.total += other.total;
    }

    fn is_told(self) -> Self {
        Self { right: usize::from(self.right * 1000 >= self.total * 995), total: 1 }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            0 => f.pad("–"),
            total => f.pad(&format!("{:.3}", 100.0 * self.right as f64 / total as f64)),
        }
    }
}

/// One encoding over a set of texts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EncodingRow {
    /// Its name.
    pub name: String,
    /// Letters that came back from what Windows-1252 shows of the bytes.
    pub shown: Share,
    /// Letters that came back from the bytes; none for encodings that are no bytes.
    pub bytes: Share,
    /// Short texts that were told, as shown.
    pub shown_pieces: Share,
    /// Short texts of which 99.5 % of the letters came back from what is shown.
    pub shown_right: Share,
    /// Short texts that were told, as bytes.
    pub byte_pieces: Share,
}

/// Every encoding over a set of texts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EncodingReport {
    /// One row for each encoding.
    pub rows: Vec<EncodingRow>,
    /// Decomposed text that came back composed.
    pub decomposed: Share,
    /// Conversions in the clean texts, which should be none.
    pub alarms: usize,
    /// Texts left out since they are not clean Unicode (letters of a broken font).
    pub left_out: usize,
}

/// Measures over clean texts.
pub fn measure(texts: &[String]) -> EncodingReport {
    let broken = |text: &&String| text.contains(|c| matches!(c, '\u{1}'..='\u{8}' | '\u{400}'..='\u{4ff}'));
    let mut report = EncodingReport { left_out: texts.iter().filter(broken).count(), ..EncodingReport::default() };
    let mut clean = Vec::new();
    for text in texts.iter().filter(|text| !broken(text)) {
        report.alarms += edits(text).iter().filter(|edit| edit.why != Why::Unicode).count();
        clean.push(fixed(&text.replace("\r\n", "\n")));
    }
    report.rows = Encoding::all().into_iter().map(|encoding| round_trip(encoding, &clean)).collect();
    for text in &clean {
        report.decomposed.add(compare(Encoding::Utf8Twice, text, &fixed(&text.nfd().collect::<String>())));
    }
    report
}

fn fixed(text: &str) -> String {
    Text::new(text.to_owned(), edits(text)).fixed().to_owned()
}

fn round_trip(encoding: Encoding, texts: &[String]) -> EncodingRow {
    let mut row = EncodingRow { name: encoding.name().to_owned(), ..EncodingRow::default() };
    let from_shown = |text: &str| misread(encoding, text).map(|shown| fixed(&shown)).unwrap_or_default();
    let from_bytes = |text: &str| {
        let guess = encode(encoding, text).and_then(|bytes| guess(&bytes));
        guess.map(|guess| fixed(&guess.text)).unwrap_or_default()
    };
    let has_bytes = !matches!(encoding, Encoding::Viqr | Encoding::Utf8Twice);
    for text in texts {
        let can = |c: &char| *c == '?' || express(encoding, &c.to_string()) != "?";
        let truth: String = text.chars().filter(can).collect();
        let nearest = express(encoding, &truth);
        row.shown.add(compare(encoding, &truth, &from_shown(&nearest)));
        if has_bytes {
            row.bytes.add(compare(encoding, &truth, &from_bytes(&nearest)));
        }
        for piece in pieces(&truth) {
            let nearest = express(encoding, &piece);
            let right = compare(encoding, &piece, &from_shown(&nearest)).is_told();
            row.shown_right.add(right);
            let named = misread(encoding, &nearest).is_some_and(|shown| names(encoding, &edits(&shown)));
            row.shown_pieces.add(Share { right: right.right.max(usize::from(named)), total: 1 });
            if has_bytes {
                row.byte_pieces.add(compare(encoding, &piece, &from_bytes(&nearest)).is_told());
            }
        }
    }
    row
}

/// Whether most conversions name the encoding.
fn names(encoding: Encoding, edits: &[Edit]) -> bool {
    let conversions = || edits.iter().filter(|edit| matches!(edit.why, Why::Encoding(_)));
    let ours = conversions().filter(|edit| edit.why == Why::Encoding(encoding)).count();
    ours * 2 > conversions().count()
}

/// Right letters and all letters, line by line: a line of another length has none right.
fn compare(encoding: Encoding, truth: &str, read: &str) -> Share {
    let lacks = |c: char| express(encoding, &c.to_string()) != c.to_string();
    let right = |t: char, r: char| t == r || lacks(t) && t.to_lowercase().eq(r.to_lowercase());
    let of_line = |t: &str, r: &str| {
        if t.chars().count() == r.chars().count() {
            t.chars().zip(r.chars()).filter(|(t, r)| right(*t, *r)).count() + 1
        } else {
            0
        }
    };
    Share {
        right: truth.lines().zip(read.lines()).map(|(t, r)| of_line(t, r)).sum(),
        total: truth.lines().map(|line| line.chars().count() + 1).sum(),
    }
}

/// Whole lines of 200 characters together, of which four in five are letters.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for line in text.lines() {
        piece.push_str(line);
        piece.push('\n');
        if piece.chars().filter(|c| c.is_alphabetic()).count() >= 160 {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces
}

impl fmt::Display for EncodingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Old encodings: letters right after a round trip, and texts of 200 letters told, in %\n")?;
        writeln!(
            f,
            "{:<16} {:>12} {:>12} {:>12} {:>12} {:>12}",
            "", "as text", "as bytes", "told, text", "right, text", "told, bytes"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "{:<16} {:>12} {:>12} {:>12} {:>12} {:>12}",
                row.name, row.shown, row.bytes, row.shown_pieces, row.shown_right, row.byte_pieces
            )?;
        }
        writeln!(f, "{:<16} {:>12}", "decomposed", self.decomposed)?;
        writeln!(f, "\nconversions in the clean texts: {}; texts left out as not clean: {}", self.alarms, self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_comes_back() {
        let line = "Ủy ban nhân dân tỉnh yêu cầu các sở, ban, ngành tổ chức thực hiện nghiêm túc Quyết định này.\n";
        let report = measure(&[line.repeat(4)]);
        for row in &report.rows {
            assert_eq!((row.shown.right, row.bytes.right), (row.shown.total, row.bytes.total), "{}", row.name);
        }
        assert_eq!((report.alarms, report.decomposed.right), (0, report.decomposed.total));
    }
}
