//! A picture for a report: SVG 1.1, to be opened by any browser or word processor.
//!
//! What the middle document rests on stands to its left, what rests on it to its right, a column a
//! step; an arrow points to the cited document and its colour says the relation. Within a column
//! the order is that of the neighbours' mean place (the barycentre method of Sugiyama, Tagawa and
//! Toda, 1981), swept to and fro a few times. No text is measured: cards have one size, and their
//! lines are cut to what surely fits.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Write};

use crate::store::{GraphView, NodeBrief};

use super::terms::term;
use super::{places, shorten};

/// Nodes that a picture can show and still be read.
pub const MOST: usize = 300;

const CARD: (f32, f32) = (210.0, 66.0);
const GAP: (f32, f32) = (110.0, 16.0);
const MARGIN: f32 = 28.0;
/// Room above the cards for the title, and below for the legend.
const HEAD: f32 = 56.0;
const FOOT: f32 = 46.0;
const FONT: &str = "'Noto Sans', 'Liberation Sans', 'DejaVu Sans', Arial, sans-serif";

/// Colours of relations, told apart by people who see no red or green too (after Okabe and Ito).
const COLOURS: [(&str, &str); 8] = [
    ("based_on", "#0072b2"),
    ("implements", "#009e73"),
    ("guides", "#56b4e9"),
    ("amends", "#e69f00"),
    ("replaces", "#d55e00"),
    ("repeals", "#d55e00"),
    ("annexed_to", "#cc79a7"),
    ("refers_to", "#8a8f98"),
];

struct Placed<'a> {
    node: &'a NodeBrief,
    x: f32,
    y: f32,
    focus: bool,
}

/// Writes `view` with the nodes of the keys `focus` in the middle; without any, the most cited one.
pub(super) fn write(view: &GraphView, focus: &[String], out: &mut impl Write) -> io::Result<()> {
    let places = places(view);
    let links: Vec<(usize, usize)> = view
        .edges
        .iter()
        .filter_map(|edge| Some((*places.get(edge.source.as_str())?, *places.get(edge.target.as_str())?)))
        .collect();
    let mut starts: Vec<usize> = focus.iter().filter_map(|key| places.get(key.as_str()).copied()).collect();
    if starts.is_empty() {
        starts.extend((0..view.nodes.len()).max_by_key(|at| (view.nodes[*at].cited, std::cmp::Reverse(*at))));
    }
    let columns = order(columns(view.nodes.len(), &links, &starts), &links);
    let tallest = columns.values().map(Vec::len).max().unwrap_or(0);
    let width = 2.0 * MARGIN + columns.len() as f32 * (CARD.0 + GAP.0) - GAP.0;
    let height = HEAD + tallest as f32 * (CARD.1 + GAP.1) + FOOT;
    let width = width.max(560.0);
    let mut cards: Vec<Option<Placed<'_>>> = (0..view.nodes.len()).map(|_| None).collect();
    for (column, nodes) in columns.values().enumerate() {
        let free = (tallest - nodes.len()) as f32 * (CARD.1 + GAP.1) / 2.0;
        for (row, at) in nodes.iter().enumerate() {
            cards[*at] = Some(Placed {
                node: &view.nodes[*at],
                x: MARGIN + column as f32 * (CARD.0 + GAP.0),
                y: HEAD + free + row as f32 * (CARD.1 + GAP.1),
                focus: starts.contains(at),
            });
        }
    }
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"{FONT}\">"
    )?;
    let title = match starts.first() {
        Some(at) if !focus.is_empty() => format!("Quan hệ trích dẫn quanh {}", view.nodes[*at].printed),
        _ => "Quan hệ trích dẫn".to_owned(),
    };
    writeln!(out, "<title>{}</title>", escape(&title))?;
    writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>")?;
    writeln!(
        out,
        "<text x=\"{MARGIN}\" y=\"34\" font-size=\"17\" font-weight=\"bold\" fill=\"#1d2733\">{}</text>",
        escape(&title)
    )?;
    write_arrows(view, &cards, &places, out)?;
    for card in cards.iter().flatten() {
        write_card(card, out)?;
    }
    write_legend(view, height, out)?;
    writeln!(out, "</svg>")
}

