//! The integration tests: one binary, this table of contents.

mod cases; // whole texts under fixtures/, and what must be read from them
