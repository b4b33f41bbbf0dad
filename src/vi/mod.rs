//! Vietnamese as such: letters and syllables. No files, no models, no documents.

pub mod encoding;
pub mod fold;
pub mod syllable;
pub mod tone;
