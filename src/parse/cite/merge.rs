//! Many mentions, one citation.
//!
//! Two mentions are of one document if number and symbol agree in any spelling and neither date nor
//! issuer says otherwise; a bare number joins the one full number that it can stand for; a law is known
//! by its name and year. Of what the mentions say, the fullest is kept.

use std::collections::HashMap;

use jiff::civil::Date;

use super::find::{Mention, words_of};
use crate::parse::folded::Folded;
use crate::parse::found::{Citation, Found, Relation};
use crate::parse::relation::weight;
use crate::vi::fold::fold;

/// One citation for each document, in the order of their first mentions.
pub(super) fn merge(
    mentions: Vec<Mention>,
    relations: Vec<Found<Relation>>,
    folded: &Folded,
    text: &str,
) -> Vec<Citation> {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    let mut waiting = Vec::new();
    for (mention, relation) in mentions.into_iter().zip(relations) {
        if mention.bare || (mention.key.is_none() && mention.date.is_none() && mention.year.is_none()) {
            waiting.push((mention, relation));
        } else {
            place(&mut groups, &mut by_key, mention, relation);
        }
    }
    for (mention, relation) in waiting {
        let full = if mention.bare { full_number(&groups, &mention) } else { full_law(&groups, &mention) };
        match full {
            Some(index) => groups[index].mentions.push((mention, relation)),
            None => place(&mut groups, &mut by_key, mention, relation),
        }
    }
    for group in &mut groups {
        group.mentions.sort_by_key(|(mention, _)| mention.from);
    }
    groups.sort_by_key(|group| group.mentions.first().map(|(mention, _)| mention.from));
    groups.iter().filter_map(|group| citation(group, folded, text)).collect()
}

/// The mentions of one document.
struct Group {
    mentions: Vec<(Mention, Found<Relation>)>,
}

/// Puts the mention into the group that it fits, or into a new one.
fn place(
    groups: &mut Vec<Group>,
    by_key: &mut HashMap<String, Vec<usize>>,
    mention: Mention,
    relation: Found<Relation>,
) {
    let key = identity(&mention);
    let same = by_key.entry(key).or_default();
    let fitting = same.iter().copied().find(|index| fits(&groups[*index], &mention));
    if let Some(index) = fitting {
        groups[index].mentions.push((mention, relation));
    } else {
        same.push(groups.len());
        groups.push(Group { mentions: vec![(mention, relation)] });
    }
}

/// What two mentions of one document have in common.
fn identity(mention: &Mention) -> String {
    if let Some(key) = &mention.key {
        let standard = mention.kind.as_ref().filter(|kind| matches!(kind.value.as_str(), "QCVN" | "TCVN"));
        let bare = mention.bare || key.value.symbol().is_none();
        let kind = mention.kind.as_ref().filter(|_| bare || standard.is_some());
        return format!("{} {}", key.value.folded(), kind.map_or(String::new(), |kind| fold(&kind.value)));
    }
    law_name(mention).unwrap_or_default()
}

/// A law's name in comparison form.
fn law_name(mention: &Mention) -> Option<String> {
    let name = mention.name.as_ref().filter(|_| !mention.bare)?;
    Some(expand(&fold(&name.value)))
}

/// Abbreviations of bodies written out, in folded text.
fn expand(folded: &str) -> String {
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| match word {
            "ubnd" => "uy ban nhan dan",
            "hdnd" => "hoi dong nhan dan",
            "tp" => "thanh pho",
            "gddt" => "giao duc va dao tao",
            "pl" => "phap lenh",
            _ => word,
        })
        .collect();
    words.join(" ")
}

/// Whether nothing that the mention says contradicts the group.
fn fits(group: &Group, mention: &Mention) -> bool {
    group.mentions.iter().all(|(other, _)| {
        let dates = match (&mention.date, &other.date) {
            (Some(a), Some(b)) => one_slip(a.value, b.value),
            _ => true,
        };
        let years = match (year(mention), year(other)) {
            (Some(a), Some(b)) => mention.key.is_some() || a == b,
            _ => true,
        };
        let issuers = match (&mention.issuer, &other.issuer) {
            (Some(a), Some(b)) => same_body(&a.value, &b.value),
            _ => true,
        };
        dates && years && issuers
    })
}

/// Whether the dates are one date, or differ in the day, the month or the year only, as slips of the
/// pen do ("ngày 06/3/2026", later "06/3/2025").
fn one_slip(a: Date, b: Date) -> bool {
    let same = [a.day() == b.day(), a.month() == b.month(), a.year() == b.year()];
    same.iter().filter(|same| **same).count() >= 2
}

