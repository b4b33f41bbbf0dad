//! The store as a whole: what is put comes back, and questions are answered for the documents that
//! were meant.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use jiff::civil::date;
use tempfile::TempDir;
use vanban::parse::{DeadlineKind, Relation};
use vanban::store::{CiteFilter, Direction, ListFilter, Put, Role, Store, TaskFilter};

use crate::build::{Cite, Doc, Todo, cite};

/// A new store in a folder that goes with it.
pub(crate) fn new_store() -> (TempDir, PathBuf, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.vanban");
    let store = Store::open(&path).unwrap();
    (folder, path, store)
}

pub(crate) fn filled(docs: &[Doc]) -> (TempDir, PathBuf, Store) {
    let (folder, path, mut store) = new_store();
    for (index, doc) in docs.iter().enumerate() {
        store.put(&doc.record(), &format!("{index}.txt")).unwrap();
    }
    store.resolve().unwrap();
    (folder, path, store)
}

pub(crate) fn plan_of_the_city() -> Cite {
    Cite {
        kind: "Kế hoạch",
        date: Some(date(2024, 4, 11)),
        issuer: "Ủy ban nhân dân Thành phố",
        mentions: vec!["Kế hoạch số 1927/KH-UBND ngày 11 tháng 4 năm 2024", "Kế hoạch số\n1927/KH-UBND được"],
        ..cite("1927/KH-UBND")
    }
}

pub(crate) fn school_441() -> Doc {
    Doc::school(441, date(2024, 12, 4))
        .about("Triển khai xây dựng Thành phố học tập toàn cầu")
        .line("Căn cứ Kế hoạch số 1927/KH-UBND ngày 11 tháng 4 năm 2024 của Ủy ban nhân dân Thành phố;")
        .line(
            "- Thực hiện bộ tiêu chí của UNESCO. Đảm bảo các mục tiêu theo Kế hoạch số\n1927/KH-UBND được hoàn thành.",
        )
        .cites(plan_of_the_city())
}

#[test]
fn a_record_comes_back_as_it_was_put() {
    let (_folder, _path, mut store) = new_store();
    let record = school_441().record();
    assert_eq!(store.put(&record, "a.txt").unwrap(), Put::New);
    assert!(store.has(record.file.digest).unwrap());
    assert_eq!(store.record_of(record.file.digest).unwrap(), Some(record));
}

#[test]
fn the_same_document_twice_is_one_with_two_paths() {
    let (_folder, _path, mut store) = new_store();
    let record = school_441().record();
    assert_eq!(store.put(&record, "a.txt").unwrap(), Put::New);
    assert_eq!(store.put(&record, "b.txt").unwrap(), Put::Unchanged);
    let mut other = record.clone();
    other.citations.clear();
    assert_eq!(store.put(&other, "b.txt").unwrap(), Put::Replaced);
    store.resolve().unwrap();
    let shown = store.show("441/KH-THPTLTT").unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].files[0].paths, ["a.txt", "b.txt"]);
    assert_eq!(shown[0].files[0].record, other);
    assert!(store.find("1927/KH-UBND").unwrap().candidates.is_empty(), "the old reading left nothing behind");
    assert!(store.search("UNESCO", &ListFilter::default()).unwrap().len() == 1);
}

#[test]
fn two_files_of_one_document_are_one_node() {
    let (_folder, _path, store) = filled(&[school_441(), school_441().copy("scan")]);
    let shown = store.show("441/KH-THPTLTT").unwrap();
    assert_eq!((shown.len(), shown[0].files.len()), (1, 2));
}

