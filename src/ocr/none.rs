//! What stands in for the engine in a build without the feature `ocr`.

use crate::document::{Layout, Picture, Recognise};
use crate::error::{Error, Result};

/// An OCR engine that this build does not have.
#[derive(Debug)]
pub struct Engine(());

impl Engine {
    /// Always [`Error::NoOcr`].
    pub fn new(_language: &str) -> Result<Self> {
        Err(Error::NoOcr("this program was built without it".into()))
    }

    /// The same.
    #[must_use]
    pub fn once(self, _once: bool) -> Self {
        self
    }

    /// Of no engine; there is none to ask.
    pub fn version(&self) -> String {
        String::new()
    }
}

impl Recognise for Engine {
    fn recognise(&mut self, _picture: &Picture) -> Result<Layout> {
        Err(Error::NoOcr("this program was built without it".into()))
    }
}
