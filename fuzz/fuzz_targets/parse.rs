//! Any text: parsing must not panic, and every task must have words of that text.
//!
//! `cargo +nightly fuzz run parse -- -max_len=20000 -timeout=5`

#![no_main]

use libfuzzer_sys::fuzz_target;
use vanban::facts::Facts;
use vanban::parse::parse;

fuzz_target!(|text: &str| {
    let parsed = parse(text, Facts::builtin());
    for task in &parsed.tasks {
        assert!(text.get(task.text.span.range()).is_some_and(|words| !words.is_empty()));
    }
    for citation in &parsed.citations {
        for mention in &citation.mentions {
            assert!(text.get(mention.span.range()).is_some());
        }
    }
});