#[test]
fn who_cites_gives_every_sentence() {
    let (_folder, _path, store) = filled(&[school_441()]);
    for words in [
        "1927/KH-UBND",
        "1927/kh-ubnd",
        "1927 KH UBND",
        "Kế hoạch số 1927/KH-UBND",
        "1927/KH-UBND 2024",
        "1927 khubnd tp hcm",
        "1927",
        "kh-ubnd/1927/2024/ho-chi-minh",
    ] {
        let answer = store.who_cites(words, &CiteFilter::default()).unwrap();
        assert_eq!(answer.rows.len(), 1, "{words}");
        assert!(!answer.ambiguous);
        let row = &answer.rows[0];
        assert_eq!(row.target, "kh-ubnd/1927/2024/ho-chi-minh");
        assert_eq!(row.document.key.as_deref(), Some("441/KH-THPTLTT"));
        let sentences: Vec<&str> = row.citation.evidence.iter().map(|evidence| evidence.sentence.as_str()).collect();
        assert_eq!(
            sentences,
            [
                "Căn cứ Kế hoạch số 1927/KH-UBND ngày 11 tháng 4 năm 2024 của Ủy ban nhân dân Thành phố;",
                "Đảm bảo các mục tiêu theo Kế hoạch số 1927/KH-UBND được hoàn thành.",
            ]
        );
    }
    for words in ["1927/KH-UBND 2023", "1928/KH-UBND", "1927/QĐ-UBND Hà Nội", "", "///", "\u{0}"] {
        assert!(store.who_cites(words, &CiteFilter::default()).unwrap().rows.is_empty(), "{words}");
    }
}

#[test]
fn a_folded_symbol_finds_the_printed_one() {
    let doc = Doc::school(1, date(2024, 12, 4)).cites(cite("2417/KH-SGDĐT"));
    let (_folder, _path, store) = filled(&[doc]);
    for words in ["2417/KH-SGDDT", "2417/KH-SGDĐT", "2417 kh sgddt", "2417/KH-SGD&ĐT"] {
        assert_eq!(store.who_cites(words, &CiteFilter::default()).unwrap().rows.len(), 1, "{words}");
    }
    let exact = |words: &str| store.find(words).unwrap().candidates[0].exact;
    assert!(exact("2417/KH-SGDĐT") && !exact("2417/KH-SGDDT"));
}

#[test]
fn an_ambiguous_number_is_answered_for_all() {
    let city = Doc::new("7/KH-UBND", "Kế hoạch", "Ủy ban nhân dân Thành phố Hồ Chí Minh", date(2024, 1, 5));
    let capital = Doc::new("7/KH-UBND", "Kế hoạch", "Ủy ban nhân dân Thành phố Hà Nội", date(2024, 1, 6));
    let (_folder, _path, store) = filled(&[city, capital, Doc::school(1, date(2024, 12, 4)).cites(cite("7/KH-UBND"))]);
    let answer = store.who_cites("7/KH-UBND", &CiteFilter::default()).unwrap();
    assert!(answer.ambiguous);
    assert_eq!(answer.asked.candidates.len(), 2);
    assert_eq!(answer.rows.len(), 1);
    assert_eq!(answer.rows[0].target, "kh-ubnd/7/2024/ho-chi-minh");
    assert!(store.who_cites("7/KH-UBND Hà Nội", &CiteFilter::default()).unwrap().rows.is_empty());
}

#[test]
fn a_rival_is_shown_as_possible() {
    let of = |year: i16| Doc::new("7/KH-UBND", "Kế hoạch", "UBND Thành phố Hồ Chí Minh", date(year, 1, 5));
    let (_folder, _path, store) =
        filled(&[of(2023), of(2024), Doc::school(1, date(2024, 12, 4)).cites(cite("7/KH-UBND"))]);
    let answer = store.who_cites("kh-ubnd/7/2023/ho-chi-minh", &CiteFilter::default()).unwrap();
    assert_eq!(answer.rows.len(), 1);
    assert!(answer.rows[0].possible && answer.rows[0].citation.outcome == "ambiguous");
    // Asked by number, the row appears once, under the mention's own node.
    let answer = store.who_cites("7/KH-UBND", &CiteFilter::default()).unwrap();
    assert_eq!(answer.rows.len(), 1);
    assert_eq!(answer.rows[0].citation.rivals.len(), 2);
}

