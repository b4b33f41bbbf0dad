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
use crate::parse::relation::{Reach, Trigger, find_triggers, weight};

/// Where a clause starts, and after what.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Clause {
    at: usize,
    /// It continues a list after a semicolon, or is an item of its own.
    item: bool,
    /// It follows a semicolon: what opened the sentence before may hold for it too.
    semicolon: bool,
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

/// The relation of each mention, in their order. `subject` is the document's own title: what it says
/// to implement, the document implements.
pub(super) fn relations(
    mentions: &[Mention],
    folded: &Folded,
    text: &str,
    subject: Option<(usize, usize)>,
) -> Vec<Found<Relation>> {
    let mut governed: Vec<Governed> = Vec::with_capacity(mentions.len());
    for index in 0..mentions.len() {
        let mut next = govern(mentions, index, &governed, folded, text);
        let from = mentions[index].from;
        if next.relation == Relation::Implements && subject.is_some_and(|(start, end)| start <= from && from < end) {
            next.rule = "relation.title";
        }
        governed.push(next);
    }
    let spans = mentions.iter().zip(&governed).map(|(mention, governed)| {
        let (from, to) = governed.words.unwrap_or((mention.from, mention.core_end));
        Found::new(governed.relation, folded.span(from, to), governed.rule, governed.confidence)
    });
    spans.collect()
}

#[allow(clippy::too_many_lines, reason = "one case after the other")]
fn govern(mentions: &[Mention], index: usize, done: &[Governed], folded: &Folded, text: &str) -> Governed {
    let plain = folded.text();
    let mention = &mentions[index];
    let start = mention.locator.map_or(mention.from, |(from, _)| from);
    let clause = clause_start(folded, text, start, false);
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
        // "Thực hiện A về việc …, B" and "… về việc … và Chỉ thị số B của …": a second document of the
        // list, where the first one's title names none itself.
        let joined = inside_title
            && !relation.nested
            && gap.trim_end().ends_with(" va")
            && mention.own_kind
            && (mention.date.is_some() || mention.issuer.is_some())
            && near(plain, other.to, start).is_none();
        let sibling = joined || gap.trim_end().ends_with([',', ';']);
        if inside_title && !sibling {
            // "Kế hoạch … về thực hiện Nghị quyết …": who carries out the plan carries out the
            // resolution. Any other relation is the cited document's own.
            let verb = near(plain, other.to, start).filter(|trigger| trigger.relation == Relation::Implements);
            return Governed {
                relation: verb.map_or(Relation::RefersTo, |trigger| trigger.relation),
                words: verb.map(|trigger| (trigger.from, trigger.to)),
                rule: "relation.nested",
                confidence: 0.55,
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
    let opening = opening(plain, clause.at, start, mention);
    if let Some(after) = after(plain, mention) {
        return after;
    }
    let mut chosen = match (close, opening) {
        (Some(close), Some(opening)) if close.from == opening.from || gives_way(close, opening, plain) => {
            Some((opening, "relation.clause"))
        }
        (Some(close), _) if asks(plain, close, mention) => {
            Some((Trigger { relation: Relation::Proposes, ..close }, "relation.near"))
        }
        (Some(close), _) => Some((close, "relation.near")),
        (None, Some(opening)) => Some((opening, "relation.clause")),
        (None, None) => None,
    };
    if clause.semicolon && opening.is_none() && chosen.is_none_or(|(trigger, _)| says_where(trigger, plain)) {
        // "Căn cứ A; B" and "Xét đề nghị của X tại A; Y tại B": what opens the sentence holds on.
        let sentence = clause_start(folded, text, clause.at.saturating_sub(1), true);
        if let Some(held) = held(plain, sentence.at, clause.at, mention) {
            chosen = Some((held, "relation.clause"));
        }
    }
    if chosen.is_none()
        && let Some(trigger) = before_name(folded, text, from.max(start.saturating_sub(160)), start)
    {
        chosen = Some((trigger, "relation.after_name"));
    }
    if let Some((trigger, rule)) = chosen {
        let trigger = acted_on(plain, clause.at, trigger);
        if asked_only(plain, clause.at, trigger) {
            return Governed {
                relation: Relation::RefersTo,
                words: Some((trigger.from, trigger.to)),
                rule: "relation.asked",
                confidence: 0.7,
                nested: false,
            };
        }
        return Governed {
            relation: trigger.relation,
            words: Some((trigger.from, trigger.to)),
            rule,
            confidence: if trigger.relation == Relation::RefersTo { 0.75 } else { 0.9 },
            nested: false,
        };
    }
    // An item of a list that an earlier line introduces: "Bãi bỏ các văn bản sau: 1. …; 2. …".
    if is_glue(plain.get(clause.at..start).unwrap_or_default())
        && clause.item
        && let Some((other, relation)) = previous
    {
        let gap = plain.get(other.to..start).unwrap_or_default();
        let carried = matches!(relation.rule, "relation.intro" | "relation.list" | "relation.clause");
        if carried && !relation.nested && gap.len() < 700 && !gap.contains(':') && !gap.contains("\ndieu ") {
            return Governed { rule: "relation.list", confidence: 0.75, ..relation };
        }
    }
    if clause.item
        && is_glue(plain.get(clause.at..start).unwrap_or_default())
        && let Some(trigger) = intro(folded, text, clause.at)
    {
        return Governed {
            relation: trigger.relation,
            words: Some((trigger.from, trigger.to)),
            rule: "relation.intro",
            confidence: 0.75,
            nested: false,
        };
    }
    Governed { relation: Relation::RefersTo, words: None, rule: "relation.none", confidence: 0.5, nested: false }
}

/// The trigger before a name that stands between it and the mention: "cụ thể hóa Quy hoạch tỉnh, Nghị quyết
/// số …". Only a short name with a capital, closed by a comma or "và".
fn before_name(folded: &Folded, text: &str, from: usize, start: usize) -> Option<Trigger> {
    let plain = folded.text();
    let part = plain.get(from..start)?;
    let ends = part.trim_end();
    if !(ends.ends_with(',') || ends.ends_with(" va")) {
        return None;
    }
    let trigger = find_triggers(part).into_iter().rev().find(|trigger| {
        matches!(trigger.relation, Relation::Implements | Relation::BasedOn) && trigger.reach != Reach::After
    })?;
    let name = &part[trigger.to..];
    let first = trigger.to + name.len() - name.trim_start().len();
    let capital = folded.span(from + first, from + first + 1).of(text).chars().all(char::is_uppercase);
    let plain_name = name.len() <= 70 && !name.contains([';', ':', '.', '\n']) && find_triggers(name).is_empty();
    (capital && plain_name).then_some(Trigger { from: from + trigger.from, to: from + trigger.to, ..trigger })
}

/// "Sửa đổi, bổ sung một số điều của Quy chế … ban hành kèm theo Quyết định số …": what is done to the
/// attached text is done to the decision that carries it.
fn acted_on(plain: &str, clause: usize, trigger: Trigger) -> Trigger {
    static CARRIED: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"^[^;:]{0,160}\b(?:quy che|quy dinh|quy trinh|dieu le|danh muc|phu luc|chuong trinh|ke hoach|de an|bang|bieu|noi quy|quy chuan|muc|diem|khoan|dieu|nhiem vu)\b[^;:]{0,400}$",
        )
    });
    let word = plain.get(trigger.from..trigger.to).unwrap_or_default();
    if trigger.relation != Relation::AnnexedTo && word != "tai" {
        return trigger;
    }
    let Some(part) = plain.get(clause..trigger.from) else { return trigger };
    let lead = part.len() - part.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).len();
    let opens = |found: &Trigger| {
        let before = &part[lead..found.from];
        before.is_empty() || before.starts_with("dieu ") && before.len() < 12 || before.len() < 5
    };
    let found = find_triggers(part).into_iter().find(|found| {
        matches!(found.relation, Relation::Amends | Relation::Replaces | Relation::Repeals) && opens(found)
    });
    match found {
        Some(found) if part.len() - found.to < 600 && CARRIED.is_match(&part[found.to..]) => {
            Trigger { from: clause + found.from, to: clause + found.to, relation: found.relation, ..trigger }
        }
        _ => trigger,
    }
}

