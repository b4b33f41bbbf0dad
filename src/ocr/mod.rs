//! Pictures of pages into placed words.
//!
//! [`prepare`] makes a picture easier to read with what `ground` knows of its paper, `paper` takes off
//! what is no text of it, `tesseract` reads it, more than once where `choose` finds the reading
//! doubtful, `doubts` keeps what else its letters could be, and [`lines`](crate::lines) brings the
//! words into reading order; `reread` then reads numbers and dates a second time. Only `library` calls the engine's C functions, which it looks for when the
//! first page is read. Without the feature `ocr` there is
//! a stub whose every answer is [`Error::NoOcr`](crate::Error::NoOcr).

#[cfg(feature = "ocr")]
mod choose;
#[cfg(feature = "ocr")]
mod doubts;
#[cfg(feature = "ocr")]
mod ground;
#[cfg(feature = "ocr")]
mod hocr;
#[cfg(feature = "ocr")]
mod library;
#[cfg(feature = "ocr")]
mod paper;
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
