//! Questions over several steps, and over the store as a whole: trace, impact, suspects, stats.

use std::fmt::Write;

use super::args::{Global, Trace};
use super::output::{DOUBT, FAINT, STRONG, count, paint, shorten, table};
use super::query::{answer, issued, node_line, open, unknown};
use vanban::Result;
use vanban::store::{Direction, NodeBrief, Reached};

/// What lies behind a document, what follows from it, or how it leads to another.
pub(super) fn trace(global: &Global, question: &Trace) -> Result<u8> {
    let store = open(global)?;
    if store.find(&question.key)?.candidates.is_empty() {
        unknown(&question.key);
    }
    if let Some(to) = &question.to {
        if store.find(to)?.candidates.is_empty() {
            unknown(to);
        }
        let paths = store.path(&question.key, to)?;
        let page = || {
            let mut out = String::new();
            for path in &paths {
                for (index, step) in path.steps.iter().enumerate() {
                    if let Some(relation) = &step.relation {
                        let _ = writeln!(out, "{:indent$}{}", "", paint(FAINT, relation), indent = 2 * index);
                    }
                    let _ = writeln!(out, "{:indent$}{}", "", node_line(&step.node), indent = 2 * index);
                }
                out.push('\n');
            }
            out
        };
        return answer(global, &paths, page, !paths.is_empty());
    }
    let direction = if question.down { Direction::Down } else { Direction::Up };
    let reached = store.reach(&question.key, direction, question.depth)?;
    let page = || {
        let mut rows = table(&["step", "document", "type", "issued", "issuer or title"]);
        for Reached { depth, node } in &reached {
            rows.add_row([
                depth.to_string(),
                shorten(&node.printed, 40),
                node.kind.clone().unwrap_or_default(),
                issued(node),
                shorten(said_of(node), 40),
            ]);
        }
        format!("{rows}\n{}\n", count(reached.len(), "document"))
    };
    answer(global, &reached, page, !reached.is_empty())
}

fn said_of(node: &NodeBrief) -> &str {
    node.issuer.as_deref().or(node.title.as_deref()).unwrap_or_default()
}

/// What rests on a document that was replaced or repealed.
pub(super) fn impact(global: &Global, key: Option<&str>, late: bool) -> Result<u8> {
    let store = open(global)?;
    if let Some(key) = key
        && store.find(key)?.candidates.is_empty()
    {
        unknown(key);
    }
    let found = store.impact(key, late)?;
    let page = || {
        let mut out = String::new();
        for one in &found {
            let _ = writeln!(out, "{}", node_line(&one.document));
            let _ = writeln!(out, "  {}  {}", paint(FAINT, &one.relation), node_line(&one.ended));
            let by = match one.by_relation.as_str() {
                "replaces" => "replaced by",
                _ => "repealed by",
            };
            let late = if one.late { paint(DOUBT, "  before the document was issued") } else { String::new() };
            let _ = writeln!(out, "  {}  {}{late}\n", paint(FAINT, by), node_line(&one.by));
        }
        let _ = writeln!(out, "{}", count(found.len(), "citation"));
        out
    };
    answer(global, &found, page, !found.is_empty())
}

/// Nodes that look like misreadings of others.
pub(super) fn suspects(global: &Global) -> Result<u8> {
    let suspects = open(global)?.suspects()?;
    let page = || {
        let mut rows = table(&["suspect", "cited by", "probably", "cited by", "why"]);
        for one in &suspects {
            rows.add_row([
                one.node.clone(),
                one.support.0.to_string(),
                one.probably.clone(),
                one.support.1.to_string(),
                one.why.clone(),
            ]);
        }
        format!("{rows}\n{}\n", count(suspects.len(), "suspect"))
    };
    answer(global, &suspects, page, !suspects.is_empty())
}

/// What the store holds, in numbers.
pub(super) fn stats(global: &Global) -> Result<u8> {
    let numbers = open(global)?.statistics()?;
    let page = || {
        let mut out = String::new();
        let _ = writeln!(out, "{}", count(usize::try_from(numbers.documents).unwrap_or_default(), "document"));
        let _ = writeln!(out, "{}", count(usize::try_from(numbers.tasks).unwrap_or_default(), "task"));
        let _ = writeln!(out, "{} not read", count(usize::try_from(numbers.failures).unwrap_or_default(), "file"));
        for (title, groups) in [
            ("Documents by type", &numbers.kinds),
            ("Nodes of the graph", &numbers.nodes),
            ("Citations by outcome", &numbers.edges),
            ("Citations by relation", &numbers.relations),
        ] {
            let _ = writeln!(out, "\n{}", paint(STRONG, title));
            for (name, number) in groups {
                let name = if name.is_empty() { "(not known)" } else { name };
                let _ = writeln!(out, "  {number:>8}  {name}");
            }
        }
        out
    };
    answer(global, &numbers, page, numbers.documents > 0)
}
