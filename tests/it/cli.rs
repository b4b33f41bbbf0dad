//! The program from outside: output, exit codes, what a pipe gets.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run left.
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

/// A folder of a test's own, removed at its end.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// The path of `name` in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    /// Writes a file into the folder and gives its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = PathBuf::from(self.path(name));
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path.to_string_lossy().into_owned()
    }
}

/// The command, without what the environment sets.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vanban"));
    command.args(arguments).stdin(Stdio::null());
    for variable in ["VANBAN_STORE", "VANBAN_MODEL", "VANBAN_CHANNEL"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program.
pub(crate) fn vanban(arguments: &[&str]) -> Run {
    finish(command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vanban starts"))
}

/// Runs the program with `input` on its standard input.
pub(crate) fn vanban_with(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("vanban starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("input is taken");
    finish(child)
}

/// Waits for the end of a run.
pub(crate) fn finish(child: std::process::Child) -> Run {
    let output = child.wait_with_output().expect("vanban ends");
    Run {
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
        code: output.status.code().unwrap_or(-1),
    }
}

/// Runs the program and reads its output as JSON.
pub(crate) fn json(arguments: &[&str]) -> Value {
    let run = vanban(arguments);
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}\n{}", run.out, run.err))
}

#[test]
fn help_shows_examples_and_every_command() {
    let run = vanban(&["--help"]);
    assert_eq!(run.code, 0);
    for word in
        ["import", "read", "repair", "who-cites", "cites", "show", "list", "tasks", "graph", "doctor", "Examples:"]
    {
        assert!(run.out.contains(word), "{word}\n{}", run.out);
    }
    let widest = run.out.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    assert!(widest <= 100, "{widest} columns");
}

#[test]
fn repair_writes_the_text_and_nothing_else() {
    let run = vanban_with(
        &["repair"],
        "Can cu Ke hoach so 1927/KH-UBND ngay 11 thang 4 nam 2024\n\ncua Uy ban nhan dan Thanh pho".as_bytes(),
    );
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(run.out, "Căn cứ Kế hoạch số 1927/KH-UBND ngày 11 tháng 4 năm 2024\n\ncủa Ủy ban nhân dân Thành phố");
}

#[test]
fn repair_explains_each_edit() {
    let run = vanban_with(&["repair", "--explain"], "Ke hoach so 15".as_bytes());
    assert_eq!(run.code, 0);
    assert!(run.out.contains("Ke → Kế") && run.out.contains("diacritic"), "{}", run.out);
}

#[test]
fn output_into_a_pipe_has_no_colours() {
    let run = vanban_with(&["read", "-"], "Căn cứ Luật Lưu trữ ngày 21 tháng 6 năm 2024;".as_bytes());
    assert_eq!(run.code, 0);
    assert!(!run.out.contains('\u{1b}'), "{}", run.out);
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let run = vanban(&["read", "nowhere.pdf"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("nowhere.pdf") && run.err.lines().count() == 1, "{}", run.err);
}

#[test]
fn a_missing_store_says_how_to_make_one() {
    let folder = Folder::new();
    let run = vanban(&["--store", &folder.path("none.sqlite"), "list"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("vanban import"), "{}", run.err);
}

/// The schema is published in the repository: programs are written against it.
#[test]
fn json_schema_is_the_published_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/record.schema.json");
    let made = vanban(&["schema"]).out;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &made).expect("the schema is written");
    }
    let published = std::fs::read_to_string(path).expect("docs/record.schema.json");
    assert_eq!(published, made, "run `UPDATE=1 cargo test schema` and review the difference");
}
