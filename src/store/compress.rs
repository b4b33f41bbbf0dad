//! Texts and records in as few bytes as is quick.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

use crate::error::{Error, Result};

/// Names and values that every record has, so that a small one need not spell them out. A change
/// makes old rows unreadable: add a second one and a format byte instead.
const RECORD_DICTIONARY: &[u8] = include_bytes!("record.dict");

/// Longest text or record that will be unpacked: four times the longest text that is let in.
const LONGEST: usize = 1 << 30;

/// What is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Record,
}

const LEVEL: i32 = 3;

thread_local! {
    static RECORDS: RefCell<Option<(Compressor<'static>, Decompressor<'static>)>> = const { RefCell::new(None) };
}

/// Packs `bytes`: four bytes of length, then a zstd frame.
pub(super) fn pack(kind: Kind, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = u32::try_from(bytes.len()).map_err(|_| failed("too long to store"))?.to_le_bytes().to_vec();
    let packed = match kind {
        Kind::Text => zstd::bulk::compress(bytes, LEVEL),
        Kind::Record => with_records(|compressor, _| compressor.compress(bytes)),
    };
    out.extend(packed.map_err(failed)?);
    Ok(out)
}

/// Undoes [`pack`].
pub(super) fn unpack(kind: Kind, packed: &[u8]) -> Result<Vec<u8>> {
    let (length, frame) = packed.split_first_chunk::<4>().ok_or_else(|| failed("cut short"))?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > LONGEST {
        return Err(failed("longer than any document"));
    }
    match kind {
        Kind::Text => zstd::bulk::decompress(frame, length),
        Kind::Record => with_records(|_, decompressor| decompressor.decompress(frame, length)),
    }
    .map_err(failed)
}

/// Loading a dictionary costs more than packing a record, so each thread does it once.
fn with_records<T>(
    work: impl FnOnce(&mut Compressor<'static>, &mut Decompressor<'static>) -> std::io::Result<T>,
) -> std::io::Result<T> {
    RECORDS.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Some((
                Compressor::with_dictionary(LEVEL, RECORD_DICTIONARY)?,
                Decompressor::with_dictionary(RECORD_DICTIONARY)?,
            ));
        }
        let Some((compressor, decompressor)) = slot else { return Err(std::io::Error::other("no dictionary")) };
        work(compressor, decompressor)
    })
}

fn failed(reason: impl std::fmt::Display) -> Error {
    Error::Store(format!("stored document: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        for kind in [Kind::Text, Kind::Record] {
            for bytes in [&b""[..], b"K\xe1\xba\xbf ho\xe1\xba\xa1ch", &vec![7; 100_000]] {
                assert_eq!(unpack(kind, &pack(kind, bytes).expect("packs")).expect("unpacks"), bytes);
            }
        }
        assert!(unpack(Kind::Text, b"x").is_err());
        assert!(unpack(Kind::Text, &u32::MAX.to_le_bytes()).is_err());
    }
}
