//! Which passage is in which encoding?
//!
//! The text is cut at white space. Every stretch is read in every encoding, and the cheapest path
//! through the readings is found, where changing the encoding has its price, less at the end of a
//! line (Viterbi). A passage counts as found only if it saves enough bits in words that differ, so
//! that a foreign name or a misread word is not enough.

use std::collections::{HashMap, HashSet};

use super::score::{self, Read};
use super::{Encoding, Piece, goes_on, mojibake, read, viqr};
use crate::text::{Edit, Span, Why};

/// Unicode as it stands, and the encodings.
const STATES: usize = 9;
/// What changing the encoding costs in the middle of a line and at its end, in bits.
const CHANGE: f32 = 16.0;
const CHANGE_LINE: f32 = 9.0;
/// What a passage must save, if two words of it differ; if only one does; and if the text has
/// passages in the same encoding that are beyond doubt.
const ENOUGH: f32 = 30.0;
const ENOUGH_ALONE: f32 = 42.0;
const ENOUGH_AGAIN: f32 = 10.0;
/// Least share of the changed words of a passage that must be known syllables.
const KNOWN: f32 = 0.6;
/// Least share of the changed words with a character that no modern text has: an OCR model for
/// English reads half of all vowels as é, which old fonts show too.
const ALIEN: f32 = 0.25;
/// A word of a passage that is this much better as it stands is left.
const BETTER_RAW: f32 = 26.0;
/// Characters of a file by which its encoding is told.
const SAMPLE: usize = 400_000;

/// A stretch without white space that the encodings may read differently.
struct Stretch {
    span: Span,
    /// Whether a line ended since the stretch before.
    line: bool,
    costs: [f32; STATES],
}

/// A passage in one encoding: a range of stretches.
struct Passage {
    encoding: Encoding,
    range: std::ops::Range<usize>,
    /// Bits saved against Unicode, and against the next encoding that reads something else.
    gain: f32,
    margin: f32,
    differing: usize,
    known: f32,
    /// Share of the words that differ in which a character stands that no modern text has.
    alien: f32,
}

/// The edits for all passages in old encodings.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let stretches = stretches(text);
    let path = cheapest(&stretches);
    let passages = passages(text, &stretches, &path);
    let sure: HashSet<Encoding> =
        passages.iter().filter(|passage| is_sure(passage)).map(|passage| passage.encoding).collect();
    let mut edits = Vec::new();
    for passage in &passages {
        let again = sure.contains(&passage.encoding)
            && passage.gain >= ENOUGH_AGAIN
            && passage.known >= KNOWN
            && passage.alien >= ALIEN;
        if is_sure(passage) || again {
            write(text, &stretches, passage, &mut edits);
        }
    }
    edits
}

fn is_sure(passage: &Passage) -> bool {
    let enough = if passage.differing >= 2 { ENOUGH } else { ENOUGH_ALONE };
    passage.gain >= enough && passage.known >= KNOWN && passage.alien >= ALIEN
}

/// The one encoding of bytes that explains all of `shown`, and by how many bits it is better than
/// the next.
pub(super) fn whole(shown: &str) -> Option<(Encoding, f32)> {
    let end = shown.char_indices().nth(SAMPLE).map_or(shown.len(), |(at, _)| at);
    let shown = &shown[..end];
    let stretches: Vec<Stretch> = stretches(shown);
    let sum = |state: usize| stretches.iter().map(|stretch| stretch.costs[state]).sum::<f32>();
    let bytes = |encoding: &Encoding| !matches!(encoding, Encoding::Viqr | Encoding::Utf8Twice);
    let mut ranked: Vec<(f32, Encoding)> =
        Encoding::all().into_iter().filter(bytes).map(|encoding| (sum(state(encoding)), encoding)).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (cost, encoding) = *ranked.first()?;
    let next = ranked.iter().map(|(other, _)| *other).find(|other| *other > cost + 0.01).unwrap_or(f32::INFINITY);
    let plain = sum(0);
    if cost + 4.0 > plain {
        return None;
    }
    // A file of two encodings is left to the passages.
    let path = cheapest(&stretches);
    let others: f32 = passages(shown, &stretches, &path)
        .iter()
        .filter(|passage| passage.encoding != encoding && is_sure(passage))
        .map(|passage| passage.margin)
        .sum();
    (others < ENOUGH * 2.0).then_some((encoding, next.min(plain) - cost))
}

fn state(encoding: Encoding) -> usize {
    1 + Encoding::all().iter().position(|other| *other == encoding).unwrap_or(0)
}

fn stretches(text: &str) -> Vec<Stretch> {
    let mut known: HashMap<&str, Option<[f32; STATES]>> = HashMap::new();
    let mut found = Vec::new();
    let mut end = 0;
    for chunk in text.split_ascii_whitespace() {
        let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
        if let Some(costs) = *known.entry(chunk).or_insert_with(|| costs(chunk)) {
            let span = Span::at(start, start + chunk.len());
            found.push(Stretch { span, line: text[end..start].contains('\n'), costs });
            end = start;
        }
    }
    found
}

