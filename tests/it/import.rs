//! Files in, hostile ones among them; what a second run and a killed run leave.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cli::{Folder, Run, command, finish, json, vanban};

/// A decision of an invented commune, in the official layout.
fn decision(number: usize) -> String {
    format!(
        "ỦY BAN NHÂN DÂN\nXÃ TÂN AN\n-------\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n\
         Số: {number}/QĐ-UBND\n\nTân An, ngày 05 tháng 3 năm 2026\n\nQUYẾT ĐỊNH\n\nVề việc kiện toàn Tổ công tác số {number}\n\n\
         Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;\n\n\
         TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n\nTrần Văn Bình\n"
    )
}

fn stored(store: &str) -> usize {
    json(&["--store", store, "list", "--json"]).as_array().expect("a list").len()
}

#[test]
fn bad_files_are_named_and_the_rest_goes_on() {
    let folder = Folder::new();
    let store = folder.path("store.sqlite");
    folder.write("in/good.txt", decision(1));
    let bad = [
        ("empty.txt", Vec::new()),
        ("truncated.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog".to_vec()),
        ("notreally.png", b"\x89PNG\r\n\x1a\nthis is no picture".to_vec()),
        ("letter.docx", b"PK\x03\x04\x14\x00\x06\x00word/document.xml".to_vec()),
        ("binary.txt", vec![0, 1, 2, 3, 0, 255, 254, 0, 9, 8, 7]),
    ];
    for (name, bytes) in &bad {
        folder.write(&format!("in/{name}"), bytes);
    }
    let run = vanban(&["--store", &store, "import", &folder.path("in")]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("1/QĐ-UBND"), "{}", run.out);
    for (name, _) in &bad {
        let lines: Vec<_> = run.err.lines().filter(|line| line.contains(name)).collect();
        assert_eq!(lines.len(), 1, "{name}: {}", run.err);
        assert!(lines[0].len() < 200 && !lines[0].contains("panicked"), "{}", lines[0]);
    }
    assert_eq!(stored(&store), 1);
}

/// The program as a user for whom permissions count. Root may read everything: there a copy of the
/// program runs as nobody.
fn without_privilege(folder: &Folder, arguments: &[&str]) -> Option<Run> {
    const NOBODY: u32 = 65534;
    let mut command = command(arguments);
    if rustix::process::geteuid().is_root() {
        let program = folder.path("vanban");
        if !Path::new(&program).exists() {
            std::fs::copy(env!("CARGO_BIN_EXE_vanban"), &program).expect("a copy");
        }
        command = Command::new(program);
        command.args(arguments).env_remove("VANBAN_STORE").uid(NOBODY).gid(NOBODY);
    }
    match command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => Some(finish(child)),
        Err(error) => {
            eprintln!("SKIPPED: files without permission are not tested, root may not become nobody: {error}");
            None
        }
    }
}

fn set_mode(path: &str, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
}

#[test]
fn what_may_not_be_read_is_named_and_the_rest_is_stored() {
    let folder = Folder::new();
    set_mode(&folder.path(""), 0o755);
    folder.write("out/.keep", "");
    set_mode(&folder.path("out"), 0o777);
    let store = folder.path("out/store.sqlite");
    folder.write("in/a.txt", decision(1));
    folder.write("in/locked/inside.txt", decision(2));
    let secret = folder.write("in/secret.txt", decision(3));
    folder.write("in/z.txt", decision(4));
    set_mode(&secret, 0);
    set_mode(&folder.path("in/locked"), 0);
    let run = without_privilege(&folder, &["--store", &store, "import", &folder.path("in")]);
    let read = without_privilege(&folder, &["read", &secret]);
    let listed = without_privilege(&folder, &["--store", &store, "list", "--json"]);
    set_mode(&folder.path("in/locked"), 0o755);
    let (Some(run), Some(read), Some(listed)) = (run, read, listed) else { return };

    assert_eq!(run.code, 1, "{}", run.err);
    let mut lines: Vec<&str> = run.err.lines().collect();
    lines.sort_unstable();
    let expected = ["in/locked", "in/secret.txt"]
        .map(|name| format!("failed: {}: Permission denied (os error 13)", folder.path(name)));
    assert_eq!(lines, expected);
    let listed: serde_json::Value = serde_json::from_str(&listed.out).expect("a list");
    let mut keys: Vec<_> = listed.as_array().expect("a list").iter().map(|one| one["key"].clone()).collect();
    keys.sort_by_key(ToString::to_string);
    assert_eq!(keys, ["1/QĐ-UBND", "4/QĐ-UBND"]);

    assert_eq!((read.code, read.out.as_str()), (2, ""));
    assert_eq!(read.err, format!("error: {secret}: Permission denied (os error 13)\n"));
}

