//! `vanban demo`: the whole way once, on the documents of this project.

use std::path::{Path, PathBuf};

use super::args::{About, Global, Import, WhoCites};
use super::output::{FAINT, STRONG, emit, paint};
use super::{import, query, said};
use vanban::error::Error;
use vanban::{Result, store};

/// The demo's own store, in the current folder, so that a newcomer can go on asking.
const STORE: &str = "vanban-demo.sqlite";

/// The question of the day.
const QUESTION: &str = "1927/KH-UBND";

/// Imports the samples into a store of its own and asks it the first question.
pub(super) fn demo(global: &Global, corpus: &Path) -> Result<u8> {
    let samples =
        ["441-KH-THPTLTT.ocr.txt", "6656-KH-SGDDT.webpage.txt", "87-KH-THCSHS.scan.pdf"].map(|name| corpus.join(name));
    if let Some(missing) = samples.iter().find(|sample| !sample.exists()) {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "not there; name the folder with --corpus");
        return Err(Error::Io { path: missing.clone(), source });
    }
    store::remove(Path::new(STORE))?;
    let global = Global {
        password: None,
        passwords: None,
        store: PathBuf::from(STORE),
        json: false,
        model: global.model.clone(),
        channel: global.channel.clone(),
        color: global.color,
    };

    step(&format!("vanban import {}", samples.each_ref().map(|sample| sample.display().to_string()).join(" ")))?;
    let options = Import { paths: samples.to_vec(), jobs: None, again: false, timeout: 600 };
    let code = import::import(&global, &options)?;

    step("vanban show 441/KH-THPTLTT")?;
    query::show(&global, "441/KH-THPTLTT", false)?;

    step(&format!("vanban who-cites {QUESTION}"))?;
    let question = WhoCites { key: QUESTION.into(), relation: None, kind: None, about: About::default(), limit: None };
    query::who_cites(&global, &question)?;

    said(emit(&format!(
        "\n{}\n",
        paint(FAINT, format_args!("The store is {STORE}. Ask on: vanban --store {STORE} tasks"))
    )))?;
    Ok(code)
}

/// Shows the command that a person would type for what comes next.
fn step(command: &str) -> Result<u8> {
    said(emit(&format!("\n{} {}\n\n", paint(FAINT, "$"), paint(STRONG, command))))
}
