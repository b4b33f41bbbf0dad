//! `vanban eval numbers`: numbers and dates of pictures, against tables of what the paper says.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::args::{EvalNumbers, Global};
use super::output::emit;
use super::{load_model, print, said};
use vanban::document::{Digest, Format, from_text};
use vanban::eval::numbers::{Fact, NumbersReport, Reader, facts};
use vanban::facts::Facts;
use vanban::model::Model;
use vanban::pipeline;
use vanban::record::Record;
use vanban::repair::Repairer;
use vanban::worker::{Options, Worker};
use vanban::{Error, Result};

/// A file to read, and what its paper says.
struct Trial {
    path: PathBuf,
    facts: Vec<Fact>,
}

/// Reads all files that have a table beside them and prints how well.
pub(super) fn numbers(global: &Global, options: &EvalNumbers) -> Result<u8> {
    let model = load_model(global)?;
    let trials = trials(&options.paths, model)?;
    if trials.is_empty() {
        return Err(Error::NotADocument("no picture or PDF has a table or a text of the same name beside it".into()));
    }
    let jobs = options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let name = if options.once { "vanban, numbers read once" } else { "vanban" };
    let worker = Options { once: options.once, ..Options::default() };
    let own = run(name, &trials, jobs, || {
        let mut worker = Worker::spawn(worker.clone()).map_err(|error| error.to_string());
        let mut repairer = Repairer::new(model);
        move |path: &Path| {
            let worker = worker.as_mut().map_err(|error| error.clone())?;
            let document = worker.read(path).map_err(|error| error.to_string())?;
            Ok((pipeline::interpret_next(&document, &mut repairer, Facts::builtin()), document.pages.len()))
        }
    });
    let mut report = NumbersReport { readers: vec![own] };
    if options.peers {
        // The same parser reads what bare Tesseract makes of the picture.
        report.readers.push(run("tesseract -l vie", &trials, jobs, || {
            let mut repairer = Repairer::new(model);
            move |path: &Path| {
                let mut command = Command::new("tesseract");
                let output = command.arg(path).args(["-", "-l", "vie"]).env("OMP_THREAD_LIMIT", "1").output();
                let output = output.map_err(|error| error.to_string())?;
                if !output.status.success() {
                    return Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned());
                }
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                let document = from_text(Digest::of(text.as_bytes()), Format::Txt, text);
                Ok((pipeline::interpret_next(&document, &mut repairer, Facts::builtin()), 1))
            }
        }));
    }
    if global.json { print(&report) } else { said(emit(&report.to_string())) }
}

/// What a reader made of a file, with its pages, or why it could not read it.
type Outcome = std::result::Result<(Record, usize), String>;

/// Has the trials read by `jobs` threads, each with a reader of its own, and counts.
fn run<R: FnMut(&Path) -> Outcome>(name: &str, trials: &[Trial], jobs: usize, start: impl Fn() -> R + Sync) -> Reader {
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<(usize, Outcome)>> = Mutex::new(Vec::new());
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(trials.len()) {
            scope.spawn(|| {
                let mut read = start();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(trial) = trials.get(at) else { break };
                    let outcome = read(&trial.path);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.push((at, outcome));
                    }
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let mut outcomes = outcomes.into_inner().unwrap_or_default();
    outcomes.sort_by_key(|(at, _)| *at);
    let mut reader = Reader { name: name.to_owned(), ..Reader::default() };
    let mut pages = 0;
    for (at, outcome) in outcomes {
        match outcome {
            Ok((record, count)) => {
                pages += count;
                reader.count(&trials[at].facts, &record);
            }
            Err(reason) => reader.failed.push(format!("{}: {reason}", trials[at].path.display())),
        }
    }
    reader.rows.sort_by(|a, b| a.name.cmp(&b.name));
    reader.pages_per_second = pages as f64 / seconds.max(1e-9);
    reader
}

/// Pictures and PDFs under `paths` with `NAME.numbers.tsv` beside them; or with `NAME.truth.txt`,
/// whose citations are then the facts, read by the parser from clean text.
fn trials(paths: &[PathBuf], model: &Model) -> Result<Vec<Trial>> {
    let (files, failures) = pipeline::list_files(paths);
    if let Some((_, error)) = failures.into_iter().next() {
        return Err(error);
    }
    let text_of = |path: &Path| std::fs::read_to_string(path).map_err(Error::io(path));
    let mut trials = Vec::new();
    for path in files {
        let kind = path.extension().map(|kind| kind.to_string_lossy().to_lowercase()).unwrap_or_default();
        if !matches!(kind.as_str(), "png" | "jpg" | "jpeg" | "tif" | "tiff" | "pdf") {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let table = path.with_file_name(format!("{stem}.numbers.tsv"));
        let first = stem.split('.').next().unwrap_or_default();
        let truth = path.with_file_name(format!("{first}.truth.txt"));
        let facts = if table.is_file() {
            facts(&text_of(&table)?)
                .ok_or_else(|| Error::NotADocument(format!("{}: not a table of numbers", table.display())))?
        } else if truth.is_file() {
            let text = text_of(&truth)?;
            let document = from_text(Digest::of(text.as_bytes()), Format::Txt, text);
            let record = pipeline::interpret(&document, model, Facts::builtin());
            let keys = record.citations.iter().filter_map(|citation| citation.key.as_ref());
            keys.map(|key| Fact { kind: "cite".into(), how: "text".into(), value: key.value.clone() }).collect()
        } else {
            continue;
        };
        trials.push(Trial { path, facts });
    }
    Ok(trials)
}
