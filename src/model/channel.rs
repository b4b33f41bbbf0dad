//! How text is broken: for each channel (a scanner with its OCR, a keyboard without marks), what
//! becomes of one or two letters, with what probability.
//!
//! Built-in channels are a table in `dictionaries/channel.tsv`, made by [`learn`](super::learn)
//! from pairs of lines; a table of one's own can take the place of any of them. Two channels need
//! no learning: text that is clean, and text that was typed without marks. Costs are natural
//! logarithms of probabilities, negated.
//!
//! Every start of the program reads the table, so reading it allocates next to nothing and most of
//! the square of letters and readings is never touched.

use std::ops::Deref;
use std::path::Path;

use crate::error::{Error, Result};
use crate::vi::fold::fold_char;

/// How many channels there are room for.
pub const CHANNELS: usize = 4;
/// Text that is right but for slips.
pub const CLEAN: usize = 0;
/// Text without marks, or with few.
pub const BARE: usize = 1;
/// Pages read by an OCR model for English.
pub const ENGLISH: usize = 2;
/// Pages read by an OCR model for Vietnamese.
pub const VIETNAMESE: usize = 3;

/// The channels that are learnt, by their names in a table.
pub const LEARNT: [(&str, usize); 2] = [("english", ENGLISH), ("vietnamese", VIETNAMESE)];

/// A cost in each channel.
pub type Costs = [f32; CHANNELS];

/// One letter for any other, by OCR that was at a loss.
pub(crate) const ANY_LETTER: Costs = [NEVER, NEVER, 9.0, 10.5];
/// A letter read as something that is none.
pub(crate) const ANY_MARK: Costs = [NEVER, NEVER, 7.0, 8.5];
/// A letter lost or added, by OCR that was at a loss.
pub(crate) const ANY_LOSS: Costs = [NEVER, NEVER, 8.5, 10.0];

/// A space lost or added, where no channel has learnt better.
const ANY_SPACE: Costs = [8.0, 8.0, 6.0, 7.0];

/// What can happen in no channel.
pub const NEVER: f32 = 1e6;

const IMPOSSIBLE: Costs = [NEVER; CHANNELS];

/// Up to three things, kept in place: a table has thousands of such short lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Few<T> {
    items: [T; 3],
    len: u8,
}

impl<T: Copy> Few<T> {
    /// Takes one in; false if there is no room.
    fn push(&mut self, item: T) -> bool {
        let Some(slot) = self.items.get_mut(usize::from(self.len)) else { return false };
        *slot = item;
        self.len += 1;
        true
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items[..usize::from(self.len)]
    }
}

/// One row of a table: letters of the paper become letters of the reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) channel: usize,
    /// Empty where something was added.
    pub(super) truth: Few<char>,
    /// Empty where something was lost.
    pub(super) read: Few<char>,
    pub(super) cost: f32,
}

/// A rule in terms of the alphabet, of more than one character on a side.
#[derive(Clone, Debug)]
pub(crate) struct LongRule {
    /// Letters of the tree, with whether each is upper case.
    pub(crate) truth: Few<(u8, bool)>,
    pub(crate) read: Few<char>,
    pub(crate) costs: Costs,
}

/// All channels, indexed for the search for candidates.
#[derive(Debug, Default)]
pub struct Channels {
    rules: Vec<Rule>,
    /// Number of each character that readings can hold.
    readings: CharMap,
    /// By reading, then letter times two plus case: a place in `pool`. Most are never written.
    single: Vec<u16>,
    width: usize,
    /// What may happen to one letter; starts with [`PLAIN`].
    pool: Vec<Costs>,
    /// Rules of several characters, those of reading `r` at `long_starts[r]` up to the next.
    long: Vec<LongRule>,
    long_starts: Vec<u32>,
    lost: Vec<Costs>,
    added: Vec<Costs>,
    split: Costs,
    join: Costs,
}

