//! The stages in a row: a file's path in, its record out; a list of files in, a filled store out.
//!
//! This is the only place that knows the whole order. Files are opened by
//! [`Worker`] processes, one a core; repair and parsing run in the thread
//! that owns the worker; one writer puts the records into the store, so that a killed run leaves
//! every stored document whole.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::document::{Digest, Document, Limits, Within};
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::ingest::too_large;
use crate::model::Model;
use crate::parse::parse_with;
use crate::record::{Record, prove};
use crate::repair::Repairer;
use crate::store::Store;
use crate::table;
use crate::witness::hear_name;
use crate::worker::{Options, Worker};

/// Repairs and reads one document.
pub fn interpret(document: &Document, model: &Model, facts: &Facts) -> Record {
    interpret_next(document, &mut Repairer::new(model), facts)
}

/// [`interpret`] for one document after the other: what repair learnt of words makes it faster.
pub fn interpret_next(document: &Document, repairer: &mut Repairer<'_>, facts: &Facts) -> Record {
    let text = repairer.repair_doubted(&document.raw, &document.doubts);
    let parsed = parse_with(text.fixed(), &table::repaired(&document.tables, &text), facts);
    prove(document, &text, parsed)
}

/// How an import goes about.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Worker processes, each with a thread of its own.
    pub jobs: usize,
    /// Read files again that the store has.
    pub again: bool,
    /// The workers' own options.
    pub worker: Options,
}

/// What happened to one document: a file, or a member of an archive or a mail.
#[derive(Debug)]
pub enum Outcome {
    /// Read and stored.
    Stored(Box<Record>),
    /// The store has these bytes already.
    Unchanged(Digest),
    /// Not read; the reason.
    Failed(Error),
}

/// Finds the files under `paths`, in the order of their names, each once. What cannot be listed
/// comes back as an error beside the path.
pub fn list_files(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<(PathBuf, Error)>) {
    let mut files = BTreeSet::new();
    let mut failures = Vec::new();
    for root in paths {
        // A symbolic link is followed only where the user names it: a loop cannot trap the walk.
        for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() || entry.depth() == 0 && entry.path().is_dir() => {}
                Ok(entry) if entry.depth() > 0 && is_hidden(&entry) => {}
                Ok(entry) if entry.file_type().is_file() || entry.depth() == 0 => {
                    files.insert(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other("a loop of links"));
                    failures.push((path.clone(), Error::Io { path, source }));
                }
            }
        }
    }
    (files.into_iter().collect(), failures)
}

fn is_hidden(entry: &walkdir::DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// One document on its way to the writer.
struct Read {
    /// The path of the file, for a member followed by its name in it.
    path: PathBuf,
    within: Option<Within>,
    /// For a member, the digest of the file that it lies in.
    file: Option<Digest>,
    outcome: Outcome,
}

/// Reads `files` and stores their records. `report` is called in the calling thread once for each
/// document, in the order in which they finish; the store does not depend on that order. Documents
/// inside archives and mails have the path `archive.zip/name.docx`.
///
/// # Errors
/// Only what stops the whole run: the store cannot be written, or no worker can be started.
pub fn import(
    files: &[PathBuf],
    store: &mut Store,
    model: &Model,
    facts: &Facts,
    options: &ImportOptions,
    report: &mut dyn FnMut(&Path, &Outcome),
) -> Result<()> {
    let known = if options.again { HashSet::new() } else { store.digests()? };
    let next = AtomicUsize::new(0);
    // A few results in flight: readers never wait for the disk, memory stays bounded.
    let (sender, receiver) = mpsc::sync_channel(options.jobs * 4);
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            let (sender, next, known) = (sender.clone(), &next, &known);
            scope.spawn(move || {
                let mut worker = None;
                let mut repairer = Repairer::new(model);
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut stopped = false;
                    import_one(path, known, &mut worker, &mut repairer, facts, options, &mut |read| {
                        // The writer stopped on an error: nothing that is read now can be kept.
                        stopped |= sender.send(read).is_err();
                    });
                    if stopped {
                        return;
                    }
                }
            });
        }
        drop(sender);
        write_outcomes(&receiver, store, report)
    })?;
    store.resolve().map(drop)
}

/// Documents in one transaction: commits cost more than rows.
const BATCH: usize = 128;
/// A stored document is on disk after this time at the latest.
const PATIENCE: Duration = Duration::from_millis(250);

