//! The bench on which one text is repaired: its glyphs and units, what was searched before, and
//! the way of a paragraph through the stages.

use super::line::{self, Glyph, Kind, Unit, is_alphanumeric};
use super::memory::{Form, Item, Memory};
use super::strength::{self, Evidence, Seen, Shares};
use super::{guard, marker, shape};
use crate::document::Doubt;
use crate::model::channel::CLEAN;
use crate::model::tokens::{Case, class};
use crate::model::{Context, Model, Recent, Scorer};
use crate::text::{Edit, Span};

/// Everything that repairing one text needs, kept from line to line.
pub(super) struct Workshop<'t, 'm> {
    pub(super) raw: &'t str,
    /// What the OCR engine was not sure of, in order.
    pub(super) doubts: &'t [Doubt],
    pub(super) model: &'m Model,
    pub(super) memory: &'t mut Memory<'m>,
    /// Whether the text writes `hoà` rather than `hòa`.
    pub(super) new_style: bool,
    pub(super) glyphs: Vec<Glyph>,
    pub(super) units: Vec<Unit>,
    /// Of each unit that is a word; of others it says nothing.
    pub(super) forms: Vec<Form>,
    /// Whether any glyph differs from the raw text.
    pub(super) altered: bool,
    /// What the model heard of a paragraph.
    said: Vec<u16>,
    /// The share of the words of the whole text that are clean.
    pub(super) clean: f32,
}

/// In a line that is clean to this share, only words that surprise are looked at.
const SURE: f32 = 0.97;
/// A word less likely than this after those before it, as a logarithm, surprises.
const SURPRISE: f32 = -8.0;

impl<'t, 'm> Workshop<'t, 'm> {
    pub(super) fn new(raw: &'t str, doubts: &'t [Doubt], memory: &'t mut Memory<'m>) -> Self {
        let new_style = shape::prefers_new(raw);
        Self {
            raw,
            doubts,
            model: memory.model,
            memory,
            new_style,
            glyphs: Vec::new(),
            units: Vec::new(),
            forms: Vec::new(),
            altered: false,
            said: Vec::new(),
            clean: 0.0,
        }
    }

    /// Repairs all paragraphs, each a range of `lines`.
    pub(super) fn pass(&mut self, lines: &[Span], paragraphs: &[std::ops::Range<usize>]) -> Vec<Edit> {
        let mut words: Vec<Evidence> = Vec::new();
        let mut of_line = Vec::with_capacity(lines.len());
        let round = self.memory.round;
        // The chunks of each line, and where they start among those of all.
        let (mut chunks, mut starts) = (Vec::with_capacity(self.raw.len() / 6), Vec::with_capacity(lines.len() + 1));
        for span in lines {
            self.memory.tidy();
            starts.push(chunks.len());
            let mut seen = Seen { marked: 0, others: words.len()..words.len() };
            for chunk in span.of(self.raw).split(char::is_whitespace).filter(|chunk| !chunk.is_empty()) {
                let chunk = self.memory.chunk(chunk);
                chunks.push(chunk);
                self.memory.witness(chunk, &mut seen, &mut words);
            }
            of_line.push(seen);
        }
        starts.push(chunks.len());
        let shares = strength::shares(&words, &of_line);
        let count = |seen: &Seen| (seen.marked + seen.others.len()) as f32;
        let clean: f32 = of_line.iter().zip(&shares).map(|(line, shares)| shares[CLEAN] * count(line)).sum();
        // One word more, and a broken one: a few clean words do not make a text clean throughout.
        self.clean = clean / (of_line.iter().map(count).sum::<f32>() + 1.0);
        self.memory.decoder.echo.clear();
        let mut edits = Vec::new();
        for part in paragraphs {
            self.memory.tidy();
            let heard = |line: usize| &chunks[starts[line]..starts[line + 1]];
            if round == self.memory.round && self.is_expected(part.clone(), lines, &shares, heard) {
                continue;
            }
            self.paragraph(&lines[part.clone()], &shares[part.clone()], &mut edits);
        }
        marker::give_strokes(self.raw, lines, &shares, &mut edits);
        marker::give_slashes(self.raw, lines, &shares, &mut edits);
        edits
    }

    fn cut(&mut self, span: Span) {
        self.altered = line::glyphs(self.raw, span, &mut self.glyphs);
        guard::units(&self.glyphs, &mut self.units);
    }

