//! Tables of tasks: "STT | Nội dung | Đơn vị chủ trì | Đơn vị phối hợp | Thời gian | Sản phẩm".
//!
//! The heads of the columns say what each holds. Rows come in three shapes: cells parted by bars, by
//! tabs, or flattened to one cell a line, where a cell that begins like a unit or reads as a deadline
//! tells the columns apart. Knows lines and cells, not paragraphs.

use std::sync::LazyLock;

use regex::Regex;

use crate::parse::date::expression;
use crate::parse::folded::Folded;
use crate::parse::unit;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Number,
    Task,
    Lead,
    Coordinate,
    Time,
    Product,
    Budget,
    Other,
}

/// One row, by the places of its cells in the folded text.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) task: Option<(usize, usize)>,
    pub(super) lead: Option<(usize, usize)>,
    pub(super) coordinate: Option<(usize, usize)>,
    pub(super) time: Option<(usize, usize)>,
    pub(super) product: Option<(usize, usize)>,
    pub(super) budget: Option<(usize, usize)>,
    /// The row's number is a group's: "II", "A".
    pub(super) group: bool,
    /// The cell of the unit stood there and was empty, as below a cell that spans rows.
    pub(super) spanned: bool,
}

/// A table and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) rows: Vec<Row>,
}

/// The tables of tasks in `from..to`.
pub(super) fn find_tables(folded: &Folded, text: &str, (from, to): (usize, usize)) -> Vec<Table> {
    let lines = lines(folded.text(), from, to);
    let mut tables = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let found = cells_table(folded.text(), &lines, index).or_else(|| flat_table(folded, text, &lines, index));
        match found {
            Some((table, next)) if next > index => {
                tables.push(table);
                index = next;
            }
            _ => index += 1,
        }
    }
    tables
}

/// The lines as places, without the blanks around them.
fn lines(plain: &str, from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut start = from;
    let mut found = Vec::new();
    for line in plain[from..to].split_inclusive('\n') {
        found.push(trim(plain, start, start + line.len()));
        start += line.len();
    }
    found
}

fn trim(plain: &str, from: usize, to: usize) -> (usize, usize) {
    let part = &plain[from..to];
    let lead = part.len() - part.trim_start().len();
    if lead == part.len() { (from, from) } else { (from + lead, from + part.trim_end().len()) }
}

/// What the head of a column says, if it is one.
fn column(head: &str) -> Option<Column> {
    static HEADS: LazyLock<[(Regex, Column); 8]> = LazyLock::new(|| {
        [
            (expression(r"^\W*(?:stt|tt|so tt|so thu tu)\W*$"), Column::Number),
            (expression(r"phoi\s+hop"), Column::Coordinate),
            (
                expression(
                    r"chu\s+tri|phu\s+trach|(?:don\s+vi|co\s+quan|nguoi|bo\s+phan|ca\s+nhan)[\s/,a-z]{0,24}(?:thuc\s+hien|trien\s+khai|duoc\s+giao|tham\s+muu|chiu\s+trach\s+nhiem)|chiu\s+trach\s+nhiem|phan\s+cong|^\W*(?:dau\s+moi|don\s+vi|co\s+quan|trach\s+nhiem|nguoi\s+lam)\W*$",
                ),
                Column::Lead,
            ),
            (expression(r"thoi\s+(?:gian|han|diem)|tien\s+do|hoan\s+thanh|^\W*han\b|lo\s+trinh"), Column::Time),
            (expression(r"san\s+pham|ket\s+qua|dau\s+ra"), Column::Product),
            (expression(r"kinh\s+phi|nguon\s+(?:von|luc)|du\s+toan"), Column::Budget),
            (expression(r"ghi\s+chu|hinh\s+thuc|can\s+cu|dia\s+(?:diem|ban)|muc\s+dich"), Column::Other),
            (
                expression(
                    r"noi\s+dung|nhiem\s+vu|cong\s+viec|hoat\s+dong|chi\s+tieu|muc\s+tieu|giai\s+phap|de\s+an|du\s+an|cong\s+trinh|van\s+ban|^\W*ten\b",
                ),
                Column::Task,
            ),
        ]
    });
    if head.len() > 80 {
        return None;
    }
    HEADS.iter().find(|(pattern, _)| pattern.is_match(head)).map(|(_, column)| *column)
}

