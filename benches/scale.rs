//! One run over a large made-up store, in figures: `cargo bench --bench scale -- 100000`.
//!
//! Not a micro-benchmark: it fills a store once and prints rates, sizes and latencies. Rates are by
//! processor time of the thread that writes, where the system tells it, so that a busy machine does
//! not count; the work of other threads (preparing documents) is not in them. Latencies are by the
//! clock, each question the best of three.

#![allow(clippy::print_stdout, reason = "the figures are the purpose")]

use std::time::{Duration, Instant};

use vanban::store::{Batch, CiteFilter, Direction, ListFilter, Store};

#[path = "../tests/it/synth.rs"]
mod synth;

use synth::{Dice, Plan, World};

fn main() {
    let documents = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(20_000);
    let plan = Plan { documents: documents + 100, citations: 10, syllables: 300, held: 1.0, seed: 1 };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scale.vanban");
    let world = World::make(plan);
    let mut store = Store::open(&path).expect("a store");

    let mut text = 0_u64;
    let mut making = Duration::ZERO;
    let start = Clock::now();
    let records = (0..documents).map(|index| {
        let start = Clock::now();
        let record = world.record(index);
        text += record.text.len() as u64;
        making += start.elapsed();
        (record, format!("/archive/{}/{index}.pdf", index / 1000))
    });
    store.put_all(records, Batch::default(), |_, put| assert!(put.is_ok())).expect("stored");
    let writing = start.elapsed().saturating_sub(making);
    println!(
        "put            {documents} documents in {writing:.1?}, {:.0} a second",
        documents as f64 / writing.as_secs_f64()
    );

    let start = Clock::now();
    let done = store.resolve().expect("resolved");
    println!("resolve        {} nodes, {} edges in {:.1?}", done.nodes, done.edges, start.elapsed());
    let start = Clock::now();
    store.resolve_all().expect("resolved");
    println!("resolve again  {:.1?}", start.elapsed());
    println!("memory         {} MB at most", peak_memory());

    let size: u64 = std::fs::metadata(&path).map(|data| data.len()).unwrap_or_default();
    println!(
        "size           {} MB, {} bytes a document; its text is {} bytes",
        size >> 20,
        size / documents as u64,
        text / documents as u64
    );

    let mut dice = Dice::new(3);
    let keys: Vec<String> = (0..1000).map(|_| world.documents[dice.below(documents)].key.clone()).collect();
    let limited = || ListFilter { limit: Some(100), ..ListFilter::default() };
    let filter = CiteFilter { document: limited(), ..CiteFilter::default() };
    latency("who-cites", &keys, |key| store.who_cites(key, &filter).expect("rows").rows.len());
    let hubs: Vec<String> = (0..20).map(|index| world.documents[index].key.clone()).collect();
    latency("who-cites hubs", &hubs, |key| store.who_cites(key, &filter).expect("rows").rows.len());
    latency("cites", &keys[..200], |key| store.cites(key).expect("rows").rows.len());
    latency("three steps up", &keys[..100], |key| store.reach(key, Direction::Up, 3).expect("rows").len());
    let phrases = ["\"thực chực\"", "thực trực", "thuc nhuong", "\"7/KH-UBND\"", "hoà"].map(str::to_owned);
    latency("search", &phrases, |words| {
        store.search(words, &ListFilter { limit: Some(20), ..ListFilter::default() }).expect("rows").len()
    });

    let mut times = Vec::new();
    for index in documents..documents + 100 {
        let record = world.record(index);
        let start = Instant::now();
        store.put(&record, "more").expect("stored");
        store.resolve().expect("resolved");
        times.push(start.elapsed());
    }
    report("one more", times, 0);
}

fn latency(name: &str, queries: &[String], mut ask: impl FnMut(&str) -> usize) {
    let mut rows = 0;
    let times = queries
        .iter()
        .map(|query| {
            let mut best = Duration::MAX;
            for turn in 0..3 {
                let start = Instant::now();
                let found = ask(query);
                best = best.min(start.elapsed());
                rows += if turn == 0 { found } else { 0 };
            }
            best
        })
        .collect();
    report(name, times, rows);
}

fn report(name: &str, mut times: Vec<Duration>, rows: usize) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!(
        "{name:14} median {:.2?}, p99 {:.2?}, worst {:.2?}; {rows} rows in {} questions",
        at(50),
        at(99),
        at(100),
        times.len()
    );
}

/// Largest resident size of this process so far, in MB. 0 where the system does not say.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// A point in the processor time of this thread.
struct Clock(Duration, std::time::Instant);

impl Clock {
    fn now() -> Self {
        Self(Self::used().unwrap_or_default(), std::time::Instant::now())
    }

    fn elapsed(&self) -> Duration {
        Self::used().map_or_else(|| self.1.elapsed(), |now| now.saturating_sub(self.0))
    }

    fn used() -> Option<Duration> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    }
}
