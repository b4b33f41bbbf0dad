//! How results reach the terminal: one write, colours only where they are wanted, tables that fit
//! 100 columns.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, ContentArrangement, Table};
use serde::Serialize;

use super::args::When;

/// Headings and keys.
pub(super) const STRONG: Style = Style::new().bold();
/// Labels and what matters less.
pub(super) const FAINT: Style = Style::new().dimmed();
/// What a person should look at.
pub(super) const DOUBT: Style = AnsiColor::Yellow.on_default();
/// What went wrong.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What went well.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();

/// The widest that a table gets, in columns of the terminal.
pub(super) const WIDTH: u16 = 100;

/// Sets the choice of colours for the whole run.
pub(super) fn set_color(when: When) {
    match when {
        When::Auto => anstream::ColorChoice::Auto,
        When::Always => anstream::ColorChoice::Always,
        When::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Writes `text` to standard output.
pub(super) fn emit(text: &str) -> io::Result<()> {
    emit_bytes(text.as_bytes())
}

/// Writes `bytes` to standard output. A reader that went away (`| head`) is no error.
pub(super) fn emit_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Writes one line to standard error.
pub(super) fn complain(line: &str) {
    // Nothing can be done about a closed standard error.
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Writes `value` as indented JSON.
pub(super) fn emit_json(value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    text.push('\n');
    emit(&text)
}

/// Writes `value` as JSON on one line, for output of many values.
pub(super) fn emit_line(value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string(value).map_err(io::Error::other)?;
    text.push('\n');
    emit(&text)
}

/// An empty table with these column heads, drawn without a frame.
pub(super) fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(heads.iter().map(|head| Cell::new(head).add_attribute(comfy_table::Attribute::Dim)));
    if anstream::AutoStream::choice(&io::stdout()) == anstream::ColorChoice::Never {
        table.force_no_tty();
    } else {
        table.enforce_styling();
    }
    table
}

/// A cell of a table that a person should look at.
pub(super) fn doubtful(text: &str) -> Cell {
    Cell::new(text).fg(comfy_table::Color::Yellow)
}

/// `text` in `style`.
pub(super) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// `text` on one line of at most `width` characters, cut at a word with `…`.
pub(super) fn shorten(text: &str, width: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count() + usize::from(length > 0);
        if length + more > width.saturating_sub(1) {
            line.push('…');
            return line;
        }
        if length > 0 {
            line.push(' ');
        }
        line.push_str(word);
        length += more;
    }
    line
}

/// `1 document`, `2 documents`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