/// The nodes by column: 0 the middle, below it what is cited, above it what cites. What no link
/// joins to the middle stands in a last column of its own.
fn columns(count: usize, links: &[(usize, usize)], starts: &[usize]) -> BTreeMap<i32, Vec<usize>> {
    let mut column: Vec<Option<i32>> = vec![None; count];
    let mut queue: VecDeque<usize> = starts.iter().copied().collect();
    for start in starts {
        column[*start] = Some(0);
    }
    let mut around: Vec<Vec<(usize, i32)>> = vec![Vec::new(); count];
    for (from, to) in links {
        around[*from].push((*to, -1));
        around[*to].push((*from, 1));
    }
    while let Some(at) = queue.pop_front() {
        let here = column[at].unwrap_or_default();
        for (next, step) in &around[at] {
            if column[*next].is_none() {
                column[*next] = Some(here + step);
                queue.push_back(*next);
            }
        }
    }
    let last = column.iter().flatten().max().map_or(0, |most| most + 1);
    let mut columns: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (at, column) in column.into_iter().enumerate() {
        columns.entry(column.unwrap_or(last)).or_default().push(at);
    }
    columns
}

/// Puts the nodes of each column near their neighbours in the columns beside it.
fn order(mut columns: BTreeMap<i32, Vec<usize>>, links: &[(usize, usize)]) -> BTreeMap<i32, Vec<usize>> {
    let count = columns.values().map(Vec::len).sum();
    let mut neighbours: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    for (from, to) in links.iter().filter(|(from, to)| from != to) {
        neighbours[*from].insert(*to);
        neighbours[*to].insert(*from);
    }
    let mut height = vec![0.0_f32; count];
    let settle = |nodes: &[usize], height: &mut [f32]| {
        for (row, at) in nodes.iter().enumerate() {
            height[*at] = row as f32 - nodes.len() as f32 / 2.0;
        }
    };
    for nodes in columns.values() {
        settle(nodes, &mut height);
    }
    let keys: Vec<i32> = columns.keys().copied().collect();
    for sweep in 0..6 {
        let order: Vec<i32> = if sweep % 2 == 0 { keys.clone() } else { keys.iter().rev().copied().collect() };
        for key in order {
            let Some(nodes) = columns.get_mut(&key) else { continue };
            let mean = |at: usize| {
                let near = &neighbours[at];
                if near.is_empty() {
                    height[at]
                } else {
                    near.iter().map(|n| height[*n]).sum::<f32>() / near.len() as f32
                }
            };
            let means: BTreeMap<usize, f32> = nodes.iter().map(|at| (*at, mean(*at))).collect();
            nodes.sort_by(|a, b| means[a].total_cmp(&means[b]).then(a.cmp(b)));
            settle(nodes, &mut height);
        }
    }
    columns
}

fn colour(relation: &str) -> &'static str {
    COLOURS.iter().find(|(name, _)| *name == relation).map_or("#8a8f98", |(_, colour)| colour)
}

fn write_arrows(
    view: &GraphView,
    cards: &[Option<Placed<'_>>],
    places: &std::collections::HashMap<&str, usize>,
    out: &mut impl Write,
) -> io::Result<()> {
    let used: BTreeSet<&str> = view.edges.iter().map(|edge| colour(&edge.relation)).collect();
    writeln!(out, "<defs>")?;
    for colour in &used {
        writeln!(
            out,
            "<marker id=\"a{}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
             <path d=\"M0 0 L8 4 L0 8 z\" fill=\"{colour}\"/></marker>",
            &colour[1..]
        )?;
    }
    writeln!(out, "</defs>")?;
    // Several citations between two documents are one arrow a relation.
    let mut drawn = BTreeSet::new();
    for edge in &view.edges {
        let (Some(from), Some(to)) = (places.get(edge.source.as_str()), places.get(edge.target.as_str())) else {
            continue;
        };
        let (Some(Some(a)), Some(Some(b))) = (cards.get(*from), cards.get(*to)) else { continue };
        if from == to || !drawn.insert((*from, *to, edge.relation.as_str())) {
            continue;
        }
        let (ya, yb) = (a.y + CARD.1 / 2.0, b.y + CARD.1 / 2.0);
        let path = if a.x > b.x {
            curve(a.x, ya, b.x + CARD.0, yb, -GAP.0 / 2.0)
        } else if a.x < b.x {
            curve(a.x + CARD.0, ya, b.x, yb, GAP.0 / 2.0)
        } else {
            // In one column: round the right side.
            let (x, out) = (a.x + CARD.0, GAP.0 * 0.45);
            format!("M{x:.1} {ya:.1} C{:.1} {ya:.1} {:.1} {yb:.1} {x:.1} {yb:.1}", x + out, x + out)
        };
        let colour = colour(&edge.relation);
        let dash = if edge.outcome == "resolved" { "" } else { " stroke-dasharray=\"5 4\"" };
        let tip = edge.evidence.first().map(|sentence| shorten(sentence, 200)).unwrap_or_default();
        writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.4\" opacity=\"0.85\"{dash} \
             marker-end=\"url(#a{})\"><title>{}: {}</title></path>",
            &colour[1..],
            escape(term(&edge.relation).vietnamese),
            escape(&tip)
        )?;
    }
    Ok(())
}