/// Whether the columns make a table of tasks.
fn is_task_table(columns: &[Column]) -> bool {
    let has = |wanted| columns.contains(&wanted);
    let said = [Column::Number, Column::Task, Column::Lead, Column::Coordinate, Column::Time];
    let said = said.into_iter().filter(|column| has(*column)).count();
    has(Column::Task) && said >= 3 && (has(Column::Lead) || has(Column::Coordinate) || has(Column::Time))
}

/// A table with bars or tabs.
fn cells_table(plain: &str, lines: &[(usize, usize)], at: usize) -> Option<(Table, usize)> {
    let (start, end) = lines[at];
    let head = &plain[start..end];
    let bar = if head.contains('|') { '|' } else { '\t' };
    if !head.contains(bar) {
        return None;
    }
    let framed = head.starts_with('|');
    let heads = split_cells(plain, start, end, bar, framed);
    if heads.len() < 3 {
        return None;
    }
    let columns: Vec<Column> =
        heads.iter().map(|(from, to)| column(&plain[*from..*to]).unwrap_or(Column::Other)).collect();
    if !is_task_table(&columns) {
        return None;
    }
    let mut rows = Vec::new();
    let mut next = at + 1;
    let mut last = end;
    while next < lines.len() {
        let (from, mut to) = lines[next];
        next += 1;
        if from == to {
            // A blank line ends a table, unless rows go on after it.
            let more = lines.get(next).is_some_and(|(from, to)| plain[*from..*to].contains(bar));
            if more && bar == '|' && rows.len() < 400 && !plain[..lines[next].0].ends_with("\n\n\n") {
                continue;
            }
            break;
        }
        // With bars a cell may run over lines: they are taken until the bars are complete.
        if bar == '|' {
            while bars(&plain[from..to]) < bars(head).min(heads.len() - 1) && next < lines.len() {
                let (more_from, more_to) = lines[next];
                if more_from == more_to || to - from > 3_000 {
                    break;
                }
                to = more_to;
                next += 1;
            }
        }
        if !plain[from..to].contains(bar) {
            if bar == '|' {
                next -= 1;
                break;
            }
            // A line without a tab inside a table goes on its first long cell, or ends it.
            continue;
        }
        last = to;
        let raw_from = if bar == '\t' { line_start(plain, from) } else { from };
        let cells = split_cells(plain, raw_from, to, bar, framed);
        let heads_again = cells.iter().filter(|(from, to)| column(&plain[*from..*to]).is_some()).count();
        if cells.iter().all(|(from, to)| plain[*from..*to].bytes().all(|b| matches!(b, b'-' | b':' | b' ')))
            || heads_again >= 3
        {
            continue;
        }
        let mut row = Row::default();
        for (cell, column) in cells.iter().zip(&columns) {
            if cell.0 == cell.1 {
                row.spanned |= *column == Column::Lead;
                continue;
            }
            let slot = match column {
                Column::Task => &mut row.task,
                Column::Lead => &mut row.lead,
                Column::Coordinate => &mut row.coordinate,
                Column::Time => &mut row.time,
                Column::Product => &mut row.product,
                Column::Budget => &mut row.budget,
                Column::Number => {
                    row.group |= is_group_number(&plain[cell.0..cell.1]);
                    continue;
                }
                Column::Other => continue,
            };
            // Of two columns that say what is to be done, the longer says it.
            let longer = slot.is_none_or(|(from, to)| *column == Column::Task && cell.1 - cell.0 > to - from);
            if longer {
                *slot = Some(*cell);
            }
        }
        rows.push(row);
    }
    (!rows.is_empty()).then_some((Table { from: start, to: last, rows }, next))
}

fn line_start(plain: &str, at: usize) -> usize {
    plain[..at].rfind('\n').map_or(0, |at| at + 1)
}

fn bars(part: &str) -> usize {
    part.matches('|').count()
}

