//! Bytes of a file into a [`Document`], one file of code a format.
//!
//! The kind of file is told from its bytes ([`sniff()`]), never from its name. Page pictures are
//! handed to whatever [`Recognise`] the caller gives; nothing here knows an OCR engine. Characters
//! are decoded here and otherwise kept as they are: repair is a later stage.

mod archive;
mod doc;
mod docx;
mod edges;
mod edxml;
mod flow;
mod glyphs;
mod html;
mod image;
mod judge;
mod mail;
mod numbering;
mod odt;
mod package;
mod pdf;
mod pictures;
mod rtf;
mod sheet;
mod sniff;
mod symbol;
mod txt;
mod xml;

pub use pictures::pictures;
pub use sniff::sniff;

use crate::document::{Document, Format, Layer, Layout, Limits, Recognise};
use crate::error::{Error, Result};

/// One document of a file: the file itself, or a member of an archive or a mail.
#[derive(Debug)]
pub struct Member {
    /// Its name inside the file, empty for the file itself. Of members of members: `a.zip/b.docx`.
    /// Parts that would lead out of a folder are left out.
    pub path: String,
    /// What was read, or why it could not be.
    pub document: Result<Document>,
}

/// Reads a file's bytes and hands each document in it to `each`: one for most kinds, many for
/// archives and mails, one after the other. Members that cannot be read are handed on as errors.
pub fn read_each(bytes: &[u8], limits: &Limits, ocr: &mut dyn Recognise, each: &mut dyn FnMut(Member)) {
    let mut left = limits.unpacked_bytes;
    archive::read_file(bytes, &mut archive::Inside { limits, ocr, each, left: &mut left }, "", None, 0);
}

/// Reads the bytes of a file that is one document. Page pictures go to `ocr`, one at a time.
///
/// A page that cannot be read leaves a note and [`Layer::Unread`]; only if no page could be read
/// is the error given back.
pub fn read(bytes: &[u8], limits: &Limits, ocr: &mut dyn Recognise) -> Result<Document> {
    check_size(bytes, limits)?;
    match sniff(bytes)? {
        Format::Txt => txt::read(bytes, limits),
        Format::Html => html::read(bytes, limits),
        Format::Pdf => pdf::read(bytes, limits, ocr),
        format @ (Format::Png | Format::Jpeg | Format::Tiff | Format::Webp) => image::read(bytes, format, limits, ocr),
        Format::Docx => docx::read(bytes, limits),
        Format::Eml => mail::read(bytes, limits),
        Format::Doc => doc::read(bytes, limits),
        Format::Rtf => rtf::read(bytes, limits),
        Format::Odt => odt::read(bytes, limits),
        format @ (Format::Xlsx | Format::Xls | Format::Ods) => sheet::read(bytes, format, limits),
        format => Err(Error::NotADocument(format!("{} holds documents and is none itself", format.name()))),
    }
}

fn check_size(bytes: &[u8], limits: &Limits) -> Result<()> {
    let size = bytes.len() as u64;
    if size > limits.file_bytes { Err(too_large("file", size, limits.file_bytes)) } else { Ok(()) }
}

/// An [`Error::TooLarge`] for a size in bytes, or a count where `what` names one.
pub(crate) fn too_large(what: &'static str, size: u64, limit: u64) -> Error {
    let show = |number: u64| match what {
        "file" | "text" if number >= 1 << 20 => format!("{} MiB", number.div_ceil(1 << 20)),
        "file" | "text" => format!("{number} bytes"),
        _ => number.to_string(),
    };
    Error::TooLarge { what, size: show(size), limit: show(limit) }
}

/// Whether any page was read; if not, the first error.
fn check_readable(layouts: &[(Layer, Layout)], failed: Option<Error>) -> Result<()> {
    let read = layouts.iter().any(|(layer, _)| matches!(layer, Layer::Native | Layer::Recovered | Layer::Recognised));
    match failed {
        Some(error) if !read => Err(error),
        _ => Ok(()),
    }
}
