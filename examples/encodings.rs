//! How well old encodings are told and undone, on clean texts of one's own:
//! `cargo run --release --example encodings -- FOLDER_OF_TXT [FILE_OF_PARAGRAPHS ...]`; `SHOW=1` lists
//! what went wrong. `fix FILE` instead prints the file's text as it comes out.
//!
//! Every text is written in every encoding, as bytes and as what Windows-1252 shows of them, read
//! back and compared letter for letter (characters outside of the code page are left out; letters
//! that TCVN3 has in small only may come back small). Pieces of 200 characters show whether short
//! texts are told: one is if 99.5 % of its letters are right. The clean texts, and every line of
//! the other files, must give no edit but of form.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints figures for a person")]

use std::time::Instant;

use unicode_normalization::UnicodeNormalization;
use vanban::text::{Text, Why};
use vanban::vi::encoding::{Encoding, edits, encode, express, guess, misread};

fn fixed(text: &str) -> String {
    Text::new(text.to_owned(), edits(text)).fixed().to_owned()
}

/// How many of how many.
#[derive(Clone, Copy, Default)]
struct Share(usize, usize);

impl Share {
    fn add(&mut self, (right, total): (usize, usize)) {
        self.0 += right;
        self.1 += total;
    }

    fn percent(self) -> f64 {
        self.0 as f64 * 100.0 / self.1.max(1) as f64
    }
}

/// Right letters and all letters, line by line: a line of another length has none right.
fn compare(encoding: Encoding, truth: &str, read: &str) -> (usize, usize) {
    let lacks = |c: char| express(encoding, &c.to_string()) != c.to_string();
    let right = |t: char, r: char| t == r || lacks(t) && t.to_lowercase().eq(r.to_lowercase());
    let of_line = |t: &str, r: &str| {
        if t.chars().count() == r.chars().count() {
            t.chars().zip(r.chars()).filter(|(t, r)| right(*t, *r)).count() + 1
        } else {
            0
        }
    };
    let total = truth.lines().map(|line| line.chars().count() + 1).sum();
    (truth.lines().zip(read.lines()).map(|(t, r)| of_line(t, r)).sum(), total)
}

/// Whole lines of 200 characters together, of which four in five are letters.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for line in text.lines() {
        let last = pieces.last_mut().unwrap();
        last.push_str(line);
        last.push('\n');
        if last.chars().filter(|c| c.is_alphabetic()).count() >= 160 {
            pieces.push(String::new());
        }
    }
    pieces.pop();
    pieces
}

/// `ế` as `ê` and a loose tone.
fn tone_apart(c: char) -> Vec<char> {
    let parts: Vec<char> = c.nfd().collect();
    let tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    let base = parts.iter().copied().filter(|c| !tone(c)).nfc();
    base.chain(parts.iter().copied().filter(tone)).collect()
}

fn round_trip(encoding: Encoding, texts: &[(String, String)], show: bool) {
    let bytes_of = !matches!(encoding, Encoding::Viqr | Encoding::Utf8Twice);
    let (mut shown, mut bytes, mut shown_pieces, mut byte_pieces) =
        (Share::default(), Share::default(), Share::default(), Share::default());
    let from_bytes =
        |text: &str| guess(&encode(encoding, text).unwrap()).map(|guess| fixed(&guess.text)).unwrap_or_default();
    for (name, text) in texts {
        let can = |c: &char| *c == '?' || express(encoding, &c.to_string()) != "?";
        let truth: String = text.chars().filter(can).collect();
        let nearest = express(encoding, &truth);
        let read = fixed(&misread(encoding, &nearest).unwrap());
        shown.add(compare(encoding, &truth, &read));
        if show {
            for (t, r) in truth.lines().zip(read.lines()) {
                let (right, total) = compare(encoding, t, r);
                if right != total {
                    println!("  {} {name}\n    {t}\n    {r}", encoding.name());
                }
            }
        }
        if bytes_of {
            bytes.add(compare(encoding, &truth, &from_bytes(&nearest)));
        }
        for piece in pieces(&truth) {
            let nearest = express(encoding, &piece);
            let told = |read: &str| {
                let (right, total) = compare(encoding, &piece, read);
                if show && right * 1000 < total * 995 {
                    for (t, r) in piece.lines().zip(read.lines()).filter(|(t, r)| t != r) {
                        println!("  {} piece of {name}\n    {t}\n    {r}", encoding.name());
                    }
                }
                (usize::from(right * 1000 >= total * 995), 1)
            };
            shown_pieces.add(told(&fixed(&misread(encoding, &nearest).unwrap())));
            if bytes_of {
                byte_pieces.add(told(&from_bytes(&nearest)));
            }
        }
    }
    println!(
        "{:<13} shown {}/{} {:.4} %, bytes {}/{} {:.4} %, pieces shown {}/{} {:.2} %, bytes {:.2} %",
        encoding.name(),
        shown.0,
        shown.1,
        shown.percent(),
        bytes.0,
        bytes.1,
        bytes.percent(),
        shown_pieces.0,
        shown_pieces.1,
        shown_pieces.percent(),
        byte_pieces.percent()
    );
}

