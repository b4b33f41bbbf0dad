//! Labelled lines: "Đơn vị chủ trì: …", "Phụ trách: …", "Thời gian thực hiện: …".
//!
//! Lines that follow each other make one group, and the group belongs to the numbered heading above
//! it. Several labels may stand in one line. Labels are matched on folded text with a letter's
//! tolerance, as scans need.

use std::collections::HashSet;
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
    Product,
    Budget,
    /// Where, and who comes: what a meeting has.
    Place,
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
    /// The words of the product or result.
    pub(super) product: Option<(usize, usize)>,
    /// The words of the budget's source.
    pub(super) budget: Option<(usize, usize)>,
    /// Where the heading's own words end, if the labels stand in its paragraph.
    pub(super) text_end: Option<usize>,
    /// A place or a list of guests is among the labels.
    place: bool,
}

static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    let body = r"(?:(?:cac\s+)?(?:don\s?vi|co quan|bo phan|ca nhan|nguoi|to chuc)(?:\s*[,/]\s*(?:don\s?vi|co quan|bo phan|ca nhan|to chuc))*\s+)";
    expression(&format!(
        r"(?:^|[.;\n(]\s*(?:[a-z]\)\s*|[-+*]\s*)?)[\s*_+-]*((?:{body}?(ch[a-z]{{1,2}} tr[a-z](?:\s+(?:thuc h[a-z]{{1,3}}n|tham muu|trien khai|va phoi hop))?|phu tr[a-z]{{1,2}}ch(?:\s+chinh)?)|{body}(thuc h[a-z]{{1,3}}n|trien khai|duoc giao|chiu trach nhiem|dau moi|chu quan|tham muu)|{body}?(ph[a-z]{{1,2}}i h[a-z]{{1,2}}p(?:\s+thuc h[a-z]{{1,3}}n)?)|(th[a-z]{{1,2}}i (?:gian|han)(?:\s+(?:thuc h[a-z]{{1,3}}n|ho[a-z]{{1,2}}n thanh|trien khai|to chuc|du kien))*|tien do(?:\s+thuc h[a-z]{{1,3}}n)?|han hoan thanh)|(doi tuong|noi dung(?:\s+thuc h[a-z]{{1,3}}n)?|hinh thuc|muc dich|yeu cau)|(san pham(?:\s*[,/]\s*ket qua)?|ket qua(?:\s+(?:dau ra|can dat|dat duoc))?|san pham dau ra)|((?:nguon\s+)?kinh phi(?:\s+thuc h[a-z]{{1,3}}n)?)|(dia diem(?:\s+[a-z]+){{0,2}}|thanh phan(?:\s+[a-z]+){{0,2}})))\s*[*_]*\s*:[*_]*\s*"
    ))
});

/// Whether the paragraph begins with a label of units or time.
pub(super) fn is_label(part: &str) -> bool {
    part.contains(':')
        && LABEL.captures(part).is_some_and(|hit| {
            hit.get(0).is_some_and(|whole| whole.start() == 0) && (2..=5).any(|group| hit.get(group).is_some())
        })
}

/// The groups of labelled lines among the blocks.
pub(super) fn groups(reader: &Reader<'_>, blocks: &[Block], skips: impl Fn(&Block) -> bool) -> Vec<Group> {
    let plain = reader.folded.text();
    let mut groups: Vec<Group> = Vec::new();
    let mut open: Option<Group> = None;
    let mut taken: HashSet<usize> = HashSet::new();
    let mut last_plain = None;
    for (index, block) in blocks.iter().enumerate() {
        if skips(block) {
            continue;
        }
        let part = &plain[block.from..block.to];
        let labels = labels(part);
        let Some((first, ..)) = labels.first() else {
            groups.extend(open.take());
            last_plain = Some(index);
            continue;
        };
        let told = |role: Role| matches!(role, Role::Lead | Role::Coordinate);
        if *first != 0 {
            groups.extend(open.take());
            last_plain = Some(index);
            // "Xây dựng đề án. Đơn vị chủ trì: Sở Y tế. Thời gian: Quý II."
            if !labels.iter().any(|(_, _, role)| told(*role)) || plain[block.from..block.from + first].len() < 12 {
                continue;
            }
            let text_end = Some(block.from + first);
            open = Some(Group { heading: index, text_end, ..Group::default() });
        }
        if open.is_none() && labels.iter().all(|(_, _, role)| matches!(role, Role::Other | Role::Place)) {
            continue;
        }
        for (position, (_, from, role)) in labels.iter().enumerate() {
            let end = labels.get(position + 1).map_or(part.len(), |(start, ..)| *start);
            let place = (block.from + from, block.from + end);
            let group = match &mut open {
                Some(group) if !has(group, *role) => group,
                None if !matches!(role, Role::Lead | Role::Coordinate | Role::Time) => continue,
                other => {
                    groups.extend(other.take());
                    let heading = heading(blocks, index, last_plain, &taken);
                    let Some(heading) = heading else { continue };
                    taken.insert(heading);
                    other.insert(Group { heading, ..Group::default() })
                }
            };
            match role {
                Role::Lead => group.lead = reader.units(place.0, place.1, "task.label"),
                Role::Coordinate => group.coordinate = reader.units(place.0, place.1, "task.label"),
                Role::Time => group.time = Some(place),
                Role::Product => group.product = Some(place),
                Role::Budget => group.budget = Some(place),
                Role::Place => group.place = true,
                Role::Other => {}
            }
        }
    }
    groups.extend(open);
    // A notice that calls to a meeting labels its paragraphs too: who chairs, when, where, who comes.
    groups.retain(|group| !group.place || blocks[group.heading].depth.is_some() || group.text_end.is_some());
    groups
}

fn has(group: &Group, role: Role) -> bool {
    match role {
        Role::Lead => !group.lead.is_empty(),
        Role::Coordinate => !group.coordinate.is_empty(),
        Role::Time => group.time.is_some(),
        Role::Product => group.product.is_some(),
        Role::Budget => group.budget.is_some(),
        Role::Place | Role::Other => false,
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
        let role = match (2..=9).find(|group| hit.get(*group).is_some()) {
            Some(2 | 3) => Role::Lead,
            Some(4) => Role::Coordinate,
            Some(5) => Role::Time,
            Some(7) => Role::Product,
            Some(8) => Role::Budget,
            Some(9) => Role::Place,
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
fn heading(blocks: &[Block], index: usize, before: Option<usize>, taken: &HashSet<usize>) -> Option<usize> {
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
