//! The bench on which one text is repaired: its glyphs and units, what was searched before, and
//! the way of a paragraph through the stages.

use std::collections::HashMap;
use std::rc::Rc;

use super::line::{self, Glyph, Kind, Unit};
use super::search::{Candidate, Ends, ODD, Searcher};
use super::strength::{self, Evidence, Shares};
use super::{decode, guard, shape};
use crate::model::Model;
use crate::model::channel::{CHANNELS, CLEAN, Costs, NEVER};
use crate::model::tokens::{Case, case_of, class, normal};
use crate::text::{Edit, Span};

/// What a run of letters could be, whatever line it stands on.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    pub(super) evidence: Evidence,
    /// Whether no single word explains the letters well.
    pub(super) odd: bool,
}

/// Everything that repairing one text needs, kept from line to line.
pub(super) struct Workshop<'m> {
    pub(super) raw: &'m str,
    pub(super) model: &'m Model,
    /// Whether the text writes `hoà` rather than `hòa`.
    pub(super) new_style: bool,
    pub(super) glyphs: Vec<Glyph>,
    pub(super) units: Vec<Unit>,
    searcher: Searcher<'m>,
    known: HashMap<(String, Ends), Rc<Found>>,
}

/// Searches remembered before the memory is emptied.
const REMEMBERED: usize = 60_000;
/// What it costs in each channel that marks survive.
const MARKED: Costs = [0.0, 2.5, 4.0, 0.0];
/// In a line that is clean to this share, only words that surprise are looked at.
const SURE: f32 = 0.97;
/// A word less likely than this after those before it, as a logarithm, surprises.
const SURPRISE: f32 = -6.0;
/// Longest run of letters looked at; longer ones are no words.
const LONGEST_RUN: usize = 32;
/// Cost of each letter of a word that the vocabulary lacks.
const SPELL: f32 = 2.6;

impl<'m> Workshop<'m> {
    pub(super) fn new(raw: &'m str, model: &'m Model) -> Self {
        Self {
            raw,
            model,
            new_style: shape::prefers_new(raw),
            glyphs: Vec::new(),
            units: Vec::new(),
            searcher: Searcher::new(model),
            known: HashMap::new(),
        }
    }

    /// Repairs all paragraphs, each a range of `lines`.
    pub(super) fn pass(&mut self, lines: &[Span], paragraphs: &[std::ops::Range<usize>]) -> Vec<Edit> {
        let evidence: Vec<Vec<Evidence>> = lines.iter().map(|span| self.evidence(*span)).collect();
        let shares = strength::shares(&evidence);
        let mut edits = Vec::new();
        for part in paragraphs {
            self.paragraph(&lines[part.clone()], &shares[part.clone()], &mut edits);
        }
        edits
    }

    fn cut(&mut self, span: Span) {
        line::glyphs(self.raw, span, &mut self.glyphs);
        guard::units(&self.glyphs, &mut self.units);
    }

    /// How well each channel explains each word of a line.
    fn evidence(&mut self, span: Span) -> Vec<Evidence> {
        self.cut(span);
        let mut all = Vec::new();
        for index in 0..self.units.len() {
            let unit = self.units[index];
            if unit.kind == Kind::Word {
                let (from, to) = trimmed(unit.of(&self.glyphs));
                let letters = line::string(&unit.of(&self.glyphs)[from..to]);
                // A known word with marks is itself, whatever it went through: only words without
                // marks could be many others.
                let known = if letters.is_ascii() { None } else { self.model.lexicon().id(&normal(&letters)) };
                all.push(match known {
                    Some(id) => MARKED.map(|cost| self.model.scorer().unigram(id) - cost),
                    None => self.find(letters, Ends::Whole).evidence,
                });
            }
        }
        all
    }

