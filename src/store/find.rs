//! What a person types for a document, and the nodes that it can mean.
//!
//! `1927/kh-ubnd`, `1927 KH UBND`, `Kế hoạch số 1927/KH-UBND TP HCM 2024`, `luật ngân sách nhà
//! nước` and a node's own key are all understood. A number is not an identity, so the answer is a
//! list: exact spellings first.

use rusqlite::params;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::facts::Facts;
use crate::resolve::issuer;
use crate::resolve::number::{letters, plain_number, slug};
use crate::vi::fold::fold;

use super::Store;
use super::answer::{NODE, NODE_CLASS, NodeBrief, node_brief};

/// What was asked for, and what it can mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// The words as typed.
    pub words: String,
    /// The nodes that the words can mean, likeliest first. More than one: the words are ambiguous.
    pub candidates: Vec<Candidate>,
}

/// One node that was asked for, perhaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Its id in this store.
    #[serde(skip)]
    pub id: i64,
    /// Folded code of the type.
    #[serde(skip)]
    class: Option<String>,
    /// Whether the words are spelt as the document prints its number.
    pub exact: bool,
    /// The node.
    #[serde(flatten)]
    pub node: NodeBrief,
}

/// The parts of what was typed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    class: Option<String>,
    number: Option<String>,
    years: Vec<i16>,
    /// Words after the number, folded.
    rest: Vec<String>,
}

/// Most candidates of one answer.
const MOST: usize = 200;

impl Store {
    /// The nodes that `words` can mean.
    pub fn find(&self, words: &str) -> Result<Asked> {
        let words = words.trim();
        let mut candidates = self.nodes_where("n.key = ?1", params![words])?;
        if candidates.is_empty() {
            candidates = self.by_digest(words)?;
        }
        if candidates.is_empty() {
            let typed = read_words(words);
            candidates = match &typed.number {
                Some(number) => self.by_number(&typed, number)?,
                None => self.by_name(words)?,
            };
        }
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let wanted = squeezed(words);
        for candidate in &mut candidates {
            let printed = squeezed(&candidate.node.printed);
            candidate.exact = wanted == candidate.node.key || wanted.contains(&printed);
        }
        let state = |candidate: &Candidate| {
            ["held", "cited", "partial"].iter().position(|s| *s == candidate.node.state).unwrap_or(3)
        };
        candidates.sort_by(|a, b| {
            (b.exact.cmp(&a.exact))
                .then_with(|| state(a).cmp(&state(b)))
                .then_with(|| b.node.cited.cmp(&a.node.cited))
                .then_with(|| a.node.key.cmp(&b.node.key))
        });
        candidates.truncate(MOST);
        Ok(Asked { words: words.to_owned(), candidates })
    }

