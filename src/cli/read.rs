//! `vanban read` and `vanban repair`: one document, nothing stored.

use std::io::Read;
use std::path::Path;

use super::args::Global;
use super::output::{DOUBT, FAINT, emit, paint};
use super::{load_model, print, said, show};
use vanban::document::Document;
use vanban::error::Error;
use vanban::facts::Facts;
use vanban::parse::found::REVIEW;
use vanban::text::Text;
use vanban::worker::{Options, Worker};
use vanban::{Result, pipeline};

/// Reads one document and prints its record.
pub(super) fn read(global: &Global, file: &Path) -> Result<u8> {
    let (document, model) = open_beside(file, || {
        Facts::builtin();
        load_model(global)
    })?;
    let mut record = pipeline::interpret(&document, model, Facts::builtin());
    vanban::record::hold_against_name(&mut record, &file.file_stem().unwrap_or_default().to_string_lossy());
    if global.json { print(&record) } else { said(emit(&show::page(&record))) }
}

/// Repairs a text and prints it, line for line.
pub(super) fn repair(global: &Global, file: &Path, explain: bool) -> Result<u8> {
    let (document, model) = open_beside(file, || load_model(global))?;
    let text = vanban::repair::repair(&document, model);
    match (explain, global.json) {
        (true, true) => print(&text.edits()),
        (true, false) => said(emit(&explanation(&text))),
        (false, _) => said(emit(text.fixed())),
    }
}

/// Opens a file and loads what it will be read with meanwhile: either takes milliseconds.
fn open_beside<T: Send>(file: &Path, load: impl FnOnce() -> Result<T> + Send) -> Result<(Document, T)> {
    std::thread::scope(|scope| {
        let document = scope.spawn(|| open(file));
        let loaded = load()?;
        let document = document.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((document, loaded))
    })
}

/// Opens a file, or standard input for `-`, in a worker process. The error names the file.
fn open(file: &Path) -> Result<Document> {
    let mut worker = Worker::spawn(Options::default())?;
    let opened = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let limit = vanban::document::Limits::default().file_bytes;
        std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes).map_err(Error::io("standard input"))?;
        worker.read_bytes(&bytes)
    } else {
        worker.read(file)
    };
    // It ends with its input, at the latest with this program. Nobody has to wait until its memory
    // is given back.
    std::mem::forget(worker);
    opened.map_err(|error| error.in_file(file))
}

/// One line an edit: where, what stood there, what stands there now, why and how sure.
fn explanation(text: &Text) -> String {
    let mut out = String::new();
    let (mut line, mut counted) = (1, 0);
    for edit in text.edits() {
        line += text.raw()[counted..edit.raw.start()].matches('\n').count();
        counted = edit.raw.start();
        let why = serde_json::to_value(edit.why).ok();
        let why = why.as_ref().and_then(|why| why.as_str()).unwrap_or_default();
        let sure = format!("{:>3.0} %", edit.confidence * 100.0);
        let sure = if edit.confidence < REVIEW { paint(DOUBT, sure) } else { sure };
        let change = format!("{} → {}", edit.raw.of(text.raw()), edit.new);
        let rivals = if edit.rivals.is_empty() { String::new() } else { format!("or {}", edit.rivals.join(" / ")) };
        out.push_str(&format!("{:>5}  {sure}  {why:<10} {change:<40} {}\n", line, paint(FAINT, rivals)));
    }
    out
}
