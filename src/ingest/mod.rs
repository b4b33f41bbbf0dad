//! Bytes of a file into a [`Document`], one file of code a format.
//!
//! The kind of file is told from its bytes ([`sniff()`]), never from its name. Page pictures are
//! handed to whatever [`Recognise`] the caller gives; nothing here knows an OCR engine. Characters
//! are decoded here and otherwise kept as they are: repair is a later stage.

mod glyphs;
mod html;
mod image;
mod judge;
mod pdf;
mod sniff;
mod txt;

pub use sniff::sniff;

use crate::document::{Document, Format, Layer, Layout, Limits, Recognise};
use crate::error::{Error, Result};

/// Reads a file's bytes. Page pictures go to `ocr`, one at a time.
///
/// A page that cannot be read leaves a note and [`Layer::Unread`]; only if no page could be read
/// is the error given back.
pub fn read(bytes: &[u8], limits: &Limits, ocr: &mut dyn Recognise) -> Result<Document> {
    if bytes.len() as u64 > limits.file_bytes {
        return Err(too_large("file", bytes.len() as u64, limits.file_bytes));
    }
    match sniff(bytes)? {
        Format::Txt => txt::read(bytes, limits),
        Format::Html => html::read(bytes, limits),
        Format::Pdf => pdf::read(bytes, limits, ocr),
        format @ (Format::Png | Format::Jpeg | Format::Tiff) => image::read(bytes, format, limits, ocr),
    }
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
    let read = layouts.iter().any(|(layer, _)| matches!(layer, Layer::Native | Layer::Recognised));
    match failed {
        Some(error) if !read => Err(error),
        _ => Ok(()),
    }
}