    /// What letters could be, from memory if they were searched before.
    pub(super) fn find(&mut self, letters: String, ends: Ends) -> Rc<Found> {
        let key = (letters, ends);
        if let Some(found) = self.known.get(&key) {
            return Rc::clone(found);
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let found = Rc::new(self.look(&key.0, ends));
        self.known.insert(key, Rc::clone(&found));
        found
    }

    fn look(&mut self, letters: &str, ends: Ends) -> Found {
        let read: Vec<char> = letters.chars().collect();
        let scorer = self.model.scorer();
        let candidates = if read.len() <= LONGEST_RUN { self.searcher.search(&read, ends) } else { Vec::new() };
        let whole = |candidate: &&Candidate| usize::from(candidate.len) == read.len();
        let unknown = scorer.unigram(class::UNKNOWN) - spelling(letters);
        let mut evidence = [0.0; CHANNELS];
        for (channel, evidence) in evidence.iter_mut().enumerate() {
            let mut sum = unknown.exp();
            for candidate in candidates.iter().filter(whole) {
                sum += (scorer.unigram(candidate.id) - candidate.costs[channel]).exp();
            }
            *evidence = sum.max(1e-30).ln();
        }
        let cheapest = candidates.iter().filter(whole).flat_map(|candidate| candidate.costs).fold(NEVER, f32::min);
        Found { candidates, evidence, odd: cheapest > ODD }
    }

    /// Repairs the lines of one paragraph.
    fn paragraph(&mut self, lines: &[Span], shares: &[Shares], edits: &mut Vec<Edit>) {
        let Some(span) = lines.first().zip(lines.last()).map(|(first, last)| first.cover(*last)) else { return };
        self.cut(span);
        if self.units.is_empty() {
            return;
        }
        // The shares of the line that each unit stands on.
        let mut line = 0;
        let mut shares_of = Vec::with_capacity(self.units.len());
        for unit in &self.units {
            let start = self.glyphs[unit.start as usize].start as usize;
            while line + 1 < lines.len() && lines[line + 1].start() <= start {
                line += 1;
            }
            shares_of.push(shares[line]);
        }
        let settled = self.settled(&shares_of);
        if settled.iter().all(Option::is_some) {
            return self.between(0, self.glyphs.len() as u32, &shares_of, edits);
        }
        let lattice = self.lattice(&shares_of, &settled);
        let choices = decode::decode(&lattice, self.model.start(), self.model.scorer());
        self.write(&lattice, &choices, &shares_of, edits);
    }

    /// The words of each unit that need no search: those of clean lines that the model expects, away
    /// from any that it does not. `NONE` stands for units that are not words.
    fn settled(&self, shares: &[Shares]) -> Vec<Option<u16>> {
        let scorer = self.model.scorer();
        let mut settled: Vec<Option<u16>> = vec![Some(class::NONE); self.units.len()];
        let mut context = self.model.start();
        let mut surprises = Vec::new();
        for (index, unit) in self.units.iter().enumerate() {
            let id = match unit.kind {
                Kind::Gap => continue,
                Kind::Stop(class) | Kind::Kept(class) => class,
                Kind::Word | Kind::Numeral => {
                    let letters = line::string(unit.of(&self.glyphs));
                    let id = self.model.lexicon().id(&normal(&letters));
                    let known = id.unwrap_or(class::UNKNOWN);
                    if unit.kind == Kind::Word {
                        let sure = shares[index][CLEAN] > SURE && id.is_some() && case_of(&letters) != Case::Mixed;
                        if !sure || scorer.score(&context, known) < SURPRISE {
                            surprises.push(index);
                        }
                        settled[index] = Some(known);
                    }
                    known
                }
            };
            context = scorer.advance(&context, id);
        }
        // Two words on each side, with the spaces between.
        for index in surprises {
            let near = index.saturating_sub(4)..(index + 5).min(settled.len());
            for near in near {
                if self.units[near].kind == Kind::Word {
                    settled[near] = None;
                }
            }
        }
        settled
    }
}

/// The letters of a unit without outer marks.
pub(super) fn trimmed(glyphs: &[Glyph]) -> (usize, usize) {
    let word = |glyph: &Glyph| glyph.c.is_alphanumeric();
    match (glyphs.iter().position(word), glyphs.iter().rposition(word)) {
        (Some(first), Some(last)) => (first, last + 1),
        _ => (0, glyphs.len()),
    }
}

/// The cost of letters that spell no known word.
pub(super) fn spelling(letters: &str) -> f32 {
    SPELL * letters.chars().count() as f32
}
