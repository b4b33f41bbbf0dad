use super::*;

/// The table of cases: text, context, day of issue, then what is expected.
const CASES: &str = include_str!("../../../tests/cases/deadlines.tsv");

/// One line that says everything about a deadline but its words.
fn shown(deadline: &Deadline) -> String {
    let date = |date: Option<Date>| date.map_or("-".to_owned(), |date| date.to_string());
    let mut shown = format!("{} {}/{}", deadline.kind.as_str(), date(deadline.start), date(deadline.end));
    if deadline.kind == DeadlineKind::Before && !deadline.inclusive {
        shown.push_str(" exclusive");
    }
    if deadline.tentative {
        shown.push_str(" tentative");
    }
    if let Some(rule) = &deadline.recurrence {
        shown.push_str(" RRULE:");
        shown.push_str(rule);
    }
    if let Some(anchor) = &deadline.anchor {
        shown.push_str(" @ ");
        shown.push_str(anchor);
    }
    shown
}

#[test]
fn every_case_of_the_table() {
    let mut wrong = Vec::new();
    for line in CASES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [context, issued, text, expected] = cells[..] else { panic!("four cells: {line}") };
        let context = if context == "label" { Context::Label } else { Context::Sentence };
        let found = read(text, Span::at(0, text.len()), context, issued.parse().ok());
        let found = found.as_ref().map_or("none".to_owned(), shown);
        if found != expected {
            wrong.push(format!("{text}\n  found    {found}\n  expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC{0,60}") {
        for context in [Context::Label, Context::Sentence] {
            read(&text, Span::at(0, text.len()), context, None);
        }
    }
}
