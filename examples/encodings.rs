//! How well old encodings are told and undone, on clean texts of one's own:
//! `cargo run --release --example encodings -- FOLDER_OF_TXT [FILE_OF_PARAGRAPHS]`.
//!
//! `fix FILE` instead prints the file's text as it comes out.
//!
//! Every text is written in every encoding, as bytes and as what Windows-1252 shows of them, read
//! back, and compared letter for letter; pieces of 200 characters show how much text detection
//! needs; the clean texts themselves, and each line of the second file, must give no edit.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints figures for a person")]

use std::time::Instant;

use unicode_normalization::UnicodeNormalization;
use vanban::text::{Text, Why};
use vanban::vi::encoding::{Encoding, edits, encode, express, guess, misread};

fn fixed(text: &str) -> String {
    Text::new(text.to_owned(), edits(text)).fixed().to_owned()
}

/// Letters of both, and how many are right; letters that `encoding` lacks may have another case.
fn compare(encoding: Encoding, truth: &str, read: &str) -> (usize, usize) {
    let fine = |t: char, r: char| {
        t == r || express(encoding, &t.to_string()) != t.to_string() && t.to_lowercase().eq(r.to_lowercase())
    };
    let total = truth.chars().count();
    if truth.chars().count() != read.chars().count() {
        // Out of step: count line by line.
        let pairs = truth.lines().zip(read.lines());
        let right = pairs
            .map(|(t, r)| {
                if t.chars().count() == r.chars().count() {
                    t.chars().zip(r.chars()).filter(|(t, r)| fine(*t, *r)).count() + 1
                } else {
                    0
                }
            })
            .sum::<usize>();
        return (right.min(total), total);
    }
    (truth.chars().zip(read.chars()).filter(|(t, r)| fine(*t, *r)).count(), total)
}

/// `ế` as `ê` and a loose tone.
fn tone_apart(c: char) -> Vec<char> {
    let parts: Vec<char> = c.nfd().collect();
    let tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    let base = parts.iter().copied().filter(|c| !tone(c)).nfc();
    base.chain(parts.iter().copied().filter(tone)).collect()
}

