//! The integration tests: one binary, this table of contents.

mod ingest; // files of every kind into documents; the worker that opens them
