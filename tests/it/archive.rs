//! The store as a file: what a killed run leaves, older and foreign files, other programs that read
//! it, and that the graph in it does not depend on the way it grew.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use proptest::prelude::*;
use vanban::record::Record;
use vanban::store::{Batch, CiteFilter, Put, Store};

use crate::build::{Cite, Doc, Todo, cite};
use crate::store::{filled, new_store, plan_of_the_city, school_441};

/// A store of schema 1 is brought up to date by the next command that may write.
#[test]
fn an_older_store_is_migrated() {
    let (_folder, path, store) = filled(&[school_441(), Doc::school(2, date(2024, 12, 5)).cites(plan_of_the_city())]);
    drop(store);
    let shape = |path: &Path| -> Vec<String> {
        let shell = rusqlite::Connection::open(path).unwrap();
        let mut statement = shell
            .prepare(
                "SELECT m.name || '.' || i.name FROM sqlite_schema m, pragma_table_info(m.name) i \
                 UNION ALL SELECT m.name || ':' || i.name FROM sqlite_schema m, pragma_index_info(m.name) i",
            )
            .unwrap();
        let mut names: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        names.sort();
        names
    };
    let (new, before) = (shape(&path), picture(&path));
    let shell = rusqlite::Connection::open(&path).unwrap();
    shell
        .execute_batch(
            "DROP TABLE member; DROP INDEX edge_target; ALTER TABLE edge DROP COLUMN date; \
             CREATE INDEX edge_target ON edge (target, document); PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(shell);
    assert_ne!(shape(&path), new);
    let error = Store::open_read_only(&path).unwrap_err().to_string();
    assert!(error.contains("older version"), "{error}");
    let store = Store::open_to_query(&path).unwrap();
    let rows = store.who_cites("1927/KH-UBND", &CiteFilter::default()).unwrap().rows;
    let dates: Vec<_> = rows.iter().map(|row| row.document.date.as_deref()).collect();
    assert_eq!(dates, [Some("2024-12-05"), Some("2024-12-04")]);
    drop(store);
    assert_eq!((shape(&path), picture(&path)), (new, before));
}

#[test]
fn a_batch_reports_only_what_is_committed() {
    let (_folder, path, mut store) = new_store();
    let docs = (1..=7).map(|number| (Doc::school(number, date(2024, 1, 1)).record(), format!("{number}.txt")));
    let mut seen = Vec::new();
    let batch = Batch { documents: 3, ..Batch::default() };
    store
        .put_all(docs, batch, |name, put| {
            assert_eq!(*put.as_ref().unwrap(), Put::New);
            // Another connection sees it already.
            let held = Store::open_read_only(&path).unwrap().statistics().unwrap().documents;
            seen.push((name.to_owned(), held));
        })
        .unwrap();
    let held: Vec<i64> = seen.iter().map(|(_, held)| *held).collect();
    assert_eq!(held, [3, 3, 3, 6, 6, 6, 7]);
}

#[test]
fn failures_are_kept_until_the_file_is_read() {
    let (_folder, _path, mut store) = new_store();
    store.fail("a.txt", None, "damaged PDF: cut short").unwrap();
    store.fail("a.txt", None, "damaged PDF: cut short").unwrap();
    assert_eq!(store.statistics().unwrap().failures, 1);
    store.put(&school_441().record(), "a.txt").unwrap();
    assert_eq!(store.statistics().unwrap().failures, 0);
}

/// The files of a store as a killed program leaves them: copied without closing it.
fn copy_as_killed(path: &Path, to: &Path) {
    for suffix in ["", "-wal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        if name(path).exists() {
            std::fs::copy(name(path), name(to)).unwrap();
        }
    }
}

#[test]
fn a_kill_in_the_middle_loses_nothing_and_is_healed() {
    let (folder, path, mut store) = new_store();
    store.put(&school_441().record(), "a.txt").unwrap();
    let killed = folder.path().join("killed.vanban");
    // After a put, before the graph is made.
    copy_as_killed(&path, &killed);
    let healed = Store::open_to_query(&killed).unwrap();
    assert!(healed.is_read_only() && !healed.is_dirty().unwrap());
    assert_eq!(healed.who_cites("1927/KH-UBND", &CiteFilter::default()).unwrap().rows.len(), 1);
    // In the middle of a batch whose second document fails to be made: what was reported is there.
    let mut reported = 0;
    let docs = (1..=6).map(|number| {
        assert!(number < 6, "killed here");
        (Doc::school(number, date(2024, 1, 1)).record(), format!("{number}.txt"))
    });
    let batch = Batch { documents: 2, ..Batch::default() };
    let result =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.put_all(docs, batch, |_, _| reported += 1)));
    assert!(result.is_err());
    let killed = folder.path().join("killed2.vanban");
    copy_as_killed(&path, &killed);
    let healed = Store::open_to_query(&killed).unwrap();
    assert_eq!((reported, healed.statistics().unwrap().documents), (4, 5));
}

