//! The questions: who cites, cites, show, list, tasks, search, graph.

use std::fmt::Write;

use super::args::{About, Global, List, Tasks, WhoCites};
use super::output::{BAD, DOUBT, FAINT, STRONG, WIDTH, complain, count, emit, emit_bytes, paint, shorten, table};
use super::show::wrap;
use super::{DONE, PARTLY, print, said, show};
use vanban::Result;
use vanban::error::Error;
use vanban::export::{self, Format};
use vanban::parse::{Relation, found::REVIEW};
use vanban::store::{Asked, Citation, CiteFilter, DocumentBrief, ListFilter, NodeBrief, Store, TaskFilter, TaskRow};

/// Opens the store to ask it something.
pub(super) fn open(global: &Global) -> Result<Store> {
    if !global.store.exists() {
        let reason = format!("{} is not there yet; `vanban import PATH` makes it", global.store.display());
        return Err(Error::Store(reason));
    }
    Store::open_to_query(&global.store)
}

/// Prints JSON or a page; the exit code tells whether anything was found.
pub(super) fn answer(
    global: &Global,
    json: &impl serde::Serialize,
    page: impl FnOnce() -> String,
    found: bool,
) -> Result<u8> {
    if global.json {
        print(json)?;
    } else {
        said(emit(&page()))?;
    }
    Ok(if found { DONE } else { PARTLY })
}

/// The documents that the options of a question admit.
fn about(kind: Option<String>, about: &About, limit: Option<usize>) -> ListFilter {
    let About { issuer, place, since, until } = about.clone();
    ListFilter { kind, issuer, place, from: since, to: until, limit }
}

/// Which documents cite this one.
pub(super) fn who_cites(global: &Global, question: &WhoCites) -> Result<u8> {
    let filter = CiteFilter {
        relation: question.relation.as_deref().map(relation).transpose()?,
        document: about(question.kind.clone(), &question.about, question.limit),
    };
    let citers = open(global)?.who_cites(&question.key, &filter)?;
    let page = || {
        let mut out = String::new();
        for candidate in &citers.asked.candidates {
            let rows: Vec<_> = citers.rows.iter().filter(|row| row.target == candidate.node.key).collect();
            let _ = writeln!(out, "{}", node_line(&candidate.node));
            let shown = if question.limit.is_some_and(|limit| citers.rows.len() >= limit) {
                ", the newest are shown"
            } else {
                ""
            };
            let cited = rows.len().max(if shown.is_empty() { 0 } else { candidate.node.cited as usize });
            let _ = writeln!(out, "cited by {}{shown}\n", count(cited, "document"));
            for row in rows {
                let _ = writeln!(out, "{}", document_line(&row.document));
                let _ = writeln!(out, "{}", citation_lines(&row.citation, row.possible));
            }
        }
        out
    };
    nothing(&citers.asked);
    answer(global, &citers, page, !citers.rows.is_empty())
}

/// What this document cites.
pub(super) fn cites(global: &Global, key: &str) -> Result<u8> {
    let cites = open(global)?.cites(key)?;
    let page = || {
        let mut out = String::new();
        for candidate in &cites.asked.candidates {
            let rows: Vec<_> = cites.rows.iter().filter(|row| row.source == candidate.node.key).collect();
            let _ = writeln!(out, "{}", node_line(&candidate.node));
            let _ = match candidate.node.state.as_str() {
                "held" => writeln!(out, "cites {}\n", count(rows.len(), "document")),
                _ => writeln!(out, "what it cites is not known: it is not in the store\n"),
            };
            for row in rows {
                let _ = writeln!(out, "{}", node_line(&row.target));
                let _ = writeln!(out, "{}", citation_lines(&row.citation, false));
            }
        }
        out
    };
    nothing(&cites.asked);
    answer(global, &cites, page, !cites.rows.is_empty())
}

/// All that is known of a document.
pub(super) fn show(global: &Global, key: &str, text: bool) -> Result<u8> {
    let shown = open(global)?.show(key)?;
    let page = || {
        let mut out = String::new();
        for one in &shown {
            if one.files.is_empty() {
                let _ = writeln!(out, "{}", node_line(&one.node));
            }
            for file in &one.files {
                let _ = writeln!(out, "{}", show::page(&file.record));
                let _ = writeln!(out, "{}", paint(FAINT, format_args!("read from {}", file.paths.join(", "))));
                if text {
                    let _ = writeln!(out, "\n{}", file.record.text);
                }
            }
        }
        out
    };
    if shown.is_empty() {
        unknown(key);
    }
    answer(global, &shown, page, !shown.is_empty())
}

