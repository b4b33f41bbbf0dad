//! Files that hold files: ZIP and 7z archives, mails, envelopes. Each member is a document of its own.
//!
//! Members are unpacked into memory one at a time, within the limits of the whole file, and never
//! written anywhere; their names serve to say where a document was found and nothing else. A member
//! that cannot be read is that member's error, and the next one is read.

use std::io::{Cursor, Read};

use sevenz_rust2::{ArchiveReader, Password};
use zip::ZipArchive;

use super::package::{damaged, read_bounded};
use super::{Member, edxml, mail, read, sniff, too_large};
use crate::document::{Declared, Digest, Format, Limits, Recognise, Within};
use crate::error::{Error, Result};

/// What reading a file inside another needs.
pub(super) struct Inside<'a> {
    pub(super) limits: &'a Limits,
    pub(super) ocr: &'a mut dyn Recognise,
    pub(super) each: &'a mut dyn FnMut(Member),
    /// How many bytes may still be unpacked.
    pub(super) left: &'a mut u64,
}

/// A file inside another, unpacked.
pub(super) struct Unpacked {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) declared: Vec<Declared>,
}

/// Reads one file, whatever it is, and hands on what is in it. `path` is its name inside the outermost
/// file, `within` the file that it lies in.
pub(super) fn read_file(bytes: &[u8], inside: &mut Inside<'_>, path: &str, within: Option<Within>, depth: usize) {
    let give = |inside: &mut Inside<'_>, document| (inside.each)(Member { path: path.to_owned(), document });
    if bytes.len() as u64 > inside.limits.file_bytes {
        return give(inside, Err(too_large("file", bytes.len() as u64, inside.limits.file_bytes)));
    }
    let format = match sniff(bytes) {
        Ok(format) => format,
        Err(error) => return give(inside, Err(error)),
    };
    let holds = matches!(format, Format::Zip | Format::SevenZip | Format::Eml | Format::Edxml);
    if holds && depth >= inside.limits.depth {
        return give(inside, Err(too_large("archive depth", depth as u64 + 1, inside.limits.depth as u64)));
    }
    // The mail's own text comes before what is attached.
    if !holds || format == Format::Eml {
        let document = read(bytes, inside.limits, inside.ocr).map(|mut document| {
            document.within = within;
            document
        });
        give(inside, document);
    }
    if !holds {
        return;
    }
    let outer = Digest::of(bytes);
    let mut count = 0;
    let mut member = |unpacked: Result<Unpacked>, inside: &mut Inside<'_>| {
        count += 1;
        let file = match unpacked {
            Ok(file) => file,
            Err(error) => return give(inside, Err(error)),
        };
        let name = safe_name(&file.name, count);
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        let within = Within { digest: outer, format, name };
        if file.declared.is_empty() {
            return read_file(&file.bytes, inside, &path, Some(within), depth + 1);
        }
        // What the envelope says goes with each document in it.
        let Inside { limits, ocr, each, left } = inside;
        let mut declare = |mut member: Member| {
            if let Ok(document) = &mut member.document {
                document.declared.clone_from(&file.declared);
            }
            each(member);
        };
        let mut inner = Inside { limits, ocr: *ocr, each: &mut declare, left };
        read_file(&file.bytes, &mut inner, &path, Some(within), depth + 1);
    };
    let done = match format {
        Format::Zip => zip_members(bytes, inside, &mut member),
        Format::SevenZip => seven_members(bytes, inside, &mut member),
        Format::Eml => mail::attachments(bytes, inside, &mut member),
        _ => edxml::attachments(bytes, inside, &mut member),
    };
    match done {
        Err(error) => give(inside, Err(error)),
        Ok(()) if count == 0 && format != Format::Eml => {
            give(inside, Err(Error::NotADocument(format!("{} without a file in it", format.name()))));
        }
        Ok(()) => {}
    }
}

/// Takes a file that was unpacked, or the reason why one could not be.
pub(super) type Take<'a> = dyn FnMut(Result<Unpacked>, &mut Inside<'_>) + 'a;

