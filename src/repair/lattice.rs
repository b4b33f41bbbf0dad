//! Units to a lattice: for each word the edges that could stand there, whole, in parts, or joined
//! with the next, each with the cost of its channel and of its capitals.

use super::decode::{Edge, Lattice, Step};
use super::line::{self, Glyph, Kind, Unit};
use super::memory::{Found, spelling};
use super::search::{Candidate, Ends};
use super::strength::{self, Shares};
use super::workshop::{Workshop, trimmed};
use crate::model::channel::{CLEAN, Costs, ENGLISH, VIETNAMESE};
use crate::model::tokens::{Case, case_of, class, normal};

/// Worse than the best word of a place by this much, whatever the context.
const HOPELESS: f32 = 16.0;
/// What it costs to leave a mark where OCR may have made it of a letter.
const LEFTOVER: f32 = 4.0;
/// How much the capitals of a word count.
const CAPITALS: f32 = 0.6;
/// Fewest letters that may be two words.
const PARTED: usize = 4;
/// Most characters of two pieces that may be one word, the space included.
const JOINED: usize = 12;

/// Where a word stands.
#[derive(Clone, Copy, Debug)]
struct Spot<'s> {
    setting: Setting,
    shares: &'s Shares,
}

impl Workshop<'_, '_> {
    /// The lattice of the units; those that are settled stand for themselves.
    pub(super) fn lattice(&mut self, shares: &[Shares], settled: &[Option<u16>]) -> Lattice {
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
                    None => {
                        self.word(index, Spot { setting: capitals[index], shares: &shares[index] }, &mut lattice);
                    }
                },
            }
        }
        lattice.steps.sort_by_key(|(at, _)| *at);
        lattice
    }

    /// Adds the edges of one unit, its parts, and its joints with what follows.
    fn word(&mut self, index: usize, spot: Spot<'_>, lattice: &mut Lattice) {
        let unit = self.units[index];
        let glyphs = unit.of(&self.glyphs).to_vec();
        let (lead, stop) = trimmed(&glyphs);
        let (from, to) = (unit.start + lead as u32, unit.start + stop as u32);
        if lead > 0 {
            // Marks before it may belong to it: `@ng` for `ứng`, but also a plain `'ứng'`.
            let first = lattice.edges.len() as u32;
            let id = class::NONE;
            lattice.edges.push(Edge { from: unit.start, to: from, id, case: Case::Lower, cost: 0.0, keep: true });
            self.whole(&glyphs[..stop], unit.start, spot, lattice);
            lattice.steps.push((unit.start, Step::Choose(first..lattice.edges.len() as u32)));
        }
        let first = lattice.edges.len();
        let core = &glyphs[lead..stop];
        let odd = self.whole(core, from, spot, lattice);
        self.as_it_stands(core, from, lattice);
        if stop < glyphs.len() {
            // So may marks after it: `x&` for `xã`, but also a plain `không?`.
            if glyphs[stop..].iter().any(|glyph| !matches!(glyph.c, '?' | '!' | '\'' | '’' | '*')) {
                let noise = spot.shares[ENGLISH] + spot.shares[VIETNAMESE];
                for edge in &mut lattice.edges[first..] {
                    edge.cost += LEFTOVER * noise;
                }
            }
            self.whole(&glyphs[lead..], from, spot, lattice);
            self.as_it_stands(&glyphs[lead..], from, lattice);
        }
        let capitals = spot.setting.counts && case_of(&line::string(core)) == Case::Upper;
        if lead == 0 && stop == glyphs.len() && !capitals {
            self.join(index, odd, spot, lattice);
        }
        let mut inner = Vec::new();
        if odd && core.len() >= PARTED && !capitals {
            self.parts(core, from, spot, lattice, &mut inner);
        }
        self.prune(first, lattice);
        lattice.steps.push((from, Step::Choose(first as u32..lattice.edges.len() as u32)));
        // Positions inside the unit where a second word starts.
        let mut done = 0;
        while done < inner.len() {
            inner[done..].sort_unstable();
            let position = inner[done];
            let first = lattice.edges.len() as u32;
            let rest = &core[(position - from) as usize..];
            if self.whole(rest, position, spot, lattice) && rest.len() >= PARTED {
                self.parts(rest, position, spot, lattice, &mut inner);
            }
            lattice.steps.push((position, Step::Choose(first..lattice.edges.len() as u32)));
            done += 1;
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

    /// The edge of letters that stay as they are, whether or not they are a word.
    fn as_it_stands(&self, glyphs: &[Glyph], from: u32, lattice: &mut Lattice) {
        let letters = line::string(glyphs);
        let known = self.model.lexicon().id(&normal(&letters)).filter(|_| case_of(&letters) == Case::Mixed);
        let digits = letters.contains(|c: char| c.is_ascii_digit());
        let id = known.unwrap_or(if digits { class::SYMBOL } else { class::UNKNOWN });
        // `KHoạch` is a known word in a case that no word has.
        let cost = if known.is_some() { 3.0 } else { spelling(&letters) };
        lattice.edges.push(Edge { from, to: from + glyphs.len() as u32, id, case: Case::Mixed, cost, keep: true });
    }

    /// Edges for letters as one word. Tells whether no word explains them well.
    fn whole(&mut self, glyphs: &[Glyph], from: u32, spot: Spot<'_>, lattice: &mut Lattice) -> bool {
        let letters = line::string(glyphs);
        let found = self.memory.find(letters.clone(), Ends::Whole);
        self.push(&letters, &found, from, spot, lattice);
        found.odd
    }

    fn push(&self, letters: &str, found: &Found, from: u32, spot: Spot<'_>, lattice: &mut Lattice) {
        let lexicon = self.model.lexicon();
        let plain = normal(letters);
        let case = case_of(letters);
        let single = plain.chars().nth(1).is_none();
        let size = letters.chars().count();
        for candidate in found.candidates.iter().filter(|candidate| usize::from(candidate.len) == size) {
            // One capital letter is title and upper case alike: once is enough.
            if single && candidate.case == Case::Upper {
                continue;
            }
            let cost = self.cost(candidate, &candidate.costs, spot);
            let same = lexicon.word(candidate.id) == plain;
            let keep = same && case == candidate.case;
            let to = from + size as u32;
            lattice.edges.push(Edge { from, to, id: candidate.id, case: candidate.case, cost, keep });
        }
    }

    /// One cost for a candidate: the channels that the line went through, and its capitals.
    fn cost(&self, candidate: &Candidate, costs: &Costs, spot: Spot<'_>) -> f32 {
        let cost = strength::mix(costs, spot.shares);
        if !spot.setting.counts {
            return cost;
        }
        let capitals = self.model.lexicon().capitals(candidate.id);
        cost - CAPITALS * capitals.log(candidate.case, spot.setting.after_title)
    }

    /// Edges that end inside the letters; where they end goes to `inner`.
    fn parts(&mut self, glyphs: &[Glyph], from: u32, spot: Spot<'_>, lattice: &mut Lattice, inner: &mut Vec<u32>) {
        let found = self.memory.find(line::string(glyphs), Ends::Any);
        let split = *self.model.channels().split();
        for candidate in found.candidates.iter().filter(|candidate| usize::from(candidate.len) < glyphs.len()) {
            let to = from + u32::from(candidate.len);
            let costs: Costs = std::array::from_fn(|channel| candidate.costs[channel] + split[channel]);
            let cost = self.cost(candidate, &costs, spot);
            lattice.edges.push(Edge { from, to, id: candidate.id, case: candidate.case, cost, keep: false });
            if !inner.contains(&to) {
                inner.push(to);
            }
        }
    }

    /// Edges over the space after a unit.
    fn join(&mut self, index: usize, odd: bool, spot: Spot<'_>, lattice: &mut Lattice) {
        let Some([gap, next]) = self.units.get(index + 1..index + 3) else { return };
        let (gap, next) = (*gap, *next);
        if gap.kind != Kind::Gap || next.kind != Kind::Word || gap.end - gap.start != 1 {
            return;
        }
        let start = self.units[index].start;
        let glyphs = self.glyphs[start as usize..next.end as usize].to_vec();
        if glyphs.len() > JOINED || self.glyphs[gap.start as usize].c != ' ' {
            return;
        }
        if odd || self.memory.find(line::string(next.of(&self.glyphs)), Ends::Whole).odd {
            self.whole(&glyphs, start, spot, lattice);
            return;
        }
        // Two words that could stand alone are joined as they are or not at all, and not in a
        // clean line: `ta luy` and `taluy` are both right.
        let whole: String = glyphs.iter().map(|glyph| glyph.c).filter(|c| *c != ' ').collect();
        let case = case_of(&whole);
        let known = self.model.lexicon().id(&normal(&whole));
        if let Some(id) = known.filter(|_| case != Case::Mixed && spot.shares[CLEAN] < 0.999) {
            let cost = strength::mix(self.model.channels().join(), spot.shares);
            lattice.edges.push(Edge { from: start, to: next.end, id, case, cost, keep: false });
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