/// Puts what the readers send into the store, several documents in a transaction, and reports a
/// document only once it is safe on disk.
fn write_outcomes(
    receiver: &mpsc::Receiver<Read>,
    store: &mut Store,
    report: &mut dyn FnMut(&Path, &Outcome),
) -> Result<()> {
    let mut waiting: Vec<(Record, String)> = Vec::new();
    let mut places: Vec<(PathBuf, Option<Within>)> = Vec::new();
    let mut since = Instant::now();
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(Read { path, outcome: Outcome::Stored(mut record), .. }) => {
                if waiting.is_empty() {
                    since = Instant::now();
                }
                // The same bytes may lie in many archives: where they lie is no part of what was read.
                places.push((path.clone(), record.file.within.take()));
                waiting.push((*record, path.to_string_lossy().into_owned()));
            }
            Ok(Read { path, within, file, outcome }) => {
                match &outcome {
                    Outcome::Unchanged(digest) => {
                        store.seen(*digest, &path.to_string_lossy())?;
                        if let Some(within) = &within {
                            store.hold(within, *digest)?;
                        }
                    }
                    Outcome::Failed(error) => store.fail(&path.to_string_lossy(), file, &error.to_string())?,
                    Outcome::Stored(_) => {}
                }
                report(&path, &outcome);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return flush(&mut waiting, &mut places, store, report),
        }
        if waiting.len() >= BATCH || since.elapsed() >= PATIENCE {
            flush(&mut waiting, &mut places, store, report)?;
        }
    }
}

fn flush(
    waiting: &mut Vec<(Record, String)>,
    places: &mut Vec<(PathBuf, Option<Within>)>,
    store: &mut Store,
    report: &mut dyn FnMut(&Path, &Outcome),
) -> Result<()> {
    let put = store.put_batch(waiting)?;
    for (((path, within), (mut record, _)), put) in places.drain(..).zip(waiting.drain(..)).zip(put) {
        if let (Some(within), Ok(_)) = (&within, &put) {
            store.hold(within, record.file.digest)?;
        }
        record.file.within = within;
        report(&path, &put.map_or_else(Outcome::Failed, |_| Outcome::Stored(Box::new(record))));
    }
    Ok(())
}

/// Reads one file and sends each document in it.
fn import_one(
    path: &Path,
    known: &HashSet<Digest>,
    worker: &mut Option<Worker>,
    repairer: &mut Repairer<'_>,
    facts: &Facts,
    options: &ImportOptions,
    send: &mut dyn FnMut(Read),
) {
    let whole = |file, outcome| Read { path: path.to_owned(), within: None, file, outcome };
    let digest = match digest_file(path, &options.worker.limits) {
        Ok(digest) if known.contains(&digest) => return send(whole(None, Outcome::Unchanged(digest))),
        Ok(digest) => digest,
        Err(error) => return send(whole(None, Outcome::Failed(error))),
    };
    if worker.is_none() {
        match Worker::spawn(options.worker.clone()) {
            Ok(spawned) => *worker = Some(spawned),
            Err(error) => return send(whole(None, Outcome::Failed(error))),
        }
    }
    let Some(worker) = worker else { return };
    worker.read_each(path, &mut |member| {
        let inside = !member.path.is_empty();
        let path = if inside { path.join(&member.path) } else { path.to_owned() };
        let (within, outcome) = match member.document {
            Ok(document) if known.contains(&document.digest) => (document.within, Outcome::Unchanged(document.digest)),
            Ok(document) => {
                let mut record = interpret_next(&document, repairer, facts);
                hear_name(&mut record, &path);
                (document.within, Outcome::Stored(Box::new(record)))
            }
            Err(error) => (None, Outcome::Failed(error)),
        };
        send(Read { path, within, file: inside.then_some(digest), outcome });
    });
}

/// The digest of a file, read in pieces. Bytes are only hashed here, never interpreted.
fn digest_file(path: &Path, limits: &Limits) -> Result<Digest> {
    // Opening a pipe would wait for its other end.
    let about = std::fs::metadata(path).map_err(Error::io(path))?;
    if !about.is_file() {
        return Err(Error::NotADocument("neither a file nor a folder".into()));
    }
    if about.len() > limits.file_bytes {
        return Err(too_large("file", about.len(), limits.file_bytes));
    }
    let file = File::open(path).map_err(Error::io(path))?;
    Digest::of_reader(file).map_err(Error::io(path))
}
