//! Laws that hold for any input, and a table of broken lines with what they say.

use proptest::prelude::*;

use super::*;
use crate::text::Why;
use crate::vi::fold::fold;

fn fixed(raw: &str) -> String {
    repair_text(raw, Model::builtin()).fixed().to_owned()
}

/// Broken lines and what the paper said. Written for this table; sayings of no document.
const CASES: &[(&str, &str)] = &[
    // Typed without marks.
    ("Uy ban nhan dan tinh ban hanh ke hoach", "Ủy ban nhân dân tỉnh ban hành kế hoạch"),
    ("QUYET DINH", "QUYẾT ĐỊNH"),
    ("Giam doc So Giao duc va Dao tao chiu trach nhiem", "Giám đốc Sở Giáo dục và Đào tạo chịu trách nhiệm"),
    // Read by an English model.
    (
        "Can cir Ludt T6 chirc chinh quyén dia phuong ngay 19 thang 6 nam 2015;",
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
    ),
    ("S6: 12/KH-UBND Ha Noi, ngay 03 thang 02 nam 2020", "Số: 12/KH-UBND Hà Nội, ngày 03 tháng 02 năm 2020"),
    ("Phéi hop véi cac co quan, don vi lién quan", "Phối hợp với các cơ quan, đơn vị liên quan"),
    ("Pé nghi cac co quan, don vi trién khai thyc hién", "Đề nghị các cơ quan, đơn vị triển khai thực hiện"),
    ("Viv thuc hién quy dinh phap luat vé co quan, don vi", "V/v thực hiện quy định pháp luật về cơ quan, đơn vị"),
    // Run together and torn.
    ("Cac phong chuyén mon vacac don vitruc thudc", "Các phòng chuyên môn và các đơn vị trực thuộc"),
    ("ĐIỀ U KHO ẢN THI HÀNH", "ĐIỀU KHOẢN THI HÀNH"),
    // Read by the Vietnamese model.
    ("Giao Sở Tài chính chủ trì, phôi hợp với các sở, ngành", "Giao Sở Tài chính chủ trì, phối hợp với các sở, ngành"),
    ("Các đơn vi thực hiên nhiêm vụ theo quy đinh", "Các đơn vị thực hiện nhiệm vụ theo quy định"),
    // Symbols by their own tables.
    ("Quyết định số 45/2023/QD-TTg ngày 01/02/2023", "Quyết định số 45/2023/QĐ-TTg ngày 01/02/2023"),
    // Look-alikes and loose marks; one Đ read twice.
    ("Quyết định số 564/QĐÐ-SCT", "Quyết định số 564/QĐ-SCT"),
    ("Ðiều 5. Hiệu lực thi hành", "Điều 5. Hiệu lực thi hành"),
    ("Đie\u{302}\u{300}u 5. Hiê\u{323}u lực thi hành", "Điều 5. Hiệu lực thi hành"),
];

/// Lines that are right as they are.
const CLEAN: &[&str] = &[
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
    "Liên hệ: phongtochuc@example.gov.vn, https://example.vn/van-ban?id=12",
    "Ông Nguyễn Văn Đỗ và bà Vũ Thị Loan tham dự hội nghị UNESCO tại Paris.",
    "- Thực hiện thí điểm phần mềm Microsoft Office 365 cho 1.250 cán bộ, công chức;",
    "Điều 12. Mức chi 30.000.000 đồng/năm (bằng chữ: ba mươi triệu đồng), kể từ quý III/2024",
    "Nơi nhận:\n- Như trên;\n- Lưu: VT, KHTC (5b).\n",
    "Khoản 3 Điều 30a Nghị định số 30/2020/NĐ-CP, Phụ lục XIII",
];

/// An OCR model without the horn makes a letter and a mark of it; a plain question stays one.
#[test]
fn marks_that_were_letters_go_with_them() {
    let text = fixed("Can ctr Luat so 12/2020/QH14; co’ quan chu tri; diéu tra co’ so dit liéu béo cdo nhu thé nao?");
    assert!(text.contains("cơ quan chủ trì; điều tra cơ sở") && text.ends_with("nào?"), "{text}");
}