#[test]
fn what_is_too_large_is_named_with_the_limit() {
    let folder = Folder::new();
    let store = folder.path("store.sqlite");
    folder.write("in/good.txt", decision(1));
    let long = folder.write("in/long.txt", "một hai ba bốn năm\n".repeat(700_000));
    // A file of nothing but a length.
    let huge = folder.write("in/huge.pdf", "%PDF-1.7\n");
    let file = std::fs::File::options().write(true).open(&huge).expect("a file");
    file.set_len(513 << 20).expect("a length");
    let run = vanban(&["--store", &store, "import", &folder.path("in")]);
    assert_eq!(run.code, 1, "{}", run.err);
    let mut lines: Vec<&str> = run.err.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            format!("failed: {huge}: file is 513 MiB, over the limit of 512 MiB"),
            format!("failed: {long}: text is 17 MiB, over the limit of 16 MiB"),
        ]
    );
    assert_eq!(stored(&store), 1);
    let run = vanban(&["repair", &long]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(run.err, format!("error: {long}: text is 17 MiB, over the limit of 16 MiB\n"));
}

/// Opening a pipe would wait for a writer that never comes.
#[test]
fn a_pipe_is_no_document() {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let run = vanban(&["--store", &folder.path("store.sqlite"), "import", &pipe]);
    assert_eq!(run.code, 1);
    assert_eq!(run.err, format!("failed: {pipe}: not a document: neither a file nor a folder\n"));
}

#[test]
fn a_name_does_not_decide_what_a_file_is() {
    let folder = Folder::new();
    let store = folder.path("store.sqlite");
    let file = folder.write("plan.pdf", decision(7));
    let run = vanban(&["--store", &store, "import", &file]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(stored(&store), 1);
}

#[test]
fn files_that_did_not_change_are_skipped() {
    let folder = Folder::new();
    let store = folder.path("store.sqlite");
    let file = folder.write("in/one.txt", decision(1));
    folder.write("in/two.txt", decision(2));
    let input = folder.path("in");
    assert_eq!(vanban(&["--store", &store, "import", &input]).code, 0);
    let again = json(&["--store", &store, "import", &input, "--json"]);
    assert_eq!((again["unchanged"].as_u64(), again["stored"].as_array().map(Vec::len)), (Some(2), Some(0)));
    std::fs::write(file, decision(3)).expect("a change");
    let changed = json(&["--store", &store, "import", &input, "--json"]);
    assert_eq!((changed["unchanged"].as_u64(), changed["stored"].as_array().map(Vec::len)), (Some(1), Some(1)));
}

#[test]
fn nothing_to_import_is_an_error() {
    let folder = Folder::new();
    let run = vanban(&["--store", &folder.path("store.sqlite"), "import", &folder.path("nothing")]);
    assert_ne!(run.code, 0);
    assert!(run.err.contains("nothing"), "{}", run.err);
}

/// `kill -9` in the middle: what was stored stays, and the next run finishes the rest.
#[test]
fn a_killed_import_loses_nothing_stored() {
    const FILES: usize = 400;
    let folder = Folder::new();
    let store = folder.path("store.sqlite");
    for number in 1..=FILES {
        folder.write(&format!("in/{number:04}.txt"), decision(number));
    }
    let input = folder.path("in");
    let mut kept = 0;
    for round in 0..4u64 {
        let mut child = command(&["--store", &store, "import", &input, "--jobs", "2"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("vanban starts");
        let deadline = Instant::now() + Duration::from_millis(60 + 45 * round);
        while Instant::now() < deadline && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().expect("a kill");
        child.wait().expect("an end");
        if std::path::Path::new(&store).exists() && vanban(&["--store", &store, "list", "--json"]).code == 0 {
            let now = stored(&store);
            assert!(now >= kept, "{now} documents after {kept}");
            kept = now;
        }
    }
    assert_eq!(vanban(&["--store", &store, "import", &input]).code, 0);
    assert_eq!(stored(&store), FILES);

    // The same store as one that was never disturbed.
    let calm = folder.path("calm.sqlite");
    assert_eq!(vanban(&["--store", &calm, "import", &input, "--jobs", "1"]).code, 0);
    for question in [&["list", "--json"][..], &["graph", "--format", "json"], &["who-cites", "30/2020/NĐ-CP", "--json"]]
    {
        let ask = |store: &str| vanban(&[&["--store", store], question].concat()).out;
        assert_eq!(ask(&store), ask(&calm), "{question:?}");
    }
}

/// A link to a folder is followed where the user names it, and nowhere else.
#[cfg(unix)]
#[test]
fn a_named_link_to_a_folder_is_followed() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("papers");
    std::fs::create_dir(&folder).expect("made");
    std::fs::write(folder.join("a.txt"), "Kế hoạch").expect("written");
    std::os::unix::fs::symlink(&folder, folder.join("again")).expect("a loop");
    let link = place.path().join("link");
    std::os::unix::fs::symlink(&folder, &link).expect("a link");
    let (files, failures) = vanban::pipeline::list_files(std::slice::from_ref(&link));
    assert_eq!((files, failures.len()), (vec![link.join("a.txt")], 0));
}
