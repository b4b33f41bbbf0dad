//! The chosen words as edits, and what the rules say of all that stands between them.

use super::decode::{Edge, Lattice};
use super::line::{self, Glyph, Kind, Unit};
use super::number::{self, Correction};
use super::shape;
use super::strength::Shares;
use super::trust::{self, trust};
use super::weigh::Choice;
use super::workshop::Workshop;
use crate::model::channel::{CLEAN, ENGLISH, VIETNAMESE};
use crate::model::tokens::{Case, case_of, class, normal};
use crate::text::{Edit, Span, Why};
use crate::vi::fold::fold;

/// In a line that is clean to this share, what is less certain than [`DOUBTFUL`] stays as it is.
const HARDLY_BROKEN: f32 = 0.99;
const DOUBTFUL: f32 = 0.6;
/// A text that is clean to this share, and that no OCR engine of ours read, is clean throughout: what
/// looks wrong in it is what the paper says, and words that could be meant stay. Texts that an OCR
/// model for Vietnamese read are at 0.978 and below, clean ones at 0.986 and above.
const WHOLLY_CLEAN: f32 = 0.984;
/// Most rivals that an edit keeps.
const RIVALS: usize = 4;

impl Workshop<'_, '_> {
    /// Turns the chosen words into edits.
    pub(super) fn write(&self, lattice: &Lattice, choices: &[Choice], shares: &[Shares], edits: &mut Vec<Edit>) {
        let lexicon = self.model.lexicon();
        let place = |from: u32, to: u32| {
            let (first, last) = (self.glyphs[from as usize], self.glyphs[to as usize - 1]);
            Span::new(first.start, last.end)
        };
        let spell = |edge: &Edge| {
            if edge.keep {
                line::string(&self.glyphs[edge.from as usize..edge.to as usize])
            } else {
                shape::write(lexicon.word(edge.id), edge.case, self.new_style)
            }
        };
        let mut at = 0;
        let mut next = 0;
        while next < choices.len() {
            let first = next;
            let start = lattice.edges[choices[first].edge as usize];
            let mut to = start.to;
            let mut confidence = choices[first].confidence;
            let mut new = spell(&start);
            next += 1;
            // Words without anything between them were one.
            while let Some(choice) = choices.get(next) {
                let edge = lattice.edges[choice.edge as usize];
                if edge.from != to {
                    break;
                }
                new.push(' ');
                new.push_str(&spell(&edge));
                to = edge.to;
                confidence *= choice.confidence;
                next += 1;
            }
            self.between(at, start.from, shares, edits);
            at = to;
            let raw = place(start.from, to);
            let glyphs = &self.glyphs[start.from as usize..to as usize];
            // Codes that stand alone (`ATVSLD`) go by the tables of symbols too.
            let code = start.keep && start.id == class::UNKNOWN && case_of(&new) == Case::Upper;
            if let Some(correction) = if code { number::correct(glyphs).pop() } else { None } {
                let Correction { new, confidence, .. } = correction;
                edits.push(Edit { raw, rivals: vec![raw.of(self.raw).to_owned()], new, why: Why::Number, confidence });
                continue;
            }
            let before = line::string(glyphs);
            let unit = self.units.partition_point(|unit| unit.end <= start.from);
            if before != new && confidence < DOUBTFUL && shares[unit][CLEAN] > HARDLY_BROKEN {
                new.clone_from(&before);
            }
            let clean = self.clean > WHOLLY_CLEAN && self.doubts.is_empty();
            if clean && before != new && self.is_said(glyphs) {
                new.clone_from(&before);
            }
            let confidence = trust(trust::channel(&shares[unit], clean), confidence);
            if raw.of(self.raw) == new {
                continue;
            }
            let split = next - first > 1;
            let rival = !split && before != new && self.is_rival(glyphs, &new);
            let why = if rival { Why::Rival } else { reason(&before, &new, split) };
            let mut rivals: Vec<String> =
                if split { Vec::new() } else { Self::rivals(lattice, &choices[first], &new, spell) };
            if rival && !rivals.contains(&before) {
                // What the engine preferred is always one of the readings.
                rivals.truncate(RIVALS - 1);
                rivals.push(before);
            }
            rivals.truncate(RIVALS);
            edits.push(Edit { raw, new, why, confidence, rivals });
        }
        self.between(at, self.glyphs.len() as u32, shares, edits);
    }