#[test]
fn what_cannot_be_opened_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("text"), "x".repeat(5000)).unwrap();
    let other = rusqlite::Connection::open(at("other")).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(other);
    drop(Store::open(&at("newer")).unwrap());
    let newer = rusqlite::Connection::open(at("newer")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    for (name, reason) in [
        ("text", "not a vanban store"),
        ("other", "an SQLite database, but not a vanban store"),
        ("newer", "made by a newer version"),
        (".", "a folder, not a store"),
        ("no/such/folder", "its folder does not exist"),
    ] {
        let error = Store::open(&at(name)).unwrap_err().to_string();
        assert!(error.contains(reason) && !error.contains('\n'), "{name}: {error}");
        assert!(Store::open_read_only(&at(name)).is_err(), "{name}");
    }
    let error = Store::open_read_only(&at("none")).unwrap_err().to_string();
    assert!(error.contains("no such store"), "{error}");
    assert!(!at("none").exists());
}

#[test]
fn the_views_can_be_asked_with_any_sqlite() {
    let task = Todo { text: "một", lead: vec!["Văn phòng"], coordinate: vec![], due: None };
    let (_folder, path, store) = filled(&[school_441().asks(task)]);
    drop(store);
    let shell = rusqlite::Connection::open(path).unwrap();
    let count = |sql: &str| shell.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM documents WHERE key = '441/KH-THPTLTT' AND paths = '0.txt'"), 1);
    assert_eq!(count("SELECT count(*) FROM citations WHERE cited = '1927/KH-UBND' AND outcome = 'resolved'"), 2);
    assert_eq!(count("SELECT count(*) FROM edges WHERE target = 'kh-ubnd/1927/2024/ho-chi-minh'"), 1);
    assert_eq!(count("SELECT count(*) FROM open_tasks WHERE lead = 'Văn phòng'"), 1);
    assert_eq!(count("SELECT cited FROM wanted"), 1);
    assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(count("SELECT count(*) FROM dirty"), 0);
}

/// All that was concluded, in terms that do not name ids.
fn picture(path: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let connection = rusqlite::Connection::open(path).unwrap();
    [
        (
            "node",
            "SELECT json_array(key, state, printed, number, letters, class, kind, issuer, title, year, date, place, \
             cited, block, unit) FROM node ORDER BY key",
        ),
        ("holding", "SELECT json_array(hex(digest), n.key) FROM holding h JOIN document d ON d.id = h.document JOIN node n ON n.id = h.node ORDER BY 1"),
        (
            "edge",
            "SELECT json_array(hex(d.digest), c.ordinal, n.key, e.relation, e.outcome, e.score, e.date = d.date) FROM edge e \
             JOIN citation c ON c.id = e.citation JOIN document d ON d.id = e.document JOIN node n ON n.id = e.target ORDER BY 1",
        ),
        (
            "rival",
            "SELECT json_array(hex(d.digest), c.ordinal, r.rank, n.key, r.score) FROM rival r JOIN citation c ON c.id = r.citation \
             JOIN document d ON d.id = c.document JOIN node n ON n.id = r.node ORDER BY 1",
        ),
    ]
    .into_iter()
    .map(|(name, sql)| {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        (name, rows.collect::<rusqlite::Result<_>>().unwrap())
    })
    .collect()
}

