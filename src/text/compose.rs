//! Two layers of edits into one.
//!
//! A pass that works on text which an earlier pass has changed gives edits in coordinates of that
//! middle text. [`compose`] turns both into edits on the raw text, so that one chain of spans leads
//! from the end to the beginning. Nothing here knows why text was changed.

use crate::text::{Edit, Span, Text, Why};

/// The edits on the raw text of `first` that give what `second`, edits on its repaired text, gives.
///
/// Edits that do not touch each other stay as they are, with the spans of `second` brought back to
/// the raw text. Those that touch become one: its confidence is the product, its reason that of
/// the later edit unless this only changed the form of letters ([`Why::Unicode`]).
///
/// ```
/// use vanban::text::{compose, Edit, Encoding, Span, Text, Why};
/// let edit = |a, b, new: &str, why| Edit { raw: Span::new(a, b), new: new.into(), why, confidence: 1.0, rivals: vec![] };
/// let first = Text::new("a x· b".into(), vec![edit(2, 5, "xã", Why::Encoding(Encoding::Tcvn3))]);
/// let both = compose(&first, vec![edit(2, 5, "Xã", Why::Confusion), edit(6, 7, "c", Why::Confusion)]);
/// assert_eq!(Text::new("a x· b".into(), both).fixed(), "a Xã c");
/// ```
pub fn compose(first: &Text, second: Vec<Edit>) -> Vec<Edit> {
    if first.edits().is_empty() {
        return second;
    }
    let mut done = Vec::with_capacity(first.edits().len() + second.len());
    let mut early = 0;
    let mut late = second.into_iter().peekable();
    loop {
        let next_early = (early < first.edits().len()).then(|| first.edit_span(early));
        let next_late = late.peek().map(|edit| edit.raw);
        let (from, mut changes) = (early, Vec::new());
        let mut cover = match (next_early, next_late) {
            (None, None) => return done,
            (Some(span), other) if other.is_none_or(|other| span <= other) => {
                early += 1;
                span
            }
            (_, Some(span)) => {
                changes.extend(late.next());
                span
            }
            (Some(_), None) => unreachable!("the second arm takes it"),
        };
        // Everything that touches what touches the first, and so on.
        loop {
            if early < first.edits().len() && touch(cover, first.edit_span(early)) {
                cover = cover.cover(first.edit_span(early));
                early += 1;
            } else if let Some(edit) = late.next_if(|edit| touch(cover, edit.raw)) {
                cover = cover.cover(edit.raw);
                changes.push(edit);
            } else {
                break;
            }
        }
        done.push(merge(first, from..early, changes, cover));
    }
}

/// Whether two ranges of the middle text share a byte; one without bytes touches at its borders.
fn touch(a: Span, b: Span) -> bool {
    a.overlaps(b) || (a.is_empty() || b.is_empty()) && a.start() <= b.end() && b.start() <= a.end()
}

/// One edit out of those of both layers in `cover`, a range of the middle text.
fn merge(first: &Text, early: std::ops::Range<usize>, changes: Vec<Edit>, cover: Span) -> Edit {
    let before = &first.edits()[early.clone()];
    let raw = raw_cover(first, early.clone(), cover);
    if changes.is_empty()
        && let [edit] = before
    {
        return edit.clone();
    }
    if before.is_empty() && changes.len() == 1 {
        return changes.into_iter().map(|edit| Edit { raw, ..edit }).next().unwrap_or_else(|| unreachable!());
    }
    let middle = cover.of(first.fixed());
    let apply = |rival: Option<(usize, &str)>| {
        let mut text = String::with_capacity(middle.len() + 8);
        let mut read = cover.start();
        for (index, edit) in changes.iter().enumerate() {
            text.push_str(Span::at(read, edit.raw.start()).of(first.fixed()));
            text.push_str(rival.filter(|(at, _)| *at == index).map_or(&edit.new, |(_, new)| new));
            read = edit.raw.end();
        }
        text.push_str(Span::at(read, cover.end()).of(first.fixed()));
        text
    };
    let new = apply(None);
    let mut rivals = Vec::new();
    for (index, edit) in changes.iter().enumerate() {
        for rival in &edit.rivals {
            let rival = apply(Some((index, rival)));
            if rival != new && !rivals.contains(&rival) {
                rivals.push(rival);
            }
        }
    }
    let mut confidence = 1.0;
    let mut why = None;
    for edit in before.iter().chain(&changes) {
        confidence *= edit.confidence;
        if edit.why != Why::Unicode || why.is_none() {
            why = Some(edit.why);
        }
    }
    Edit { raw, new, why: why.unwrap_or(Why::Unicode), confidence, rivals }
}