#[test]
fn citing_documents_are_filtered() {
    let by = |relation: Relation| Cite { relation, ..plan_of_the_city() };
    let docs = [
        Doc::school(1, date(2024, 6, 1)).cites(by(Relation::BasedOn)),
        Doc::school(2, date(2024, 8, 1)).cites(by(Relation::Implements)),
        Doc::new("9/QĐ-SGDĐT", "Quyết định", "Sở Giáo dục và Đào tạo TP.HCM", date(2024, 9, 1))
            .cites(by(Relation::BasedOn)),
    ];
    let (_folder, _path, store) = filled(&docs);
    let count = |filter: CiteFilter| store.who_cites("1927/KH-UBND", &filter).unwrap().rows.len();
    let document = |document: ListFilter| CiteFilter { document, ..CiteFilter::default() };
    assert_eq!(count(CiteFilter::default()), 3);
    assert_eq!(count(CiteFilter { relation: Some(Relation::Implements), ..CiteFilter::default() }), 1);
    assert_eq!(count(document(ListFilter { kind: Some("KH".into()), ..ListFilter::default() })), 2);
    assert_eq!(count(document(ListFilter { kind: Some("quyet dinh".into()), ..ListFilter::default() })), 1);
    assert_eq!(count(document(ListFilter { issuer: Some("so gd&dt".into()), ..ListFilter::default() })), 1);
    assert_eq!(count(document(ListFilter { from: Some(date(2024, 8, 1)), ..ListFilter::default() })), 2);
    assert_eq!(count(document(ListFilter { to: Some(date(2024, 7, 1)), ..ListFilter::default() })), 1);
    assert_eq!(count(document(ListFilter { place: Some("TP.HCM".into()), ..ListFilter::default() })), 3);
    assert_eq!(count(document(ListFilter { limit: Some(2), ..ListFilter::default() })), 2);
}

/// `QCVN 102:2016/BTTTT` is no letter of that ministry, and a bureau is no body of the province.
#[test]
fn standards_are_a_series_of_their_own() {
    let standard = |key, kind| Cite { kind, ..cite(key) };
    let doc = Doc::school(1, date(2024, 12, 4))
        .cites(standard("102:2016/BTTTT", "QCVN"))
        .cites(standard("9001:2015", "TCVN"))
        .cites(Cite { issuer: "Cục Nhà giáo", date: Some(date(2024, 5, 6)), ..cite("55/CV-NGCB") })
        .cites(Cite { issuer: "Công ty TNHH Hoa Sen", date: Some(date(2024, 5, 6)), ..cite("56/CV-HS") });
    let (_folder, _path, store) = filled(&[doc]);
    let rows = store.cites("1/KH-THPTLTT").unwrap().rows;
    let targets: Vec<(&str, &str)> =
        rows.iter().map(|row| (row.target.key.as_str(), row.target.printed.as_str())).collect();
    assert_eq!(targets[0], ("qcvn-btttt/102/2016", "QCVN 102:2016/BTTTT"));
    assert_eq!(targets[1], ("tcvn/9001/2015", "TCVN 9001:2015"));
    assert_eq!(rows[2].target.place.as_deref(), Some("vn"), "{}", targets[2].0);
    assert_eq!(rows[3].target.place, None, "{}", targets[3].0);
    for words in ["QCVN 102:2016/BTTTT", "102:2016/BTTTT", "qcvn 102", "TCVN 9001:2015", "tcvn 9001"] {
        assert_eq!(store.who_cites(words, &CiteFilter::default()).unwrap().rows.len(), 1, "{words}");
    }
    assert!(store.who_cites("TCVN 102", &CiteFilter::default()).unwrap().rows.is_empty());
}

/// The newest documents first, whatever is left out.
#[test]
fn the_first_page_is_the_head_of_the_whole_answer() {
    let docs: Vec<Doc> = (1..=40_u32)
        .map(|number| {
            let day = date(2024, 1 + (number * 7 % 12) as i8, 1 + (number % 3) as i8);
            let issuer = if number % 2 == 0 { "UBND tỉnh Lào Cai" } else { "UBND Thành phố Hà Nội" };
            Doc::new(&format!("{number}/QĐ-UBND"), "Quyết định", issuer, day).cites(cite("30/2020/NĐ-CP"))
        })
        .collect();
    let (_folder, _path, store) = filled(&docs);
    for issuer in [None, Some("Lào Cai")] {
        let ask = |limit| {
            let document = ListFilter { issuer: issuer.map(str::to_owned), limit, ..ListFilter::default() };
            store.who_cites("30/2020/NĐ-CP", &CiteFilter { document, ..CiteFilter::default() }).unwrap().rows
        };
        let all = ask(None);
        assert_eq!(all.len(), if issuer.is_some() { 20 } else { 40 });
        assert!(all.windows(2).all(|pair| pair[0].document.date >= pair[1].document.date));
        for limit in [0, 1, 7, 100] {
            assert_eq!(ask(Some(limit)), all[..limit.min(all.len())]);
        }
    }
}