/// The documents in the store, or those that are cited and not there.
pub(super) fn list(global: &Global, filter: &List) -> Result<u8> {
    let store = open(global)?;
    if filter.wanted {
        let wanted = store.wanted(u32::MAX)?;
        let page = || {
            let mut rows = table(&["cited by", "document", "type", "issued", "issuer or title"]);
            for one in &wanted {
                let node = &one.node;
                let about = node.issuer.as_deref().or(node.title.as_deref()).unwrap_or_default();
                rows.add_row([
                    node.cited.to_string(),
                    shorten(&node.printed, 40),
                    node.kind.clone().unwrap_or_default(),
                    issued(node),
                    shorten(about, 40),
                ]);
            }
            format!("{rows}\n")
        };
        return answer(global, &wanted, page, !wanted.is_empty());
    }
    let documents = store.list(&about(filter.kind.clone(), &filter.about, None))?;
    let page = || {
        let mut rows = table(&["document", "type", "issued", "issuer", "subject"]);
        for document in &documents {
            rows.add_row([
                document.key.clone().unwrap_or_else(|| "?".into()),
                document.kind.clone().unwrap_or_default(),
                document.date.clone().unwrap_or_default(),
                shorten(document.issuer.as_deref().unwrap_or_default(), 40),
                shorten(document.subject.as_deref().unwrap_or_default(), 60),
            ]);
        }
        format!("{rows}\n{}\n", count(documents.len(), "document"))
    };
    answer(global, &documents, page, !documents.is_empty())
}

/// Tasks with their units and deadlines, the first due first.
pub(super) fn tasks(global: &Global, filter: &Tasks) -> Result<u8> {
    let tasks = open(global)?.tasks(&TaskFilter {
        unit: filter.unit.clone(),
        document: filter.document.clone(),
        to: filter.due_by,
        overdue_on: filter.overdue,
        ..TaskFilter::default()
    })?;
    if filter.ics {
        let (calendar, without) = export::calendar(&tasks, jiff::Zoned::now().date());
        if without > 0 {
            complain(&format!("{} without a day left out", count(without, "task")));
        }
        said(emit(&calendar))?;
        return Ok(if without < tasks.len() { DONE } else { PARTLY });
    }
    let page = || {
        let mut rows = table(&["due", "task", "units", "document"]);
        for task in &tasks {
            let units = task.units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join("; ");
            rows.add_row([
                due(task),
                shorten(&task.text, 110),
                shorten(&units, 90),
                task.document.key.clone().unwrap_or_else(|| "?".into()),
            ]);
        }
        format!("{rows}\n{}\n", count(tasks.len(), "task"))
    };
    answer(global, &tasks, page, !tasks.is_empty())
}

/// Documents whose text holds the words.
pub(super) fn search(
    global: &Global,
    words: &[String],
    kind: Option<String>,
    which: &About,
    limit: usize,
) -> Result<u8> {
    let filter = about(kind, which, Some(limit));
    let hits = open(global)?.search(&words.join(" "), &filter)?;
    let page = || {
        let mut out = String::new();
        for hit in &hits {
            let mut snippet = String::new();
            let mut read = 0;
            for (start, end) in &hit.marks {
                let (start, end) = (*start as usize, *end as usize);
                snippet.push_str(&hit.snippet[read..start]);
                snippet.push_str(&paint(STRONG, &hit.snippet[start..end]));
                read = end;
            }
            snippet.push_str(&hit.snippet[read..]);
            let lines = wrap(&snippet, usize::from(WIDTH) - 2);
            let _ = writeln!(out, "{}\n  {}\n", document_line(&hit.document), lines.join("\n  "));
        }
        out
    };
    answer(global, &hits, page, !hits.is_empty())
}

/// The graph for other programs, to standard output.
pub(super) fn graph(global: &Global, format: Format, around: Option<&str>, depth: usize, base: &str) -> Result<u8> {
    let store = open(global)?;
    let mut focus = Vec::new();
    let view = match around {
        Some(key) => {
            let asked = store.find(key)?;
            nothing(&asked);
            focus.extend(asked.candidates.into_iter().map(|candidate| candidate.node.key));
            store.graph_around(key, depth.min(64) as u32)?
        }
        None => store.graph()?,
    };
    let mut bytes = Vec::new();
    export::graph(&view, format, &export::Setting { base, focus: &focus }, &mut bytes)?;
    said(emit_bytes(&bytes))?;
    Ok(if view.nodes.is_empty() { PARTLY } else { DONE })
}

