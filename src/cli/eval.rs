//! `vanban eval`: how well reading and repair go, against what people wrote down.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::args::{Eval, Global};
use super::output::emit;
use super::{load_model, numbers, print, reading, said, worker_options};
use vanban::document::{self, Digest, Format};
use vanban::eval::repair::{RepairReport, Trial, measure, measure_bag};
use vanban::eval::{Annotated, Gold, encodings, load as load_gold, measure as measure_all, page};
use vanban::facts::Facts;
use vanban::pipeline;
use vanban::record::Record;
use vanban::repair::Repairer;
use vanban::vi::fold::strip_marks;
use vanban::worker::Worker;
use vanban::{Error, Result};

/// Measures and prints.
pub(super) fn eval(global: &Global, what: &Eval) -> Result<u8> {
    match what {
        Eval::Parse { gold, readings, strip_marks, summary, html } => {
            let set = load_gold(gold, readings.as_deref())?;
            parse(global, set, *strip_marks, *summary, html.as_deref())
        }
        Eval::Layers { folder } => layers(global, folder),
        Eval::Reading(options) => reading::reading(global, options),
        Eval::Repair { clean, pairs, document, scan } => repair(global, clean, pairs, document, scan),
        Eval::Numbers(options) => numbers::numbers(global, options),
    }
}

/// Measures which layer each page of labelled PDFs is read from.
fn layers(global: &Global, folder: &Path) -> Result<u8> {
    let mut worker = Worker::spawn(worker_options(global)?)?;
    let report = vanban::eval::layers::measure(folder, &mut |path| worker.read(path))?;
    if global.json { print(&report) } else { said(emit(&report.to_string())) }
}

/// Measures records of annotated texts against their annotations.
fn parse(global: &Global, mut set: Gold, stripped: bool, summary: bool, html: Option<&Path>) -> Result<u8> {
    let model = load_model(global)?;
    if stripped {
        for document in &mut set.documents {
            document.text = strip_marks(&document.text);
        }
    }
    let read = |document: &Annotated| {
        let text = document.text.clone();
        let document = document::from_text(Digest::of(text.as_bytes()), Format::Txt, text);
        pipeline::interpret(&document, model, Facts::builtin())
    };
    let records: Vec<Record> = set.documents.iter().map(read).collect();
    let report = measure_all(&set, &records);
    if let Some(path) = html {
        std::fs::write(path, page::page(&set, &records, &report)).map_err(Error::io(path))?;
    }
    let report = if summary { report.without_misses() } else { report };
    if global.json { print(&report) } else { said(emit(&report.to_string())) }
}

fn repair(global: &Global, clean: &[PathBuf], pairs: &[PathBuf], document: &[PathBuf], scan: &[PathBuf]) -> Result<u8> {
    let start = Instant::now();
    let model = load_model(global)?;
    let model_load = start.elapsed().as_secs_f64();
    let mut report = RepairReport { model_bytes: model.file_size(), model_load, ..RepairReport::default() };
    let mut clean_texts = Vec::new();
    let mut run = |name: &str, trials: &[Trial], names: bool| {
        // Each row starts with nothing remembered, so that the order of the rows changes no figure.
        report.rows.push(measure(name, trials, names, &mut Repairer::new(model)));
    };
    if let [raw, truth] = document {
        run("document, names without tones", &[Trial { truth: text_of(truth)?, raw: text_of(raw)? }], true);
    }
    for folder in clean {
        let mut trials = Vec::new();
        let (files, failures) = pipeline::list_files(std::slice::from_ref(folder));
        if let Some((_, error)) = failures.into_iter().next() {
            return Err(error);
        }
        for path in files {
            let truth = text_of(&path)?;
            clean_texts.push(truth.clone());
            trials.push(Trial { raw: truth.clone(), truth });
        }
        let label = folder.display();
        run(&format!("{label}: clean"), &trials, false);
        for trial in &mut trials {
            trial.raw = strip_marks(&trial.truth);
        }
        run(&format!("{label}: without marks"), &trials, false);
    }
    for path in pairs {
        let table = text_of(path)?;
        let mut trial = Trial { truth: String::new(), raw: String::new() };
        for line in table.lines() {
            let mut cells = line.split('\t');
            let (Some(truth), Some(raw)) = (cells.next(), cells.next()) else {
                return Err(Error::NotADocument(format!("{}: a line without a tab", path.display())));
            };
            for (text, line) in [(&mut trial.truth, truth), (&mut trial.raw, raw)] {
                text.push_str(line);
                text.push('\n');
            }
        }
        run(&path.display().to_string(), &[trial], false);
    }
    if let [raw, truth] = scan {
        let trial = Trial { truth: text_of(truth)?, raw: text_of(raw)? };
        report.bags.push(measure_bag(&raw.display().to_string(), &trial, &mut Repairer::new(model)));
    }
    report.peak_memory = peak_memory();
    if !clean_texts.is_empty() {
        report.encodings = Some(encodings::measure(&clean_texts));
    }
    if global.json { print(&report) } else { said(emit(&report.to_string())) }
}

/// What Linux says of the most memory that the process held, in bytes.
pub(super) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

pub(super) fn text_of(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(Error::io(path))
}
