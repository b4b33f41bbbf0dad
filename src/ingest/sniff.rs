//! What kind of file is this? Told from its bytes alone.

use crate::document::Format;
use crate::error::{Error, Result};
use crate::ingest::{edxml, txt};

/// First bytes of kinds that are known but not read.
const UNSUPPORTED: [(&[u8], &str); 17] = [
    (b"Rar!\x1a\x07", "RAR"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"SQLite format 3\0", "SQLite"),
    (b"%!PS", "PostScript"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x97JB2\r\n\x1a\n", "JBIG2"),
    (b"AT&TFORM", "DjVu"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"\x7fELF", "program"),
    (b"MZ\x90\0", "program"),
];

/// Mail headers of which two must stand in the first lines.
const MAIL: [&str; 8] =
    ["from:", "to:", "subject:", "date:", "message-id:", "mime-version:", "received:", "return-path:"];

/// Tells the kind of file.
///
/// Kinds that are known but not read yet are [`Error::Unsupported`]; anything that is no document
/// is [`Error::NotADocument`] with the reason.
pub fn sniff(bytes: &[u8]) -> Result<Format> {
    if bytes.is_empty() {
        return Err(Error::NotADocument("the file is empty".into()));
    }
    // Some programs put a few bytes before a PDF; readers accept up to 1024.
    let head = &bytes[..bytes.len().min(1024)];
    if head.windows(6).any(|window| window.starts_with(b"%PDF-") && window[5].is_ascii_digit()) {
        return Ok(Format::Pdf);
    }
    for (mark, format) in [
        (b"\x89PNG\r\n\x1a\n".as_slice(), Format::Png),
        (b"\xff\xd8\xff", Format::Jpeg),
        (b"II*\0", Format::Tiff),
        (b"MM\0*", Format::Tiff),
        (b"II+\0", Format::Tiff),
        (b"MM\0+", Format::Tiff),
        (b"{\\rtf", Format::Rtf),
        (b"7z\xbc\xaf\x27\x1c", Format::SevenZip),
    ] {
        if bytes.starts_with(mark) {
            return Ok(format);
        }
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return zip(bytes);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound(bytes);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Format::Webp);
    }
    if let Some(kind) = unsupported(bytes) {
        return Err(Error::Unsupported(kind));
    }
    text(bytes)
}

fn unsupported(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) == Some(b"ftyp") {
        let heic = matches!(bytes.get(8..12), Some(b"heic" | b"heix" | b"mif1" | b"msf1" | b"heim" | b"heis"));
        return Some(if heic { "HEIC" } else { "video" });
    }
    // "BM" alone could begin a text; a bitmap goes on with its size and four zero bytes.
    let bitmap = bytes.get(6..10) == Some(&[0; 4]);
    UNSUPPORTED.iter().find(|(mark, kind)| bytes.starts_with(mark) && (*kind != "BMP" || bitmap)).map(|(_, kind)| *kind)
}

/// The kind of a compound file (OLE), by the streams at its root.
fn compound(bytes: &[u8]) -> Result<Format> {
    // Directory entries are named in UTF-16. Of a file that is too damaged to be opened, the names
    // may still be found.
    let opened = cfb::CompoundFile::open(std::io::Cursor::new(bytes)).ok();
    let named = |name: &str| {
        if let Some(file) = &opened {
            file.exists(format!("/{name}"))
        } else {
            let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes.windows(units.len()).any(|window| window == units)
        }
    };
    match () {
        () if named("EncryptedPackage") => Err(Error::Locked("Office document")),
        () if named("WordDocument") => Ok(Format::Doc),
        () if named("Workbook") || named("Book") => Ok(Format::Xls),
        () if named("PowerPoint Document") => Err(Error::Unsupported("PPT")),
        () if named("__properties_version1.0") => Err(Error::Unsupported("Outlook MSG")),
        () if named("VisioDocument") => Err(Error::Unsupported("Visio")),
        () if named("VBA") || named("Macros") => Err(Error::NotADocument("OLE with macros and nothing to read".into())),
        () => Err(Error::NotADocument("OLE of another kind than Word and Excel".into())),
    }
}

