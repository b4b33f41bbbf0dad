//! Texts to model file: counts words and n-grams, has `smooth` turn the counts
//! into probabilities, and lays out the arrays.
//!
//! The texts are read twice, once for the words and once for the n-grams, a paragraph at a time;
//! n-grams are counted by sorting blocks of 64-bit keys, which needs no table of strings. The same
//! inputs give the same bytes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::file::{self, SECTIONS};
use super::grams;
use super::lexicon::{self, pack_odds};
use super::smooth::{self, News, Smoothed};
use super::tokens::{Case, Piece, case_of, class, for_each_piece, normal, stop_id};
use crate::error::{Error, Result};
use crate::vi::fold::fold;
use crate::vi::syllable::is_possible;

/// What to train on and how large to grow.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Texts, a paragraph a line, plain or zstd (told by `.zst`).
    pub texts: Vec<PathBuf>,
    /// Counts of words of more general text: word, TAB, count.
    pub unigrams: Option<PathBuf>,
    /// Counts of pairs of words of more general text: word, TAB, word, TAB, count.
    pub bigrams: Option<PathBuf>,
    /// Where the model goes.
    pub output: PathBuf,
    /// Most n-grams of two words and more; a model takes about five bytes for each.
    pub max_grams: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self { texts: Vec::new(), unigrams: None, bigrams: None, output: "vanban.model".into(), max_grams: 3_900_000 }
    }
}

/// What training did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Paragraphs read, repeated ones included.
    pub paragraphs: usize,
    /// Long paragraphs left out because they had come before.
    pub repeated: usize,
    /// Words and marks trained on.
    pub tokens: u64,
    /// Words in the vocabulary.
    pub words: usize,
    /// N-grams of two, three and four words kept.
    pub grams: [usize; 3],
    /// Bytes of the file.
    pub bytes: usize,
}

/// Trains a model and writes it. `progress` is told what is being done.
pub fn train(options: &TrainOptions, progress: &mut dyn FnMut(&str)) -> Result<Summary> {
    progress("counting words");
    let mut census = Census::default();
    let mut digest = blake3::Hasher::new();
    for path in &options.texts {
        census.read(path, &mut digest)?;
    }
    let news = read_news(options, &mut digest)?;
    let vocabulary = Vocabulary::choose(&census, &news);
    progress("counting n-grams");
    let mut counter = smooth::Counter::default();
    let mut tokens = 0;
    for path in &options.texts {
        count_grams(path, &vocabulary, &mut counter, &mut tokens)?;
    }
    progress("smoothing");
    let news = news.under(&vocabulary);
    let smoothed = smooth::smooth(counter, &vocabulary.bases(), &news, options.max_grams);
    progress("writing");
    let digest = *digest.finalize().as_bytes();
    let origin = format!(
        "paragraphs {}, of them repeated {}; tokens {tokens}; words {}; n-grams of two {}, three {}, four {}\n",
        census.paragraphs,
        census.repeated,
        vocabulary.words.len(),
        smoothed.counts[0],
        smoothed.counts[1],
        smoothed.counts[2]
    );
    let bytes = lay_out(digest, origin, &vocabulary, &census, &smoothed);
    std::fs::write(&options.output, &bytes).map_err(Error::io(&options.output))?;
    Ok(Summary {
        paragraphs: census.paragraphs,
        repeated: census.repeated,
        tokens,
        words: vocabulary.words.len() - usize::from(class::FIRST_WORD),
        grams: smoothed.counts,
        bytes: bytes.len(),
    })
}

/// Calls `each` with every line of a plain or compressed text.
fn for_each_line(path: &Path, mut each: impl FnMut(&str)) -> Result<()> {
    let file = File::open(path).map_err(Error::io(path))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "zst") {
        let mut decoder = zstd::Decoder::new(file).map_err(Error::io(path))?;
        decoder.window_log_max(31).map_err(Error::io(path))?;
        Box::new(decoder)
    } else {
        Box::new(file)
    };
    let mut reader = BufReader::with_capacity(1 << 20, reader);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(Error::io(path))? == 0 {
            return Ok(());
        }
        each(String::from_utf8_lossy(&line).trim());
    }
}

