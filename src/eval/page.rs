//! Records and annotations side by side, as a page for people.
//!
//! Turns an evaluation into one HTML file that needs nothing else: each text with everything that
//! was read marked in its place, and beside it the annotated values, the read ones, and what was
//! missed. Knows records and reports, not how they came about. Every text is escaped; the page runs
//! no script.

use std::fmt::Write;

use super::header::{FIELDS, is_right, values};
use super::{Annotated, Gold, Report};
use crate::record::{Field, Record};
use crate::text::Span;

const STYLE: &str = "\
:root{color-scheme:light}\
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1500px;padding:1rem 2rem;color:#1d1d1f;background:#fff}\
h1{font-size:1.3rem}h2{font-size:1.05rem;margin:2.5rem 0 .5rem;border-top:1px solid #ccc;padding-top:1rem}\
pre{white-space:pre-wrap;overflow-wrap:anywhere}\
.sides{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:1.5rem;align-items:start}\
.text{font:13px/1.6 ui-monospace,monospace;margin:0;border:1px solid #ddd;border-radius:6px;padding:.8rem;max-height:44rem;overflow:auto}\
table{border-collapse:collapse;width:100%;font-size:13px}td,th{text-align:left;vertical-align:top;padding:.2rem .5rem;\
border-bottom:1px solid #eee;overflow-wrap:anywhere}td:first-child{white-space:nowrap;width:5rem}th{color:#666;font-weight:600}\
.bad td{background:#fdecea}.bad td:first-child{box-shadow:inset 3px 0 #c62828}\
ul{margin:.6rem 0;padding-left:1.1rem;font-size:13px}li{overflow-wrap:anywhere}\
.figures pre,.figures{font:13px/1.45 ui-monospace,monospace}\
mark{border-radius:3px;padding:0 .1em;color:inherit}\
.head{background:#cfe3ff}.citation{background:#ffe7a3}.why{background:#ffd0b0}.task{background:#d9f2d9}\
.unit{background:#bfe5dd}.due{background:#ead1f5}\
.key mark{margin-right:.7rem;padding:.1rem .4rem}";

/// One marked place: its span in the record's text, the class of its colour, what it is.
struct Mark {
    span: Span,
    class: &'static str,
    label: String,
}