/// "Đề nghị nghiên cứu sửa đổi, bổ sung …", "các Thông tư hướng dẫn Luật …": nothing is done by this document.
fn asked_only(plain: &str, clause: usize, trigger: Trigger) -> bool {
    static ASKED: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b(?:de nghi|kien nghi|de xuat|nghien cuu|xem xet|tham muu|kip thoi|can|se|chua|neu|khi|du kien|trinh)\b[^.;:]{0,90}$",
        )
    });
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b(?:van ban|nghi dinh|thong tu|quyet dinh|quy dinh)(?:,? (?:va )?(?:nghi dinh|thong tu|quyet dinh|van ban))*\s*$",
        )
    });
    let Some(before) = plain.get(clause.max(trigger.from.saturating_sub(140))..trigger.from) else { return false };
    match trigger.relation {
        Relation::Amends | Relation::Replaces | Relation::Repeals | Relation::Corrects | Relation::Suspends => {
            ASKED.is_match(before)
        }
        Relation::Guides => {
            OTHERS.is_match(before) && ["cac ", "nhung ", "mot so "].iter().any(|word| before.contains(word))
        }
        _ => false,
    }
}

/// Whether the trigger says no more than where something stands.
fn says_where(trigger: Trigger, plain: &str) -> bool {
    trigger.relation == Relation::RefersTo && plain[trigger.from..trigger.to].ends_with("tai")
}

