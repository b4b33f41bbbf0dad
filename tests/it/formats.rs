//! Office files, mails, archives and envelopes: one file or many documents, and never a panic.

use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Command;

use vanban::document::{Format, Layout, Limits, Picture, Recognise};
use vanban::error::Error;
use vanban::ingest::{self, Member};

struct NoEngine;

impl Recognise for NoEngine {
    fn recognise(&mut self, _: &Picture) -> vanban::Result<Layout> {
        Err(Error::NoOcr("not in this test".into()))
    }
}

fn read_all(bytes: &[u8], limits: &Limits) -> Vec<Member> {
    let mut members = Vec::new();
    ingest::read_each(bytes, limits, &mut NoEngine, &mut |member| members.push(member));
    members
}

fn paths(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.path.as_str()).collect()
}

fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        archive.write_all(bytes).expect("its bytes");
    }
    archive.finish().expect("an archive").into_inner()
}

fn docx(text: &str) -> Vec<u8> {
    let document = format!("<w:document><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>");
    pack(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document.as_bytes())])
}

fn odt(body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:automatic-styles><text:list-style style:name='L1'>\
         <text:list-level-style-number text:level='1' style:num-format='1' style:num-suffix='.'/></text:list-style>\
         </office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    );
    pack(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", content.as_bytes())])
}

fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
    let mut data = String::new();
    for (row, cells) in rows.iter().enumerate() {
        data.push_str(&format!("<row r='{}'>", row + 1));
        for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let place = format!("{}{}", char::from(b'A' + column as u8), row + 1);
            data.push_str(&format!("<c r='{place}' t='inlineStr'><is><t>{text}</t></is></c>"));
        }
        data.push_str("</row>");
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let book = format!(
        "<workbook xmlns='{main}' xmlns:r='{relations}'><sheets><sheet name='Bảng' sheetId='1' r:id='rId1'/></sheets></workbook>"
    );
    let links = format!(
        "<Relationships xmlns='{package}'><Relationship Id='rId1' Type='{relations}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>"
    );
    let _root = format!(
        "<Relationships xmlns='{package}'><Relationship Id='rId1' Type='{relations}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
    );
    let root = format!(
        "<Relationships xmlns='{package}'><Relationship Id='rId1' Type='{relations}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
    );
    let sheet = format!("<worksheet xmlns='{main}'><sheetData>{data}</sheetData></worksheet>");
    pack(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

const MAIL: &str = "From: =?utf-8?B?VsSDbiBwaMOybmc=?= <vp@xa.example>\r\nTo: a@b.example\r\nSubject: =?utf-8?Q?G=E1=BB=ADi_k=E1=BA=BF_ho=E1=BA=A1ch?=\r\n\
    Date: Wed, 05 Mar 2025 08:00:00 +0700\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
    --x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nKính gửi các đơn vị.\r\n\
    --x\r\nContent-Type: application/octet-stream; name=\"../ke-hoach.txt\"\r\nContent-Disposition: attachment; filename=\"../ke-hoach.txt\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nS+G6vyBob+G6oWNoIHPhu5EgMTI=\r\n--x--\r\n";

const ENVELOPE: &str = "<?xml version='1.0' encoding='utf-8'?>\n<edXML:edXML xmlns:edXML='http://www.mic.gov.vn/TBT/QCVN_102_2016'>\
    <edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader>\
    <edXML:From><edXML:OrganId>000.00.01.H99</edXML:OrganId><edXML:OrganName>UBND xã Tân Hưng</edXML:OrganName></edXML:From>\
    <edXML:To><edXML:OrganName>Phòng Nội vụ</edXML:OrganName></edXML:To>\
    <edXML:Code><edXML:CodeNumber>37</edXML:CodeNumber><edXML:CodeNotation>KH-UBND</edXML:CodeNotation></edXML:Code>\
    <edXML:PromulgationInfo><edXML:Place>Tân Hưng</edXML:Place><edXML:PromulgationDate>2025/08/14</edXML:PromulgationDate></edXML:PromulgationInfo>\
    <edXML:Subject>Kế hoạch cải cách</edXML:Subject><edXML:SignerInfo><edXML:FullName>Lò Văn Xuân</edXML:FullName></edXML:SignerInfo>\
    </edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope>\
    <edXML:AttachmentEncoded><edXML:Attachment><edXML:ContentId>cid:1</edXML:ContentId>\
    <edXML:AttachmentName>kh.txt</edXML:AttachmentName>\
    <edXML:ContentTransferEncoded>U+G7kTogMzcvS0gtVUJORA==</edXML:ContentTransferEncoded></edXML:Attachment>\
    </edXML:AttachmentEncoded></edXML:edXML>";

#[test]
fn an_archive_of_everything_gives_each_document_by_its_path() {
    let inner = pack(&[("kế hoạch.docx", &docx("Kế hoạch số 5"))]);
    let archive = pack(&[
        ("../../a.txt", "Số 1".as_bytes()),
        ("con/b.zip", &inner),
        ("con/thu.eml", MAIL.as_bytes()),
        ("__MACOSX/x", b"litter"),
        ("logo.gif", b"GIF89a"),
    ]);
    let members = read_all(&archive, &Limits::default());
    assert_eq!(
        paths(&members),
        ["a.txt", "con/b.zip/kế hoạch.docx", "con/thu.eml", "con/thu.eml/ke-hoach.txt", "logo.gif"]
    );
    let document = members[1].document.as_ref().expect("a document");
    let within = document.within.as_ref().expect("an archive around it");
    assert_eq!((within.format, within.name.as_str()), (Format::Zip, "kế hoạch.docx"));
    assert_eq!(document.raw, "Kế hoạch số 5\n");
    let mail = members[2].document.as_ref().expect("a mail");
    assert!(mail.raw.starts_with("From: Văn phòng <vp@xa.example>\n"), "{}", mail.raw);
    assert!(mail.raw.contains("Subject: Gửi kế hoạch\n") && mail.raw.contains("Kính gửi các đơn vị."), "{}", mail.raw);
    let attached = members[3].document.as_ref().expect("a text");
    assert_eq!(
        (attached.raw.as_str(), attached.within.as_ref().map(|w| w.digest)),
        ("Kế hoạch số 12", Some(mail.digest))
    );
    assert!(matches!(members[4].document, Err(Error::Unsupported("GIF"))));
}

#[test]
fn bombs_and_towers_of_archives_are_refused() {
    let zeros = pack(&[("zeros.txt", &vec![b'0'; 3 << 20])]);
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    assert!(matches!(read_all(&zeros, &limits)[0].document, Err(Error::TooLarge { .. })));
    let mut tower = pack(&[("a.txt", b"x")]);
    for _ in 0..6 {
        tower = pack(&[("t.zip", &tower)]);
    }
    assert!(matches!(read_all(&tower, &Limits::default())[0].document, Err(Error::TooLarge { .. })));
    let many: Vec<(String, Vec<u8>)> = (0..20).map(|i| (format!("{i}.txt"), b"x".to_vec())).collect();
    let many = pack(&many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>());
    let limits = Limits { members: 10, ..Limits::default() };
    assert!(matches!(read_all(&many, &limits)[0].document, Err(Error::TooLarge { what: "member count", .. })));
    let empty = read_all(&pack(&[]), &Limits::default());
    assert_eq!(empty[0].document.as_ref().unwrap_err().to_string(), "not a document: ZIP without a file in it");
}

#[test]
fn archives_with_a_password_say_so_and_others_are_read() {
    let file = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ingest").join(name);
        read_all(&std::fs::read(path).expect("a fixture"), &Limits::default())
    };
    let members = file("plans.7z");
    let mut texts: Vec<&str> =
        members.iter().map(|member| member.document.as_ref().expect("a text").raw.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["Báo cáo số 6/BC-UBND", "Kế hoạch số 5/KH-UBND"]);
    for (name, kind) in [("locked.7z", "7z"), ("locked.zip", "ZIP")] {
        let error = file(name).remove(0).document.unwrap_err().to_string();
        assert_eq!(error, format!("encrypted {kind}: a password is needed to open it"));
    }
}

