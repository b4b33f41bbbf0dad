//! `vanban read` and `vanban repair`: one document, nothing stored.

use std::io::Read;
use std::path::Path;

use super::args::Global;
use super::output::{BAD, DOUBT, FAINT, complain, emit, emit_line, paint};
use super::{DONE, PARTLY, load_model, print, said, show, worker_options};
use vanban::error::Error;
use vanban::facts::Facts;
use vanban::ingest::Member;
use vanban::parse::found::REVIEW;
use vanban::repair::Repairer;
use vanban::text::Text;
use vanban::witness::hear_name;
use vanban::worker::{Options, Worker};
use vanban::{Result, pipeline};

/// Reads one file and prints the record of each document in it. As JSON, several documents are one line
/// each.
pub(super) fn read(global: &Global, file: &Path) -> Result<u8> {
    let (mut members, model) = open_beside(global, file, || {
        Facts::builtin();
        load_model(global)
    })?;
    if let [Member { path, .. }] = members.as_slice()
        && path.is_empty()
        && let Some(only) = members.pop()
    {
        let document = only.document.map_err(|error| error.in_file(file))?;
        let mut record = pipeline::interpret(&document, model, Facts::builtin());
        hear_name(&mut record, file);
        return if global.json { print(&record) } else { said(emit(&show::page(&record))) };
    }
    let mut repairer = Repairer::new(model);
    let (mut read, mut failed) = (0, 0);
    for member in members {
        let path = if member.path.is_empty() { file.to_owned() } else { file.join(&member.path) };
        match member.document {
            Ok(document) => {
                read += 1;
                let mut record = pipeline::interpret_next(&document, &mut repairer, Facts::builtin());
                hear_name(&mut record, &path);
                if global.json {
                    said(emit_line(&record))?;
                } else {
                    said(emit(&format!("{}\n\n{}\n", paint(FAINT, path.display()), show::page(&record))))?;
                }
            }
            Err(error) => {
                failed += 1;
                complain(&format!("{} {}: {error}", paint(BAD, "failed:"), path.display()));
            }
        }
    }
    match (read, failed) {
        (0, _) => Err(Error::NotADocument("nothing in it could be read".into()).in_file(file)),
        (_, 0) => Ok(DONE),
        _ => Ok(PARTLY),
    }
}

/// Repairs a text and prints it, line for line.
pub(super) fn repair(global: &Global, file: &Path, explain: bool) -> Result<u8> {
    let (mut members, model) = open_beside(global, file, || load_model(global))?;
    let count = members.len();
    let document = match members.pop() {
        Some(only) if count == 1 => only.document.map_err(|error| error.in_file(file))?,
        _ => {
            let reason = format!("a file with {count} documents in it; `vanban read` reads them all");
            return Err(Error::NotADocument(reason).in_file(file));
        }
    };
    let text = vanban::repair::repair(&document, model);
    match (explain, global.json) {
        (true, true) => print(&text.edits()),
        (true, false) => said(emit(&explanation(&text))),
        (false, _) => said(emit(text.fixed())),
    }
}

/// Opens a file and loads what it will be read with meanwhile: either takes milliseconds.
pub(super) fn open_beside<T: Send>(
    global: &Global,
    file: &Path,
    load: impl FnOnce() -> Result<T> + Send,
) -> Result<(Vec<Member>, T)> {
    let options = worker_options(global)?;
    std::thread::scope(|scope| {
        let members = scope.spawn(|| open(file, options));
        let loaded = load()?;
        let members = members.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((members, loaded))
    })
}

/// Opens a file, or standard input for `-`, in a worker process.
fn open(file: &Path, options: Options) -> Result<Vec<Member>> {
    let mut worker = Worker::spawn(options)?;
    let mut members = Vec::new();
    let mut keep = |member| members.push(member);
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let limit = vanban::document::Limits::default().file_bytes;
        std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes).map_err(Error::io("standard input"))?;
        worker.read_bytes_each(&bytes, &mut keep);
    } else {
        worker.read_each(file, &mut keep);
    }
    // It ends with its input, at the latest with this program. Nobody has to wait until its memory
    // is given back.
    std::mem::forget(worker);
    Ok(members)
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
