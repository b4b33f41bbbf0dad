//! Vietnamese as such: letters, their old encodings, syllables. No files, no models, no documents.

pub mod encoding;
pub mod fold;
pub mod syllable;
pub mod tone;