#[test]
fn what_the_envelope_says_goes_with_the_document() {
    let members = read_all(ENVELOPE.as_bytes(), &Limits::default());
    assert_eq!(paths(&members), ["kh.txt"]);
    let document = members[0].document.as_ref().expect("a document");
    assert_eq!(document.raw, "Số: 37/KH-UBND");
    let said = |field: &str| document.declared.iter().find(|said| said.field == field).map(|said| said.value.as_str());
    assert_eq!((said("number"), said("symbol"), said("date")), (Some("37"), Some("KH-UBND"), Some("2025-08-14")));
    assert_eq!((said("signer"), said("recipient")), (Some("Lò Văn Xuân"), Some("Phòng Nội vụ")));
    let bare = ENVELOPE.replace("Attachment>", "Other>");
    let error = read_all(bare.as_bytes(), &Limits::default()).remove(0).document.unwrap_err().to_string();
    assert_eq!(error, "not a document: the envelope of 37/KH-UBND, without the document itself");
}

#[test]
fn lists_and_tables_of_open_document_are_read() {
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let row = |cells: [&str; 3]| format!("<table:table-row>{}</table:table-row>", cells.map(cell).concat());
    let body = format!(
        "<text:list text:style-name='L1'><text:list-item><text:p>Một<text:s/>hai</text:p></text:list-item>\
         <text:list-item><text:p>Ba<text:line-break/>bốn</text:p></text:list-item></text:list>\
         <table:table><table:table-header-rows>{}</table:table-header-rows>{}</table:table>",
        row(["STT", "Việc", "Hạn"]),
        row(["1", "Họp", "5/2024"]),
    );
    let document = read_all(&odt(&body), &Limits::default()).remove(0).document.expect("a document");
    assert_eq!(document.raw, "1. Một hai\n2. Ba\nbốn\nSTT\tViệc\tHạn\n1\tHọp\t5/2024\n");
    assert_eq!(document.tables[0].heads, 1);
}

#[test]
fn a_workbook_is_read_as_a_table() {
    let book = xlsx(&[
        &["KẾ HOẠCH"],
        &["STT", "Việc", "Đơn vị"],
        &["1", "Họp", "Phòng A"],
        &["2", "", "Phòng B"],
        &["3", "Rà soát", "Phòng C"],
    ]);
    let document = read_all(&book, &Limits::default()).remove(0).document.expect("a document");
    assert_eq!(document.raw, "KẾ HOẠCH\nSTT\tViệc\tĐơn vị\n1\tHọp\tPhòng A\n2\t\tPhòng B\n3\tRà soát\tPhòng C\n");
    assert_eq!(document.tables[0].cell(1, 2).map(|cell| cell.span.of(&document.raw)), Some("Phòng A"));
}

