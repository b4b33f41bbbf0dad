//! The laws of identity, on documents built here.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn paper(key: &str, issuer: &str, parent: &str, on: Date, references: Vec<Reference>) -> Paper {
    Paper {
        digest: Digest::of(format!("{key}{issuer}{on}").as_bytes()),
        head: Letterhead {
            key: some(key),
            kind: some("Kế hoạch"),
            issuer: some(issuer),
            parent: some(parent),
            place: None,
            date: Some(on),
            subject: some("về một việc"),
        },
        references,
    }
}

fn cite(key: &str, on: Option<Date>, issuer: &str) -> Reference {
    Reference { key: some(key), date: on, issuer: some(issuer), ..Reference::default() }
}

fn school(number: &str, on: Date, references: Vec<Reference>) -> Paper {
    paper(
        &format!("{number}/KH-THPTLTT"),
        "Trường THPT Lê Trọng Tấn",
        "Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh",
        on,
        references,
    )
}

fn target(graph: &Graph, paper: usize, reference: usize) -> (&str, Outcome) {
    let edge = graph.edges.iter().find(|edge| edge.evidence == (paper, reference)).expect("an edge a reference");
    (&graph.nodes[edge.to].key, edge.outcome)
}

#[test]
fn a_plan_is_one_node_however_it_is_cited() {
    let april = Some(date(2024, 4, 11));
    let graph = resolve(&[
        school("441", date(2024, 12, 4), vec![cite("1927/KH-UBND", april, "Ủy ban nhân dân Thành phố")]),
        school("442", date(2024, 12, 5), vec![cite("1927/KH-UBND", None, "")]),
        school("443", date(2024, 12, 6), vec![cite("1927/kh-ubnd", april, "UBND TP.HCM")]),
        school("444", date(2025, 1, 6), vec![cite("1927/KH-UBND", april, "")]),
    ]);
    for paper in 0..4 {
        assert_eq!(target(&graph, paper, 0), ("kh-ubnd/1927/2024/ho-chi-minh", Outcome::Resolved), "{paper}");
    }
}

#[test]
fn the_number_alone_is_no_identity() {
    let graph = resolve(&[
        school("1", date(2024, 12, 4), vec![cite("1927/KH-UBND", Some(date(2024, 4, 11)), "UBND Thành phố")]),
        school("2", date(2024, 12, 4), vec![cite("1927/KH-UBND", Some(date(2024, 4, 11)), "UBND thành phố Hà Nội")]),
        school("3", date(2024, 12, 4), vec![cite("1927/KH-UBND", Some(date(2023, 6, 1)), "UBND Thành phố")]),
        school("4", date(2024, 12, 4), vec![cite("1927/KH-UBND", Some(date(2024, 4, 11)), "UBND Quận Tân Phú")]),
        school("5", date(2024, 12, 4), vec![cite("1927/KH-UBND", None, "")]),
        school("6", date(2022, 12, 4), vec![cite("1927/KH-UBND", None, "")]),
    ]);
    let keys: Vec<&str> = (0..6).map(|paper| target(&graph, paper, 0).0).collect();
    assert_eq!(
        keys,
        [
            "kh-ubnd/1927/2024/ho-chi-minh",
            "kh-ubnd/1927/2024/ha-noi",
            "kh-ubnd/1927/2023/ho-chi-minh",
            "kh-ubnd/1927/2024/ho-chi-minh/quan-tan-phu",
            "kh-ubnd/1927/-2024/ho-chi-minh/-",
            "kh-ubnd/1927/-2022/ho-chi-minh/-",
        ]
    );
    let (_, outcome) = target(&graph, 4, 0);
    assert_eq!(outcome, Outcome::Ambiguous);
    let rivals = &graph.edges[4].rivals;
    assert!(rivals.len() >= 3 && rivals[0].1 >= rivals[1].1, "{rivals:?}");
    // What was issued after the citing document is no candidate.
    assert_eq!(target(&graph, 5, 0).1, Outcome::Unresolved);
    assert!(graph.edges[5].rivals.is_empty());
}

#[test]
fn a_mention_from_another_province_joins_nothing() {
    let elsewhere = paper("5/KH-UBND", "Ủy ban nhân dân tỉnh Lào Cai", "", date(2024, 5, 5), vec![]);
    let graph = resolve(&[elsewhere, school("1", date(2024, 12, 4), vec![cite("5/KH-UBND", None, "")])]);
    let (key, outcome) = target(&graph, 1, 0);
    assert_eq!((key, outcome), ("kh-ubnd/5/-2024/ho-chi-minh/-", Outcome::Unresolved));
    assert_eq!(graph.edges[0].rivals.len(), 1);
}

