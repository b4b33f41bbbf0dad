use super::*;
use crate::key::DocNumber;
use crate::parse::found::Found;

/// The table of cases: a text, then the citations that it holds.
const CASES: &str = include_str!("../../../tests/cases/citations.tsv");

fn cite(text: &str) -> Vec<Citation> {
    find_citations(text, Span::at(0, text.len()), &Header::default(), Facts::builtin())
}

/// A citation as the table writes it: number or name, type, date, issuer, relation, locator.
fn shown(citation: &Citation) -> String {
    let text = |field: &Option<Found<String>>| field.as_ref().map_or("-".to_owned(), |field| field.value.clone());
    let key = citation.key.as_ref().map_or_else(|| text(&citation.name), |key| key.value.to_string());
    let date = citation.date.as_ref().map_or("-".to_owned(), |date| date.value.to_string());
    let relation = citation.relation.value.as_str();
    let (kind, issuer, locator) = (text(&citation.kind), text(&citation.issuer), text(&citation.locator));
    format!("{key}; {kind}; {date}; {issuer}; {relation}; {locator}")
}

#[test]
fn every_case_of_the_table() {
    let mut wrong = Vec::new();
    for line in CASES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).skip(1) {
        let (text, expected) = line.split_once('\t').expect(line);
        let found: Vec<String> = cite(text).iter().map(shown).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(" | ") };
        if found != expected {
            wrong.push(format!("{text}\n  found    {found}\n  expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mentions_of_one_document_are_one_citation() {
    let text = "Căn cứ Kế hoạch số 1927/KH-UBND ngày 11 tháng 4 năm 2024 của Ủy ban nhân dân Thành phố;\n\
        Các mục tiêu theo Kế hoạch số 1927/KH-UBND được hoàn thành. Kế hoạch 1927 có hiệu lực.";
    let found = cite(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].mentions.len(), 3);
    assert_eq!(found[0].relation.value.as_str(), "based_on");
    assert_eq!(found[0].relation.span.of(text), "Căn cứ");
}

#[test]
fn same_number_of_another_year_or_body_stays_apart() {
    let text = "Kế hoạch số 12/KH-UBND ngày 05/3/2023 của UBND tỉnh Lào Cai; \
        Kế hoạch số 12/KH-UBND ngày 17/4/2024 của UBND tỉnh Lào Cai; \
        Kế hoạch số 12/KH-UBND của UBND tỉnh Yên Bái";
    assert_eq!(cite(text).len(), 3);
}

#[test]
fn a_slip_of_the_pen_is_one_document_with_a_rival_date() {
    let text =
        "Quyết định số 1050/QĐ-SCT ngày 06/3/2026 của Giám đốc Sở; theo Quyết định số 1050/QĐ-SCT ngày 06/3/2025";
    let found = cite(text);
    assert_eq!(found.len(), 1);
    let date = found[0].date.as_ref().expect("present");
    assert_eq!(date.rivals.len(), 1);
    assert!(date.confidence < crate::parse::found::REVIEW);
}

#[test]
fn the_document_does_not_cite_itself() {
    let text = "Số: 441 /KH-THPTLTT\nKế hoạch số 441/KH-THPTLTT này thay thế Kế hoạch số 12/KH-THPTLTT.";
    let key = Found::new(DocNumber::parse("441/KH-THPTLTT").expect("present"), Span::at(5, 22), "test", 1.0);
    let header = Header { key: Some(key), ..Header::default() };
    let found = find_citations(text, Span::at(0, text.len()), &header, Facts::builtin());
    assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), ["12/KH-THPTLTT; Kế hoạch; -; -; replaces; -"]);
}

#[test]
fn spans_point_into_the_text_though_the_body_starts_later() {
    let text = "Đăng nhập\nCăn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ;";
    let start = text.find("Căn").expect("present");
    let found = find_citations(text, Span::at(start, text.len()), &Header::default(), Facts::builtin());
    assert_eq!(found[0].key.as_ref().expect("present").span.of(text), "30/2020/NĐ-CP");
    assert_eq!(found[0].date.as_ref().expect("present").span.of(text), "ngày 05 tháng 3 năm 2020");
    assert_eq!(found[0].issuer.as_ref().expect("present").span.of(text), "Chính phủ");
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC{0,80}") {
        cite(&text);
    }

    /// Bits of real citations in any order.
    #[test]
    fn any_jumble_is_survived(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "Căn cứ ", "Nghị định số ", "30/2020/NĐ-CP", " ngày 05/3/2020", " của Chính phủ", "; ", ",\n", "Luật ", "Đất đai",
            " sửa đổi, bổ sung bởi ", "số ", "12-NQ/TU", " và ", "(", ")", ".\n\n", "Điều 5 ", "khoản 2 ", "Thông tư 24", " – ",
            "QCVN 122:2024/", " tại ", "QĐ-UBND", "/", "\t", "“", "năm 2013",
        ]),
        0..24,
    )) {
        let text = parts.concat();
        for citation in cite(&text) {
            proptest::prop_assert!(!citation.mentions.is_empty());
            for mention in &citation.mentions {
                proptest::prop_assert!(text.get(mention.span.range()).is_some());
            }
        }
    }
}
