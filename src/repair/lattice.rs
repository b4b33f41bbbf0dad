//! Units to a lattice: for each word the edges that could stand there, whole, in parts, or joined
//! with the next, each with the cost of its channel and of its capitals.

use super::decode::{Edge, Lattice, Step};
use super::line::{self, Glyph, Kind};
use super::memory::{Candidate, Form, spelling};
use super::strength::{self, Shares};
use super::workshop::{Workshop, trimmed};
use crate::model::channel::{CHANNELS, CLEAN, Costs, ENGLISH, VIETNAMESE};
use crate::model::tokens::{Case, class};
use crate::vi::fold::{fold, fold_char};

/// Worse than the best word of a place by this much, whatever the context.
const HOPELESS: f32 = 12.0;
/// Beyond the best few words of a place, worse by this much already.
const FEW: usize = 8;
const HARDLY: f32 = 10.0;
/// What it costs to leave a mark where OCR may have made it of a letter.
const LEFTOVER: f32 = 6.0;
/// What it costs that the horn of a letter was read as a mark after the word.
const HORN: f32 = 0.7;
/// How much the capitals of a word count.
const CAPITALS: f32 = 0.7;
/// What it costs to read small letters among capitals where none shows, or capitals among small
/// letters.
const SMALL: f32 = 3.0;
/// By how much more the letters of an unknown word cost in a line that OCR has broken: most of them
/// are known words beyond recognition.
const BROKEN: f32 = 0.45;
/// What a mark among the letters of an unknown word costs there.
const INNER_MARK: f32 = 4.0;
/// Fewest letters that may be two words.
const PARTED: usize = 4;
/// Most characters of two pieces that may be one word, the space included.
const JOINED: usize = 12;

/// Where a word stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'s> {
    setting: Setting,
    shares: &'s Shares,
}

