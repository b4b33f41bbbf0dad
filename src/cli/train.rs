//! `vanban train` and `vanban eval`: learning, and how well it went.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Global, Train};
use super::output::{complain, emit};
use super::{load_model, print, said};
use vanban::Result;
use vanban::document::{self, Digest, Format};
use vanban::facts::Facts;
use vanban::pipeline;

/// Measures records of the texts in `docs` against the annotations in `gold`.
pub(super) fn eval(global: &Global, gold: &Path, docs: &Path) -> Result<u8> {
    let model = load_model(global)?;
    let read = |text: &str| {
        let document = document::from_text(Digest::of(text.as_bytes()), Format::Txt, text.to_owned());
        pipeline::interpret(&document, &model, Facts::builtin())
    };
    let report = vanban::eval::run(gold, docs, &read)?;
    if global.json { print(&report) } else { said(emit(&report.to_string())) }
}
