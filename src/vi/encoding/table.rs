//! `dictionaries/encodings.tsv`: how each letter is written in each encoding, ready for both ways.

use std::collections::HashMap;
use std::sync::LazyLock;

use encoding_rs::WINDOWS_1252;

use crate::text::Encoding;

/// One 8-bit encoding.
#[derive(Debug)]
pub(super) struct Table {
    /// The letter of each byte by itself; NUL where there is none.
    pub(super) single: [char; 256],
    /// Letters of two bytes.
    pub(super) pairs: HashMap<[u8; 2], char>,
    /// How each letter is written.
    pub(super) forms: HashMap<char, Vec<u8>>,
}

struct Tables {
    bytes: Vec<(Encoding, Table)>,
    viqr: HashMap<char, &'static str>,
}

/// The order of the columns.
const COLUMNS: [Encoding; 6] =
    [Encoding::Tcvn3, Encoding::Tcvn5712, Encoding::Vni, Encoding::Viscii, Encoding::Vps, Encoding::Windows1258];

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let empty = |encoding| (encoding, Table { single: ['\0'; 256], pairs: HashMap::new(), forms: HashMap::new() });
    let mut tables = Tables { bytes: COLUMNS.into_iter().map(empty).collect(), viqr: HashMap::new() };
    let text = include_str!("../../../dictionaries/encodings.tsv");
    for line in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let mut cells = line.split('\t');
        let Some(letter) = cells.next().and_then(|cell| cell.chars().next()) else { continue };
        for ((_, table), cell) in tables.bytes.iter_mut().zip(cells.by_ref()) {
            for (index, form) in cell.split('|').filter(|form| *form != "-").enumerate() {
                let bytes: Vec<u8> = form
                    .as_bytes()
                    .chunks(2)
                    .filter_map(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
                    .collect();
                match bytes[..] {
                    [byte] => table.single[usize::from(byte)] = letter,
                    [a, b] => {
                        table.pairs.insert([a, b], letter);
                    }
                    _ => {}
                }
                if index == 0 {
                    table.forms.insert(letter, bytes);
                }
            }
        }
        if let Some(form) = cells.next().and_then(|cell| cell.split('|').next()) {
            tables.viqr.insert(letter, form);
        }
    }
    tables
});

/// The table of an encoding of bytes; none for [`Encoding::Viqr`] and [`Encoding::Utf8Twice`].
pub(super) fn table(encoding: Encoding) -> Option<&'static Table> {
    TABLES.bytes.iter().find(|(of, _)| *of == encoding).map(|(_, table)| table)
}

/// How VIQR writes a letter.
pub(super) fn viqr(letter: char) -> Option<&'static str> {
    TABLES.viqr.get(&letter).copied()
}

/// What Windows-1252 shows for 80 to 9F.
static HIGH: LazyLock<[char; 32]> = LazyLock::new(|| std::array::from_fn(|at| char_of(0x80 + at as u8)));

/// The byte that was shown as `c` by a program which knew Windows-1252 or Latin-1 only.
pub(super) fn byte_of(c: char) -> Option<u8> {
    let code = u32::from(c);
    if code < 0x100 {
        return Some(code as u8);
    }
    match c {
        // Fonts of PDFs name these two by the Greek letter and the mathematical sign.
        'μ' => return Some(0xb5),
        '∙' | '⋅' => return Some(0xb7),
        _ => {}
    }
    // The window of code points first: nearly every Vietnamese letter lies outside.
    if !(0x152..=0x192).contains(&code) && !(0x2c6..=0x2dc).contains(&code) && !(0x2013..=0x2122).contains(&code) {
        return None;
    }
    HIGH.iter().position(|high| *high == c).map(|at| 0x80 + at as u8)
}

/// The character that Windows-1252 shows for a byte; where it has none, the control code.
pub(super) fn char_of(byte: u8) -> char {
    if byte.is_ascii() {
        return char::from(byte);
    }
    let bytes = [byte];
    WINDOWS_1252.decode_without_bom_handling(&bytes).0.chars().next().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_written_by_every_full_encoding() {
        for encoding in COLUMNS {
            let table = table(encoding).unwrap();
            let letters = table.forms.len();
            assert_eq!(letters, if encoding == Encoding::Tcvn3 { 74 } else { 134 }, "{}", encoding.name());
            for (letter, form) in &table.forms {
                let read = match form[..] {
                    [byte] => table.single[usize::from(byte)],
                    [a, b] => table.pairs[&[a, b]],
                    _ => panic!("{letter}: {form:?}"),
                };
                assert_eq!(read, *letter);
            }
        }
        assert_eq!(TABLES.viqr.len(), 134);
    }

    /// Well-known words in each, from published samples of the charts.
    #[test]
    fn letters_stand_where_the_charts_have_them() {
        let form = |encoding, letter: char| table(encoding).unwrap().forms[&letter].clone();
        assert_eq!(form(Encoding::Tcvn3, 'ệ'), [0xd6]);
        assert_eq!(form(Encoding::Tcvn5712, 'Ệ'), [0x8c]);
        assert_eq!(form(Encoding::Vni, 'ế'), *b"e\xe1");
        assert_eq!(form(Encoding::Viscii, 'ệ'), [0xae]);
        assert_eq!(form(Encoding::Vps, 'đ'), [0xc7]);
        assert_eq!(form(Encoding::Windows1258, 'ế'), [0xea, 0xec]);
        assert_eq!(viqr('Ự'), Some("U+."));
    }
}
