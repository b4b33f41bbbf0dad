//! Text of the file over text that was read from the page's picture.
//!
//! Where both have a word in the same place, the file's own is kept: it is what the picture shows,
//! without the errors of reading. Nothing here knows PDF.

use hayro::hayro_interpret::kurbo::Rect as Area;

use crate::document::{Layout, Rect, Token};
use crate::ingest::glyphs::Drawn;

/// Puts the lines of `own` over those of `seen`.
pub(super) fn overlay(mut seen: Layout, own: Layout) -> Layout {
    let boxes: Vec<Rect> = own.lines.iter().flatten().filter_map(|token| token.bbox).collect();
    // A word that both have is shown once.
    let hidden = |token: &Token| token.bbox.is_some_and(|bbox| boxes.iter().any(|other| mostly_inside(bbox, *other)));
    for line in &mut seen.lines {
        line.retain(|token| !hidden(token));
    }
    seen.lines.retain(|line| !line.is_empty());
    for line in own.lines {
        let Some(bbox) = extent(&line) else {
            seen.lines.push(line);
            continue;
        };
        if let Some(at) =
            seen.lines.iter().position(|other| extent(other).is_some_and(|other| on_one_line(bbox, other)))
        {
            insert(&mut seen.lines[at], line);
        } else {
            let middle = f32::midpoint(bbox.y0, bbox.y1);
            let below = |other: &Vec<Token>| extent(other).is_some_and(|o| f32::midpoint(o.y0, o.y1) > middle);
            let at = seen.lines.iter().position(below).unwrap_or(seen.lines.len());
            seen.lines.insert(at, line);
        }
    }
    seen.size = seen.size.or(own.size);
    seen.notes.extend(own.notes);
    seen
}

/// Brings the words of a line into another one, by where they stand.
fn insert(line: &mut Vec<Token>, words: Vec<Token>) {
    let left = |token: &Token| token.bbox.map_or(f32::MAX, |bbox| bbox.x0);
    for word in words {
        let at = line.iter().position(|other| left(other) > left(&word)).unwrap_or(line.len());
        line.insert(at, word);
    }
    for index in 0..line.len() {
        let before = index.checked_sub(1).and_then(|index| line[index].bbox);
        if let (Some(before), Some(bbox)) = (before, line[index].bbox) {
            line[index].after_gap = bbox.x0 - before.x1 > 0.9 * (bbox.y1 - bbox.y0);
        }
    }
}

fn extent(line: &[Token]) -> Option<Rect> {
    line.iter().filter_map(|token| token.bbox).reduce(Rect::cover)
}

/// Whether the lower of two boxes has half of its height beside the other.
fn on_one_line(a: Rect, b: Rect) -> bool {
    let common = a.y1.min(b.y1) - a.y0.max(b.y0);
    let (lower, higher) = ((a.y1 - a.y0).min(b.y1 - b.y0), (a.y1 - a.y0).max(b.y1 - b.y0));
    common >= 0.5 * lower && higher <= 2.5 * lower
}

fn mostly_inside(inner: Rect, outer: Rect) -> bool {
    let width = inner.x1.min(outer.x1) - inner.x0.max(outer.x0);
    let height = inner.y1.min(outer.y1) - inner.y0.max(outer.y0);
    width > 0.0 && height > 0.0 && width * height >= 0.5 * (inner.x1 - inner.x0) * (inner.y1 - inner.y0)
}

/// The pictures on a typeset page that cover `share` of it and have no words of their own: a page
/// of another document pasted in.
pub(super) fn insets(pictures: &[Drawn], lines: &[Vec<Token>], size: (f32, f32), share: f64) -> Vec<Rect> {
    let page = Area::new(0.0, 0.0, f64::from(size.0), f64::from(size.1));
    let shown = pictures.iter().map(|picture| picture.area.intersect(page)).filter(|a| a.area() >= share * page.area());
    shown
        .map(|area| Rect { x0: area.x0 as f32, y0: area.y0 as f32, x1: area.x1 as f32, y1: area.y1 as f32 })
        .filter(|area| {
            let inside = lines.iter().flatten().filter_map(|token| token.bbox);
            inside.filter(|bbox| mostly_inside(*bbox, *area)).count() < 3
        })
        .collect()
}

/// The words of `seen` that stand in one of the boxes.
pub(super) fn keep_inside(mut seen: Layout, boxes: &[Rect]) -> Layout {
    for line in &mut seen.lines {
        line.retain(|token| token.bbox.is_some_and(|bbox| boxes.iter().any(|area| mostly_inside(bbox, *area))));
    }
    seen.lines.retain(|line| !line.is_empty());
    seen
}
