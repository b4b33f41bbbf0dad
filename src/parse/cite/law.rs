//! Laws, codes and ordinances (luật, bộ luật, pháp lệnh), which are cited by name without a number
//! (Nghị định 30/2020/NĐ-CP, Phụ lục I, II.6).
//!
//! A name in the table ends where the table says, commas and "và" included; an unknown one ends
//! at the first word that cannot belong to a name. Knows the table of names, not which version of a
//! law is meant.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::facts::table;
use crate::parse::date::expression;
use crate::parse::folded::Folded;
use crate::parse::words::match_words;
use crate::vi::fold::fold;

/// A law's name, in bytes of the folded text.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The name on one line, in the spelling of the text.
    pub(super) name: String,
    /// `Luật`, `Bộ luật`, `Pháp lệnh` or `Hiến pháp`.
    pub(super) kind: &'static str,
    pub(super) confidence: f32,
}

const KINDS: [(&str, &str); 4] =
    [("bo luat", "Bộ luật"), ("luat", "Luật"), ("phap lenh", "Pháp lệnh"), ("hien phap", "Hiến pháp")];

static START: LazyLock<Regex> = LazyLock::new(|| expression(r"\b(?:bo\s+luat|luat|phap\s+lenh|hien\s+phap)\b"));

/// Folded names, by their first two words after the kind.
static NAMES: LazyLock<HashMap<String, Vec<Vec<String>>>> = LazyLock::new(|| {
    let rows = table("laws.tsv", include_str!("../../../dictionaries/laws.tsv"), 1)
        .unwrap_or_else(|error| unreachable!("a compiled-in table is checked by a test: {error}"));
    let mut names: HashMap<String, Vec<Vec<String>>> = HashMap::new();
    for row in rows {
        let words: Vec<String> = fold(row.cells[0]).split(' ').map(str::to_owned).collect();
        names.entry(words[..2.min(words.len())].join(" ")).or_default().push(words);
    }
    names
});

/// Words at which an unknown name ends.
const STOPS: &str = " ngay nam so duoc quy hien nay thi tai de theo khi trong la do bang voi ma hoac cung \
co khong da nham ve cho phai doi se neu can den tu van cac mot nhung boi ban co hieu luc con ";

/// All laws cited by name, in order.
pub(super) fn find_laws(folded: &Folded, text: &str) -> Vec<Named> {
    let plain = folded.text();
    let mut found: Vec<Named> = Vec::new();
    for hit in START.find_iter(plain) {
        let from = hit.start();
        if found.last().is_some_and(|law| from < law.to) {
            continue;
        }
        let first = folded.span(from, from + 1).of(text);
        if !first.chars().all(char::is_uppercase) {
            continue;
        }
        // "Dự thảo Luật", "dự án Luật" are no laws yet; "Luật sư" is a person.
        let before = plain[..from].trim_end();
        if ["du thao", "du an", "ky", "phap", "quy"].iter().any(|word| before.ends_with(word)) {
            continue;
        }
        let words: Vec<&str> = hit.as_str().split_whitespace().collect();
        let Some(&(_, kind)) = KINDS.iter().find(|(plain, _)| *plain == words.join(" ")) else { continue };
        let named = amending(folded, text, hit.end())
            .or_else(|| known(plain, from).map(|to| (to, 0.95)))
            .or_else(|| unknown(folded, text, hit.end()).map(|to| (to, 0.7)))
            .or_else(|| (kind == "Hiến pháp").then_some((hit.end(), 0.6)));
        // "Luật An ninh mạng (sửa đổi)" in a programme is a bill.
        let bill = named.is_some_and(|(to, _)| plain[to..].trim_start().starts_with("(sua doi"));
        if let Some((to, confidence)) = named.filter(|_| !bill) {
            let name = squeeze(folded.span(from, to).of(text));
            found.push(Named { from, to, name, kind, confidence });
        }
    }
    found
}

/// The text on one line, with single spaces.
pub(crate) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The end of the longest name of the table that starts at `from`.
fn known(plain: &str, from: usize) -> Option<usize> {
    let mut ends = word_ends(&plain[from..]);
    let key: Vec<&str> = ends.by_ref().take(2).map(|(word, _)| word).collect();
    let candidates = NAMES.get(&key.join(" "))?;
    candidates.iter().filter_map(|name| match_words(plain, from, name)).max()
}

