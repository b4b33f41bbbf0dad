//! One document as a page for people.

use std::fmt::{Display, Write};

use super::output::{DOUBT, FAINT, STRONG, WIDTH, count, paint, shorten};
use vanban::document::{Judgement, Layer, Signature, TimeSource, Written};
use vanban::parse::found::REVIEW;
use vanban::record::{CitationRecord, DeadlineRecord, Field, Record, TaskRecord};

/// The record as text of at most 100 columns.
pub(super) fn page(record: &Record) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_page(&mut out, record);
    out
}

fn write_page(out: &mut String, record: &Record) -> std::fmt::Result {
    let header = &record.header;
    let title = match (&header.key, &header.symbol) {
        (Some(key), _) => value(key),
        (None, Some(symbol)) => format!("(no number)/{}", value(symbol)),
        (None, None) => "(no number)".into(),
    };
    writeln!(
        out,
        "{}  {}",
        paint(STRONG, title),
        header.kind.as_ref().map_or_else(|| paint(FAINT, "type unknown"), value)
    )?;
    if let Some(subject) = &header.subject {
        let mut lines = wrap(&subject.value, usize::from(WIDTH) - 3);
        if let Some(last) = lines.last_mut().filter(|_| subject.confidence < REVIEW) {
            // The rivals of a whole sentence would fill the page: `--json` has them.
            *last = format!("{last}{}", paint(DOUBT, "?"));
        }
        for line in lines {
            writeln!(out, "  {line}")?;
        }
    }
    writeln!(out)?;
    let mut row = |label: &str, text: String| writeln!(out, "  {}{text}", paint(FAINT, format_args!("{label:<12}")));
    let issued = [header.date.as_ref().map(value), header.place.as_ref().map(value)];
    row("issued", join(issued, ", "))?;
    for (label, mark) in [("urgency", &header.urgency), ("secrecy", &header.secrecy)] {
        if let Some(mark) = mark {
            row(label, value(mark))?;
        }
    }
    row("issuer", header.issuer.as_ref().map_or_else(missing, value))?;
    row("parent", header.parent.as_ref().map_or_else(missing, value))?;
    let signer = header.signer.as_ref().map(|signer| {
        let post = join_plain([signer.authority.as_ref().map(value), signer.position.as_ref().map(value)], " ");
        let name = signer.name.as_ref().map_or_else(missing, value);
        if post.is_empty() { name } else { format!("{name} ({post})") }
    });
    row("signer", signer.unwrap_or_else(missing))?;
    for (index, addressee) in header.addressees.iter().enumerate() {
        row(if index == 0 { "to" } else { "" }, value(addressee))?;
    }
    for (index, recipient) in header.recipients.iter().enumerate() {
        row(if index == 0 { "recipients" } else { "" }, value(recipient))?;
    }
    for (index, line) in read_from(record).into_iter().enumerate() {
        row(if index == 0 { "read from" } else { "" }, line)?;
    }
    for (index, line) in record.file.signatures.iter().flat_map(signed).enumerate() {
        row(if index == 0 { "signed" } else { "" }, line)?;
    }
    if !record.citations.is_empty() {
        writeln!(out, "\n{}", paint(STRONG, format_args!("Cites {}", count(record.citations.len(), "document"))))?;
        for citation in &record.citations {
            write_citation(out, citation)?;
        }
    }
    if !record.tasks.is_empty() {
        writeln!(out, "\n{}", paint(STRONG, count(record.tasks.len(), "task")))?;
        for (index, task) in record.tasks.iter().enumerate() {
            write_task(out, index + 1, task)?;
        }
    }
    if !record.attached.is_empty() {
        writeln!(out, "\n{}", paint(STRONG, count(record.attached.len(), "attached part")))?;
        for part in &record.attached {
            let head = &part.header;
            let named = [part.label.as_ref(), head.key.as_ref(), head.kind.as_ref(), head.subject.as_ref()];
            let named: Vec<String> = named.into_iter().flatten().map(value).collect();
            for (index, line) in wrap(&named.join("  "), usize::from(WIDTH) - 4).into_iter().enumerate() {
                writeln!(out, "  {}{line}", if index == 0 { "" } else { "  " })?;
            }
        }
    }
    if !record.edits.is_empty() {
        let unsure = record.edits.iter().filter(|edit| edit.confidence < REVIEW).count();
        writeln!(out, "\n{} made by repair, {unsure} of them unsure", count(record.edits.len(), "edit"))?;
    }
    if !record.notes.is_empty() {
        writeln!(out, "\n{}", paint(STRONG, "Notes"))?;
        for note in &record.notes {
            for (index, line) in wrap(&note.message, usize::from(WIDTH) - 4).into_iter().enumerate() {
                writeln!(out, "  {} {line}", if index == 0 { paint(DOUBT, "!") } else { " ".into() })?;
            }
        }
    }
    Ok(())
}

