//! What runs of letters could be, whatever line they stand on: looked up once, then remembered.

use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::FxBuildHasher;

use super::decode::Decoder;
use super::line::Glyph;
use super::search::{ODD, Searcher, Spelled};
use super::strength::{self, Evidence};
use crate::model::Model;
use crate::model::channel::{CHANNELS, Costs, NEVER};
use crate::model::tokens::{Case, case_of, class, normal};

/// A run of letters, by the order in which it was first met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Form(u32);

/// What is known of a run of letters at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// The word that it spells as it stands.
    pub(super) id: Option<u16>,
    pub(super) case: Case,
    /// Number of characters.
    pub(super) size: u16,
}

/// A word that letters could have been.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) id: u16,
    pub(super) case: Case,
    /// Characters that it takes up.
    pub(super) len: u16,
    /// Whether it is what stands there.
    pub(super) keep: bool,
    /// In each channel, the probability that it was read so.
    pub(super) chances: Costs,
    /// Natural logarithm of its probability anywhere.
    pub(super) unigram: f32,
    /// Natural logarithm of the probability of its capitals, after a word without and with one.
    pub(super) capitals: [f32; 2],
}

/// What a run of letters could be.
#[derive(Debug)]
pub(super) struct Found {
    /// All of the letters as one word, the likeliest first.
    pub(super) whole: Vec<Candidate>,
    /// Words that end inside the letters; none if a single word explains them well.
    pub(super) parts: Vec<Candidate>,
    /// Whether no single word explains the letters well.
    pub(super) odd: bool,
    evidence: Evidence,
}

#[derive(Debug)]
struct Entry {
    letters: Box<str>,
    shape: Shape,
    evidence: Option<Evidence>,
    found: Option<Rc<Found>>,
}

/// Runs remembered before the memory is emptied.
const REMEMBERED: usize = 60_000;
/// Longest run of letters looked at; longer ones are no words.
const LONGEST_RUN: usize = 32;
/// Cost of each letter of a word that the vocabulary lacks.
const SPELL: f32 = 2.6;
/// How probable it is in each channel that the marks of a word survive.
const MARKED: Evidence = [1.0, 0.082, 0.018, 1.0];

/// What was looked up before.
#[derive(Debug)]
pub(super) struct Memory<'m> {
    pub(super) model: &'m Model,
    pub(super) decoder: Decoder,
    searcher: Searcher<'m>,
    entries: Vec<Entry>,
    known: HashMap<Box<str>, u32, FxBuildHasher>,
    buffer: String,
}

impl<'m> Memory<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let searcher = Searcher::new(model);
        Self {
            model,
            decoder: Decoder::default(),
            searcher,
            entries: Vec::new(),
            known: HashMap::default(),
            buffer: String::new(),
        }
    }

    /// Forgets everything if there is too much of it. Forms given out before are void afterwards.
    pub(super) fn tidy(&mut self) {
        if self.entries.len() > REMEMBERED {
            self.entries.clear();
            self.known.clear();
        }
    }

    /// The form of some glyphs.
    pub(super) fn form(&mut self, glyphs: &[Glyph]) -> Form {
        self.buffer.clear();
        self.buffer.extend(glyphs.iter().map(|glyph| glyph.c));
        if let Some(form) = self.known.get(self.buffer.as_str()) {
            return Form(*form);
        }
        let letters: Box<str> = self.buffer.as_str().into();
        let id = self.model.lexicon().id(&normal(&letters));
        let size = letters.chars().count().min(usize::from(u16::MAX)) as u16;
        let shape = Shape { id, case: case_of(&letters), size };
        let form = self.entries.len() as u32;
        self.known.insert(letters.clone(), form);
        self.entries.push(Entry { letters, shape, evidence: None, found: None });
        Form(form)
    }

    pub(super) fn shape(&self, form: Form) -> Shape {
        self.entries[form.0 as usize].shape
    }

    /// How probable each channel makes the letters, whatever word they were.
    pub(super) fn evidence(&mut self, form: Form) -> Evidence {
        let entry = &self.entries[form.0 as usize];
        if let Some(evidence) = entry.evidence {
            return evidence;
        }
        let Shape { id, case, .. } = entry.shape;
        let evidence = match id {
            // A known word with marks is itself, whatever it went through; one without could be many
            // others, but hardly one with other letters.
            Some(_) if !entry.letters.is_ascii() => MARKED,
            Some(_) if case != Case::Mixed => self.look_alikes(form),
            _ => self.found(form).evidence,
        };
        self.entries[form.0 as usize].evidence = Some(evidence);
        evidence
    }

    fn look_alikes(&self, form: Form) -> Evidence {
        let entry = &self.entries[form.0 as usize];
        let read: Vec<char> = entry.letters.chars().collect();
        let scorer = self.model.scorer();
        let mut sums = [0.0; CHANNELS];
        self.searcher.look_alikes(&read, entry.shape.case, |id, costs| {
            for (sum, cost) in sums.iter_mut().zip(costs) {
                *sum += (scorer.unigram(id) - cost).exp();
            }
        });
        strength::normalise(sums)
    }

    /// What letters could be.
    pub(super) fn found(&mut self, form: Form) -> Rc<Found> {
        let entry = &self.entries[form.0 as usize];
        if let Some(found) = &entry.found {
            return Rc::clone(found);
        }
        let read: Vec<char> = entry.letters.chars().collect();
        let shape = entry.shape;
        let (whole, parts) =
            if read.len() <= LONGEST_RUN { self.searcher.search(&read) } else { (Vec::new(), Vec::new()) };
        let cheapest = whole.iter().flat_map(|spelled| spelled.costs).fold(NEVER, f32::min);
        let unknown = (self.model.scorer().unigram(class::UNKNOWN) - spelling(read.len())).exp();
        let prepare = |spelled: Vec<Spelled>| spelled.iter().map(|spelled| self.prepare(spelled, shape)).collect();
        let (whole, parts): (Vec<Candidate>, Vec<Candidate>) = (prepare(whole), prepare(parts));
        let mut sums = [unknown; CHANNELS];
        for candidate in &whole {
            let probability = candidate.unigram.exp();
            for (sum, chance) in sums.iter_mut().zip(&candidate.chances) {
                *sum += probability * chance;
            }
        }
        let found = Rc::new(Found { whole, parts, odd: cheapest > ODD, evidence: strength::normalise(sums) });
        self.entries[form.0 as usize].found = Some(Rc::clone(&found));
        found
    }

    fn prepare(&self, spelled: &Spelled, shape: Shape) -> Candidate {
        let Spelled { id, case, len, costs } = *spelled;
        let capitals = self.model.lexicon().capitals(id);
        Candidate {
            id,
            case,
            len,
            keep: len == shape.size && shape.id == Some(id) && shape.case == case,
            chances: costs.map(|cost| (-cost).exp()),
            unigram: self.model.scorer().unigram(id),
            capitals: [capitals.log(case, false), capitals.log(case, true)],
        }
    }
}

/// The cost of letters that spell no known word.
pub(super) fn spelling(letters: usize) -> f32 {
    SPELL * letters as f32
}
