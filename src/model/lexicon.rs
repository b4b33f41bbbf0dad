//! The words of the model: ids, spellings, how often they are capitalised, and the tree of their
//! letters that candidate search walks.

use super::file::{u16_at, u32_at};
use super::tokens::Case;

/// Bytes of an entry: probability and back-off weight as 16-bit fixed point, then three bytes of
/// capital odds and one spare.
pub(super) const ENTRY: usize = 8;

/// The words and their tree.
#[derive(Clone, Copy, Debug)]
pub struct Lexicon<'a> {
    pub(super) starts: &'a [u8],
    pub(super) letters: &'a [u8],
    pub(super) entries: &'a [u8],
    pub(super) index: &'a [u8],
    pub(super) children: &'a [u8],
    pub(super) labels: &'a [u8],
    pub(super) ends: &'a [u8],
}

/// A node of the tree of words as the search walks it: all of it in one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    first: u32,
    /// Natural logarithm of the probability of the likeliest word at or behind it.
    pub(crate) best: f32,
    /// Word that ends here, 0 for none.
    pub(crate) end: u16,
    /// The letter that leads here, an index into the alphabet.
    pub(crate) label: u8,
    children: u8,
}

/// The children of a node with their numbers.
#[inline]
pub(crate) fn children(tree: &[Node], node: u32) -> impl Iterator<Item = (u32, &Node)> {
    let range = tree.get(node as usize).map_or(0..0, |node| node.first..node.first + u32::from(node.children));
    let nodes = tree.get(range.start as usize..range.end as usize).unwrap_or_default();
    (range.start..).zip(nodes)
}

/// What a word looks like in the middle of a sentence: natural logarithms of the probabilities of
/// its capital forms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capitals {
    /// First letter upper, after a word that is not so.
    pub title: f32,
    /// First letter upper, after a word with its first letter upper.
    pub title_after_title: f32,
    /// All letters upper, in a line that is not.
    pub upper: f32,
}

/// A probability as a byte: its odds on a logarithmic scale, so that both ends are fine.
pub(super) fn pack_odds(probability: f32) -> u8 {
    let p = probability.clamp(1e-4, 1.0 - 1e-4);
    ((p / (1.0 - p)).ln() * 12.0 + 128.0).round().clamp(0.0, 255.0) as u8
}

fn unpack_odds(byte: u8) -> f32 {
    let odds = ((f32::from(byte) - 128.0) / 12.0).exp();
    odds / (1.0 + odds)
}

impl Capitals {
    /// Natural logarithm of the probability of `case`, after a word that is capitalised or not.
    pub fn log(&self, case: Case, after_title: bool) -> f32 {
        let title = if after_title { self.title_after_title } else { self.title };
        let probability = match case {
            Case::Upper | Case::Mixed => self.upper,
            Case::Title => title * (1.0 - self.upper),
            Case::Lower => (1.0 - title) * (1.0 - self.upper),
        };
        probability.max(1e-4).ln()
    }
}

/// FNV-1a, which is good enough for words and the same everywhere.
pub(super) fn hash(word: &[u8]) -> u32 {
    word.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

impl<'a> Lexicon<'a> {
    /// Number of ids, classes included.
    pub fn len(&self) -> usize {
        self.entries.len() / ENTRY
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The spelling of a word: lower case, old tone placement.
    pub fn word(&self, id: u16) -> &'a str {
        let range = u32_at(self.starts, usize::from(id)).zip(u32_at(self.starts, usize::from(id) + 1));
        let bytes = range.and_then(|(start, end)| self.letters.get(start as usize..end as usize));
        bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// The id of a word in normal form.
    pub fn id(&self, word: &str) -> Option<u16> {
        let slots = self.index.len() / 2;
        if slots == 0 {
            return None;
        }
        let mut slot = hash(word.as_bytes()) as usize % slots;
        for _ in 0..64 {
            match u16_at(self.index, slot)? {
                0 => return None,
                id if self.word(id) == word => return Some(id),
                _ => slot = (slot + 1) % slots,
            }
        }
        None
    }

    /// How the word is capitalised.
    pub fn capitals(&self, id: u16) -> Capitals {
        let at = usize::from(id) * ENTRY;
        let bytes = self.entries.get(at + 4..at + 7).unwrap_or(&[0, 0, 0]);
        Capitals {
            title: unpack_odds(bytes[0]),
            title_after_title: unpack_odds(bytes[1]),
            upper: unpack_odds(bytes[2]),
        }
    }

    /// The children of a node of the tree, a range of nodes. The root is node 0.
    pub fn children(&self, node: u32) -> std::ops::Range<u32> {
        let range = u32_at(self.children, node as usize).zip(u32_at(self.children, node as usize + 1));
        range.map_or(0..0, |(start, end)| {
            // Children come after their parent: a damaged tree cannot send a walk in circles.
            if start > node && end <= self.labels.len() as u32 { start..end } else { 0..0 }
        })
    }

    /// The letter of a node, as an index into the alphabet.
    pub fn label(&self, node: u32) -> u8 {
        self.labels.get(node as usize).copied().unwrap_or(0)
    }

    /// The word that ends at a node.
    pub fn end(&self, node: u32) -> Option<u16> {
        u16_at(self.ends, node as usize).filter(|id| *id != 0)
    }

    /// The tree for searching.
    pub(super) fn tree(&self, unigram: impl Fn(u16) -> f32) -> Vec<Node> {
        let mut tree: Vec<Node> = (0..self.labels.len() as u32)
            .map(|node| {
                let range = self.children(node);
                let end = self.end(node).unwrap_or(0);
                let best = if end == 0 { f32::MIN } else { unigram(end) };
                // No two letters of the alphabet are the same, and it has less than 256; a damaged file may say
                // anything.
                let children = range.end.saturating_sub(range.start).min(u32::from(u8::MAX)) as u8;
                Node { first: range.start, best, end, label: self.label(node), children }
            })
            .collect();
        // Children come after their parent.
        for node in (0..tree.len() as u32).rev() {
            let behind = children(&tree, node).map(|(_, child)| child.best).fold(f32::MIN, f32::max);
            let here = &mut tree[node as usize];
            here.best = here.best.max(behind);
        }
        tree
    }
}