fn curve(x1: f32, y1: f32, x2: f32, y2: f32, bend: f32) -> String {
    format!("M{x1:.1} {y1:.1} C{:.1} {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}", x1 + bend, x2 - bend)
}

fn write_card(card: &Placed<'_>, out: &mut impl Write) -> io::Result<()> {
    let node = card.node;
    let (fill, stroke, dash) = match (card.focus, node.state.as_str()) {
        (true, _) => ("#fff3d6", "#b7791f", ""),
        (false, "held") => ("#e8f1fa", "#6b93b8", ""),
        (false, "cited") => ("#ffffff", "#9aa5b1", ""),
        (false, _) => ("#ffffff", "#9aa5b1", " stroke-dasharray=\"4 3\""),
    };
    let (x, y) = (card.x, card.y);
    let tip = node.title.as_deref().unwrap_or(&node.key);
    writeln!(out, "<g><title>{}</title>", escape(&shorten(tip, 300)))?;
    writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{}\" height=\"{}\" rx=\"7\" fill=\"{fill}\" stroke=\"{stroke}\"{dash}/>",
        CARD.0, CARD.1
    )?;
    let when = node.date.as_deref().map(day).or_else(|| node.year.map(|year| year.to_string()));
    let about = [node.kind.clone(), when].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let who = node.issuer.as_deref().or(node.title.as_deref()).unwrap_or_default();
    for (line, size, weight, colour, dy) in [
        (shorten(&node.printed, 26), 13.0, "bold", "#1d2733", 21.0),
        (shorten(&about, 32), 11.0, "normal", "#3d4a58", 38.0),
        (shorten(who, 33), 11.0, "normal", "#5b6773", 54.0),
    ] {
        if !line.is_empty() {
            writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{colour}\">{}</text>",
                x + 11.0,
                y + dy,
                escape(&line)
            )?;
        }
    }
    writeln!(out, "</g>")
}

/// `2024-04-11` as it is written in Vietnam: 11/4/2024.
fn day(date: &str) -> String {
    let parts: Vec<&str> = date.split('-').map(|part| part.trim_start_matches('0')).collect();
    if let [year, month, day] = parts[..] { format!("{day}/{month}/{year}") } else { date.to_owned() }
}

fn write_legend(view: &GraphView, height: f32, out: &mut impl Write) -> io::Result<()> {
    let used: BTreeSet<&str> = view.edges.iter().map(|edge| edge.relation.as_str()).collect();
    let (mut x, y) = (MARGIN, height - 18.0);
    for relation in used {
        let words = term(relation).vietnamese;
        writeln!(
            out,
            "<line x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{}\" stroke-width=\"2\"/>\
             <text x=\"{:.1}\" y=\"{y:.1}\" font-size=\"11\" fill=\"#3d4a58\">{}</text>",
            y - 4.0,
            x + 22.0,
            y - 4.0,
            colour(relation),
            x + 28.0,
            escape(words)
        )?;
        x += 28.0 + 6.6 * words.chars().count() as f32 + 22.0;
    }
    Ok(())
}

/// Text for XML; what XML 1.0 cannot write becomes a space.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
