//! Numbers and symbols as identity sees them: spelling apart, what series does a number run in?
//!
//! Knows the codes of the tables, not who uses them where. A code that two bodies share (`GDĐT`)
//! is left as printed.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::error::Result;
use crate::facts::{Facts, table};
use crate::key::DocNumber;
use crate::vi::fold::fold;

use super::issuer::is_shared_code;

/// The series that a document's number runs in, and what its symbol says of the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Readable name of the series: `kh-ubnd`, `qd-ubnd-qppl`.
    pub slug: String,
    /// Number without leading zeros: `865`, `30a`.
    pub number: String,
    /// Letters of the symbol as printed, folded and run together: `khubnd`.
    pub letters: String,
    /// The year inside the number.
    pub year: Option<i16>,
    /// Folded code of the type: `kh`. None for an official letter (công văn) or an unknown type.
    pub class: Option<String>,
    /// What the code of the body says.
    pub issuer: CodeSays,
}

/// What a body's code in a symbol says of its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSays {
    /// A body of the whole state: `NĐ-CP`.
    National,
    /// A body that exists once in a province: `SGDĐT`.
    Provincial,
    /// A body known by its code that exists at several levels: `UBND`.
    Levels,
    /// The code alone does not tell which body it is: `THPTLTT`.
    Nothing,
}

/// Types of which a normative series (year in the number) and an individual one run side by side
/// (Nghị định 30/2020/NĐ-CP, Điều 15): the two are never one document.
const TWO_SERIES: [&str; 3] = ["qd", "nq", "ct"];

struct Code {
    canonical: String,
    level: String,
}

/// Codes by their folded letters; none for a code that several bodies share.
static CODES: LazyLock<HashMap<String, Option<Code>>> = LazyLock::new(|| {
    read_codes().unwrap_or_else(|error| unreachable!("a compiled-in table is checked by a test: {error}"))
});

fn read_codes() -> Result<HashMap<String, Option<Code>>> {
    let mut codes: HashMap<String, Option<Code>> = HashMap::new();
    for row in table("agencies.tsv", include_str!("../../dictionaries/agencies.tsv"), 9)? {
        for code in std::iter::once(row.cells[0]).chain(row.cells[1].split('|')).filter(|code| !code.is_empty()) {
            let canonical = letters(row.cells[0]);
            codes
                .entry(letters(code))
                .and_modify(|known| {
                    if known.as_ref().is_some_and(|known| known.canonical != canonical) {
                        *known = None;
                    }
                })
                .or_insert_with(|| Some(Code { canonical, level: row.cells[3].to_owned() }));
        }
    }
    Ok(codes)
}

/// Letters and digits, folded: `BGD&ĐT` gives `bgddt`.
pub(crate) fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Folded words joined by hyphens.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(word);
    }
    out
}

/// The number without leading zeros and in lower case.
pub(crate) fn plain_number(number: &str) -> String {
    let plain = fold(number.trim_start_matches('0'));
    if plain.is_empty() { "0".into() } else { plain }
}

/// Reads the series of a number with a symbol. None for a bare number. `kind` is the printed type,
/// which tells `ĐA` (Đề án) from `DA` (Dự án) where the stroke was lost.
pub fn read_series(number: &DocNumber, kind: Option<&str>) -> Option<Series> {
    if let Some(series) = read_standard(number, kind) {
        return Some(series);
    }
    let symbol = number.symbol()?;
    let parts: Vec<&str> = symbol.split(['-', '/']).filter(|part| !part.is_empty()).collect();
    let facts = Facts::builtin();
    let first = parts.first().copied().unwrap_or_default();
    let class = facts.kind_by_code(first).map(|kind| kind.code.as_str()).or_else(|| {
        let folded = letters(first);
        facts.kinds.iter().find(|kind| !kind.code.is_empty() && letters(&kind.code) == folded).map(|k| k.code.as_str())
    });
    // A symbol of one part that is a body's is no type: `141/HĐBT`, `74/CP`.
    let class = class.filter(|_| parts.len() > 1 || !CODES.contains_key(&letters(first)));
    let body = if class.is_some() { &parts[1..] } else { &parts[..1.min(parts.len())] };
    let mut names: Vec<String> = Vec::new();
    let mut issuer = CodeSays::Nothing;
    if let Some(class) = class {
        names.push(if class == "ĐA" || letters(class) == "da" && kind.is_some_and(|kind| fold(kind) == "de an") {
            "de-an".into()
        } else {
            letters(class)
        });
    }
    // `BGD-ĐT`: the hyphen may belong to the code.
    let whole = letters(&body.concat());
    if let Some(Some(code)) = CODES.get(&whole) {
        issuer = code_says(&whole, code);
        names.push(code.canonical.clone());
    } else {
        for (index, part) in body.iter().enumerate() {
            let folded = letters(part);
            let known = CODES.get(&folded).and_then(Option::as_ref);
            if index == 0 {
                issuer = known.map_or(CodeSays::Nothing, |code| code_says(&folded, code));
            }
            names.push(known.map_or(folded, |code| code.canonical.clone()));
        }
    }
    if class.is_none() {
        names.extend(parts.iter().skip(1).map(|part| letters(part)));
    }
    if is_assembly(&whole) {
        issuer = CodeSays::National;
    }
    let class = class.map(letters);
    let year = number.year().and_then(|year| i16::try_from(year).ok());
    let mut slug = names.join("-");
    if year.is_some() && class.as_deref().is_some_and(|class| TWO_SERIES.contains(&class)) {
        slug.push_str("-qppl");
    }
    Some(Series { slug, number: plain_number(number.number()), letters: letters(symbol), year, class, issuer })
}

