//! PDF: which layer a page is read from, fonts that name letters wrongly, signatures, locks, outputs.

use std::path::{Path, PathBuf};
use std::process::Command;

use vanban::document::{Document, FontSource, Layer, Layout, Limits, Picture, Recognise, TimeSource};
use vanban::{Error, Result, ingest};

/// An engine that must not be asked, and knows passwords.
#[derive(Default)]
struct NoEngine(Vec<String>);

impl Recognise for NoEngine {
    fn recognise(&mut self, _: &Picture) -> Result<Layout> {
        Err(Error::NoOcr("none in this test".into()))
    }

    fn passwords(&self) -> &[String] {
        &self.0
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pdf").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).expect("a fixture")
}

fn read(bytes: &[u8]) -> Result<Document> {
    ingest::read(bytes, &Limits::default(), &mut NoEngine::default())
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Each is a page whose text is known to the letter (corpus/tools/layers.py made them).
#[test]
fn letters_that_a_file_names_wrongly_come_back_from_its_fonts() {
    let cases = [
        ("no-tounicode-1.pdf", FontSource::CharacterMap),
        ("wrong-letters-1.pdf", FontSource::CharacterMap),
        ("names-only-1.pdf", FontSource::GlyphNames),
        ("glyph-order-1.pdf", FontSource::GlyphOrder),
        ("codes-as-letters-1.pdf", FontSource::GlyphOrder),
    ];
    for (name, from) in cases {
        let document = read(&bytes(name)).expect(name);
        let truth = std::fs::read_to_string(fixture(&format!("{name}.1.txt"))).expect("its text");
        assert_eq!(words(&document.raw), words(&truth), "{name}");
        let page = &document.pages[0];
        let judged = page.judged.as_ref().expect("a judgement");
        assert_eq!((page.layer, judged.fonts.len()), (Layer::Recovered, 1), "{name}: {judged:?}");
        assert_eq!(judged.fonts[0].from, from, "{name}: {judged:?}");
        assert!(judged.reason.contains("fonts") && judged.spelled > 0.8, "{name}: {judged:?}");
    }
}

#[test]
fn what_annotations_draw_stands_in_its_place() {
    let document = read(&bytes("stamped.pdf")).expect("a stamped page");
    assert_eq!(
        words(&document.raw),
        "Số: 12 /KH-UBND Tân Hưng, ngày 05 tháng 3 năm 2026 \
         Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ;"
    );
}

#[test]
fn signatures_are_listed_and_checked() {
    let document = read(&bytes("signed.pdf")).expect("a signed page");
    let [signature] = document.signatures.as_slice() else { panic!("{:?}", document.signatures) };
    assert_eq!(signature.signer.as_deref(), Some("Ủy ban nhân dân xã Tân Hưng"));
    assert_eq!(signature.organisation.as_deref(), Some("Tỉnh Hòa Phú"));
    assert_eq!((signature.field.as_deref(), signature.problem.as_deref()), (Some("Signature1"), None));
    assert_eq!((signature.unchanged, signature.signed_by_key), (Some(true), Some(true)));
    assert!(signature.covers_whole_file && signature.added_later == 0 && signature.time.is_some());
    assert!(matches!(signature.time_source, Some(TimeSource::Claimed | TimeSource::Signed)));
}

#[test]
fn a_second_signature_shows_in_the_first_as_bytes_added_later() {
    let document = read(&bytes("signed-twice.pdf")).expect("a page signed twice");
    let [first, second] = document.signatures.as_slice() else { panic!("{:?}", document.signatures) };
    assert!(first.added_later > 0 && !first.covers_whole_file && first.unchanged == Some(true));
    assert!(second.added_later == 0 && second.covers_whole_file);
    assert_eq!((second.unchanged, second.signed_by_key), (Some(true), Some(true)));
    assert_eq!(second.signer.as_deref(), Some("Văn thư xã Tân Hưng"));
}

#[test]
fn a_changed_byte_breaks_the_signature_and_nothing_else() {
    let mut changed = bytes("signed.pdf");
    // Inside the font, whose checksum nobody looks at; or in a comment of the head.
    let at = changed.windows(5).position(|window| window == b"%PDF-").expect("a head") + 10;
    changed[at] ^= 1;
    let document = read(&changed).expect("still a PDF");
    assert_eq!(document.signatures[0].unchanged, Some(false));
    // The key still fits what it signed: the digest of other bytes.
    assert_eq!(document.signatures[0].signed_by_key, Some(true));
    // The message itself is cut.
    let mut broken = bytes("signed.pdf");
    let start = broken.windows(11).rposition(|window| window == b"/Contents <" as &[u8]).expect("a value") + 12;
    broken[start..start + 40].fill(b'f');
    let document = read(&broken).expect("still a PDF");
    assert!(document.signatures[0].problem.is_some() && document.signatures[0].unchanged.is_none());
}

#[test]
fn a_locked_file_opens_with_its_password_only() {
    let locked = bytes("locked.pdf");
    let with = |passwords: &[&str]| {
        let passwords = passwords.iter().map(|password| (*password).to_owned()).collect();
        ingest::read(&locked, &Limits::default(), &mut NoEngine(passwords))
    };
    assert!(matches!(with(&[]), Err(Error::Encrypted { tried: 0 })));
    let error = with(&["wrong", "words"]).expect_err("a wrong password");
    assert_eq!(error.to_string(), "encrypted PDF: no password given opens it");
    assert!(with(&["wrong", "mo ra"]).expect("the password").raw.contains("KH-UBND"));
}

fn run(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_vanban")).args(arguments).output().expect("the program")
}

#[test]
fn passwords_come_by_argument_variable_and_file() {
    let file = fixture("locked.pdf");
    let file = file.to_str().expect("a path");
    let fails = run(&["read", file]);
    assert_eq!(fails.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&fails.stderr).contains("a password is needed"), "{fails:?}");
    assert!(run(&["read", file, "--password", "mo ra"]).status.success());
    let by_variable = Command::new(env!("CARGO_BIN_EXE_vanban"))
        .args(["read", file])
        .env("VANBAN_PASSWORD", "mo ra")
        .output()
        .expect("the program");
    assert!(by_variable.status.success());
    let list = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(list.path(), "first\nmo ra\n").expect("written");
    assert!(run(&["read", file, "--passwords", list.path().to_str().expect("a path")]).status.success());
}

#[test]
fn hocr_and_alto_are_well_formed_and_hold_every_word() {
    let file = fixture("glyph-order-1.pdf");
    let file = file.to_str().expect("a path");
    let text = String::from_utf8(run(&["read", file, "--format", "text"]).stdout).expect("text");
    let wanted: Vec<&str> = text.split_whitespace().collect();
    assert!(wanted.len() > 100);
    for (form, element, attribute) in [("hocr", "span", None), ("alto", "String", Some("CONTENT"))] {
        let xml = String::from_utf8(run(&["read", file, "--format", form]).stdout).expect("text");
        let mut reader = quick_xml::Reader::from_str(&xml);
        let (mut found, mut open) = (Vec::new(), Vec::new());
        loop {
            use quick_xml::events::Event;
            match reader.read_event().expect(form) {
                Event::Eof => break,
                Event::Start(tag) => open.push(tag.name().as_ref().to_owned()),
                Event::End(tag) => assert_eq!(open.pop().as_deref(), Some(tag.name().as_ref()), "{form}"),
                Event::Empty(tag) if tag.name().as_ref() == element => {
                    let content = attribute.expect("an attribute");
                    let value = tag.try_get_attribute(content).expect("read").expect("there");
                    found.push(value.value.to_string());
                    for needed in ["HPOS", "VPOS", "WIDTH", "HEIGHT", "WC"] {
                        assert!(tag.try_get_attribute(needed).expect("read").is_some(), "{needed}");
                    }
                }
                Event::Text(text) if attribute.is_none() && open.last().is_some_and(|tag| tag == element) => {
                    found.extend((*text).split_whitespace().map(str::to_owned));
                }
                _ => {}
            }
        }
        assert!(open.is_empty(), "{form}");
        assert_eq!(found, wanted, "{form}");
        if form == "alto" {
            // The order that the schema asks for.
            let places: Vec<_> = ["<Description>", "<Layout>", "<Page ", "<PrintSpace ", "<TextBlock ", "<TextLine "]
                .iter()
                .map(|part| xml.find(part).expect(part))
                .collect();
            assert!(places.is_sorted(), "{places:?}");
        }
    }
}

#[test]
fn the_archive_form_reads_back_as_the_repaired_text() {
    let file = fixture("no-tounicode-1.pdf");
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.pdf");
    let (file, target) = (file.to_str().expect("a path"), out.to_str().expect("a path"));
    assert!(run(&["read", file, "--format", "pdf", "-o", target]).status.success());
    let text = String::from_utf8(run(&["read", file, "--format", "text"]).stdout).expect("text");
    let made = std::fs::read(&out).expect("a PDF");
    let again = read(&made).expect("its text can be trusted");
    assert_eq!(words(&again.raw), words(&text));
    let judged = again.pages[0].judged.as_ref().expect("a judgement");
    assert!(judged.invisible > 0.99 && judged.pictured > 0.99, "{judged:?}");
    for part in ["pdfaid:part>2<", "pdfaid:conformance>B<", "GTS_PDFA1", "/OutputIntents"] {
        assert!(made.windows(part.len()).any(|window| window == part.as_bytes()), "{part}");
    }
    // The same input gives the same bytes.
    let second = folder.path().join("again.pdf");
    assert!(run(&["read", file, "--format", "pdf", "-o", second.to_str().expect("a path")]).status.success());
    assert_eq!(std::fs::read(second).expect("a PDF"), made);
}

/// A PDF of these objects, without a table: readers search it.
fn pdf(objects: &[String]) -> Vec<u8> {
    let mut out = String::from("%PDF-1.7\n");
    for (index, object) in objects.iter().enumerate() {
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    out.push_str("trailer << /Root 1 0 R >>\n%%EOF\n");
    out.into_bytes()
}

/// Whatever is claimed or loops, the answer is a document or one line.
#[test]
fn pdfs_made_to_trap_a_reader_are_answered() {
    let root = "<< /Type /Catalog /Pages 2 0 R >>".to_owned();
    let page = |more: &str| format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {more} >>");
    let stream =
        |dictionary: &str, data: &str| format!("<< {dictionary} /Length {} >>\nstream\n{data}\nendstream", data.len());
    let one = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned();
    let million = "<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>".to_owned();
    let repeated = format!("<< /Type /Pages /Kids [{}] /Count 1000000 >>", "3 0 R ".repeat(100_000));
    let loops = "<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>".to_owned();
    let form = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>";
    let with_form = page("/Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >>");
    let bomb = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 6 0 R >> >>";
    let cases = [
        ("a million pages claimed", pdf(&[root.clone(), million, page("")])),
        ("one page a hundred thousand times", pdf(&[root.clone(), repeated, page("")])),
        ("a page tree that holds itself", pdf(&[root.clone(), loops, page("")])),
        (
            "a form that draws itself",
            pdf(&[root.clone(), one.clone(), with_form.clone(), stream("", "/X Do"), stream(form, "/X Do /X Do")]),
        ),
        (
            "forms that draw forms",
            pdf(&[
                root.clone(),
                one.clone(),
                with_form,
                stream("", "/X Do"),
                stream(bomb, &"/A Do ".repeat(100)),
                stream(&bomb.replace("6 0 R", "7 0 R"), &"/A Do ".repeat(100)),
                stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", "0 0 9 9 re f"),
            ]),
        ),
        ("ten thousand times saved", pdf(&[root, one, page("/Contents 4 0 R"), stream("", &"q ".repeat(10_000))])),
    ];
    for (name, bytes) in cases {
        let start = std::time::Instant::now();
        if let Err(error) = read(&bytes) {
            assert!(!error.to_string().contains('\n'), "{name}: {error}");
        }
        assert!(start.elapsed().as_secs() < 20, "{name}");
    }
}

/// A kilobyte that unpacks to a gigabyte: stopped by the worker's limits, and the next file is read.
#[test]
fn a_bomb_is_one_failed_file() {
    use std::io::Write;
    use vanban::worker::{Options, Worker};
    let pack = |blocks: u32, block: &[u8]| {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..blocks {
            zlib.write_all(block).expect("packed");
        }
        zlib.finish().expect("packed")
    };
    let data = pack(1, &pack(1024, &vec![b' '; 1 << 20]));
    let mut bytes = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>\nendobj\n4 0 obj\n".to_vec();
    bytes.extend(format!("<< /Filter [/FlateDecode /FlateDecode] /Length {} >>\nstream\n", data.len()).bytes());
    bytes.extend(data);
    bytes.extend(b"\nendstream\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n");
    let program = Some(env!("CARGO_BIN_EXE_vanban").into());
    let options =
        Options { program, memory: 1 << 30, timeout: std::time::Duration::from_secs(30), ..Options::default() };
    let mut worker = Worker::spawn(options).expect("a worker");
    if let Err(error) = worker.read_bytes(&bytes) {
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    assert!(worker.read(&fixture("stamped.pdf")).is_ok());
}
