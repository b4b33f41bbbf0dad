//! Letters in another form than Vietnamese text has them: decomposed (NFD and mixed), look-alikes
//! from other alphabets (`Ð`, Cyrillic `а`), full-width Latin. Digits keep their form.

use unicode_normalization::UnicodeNormalization;

use super::score;
use crate::text::{Edit, Span, Why};
use crate::vi::fold::is_mark;
use crate::vi::syllable::is_possible;

/// One letter and the bytes it was made from.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    start: usize,
    end: usize,
    c: char,
    changed: bool,
}

/// The edits that bring letters to the form that Vietnamese text has.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut glyphs = Vec::new();
    for chunk in text.split_ascii_whitespace().filter(|chunk| chunk.contains(is_odd)) {
        let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
        glyphs.clear();
        compose(chunk, start, &mut glyphs);
        replace(&mut glyphs);
        write(text, &glyphs, &mut edits);
    }
    edits
}

fn is_odd(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{370}'..='\u{52f}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}')
        || stroke(c).is_some()
}

/// The letters of a stretch, loose marks joined to them.
fn compose(chunk: &str, start: usize, glyphs: &mut Vec<Glyph>) {
    let mut chars = chunk.char_indices().peekable();
    let mut cluster = String::new();
    while let Some((at, c)) = chars.next() {
        let mut end = at + c.len_utf8();
        cluster.clear();
        cluster.push(latin(c).unwrap_or(c));
        while let Some((at, mark)) = chars.next_if(|(_, next)| is_mark(*next)) {
            cluster.push(mark);
            end = at + mark.len_utf8();
        }
        if cluster.len() == c.len_utf8() || !c.is_alphabetic() || cluster.chars().count() == 1 {
            for (offset, part) in chunk[at..end].char_indices() {
                let from = start + at + offset;
                glyphs.push(Glyph { start: from, end: from + part.len_utf8(), c: part, changed: false });
            }
            continue;
        }
        for (index, part) in in_order(&cluster).nfc().enumerate() {
            // Marks that nothing joins with stay, as glyphs of no width at the end.
            let from = if index == 0 { at } else { end };
            glyphs.push(Glyph { start: start + from, end: start + end, c: part, changed: true });
        }
    }
}

/// Shape before tone: `é` + hat is `ế`, though Unicode has the two marks equal and keeps their order.
fn in_order(cluster: &str) -> impl Iterator<Item = char> {
    let parts: Vec<char> = cluster.nfd().collect();
    let shape = |c: &char| matches!(c, '\u{302}' | '\u{306}' | '\u{31b}');
    let marks = |wanted: bool| parts[1..].iter().copied().filter(move |c| shape(c) == wanted).collect::<Vec<_>>();
    let (shapes, others) = (marks(true), marks(false));
    [parts[0]].into_iter().chain(shapes).chain(others).collect::<Vec<_>>().into_iter()
}

/// Replaces look-alikes where the rest of the stretch is Latin.
fn replace(glyphs: &mut [Glyph]) {
    for glyph in glyphs.iter_mut() {
        if let Some(c) = wide(glyph.c) {
            (glyph.c, glyph.changed) = (c, true);
        }
    }
    // Cyrillic: the whole stretch, since symbols such as `12/КН-UBND` mix word by word.
    let latin_letters = glyphs.iter().filter(|glyph| is_latin(glyph.c)).count();
    let others = |range: &[Glyph], from: fn(char) -> bool| {
        range.iter().filter(|glyph| from(glyph.c)).all(|glyph| latin(glyph.c).is_some())
    };
    if latin_letters > 0 && others(glyphs, is_cyrillic) {
        for glyph in glyphs.iter_mut().filter(|glyph| is_cyrillic(glyph.c)) {
            (glyph.c, glyph.changed) = (latin(glyph.c).unwrap_or(glyph.c), true);
        }
    }
    for word in glyphs.chunk_by_mut(|a, b| a.c.is_alphabetic() && b.c.is_alphabetic()) {
        let greek = word.iter().any(|glyph| is_greek(glyph.c));
        if greek && word.iter().any(|glyph| is_latin(glyph.c)) && others(word, is_greek) {
            for glyph in word.iter_mut().filter(|glyph| is_greek(glyph.c)) {
                (glyph.c, glyph.changed) = (latin(glyph.c).unwrap_or(glyph.c), true);
            }
        }
        if word.iter().any(|glyph| stroke(glyph.c).is_some()) {
            join_twins(word);
            let read: String =
                word.iter().filter(|glyph| glyph.c != TWIN).map(|glyph| stroke(glyph.c).unwrap_or(glyph.c)).collect();
            // `NÐ`, `HÐND`: letters of a symbol; `Ðiều`: a syllable. `Davíð` is neither.
            if is_possible(&read) || score::is_known(&read) || read.chars().all(char::is_uppercase) {
                for glyph in word.iter_mut() {
                    if let Some(c) = stroke(glyph.c) {
                        (glyph.c, glyph.changed) = (c, true);
                    }
                }
            }
        }
    }
}

