//! Graphs in the forms of other programs, each read by such a program where it is installed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

use std::io::Write;
use std::process::{Command, Stdio};

use jiff::civil::date;
use vanban::export::{Format, Setting, edges_csv, graph, nodes_csv};
use vanban::store::{GraphView, Store};

use crate::build::{Cite, Doc, cite};

/// Words that break naive writers.
const NASTY: &str = "a\"b<c>&d'e\\n]]>|{x}; -- \u{7}\u{c} #[y] \u{1F600} = Thủy";

fn view() -> GraphView {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("s.vanban")).unwrap();
    let docs = [
        Doc::school(1, date(2024, 12, 4)).about(NASTY).cites(Cite { title: NASTY, ..cite("1927/KH-UBND") }),
        Doc::school(2, date(2024, 12, 5)).cites(cite("1/KH-THPTLTT")).cites(Cite {
            name: NASTY,
            mentions: vec![NASTY],
            ..cite("")
        }),
        Doc::school(3, date(2024, 12, 6)),
    ];
    for doc in docs {
        store.put(&doc.record(), "x").unwrap();
    }
    store.resolve().unwrap();
    let view = store.graph().unwrap();
    assert_eq!((view.nodes.len(), view.edges.len()), (5, 3));
    let near = store.graph_around("2/KH-THPTLTT", 1).unwrap();
    assert_eq!((near.nodes.len(), near.edges.len()), (3, 2));
    let far = store.graph_around("2/KH-THPTLTT", 2).unwrap();
    assert_eq!((far.nodes.len(), far.edges.len()), (4, 3));
    view
}

fn written(format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    graph(&view(), format, &Setting::default(), &mut out).unwrap();
    out
}

/// Gives `input` to a program and its output back; none, said aloud, where it is not installed.
fn through(program: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let spawned = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        eprintln!("SKIPPED: {program} is not installed, its reading of our output is not tested");
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    if complaint.contains("No module named") {
        eprintln!("SKIPPED: {complaint}");
        return None;
    }
    assert!(output.status.success() && complaint.is_empty(), "{program}: {complaint}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn json_reads_back() {
    let json: serde_json::Value = serde_json::from_slice(&written(Format::Json)).unwrap();
    assert_eq!(json["schema_version"], "1.0");
    let back: GraphView = serde_json::from_value(json).unwrap();
    assert_eq!(back, view());
    let lines = String::from_utf8(written(Format::Jsonl)).unwrap();
    assert_eq!(lines.lines().count(), 8);
    for line in lines.lines() {
        serde_json::from_str::<vanban::export::GraphLine>(line).unwrap();
    }
}

#[test]
fn graphml_is_read_by_networkx() {
    let xml = written(Format::Graphml);
    through("xmllint", &["--noout", "-"], &xml);
    let script = "import sys, networkx as nx\n\
                  g = nx.parse_graphml(sys.stdin.read())\n\
                  print(g.is_directed(), g.number_of_nodes(), g.number_of_edges())\n\
                  held = [d for _, d in g.nodes(data=True) if d['state'] == 'held']\n\
                  print(len(held), any('Thủy' in d.get('title', '') and 'a\"b<c>&d' in d['title'] for d in held))";
    let Some(output) = through("python3", &["-X", "utf8", "-c", script], &xml) else { return };
    assert_eq!(output, "True 5 3\n3 True\n");
}

#[test]
fn dot_is_drawn_by_graphviz() {
    let Some(svg) = through("dot", &["-Tsvg"], &written(Format::Dot)) else { return };
    assert_eq!(svg.matches("class=\"node\"").count(), 5);
    assert_eq!(svg.matches("class=\"edge\"").count(), 3);
    assert!(svg.contains("1927/KH"));
}

#[test]
fn csv_keeps_its_columns() {
    let script = "import sys, csv\n\
                  rows = list(csv.reader(sys.stdin, strict=True))\n\
                  print(len(rows), {len(r) for r in rows}, any(c[:1] in '=+@-' for r in rows for c in r if c))";
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    nodes_csv(&view(), &mut nodes).unwrap();
    edges_csv(&view(), &mut edges).unwrap();
    assert_eq!(edges, written(Format::Csv));
    for (csv, expected) in [(nodes, "6 {10} False\n"), (edges, "4 {10} False\n")] {
        if let Some(output) = through("python3", &["-X", "utf8", "-c", script], &csv) {
            assert_eq!(output, expected);
        }
    }
}

#[test]
fn mermaid_labels_cannot_end_early() {
    let text = String::from_utf8(written(Format::Mermaid)).unwrap();
    assert!(text.starts_with("flowchart LR\n"));
    for line in text.lines().filter(|line| line.trim_start().starts_with('n')) {
        assert_eq!(line.matches('"').count(), 2, "{line}");
    }
}

#[test]
fn an_empty_graph_is_a_graph() {
    for (_, format, _) in Format::ALL {
        let mut out = Vec::new();
        graph(&GraphView::default(), format, &Setting::default(), &mut out).unwrap();
        assert!(format == Format::Jsonl || !out.is_empty());
    }
}
