//! Files of every kind into documents, good and bad ones; the worker that opens them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vanban::document::{Document, Format, Layer, Layout, Limits, Picture, Recognise};
use vanban::worker::{Options, Worker};
use vanban::{Error, Result, ingest};

/// An engine that must not be asked.
struct NoEngine;

impl Recognise for NoEngine {
    fn recognise(&mut self, _: &Picture) -> Result<Layout> {
        Err(Error::NoOcr("none in this test".into()))
    }
}

fn read(bytes: &[u8]) -> Result<Document> {
    ingest::read(bytes, &Limits::default(), &mut NoEngine)
}

/// A PDF of these objects; the first is the catalogue.
fn pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", bytes.len());
        bytes.extend(format!("{} 0 obj\n", index + 1).bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let start = bytes.len();
    bytes.extend(table.bytes());
    let size = objects.len() + 1;
    bytes.extend(format!("trailer << /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<< {dictionary} /Length {} >>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

fn catalogue(pages: usize) -> [Vec<u8>; 2] {
    let kids = (0..pages).map(|page| format!("{} 0 R", 3 + page)).collect::<Vec<_>>().join(" ");
    [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>").into_bytes(),
    ]
}

/// A page with these lines: (x, y from the top, size, text). Every character has a code of its
/// own and a place in the `ToUnicode` table.
fn text_pdf(lines: &[(f32, f32, f32, &str)]) -> Vec<u8> {
    let mut letters: Vec<char> = lines.iter().flat_map(|line| line.3.chars()).collect();
    letters.sort_unstable();
    letters.dedup();
    let code = |c: char| 33 + letters.binary_search(&c).expect("a letter of the text");
    let mut content = String::new();
    for (x, y, size, text) in lines {
        let codes = text.chars().map(|c| format!("{:02x}", code(c))).collect::<Vec<_>>().concat();
        let _ = writeln!(content, "BT /F {size} Tf 1 0 0 1 {x} {} Tm <{codes}> Tj ET", 842.0 - y);
    }
    let mut map = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n\
         1 begincodespacerange <00> <ff> endcodespacerange\n{} beginbfchar\n",
        letters.len()
    );
    for c in &letters {
        let units = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("{unit:04x}")).collect::<Vec<_>>().concat();
        let _ = writeln!(map, "<{:02x}> <{units}>", code(*c));
    }
    map.push_str("endbfchar endcmap end end");
    let widths = "500 ".repeat(letters.len());
    let [root, pages] = catalogue(1);
    let page =
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>";
    let last = 32 + letters.len();
    let font = format!(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /FirstChar 33 /LastChar {last} /Widths [{widths}] /ToUnicode 6 0 R >>"
    );
    pdf(&[root, pages, page.into(), stream("", content.as_bytes()), font.into(), stream("", map.as_bytes())], "")
}

/// A page that is one grey picture.
fn scanned_pdf(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let [root, pages] = catalogue(1);
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>";
    let image = format!(
        "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8"
    );
    pdf(&[root, pages, page.into(), stream("", b"595 0 0 842 0 0 cm /I Do"), stream(&image, pixels)], "")
}

const LETTERHEAD: [(f32, f32, f32, &str); 6] = [
    (300.0, 52.0, 13.0, "CỘNG HÒA XÃ HỘI"),
    (85.0, 50.0, 12.0, "ỦY BAN NHÂN DÂN"),
    (310.0, 68.0, 13.0, "Độc lập - Tự do"),
    (90.0, 66.0, 12.0, "XÃ TÂN HƯNG"),
    (85.0, 120.0, 14.0, "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020"),
    (90.0, 90.0, 12.0, "Số: 37/KH-UBND"),
];

#[test]
fn a_letterhead_drawn_in_any_order_reads_as_on_paper() {
    let document = read(&text_pdf(&LETTERHEAD)).expect("a good PDF");
    assert_eq!(
        document.raw,
        "ỦY BAN NHÂN DÂN\tCỘNG HÒA XÃ HỘI\nXÃ TÂN HƯNG\tĐộc lập - Tự do\nSố: 37/KH-UBND\n\
         Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020\n"
    );
    let page = &document.pages[0];
    assert_eq!((page.layer, page.size), (Layer::Native, Some((595.0, 842.0))));
    let number = page.words.iter().find(|word| word.span.of(&document.raw) == "37/KH-UBND").expect("the number");
    // Four characters of half an em come before it.
    assert!((number.bbox.x0 - (90.0 + 4.0 * 6.0)).abs() < 0.5, "{:?}", number.bbox);
    assert!(number.bbox.y0 < 90.0 && number.bbox.y1 > 90.0 && number.confidence >= 1.0);
}

type Check = fn(&Error) -> bool;

#[test]
fn bad_pdfs_are_one_line_errors() {
    let good = text_pdf(&LETTERHEAD);
    let [root, pages] = catalogue(0);
    let zeros = "00".repeat(32);
    let lock = format!("/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{zeros}> /U <{zeros}> >> /ID [<01> <01>]");
    let [locked_root, locked_pages] = catalogue(1);
    let locked = [locked_root, locked_pages, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>".to_vec()];
    // As files made for the web have it, an end near the start, then the file, cut in the middle.
    let web = [b"%PDF-1.7\nstartxref\n0\n%%EOF\n", &good[9..good.len() / 2]].concat();
    let cases: [(&str, Vec<u8>, Check); 7] = [
        ("truncated, made for the web", web, |e| matches!(e, Error::Damaged { .. })),
        ("truncated", good[..good.len() / 2].to_vec(), |e| matches!(e, Error::Damaged { .. })),
        ("its head only", b"%PDF-1.7\n".to_vec(), |e| matches!(e, Error::Damaged { .. })),
        ("no pages", pdf(&[root, pages], ""), |e| matches!(e, Error::Damaged { .. })),
        ("encrypted", pdf(&locked, &lock), |e| matches!(e, Error::Encrypted { tried: 0 })),
        ("a scan and no engine", scanned_pdf(40, 60, &[0; 2400]), |e| matches!(e, Error::NoOcr(_))),
        ("a picture too large", scanned_pdf(60_000, 60_000, &[]), |e| matches!(e, Error::TooLarge { .. })),
    ];
    for (name, bytes, expected) in cases {
        let error = read(&bytes).expect_err(name);
        assert!(expected(&error), "{name}: {error:?}");
        assert!(!error.to_string().contains('\n'), "{name}: {error}");
    }
}

/// Cut anywhere, no PDF may bring the reader down.
#[test]
fn a_pdf_cut_anywhere_is_an_error_and_never_a_panic() {
    let good = text_pdf(&LETTERHEAD);
    for end in (0..good.len() - 8).step_by(97) {
        assert!(read(&good[..end]).is_err(), "{end}");
    }
}

proptest::proptest! {
    /// Panics are caught by the worker, but should not be needed to be.
    #[test]
    fn a_pdf_with_changed_bytes_gives_an_answer(changes in proptest::collection::vec((0..5000_usize, 0..=255_u8), 1..20)) {
        let mut bytes = text_pdf(&LETTERHEAD);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let _ = read(&bytes);
    }
}

#[test]
fn an_empty_page_is_blank_and_pages_over_the_limit_are_refused() {
    let [root, pages] = catalogue(2);
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_vec();
    let bytes = pdf(&[root, pages, page.clone(), page], "");
    let document = read(&bytes).expect("two empty pages");
    assert_eq!((document.raw.as_str(), document.pages.len()), ("\u{c}", 2));
    assert!(document.pages.iter().all(|page| page.layer == Layer::Blank));
    let limits = Limits { pages: 1, ..Limits::default() };
    assert!(matches!(ingest::read(&bytes, &limits, &mut NoEngine), Err(Error::TooLarge { what: "page count", .. })));
}

#[test]
fn text_and_web_pages_need_no_engine() {
    let document = read("\u{feff}Kế hoạch\r\nsố 12".as_bytes()).expect("text");
    assert_eq!((document.format, document.raw.as_str()), (Format::Txt, "Kế hoạch\nsố 12"));
    let document = read("<html><p>Kế hoạch<p>số 12".as_bytes()).expect("a web page");
    assert_eq!((document.format, document.raw.as_str()), (Format::Html, "Kế hoạch\nsố 12\n"));
    let limits = Limits { text_bytes: 5, file_bytes: 20, ..Limits::default() };
    for (text, what) in [("six   ", "text"), ("<p>abcdefgh</p>", "text"), (&*"x".repeat(21), "file")] {
        match ingest::read(text.as_bytes(), &limits, &mut NoEngine) {
            Err(Error::TooLarge { what: named, .. }) => assert_eq!(named, what),
            other => panic!("{text}: {other:?}"),
        }
    }
}

fn worker(options: Options) -> Worker {
    Worker::spawn(Options { program: Some(env!("CARGO_BIN_EXE_vanban").into()), ..options }).expect("a worker")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a file");
    path
}

#[test]
fn a_worker_reads_file_after_file_and_errors_keep_their_kind() {
    let folder = folder();
    let mut worker = worker(Options::default());
    let good = file(folder.path(), "kế hoạch.txt", "Số: 12/KH-UBND".as_bytes());
    let expected = read("Số: 12/KH-UBND".as_bytes()).expect("text");
    assert_eq!(worker.read(&good).expect("text"), expected);
    assert_eq!(worker.read_bytes("Số: 12/KH-UBND".as_bytes()).expect("text"), expected);
    let empty = file(folder.path(), "empty", b"");
    assert_eq!(worker.read(&empty).expect_err("empty").to_string(), "not a document: the file is empty");
    assert!(matches!(worker.read(&folder.path().join("none")), Err(Error::Io { .. })));
    assert!(worker.read(folder.path()).expect_err("a folder").to_string().contains("folder"));
    assert_eq!(worker.read(&good).expect("text"), expected);
}

#[test]
fn sizes_are_checked_before_a_file_is_read() {
    let folder = folder();
    let limits = Limits { file_bytes: 1 << 20, ..Limits::default() };
    let mut worker = worker(Options { limits, ..Options::default() });
    let large = file(folder.path(), "large.txt", b"");
    // Takes no room on the disk.
    std::fs::File::options().write(true).open(&large).and_then(|f| f.set_len(4 << 40)).expect("a sparse file");
    let error = worker.read(&large).expect_err("4 TiB").to_string();
    assert!(error.contains("over the limit"), "{error}");
    assert!(matches!(worker.read_bytes(&vec![b'x'; 2 << 20]), Err(Error::TooLarge { .. })));
}

/// The child is ended from outside while the parent holds it; the next file finds a new one.
#[test]
fn a_worker_that_dies_is_one_failed_file() {
    let folder = folder();
    let good = file(folder.path(), "good.txt", "Kế hoạch".as_bytes());
    // So little memory that the program cannot even read.
    let mut starved = worker(Options { memory: 1 << 20, ..Options::default() });
    let large = file(folder.path(), "large.txt", "Kế hoạch\n".repeat(400_000).as_bytes());
    for _ in 0..2 {
        let error = starved.read(&large).expect_err("no memory");
        assert!(matches!(error, Error::Worker(_)), "{error}");
    }
    let mut quick = worker(Options { timeout: Duration::ZERO, ..Options::default() });
    let error = quick.read(&good).expect_err("no time");
    assert!(matches!(error, Error::Worker(_)), "{error}");
    let missing = Options { program: Some(folder.path().join("no program")), ..Options::default() };
    assert!(matches!(Worker::spawn(missing), Err(Error::Worker(_))));
}

#[cfg(feature = "ocr")]
mod recognition {
    use super::*;

    const PLAN: &[u8] = include_bytes!("../../fixtures/ingest/plan.png");
    const TRUTH: &str = include_str!("../../fixtures/ingest/plan.txt");

    fn syllables(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    /// The page is 150 dpi, skewed and grainy: a wrong syllable or two are to be expected.
    fn check(document: &Document) {
        let lines: Vec<&str> = document.raw.lines().collect();
        assert_eq!(lines[0], "ỦY BAN NHÂN DÂN\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
        assert_eq!(lines[2], "Số: 37/KH-UBND\tTân Hưng, ngày 14 tháng 8 năm 2025");
        let mut missing = syllables(TRUTH);
        for syllable in syllables(&document.raw) {
            if let Some(at) = missing.iter().position(|other| *other == syllable) {
                missing.swap_remove(at);
            }
        }
        assert!(missing.len() * 50 <= syllables(TRUTH).len(), "{missing:?}");
        for number in ["1373/QĐ-TTg", "01/10/2025", "12.500.000"] {
            assert!(document.raw.contains(number), "{number}: {}", document.raw);
        }
        assert_eq!(document.pages[0].layer, Layer::Recognised);
        check_doubts(document);
    }

    /// Some letters are doubted, not most; each doubt stands on a letter of a word.
    fn check_doubts(document: &Document) {
        let letters = document.raw.chars().filter(|c| c.is_alphabetic()).count();
        assert!((1..letters / 4).contains(&document.doubts.len()), "{} of {letters}", document.doubts.len());
        let mut end = 0;
        for doubt in &document.doubts {
            let mut read = doubt.span.of(&document.raw).chars();
            let (letter, rest) = (read.next().expect("a letter"), read.next());
            assert!(letter.is_alphabetic() && rest.is_none() && doubt.span.start() >= end, "{doubt:?}");
            assert!(!doubt.rivals.is_empty() && doubt.rivals.iter().all(|(rival, _)| *rival != letter), "{doubt:?}");
            assert!(doubt.rivals.iter().all(|(rival, fit)| rival.is_alphabetic() && *fit > 0.0), "{doubt:?}");
            end = doubt.span.end();
        }
    }

    /// Where on the page, in parts of its width and height, the number's box begins.
    fn place(document: &Document) -> (f32, f32) {
        let page = &document.pages[0];
        let word = page.words.iter().find(|word| word.span.of(&document.raw) == "37/KH-UBND").expect("the number");
        let (width, height) = page.size.expect("a size");
        (word.bbox.x0 / width, word.bbox.y0 / height)
    }

    #[test]
    fn a_picture_and_a_scan_of_it_read_alike() {
        let mut engine = vanban::ocr::Engine::new("vie").expect("tesseract-ocr-vie is installed");
        let mut read = |bytes: &[u8]| ingest::read(bytes, &Limits::default(), &mut engine).expect("a page");
        let picture = read(PLAN);
        check(&picture);
        let grey = image::load_from_memory(PLAN).expect("a picture").to_luma8();
        let scan = read(&scanned_pdf(grey.width(), grey.height(), grey.as_raw()));
        check(&scan);
        assert_eq!(scan.raw, picture.raw);
        assert_eq!(scan.pages[0].size, Some((595.0, 842.0)));
        let ((x, y), (scan_x, scan_y)) = (place(&picture), place(&scan));
        assert!((0.25..0.30).contains(&x) && (0.11..0.14).contains(&y), "{x} {y}");
        assert!((x - scan_x).abs() < 0.01 && (y - scan_y).abs() < 0.01, "{scan_x} {scan_y}");
    }

    /// How many syllables of the page a text lacks.
    fn missing(text: &str) -> usize {
        let mut read = syllables(text);
        let mut lacks = |syllable: &&&str| match read.iter().position(|other| other == *syllable) {
            Some(at) => {
                read.swap_remove(at);
                false
            }
            None => true,
        };
        syllables(TRUTH).iter().filter(|syllable| lacks(syllable)).count()
    }

    /// A blurred page: what else its letters could be must help repair, and leave numbers alone.
    #[test]
    fn rivals_of_letters_help_repair() {
        let mut engine = vanban::ocr::Engine::new("vie").expect("tesseract-ocr-vie is installed");
        let sharp = image::load_from_memory(PLAN).expect("a picture");
        let (mut raw, mut plain, mut with) = (0, 0, 0);
        for blur in [0.8, 1.0] {
            let mut png = std::io::Cursor::new(Vec::new());
            sharp.blur(blur).write_to(&mut png, image::ImageFormat::Png).expect("a picture");
            let document = ingest::read(png.get_ref(), &Limits::default(), &mut engine).expect("a page");
            let model = vanban::model::Model::builtin();
            let repaired = vanban::repair::repair(&document, model);
            raw += missing(&document.raw);
            plain += missing(vanban::repair::repair_text(&document.raw, model).fixed());
            with += missing(repaired.fixed());
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            assert_eq!(digits(repaired.fixed()), digits(&document.raw));
        }
        assert!(with <= plain && with < raw, "missing: {raw} as read, {plain} repaired, {with} with rivals");
    }

    #[test]
    fn a_white_page_is_blank() {
        let mut engine = vanban::ocr::Engine::new("vie").expect("tesseract-ocr-vie is installed");
        let white = scanned_pdf(400, 600, &vec![255; 240_000]);
        let document = ingest::read(&white, &Limits::default(), &mut engine).expect("a page");
        assert_eq!((document.raw.as_str(), document.pages[0].layer), ("", Layer::Blank));
    }

    #[test]
    fn a_worker_loads_its_own_engine() {
        let document = worker(Options::default()).read_bytes(PLAN).expect("a page");
        check(&document);
        let error = worker(Options { language: "xyz".into(), ..Options::default() }).read_bytes(PLAN);
        let error = error.expect_err("no such language");
        assert!(matches!(&error, Error::NoOcr(reason) if reason.contains("tesseract-ocr-xyz")), "{error}");
    }
}
