//! Broken text to what the paper said: a noisy-channel decoder over syllables.
//!
//! Each line is cut into units; what holds numbers is set aside ([`guard`]); for the rest the
//! words that it could have been are searched ([`search`]); how broken the line is, is estimated
//! ([`strength`]); and the best reading in context is found ([`decode`]). Every change becomes an
//! [`Edit`] with its reason, its probability and its rivals. Nothing here knows files or formats;
//! nothing here can fail, and equal input gives equal output.

mod decode;
mod guard;
mod line;
mod number;
mod search;
mod shape;
mod strength;

use std::collections::HashMap;
use std::rc::Rc;

use crate::document::Document;
use crate::model::Model;
use crate::model::channel::{CHANNELS, CLEAN, Costs, ENGLISH, NEVER, VIETNAMESE};
use crate::model::tokens::{Case, case_of, class, normal};
use crate::text::{Edit, Span, Text, Why};
use crate::vi::fold::fold;
use decode::{Edge, Lattice, Step};
use line::{Glyph, Kind, Unit};
use number::Correction;
use search::{Candidate, Ends, ODD, Searcher};
use strength::{Evidence, Shares};

/// Repairs the text of a document.
pub fn repair(document: &Document, model: &Model) -> Text {
    repair_text(&document.raw, model)
}

/// Repairs raw text, line for line: line breaks are never changed.
///
/// ```
/// let model = vanban::model::Model::builtin();
/// let text = vanban::repair::repair_text("Uy ban nhan dan tinh", model);
/// assert_eq!(text.fixed(), "Ủy ban nhân dân tỉnh");
/// ```
pub fn repair_text(raw: &str, model: &Model) -> Text {
    let lines = lines(raw);
    let mut workshop = Workshop::new(raw, model);
    let evidence: Vec<Vec<Evidence>> = lines.iter().map(|span| workshop.evidence(*span)).collect();
    let shares = strength::shares(&evidence);
    let mut edits = Vec::new();
    for part in paragraphs(raw, &lines) {
        workshop.paragraph(&lines[part.clone()], &shares[part], &mut edits);
    }
    Text::new(raw.to_owned(), edits)
}

/// Widest line that a page holds, in bytes; longer ones are whole paragraphs.
const WIDEST: usize = 140;
/// Longest stretch decoded at once, in bytes: a file without line breaks must not need memory
/// without bound.
const LONGEST: usize = 4096;

/// The lines, without their breaks; long ones in parts that end at spaces.
fn lines(raw: &str) -> Vec<Span> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut space = None;
    for (at, byte) in raw.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' | b'\x0c' => {
                lines.push(Span::at(start, at));
                start = at + 1;
                space = None;
            }
            b' ' | b'\t' => space = Some(at + 1),
            _ => {}
        }
        if at > start + LONGEST
            && let Some(cut) = space.take()
        {
            lines.push(Span::at(start, cut));
            start = cut;
        } else if at >= start + LONGEST * 2 && raw.is_char_boundary(at) {
            lines.push(Span::at(start, at));
            start = at;
        }
    }
    lines.push(Span::at(start, raw.len()));
    lines
}

/// The lines that are read in one go: a wrapped paragraph says more than its lines.
fn paragraphs(raw: &str, lines: &[Span]) -> Vec<std::ops::Range<usize>> {
    // Most lines of a wrapped text are nearly as wide as the page.
    let mut widths: Vec<usize> = lines.iter().map(|line| line.len()).filter(|width| *width > 20).collect();
    widths.sort_unstable();
    let widest = widths.get(widths.len() * 4 / 5).copied().unwrap_or(0).min(WIDEST);
    let mut parts: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match parts.last_mut() {
            Some(part)
                if line.end() - lines[part.start].start() <= LONGEST
                    && !starts_paragraph(lines[index - 1].of(raw), line.of(raw), widest) =>
            {
                part.end = index + 1;
            }
            _ => parts.push(index..index + 1),
        }
    }
    parts
}

/// Whether a line begins a new paragraph, as far as the two lines show.
fn starts_paragraph(before: &str, line: &str, widest: usize) -> bool {
    let (before, line) = (before.trim(), line.trim());
    let item = line.starts_with(['-', '+', '•', '*'])
        || line.split_once(['.', ')', '/']).is_some_and(|(number, _)| {
            number.len() <= 4 && !number.is_empty() && number.chars().all(|c| c.is_alphanumeric())
        });
    if before.is_empty() || item || before.ends_with(['.', ';', ':', '!', '?']) {
        return true;
    }
    !line.starts_with(char::is_lowercase) && before.len() * 5 < widest * 3
}

