//! Tests of the program as a whole. This file is their table of contents.

/// Records made in code, for the tests below.
mod build;
/// The graph in the forms that other programs read.
mod export;
/// How well mentions are led to the right documents.
mod quality;
/// What is put into a store comes back, and questions about it are answered.
mod store;
/// A made-up world of documents with the truth known; the benches use it too.
mod synth;
