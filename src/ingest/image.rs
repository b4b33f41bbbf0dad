//! PNG, JPEG, TIFF and WebP pictures of pages into text, by recognition.
//!
//! Sizes are checked before anything is decoded. A TIFF may hold many pages; the decoder reads
//! the first directory only, so each page is decoded from a copy whose header names that page's
//! directory as the first.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits as DecoderLimits};

use crate::document::{Digest, Document, Format, Layer, Layout, Limits, Picture, Recognise, assemble};
use crate::error::{Error, Result};
use crate::ingest::{check_readable, too_large};

/// Reads a picture file.
pub(super) fn read(bytes: &[u8], format: Format, limits: &Limits, ocr: &mut dyn Recognise) -> Result<Document> {
    let pages: Vec<Option<u64>> = match format {
        Format::Tiff => tiff_pages(bytes, limits.pages)?.into_iter().map(Some).collect(),
        _ => vec![None],
    };
    let mut layouts = Vec::with_capacity(pages.len());
    let mut failed = None;
    for page in pages {
        match read_page(bytes, format, page, limits, ocr) {
            Ok(read) => layouts.push(read),
            Err(error) => {
                let notes = vec![format!("page not read: {error}")];
                layouts.push((Layer::Unread, Layout { notes, ..Layout::default() }));
                failed.get_or_insert(error);
            }
        }
    }
    check_readable(&layouts, failed)?;
    Ok(assemble(Digest::of(bytes), format, layouts))
}

fn read_page(
    bytes: &[u8],
    format: Format,
    page: Option<u64>,
    limits: &Limits,
    ocr: &mut dyn Recognise,
) -> Result<(Layer, Layout)> {
    let image = match page {
        Some(directory) => decode(&tiff_starting_at(bytes, directory)?, format, limits)?,
        None => decode(bytes, format, limits)?,
    };
    let dpi = match format {
        Format::Png => png_dpi(bytes),
        Format::Jpeg => jpeg_dpi(bytes),
        _ => page.and_then(|directory| Tiff::open(bytes)?.dpi(directory)),
    };
    // Phones and many programs write 72 or 96 whatever the truth is.
    let dpi = dpi.filter(|dpi| (99.0..=1300.0).contains(dpi));
    let size = (image.width() as f32, image.height() as f32);
    let mut layout = ocr.recognise(&Picture { image, dpi, scale: 1.0 })?;
    layout.size = Some(size);
    Ok((if layout.lines.is_empty() { Layer::Blank } else { Layer::Recognised }, layout))
}

/// The name of a format as a person calls it, and the decoder's.
fn names(format: Format) -> (&'static str, ImageFormat) {
    match format {
        Format::Png => ("PNG", ImageFormat::Png),
        Format::Jpeg => ("JPEG", ImageFormat::Jpeg),
        Format::Webp => ("WebP", ImageFormat::WebP),
        _ => ("TIFF", ImageFormat::Tiff),
    }
}

