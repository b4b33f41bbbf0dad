//! Pictures of pages into placed words.
//!
//! [`prepare`] makes a picture easier to read, `tesseract` reads it, `doubts` keeps what else its
//! letters could be, [`lines`](crate::lines) brings the words into reading order, and `reread` reads
//! numbers and dates a second time. Only `library` calls the engine's
//! C functions, which it looks for when the first page is read. Without the feature `ocr` there is
//! a stub whose every answer is [`Error::NoOcr`](crate::Error::NoOcr).

#[cfg(feature = "ocr")]
mod doubts;
#[cfg(feature = "ocr")]
mod hocr;
#[cfg(feature = "ocr")]
mod library;
#[cfg(feature = "ocr")]
mod prepare;
#[cfg(feature = "ocr")]
mod reread;
#[cfg(feature = "ocr")]
mod tesseract;
#[cfg(not(feature = "ocr"))]
#[path = "none.rs"]
mod tesseract;

pub use self::tesseract::Engine;
