//! Old Vietnamese encodings, from the bytes of a file to clean text, through the library.
//! `fixtures/encodings/cases.tsv` holds lines as they are shown, and what they say.

#![allow(clippy::unwrap_used, reason = "a test stops where its files are not as they should be")]

use proptest::prelude::*;
use vanban::document::{Document, Limits, Picture, Recognise};
use vanban::model::Model;
use vanban::text::{Encoding, Text, Why};
use vanban::vi::encoding::{decode, edits, encode, express, misread};
use vanban::{Error, Result, ingest, repair};

/// An engine that must not be asked.
struct NoEngine;

impl Recognise for NoEngine {
    fn recognise(&mut self, _: &Picture) -> Result<vanban::document::Layout> {
        Err(Error::NoOcr("none in this test".into()))
    }
}

fn read(bytes: &[u8]) -> Document {
    ingest::read(bytes, &Limits::default(), &mut NoEngine).unwrap()
}

fn fixed(text: &str) -> String {
    Text::new(text.to_owned(), edits(text)).fixed().to_owned()
}

/// An invented decision of a commune.
const DOCUMENT: &str = "Ủy ban nhân dân xã Tân Hưng\nSố: 37/QĐ-UBND\n\nQuyết định\n\
    Về việc thành lập Tổ công tác phòng, chống thiên tai năm 2003\n\n\
    Căn cứ Luật Tổ chức Hội đồng nhân dân và Ủy ban nhân dân ngày 26 tháng 11 năm 2003;\n\
    Xét đề nghị của Trưởng ban Văn hóa và Xã hội tại Tờ trình số 12/TTr-VHXH,\n\n\
    Điều 1. Thành lập Tổ công tác gồm 15 người, do ông Nguyễn Văn Bình làm tổ trưởng.\n\
    Điều 2. Tổ công tác có trách nhiệm kiểm tra đê điều, kho bãi và nhà ở trước mùa mưa bão.\n\
    Điều 3. Quyết định này có hiệu lực kể từ ngày ký.\n";