fn decode(bytes: &[u8], format: Format, limits: &Limits) -> Result<DynamicImage> {
    let (name, kind) = names(format);
    // The decoder fills what is missing of a JPEG with grey; the page would lose its lower part
    // without a word. Cameras append data of their own behind the end mark.
    let tail = &bytes[bytes.len().saturating_sub(1 << 20)..];
    if format == Format::Jpeg && !tail.windows(2).any(|mark| mark == b"\xff\xd9") {
        return Err(Error::Damaged { format: name, reason: "the file ends early".into() });
    }
    let damaged = |error: ImageError| match error {
        ImageError::Unsupported(error) => Error::Damaged { format: name, reason: one_line(&error.to_string()) },
        error => Error::Damaged { format: name, reason: one_line(&error.to_string()) },
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    let mut allowed = DecoderLimits::default();
    // Eight bytes a pixel is 16-bit RGBA; the decoder needs a working copy beside it.
    allowed.max_alloc = Some(limits.pixels.saturating_mul(16));
    reader.limits(allowed);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels {
        return Err(too_large("picture in pixels", pixels, limits.pixels));
    }
    if pixels == 0 {
        return Err(Error::Damaged { format: name, reason: "it has no pixels".into() });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Decoder messages may hold line breaks and dumps of structures; an error is one short line.
fn one_line(message: &str) -> String {
    let plain = message.split(" {").next().unwrap_or_default();
    let mut line = String::new();
    for word in plain.split_whitespace().take_while(|word| word.len() < 60) {
        if line.len() + word.len() > 90 {
            break;
        }
        line.push_str(word);
        line.push(' ');
    }
    line.trim_end_matches([' ', '.', ':']).to_owned()
}

/// Dots an inch of a PNG's `pHYs` chunk, which must stand before the pixels.
fn png_dpi(bytes: &[u8]) -> Option<f32> {
    let mut rest = bytes.get(8..)?;
    loop {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let data = rest.get(8..8 + length)?;
        match rest.get(4..8)? {
            b"IDAT" => return None,
            b"pHYs" if data.get(8) == Some(&1) => {
                return Some(u32::from_be_bytes(data.get(..4)?.try_into().ok()?) as f32 * 0.0254);
            }
            _ => rest = rest.get(12 + length..)?,
        }
    }
}

/// Dots an inch of a JPEG's JFIF header, its first segment.
fn jpeg_dpi(bytes: &[u8]) -> Option<f32> {
    let at = bytes.get(..64.min(bytes.len()))?.windows(5).position(|window| window == b"JFIF\0")?;
    let unit = bytes.get(at + 7)?;
    let density = f32::from(u16::from_be_bytes(bytes.get(at + 8..at + 10)?.try_into().ok()?));
    match unit {
        1 => Some(density),
        2 => Some(density * 2.54),
        _ => None,
    }
}

/// Where the fields of a TIFF are: the classic form, or the one with 64-bit offsets.
struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
    big: bool,
}

impl<'a> Tiff<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let little = bytes.starts_with(b"II");
        let version = bytes.get(if little { 2 } else { 3 })?;
        Some(Self { bytes, little, big: *version == 43 })
    }

    fn number(&self, at: u64, length: usize) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let field = self.bytes.get(at..at.checked_add(length)?)?;
        let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.little { field.iter().rev().fold(0, digit) } else { field.iter().fold(0, digit) })
    }

    /// Place and length of the offset of the first directory.
    const fn first(&self) -> (u64, usize) {
        if self.big { (8, 8) } else { (4, 4) }
    }

    /// Number of entries, where they start, and the length of one.
    fn entries(&self, directory: u64) -> Option<(u64, u64, u64)> {
        let (head, entry) = if self.big { (8, 20) } else { (2, 12) };
        Some((self.number(directory, head)?, directory.checked_add(head as u64)?, entry))
    }

    fn next(&self, directory: u64) -> Option<u64> {
        let (count, start, entry) = self.entries(directory)?;
        self.number(start.checked_add(count.checked_mul(entry)?)?, self.first().1)
    }

    /// Where the value of `tag` stands: in the entry itself, or where it points to.
    fn value_at(&self, directory: u64, tag: u64, inline: bool) -> Option<u64> {
        let (count, start, entry) = self.entries(directory)?;
        let field = (0..count.min(1000)).map(|i| start + i * entry).find(|at| self.number(*at, 2) == Some(tag))?;
        let value = field + entry - self.first().1 as u64;
        // A rational takes eight bytes, which fit the entry of the 64-bit form only.
        if inline || self.big { Some(value) } else { self.number(value, 4) }
    }

    fn dpi(&self, directory: u64) -> Option<f32> {
        let at = self.value_at(directory, 282, false)?;
        let (over, under) = (self.number(at, 4)? as f32, self.number(at + 4, 4)? as f32);
        let unit = self.value_at(directory, 296, true).and_then(|at| self.number(at, 2)).unwrap_or(2);
        let density = over / under;
        match unit {
            2 => Some(density),
            3 => Some(density * 2.54),
            _ => None,
        }
    }

    /// Whether the page is a small copy of another one.
    fn is_thumbnail(&self, directory: u64) -> bool {
        self.value_at(directory, 254, true).and_then(|at| self.number(at, 4)).is_some_and(|kind| kind & 1 == 1)
    }
}

/// Offsets of the directories of a TIFF, one a page.
fn tiff_pages(bytes: &[u8], most: usize) -> Result<Vec<u64>> {
    let damaged = |reason: &str| Error::Damaged { format: "TIFF", reason: reason.into() };
    let tiff = Tiff::open(bytes).ok_or_else(|| damaged("the header is cut short"))?;
    let (place, length) = tiff.first();
    let mut next = tiff.number(place, length).ok_or_else(|| damaged("the header is cut short"))?;
    let mut seen = Vec::new();
    while next != 0 {
        if seen.contains(&next) {
            return Err(damaged("its pages form a loop"));
        }
        if seen.len() >= most {
            return Err(too_large("page count", seen.len() as u64 + 1, most as u64));
        }
        seen.push(next);
        next = tiff.next(next).ok_or_else(|| damaged("the file ends early"))?;
    }
    let pages: Vec<u64> = seen.iter().copied().filter(|page| !tiff.is_thumbnail(*page)).collect();
    if seen.is_empty() { Err(damaged("it has no pages")) } else { Ok(if pages.is_empty() { seen } else { pages }) }
}

