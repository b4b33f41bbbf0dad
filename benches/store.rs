//! Writing to and asking a store of 20 000 made-up documents.

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use tempfile::TempDir;
use vanban::record::Record;
use vanban::store::{Batch, CiteFilter, Direction, ListFilter, Store, TaskFilter};

#[path = "../tests/it/synth.rs"]
mod synth;

use synth::{Plan, World};

const PLAN: Plan = Plan { documents: 20_000, citations: 8, syllables: 300, held: 1.0, seed: 1 };

struct Filled {
    _folder: TempDir,
    path: std::path::PathBuf,
    /// The most cited number, and a rare one.
    hub: String,
    rare: String,
}

static FILLED: LazyLock<Filled> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bench.vanban");
    let world = World::make(PLAN);
    let mut store = Store::open(&path).expect("a store");
    let records = (0..PLAN.documents).map(|index| (world.record(index), format!("{index}.txt")));
    store.put_all(records, Batch::default(), |_, put| assert!(put.is_ok())).expect("stored");
    store.resolve().expect("resolved");
    let graph = store.graph().expect("a graph");
    let hub = graph.nodes.iter().max_by_key(|node| node.cited).expect("nodes").key.clone();
    let rare = graph.nodes.iter().find(|node| node.cited == 1 && node.state == "held").expect("nodes").key.clone();
    Filled { _folder: folder, path, hub, rare }
});

fn main() {
    divan::main();
}

fn filled() -> Store {
    Store::open_read_only(&FILLED.path).expect("a store")
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn put_1000_documents(bencher: Bencher<'_, '_>) {
    let world = World::make(Plan { documents: 1_000, ..PLAN });
    let records: Vec<Record> = (0..1_000).map(|index| world.record(index)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let mut count = 0;
    bencher.counter(1_000_u32).bench_local(|| {
        count += 1;
        let mut store = Store::open(&folder.path().join(format!("{count}.vanban"))).expect("a store");
        let items = records.iter().map(|record| (record.clone(), "x".to_owned()));
        store.put_all(items, Batch::default(), |_, put| assert!(put.is_ok())).expect("stored");
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn put_and_resolve_one_more(bencher: Bencher<'_, '_>) {
    let world = World::make(Plan { documents: 40, seed: 99, ..PLAN });
    let mut store = Store::open(&FILLED.path).expect("a store");
    let mut index = 20;
    bencher.bench_local(|| {
        let mut record = world.record(index);
        record.file.digest = vanban::document::Digest::of(format!("more {index}").as_bytes());
        index += 1;
        store.put(&record, "more").expect("stored");
        store.resolve().expect("resolved")
    });
}

#[divan::bench(sample_count = 50, sample_size = 1)]
fn who_cites_hub_first_100(bencher: Bencher<'_, '_>) {
    let store = filled();
    let filter =
        CiteFilter { document: ListFilter { limit: Some(100), ..ListFilter::default() }, ..CiteFilter::default() };
    bencher.bench_local(|| store.who_cites(black_box(&FILLED.hub), &filter).expect("an answer"));
}

#[divan::bench(sample_count = 50, sample_size = 1)]
fn who_cites_hub_all(bencher: Bencher<'_, '_>) {
    let store = filled();
    bencher.bench_local(|| store.who_cites(black_box(&FILLED.hub), &CiteFilter::default()).expect("an answer"));
}

#[divan::bench(sample_count = 50)]
fn who_cites_rare(bencher: Bencher<'_, '_>) {
    let store = filled();
    bencher.bench_local(|| store.who_cites(black_box(&FILLED.rare), &CiteFilter::default()).expect("an answer"));
}

#[divan::bench(sample_count = 50)]
fn find_by_number(bencher: Bencher<'_, '_>) {
    let store = filled();
    bencher.bench_local(|| store.find(black_box("12 kh ubnd lào cai")).expect("an answer"));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn three_steps_up(bencher: Bencher<'_, '_>) {
    let store = filled();
    bencher.bench_local(|| store.reach(black_box(&FILLED.rare), Direction::Up, 3).expect("an answer"));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn search_two_common_words(bencher: Bencher<'_, '_>) {
    let store = filled();
    let filter = ListFilter { limit: Some(20), ..ListFilter::default() };
    bencher.bench_local(|| store.search(black_box("\"thực chực\""), &filter).expect("an answer"));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn tasks_of_a_unit(bencher: Bencher<'_, '_>) {
    let store = filled();
    let filter = TaskFilter { unit: Some("Sở Y tế".into()), limit: Some(100), ..TaskFilter::default() };
    bencher.bench_local(|| store.tasks(black_box(&filter)).expect("an answer"));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn wanted(bencher: Bencher<'_, '_>) {
    let store = filled();
    bencher.bench_local(|| store.wanted(100).expect("an answer"));
}