#[test]
fn laws_and_short_references_keep_what_is_open() {
    let law = |on: Option<Date>| Reference {
        name: some("Luật Ngân sách nhà nước"), date: on, ..Reference::default()
    };
    let short =
        || Reference { key: some("24"), name: some("Thông tư 24"), kind: some("Thông tư"), ..Reference::default() };
    let held = Paper {
        digest: Digest::of(b"tt24"),
        head: Letterhead {
            key: some("24/2023/TT-BGDĐT"),
            kind: some("Thông tư"),
            issuer: some("Bộ Giáo dục và Đào tạo"),
            date: Some(date(2023, 12, 11)),
            ..Letterhead::default()
        },
        references: vec![],
    };
    let graph = resolve(&[
        school("1", date(2024, 12, 4), vec![law(None), law(Some(date(2015, 6, 25))), short()]),
        school("2", date(2024, 12, 4), vec![law(None), short()]),
        held,
    ]);
    assert_eq!(target(&graph, 0, 0), ("luat:luat-ngan-sach-nha-nuoc", Outcome::Unresolved));
    assert_eq!(target(&graph, 0, 1), ("luat:luat-ngan-sach-nha-nuoc/2015", Outcome::Resolved));
    assert_eq!(target(&graph, 1, 0).0, "luat:luat-ngan-sach-nha-nuoc");
    let (first, outcome) = target(&graph, 0, 2);
    assert!(first.starts_with("?tt/24~") && outcome == Outcome::Unresolved);
    assert_ne!(first, target(&graph, 1, 1).0, "short references of two documents are never one");
    let edge = graph.edges.iter().find(|edge| edge.evidence == (0, 2)).expect("edge");
    assert_eq!(graph.nodes[edge.rivals[0].0].key, "tt-bgddt/24/2023");
}

#[test]
fn dates_that_contradict_part_and_are_offered() {
    let of = |day: i8| cite("2417/KH-SGDĐT", Some(date(2024, 4, day)), "Sở Giáo dục và Đào tạo");
    let mut papers: Vec<Paper> = (1..=4).map(|n| school(&n.to_string(), date(2024, 12, 4), vec![of(23)])).collect();
    papers.push(school("5", date(2024, 12, 4), vec![of(28)]));
    let graph = resolve(&papers);
    assert_eq!(target(&graph, 0, 0).0, "kh-sgddt/2417/2024/ho-chi-minh");
    assert_eq!(target(&graph, 4, 0).0, "kh-sgddt/2417/2024/ho-chi-minh~2024-04-28");
    let count = |index: usize| graph.edges.iter().filter(|edge| edge.to == index).count() as u32;
    let nodes: Vec<(&Node, u32)> = graph.nodes.iter().enumerate().map(|(i, node)| (node, count(i))).collect();
    let offered = suspect::suspects(&nodes);
    assert_eq!(offered.len(), 1);
    assert_eq!(offered[0].probably, "kh-sgddt/2417/2024/ho-chi-minh");
    assert_eq!(offered[0].support, (1, 4));
}

#[test]
fn a_number_out_of_line_with_the_crowd_is_offered() {
    let of = |key: &str, title: &str| Reference {
        title: some(title),
        ..cite(key, Some(date(2024, 4, 23)), "Sở Giáo dục và Đào tạo")
    };
    let title = "triển khai xây dựng Thành phố học tập toàn cầu";
    let mut papers: Vec<Paper> =
        (1..=8).map(|n| school(&n.to_string(), date(2024, 12, 4), vec![of("2417/KH-SGDĐT", title)])).collect();
    papers.push(school("9", date(2024, 12, 4), vec![of("2447/KH-SGDĐT", title)]));
    // The next number of the same day is another document with another title.
    papers.push(school("10", date(2024, 12, 4), vec![of("2418/KH-SGDĐT", "phòng cháy chữa cháy năm học mới")]));
    let graph = resolve(&papers);
    let count = |index: usize| graph.edges.iter().filter(|edge| edge.to == index).count() as u32;
    let nodes: Vec<(&Node, u32)> = graph.nodes.iter().enumerate().map(|(i, node)| (node, count(i))).collect();
    let offered = suspect::suspects(&nodes);
    assert_eq!(offered.len(), 1, "{offered:?}");
    assert_eq!(offered[0].node, "kh-sgddt/2447/2024/ho-chi-minh");
}