fn zip_members(bytes: &[u8], inside: &mut Inside<'_>, take: &mut Take<'_>) -> Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged("ZIP", &error))?;
    if archive.len() > inside.limits.members {
        return Err(too_large("member count", archive.len() as u64, inside.limits.members as u64));
    }
    let mut locked = false;
    for index in 0..archive.len() {
        let file = match archive.by_index(index) {
            Ok(file) => file,
            Err(error) => {
                let error = damaged("ZIP", &error);
                // One password for all: it is said once.
                if !(matches!(error, Error::Locked(_)) && std::mem::replace(&mut locked, true)) {
                    take(Err(error), inside);
                }
                continue;
            }
        };
        let name = match std::str::from_utf8(file.name_raw()) {
            Ok(name) => name.to_owned(),
            Err(_) => file.name().map(std::borrow::Cow::into_owned).unwrap_or_default(),
        };
        if file.is_dir() || is_litter(&name) || file.size() == 0 && file.compressed_size() == 0 {
            continue;
        }
        unpack(file, name, inside, take)?;
    }
    Ok(())
}

/// Unpacks one member and hands it on. An error is one that ends the whole archive.
fn unpack(from: impl Read, name: String, inside: &mut Inside<'_>, take: &mut Take<'_>) -> Result<()> {
    match read_bounded(from, *inside.left, inside.limits.unpacked_bytes, "archive") {
        Ok(bytes) => {
            *inside.left -= bytes.len() as u64;
            take(Ok(Unpacked { name, bytes, declared: Vec::new() }), inside);
            Ok(())
        }
        Err(error @ Error::TooLarge { .. }) => Err(error),
        Err(error) => {
            take(Err(error), inside);
            Ok(())
        }
    }
}

fn seven_members(bytes: &[u8], inside: &mut Inside<'_>, take: &mut Take<'_>) -> Result<()> {
    let damaged = |error: &sevenz_rust2::Error| match error {
        sevenz_rust2::Error::PasswordRequired | sevenz_rust2::Error::MaybeBadPassword(_) => Error::Locked("7z"),
        sevenz_rust2::Error::UnsupportedCompressionMethod(method) if method.to_uppercase().contains("AES") => {
            Error::Locked("7z")
        }
        error => Error::Damaged { format: "7z", reason: error.to_string().lines().next().unwrap_or_default().into() },
    };
    let mut archive = ArchiveReader::new(Cursor::new(bytes), Password::empty()).map_err(|error| damaged(&error))?;
    let count = archive.archive().files.len();
    if count > inside.limits.members {
        return Err(too_large("member count", count as u64, inside.limits.members as u64));
    }
    let mut stopped = None;
    let done = archive.for_each_entries(|entry, from| {
        let name = entry.name().to_owned();
        if entry.is_directory() || !entry.has_stream() || is_litter(&name) {
            // The next file of the block begins where this one ends.
            std::io::copy(&mut from.take(inside.limits.unpacked_bytes), &mut std::io::sink())?;
            return Ok(true);
        }
        stopped = unpack(from, name, inside, take).err();
        Ok(stopped.is_none())
    });
    match (stopped, done) {
        (Some(error), _) => Err(error),
        (None, done) => done.map_err(|error| damaged(&error)),
    }
}

/// What systems put into archives beside the files that people put there.
fn is_litter(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.starts_with("__MACOSX/")
        || file.starts_with('.')
        || file.eq_ignore_ascii_case("thumbs.db")
        || file.eq_ignore_ascii_case("desktop.ini")
        || file.starts_with("~$")
}

/// A name to show: no way out of a folder, no control characters, of bounded length.
fn safe_name(name: &str, count: usize) -> String {
    let plain: String = name.chars().map(|c| if c == '\\' { '/' } else { c }).filter(|c| !c.is_control()).collect();
    let parts: Vec<&str> = plain.split('/').map(str::trim).filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let whole: String = parts.join("/").chars().take(400).collect();
    if whole.is_empty() { format!("member {count}") } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere() {
        let cases = [
            ("../../etc/passwd", "etc/passwd"),
            ("C:\\Temp\\..\\kế hoạch.docx", "C:/Temp/kế hoạch.docx"),
            ("/a//./b\u{0}.txt", "a/b.txt"),
            ("..", "member 7"),
        ];
        for (name, safe) in cases {
            assert_eq!(safe_name(name, 7), safe);
        }
    }
}