/// Reads the name of a relation; the error lists them.
fn relation(name: &str) -> Result<Relation> {
    let value = serde_json::Value::String(name.replace('-', "_"));
    serde_json::from_value(value).map_err(|error| Error::Store(format!("no relation `{name}`: {error}")))
}

/// Says on standard error that the key means nothing here, or several things.
fn nothing(asked: &Asked) {
    match asked.candidates.len() {
        0 => unknown(&asked.words),
        1 => {}
        several => {
            let line = format!("`{}` can mean {several} documents; all are answered for", asked.words);
            complain(&paint(DOUBT, line));
        }
    }
}

pub(super) fn unknown(key: &str) {
    complain(&format!("{} no document in the store is or cites `{key}`", paint(BAD, "nothing found:")));
}

/// Number, type, date, issuer and state of a node on one line.
pub(super) fn node_line(node: &NodeBrief) -> String {
    let date = issued(node);
    let parts = [node.kind.as_deref(), Some(date.as_str()), node.issuer.as_deref()];
    let parts: Vec<_> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let state = match node.state.as_str() {
        "held" => String::new(),
        "cited" => paint(FAINT, "  not in the store"),
        _ => paint(DOUBT, "  not enough is known to say which document this is"),
    };
    format!("{}  {}{state}", paint(STRONG, &node.printed), shorten(&parts.join(", "), 70))
}

/// Day of issue, or the year where no more is known.
pub(super) fn issued(node: &NodeBrief) -> String {
    node.date.clone().or_else(|| node.year.map(|year| year.to_string())).unwrap_or_default()
}

fn document_line(document: &DocumentBrief) -> String {
    let parts = [document.kind.as_deref(), document.date.as_deref(), document.issuer.as_deref()];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let key = document.key.as_deref().unwrap_or("(no number)");
    format!("{}  {}", paint(STRONG, key), shorten(&parts.join(", "), 80))
}

/// The relation and every sentence that is its proof, the mention's own words in bold.
fn citation_lines(citation: &Citation, possible: bool) -> String {
    let mut out = format!("  {}", paint(FAINT, &citation.relation));
    if let Some(locator) = &citation.locator {
        let _ = write!(out, "  {locator}");
    }
    if possible || citation.outcome == "ambiguous" {
        let _ = write!(out, "  {}", paint(DOUBT, "possibly; other documents fit too"));
    } else if citation.confidence < f64::from(REVIEW) {
        let _ = write!(out, "  {}", paint(DOUBT, "doubtful reading"));
    }
    out.push('\n');
    for evidence in &citation.evidence {
        let place = format!("p. {}", evidence.page);
        for (index, line) in wrap(&evidence.sentence, usize::from(WIDTH) - 12).into_iter().enumerate() {
            let label = if index == 0 { place.as_str() } else { "" };
            let _ = writeln!(
                out,
                "    {}  {}",
                paint(FAINT, format_args!("{label:<5}")),
                emphasise(&line, &evidence.words)
            );
        }
    }
    out
}

/// `line` with the mention's words in bold, as far as they stand on this line.
fn emphasise(line: &str, words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let number = words.split(' ').find(|word| word.contains('/')).unwrap_or(&words);
    let wanted = if line.contains(&words) { words.as_str() } else { number };
    line.replacen(wanted, &paint(STRONG, wanted), 1)
}

/// When a task is due, in at most two lines of a table.
fn due(task: &TaskRow) -> String {
    let mut text = match (&task.start, &task.end) {
        (Some(start), Some(end)) if start == end => end.clone(),
        (Some(start), Some(end)) => format!("{start} to {end}"),
        (None, Some(end)) if task.inclusive == Some(false) => format!("before {end}"),
        (None, Some(end)) => format!("by {end}"),
        (Some(start), None) => format!("from {start}"),
        (None, None) => task.deadline.as_deref().map(|words| shorten(words, 40)).unwrap_or_default(),
    };
    if task.tentative {
        text.push_str(" (tentative)");
    }
    text
}
