//! Tasks as a calendar (RFC 5545): one all-day event a task that has a day, so that every calendar
//! program shows it; those without a day are left out and counted.
//!
//! An event stands on the last day that still counts: the day before for "trước ngày". A period is
//! an event of its whole length, a recurring task repeats. The words as printed are in the
//! description, beside the document that asks. Knows [`TaskRow`], not the store.

use icalendar::{Calendar, Component, Event, EventStatus, Property};
use jiff::civil::Date;

use crate::store::{Role, TaskRow};

/// The calendar of `tasks`, made on `today`, and how many of them have no day to stand on.
pub fn calendar(tasks: &[TaskRow], today: Date) -> (String, usize) {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", "-//vanban//tasks//VI"));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.name("Nhiệm vụ");
    let mut without = 0;
    for task in tasks {
        match event(task, today) {
            Some(event) => {
                calendar.push(event);
            }
            None => without += 1,
        }
    }
    (calendar.to_string(), without)
}

fn event(task: &TaskRow, today: Date) -> Option<Event> {
    let day = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
    let end = day(&task.end);
    let last = match (end, task.inclusive) {
        (Some(end), Some(false)) => Some(end.yesterday().ok()?),
        (end, _) => end,
    };
    let first = day(&task.start).or(last)?;
    let last = last.unwrap_or(first).max(first);
    let mut event = Event::new();
    event.add_property("DTSTAMP", today.strftime("%Y%m%dT000000Z").to_string());
    event.uid(&format!("{}-{}@vanban", task.document.digest.get(..16).unwrap_or_default(), task.ordinal));
    event.append_property(date("DTSTART", first));
    // The end of an all-day event is the first day that is not part of it (RFC 5545, 3.6.1).
    event.append_property(date("DTEND", last.tomorrow().ok()?));
    if let Some(rule) = &task.recurrence {
        // A rule is a structured value: its commas and semicolons are no text.
        event.append_property(Property::new("RRULE", rule.trim_start_matches("RRULE:")));
    }
    let key = task.document.key.as_deref().unwrap_or("(không số)");
    let units = |role: Role| {
        let names: Vec<&str> =
            task.units.iter().filter(|unit| unit.role == role).map(|unit| unit.name.as_str()).collect();
        names.join("; ")
    };
    event.summary(&super::shorten(&task.text, 120));
    let mut about = vec![task.text.clone()];
    for (label, words) in [
        ("Chủ trì", units(Role::Lead)),
        ("Phối hợp", units(Role::Coordinate)),
        ("Thời hạn", task.deadline.clone().unwrap_or_default()),
        ("Văn bản", [Some(key), task.document.issuer.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ")),
    ] {
        if !words.is_empty() {
            about.push(format!("{label}: {words}"));
        }
    }
    event.description(&about.join("\n"));
    event.add_property("CATEGORIES", "vanban");
    event.status(if task.tentative { EventStatus::Tentative } else { EventStatus::Confirmed });
    Some(event)
}

fn date(name: &str, day: Date) -> Property {
    let mut property = Property::new(name, day.strftime("%Y%m%d").to_string());
    property.add_parameter("VALUE", "DATE");
    property
}
