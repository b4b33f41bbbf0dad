//! The best reading of a paragraph: a beam search over the lattice of candidates.

use super::echo::{Echo, mixed};
use super::weigh::{Choice, weigh};
use crate::model::tokens::{Case, class};
use crate::model::{Batch, Context, Grid, Scorer};

/// A possible word between two positions of the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// First glyph and one past the last.
    pub(super) from: u32,
    pub(super) to: u32,
    /// [`class::NONE`] for marks that are passed over.
    pub(super) id: u16,
    pub(super) case: Case,
    /// Channel and capitals, as a cost.
    pub(super) cost: f32,
    /// Whether the raw text stays as it is.
    pub(super) keep: bool,
}

/// A place on the line where words can start: what to do there.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Go on to the position with nothing said to the model.
    Pass(u32),
    /// Go on to the position with a class said to the model.
    Say(u32, u16),
    /// One of the edges, a range of the list.
    Choose(std::ops::Range<u32>),
}

/// A line ready to be decoded.
#[derive(Debug, Default)]
pub(super) struct Lattice {
    /// By position, rising.
    pub(super) steps: Vec<(u32, Step)>,
    pub(super) edges: Vec<Edge>,
    pub(super) end: u32,
}

/// A way to a position.
#[derive(Clone, Copy, Debug)]
struct Hypothesis {
    context: Context,
    score: f32,
    /// Index into the trail: where it was before `what`.
    before: u32,
    /// Edge index, or a class that was said, above [`SAID`]; [`NONE`] if nothing was added.
    what: u32,
}

/// A choice on the way to a hypothesis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    before: u32,
    what: u32,
    /// After the choice.
    pub(super) context: Context,
}

impl Link {
    /// The edge that was chosen; none where a class was said.
    pub(super) const fn edge(&self) -> Option<u32> {
        if self.what & SAID == 0 { Some(self.what) } else { None }
    }

    /// What the model heard; nothing for marks that were passed over.
    pub(super) fn word(&self, lattice: &Lattice) -> Option<u16> {
        let word = self.edge().map_or(self.what as u16, |edge| lattice.edges[edge as usize].id);
        (word != class::NONE).then_some(word)
    }
}

const SAID: u32 = 1 << 31;
const NONE: u32 = u32::MAX;

/// Hypotheses that are behind the best by more than this are given up.
const BEHIND: f32 = 11.0;
/// What is less certain than this is not counted on later.
const CERTAIN: f32 = 0.9;
/// After the last word alone, what is behind by more than this is not looked at closer.
const SLACK: f32 = 8.0;
/// Hypotheses kept at each position.
const BEAM: usize = 12;

/// The best ways to a position, one for each context, no more than the beam holds.
#[derive(Clone, Debug)]
struct Beam {
    ways: Vec<Hypothesis>,
    best: f32,
    /// Least score worth offering.
    floor: f32,
}

impl Default for Beam {
    fn default() -> Self {
        Self { ways: Vec::new(), best: f32::MIN, floor: f32::MIN }
    }
}

impl Beam {
    fn clear(&mut self) {
        self.ways.clear();
        (self.best, self.floor) = (f32::MIN, f32::MIN);
    }

    fn offer(&mut self, way: Hypothesis) {
        if way.score <= self.floor {
            return;
        }
        let key = way.context.key();
        if let Some(same) = self.ways.iter_mut().find(|other| other.context.key() == key) {
            if way.score > same.score {
                *same = way;
            }
        } else if self.ways.len() < BEAM {
            self.ways.push(way);
        } else if let Some(worst) = self.ways.iter_mut().min_by(|a, b| a.score.total_cmp(&b.score)) {
            *worst = way;
        }
        self.best = self.best.max(way.score);
        self.floor = self.best - BEHIND;
        if self.ways.len() == BEAM {
            let least = self.ways.iter().map(|way| way.score).fold(f32::MAX, f32::min);
            self.floor = self.floor.max(least);
        }
    }
}

/// What decoding needs, kept from one lattice to the next.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    beams: Vec<Beam>,
    here: Vec<Hypothesis>,
    trail: Vec<Link>,
    pub(super) batch: Batch,
    grid: Grid,
    /// What the document adds to each word after each last word, and after each last two.
    pairs: Vec<Option<f32>>,
    triples: Vec<Option<f32>>,
    /// The choice that each word of the grid stands for.
    whats: Vec<u32>,
    /// What the document said before.
    pub(super) echo: Echo,
}

