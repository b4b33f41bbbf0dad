//! What each page of a file looks like, for outputs that show it.
//!
//! A scanned page comes as it is in the file, pixel for pixel; any other page of a PDF is drawn.
//! Pages in black and white are packed without loss, all others as JPEG.

use std::io::Write;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage};

use super::{check_size, pdf};
use crate::document::{Format, Layout, Limits, PagePicture, Picture, Recognise, Rect};
use crate::error::{Error, Result};

/// Quality of JPEG, of 100: nothing is seen of it at reading size.
const QUALITY: u8 = 85;

/// Hands the picture of each page of a file on, in order.
pub fn pictures(bytes: &[u8], limits: &Limits, passwords: &[String], each: &mut dyn FnMut(PagePicture)) -> Result<()> {
    check_size(bytes, limits)?;
    let mut failed = None;
    let mut pass =
        |page: u32, size: Option<(f32, f32)>, at: (f32, f32), picture: &Picture| match pack(page, size, at, picture) {
            Ok(packed) => each(packed),
            Err(error) => failed = failed.take().or(Some(error)),
        };
    match super::sniff(bytes)? {
        Format::Pdf => pdf::pictures(bytes, limits, passwords, &mut |page, size, at, picture| {
            pass(page, Some(size), at, picture);
        })?,
        Format::Txt | Format::Html => {
            return Err(Error::NotADocument("it has no pages that could be shown".into()));
        }
        // A picture file hands its pages to whoever reads them.
        _ => drop(super::read(bytes, limits, &mut Capture { page: 0, pass: &mut pass })?),
    }
    failed.map_or(Ok(()), Err)
}

/// Takes a page's number, its size where it is known, where its picture stands, and the picture.
type Pass<'a> = dyn FnMut(u32, Option<(f32, f32)>, (f32, f32), &Picture) + 'a;

/// Takes the pictures instead of reading them.
struct Capture<'a> {
    page: u32,
    pass: &'a mut Pass<'a>,
}

impl Recognise for Capture<'_> {
    fn recognise(&mut self, picture: &Picture) -> Result<Layout> {
        self.page += 1;
        (self.pass)(self.page, None, (0.0, 0.0), picture);
        Ok(Layout::default())
    }
}

fn pack(page: u32, size: Option<(f32, f32)>, (x, y): (f32, f32), picture: &Picture) -> Result<PagePicture> {
    let (width, height) = (picture.image.width(), picture.image.height());
    let (wide, high) = (width as f32 * picture.scale, height as f32 * picture.scale);
    let broken = |error: &dyn std::fmt::Display| Error::Reader(format!("a page picture could not be packed: {error}"));
    let gray = match &picture.image {
        DynamicImage::ImageLuma8(gray) => Some(gray.clone()),
        DynamicImage::ImageLuma16(_) | DynamicImage::ImageLumaA8(_) => Some(picture.image.to_luma8()),
        _ => None,
    };
    let black_and_white = gray.as_ref().is_some_and(|gray| gray.pixels().all(|pixel| matches!(pixel.0[0], 0 | 255)));
    let mut data = Vec::new();
    match &gray {
        Some(gray) if black_and_white => {
            let mut zlib = flate2::write::ZlibEncoder::new(&mut data, flate2::Compression::best());
            zlib.write_all(&bits(gray)).and_then(|()| zlib.finish().map(drop)).map_err(|error| broken(&error))?;
        }
        Some(gray) => {
            JpegEncoder::new_with_quality(&mut data, QUALITY).encode_image(gray).map_err(|error| broken(&error))?;
        }
        None => JpegEncoder::new_with_quality(&mut data, QUALITY)
            .encode_image(&picture.image.to_rgb8())
            .map_err(|error| broken(&error))?,
    }
    Ok(PagePicture {
        page,
        size: size.unwrap_or((wide, high)),
        dpi: picture.dpi,
        area: Rect { x0: x, y0: y, x1: x + wide, y1: y + high },
        width,
        height,
        gray: gray.is_some(),
        bits: if black_and_white { 1 } else { 8 },
        jpeg: !black_and_white,
        data,
    })
}

/// Eight pixels a byte, rows padded, white as 1.
fn bits(gray: &GrayImage) -> Vec<u8> {
    let mut packed = Vec::with_capacity((gray.width() as usize).div_ceil(8) * gray.height() as usize);
    for row in gray.rows() {
        let row: Vec<bool> = row.map(|pixel| pixel.0[0] != 0).collect();
        packed.extend(
            row.chunks(8).map(|eight| {
                eight.iter().enumerate().fold(0_u8, |byte, (at, white)| byte | u8::from(*white) << (7 - at))
            }),
        );
    }
    packed
}
