//! How good is it? Results against annotations: counts, rates, and what was missed.
//!
//! The annotations are JSON lines, one document a line, beside a folder of texts. Measuring knows
//! the record only, never how a stage came to it.

pub mod content;
pub mod header;
pub mod syllables;