/// The cells of a row; in a framed table the bars at its two ends open and close no cell.
fn split_cells(plain: &str, from: usize, to: usize, bar: char, framed: bool) -> Vec<(usize, usize)> {
    let part = &plain[from..to];
    let mut cells = Vec::new();
    let mut start = from;
    for piece in part.split(bar) {
        cells.push(without_marks(plain, trim(plain, start, start + piece.len())));
        start += piece.len() + 1;
    }
    if bar == '|' && framed && part.starts_with('|') {
        cells.remove(0);
        if part.ends_with('|') {
            cells.pop();
        }
    }
    cells
}

/// A cell without Markdown's stars around it.
fn without_marks(plain: &str, (from, to): (usize, usize)) -> (usize, usize) {
    let part = &plain[from..to];
    let inner = part.trim_matches(['*', '_', ' ']);
    if inner.is_empty() {
        return (from, from);
    }
    if part.starts_with("**") && part.ends_with("**") && inner.contains("**") {
        return (from, to);
    }
    if !part.ends_with('*') {
        return (from, to);
    }
    let start = inner.as_ptr().addr() - plain.as_ptr().addr();
    (start, start + inner.len())
}

/// A table flattened to one cell a line: heads first, then rows that each begin with a number.
fn flat_table(folded: &Folded, text: &str, lines: &[(usize, usize)], at: usize) -> Option<(Table, usize)> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| expression(r"^[0-9]{1,3}(?:\.[0-9]{1,2}){0,2}\.?$"));
    static GROUP: LazyLock<Regex> = LazyLock::new(|| expression(r"^(?:[ivx]{1,5}|[a-h])\s*[.)]?(?:\s.*)?$"));
    let plain = folded.text();
    let head = &plain[lines[at].0..lines[at].1];
    if head.len() > 16 || !head.contains('t') || column(head) != Some(Column::Number) {
        return None;
    }
    // Heads run to the first number or group.
    let mut heads: Vec<Column> = vec![Column::Number];
    let mut pending = (0, 0);
    let mut next = at + 1;
    while next < lines.len() && next < at + 24 {
        let (from, to) = lines[next];
        let line = &plain[from..to];
        if NUMBER.is_match(line) || (heads.len() >= 2 && is_group(folded, text, &GROUP, from, to)) || line.len() > 60 {
            break;
        }
        if from < to {
            let upper = folded.span(from, from + 1).of(text).chars().all(char::is_uppercase);
            if upper || pending == (0, 0) {
                if pending != (0, 0) {
                    heads.push(column(&plain[pending.0..pending.1]).unwrap_or(Column::Other));
                }
                pending = (from, to);
            } else {
                pending.1 = to;
            }
        }
        next += 1;
    }
    if pending != (0, 0) {
        heads.push(column(&plain[pending.0..pending.1]).unwrap_or(Column::Other));
    }
    let columns = heads;
    if !is_task_table(&columns) {
        return None;
    }
    let mut rows = Vec::new();
    let mut last = lines[next.saturating_sub(1).max(at)].1;
    let mut count = 0;
    let mut number = 0;
    // Rows count on, or begin again under a group: "05" or "95" inside a cell is no row.
    let counts_on = |line: &str, number: u32| {
        NUMBER.is_match(line)
            && line.trim_end_matches('.').parse::<u32>().map_or(true, |next| next == 1 || next == number + 1)
    };
    while next < lines.len() {
        let (from, to) = lines[next];
        let line = &plain[from..to];
        if from == to || !counts_on(line, number) {
            // Group heads and stray lines between rows; many of them end the table.
            count += 1;
            if count > 14 && rows.len() + count > 60 || line.starts_with("noi nhan") {
                break;
            }
            next += 1;
            continue;
        }
        count = 0;
        number = line.trim_end_matches('.').parse().unwrap_or(number);
        let mut end = next + 1;
        while end < lines.len() {
            let (from, to) = lines[end];
            let line = &plain[from..to];
            let fresh = counts_on(line, number) || is_group(folded, text, &GROUP, from, to);
            if fresh || line.starts_with("noi nhan") || end - next > 60 {
                break;
            }
            end += 1;
        }
        if let Some(row) = flat_row(folded, text, &lines[next + 1..end], &columns) {
            last = lines[end - 1].1;
            rows.push(row);
        }
        next = end;
    }
    (!rows.is_empty()).then_some((Table { from: lines[at].0, to: last, rows }, next))
}