/// The page. `records` are those of `set.documents`, in that order, and `report` was made of both.
pub fn page(set: &Gold, records: &[Record], report: &Report) -> String {
    let mut out = String::from("<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">");
    let _ = write!(out, "<title>vanban eval parse</title><style>{STYLE}</style></head><body><h1>What was read</h1>");
    out.push_str("<p class=\"key\">");
    for (class, name) in [
        ("head", "letterhead and foot"),
        ("citation", "mention of a document"),
        ("why", "words of its relation"),
        ("task", "task"),
        ("unit", "unit"),
        ("due", "deadline"),
    ] {
        let _ = write!(out, "<mark class=\"{class}\">{name}</mark>");
    }
    let figures = report.clone().without_misses().to_string();
    let _ = write!(out, "</p><pre class=\"figures\">{}</pre>", escape(&figures));
    for (document, record) in set.documents.iter().zip(records) {
        write_document(&mut out, document, record, report);
    }
    out.push_str("</body></html>\n");
    out
}

fn write_document(out: &mut String, document: &Annotated, record: &Record, report: &Report) {
    let _ = write!(out, "<h2 id=\"{0}\">{0}</h2><div class=\"sides\"><pre class=\"text\">", escape(&document.id));
    write_marked(out, &record.text, &marks_of(record));
    out.push_str("</pre><div><table><tr><th>field</th><th>annotated</th><th>read</th></tr>");
    for name in FIELDS {
        let (expected, found) = values(name, &document.gold, record);
        if expected.is_none() && found.is_none() {
            continue;
        }
        let class = if is_right(name, expected.as_deref(), found.as_deref()) { "" } else { " class=\"bad\"" };
        let cell = |value: Option<String>| value.map_or_else(|| "–".to_owned(), |value| escape(&value));
        let _ = write!(out, "<tr{class}><td>{name}</td><td>{}</td><td>{}</td></tr>", cell(expected), cell(found));
    }
    out.push_str("</table>");
    let misses = report.content.each.iter().filter(|each| each.id == document.id).flat_map(|each| &each.misses);
    let mut misses = misses.peekable();
    if misses.peek().is_some() {
        out.push_str("<ul>");
        for miss in misses {
            let _ = write!(out, "<li>{}</li>", escape(miss));
        }
        out.push_str("</ul>");
    }
    out.push_str("</div></div>\n");
}

/// Everything in a record that has a place.
fn marks_of(record: &Record) -> Vec<Mark> {
    let mut marks = Vec::new();
    let header = &record.header;
    let signer = header.signer.as_ref();
    for (name, field) in [
        ("number and symbol", &header.key),
        ("type", &header.kind),
        ("issuer", &header.issuer),
        ("parent", &header.parent),
        ("place", &header.place),
        ("subject", &header.subject),
        ("signer", signer.map_or(&None, |signer| &signer.name)),
        ("position", signer.map_or(&None, |signer| &signer.position)),
        ("authority", signer.map_or(&None, |signer| &signer.authority)),
    ] {
        if let Some(field) = field {
            marks.push(mark(field, "head", name));
        }
    }
    if let Some(date) = &header.date {
        marks.push(Mark { span: date.span, class: "head", label: format!("date: {}", date.value) });
    }
    marks.extend(header.recipients.iter().map(|entry| mark(entry, "head", "recipient")));
    for citation in &record.citations {
        let named = citation.key.as_ref().or(citation.name.as_ref()).map_or("?", |field| field.value.as_str());
        let relation = citation.relation.value.as_str();
        let place = |span| Mark { span, class: "citation", label: format!("{relation} {named}") };
        marks.extend(citation.mentions.iter().map(|mention| place(mention.span)));
        marks.push(Mark { span: citation.relation.span, class: "why", label: format!("{relation} {named}") });
    }
    for task in &record.tasks {
        marks.push(mark(&task.text, "task", "task"));
        marks.extend(task.lead.iter().map(|unit| mark(unit, "unit", "lead")));
        marks.extend(task.coordinate.iter().map(|unit| mark(unit, "unit", "takes part")));
        marks.extend(task.deadline.iter().map(|deadline| mark(&deadline.text, "due", deadline.kind.value.as_str())));
    }
    marks
}

fn mark(field: &Field<String>, class: &'static str, name: &str) -> Mark {
    Mark { span: field.span, class, label: format!("{name}: {}", field.value) }
}

/// The text with its marks. Where several lie over each other the shortest gives the colour and all
/// are named.
fn write_marked(out: &mut String, text: &str, marks: &[Mark]) {
    let mut borders: Vec<usize> = marks.iter().flat_map(|mark| [mark.span.start(), mark.span.end()]).collect();
    borders.extend([0, text.len()]);
    borders.sort_unstable();
    borders.dedup();
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|index| marks[*index].span.start());
    let mut waiting = order.into_iter().peekable();
    let mut open: Vec<usize> = Vec::new();
    for pair in borders.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        while let Some(index) = waiting.next_if(|index| marks[*index].span.start() <= from) {
            open.push(index);
        }
        open.retain(|index| marks[*index].span.end() > from);
        let part = escape(text.get(from..to).unwrap_or_default());
        let Some(top) = open.iter().min_by_key(|index| marks[**index].span.len()) else {
            out.push_str(&part);
            continue;
        };
        let labels: Vec<String> = open.iter().map(|index| escape(&marks[*index].label)).collect();
        let _ = write!(out, "<mark class=\"{}\" title=\"{}\">{part}</mark>", marks[*top].class, labels.join("&#10;"));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_mark_gives_the_colour_and_text_is_escaped() {
        let place = |from, to, class, label: &str| Mark { span: Span::at(from, to), class, label: label.into() };
        let mut out = String::new();
        write_marked(&mut out, "a <b> c", &[place(0, 7, "task", "all"), place(2, 5, "due", "\"inner\"")]);
        assert_eq!(
            out,
            "<mark class=\"task\" title=\"all\">a </mark><mark class=\"due\" title=\"all&#10;&quot;inner&quot;\">&lt;b&gt;</mark><mark class=\"task\" title=\"all\"> c</mark>"
        );
    }
}
