//! Repair of the documents in `corpus/`, in syllables a second on one core: `cargo bench --bench repair`.
//!
//! `cold` starts with nothing remembered, as one document does; `warm` has repaired the same text
//! before, which is the best that a long batch of like documents can come to.
//!
//! Other restorers run beside it on the text without marks, if `VANBAN_PEERS` names a Python that has
//! any of those that `benches/peers/restore.py` knows.

use divan::{Bencher, counter::ItemsCount};
use vanban::eval::syllables::syllables;
use vanban::model::Model;
use vanban::repair::Repairer;
use vanban::vi::fold::strip_marks;

#[allow(clippy::print_stderr, reason = "a bench prints")]
fn main() {
    let _ = Model::builtin();
    divan::main();
    if let Err(error) = peers() {
        eprintln!("peers: {error}");
    }
}

/// Runs the peers on the text without marks.
fn peers() -> std::io::Result<()> {
    let Some(python) = std::env::var_os("VANBAN_PEERS") else { return Ok(()) };
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), text("bare"))?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/restore.py");
    let status = std::process::Command::new(python).arg(script).arg("--speed").arg(file.path()).status()?;
    if status.success() { Ok(()) } else { Err(std::io::Error::other(status.to_string())) }
}

/// The texts: broken by OCR, clean, and clean without its marks.
const TEXTS: [&str; 3] = ["ocr", "clean", "bare"];

fn text(name: &str) -> String {
    let ocr = include_str!("../corpus/441-KH-THPTLTT.ocr.txt");
    let clean = include_str!("../corpus/6656-KH-SGDDT.webpage.txt");
    match name {
        "ocr" => ocr.to_owned(),
        "clean" => clean.to_owned(),
        _ => strip_marks(clean),
    }
}

#[divan::bench(args = TEXTS)]
fn cold(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    bencher
        .counter(ItemsCount::new(syllables(&text).count()))
        .bench_local(|| Repairer::new(Model::builtin()).repair(&text));
}

#[divan::bench(args = TEXTS)]
fn warm(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    let mut repairer = Repairer::new(Model::builtin());
    repairer.repair(&text);
    bencher.counter(ItemsCount::new(syllables(&text).count())).bench_local(|| repairer.repair(&text));
}

/// Old encodings: how fast text without any is passed over.
#[divan::bench]
fn encodings(bencher: Bencher<'_, '_>) {
    let text = text("clean").repeat(20);
    bencher.counter(divan::counter::BytesCount::new(text.len())).bench_local(|| vanban::vi::encoding::edits(&text));
}