/// The words of `plain` with the offsets of their ends.
fn word_ends(plain: &str) -> impl Iterator<Item = (&str, usize)> {
    plain.split_whitespace().map(move |word| (word, word.as_ptr().addr() - plain.as_ptr().addr() + word.len()))
}

/// "Luật sửa đổi, bổ sung một số điều của …": the name runs to its number, its date or the end of
/// the clause, whatever laws it names.
fn amending(folded: &Folded, text: &str, at: usize) -> Option<(usize, f32)> {
    static AMENDING: LazyLock<Regex> = LazyLock::new(|| expression(r"^\s+sua\s+doi\b"));
    static END: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"[;:.()]|\n\s*\n|,?\s+ngay\s+[0-9]|,?\s+nam\s+[0-9]|,?\s+so\s*:?\s*[0-9]|,\s+(?:bo\s+)?luat\s+so|,\s+(?:nghi|thong|quyet)\s|\s+(?:da\s+)?duoc\s|\s+va\s+(?:nghi|thong|cac\s)",
        )
    });
    let rest = &folded.text()[at..];
    if !AMENDING.is_match(rest) {
        return None;
    }
    let end = END.find(&rest[..rest.len().min(600)]).map_or_else(|| rest.len().min(300), |end| end.start());
    let _ = text;
    Some((at + end, 0.85))
}

/// The end of a name that is not in the table: at least one word with a capital, then words until
/// one that cannot belong to it.
fn unknown(folded: &Folded, text: &str, at: usize) -> Option<usize> {
    let rest = &folded.text()[at..];
    let mut end = None;
    let mut read = 0;
    for (count, (word, stop)) in word_ends(&rest[..rest.len().min(160)]).enumerate() {
        if rest[read..stop].contains("\n\n") {
            break;
        }
        let bare = word.trim_end_matches([',', ';', '.', ':', ')', '"', '(']);
        let start = stop - word.len();
        let capital = folded.span(at + start, at + start + 1).of(text).chars().all(char::is_uppercase);
        if bare.is_empty()
            || (count == 0 && !capital)
            || !bare.bytes().all(|b| b.is_ascii_alphabetic())
            || STOPS.contains(&format!(" {bare} "))
            || count >= 12
            || (capital && matches!(bare, "luat" | "nghi" | "thong" | "quyet" | "can"))
        {
            break;
        }
        // "Luật Biển và …": the last word is not "và".
        if bare != "va" {
            end = Some((count, start + bare.len()));
        }
        read = stop;
        if bare.len() < word.len() {
            break;
        }
    }
    let (count, end) = end?;
    // A single syllable ("Luật Giá") must be in the table.
    (count >= 1).then_some(at + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text; the names in it.
    #[test]
    fn names_end_where_they_end() {
        for (text, expected) in [
            ("quy định của Luật Ngân sách\nnhà nước.", &["Luật Ngân sách nhà nước"][..]),
            ("Luật Đất đai năm 2013 và Luật Giá", &["Luật Đất đai", "Luật Giá"]),
            (
                "Căn cứ Luật Quản lý, sử dụng vũ khí, vật liệu nổ và công cụ hỗ trợ ngày 26/8/2024;",
                &["Luật Quản lý, sử dụng vũ khí, vật liệu nổ và công cụ hỗ trợ"],
            ),
            (
                "Luật sửa đổi, bổ sung một số điều của Luật Bảo hiểm y tế ngày 13 tháng 6 năm 2014;",
                &["Luật sửa đổi, bổ sung một số điều của Luật Bảo hiểm y tế"],
            ),
            ("Luật Hòa bình vũ trụ quy định", &["Luật Hòa bình vũ trụ"]),
            ("Bộ luật Hình sự.", &["Bộ luật Hình sự"]),
            ("theo pháp luật, Luật sư, Luật này, kỷ luật, dự thảo Luật Dữ liệu, Luật số 42", &[]),
        ] {
            let found = find_laws(&Folded::of(text), text);
            let names: Vec<_> = found.iter().map(|law| law.name.as_str()).collect();
            assert_eq!(names, expected, "{text}");
        }
    }

    #[test]
    fn the_table_can_be_read() {
        assert!(NAMES.len() > 100);
    }
}