/// What any channel may do to one letter, learnt or not: nothing that is known; read as it is,
/// without and with marks; read with other marks or none, as ASCII and otherwise. Marks that
/// survive where marks are usually lost say that something else is going on.
const PLAIN: [Costs; 5] =
    [IMPOSSIBLE, [0.0005, 0.0, 0.2, 0.02], [0.0005, 2.5, 6.0, 0.02], [8.0, 0.05, 3.0, 6.5], [8.5, 4.0, 6.5, 6.5]];

/// Which of [`PLAIN`] holds for two letters that are one without marks.
fn plain(truth: char, folded: char, read: char) -> u16 {
    if truth == read {
        return if folded == truth.to_ascii_lowercase() { 1 } else { 2 };
    }
    match (truth.is_uppercase() == read.is_uppercase(), read.is_ascii()) {
        (false, _) => 0,
        (true, true) => 3,
        (true, false) => 4,
    }
}

/// Stands for a space in a table.
pub(super) const SPACE: char = '␠';
/// Stands for nothing in a table.
pub(super) const NOTHING: char = '∅';
/// The first row of a table.
pub(super) const HEADER: &str = "channel\ttruth\tread\tcost";
/// Most rows of a table: places in the pool are 16 bits, and two tables can meet.
const MOST_ROWS: usize = 30_000;
/// Most characters that readings can hold: rows with others are passed over.
const MOST_READINGS: usize = 4_000;

impl Channels {
    /// The compiled-in table.
    pub fn builtin() -> Result<Self> {
        let rules = parse(include_str!("../../dictionaries/channel.tsv")).map_err(|(line, reason)| Error::Table {
            table: "channel.tsv",
            line,
            reason,
        })?;
        Ok(Self { rules, ..Self::default() })
    }