/// Pages as four known sites and an unknown one have them: the document without the site.
#[test]
fn portals_give_the_document_without_the_site() {
    for site in ["vbpl", "thuvienphapluat", "luatvietnam", "congbao", "unknown"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/ingest/portal-{site}.html"));
        let page = std::fs::read(&path).expect("a fixture");
        let document = read_all(&page, &Limits::default()).remove(0).document.expect("a page");
        let lines: Vec<&str> = document.raw.lines().collect();
        assert_eq!(lines[0], "ỦY BAN NHÂN DÂN\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "{site}");
        assert_eq!(lines[2], "Số: 37/KH-UBND\tTân Hưng, ngày 14 tháng 8 năm 2025", "{site}");
        for words in ["liên quan", "Trang chủ", "Bản quyền", "Tải về", "Tin nổi bật", "Hiệu lực"] {
            assert!(!document.raw.contains(words), "{site}: {words}");
        }
        let table = &document.tables[0];
        let text = |row, column| table.cell(row, column).map(|cell| cell.span.of(&document.raw));
        assert_eq!((table.rows, table.columns, table.heads), (4, 4, 2), "{site}");
        assert_eq!(
            [text(1, 0), text(0, 3), text(1, 3), text(3, 2), text(3, 3)],
            [Some("STT"), Some("Đơn vị"), Some("Phối hợp"), Some("Tổ một cửa"), None],
            "{site}"
        );
    }
}

/// Small files of every kind.
fn samples() -> Vec<Vec<u8>> {
    vec![
        docx("Kế hoạch số 5"),
        odt("<text:p>Kế hoạch</text:p>"),
        xlsx(&[&["a", "b", "c"], &["d", "e", "f"]]),
        MAIL.as_bytes().to_vec(),
        ENVELOPE.as_bytes().to_vec(),
        pack(&[("a.txt", b"Mot"), ("b.eml", MAIL.as_bytes())]),
        br"{\rtf1\ansi{\fonttbl{\f0\fcharset0 .VnTime;}}\f0 S\'e8\trowd\cellx100\cellx200 a\cell b\cell\row\u123?\par}"
            .to_vec(),
        include_bytes!("../../fixtures/ingest/plans.7z").to_vec(),
        b"<table><tr><td rowspan=3 colspan=2>a<td>b<tr><td>c</table>".to_vec(),
    ]
}

proptest::proptest! {
    /// Panics are caught by the worker, but should not be needed to be.
    #[test]
    fn changed_bytes_give_an_answer(
        which in 0..9_usize,
        changes in proptest::collection::vec((0..100_000_usize, 0..=255_u8), 1..12),
        cut in 0..100_000_usize,
    ) {
        let mut bytes = samples().swap_remove(which);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if cut % 3 == 0 {
            bytes.truncate(cut % bytes.len());
        }
        let limits = Limits { unpacked_bytes: 1 << 22, text_bytes: 1 << 20, ..Limits::default() };
        for member in read_all(&bytes, &limits) {
            if let Err(error) = member.document {
                proptest::prop_assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
    }
}

fn vanban(folder: &Path, arguments: &[&str]) -> (String, String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_vanban"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
}

#[test]
fn an_archive_is_read_line_by_line_and_imported_document_by_document() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = "UBND XÃ TÂN HƯNG\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 37/KH-UBND\tTân Hưng, ngày 14 tháng 8 năm 2025\nKẾ HOẠCH\nCải cách";
    let archive = pack(&[("con/plan.txt", plan.as_bytes()), ("thu.eml", MAIL.as_bytes()), ("x.gif", b"GIF89a")]);
    std::fs::write(folder.path().join("a.zip"), &archive).expect("a file");
    let (out, err, code) = vanban(folder.path(), &["read", "a.zip", "--json"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), code), (3, 1), "{err}");
    assert_eq!(lines[0]["header"]["key"]["value"], "37/KH-UBND");
    assert_eq!(lines[0]["file"]["within"]["name"], "con/plan.txt");
    assert!(err.contains("a.zip/x.gif"), "{err}");
    let (_, err, code) = vanban(folder.path(), &["--store", "s.db", "import", "a.zip"]);
    assert_eq!(code, 1, "{err}");
    let (out, ..) = vanban(folder.path(), &["--store", "s.db", "show", "37/KH-UBND", "--json"]);
    assert!(out.contains("a.zip/con/plan.txt"), "{out}");
    // What could not be read is tried again, the rest is known.
    let (out, ..) = vanban(folder.path(), &["--store", "s.db", "import", "a.zip", "--json"]);
    let again: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&again["unchanged"], again["failed"].as_array().map(Vec::len)), (&serde_json::json!(3), Some(1)));
}
