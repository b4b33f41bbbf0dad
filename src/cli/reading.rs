//! `vanban eval reading`: pictures and scanned PDFs with what the paper says, read by this program
//! and by the other readers that are installed, in one run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use super::args::{EvalReading, Global};
use super::eval::{peak_memory, text_of};
use super::output::emit;
use super::{load_model, print, said};
use vanban::eval::reading::{Reader, Reading, ReadingReport, measure};
use vanban::pipeline;
use vanban::repair::Repairer;
use vanban::worker::{Options, Worker};
use vanban::{Error, Result};

/// A file to read, and what the paper says.
#[derive(Debug)]
struct Trial {
    path: PathBuf,
    set: String,
    truth: String,
}

/// What a reader made of a file.
#[derive(Debug)]
struct Output {
    pages: usize,
    raw: String,
    repaired: String,
}

/// What a reader made of a file, or why it made nothing of it.
type Outcome = std::result::Result<Output, String>;

/// Reads all pages that have a truth beside them and prints how well.
pub(super) fn reading(global: &Global, options: &EvalReading) -> Result<u8> {
    let trials = trials(&options.paths)?;
    if trials.is_empty() {
        return Err(Error::NotADocument("no picture or PDF has a text of the same name beside it".into()));
    }
    let jobs = options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let model = load_model(global)?;
    let watch = Watch::start();
    let memory = AtomicU64::new(0);
    let outcomes = side_by_side(
        &trials,
        jobs,
        || {
            let options = Options { language: options.language.clone(), ..Options::default() };
            (Worker::spawn(options), Repairer::new(model))
        },
        |(worker, repairer), trial| {
            let worker = worker.as_mut().map_err(|error| error.to_string())?;
            let document = worker.read(&trial.path).map_err(|error| error.to_string())?;
            let repaired = repairer.repair_doubted(&document.raw, &document.doubts).fixed().to_owned();
            Ok(Output { pages: document.pages.len(), raw: document.raw, repaired })
        },
        |(worker, _)| {
            let held = worker.ok().and_then(|worker| worker.peak_memory());
            memory.fetch_add(held.unwrap_or_default(), Ordering::Relaxed);
        },
    );
    if let Some(folder) = &options.keep {
        keep(folder, &trials, &outcomes)?;
    }
    let pages: Vec<usize> = outcomes.iter().map(|outcome| outcome.as_ref().map_or(1, |read| read.pages)).collect();
    let name = format!("vanban, -l {}", options.language);
    let mut own = judge(&name, &trials, &pages, outcomes, &watch);
    own.peak_memory = peak_memory().map(|own| own + memory.into_inner());
    let mut report = ReadingReport { jobs, readers: vec![own] };
    if options.peers {
        for (name, peer) in [("tesseract -l vie, a process a page", tesseract as Peer), ("ocrmypdf -l vie", ocrmypdf)] {
            if !on_path(name.split(' ').next().unwrap_or_default()) {
                continue;
            }
            let watch = Watch::start();
            let room = Room::new()?;
            let alone = if trials.len() == 1 { jobs } else { 1 };
            let numbered: Vec<usize> = (0..trials.len()).collect();
            let read = |(): &mut (), at: &usize| {
                let raw = peer(&trials[*at].path, &room.0.join(at.to_string()), alone)?;
                Ok(Output { pages: pages[*at], repaired: raw.clone(), raw })
            };
            let outcomes = side_by_side(&numbered, jobs, || (), read, drop);
            report.readers.push(judge(name, &trials, &pages, outcomes, &watch));
        }
    }
    if global.json { print(&report) } else { said(emit(&report.to_string())) }
}

/// The files under `paths` that are pictures or PDFs and have a text beside them: `NAME.txt`, or
/// `NAME.truth.txt` with or without what stands behind the first stop of NAME. The set is the name up
/// to the last `_`.
fn trials(paths: &[PathBuf]) -> Result<Vec<Trial>> {
    let (files, failures) = pipeline::list_files(paths);
    if let Some((_, error)) = failures.into_iter().next() {
        return Err(error);
    }
    let kind = |path: &Path| path.extension().map(|kind| kind.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut trials = Vec::new();
    for path in files {
        if !matches!(kind(&path).as_str(), "png" | "jpg" | "jpeg" | "tif" | "tiff" | "pdf") {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let first = stem.split('.').next().unwrap_or_default();
        let names = [format!("{stem}.txt"), format!("{stem}.truth.txt"), format!("{first}.truth.txt")];
        let Some(truth) = names.iter().map(|name| path.with_file_name(name)).find(|truth| truth.is_file()) else {
            continue;
        };
        let set = stem.rsplit_once('_').map_or(stem.as_str(), |(set, _)| set).to_owned();
        trials.push(Trial { truth: text_of(&truth)?, set, path });
    }
    Ok(trials)
}

/// Hands the items out to `jobs` threads, each with what `start` gives it.
fn side_by_side<T: Sync, R>(
    items: &[T],
    jobs: usize,
    start: impl Fn() -> R + Sync,
    read: impl Fn(&mut R, &T) -> Outcome + Sync,
    end: impl Fn(R) + Sync,
) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<Option<Outcome>>> = Mutex::new(items.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            scope.spawn(|| {
                let mut reader = start();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let outcome = read(&mut reader, item);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes[at] = Some(outcome);
                    }
                }
                end(reader);
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap_or_default();
    outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err("not reached".into()))).collect()
}