    /// The compiled-in table, its channels replaced by those of the table at `path`.
    pub fn open(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).map_err(Error::io(path))?;
        let own = std::str::from_utf8(&text).map_err(|_| (1, "not UTF-8".to_owned())).and_then(parse);
        let own = own.map_err(|(line, reason)| damaged(path, line, &reason))?;
        let mut channels = Self::builtin()?;
        channels.rules.retain(|rule| own.iter().all(|own| own.channel != rule.channel));
        channels.rules.extend(own);
        Ok(channels)
    }

    /// Builds the tables of the search over words spelled with `alphabet`.
    pub(super) fn spell_with(&mut self, alphabet: &[char]) {
        // A damaged alphabet can name a letter twice, in one case or both.
        let mut letters: Vec<(char, u16)> = Vec::with_capacity(alphabet.len() * 2);
        let mut codes = CharMap::default();
        for (index, low) in alphabet.iter().enumerate() {
            let up = low.to_uppercase().next().unwrap_or(*low);
            let code = index as u16 * 2;
            letters.extend([(up, code + 1), (*low, code)]);
            codes.insert(up, code + 1);
            codes.insert(*low, code);
        }
        let rules = std::mem::take(&mut self.rules);
        let reads = self.number_readings(&letters, &rules);
        self.allow_plain(&letters, &reads);
        self.added = vec![IMPOSSIBLE; reads.len()];
        self.lost = vec![IMPOSSIBLE; self.width];
        (self.split, self.join) = (ANY_SPACE, ANY_SPACE);
        let mut long: Vec<(u16, u128, LongRule)> = Vec::new();
        for Rule { channel, truth, read, cost } in &rules {
            match (&**truth, &**read) {
                ([' '], []) => lower(&mut self.split, *channel, *cost),
                ([], [' ']) => lower(&mut self.join, *channel, *cost),
                ([], [read]) => {
                    if let Some(reading) = self.readings.get(*read) {
                        lower(&mut self.added[usize::from(reading)], *channel, *cost);
                    }
                }
                ([truth], []) => {
                    if let Some(code) = codes.get(*truth) {
                        lower(&mut self.lost[usize::from(code)], *channel, *cost);
                    }
                }
                ([truth], [read]) => {
                    if let Some((code, reading)) = codes.get(*truth).zip(self.readings.get(*read)) {
                        self.lower_single(usize::from(reading) * self.width + usize::from(code), *channel, *cost);
                    }
                }
                ([_, ..], [first, ..]) => {
                    let mut spelled = Few::default();
                    let known = truth
                        .iter()
                        .all(|c| codes.get(*c).is_some_and(|code| spelled.push(((code / 2) as u8, code % 2 == 1))));
                    if let Some(reading) = self.readings.get(*first).filter(|_| known) {
                        let mut costs = IMPOSSIBLE;
                        lower(&mut costs, *channel, *cost);
                        long.push((reading, pack(truth, read), LongRule { truth: spelled, read: *read, costs }));
                    }
                }
                _ => {}
            }
        }
        self.index_long(long, reads.len());
    }

    /// Numbers the characters that readings can hold, and gives them in that order.
    fn number_readings(&mut self, letters: &[(char, u16)], rules: &[Rule]) -> Vec<char> {
        let mut reads = Vec::with_capacity(2 * letters.len());
        let all = letters.iter().map(|(letter, _)| letter).chain(rules.iter().flat_map(|rule| rule.read.iter()));
        for read in all {
            if self.readings.get(*read).is_none() && reads.len() < MOST_READINGS {
                self.readings.insert(*read, reads.len() as u16);
                reads.push(*read);
            }
        }
        reads
    }

    /// Lets letters be read as they are, or with other marks.
    fn allow_plain(&mut self, letters: &[(char, u16)], reads: &[char]) {
        self.width = letters.len();
        self.single = vec![0; reads.len() * self.width];
        self.pool = PLAIN.to_vec();
        let mut folded: Vec<(char, char, u16)> =
            letters.iter().map(|(letter, code)| (fold_char(*letter), *letter, *code)).collect();
        folded.sort_unstable();
        for (row, read) in reads.iter().enumerate() {
            let base = fold_char(*read);
            let first = folded.partition_point(|(folded, ..)| *folded < base);
            for (_, truth, code) in folded[first..].iter().take_while(|(folded, ..)| *folded == base) {
                self.single[row * self.width + usize::from(*code)] = plain(*truth, base, *read);
            }
        }
    }

    fn lower_single(&mut self, at: usize, channel: usize, cost: f32) {
        let place = &mut self.single[at];
        if usize::from(*place) < PLAIN.len() {
            // What stands there is shared with other letters.
            self.pool.push(PLAIN[usize::from(*place)]);
            *place = (self.pool.len() - 1) as u16;
        }
        lower(&mut self.pool[usize::from(*place)], channel, cost);
    }

    /// Sorts the rules of several characters by the first that is read, those of all channels in one.
    fn index_long(&mut self, mut long: Vec<(u16, u128, LongRule)>, readings: usize) {
        long.sort_unstable_by_key(|(reading, letters, _)| (*reading, *letters));
        long.dedup_by(|(reading, letters, later), (same, kept, first)| {
            let equal = (*reading, *letters) == (*same, *kept);
            if equal {
                first.costs = std::array::from_fn(|channel| first.costs[channel].min(later.costs[channel]));
            }
            equal
        });
        self.long_starts = vec![0; readings + 1];
        for (reading, ..) in &long {
            self.long_starts[usize::from(*reading) + 1] += 1;
        }
        for reading in 0..readings {
            self.long_starts[reading + 1] += self.long_starts[reading];
        }
        self.long = long.into_iter().map(|(_, _, rule)| rule).collect();
    }

    /// The number of a character of a reading; none if no channel makes it.
    pub(crate) fn reading(&self, c: char) -> Option<usize> {
        self.readings.get(c).map(usize::from)
    }

    /// Costs of a letter of the alphabet being read as one character.
    pub(crate) fn single(&self, reading: usize, letter: u8, capital: bool) -> &Costs {
        let at = reading * self.width + usize::from(letter) * 2 + usize::from(capital);
        let place = self.single.get(at).copied().unwrap_or(0);
        self.pool.get(usize::from(place)).unwrap_or(&IMPOSSIBLE)
    }

    /// The rules of several characters whose reading starts with this one.
    pub(crate) fn long(&self, reading: usize) -> &[LongRule] {
        &self.long[self.long_starts[reading] as usize..self.long_starts[reading + 1] as usize]
    }

    /// Costs of a letter leaving no trace.
    pub(crate) fn lost(&self, letter: u8, capital: bool) -> &Costs {
        self.lost.get(usize::from(letter) * 2 + usize::from(capital)).unwrap_or(&IMPOSSIBLE)
    }

    /// Costs of a character out of nothing.
    pub(crate) fn added(&self, reading: usize) -> &Costs {
        &self.added[reading]
    }

    /// Costs of a lost space.
    pub(crate) const fn split(&self) -> &Costs {
        &self.split
    }

    /// Costs of an added space.
    pub(crate) const fn join(&self) -> &Costs {
        &self.join
    }
}