fn pieces(text: &str, length: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut piece = String::new();
    for line in text.lines() {
        piece.push_str(line);
        piece.push('\n');
        if piece.chars().filter(|c| c.is_alphabetic()).count() * 5 >= length * 4 {
            out.push(std::mem::take(&mut piece));
        }
    }
    out
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args[0] == "fix" {
        print!("{}", fixed(&std::fs::read_to_string(&args[1]).unwrap()));
        return;
    }
    let verbose = std::env::var_os("SHOW").is_some();
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(&args[0]).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let text = std::fs::read_to_string(&path).unwrap();
            // Text layers without a table of letters are not clean to begin with.
            if text.chars().any(|c| matches!(c, '\u{1}'..='\u{8}') || matches!(c, '\u{400}'..='\u{4ff}')) {
                println!("{}: not clean Unicode, left out", path.display());
            } else {
                texts.push((path.display().to_string(), text));
            }
        }
    }
    texts.sort();
    println!(
        "encoding        shown: letters right        bytes: letters right       detected (pieces of 200): shown, bytes"
    );
    for encoding in Encoding::all() {
        let (mut shown, mut bytes, mut found) = ((0, 0), (0, 0), (0, 0, 0));
        for (name, text) in &texts {
            let clean = fixed(text).replace("\r\n", "\n");
            let truth = if matches!(encoding, Encoding::Viqr | Encoding::Utf8Twice) {
                clean.clone()
            } else {
                // Signs outside of the code page are left out of the comparison.
                clean
                    .chars()
                    .filter(|c| c.is_alphabetic() || express(encoding, &c.to_string()) == c.to_string())
                    .collect()
            };
            let truth: String =
                truth.chars().filter(|c| express(encoding, &c.to_string()) != "?" || *c == '?').collect();
            let nearest = express(encoding, &truth);
            let Some(form) = misread(encoding, &nearest) else {
                println!("{name}: cannot be written");
                continue;
            };
            let read = fixed(&form);
            let (right, total) = compare(encoding, &truth, &read);
            shown = (shown.0 + right, shown.1 + total);
            if verbose && right != total {
                for (t, r) in truth
                    .lines()
                    .zip(read.lines())
                    .filter(|(t, r)| {
                        let (a, b) = compare(encoding, t, r);
                        a != b
                    })
                    .take(6)
                {
                    println!("  {} {name}\n    {t}\n    {r}", encoding.name());
                }
            }
            let raw = encode(encoding, &nearest).unwrap();
            if !matches!(encoding, Encoding::Viqr | Encoding::Utf8Twice) {
                let read = guess(&raw).map(|guess| fixed(&guess.text)).unwrap_or_default();
                let (right, total) = compare(encoding, &truth, &read);
                bytes = (bytes.0 + right, bytes.1 + total);
            }
            for piece in pieces(&truth, 200) {
                let nearest = express(encoding, &piece);
                let form = misread(encoding, &nearest).unwrap();
                if form == nearest {
                    continue;
                }
                let read = fixed(&form);
                let (right, total) = compare(encoding, &piece, &read);
                found.0 += 1;
                found.1 += usize::from(right * 1000 >= total * 995);
                if verbose && right * 1000 < total * 995 {
                    let whys: Vec<Why> = edits(&form).iter().map(|edit| edit.why).take(3).collect();
                    println!("  piece {} {whys:?}\n    {}\n    {}", encoding.name(), piece.trim(), read.trim());
                }
                if !matches!(encoding, Encoding::Viqr | Encoding::Utf8Twice) {
                    let read =
                        guess(&encode(encoding, &nearest).unwrap()).map(|guess| fixed(&guess.text)).unwrap_or_default();
                    let (right, total) = compare(encoding, &piece, &read);
                    found.2 += usize::from(right * 1000 >= total * 995);
                }
            }
        }
        let percent = |(a, b): (usize, usize)| a as f64 * 100.0 / b.max(1) as f64;
        println!(
            "{:<14}  {:>9}/{:<9} {:8.4}  {:>9}/{:<9} {:8.4}   {}/{} {:.2} %, {} {:.2} %",
            encoding.name(),
            shown.0,
            shown.1,
            percent(shown),
            bytes.0,
            bytes.1,
            percent(bytes),
            found.1,
            found.0,
            percent((found.1, found.0)),
            found.2,
            percent((found.2, found.0))
        );
    }
    for (name, form) in [("decomposed", true), ("tones apart", false)] {
        let (mut right, mut total) = (0, 0);
        for (_, text) in &texts {
            let truth = fixed(text);
            let apart: String = if form { truth.nfd().collect() } else { truth.chars().flat_map(tone_apart).collect() };
            total += truth.chars().count();
            right += fixed(&apart).chars().zip(truth.chars()).filter(|(a, b)| a == b).count();
        }
        println!("{name:<14}  {right:>9}/{total:<9} {:8.4}", right as f64 * 100.0 / total as f64);
    }
    let mut alarms = 0;
    let mut unicode = 0;
    let mut check = |name: &str, text: &str| {
        for edit in edits(text) {
            if edit.why == Why::Unicode {
                unicode += 1
            } else {
                alarms += 1
            }
            if edit.why != Why::Unicode || verbose {
                let line = text[..edit.raw.start()].rfind('\n').map_or(0, |at| at + 1);
                println!(
                    "  alarm in {name}: {:?} {} > {} in {}",
                    edit.why,
                    edit.raw.of(text),
                    edit.new,
                    text[line..].lines().next().unwrap().chars().take(200).collect::<String>()
                );
            }
        }
    };
    for (name, text) in &texts {
        check(name, text);
    }
    let mut paragraphs = 0;
    let more: Vec<String> = args[1..].iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for text in &more {
        for line in text.lines() {
            paragraphs += 1;
            check("paragraph", line);
        }
        check("the whole", text);
    }
    println!("clean: {} texts, {paragraphs} paragraphs: {alarms} alarms, {unicode} edits of form", texts.len());
    let clean: String = texts.iter().map(|(_, text)| fixed(text)).filter(|text| edits(text).is_empty()).collect();
    let plain: String = clean
        .chars()
        .filter(|c| {
            c.is_ascii()
                || "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđĐÁÀẢÃẠĂÂÊÔƠƯỐỆỘ".contains(*c)
        })
        .collect();
    let large = plain.repeat(20);
    let start = Instant::now();
    let count = edits(&large).len();
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "speed on clean text: {:.0} MB/s ({} MB, {count} edits)",
        large.len() as f64 / 1e6 / seconds,
        large.len() / 1_000_000
    );
    let old = misread(Encoding::Tcvn3, &express(Encoding::Tcvn3, &plain)).unwrap();
    let start = Instant::now();
    let count = edits(&old).len();
    println!("speed on TCVN3: {:.1} MB/s ({count} edits)", old.len() as f64 / 1e6 / start.elapsed().as_secs_f64());
}
