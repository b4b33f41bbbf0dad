//! Full-text search in Vietnamese: an accented word is exact, an unaccented one matches both.
//!
//! Old and new placement of the tone mark (`hoà`, `hòa`) are one word. Snippets are cut from the
//! stored text here, since the index holds no text.

use rusqlite::params;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::vi::fold::fold;

use super::Store;
use super::answer::{BRIEF, BRIEF_COLUMNS, DocumentBrief, brief};
use super::compress::{Kind, unpack};
use super::filter::{Filter, ListFilter};

/// What to search in, besides the words.
pub type SearchFilter = ListFilter;

/// One document that matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hit {
    /// The document.
    pub document: DocumentBrief,
    /// Words around the first match, on one line.
    pub snippet: String,
    /// The matches in `snippet`: first byte and one past the last.
    pub marks: Vec<(u32, u32)>,
    /// Higher is better; comparable within one answer only.
    pub score: f64,
}

/// A word or phrase that is looked for.
#[derive(Debug, PartialEq)]
struct Phrase {
    words: Vec<String>,
    accented: bool,
    /// The last word may go on (`hoc*`).
    prefix: bool,
}

impl Store {
    /// Finds documents that hold all words of `query`, best first. Words in double quotes are a
    /// phrase; a word ending in `*` may go on; a number such as `1927/KH-UBND` is a phrase.
    pub fn search(&self, query: &str, filter: &SearchFilter) -> Result<Vec<Hit>> {
        let phrases = read_query(query);
        if phrases.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {BRIEF}, -search.rank, d.id FROM search JOIN document d ON d.id = search.rowid \
             LEFT JOIN holding h ON h.document = d.id \
             LEFT JOIN node n ON n.id = h.node \
             WHERE search MATCH ?1 AND (?2 IS NULL OR d.date >= ?2) AND (?3 IS NULL OR d.date <= ?3) \
             ORDER BY search.rank"
        );
        let filter = Filter::of(filter);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![expression(&phrases), filter.from, filter.to])?;
        let mut texts = self.connection.prepare_cached("SELECT text FROM content WHERE document = ?1")?;
        let mut hits = Vec::new();
        while let Some(row) = rows.next()? {
            let document = brief(row)?;
            if !filter.admits(&document) {
                continue;
            }
            let packed: Vec<u8> = texts.query_row([row.get::<_, i64>(BRIEF_COLUMNS + 1)?], |row| row.get(0))?;
            let text = unpack(Kind::Text, &packed)?;
            let (snippet, marks) = snippet(&String::from_utf8_lossy(&text), &phrases);
            hits.push(Hit { document, snippet, marks, score: row.get(BRIEF_COLUMNS)? });
            if filter.limit.is_some_and(|limit| hits.len() >= limit) {
                break;
            }
        }
        Ok(hits)
    }
}

/// The two forms in which a text is indexed: as it is, in lower case and with tone marks in one
/// place, and without diacritics.
pub(super) fn searchable(text: &str) -> (String, String) {
    (one_tone_place(text), fold(text))
}

/// Lower case with the tone mark of open `oa`, `oe`, `uy` on the first vowel. Keeps the number of
/// characters.
fn one_tone_place(text: &str) -> String {
    const MARKED: [(&str, char, &str); 3] = [("àáảãạ", 'a', "òóỏõọ"), ("èéẻẽẹ", 'e', "òóỏõọ"), ("ỳýỷỹỵ", 'y', "ùúủũụ")];
    let mut out: Vec<char> = text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    for at in 1..out.len() {
        if out[at].is_ascii() || !matches!(out[at - 1], 'o' | 'u') || out.get(at + 1).is_some_and(|c| c.is_alphabetic())
        {
            continue;
        }
        for (marked, plain, moved) in MARKED {
            let first = if plain == 'y' { 'u' } else { 'o' };
            let tone = marked.chars().position(|c| c == out[at]);
            // The u of "quý" belongs to the onset.
            if out[at - 1] == first
                && !(first == 'u' && at >= 2 && out[at - 2] == 'q')
                && let Some(tone) = tone.and_then(|tone| moved.chars().nth(tone))
            {
                out[at - 1] = tone;
                out[at] = plain;
                break;
            }
        }
    }
    out.into_iter().collect()
}

