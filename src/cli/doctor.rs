//! `vanban doctor`: what is installed, what is missing, how to get it.

use serde::Serialize;

use super::args::Global;
use super::output::{BAD, DOUBT, FAINT, GOOD, emit, paint};
use super::{DONE, PARTLY, load_model, print, said};
use vanban::Result;
use vanban::store::Store;

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    Missing,
    Optional,
}

/// Looks at everything the program needs and prints it.
pub(super) fn doctor(global: &Global) -> Result<u8> {
    let checks = [program(), model(global), ocr(), limits(), store(global)];
    let code = if checks.iter().any(|check| check.state == State::Missing) { PARTLY } else { DONE };
    if global.json {
        print(&checks)?;
        return Ok(code);
    }
    let mut text = String::new();
    for check in &checks {
        let mark = match check.state {
            State::Good => paint(GOOD, "ok     "),
            State::Missing => paint(BAD, "missing"),
            State::Optional => paint(DOUBT, "note   "),
        };
        text.push_str(&format!("{mark}  {:<14} {}\n", check.name, check.found));
        if let Some(remedy) = check.remedy {
            text.push_str(&format!("{:9}{:<14} {}\n", "", "", paint(FAINT, remedy)));
        }
    }
    said(emit(&text))?;
    Ok(code)
}

fn program() -> Check {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let found = format!("vanban {}, {cores} cores", env!("CARGO_PKG_VERSION"));
    Check { name: "program", state: State::Good, found, remedy: None }
}

fn model(global: &Global) -> Check {
    match load_model(global) {
        Ok(model) => Check { name: "language model", state: State::Good, found: describe(model), remedy: None },
        Err(error) => Check {
            name: "language model",
            state: State::Missing,
            found: error.to_string(),
            remedy: Some(
                "leave out --model and --channel to use what is built in, or make your own with `vanban train`",
            ),
        },
    }
}

fn describe(model: &vanban::model::Model) -> String {
    format!("{:.1} MB, {}", model.file_size() as f64 / 1e6, model.origin())
}

fn ocr() -> Check {
    match vanban::ocr::Engine::new("vie") {
        Ok(engine) => {
            let found = format!("Tesseract {} with Vietnamese data", engine.version());
            Check { name: "OCR", state: State::Good, found, remedy: None }
        }
        Err(error) => Check {
            name: "OCR",
            state: State::Missing,
            found: error.to_string(),
            remedy: Some("sudo apt install tesseract-ocr tesseract-ocr-vie (scanned pages need it; texts do not)"),
        },
    }
}

fn limits() -> Check {
    let limits = vanban::document::Limits::default();
    let found = format!(
        "a file up to {} MiB, {} pages, {} MiB of text, {} megapixels a picture",
        limits.file_bytes >> 20,
        limits.pages,
        limits.text_bytes >> 20,
        limits.pixels / 1_000_000
    );
    Check { name: "limits", state: State::Good, found, remedy: None }
}

fn store(global: &Global) -> Check {
    let path = global.store.display();
    if !global.store.exists() {
        let found = format!("{path} is not there yet");
        return Check { name: "store", state: State::Optional, found, remedy: Some("`vanban import PATH` makes it") };
    }
    match Store::open_read_only(&global.store).and_then(|store| store.statistics()) {
        Ok(counts) => {
            let found = format!("{path}: {} documents, {} tasks", counts.documents, counts.tasks);
            Check { name: "store", state: State::Good, found, remedy: None }
        }
        Err(error) => Check {
            name: "store",
            state: State::Missing,
            found: format!("{path}: {error}"),
            remedy: Some("name another with --store, or move this one away and import again"),
        },
    }
}
