//! Pairs of lines to a channel: how often which letters of the paper were read as which.
//!
//! Each pair, the paper's line and the reading, is aligned letter by letter, with costs that are
//! estimated anew from the alignments of the round before. Letters with the same base, and vowels
//! with the same tone, then borrow from each other what they were rarely seen to become. The same
//! pairs give the same table.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use super::channel::{HEADER, NOTHING, SPACE, damaged, pack, parse};
use crate::error::{Error, Result};
use crate::vi::fold::fold_char;

/// What to learn a channel from.
#[derive(Clone, Debug)]
pub struct LearnOptions {
    /// Tables of pairs: the paper's line, TAB, the reading; what follows another TAB is passed over.
    pub pairs: Vec<PathBuf>,
    /// The channel, one of [`LEARNT`](super::channel::LEARNT).
    pub name: String,
    /// Where the table goes; other channels that it holds are kept.
    pub output: PathBuf,
}

/// What was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Pairs of lines given.
    pub given: usize,
    /// Those of them whose lines are alike enough to be two readings of one.
    pub used: usize,
    /// Rows of the channel.
    pub rules: usize,
}

/// Learns a channel and writes it to a table.
pub fn learn_channel(options: &LearnOptions) -> Result<Summary> {
    let old = match std::fs::read_to_string(&options.output) {
        Ok(old) => old,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::io(&options.output)(error)),
    };
    if !old.is_empty() {
        // What cannot be read must not be written over.
        parse(&old).map_err(|(line, reason)| damaged(&options.output, line, &reason))?;
    }
    let (mut given, mut pairs) = (0, Vec::new());
    for path in &options.pairs {
        let all = read_pairs(path)?;
        given += all.len();
        let before = pairs.len();
        pairs.extend(all.into_iter().filter(|(truth, read)| alike(truth, read)));
        if pairs.len() == before {
            return Err(no_pairs(path, "no line of it holds two readings of one line".to_owned()));
        }
    }
    let learnt = learn(&pairs);
    let summary = Summary { given, used: pairs.len(), rules: learnt.len() };
    let table = write_table(&old, &options.name, &learnt, &summary);
    std::fs::write(&options.output, table).map_err(Error::io(&options.output))?;
    Ok(summary)
}

fn no_pairs(path: &Path, reason: String) -> Error {
    Error::Damaged { format: "table of pairs", reason }.in_file(path)
}

/// A pair of lines, the paper's and the reading, by letters.
type Pair = (Vec<char>, Vec<char>);