#[test]
fn cases() {
    let wrong: Vec<_> = CASES
        .iter()
        .map(|(raw, right)| (*raw, *right, fixed(raw)))
        .filter(|(_, right, fixed)| fixed != right)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn clean_text_stays_clean() {
    for text in CLEAN {
        assert_eq!(fixed(text), *text);
    }
}

#[test]
fn repaired_text_stays_as_it_is() {
    for (_, right) in CASES {
        assert_eq!(fixed(right), *right);
    }
}

#[test]
fn reasons_are_told() {
    let text = repair_text("Can cir Quyét dinh s6 45/2023/QD-TTg cia Thi tuéng", Model::builtin());
    let why = |new: &str| text.edits().iter().find(|edit| edit.new == new).map(|edit| edit.why);
    assert_eq!(why("Căn"), Some(Why::Diacritic));
    assert_eq!(why("cứ"), Some(Why::Confusion));
    assert_eq!(why("số"), Some(Why::Confusion));
    let number = text.edits().iter().find(|edit| edit.why == Why::Number).expect("the symbol was corrected");
    assert_eq!((number.new.as_str(), number.rivals.as_slice()), ("QĐ", &["QD".to_owned()][..]));
}

#[test]
fn tones_of_names_stay_open() {
    let text = repair_text("HIEU TRUONG\n\nTran Thi Thuy\n", Model::builtin());
    let edit = text.edits().iter().find(|edit| fold(&edit.new) == "thuy").expect("the name was read");
    let mut readings = vec![edit.new.as_str()];
    readings.extend(edit.rivals.iter().map(String::as_str));
    for name in ["Thúy", "Thủy", "Thùy"] {
        assert!(readings.contains(&name), "{readings:?}");
    }
    assert!(edit.confidence < 0.8, "{}", edit.confidence);
}

/// Repairs `raw`, of which the engine doubts the last `read`: it could be `rival`, which fits to
/// `fit`.
fn doubted(raw: &str, read: char, rival: char, fit: f32) -> Text {
    let at = raw.rfind(read).expect("the letter is there");
    let span = Span::at(at, at + read.len_utf8());
    let doubt = Doubt { span, confidence: 0.92, word: 0.8, rivals: vec![(rival, fit)] };
    Repairer::new(Model::builtin()).repair_doubted(raw, &[doubt])
}

#[test]
fn rivals_of_the_engine_are_chosen_by_the_words_around() {
    let mut needed = 0;
    for (raw, read, rival, fit, right) in [
        ("Thông qua chỉ tiết của dự án", 'ỉ', 'i', 0.5, "Thông qua chi tiết của dự án"),
        ("Kinh phí do các tô chức đóng góp", 'ô', 'ổ', 0.4, "Kinh phí do các tổ chức đóng góp"),
        ("Sửa chữa cấu treo", 'ấ', 'ầ', 0.5, "Sửa chữa cầu treo"),
    ] {
        needed += usize::from(fixed(raw) == raw);
        let text = doubted(raw, read, rival, fit);
        assert_eq!(text.fixed(), right);
        let [edit] = text.edits() else { panic!("{:?}", text.edits()) };
        assert_eq!(edit.why, Why::Rival);
        assert!(edit.rivals.contains(&edit.raw.of(raw).to_owned()), "{edit:?}");
    }
    assert!(needed >= 2, "without the engine's word for it nothing is wrong: {needed}");
}

#[test]
fn rivals_that_make_no_better_sense_change_nothing() {
    for (raw, read, rival, fit) in [
        ("Xe chở hàng đến nơi", 'đ', 'd', 0.5),
        ("Bà Lê Thị Thúy", 'ú', 'ủ', 0.7),
        ("thuê chuyên gia", 'ê', 'ể', 0.4),
        ("theo điểm e khoản 2", 'e', 'c', 0.9),
        ("Số 12l/QĐ-UBND", 'l', '1', 0.9),
        ("Số 12/QĐ-UBND", '2', 'Z', 0.9),
        ("ngày 11 tháng 5", '5', 'S', 0.9),
    ] {
        assert_eq!(doubted(raw, read, rival, fit).fixed(), raw);
    }
}

/// Where letters were decoded first, doubts are about what they became.
#[test]
fn doubts_hold_after_decoding() {
    let text = doubted("Ðiều 5. Kinh phí do các tô chức đóng góp", 'ô', 'ổ', 0.4);
    assert_eq!(text.fixed(), "Điều 5. Kinh phí do các tổ chức đóng góp");
}

/// Digits that a reader must be able to trust: all those that do not stand inside a word.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_subsequence(part: &str, whole: &str) -> bool {
    let mut whole = whole.chars();
    part.chars().all(|c| whole.any(|other| other == c))
}