#[test]
fn lines_of_every_encoding_read_as_they_were_meant() {
    let cases = include_str!("../../fixtures/encodings/cases.tsv");
    let mut wrong = Vec::new();
    for line in cases.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let [encoding, shown, clean] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let edits = edits(shown);
        let text = Text::new(shown.to_owned(), edits.clone());
        let clean = if clean == "=" { shown } else { clean };
        if text.fixed() != clean {
            wrong.push(format!("{encoding}: {shown}\n  expected {clean}\n  read     {}", text.fixed()));
        }
        for edit in &edits {
            let why = String::from(edit.why);
            let fits = match encoding {
                "mixed" => why.starts_with("encoding: "),
                "unicode" => why == "unicode",
                _ => why == format!("encoding: {encoding}"),
            };
            if !fits || !(0.5..=1.0).contains(&edit.confidence) {
                wrong.push(format!("{encoding}: {shown}: {edit:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A file in each encoding becomes the text that it was written from, and its letters can be
/// proved in the raw text.
#[test]
fn files_in_every_encoding_are_read_end_to_end() {
    for encoding in Encoding::all() {
        let text = express(encoding, DOCUMENT);
        let bytes = encode(encoding, &text).unwrap();
        let document = read(&bytes);
        let repaired = repair::repair_text(&document.raw, Model::builtin());
        // What TCVN3 cannot write in capitals stays small, unless the word says better.
        let same = if encoding == Encoding::Tcvn3 {
            repaired.fixed().to_lowercase() == DOCUMENT.to_lowercase()
        } else {
            repaired.fixed() == DOCUMENT
        };
        assert!(same, "{}:\n{}", encoding.name(), repaired.fixed());
        let bytes_of = matches!(encoding, Encoding::Viqr | Encoding::Utf8Twice);
        let noted = document.notes.iter().any(|note| note.message.contains(encoding.name()));
        assert!(bytes_of || noted, "{}: {:?}", encoding.name(), document.notes);
        let place = repaired.fixed().find("37/").unwrap();
        let raw = repaired.raw_span(vanban::text::Span::at(place, place + 2));
        assert_eq!(raw.of(repaired.raw()), "37", "{}", encoding.name());
    }
}

#[test]
fn a_web_page_is_read_whatever_encoding_it_declares() {
    for (encoding, declared) in [
        (Encoding::Tcvn3, "windows-1252"),
        (Encoding::Vni, "iso-8859-1"),
        (Encoding::Vni, "windows-1258"),
        (Encoding::Viscii, "viscii"),
        (Encoding::Vps, "x-viet-vps"),
    ] {
        let body = encode(encoding, &express(encoding, DOCUMENT)).unwrap();
        let head = format!("<html><head><meta charset=\"{declared}\"></head><body><pre>");
        let document = read(&[head.as_bytes(), &body, b"</pre></body></html>"].concat());
        let read = fixed(&document.raw).to_lowercase();
        assert!(read.contains("thành lập tổ công tác phòng, chống thiên tai"), "{}: {read}", encoding.name());
    }
}

/// `ư` in TCVN3 has the code of the soft hyphen, which pages otherwise drop.
#[test]
fn soft_hyphens_of_web_pages_are_letters_only_in_old_fonts() {
    let old = "<p>Ch\u{ad}¬ng tr×nh cña Thñ t\u{ad}íng: h\u{ad}íng dÉn ng\u{ad}êi d©n tr\u{ad}íc ngµy 12</p>";
    assert_eq!(
        fixed(&read(old.as_bytes()).raw).trim(),
        "Chương trình của Thủ tướng: hướng dẫn người dân trước ngày 12"
    );
    let new = "<p>Chương\u{ad}trình của Thủ tướng: hướng dẫn người\u{ad} dân trước ngày 12</p>";
    assert_eq!(read(new.as_bytes()).raw.trim(), "Chươngtrình của Thủ tướng: hướng dẫn người dân trước ngày 12");
}

/// Two encodings in one file: neither explains it, so each passage is seen to by itself.
#[test]
fn a_file_of_two_encodings_is_read_by_passage() {
    let half = |encoding| encode(encoding, &express(encoding, DOCUMENT)).unwrap();
    let document = read(&[half(Encoding::Vni), half(Encoding::Tcvn3)].concat());
    let text = fixed(&document.raw).to_lowercase();
    assert_eq!(text, DOCUMENT.to_lowercase().repeat(2));
}

#[test]
fn every_edit_says_which_encoding() {
    let raw = misread(Encoding::Vni, DOCUMENT).unwrap();
    let text = repair::repair_text(&raw, Model::builtin());
    assert!(text.edits().len() > 50);
    for edit in text.edits().iter().filter(|edit| matches!(edit.why, Why::Encoding(_))) {
        assert_eq!(edit.why, Why::Encoding(Encoding::Vni));
        let json = serde_json::to_string(edit).unwrap();
        assert!(json.contains("\"encoding: VNI\""), "{json}");
        assert_eq!(serde_json::from_str::<vanban::text::Edit>(&json).unwrap(), *edit);
    }
}

#[test]
fn noise_and_texts_over_the_limit_are_one_line_errors() {
    let noise = (0..3000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8);
    for mark in [[0xff, 0xfe], [0xfe, 0xff]] {
        let file: Vec<u8> = mark.into_iter().chain(noise.clone()).collect();
        let error = ingest::read(&file, &Limits::default(), &mut NoEngine).unwrap_err();
        assert!(error.to_string().contains("UTF-16"), "{error}");
    }
    let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
    let long = "Kế hoạch. ".repeat(200_000);
    let error = ingest::read(long.as_bytes(), &limits, &mut NoEngine).unwrap_err();
    assert_eq!(error.to_string(), "text is 3 MiB, over the limit of 1 MiB");
}

/// A line of words that texts have, with numbers between them.
fn prose() -> impl Strategy<Value = String> {
    let words: Vec<&str> = DOCUMENT.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).collect();
    let word = prop_oneof![6 => prop::sample::select(words).prop_map(String::from), 1 => "[0-9]{1,4}"];
    prop::collection::vec(word, 25..60).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Written in any encoding and read back, text is what it was.
    #[test]
    fn what_is_written_is_read(text in prose(), index in 0usize..8) {
        let encoding = Encoding::all()[index];
        let text = express(encoding, &text);
        let shown = misread(encoding, &text).unwrap();
        prop_assert_eq!(decode(encoding, &shown), text.clone());
        prop_assert_eq!(fixed(&shown).to_lowercase(), text.to_lowercase());
    }

    /// Whatever stands in a text, its digits stay, and clean text is not touched again.
    #[test]
    fn digits_stay(text in "[a-zA-Z0-9 .,^'`~?()/·¸µ®ÖÜßéñöäïøûëÐð»‡áÃ\u{301}\u{323}\u{feff}аΑＡ\n-]{0,200}") {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        prop_assert_eq!(digits(&fixed(&text)), digits(&text));
    }

    /// Cut in places, with spaces of other kinds, a text in any encoding is still looked at, and its
    /// digits stay.
    #[test]
    fn damage_is_no_panic(text in prose(), index in 0usize..8, cuts in prop::collection::vec((0usize..400, 0usize..4), 0..20)) {
        let encoding = Encoding::all()[index];
        let mut shown: Vec<char> = misread(encoding, &express(encoding, &text)).unwrap().chars().collect();
        for (at, kind) in cuts {
            let at = at % shown.len();
            if shown[at].is_ascii_digit() || shown[at] == '\n' {
                continue;
            }
            match kind {
                0 => { shown.remove(at); }
                1 => shown[at] = ' ',
                2 => shown[at] = '\u{fffd}',
                _ => shown.insert(at, 'Ã'),
            }
        }
        let shown: String = shown.into_iter().collect();
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        prop_assert_eq!(digits(&fixed(&shown)), digits(&shown));
    }

    #[test]
    fn any_text_can_be_looked_at(text in "\\PC{0,120}") {
        let _ = fixed(&text);
    }
}
