//! How well mentions are led to the right documents, in a made-up world where the truth is known.

#![allow(clippy::print_stderr, reason = "cargo test quality -- --nocapture shows the counts")]

use std::collections::BTreeMap;

use vanban::resolve::{Outcome, resolve};

use crate::synth::{Manner, Plan, World};

/// Counts of one manner of citing.
#[derive(Debug, Default)]
struct Tally {
    all: usize,
    resolved: usize,
    right: usize,
    ambiguous: usize,
    among_rivals: usize,
}

#[test]
fn mentions_lead_to_the_right_documents() {
    let world = World::make(Plan { documents: 6_000, citations: 8, syllables: 0, held: 0.7, seed: 7 });
    let truth = resolve(&world.all_alone());
    let mut key_of = vec![""; world.documents.len()];
    for node in &truth.nodes {
        for document in &node.documents {
            key_of[*document as usize] = &node.key;
        }
    }
    let papers = world.papers();
    let held: Vec<usize> = world.held().map(|(index, _)| index).collect();
    let graph = resolve(&papers);
    let mut tallies: BTreeMap<Manner, Tally> = BTreeMap::new();
    for edge in &graph.edges {
        let citation = &world.documents[held[edge.evidence.0]].cites[edge.evidence.1];
        let tally = tallies.entry(citation.manner).or_default();
        let right = key_of[citation.truth];
        tally.all += 1;
        match edge.outcome {
            Outcome::Resolved => {
                tally.resolved += 1;
                tally.right += usize::from(graph.nodes[edge.to].key == right);
            }
            Outcome::Ambiguous => tally.ambiguous += 1,
            Outcome::Unresolved => {}
        }
        tally.among_rivals += usize::from(edge.rivals.iter().any(|(node, _)| graph.nodes[*node].key == right));
    }
    let sum = |manners: &[Manner], count: fn(&Tally) -> usize| -> f64 {
        manners.iter().filter_map(|manner| tallies.get(manner)).map(count).sum::<usize>() as f64
    };
    let report = format!("{tallies:#?}");
    // What says enough must be found; what says too little must not be guessed.
    let sound = [Manner::Full, Manner::Relative, Manner::Dated, Manner::Bare];
    let precision = sum(&sound, |tally| tally.right) / sum(&sound, |tally| tally.resolved);
    let full = [Manner::Full, Manner::Relative];
    let recall = sum(&full, |tally| tally.right) / sum(&full, |tally| tally.all);
    assert!(precision >= 0.995 && recall >= 0.97, "precision {precision:.4}, recall {recall:.4}\n{report}");
    let short = &tallies[&Manner::Short];
    assert!(short.resolved * 20 <= short.all, "short references are led by an antecedent only\n{report}");
    let bad = &tallies[&Manner::BadDate];
    assert!(bad.right * 10 <= bad.all, "a date that contradicts others is never merged with them\n{report}");
    eprintln!("precision {precision:.4}, recall {recall:.4}\n{report}");
}
