//! The bench on which one text is repaired: its glyphs and units, what was searched before, and
//! the way of a paragraph through the stages.

use super::line::{self, Glyph, Kind, Unit};
use super::memory::Memory;
use super::search::Ends;
use super::strength::{self, Evidence, Shares};
use super::{decode, guard, shape};
use crate::model::Model;
use crate::model::channel::{CLEAN, Costs};
use crate::model::tokens::{Case, case_of, class, normal};
use crate::text::{Edit, Span};

/// Everything that repairing one text needs, kept from line to line.
pub(super) struct Workshop<'t, 'm> {
    pub(super) raw: &'t str,
    pub(super) model: &'m Model,
    pub(super) memory: &'t mut Memory<'m>,
    /// Whether the text writes `hoà` rather than `hòa`.
    pub(super) new_style: bool,
    pub(super) glyphs: Vec<Glyph>,
    pub(super) units: Vec<Unit>,
}

/// What it costs in each channel that marks survive.
const MARKED: Costs = [0.0, 2.5, 4.0, 0.0];
/// In a line that is clean to this share, only words that surprise are looked at.
const SURE: f32 = 0.97;
/// A word less likely than this after those before it, as a logarithm, surprises.
const SURPRISE: f32 = -6.0;

impl<'t, 'm> Workshop<'t, 'm> {
    pub(super) fn new(raw: &'t str, memory: &'t mut Memory<'m>) -> Self {
        let new_style = shape::prefers_new(raw);
        Self { raw, model: memory.model, memory, new_style, glyphs: Vec::new(), units: Vec::new() }
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
                    None => self.memory.find(letters, Ends::Whole).evidence,
                });
            }
        }
        all
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
