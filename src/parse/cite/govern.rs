//! Which relation each mention has: the trigger that governs it.
//!
//! Mentions are taken in the order of the text. A member of a list has the relation of the list; a
//! document named in the title of another has none of its own; everything else is governed by a
//! trigger directly before it, by the one that opens its clause, or by the line that introduces
//! its list.

use std::sync::LazyLock;

use regex::Regex;

use super::around::{ends_sentence, opens_item};
use super::find::{Mention, is_glue};
use crate::parse::date::expression;
use crate::parse::folded::Folded;
use crate::parse::found::{Found, Relation};
use crate::parse::relation::{Reach, Trigger, find_triggers};

/// Where a clause starts, and after what.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Clause {
    at: usize,
    /// It continues a list after a semicolon, or is an item of its own.
    item: bool,
}

/// A relation with the words that say so, in the folded text.
#[derive(Clone, Copy, Debug)]
struct Governed {
    relation: Relation,
    words: Option<(usize, usize)>,
    rule: &'static str,
    confidence: f32,
    nested: bool,
}

/// The relation of each mention, in their order.
pub(super) fn relations(mentions: &[Mention], folded: &Folded, text: &str) -> Vec<Found<Relation>> {
    let mut governed: Vec<Governed> = Vec::with_capacity(mentions.len());
    for index in 0..mentions.len() {
        let next = govern(mentions, index, &governed, folded, text);
        governed.push(next);
    }
    let spans = mentions.iter().zip(&governed).map(|(mention, governed)| {
        let (from, to) = governed.words.unwrap_or((mention.from, mention.core_end));
        Found::new(governed.relation, folded.span(from, to), governed.rule, governed.confidence)
    });
    spans.collect()
}

fn govern(mentions: &[Mention], index: usize, done: &[Governed], folded: &Folded, text: &str) -> Governed {
    let plain = folded.text();
    let mention = &mentions[index];
    let start = mention.locator.map_or(mention.from, |(from, _)| from);
    let clause = clause_start(folded, text, start);
    let previous = index.checked_sub(1).map(|at| (&mentions[at], done[at]));
    let in_clause = previous.filter(|(other, _)| other.core_end > clause.at);

    if let Some((other, relation)) = in_clause {
        let gap = plain.get(other.to.min(start)..start).unwrap_or_default();
        if is_glue(gap) {
            return Governed { confidence: relation.confidence * 0.97, rule: "relation.list", ..relation };
        }
        if let Some(chained) = chain(gap, other.to) {
            return chained;
        }
        let inside_title = other.title_end > start
            || other.title.is_some() && other.title_end >= other.to && start < other.title_end + 4;
        let sibling = gap.trim_end().ends_with([',', ';']);
        if inside_title && !sibling {
            return Governed {
                relation: Relation::RefersTo,
                words: None,
                rule: "relation.nested",
                confidence: 0.6,
                nested: true,
            };
        }
        if sibling {
            let head = mentions[..index].iter().zip(done).rev().find(|(_, governed)| !governed.nested);
            if let Some((head, relation)) = head.filter(|(head, _)| head.core_end > clause.at) {
                let _ = head;
                if near(plain, other.title_end.min(start).max(other.to), start).is_none() {
                    return Governed { rule: "relation.list", confidence: 0.8, ..*relation };
                }
            }
        }
    }
    let from = in_clause.map_or(clause.at, |(other, _)| other.to.max(clause.at));
    let close = near(plain, from.max(start.saturating_sub(400)), start);
    let opening = opening(plain, clause.at, start);
    if let Some(after) = after(plain, mention) {
        return after;
    }
    let chosen = match (close, opening) {
        (Some(close), Some(opening)) if gives_way(close, opening, plain) => Some((opening, "relation.clause")),
        (Some(close), _) => Some((close, "relation.near")),
        (None, Some(opening)) => Some((opening, "relation.clause")),
        (None, None) => None,
    };
    if let Some((trigger, rule)) = chosen {
        return Governed {
            relation: trigger.relation,
            words: Some((trigger.from, trigger.to)),
            rule,
            confidence: if trigger.relation == Relation::RefersTo { 0.75 } else { 0.9 },
            nested: false,
        };
    }
    // An item of a list that an earlier line introduces: "Bãi bỏ các văn bản sau: 1. …; 2. …".
    if is_glue(plain.get(clause.at..start).unwrap_or_default()) && clause.item {
        if let Some((other, relation)) = previous {
            let gap = plain.get(other.to..start).unwrap_or_default();
            let carried = matches!(relation.rule, "relation.intro" | "relation.list" | "relation.clause");
            if carried && !relation.nested && gap.len() < 700 && !gap.contains(':') && !gap.contains("\ndieu ") {
                return Governed { rule: "relation.list", confidence: 0.75, ..relation };
            }
        }
    }
    if clause.item {
        if let Some(trigger) = intro(folded, text, clause.at) {
            return Governed {
                relation: trigger.relation,
                words: Some((trigger.from, trigger.to)),
                rule: "relation.intro",
                confidence: 0.75,
                nested: false,
            };
        }
    }
    Governed { relation: Relation::RefersTo, words: None, rule: "relation.none", confidence: 0.5, nested: false }
}