/// What a stretch costs in every state; none if all read the same.
fn costs(chunk: &str) -> Option<[f32; STATES]> {
    let ascii = chunk.bytes().all(|byte| matches!(byte, 0x20..0x7f));
    let marks = viqr::has_marks(chunk);
    // Stretches longer than any word with its marks are data, not text.
    if ascii && !marks || chunk.len() > 400 {
        return None;
    }
    let plain: Vec<Read> = unicode_normalization::UnicodeNormalization::nfc(chunk)
        .map(|c| Read { c, changed: false, alien: false })
        .collect();
    let plain = score::cost(&plain);
    let mut costs = [plain; STATES];
    let mut pieces = Vec::new();
    for (cost, encoding) in costs[1..].iter_mut().zip(Encoding::all()) {
        let may = match encoding {
            Encoding::Viqr => marks || !ascii,
            Encoding::Utf8Twice => !ascii && (mojibake::has_marks(chunk) || chunk.chars().any(char::is_alphabetic)),
            _ => !ascii,
        };
        if may {
            pieces.clear();
            read(encoding, chunk, false, &mut pieces);
            let reads: Vec<Read> = pieces.iter().map(Piece::read).collect();
            *cost = score::cost(&reads);
        }
    }
    Some(costs)
}

/// The state of each stretch on the cheapest path.
fn cheapest(stretches: &[Stretch]) -> Vec<u8> {
    let mut sums = [CHANGE_LINE; STATES];
    sums[0] = 0.0;
    let mut from: Vec<[u8; STATES]> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        let mut best = 0;
        for state in 1..STATES {
            if sums[state] < sums[best] {
                best = state;
            }
        }
        let change = sums[best] + if stretch.line { CHANGE_LINE } else { CHANGE };
        let mut back = [0; STATES];
        for state in 0..STATES {
            back[state] = if change < sums[state] { best as u8 } else { state as u8 };
            sums[state] = sums[state].min(change) + stretch.costs[state];
        }
        // Sums of a long text would lose their small digits.
        let least = sums.iter().copied().fold(f32::INFINITY, f32::min);
        for sum in &mut sums {
            *sum -= least;
        }
        from.push(back);
    }
    let mut state = (0..STATES).min_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(0) as u8;
    let mut path = vec![0; stretches.len()];
    for (at, back) in from.iter().enumerate().rev() {
        path[at] = state;
        state = back[usize::from(state)];
    }
    path
}

fn passages(text: &str, stretches: &[Stretch], path: &[u8]) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut start = 0;
    for run in path.chunk_by(|a, b| a == b) {
        let range = start..start + run.len();
        start = range.end;
        let state = usize::from(run[0]);
        let Some(encoding) = state.checked_sub(1).and_then(|index| Encoding::all().get(index).copied()) else {
            continue;
        };
        let sum = |state: usize| stretches[range.clone()].iter().map(|stretch| stretch.costs[state]).sum::<f32>();
        let own = sum(state);
        let next = (1..STATES).map(sum).filter(|other| *other > own + 0.01).fold(f32::INFINITY, f32::min);
        let mut words = HashSet::new();
        let (mut changed, mut known, mut aliens) = (0, 0, 0);
        // Windows-1258 shows its tones as capitals inside words, which no OCR does.
        let telling = matches!(encoding, Encoding::Viqr | Encoding::Utf8Twice | Encoding::Windows1258);
        let mut pieces = Vec::new();
        for stretch in &stretches[range.clone()] {
            pieces.clear();
            let chunk = stretch.span.of(text);
            read(encoding, chunk, false, &mut pieces);
            for word in words_of(&pieces).filter(|word| word.iter().any(|piece| piece.changed)) {
                let ([first, .., last] | [first @ last]) = word else { continue };
                let letters: String = word.iter().map(|piece| piece.c).collect();
                // Digests and codes are letters among digits.
                let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
                let bytes = chunk.as_bytes();
                let coded =
                    digit(first.start.checked_sub(1).and_then(|at| bytes.get(at))) || digit(bytes.get(last.end));
                changed += 1;
                let printed = &chunk[first.start..last.end];
                aliens += usize::from(telling || printed.chars().any(|c| !c.is_ascii() && !is_modern(c)));
                known += usize::from(!coded && (score::is_known(&letters) || score::has_bare_d(letters.chars())));
                words.insert(letters);
            }
        }
        passages.push(Passage {
            encoding,
            gain: sum(0) - own,
            margin: next.min(sum(0)) - own,
            range: range.clone(),
            differing: words.len(),
            known: known as f32 / changed.max(1) as f32,
            alien: aliens as f32 / changed.max(1) as f32,
        });
    }
    passages
}

/// Whether a character is a letter of Vietnamese as it is written now.
fn is_modern(c: char) -> bool {
    const LETTERS: &str = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ’‘“”";
    c.to_lowercase().next().is_some_and(|c| LETTERS.contains(c))
}

/// Runs of letters, and each sign by itself.
fn words_of(pieces: &[Piece]) -> impl Iterator<Item = &[Piece]> {
    pieces.chunk_by(|a, b| a.c.is_alphabetic() && b.c.is_alphabetic())
}

