//! `vanban export`: tables, archives' metadata, Neo4j's pair of files, Akoma Ntoso.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::args::{Export, Global};
use super::output::{complain, count};
use super::query::{open, unknown};
use super::{DONE, PARTLY};
use vanban::export::table::{Sheet, TableFormat};
use vanban::export::{akn, archive, neo4j_edges, neo4j_nodes};
use vanban::store::{Store, TableName};
use vanban::{Error, Result};

/// Rows in memory at a time.
const BATCH: usize = 20_000;

/// Writes what was asked for.
pub(super) fn export(global: &Global, options: &Export) -> Result<u8> {
    let store = open(global)?;
    match options.what.as_str() {
        "neo4j" => neo4j(&store, options.output.as_deref()),
        "akn" => document(&store, options),
        name => {
            let found = TableName::ALL.iter().find(|(known, ..)| *known == name);
            let table = found.map_or(TableName::Documents, |(_, table, _)| *table);
            tables(&store, table, options)
        }
    }
}

/// The file to write to, or standard output.
fn sink(path: Option<&Path>) -> Result<Box<dyn Write + Send>> {
    Ok(match path {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(Error::io(path))?)),
        None => Box::new(BufWriter::new(std::io::stdout())),
    })
}

fn tables(store: &Store, name: TableName, options: &Export) -> Result<u8> {
    let name = if options.archive.is_some() { TableName::Documents } else { name };
    let ending = options.output.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    let format =
        options.format.or_else(|| TableFormat::from_name(&ending?.to_ascii_lowercase())).unwrap_or(TableFormat::Csv);
    let mut sheet = Sheet::new(format, sink(options.output.as_deref())?);
    let (mut rows, mut too_long) = (0, 0);
    store.table(name, BATCH, |batch| {
        rows += batch.rows();
        match options.archive {
            None => sheet.batch(batch),
            Some(profile) => {
                let (batch, longer) = archive(batch, profile);
                too_long += longer;
                sheet.batch(&batch)
            }
        }
    })?;
    sheet.end()?;
    if too_long > 0 {
        complain(&format!("{} longer than the field allows, written whole", count(too_long, "value")));
    }
    if let Some(path) = &options.output {
        complain(&format!("{} written to {}", count(rows, "row"), path.display()));
    }
    Ok(if rows > 0 { DONE } else { PARTLY })
}

fn neo4j(store: &Store, folder: Option<&Path>) -> Result<u8> {
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
    let view = store.graph()?;
    for (name, write) in [("nodes.csv", true), ("edges.csv", false)] {
        let path = folder.join(name);
        let mut out = sink(Some(&path))?;
        if write { neo4j_nodes(&view, &mut out) } else { neo4j_edges(&view, &mut out) }
            .and_then(|()| out.flush())
            .map_err(Error::io(&path))?;
    }
    complain(&format!(
        "{} and {} written to {}",
        count(view.nodes.len(), "node"),
        count(view.edges.len(), "relationship"),
        folder.display()
    ));
    Ok(if view.nodes.is_empty() { PARTLY } else { DONE })
}

fn document(store: &Store, options: &Export) -> Result<u8> {
    let Some(key) = &options.key else {
        return Err(Error::Store("akn needs a document: vanban export akn KEY".into()));
    };
    let shown = store.show(key)?;
    let Some((node, file)) = shown.iter().find_map(|one| Some((&one.node, one.files.first()?))) else {
        unknown(key);
        return Ok(PARTLY);
    };
    let mut bytes = Vec::new();
    akn(&file.record, &node.key, &options.base, jiff::Zoned::now().date(), &mut bytes)?;
    let path = options.output.as_deref();
    let mut out = sink(path)?;
    let name = path.unwrap_or(Path::new("standard output"));
    out.write_all(&bytes).and_then(|()| out.flush()).map_err(Error::io(name))?;
    Ok(DONE)
}
