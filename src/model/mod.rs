//! What Vietnamese looks like: a language model over syllables, and channels that say how text
//! is broken.
//!
//! The language model ([`Model`]) is one file, compiled in or mapped, whose arrays are read where
//! they lie; [`train`] makes it from texts. A [`channel`] is a small table that [`learn`] makes from
//! pairs of lines. Neither knows documents or how repair uses them.

mod batch;
pub mod channel;
mod file;
mod grams;
pub mod learn;
pub mod lexicon;
mod smooth;
pub mod tokens;
pub mod train;

use std::path::Path;
use std::sync::OnceLock;

pub(crate) use batch::{Batch, Grid};
pub use grams::Context;
pub(crate) use grams::Recent;

use crate::error::{Error, Result};
use channel::Channels;
use file::{ModelFile, Section};
use grams::{Grams, Scores};
use lexicon::{Lexicon, Node};

/// A language model with the channels that go with it.
#[derive(Debug)]
pub struct Model {
    file: ModelFile,
    alphabet: Vec<char>,
    channels: Channels,
    tree: OnceLock<Vec<Node>>,
}

/// Bytes that start on a cache line, so that every bucket of n-grams is one.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

static ALIGNED: &Aligned<[u8]> = &Aligned(*include_bytes!("../../dictionaries/vanban.model"));
/// The model that is compiled in.
static BUILTIN: &[u8] = &ALIGNED.0;

impl Model {
    /// The model that is compiled in, opened once.
    pub fn builtin() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| {
            ModelFile::from_static(BUILTIN)
                .and_then(|file| Self::new(file, Channels::builtin()?))
                .unwrap_or_else(|error| unreachable!("the compiled-in model is checked by a test: {error}"))
        })
    }

    /// Maps a model file, with the built-in channels.
    pub fn open(path: &Path) -> Result<Self> {
        Self::new(ModelFile::open(path)?, Channels::builtin()?)
    }

    /// The model in the file `model` or the one that is compiled in, with the built-in channels but
    /// for those in the table `channel`.
    pub fn load(model: Option<&Path>, channel: Option<&Path>) -> Result<Self> {
        let channels = channel.map_or_else(Channels::builtin, Channels::open)?;
        Self::new(model.map_or_else(|| ModelFile::from_static(BUILTIN), ModelFile::open)?, channels)
    }

    /// A model from bytes in memory.
    pub fn from_static(bytes: &'static [u8]) -> Result<Self> {
        Self::new(ModelFile::from_static(bytes)?, Channels::builtin()?)
    }

    fn new(file: ModelFile, mut channels: Channels) -> Result<Self> {
        let alphabet = file.section(Section::Alphabet);
        let alphabet: Vec<char> = (0..alphabet.len() / 4)
            .filter_map(|index| file::u32_at(alphabet, index).and_then(char::from_u32))
            .take(usize::from(u8::MAX))
            .collect();
        let words = file.section(Section::Entries).len() / lexicon::ENTRY;
        if alphabet.is_empty() || words <= usize::from(tokens::class::FIRST_WORD) {
            return Err(Error::Model("the file has no words".into()));
        }
        channels.spell_with(&alphabet);
        Ok(Self { file, alphabet, channels, tree: OnceLock::new() })
    }

    /// The words.
    pub fn lexicon(&self) -> Lexicon<'_> {
        Lexicon {
            starts: self.file.section(Section::Starts),
            letters: self.file.section(Section::Letters),
            entries: self.file.section(Section::Entries),
            index: self.file.section(Section::Index),
            children: self.file.section(Section::Children),
            labels: self.file.section(Section::Labels),
            ends: self.file.section(Section::Ends),
        }
    }

    /// The tree of the words' letters, laid out for searching when it is first asked for.
    pub(crate) fn tree(&self) -> &[Node] {
        self.tree.get_or_init(|| {
            let scorer = self.scorer();
            self.lexicon().tree(|word| scorer.unigram(word))
        })
    }

    /// The letters that words are made of; [`Lexicon::label`] points into it.
    pub fn alphabet(&self) -> &[char] {
        &self.alphabet
    }

    /// How text is broken.
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Digest of what the model was trained on: repaired text can be stored under it.
    pub fn digest(&self) -> &[u8; 32] {
        self.file.digest()
    }

    /// What the model was made from, for people.
    pub fn origin(&self) -> &str {
        std::str::from_utf8(self.file.section(Section::Origin)).unwrap_or_default()
    }

    /// Size of the file in bytes.
    pub fn file_size(&self) -> usize {
        self.file.len()
    }

    /// The context at the start of a paragraph.
    pub fn start(&self) -> Context {
        self.scorer().advance(&Context::EMPTY, tokens::class::START)
    }

    /// A scorer, which is cheap to make and to copy.
    pub fn scorer(&self) -> Scorer<'_> {
        Scorer(Scores {
            grams: Grams::new(self.file.section(Section::Grams), true),
            longest: Grams::new(self.file.section(Section::Longest), false),
            entries: self.file.section(Section::Entries),
        })
    }
}

