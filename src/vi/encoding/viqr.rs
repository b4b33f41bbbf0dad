//! VIQR (RFC 1456): marks typed after the letter, `Vie^.t Nam`, in plain ASCII.

use unicode_normalization::UnicodeNormalization;

use super::Piece;
use super::score;
use super::table::viqr;

/// The combining mark of the shape that a sign gives a letter: `a^`, `a(`, `o+`; `o*` is an old habit.
fn shape(letter: u8, sign: u8) -> Option<char> {
    match (letter | 0x20, sign) {
        (b'a' | b'e' | b'o', b'^') => Some('\u{302}'),
        (b'a', b'(') => Some('\u{306}'),
        (b'o' | b'u', b'+' | b'*') => Some('\u{31b}'),
        _ => None,
    }
}

fn tone(sign: u8) -> Option<char> {
    match sign {
        b'\'' => Some('\u{301}'),
        b'`' => Some('\u{300}'),
        b'?' => Some('\u{309}'),
        b'~' => Some('\u{303}'),
        b'.' => Some('\u{323}'),
        _ => None,
    }
}

const fn is_vowel(byte: u8) -> bool {
    matches!(byte | 0x20, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// Whether a stretch could hold VIQR letters at all.
pub(super) fn has_marks(chunk: &str) -> bool {
    chunk.as_bytes().windows(2).any(|pair| {
        is_vowel(pair[0]) && (shape(pair[0], pair[1]).is_some() || tone(pair[1]).is_some())
            || pair[0] | 0x20 == b'd' && pair[1] | 0x20 == b'd'
            || pair[0] == b'\\' && pair[1].is_ascii_punctuation()
    })
}

/// Whether the text puts a backslash before signs that are not marks, as the standard wants: then
/// all others are.
pub(super) fn escapes(text: &str) -> bool {
    ["\\.", "\\?", "\\'", "\\("].iter().any(|sign| text.contains(sign))
}

/// Reads a stretch without white space. A sign after the last letter may be punctuation: unless
/// it is `firm`ly a mark, the commoner syllable decides, and the other reading is given back.
pub(super) fn decode(chunk: &str, firm: bool, pieces: &mut Vec<Piece>) -> Vec<String> {
    let bytes = chunk.as_bytes();
    let mut rivals = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let piece = |end, c| Piece { start: at, end, c, changed: true, alien: false };
        if byte == b'\\' && bytes.get(at + 1).is_some_and(|next| next.is_ascii_punctuation() || next | 0x20 == b'd') {
            pieces.push(piece(at + 2, char::from(bytes[at + 1])));
            at += 2;
            continue;
        }
        let row = bytes[at..].iter().take_while(|byte| **byte | 0x20 == b'd').count();
        // Of three the first stands alone: `GDDDT` is `GDĐT`.
        if row >= 2 && row % 2 == 0 {
            pieces.push(piece(at + 2, if byte == b'D' { 'Đ' } else { 'đ' }));
            at += 2;
            continue;
        }
        if is_vowel(byte) {
            let mut end = at + 1;
            let letter = char::from(byte);
            let shape = bytes.get(end).and_then(|sign| shape(byte, *sign));
            end += usize::from(shape.is_some());
            let mut c = join(letter, shape, None);
            if let Some(mark) = bytes.get(end).and_then(|sign| tone(*sign)) {
                let toned = join(letter, shape, Some(mark));
                if firm || !ends_word(bytes, end) || means_tone(chunk, at, end, c, toned) {
                    if !firm && end + 1 == bytes.len() && !matches!(bytes[end], b'`' | b'~') {
                        let before = pieces.iter().map(|piece| piece.c);
                        rivals.push(before.chain([c, char::from(bytes[end])]).collect());
                    }
                    (c, end) = (toned, end + 1);
                }
            }
            if end > at + 1 {
                pieces.push(piece(end, c));
                at = end;
                continue;
            }
        }
        let c = chunk[at..].chars().next().unwrap_or_default();
        pieces.push(Piece {
            start: at,
            end: at + c.len_utf8(),
            c,
            changed: false,
            alien: !c.is_ascii() && c.is_alphabetic(),
        });
        at += c.len_utf8();
    }
    rivals
}

/// A vowel with its marks as one letter.
fn join(letter: char, shape: Option<char>, tone: Option<char>) -> char {
    [letter].into_iter().chain(shape).chain(tone).nfc().next().unwrap_or(letter)
}

/// Whether no letter follows the sign at `at`.
fn ends_word(bytes: &[u8], at: usize) -> bool {
    // After a tone a full stop or a closing mark is punctuation, so only letters go on.
    !bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
}

/// Whether the sign at `end`, after the vowel at `at` and before no letter, is a tone and not a full
/// stop, a question mark or a quote.
fn means_tone(chunk: &str, at: usize, end: usize, plain: char, toned: char) -> bool {
    let bytes = chunk.as_bytes();
    // A second sign is the punctuation; these two are none.
    if matches!(bytes[end], b'`' | b'~') || bytes.get(end + 1).is_some_and(|next| b".?!,;:)/-\"'".contains(next)) {
        return true;
    }
    let from = chunk[..at].rfind(|c: char| c.is_ascii_digit() || "(\"/-,;:[".contains(c)).map_or(0, |at| at + 1);
    let mut before = Vec::new();
    decode(&chunk[from..at], true, &mut before);
    let bits = |last: char| {
        let word: String = before.iter().map(|piece| piece.c).chain([last]).flat_map(char::to_lowercase).collect();
        score::syllable(&word).unwrap_or(60.0)
    };
    // A mark is likelier than a full stop, and much likelier than a question mark or a quote, in bits.
    let handicap = match bytes[end] {
        b'.' => -1.0,
        b'?' => -5.0,
        _ => -6.0,
    };
    bits(toned) + handicap < bits(plain)
}

/// Writes text in VIQR, with a backslash before signs that would be read as marks.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    let mut before: Option<char> = None;
    for c in text.chars() {
        let mark = u8::try_from(u32::from(c)).unwrap_or(0);
        let joins = before.is_some_and(|before| {
            let base = crate::vi::fold::fold_char(before);
            let vowel = is_vowel(base as u8) && base.is_ascii();
            vowel && (shape(base as u8, mark).is_some() || tone(mark).is_some())
                || base == 'd' && c.eq_ignore_ascii_case(&'d')
        });
        if c == '\\' || joins {
            out.push('\\');
        }
        match viqr(c) {
            Some(form) => out.push_str(form),
            None => out.push(c),
        }
        before = Some(c);
    }
    out
}