fn forms(texts: &[(String, String)]) {
    for (name, whole) in [("decomposed", true), ("tones apart", false)] {
        let mut share = Share::default();
        for (_, text) in texts {
            let apart: String = if whole { text.nfd().collect() } else { text.chars().flat_map(tone_apart).collect() };
            share.add(compare(Encoding::Utf8Twice, text, &fixed(&apart)));
        }
        println!("{name:<13} {}/{} {:.4} %", share.0, share.1, share.percent());
    }
}

/// Edits on text that is clean: of encodings, and of form.
fn alarms(name: &str, text: &str, show: bool) -> (usize, usize) {
    let edits = edits(text);
    let alarms = edits.iter().filter(|edit| edit.why != Why::Unicode).count();
    for edit in edits.iter().filter(|edit| show || edit.why != Why::Unicode) {
        println!("  {name}: {} {} > {}", String::from(edit.why), edit.raw.of(text), edit.new);
    }
    (alarms, edits.len() - alarms)
}

fn speed(name: &str, text: &str) {
    let start = Instant::now();
    let count = edits(text).len();
    let speed = text.len() as f64 / 1e6 / start.elapsed().as_secs_f64();
    println!("{name:<13} {speed:.0} MB/s ({:.1} MB, {count} edits)", text.len() as f64 / 1e6);
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, files @ ..] = args.as_slice() else { return println!("give a folder of texts") };
    if folder == "fix" {
        return print!("{}", fixed(&std::fs::read_to_string(&files[0]).unwrap()));
    }
    let show = std::env::var_os("SHOW").is_some();
    let mut texts = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "txt")) {
        let text = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
        // Text layers without a table of letters are not clean to begin with.
        if text.contains(|c| matches!(c, '\u{1}'..='\u{8}' | '\u{400}'..='\u{4ff}')) {
            println!("{}: not clean Unicode, left out", path.display());
        } else {
            texts.push((path.display().to_string(), text));
        }
    }
    let clean: Vec<(String, String)> = texts.iter().map(|(name, text)| (name.clone(), fixed(text))).collect();
    for encoding in Encoding::all() {
        round_trip(encoding, &clean, show);
    }
    forms(&clean);
    let (mut found, mut lines) = (Share::default(), 0);
    for (name, text) in &texts {
        found.add(alarms(name, text, show));
    }
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for line in text.lines() {
            found.add(alarms(file, line, show));
            lines += 1;
        }
        println!("{file}, as a whole: {:?}", alarms(file, &text, false));
    }
    println!("clean         {} texts, {lines} lines: {} alarms, {} edits of form", texts.len(), found.0, found.1);
    let whole: String = texts.iter().map(|(_, text)| text.as_str()).collect();
    let plain = |c: &char| express(Encoding::Viqr, &c.to_string()) != "?" && !matches!(c, '^' | '`');
    let letters: String = whole.chars().filter(plain).collect();
    speed("as they are", &whole.repeat(10));
    speed("clean", &letters.repeat(100));
    speed("TCVN3", &misread(Encoding::Tcvn3, &express(Encoding::Tcvn3, &letters)).unwrap());
}