/// An edit for each word of a passage that reads differently.
fn write(text: &str, stretches: &[Stretch], passage: &Passage, edits: &mut Vec<Edit>) {
    let encoding = passage.encoding;
    let sure = 1.0 - 0.5 * (-passage.margin.min(passage.gain).min(14.0) / 2.0).exp2();
    let (mut line, mut raise) = (Span::default(), false);
    let escapes = encoding == Encoding::Viqr && viqr::escapes(text);
    let mut pieces = Vec::new();
    for index in passage.range.clone() {
        let stretch = &stretches[index];
        let chunk = stretch.span.of(text);
        if stretch.costs[state(encoding)] > stretch.costs[0] + BETTER_RAW {
            continue;
        }
        pieces.clear();
        let firm = escapes || goes_on(text, stretch.span.end());
        let rivals = read(encoding, chunk, firm, &mut pieces);
        if encoding == Encoding::Tcvn3 && !line.contains(stretch.span) {
            line = line_of(text, stretch.span);
            raise = is_in_capitals(line.of(text));
        }
        for word in words_of(&pieces).filter(|word| word.iter().any(|piece| piece.changed)) {
            let ([first, .., last] | [first @ last]) = word else { continue };
            let raw = Span::at(stretch.span.start() + first.start, stretch.span.start() + last.end);
            if encoding == Encoding::Utf8Twice
                && last.end == chunk.len()
                && let Some(edit) = join(text, stretch.span, &pieces)
            {
                edits.push(edit);
                continue;
            }
            let mut new: String = word.iter().map(|piece| piece.c).collect();
            if raise || encoding == Encoding::Tcvn3 && is_capital(word) {
                new = new.to_uppercase();
            }
            if raw.of(text) == new {
                continue;
            }
            // Rivals are of the whole stretch; those of words in it cannot be told apart.
            let rivals = if word.len() == pieces.len() { rivals.clone() } else { Vec::new() };
            let doubt = if rivals.is_empty() { 1.0 } else { 0.8 };
            let spelled = if score::is_known(&new) || word.len() == 1 { 1.0 } else { 0.95 };
            edits.push(Edit { raw, new, why: Why::Encoding(encoding), confidence: sure * doubt * spelled, rivals });
        }
    }
}

/// `hÃ ng`, `vÃ  cÃ¡c`: the second byte of `à` is a no-break space, which programs turn into a plain
/// one. The edit that takes it in, with the rest of the syllable if the two pieces are worse.
fn join(text: &str, span: Span, pieces: &[Piece]) -> Option<Edit> {
    let (last, before) = pieces.split_last()?;
    let rest = text[span.end()..].strip_prefix(' ')?;
    if last.c != 'à' || !text[..span.end()].ends_with('Ã') {
        return None;
    }
    let from = before.iter().rposition(|piece| !piece.c.is_alphabetic()).map_or(0, |at| at + 1);
    let head: String = pieces[from..].iter().map(|piece| piece.c).collect();
    let edit = |length: usize, new: String, rivals: Vec<String>| Edit {
        raw: Span::at(span.start() + pieces[from].start, span.end() + 1 + length),
        new,
        why: Why::Encoding(Encoding::Utf8Twice),
        confidence: 0.9,
        rivals,
    };
    if rest.starts_with(' ') {
        return Some(edit(0, head, Vec::new()));
    }
    let end = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
    let tail = &rest[..end];
    let whole = head.clone() + tail;
    let bits = |word: &str| score::syllable(&word.to_lowercase()).unwrap_or(40.0);
    // What goes on in other characters is a stretch with edits of its own.
    let ends = rest[end..].chars().next().is_none_or(|c| c.is_ascii() && !c.is_ascii_alphabetic());
    let joins = ends && (1..=3).contains(&end) && bits(&whole) + 4.0 < bits(&head) + bits(tail);
    joins.then(|| edit(end, whole, vec![head + " " + tail]))
}

/// Whether the plain letters of a word are capitals, two at least: in a font of capitals people
/// typed `CéNG`.
fn is_capital(word: &[Piece]) -> bool {
    let plain = || word.iter().filter(|piece| !piece.changed);
    plain().count() >= 2 && plain().all(|piece| piece.c.is_uppercase())
}

/// Whether a line has at least two words that are [`is_capital`] and no plain letter that is small:
/// then `X·` on it is `XÃ`.
fn is_in_capitals(line: &str) -> bool {
    if line.len() > 300 || line.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let mut pieces = Vec::new();
    read(Encoding::Tcvn3, line, false, &mut pieces);
    words_of(&pieces).filter(|word| word.iter().any(|piece| piece.changed) && is_capital(word)).count() >= 2
}

/// The line around `span`.
fn line_of(text: &str, span: Span) -> Span {
    let start = text[..span.start()].rfind('\n').map_or(0, |at| at + 1);
    Span::at(start, text[span.end()..].find('\n').map_or(text.len(), |at| span.end() + at))
}