impl Decoder {
    /// The words of the best reading.
    pub(super) fn decode(&mut self, lattice: &Lattice, start: Context, scorer: Scorer<'_>) -> Vec<Choice> {
        let size = lattice.end as usize + 1;
        if self.beams.len() < size {
            self.beams.resize_with(size, Beam::default);
        }
        self.beams[..size].iter_mut().for_each(Beam::clear);
        self.trail.clear();
        self.beams[0].offer(Hypothesis { context: start, score: 0.0, before: NONE, what: NONE });
        for (at, step) in &lattice.steps {
            if !self.settle(*at) {
                continue;
            }
            match step {
                Step::Pass(to) => {
                    for way in &self.here {
                        self.beams[*to as usize].offer(*way);
                    }
                }
                Step::Say(to, class) => {
                    let what = SAID | u32::from(*class);
                    self.grid.clear();
                    self.grid.words.push((*class, 0.0));
                    self.whats.clear();
                    self.whats.push(what);
                    self.offer(*to, scorer);
                }
                Step::Choose(range) => self.choose(lattice, range.clone(), scorer),
            }
        }
        if !self.settle(lattice.end) {
            return Vec::new();
        }
        let mut path = Vec::new();
        let mut link = self.here[0].before;
        while let Some(step) = self.trail.get(link as usize) {
            path.push(*step);
            link = step.before;
        }
        path.reverse();
        let choices = weigh(lattice, start, &path, scorer, &mut self.batch, &self.echo);
        self.remember(lattice, start, &path, &choices);
        choices
    }

    /// Counts what was read for certain.
    fn remember(&mut self, lattice: &Lattice, start: Context, path: &[Link], choices: &[Choice]) {
        let mut choices = choices.iter().peekable();
        let [mut last, _] = start.last_two();
        let mut before = class::NONE;
        for link in path {
            let choice = choices.next_if(|choice| link.edge() == Some(choice.edge));
            let Some(word) = link.word(lattice) else { continue };
            // A word in doubt breaks the chain.
            let word = if choice.is_some_and(|choice| choice.confidence < CERTAIN) { class::NONE } else { word };
            if word >= class::FIRST_WORD {
                self.echo.note([before, last], word);
            }
            (before, last) = (last, word);
        }
    }

    /// Takes the ways to a position, best first, each with its choice on the trail.
    fn settle(&mut self, at: u32) -> bool {
        self.here.clear();
        let beam = &mut self.beams[at as usize];
        self.here.append(&mut beam.ways);
        self.here.sort_unstable_by(|a, b| {
            b.score.total_cmp(&a.score).then(a.before.cmp(&b.before)).then(a.what.cmp(&b.what))
        });
        let floor = beam.best - BEHIND;
        self.here.truncate(self.here.partition_point(|way| way.score >= floor));
        for way in self.here.iter_mut().filter(|way| way.what != NONE) {
            self.trail.push(Link { before: way.before, what: way.what, context: way.context });
            (way.before, way.what) = (self.trail.len() as u32 - 1, NONE);
        }
        !self.here.is_empty()
    }

    /// Extends every way by every edge.
    fn choose(&mut self, lattice: &Lattice, range: std::ops::Range<u32>, scorer: Scorer<'_>) {
        let edges = &lattice.edges[range.start as usize..range.end as usize];
        let mut first = range.start;
        // Only ways to the same position can be compared.
        for group in edges.chunk_by(|a, b| a.to == b.to) {
            self.grid.clear();
            self.whats.clear();
            for (what, edge) in (first..).zip(group) {
                if edge.id == class::NONE {
                    for way in &self.here {
                        let score = way.score - edge.cost;
                        self.beams[edge.to as usize].offer(Hypothesis { score, what, ..*way });
                    }
                    continue;
                }
                self.grid.words.push((edge.id, edge.cost));
                self.whats.push(what);
            }
            self.offer(group[0].to, scorer);
            first += group.len() as u32;
        }
    }

    /// Offers every way with every word of the grid to the beam at `to`.
    fn offer(&mut self, to: u32, scorer: Scorer<'_>) {
        let Self { grid, here, echo, batch, pairs, triples, whats, beams, .. } = self;
        if grid.words.is_empty() {
            return;
        }
        grid.ways.extend(here.iter().map(|way| (way.context, way.score)));
        grid.answer(scorer, &mut batch.recent, SLACK);
        let ways = here.len();
        let beam = &mut beams[to as usize];
        for (row, (word, cost)) in grid.words.iter().enumerate() {
            let any = !echo.is_empty() && {
                pairs.clear();
                pairs.extend(grid.last_words().iter().map(|last| echo.pair(*last, *word)));
                pairs.iter().any(Option::is_some)
            };
            if any {
                triples.clear();
                triples.extend(
                    grid.last_two()
                        .iter()
                        .map(|(two, one)| pairs[*one as usize].and_then(|_| echo.triple(*two, *word))),
                );
            }
            for (index, way) in here.iter().enumerate() {
                let (mut score, context) = grid.answers[row * ways + index];
                if any {
                    let [one, two] = grid.places(index);
                    if let Some(pair) = pairs[one] {
                        let base = way.score - cost;
                        score = base + mixed(score - base, pair, triples[two]);
                    }
                }
                beam.offer(Hypothesis { context, score, before: way.before, what: whats[row] });
            }
        }
    }
}
