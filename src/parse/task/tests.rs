use super::*;
use crate::facts::Facts;
use crate::parse::parse;

/// The tasks of a document, each as "text / lead / coordinate / end".
fn tasks(text: &str) -> Vec<String> {
    let parsed = parse(text, Facts::builtin());
    let names = |units: &[Found<String>]| units.iter().map(|unit| unit.value.as_str()).collect::<Vec<_>>().join(" + ");
    let shown = parsed.tasks.iter().map(|task| {
        let end =
            task.deadline.as_ref().and_then(|deadline| deadline.end).map_or("-".to_owned(), |end| end.to_string());
        format!("{} / {} / {} / {end}", task.text.value, names(&task.lead), names(&task.coordinate))
    });
    shown.collect()
}

const HEAD: &str = "UBND TỈNH LÀO CAI\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ Y TẾ\tĐộc lập - Tự do - Hạnh phúc\n\
    Số: 12/KH-SYT\tLào Cai, ngày 05 tháng 3 năm 2024\n\nKẾ HOẠCH\nPhòng, chống dịch năm 2024\n\n";

#[test]
fn labelled_lines_belong_to_the_heading_and_are_the_whole_truth() {
    let text = format!(
        "{HEAD}II. NỘI DUNG\n\n1. Mua sắm vật tư\n\n- Rà soát nhu cầu của các đơn vị.\n\n\
        Phụ trách: Phòng Kế hoạch - Tài chính, Văn phòng Sở.\n\nThời gian thực hiện: Quý II năm 2024.\n\n\
        2. Tập huấn cho cán bộ\n\na) Đơn vị chủ trì: Phòng Nghiệp vụ Y.\n\nb) Đơn vị phối hợp: Văn phòng Sở.\n\n\
        c) Thời gian thực hiện: tháng 6/2024.\n\nIII. TỔ CHỨC THỰC HIỆN\n\n1. Văn phòng Sở\n\n\
        Theo dõi, đôn đốc các phòng thực hiện Kế hoạch.\n"
    );
    assert_eq!(
        tasks(&text),
        [
            "Mua sắm vật tư / Phòng Kế hoạch - Tài chính + Văn phòng Sở /  / 2024-06-30",
            "Tập huấn cho cán bộ / Phòng Nghiệp vụ Y / Văn phòng Sở / 2024-06-30",
        ]
    );
}

#[test]
fn items_under_a_unit_and_sentences_with_their_own() {
    let text = format!(
        "{HEAD}III. TỔ CHỨC THỰC HIỆN\n\n1. Phòng Nghiệp vụ Y\n\n- Chủ trì, phối hợp với Văn phòng Sở và các đơn vị liên \
        quan xây dựng phương án, báo cáo trước ngày 30/4/2024.\n\n- Theo dõi tình hình dịch trên địa bàn tỉnh.\n\n\
        2. Các bệnh viện có trách nhiệm dự trữ thuốc, vật tư theo quy định.\n\n\
        Trên đây là Kế hoạch phòng, chống dịch, đề nghị các đơn vị nghiêm túc triển khai thực hiện./.\n"
    );
    assert_eq!(
        tasks(&text),
        [
            "Chủ trì, phối hợp với Văn phòng Sở và các đơn vị liên quan xây dựng phương án, báo cáo trước ngày 30/4/2024. \
             / Phòng Nghiệp vụ Y / Văn phòng Sở + các đơn vị liên quan / 2024-04-30",
            "Theo dõi tình hình dịch trên địa bàn tỉnh. / Phòng Nghiệp vụ Y /  / -",
            "Các bệnh viện có trách nhiệm dự trữ thuốc, vật tư theo quy định. / Các bệnh viện /  / -",
        ]
    );
}

#[test]
fn rows_of_a_table_with_tabs_bars_or_nothing() {
    let row = "Xây dựng kế hoạch / Sở Y tế / Sở Tài chính + UBND các xã, phường / 2024-12-31";
    for table in [
        "STT\tNội dung\tĐơn vị chủ trì\tĐơn vị phối hợp\tThời gian\n\
         1\tXây dựng kế hoạch\tSở Y tế\tSở Tài chính; UBND các xã, phường\tQuý IV/2024\n",
        "STT | Nội dung | Đơn vị chủ trì | Đơn vị phối hợp | Thời gian\n\
         1 | Xây dựng kế hoạch | Sở Y tế | Sở Tài chính; UBND các xã, phường | Quý IV/2024\n",
        "STT\nNội dung\nĐơn vị chủ trì\nĐơn vị phối hợp\nThời gian\n\
         1\nXây dựng kế hoạch\nSở Y tế\nSở Tài chính; UBND các xã, phường\nQuý IV/2024\n",
    ] {
        let text = format!("{HEAD}PHỤ LỤC\nDANH MỤC NHIỆM VỤ\n{table}");
        assert_eq!(tasks(&text), [row], "{table}");
    }
}

/// Targets, the duration of the plan, what the issuer says of itself, addressees.
#[test]
fn what_is_no_task() {
    let text = format!(
        "{HEAD}Sở Y tế ban hành Kế hoạch phòng, chống dịch như sau:\n\nI. MỤC TIÊU\n\n\
        1. Đến năm 2030, tỷ lệ tiêm chủng đạt 95%.\n\n2. Kế hoạch thực hiện từ năm 2024 đến năm 2030.\n\n\
        Nơi nhận:\n- Sở Tài chính;\n- Lưu: VT.\n"
    );
    assert_eq!(tasks(&text), [""; 0]);
}

proptest::proptest! {
    #[test]
    fn any_jumble_is_survived(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "1. ", "a) ", "- ", "Sở Y tế", ":", "\n", "\n\n", "chủ trì, phối hợp với ", "các sở, ngành", ", ", " và ", "; ", "Giao ",
            "Phụ trách: ", "Thời gian: ", "Quý IV năm 2024", "STT\tNội dung\tĐơn vị chủ trì\n", "\t", " | ", "trước ngày 15/12",
            " hằng năm", "(", ")", "./.", "Nơi nhận:", "II. TỔ CHỨC THỰC HIỆN\n", "sau khi ", "**", "###",
        ]),
        0..30,
    )) {
        let text = parts.concat();
        for task in parse(&text, Facts::builtin()).tasks {
            proptest::prop_assert!(text.get(task.text.span.range()).is_some_and(|words| !words.is_empty()));
        }
    }
}
