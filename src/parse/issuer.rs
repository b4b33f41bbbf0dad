//! Who issued a document, as a person would write it.
//!
//! Turns the names in a letterhead into issuer (cơ quan ban hành) and parent (cơ quan chủ quản):
//! in running spelling, and with the place that the letterhead or the date line gives where the
//! name alone would fit any province. Knows the layout of names (Nghị định 30/2020/NĐ-CP,
//! Phụ lục I, II.2), not which bodies exist.

use super::folded::Folded;
use super::found::Found;
use super::letterhead::Letterhead;
use super::names::{begins_with, head_of, unit_name};
use crate::facts::Facts;
use crate::vi::fold::fold;

/// Issuer and parent. `joint`: several bodies issued it together.
pub(crate) fn read_issuer(
    head: &Letterhead,
    joint: bool,
    facts: &Facts,
) -> (Option<Found<String>>, Option<Found<String>>) {
    let units = &head.units;
    let place = head.place.as_ref().map(|place| place.value.as_str());
    let Some(last) = units.last() else { return (None, None) };
    let named: Vec<String> = units.iter().map(|unit| unit_name(&unit.value, facts)).collect();
    if joint && units.len() > 1 {
        let span = units.iter().fold(last.span, |span, unit| span.cover(unit.span));
        return (Some(Found::new(named.join("; "), span, "issuer.joint", 0.85)), None);
    }
    let count = named.len();
    let above = count.checked_sub(2).map(|index| {
        let higher = index.checked_sub(1).map(|index| named[index].as_str());
        complete(&named[index], higher, place, facts)
    });
    let issuer = complete(&named[count - 1], above.as_deref(), place, facts);
    let sure = if head_of(&issuer, facts).is_some() { last.confidence } else { last.confidence * 0.7 };
    let mut found = Found::new(issuer, last.span, "issuer.letterhead", sure);
    if found.value != named[count - 1] {
        found.rivals.push(named[count - 1].clone());
    }
    let parent =
        above.map(|name| Found::new(name, units[count - 2].span, "issuer.parent", units[count - 2].confidence));
    (Some(found), parent)
}

/// The name with what it needs to be told from its namesakes.
fn complete(name: &str, parent: Option<&str>, place: Option<&str>, facts: &Facts) -> String {
    let folded = fold(name);
    if let Some(parent) = parent
        && facts.names.organs.iter().any(|organ| organ.folded == folded)
    {
        return format!("{name} {}", spelled_out(parent));
    }
    let council = matches!(folded.as_str(), "uy ban nhan dan" | "ubnd" | "hoi dong nhan dan" | "hdnd");
    let local = head_of(name, facts).is_some_and(|head| facts.names.local.iter().any(|local| begins_with(head, local)));
    if !(local || council) || has_place(&folded, facts) {
        return name.to_owned();
    }
    if let Some(area) = parent.and_then(area_of) {
        return format!("{name} {area}");
    }
    // A ministry's or a state bank's branch is not the place's own body.
    let alone = parent.is_none_or(|parent| fold(parent).starts_with("so "));
    if alone
        && (folded.starts_with("so ") || council)
        && let Some(area) = place.and_then(|place| province_of(place, facts))
    {
        return format!("{name} {area}");
    }
    name.to_owned()
}

/// `UBND` spelled out, without marks where the name has none.
fn spelled_out(name: &str) -> String {
    let (committee, council) = if name.is_ascii() {
        ("Uy ban nhan dan", "Hoi dong nhan dan")
    } else {
        ("Ủy ban nhân dân", "Hội đồng nhân dân")
    };
    name.replace("UBND", committee).replace("HĐND", council).replace("HDND", council)
}

/// "tỉnh Lào Cai" of "Ủy ban nhân dân tỉnh Lào Cai".
fn area_of(name: &str) -> Option<&str> {
    let folded = Folded::of(name);
    [" tinh ", " thanh pho ", " huyen ", " quan ", " thi xa ", " xa ", " phuong ", " dac khu ", " thi tran "]
        .iter()
        .filter_map(|level| folded.text().find(level))
        .min()
        .map(|at| folded.span(at + 1, folded.text().len()).of(name))
}

/// The province that `place` names, in running spelling: "tỉnh Lào Cai" of "Lào Cai".
pub(crate) fn province_of(place: &str, facts: &Facts) -> Option<String> {
    let folded = fold(place);
    let bare = folded.trim_start_matches("thanh pho ").trim_start_matches("tp. ").trim_start_matches("tinh ");
    let province = facts.provinces.iter().find(|province| bare_name(&fold(province)) == bare)?;
    Some(match province.strip_prefix("Tỉnh ") {
        Some(name) => format!("tỉnh {name}"),
        None if bare == "ho chi minh" => province.clone(),
        None => province.replacen("Thành phố", "thành phố", 1),
    })
}

fn bare_name(folded: &str) -> &str {
    folded.strip_prefix("tinh ").or_else(|| folded.strip_prefix("thanh pho ")).unwrap_or(folded)
}

/// Whether a folded name says where: a level of administration or a province.
fn has_place(folded: &str, facts: &Facts) -> bool {
    let padded = format!(" {folded} ");
    [" tinh ", " thanh pho ", " huyen ", " quan ", " phuong ", " tp. ", " trung uong ", " viet nam "]
        .iter()
        .any(|level| padded.contains(level))
        || facts.provinces.iter().any(|province| padded.contains(&format!(" {} ", bare_name(&fold(province)))))
}
