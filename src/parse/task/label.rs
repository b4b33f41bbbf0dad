//! Labelled lines: "Đơn vị chủ trì: …", "Phụ trách: …", "Thời gian thực hiện: …".
//!
//! Lines that follow each other make one group, and the group belongs to the numbered heading above
//! it. Several labels may stand in one line. Labels are matched on folded text with a letter's
//! tolerance, as scans need.

use std::sync::LazyLock;

use regex::Regex;

use super::blocks::Block;
use super::sentence::Reader;
use crate::parse::date::expression;
use crate::parse::found::Found;

/// What a label says of what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Lead,
    Coordinate,
    Time,
    Other,
}

/// The labelled lines of one task.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// The block of the heading.
    pub(super) heading: usize,
    pub(super) lead: Vec<Found<String>>,
    pub(super) coordinate: Vec<Found<String>>,
    /// The words of the deadline.
    pub(super) time: Option<(usize, usize)>,
}

static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    let body = r"(?:(?:cac\s+)?(?:don\s?vi|co quan|bo phan|ca nhan|nguoi|to chuc)(?:\s*[,/]\s*(?:don\s?vi|co quan|bo phan|ca nhan|to chuc))*\s+)";
    expression(&format!(
        r"(?:^|[.;\n]\s*(?:[a-z]\)\s*|[-+*]\s*)?)[\s*_+-]*((?:{body}?(ch[a-z]{{1,2}} tr[a-z](?:\s+(?:thuc h[a-z]{{1,3}}n|tham muu|va phoi hop))?|phu tr[a-z]{{1,2}}ch(?:\s+chinh)?)|{body}(thuc h[a-z]{{1,3}}n|duoc giao|chiu trach nhiem|dau moi|chu quan)|{body}?(ph[a-z]{{1,2}}i h[a-z]{{1,2}}p(?:\s+thuc h[a-z]{{1,3}}n)?)|(th[a-z]{{1,2}}i (?:gian|han)(?:\s+(?:thuc h[a-z]{{1,3}}n|ho[a-z]{{1,2}}n thanh|trien khai|to chuc|du kien))*|tien do(?:\s+thuc h[a-z]{{1,3}}n)?|han hoan thanh)|(san pham(?:\s*[,/]\s*ket qua)?|ket qua(?:\s+(?:dau ra|can dat))?|san pham dau ra|kinh phi|nguon kinh phi|dia diem|thanh phan|doi tuong|noi dung(?:\s+thuc h[a-z]{{1,3}}n)?)))\s*[*_]*\s*:[*_]*\s*"
    ))
});

/// Whether the paragraph begins with a label of units or time.
pub(super) fn is_label(part: &str) -> bool {
    part.contains(':')
        && LABEL
            .captures(part)
            .is_some_and(|hit| hit.get(0).is_some_and(|whole| whole.start() == 0) && hit.get(6).is_none())
}

/// The groups of labelled lines among the blocks.
pub(super) fn groups(reader: &Reader<'_>, blocks: &[Block], skips: impl Fn(&Block) -> bool) -> Vec<Group> {
    let plain = reader.folded.text();
    let mut groups: Vec<Group> = Vec::new();
    let mut open: Option<Group> = None;
    let mut taken: Vec<usize> = Vec::new();
    let mut last_plain = None;
    for (index, block) in blocks.iter().enumerate() {
        if skips(block) {
            continue;
        }
        let part = &plain[block.from..block.to];
        let labels = labels(part);
        if labels.first().is_none_or(|(start, ..)| *start != 0) {
            groups.extend(open.take());
            last_plain = Some(index);
            continue;
        }
        if labels.iter().all(|(_, _, role)| *role == Role::Other) {
            continue;
        }
        for (position, (_, from, role)) in labels.iter().enumerate() {
            let end = labels.get(position + 1).map_or(part.len(), |(start, ..)| *start);
            let place = (block.from + from, block.from + end);
            let group = match &mut open {
                Some(group) if !has(group, *role) => group,
                other => {
                    groups.extend(other.take());
                    let heading = heading(blocks, index, last_plain, &taken);
                    let Some(heading) = heading else { continue };
                    taken.push(heading);
                    other.insert(Group { heading, ..Group::default() })
                }
            };
            match role {
                Role::Lead => group.lead = reader.units(place.0, place.1, "task.label"),
                Role::Coordinate => group.coordinate = reader.units(place.0, place.1, "task.label"),
                Role::Time => group.time = Some(place),
                Role::Other => {}
            }
        }
    }
    groups.extend(open);
    groups
}

fn has(group: &Group, role: Role) -> bool {
    match role {
        Role::Lead => !group.lead.is_empty(),
        Role::Coordinate => !group.coordinate.is_empty(),
        Role::Time => group.time.is_some(),
        Role::Other => false,
    }
}

/// The labels in a paragraph: where each starts, where its value starts, what it says.
fn labels(part: &str) -> Vec<(usize, usize, Role)> {
    let mut found = Vec::new();
    if !part.contains(':') {
        return found;
    }
    let mut at = 0;
    while let Some(hit) = LABEL.captures_at(part, at) {
        let Some(whole) = hit.get(0) else { break };
        let role = match (2..=6).find(|group| hit.get(*group).is_some()) {
            Some(2 | 3) => Role::Lead,
            Some(4) => Role::Coordinate,
            Some(5) => Role::Time,
            _ => Role::Other,
        };
        found.push((whole.start(), whole.end(), role));
        at = whole.end().max(at + 1);
        if at >= part.len() {
            break;
        }
    }
    found
}

/// The heading that labelled lines belong to: the nearest numbered one above that has none yet, else
/// the item just before them.
fn heading(blocks: &[Block], index: usize, before: Option<usize>, taken: &[usize]) -> Option<usize> {
    let mut parent = blocks[index].parent;
    while let Some(at) = parent {
        let block = &blocks[at];
        if !block.is_bullet() {
            if taken.contains(&at) {
                break;
            }
            return Some(at);
        }
        parent = block.parent;
    }
    before.filter(|at| !taken.contains(at))
}
