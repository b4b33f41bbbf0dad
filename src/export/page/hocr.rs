//! hOCR 1.2: HTML that carries the place of each line and word, in pixels.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{PlacedPage, pixels};
use crate::document::Rect;

/// Writes pages as hOCR.
pub fn hocr(pages: &[PlacedPage], out: &mut impl Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let html = [("xmlns", "http://www.w3.org/1999/xhtml"), ("xml:lang", "vi"), ("lang", "vi")];
    xml.write_event(Event::Start(BytesStart::new("html").with_attributes(html)))?;
    xml.write_event(Event::Start(BytesStart::new("head")))?;
    xml.create_element("title").write_text_content(BytesText::new(""))?;
    for (name, content) in [
        ("ocr-system", concat!("vanban ", env!("CARGO_PKG_VERSION"))),
        ("ocr-capabilities", "ocr_page ocr_line ocrx_word ocrp_wconf"),
        ("ocr-langs", "vi"),
    ] {
        xml.create_element("meta").with_attributes([("name", name), ("content", content)]).write_empty()?;
    }
    xml.write_event(Event::End(BytesEnd::new("head")))?;
    xml.write_event(Event::Start(BytesStart::new("body")))?;
    for page in pages {
        write_page(&mut xml, page)?;
    }
    xml.write_event(Event::End(BytesEnd::new("body")))?;
    xml.write_event(Event::End(BytesEnd::new("html")))?;
    writeln!(out)
}

fn write_page(xml: &mut Writer<&mut impl Write>, page: &PlacedPage) -> io::Result<()> {
    let whole = Rect { x0: 0.0, y0: 0.0, x1: page.size.0, y1: page.size.1 };
    let number = page.number;
    let title = format!("{}; ppageno {}; scan_res 300 300", bbox(whole, page), number.saturating_sub(1));
    start(xml, "div", "ocr_page", &format!("page_{number}"), &title)?;
    for (row, line) in page.lines.iter().enumerate() {
        let row = row + 1;
        start(xml, "span", "ocr_line", &format!("line_{number}_{row}"), &bbox(PlacedPage::extent(line), page))?;
        for (column, word) in line.iter().enumerate() {
            let title = format!("{}; x_wconf {:.0}", bbox(word.bbox, page), word.confidence * 100.0);
            let id = format!("word_{number}_{row}_{}", column + 1);
            xml.create_element("span")
                .with_attributes([("class", "ocrx_word"), ("id", &id), ("title", &title)])
                .write_text_content(BytesText::new(&word.text))?;
        }
        xml.write_event(Event::End(BytesEnd::new("span")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("div")))
}

fn start(xml: &mut Writer<&mut impl Write>, tag: &str, class: &str, id: &str, title: &str) -> io::Result<()> {
    let attributes = [("class", class), ("id", id), ("title", title)];
    xml.write_event(Event::Start(BytesStart::new(tag).with_attributes(attributes)))
}

fn bbox(area: Rect, page: &PlacedPage) -> String {
    let [x0, y0, x1, y1] = pixels(area, page);
    format!("bbox {x0} {y0} {x1} {y1}")
}
