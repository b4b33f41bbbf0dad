//! `vanban import`: files and folders into the store, with a bar while it lasts and a table after.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use comfy_table::Cell;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::args::{Global, Import};
use super::output::{BAD, FAINT, GOOD, complain, count, doubtful, emit, paint, shorten, table};
use super::{DONE, PARTLY, load_model, print, said, worker_options};
use vanban::facts::Facts;
use vanban::parse::found::REVIEW;
use vanban::pipeline::{ImportOptions, Outcome, import as import_files, list_files};
use vanban::record::Record;
use vanban::store::Store;
use vanban::worker::Options;
use vanban::{Error, Result};

/// What an import did, as `--json` prints it.
#[derive(Default, Serialize)]
pub(super) struct Summary {
    stored: Vec<Stored>,
    unchanged: usize,
    failed: Vec<Failed>,
    seconds: f64,
}

#[derive(Serialize)]
struct Stored {
    path: PathBuf,
    key: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    date: Option<String>,
    citations: usize,
    tasks: usize,
    pages: usize,
    /// Fields that a person should look at.
    doubts: usize,
}

#[derive(Serialize)]
struct Failed {
    path: PathBuf,
    reason: String,
}

/// Runs the command.
pub(super) fn import(global: &Global, options: &Import) -> Result<u8> {
    let summary = run(global, options)?;
    if global.json {
        print(&summary)?;
    } else {
        said(emit(&page(&summary)))?;
    }
    Ok(if summary.failed.is_empty() { DONE } else { PARTLY })
}

/// Imports and tells what happened; a failed file is named at once on standard error.
pub(super) fn run(global: &Global, options: &Import) -> Result<Summary> {
    let begun = Instant::now();
    let (files, unlisted) = list_files(&options.paths);
    let mut summary = Summary::default();
    for (path, error) in unlisted {
        summary.fail(&path, &error);
    }
    if files.is_empty() && summary.failed.is_empty() {
        return Err(Error::NotADocument("no file under the paths given".into()));
    }
    let model = load_model(global)?;
    let mut store = Store::open(&global.store)?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = options.jobs.unwrap_or(cores).clamp(1, files.len().max(1));
    let worker = Options { timeout: Duration::from_secs(options.timeout), ..worker_options(global)? };
    let bar = progress_bar(files.len());
    let mut unfinished: HashSet<&Path> = files.iter().map(PathBuf::as_path).collect();
    let settings = ImportOptions { jobs, again: options.again, worker };
    let done = import_files(&files, &mut store, model, Facts::builtin(), &settings, &mut |path, outcome| {
        match outcome {
            Outcome::Stored(record) => summary.stored.push(Stored::of(path, record)),
            Outcome::Unchanged(_) => summary.unchanged += 1,
            Outcome::Failed(error) => bar.suspend(|| summary.fail(path, error)),
        }
        // Documents inside an archive count as its file, which they are named after.
        if path.ancestors().any(|path| unfinished.remove(path)) {
            bar.inc(1);
        }
    });
    bar.finish_and_clear();
    done?;
    summary.stored.sort_by(|a, b| a.path.cmp(&b.path));
    summary.failed.sort_by(|a, b| a.path.cmp(&b.path));
    summary.seconds = begun.elapsed().as_secs_f64();
    Ok(summary)
}

/// A bar on standard error; none where that is no terminal.
fn progress_bar(files: usize) -> ProgressBar {
    let bar = ProgressBar::new(files as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} files  {per_sec}  {eta} left") {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

impl Summary {
    fn fail(&mut self, path: &Path, error: &Error) {
        // The path is printed once: an error of the file system names it too.
        let reason = match error {
            Error::Io { source, .. } => source.to_string(),
            error => error.to_string(),
        };
        complain(&format!("{} {}: {reason}", paint(BAD, "failed:"), path.display()));
        self.failed.push(Failed { path: path.to_owned(), reason });
    }
}

impl Stored {
    fn of(path: &Path, record: &Record) -> Self {
        let header = &record.header;
        let sure = |confidence: f32| usize::from(confidence < REVIEW);
        let doubts = [&header.key, &header.kind, &header.issuer, &header.subject]
            .into_iter()
            .map(|field| field.as_ref().map_or(1, |field| sure(field.confidence)))
            .sum::<usize>()
            + header.date.as_ref().map_or(1, |date| sure(date.confidence))
            + header.signer.as_ref().and_then(|signer| signer.name.as_ref()).map_or(1, |name| sure(name.confidence));
        Self {
            path: path.to_owned(),
            key: header.key.as_ref().map(|key| key.value.clone()),
            kind: header.kind.as_ref().map(|kind| kind.value.clone()),
            date: header.date.as_ref().map(|date| date.value.to_string()),
            citations: record.citations.len(),
            tasks: record.tasks.len(),
            pages: record.file.pages.len(),
            doubts,
        }
    }
}

/// Files shown before the table is cut.
const SHOWN: usize = 40;

/// The summary for people.
pub(super) fn page(summary: &Summary) -> String {
    let mut text = String::new();
    if !summary.stored.is_empty() {
        let mut rows = table(&["document", "type", "issued", "cites", "tasks", "look at", "file"]);
        for stored in summary.stored.iter().take(SHOWN) {
            let doubts = if stored.doubts == 0 { String::new() } else { count(stored.doubts, "field") };
            rows.add_row([
                Cell::new(stored.key.as_deref().unwrap_or("?")),
                Cell::new(stored.kind.as_deref().unwrap_or("?")),
                Cell::new(stored.date.as_deref().unwrap_or("?")),
                Cell::new(stored.citations),
                Cell::new(stored.tasks),
                doubtful(&doubts),
                Cell::new(shorten(&stored.path.file_name().unwrap_or_default().to_string_lossy(), 34)),
            ]);
        }
        text.push_str(&format!("{rows}\n"));
        if let Some(more) = summary.stored.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&paint(FAINT, format_args!("and {more} more; `vanban list` shows all\n")));
        }
        text.push('\n');
    }
    let stored = count(summary.stored.len(), "document");
    text.push_str(&format!("{} in {:.1} s", paint(GOOD, format_args!("{stored} stored")), summary.seconds));
    if summary.unchanged > 0 {
        text.push_str(&format!(", {} unchanged", summary.unchanged));
    }
    if !summary.failed.is_empty() {
        text.push_str(&format!(", {}", paint(BAD, format_args!("{} failed", summary.failed.len()))));
    }
    text.push('\n');
    text
}