/// The kind of a ZIP archive, by its entries: the formats of office programs are archives inside.
fn zip(bytes: &[u8]) -> Result<Format> {
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        // The list of entries at the end is lost; the first entries stand at the start.
        let head = &bytes[..bytes.len().min(64 << 10)];
        let has = |needle: &[u8]| head.windows(needle.len()).any(|window| window == needle);
        return Ok(match () {
            () if has(b"word/") => Format::Docx,
            () if has(b"xl/") => Format::Xlsx,
            () if has(b"vnd.oasis.opendocument.text") => Format::Odt,
            () => Format::Zip,
        });
    };
    let has = |begins: &str| archive.file_names().any(|name| name.is_ok_and(|name| name.starts_with(begins)));
    if has("[Content_Types].xml") || has("_rels/.rels") {
        return match () {
            () if has("word/document") => Ok(Format::Docx),
            () if has("xl/workbook") => Ok(Format::Xlsx),
            () if has("ppt/presentation") => Err(Error::Unsupported("PPTX")),
            () if has("word/vbaProject") || has("xl/vbaProject") => {
                Err(Error::NotADocument("an Office file with macros and no text".into()))
            }
            () => Ok(Format::Zip),
        };
    }
    let mut kind = Vec::new();
    if let Ok(file) = archive.by_name("mimetype") {
        let _ = std::io::Read::read_to_end(&mut std::io::Read::take(file, 200), &mut kind);
    }
    let kind = String::from_utf8_lossy(&kind);
    match kind.trim() {
        "application/epub+zip" => Err(Error::Unsupported("EPUB")),
        kind if kind.starts_with("application/vnd.oasis.opendocument.text") => Ok(Format::Odt),
        kind if kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") => Ok(Format::Ods),
        kind if kind.starts_with("application/vnd.oasis.opendocument") => {
            Err(Error::Unsupported("OpenDocument drawing"))
        }
        _ => Ok(Format::Zip),
    }
}

/// Text, a web page, a mail, or rubbish.
fn text(bytes: &[u8]) -> Result<Format> {
    let head = &bytes[..bytes.len().min(64 << 10)];
    let marked = encoding_rs::Encoding::for_bom(head).is_some();
    if !marked && txt::utf16(head).is_none() {
        let count = |wanted: fn(&u8) -> bool| head.iter().filter(|byte| wanted(byte)).count();
        if count(|byte| *byte == 0) > 0 {
            return Err(Error::NotADocument("binary data of an unknown kind".into()));
        }
        // Old Vietnamese encodings (VISCII) use a few control codes as letters.
        let controls = count(|byte| matches!(byte, 1..=8 | 11 | 14..=26 | 28..=31 | 127));
        if controls * 50 > head.len() {
            return Err(Error::NotADocument("binary data of an unknown kind".into()));
        }
    }
    // One character may be cut at the end of `head`; what matters here stands at its start.
    let (start, _) = txt::decode(head);
    let start = start.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.is_empty() && bytes.len() <= head.len() {
        return Err(Error::NotADocument("the file holds nothing but white space".into()));
    }
    if is_html(start) {
        return Ok(Format::Html);
    }
    if edxml::is_envelope(start) {
        return Ok(Format::Edxml);
    }
    let mut mail = start.lines().take(30).take_while(|line| !line.trim().is_empty()).filter(|line| {
        MAIL.iter().any(|header| line.get(..header.len()).is_some_and(|name| name.eq_ignore_ascii_case(header)))
    });
    if mail.next().is_some() && mail.next().is_some() && start.lines().next().is_some_and(is_header) {
        return Ok(Format::Eml);
    }
    Ok(Format::Txt)
}