/// The trigger that opened the sentence, if it is one that holds over semicolons.
fn held(plain: &str, sentence: usize, clause: usize, mention: &Mention) -> Option<Trigger> {
    let trigger = opening(plain, sentence, clause, mention)?;
    matches!(trigger.relation, Relation::BasedOn | Relation::Implements | Relation::Proposes).then_some(trigger)
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
fn opening(plain: &str, clause: usize, start: usize, mention: &Mention) -> Option<Trigger> {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r#"^(?:[\s"(*+|~#>_-]|[0-9]{1,2}(?:\.[0-9]{1,2})*[.)]|[a-z]\)|[ivx]+\.|\b(?:ngay|nham|de|tiep tuc|v/v|ve viec|viec|thuc hien nghiem|va|truoc mat|nghiem tuc|khan truong|tich cuc)\b)*$"#,
        )
    });
    let part = plain.get(clause..start)?;
    let part = &part[..part.len().min(900)];
    let kind = mention.kind.as_ref().map_or("", |kind| kind.value.as_str());
    find_triggers(part)
        .iter()
        .filter(|trigger| trigger.reach == Reach::Clause)
        .find(|trigger| {
            // "Xét đề nghị của …" may follow an introduction, and so may "theo đề nghị … tại Tờ trình".
            let words = &part[trigger.from..trigger.to];
            let asked = trigger.relation == Relation::Proposes
                && (words == "xet de nghi" || kind == "Tờ trình")
                && part.len() - trigger.to < 300
                && words.len() > 4;
            LEAD.is_match(&part[..trigger.from]) || asked
        })
        .map(|trigger| Trigger { from: trigger.from + clause, to: trigger.to + clause, ..*trigger })
        .map(
            |trigger| {
                if asks(plain, trigger, mention) {
                    Trigger { relation: Relation::Proposes, ..trigger }
                } else {
                    trigger
                }
            },
        )
}

/// "nhận được Văn bản đề nghị số …", "nhận được Văn bản số … về việc đề nghị …": a proposal.
fn asks(plain: &str, trigger: Trigger, mention: &Mention) -> bool {
    let received =
        plain[trigger.from..trigger.to].starts_with("nhan") || plain[trigger.from..trigger.to].starts_with("tiep nhan");
    let title = mention.title.as_ref().map_or("", |title| title.value.as_str());
    received
        && (title.to_lowercase().starts_with("đề nghị")
            || plain[mention.from..mention.core_end].contains("de nghi")
            || mention.kind.as_ref().is_some_and(|kind| kind.value == "Tờ trình"))
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

/// The trigger in the line that introduces the list of which the item at `at` is part: the nearest
/// line above that is no item itself, with all of its sentence.
fn intro(folded: &Folded, text: &str, at: usize) -> Option<Trigger> {
    static ITEM: LazyLock<Regex> =
        LazyLock::new(|| expression(r"^[\s*]*(?:[-+*]|[0-9]{1,3}(?:\.[0-9]{1,2})*[.)]|[a-z]{1,2}\))\s*\S"));
    let plain = folded.text();
    let mut end = at.saturating_sub(1);
    let mut lines = 0;
    while end > 0 && lines < 400 {
        let start = plain[..end].rfind('\n').map_or(0, |at| at + 1);
        let line = &plain[start..end];
        lines += 1;
        end = start.saturating_sub(1);
        if line.trim().is_empty() {
            continue;
        }
        let first = start + line.len() - line.trim_start().len();
        let goes_on = folded.span(first, first + 1).of(text).chars().all(|c| !c.is_uppercase());
        let heading = line.contains("dieu ") && line.trim_start().starts_with("dieu ");
        if !heading
            && (ITEM.is_match(line) || goes_on && !line.trim_start().starts_with(['#', '*']))
            && !line.trim_end().ends_with(':')
        {
            continue;
        }
        // A line that names documents is the rest of an item, not the head of the list.
        let from =
            if line.trim_end().ends_with(':') { clause_start(folded, text, start, true).at.min(start) } else { start };
        let sentence = &plain[from..start + line.len()];
        let triggers = find_triggers(sentence);
        let trigger = triggers
            .into_iter()
            .filter(|trigger| trigger.relation != Relation::RefersTo)
            .filter(|trigger| !(sentence[..trigger.from].ends_with("hieu luc ")))
            .max_by_key(|trigger| (trigger.reach == Reach::After, weight(trigger.relation)))?;
        return Some(Trigger { from: from + trigger.from, to: from + trigger.to, ..trigger });
    }
    None
}

/// Where the clause that holds `start` begins; `over` takes semicolons for part of it.
fn clause_start(folded: &Folded, text: &str, start: usize, over: bool) -> Clause {
    let bytes = folded.text().as_bytes();
    let floor = start.saturating_sub(1_500);
    let mut at = start;
    while at > floor {
        at -= 1;
        match bytes[at] {
            b';' if !over => return Clause { at: at + 1, item: true, semicolon: true },
            b'.' if at + 1 < start && ends_sentence(folded, text, at) && !is_numeral(bytes, at) => {
                return Clause { at: at + 1, item: false, semicolon: false };
            }
            b'\n' if opens_item(&folded.text()[at + 1..]) => {
                return Clause { at: at + 1, item: true, semicolon: false };
            }
            _ => {}
        }
    }
    Clause { at: floor, item: floor == 0, semicolon: false }
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
