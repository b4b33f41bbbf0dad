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

/// One paragraph a line, as documents come out of word processors; headings wrapped by others.
#[test]
fn paragraphs_of_one_line_and_wrapped_headings() {
    let long = "theo dõi, đôn đốc, kiểm tra việc thực hiện của các đơn vị, tổng hợp khó khăn, vướng mắc và báo cáo lãnh đạo theo quy định; ".repeat(3);
    let text = format!(
        "{HEAD}III. TỔ CHỨC\nTHỰC HIỆN\n1. Phòng Nghiệp vụ Y\nChủ trì {long}\nĐịnh kỳ hằng quý {long}\n2. Các cơ sở y tế căn cứ chức \
        năng, nhiệm vụ được giao xây dựng phương án {long}\n"
    );
    let found = tasks(&text);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[1].starts_with("Định kỳ hằng quý") && found[1].contains("/ Phòng Nghiệp vụ Y /"), "{found:#?}");
    assert!(found[2].contains("/ Các cơ sở y tế /"), "{found:#?}");
}

#[test]
fn labels_in_the_paragraph_of_their_task() {
    let text = format!(
        "{HEAD}II. NỘI DUNG\n\n1. Xây dựng đề án số hóa hồ sơ bệnh án. Đơn vị chủ trì: Phòng Nghiệp vụ Y. Đơn vị phối hợp: \
        Văn phòng Sở. Thời gian hoàn thành: Quý II năm 2024. Sản phẩm: Đề án được duyệt. Kinh phí: ngân sách tỉnh.\n\n\
        2. Rà soát trang thiết bị (Chủ trì: Phòng Kế hoạch - Tài chính; Thời gian: tháng 4/2024)\n"
    );
    let parsed = parse(&text, Facts::builtin());
    let first = &parsed.tasks[0];
    assert_eq!(first.product.as_ref().map(|found| found.value.as_str()), Some("Đề án được duyệt"));
    assert_eq!(first.budget.as_ref().map(|found| found.value.as_str()), Some("ngân sách tỉnh"));
    assert_eq!(
        tasks(&text),
        [
            "Xây dựng đề án số hóa hồ sơ bệnh án / Phòng Nghiệp vụ Y / Văn phòng Sở / 2024-06-30",
            "Rà soát trang thiết bị / Phòng Kế hoạch - Tài chính /  / 2024-04-30",
        ]
    );
}

/// A notice of a meeting has a chair, a time, a place and guests, and hands out no task.
#[test]
fn a_meeting_is_no_task() {
    let text = format!(
        "{HEAD}Sở Y tế kính mời dự họp, cụ thể như sau:\n1. Chủ trì: Lãnh đạo Sở Y tế.\n2. Thành phần: Như kính gửi.\n\
        3. Thời gian: 8 giờ 00 ngày 12/3/2024.\n4. Địa điểm: Hội trường Sở Y tế.\n"
    );
    assert_eq!(tasks(&text), [""; 0]);
}

#[test]
fn sentences_with_units_of_their_own() {
    let text = format!(
        "{HEAD}Điều 2. Giao Phòng Nghiệp vụ Y chủ trì tham mưu thực hiện. Phòng Kế hoạch - Tài chính có trách nhiệm bố trí \
        kinh phí trước ngày 30/4/2024.\n\nĐiều 3. Chánh Văn phòng Sở, Trưởng các phòng chuyên môn và các tổ chức, cá nhân có \
        liên quan chịu trách nhiệm thi hành Quyết định này.\n"
    );
    let found = tasks(&text);
    assert!(found.iter().any(|task| task.contains("/ Phòng Kế hoạch - Tài chính /  / 2024-04-30")), "{found:#?}");
    assert!(found.iter().any(|task| task.contains("/ Phòng Nghiệp vụ Y /")), "{found:#?}");
    assert!(
        found.iter().any(|task| task.contains("/ Chánh Văn phòng Sở + Trưởng các phòng chuyên môn /")),
        "{found:#?}"
    );
}

