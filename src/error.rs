//! What can stop a document, a store or a run. What is merely odd about a document is a
//! [`Note`](crate::text::Note) beside the result instead.

use std::path::PathBuf;

/// The library's one error type. Its messages are one line each and never end in a full stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are of a kind that is recognised but that this version does not read.
    #[error("{0} files are not supported yet")]
    Unsupported(&'static str),
    /// The bytes are not a document of any known kind.
    #[error("not a document: {0}")]
    NotADocument(String),
    /// The file is of a known kind but damaged.
    #[error("damaged {format}: {reason}")]
    Damaged {
        /// The kind of file, as a person calls it ("PDF", "PNG").
        format: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The file needs a password.
    #[error("encrypted PDF: {}", if *tried == 0 { "a password is needed to open it" } else { "no password given opens it" })]
    Encrypted {
        /// How many passwords were tried.
        tried: usize,
    },
    /// A file of another kind needs a password.
    #[error("encrypted {0}: a password is needed to open it")]
    Locked(&'static str),
    /// The input is larger than a limit of [`Limits`](crate::document::Limits).
    #[error("{what} is {size}, over the limit of {limit}")]
    TooLarge {
        /// What was measured ("file", "picture", "page count").
        what: &'static str,
        /// Its size, with the unit.
        size: String,
        /// The limit, with the unit.
        limit: String,
    },
    /// A page picture could not be read because the OCR engine or its language data is missing.
    #[error("OCR is not available: {0}")]
    NoOcr(String),
    /// The OCR engine failed on a page.
    #[error("OCR failed: {0}")]
    Ocr(String),
    /// The worker process that was reading the file died or was stopped.
    #[error("the reader stopped on this file: {0}")]
    Worker(String),
    /// The worker process gave this message; which kind of error it was is not kept.
    #[error("{0}")]
    Reader(String),
    /// A language model file is missing, damaged or of another version.
    #[error("language model: {0}")]
    Model(String),
    /// A table under `dictionaries/` does not have the shape that its reader expects.
    #[error("table {table}, line {line}: {reason}")]
    Table {
        /// File name of the table.
        table: &'static str,
        /// One-based line.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The store could not be opened, read or written.
    #[error("store: {0}")]
    Store(String),
    /// Any of the others, with the file that it happened in.
    #[error("{}: {error}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What happened.
        error: Box<Error>,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// [`std::result::Result`] with the library's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An [`Error::Io`] for `path`, made for use with `map_err`.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

impl Error {
    /// The same error with the file's name before it, unless it names one already.
    #[must_use]
    pub fn in_file(self, path: impl Into<PathBuf>) -> Self {
        match self {
            Self::Io { .. } | Self::InFile { .. } => self,
            error => Self::InFile { path: path.into(), error: Box::new(error) },
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.to_string())
    }
}
