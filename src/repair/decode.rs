//! The best reading of one line: a beam search over the lattice of candidates, then the
//! probability of each choice against its rivals.

use crate::model::tokens::{Case, class};
use crate::model::{Context, Scorer};

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
struct Link {
    before: u32,
    what: u32,
    /// After the choice.
    context: Context,
}

const SAID: u32 = 1 << 31;
const NONE: u32 = u32::MAX;

/// A word of the best reading.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// Index of the edge.
    pub(super) edge: u32,
    /// Its share against other words of the same letters.
    pub(super) confidence: f32,
    /// Other edges of the same letters with their shares, best first.
    pub(super) rivals: Vec<(u32, f32)>,
}

/// Hypotheses that are behind the best by more than this are given up.
const BEHIND: f32 = 11.0;
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
                    for way in &self.here {
                        let (score, context) = scorer.step(&way.context, *class);
                        let what = SAID | u32::from(*class);
                        let way = Hypothesis { context, score: way.score + score, before: way.before, what };
                        self.beams[*to as usize].offer(way);
                    }
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
        weigh(lattice, start, &path, scorer)
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
        let here = &self.here;
        for what in range {
            let edge = &lattice.edges[what as usize];
            let beam = &mut self.beams[edge.to as usize];
            if edge.id == class::NONE {
                for way in here {
                    let score = way.score - edge.cost;
                    beam.offer(Hypothesis { score, what, ..*way });
                }
                continue;
            }
            // Ways that end in the same word share a look-up; neighbours in the list often do.
            let mut last = (class::NONE, None);
            for way in here {
                // No word is likelier than certain: what is behind before it is scored stays behind.
                if way.score - edge.cost <= beam.floor {
                    break;
                }
                let before = way.context.last();
                if last.0 != before || before == class::NONE {
                    last = (before, scorer.pair(before, edge.id));
                }
                let (score, context) = scorer.step_with(&way.context, edge.id, last.1);
                beam.offer(Hypothesis { context, score: way.score - edge.cost + score, before: way.before, what });
            }
        }
    }
}

/// The share of each chosen word against the other words for the same letters, the rest of the
/// line staying as it is.
fn weigh(lattice: &Lattice, start: Context, path: &[Link], scorer: Scorer<'_>) -> Vec<Choice> {
    let said = |link: &Link| {
        if link.what & SAID != 0 { (link.what & 0xffff) as u16 } else { lattice.edges[link.what as usize].id }
    };
    let silent = |link: &Link| link.what & SAID == 0 && lattice.edges[link.what as usize].id == class::NONE;
    let mut choices = Vec::new();
    let mut after: Vec<u16> = Vec::with_capacity(3);
    for (index, link) in path.iter().enumerate() {
        if link.what & SAID != 0 || silent(link) {
            continue;
        }
        let chosen = lattice.edges[link.what as usize];
        let before = index.checked_sub(1).map_or(start, |index| path[index].context);
        after.clear();
        after.extend(path[index + 1..].iter().filter(|link| !silent(link)).take(3).map(said));
        // The score with the words that follow; nothing if it is behind `least` without them.
        let value = |edge: &Edge, least: f32| {
            let (score, mut context) = scorer.step(&before, edge.id);
            let mut sum = score - edge.cost;
            if sum < least {
                return f32::MIN;
            }
            for id in &after {
                let (score, next) = scorer.step(&context, *id);
                sum += score;
                context = next;
            }
            sum
        };
        let alone = scorer.score(&before, chosen.id) - chosen.cost;
        let best = value(&chosen, f32::MIN);
        let mut rivals = Vec::new();
        let mut sum = 1.0;
        let from = lattice.steps.partition_point(|(at, _)| *at < chosen.from);
        let range = match lattice.steps.get(from) {
            Some((at, Step::Choose(range))) if *at == chosen.from => range.clone(),
            _ => 0..0,
        };
        for other in range {
            let edge = lattice.edges[other as usize];
            if other == link.what || edge.to != chosen.to || edge.cost > chosen.cost + 14.0 {
                continue;
            }
            let share = ((value(&edge, alone - HOPELESS) - best) * SOFTEN).exp();
            sum += share;
            if share > 0.02 {
                rivals.push((other, share));
            }
        }
        for rival in &mut rivals {
            rival.1 /= sum;
        }
        rivals.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        choices.push(Choice { edge: link.what, confidence: 1.0 / sum, rivals });
    }
    choices
}

/// A rival behind by this much before what follows is heard is none.
const HOPELESS: f32 = 12.0;
/// The scores are sharper than the truth: set so that of choices given 0.9, nine in ten are right.
const SOFTEN: f32 = 0.6;