    /// Whether a paragraph is clean and holds no surprise, so that [`Self::settled`] would settle all
    /// of it: what most of a clean text is, decided from its chunks alone.
    fn is_expected<'c>(
        &mut self,
        part: std::ops::Range<usize>,
        lines: &[Span],
        shares: &[Shares],
        chunks: impl Fn(usize) -> &'c [u32],
    ) -> bool {
        let span = lines[part.start].cover(lines[part.end - 1]);
        let doubt = self.doubts.partition_point(|doubt| doubt.span.end() <= span.start());
        if self.doubts.get(doubt).is_some_and(|doubt| doubt.span.start() < span.end()) {
            return false;
        }
        let scorer = self.model.scorer();
        let mut said = std::mem::take(&mut self.said);
        said.clear();
        said.push(class::START);
        let mut expected = true;
        'lines: for line in part.clone() {
            // A line cut where there was no space ends inside a chunk.
            let torn = line + 1 < part.end && lines[line].end() == lines[line + 1].start();
            let torn = torn && !lines[line].of(self.raw).ends_with(char::is_whitespace);
            let clean = shares[line][CLEAN] > SURE && !torn;
            for chunk in chunks(line) {
                let Some(items) = self.memory.items(*chunk) else {
                    expected = false;
                    break 'lines;
                };
                for item in items {
                    let id = match self.memory.item(item) {
                        Item::Said(id) => id,
                        Item::Known(id)
                            if clean && !surprises_after(&said, id, scorer, &mut self.memory.decoder.batch.recent) =>
                        {
                            id
                        }
                        Item::Known(_) | Item::Odd => {
                            expected = false;
                            break 'lines;
                        }
                    };
                    said.push(id);
                }
            }
            expected &= !torn;
        }
        self.said = said;
        expected
    }

    /// Repairs the lines of one paragraph.
    fn paragraph(&mut self, lines: &[Span], shares: &[Shares], edits: &mut Vec<Edit>) {
        let Some(span) = lines.first().zip(lines.last()).map(|(first, last)| first.cover(*last)) else { return };
        self.cut(span);
        if self.units.is_empty() {
            return;
        }
        self.forms.clear();
        for unit in &self.units {
            let form = match unit.kind {
                Kind::Word | Kind::Numeral => self.memory.form(unit.of(&self.glyphs)),
                _ => Form::default(),
            };
            self.forms.push(form);
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
        let (start, scorer) = (self.model.start(), self.model.scorer());
        let choices = self.memory.decoder.decode(&lattice, start, scorer);
        self.write(&lattice, &choices, &shares_of, edits);
    }

    /// The words of each unit that need no search: those of clean lines that the model expects, away
    /// from any that it does not. `NONE` stands for units that are not words.
    fn settled(&mut self, shares: &[Shares]) -> Vec<Option<u16>> {
        let scorer = self.model.scorer();
        let mut settled: Vec<Option<u16>> = vec![Some(class::NONE); self.units.len()];
        let mut said = vec![class::START];
        let mut surprises = Vec::new();
        for (index, unit) in self.units.iter().enumerate() {
            let id = match unit.kind {
                Kind::Gap => continue,
                Kind::Stop(class) | Kind::Kept(class) => class,
                Kind::Word | Kind::Numeral => {
                    let shape = self.memory.shape(self.forms[index]);
                    let known = shape.id.unwrap_or(class::UNKNOWN);
                    if unit.kind == Kind::Word {
                        let sure = shares[index][CLEAN] > SURE
                            && shape.id.is_some()
                            && shape.case != Case::Mixed
                            && !self.is_doubted(unit.of(&self.glyphs));
                        if !sure || surprises_after(&said, known, scorer, &mut self.memory.decoder.batch.recent) {
                            surprises.push(index);
                        }
                        settled[index] = Some(known);
                    }
                    known
                }
            };
            said.push(id);
        }
        // One word on each side, with the spaces between.
        for index in surprises {
            let near = index.saturating_sub(2)..(index + 3).min(settled.len());
            for near in near {
                if self.units[near].kind == Kind::Word {
                    settled[near] = None;
                }
            }
        }
        settled
    }
}

/// Whether a word is unlikely after those before it. Two words that often stand together surprise
/// nobody; only of others is the longer context looked at.
fn surprises_after(said: &[u16], word: u16, scorer: Scorer<'_>, recent: &mut Recent) -> bool {
    let before = said.last().copied().unwrap_or(class::NONE);
    if scorer.pair(before, word, recent).is_some_and(|(log, _)| log > SURPRISE) {
        return false;
    }
    let mut context = Context::EMPTY;
    for id in &said[said.len().saturating_sub(3)..] {
        context = scorer.advance(&context, *id);
    }
    scorer.score(&context, word) < SURPRISE
}

/// The letters of a unit without outer marks.
pub(super) fn trimmed(glyphs: &[Glyph]) -> (usize, usize) {
    let word = |glyph: &Glyph| is_alphanumeric(glyph.c);
    match (glyphs.iter().position(word), glyphs.iter().rposition(word)) {
        (Some(first), Some(last)) => (first, last + 1),
        _ => (0, glyphs.len()),
    }
}
