//! Bytes of plain text into text, kept to the letter.
//!
//! UTF-8 and UTF-16 are told by their marks and by validity. Anything else is an old 8-bit
//! encoding, which nothing in the file names: the text is read in each (TCVN3, VNI, VISCII, VPS,
//! Windows-1258) and the one that spells common Vietnamese syllables wins, with a note. A file that
//! mixes them is read as Windows-1252, and repair sees to its passages.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258};

use crate::document::{Digest, Document, Format, Limits, from_text};
use crate::error::{Error, Result};
use crate::ingest::too_large;
use crate::text::Note;
use crate::vi::encoding;
use crate::vi::syllable::is_possible;

/// An encoding that explains a file by fewer bits than this more than the next is a guess.
const SURE: f32 = 40.0;

/// Reads a text file.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document> {
    if bytes.len() > limits.text_bytes {
        return Err(too_large("text", bytes.len() as u64, limits.text_bytes as u64));
    }
    let (text, note) = decode(bytes);
    if text.contains('\0') {
        return Err(Error::NotADocument("text with NUL characters".into()));
    }
    if Encoding::for_bom(bytes).is_some_and(|(encoding, _)| encoding != encoding_rs::UTF_8) && is_rubbish(&text) {
        return Err(Error::NotADocument("marked as UTF-16, but the text is not readable".into()));
    }
    let mut document = from_text(Digest::of(bytes), Format::Txt, line_ends(&text));
    document.notes.extend(note.map(Note::general));
    Ok(document)
}

/// The text of `bytes`, and what was odd about it.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<String>) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if !broken {
            return (text, None);
        }
        if encoding != encoding_rs::UTF_8 {
            return (text, Some(format!("some bytes are not valid {} and were replaced", encoding.name())));
        }
        return legacy(&bytes[mark..]);
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        return (Cow::Borrowed(text), None);
    }
    match utf16(bytes) {
        Some(encoding) => {
            let (text, broken) = encoding.decode_without_bom_handling(bytes);
            let note = broken.then(|| format!("some bytes are not valid {} and were replaced", encoding.name()));
            (text, note)
        }
        None => match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), None),
            Err(_) => legacy(bytes),
        },
    }
}

