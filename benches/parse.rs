//! Parsing of clean text, in MB/s on one core, from 1 KB to 10 MB: `cargo bench --bench parse`.
//!
//! The text is that of the documents in this repository, one after the other, repeated to each size. The
//! last column says how much longer a byte takes than in the text of 1 MB: 1.0 everywhere is linear. With
//! `-- FILE…` those files are taken instead; `-- --write DIR` keeps the texts for other programs
//! (`benches/peers/citations.py`).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vanban::facts::Facts;
use vanban::parse::parse;

/// Bytes of the texts.
const SIZES: [usize; 6] = [1_000, 10_000, 100_000, 1_000_000, 3_000_000, 10_000_000];

fn main() {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut write = None;
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        if argument == "--write" { write = arguments.next() } else { files.push(argument.into()) }
    }
    if files.is_empty() {
        files = own_files();
    }
    let source: String = files.iter().filter_map(|path| fs::read_to_string(path).ok()).collect::<Vec<_>>().join("\n");
    if source.is_empty() {
        say("no text to read");
        return;
    }
    parse(&source, Facts::builtin());
    let timed: Vec<(usize, f64)> = SIZES.iter().map(|size| time(&cut(&source, *size), write.as_deref())).collect();
    let reference = timed.iter().find(|(size, _)| *size >= 900_000).map_or(1.0, |(size, time)| time / *size as f64);
    say("     bytes        ms     MB/s   time per byte, 1 MB = 1");
    for (size, seconds) in timed {
        let (per_byte, rate) = (seconds / size as f64, size as f64 / seconds / 1e6);
        say(&format!("{size:>10} {:>9.2} {rate:>8.1} {:>8.2}", seconds * 1e3, per_byte / reference));
    }
    say("\nhostile text                        100 KB, ms   400 KB, ms   ratio, 4 = linear");
    for piece in HOSTILE {
        let [small, large] = [100_000, 400_000].map(|size| time(&cut(piece, size), None).1);
        let shown: String = piece.escape_debug().take(34).collect();
        say(&format!("{shown:<36} {:>9.2} {:>12.2} {:>8.1}", small * 1e3, large * 1e3, large / small));
    }
}

/// What makes careless matching slow: lists, brackets, dates and labels that never end.
const HOSTILE: [&str; 10] = [
    "Sở Y tế, ",
    "Sở Y tế chủ trì, phối hợp với ",
    "(",
    "1. ",
    "\n1. Sở Y tế: ",
    "ngày 1/1 và ",
    "hằng năm 1/1 ",
    "Đơn vị chủ trì: ",
    "STT\tNội dung\tĐơn vị chủ trì\n",
    "STT\nNội dung\nĐơn vị chủ trì\n1\n",
];

#[allow(clippy::print_stdout, reason = "a bench prints its table")]
fn say(line: &str) {
    println!("{line}");
}

/// The clean documents of the repository.
fn own_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("corpus/6656-KH-SGDDT.webpage.txt")];
    let cases = fs::read_dir(root.join("fixtures/parse")).into_iter().flatten().flatten();
    files.extend(cases.map(|case| case.path().join("input.txt")).filter(|path| path.exists()));
    files.sort();
    files
}

/// The source, repeated or cut to about `size` bytes, at a border of lines where one is near.
fn cut(source: &str, size: usize) -> String {
    let mut text = source.repeat(size.div_ceil(source.len()));
    let end = (0..=size).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    text
}

/// The bytes of the text and the best time of a parse in seconds, over a second or ten parses.
fn time(text: &str, write: Option<&str>) -> (usize, f64) {
    if let Some(folder) = write {
        let _ = fs::write(Path::new(folder).join(format!("{}.txt", text.len())), text);
    }
    let begun = Instant::now();
    let mut best = f64::INFINITY;
    let mut runs = 0;
    while runs < 3 || (begun.elapsed() < Duration::from_secs(1) && runs < 200) {
        let start = Instant::now();
        std::hint::black_box(parse(text, Facts::builtin()));
        best = best.min(start.elapsed().as_secs_f64());
        runs += 1;
    }
    (text.len(), best)
}