#[test]
fn what_is_cited_is_wanted_until_it_is_held() {
    let (_folder, _path, mut store) =
        filled(&[school_441(), Doc::school(2, date(2024, 12, 5)).cites(plan_of_the_city())]);
    let wanted = store.wanted(10).unwrap();
    assert_eq!((wanted[0].node.printed.as_str(), wanted[0].node.cited), ("1927/KH-UBND", 2));
    let plan = Doc::new("1927/KH-UBND", "Kế hoạch", "Ủy ban nhân dân Thành phố Hồ Chí Minh", date(2024, 4, 11));
    store.put(&plan.record(), "plan.pdf").unwrap();
    assert!(store.is_dirty().unwrap());
    let done = store.resolve().unwrap();
    assert!(done.blocks <= 2, "only what changed is made again");
    assert!(store.wanted(10).unwrap().is_empty());
    assert_eq!(store.who_cites("1927/KH-UBND", &CiteFilter::default()).unwrap().rows.len(), 2);
}

#[test]
fn what_a_document_cites() {
    let doc = school_441()
        .cites(Cite {
            name: "Luật Ngân sách nhà nước", mentions: vec!["Luật Ngân sách nhà nước"], ..cite("")
        })
        .cites(Cite { name: "Thông tư 24", kind: "Thông tư", mentions: vec!["Thông tư 24"], ..cite("24") });
    let (_folder, _path, store) = filled(&[doc]);
    let rows = store.cites("441/KH-THPTLTT").unwrap().rows;
    let printed: Vec<&str> = rows.iter().map(|row| row.target.printed.as_str()).collect();
    assert_eq!(printed, ["1927/KH-UBND", "Luật Ngân sách nhà nước", "Thông tư 24"]);
    assert_eq!(rows[1].target.key, "luat:luat-ngan-sach-nha-nuoc");
    for words in ["Luật Ngân sách nhà nước", "luat ngan sach", "ngân sách nhà nước"] {
        assert_eq!(store.who_cites(words, &CiteFilter::default()).unwrap().rows.len(), 1, "{words}");
    }
    assert_eq!(store.who_cites("Thông tư 24", &CiteFilter::default()).unwrap().rows.len(), 1);
    assert!(store.who_cites("Nghị định 24", &CiteFilter::default()).unwrap().rows.is_empty());
}

#[test]
fn a_short_reference_is_offered_what_arrives_later() {
    let doc = Doc::school(1, date(2024, 12, 4)).cites(Cite {
        name: "Thông tư 24",
        kind: "Thông tư",
        mentions: vec!["Thông tư 24"],
        ..cite("24")
    });
    let (_folder, _path, mut store) = filled(&[doc]);
    let circular = Doc::new("24/2023/TT-BGDĐT", "Thông tư", "Bộ Giáo dục và Đào tạo", date(2023, 12, 11));
    store.put(&circular.record(), "tt24.pdf").unwrap();
    store.resolve().unwrap();
    let rows = store.cites("1/KH-THPTLTT").unwrap().rows;
    assert_eq!(rows[0].citation.outcome, "unresolved");
    assert_eq!(rows[0].citation.rivals[0].node, "tt-bgddt/24/2023");
    let possible = store.who_cites("24/2023/TT-BGDĐT", &CiteFilter::default()).unwrap().rows;
    assert!(possible.len() == 1 && possible[0].possible);
}