/// "đã được sửa đổi, bổ sung bởi Luật số …": the next document changed the one before.
fn chain(gap: &str, offset: usize) -> Option<Governed> {
    static CHAIN: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"(?:\b(?:da\s+)?(?:duoc|bi)\s+)?\b((?:sua\s+doi|bo\s+sung|thay\s+the|bai\s+bo|dinh\s+chinh)(?:[\s,;a-z0-9]{0,80}?)\b(?:boi|theo|tai|bang))\s*(?:(?:cac|mot so|[\s,0-9]|dieu|khoan|cua)\s*)*$",
        )
    });
    let hit = CHAIN.captures(gap)?.get(1)?;
    let relation = match hit.as_str().as_bytes() {
        [b't', ..] => Relation::Replaces,
        [b'b', b'a', ..] => Relation::Repeals,
        [b'd', ..] => Relation::Corrects,
        _ => Relation::Amends,
    };
    Some(Governed {
        relation,
        words: Some((offset + hit.start(), offset + hit.end())),
        rule: "relation.chain",
        confidence: 0.9,
        nested: true,
    })
}

/// The trigger directly before `start`, with no more than filler between.
fn near(plain: &str, from: usize, start: usize) -> Option<Trigger> {
    static FILLER: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r#"^(?:[\s,"(:]|\b(?:cac|mot|so|dieu|noi dung|toan bo|phan|khoan|diem|cua|cho|doi voi|boi|theo|tai|ve|quy dinh|van ban|co hieu qua|nghiem tuc|tot|hieu qua|day du|nghiem|dung|chi dao|y kien|noi dung|nhiem vu|muc tieu|giai phap|duoc giao|de ra|neu tren|sau|sau day|viec|quy che|quy trinh|danh muc|[a-z]|[0-9]{1,3})\b)*$"#,
        )
    });
    let window = start.saturating_sub(160).max(from);
    let part = &plain[window..start];
    let triggers = find_triggers(part);
    let last = triggers.iter().rev().find(|trigger| trigger.reach != Reach::After)?;
    let mut best = FILLER.is_match(&part[last.to..]).then_some(*last)?;
    // "được quy định tại" and "sửa đổi … tại": the word further back says more, if only filler is
    // between.
    for trigger in triggers.iter().rev().filter(|trigger| trigger.reach == Reach::Near) {
        if best.relation == Relation::RefersTo
            && trigger.relation != Relation::RefersTo
            && trigger.to <= best.from
            && FILLER.is_match(&part[trigger.to..best.from])
        {
            best = *trigger;
        }
    }
    Some(Trigger { from: best.from + window, to: best.to + window, ..best })
}

/// The trigger that opens the clause, if it holds for all of it.
fn opening(plain: &str, clause: usize, start: usize) -> Option<Trigger> {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r#"^(?:[\s"(*+|~#>_-]|[0-9]{1,2}(?:\.[0-9]{1,2})*[.)]|[a-z]\)|[ivx]+\.|\b(?:ngay|nham|de|tiep tuc|v/v|ve viec|viec|thuc hien nghiem|va|truoc mat|nghiem tuc|khan truong|tich cuc)\b)*$"#,
        )
    });
    let part = plain.get(clause..start)?;
    let triggers = find_triggers(&part[..part.len().min(900)]);
    // "Theo đề nghị của …" and "Căn cứ …" may follow an introduction of any length, "thực hiện" may not.
    triggers
        .iter()
        .filter(|trigger| trigger.reach == Reach::Clause)
        .find(|trigger| {
            LEAD.is_match(&part[..trigger.from])
                || (trigger.relation == Relation::Proposes
                    && part.len() - trigger.to < 300
                    && trigger.to - trigger.from > 4)
        })
        .map(|trigger| Trigger { from: trigger.from + clause, to: trigger.to + clause, ..*trigger })
}

