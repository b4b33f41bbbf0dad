//! The borders of ARCHITECTURE.md: each module names only the modules it may know.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and what it may use. A module always may use itself, `error` and `text`.
const MAY_USE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("error", &[]),
    ("vi", &[]),
    ("key", &["vi"]),
    ("table", &[]),
    ("document", &["table"]),
    ("facts", &["vi"]),
    ("ingest", &["document", "lines", "vi", "table"]),
    ("ocr", &["digits", "document", "lines", "vi", "table"]),
    ("digits", &[]),
    ("witness", &["document", "key", "parse", "record", "vi"]),
    ("lines", &["document"]),
    ("worker", &["document", "ingest", "ocr"]),
    ("model", &["facts", "vi"]),
    ("repair", &["document", "model", "vi", "facts", "key"]),
    ("parse", &["facts", "key", "vi", "table"]),
    ("record", &["document", "key", "parse", "table", "vi"]),
    ("resolve", &["document", "facts", "key", "vi", "record", "parse"]),
    ("store", &["document", "facts", "key", "vi", "record", "parse", "resolve"]),
    ("export", &["document", "facts", "key", "record", "resolve", "store", "vi"]),
    ("eval", &["document", "key", "model", "vi", "record", "repair", "parse", "facts"]),
    (
        "pipeline",
        &["document", "facts", "ingest", "model", "parse", "record", "repair", "store", "witness", "worker", "table"],
    ),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every `crate::name` in the code of a file, tests and comments left out.
fn used(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn modules_know_only_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files {
        let inside = file.strip_prefix(&root).expect("under src");
        let module = inside.iter().next().and_then(|part| part.to_str()).unwrap_or_default().trim_end_matches(".rs");
        if matches!(module, "main" | "lib" | "cli") {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{} is not in the table", inside.display()));
            continue;
        };
        seen.insert(module.to_owned());
        for name in used(&fs::read_to_string(&file).expect("a source file")) {
            let known = name == module || matches!(name.as_str(), "error" | "text" | "Error" | "Result");
            if !known && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{} uses {name}", inside.display()));
            }
        }
    }
    for (module, _) in MAY_USE {
        if !seen.contains(*module) {
            wrong.push(format!("{module} is in the table, but no such module is there"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Only `store` speaks SQL, only `ocr/library.rs` calls Tesseract, only `cli` prints.
#[test]
fn outside_worlds_have_one_door() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for (needle, doors) in [
        ("rusqlite::", &["store", "error.rs"][..]),
        ("libloading::", &["ocr/library.rs"]),
        ("unsafe {", &["ocr/library.rs", "model/file.rs"]),
        ("clap::", &["cli"]),
        ("println!", &[]),
        ("SystemTime::now", &["cli"]),
        ("Zoned::now", &["cli"]),
    ] {
        for file in &files {
            let inside = file.strip_prefix(&root).expect("under src").to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(file).expect("a source file");
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            if code.contains(needle) {
                assert!(doors.iter().any(|door| inside.starts_with(door)), "{inside} uses {needle}");
            }
        }
    }
}
