//! ALTO 4 (Library of Congress): XML of what stands where on a page, for libraries and archives.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{PlacedPage, PlacedWord, pixels};
use crate::document::Rect;

/// Writes pages as ALTO 4. `file` is the name of the file that was read.
pub fn alto(pages: &[PlacedPage], file: &str, out: &mut impl Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = BytesStart::new("alto").with_attributes([
        ("xmlns", "http://www.loc.gov/standards/alto/ns-v4#"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        (
            "xsi:schemaLocation",
            "http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-2.xsd",
        ),
    ]);
    xml.write_event(Event::Start(root))?;
    xml.create_element("Description").write_inner_content(|xml| {
        xml.create_element("MeasurementUnit").write_text_content(BytesText::new("pixel"))?;
        xml.create_element("sourceImageInformation").write_inner_content(|xml| {
            xml.create_element("fileName").write_text_content(BytesText::new(file))?;
            Ok(())
        })?;
        xml.create_element("Processing").with_attribute(("ID", "P1")).write_inner_content(|xml| {
            xml.create_element("processingSoftware").write_inner_content(|xml| {
                xml.create_element("softwareName").write_text_content(BytesText::new("vanban"))?;
                xml.create_element("softwareVersion").write_text_content(BytesText::new(env!("CARGO_PKG_VERSION")))?;
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(())
    })?;
    xml.write_event(Event::Start(BytesStart::new("Layout")))?;
    for page in pages {
        write_page(&mut xml, page)?;
    }
    xml.write_event(Event::End(BytesEnd::new("Layout")))?;
    xml.write_event(Event::End(BytesEnd::new("alto")))?;
    writeln!(out)
}

fn write_page(xml: &mut Writer<&mut impl Write>, page: &PlacedPage) -> io::Result<()> {
    let number = page.number;
    let whole = Rect { x0: 0.0, y0: 0.0, x1: page.size.0, y1: page.size.1 };
    let [_, _, width, height] = pixels(whole, page);
    let (width, height) = (width.to_string(), height.to_string());
    let start = BytesStart::new("Page").with_attributes([
        ("ID", format!("PAGE{number}").as_str()),
        ("PHYSICAL_IMG_NR", &number.to_string()),
        ("WIDTH", &width),
        ("HEIGHT", &height),
    ]);
    xml.write_event(Event::Start(start))?;
    open(xml, "PrintSpace", &format!("SPACE{number}"), whole, page)?;
    if let Some(extent) = page.lines.iter().map(|line| PlacedPage::extent(line)).reduce(Rect::cover) {
        open(xml, "TextBlock", &format!("BLOCK{number}"), extent, page)?;
        for (row, line) in page.lines.iter().enumerate() {
            let id = format!("LINE{number}_{}", row + 1);
            open(xml, "TextLine", &id, PlacedPage::extent(line), page)?;
            write_words(xml, line, &id, page)?;
            xml.write_event(Event::End(BytesEnd::new("TextLine")))?;
        }
        xml.write_event(Event::End(BytesEnd::new("TextBlock")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("PrintSpace")))?;
    xml.write_event(Event::End(BytesEnd::new("Page")))
}

fn write_words(xml: &mut Writer<&mut impl Write>, line: &[PlacedWord], id: &str, page: &PlacedPage) -> io::Result<()> {
    let mut before: Option<Rect> = None;
    for (column, word) in line.iter().enumerate() {
        if let Some(before) = before {
            let gap = Rect { x0: before.x1.min(word.bbox.x0), x1: word.bbox.x0, ..word.bbox };
            let [x0, y0, x1, _] = pixels(gap, page).map(|at| at.to_string());
            let width = (x1.parse::<i64>().unwrap_or(0) - x0.parse::<i64>().unwrap_or(0)).to_string();
            let place = [("WIDTH", width.as_str()), ("HPOS", &x0), ("VPOS", &y0)];
            xml.create_element("SP").with_attributes(place).write_empty()?;
        }
        before = Some(word.bbox);
        let mut element = BytesStart::new("String");
        element.push_attribute(("ID", format!("{id}_{}", column + 1).as_str()));
        place(&mut element, word.bbox, page);
        element.push_attribute(("CONTENT", word.text.as_str()));
        element.push_attribute(("WC", format!("{:.3}", word.confidence.clamp(0.0, 1.0)).as_str()));
        xml.write_event(Event::Empty(element))?;
    }
    Ok(())
}

fn open(xml: &mut Writer<&mut impl Write>, tag: &str, id: &str, area: Rect, page: &PlacedPage) -> io::Result<()> {
    let mut element = BytesStart::new(tag);
    element.push_attribute(("ID", id));
    place(&mut element, area, page);
    xml.write_event(Event::Start(element))
}

fn place(element: &mut BytesStart<'_>, area: Rect, page: &PlacedPage) {
    let [x0, y0, x1, y1] = pixels(area, page);
    for (name, value) in [("HPOS", x0), ("VPOS", y0), ("WIDTH", x1 - x0), ("HEIGHT", y1 - y0)] {
        element.push_attribute((name, value.to_string().as_str()));
    }
}