impl Workshop<'_, '_> {
    /// The lattice of the units; those that are settled stand for themselves.
    pub(super) fn lattice(&mut self, shares: &[Shares], settled: &[Option<u16>]) -> Lattice {
        let mut lattice = Lattice { end: self.glyphs.len() as u32, ..Lattice::default() };
        let capitals = self.capitals();
        for index in 0..self.units.len() {
            let unit = self.units[index];
            match unit.kind {
                Kind::Gap => lattice.steps.push((unit.start, Step::Pass(unit.end))),
                Kind::Numeral => {
                    let id = self.memory.shape(self.forms[index]).id;
                    lattice.steps.push((unit.start, Step::Say(unit.end, id.unwrap_or(class::UNKNOWN))));
                }
                Kind::Stop(class) | Kind::Kept(class) => lattice.steps.push((unit.start, Step::Say(unit.end, class))),
                Kind::Word => {
                    if let Some(id) = settled[index] {
                        lattice.steps.push((unit.start, Step::Say(unit.end, id)));
                    } else {
                        let shares = self.believed(unit, shares[index]);
                        self.word(index, Spot { setting: capitals[index], shares: &shares }, &mut lattice);
                    }
                }
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
        let mut odd = self.whole(core, from, spot, lattice);
        if is_code(core) {
            // `BGDDT` is a code, whatever it may look like: only marks can be given back to it.
            odd = false;
            let (lexicon, plain) = (self.model.lexicon(), fold(&line::string(core)));
            let marked = lattice.edges.split_off(first).into_iter();
            lattice.edges.extend(marked.filter(|edge| fold(lexicon.word(edge.id)) == plain));
        }
        self.as_it_stands(core, from, spot, lattice);
        self.doubted(core, from, spot, first, lattice);
        if stop < glyphs.len() {
            // So may marks after it: `x&` for `xã`, `tu’` for `từ`, but also a plain `không?`.
            if !self.is_plain_tail(index, &glyphs[stop..]) {
                let noise = spot.shares[ENGLISH] + spot.shares[VIETNAMESE];
                let last = lattice.edges.len();
                for at in first..last {
                    let edge = lattice.edges[at];
                    // The mark is what was left of the horn of an ơ or ư.
                    if stop + 1 == glyphs.len() && edge.to == to && self.has_horn(edge.id) {
                        let (to, cost) = (to + 1, edge.cost + HORN);
                        lattice.edges.push(Edge { to, cost, keep: false, ..edge });
                    }
                    lattice.edges[at].cost += LEFTOVER * noise;
                }
            }
            self.whole(&glyphs[lead..], from, spot, lattice);
            self.as_it_stands(&glyphs[lead..], from, spot, lattice);
        }
        let form = self.memory.form(core);
        let capitals = spot.setting.counts && self.memory.shape(form).case == Case::Upper;
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

    /// Whether the marks after a word are what they look like: a closing quote after an opening one,
    /// a question mark where no sentence goes on.
    fn is_plain_tail(&self, index: usize, tail: &[Glyph]) -> bool {
        let goes_on = || {
            let mut next = self.units[index + 1..].iter().filter(|unit| unit.kind != Kind::Gap);
            next.next().is_some_and(|unit| self.glyphs[unit.start as usize].c.is_lowercase())
        };
        let opened = |marks: [char; 2]| {
            let before = &self.glyphs[..=self.units[index].start as usize];
            before.iter().any(|glyph| marks.contains(&glyph.c))
        };
        tail.iter().all(|glyph| match glyph.c {
            '?' | '!' => !goes_on(),
            '’' => opened(['‘', '\'']),
            '\'' => opened(['\'', '‘']),
            c => c == '*',
        })
    }

    fn has_horn(&self, id: u16) -> bool {
        id >= class::FIRST_WORD && self.model.lexicon().word(id).contains(|c| "ơờớởỡợưừứửữự".contains(c))
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
    fn as_it_stands(&mut self, glyphs: &[Glyph], from: u32, spot: Spot<'_>, lattice: &mut Lattice) {
        let form = self.memory.form(glyphs);
        let shape = self.memory.shape(form);
        let known = shape.id.filter(|_| shape.case == Case::Mixed);
        let digits = glyphs.iter().any(|glyph| glyph.c.is_ascii_digit());
        let id = known.unwrap_or(if digits { class::SYMBOL } else { class::UNKNOWN });
        // `KHoạch` is a known word in a case that no word has.
        let mut cost = if known.is_some() { 3.0 } else { spelling(glyphs.len()) };
        let noise = spot.shares[ENGLISH] + spot.shares[VIETNAMESE];
        if known.is_none() {
            cost *= 1.0 + BROKEN * noise;
            if glyphs.iter().any(|glyph| !glyph.c.is_alphanumeric()) {
                cost += INNER_MARK * noise;
            }
        }
        lattice.edges.push(Edge { from, to: from + glyphs.len() as u32, id, case: Case::Mixed, cost, keep: true });
    }

    /// Edges for letters as one word. Tells whether no word explains them well.
    fn whole(&mut self, glyphs: &[Glyph], from: u32, spot: Spot<'_>, lattice: &mut Lattice) -> bool {
        let form = self.memory.form(glyphs);
        let found = self.memory.found(form);
        let single = glyphs.len() == 1;
        let to = from + glyphs.len() as u32;
        let first = lattice.edges.len();
        let mut best = f32::MIN;
        for candidate in &found.whole {
            // One capital letter is title and upper case alike: once is enough.
            if single && candidate.case == Case::Upper {
                continue;
            }
            let cost = cost(candidate, &candidate.chances, spot);
            let value = candidate.unigram - cost;
            if candidate.keep || value > best - HOPELESS {
                best = best.max(value);
                let Candidate { id, case, keep, .. } = *candidate;
                lattice.edges.push(Edge { from, to, id, case, cost, keep });
            }
        }
        // The likeliest first: the beam fills with good ways before it meets the bad.
        let scorer = self.model.scorer();
        let value = |edge: &Edge| scorer.unigram(edge.id) - edge.cost;
        lattice.edges[first..].sort_by(|a, b| value(b).total_cmp(&value(a)));
        let mut kept = first;
        for index in first..lattice.edges.len() {
            let edge = lattice.edges[index];
            if kept < first + FEW || edge.keep || value(&edge) > best - HARDLY {
                lattice.edges[kept] = edge;
                kept += 1;
            }
        }
        lattice.edges.truncate(kept);
        found.odd
    }

    /// Edges that end inside the letters; where they end goes to `inner`.
    fn parts(&mut self, glyphs: &[Glyph], from: u32, spot: Spot<'_>, lattice: &mut Lattice, inner: &mut Vec<u32>) {
        let form = self.memory.form(glyphs);
        let found = self.memory.found(form);
        let split = self.model.channels().split().map(|cost| (-cost).exp());
        for candidate in &found.parts {
            let to = from + u32::from(candidate.len);
            let chances: Costs = std::array::from_fn(|channel| candidate.chances[channel] * split[channel]);
            let cost = cost(candidate, &chances, spot);
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
        let odd = odd || {
            let form = self.memory.form(next.of(&self.glyphs));
            self.memory.found(form).odd
        };
        if odd && spot.shares[CLEAN] < 0.999 {
            self.whole(&glyphs, start, spot, lattice);
            return;
        }
        // Two words that could stand alone are joined as they are or not at all, and not in a
        // clean line: `ta luy` and `taluy` are both right.
        let whole: Vec<Glyph> = glyphs.iter().copied().filter(|glyph| glyph.c != ' ').collect();
        let form: Form = self.memory.form(&whole);
        let shape = self.memory.shape(form);
        if let Some(id) = shape.id.filter(|_| shape.case != Case::Mixed && spot.shares[CLEAN] < 0.999) {
            let chances: [f32; CHANNELS] = self.model.channels().join().map(|cost| (-cost).exp());
            let cost = strength::mix(&chances, spot.shares);
            lattice.edges.push(Edge { from: start, to: next.end, id, case: shape.case, cost, keep: false });
        }
    }
}

/// Capitals without a vowel: the letters of an abbreviation.
fn is_code(glyphs: &[Glyph]) -> bool {
    glyphs.len() > 3
        && glyphs
            .iter()
            .all(|glyph| glyph.c.is_uppercase() && !matches!(fold_char(glyph.c), 'a' | 'e' | 'i' | 'o' | 'u' | 'y'))
}

/// What the capitals of a word say.
#[allow(clippy::struct_excessive_bools, reason = "four separate things that capitals can say")]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Setting {
    /// Whether they say anything: not at the start of a sentence, nor among capitals.
    counts: bool,
    after_title: bool,
    /// Whether the word stands among capitals and shows no small letter itself.
    shouted: bool,
    /// Whether it opens a sentence whose next word is not in capitals.
    quiet: bool,
}

/// One cost for a candidate: the channels that the line went through, and its capitals.
pub(super) fn cost(candidate: &Candidate, chances: &Costs, spot: Spot<'_>) -> f32 {
    let mut cost = strength::mix(chances, spot.shares);
    if spot.setting.shouted && candidate.case != Case::Upper && candidate.len > 1 {
        cost += SMALL;
    }
    if spot.setting.quiet && candidate.case == Case::Upper && candidate.len > 1 {
        cost += SMALL;
    }
    if !spot.setting.counts {
        return cost;
    }
    // `SO` between small letters is rather what became of `Sở` than a shout.
    if candidate.case == Case::Upper && candidate.len == 2 {
        cost += SMALL * spot.shares[ENGLISH];
    }
    cost - CAPITALS * candidate.capitals[usize::from(spot.setting.after_title)]
}

impl Workshop<'_, '_> {
    /// What the capitals of each unit say.
    fn capitals(&self) -> Vec<Setting> {
        let units = &self.units;
        let cases: Vec<Option<(Case, usize)>> = units
            .iter()
            .zip(&self.forms)
            .map(|(unit, form)| {
                let word = unit.kind == Kind::Word && !is_code(unit.of(&self.glyphs));
                let shape = word.then(|| self.memory.shape(*form))?;
                Some((shape.case, usize::from(shape.size)))
            })
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
                    let shouted = shouting(index, -1)
                        && (shouting(index, 1) || !cases[index + 1..].iter().any(Option::is_some))
                        && !unit.of(&self.glyphs).iter().any(|glyph| glyph.c.is_lowercase());
                    let alone = !cases[index + 1..].iter().any(Option::is_some);
                    setting =
                        Setting { counts: inside && !loud, after_title, shouted, quiet: !inside && !loud && !alone };
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
}