/// Text as scanners, keyboards and vandals make it.
fn broken() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "Can",
        "cir",
        "Ké",
        "hoach",
        "s6",
        "1927/KH-UBND",
        "11/4/2024",
        "2417/",
        "KH-SGDDT",
        "dugc",
        "doingi",
        "6",
        "1.500.000",
        "30a",
        "QH13",
        "T6",
        "d6i",
        "nu6i",
        "Thuy",
        "\t",
        "\n",
        "“",
        "(",
        ")",
        ";",
        "x&",
        "phd",
        "ĐIỀ",
        "U",
        "Ð",
        "e\u{302}\u{301}",
        "\u{301}",
        "a\u{323}",
        "@ng",
        "abc@def.vn",
        "",
        "I1.",
        "14p",
        "VIII",
        "-",
        "giai",
        "doan2024",
        "\u{c}",
        "\r\n",
        "🙂",
        "漢字",
    ]);
    let tame = prop::collection::vec((words, prop::sample::select(vec!["", " ", " ", " ", "  "])), 0..25)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, gap)| [word, gap]).collect());
    prop_oneof![tame, "\\PC{0,60}", any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn lines_are_kept(raw in broken()) {
        let fixed = fixed(&raw);
        let breaks = |text: &str| text.chars().filter(|c| matches!(c, '\n' | '\r' | '\u{c}')).collect::<String>();
        prop_assert_eq!(breaks(&fixed), breaks(&raw));
    }

    #[test]
    fn digits_are_never_made_or_changed(raw in broken()) {
        let text = repair_text(&raw, Model::builtin());
        prop_assert!(is_subsequence(&digits(text.fixed()), &digits(&raw)));
        // A digit is lost only as a misread letter: alone, beside letters.
        for edit in text.edits() {
            let before = edit.raw.of(&raw);
            if digits(before) != digits(&edit.new) {
                prop_assert!(before.contains(char::is_alphabetic), "{before} became {}", edit.new);
                prop_assert!(!before.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_digit)), "{before}");
                prop_assert!(edit.why != Why::Number);
            }
        }
    }

    #[test]
    fn repair_is_the_same_every_time(raw in broken()) {
        let (first, second) = (repair_text(&raw, Model::builtin()), repair_text(&raw, Model::builtin()));
        prop_assert_eq!(first.edits(), second.edits());
    }

    #[test]
    fn edits_are_in_order_and_say_something(raw in broken()) {
        let text = repair_text(&raw, Model::builtin());
        for edit in text.edits() {
            prop_assert_ne!(edit.raw.of(&raw), &edit.new);
            prop_assert!((0.0..=1.0).contains(&edit.confidence));
            prop_assert!(!edit.rivals.contains(&edit.new));
        }
    }
}

/// What a repairer remembers makes it faster and nothing else.
#[test]
fn earlier_texts_change_nothing() {
    let mut repairer = Repairer::new(Model::builtin());
    for (raw, _) in CASES {
        repairer.repair(raw);
    }
    for (raw, _) in CASES.iter().rev() {
        let alone = repair_text(raw, Model::builtin());
        assert_eq!(repairer.repair(raw).edits(), alone.edits(), "{raw}");
    }
}

/// Found by the laws above: a mark of another script behind a sign.
#[test]
fn foreign_marks_are_left_alone() {
    for raw in ["\u{1e030}a(\u{113c7}:ÀΑ", "(\u{113c7}", "ê\u{113c7}a", "a\u{113c7}\u{301}"] {
        let text = repair_text(raw, Model::builtin());
        assert!(text.edits().iter().all(|edit| edit.raw.of(raw) != edit.new), "{raw:?}");
        assert!(text.fixed().contains('\u{113c7}'), "{raw:?} became {:?}", text.fixed());
    }
}