/// The same file with `directory` as its first.
fn tiff_starting_at(bytes: &[u8], directory: u64) -> Result<Vec<u8>> {
    let cut = || Error::Damaged { format: "TIFF", reason: "the header is cut short".into() };
    let tiff = Tiff::open(bytes).ok_or_else(cut)?;
    let (place, length) = tiff.first();
    let offset = if tiff.little { directory.to_le_bytes() } else { directory.to_be_bytes() };
    let field = if tiff.little { &offset[..length] } else { &offset[8 - length..] };
    let mut copy = bytes.to_vec();
    copy.get_mut(place as usize..place as usize + length).ok_or_else(cut)?.copy_from_slice(field);
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with the size of the picture it was shown.
    struct Size;

    impl Recognise for Size {
        fn recognise(&mut self, picture: &Picture) -> Result<Layout> {
            let text = format!("{}x{}@{:?}", picture.image.width(), picture.image.height(), picture.dpi);
            let token = crate::document::Token { text, confidence: 1.0, ..Default::default() };
            Ok(Layout { lines: vec![vec![token]], ..Layout::default() })
        }
    }

    fn encode(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_luma8(width, height).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn read_any(bytes: &[u8]) -> Result<Document> {
        read(bytes, crate::ingest::sniff(bytes)?, &Limits::default(), &mut Size)
    }

    /// Two pages one behind the other: the second's offsets are moved, the first's end points to
    /// it.
    fn two_page_tiff() -> Vec<u8> {
        let (mut first, second) = (encode(ImageFormat::Tiff, 20, 10), encode(ImageFormat::Tiff, 30, 40));
        let base = first.len() as u64;
        let tiff = Tiff::open(&second).unwrap();
        let mut moved = second.clone();
        let directory = tiff.number(4, 4).unwrap();
        let (count, start, entry) = tiff.entries(directory).unwrap();
        for at in (0..count).map(|i| start + i * entry) {
            let size = [0, 1, 1, 2, 4, 8][tiff.number(at + 2, 2).unwrap() as usize] * tiff.number(at + 4, 4).unwrap();
            // The strip offset is a place whatever its size; other values are once they do not fit.
            if size > 4 || tiff.number(at, 2) == Some(273) {
                let place = tiff.number(at + 8, 4).unwrap() + base;
                moved[at as usize + 8..at as usize + 12].copy_from_slice(&(place as u32).to_le_bytes());
            }
        }
        let tiff = Tiff::open(&first).unwrap();
        let (count, start, entry) = tiff.entries(tiff.number(4, 4).unwrap()).unwrap();
        let link = (start + count * entry) as usize;
        first[link..link + 4].copy_from_slice(&((directory + base) as u32).to_le_bytes());
        first.extend(moved);
        first
    }

    #[test]
    fn every_format_is_decoded_and_every_page_of_a_tiff() {
        assert_eq!(read_any(&encode(ImageFormat::Png, 20, 10)).unwrap().raw, "20x10@None\n");
        assert_eq!(read_any(&encode(ImageFormat::Jpeg, 20, 10)).unwrap().raw, "20x10@None\n");
        assert_eq!(read_any(&encode(ImageFormat::Tiff, 20, 10)).unwrap().raw, "20x10@None\n");
        let document = read_any(&two_page_tiff()).unwrap();
        assert_eq!(document.raw, "20x10@None\n\u{c}30x40@None\n");
        assert_eq!(document.pages[1].size, Some((30.0, 40.0)));
    }

    #[test]
    fn resolution_is_read_from_the_file() {
        let mut png = encode(ImageFormat::Png, 20, 10);
        // 11811 dots a metre, after the header chunk of 25 bytes.
        let chunk = b"\0\0\0\x09pHYs\0\0\x2e\x23\0\0\x2e\x23\x01\0\0\0\0";
        png.splice(33..33, chunk.iter().copied());
        assert_eq!(png_dpi(&png).map(f32::round), Some(300.0));
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\x01\0\xc8\0\xc8\0\0";
        assert_eq!(jpeg_dpi(jpeg), Some(200.0));
    }

    #[test]
    fn damaged_pictures_are_one_line_errors() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Tiff] {
            let whole = encode(format, 300, 200);
            for cut in [12, whole.len() / 3] {
                let error = read_any(&whole[..cut]).unwrap_err();
                assert!(matches!(error, Error::Damaged { .. }), "{format:?} {cut}: {error}");
                assert!(!error.to_string().contains('\n'));
            }
        }
        let mut looped = encode(ImageFormat::Tiff, 20, 10);
        let tiff = Tiff::open(&looped).unwrap();
        let directory = tiff.number(4, 4).unwrap();
        let (count, start, entry) = tiff.entries(directory).unwrap();
        let link = (start + count * entry) as usize;
        looped[link..link + 4].copy_from_slice(&(directory as u32).to_le_bytes());
        assert!(read_any(&looped).unwrap_err().to_string().contains("loop"));
    }

    /// 60 000 by 60 000 pixels would take 3.6 GB.
    #[test]
    fn a_huge_picture_is_refused_by_its_header() {
        let mut png = encode(ImageFormat::Png, 20, 10);
        png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let sum = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&sum.to_be_bytes());
        assert!(matches!(read_any(&png), Err(Error::TooLarge { .. })), "{:?}", read_any(&png));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
        })
    }
}