/// Whether the number of a row is that of a group: "II", "A.".
fn is_group_number(cell: &str) -> bool {
    let cell = cell.trim_matches(['.', ' ', '*', ')']);
    !cell.is_empty() && (cell.bytes().all(|b| matches!(b, b'i' | b'v' | b'x')) || matches!(cell, "a" | "b" | "c" | "d"))
}

/// Whether the line heads a group of rows: "II. HOÀN THIỆN …", "A".
fn is_group(folded: &Folded, text: &str, pattern: &Regex, from: usize, to: usize) -> bool {
    let printed = folded.span(from, to).of(text);
    pattern.is_match(&folded.text()[from..to]) && printed.chars().next().is_some_and(char::is_uppercase) && {
        let label = printed.split([' ', '.', ')']).next().unwrap_or_default();
        label.chars().all(|c| "IVXABCDEGH".contains(c))
    }
}

/// The cells of a row whose lines run on: first the task, then units, then a time.
fn flat_row(folded: &Folded, text: &str, lines: &[(usize, usize)], columns: &[Column]) -> Option<Row> {
    let plain = folded.text();
    let lines: Vec<(usize, usize)> = lines.iter().copied().filter(|(from, to)| from < to).collect();
    if lines.len() < 2 {
        return None;
    }
    let upper = |index: usize| {
        let (from, _) = lines[index];
        folded.span(from, from + 1).of(text).chars().all(|c| c.is_uppercase() || c.is_ascii_digit())
    };
    let is_unit = |index: usize| upper(index) && unit::begins(folded, text, lines[index].0);
    let is_time = |index: usize| {
        let (from, mut to) = lines[index];
        // "Thường / xuyên" is cut by a narrow column.
        if to - from < 12 && index + 1 < lines.len() && !upper(index + 1) {
            to = lines[index + 1].1;
        }
        to - from < 60 && {
            use crate::parse::deadline::{Context, read_in};
            read_in(folded, text, (from, to), Context::Label, None).is_some()
                && !unit::begins(folded, text, from)
                && column(&plain[from..to]).is_none()
        }
    };
    // The units begin at the first line that reads as one after the task; the task may itself
    // begin with a unit.
    let after_task = |index: usize| {
        let before = &plain[lines[index - 1].0..lines[index - 1].1];
        !before.ends_with([',', ';', '-'])
    };
    let lead = (1..lines.len()).find(|index| is_unit(*index) && after_task(*index))?;
    let span = |from: usize, to: usize| (from < to).then(|| (lines[from].0, lines[to - 1].1));
    let mut row = Row { task: span(0, lead), ..Row::default() };
    let time = (lead + 1..lines.len()).find(|index| is_time(*index));
    let units_end = time.unwrap_or(lines.len());
    let mut cells = vec![lead];
    for index in lead + 1..units_end {
        let before = &plain[lines[index - 1].0..lines[index - 1].1];
        if upper(index) && !before.ends_with([',', ';', '-']) && !before.ends_with(" va") && cells.len() < 3 {
            cells.push(index);
        }
    }
    cells.push(units_end);
    let mut wanted = columns.iter().filter(|column| matches!(column, Column::Lead | Column::Coordinate));
    for pair in cells.windows(2) {
        let slot = match wanted.next() {
            Some(Column::Lead) => &mut row.lead,
            Some(_) => &mut row.coordinate,
            None => break,
        };
        *slot = span(pair[0], pair[1]);
    }
    if let Some(time) = time {
        // "2026 và / hằng năm", "Thường / xuyên": a short line that goes on in lower case.
        let mut end = time + 1;
        while end < lines.len() && !upper(end) && lines[end].1 - lines[time].0 < 60 {
            end += 1;
        }
        row.time = span(time, end);
    }
    Some(row)
}