/// The raw range of `cover`, which lies on the borders of the edits `early` or outside of all.
fn raw_cover(first: &Text, early: std::ops::Range<usize>, cover: Span) -> Span {
    let edge = |offset: usize, edits: usize| {
        // The last edit that ends before says how far raw and middle text are apart.
        edits
            .checked_sub(1)
            .map_or(offset, |index| first.edits()[index].raw.end() + (offset - first.edit_span(index).end()))
    };
    let start = match first.edits().get(early.start) {
        Some(edit) if !early.is_empty() && first.edit_span(early.start).start() == cover.start() => edit.raw.start(),
        _ => edge(cover.start(), early.start),
    };
    Span::at(start, edge(cover.end(), early.end).max(start))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Edits on a text of `length` bytes: gap before, bytes replaced, replacement.
    fn edits(parts: Vec<(usize, usize, String)>, length: usize) -> Vec<Edit> {
        let mut at = 0;
        let mut edits = Vec::new();
        for (gap, size, new) in parts {
            let (start, end) = (at + gap, at + gap + size);
            if end > length {
                break;
            }
            // Two insertions at one place would have no order.
            at = end + 1;
            edits.push(Edit {
                raw: Span::at(start, end),
                new,
                why: Why::Confusion,
                confidence: 0.5,
                rivals: vec!["?".into()],
            });
        }
        edits
    }

    fn parts() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
        prop::collection::vec((0usize..4, 0usize..4, "[a-z]{0,4}"), 0..14)
    }

    proptest! {
        /// The composed edits give the same text, in order, and each byte that neither layer touched
        /// is outside of them.
        #[test]
        fn composed_edits_are_both_layers(a in parts(), b in parts()) {
            let raw: String = ('A'..='Z').chain('0'..='9').collect();
            let first = Text::new(raw.clone(), edits(a, raw.len()));
            let second = edits(b, first.fixed().len());
            let last = Text::new(first.fixed().to_owned(), second.clone());
            let both = Text::new(raw.clone(), compose(&first, second.clone()));
            prop_assert_eq!(both.fixed(), last.fixed());
            // Capitals and digits stand in the raw text alone and once each: where one was kept, the
            // spans must lead back to it.
            for (at, c) in both.fixed().char_indices().filter(|(_, c)| !c.is_ascii_lowercase()) {
                let span = both.raw_span(Span::at(at, at + 1));
                prop_assert!(span.of(&raw).contains(c), "{c} at {at} led to {span:?}");
            }
            for (at, c) in raw.char_indices() {
                let byte = Span::at(at, at + 1);
                let now = first.fixed_span(byte);
                let touched = first.edits().iter().any(|edit| edit.raw.overlaps(byte))
                    || second.iter().any(|edit| edit.raw.overlaps(now));
                prop_assert!(touched || !both.edits().iter().any(|edit| edit.raw.overlaps(byte)), "{c} was swallowed");
            }
        }
    }

    #[test]
    fn reasons_and_rivals_survive() {
        let edit = |a, b, new: &str, why, rivals: &[&str]| Edit {
            raw: Span::new(a, b),
            new: new.into(),
            why,
            confidence: 0.9,
            rivals: rivals.iter().map(|text| (*text).into()).collect(),
        };
        let first = Text::new(
            "abc def".into(),
            vec![edit(0, 3, "xyz", Why::Join, &["xxx"]), edit(4, 7, "uvw", Why::Join, &[])],
        );
        let both = compose(&first, vec![edit(5, 6, "V", Why::Unicode, &["W"])]);
        assert_eq!(both.len(), 2);
        assert_eq!((both[0].rivals[0].as_str(), both[0].why), ("xxx", Why::Join));
        assert_eq!((both[1].new.as_str(), both[1].rivals[0].as_str(), both[1].why), ("uVw", "uWw", Why::Join));
        assert!((both[1].confidence - 0.81).abs() < 1e-6);
    }
}