fn read_query(query: &str) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    for (index, part) in query.split('"').enumerate() {
        let quoted = index % 2 == 1;
        let terms: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
        for term in terms {
            let lower = one_tone_place(term);
            let words: Vec<String> = lower
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect();
            if !words.is_empty() {
                let accented = words.iter().any(|word| fold(word) != *word);
                phrases.push(Phrase { words, accented, prefix: term.ends_with('*') });
            }
        }
    }
    phrases
}

fn expression(phrases: &[Phrase]) -> String {
    let terms: Vec<String> = phrases
        .iter()
        .map(|phrase| {
            let column = if phrase.accented { "body" } else { "folded" };
            format!("{column} : \"{}\"{}", phrase.words.join(" "), if phrase.prefix { " *" } else { "" })
        })
        .collect();
    terms.join(" AND ")
}

/// Bytes shown before and after the first match.
const AROUND: (usize, usize) = (80, 160);

/// Words of `text` around the first match, and the places of the matches in them.
fn snippet(text: &str, phrases: &[Phrase]) -> (String, Vec<(u32, u32)>) {
    let words: Vec<(usize, &str)> = words(text).collect();
    let mut matches: Vec<(usize, usize)> = Vec::new();
    let limit = 400;
    for start in 0..words.len() {
        for phrase in phrases {
            if let Some(part) = words.get(start..start + phrase.words.len()).filter(|part| is_match(part, phrase))
                && let Some((at, word)) = part.last()
            {
                matches.push((words[start].0, at + word.len()));
            }
        }
        if matches.len() > limit {
            break;
        }
    }
    let first = matches.first().map_or(0, |(start, _)| *start);
    let start = words.iter().map(|(at, _)| *at).find(|at| at + AROUND.0 >= first).unwrap_or(0);
    let end = words
        .iter()
        .map(|(at, word)| at + word.len())
        .take_while(|end| *end <= first + AROUND.1)
        .last()
        .unwrap_or(text.len())
        .max(start);
    let mut out = String::new();
    let mut marks: Vec<(u32, u32)> = Vec::new();
    let mut gap = false;
    for (at, c) in text[start..end].char_indices() {
        let at = start + at;
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        let from = out.len() as u32;
        out.push(c);
        if matches.iter().any(|(start, end)| (*start..*end).contains(&at)) {
            match marks.last_mut() {
                // Words of one phrase are marked as one.
                Some(last) if from <= last.1 + 1 && matches.iter().any(|(s, e)| *s < at && at < *e) => {
                    last.1 = out.len() as u32;
                }
                _ => marks.push((from, out.len() as u32)),
            }
        }
    }
    (out, marks)
}

/// Words as the index parts them, with their offsets.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn is_match(words: &[(usize, &str)], phrase: &Phrase) -> bool {
    words.iter().zip(&phrase.words).enumerate().all(|(index, ((_, word), sought))| {
        let word = if phrase.accented { one_tone_place(word) } else { fold(word) };
        word == *sought || phrase.prefix && index + 1 == phrase.words.len() && word.starts_with(sought.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tone_marks_have_one_place() {
        for (old, new) in [
            ("hoà", "hòa"),
            ("Uỷ ban", "ủy ban"),
            ("hoàn", "hoàn"),
            ("quý", "quý"),
            ("khoẻ", "khỏe"),
            ("thuỷ.", "thủy."),
        ] {
            assert_eq!(one_tone_place(old), new);
            assert_eq!(one_tone_place(new), new);
        }
    }

    #[test]
    fn accents_choose_the_column() {
        assert_eq!(
            expression(&read_query("\"quyết định\" duong 1927/KH-UBND hoc* \" ")),
            "body : \"quyết định\" AND folded : \"duong\" AND folded : \"1927 kh ubnd\" AND folded : \"hoc\" *"
        );
        assert!(read_query("- ' ?").is_empty());
    }

    #[test]
    fn snippets_mark_what_matched() {
        let (text, marks) = snippet("Căn cứ  Quyết định số 12\nvề đường bộ", &read_query("\"quyết định\" duong"));
        assert_eq!(text, "Căn cứ Quyết định số 12 về đường bộ");
        let marked: Vec<&str> = marks.iter().map(|(a, b)| &text[*a as usize..*b as usize]).collect();
        assert_eq!(marked, ["Quyết định", "đường"]);
    }
}