/// What a reader's outcomes are worth. A file that was not read counts as read empty.
fn judge(name: &str, trials: &[Trial], pages: &[usize], outcomes: Vec<Outcome>, watch: &Watch) -> Reader {
    let (seconds, processor) = watch.stop();
    let mut reader = Reader { name: name.to_owned(), ..Reader::default() };
    let mut readings = Vec::new();
    for ((trial, outcome), pages) in trials.iter().zip(outcomes).zip(pages) {
        let output = outcome.unwrap_or_else(|reason| {
            reader.failed.push(format!("{}: {reason}", trial.path.display()));
            Output { pages: *pages, raw: String::new(), repaired: String::new() }
        });
        readings.push(Reading {
            set: trial.set.clone(),
            pages: *pages,
            truth: trial.truth.clone(),
            raw: output.raw,
            repaired: output.repaired,
        });
    }
    let all = pages.iter().sum::<usize>() as f64;
    reader.pages_per_second = all / seconds.max(1e-9);
    reader.processor_seconds = processor.map(|seconds| seconds / all);
    reader.rows = measure(&readings);
    reader
}

/// Writes what was read of each file, before repair and after it, for a person to look at.
fn keep(folder: &Path, trials: &[Trial], outcomes: &[Outcome]) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
    for (trial, outcome) in trials.iter().zip(outcomes) {
        let Ok(output) = outcome else { continue };
        let name = trial.path.file_name().unwrap_or_default().to_string_lossy();
        for (text, kind) in [(&output.raw, "raw"), (&output.repaired, "repaired")] {
            let path = folder.join(format!("{name}.{kind}.txt"));
            std::fs::write(&path, text).map_err(Error::io(&path))?;
        }
    }
    Ok(())
}

/// Another reader: a file, a name in a folder that it may write to, and how many pages of the file it
/// may read at the same time.
type Peer = fn(&Path, &Path, usize) -> std::result::Result<String, String>;

/// Bare Tesseract, a process a page. It reads no PDF: pages are drawn at 300 dpi for it.
fn tesseract(file: &Path, room: &Path, jobs: usize) -> std::result::Result<String, String> {
    let one = |page: &Path| run(Command::new("tesseract").arg(page).args(["-", "-l", "vie"]));
    if !file.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("pdf")) {
        return one(file);
    }
    std::fs::create_dir_all(room).map_err(|error| error.to_string())?;
    run(Command::new("pdftoppm").args(["-r", "300", "-png"]).arg(file).arg(room.join("page")))?;
    let (pages, _) = pipeline::list_files(&[room.to_owned()]);
    let read = |(): &mut (), page: &PathBuf| one(page).map(|raw| Output { pages: 1, repaired: String::new(), raw });
    let texts: std::result::Result<Vec<Output>, String> =
        side_by_side(&pages, jobs, || (), read, drop).into_iter().collect();
    Ok(texts?.into_iter().map(|page| page.raw).collect::<Vec<_>>().join("\n"))
}

/// `OCRmyPDF`, with its own choice of preparation; the picture is read even where there is a text.
fn ocrmypdf(file: &Path, room: &Path, jobs: usize) -> std::result::Result<String, String> {
    let text = room.with_extension("txt");
    let command = &mut Command::new("ocrmypdf");
    command.args(["-q", "-l", "vie", "--force-ocr", "--output-type", "pdf", "--jobs"]).arg(jobs.to_string());
    if !file.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("pdf")) {
        command.args(["--image-dpi", "300"]);
    }
    run(command.arg("--sidecar").arg(&text).arg(file).arg(room.with_extension("pdf")))?;
    std::fs::read_to_string(&text).map_err(|error| error.to_string())
}

/// Runs a command to its end and gives its output.
fn run(command: &mut Command) -> std::result::Result<String, String> {
    // With several threads a page takes four times as long.
    let command = command.env("OMP_THREAD_LIMIT", "1").stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().next_back().unwrap_or("it failed and did not say why").to_owned())
}

fn on_path(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// A folder for what peers write, gone with it.
struct Room(PathBuf);

impl Room {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("vanban-eval-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        Ok(Self(folder))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // What stays behind is in the folder for what may be lost.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Time since it was started: by the clock, and of the processor for this process and its children
/// that have ended.
struct Watch {
    clock: Instant,
    processor: Option<f64>,
}

impl Watch {
    fn start() -> Self {
        Self { clock: Instant::now(), processor: processor_seconds() }
    }

    fn stop(&self) -> (f64, Option<f64>) {
        let processor = processor_seconds().zip(self.processor).map(|(now, then)| now - then);
        (self.clock.elapsed().as_secs_f64(), processor)
    }
}

/// What Linux says: user and system time of the process, then of its children, in hundredths.
fn processor_seconds() -> Option<f64> {
    let line = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields = line.rsplit_once(')')?.1.split_whitespace().skip(11).take(4);
    Some(fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0)
}