fn lower(costs: &mut Costs, channel: usize, by: f32) {
    costs[channel] = costs[channel].min(by);
}

/// Reads a table with the columns channel, truth, read, cost. An error is a line's number, from
/// one, and what is wrong there.
pub(super) fn parse(table: &str) -> Result<Vec<Rule>, (usize, String)> {
    let mut rules = Vec::with_capacity(table.len() / 20);
    let mut rows = (1..).zip(table.lines()).filter(|(_, row)| !row.is_empty() && !row.starts_with('#'));
    if rows.next().is_none_or(|(_, row)| row != HEADER) {
        return Err((1, format!("no header row `{}`", HEADER.replace('\t', " "))));
    }
    for (line, row) in rows {
        rules.push(parse_row(row).map_err(|reason| (line, reason))?);
        if rules.len() > MOST_ROWS {
            return Err((line, format!("more than {MOST_ROWS} rows")));
        }
    }
    Ok(rules)
}

fn parse_row(row: &str) -> Result<Rule, String> {
    let mut cells = row.split('\t');
    let (Some(name), Some(truth), Some(read), Some(cost), None) =
        (cells.next(), cells.next(), cells.next(), cells.next(), cells.next())
    else {
        return Err("a row has four cells parted by tabs".into());
    };
    let Some((_, channel)) = LEARNT.iter().find(|(known, _)| *known == name) else {
        return Err(format!("unknown channel `{name}`"));
    };
    let letters = |cell: &str| -> Result<Few<char>, String> {
        let mut letters = Few::default();
        for c in cell.chars().filter(|c| *c != NOTHING) {
            if !letters.push(if c == SPACE { ' ' } else { c }) {
                return Err(format!("`{cell}` is longer than three letters"));
            }
        }
        Ok(letters)
    };
    let cost = cost.parse().ok().filter(|cost: &f32| cost.is_finite() && *cost >= 0.0);
    let cost = cost.ok_or("the cost is not a number of 0 or more")?;
    Ok(Rule { channel: *channel, truth: letters(truth)?, read: letters(read)?, cost })
}

/// The error of a table of one's own.
pub(super) fn damaged(path: &Path, line: usize, reason: &str) -> Error {
    Error::Damaged { format: "channel table", reason: format!("line {line}: {reason}") }.in_file(path)
}

/// Both sides of a rule, of up to three characters each, as one number.
pub(super) fn pack(truth: &[char], read: &[char]) -> u128 {
    let pack = |letters: &[char]| letters.iter().fold(1u128, |key, c| key << 21 | u128::from(u32::from(*c)));
    pack(truth) << 64 | pack(read)
}

