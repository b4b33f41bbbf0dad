//! Tests of the program as a whole. This file is their table of contents.

/// Records made in code, for the tests below.
mod build;
/// The graph in the forms that other programs read.
mod export;
/// What is put into a store comes back, and questions about it are answered.
mod store;