/// Which layer the pages were read from and why, with the measures of the first such page; nothing
/// where all pages are plain text.
fn read_from(record: &Record) -> Vec<String> {
    let mut kinds: Vec<(Layer, &Judgement, Vec<usize>)> = Vec::new();
    for (index, page) in record.file.pages.iter().enumerate() {
        let Some(judged) = page.judged.as_deref() else { continue };
        match kinds.iter_mut().find(|(layer, other, _)| *layer == page.layer && other.reason == judged.reason) {
            Some((.., pages)) => pages.push(index + 1),
            None => kinds.push((page.layer, judged, vec![index + 1])),
        }
    }
    if kinds.iter().all(|(layer, ..)| *layer == Layer::Native) {
        return Vec::new();
    }
    let told = |(layer, judged, pages): &(Layer, &Judgement, Vec<usize>)| {
        let source = match layer {
            Layer::Native => "text of the file",
            Layer::Recovered => "text of the file, recovered",
            Layer::Recognised => "picture",
            Layer::Blank => "blank",
            Layer::Unread => "not read",
        };
        let pages = match pages.as_slice() {
            [page] => format!("p. {page}"),
            [first, .., last] => format!("{} (p. {first} to {last})", count(pages.len(), "page")),
            [] => String::new(),
        };
        let mut measures = Vec::new();
        if judged.words > 0 {
            measures.push(format!("{} of {} words possible", percent(judged.spelled), judged.words));
        }
        if judged.unknown > 0.0 {
            measures.push(format!("{} of characters unknown", percent(judged.unknown)));
        }
        if judged.invisible > 0.0 {
            measures.push(format!("{} unseen", percent(judged.invisible)));
        }
        let measures = if measures.is_empty() { String::new() } else { format!(" ({})", measures.join(", ")) };
        format!("{source}, {pages}: {}{measures}", judged.reason)
    };
    kinds.iter().map(told).flat_map(|line| wrap(&line, usize::from(WIDTH) - 14)).collect()
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}

/// What is known of a digital signature, and what is not.
fn signed(signature: &Signature) -> Vec<String> {
    let name = signature.signer.clone().unwrap_or_else(|| "unknown signer".into());
    let issuer = signature.issuer.as_ref().map(|issuer| format!("certificate of {issuer}, not checked for trust"));
    let time = signature.time.as_ref().map(|time| match signature.time_source {
        Some(TimeSource::Signed) => time.clone(),
        _ => format!("{time} as the file claims"),
    });
    let state = match (signature.unchanged, signature.signed_by_key) {
        (Some(true), Some(true)) => "the bytes it covers are unchanged",
        (Some(false), _) => "the bytes it covers were CHANGED",
        (_, Some(false)) => "it was NOT made with the key of its certificate",
        (Some(true), None) => "the bytes it covers are unchanged; its key could not be checked",
        (None, _) => "it could not be checked",
    };
    let later = (signature.added_later > 0).then(|| format!("{} bytes were added later", signature.added_later));
    let parts = [Some(name), time, Some(state.into()), later, issuer, signature.problem.clone()];
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    wrap(&line, usize::from(WIDTH) - 14)
}

fn write_citation(out: &mut String, citation: &CitationRecord) -> std::fmt::Result {
    let name = citation.key.as_ref().filter(|key| key.value.contains(['/', '-'])).or(citation.name.as_ref());
    let name = name.or(citation.key.as_ref()).map_or_else(missing, value);
    let details = join_plain(
        [
            citation.date.as_ref().map(value),
            citation.issuer.as_ref().map(|issuer| shorten(&issuer.value, 30)),
            citation.locator.as_ref().map(|locator| shorten(&locator.value, 30)),
            (citation.mentions.len() > 1).then(|| format!("{} mentions", citation.mentions.len())),
        ],
        ", ",
    );
    let relation = citation.relation.value.as_str();
    write!(out, "  {}", paint(FAINT, format_args!("{relation:<14}")))?;
    // A long name has the line for itself.
    let name_ends = visible(&name).max(28);
    let (first, at) =
        if name_ends > 50 { (format!("{name}\n{:18}", ""), 18) } else { (pad(&name, 28), 16 + name_ends + 2) };
    write!(out, "{first}{}", if at == 18 { "" } else { "  " })?;
    let lines = wrap(&details, usize::from(WIDTH) - at);
    writeln!(out, "{}", lines.join(&format!("\n{:at$}", "")))
}

