//! `vanban read --format`: one document in the forms of archives and OCR tools.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::Path;

use super::args::{Form, Global};
use super::{DONE, load_model, print, read, worker_options};
use vanban::document::{Digest, Format, Limits, PagePicture};
use vanban::export::page::{PlacedPage, Sheet, alto, archive, hocr, place};
use vanban::repair::repair;
use vanban::worker::Worker;
use vanban::{Error, Result};

/// Reads one document and prints it in `form`, or as a page for people.
pub(super) fn read(global: &Global, file: &Path, form: Option<Form>, output: Option<&Path>) -> Result<u8> {
    let Some(form) = form else { return read::read(global, file) };
    let named = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let bytes = bytes_of(file)?;
    let mut worker = Worker::spawn(worker_options(global)?)?;
    let model = load_model(global)?;
    let document = worker.read_bytes(&bytes).map_err(|error| error.in_file(file))?;
    if form == Form::Json && output.is_none() {
        return print(&vanban::pipeline::interpret(&document, model, vanban::facts::Facts::builtin()));
    }
    let text = repair(&document, model);
    let pages = place(&document, &text);
    if pages.is_empty() && !matches!(form, Form::Text | Form::Json) {
        let none = Error::NotADocument("it has no pages: words of this kind of file have no place on paper".into());
        return Err(none.in_file(file));
    }
    let mut out = open(form, output)?;
    let written = match form {
        Form::Json => {
            let record = vanban::pipeline::interpret(&document, model, vanban::facts::Facts::builtin());
            serde_json::to_writer_pretty(&mut out, &record).map_err(io::Error::from).and_then(|()| writeln!(out))
        }
        Form::Text => out.write_all(text.fixed().as_bytes()),
        Form::Hocr => hocr(&pages, &mut out),
        Form::Alto => alto(&pages, &named, &mut out),
        Form::Pdf => {
            let pictures = worker.pictures(&bytes).map_err(|error| error.in_file(file))?;
            let sheets = sheets(pages, pictures, document.format);
            let title = if named.is_empty() { "vanban" } else { &named };
            archive(&sheets, title, &digest_bytes(&document.digest), &mut out)
        }
    };
    written.and_then(|()| out.flush()).map_err(Error::io(output.unwrap_or(Path::new("standard output"))))?;
    Ok(DONE)
}

/// Pages beside their pictures. A page without words still has its picture.
fn sheets(mut pages: Vec<PlacedPage>, pictures: Vec<PagePicture>, format: Format) -> Vec<Sheet> {
    let mut sheets = Vec::with_capacity(pictures.len());
    for picture in pictures {
        let dpi = if format == Format::Pdf { 72.0 } else { picture.dpi.filter(|dpi| *dpi >= 60.0).unwrap_or(300.0) };
        let page = match pages.iter().position(|page| page.number == picture.page) {
            Some(at) => PlacedPage { dpi, ..pages.swap_remove(at) },
            None => PlacedPage { number: picture.page, size: picture.size, dpi, lines: Vec::new() },
        };
        sheets.push(Sheet { page, picture });
    }
    sheets
}

fn digest_bytes(digest: &Digest) -> Vec<u8> {
    digest.to_string().into_bytes()
}

fn bytes_of(file: &Path) -> Result<Vec<u8>> {
    let most = Limits::default().file_bytes + 1;
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(Error::io("standard input"))?;
    } else {
        let about = std::fs::metadata(file).map_err(Error::io(file))?;
        if !about.is_file() {
            return Err(Error::NotADocument("not a file".into()).in_file(file));
        }
        File::open(file).map_err(Error::io(file))?.take(most).read_to_end(&mut bytes).map_err(Error::io(file))?;
    }
    Ok(bytes)
}

fn open(form: Form, output: Option<&Path>) -> Result<Box<dyn Write>> {
    match output {
        Some(path) => Ok(Box::new(BufWriter::new(File::create(path).map_err(Error::io(path))?))),
        None if form == Form::Pdf && io::stdout().is_terminal() => {
            Err(Error::NotADocument("a PDF is nothing for a terminal: say where to write it with -o".into()))
        }
        None => Ok(Box::new(BufWriter::new(io::stdout().lock()))),
    }
}
