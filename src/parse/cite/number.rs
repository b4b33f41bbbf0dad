//! Finds what has the grammar of a document number: `1927/KH-UBND`, `12-NQ/TU`, `122:2024/BGTVT`.
//!
//! Candidates come from the folded text; the original decides, since a code is told from a word
//! by its capitals. Knows the grammar and the codes of [`Facts`], not what the number is cited for.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::char::decompose_canonical;

use crate::facts::Facts;
use crate::key::DocNumber;
use crate::parse::date::expression;
use crate::parse::folded::Folded;
use crate::vi::fold::fold;

/// A number with its symbol, in bytes of the folded text.
#[derive(Clone, Debug)]
pub(super) struct Numbered {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) key: DocNumber,
    /// Other readings of a torn number.
    pub(super) rivals: Vec<DocNumber>,
    /// `QCVN` or `TCVN` before a standard.
    pub(super) standard: Option<&'static str>,
    pub(super) confidence: f32,
}

/// The number, its year if it has one, and the stroke before the symbol.
static STATE: LazyLock<Regex> =
    LazyLock::new(|| expression(r"([0-9]{1,6}(?:\.[0-9]{1,4})?[a-z]{0,2})(\s?/\s?(?:19|20)[0-9]{2})?\s?/\s{0,2}"));

static PARTY: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"([0-9]{1,5}[a-z]?)\s?-\s?(nq|ct|kl|q[dy]?d?i?|qdi|qc|tb|kh|ctr|ctrhd|hd|cv|bc|ttr|tt|da|pa|bb)\s?/\s?")
});

static STANDARD: LazyLock<Regex> =
    LazyLock::new(|| expression(r"\b(qcvn|tcvn)\s{0,2}([0-9]{1,5}(?:-[0-9]{1,2})?\s?:\s?(?:19|20)[0-9]{2})"));

/// Words in capitals that may follow a number after a dash, but are no codes.
const WORDS: [&str; 9] = ["ngay", "ve", "cua", "va", "nam", "quy", "sua", "ban", "cac"];

/// All numbers in `folded`, in order, none inside another.
pub(super) fn find_numbers(folded: &Folded, text: &str, facts: &Facts) -> Vec<Numbered> {
    let plain = folded.text();
    let mut found = Vec::new();
    for (expression, party) in [(&*PARTY, true), (&*STATE, false)] {
        let mut at = 0;
        while let Some(hit) = expression.captures_at(plain, at) {
            let Some(whole) = hit.get(0) else { break };
            at = whole.start() + 1;
            while plain.as_bytes().get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            if is_inside(plain, whole.start()) {
                continue;
            }
            if let Some(end) = symbol_end(folded, text, whole.end(), facts) {
                let from = whole.start();
                if party && !is_code(folded.span(from, whole.end()).of(text)) {
                    continue;
                }
                let Some(key) = read_key(folded, text, from, end) else { continue };
                found.push(Numbered { from, to: end, key, rivals: vec![], standard: None, confidence: 0.97 });
                at = end;
            }
        }
    }
    for hit in STANDARD.captures_iter(plain) {
        let (Some(kind), Some(number)) = (hit.get(1), hit.get(2)) else { continue };
        let mut end = number.end();
        if plain[end..].starts_with('/') {
            end = symbol_end(folded, text, end + 1, facts).unwrap_or(end);
        }
        let standard = Some(if kind.as_str() == "qcvn" { "QCVN" } else { "TCVN" });
        if let Some(key) = read_key(folded, text, number.start(), end) {
            let from = number.start();
            found.push(Numbered { from, to: end, key, rivals: vec![], standard, confidence: 0.95 });
        }
    }
    found.sort_by_key(|number| (number.from, usize::MAX - number.to));
    found.dedup_by(|next, kept| next.from < kept.to);
    for number in &mut found {
        rejoin_torn(number, folded, text);
    }
    found
}

/// Whether `at` lies inside a longer run of digits, letters or dotted numbers.
fn is_inside(plain: &str, at: usize) -> bool {
    let bytes = plain.as_bytes();
    let Some(before) = at.checked_sub(1).map(|at| bytes[at]) else { return false };
    if before.is_ascii_alphanumeric() || before == b'_' {
        return true;
    }
    // "Số:    /2026/QĐ-UBND", where the number was left blank.
    if plain[..at].trim_end_matches(' ').ends_with('/') {
        return true;
    }
    let further = at.checked_sub(2).map_or(b' ', |at| bytes[at]);
    matches!(before, b'/' | b'.' | b',' | b'-') && further.is_ascii_digit()
}

