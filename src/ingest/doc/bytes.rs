//! Numbers of a binary file, little-endian; none beyond its end.

pub(super) fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

pub(super) fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

pub(super) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// UTF-16 text of `count` units.
pub(super) fn wide(bytes: &[u8], at: usize, count: usize) -> Option<Vec<u16>> {
    let part = bytes.get(at..at.checked_add(count.checked_mul(2)?)?)?;
    Some(part.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect())
}
