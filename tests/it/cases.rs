//! Whole cases: `fixtures/parse/NAME/input.txt` is a text, `expected.json` beside it what must be
//! read from it. Only what it names is compared: `header` field by field (null: nothing may be read),
//! `recipients` whole, `outline` as lines of depth and label, `body` by its first and last words,
//! `notes` by a part of each message, `unsure` as fields that a person must be asked to look at.

#![allow(clippy::unwrap_used, reason = "a test stops where its files are not as they should be")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vanban::facts::Facts;
use vanban::parse::found::REVIEW;
use vanban::record::Record;
use vanban::text::Text;
use vanban::{document, parse, record};

#[test]
fn parse_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/parse");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let case = entry.unwrap().path();
        let text = fs::read_to_string(case.join("input.txt")).unwrap();
        let expected: Value = serde_json::from_str(&fs::read_to_string(case.join("expected.json")).unwrap()).unwrap();
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        for difference in differences(&text, &expected) {
            wrong.push(format!("{name}: {difference}"));
        }
        cases += 1;
    }
    assert!(cases >= 12, "only {cases} cases in {}", folder.display());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn differences(text: &str, expected: &Value) -> Vec<String> {
    let document = document::from_text(document::Digest::of(text.as_bytes()), document::Format::Txt, text.to_owned());
    let clean = Text::clean(document.raw.clone());
    let parsed = parse::parse(text, Facts::builtin());
    let body = parsed.body.of(text).to_owned();
    let record = record::prove(&document, &clean, parsed);
    let mut wrong = Vec::new();
    let mut check = |what: &str, expected: &Value, found: Value| {
        if *expected != found {
            wrong.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    for (field, value) in expected["header"].as_object().into_iter().flatten() {
        check(field, value, header_field(&record, field));
    }
    if !expected["recipients"].is_null() {
        let entries: Vec<&str> = record.header.recipients.iter().map(|entry| entry.value.as_str()).collect();
        check("recipients", &expected["recipients"], json!(entries));
    }
    if !expected["outline"].is_null() {
        let labels: Vec<String> =
            record.outline.iter().map(|section| format!("{} {}", section.depth, section.label)).collect();
        check("outline", &expected["outline"], json!(labels));
    }
    if let Some(starts) = expected["body"][0].as_str() {
        check("body starts", &json!(true), json!(body.starts_with(starts)));
    }
    if let Some(ends) = expected["body"][1].as_str() {
        check("body ends", &json!(true), json!(body.trim_end().ends_with(ends)));
    }
    for note in expected["notes"].as_array().into_iter().flatten() {
        let part = note.as_str().unwrap();
        let held = record.notes.iter().any(|note| note.message.contains(part));
        check(&format!("note `{part}`"), &json!(true), json!(held));
    }
    for field in expected["unsure"].as_array().into_iter().flatten() {
        let field = field.as_str().unwrap();
        let confidence = serde_json::to_value(&record.header).unwrap()[field]["confidence"].as_f64();
        check(&format!("unsure {field}"), &json!(true), json!(confidence.is_some_and(|sure| sure < f64::from(REVIEW))));
    }
    for (what, span, raw) in proofs(&record) {
        if raw.trim().is_empty() || text.get(span.range()) != Some(raw.as_str()) {
            wrong.push(format!("{what}: its span is not its text"));
        }
    }
    wrong
}

fn header_field(record: &Record, field: &str) -> Value {
    let header = serde_json::to_value(&record.header).unwrap();
    match field.split_once('.') {
        Some((outer, inner)) => header[outer][inner]["value"].clone(),
        None => header[field]["value"].clone(),
    }
}

/// Span and raw text of every scalar of the header.
fn proofs(record: &Record) -> Vec<(&'static str, vanban::text::Span, String)> {
    let header = &record.header;
    let mut proofs = Vec::new();
    for (name, field) in [
        ("number", &header.number),
        ("symbol", &header.symbol),
        ("key", &header.key),
        ("type", &header.kind),
        ("issuer", &header.issuer),
        ("parent", &header.parent),
        ("place", &header.place),
        ("subject", &header.subject),
    ] {
        proofs.extend(field.as_ref().map(|field| (name, field.span, field.raw.clone())));
    }
    proofs.extend(header.recipients.iter().map(|entry| ("recipients", entry.span, entry.raw.clone())));
    proofs
}