/// What a run of letters could be, whatever line it stands on.
#[derive(Debug)]
struct Found {
    candidates: Vec<Candidate>,
    evidence: Evidence,
    /// Whether no single word explains the letters well.
    odd: bool,
}

/// Everything that repairing one text needs, kept from line to line.
struct Workshop<'m> {
    raw: &'m str,
    model: &'m Model,
    searcher: Searcher<'m>,
    known: HashMap<(String, Ends), Rc<Found>>,
    glyphs: Vec<Glyph>,
    units: Vec<Unit>,
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
/// Worse than the best word of a place by this much, whatever the context.
const HOPELESS: f32 = 16.0;
/// What it costs to leave a mark where OCR may have made it of a letter.
const LEFTOVER: f32 = 4.0;
/// How much the capitals of a word count.
const CAPITALS: f32 = 0.6;

impl<'m> Workshop<'m> {
    fn new(raw: &'m str, model: &'m Model) -> Self {
        Self {
            raw,
            model,
            searcher: Searcher::new(model),
            known: HashMap::new(),
            glyphs: Vec::new(),
            units: Vec::new(),
        }
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

    fn find(&mut self, letters: String, ends: Ends) -> Rc<Found> {
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

    fn lattice(&mut self, shares: &[Shares], settled: &[Option<u16>]) -> Lattice {
        let mut lattice = Lattice { end: self.glyphs.len() as u32, ..Lattice::default() };
        let capitals = capitals(&self.glyphs, &self.units);
        for index in 0..self.units.len() {
            let unit = self.units[index];
            match unit.kind {
                Kind::Gap => lattice.steps.push((unit.start, Step::Pass(unit.end))),
                Kind::Numeral => {
                    let id = self.model.lexicon().id(&normal(&line::string(unit.of(&self.glyphs))));
                    lattice.steps.push((unit.start, Step::Say(unit.end, id.unwrap_or(class::UNKNOWN))));
                }
                Kind::Stop(class) | Kind::Kept(class) => lattice.steps.push((unit.start, Step::Say(unit.end, class))),
                Kind::Word => match settled[index] {
                    Some(id) => lattice.steps.push((unit.start, Step::Say(unit.end, id))),
                    None => self.word(index, capitals[index], &shares[index], &mut lattice),
                },
            }
        }
        lattice.steps.sort_by_key(|(at, _)| *at);
        lattice
    }

    /// Adds the edges of one unit, its parts, and its joints with what follows.
    fn word(&mut self, index: usize, setting: Setting, shares: &Shares, lattice: &mut Lattice) {
        let unit = self.units[index];
        let glyphs = unit.of(&self.glyphs).to_vec();
        let (lead, stop) = trimmed(&glyphs);
        let (from, to) = (unit.start + lead as u32, unit.start + stop as u32);
        if lead > 0 {
            // Marks before it too: `@ng` for `ứng`, but also `'ứng'`.
            let first = lattice.edges.len() as u32;
            lattice.edges.push(Edge {
                from: unit.start,
                to: from,
                id: class::NONE,
                case: Case::Lower,
                cost: 0.0,
                keep: true,
            });
            let letters = line::string(&glyphs[..stop]);
            let found = self.find(letters.clone(), Ends::Whole);
            self.push(&letters, &found, unit.start, to, setting, shares, lattice);
            lattice.steps.push((unit.start, Step::Choose(first..lattice.edges.len() as u32)));
        }
        let first = lattice.edges.len() as u32;
        let core = &glyphs[lead..stop];
        let odd = self.edges(core, from, to, setting, shares, lattice);
        if glyphs[stop..].iter().any(|glyph| !matches!(glyph.c, '?' | '!' | '\'' | '’' | '*')) {
            let noise = shares[ENGLISH] + shares[VIETNAMESE];
            for edge in &mut lattice.edges[first as usize..] {
                edge.cost += LEFTOVER * noise;
            }
        }
        // Marks at the end may belong to a letter: `x&` for `xã`, but also a plain `không?`.
        if stop < glyphs.len() {
            self.edges(&glyphs[lead..], from, unit.end, setting, shares, lattice);
        }
        if lead == 0 && stop == glyphs.len() {
            self.join(index, odd, setting, shares, lattice);
        }
        let mut inner = Vec::new();
        if odd && core.len() >= 4 {
            self.parts(core, from, setting, shares, lattice, &mut inner);
        }
        self.prune(first as usize, lattice);
        lattice.steps.push((from, Step::Choose(first..lattice.edges.len() as u32)));
        // Positions inside the unit where a second word starts.
        let mut at = 0;
        while at < inner.len() {
            inner[at..].sort_unstable();
            let position: u32 = inner[at];
            let offset = (position - from) as usize;
            let first = lattice.edges.len() as u32;
            let rest = core[offset..].to_vec();
            let odd = self.edges_of_part(&rest, position, to, setting, shares, lattice);
            if odd && rest.len() >= 4 {
                let mut more = Vec::new();
                self.parts(&rest, position, setting, shares, lattice, &mut more);
                for position in more {
                    if !inner.contains(&position) {
                        inner.push(position);
                    }
                }
            }
            lattice.steps.push((position, Step::Choose(first..lattice.edges.len() as u32)));
            at += 1;
        }
        if to < unit.end {
            lattice.steps.push((to, Step::Pass(unit.end)));
        }
    }

    /// Drops edges that no context can bring back.
    fn prune(&self, first: usize, lattice: &mut Lattice) {
        let scorer = self.model.scorer();
        let value = |edge: &Edge| scorer.unigram(edge.id) - edge.cost;
        let best = lattice.edges[first..].iter().map(value).fold(f32::MIN, f32::max);
        let mut kept = first;
        for index in first..lattice.edges.len() {
            let edge = lattice.edges[index];
            if edge.keep || value(&edge) > best - HOPELESS {
                lattice.edges[kept] = edge;
                kept += 1;
            }
        }
        lattice.edges.truncate(kept);
    }

    /// Edges for letters as one word, and as they stand. Tells whether no word explains them well.
    fn edges(
        &mut self,
        glyphs: &[Glyph],
        from: u32,
        to: u32,
        setting: Setting,
        shares: &Shares,
        lattice: &mut Lattice,
    ) -> bool {
        let letters = line::string(glyphs);
        let found = self.find(letters.clone(), Ends::Whole);
        self.push(&letters, &found, from, to, setting, shares, lattice);
        let lexicon = self.model.lexicon();
        let known = lexicon.id(&normal(&letters)).filter(|_| case_of(&letters) == Case::Mixed);
        let digits = letters.contains(|c: char| c.is_ascii_digit());
        let id = known.unwrap_or(if digits { class::SYMBOL } else { class::UNKNOWN });
        let cost = if known.is_some() { 3.0 } else { spelling(&letters) };
        lattice.edges.push(Edge { from, to, id, case: Case::Mixed, cost, keep: true });
        found.odd
    }

    fn edges_of_part(
        &mut self,
        glyphs: &[Glyph],
        from: u32,
        to: u32,
        setting: Setting,
        shares: &Shares,
        lattice: &mut Lattice,
    ) -> bool {
        let letters = line::string(glyphs);
        let found = self.find(letters.clone(), Ends::Whole);
        self.push(&letters, &found, from, to, setting, shares, lattice);
        found.odd
    }

    fn push(
        &self,
        letters: &str,
        found: &Found,
        from: u32,
        to: u32,
        setting: Setting,
        shares: &Shares,
        lattice: &mut Lattice,
    ) {
        let lexicon = self.model.lexicon();
        let plain = normal(letters);
        let case = case_of(letters);
        for candidate in &found.candidates {
            if from + u32::from(candidate.len) != to {
                continue;
            }
            let mut cost = strength::mix(&candidate.costs, shares);
            if setting.counts {
                cost -= CAPITALS * lexicon.capitals(candidate.id).log(candidate.case, setting.after_title);
            }
            let same = lexicon.word(candidate.id) == plain;
            let single = plain.chars().count() == 1;
            if single && candidate.case == Case::Upper {
                continue;
            }
            let keep = same && (case == candidate.case || single && case == Case::Title);
            lattice.edges.push(Edge { from, to, id: candidate.id, case: candidate.case, cost, keep });
        }
    }

    /// Edges that end inside the letters; where they end goes to `inner`.
    fn parts(
        &mut self,
        glyphs: &[Glyph],
        from: u32,
        setting: Setting,
        shares: &Shares,
        lattice: &mut Lattice,
        inner: &mut Vec<u32>,
    ) {
        let letters = line::string(glyphs);
        let found = self.find(letters, Ends::Any);
        let lexicon = self.model.lexicon();
        let split = *self.model.channels().split();
        for candidate in &found.candidates {
            let to = from + u32::from(candidate.len);
            if usize::from(candidate.len) >= glyphs.len() {
                continue;
            }
            let costs: Costs = std::array::from_fn(|channel| candidate.costs[channel] + split[channel]);
            let mut cost = strength::mix(&costs, shares);
            if setting.counts {
                cost -= CAPITALS * lexicon.capitals(candidate.id).log(candidate.case, setting.after_title);
            }
            lattice.edges.push(Edge { from, to, id: candidate.id, case: candidate.case, cost, keep: false });
            if !inner.contains(&to) {
                inner.push(to);
            }
        }
    }

    /// Edges over the space after a unit, where one of the two sides is no word.
    fn join(&mut self, index: usize, odd: bool, setting: Setting, shares: &Shares, lattice: &mut Lattice) {
        let Some([gap, next]) = self.units.get(index + 1..index + 3) else { return };
        let (gap, next) = (*gap, *next);
        if gap.kind != Kind::Gap || next.kind != Kind::Word || gap.end - gap.start != 1 {
            return;
        }
        let start = self.units[index].start;
        let glyphs = self.glyphs[start as usize..next.end as usize].to_vec();
        if glyphs.len() > 12 || glyphs[(gap.start - start) as usize].c != ' ' {
            return;
        }
        let tail = line::string(next.of(&self.glyphs));
        let letters = line::string(&glyphs);
        if odd || self.find(tail, Ends::Whole).odd {
            let found = self.find(letters.clone(), Ends::Whole);
            self.push(&letters, &found, start, next.end, setting, shares, lattice);
            return;
        }
        // Two words that could stand alone are joined as they are or not at all.
        let whole: String = letters.chars().filter(|c| *c != ' ').collect();
        let case = case_of(&whole);
        if let Some(id) = self.model.lexicon().id(&normal(&whole)).filter(|_| case != Case::Mixed) {
            let cost = strength::mix(self.model.channels().join(), shares);
            lattice.edges.push(Edge { from: start, to: next.end, id, case, cost, keep: false });
        }
    }

    /// Turns the chosen words into edits.
    fn write(&self, lattice: &Lattice, choices: &[decode::Choice], shares: &[Shares], edits: &mut Vec<Edit>) {
        let lexicon = self.model.lexicon();
        let place = |from: u32, to: u32| {
            let (first, last) = (self.glyphs[from as usize], self.glyphs[to as usize - 1]);
            Span::new(first.start, last.end)
        };
        let spell = |edge: &Edge| {
            if edge.keep {
                line::string(&self.glyphs[edge.from as usize..edge.to as usize])
            } else {
                shape::write(lexicon.word(edge.id), edge.case)
            }
        };
        let mut at = 0;
        let mut next = 0;
        while next < choices.len() {
            let first = lattice.edges[choices[next].edge as usize];
            let mut new = spell(&first);
            // Codes that stand alone (`ATVSLD`) go by the tables of symbols too.
            let code = first.keep && first.id == class::UNKNOWN && case_of(&new) == Case::Upper;
            let glyphs = &self.glyphs[first.from as usize..first.to as usize];
            if let Some(correction) = code.then(|| number::correct(glyphs)).unwrap_or_default().pop() {
                self.between(at, first.from, shares, edits);
                at = first.to;
                next += 1;
                let rivals = vec![new];
                let Correction { new, confidence, .. } = correction;
                edits.push(Edit { raw: place(first.from, first.to), new, why: Why::Number, confidence, rivals });
                continue;
            }
            let mut to = first.to;
            let mut confidence = choices[next].confidence;
            let mut rivals: Vec<String> = choices[next]
                .rivals
                .iter()
                .map(|(edge, _)| spell(&lattice.edges[*edge as usize]))
                .filter(|rival| *rival != new)
                .collect();
            next += 1;
            let mut split = false;
            while next < choices.len() && lattice.edges[choices[next].edge as usize].from == to {
                let edge = lattice.edges[choices[next].edge as usize];
                new.push(' ');
                new.push_str(&spell(&edge));
                to = edge.to;
                confidence *= choices[next].confidence;
                rivals.clear();
                split = true;
                next += 1;
            }
            self.between(at, first.from, shares, edits);
            at = to;
            let raw = place(first.from, to);
            if raw.of(self.raw) == new {
                continue;
            }
            let glyphs = line::string(&self.glyphs[first.from as usize..to as usize]);
            let why = if split {
                Why::Split
            } else if glyphs.contains(' ') {
                Why::Join
            } else if glyphs == new {
                Why::Unicode
            } else if fold(&glyphs) == fold(&new) {
                Why::Diacritic
            } else {
                Why::Confusion
            };
            rivals.dedup();
            rivals.truncate(4);
            edits.push(Edit { raw, new, why, confidence, rivals });
        }
        self.between(at, self.glyphs.len() as u32, shares, edits);
    }

    /// Edits for what stands between words: letters of symbols, look-alikes, loose marks, and spaces
    /// lost before a number.
    fn between(&self, from: u32, to: u32, shares: &[Shares], edits: &mut Vec<Edit>) {
        let first = self.units.partition_point(|unit| unit.end <= from);
        for (index, unit) in self.units.iter().enumerate().skip(first).take_while(|(_, unit)| unit.start < to) {
            let clipped = Unit { start: unit.start.max(from), end: unit.end.min(to), ..*unit };
            let glyphs = clipped.of(&self.glyphs);
            let mut done = 0;
            if let Kind::Kept(class) = unit.kind {
                let before = index.checked_sub(1).map(|index| self.units[index].kind);
                if class == class::NUMBER
                    && before == Some(Kind::Word)
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

    fn unicode(&self, glyphs: &[Glyph], edits: &mut Vec<Edit>) {
        for glyph in glyphs {
            let raw = Span::new(glyph.start, glyph.end);
            if !raw.is_empty() && raw.of(self.raw) != glyph.c.to_string() {
                edits.push(Edit { raw, new: glyph.c.into(), why: Why::Unicode, confidence: 1.0, rivals: Vec::new() });
            }
        }
    }
}

/// What the capitals of a word say.
#[derive(Clone, Copy, Debug, Default)]
struct Setting {
    /// Whether they say anything: not at the start of a sentence, nor among capitals.
    counts: bool,
    after_title: bool,
}

fn capitals(glyphs: &[Glyph], units: &[Unit]) -> Vec<Setting> {
    let cases: Vec<Option<(Case, usize)>> = units
        .iter()
        .map(|unit| (unit.kind == Kind::Word).then(|| (case_of(&line::string(unit.of(glyphs))), unit.of(glyphs).len())))
        .collect();
    let shouting = |from: usize, step: isize| {
        let mut at = from as isize + step;
        while let Some(case) = usize::try_from(at).ok().and_then(|at| cases.get(at)) {
            match case {
                Some((case, length)) => return *case == Case::Upper && *length > 1,
                None => at += step,
            }
        }
        false
    };
    let mut inside = false;
    let mut after_title = false;
    let mut settings = Vec::with_capacity(units.len());
    for (index, unit) in units.iter().enumerate() {
        let mut setting = Setting::default();
        match unit.kind {
            Kind::Word => {
                let case = cases[index].map_or(Case::Lower, |(case, _)| case);
                let loud = matches!(case, Case::Upper | Case::Title) && (shouting(index, -1) || shouting(index, 1));
                setting = Setting { counts: inside && !loud, after_title };
                inside = true;
                after_title = case == Case::Title;
            }
            Kind::Stop(id) => {
                let mark = class::STOPS[usize::from(id - class::FIRST_STOP)];
                inside &= !matches!(mark, '.' | ':' | '(');
                after_title = false;
            }
            Kind::Kept(_) | Kind::Numeral => {
                inside = true;
                after_title = false;
            }
            Kind::Gap => {}
        }
        settings.push(setting);
    }
    settings
}

/// The letters of a unit without outer marks.
fn trimmed(glyphs: &[Glyph]) -> (usize, usize) {
    let word = |glyph: &Glyph| glyph.c.is_alphanumeric();
    match (glyphs.iter().position(word), glyphs.iter().rposition(word)) {
        (Some(first), Some(last)) => (first, last + 1),
        _ => (0, glyphs.len()),
    }
}

/// The cost of letters that spell no known word.
fn spelling(letters: &str) -> f32 {
    SPELL * letters.chars().count() as f32
}

#[cfg(test)]
mod tests;
