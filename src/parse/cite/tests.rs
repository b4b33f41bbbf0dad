use super::*;

fn cite(text: &str) -> Vec<Citation> {
    find_citations(text, Span::at(0, text.len()), &Header::default(), Facts::builtin())
}

#[test]
fn smoke() {
    let found =
        cite("Căn cứ Kế hoạch số 1927/KH-UBND ngày 11 tháng 4 năm 2024 của Ủy ban nhân dân Thành phố về thực hiện;");
    println!("{found:#?}");
    assert_eq!(found.len(), 1);
}