/// A national standard or technical regulation: `102:2016/BTTTT`. They are numbered through by
/// subject, not by the body's register, and TCVN has no body in its number at all.
fn read_standard(number: &DocNumber, kind: Option<&str>) -> Option<Series> {
    let (plain, rest) = number.as_str().split_once(':')?;
    let (year, body) = rest.split_once('/').map_or((rest, None), |(year, body)| (year, Some(body)));
    let year = year.parse().ok()?;
    let named = kind.map(fold).unwrap_or_default();
    let technical = match named.as_str() {
        "tcvn" | "tieu chuan quoc gia" => false,
        "qcvn" | "quy chuan ky thuat quoc gia" => true,
        _ => body.is_some(),
    };
    let class = if technical { "qcvn" } else { "tcvn" };
    let letters = body.map(letters).unwrap_or_default();
    let code = CODES.get(&letters).and_then(Option::as_ref).map_or(letters.as_str(), |code| &code.canonical);
    let slug = if code.is_empty() { class.to_owned() } else { format!("{class}-{code}") };
    let number = plain.split('-').map(plain_number).collect::<Vec<_>>().join("-");
    Some(Series { slug, number, letters, year: Some(year), class: Some(class.into()), issuer: CodeSays::National })
}

/// A number as a person writes it: a standard has its type before it.
pub(crate) fn printed(number: &DocNumber, series: Option<&Series>) -> String {
    match series.and_then(|series| series.class.as_deref()) {
        Some(class @ ("qcvn" | "tcvn")) => format!("{} {number}", class.to_uppercase()),
        _ => number.to_string(),
    }
}

fn code_says(folded: &str, code: &Code) -> CodeSays {
    match code.level.as_str() {
        "TW" if !is_shared_code(folded) && !is_shared_code(&code.canonical) => CodeSays::National,
        "tỉnh" => CodeSays::Provincial,
        "trường" => CodeSays::Nothing,
        _ => CodeSays::Levels,
    }
}

/// The National Assembly and its standing committee, with the number of the term: `QH15`.
fn is_assembly(code: &str) -> bool {
    ["ubtvqh", "qh"]
        .iter()
        .any(|name| code.strip_prefix(name).is_some_and(|term| term.bytes().all(|byte| byte.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed; series, number, what the code says.
    #[test]
    fn reads_series() {
        for (text, slug, number, issuer) in [
            ("1927/KH-UBND", "kh-ubnd", "1927", CodeSays::Levels),
            ("0865/2004/QĐ-BTM", "qd-btm-qppl", "865", CodeSays::National),
            ("30/2020/NĐ-CP", "nd-cp", "30", CodeSays::National),
            ("2417/KH-SGDĐT", "kh-sgddt", "2417", CodeSays::Provincial),
            ("441/KH-THPTLTT", "kh-thptltt", "441", CodeSays::Nothing),
            ("05/2024/TT-BGD&ĐT", "tt-bgddt", "5", CodeSays::National),
            ("05/2024/TT-BGD-ĐT", "tt-bgddt", "5", CodeSays::National),
            ("59/HD-HKH", "hd-hkh", "59", CodeSays::Levels),
            ("12-NQ/TU", "nq-tu", "12", CodeSays::Provincial),
            ("83/2015/QH13", "qh13", "83", CodeSays::National),
            ("351/2017/UBTVQH14", "ubtvqh14", "351", CodeSays::National),
            ("12/UBND-VX", "ubnd-vx", "12", CodeSays::Levels),
            ("12/KH-GDĐT", "kh-gddt", "12", CodeSays::Nothing),
            ("12/ĐA-UBND", "de-an-ubnd", "12", CodeSays::Levels),
            ("12/DA-UBND", "da-ubnd", "12", CodeSays::Levels),
            ("73/QĐ-UBND", "qd-ubnd", "73", CodeSays::Levels),
            ("102:2016/BTTTT", "qcvn-btttt", "102", CodeSays::National),
            ("02-09:2011/BTNMT", "qcvn-btnmt", "2-9", CodeSays::National),
            ("9001:2015", "tcvn", "9001", CodeSays::National),
        ] {
            let series = read_series(&DocNumber::parse(text).expect(text), None).expect(text);
            assert_eq!((series.slug.as_str(), series.number.as_str(), series.issuer), (slug, number, issuer), "{text}");
        }
    }
}