    /// Whether letters could be meant as they stand: words that the model knows, or a code.
    fn is_said(&self, glyphs: &[Glyph]) -> bool {
        let lexicon = self.model.lexicon();
        let mut words = glyphs.split(|glyph| !line::is_letter(glyph.c)).filter(|word| !word.is_empty());
        words.all(|word| {
            let word = line::string(word);
            lexicon.id(&normal(&word)).is_some() || case_of(&word) == Case::Upper
        })
    }

    fn rivals(lattice: &Lattice, choice: &Choice, new: &str, spell: impl Fn(&Edge) -> String) -> Vec<String> {
        let mut rivals: Vec<String> = Vec::new();
        for rival in choice.rivals.iter().map(|(edge, _)| spell(&lattice.edges[*edge as usize])) {
            if rival != new && !rivals.contains(&rival) {
                rivals.push(rival);
            }
        }
        rivals
    }

    /// Edits for what stands between words: letters of symbols, look-alikes, loose marks, and spaces
    /// lost before a number.
    pub(super) fn between(&self, from: u32, to: u32, shares: &[Shares], edits: &mut Vec<Edit>) {
        let first = self.units.partition_point(|unit| unit.end <= from);
        for (index, unit) in self.units.iter().enumerate().skip(first).take_while(|(_, unit)| unit.start < to) {
            let clipped = Unit { start: unit.start.max(from), end: unit.end.min(to), ..*unit };
            let glyphs = clipped.of(&self.glyphs);
            let mut done = 0;
            if let Kind::Kept(class) = unit.kind {
                let before = index.checked_sub(1).map(|index| self.units[index]);
                if class == class::NUMBER
                    && before.is_some_and(|unit| unit.kind == Kind::Word && !self.is_milestone(unit))
                    && shares[index][ENGLISH] + shares[index][VIETNAMESE] > 0.5
                {
                    let raw = Span::new(glyphs[0].start, glyphs[0].start);
                    edits.push(Edit { raw, new: " ".into(), why: Why::Split, confidence: 0.95, rivals: Vec::new() });
                }
                for correction in if class == class::SYMBOL { number::correct(glyphs) } else { Vec::new() } {
                    self.unicode(&glyphs[done..correction.from], edits);
                    done = correction.to;
                    let raw = Span::new(glyphs[correction.from].start, glyphs[correction.to - 1].end);
                    let rivals = vec![raw.of(self.raw).to_owned()];
                    let Correction { new, confidence, .. } = correction;
                    edits.push(Edit { raw, new, why: Why::Number, confidence, rivals });
                }
            }
            self.unicode(&glyphs[done..], edits);
        }
    }

    /// `Km363+410` is one word.
    fn is_milestone(&self, unit: Unit) -> bool {
        matches!(unit.of(&self.glyphs), [k, m] if k.c.eq_ignore_ascii_case(&'k') && m.c == 'm')
    }

    fn unicode(&self, glyphs: &[Glyph], edits: &mut Vec<Edit>) {
        for glyph in glyphs.iter().filter(|_| self.altered) {
            let raw = Span::new(glyph.start, glyph.end);
            if !raw.is_empty() && raw.of(self.raw) != glyph.c.to_string() {
                edits.push(Edit { raw, new: glyph.c.into(), why: Why::Unicode, confidence: 1.0, rivals: Vec::new() });
            }
        }
    }
}

/// Why letters were changed.
fn reason(before: &str, new: &str, split: bool) -> Why {
    if split {
        Why::Split
    } else if before.contains(' ') {
        Why::Join
    } else if before == new {
        Why::Unicode
    } else if fold(before) == fold(new) {
        Why::Diacritic
    } else {
        Why::Confusion
    }
}