/// Documents of few numbers, places and years, so that they collide.
fn any_record() -> impl Strategy<Value = Record> {
    let day = || (2023_i16..2025, 1_i8..3).prop_map(|(year, day)| date(year, 3, day));
    let cited = (
        prop::sample::select(vec!["1/KH-UBND", "2/KH-UBND", "24/2023/TT-BGDĐT", "24", "1/KH-SGDĐT"]),
        prop::sample::select(vec!["", "UBND Thành phố", "UBND tỉnh Lào Cai", "UBND Quận 5"]),
        prop::option::of(day()),
    )
        .prop_map(|(key, issuer, date)| Cite {
            issuer,
            date,
            kind: if key.contains("KH") { "" } else { "Thông tư" },
            ..cite(key)
        });
    let law = prop::option::of(day()).prop_map(|date| Cite {
        name: "Luật Đất đai",
        date,
        mentions: vec!["Luật Đất đai"],
        ..cite("")
    });
    let cited = prop_oneof![4 => cited, 1 => law];
    let own = prop::sample::select(vec![
        ("1/KH-UBND", "Kế hoạch", "UBND Thành phố Hồ Chí Minh"),
        ("2/KH-UBND", "Kế hoạch", "UBND tỉnh Lào Cai"),
        ("24/2023/TT-BGDĐT", "Thông tư", "Bộ Giáo dục và Đào tạo"),
        ("9/KH-THPTLTT", "Kế hoạch", "Trường THPT Lê Trọng Tấn"),
        ("", "Kế hoạch", "UBND Quận 5"),
    ]);
    (own, day(), prop::collection::vec(cited, 0..4), 0..3_u8).prop_map(|((key, kind, issuer), date, cites, salt)| {
        let subject = ["", "về một việc", "về việc khác hẳn"][usize::from(salt)];
        let doc = Doc::new(key, kind, issuer, date).at("Thành phố Hồ Chí Minh").about(subject).copy(&salt.to_string());
        cites.into_iter().fold(doc, Doc::cites).record()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// However documents come, one by one with the graph made in between or all at once, in any
    /// order and some of them twice: the graph is the same.
    #[test]
    fn the_graph_does_not_depend_on_the_way_it_grew(
        records in prop::collection::vec(any_record(), 1..8),
        order in any::<prop::sample::Index>(),
        steps in prop::collection::vec(any::<bool>(), 8),
    ) {
        let (_one, first, mut store) = new_store();
        for record in &records {
            store.put(record, "x").unwrap();
        }
        store.resolve().unwrap();
        drop(store);
        let (_two, second, mut store) = new_store();
        let split = order.index(records.len());
        for (index, record) in records[split..].iter().chain(records[..split].iter().rev()).enumerate() {
            store.put(record, "y").unwrap();
            if steps[index] {
                store.resolve().unwrap();
                store.put(&records[0], "z").unwrap();
            }
        }
        // A reading that is replaced and comes back leaves no trace.
        let mut other = records[0].clone();
        other.citations.clear();
        other.header.date = None;
        store.put(&other, "y").unwrap();
        store.resolve().unwrap();
        store.put(&records[0], "y").unwrap();
        store.resolve().unwrap();
        prop_assert_eq!(picture(&first), picture(&second));
        store.resolve_all().unwrap();
        drop(store);
        prop_assert_eq!(picture(&first), picture(&second));
        let check = rusqlite::Connection::open(&second).unwrap();
        let broken: i64 = check.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
        prop_assert_eq!(broken, 0);
    }
}

/// The examples in the documentation of the schema are questions that a store understands.
#[test]
fn documented_queries_run() {
    let (_folder, path, store) = filled(&[school_441()]);
    drop(store);
    let shell = rusqlite::Connection::open(path).unwrap();
    let text = include_str!("../../docs/schema.md");
    let mut count = 0;
    for block in text.split("```sql\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for query in block.split_inclusive(';').filter(|query| query.contains("SELECT")) {
            let mut statement = shell.prepare(query).unwrap_or_else(|error| panic!("{query}: {error}"));
            statement.query([]).unwrap().next().unwrap_or_else(|error| panic!("{query}: {error}"));
            count += 1;
        }
    }
    assert!(count >= 7, "{count}");
}

#[test]
fn one_document_that_cannot_be_written_takes_no_other_with_it() {
    let (_folder, path, mut store) = new_store();
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON task WHEN new.text = 'quá' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
        )
        .unwrap();
    drop(other);
    let bad = || Todo { text: "quá", lead: vec![], coordinate: vec![], due: None };
    let docs = (1..=5).map(|number| {
        let doc = Doc::school(number, date(2024, 1, 1)).cites(cite("1927/KH-UBND"));
        let doc = if number == 3 { doc.asks(bad()) } else { doc };
        (doc.record(), format!("{number}.txt"))
    });
    let mut told = Vec::new();
    store.put_all(docs, Batch::default(), |path, put| told.push((path.to_owned(), put.is_ok()))).unwrap();
    let failed: Vec<&str> = told.iter().filter(|(_, ok)| !ok).map(|(path, _)| path.as_str()).collect();
    assert_eq!((told.len(), failed), (5, vec!["3.txt"]));
    store.resolve().unwrap();
    assert_eq!(store.statistics().unwrap().documents, 4);
    assert_eq!(store.who_cites("1927/KH-UBND", &CiteFilter::default()).unwrap().rows.len(), 4);
}