/// The number between `from` and `to`, without a footnote mark that was glued to its end.
fn read_key(folded: &Folded, text: &str, from: usize, to: usize) -> Option<DocNumber> {
    let printed = folded.span(from, to).of(text).replace(['⁄', '∕'], "/");
    DocNumber::parse(&printed)
}

/// Where the symbol that starts at `at` ends: codes joined by `-` or `/`, with or without spaces.
fn symbol_end(folded: &Folded, text: &str, at: usize, facts: &Facts) -> Option<usize> {
    let plain = folded.text();
    let mut end = code_end(folded, text, at, Joint::First, facts)?;
    loop {
        let rest = &plain[end..];
        let before = rest.len() - rest.trim_start_matches([' ', '\n']).len();
        let joint = rest[before..].chars().next().filter(|c| matches!(c, '-' | '/'));
        if joint.is_none() || before > 2 {
            break;
        }
        let tail = &rest[before + 1..];
        let after = tail.len() - tail.trim_start_matches([' ', '\n']).len();
        let joint = if before + after == 0 { Joint::Tight } else { Joint::Spaced };
        if after > 3 {
            break;
        }
        match code_end(folded, text, end + before + 1 + after, joint, facts) {
            Some(next) => end = next,
            None => break,
        }
    }
    Some(end)
}

/// How a code is joined to what stands before it.
#[derive(Clone, Copy, PartialEq)]
enum Joint {
    First,
    Tight,
    Spaced,
}

/// Where the code at `at` ends. None where a word stands instead.
fn code_end(folded: &Folded, text: &str, at: usize, joint: Joint, facts: &Facts) -> Option<usize> {
    let rest = &folded.text()[at.min(folded.text().len())..];
    let mut length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'&').count();
    if length == 0 || length > 24 {
        return None;
    }
    let plain = &rest[..length];
    let printed = folded.span(at, at + length).of(text);
    let capitals = printed.chars().filter(|c| c.is_uppercase()).count();
    let known = facts.agencies_by_code(plain).next().is_some();
    let digits = plain.bytes().all(|b| b.is_ascii_digit());
    if digits {
        // "93/CT-05"; "ngày 01/7-31/12" has no letters before it.
        // "497/QĐ/2007/QĐ-UBND": a year out of place.
        let year = length == 4 && matches!(&plain[..2], "19" | "20") && rest[length..].starts_with('/');
        return (joint == Joint::Tight && (length <= 3 || year)).then_some(at + length);
    }
    let accepted = is_code(printed)
        && match joint {
            Joint::First => {
                capitals >= 2
                    || known
                    || (capitals == 1 && (length == 1 || plain == "cty" || plain.bytes().any(|b| b.is_ascii_digit())))
            }
            Joint::Tight => capitals >= 1,
            Joint::Spaced => (capitals >= 2 || known) && !WORDS.contains(&plain),
        };
    let lower = capitals == 0 && (known || is_lower_symbol(plain)) && joint != Joint::Spaced;
    if !accepted && !lower {
        return None;
    }
    // A footnote mark glued to the code: "NĐ-CP2", "TT-BGTVT4", and "QH151" for the 15th term.
    let letters = plain.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let trailing = length - letters;
    if trailing > 0 && letters > 0 {
        let term = plain[..letters].ends_with("qh");
        let plain_code = facts.agencies_by_code(&plain[..letters]).next().is_some() && plain[..letters] != *"ct";
        if term && trailing > 2 {
            length = letters + 2;
        } else if !term && trailing <= 2 && plain_code {
            length = letters;
        }
    }
    Some(at + length)
}

/// Codes of types in text that was put into lower case: `12/qđ-ubnd`.
fn is_lower_symbol(plain: &str) -> bool {
    matches!(plain, "qd" | "nq" | "kh" | "tt" | "nd" | "ct" | "ttr" | "bc" | "tb" | "hd" | "ttlt")
}

/// Whether the letters can be a code: no tone marks, and not written like a word.
fn is_code(printed: &str) -> bool {
    !printed.chars().any(has_tone)
}