/// Scores words in context.
#[derive(Clone, Copy, Debug)]
pub struct Scorer<'a>(Scores<'a>);

impl Scorer<'_> {
    /// Natural logarithm of the probability of `word` after `context`.
    pub fn score(&self, context: &Context, word: u16) -> f32 {
        self.0.score(context, word)
    }

    /// Logarithm of the probability of `word` right after `before`, and its weight, if the model has
    /// the pair.
    pub(crate) fn pair(&self, before: u16, word: u16, recent: &mut Recent) -> Option<(f32, f32)> {
        if before == tokens::class::NONE { None } else { self.0.pair(before, word, recent) }
    }

    /// The context after `word`.
    pub fn advance(&self, context: &Context, word: u16) -> Context {
        self.0.advance(context, word)
    }

    /// Natural logarithm of the probability of `word` anywhere.
    pub fn unigram(&self, word: u16) -> f32 {
        self.0.unigram(word).0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn builtin_model_knows_its_language() {
        let model = Model::builtin();
        let (lexicon, scorer) = (model.lexicon(), model.scorer());
        let id = |word: &str| lexicon.id(word).unwrap_or(tokens::class::UNKNOWN);
        assert_eq!(lexicon.word(id("thành")), "thành");
        assert_eq!(lexicon.id("không-có-từ-này"), None);
        let context = scorer.advance(&model.start(), id("ủy"));
        let context = scorer.advance(&context, id("ban"));
        assert!(scorer.score(&context, id("nhân")) > scorer.score(&context, id("nhận")) + 5.0);
        assert!(model.file_size() <= 25 << 20);
    }

    #[test]
    fn probabilities_of_a_context_add_up() {
        let model = Model::builtin();
        let (lexicon, scorer) = (model.lexicon(), model.scorer());
        let context = scorer.advance(&model.start(), lexicon.id("căn").unwrap());
        let sum: f32 = (2..lexicon.len() as u16).map(|word| scorer.score(&context, word).exp()).sum();
        assert!((0.9..1.1).contains(&sum), "{sum}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// A damaged file is an error or gives wrong figures; it never stops the program.
        #[test]
        fn damaged_files_do_not_panic(cut in 0usize..200_000, at in 0usize..200_000, byte: u8) {
            // Small enough to copy often, and still with the header and the first sections.
            let mut bytes = BUILTIN[..].to_vec();
            if cut % 3 == 0 {
                bytes.truncate(cut);
            }
            // The header and the tree break most.
            let places = [at % 256, at, bytes.len().saturating_sub(at + 1)];
            for place in places {
                if let Some(slot) = bytes.get_mut(place) {
                    *slot ^= byte | 1;
                }
            }
            let bytes: &'static [u8] = Box::leak(bytes.into_boxed_slice());
            if let Ok(model) = Model::from_static(bytes) {
                let text = crate::repair::repair_text("Can cir Ké hoach s6 12 cia Uy ban", &model);
                prop_assert!(text.fixed().contains("12"));
            }
        }
    }

    #[test]
    fn what_is_no_model_is_refused() {
        assert!(Model::from_static(b"").is_err());
        assert!(Model::from_static(b"VANBANLM").is_err());
        assert!(Model::open(Path::new("Cargo.toml")).is_err());
        assert!(Model::open(Path::new("no-such-file")).is_err());
    }
}
