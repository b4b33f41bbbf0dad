//! What runs of letters could be, whatever line they stand on: looked up once, then remembered.

use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::FxBuildHasher;

use super::decode::Decoder;
use super::line::{self, Glyph, Kind};
use super::search::{ODD, Searcher, Spelled};
use super::strength::{self, Evidence, MARKED, Seen};
use super::workshop::trimmed;
use super::{guard, number};
use crate::model::Model;
use crate::model::channel::{CHANNELS, Costs, NEVER};
use crate::model::tokens::{Case, case_of, class, normal};
use crate::text::Span;
use crate::vi::fold::is_mark;

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
/// By how much more an unknown word may cost in a broken line, as a share; the search need not know
/// exactly.
const WORST_UNKNOWN: f32 = 1.0;
/// A stretch of text between spaces, as it is whatever stands around it.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// What the model hears of it: a range of the items.
    items: std::ops::Range<u32>,
    /// What its words say of the channels.
    seen: Seen,
    /// Whether nothing in it is changed if its words are not.
    quiet: bool,
}

/// A piece of a chunk that the model hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A class, or a numeral.
    Said(u16),
    /// A known word in a case that words have.
    Known(u16),
    /// Another word.
    Odd,
}

/// What was looked up before.
#[derive(Debug)]
pub(super) struct Memory<'m> {
    pub(super) model: &'m Model,
    pub(super) decoder: Decoder,
    searcher: Searcher<'m>,
    entries: Vec<Entry>,
    known: HashMap<Box<str>, u32, FxBuildHasher>,
    buffer: String,
    chunks: Vec<Chunk>,
    chunk_of: HashMap<Box<str>, u32, FxBuildHasher>,
    items: Vec<Item>,
    evidence: Vec<Evidence>,
    /// How often everything was forgotten: forms and chunks of other rounds are void.
    pub(super) round: u32,
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
            chunks: Vec::new(),
            chunk_of: HashMap::default(),
            items: Vec::new(),
            evidence: Vec::new(),
            round: 0,
        }
    }

    /// Forgets everything if there is too much of it. Forms and chunks given out before are void
    /// afterwards.
    pub(super) fn tidy(&mut self) {
        if self.entries.len() > REMEMBERED || self.chunks.len() > REMEMBERED {
            self.entries.clear();
            self.known.clear();
            self.chunks.clear();
            self.chunk_of.clear();
            self.items.clear();
            self.evidence.clear();
            self.round += 1;
        }
    }

    /// The number of a chunk, which holds no space.
    pub(super) fn chunk(&mut self, raw: &str) -> u32 {
        if let Some(chunk) = self.chunk_of.get(raw) {
            return *chunk;
        }
        let (mut glyphs, mut units) = (Vec::new(), Vec::new());
        // Loose marks could belong to what stands before.
        let mut quiet = !line::glyphs(raw, Span::at(0, raw.len()), &mut glyphs) && !raw.contains(is_mark);
        guard::units(&glyphs, &mut units);
        let (first_item, first_evidence) = (self.items.len() as u32, self.evidence.len());
        let mut marked = 0;
        for unit in &units {
            let letters = unit.of(&glyphs);
            match unit.kind {
                Kind::Gap => {}
                Kind::Stop(class) | Kind::Kept(class) => {
                    quiet &= class != class::SYMBOL || number::correct(letters).is_empty();
                    self.items.push(Item::Said(class));
                }
                Kind::Numeral => {
                    let form = self.form(letters);
                    self.items.push(Item::Said(self.shape(form).id.unwrap_or(class::UNKNOWN)));
                }
                Kind::Word => {
                    let form = self.form(letters);
                    let shape = self.shape(form);
                    let known = shape.id.filter(|_| shape.case != Case::Mixed);
                    self.items.push(known.map_or(Item::Odd, Item::Known));
                    let (from, to) = trimmed(letters);
                    let form = self.form(&letters[from..to]);
                    match self.evidence(form) {
                        evidence if evidence == MARKED => marked += 1,
                        evidence => self.evidence.push(evidence),
                    }
                }
            }
        }
        let seen = Seen { marked, others: first_evidence..self.evidence.len() };
        self.chunks.push(Chunk { items: first_item..self.items.len() as u32, seen, quiet });
        let number = self.chunks.len() as u32 - 1;
        self.chunk_of.insert(raw.into(), number);
        number
    }

    /// What the model hears of a chunk, by number; none if the rules change something in it.
    pub(super) fn items(&self, chunk: u32) -> Option<std::ops::Range<u32>> {
        let chunk = &self.chunks[chunk as usize];
        chunk.quiet.then(|| chunk.items.clone())
    }

    pub(super) fn item(&self, number: u32) -> Item {
        self.items[number as usize]
    }

    /// Adds what the words of a chunk say to what those of its line say, which ends in `words`.
    pub(super) fn witness(&self, chunk: u32, line: &mut Seen, words: &mut Vec<Evidence>) {
        let seen = &self.chunks[chunk as usize].seen;
        line.marked += seen.marked;
        words.extend_from_slice(&self.evidence[seen.others.clone()]);
        line.others.end = words.len();
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
        let unknown = self.model.scorer().unigram(class::UNKNOWN) - spelling(read.len());
        let (whole, parts) = if read.len() <= LONGEST_RUN {
            self.searcher.search(&read, unknown - WORST_UNKNOWN * spelling(read.len()))
        } else {
            (Vec::new(), Vec::new())
        };
        let cheapest = whole.iter().flat_map(|spelled| spelled.costs).fold(NEVER, f32::min);
        let prepare = |spelled: Vec<Spelled>| spelled.iter().map(|spelled| self.prepare(spelled, shape)).collect();
        let (whole, parts): (Vec<Candidate>, Vec<Candidate>) = (prepare(whole), prepare(parts));
        let mut sums = [unknown.exp(); CHANNELS];
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