/// Whether a letter carries one of the five tones; codes have none.
fn has_tone(c: char) -> bool {
    let mut tone = false;
    decompose_canonical(c, |part| tone |= matches!(part, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'));
    tone
}

/// Puts the first digit back that a scan tore off: "số 1 25/2025/NĐ-CP", "số I 40/2025/NĐ-CP". The
/// number as it stands stays as a rival, and the confidence sends it to a person.
fn rejoin_torn(number: &mut Numbered, folded: &Folded, text: &str) {
    static TORN: LazyLock<Regex> = LazyLock::new(|| expression(r"\bs[o6e]\s?:?\s{1,2}([0-9]|i|l|j)\s$"));
    let start = number.from.saturating_sub(10);
    let Some(torn) = TORN.captures(&folded.text()[start..number.from]) else { return };
    let (digit, confidence) = match &torn[1] {
        "i" | "l" | "j" => ("1", 0.4),
        digit => (digit, 0.55),
    };
    let printed = read_key(folded, text, number.from, number.to);
    if let (Some(whole), Some(printed)) = (DocNumber::parse(&format!("{digit}{}", number.key)), printed) {
        number.key = whole;
        number.rivals.push(printed);
        number.confidence = confidence;
        number.from = start + torn.get(1).map_or(0, |piece| piece.start());
    }
}

/// The type that the symbol names, by its code: `KH` in `KH-UBND`, `QĐ` in `QĐ-TTg`.
pub(super) fn kind_by_symbol<'a>(symbol: &str, facts: &'a Facts) -> Option<&'a str> {
    let code = symbol.split(['-', '/']).next().unwrap_or_default();
    if let Some(kind) = facts.kind_by_code(code) {
        // A bare organ code such as TC or HĐ needs a second part to be a type.
        return (symbol.len() > code.len()).then_some(kind.name.as_str());
    }
    let folded = fold(code);
    let glued = fold(symbol);
    for (plain, name) in [("nd", "Nghị định"), ("qd", "Quyết định"), ("ttg", "Quyết định"), ("ttr", "Tờ trình")]
    {
        if folded == plain || (plain.len() == 2 && matches!(glued.strip_prefix(plain), Some("cp" | "ubnd" | "ttg"))) {
            return facts.kind_by_name(name).map(|kind| kind.name.as_str());
        }
    }
    if glued == "nqcp" || glued.starts_with("ubtvqh") {
        return facts.kind_by_name("Nghị quyết").map(|kind| kind.name.as_str());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<String> {
        let found = find_numbers(&Folded::of(text), text, Facts::builtin());
        found.iter().map(|number| number.key.to_string()).collect()
    }

    /// Text; the number in it.
    #[test]
    fn finds_every_shape() {
        for (text, expected) in [
            ("Kế hoạch số 1927/KH-UBND ngày", "1927/KH-UBND"),
            ("số 2417/ KH-SGDĐT ngày", "2417/KH-SGDĐT"),
            ("số: 217/2025/NĐ-\nCP ngày", "217/2025/NĐ-CP"),
            ("30c/NQCP", "30c/NQCP"),
            ("Nghị quyết 41 - NQ/TW ngày", "41-NQ/TW"),
            ("102/2025/NQLT - UBTVQH15 - CP - ĐCTUBTWMTQVN ngày", "102/2025/NQLT-UBTVQH15-CP-ĐCTUBTWMTQVN"),
            ("28/2003/TTLT/BTC-BGD&ĐT", "28/2003/TTLT/BTC-BGD&ĐT"),
            ("24.6/GĐN", "24.6/GĐN"),
            ("93/CT-05", "93/CT-05"),
            ("787/C06-P3", "787/C06-P3"),
            ("05/ĐN-Cty ngày", "05/ĐN-Cty"),
            ("số 105/2025/NĐ-CP2 quy định", "105/2025/NĐ-CP"),
            ("số 42/2024/QH151 ngày", "42/2024/QH15"),
            ("QCVN 122:2024/BGTVT3", "122:2024/BGTVT"),
            ("CHỈ THỊ SỐ 19/CT-TTG NGÀY 16", "19/CT-TTG"),
            ("QUYẾT ĐỊNH 12/QĐ-UBND - NGÀY 16", "12/QĐ-UBND"),
            ("12/qđ-ubnd", "12/qđ-ubnd"),
        ] {
            assert_eq!(numbers(text), [expected], "{text}");
        }
    }

    /// Dates, fractions, telephones, ratios, routes, units of measure.
    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "24/2024",
            "ngày 15/11/2023",
            "2/3 số phiếu",
            "0283.8291.875",
            "tỷ lệ 80/100 người",
            "Km363+410",
            "km/h",
            "50 triệu đồng/ha",
            "12 ca/ngày",
            "tháng 6/Quý",
            "15/người",
        ] {
            assert_eq!(numbers(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn torn_numbers_are_joined_and_doubted() {
        let text = "Nghị định số 1 25/2025/NĐ-CP";
        let found = find_numbers(&Folded::of(text), text, Facts::builtin());
        assert_eq!(found[0].key.as_str(), "125/2025/NĐ-CP");
        assert_eq!(found[0].rivals[0].as_str(), "25/2025/NĐ-CP");
        assert!(found[0].confidence < 0.6);
    }
}