/// Whether a paragraph was seen before. Short ones (headings, list items) may repeat.
#[derive(Default)]
struct Seen(HashSet<u64>);

impl Seen {
    fn before(&mut self, line: &str) -> bool {
        let hash = blake3::hash(line.as_bytes());
        let short = u64::from_le_bytes(std::array::from_fn(|index| hash.as_bytes()[index]));
        line.len() > 80 && !self.0.insert(short)
    }
}

/// How often a word was seen, and in which case.
#[derive(Clone, Copy, Default)]
struct Uses {
    all: u32,
    /// Inside a sentence of a line that is not all upper case: after a word that is capitalised
    /// or not, `[plain, title]` each.
    inside: [[u32; 2]; 2],
    upper: u32,
}

/// Words with their uses.
#[derive(Default)]
struct Census {
    words: HashMap<String, Uses>,
    paragraphs: usize,
    repeated: usize,
    seen: Seen,
}

impl Census {
    fn read(&mut self, path: &Path, digest: &mut blake3::Hasher) -> Result<()> {
        for_each_line(path, |line| {
            digest.update(line.as_bytes());
            digest.update(b"\n");
            if line.is_empty() {
                return;
            }
            self.paragraphs += 1;
            if self.seen.before(line) {
                self.repeated += 1;
                return;
            }
            let shouting = !line.chars().any(char::is_lowercase);
            let (mut inside, mut after_title) = (false, false);
            for_each_piece(line, |text, piece| match piece {
                Piece::Word => {
                    let case = case_of(text);
                    let uses = match self.words.get_mut(&normal(text)) {
                        Some(uses) => uses,
                        None => self.words.entry(normal(text)).or_default(),
                    };
                    uses.all += 1;
                    if inside && !shouting {
                        match case {
                            Case::Lower => uses.inside[usize::from(after_title)][0] += 1,
                            Case::Title => uses.inside[usize::from(after_title)][1] += 1,
                            Case::Upper | Case::Mixed => uses.upper += 1,
                        }
                    }
                    inside = true;
                    after_title = case == Case::Title;
                }
                Piece::Stop('.' | ':' | '(') => inside = false,
                Piece::Stop(_) => after_title = false,
                _ => {
                    inside = true;
                    after_title = false;
                }
            });
        })
    }
}

/// Counts of general text, by word.
#[derive(Default)]
struct NewsText {
    words: Vec<(String, u64)>,
    pairs: Vec<(String, String, u64)>,
}

impl NewsText {
    fn under(&self, vocabulary: &Vocabulary) -> News {
        let mut words = vec![0; vocabulary.words.len()];
        for (word, count) in &self.words {
            if let Some(id) = vocabulary.id_of_token(word) {
                words[usize::from(id)] += count;
            }
        }
        let mut pairs = BTreeMap::new();
        for (first, second, count) in &self.pairs {
            if let (Some(first), Some(second)) = (vocabulary.id_of_token(first), vocabulary.id_of_token(second)) {
                *pairs.entry(grams::key(&[first, second])).or_insert(0) += count;
            }
        }
        News { words, pairs: pairs.into_iter().collect() }
    }
}

fn read_news(options: &TrainOptions, digest: &mut blake3::Hasher) -> Result<NewsText> {
    let mut news = NewsText::default();
    if let Some(path) = &options.unigrams {
        for_each_line(path, |line| {
            digest.update(line.as_bytes());
            if let Some((word, count)) = line.rsplit_once('\t') {
                news.words.push((word.to_owned(), count.parse().unwrap_or(0)));
            }
        })?;
    }
    if let Some(path) = &options.bigrams {
        for_each_line(path, |line| {
            digest.update(line.as_bytes());
            let mut cells = line.split('\t');
            if let (Some(first), Some(second), Some(count)) = (cells.next(), cells.next(), cells.next()) {
                news.pairs.push((first.to_owned(), second.to_owned(), count.parse().unwrap_or(0)));
            }
        })?;
    }
    Ok(news)
}

/// The words that get an id.
struct Vocabulary {
    /// By id, classes first, then by falling use.
    words: Vec<String>,
    ids: HashMap<String, u16>,
}

