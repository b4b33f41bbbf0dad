//! What the OCR engine was not sure of, as other spellings of the words that hold it.
//!
//! The engine says of a letter what else fits the picture and how well. Each word with such letters
//! gets further edges: the words that it spells with rivals in their place, over the same glyphs, at
//! a price that says how much worse they fit. The language model chooses among all. Only letters are
//! ever looked at, and only in words of two or more of them without a digit; a spelling that is no
//! known word is not offered.

use super::decode::{Edge, Lattice};
use super::lattice::{Spot, cost};
use super::line::{Glyph, Unit, is_letter};
use super::strength::Shares;
use super::workshop::Workshop;
use crate::document::Doubt;
use crate::model::channel::VIETNAMESE;
use crate::model::tokens::Case;
use crate::text::{Span, Text};
use crate::vi::fold::fold_char;

/// What a rival costs, as a natural logarithm: something because the engine preferred another, and
/// in proportion to how much worse it fits. On 32 scanned pages whose truth is known, the logarithm
/// of how often such a rival was right, to how often the letter that had been read, is within 0.3 of
/// this line.
const PREFERRED: f32 = 0.4;
const WORSE: f32 = 3.7;
/// A rival with another base letter is right more seldom.
const OTHER_BASE: f32 = 2.2;
/// About the share of wrong words among those that the engine gave a confidence below [`SURE`]: a
/// quarter of the whole ones on the same pages, and some that lost or won a letter.
const WRONG: f32 = 0.3;
const SURE: f32 = 0.9;
/// Most other spellings of a word.
const SPELLINGS: usize = 6;

/// Doubts about the raw text of `decoded` as doubts about its repaired text. Those about letters
/// that became several are of no use there.
pub(super) fn after(decoded: &Text, doubts: &[Doubt]) -> Vec<Doubt> {
    doubts.iter().map(|doubt| Doubt { span: decoded.fixed_span(doubt.span), ..doubt.clone() }).collect()
}

/// What a rival costs against the letter that was read; none if it is not worth a look.
fn price(read: char, doubt: &Doubt, rival: (char, f32)) -> Option<f32> {
    let (other, fit) = rival;
    // A capital and its small letter are told apart by their neighbours, not here.
    if !is_letter(other) || other.to_lowercase().eq(read.to_lowercase()) {
        return None;
    }
    let price = PREFERRED + WORSE * (doubt.confidence - fit).max(0.0);
    Some(if fold_char(other) == fold_char(read) { price } else { price + OTHER_BASE })
}

/// Another spelling of a word and what it costs.
#[derive(Clone, Debug)]
struct Spelling {
    glyphs: Vec<Glyph>,
    price: f32,
}

impl Workshop<'_, '_> {
    /// The doubts about some glyphs, each with the place of its glyph. A letter that stands alone is
    /// as good as a number (`điểm c`): there are none about it.
    fn doubts_of<'g>(&'g self, glyphs: &'g [Glyph]) -> impl Iterator<Item = (usize, &'g Doubt)> {
        let span = glyphs.first().zip(glyphs.last()).map(|(first, last)| Span::new(first.start, last.end));
        let span = span.filter(|_| glyphs.len() > 1).unwrap_or_default();
        let first = self.doubts.partition_point(|doubt| doubt.span.end() <= span.start());
        let doubts = self.doubts[first..].iter().take_while(move |doubt| doubt.span.start() < span.end());
        doubts.filter_map(|doubt| {
            let same = |glyph: &Glyph| Span::new(glyph.start, glyph.end) == doubt.span && is_letter(glyph.c);
            Some((glyphs.iter().position(same)?, doubt))
        })
    }

    /// Whether a letter of a word has a rival that is worth a look.
    pub(super) fn is_doubted(&self, glyphs: &[Glyph]) -> bool {
        let is_doubted = |(place, doubt): (usize, &Doubt)| {
            doubt.rivals.iter().any(|rival| price(glyphs[place].c, doubt, *rival).is_some())
        };
        self.doubts_of(glyphs).any(is_doubted)
    }

    /// The shares of the channels for one word: one that the engine as a whole was not sure of may
    /// be broken whatever the line looks like.
    pub(super) fn believed(&self, unit: Unit, shares: Shares) -> Shares {
        let word = self.doubts_of(unit.of(&self.glyphs)).map(|(_, doubt)| doubt.word).fold(1.0, f32::min);
        if word >= SURE {
            return shares;
        }
        let mut believed = shares.map(|share| share * (1.0 - WRONG));
        believed[VIETNAMESE] += WRONG;
        believed
    }

    /// The best other spellings of a word.
    fn spellings(&self, core: &[Glyph]) -> Vec<Spelling> {
        let mut spellings = vec![Spelling { glyphs: core.to_vec(), price: 0.0 }];
        if core.iter().any(|glyph| glyph.c.is_ascii_digit()) {
            return Vec::new();
        }
        for (place, doubt) in self.doubts_of(core) {
            for index in 0..spellings.len() {
                for rival in &doubt.rivals {
                    let Some(price) = price(core[place].c, doubt, *rival) else { continue };
                    let mut spelling = spellings[index].clone();
                    spelling.glyphs[place].c = rival.0;
                    spelling.price += price;
                    spellings.push(spelling);
                }
            }
            // The word as it was read costs nothing and stays the first.
            spellings.sort_by(|a, b| a.price.total_cmp(&b.price));
            spellings.truncate(SPELLINGS + 1);
        }
        spellings.remove(0);
        spellings
    }

    /// Adds the edges of a word's other spellings; those that its letters already have from `first`
    /// on become cheaper.
    pub(super) fn doubted(&mut self, core: &[Glyph], from: u32, spot: Spot<'_>, first: usize, lattice: &mut Lattice) {
        if self.doubts.is_empty() {
            return;
        }
        let to = from + core.len() as u32;
        for Spelling { glyphs, price } in self.spellings(core) {
            let form = self.memory.form(&glyphs);
            let shape = self.memory.shape(form);
            if shape.id.is_none() || shape.case == Case::Mixed {
                continue;
            }
            let found = self.memory.found(form);
            let Some(candidate) = found.whole.iter().find(|candidate| candidate.keep) else { continue };
            let cost = cost(candidate, &candidate.chances, spot) + price;
            let edge = Edge { from, to, id: candidate.id, case: candidate.case, cost, keep: false };
            let same = |other: &&mut Edge| {
                (other.from, other.to, other.id, other.case) == (edge.from, edge.to, edge.id, edge.case)
            };
            match lattice.edges[first..].iter_mut().find(same) {
                Some(other) => other.cost = other.cost.min(edge.cost),
                None => lattice.edges.push(edge),
            }
        }
    }

    /// Whether every letter in which `new` differs from the glyphs is a rival that the engine named.
    pub(super) fn is_rival(&self, glyphs: &[Glyph], new: &str) -> bool {
        if self.doubts.is_empty() || new.chars().count() != glyphs.len() {
            return false;
        }
        let mut differ = glyphs.iter().zip(new.chars()).enumerate().filter(|(_, (glyph, c))| glyph.c != *c);
        differ.all(|(place, (_, c))| {
            self.doubts_of(glyphs).any(|(at, doubt)| at == place && doubt.rivals.iter().any(|(rival, _)| *rival == c))
        })
    }
}