fn write_task(out: &mut String, number: usize, task: &TaskRecord) -> std::fmt::Result {
    for (index, line) in wrap(&task.text.value, usize::from(WIDTH) - 6).into_iter().take(3).enumerate() {
        writeln!(out, "  {:>2}  {line}", if index == 0 { number.to_string() } else { String::new() })?;
    }
    let list = |units: &[Field<String>]| units.iter().map(value).collect::<Vec<_>>().join("; ");
    let mut row = |label: &str, text: &str| -> std::fmt::Result {
        for (index, line) in wrap(text, usize::from(WIDTH) - 18).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            writeln!(out, "      {}{line}", paint(FAINT, format_args!("{label:<12}")))?;
        }
        Ok(())
    };
    if !task.lead.is_empty() {
        row("lead", &list(&task.lead))?;
    }
    if !task.coordinate.is_empty() {
        row("coordinate", &list(&task.coordinate))?;
    }
    if let Some(deadline) = &task.deadline {
        row("due", &due(deadline))?;
    }
    if let Some(product) = &task.product {
        row("product", &value(product))?;
    }
    if let Some(budget) = &task.budget {
        row("budget", &value(budget))?;
    }
    Ok(())
}

/// `Quý IV năm 2024 (2024-10-01 to 2024-12-31)`.
pub(super) fn due(deadline: &DeadlineRecord) -> String {
    let days = match (&deadline.start, &deadline.end) {
        (Some(start), Some(end)) if start.value == end.value => format!("{}", end.value),
        (Some(start), Some(end)) => format!("{} to {}", start.value, end.value),
        (Some(start), None) => format!("from {}", start.value),
        (None, Some(end)) if deadline.inclusive => format!("by {}", end.value),
        (None, Some(end)) => format!("before {}", end.value),
        (None, None) => deadline.kind.value.as_str().into(),
    };
    let tentative = if deadline.tentative { ", tentative" } else { "" };
    // A day that the paper does not print is said to be counted, and from where.
    let counted = match &deadline.computed {
        Some(computed) => match &computed.offset {
            Some(offset) if computed.working_days => format!(", {} + {offset}, working days", computed.from),
            Some(offset) => format!(", {} + {offset}", computed.from),
            None => ", year inferred".into(),
        },
        None => String::new(),
    };
    format!("{} ({days}{tentative}{counted})", deadline.text.value)
}

/// The value; digits of a hand are said to be; one that a person should look at is marked `?`, with its rivals behind it as far as
/// they differ from it.
fn value<T: Display>(field: &Field<T>) -> String {
    let value = field.value.to_string();
    if field.confidence >= REVIEW {
        return value;
    }
    let mut text = paint(DOUBT, format_args!("{value}?"));
    if field.written == Some(Written::Hand) {
        text.push_str(&paint(FAINT, " by hand"));
    }
    if !field.rivals.is_empty() {
        let rivals: Vec<_> = field.rivals.iter().take(3).map(|rival| difference(&value, &rival.to_string())).collect();
        let _ = write!(text, " {}", paint(FAINT, format_args!("or {}", rivals.join(" / "))));
    }
    text
}

/// The words of `rival` in which it differs from `value`, from the first such word to the last.
fn difference(value: &str, rival: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (value.split(' ').collect(), rival.split(' ').collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = old.iter().zip(&new).take_while(same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(same).count();
    let words = &new[head..new.len() - tail];
    if words.is_empty() { rival.to_owned() } else { words.join(" ") }
}

/// `text` filled up with spaces to `width` visible characters.
fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(visible(text))))
}

/// The columns that `text` takes on a terminal, where colours take none.
fn visible(text: &str) -> usize {
    anstream::adapter::strip_str(text).map(|part| part.chars().count()).sum()
}

fn missing() -> String {
    paint(FAINT, "not found")
}

fn join<const N: usize>(parts: [Option<String>; N], separator: &str) -> String {
    let text = join_plain(parts, separator);
    if text.is_empty() { missing() } else { text }
}

fn join_plain<const N: usize>(parts: [Option<String>; N], separator: &str) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(separator)
}

/// `text` broken at white space into lines of at most `width` columns.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && visible(&line) + 1 + visible(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
