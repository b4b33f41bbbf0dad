//! Prints the text of documents.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]
use vanban::document::Limits;
fn main() {
    let mut engine = vanban::ocr::Engine::new("vie").unwrap();
    for path in std::env::args().skip(1) {
        let start = std::time::Instant::now();
        match vanban::ingest::read(&std::fs::read(&path).unwrap(), &Limits::default(), &mut engine) {
            Ok(document) => {
                eprintln!(
                    "{path}: {} pages {:?} {:.2}s",
                    document.pages.len(),
                    document.pages.iter().map(|p| p.layer).collect::<Vec<_>>(),
                    start.elapsed().as_secs_f32()
                );
                for note in &document.notes {
                    eprintln!("  {:?}", note);
                }
                if std::env::var_os("CONF").is_some() {
                    for page in &document.pages {
                        for w in &page.words {
                            if w.confidence < 0.6 {
                                eprint!("{}({:.2}) ", w.span.of(&document.raw), w.confidence);
                            }
                        }
                    }
                }
                print!("{}", document.raw);
            }
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}
