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

#[derive(Clone, Copy, Debug)]
struct Hypothesis {
    context: Context,
    score: f32,
    /// Index into the trail of chosen edges.
    last: u32,
}

/// A choice on the way to a hypothesis.
#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    /// Edge index, or a class that was said, above [`SAID`].
    what: u32,
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

/// The words of the best reading.
pub(super) fn decode(lattice: &Lattice, start: Context, scorer: Scorer<'_>) -> Vec<Choice> {
    let mut waiting: Vec<Vec<Hypothesis>> = vec![Vec::new(); lattice.end as usize + 1];
    let mut trail: Vec<Link> = Vec::new();
    waiting[0].push(Hypothesis { context: start, score: 0.0, last: NONE });
    for (at, step) in &lattice.steps {
        let mut here = std::mem::take(&mut waiting[*at as usize]);
        if here.is_empty() {
            continue;
        }
        narrow(&mut here);
        match step {
            Step::Pass(to) => waiting[*to as usize].append(&mut here),
            Step::Say(to, class) => {
                for hypothesis in here {
                    let score = hypothesis.score + scorer.score(&hypothesis.context, *class);
                    let link =
                        Link { before: hypothesis.last, what: SAID | u32::from(*class), context: hypothesis.context };
                    trail.push(link);
                    let context = scorer.advance(&hypothesis.context, *class);
                    waiting[*to as usize].push(Hypothesis { context, score, last: trail.len() as u32 - 1 });
                }
            }
            Step::Choose(range) => {
                choose(lattice, range.clone(), &here, scorer, &mut trail, &mut waiting);
            }
        }
    }
    let mut last = std::mem::take(&mut waiting[lattice.end as usize]);
    narrow(&mut last);
    let Some(best) = last.first() else { return Vec::new() };
    let mut path = Vec::new();
    let mut link = best.last;
    while let Some(step) = trail.get(link as usize) {
        path.push(*step);
        link = step.before;
    }
    path.reverse();
    weigh(lattice, &path, scorer)
}

/// Extends every hypothesis by every edge and keeps the best of each end.
fn choose(
    lattice: &Lattice,
    range: std::ops::Range<u32>,
    here: &[Hypothesis],
    scorer: Scorer<'_>,
    trail: &mut Vec<Link>,
    waiting: &mut [Vec<Hypothesis>],
) {
    let edges = &lattice.edges[range.start as usize..range.end as usize];
    let mut offers: Vec<(f32, u32, u32, u32)> = Vec::with_capacity(here.len() * edges.len());
    // Hypotheses that end in the same word share a look-up.
    let mut ends: Vec<u16> = here.iter().map(|hypothesis| hypothesis.context.last()).collect();
    ends.sort_unstable();
    ends.dedup();
    let end_of: Vec<usize> =
        here.iter().map(|hypothesis| ends.partition_point(|end| *end < hypothesis.context.last())).collect();
    let mut pairs: Vec<Option<Option<f32>>> = vec![None; ends.len()];
    // No word can be likelier than certain: what is behind before it is scored stays behind.
    let mut best = f32::MIN;
    for (number, edge) in edges.iter().enumerate() {
        pairs.fill(None);
        for (which, hypothesis) in here.iter().enumerate() {
            if hypothesis.score - edge.cost < best - BEHIND * 2.0 {
                break;
            }
            let word = if edge.id == class::NONE {
                0.0
            } else {
                let pair = *pairs[end_of[which]].get_or_insert_with(|| scorer.pair(&hypothesis.context, edge.id));
                scorer.score_with(&hypothesis.context, edge.id, pair)
            };
            let score = hypothesis.score - edge.cost + word;
            best = best.max(score);
            offers.push((score, edge.to, number as u32, which as u32));
        }
    }
    offers.sort_by(|a, b| a.1.cmp(&b.1).then(b.0.total_cmp(&a.0)).then(a.2.cmp(&b.2)).then(a.3.cmp(&b.3)));
    for group in offers.chunk_by(|a, b| a.1 == b.1) {
        let floor = group[0].0 - BEHIND;
        for (score, to, number, which) in group.iter().take(BEAM * 2).take_while(|offer| offer.0 > floor) {
            let hypothesis = &here[*which as usize];
            let edge = range.start + number;
            trail.push(Link { before: hypothesis.last, what: edge, context: hypothesis.context });
            let context = match lattice.edges[edge as usize].id {
                class::NONE => hypothesis.context,
                id => scorer.advance(&hypothesis.context, id),
            };
            let last = trail.len() as u32 - 1;
            waiting[*to as usize].push(Hypothesis { context, score: *score, last });
        }
    }
}

/// Best first, one for each context, no more than the beam holds.
fn narrow(hypotheses: &mut Vec<Hypothesis>) {
    hypotheses.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.last.cmp(&b.last)));
    let floor = hypotheses.first().map_or(0.0, |best| best.score - BEHIND);
    hypotheses.truncate(hypotheses.partition_point(|hypothesis| hypothesis.score >= floor));
    let mut kept = 0;
    for index in 0..hypotheses.len() {
        let next = hypotheses[index];
        let key = next.context.key();
        if kept < BEAM && hypotheses[..kept].iter().all(|other| other.context.key() != key) {
            hypotheses[kept] = next;
            kept += 1;
        }
    }
    hypotheses.truncate(kept);
}

/// The share of each chosen word against the other words for the same letters, the rest of the
/// line staying as it is.
fn weigh(lattice: &Lattice, path: &[Link], scorer: Scorer<'_>) -> Vec<Choice> {
    let said = |link: &Link| {
        if link.what & SAID != 0 { (link.what & 0xffff) as u16 } else { lattice.edges[link.what as usize].id }
    };
    let silent = |link: &Link| link.what & SAID == 0 && lattice.edges[link.what as usize].id == class::NONE;
    let mut choices = Vec::new();
    for (index, link) in path.iter().enumerate() {
        if link.what & SAID != 0 || silent(link) {
            continue;
        }
        let chosen = lattice.edges[link.what as usize];
        let after: Vec<u16> = path[index + 1..].iter().filter(|link| !silent(link)).take(3).map(said).collect();
        let value = |edge: &Edge| {
            let mut context = link.context;
            let mut score = scorer.score(&context, edge.id) - edge.cost;
            context = scorer.advance(&context, edge.id);
            for id in &after {
                score += scorer.score(&context, *id);
                context = scorer.advance(&context, *id);
            }
            score
        };
        let best = value(&chosen);
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
            let share = ((value(&edge) - best) * SOFTEN).exp();
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

/// The scores are sharper than the truth: set so that of choices given 0.9, nine in ten are right.
const SOFTEN: f32 = 0.6;
