//! Back references: words that mean a document named before, or this one.
//!
//! "Kế hoạch này", "Nghị định nêu trên", and names that the text gave itself ("sau đây gọi tắt là Đề án").
//! They are no citations and are never counted as such: each says what it is and, where the document
//! named it before, which citation is meant. Knows the citations found, resolves nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::facts::Facts;
use crate::parse::date::expression;
use crate::parse::folded::Folded;
use crate::parse::found::{BackReference, Citation, Found, Refers};
use crate::text::Span;
use crate::vi::fold::fold;

/// How far behind a citation the bracket with its other name may stand: after its title.
const NEAR: usize = 500;
/// Names that a text gives itself, and uses of one of them, that are followed up.
const ALIASES: usize = 12;
const USES: usize = 100;

static POINTS: LazyLock<Regex> =
    LazyLock::new(|| expression(r"\s(nay|(?:da\s+)?neu\s+(?:tren|o tren)|noi\s+tren|tren\s+day)\b"));
static ALIAS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r#"[(,]\s*(?:sau\s+day\s+)?(?:goi|viet)\s+(?:tat|gon|chung)\s+la\s*:?\s*"?([^()";\n]{2,80}?)"?\s*[),;.]"#,
    )
});

/// The back references in the part `body` of `text`, in their order. `own`: the document's own type.
pub(crate) fn find_back_references(
    text: &str,
    body: Span,
    own: Option<&str>,
    citations: &[Citation],
    facts: &Facts,
) -> Vec<BackReference> {
    let folded = Folded::new(text, body);
    let ends = Ends::of(citations);
    let mut found = pointing(&folded, text, own, &ends, facts);
    named(&folded, text, &ends, &mut found);
    found.sort_by_key(|reference| reference.words.span);
    found
}

/// "Kế hoạch này", "Quyết định nêu trên".
fn pointing(folded: &Folded, text: &str, own: Option<&str>, ends: &Ends<'_>, facts: &Facts) -> Vec<BackReference> {
    let plain = folded.text();
    let mut found = Vec::new();
    for hit in POINTS.captures_iter(plain) {
        let (Some(whole), Some(word)) = (hit.get(0), hit.get(1)) else { continue };
        let before = &plain[whole.start().saturating_sub(32)..whole.start()];
        let kind =
            facts.kinds.iter().filter(|kind| ends_with(before, &kind.folded)).max_by_key(|kind| kind.folded.len());
        let Some(kind) = kind else { continue };
        let from = whole.start() - kind.folded.len();
        let span = folded.span(from, word.end());
        // In small letters it may be any plan, and "quy định này" is a rule.
        if !span.of(text).starts_with(char::is_uppercase) {
            continue;
        }
        let itself = word.as_str() == "nay" && own.is_none_or(|own| fold(own).ends_with(&kind.folded));
        let meant = if itself { None } else { ends.last_before(span.start(), &kind.name).map(|(_, index)| index) };
        let words = Found::new(super::squeeze(span.of(text)), span, "cite.back", if itself { 0.95 } else { 0.75 });
        let refers = if itself { Refers::Itself } else { Refers::Earlier };
        found.push(BackReference { words, refers, citation: meant });
    }
    found
}

fn ends_with(before: &str, kind: &str) -> bool {
    before.strip_suffix(kind).is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// Every mention's end with its citation, in order: of all types under "", and by type.
struct Ends<'a>(HashMap<&'a str, Vec<(usize, usize)>>);

impl<'a> Ends<'a> {
    fn of(citations: &'a [Citation]) -> Self {
        let mut ends: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
        for (index, citation) in citations.iter().enumerate() {
            for mention in &citation.mentions {
                let kind = citation.kind.as_ref().map(|kind| kind.value.as_str());
                for list in ["", kind.unwrap_or("")].iter().take(1 + usize::from(kind.is_some())) {
                    ends.entry(*list).or_default().push((mention.span.end(), index));
                }
            }
        }
        for list in ends.values_mut() {
            list.sort_unstable();
        }
        Self(ends)
    }

    /// The citation mentioned last before `at`, and where that mention ends.
    fn last_before(&self, at: usize, kind: &str) -> Option<(usize, usize)> {
        let list = self.0.get(kind)?;
        list[..list.partition_point(|(end, _)| *end <= at)].last().copied()
    }
}

/// Names that the text gave a cited document, and their later uses.
fn named(folded: &Folded, text: &str, ends: &Ends<'_>, found: &mut Vec<BackReference>) {
    for hit in ALIAS.captures_iter(folded.text()).take(ALIASES) {
        let Some(name) = hit.get(1) else { continue };
        let span = folded.span(name.start(), name.end());
        let printed = span.of(text);
        let Some((end, index)) = ends.last_before(span.start(), "") else { continue };
        let near = span.start() - end <= NEAR;
        // A bracket with a number of its own is a mention already.
        if !near || !printed.starts_with(char::is_uppercase) || printed.chars().any(|c| c.is_ascii_digit()) {
            continue;
        }
        for (offset, _) in text[span.end()..].match_indices(printed).take(USES) {
            let from = span.end() + offset;
            let to = from + printed.len();
            let after = &text[to..];
            let joined = after.starts_with(char::is_alphanumeric) || text[..from].ends_with(char::is_alphanumeric);
            let other = [" số", " này", " nêu", " của"].iter().any(|word| after.starts_with(word));
            let taken = found.iter().any(|reference| reference.words.span.overlaps(Span::at(from, to)));
            if !joined && !other && !taken {
                let words = Found::new(printed.to_owned(), Span::at(from, to), "cite.alias", 0.7);
                found.push(BackReference { words, refers: Refers::Alias, citation: Some(index) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::cite::find_citations;
    use crate::parse::found::Header;

    #[test]
    fn each_says_what_it_means() {
        let text = "Căn cứ Quyết định số 12/QĐ-UBND ngày 05/3/2024 của UBND tỉnh về Đề án số hóa (sau đây gọi tắt là Đề án);\n\
            Kế hoạch này nhằm thực hiện Quyết định nêu trên. Các đơn vị triển khai Đề án theo kế hoạch này.";
        let body = Span::at(0, text.len());
        let citations = find_citations(text, body, &Header::default(), Facts::builtin());
        let found = find_back_references(text, body, Some("Kế hoạch"), &citations, Facts::builtin());
        let shown: Vec<_> = found.iter().map(|back| (back.words.value.as_str(), back.refers, back.citation)).collect();
        assert_eq!(
            shown,
            [
                ("Kế hoạch này", Refers::Itself, None),
                ("Quyết định nêu trên", Refers::Earlier, Some(0)),
                ("Đề án", Refers::Alias, Some(0))
            ]
        );
    }
}