#[test]
fn conclusions_name_a_topic_and_then_the_unit() {
    let text = format!(
        "{HEAD}1. Về vốn: Phòng Kế hoạch - Tài chính chủ trì, phối hợp với Văn phòng Sở rà soát, trình phương án.\n\n\
        III- TỔ CHỨC THỰC HIỆN\n\n1- Các chi bộ trực thuộc xây dựng kế hoạch thực hiện trước ngày 30/6/2024.\n"
    );
    let found = tasks(&text);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("/ Phòng Kế hoạch - Tài chính / Văn phòng Sở /"), "{found:#?}");
    assert!(found[1].ends_with("/ Các chi bộ trực thuộc /  / 2024-06-30"), "{found:#?}");
}

#[test]
fn a_dated_report_in_the_closing_paragraph() {
    let text = format!(
        "{HEAD}III. TỔ CHỨC THỰC HIỆN\n\n1. Văn phòng Sở theo dõi, đôn đốc thực hiện.\n\nSở Y tế yêu cầu các phòng, đơn vị \
        nghiêm túc triển khai thực hiện; định kỳ trước ngày 30 tháng 11 hằng năm báo cáo kết quả về Văn phòng Sở./.\n"
    );
    let found = tasks(&text);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[1].starts_with("định kỳ trước ngày 30") && found[1].contains("/ các phòng, đơn vị /"), "{found:#?}");
}

#[test]
fn tables_with_spanned_cells_groups_and_products() {
    let text = format!(
        "{HEAD}PHỤ LỤC\nSTT | Nhiệm vụ | Cơ quan chủ trì | Thời gian | Sản phẩm\nI | Thể chế |  |  | \n\
         1 | Xây dựng quy chế | Sở Y tế | Quý I/2024 | Quyết định\n2 | Xây dựng quy trình |  | Quý II/2024 | Quy trình\n"
    );
    let parsed = parse(&text, Facts::builtin());
    assert_eq!(
        tasks(&text),
        ["Xây dựng quy chế / Sở Y tế /  / 2024-03-31", "Xây dựng quy trình / Sở Y tế /  / 2024-06-30"]
    );
    assert!(parsed.tasks[1].lead[0].confidence < 0.6, "the cell is empty: whose it is is not said");
    assert_eq!(parsed.tasks[0].product.as_ref().map(|found| found.value.as_str()), Some("Quyết định"));
    let units = "STT\tNội dung công việc\tThời gian\nI\tSở Y tế\t\n1\tBan hành kế hoạch\tTháng 4/2024\n";
    assert_eq!(tasks(&format!("{HEAD}PHỤ LỤC\n{units}")), ["Ban hành kế hoạch / Sở Y tế /  / 2024-04-30"]);
}

#[test]
fn flattened_rows_count_on() {
    let text = format!(
        "{HEAD}PHỤ LỤC\nTT\nChỉ tiêu\nChủ trì\nI. Kinh\ntế số\n1\nTỷ lệ doanh nghiệp dùng nền tảng số đạt\n95\nphần trăm\n\
        Sở Tài chính\n2\nTỷ lệ người dân có chữ ký số\nTỉnh đoàn\nII. Xã hội số\n1\nTỷ lệ phủ sóng 5G\nSở Khoa học và Công nghệ\n"
    );
    assert_eq!(
        tasks(&text),
        [
            "Tỷ lệ doanh nghiệp dùng nền tảng số đạt 95 phần trăm / Sở Tài chính /  / -",
            "Tỷ lệ người dân có chữ ký số / Tỉnh đoàn /  / -",
            "Tỷ lệ phủ sóng 5G / Sở Khoa học và Công nghệ /  / -",
        ]
    );
}

#[test]
fn people_are_named_without_their_title() {
    let text = format!(
        "{HEAD}II. PHÂN CÔNG\n\n1. Giao đồng chí Trần Văn Bé - Phó Giám đốc chỉ đạo chung, chịu trách nhiệm trước Sở.\n"
    );
    let parsed = parse(&text, Facts::builtin());
    let people: Vec<_> = parsed.tasks.iter().flat_map(|task| &task.people).map(|found| found.value.as_str()).collect();
    assert_eq!(people, ["Trần Văn Bé"]);
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