/// Numbers of characters. Those that Vietnamese and its OCR use stand in an array, of which little
/// is ever touched.
#[derive(Debug, Default)]
struct CharMap {
    /// One more than the number; 0 for none.
    near: Vec<u16>,
    far: Vec<(char, u16)>,
}

/// Past the letters with marks and the quotation marks.
const NEAR: usize = 0x2200;

impl CharMap {
    fn insert(&mut self, c: char, number: u16) {
        if self.near.is_empty() {
            self.near = vec![0; NEAR];
        }
        match self.near.get_mut(c as usize) {
            Some(slot) => *slot = number + 1,
            None => match self.far.binary_search_by_key(&c, |(far, _)| *far) {
                Ok(at) => self.far[at].1 = number,
                Err(at) => self.far.insert(at, (c, number)),
            },
        }
    }

    fn get(&self, c: char) -> Option<u16> {
        match self.near.get(c as usize) {
            Some(slot) => slot.checked_sub(1),
            None => self.far.binary_search_by_key(&c, |(far, _)| *far).ok().map(|at| self.far[at].1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_can_be_read() {
        let channels = Channels::builtin().unwrap();
        let dropped_bar = |rule: &Rule| *rule.truth == ['Đ'] && *rule.read == ['P'] && rule.channel == ENGLISH;
        assert!(channels.rules.iter().any(|rule| dropped_bar(rule) && rule.cost < 6.0));
    }

    #[test]
    fn tables_of_ones_own_are_checked() {
        let parse = |rows: &str| parse(&format!("# ours\n{HEADER}\n{rows}\n")).map(|rules| rules.len());
        assert_eq!(parse("english\tĐ\tP\t2.5\nvietnamese\t␠\t∅\t4"), Ok(2));
        for (rows, reason) in [
            ("english\tĐ\tP", "four cells"),
            ("fax\tĐ\tP\t2", "unknown channel `fax`"),
            ("english\tĐ\tP\tx", "not a number"),
            ("english\tĐ\tP\t-1", "not a number"),
            ("english\tĐ\tabcd\t1", "longer than three"),
        ] {
            let (line, said) = parse(rows).unwrap_err();
            assert!(line == 3 && said.contains(reason), "{rows}: {line} {said}");
        }
        assert!(super::parse("english\tĐ\tP\t2").is_err(), "no header row");
    }

    /// Costs of all channels for a letter, learnt and plain, and rules of two channels in one.
    #[test]
    #[allow(clippy::float_cmp, reason = "costs are taken over as they are")]
    fn rows_and_what_needs_no_learning_meet() {
        let rows = "english\ta\tb\t1\nvietnamese\ta\tb\t2\nenglish\tab\tx\t3\nvietnamese\tab\tx\t4\nenglish\t␠\t∅\t5";
        let mut channels = Channels { rules: parse(&format!("{HEADER}\n{rows}")).unwrap(), ..Channels::default() };
        channels.spell_with(&['a', 'á', 'b']);
        let reading = |c| channels.reading(c).unwrap();
        assert_eq!(channels.single(reading('b'), 0, false), &[NEVER, NEVER, 1.0, 2.0]);
        assert_eq!(channels.single(reading('a'), 0, false), &PLAIN[1]);
        assert_eq!(channels.single(reading('a'), 1, false), &PLAIN[3]);
        assert_eq!(channels.single(reading('Á'), 1, true), &PLAIN[2]);
        assert_eq!(channels.single(reading('a'), 0, true), &IMPOSSIBLE);
        let long = channels.long(reading('x'));
        assert_eq!(
            (long.len(), &*long[0].truth, long[0].costs),
            (1, &[(0, false), (2, false)][..], [NEVER, NEVER, 3.0, 4.0])
        );
        assert_eq!((channels.split()[ENGLISH], channels.split()[VIETNAMESE]), (5.0, 7.0));
        assert_eq!(channels.reading('z'), None);
    }
}
