use std::io::{Cursor, Write};

use super::*;

/// A DOCX with this body, and parts by name.
fn docx(body: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, text: &str| {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    };
    add("[Content_Types].xml", "<Types/>");
    add("word/document.xml", &format!("<w:document><w:body>{body}</w:body></w:document>"));
    for (name, text) in parts {
        add(&format!("word/{name}"), text);
    }
    archive.finish().unwrap().into_inner()
}

fn read_docx(body: &str, parts: &[(&str, &str)]) -> Document {
    read(&docx(body, parts), &Limits::default()).unwrap()
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn changes_count_as_accepted_and_hidden_text_is_left_out() {
    let body = "<w:p><w:r><w:t>Kế </w:t></w:r><w:del><w:r><w:delText>cũ</w:delText><w:t>cũ</w:t></w:r></w:del>\
        <w:ins><w:r><w:t>hoạch</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r>\
        <w:r><w:rPr><w:caps/></w:rPr><w:t> số</w:t></w:r><w:moveFrom><w:r><w:t>dời</w:t></w:r></w:moveFrom></w:p>\
        <w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>một </w:t></w:r></w:p><w:p><w:r><w:t>đoạn</w:t></w:r></w:p>\
        <w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGE</w:instrText><w:t>x</w:t></w:r>\
        <w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>7</w:t></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>";
    assert_eq!(read_docx(body, &[]).raw, "Kế hoạch SỐ\nmột đoạn\n7\n");
}

#[test]
fn numbers_of_lists_are_printed() {
    let numbering = "<w:numbering><w:abstractNum w:abstractNumId='3'>\
        <w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='Điều %1.'/></w:lvl>\
        <w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='lowerLetter'/><w:lvlText w:val='%2)'/></w:lvl>\
        </w:abstractNum><w:num w:numId='5'><w:abstractNumId w:val='3'/></w:num></w:numbering>";
    let styles = "<w:styles><w:style w:type='paragraph' w:styleId='Dieu'><w:pPr><w:numPr><w:numId w:val='5'/></w:numPr>\
        </w:pPr></w:style></w:styles>";
    let by_style = "<w:p><w:pPr><w:pStyle w:val='Dieu'/></w:pPr><w:r><w:t>Phạm vi</w:t></w:r></w:p>";
    let item =
        "<w:p><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='5'/></w:numPr></w:pPr><w:r><w:t>Một</w:t></w:r></w:p>";
    let body = format!("{by_style}{item}{item}{by_style}{item}");
    let document = read_docx(&body, &[("numbering.xml", numbering), ("styles.xml", styles)]);
    assert_eq!(document.raw, "Điều 1. Phạm vi\na) Một\nb) Một\nĐiều 2. Phạm vi\na) Một\n");
}

#[test]
fn merged_cells_and_nested_tables_keep_their_places() {
    let cell = |set: &str, text: &str| format!("<w:tc><w:tcPr>{set}</w:tcPr>{}</w:tc>", p(text));
    let row = |cells: &[String]| format!("<w:tr>{}</w:tr>", cells.concat());
    let table = format!(
        "<w:tbl>{}{}{}</w:tbl>",
        row(&[cell("<w:vMerge w:val='restart'/>", "STT"), cell("<w:gridSpan w:val='2'/>", "Đơn vị")]),
        row(&[cell("<w:vMerge/>", ""), cell("", "Chủ trì"), cell("", "Phối hợp")]),
        row(&[cell("", "1"), cell("", "Phòng A"), cell("", "Phòng B")]),
    );
    let document = read_docx(&table, &[]);
    assert_eq!(document.raw, "STT\tĐơn vị\n\tChủ trì\tPhối hợp\n1\tPhòng A\tPhòng B\n");
    let table = &document.tables[0];
    assert_eq!((table.cell(1, 0).unwrap().tall, table.cell(0, 2).unwrap().wide), (2, 2));
}

#[test]
fn notes_boxes_and_running_heads_stand_apart() {
    let body = "<w:p><w:r><w:t>Theo quy định</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r><w:r><mc:AlternateContent>\
        <mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>MẬT</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>\
        <mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>MẬT</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback>\
        </mc:AlternateContent></w:r></w:p>";
    let notes = format!(
        "<w:footnotes><w:footnote w:type='separator' w:id='0'>{}</w:footnote><w:footnote w:id='2'>{}</w:footnote></w:footnotes>",
        p("---"),
        p("Luật số 1")
    );
    let head = format!("<w:hdr>{}</w:hdr>", p("Công báo tỉnh"));
    let document = read_docx(body, &[("footnotes.xml", &notes), ("header1.xml", &head)]);
    assert_eq!(document.raw, "Theo quy định [1]\nMẬT\n[1] Luật số 1\n");
    assert!(document.notes[0].message.contains("Công báo tỉnh"), "{:?}", document.notes);
}

#[test]
fn the_font_of_a_style_says_the_encoding() {
    let styles = "<w:styles><w:style w:type='paragraph' w:default='1' w:styleId='Normal'><w:rPr>\
        <w:rFonts w:ascii='.VnTime' w:hAnsi='.VnTime'/></w:rPr></w:style></w:styles>";
    let body = "<w:p><w:r><w:t>KÕ ho¹ch sè 5 cña </w:t></w:r><w:r><w:rPr><w:rFonts w:ascii='.VnTimeH' w:hAnsi='.VnTimeH'/>\
        </w:rPr><w:t>së y tÕ</w:t></w:r></w:p>";
    assert_eq!(read_docx(body, &[("styles.xml", styles)]).raw, "Kế hoạch số 5 của SỞ Y TẾ\n");
}

#[test]
fn what_is_broken_is_a_one_line_error() {
    let good = docx(&p("x"), &[]);
    for end in (0..good.len()).step_by(37) {
        assert!(read(&good[..end], &Limits::default()).is_err());
    }
    let deep = format!("{}{}", "<w:sdt>".repeat(5000), "</w:sdt>".repeat(5000));
    assert!(read(&docx(&deep, &[]), &Limits::default()).unwrap_err().to_string().contains("nested too deep"));
    let limits = Limits { unpacked_bytes: 1000, ..Limits::default() };
    assert!(matches!(read(&docx(&p("x").repeat(1000), &[]), &limits), Err(Error::TooLarge { .. })));
}
