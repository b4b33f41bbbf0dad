//! The integration tests: one binary, this table of contents.

mod archive; // the store as a file: killed runs, older and foreign files, other readers
mod build; // records made in code, for the store and the exports
mod cases; // documents with the fields expected of them, one folder each
mod cli; // the program's commands, their output and exit codes
mod encodings; // files and lines in the encodings before Unicode
mod export; // graphs that other programs open
mod formats; // office files, mails, archives, envelopes
mod import; // files in, hostile ones among them; what a killed run leaves
mod ingest; // each kind of file, good and bad
mod layers; // who may know whom
mod pages; // what people see, as snapshots
mod pdf; // layers of PDF pages, fonts, signatures, locks, and the forms of archives
mod quality; // how well mentions are led to the right documents
mod samples; // the user's two documents, from file to graph
mod store; // what is kept, and questions to it
mod synth; // a made-up world of documents with the truth known; the benches use it too
mod train; // channels learnt from pairs of lines