impl Vocabulary {
    fn choose(census: &Census, news: &NewsText) -> Self {
        let mut weights: HashMap<String, u64> = HashMap::new();
        for (word, uses) in &census.words {
            let least = if is_possible(word) { 2 } else { 5 };
            if uses.all >= least && spellable(word) && !slip(word, uses.all) {
                weights.insert(word.clone(), u64::from(uses.all));
            }
        }
        for (word, count) in &news.words {
            let word = normal(word);
            let least = if is_possible(&word) { 12 } else { 40 };
            if *count >= least && spellable(&word) && !slip(&word, 0) {
                *weights.entry(word).or_insert(0) += count / 8;
            }
        }
        let mut words: Vec<(String, u64)> = weights.into_iter().collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        words.truncate(usize::from(u16::MAX - class::FIRST_WORD) - 1);
        let words: Vec<String> =
            class::NAMES.iter().map(ToString::to_string).chain(words.into_iter().map(|(word, _)| word)).collect();
        let ids = words.iter().enumerate().map(|(id, word)| (word.clone(), id as u16)).collect();
        Self { words, ids }
    }

    /// A number for each word, the same for words that differ in marks only.
    fn bases(&self) -> Vec<u32> {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        self.words
            .iter()
            .map(|word| {
                let next = numbers.len() as u32;
                *numbers.entry(fold(word)).or_insert(next)
            })
            .collect()
    }

    fn id(&self, word: &str) -> u16 {
        self.ids.get(word).copied().unwrap_or(class::UNKNOWN)
    }

    /// The id of a token of a list of counts, where classes go by their names.
    fn id_of_token(&self, token: &str) -> Option<u16> {
        self.ids.get(&normal(token)).copied()
    }
}

/// Whether a word is Vietnamese that lost a space or its tone: `đơnvị`, `thuc`. Names of the
/// highlands (`Đắk`, `Krông`) are short and frequent.
fn slip(word: &str, uses: u32) -> bool {
    if is_possible(word) {
        return false;
    }
    if word.is_ascii() {
        // `hoc` lacks the tone that a stopped syllable must carry.
        let toned = |at: usize| format!("{}\u{323}{}", &word[..at], &word[at..]);
        return uses < 2_000 && (1..word.len()).any(|at| is_possible(&toned(at)));
    }
    uses < 60 || word.chars().count() > 6
}

/// Whether a word consists of letters that Vietnamese text is printed in, and is no longer than a
/// word can be.
fn spellable(word: &str) -> bool {
    word.chars().count() <= 14
        && word.chars().all(|c| {
            c.is_ascii_lowercase() || c == 'đ' || (!c.is_ascii() && crate::vi::fold::fold_char(c).is_ascii_lowercase())
        })
}

fn count_grams(path: &Path, vocabulary: &Vocabulary, counter: &mut smooth::Counter, tokens: &mut u64) -> Result<()> {
    let mut seen = Seen::default();
    let mut ids = Vec::new();
    for_each_line(path, |line| {
        if line.is_empty() || seen.before(line) {
            return;
        }
        ids.clear();
        ids.extend([class::NONE, class::NONE, class::START]);
        for_each_piece(line, |text, piece| {
            ids.push(match piece {
                Piece::Word => vocabulary.id(&normal(text)),
                Piece::Number => class::NUMBER,
                Piece::Date => class::DATE,
                Piece::Symbol => class::SYMBOL,
                Piece::Stop(mark) => stop_id(mark).unwrap_or(class::UNKNOWN),
            });
        });
        ids.push(class::END);
        *tokens += ids.len() as u64 - 4;
        for window in ids.windows(grams::ORDER) {
            counter.add(grams::key(window));
        }
    })
}