/// Whether the near trigger says less than the one that opens the clause: "Thực hiện ý kiến … tại Văn bản
/// số …", "Theo đề nghị của … tại Tờ trình số …".
fn gives_way(close: Trigger, opening: Trigger, plain: &str) -> bool {
    let word = &plain[close.from..close.to];
    match opening.relation {
        Relation::BasedOn | Relation::Proposes => {
            matches!(close.relation, Relation::RefersTo | Relation::Implements | Relation::Proposes | Relation::Guides)
        }
        Relation::Implements => close.relation == Relation::RefersTo && !word.starts_with("theo"),
        _ => false,
    }
}

/// "Quyết định số … hết hiệu lực kể từ ngày …".
fn after(plain: &str, mention: &Mention) -> Option<Governed> {
    let from = mention.title_end.min(mention.to + 400);
    let part = &plain[mention.to..plain.len().min(from + 60)];
    let end = part.find([';']).unwrap_or(part.len());
    let trigger = find_triggers(&part[..end]).into_iter().find(|trigger| trigger.reach == Reach::After)?;
    Some(Governed {
        relation: trigger.relation,
        words: Some((mention.to + trigger.from, mention.to + trigger.to)),
        rule: "relation.after",
        confidence: 0.8,
        nested: false,
    })
}

/// The trigger in the line that introduces the list of which the item at `at` is part.
fn intro(folded: &Folded, text: &str, at: usize) -> Option<Trigger> {
    let plain = folded.text();
    let floor = at.saturating_sub(12_000);
    let head = &plain[floor..at];
    let colon = head.rfind(":\n").or_else(|| head.trim_end().ends_with(':').then(|| head.trim_end().len() - 1))?;
    if head[colon..].contains("\ndieu ") || head[colon..].contains("\n\ndieu ") {
        return None;
    }
    let from = clause_start(folded, text, floor + colon).at;
    let triggers = find_triggers(&plain[from..floor + colon]);
    let strong = |trigger: &&Trigger| trigger.relation != Relation::RefersTo && trigger.reach != Reach::After;
    let trigger = triggers.iter().rev().find(strong)?;
    Some(Trigger { from: from + trigger.from, to: from + trigger.to, ..*trigger })
}

/// Where the clause that holds `start` begins.
fn clause_start(folded: &Folded, text: &str, start: usize) -> Clause {
    let bytes = folded.text().as_bytes();
    let floor = start.saturating_sub(1_500);
    let mut at = start;
    while at > floor {
        at -= 1;
        match bytes[at] {
            b';' => return Clause { at: at + 1, item: true },
            b'.' if at + 1 < start && ends_sentence(folded, text, at) && !is_numeral(bytes, at) => {
                return Clause { at: at + 1, item: false };
            }
            b'\n' if opens_item(&folded.text()[at + 1..]) => return Clause { at: at + 1, item: true },
            _ => {}
        }
    }
    Clause { at: floor, item: floor == 0 }
}

/// Whether the full stop at `at` belongs to the numeral of an item ("1.", "II.").
fn is_numeral(bytes: &[u8], at: usize) -> bool {
    let head = &bytes[..at];
    let digits = head.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let before = head.len() - digits;
    digits > 0
        && digits <= 2
        && (before == 0 || matches!(bytes[before - 1], b'\n' | b' ' | b'.') && is_line_head(bytes, before))
}

/// Whether only blanks stand between the start of the line and `at`.
fn is_line_head(bytes: &[u8], at: usize) -> bool {
    bytes[..at]
        .iter()
        .rev()
        .take_while(|b| **b != b'\n')
        .all(|b| matches!(b, b' ' | b'\t' | b'.') || b.is_ascii_digit())
}