#[test]
fn two_copies_are_one_node() {
    let on = date(2024, 5, 5);
    let mut copy = paper("5/KH-UBND", "UBND tỉnh Lào Cai", "", on, vec![]);
    copy.digest = Digest::of(b"scan");
    let graph = resolve(&[paper("5/KH-UBND", "Ủy ban nhân dân tỉnh Lào Cai", "", on, vec![]), copy]);
    assert_eq!(graph.nodes.len(), 1);
    assert_eq!(graph.nodes[0].documents.len(), 2);
}

#[test]
fn the_two_series_of_decisions_stay_apart() {
    let cite = |key: &str| cite(key, Some(date(2009, 3, 3)), "UBND tỉnh Lào Cai");
    let graph = resolve(&[school("1", date(2009, 12, 4), vec![cite("73/2009/QĐ-UBND"), cite("73/QĐ-UBND")])]);
    assert_ne!(target(&graph, 0, 0).0, target(&graph, 0, 1).0);
}

fn any_paper() -> impl Strategy<Value = Paper> {
    let key = prop::sample::select(vec!["1/KH-UBND", "2/KH-UBND", "1/KH-SGDĐT", "3/2020/NĐ-CP", "24", "9/KH-THPTLTT"]);
    let issuer =
        prop::sample::select(vec!["", "UBND Thành phố", "UBND tỉnh Lào Cai", "UBND Quận 5", "Sở Giáo dục và Đào tạo"]);
    let on = || prop::option::of((2022_i16..2025, 1_i8..3, 1_i8..4).prop_map(|(y, m, d)| date(y, m, d)));
    let reference = (key, issuer, on())
        .prop_map(|(key, issuer, on)| Reference { kind: some("Thông tư"), ..cite(key, on, issuer) });
    let home =
        prop::sample::select(vec!["Ủy ban nhân dân tỉnh Lào Cai", "UBND Thành phố Hồ Chí Minh", "UBND Quận 5", ""]);
    let own = prop::sample::select(vec!["1/KH-UBND", "2/KH-UBND", ""]);
    (own, home, on(), prop::collection::vec(reference, 0..5), any::<u64>()).prop_map(
        |(own, home, on, references, salt)| Paper {
            digest: Digest::of(&salt.to_le_bytes()),
            head: Letterhead { key: some(own), issuer: some(home), date: on, ..Letterhead::default() },
            references,
        },
    )
}

/// The graph in terms that do not name places in lists.
fn picture(graph: &Graph, papers: &[Paper]) -> (Vec<String>, Vec<String>) {
    let nodes = graph
        .nodes
        .iter()
        .map(|node| {
            let mut files: Vec<String> =
                node.documents.iter().map(|id| papers[*id as usize].digest.to_string()).collect();
            files.sort();
            format!("{:?} {files:?}", Node { documents: vec![], ..node.clone() })
        })
        .collect();
    let mut edges: Vec<String> = graph
        .edges
        .iter()
        .map(|edge| {
            let rivals: Vec<_> = edge.rivals.iter().map(|(node, score)| (&graph.nodes[*node].key, score)).collect();
            let (from, to) = (&graph.nodes[edge.from].key, &graph.nodes[edge.to].key);
            let digest = papers[edge.evidence.0].digest;
            format!("{digest} {} {from} {to} {:?} {} {rivals:?}", edge.evidence.1, edge.outcome, edge.score)
        })
        .collect();
    edges.sort();
    (nodes, edges)
}

proptest! {
    #[test]
    fn order_does_not_matter(papers in prop::collection::vec(any_paper(), 0..12), seed in any::<u64>()) {
        let mut shuffled = papers.clone();
        let mut state = seed | 1;
        for index in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(index, (state >> 33) as usize % (index + 1));
        }
        prop_assert_eq!(picture(&resolve(&papers), &papers), picture(&resolve(&shuffled), &shuffled));
    }

    #[test]
    fn keys_are_unique_and_every_reference_has_an_edge(papers in prop::collection::vec(any_paper(), 0..12)) {
        let graph = resolve(&papers);
        prop_assert!(graph.nodes.windows(2).all(|pair| pair[0].key < pair[1].key));
        let references: usize = papers.iter().map(|paper| paper.references.len()).sum();
        prop_assert_eq!(graph.edges.len(), references);
        for edge in &graph.edges {
            prop_assert!((0.0..=1.0).contains(&edge.score));
            prop_assert!(edge.rivals.iter().all(|(node, _)| *node != edge.to));
        }
    }
}