#[test]
fn tasks_by_unit_day_and_document() {
    let before =
        |year, month, day, inclusive| Some((DeadlineKind::Before, None, Some(date(year, month, day)), inclusive));
    let doc = school_441()
        .asks(Todo {
            text: "một",
            lead: vec!["Sở GD&ĐT"],
            coordinate: vec!["Văn phòng"],
            due: before(2024, 10, 1, false),
        })
        .asks(Todo { text: "hai", lead: vec!["Văn phòng"], coordinate: vec![], due: before(2024, 12, 31, true) })
        .asks(Todo {
            text: "ba",
            lead: vec![],
            coordinate: vec![],
            due: Some((DeadlineKind::Event, None, None, false)),
        });
    let (_folder, _path, store) = filled(&[doc]);
    let texts = |filter: TaskFilter| -> Vec<String> {
        store.tasks(&filter).unwrap().into_iter().map(|task| task.text).collect()
    };
    assert_eq!(texts(TaskFilter::default()), ["một", "hai", "ba"]);
    let unit = |unit: &str, role| TaskFilter { unit: Some(unit.into()), role, ..TaskFilter::default() };
    assert_eq!(texts(unit("so giao duc va dao tao", None)), ["một"]);
    assert_eq!(texts(unit("văn phòng", None)), ["một", "hai"]);
    assert_eq!(texts(unit("văn phòng", Some(Role::Lead))), ["hai"]);
    let overdue = |month, day| TaskFilter { overdue_on: Some(date(2024, month, day)), ..TaskFilter::default() };
    assert!(texts(overdue(9, 30)).is_empty());
    assert_eq!(texts(overdue(10, 1)), ["một"], "a day that does not count itself is past on that day");
    assert_eq!(texts(overdue(12, 31)), ["một"]);
    let of = |words: &str| TaskFilter { document: Some(words.into()), ..TaskFilter::default() };
    assert_eq!(texts(of("441/KH-THPTLTT")).len(), 3);
    assert!(texts(of("442/KH-THPTLTT")).is_empty());
    assert_eq!(texts(TaskFilter { from: Some(date(2024, 11, 1)), ..TaskFilter::default() }), ["hai"]);
}

#[test]
fn search_is_exact_with_accents_and_forgiving_without() {
    let docs = [
        Doc::school(1, date(2024, 1, 1)).line("Sửa chữa đường bộ, Uỷ ban nhân dân quyết định"),
        Doc::school(2, date(2024, 2, 1)).line("Mua dưỡng thuốc cho học sinh"),
    ];
    let (_folder, _path, store) = filled(&docs);
    let found = |query: &str| -> Vec<String> {
        let mut keys: Vec<String> = store
            .search(query, &ListFilter::default())
            .unwrap()
            .into_iter()
            .filter_map(|hit| hit.document.key)
            .collect();
        keys.sort();
        keys
    };
    assert_eq!(found("đường"), ["1/KH-THPTLTT"]);
    assert_eq!(found("duong"), ["1/KH-THPTLTT", "2/KH-THPTLTT"]);
    assert_eq!(found("\"ủy ban nhân dân\" duong"), ["1/KH-THPTLTT"]);
    assert_eq!(found("\"duong bo\""), ["1/KH-THPTLTT"]);
    assert_eq!(found("2/KH-THPTLTT"), ["2/KH-THPTLTT"]);
    assert!(found("đuong").is_empty() && found("\" OR 1; DROP").is_empty());
    let hit = &store.search("quyết", &ListFilter::default()).unwrap()[0];
    let (start, end) = hit.marks[0];
    assert_eq!(&hit.snippet[start as usize..end as usize], "quyết");
}

#[test]
fn several_steps() {
    let decree = Doc::new("30/2020/NĐ-CP", "Nghị định", "Chính phủ", date(2020, 3, 5));
    let city = Doc::new("1927/KH-UBND", "Kế hoạch", "UBND Thành phố Hồ Chí Minh", date(2024, 4, 11))
        .cites(cite("30/2020/NĐ-CP"));
    let later = Doc::new("99/2024/NĐ-CP", "Nghị định", "Chính phủ", date(2024, 6, 1))
        .cites(Cite { relation: Relation::Replaces, ..cite("30/2020/NĐ-CP") });
    let (_folder, _path, store) = filled(&[decree, city, later, school_441()]);
    let paths = store.path("441/KH-THPTLTT", "30/2020/NĐ-CP").unwrap();
    let steps: Vec<&str> = paths[0].steps.iter().map(|step| step.node.printed.as_str()).collect();
    assert_eq!(steps, ["441/KH-THPTLTT", "1927/KH-UBND", "30/2020/NĐ-CP"]);
    assert_eq!(paths[0].steps[1].relation.as_deref(), Some("based_on"));
    let far = |depth| store.reach("30/2020/NĐ-CP", Direction::Down, depth).unwrap().len();
    assert_eq!((far(1), far(2)), (2, 3));
    let impact = store.impact(None, false).unwrap();
    assert_eq!(impact.len(), 1);
    assert_eq!((impact[0].document.printed.as_str(), impact[0].late), ("1927/KH-UBND", false));
    assert!(store.impact(None, true).unwrap().is_empty());
    assert_eq!(store.statistics().unwrap().documents, 4);
}