fn read_pairs(path: &Path) -> Result<Vec<Pair>> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| no_pairs(path, "not UTF-8".to_owned()))?;
    let mut pairs = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let mut cells = line.split('\t').map(|cell| cell.trim().nfc().collect());
        let Some(pair) = cells.next().zip(cells.next()) else {
            return Err(no_pairs(path, format!("line {number} has no tab between the paper's line and the reading")));
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

/// The table with the channel in place of what it held of it before.
fn write_table(old: &str, name: &str, learnt: &[Learnt], summary: &Summary) -> String {
    let (ours, note) = (format!("{name}\t"), format!("# {name}: "));
    let mut comments: Vec<&str> = old.lines().filter(|line| line.starts_with('#')).collect();
    comments.retain(|comment| !comment.starts_with(&note));
    if comments.is_empty() {
        comments.push(ABOUT);
    }
    let mut table = comments.join("\n");
    // Writing to a string cannot fail.
    let _ = writeln!(table, "\n{note}learnt from {} of {} pairs of lines.\n{HEADER}", summary.used, summary.given);
    let rows = old.lines().filter(|line| !line.is_empty() && !line.starts_with('#') && *line != HEADER);
    let mut rows: Vec<String> = rows.filter(|row| !row.starts_with(&ours)).map(str::to_owned).collect();
    rows.extend(learnt.iter().map(|(truth, read, cost, _)| format!("{ours}{truth}\t{read}\t{cost:.2}")));
    rows.sort_by(|a, b| a.split('\t').next().cmp(&b.split('\t').next()));
    for row in rows {
        table.push_str(&row);
        table.push('\n');
    }
    table
}

const ABOUT: &str = "# How OCR breaks letters: channel, letters on paper, letters read (␠ a space, ∅ nothing), cost (-ln probability, weighed).";

/// One learnt rule: truth, reading, cost, how often it was seen.
type Learnt = (String, String, f32, u32);

/// Learns a channel from pairs of lines that are alike.
fn learn(pairs: &[Pair]) -> Vec<Learnt> {
    let mut singles: HashMap<Vec<char>, u32> = HashMap::new();
    for (truth, _) in pairs {
        for length in 1..=2 {
            for window in truth.windows(length) {
                *singles.entry(window.to_vec()).or_insert(0) += 1;
            }
        }
    }
    let all: u32 = pairs.iter().map(|(truth, _)| truth.len() as u32).sum();
    let mut costs: FxHashMap<u128, f32> = FxHashMap::default();
    let mut counts: BTreeMap<(Vec<char>, Vec<char>), u32> = BTreeMap::new();
    for round in 0..4 {
        counts.clear();
        for (truth, read) in pairs {
            align(truth, read, &costs, round > 0, |a, b| *counts.entry((a.to_vec(), b.to_vec())).or_insert(0) += 1);
        }
        costs.clear();
        for ((truth, read), count) in &counts {
            let of = if truth.is_empty() { all } else { singles[truth] };
            let cost = -((*count as f32) / (of as f32 + 1.0)).ln();
            costs.insert(pack(truth, read), cost.max(0.0));
        }
    }
    let families = share(&counts, &singles, all);
    let show = |letters: &[char]| -> String {
        if letters.is_empty() {
            NOTHING.into()
        } else {
            letters.iter().map(|c| if *c == ' ' { SPACE } else { *c }).collect()
        }
    };
    families
        .into_iter()
        .filter(|(_, (cost, _))| *cost < RAREST)
        .map(|((truth, read), (cost, count))| (show(&truth), show(&read), cost * WEIGHT, count))
        .collect()
}

/// A letter without its tone: `ừ` gives `ư`. What is read for one of a family is read for all.
fn family(letter: char) -> char {
    use unicode_normalization::char::{compose, decompose_canonical};
    let mut parts: Vec<char> = Vec::new();
    decompose_canonical(letter, |part| parts.push(part));
    parts.retain(|part| !matches!(part, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'));
    parts.into_iter().reduce(|base, mark| compose(base, mark).unwrap_or(base)).unwrap_or(letter)
}

/// Whether a letter has marks, or a bar.
fn marked(letter: char) -> bool {
    letter.is_alphabetic() && fold_char(letter) != letter.to_ascii_lowercase()
}

/// The tone of a letter; 0 for none.
fn tone(letter: char) -> char {
    let mut tone = '\0';
    unicode_normalization::char::decompose_canonical(letter, |part| {
        if matches!(part, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}') {
            tone = part;
        }
    });
    tone
}

type Shared = BTreeMap<(Vec<char>, Vec<char>), (f32, u32)>;

/// Costs in which letters with the same base borrow from each other what they were rarely or never
/// seen to become.
fn share(counts: &BTreeMap<(Vec<char>, Vec<char>), u32>, singles: &HashMap<Vec<char>, u32>, all: u32) -> Shared {
    // A letter without marks is seen often enough by itself, and a reading that is itself one of the
    // family says which tone was read: nothing to borrow.
    let borrowed = |truth: &[char], read: &[char]| match (truth, read) {
        ([truth], [read]) => marked(*truth) && (fold_char(*truth) != fold_char(*read) || read.is_ascii()),
        ([truth], [_, ..]) => marked(*truth),
        _ => false,
    };
    let mut of_family: BTreeMap<(char, Vec<char>), u32> = BTreeMap::new();
    let mut size: BTreeMap<char, u32> = BTreeMap::new();
    let mut members: BTreeMap<char, Vec<char>> = BTreeMap::new();
    for (letters, count) in singles {
        if let [letter] = letters[..]
            && marked(letter)
        {
            *size.entry(family(letter)).or_insert(0) += count;
            members.entry(family(letter)).or_default().push(letter);
        }
    }
    for ((truth, read), count) in counts {
        if borrowed(truth, read) {
            *of_family.entry((family(truth[0]), read.clone())).or_insert(0) += count;
        }
    }
    let mut shared = Shared::new();
    for ((truth, read), count) in counts {
        let of = if truth.is_empty() { all } else { singles[truth] } as f32;
        let seen = *count >= if truth.len() + read.len() > 2 { OFTEN } else { 1 };
        if seen && !borrowed(truth, read) {
            shared.insert((truth.clone(), read.clone()), (-(*count as f32 / (of + 1.0)).ln().min(0.0), *count));
        }
    }
    share_tones(counts, singles, &mut shared);
    for ((group, read), count) in &of_family {
        if *count < OFTEN {
            continue;
        }
        let expected = *count as f32 / size[group] as f32;
        for letter in &members[group] {
            let own = counts.get(&(vec![*letter], read.clone())).copied().unwrap_or(0);
            let of = singles[&vec![*letter]] as f32;
            let probability = (own as f32 + BORROWED * expected) / (of + BORROWED);
            shared.insert((vec![*letter], read.clone()), (-probability.min(1.0).ln(), own));
        }
    }
    shared
}

/// Lets vowels borrow from each other how one tone is read as another: `nổ` as `nỗ` was perhaps
/// never seen, `ủ` as `ũ` often.
fn share_tones(counts: &BTreeMap<(Vec<char>, Vec<char>), u32>, singles: &HashMap<Vec<char>, u32>, shared: &mut Shared) {
    let mut vowels: Vec<char> =
        singles.keys().filter_map(|letters| <[char; 1]>::try_from(&letters[..]).ok()).map(|[c]| c).collect();
    vowels.retain(|c| matches!(fold_char(*c), 'a' | 'e' | 'i' | 'o' | 'u' | 'y'));
    vowels.sort_unstable();
    let mut of_tone: BTreeMap<(char, char), u32> = BTreeMap::new();
    let mut size: BTreeMap<char, u32> = BTreeMap::new();
    for vowel in &vowels {
        *size.entry(tone(*vowel)).or_insert(0) += singles[&vec![*vowel]];
    }
    let pairs =
        |truth: char| vowels.iter().copied().filter(move |read| family(*read) == family(truth) && *read != truth);
    let seen = |truth: char, read: char| counts.get(&(vec![truth], vec![read])).copied().unwrap_or(0);
    for truth in &vowels {
        for read in pairs(*truth) {
            *of_tone.entry((tone(*truth), tone(read))).or_insert(0) += seen(*truth, read);
        }
    }
    for truth in &vowels {
        for read in pairs(*truth).filter(|read| !read.is_ascii()) {
            let (own, of) = (seen(*truth, read), singles[&vec![*truth]] as f32);
            let expected = of_tone[&(tone(*truth), tone(read))] as f32 / size[&tone(*truth)] as f32;
            let probability = (own as f32 + BORROWED * expected) / (of + BORROWED);
            if own > 0 || expected * of > 0.2 || expected > 5e-4 {
                shared.insert((vec![*truth], vec![read]), (-probability.min(1.0).ln(), own));
            }
        }
    }
}

/// How often several letters must have been read together, or a family as something, to be learnt:
/// each such rule costs time on every page.
const OFTEN: u32 = 3;
/// What is rarer than this is left out; a natural logarithm, negated.
const RAREST: f32 = 12.0;
/// How much a slip counts. The slips of a word come together, from one bad spot of the page, so
/// that their probabilities multiplied are too small: measured on pages that nothing was learnt
/// from, worn ones above all.
const WEIGHT: f32 = 0.7;
/// How many uses of a letter the habits of its family count for.
const BORROWED: f32 = 12.0;

/// Whether two lines are two readings of one, rather than a mistake of the pairing.
fn alike(truth: &[char], read: &[char]) -> bool {
    let (long, short) = (truth.len().max(read.len()), truth.len().min(read.len()));
    if short < 3 || long > 400 || long - short > long / 4 {
        return false;
    }
    let flat = |text: &[char]| -> String { text.iter().map(|c| fold_char(*c)).collect() };
    strsim::levenshtein(&flat(truth), &flat(read)) * 5 < long * 2
}

/// The operations: how many characters of the truth become how many of the reading.
const STEPS: [(usize, usize); 8] = [(1, 1), (1, 0), (0, 1), (1, 2), (2, 1), (1, 3), (2, 2), (2, 3)];

fn first_cost(a: &[char], b: &[char]) -> f32 {
    match (a, b) {
        ([x], [y]) if x == y => 0.1,
        ([x], [y]) if fold_char(*x) == fold_char(*y) => 0.7,
        ([' '], [_]) | ([_], [' ']) => 12.0,
        ([_], [_]) => 4.0,
        ([_], []) | ([], [_]) => 5.0,
        // A horn or a tone that became a letter of its own: `ơ` as `o’`, `ứ` as `u?`.
        ([x], [y, _]) if marked(*x) && fold_char(*x) == fold_char(*y) => 4.5,
        ([_], [_, _]) => 6.0,
        ([_, _], [_]) => 6.5,
        ([_], _) => 9.0,
        ([_, _], [_, _]) => 8.5,
        _ => 11.0,
    }
}

/// Whether several characters may be taken together: not where an outer one is read as it stands.
fn bound(a: &[char], b: &[char]) -> bool {
    if a.len() + b.len() <= 2 {
        return true;
    }
    let same = |x: Option<&char>, y: Option<&char>| x.zip(y).is_some_and(|(x, y)| fold_char(*x) == fold_char(*y));
    let spaced = a.contains(&' ') || b.contains(&' ');
    !spaced && !a.is_empty() && !(a.len() > 1 && (same(a.first(), b.first()) || same(a.last(), b.last())))
}

/// Ways behind the best after as many letters of the truth by more than this are given up.
const BEHIND: f32 = 40.0;

/// The cheapest alignment of two lines, each step handed to `each`.
fn align(
    truth: &[char],
    read: &[char],
    costs: &FxHashMap<u128, f32>,
    learnt: bool,
    mut each: impl FnMut(&[char], &[char]),
) {
    let width = read.len() + 1;
    let mut best = vec![(f32::INFINITY, (0u8, 0u8)); (truth.len() + 1) * width];
    best[0].0 = 0.0;
    let slack = 12 + truth.len().abs_diff(read.len());
    for i in 0..=truth.len() {
        let near = i.saturating_sub(slack)..(i + slack).min(read.len()) + 1;
        let floor = best[i * width..][near.clone()].iter().map(|(cost, _)| *cost).fold(f32::MAX, f32::min);
        for j in near {
            let here = best[i * width + j].0;
            if here > floor + BEHIND {
                continue;
            }
            for (da, db) in STEPS {
                let (Some(a), Some(b)) = (truth.get(i..i + da), read.get(j..j + db)) else { continue };
                if !bound(a, b) {
                    continue;
                }
                let cost = if learnt {
                    costs.get(&pack(a, b)).copied().unwrap_or_else(|| first_cost(a, b) + 3.0)
                } else {
                    first_cost(a, b)
                };
                let slot = &mut best[(i + da) * width + j + db];
                if here + cost < slot.0 {
                    *slot = (here + cost, (da as u8, db as u8));
                }
            }
        }
    }
    let (mut i, mut j) = (truth.len(), read.len());
    while (i, j) != (0, 0) {
        let (da, db) = best[i * width + j].1;
        if (da, db) == (0, 0) {
            return;
        }
        let (da, db) = (usize::from(da), usize::from(db));
        each(&truth[i - da..i], &read[j - db..j]);
        i -= da;
        j -= db;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair((truth, read): (&str, &str)) -> Pair {
        (truth.chars().collect(), read.chars().collect())
    }

    #[test]
    fn learns_what_is_seen_often() {
        let pairs: Vec<_> = ["Căn cứ Luật", "từ năm nay", "của thành phố", "chức vụ", "ban hành từ"]
            .iter()
            .map(|truth| {
                let read = truth.replace(['ứ', 'ừ'], "ir").replace('ố', "6").replace('ă', "a");
                pair((truth, &read))
            })
            .cycle()
            .take(50)
            .collect();
        let learnt = learn(&pairs);
        let cost = |truth: &str, read: &str| {
            learnt.iter().find(|(a, b, _, _)| a == truth && b == read).map_or(f32::INFINITY, |(_, _, cost, _)| *cost)
        };
        assert!(cost("ứ", "ir") < 0.2 && cost("ừ", "ir") < 0.2 && cost("ố", "6") < 0.2 && cost("ă", "a") < 0.2);
        assert!(cost("n", "n") < 0.1);
        assert!(cost("n", "a").is_infinite());
    }

    #[test]
    fn a_table_keeps_its_other_channels() {
        let summary = Summary { given: 3, used: 2, rules: 1 };
        let learnt = [("ứ".to_owned(), "ir".to_owned(), 0.5, 4)];
        let first = write_table("", "english", &learnt, &summary);
        assert!(first.contains("# english: learnt from 2 of 3 pairs of lines."), "{first}");
        let both = write_table(&first, "vietnamese", &learnt, &summary);
        let again = write_table(&both, "english", &[("ộ".to_owned(), "6".to_owned(), 1.0, 9)], &summary);
        assert_eq!(
            again.split_once(HEADER).map(|(_, rows)| rows),
            Some("\nenglish\tộ\t6\t1.00\nvietnamese\tứ\tir\t0.50\n")
        );
        assert_eq!(again.matches("# english: ").count(), 1);
        assert!(parse(&again).is_ok());
    }
}