/// Stands for a letter that was read twice.
const TWIN: char = '\0';

/// `ĐÐ`, in two alphabets: what an OCR model for Vietnamese makes of one Đ.
fn join_twins(word: &mut [Glyph]) {
    let plain = |c: char| stroke(c).unwrap_or(c);
    let mut kept = 0;
    for at in 1..word.len() {
        let (before, here) = (word[at - 1].c, word[at].c);
        let same = matches!(plain(here), 'Đ' | 'đ') && plain(here) == plain(word[kept].c);
        if same && (before != here || before == TWIN || word[kept].c != here) {
            (word[at].c, word[at].changed) = (TWIN, true);
        } else {
            kept = at;
        }
    }
}

/// An edit for each run of letters of which some changed.
fn write(text: &str, glyphs: &[Glyph], edits: &mut Vec<Edit>) {
    let holds = |glyph: &Glyph| glyph.c.is_alphabetic() || is_mark(glyph.c) || glyph.c == TWIN;
    for word in glyphs.chunk_by(|a, b| holds(a) && holds(b)) {
        if let [first, .., last] | [first @ last] = word
            && word.iter().any(|glyph| glyph.changed)
        {
            let raw = Span::at(first.start, last.end);
            let new: String = word.iter().map(|glyph| glyph.c).filter(|c| *c != TWIN).collect();
            if raw.of(text) != new {
                let twins = word.iter().any(|glyph| glyph.c == TWIN);
                let both = || raw.of(text).chars().map(|c| stroke(c).unwrap_or(c)).collect();
                let (confidence, rivals) = if twins { (0.9, vec![both()]) } else { (1.0, Vec::new()) };
                edits.push(Edit { raw, new, why: Why::Unicode, confidence, rivals });
            }
        }
    }
}

/// D with a stroke in another alphabet's letter.
const fn stroke(c: char) -> Option<char> {
    match c {
        'Ð' | 'Ɖ' => Some('Đ'),
        'ð' | 'ɖ' => Some('đ'),
        'ƣ' => Some('ư'),
        'Ƣ' => Some('Ư'),
        _ => None,
    }
}

fn wide(c: char) -> Option<char> {
    let code = u32::from(c);
    matches!(code, 0xff21..=0xff3a | 0xff41..=0xff5a).then(|| char::from_u32(code - 0xfee0)).flatten()
}

fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

fn is_greek(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3ff}')
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic()
}

/// The Latin letter that a Cyrillic or Greek one cannot be told from. Small Greek letters other
/// than omicron look different, and stand beside Latin ones in formulas.
const fn latin(c: char) -> Option<char> {
    Some(match c {
        'а' => 'a',
        'е' => 'e',
        'о' | 'ο' => 'o',
        'р' => 'p',
        'с' => 'c',
        'у' => 'y',
        'х' => 'x',
        'і' => 'i',
        'ѕ' => 's',
        'ј' => 'j',
        'һ' => 'h',
        'ԁ' => 'd',
        'ԛ' => 'q',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'Е' | 'Ε' => 'E',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Н' | 'Η' => 'H',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'С' => 'C',
        'Т' | 'Τ' => 'T',
        'У' | 'Υ' => 'Y',
        'Х' | 'Χ' => 'X',
        'І' | 'Ι' => 'I',
        'Ѕ' => 'S',
        'Ј' => 'J',
        'Ν' => 'N',
        'Ζ' => 'Z',
        _ => return None,
    })
}