/// `Name-Of-Header: value`.
fn is_header(line: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// Whether text begins like a web page, after comments and declarations.
fn is_html(text: &str) -> bool {
    const TAGS: [&str; 28] = [
        "html", "head", "body", "title", "meta", "link", "script", "style", "base", "div", "p", "table", "span",
        "font", "center", "h1", "h2", "h3", "h4", "br", "ul", "ol", "b", "strong", "article", "main", "section", "a",
    ];
    let mut rest = text.trim_start();
    loop {
        let Some(tag) = rest.strip_prefix('<') else { return false };
        let skip = if let Some(comment) = tag.strip_prefix("!--") {
            comment.find("-->").map(|end| &comment[end + 3..])
        } else if tag.starts_with('?') {
            tag.find('>').map(|end| &tag[end + 1..])
        } else if tag.get(..8).is_some_and(|word| word.eq_ignore_ascii_case("!doctype")) {
            return tag[8..].trim_start().get(..4).is_some_and(|word| word.eq_ignore_ascii_case("html"));
        } else {
            let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
            return TAGS.iter().any(|name| tag[..end].eq_ignore_ascii_case(name))
                && tag[end..].starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
        };
        match skip {
            Some(next) => rest = next.trim_start(),
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_web_pages_are_told_apart() {
        let cases = [
            ("Kế hoạch", Format::Txt),
            ("a < b và c > d", Format::Txt),
            ("<Kế hoạch>", Format::Txt),
            ("<p>Kế hoạch</p>", Format::Html),
            ("\u{feff}  \n<!DOCTYPE html><html>", Format::Html),
            ("<!-- saved from url --><!doctype HTML PUBLIC>", Format::Html),
            ("<?xml version=\"1.0\"?>\n<html xmlns=\"x\">", Format::Html),
            ("<!-- <html> chưa hết", Format::Txt),
            ("<!doctype svg>", Format::Txt),
            ("Subject: a\nviệc gì đó", Format::Txt),
            ("Date: 12/5/2023", Format::Txt),
        ];
        for (text, format) in cases {
            assert_eq!(sniff(text.as_bytes()).unwrap(), format, "{text}");
        }
    }

    /// A compound file with one stream at its root.
    fn ole(name: &str) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        file.create_stream(format!("/{name}")).unwrap();
        file.into_inner().into_inner()
    }

    fn packed(names: &[&str]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in names {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn kinds_are_told_by_what_is_inside() {
        let cases = [
            (packed(&["[Content_Types].xml", "word/document.xml"]), Format::Docx),
            (packed(&["[Content_Types].xml", "xl/workbook.xml"]), Format::Xlsx),
            // An archive that holds an unpacked DOCX, and one with a plan.
            (packed(&["a/word/document.xml"]), Format::Zip),
            (packed(&["kế hoạch.txt"]), Format::Zip),
            (ole("WordDocument"), Format::Doc),
            (ole("Workbook"), Format::Xls),
            (b"{\\rtf1\\ansi".to_vec(), Format::Rtf),
            (b"RIFF\0\0\0\0WEBP".to_vec(), Format::Webp),
            (b"Received: from a\r\nFrom: b@c\r\nSubject: d\r\n\r\nxin ch\xc3\xa0o".to_vec(), Format::Eml),
            (b"<?xml version='1.0'?><edXML:edXML xmlns:edXML='x'>".to_vec(), Format::Edxml),
        ];
        for (bytes, format) in cases {
            assert_eq!(sniff(&bytes).unwrap(), format);
        }
    }

    #[test]
    fn known_kinds_that_are_not_read_are_named() {
        let cases: Vec<(Vec<u8>, &str)> = vec![
            (packed(&["[Content_Types].xml", "ppt/presentation.xml"]), "PPTX files are not supported yet"),
            (
                packed(&["[Content_Types].xml", "word/vbaProject.bin"]),
                "not a document: an Office file with macros and no text",
            ),
            (ole("other"), "not a document: OLE of another kind than Word and Excel"),
            (ole("EncryptedPackage"), "encrypted Office document: a password is needed to open it"),
            (b"GIF89a".to_vec(), "GIF files are not supported yet"),
            (b"\0\0\0\x18ftypheic".to_vec(), "HEIC files are not supported yet"),
            (b"BM\x46\0\0\0\0\0\0\0\x36".to_vec(), "BMP files are not supported yet"),
        ];
        for (bytes, message) in cases {
            assert_eq!(sniff(&bytes).unwrap_err().to_string(), message);
        }
        assert_eq!(sniff("BMT số 12".as_bytes()).unwrap(), Format::Txt);
    }

    #[test]
    fn rubbish_is_refused_with_a_reason() {
        let noise: Vec<u8> = (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for bytes in [b"".as_slice(), b" \n\t ", b"abc\0\0\x01def", &noise, b"\x01\x02\x03\x04"] {
            assert!(matches!(sniff(bytes), Err(Error::NotADocument(reason)) if !reason.is_empty()));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = sniff(&bytes);
        }
    }
}