/// UTF-16 without a mark: line ends, spaces and digits have a zero byte, all on the same side.
pub(super) fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, units) = (zeros(0), zeros(1), head.len() / 2);
    let clear = |zeros: usize, others: usize| others == 0 && zeros * 5 > units;
    if !bytes.len().is_multiple_of(2) {
        None
    } else if clear(odd, even) {
        Some(UTF_16LE)
    } else if clear(even, odd) {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn legacy(bytes: &[u8]) -> (Cow<'_, str>, Option<String>) {
    // A few stray bytes in a UTF-8 file are damage, not another encoding.
    let lossy = String::from_utf8_lossy(bytes);
    let broken = lossy.matches('\u{fffd}').count();
    if broken * 20 < marked_words(&lossy) {
        let note = format!("{broken} broken UTF-8 sequences were replaced");
        return (lossy, Some(note));
    }
    let Some(guess) = encoding::guess(bytes) else {
        let text = WINDOWS_1252.decode_without_bom_handling(bytes).0;
        return (text, Some(format!("not UTF-8: read as {}, a guess", WINDOWS_1252.name())));
    };
    let doubt = if guess.margin < SURE { ", a guess" } else { "" };
    let capitals = if guess.encoding == encoding::Encoding::Tcvn3 {
        "; which words stood in a font of capitals cannot be told"
    } else {
        ""
    };
    let note = format!("not UTF-8: read as {}{doubt}{capitals}", guess.encoding.name());
    // Its tones are kept as marks of their own, as in the file.
    let text = if guess.encoding == encoding::Encoding::Windows1258 {
        WINDOWS_1258.decode_without_bom_handling(bytes).0
    } else {
        guess.text.into()
    };
    (text, Some(note))
}

/// Whether decoded text is noise: broken units, private and control characters in numbers, or no
/// letter and digit at all.
fn is_rubbish(text: &str) -> bool {
    let odd = |c: char| {
        matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{ffff}')
            || c.is_control() && !c.is_whitespace()
    };
    let (total, odd) = text.chars().fold((0, 0), |(total, count), c| (total + 1, count + usize::from(odd(c))));
    odd * 20 > total || !text.contains(char::is_alphanumeric)
}

fn marked_words(text: &str) -> usize {
    words(text).filter(|word| !word.is_ascii() && is_possible(word)).count()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphabetic() || c == '\u{fffd}' || crate::vi::fold::is_mark(c);
    text.split(move |c| !inside(c)).filter(|word| !word.is_empty()).take(20_000)
}

/// `\r\n` becomes `\n`; so does `\r` in a file that has no `\n`.
pub(super) fn line_ends(text: &str) -> String {
    if text.contains('\n') { text.replace("\r\n", "\n") } else { text.replace('\r', "\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(bytes: &[u8]) -> Document {
        read(bytes, &Limits::default()).unwrap()
    }

    const TEXT: &str = "Kế hoạch số 12/KH-UBND\nCăn cứ Nghị định";

    #[test]
    fn every_unicode_form_gives_the_same_text() {
        let units = |order: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
            let mark = mark.then_some('\u{feff}').into_iter();
            mark.chain(TEXT.chars()).collect::<String>().encode_utf16().flat_map(order).collect()
        };
        let files = [
            TEXT.as_bytes().to_vec(),
            ["\u{feff}", TEXT].concat().into_bytes(),
            units(u16::to_le_bytes, true),
            units(u16::to_be_bytes, true),
            units(u16::to_le_bytes, false),
            units(u16::to_be_bytes, false),
            TEXT.replace('\n', "\r\n").into_bytes(),
            TEXT.replace('\n', "\r").into_bytes(),
        ];
        for (index, file) in files.iter().enumerate() {
            let document = read_text(file);
            assert_eq!((index, document.raw.as_str(), document.notes.len()), (index, TEXT, 0));
        }
    }

    #[test]
    fn windows_1258_is_recognised_by_its_syllables() {
        // "Kế hoạch": ê, acute; a, dot below.
        let document = read_text(b"K\xea\xec hoa\xf2ch");
        assert_eq!(document.raw, "Kê\u{301} hoa\u{323}ch");
        assert!(document.notes[0].message.contains("windows-1258"), "{:?}", document.notes);
    }

    #[test]
    fn one_broken_byte_does_not_turn_a_utf_8_file_into_another_encoding() {
        let mut bytes = TEXT.repeat(20).into_bytes();
        let at = TEXT.find("12").unwrap();
        bytes[at] = 0xff;
        let document = read_text(&bytes);
        assert!(document.raw.starts_with("Kế hoạch số \u{fffd}2/KH"), "{}", document.raw);
        assert_eq!(document.notes.len(), 1);
    }

    #[test]
    fn nul_characters_and_too_long_texts_are_refused() {
        assert!(matches!(read(b"so 12\0 KH", &Limits::default()), Err(Error::NotADocument(_))));
        let limits = Limits { text_bytes: 3, ..Limits::default() };
        let error = read(b"long", &limits).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }));
        assert_eq!(error.to_string(), "text is 4 bytes, over the limit of 3 bytes");
    }

    #[test]
    fn noise_with_a_mark_of_utf_16_is_refused() {
        let noise = (0..600_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8);
        let files: [Vec<u8>; 4] = [
            [0xff, 0xfe].into_iter().chain(noise.clone()).collect(),
            [0xfe, 0xff].into_iter().chain(noise).collect(),
            b"\xff\xfe\x00\xd8\x00\xd8".to_vec(),
            b"\xff\xfe-\0-\0".to_vec(),
        ];
        for file in files {
            assert!(matches!(read(&file, &Limits::default()), Err(Error::NotADocument(_))), "{file:?}");
        }
    }
}
