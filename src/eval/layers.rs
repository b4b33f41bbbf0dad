//! Is each page of a PDF read from the layer that is right? Choices against labels.
//!
//! A folder holds PDFs, `labels.tsv` (file, page, layer, class) and the text of each page as
//! `FILE.PAGE.txt`; `corpus/tools/layers.py` makes one.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::document::{Document, Layer};
use crate::error::{Error, Result};

/// Choices of one class of pages.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// The class.
    pub class: String,
    /// Its pages.
    pub pages: usize,
    /// Pages read from the right layer.
    pub right: usize,
    /// Characters of the truth, of pages whose text is given.
    pub characters: usize,
    /// Characters wrong, missing or added in what was read, before repair.
    pub wrong: usize,
}

/// What was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LayerReport {
    /// By class, in the order of the labels.
    pub rows: Vec<Row>,
    /// Pages read from another layer, with the reason that was given.
    pub misses: Vec<String>,
}

/// Reads every labelled file of `folder` with `read` and counts.
pub fn measure(folder: &Path, read: &mut dyn FnMut(&Path) -> Result<Document>) -> Result<LayerReport> {
    let path = folder.join("labels.tsv");
    let labels = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
    let mut report = LayerReport::default();
    let mut last: Option<(String, Result<Document>)> = None;
    for (number, line) in labels.lines().enumerate().skip(1) {
        let wrong = |reason: &str| Error::NotADocument(format!("{}, line {}: {reason}", path.display(), number + 1));
        let cells: Vec<&str> = line.split('\t').collect();
        let &[file, page, layer, class] = cells.as_slice() else { return Err(wrong("not four columns")) };
        let page: usize = page.parse().ok().filter(|page| *page > 0).ok_or_else(|| wrong("no page number"))?;
        let layer: Layer = serde_json::from_value(layer.into()).map_err(|_| wrong("a layer that is none"))?;
        if last.as_ref().is_none_or(|(name, _)| name != file) {
            last = Some((file.into(), read(&folder.join(file))));
        }
        let at = report.rows.iter().position(|row| row.class == class).unwrap_or_else(|| {
            report.rows.push(Row { class: class.into(), ..Row::default() });
            report.rows.len() - 1
        });
        let row = &mut report.rows[at];
        row.pages += 1;
        let read = match &last {
            Some((_, Ok(document))) => {
                document.pages.get(page - 1).map(|page| (document, page)).ok_or("no such page".into())
            }
            Some((_, Err(error))) => Err(error.to_string()),
            None => Err(String::new()),
        };
        match read {
            Ok((document, found)) => {
                if found.layer == layer {
                    row.right += 1;
                } else {
                    let reason = found.judged.as_ref().map_or("", |judged| judged.reason.as_str());
                    report
                        .misses
                        .push(format!("{file}, page {page}: {layer:?} is right, {:?} chosen: {reason}", found.layer));
                }
                // Text in an old encoding is decoded later.
                let coded = found.judged.as_ref().is_some_and(|judged| judged.encoding.is_some());
                if let Ok(truth) = std::fs::read_to_string(folder.join(format!("{file}.{page}.txt")))
                    && !coded
                {
                    let (truth, read) = (plain(&truth), plain(found.span.of(&document.raw)));
                    row.characters += truth.chars().count();
                    row.wrong += strsim::levenshtein(&truth, &read);
                }
            }
            Err(reason) => report.misses.push(format!("{file}, page {page}: {layer:?} is right, not read: {reason}")),
        }
    }
    Ok(report)
}

/// The words with one space between them.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Display for LayerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<18} {:>5} {:>7} {:>18}", "class", "pages", "layer", "characters wrong")?;
        let (mut pages, mut right) = (0, 0);
        for row in &self.rows {
            (pages, right) = (pages + row.pages, right + row.right);
            let wrong = row.wrong as f32 / row.characters.max(1) as f32 * 100.0;
            let wrong = if row.characters == 0 { String::new() } else { format!("{wrong:.2} %") };
            writeln!(
                f,
                "{:<18} {:>5} {:>7} {wrong:>18}",
                row.class,
                row.pages,
                format!("{}/{}", row.right, row.pages)
            )?;
        }
        writeln!(
            f,
            "\nlayer choice right: {right} of {pages} pages ({:.1} %)",
            right as f32 / pages.max(1) as f32 * 100.0
        )?;
        for miss in &self.misses {
            writeln!(f, "  {miss}")?;
        }
        Ok(())
    }
}