fn lay_out(digest: [u8; 32], origin: String, vocabulary: &Vocabulary, census: &Census, smoothed: &Smoothed) -> Vec<u8> {
    let mut starts = Vec::new();
    let mut letters = Vec::new();
    let mut entries = Vec::new();
    let unused = Uses::default();
    for (id, word) in vocabulary.words.iter().enumerate() {
        starts.extend((letters.len() as u32).to_le_bytes());
        letters.extend(word.as_bytes());
        let (probability, weight) = smoothed.unigrams[id];
        for log in [probability, weight] {
            entries.extend(((-log * 2048.0).round().clamp(0.0, 65_535.0) as u16).to_le_bytes());
        }
        let uses = census.words.get(word).unwrap_or(&unused);
        // Words never seen inside a sentence lean on what is true of most: plain after plain, and
        // of names that only the general text knows: as likely a name as not.
        let prior = if uses.all == 0 { 0.5 } else { 0.1 };
        let share =
            |[plain, title]: [u32; 2], prior: f32| (title as f32 + 2.0 * prior) / ((plain + title) as f32 + 2.0);
        let plain = share(uses.inside[0], prior);
        let sum: u32 = uses.inside.iter().flatten().sum();
        entries.push(pack_odds(plain));
        entries.push(pack_odds(share(uses.inside[1], plain.max(0.3))));
        entries.push(pack_odds((uses.upper as f32 + 0.02) / ((sum + uses.upper) as f32 + 2.0)));
        entries.push(0);
    }
    starts.extend((letters.len() as u32).to_le_bytes());
    let tree = Tree::grow(vocabulary);
    let sections: [Vec<u8>; SECTIONS] = [
        origin.into_bytes(),
        starts,
        letters,
        entries,
        index(vocabulary),
        tree.children,
        tree.labels,
        tree.ends,
        tree.alphabet.iter().flat_map(|letter| u32::from(*letter).to_le_bytes()).collect(),
        grams::write(&smoothed.grams, true),
        grams::write(&smoothed.longest, false),
    ];
    file::write(digest, sections)
}

fn index(vocabulary: &Vocabulary) -> Vec<u8> {
    let slots = vocabulary.words.len() * 2 + 1;
    let mut table = vec![0u16; slots];
    for (id, word) in vocabulary.words.iter().enumerate().skip(1) {
        let mut slot = lexicon::hash(word.as_bytes()) as usize % slots;
        while table[slot] != 0 {
            slot = (slot + 1) % slots;
        }
        table[slot] = id as u16;
    }
    table.into_iter().flat_map(u16::to_le_bytes).collect()
}

/// The tree of the words' letters, level by level, so that the children of a node lie together
/// and those of the next node follow.
struct Tree {
    children: Vec<u8>,
    labels: Vec<u8>,
    ends: Vec<u8>,
    alphabet: Vec<char>,
}

impl Tree {
    fn grow(vocabulary: &Vocabulary) -> Self {
        let first = usize::from(class::FIRST_WORD);
        let mut words: Vec<(Vec<char>, u16)> = vocabulary
            .words
            .iter()
            .enumerate()
            .skip(first)
            .map(|(id, word)| (word.chars().collect(), id as u16))
            .collect();
        words.sort();
        let mut alphabet: Vec<char> = words.iter().flat_map(|(word, _)| word.iter().copied()).collect();
        alphabet.sort_unstable();
        alphabet.dedup();
        let mut tree = Self { children: Vec::new(), labels: vec![0], ends: Vec::new(), alphabet };
        // Each node stands for the words with its beginning, a range of the sorted list.
        let mut level = vec![(0..words.len(), 0usize)];
        let mut nodes = 1u32;
        while !level.is_empty() {
            let mut next = Vec::new();
            for (range, depth) in level {
                tree.children.extend(nodes.to_le_bytes());
                let mut at = range.start;
                let end =
                    words.get(at).filter(|(word, _)| at < range.end && word.len() == depth).map_or(0, |(_, id)| *id);
                tree.ends.extend(end.to_le_bytes());
                at += usize::from(end != 0);
                while at < range.end {
                    let letter = words[at].0[depth];
                    let stop = at + words[at..range.end].partition_point(|(word, _)| word[depth] <= letter);
                    tree.labels.push(tree.alphabet.binary_search(&letter).unwrap_or(0) as u8);
                    next.push((at..stop, depth + 1));
                    nodes += 1;
                    at = stop;
                }
            }
            level = next;
        }
        tree.children.extend(nodes.to_le_bytes());
        tree
    }
}
