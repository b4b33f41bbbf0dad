//! Reads Vietnamese administrative documents the way a clerk would.
//!
//! The flow is one way, each arrow a plain function, and nothing to the right is known to
//! anything on its left:
//!
//! ```text
//!  bytes ─ingest/ocr─▶ Document ─repair─▶ Text ─parse─▶ Parsed ─resolve─▶ Graph
//! ```
//!
//! See ARCHITECTURE.md for the modules, the invariants and why they are as they are.

#[cfg(feature = "ocr")]
mod digits;
pub mod document;
pub mod error;
pub mod eval;
pub mod export;
pub mod facts;
pub mod ingest;
pub mod key;
mod lines;
pub mod model;
pub mod ocr;
pub mod parse;
pub mod pipeline;
pub mod record;
pub mod repair;
pub mod resolve;
pub mod store;
pub mod table;
pub mod text;
pub mod vi;
pub mod witness;
pub mod worker;

pub use error::{Error, Result};
