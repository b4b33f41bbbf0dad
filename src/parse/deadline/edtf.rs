//! Deadlines in Extended Date/Time Format (ISO 8601-2), the shortest form that says the same.
//!
//! Whole months, quarters, halves and years are written as such (`2024-12`, `2024-36`, `2024-41`, `2024`),
//! a bound as an open interval (`../2024-12-14`), a plan with `?`. What recurs or waits for something has
//! no such form.

use jiff::civil::Date;

use crate::parse::found::{Deadline, DeadlineKind};

/// The EDTF form of a deadline, if it has one. A day before which something is due is itself too late, so
/// that the interval ends the day before.
pub fn edtf(deadline: &Deadline) -> Option<String> {
    let form = match deadline.kind {
        DeadlineKind::Recurring | DeadlineKind::Event if deadline.end.is_none() => return None,
        DeadlineKind::Before => {
            let end = deadline.end?;
            let last = if deadline.inclusive { end } else { end.yesterday().ok()? };
            format!("../{last}")
        }
        _ => match (deadline.start, deadline.end) {
            (Some(start), Some(end)) => interval(start, end),
            (Some(start), None) => format!("{start}/.."),
            (None, Some(end)) => format!("../{end}"),
            (None, None) => return None,
        },
    };
    Some(if deadline.tentative { form + "?" } else { form })
}

/// `start/end`, or the one period that runs from one to the other.
fn interval(start: Date, end: Date) -> String {
    if start == end {
        return start.to_string();
    }
    let whole = start.day() == 1 && end == end.last_of_month() && start.year() == end.year();
    let year = start.year();
    match (start.month(), end.month()) {
        (1, 12) if whole => year.to_string(),
        (1, 6) if whole => format!("{year}-40"),
        (7, 12) if whole => format!("{year}-41"),
        (first, last) if whole && first == last => format!("{year}-{first:02}"),
        (first, last) if whole && first % 3 == 1 && last == first + 2 => format!("{year}-{}", 33 + first / 3),
        _ if start.month() == 1 && start.day() == 1 && end.month() == 12 && end.day() == 31 => {
            format!("{year}/{}", end.year())
        }
        _ => format!("{start}/{end}"),
    }
}
