//! The model file: a header, a table of sections, and arrays that are read where they lie.
//!
//! ```text
//! magic 8 | version u32 | section count u32 | digest of the inputs 32 | (offset u64, length u64) each | sections
//! ```
//!
//! All numbers are little-endian. Opening checks the header and the borders of the sections and
//! touches nothing else, so that it costs the same whatever the size. A damaged array gives wrong
//! figures, never a panic: every access is checked.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use crate::error::{Error, Result};

/// First bytes of every model file.
const MAGIC: [u8; 8] = *b"VANBANLM";
/// Raised when the meaning of a section changes.
const VERSION: u32 = 1;
const HEAD: usize = 8 + 4 + 4 + 32;

/// The sections, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Section {
    /// What the model was made from, as text.
    Origin,
    /// Where each word starts in [`Section::Letters`], `u32`, one more than there are words.
    Starts,
    /// The words, end to end.
    Letters,
    /// The entry of each word.
    Entries,
    /// Hash table from word to id, `u16`.
    Index,
    /// First child of each node of the tree of words, `u32`, one more than there are nodes.
    Children,
    /// Letter of each node, an index into [`Section::Alphabet`].
    Labels,
    /// Word that ends at each node, `u16`, 0 for none.
    Ends,
    /// The letters of words, `u32` code points.
    Alphabet,
    /// The table of pairs and triples.
    Grams,
    /// The table of the longest n-grams.
    Longest,
}

pub(super) const SECTIONS: usize = 11;

/// The bytes of a model, compiled in or mapped.
#[derive(Debug)]
enum Bytes {
    Static(&'static [u8]),
    Mapped(memmap2::Mmap),
}

/// An opened model file.
#[derive(Debug)]
pub(super) struct ModelFile {
    bytes: Bytes,
    sections: [Range<usize>; SECTIONS],
    digest: [u8; 32],
}

impl ModelFile {
    /// Reads a model that lies in memory.
    pub(super) fn from_static(bytes: &'static [u8]) -> Result<Self> {
        Self::check(Bytes::Static(bytes))
    }

    /// Maps the file at `path`.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        Self::check(Bytes::Mapped(map(&file).map_err(Error::io(path))?))
    }

    fn check(bytes: Bytes) -> Result<Self> {
        let all = bytes.all();
        let damaged = |reason: &str| Error::Model(reason.to_owned());
        if all.get(..8) != Some(&MAGIC) {
            return Err(damaged("this is not a model file"));
        }
        let number = |at: usize| all.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
        if number(8) != Some(VERSION) {
            return Err(damaged("the file is of another version of the format; train it again"));
        }
        if number(12) != Some(SECTIONS as u32) {
            return Err(damaged("the header is damaged"));
        }
        let digest = all.get(16..HEAD).and_then(|digest| digest.try_into().ok());
        let digest = digest.ok_or_else(|| damaged("the file is cut short"))?;
        let mut sections: [Range<usize>; SECTIONS] = std::array::from_fn(|_| 0..0);
        for (index, section) in sections.iter_mut().enumerate() {
            let at = HEAD + index * 16;
            let eight = |at: usize| {
                let number = all.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)?;
                usize::try_from(number).ok()
            };
            let range =
                eight(at).zip(eight(at + 8)).and_then(|(start, length)| Some(start..start.checked_add(length)?));
            *section = range
                .filter(|range| all.get(range.clone()).is_some())
                .ok_or_else(|| damaged("the file is cut short or its table of sections is damaged"))?;
        }
        Ok(Self { bytes, sections, digest })
    }

    /// The bytes of one section.
    pub(super) fn section(&self, section: Section) -> &[u8] {
        &self.bytes.all()[self.sections[section as usize].clone()]
    }

    /// BLAKE3 digest of the texts that the model was trained on.
    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Size of the whole file in bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes.all().len()
    }
}

impl Bytes {
    fn all(&self) -> &[u8] {
        match self {
            Self::Static(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<memmap2::Mmap> {
    // SAFETY: the map is private and read-only, and nothing read from it is trusted: numbers are
    // taken byte by byte with checked access and no reference to a typed value is ever made. Were
    // another process to change the file meanwhile, figures would be wrong; were it to cut the
    // file short, the system would stop the program, as for every program that maps files.
    unsafe { memmap2::Mmap::map(file) }
}

/// The bytes of a file with these sections.
pub(super) fn write(digest: [u8; 32], sections: [Vec<u8>; SECTIONS]) -> Vec<u8> {
    let mut table = Vec::with_capacity(SECTIONS * 16);
    // Sections start on cache lines, so that a bucket of n-grams is one line.
    let align = |offset: usize| offset.next_multiple_of(64);
    let mut offset = align(HEAD + SECTIONS * 16);
    for section in &sections {
        table.extend((offset as u64).to_le_bytes());
        table.extend((section.len() as u64).to_le_bytes());
        offset = align(offset + section.len());
    }
    let mut out = Vec::with_capacity(offset);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend((SECTIONS as u32).to_le_bytes());
    out.extend(digest);
    out.extend(table);
    for section in sections {
        out.resize(align(out.len()), 0);
        out.extend(section);
    }
    out
}

/// The `index`-th `u16` of an array.
pub(super) fn u16_at(bytes: &[u8], index: usize) -> Option<u16> {
    let two = bytes.get(index * 2..index * 2 + 2)?;
    Some(u16::from_le_bytes([two[0], two[1]]))
}

/// The `index`-th `u32` of an array.
pub(super) fn u32_at(bytes: &[u8], index: usize) -> Option<u32> {
    let four = bytes.get(index * 4..index * 4 + 4)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
