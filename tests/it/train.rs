//! Learning a channel from pairs of lines, and repairing with it.

use crate::cli::{Folder, vanban, vanban_with};

const LINES: [&str; 8] = [
    "Căn cứ Luật Tổ chức chính quyền địa phương",
    "Thực hiện chương trình công tác hằng năm của nhà trường",
    "Phòng Giáo dục và Đào tạo thông báo đến các trường",
    "tổng hợp, báo cáo Ủy ban nhân dân trong tháng",
    "Nâng cao chất lượng dạy học và năng lực quản lý",
    "Văn phòng chủ trì, phối hợp với các phòng chuyên môn",
    "các cơ quan, đơn vị trong phạm vi trách nhiệm của mình",
    "Trân trọng cảm ơn sự quan tâm của quý cơ quan",
];

/// An invented scanner: it drops marks and reads `ng` as a letter that Vietnamese lacks.
fn scanned(line: &str) -> String {
    vanban::vi::fold::strip_marks(line).replace("ng", "ŋ")
}

fn pairs() -> String {
    LINES.map(|line| format!("{line}\t{}\n", scanned(line))).concat()
}

#[test]
fn a_learnt_channel_reads_what_the_built_in_cannot() {
    let folder = Folder::new();
    let (pairs, table) = (folder.write("pairs.tsv", pairs()), folder.path("channel.tsv"));
    let run = vanban(&["train", "channel", &pairs, "--name", "english", "-o", &table]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains("learnt from 8 pairs"), "{}", run.out);
    // None of its lines was learnt from.
    let (truth, read) = ("Phong trào đọc sách trong cộng đồng, tháng năm", "Phoŋ trao doc sach troŋ coŋ doŋ, thaŋ nam");
    let repaired = vanban_with(&["repair", "--channel", &table], read.as_bytes());
    assert_eq!(repaired.out, truth);
    assert_ne!(vanban_with(&["repair"], read.as_bytes()).out, truth);
}

#[test]
fn other_channels_of_a_table_are_kept() {
    let folder = Folder::new();
    let (pairs, table) = (folder.write("pairs.tsv", pairs()), folder.path("channel.tsv"));
    for name in ["vietnamese", "english", "english"] {
        assert_eq!(vanban(&["train", "channel", &pairs, "--name", name, "-o", &table]).code, 0);
    }
    let text = std::fs::read_to_string(&table).expect("a table");
    for name in ["english", "vietnamese"] {
        assert_eq!(text.matches(&format!("# {name}: learnt from 8 of 8 pairs of lines.\n")).count(), 1, "{text}");
        assert_eq!(text.matches(&format!("\n{name}\tng\tŋ\t")).count(), 1, "{text}");
    }
}

#[test]
fn what_cannot_be_learnt_from_is_named() {
    let folder = Folder::new();
    let table = folder.path("channel.tsv");
    let learn = |pairs: &str, name: &str| {
        let run = vanban(&["train", "channel", pairs, "--name", name, "-o", &table]);
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        run.err
    };
    for (name, text, reason) in [
        ("untabbed.tsv", "Căn cứ Luật\tCan cir Luat\nKế hoạch\n", "line 2 has no tab"),
        ("strangers.tsv", "Căn cứ Luật Đất đai\tNoi nhan: nhu tren\n", "two readings of one line"),
        ("empty.tsv", "", "two readings of one line"),
    ] {
        let said = learn(&folder.write(name, text), "english");
        assert!(said.contains(name) && said.contains(reason) && said.lines().count() == 1, "{said}");
    }
    assert!(learn("nowhere.tsv", "english").contains("nowhere.tsv"));
    assert!(learn(&folder.write("pairs.tsv", pairs()), "klingon").contains("english, vietnamese"));
    // What is no table of channels is not written over.
    std::fs::write(&table, "dear diary\n").expect("a file");
    let said = learn(&folder.path("pairs.tsv"), "english");
    assert!(said.contains("channel.tsv") && said.contains("no header row"), "{said}");
    assert_eq!(std::fs::read_to_string(&table).expect("the file"), "dear diary\n");
}

#[test]
fn a_damaged_channel_is_an_error_that_names_it() {
    let folder = Folder::new();
    let table = folder.write("ours.tsv", "channel\ttruth\tread\tcost\nenglish\tứ\tir\tcheap\n");
    for path in [table.as_str(), "nowhere.tsv"] {
        let run = vanban_with(&["repair", "--channel", path], b"Can cir");
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains(path) && run.err.lines().count() == 1, "{}", run.err);
    }
}