fn year(mention: &Mention) -> Option<i16> {
    mention.year.or_else(|| mention.date.as_ref().map(|date| date.value.year()))
}

/// Whether two names can be of one body: one says the other and more, or they name no different place.
fn same_body(a: &str, b: &str) -> bool {
    let (a, b) = (expand(&fold(a)), expand(&fold(b)));
    if a.contains(&b) || b.contains(&a) {
        return true;
    }
    // "Bộ trưởng Bộ Công Thương" and "Bộ Công Thương"; a differing place at the end does differ.
    let tail =
        |name: &str| ["tinh ", "thanh pho "].iter().find_map(|word| name.rfind(word).map(|at| name[at..].to_owned()));
    match (tail(&a), tail(&b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// The one group with a full number that a bare one can stand for.
fn full_number(groups: &[Group], mention: &Mention) -> Option<usize> {
    let bare = mention.key.as_ref()?;
    let kind = mention.kind.as_ref().map(|kind| kind.value.as_str());
    let mut fitting = groups.iter().enumerate().filter(|(_, group)| {
        group.mentions.iter().any(|(other, _)| {
            let Some(key) = &other.key else { return false };
            let same_kind = other.kind.as_ref().map(|kind| kind.value.as_str()) == kind;
            let number = |number: &str| number.trim_start_matches('0').to_lowercase();
            key.value.symbol().is_some()
                && same_kind
                && number(key.value.number()) == number(bare.value.number())
                && (bare.value.year().is_none() || bare.value.year() == key.value.year())
        }) && fits(group, mention)
    });
    let (index, _) = fitting.next()?;
    fitting.next().is_none().then_some(index)
}

/// The last group with this law's name, in whatever version.
fn full_law(groups: &[Group], mention: &Mention) -> Option<usize> {
    let name = law_name(mention)?;
    groups
        .iter()
        .rposition(|group| group.mentions.iter().any(|(other, _)| law_name(other).as_deref() == Some(name.as_str())))
}

/// How much a mention's relation says. A document that opens with "Thực hiện X" implements X even if it
/// names X among its bases too; in passing, "thực hiện X" says less than a basis.
fn telling(relation: &Found<Relation>) -> u8 {
    let opens = matches!(relation.rule, "relation.clause" | "relation.title");
    match relation.value {
        Relation::Implements if opens => 8,
        value => weight(value),
    }
}

/// The citation that a group of mentions gives.
fn citation(group: &Group, folded: &Folded, text: &str) -> Option<Citation> {
    let mentions: Vec<Found<String>> = group
        .mentions
        .iter()
        .map(|(mention, _)| {
            let (words, span) = words_of(mention, folded, text);
            Found::new(words, span, "cite.mention", mention.confidence)
        })
        .collect();
    let relation = group
        .mentions
        .iter()
        .map(|(_, relation)| relation.clone())
        .reduce(|best, next| if telling(&next) > telling(&best) { next } else { best })?;
    let full = |mention: &&(Mention, Found<Relation>)| !mention.0.bare && mention.0.key.is_some();
    let lead = group.mentions.iter().find(full).or(group.mentions.first())?;
    let (lead, rest) = (&lead.0, group.mentions.iter().map(|(mention, _)| mention));
    let mut date = lead.date.clone().or_else(|| rest.clone().find_map(|mention| mention.date.clone()));
    if let Some(date) = &mut date {
        for other in rest.clone().filter_map(|mention| mention.date.as_ref()) {
            if other.value != date.value && !date.rivals.contains(&other.value) {
                date.rivals.push(other.value);
                date.confidence = date.confidence.min(0.55);
            }
        }
    }
    let dated = rest.clone().find(|mention| mention.date.is_some()).and_then(|mention| mention.issuer.clone());
    let issuer = dated.or_else(|| rest.clone().find_map(|mention| mention.issuer.clone()));
    let pick = |read: fn(&Mention) -> Option<Found<String>>| rest.clone().find_map(read);
    let named = rest.clone().filter(|mention| !mention.bare || lead.bare);
    Some(Citation {
        key: lead.key.clone(),
        name: named.clone().find_map(|mention| mention.name.clone()),
        title: pick(|mention| mention.title.clone()),
        kind: named
            .clone()
            .filter(|mention| mention.own_kind)
            .find_map(|mention| mention.kind.clone())
            .or_else(|| pick(|mention| mention.kind.clone())),
        date,
        issuer,
        relation,
        locator: rest.clone().find_map(|mention| mention.locator).map(|(from, to)| {
            Found::new(super::around::printed(folded, text, from, to), folded.span(from, to), "cite.locator", 0.85)
        }),
        mentions,
    })
}
