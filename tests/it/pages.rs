//! What people see: the pages and tables of each command as snapshots, at 100 columns and without
//! colour. After a change, `INSTA_UPDATE=always cargo test --test it pages` writes them anew; the
//! difference is then reviewed like code.
//!
//! The documents are invented and clean, so that a better repair changes no snapshot.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

use insta::assert_snapshot;

use crate::cli::{Folder, command, finish};

const PLAN: &str = "\
SỞ GIÁO DỤC VÀ ĐÀO TẠO THÀNH PHỐ HỒ CHÍ MINH
TRƯỜNG THPT HOA SEN

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Số: 15/KH-THPTHS

Thành phố Hồ Chí Minh, ngày 04 tháng 12 năm 2024

KẾ HOẠCH
Triển khai phong trào đọc sách trong nhà trường năm học 2024 - 2025

Căn cứ Luật Thư viện ngày 21 tháng 11 năm 2019;
Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;
Thực hiện Kế hoạch số 210/KH-UBND ngày 11 tháng 4 năm 2024 của Ủy ban nhân dân Thành phố Hồ Chí Minh về phát triển \
văn hóa đọc;
Nhà trường xây dựng kế hoạch như sau:

I. MỤC ĐÍCH
Nâng cao văn hóa đọc theo Kế hoạch số 210/KH-UBND của Ủy ban nhân dân Thành phố Hồ Chí Minh.

II. NHIỆM VỤ
1. Tổ chức ngày hội đọc sách
- Thời gian: Trước ngày 20 tháng 4 năm 2025.
- Chủ trì: Thư viện.
- Phối hợp: Đoàn thanh niên, Văn phòng.
2. Báo cáo kết quả thực hiện
- Thời gian: Quý II năm 2025.
- Chủ trì: Văn phòng.

Nơi nhận:
- Sở GD&ĐT;
- Lưu: VT.

HIỆU TRƯỞNG

Trần Thị Mai
";

const DECISION: &str = "\
ỦY BAN NHÂN DÂN
TỈNH LÀO CAI

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Số: 73/QĐ-UBND

Lào Cai, ngày 15 tháng 01 năm 2025

QUYẾT ĐỊNH
Về việc thành lập Tổ công tác chuyển đổi số

Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;

Điều 1. Thành lập Tổ công tác chuyển đổi số.
Điều 2. Quyết định này thay thế Quyết định số 12/QĐ-UBND ngày 08 tháng 01 năm 2023 của Ủy ban nhân dân tỉnh Lào Cai.

TM. ỦY BAN NHÂN DÂN
CHỦ TỊCH

Trần Văn Bình
";

/// Standard output and error of a run, and its exit code where it is not 0.
fn page(arguments: &[&str]) -> String {
    let child = command(arguments)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("vanban starts");
    let run = finish(child);
    let mut page = run.out;
    if !run.err.is_empty() {
        page.push_str(&format!("--- standard error ---\n{}", run.err));
    }
    if run.code != 0 {
        page.push_str(&format!("--- exit code {} ---\n", run.code));
    }
    for line in page.lines() {
        let width = line.chars().count();
        // A path of this machine may be of any length.
        assert!(width <= 100 || line.contains("/tmp") || line.contains("language model"), "{width} columns: {line}");
    }
    page
}

/// A snapshot without what differs from run to run and from machine to machine.
macro_rules! snapshot {
    ($name:expr, $folder:expr, $page:expr) => {{
        let folder = format!("{}/?", regex_of(&$folder.path("")));
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(&folder, "[folder]/");
        settings.add_filter(r"in \d+\.\d s", "in [time] s");
        settings.add_filter(r"vanban \d+\.\d+\.\d+, \d+ cores?", "vanban [version], [cores] cores");
        settings.add_filter(r"Tesseract \d+\.\d+\.\d+\S*", "Tesseract [version]");
        settings.add_filter(r"(?m)^(ok +language model +)[^\n]*\n+", "$1[about the model]\n");
        settings.set_omit_expression(true);
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| assert_snapshot!($name, $page));
    }};
}

/// The path as a pattern that means it literally.
fn regex_of(path: &str) -> String {
    path.trim_end_matches('/')
        .chars()
        .flat_map(|c| if c.is_alphanumeric() || c == '/' { vec![c] } else { vec!['\\', c] })
        .collect()
}

/// A store with the two documents and one file that is none.
fn stored(folder: &Folder) -> (String, String) {
    folder.write("in/1-plan.txt", PLAN);
    folder.write("in/2-decision.txt", DECISION);
    folder.write("in/3-broken.pdf", "%PDF-1.7\n1 0 obj\n<< /Type /Catalog");
    let store = folder.path("store.sqlite");
    let summary = page(&["--store", &store, "import", &folder.path("in"), "--jobs", "1"]);
    (store, summary)
}

#[test]
fn one_document() {
    let folder = Folder::new();
    let plan = folder.write("plan.txt", PLAN);
    snapshot!("read", folder, page(&["read", &plan]));
    let broken = folder.write("broken.txt", "Can cu Ke hoach so 15\n");
    snapshot!("read_nothing", folder, page(&["read", &folder.path("nothing.txt")]));
    snapshot!("repair", folder, page(&["repair", &broken]));
}

#[test]
fn a_store() {
    let folder = Folder::new();
    let (store, summary) = stored(&folder);
    snapshot!("import", folder, summary);
    for (name, arguments) in [
        ("who_cites", &["who-cites", "30/2020/NĐ-CP"][..]),
        ("who_cites_newest", &["who-cites", "30/2020/NĐ-CP", "--limit", "1"]),
        ("who_cites_nothing", &["who-cites", "999/KH-UBND"]),
        ("cites", &["cites", "15/KH-THPTHS"]),
        ("show", &["show", "73/QĐ-UBND"]),
        ("show_not_held", &["show", "210/KH-UBND"]),
        ("list", &["list"]),
        ("list_wanted", &["list", "--wanted"]),
        ("tasks", &["tasks"]),
        ("search", &["search", "chuyen doi so"]),
        ("graph_mermaid", &["graph", "--format", "mermaid"]),
    ] {
        snapshot!(name, folder, page(&[&["--store", &store], arguments].concat()));
    }
}

#[test]
fn doctor() {
    let folder = Folder::new();
    let page = page(&["--store", &folder.path("store.sqlite"), "doctor"]);
    if !page.contains("Tesseract") || page.contains("missing") {
        eprintln!("SKIPPED: no Tesseract with Vietnamese data here, the page of doctor is not compared:\n{page}");
        return;
    }
    snapshot!("doctor", folder, page);
}

/// `--help` of the program and of each command that it names.
#[test]
fn help() {
    let folder = Folder::new();
    let general = page(&["--help"]);
    let commands: Vec<String> = general
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()).map(str::to_owned)
        })
        .filter(|name| name != "help")
        .collect();
    assert!(commands.len() >= 14, "{commands:?}");
    let mut pages = general;
    for name in &commands {
        pages.push_str(&format!("\n======== vanban {name} --help\n\n{}", page(&[name, "--help"])));
    }
    for what in ["model", "channel"] {
        pages.push_str(&format!("\n======== vanban train {what} --help\n\n{}", page(&["train", what, "--help"])));
    }
    snapshot!("help", folder, pages);
}
