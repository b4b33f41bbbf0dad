//! Which documents does this one cite, and what does it do to them?
//!
//! Mentions are found by the grammar of numbers and the table of laws (`find`), each is given the
//! relation that governs it (`govern`), and mentions of one document become one [`Citation`]
//! (`merge`). Nothing is resolved: a bare "Thông tư 24" stays a bare number, and "Kế hoạch này"
//! is no citation. Everything works on folded text ([`Folded`]), so a line that repair could not
//! finish still gives its citations.

mod around;
mod back;
mod find;
mod govern;
mod law;
mod merge;
mod number;

pub(crate) use around::{clause_length, ends_sentence};
pub(crate) use back::find_back_references;
pub(crate) use law::squeeze;

use super::folded::Folded;
use super::found::{Citation, Header};
use crate::facts::Facts;
use crate::text::Span;

/// The documents that the part `body` of `text` cites, in the order of their first mentions. The
/// document's own number is not one of them.
pub fn find_citations(text: &str, body: Span, header: &Header, facts: &Facts) -> Vec<Citation> {
    citations_in(&Folded::new(text, body), text, header, facts)
}

/// [`find_citations`] in a body that is folded already.
pub(crate) fn citations_in(folded: &Folded, text: &str, header: &Header, facts: &Facts) -> Vec<Citation> {
    let mut mentions = find::find_mentions(folded, text, facts);
    let own = header.key.as_ref().map(|key| key.value.folded());
    let printed: Vec<Span> =
        [header.key.as_ref().map(|key| key.span), header.number.as_ref().map(|number| number.span)]
            .into_iter()
            .flatten()
            .collect();
    mentions.retain(|mention| {
        let Some(key) = &mention.key else { return true };
        own.as_deref() != Some(key.value.folded().as_str())
            && !printed.iter().any(|span| span.overlaps(key.span))
            && !(own.is_none() && is_letterhead(folded.text(), mention))
    });
    let subject =
        header.subject.as_ref().map(|subject| (folded.place(subject.span.start()), folded.place(subject.span.end())));
    let relations = govern::relations(&mentions, folded, text, subject);
    merge::merge(mentions, relations, folded, text)
}

/// Whether the mention is the "Số: …" of a letterhead: at the start of a line, without a type.
fn is_letterhead(plain: &str, mention: &find::Mention) -> bool {
    // The place is looked at first: one endless line must not be searched from every mention.
    if mention.own_kind || mention.from >= 1_500 {
        return false;
    }
    let line = plain[..mention.from].rfind('\n').map_or(0, |at| at + 1);
    plain[line..mention.from].trim().is_empty() && plain[mention.from..].starts_with('s')
}

#[cfg(test)]
mod tests;
