//! The parts of a file that is a ZIP package inside (DOCX, ODT, XLSX), unpacked within limits.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::document::Limits;
use crate::error::{Error, Result};
use crate::ingest::too_large;

/// A package and how much may still be unpacked from it.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    format: &'static str,
    left: u64,
    limit: u64,
}

impl<'a> Package<'a> {
    /// Opens a package; `format` names it in errors.
    pub(super) fn open(bytes: &'a [u8], format: &'static str, limits: &Limits) -> Result<Self> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(format, &error))?;
        if archive.len() > limits.members.saturating_mul(10) {
            return Err(too_large("member count", archive.len() as u64, limits.members as u64 * 10));
        }
        let limit = limits.unpacked_bytes;
        Ok(Self { archive, format, left: limit, limit })
    }

    /// Names of the parts.
    pub(super) fn names(&self) -> Vec<String> {
        self.archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect()
    }

    /// The bytes of a part; none if it is not there.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(index) = self.archive.index_for_name(name) else { return Ok(None) };
        let file = self.archive.by_index(index).map_err(|error| damaged(self.format, &error))?;
        let bytes = read_bounded(file, self.left, self.limit, self.format)?;
        self.left -= bytes.len() as u64;
        Ok(Some(bytes))
    }
}

/// Reads all that `from` gives, if that is no more than `left` bytes. The size that a member states
/// of itself is not believed.
pub(super) fn read_bounded(from: impl Read, left: u64, limit: u64, format: &'static str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(left.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Error::Damaged { format, reason: format!("a part cannot be unpacked: {error}") })?;
    if bytes.len() as u64 > left {
        return Err(too_large("unpacked file", limit.saturating_add(1), limit));
    }
    Ok(bytes)
}

/// The library's error as ours.
pub(super) fn damaged(format: &'static str, error: &ZipError) -> Error {
    match error {
        ZipError::InvalidPassword => Error::Locked(format),
        ZipError::UnsupportedArchive(reason) if reason.contains("assword") => Error::Locked(format),
        error => Error::Damaged { format, reason: error.to_string() },
    }
}