    fn nodes_where(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Candidate>> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {NODE} FROM node n WHERE {condition}"))?;
        let rows = statement.query_map(values, |row| {
            let (id, node) = node_brief(row, 0)?;
            Ok(Candidate { id, class: row.get(NODE_CLASS)?, exact: false, node })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A digest, or its first digits (eight at least).
    fn by_digest(&self, words: &str) -> Result<Vec<Candidate>> {
        if words.len() < 8 || words.len() > 64 || !words.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Vec::new());
        }
        let even = &words[..words.len() / 2 * 2];
        let low: Vec<u8> =
            (0..even.len() / 2).filter_map(|i| u8::from_str_radix(&even[2 * i..2 * i + 2], 16).ok()).collect();
        let mut high = low.clone();
        high.resize(33, 0xff);
        self.nodes_where(
            "n.id IN (SELECT h.node FROM document d JOIN holding h ON h.document = d.id \
             WHERE d.digest >= ?1 AND d.digest < ?2 AND lower(hex(d.digest)) LIKE ?3)",
            params![low, high, format!("{}%", words.to_ascii_lowercase())],
        )
    }

    fn by_number(&self, typed: &Words, number: &str) -> Result<Vec<Candidate>> {
        // The letters of the symbol are some of the words that follow; the longest that exist win.
        let mut found = Vec::new();
        for count in (1..=typed.rest.len()).rev() {
            let letters = typed.rest[..count].concat();
            let nodes = self.nodes_where("n.number = ?1 AND n.letters = ?2", params![number, letters])?;
            found = keep(nodes, typed, &typed.rest[count..]);
            if !found.is_empty() {
                return Ok(found);
            }
        }
        // "1927/KH" or "1927 UBND": a part of the symbol.
        if let Some(first) = typed.rest.first() {
            let nodes = self.nodes_where("n.number = ?1 AND instr(n.letters, ?2) > 0", params![number, first])?;
            found = keep(nodes, typed, &typed.rest[1..]);
        }
        if found.is_empty() {
            let nodes = self.nodes_where("n.number = ?1", params![number])?;
            found = keep(nodes, typed, &typed.rest);
        }
        Ok(found)
    }

    /// A law's name, or the beginning of one.
    fn by_name(&self, words: &str) -> Result<Vec<Candidate>> {
        let name = issuer::normal(words).replace(' ', "-");
        if name.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for start in [format!("luat:{name}"), format!("luat:luat-{name}"), format!("?:{}", slug(words))] {
            found.extend(self.nodes_where("n.block >= ?1 AND n.block < ?2", params![start, format!("{start}\u{7f}")])?);
        }
        Ok(found)
    }
}

/// The nodes that the other words allow: the type before the number, a year, and words of the
/// issuer, the place or the title.
fn keep(nodes: Vec<Candidate>, typed: &Words, rest: &[String]) -> Vec<Candidate> {
    let wanted: Vec<String> = issuer::normal(&rest.join(" "))
        .split(' ')
        .filter(|word| !word.is_empty() && !["nam", "ngay", "cua", "so", "thanh", "pho", "tinh"].contains(word))
        .map(str::to_owned)
        .collect();
    nodes
        .into_iter()
        .filter(|candidate| {
            let node = &candidate.node;
            let text = |value: &Option<String>| value.as_deref().map(issuer::normal).unwrap_or_default();
            let words = format!(
                "{} {} {} {}",
                text(&node.issuer),
                node.place.as_deref().unwrap_or_default().replace('-', " "),
                text(&node.title),
                node.key.replace(['-', '/'], " ")
            );
            let class_fits = match (&typed.class, &candidate.class) {
                (Some(typed), Some(class)) => typed == class,
                (Some(_), None) => false,
                (None, _) => true,
            };
            class_fits
                && typed.years.iter().all(|year| node.year == Some(*year))
                && wanted.iter().all(|word| words.split(' ').any(|known| known == word))
        })
        .collect()
}

fn read_words(text: &str) -> Words {
    let mut words = Words::default();
    let folded = fold(text);
    let Some(start) = folded.find(|c: char| c.is_ascii_digit()) else { return words };
    let before: Vec<&str> = folded[..start]
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && *word != "so")
        .collect();
    let facts = Facts::builtin();
    let kind = facts.kind_by_name(&before.join(" ")).or_else(|| match before.as_slice() {
        [code @ ("qcvn" | "tcvn")] => facts.kind_by_code(&code.to_uppercase()),
        _ => None,
    });
    words.class = kind.map(|kind| letters(&kind.code));
    // Dots and up to two letters belong to the number: 66.15, 30a.
    let tail = &folded[start..];
    let end = tail
        .char_indices()
        .find(|(at, c)| {
            let next_is_digit = tail[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
            !(c.is_alphanumeric() || *c == '.' && next_is_digit)
        })
        .map_or(tail.len(), |(at, _)| at);
    // So does the part of a standard: 02-09:2011.
    let part = tail[end..].strip_prefix('-').and_then(|rest| rest.split_once(':')).map_or("", |(part, _)| part);
    let of_standard = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let (token, after) = tail.split_at(if of_standard { end + 1 + part.len() } else { end });
    let digits = token.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(token.len());
    let whole = of_standard || token.len() - digits <= 1;
    let (number, run_on) = if whole { (token, "") } else { token.split_at(digits) };
    words.number = Some(number.split('-').map(plain_number).collect::<Vec<_>>().join("-"));
    let after: Vec<&str> = std::iter::once(run_on)
        .chain(after.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    for word in after {
        match word.parse::<i16>() {
            Ok(year) if word.len() == 4 && (1945..2100).contains(&year) => words.years.push(year),
            _ => words.rest.push(word.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Typed; type, number, years, other words.
    #[test]
    fn understands_what_is_typed() {
        for (text, class, number, years, rest) in [
            ("1927/kh-ubnd", None, "1927", &[][..], &["kh", "ubnd"][..]),
            ("1927 KH UBND", None, "1927", &[], &["kh", "ubnd"]),
            ("1927khubnd", None, "1927", &[], &["khubnd"]),
            ("Kế hoạch số 1927/KH-UBND TP HCM 2024", Some("kh"), "1927", &[2024], &["kh", "ubnd", "tp", "hcm"]),
            ("30/2020/NĐ-CP", None, "30", &[2020], &["nd", "cp"]),
            ("30a/2008/NQ-CP", None, "30a", &[2008], &["nq", "cp"]),
            ("66.15/2026/NQ-CP", None, "66.15", &[2026], &["nq", "cp"]),
            ("Thông tư 24", Some("tt"), "24", &[], &[]),
            ("0865", None, "865", &[], &[]),
            ("QCVN 102:2016/BTTTT", Some("qcvn"), "102", &[2016], &["btttt"]),
            ("QCVN 02-09:2011/BTNMT", Some("qcvn"), "2-9", &[2011], &["btnmt"]),
            ("TCVN 9001:2015", Some("tcvn"), "9001", &[2015], &[]),
        ] {
            let words = read_words(text);
            assert_eq!(words.class.as_deref(), class, "{text}");
            assert_eq!(words.number.as_deref(), Some(number), "{text}");
            assert_eq!(
                (words.years.as_slice(), words.rest.iter().map(String::as_str).collect::<Vec<_>>()),
                (years, rest.to_vec())
            );
        }
    }
}
