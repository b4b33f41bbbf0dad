//! Number and day of a letterhead read again: `Số: 288/KH-VP`, `ngày 18 tháng 12 năm 2017`.
//!
//! These are where a hand writes, often over a dotted line. What stands between the printed words
//! is read by `digits`, whatever the engine made of it, and put in the place of
//! that; the engine's own digits stay as a rival. A hand's digits are never sure.

use std::sync::LazyLock;

use regex::Regex;

use super::crop::{Frame, Source, frame_of};
use crate::digits::{self, Ranked};
use crate::document::{Reading, Rect, Token, Written};
use crate::text::Span;
use crate::vi::fold::fold;

/// A letterhead ends above this share of the page.
const HEAD: f32 = 0.45;
/// Words from the word "Số" or "ngày" on that are looked at.
const REACH: usize = 9;
/// The most that a hand's digits are believed where the two readers agree, and where they do not.
const AGREED: f32 = 0.75;
const ALONE: f32 = 0.55;
/// Font sizes at which a place is read, as shares of the one that the print shows.
const SCALES: [f32; 4] = [0.85, 0.95, 1.06, 1.2];
/// Rivals that are kept, and the least share of one.
const MOST_RIVALS: usize = 4;
const LEAST: f32 = 0.01;

/// `Số:`, what is between, and the symbol; the sign before the symbol may be lost.
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?P<word>[S5$][^\s/0-9]{0,2}[:;.,]{0,2}|S[o06]\s?[:;.])(?P<middle>[^/]{0,24}?)",
        r"(?P<rest>\s*[/⁄]\s*(?:(?:19|20)[0-9]{2}\s*/\s*)?\p{Lu}\S*|-\s?\p{Lu}{2,}/\p{Lu}\S*|\p{Lu}{2,}\s?[-–]\s?\p{Lu}{2,}\S*)",
    ))
    .ok()
});

/// `ngày`, the day, `tháng`, the month, `năm`.
static DAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?P<ngay>[Nn]g\p{L}{1,2}y)(?P<day>.{0,14}?)(?P<thang>th\p{L}{1,3}g)(?P<month>.{0,14}?)(?P<nam>n\p{L}{1,2}m)",
        r"\s*(?P<year>[0-9]{2,4})?"
    ))
    .ok()
});

/// What the readings of a place can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Day,
    Month,
}

/// Reads number and day of a letterhead again where `lines` have one.
pub(super) fn reread(lines: &mut [Vec<Token>], source: &Source<'_>) {
    let (width, height) = source.size();
    let (mut numbered, mut dated) = (false, false);
    for line in lines {
        let mut at = 0;
        while at < line.len() {
            let Some(rect) = line[at].bbox.map(|bbox| source.pixels(bbox)) else { break };
            if rect.y0 > HEAD * height {
                break;
            }
            if !numbered && (at == 0 || line[at].after_gap) {
                numbered = reread_number(line, at, source);
            }
            if !dated && rect.x0 > 0.3 * width && opens_date(line, at) {
                dated = reread_date(line, at, source);
            }
            at += 1;
        }
    }
}

/// Whether the words before `at` are a place: capitalised, few, a comma at the end.
fn opens_date(line: &[Token], at: usize) -> bool {
    let start = (0..=at).rev().find(|index| *index == 0 || line[*index].after_gap).unwrap_or(0);
    let place: Vec<&str> = line[start..at].iter().map(|token| token.text.as_str()).collect();
    let ends = place.last().is_none_or(|last| last.ends_with([',', '.', '…']));
    ends && place.len() <= 8 && place.first().is_none_or(|first| first.starts_with(char::is_uppercase))
}

/// Some words of a line as one text, and where each begins in it.
struct Words {
    text: String,
    starts: Vec<usize>,
    first: usize,
}

impl Words {
    fn new(line: &[Token], first: usize) -> Self {
        let mut words = Self { text: String::new(), starts: Vec::new(), first };
        for token in line[first..].iter().take(REACH) {
            if !words.text.is_empty() {
                words.text.push(' ');
            }
            words.starts.push(words.text.len());
            words.text.push_str(&token.text);
        }
        words
    }

    /// Token that holds byte `at`, and the byte inside it.
    fn token(&self, at: usize) -> (usize, usize) {
        let index = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        (self.first + index, at - self.starts.get(index).copied().unwrap_or_default())
    }

    /// Where byte `at` stands, in pixels from the left, by the share of letters before it.
    fn place(&self, line: &[Token], at: usize, source: &Source<'_>) -> Option<f32> {
        let (index, inside) = self.token(at);
        let token = line.get(index)?;
        let rect = source.pixels(token.bbox?);
        let inside = inside.min(token.text.len());
        let before = token.text.get(..inside)?.chars().count() as f32;
        Some(rect.x0 + (rect.x1 - rect.x0) * before / token.text.chars().count().max(1) as f32)
    }
}

fn reread_number(line: &mut Vec<Token>, first: usize, source: &Source<'_>) -> bool {
    let words = Words::new(line, first);
    let Some(found) = NUMBER.as_ref().and_then(|number| number.captures(&words.text)) else { return false };
    let (Some(word), Some(middle), Some(rest)) = (found.name("word"), found.name("middle"), found.name("rest")) else {
        return false;
    };
    if !matches!(
        fold(word.as_str()).trim_matches(|c: char| !c.is_alphanumeric()),
        "so" | "s6" | "sd" | "sb" | "s" | "5" | "sa" | "se"
    ) {
        return false;
    }
    let symbol = rest.start() + (rest.as_str().len() - rest.as_str().trim_start().len());
    let (Some(left), Some(right)) = (words.place(line, word.end(), source), words.place(line, symbol, source)) else {
        return false;
    };
    // The printed symbol shows best where the line is; a word that a hand wrote into does not.
    let (symbol_token, inside) = words.token(symbol);
    let (word_token, _) = words.token(word.start());
    let usual = source.usual_em();
    let frame = if inside == 0 { frame_at(line, symbol_token, source) } else { frame_at(line, word_token, source) };
    let Some(frame) = frame else { return false };
    let em = if inside == 0 && (0.6..1.7).contains(&(frame.em / usual)) { frame.em } else { usual };
    let frame = Frame { em, ..frame };
    let end = line[symbol_token].bbox.map_or(right, |bbox| source.pixels(bbox).x1) + 0.2 * em;
    let strip = (left - 0.2 * em, end.min(left + 8.8 * em).max(left + em));
    settle(line, &words, (word.end(), symbol), (left, right), strip, frame, source, Kind::Number, middle.as_str());
    true
}

fn reread_date(line: &mut Vec<Token>, first: usize, source: &Source<'_>) -> bool {
    // The month first: what stands right of a place does not move when the place is rewritten.
    let mut found_any = false;
    for (before, after, kind) in [("thang", "nam", Kind::Month), ("ngay", "thang", Kind::Day)] {
        let words = Words::new(line, first);
        let Some(found) = DAY.as_ref().and_then(|day| day.captures(&words.text)) else { return found_any };
        let (Some(before), Some(after)) = (found.name(before), found.name(after)) else { return found_any };
        let (Some(left), Some(right)) =
            (words.place(line, before.end(), source), words.place(line, after.start(), source))
        else {
            return found_any;
        };
        let anchor = ["thang", "nam", "ngay"].iter().filter_map(|name| found.name(name)).find_map(|word| {
            let (token, inside) = words.token(word.start());
            let alone = inside == 0 && line.get(token).is_some_and(|token| token.text == word.as_str());
            alone.then(|| frame_at(line, token, source)).flatten()
        });
        let usual = source.usual_em();
        let Some(frame) = anchor.or_else(|| frame_at(line, words.token(after.start()).0, source)) else {
            return found_any;
        };
        let em = if (0.6..1.7).contains(&(frame.em / usual)) { frame.em } else { usual };
        let frame = Frame { em, ..frame };
        let strip = (left - 0.2 * em, right + 1.1 * em);
        let middle = words.text.get(before.end()..after.start()).unwrap_or_default().to_owned();
        let place = (before.end(), after.start());
        found_any = true;
        if right - left > 0.15 * em {
            settle(line, &words, place, (left, right), strip, frame, source, kind, &middle);
        }
    }
    found_any
}

fn frame_at(line: &[Token], index: usize, source: &Source<'_>) -> Option<Frame> {
    let token = line.get(index)?;
    Some(frame_of(token, source.pixels(token.bbox?)))
}

/// Reads a strip, and puts what it says in the place of bytes `place` of `words` unless the engine
/// read the same print there.
#[allow(clippy::too_many_arguments, reason = "one place of a line, in text, on the page and by its kind")]
fn settle(
    line: &mut Vec<Token>,
    words: &Words,
    place: (usize, usize),
    (left, right): (f32, f32),
    strip: (f32, f32),
    frame: Frame,
    source: &Source<'_>,
    kind: Kind,
    middle: &str,
) {
    let cuts = SCALES.map(|scale| source.strip(strip.0, strip.1, Frame { em: frame.em * scale, ..frame }));
    let ranked = digits::read_all(cuts);
    let (candidates, mut hand) = candidates(&ranked, kind);
    let seen = engine_digits(middle);
    if source.is_coloured(left + 0.05 * frame.em, right, frame) {
        hand = hand.max(0.9);
    }
    let Some(verdict) = judge(&candidates, hand, seen.as_deref(), kind) else { return };
    let (first, from) = words.token(place.0);
    let (last, to) = words.token(place.1);
    let bbox = source.units(Rect {
        x0: left,
        x1: right,
        y0: frame.baseline - 0.95 * frame.em,
        y1: frame.baseline + 0.25 * frame.em,
    });
    let span = Span::at(0, verdict.digits.len());
    let reading = Reading { span, written: verdict.written, confidence: verdict.confidence, rivals: verdict.rivals };
    // The sign before the symbol was lost in what the hand wrote.
    let unsigned =
        kind == Kind::Number && words.text.get(place.1..).is_some_and(|rest| !rest.starts_with(['/', '⁄', '-']));
    let token = Token {
        text: if unsigned { format!("{}/", verdict.digits) } else { verdict.digits },
        bbox: Some(bbox),
        confidence: verdict.confidence,
        readings: vec![reading],
        ..Token::default()
    };
    put(line, (first, from), (last, to), token);
}

/// Puts `token` in the place of what is from byte `from` of one token to byte `to` of another.
fn put(line: &mut Vec<Token>, (first, from): (usize, usize), (last, to): (usize, usize), token: Token) {
    let (Some(start), Some(end)) = (line.get(first), line.get(last)) else { return };
    let part = |token: &Token, from: usize, to: usize| {
        let text = token.text.get(from..to).unwrap_or_default().trim().to_owned();
        let all = token.text.chars().count().max(1) as f32;
        let share = |at: usize| token.text.get(..at).map_or(1.0, |text| text.chars().count() as f32 / all);
        let bbox = token.bbox.map(|Rect { x0, y0, x1, y1 }| {
            let wide = x1 - x0;
            Rect { x0: x0 + wide * share(from), y0, x1: x0 + wide * share(to), y1 }
        });
        let whole = from == 0 && to == token.text.len();
        let doubts = if whole { token.doubts.clone() } else { Vec::new() };
        let readings = if whole { token.readings.clone() } else { Vec::new() };
        Token { text, bbox, confidence: token.confidence, after_gap: token.after_gap && from == 0, doubts, readings }
    };
    let before = part(start, 0, from.min(start.text.len()));
    let mut after = part(end, to.min(end.text.len()), end.text.len());
    after.after_gap = false;
    let new: Vec<Token> = [before, token, after].into_iter().filter(|token| !token.text.is_empty()).collect();
    line.splice(first..=last, new);
}

/// Digits by the engine, if it read digits and nothing else.
fn engine_digits(middle: &str) -> Option<String> {
    let core: String =
        middle.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '…' | ':' | '_' | ',')).collect();
    (!core.is_empty() && core.len() <= 6 && core.chars().all(|c| c.is_ascii_digit())).then_some(core)
}

/// What the place can be by the strip's readings, best first, and how much of it a hand wrote.
/// What it cannot be has no share, and no other gets it.
fn candidates(ranked: &[Ranked], kind: Kind) -> (Vec<(String, f32)>, f32) {
    let mut found: Vec<(String, f32)> = Vec::new();
    let mut hand = 0.0;
    let mut whole = 0.0;
    for Ranked { text, chance, hand: by_hand } in ranked {
        let text = text.trim_start_matches(['-', '/']);
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() {
            hand += by_hand * chance;
            whole += chance;
        }
        if !is_possible(&digits, kind) {
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == digits) {
            Some((_, sum)) => *sum += chance,
            None => found.push((digits, *chance)),
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    (found, if whole > 0.0 { hand / whole } else { 0.0 })
}

fn is_possible(digits: &str, kind: Kind) -> bool {
    let Ok(number) = digits.parse::<u32>() else { return digits.is_empty() };
    match kind {
        Kind::Number => digits.len() <= 5 && number > 0,
        Kind::Day => digits.len() <= 2 && (1..=31).contains(&number),
        Kind::Month => digits.len() <= 2 && (1..=12).contains(&number),
    }
}

/// What to write in a place.
#[derive(Clone, Debug, PartialEq)]
struct Verdict {
    digits: String,
    written: Written,
    confidence: f32,
    rivals: Vec<(String, f32)>,
}

/// Weighs the strip's readings against the engine's. None to leave the words as they are.
fn judge(candidates: &[(String, f32)], hand: f32, seen: Option<&str>, kind: Kind) -> Option<Verdict> {
    let written = if hand >= 0.5 { Written::Hand } else { Written::Print };
    let same = |a: &str, b: &str| a.trim_start_matches('0') == b.trim_start_matches('0');
    let mut all: Vec<(String, f32)> = candidates.iter().filter(|(digits, _)| !digits.is_empty()).cloned().collect();
    let blank = candidates.iter().find(|(digits, _)| digits.is_empty()).map_or(0.0, |(_, chance)| *chance);
    // The engine reads print well, and a hand hardly ever.
    let voice = match (written, seen) {
        (_, None) => 0.0,
        (_, Some(seen)) if !is_possible(seen, kind) => 0.02,
        (Written::Hand, Some(_)) => 0.1,
        (Written::Print, Some(_)) => 1.0,
    };
    if let Some(seen) = seen {
        match all.iter_mut().find(|(digits, _)| digits == seen) {
            Some((_, chance)) => *chance += voice,
            None => all.push((seen.to_owned(), voice)),
        }
    }
    // What the strip could not be is doubt too.
    let told: f32 = candidates.iter().map(|(_, chance)| chance).sum();
    let sum: f32 = all.iter().map(|(_, chance)| chance).sum::<f32>() + blank + (1.0 - told).max(0.0);
    for (_, chance) in &mut all {
        *chance /= sum.max(f32::MIN_POSITIVE);
    }
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (digits, share) = all.first().cloned()?;
    // A dotted line nobody wrote on.
    if blank > 0.5 && seen.is_none() {
        return None;
    }
    let agreed =
        seen.is_some_and(|seen| same(seen, &digits)) && candidates.first().is_some_and(|best| same(&best.0, &digits));
    let confidence = match written {
        Written::Print if agreed => return None,
        Written::Hand if agreed => AGREED.min(share),
        _ => ALONE.min(share),
    };
    let rivals = all.into_iter().skip(1).filter(|(rival, share)| *share >= LEAST || Some(rival.as_str()) == seen);
    Some(Verdict { digits, written, confidence, rivals: rivals.take(MOST_RIVALS).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(list: &[(&str, f32, f32)]) -> Vec<Ranked> {
        list.iter().map(|(text, chance, hand)| Ranked { text: (*text).into(), chance: *chance, hand: *hand }).collect()
    }

    fn token(text: &str, x0: f32, x1: f32) -> Token {
        Token {
            text: text.into(),
            bbox: Some(Rect { x0, y0: 10.0, x1, y1: 20.0 }),
            confidence: 0.9,
            ..Token::default()
        }
    }

    #[test]
    fn the_number_ends_at_the_slash_and_a_day_is_in_the_calendar() {
        let (found, hand) =
            candidates(&ranked(&[("288/-", 0.6, 1.0), ("288/", 0.2, 1.0), ("283/-", 0.1, 1.0)]), Kind::Number);
        assert_eq!(found[0].0, "288");
        assert!(found[0].1 > 0.75 && hand > 0.9);
        let (found, _) = candidates(&ranked(&[("48", 0.6, 1.0), ("18", 0.3, 1.0)]), Kind::Day);
        assert_eq!(found, [("18".to_owned(), 0.3)]);
        assert!(judge(&found, 1.0, None, Kind::Day).unwrap().confidence < 0.35);
    }

    #[test]
    fn a_hand_is_never_sure_and_the_engine_stays_a_rival() {
        let verdict = judge(&[("288".into(), 0.98), ("283".into(), 0.02)], 0.9, Some("2"), Kind::Number).unwrap();
        assert_eq!((verdict.digits.as_str(), verdict.written), ("288", Written::Hand));
        assert!(verdict.confidence < 0.6);
        assert!(verdict.rivals.iter().any(|(rival, _)| rival == "2"));
        assert!(verdict.rivals.iter().any(|(rival, _)| rival == "283"));
    }

    #[test]
    fn print_that_both_read_alike_stays_as_it_is() {
        assert_eq!(judge(&[("441".into(), 0.9)], 0.1, Some("441"), Kind::Number), None);
        let verdict = judge(&[("447".into(), 0.9)], 0.1, Some("441"), Kind::Number).unwrap();
        assert_eq!((verdict.digits.as_str(), verdict.confidence < 0.6), ("441", true));
        assert_eq!(judge(&[(String::new(), 0.9)], 0.0, None, Kind::Number), None);
    }

    #[test]
    fn words_around_a_place_keep_their_letters() {
        let mut line = vec![token("Số:2§8/KH-VP", 0.0, 120.0), token("Hà", 300.0, 320.0)];
        line[1].after_gap = true;
        let words = Words::new(&line, 0);
        let found = NUMBER.as_ref().unwrap().captures(&words.text).unwrap();
        let place = (found.name("word").unwrap().end(), found.name("rest").unwrap().start());
        let (first, last) = (words.token(place.0), words.token(place.1));
        put(&mut line, first, last, token("288", 40.0, 70.0));
        let texts: Vec<&str> = line.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(texts, ["Số:", "288", "/KH-VP", "Hà"]);
        assert!(line[3].after_gap && !line[1].after_gap);
    }

    /// Printed line; what stands between word and symbol.
    #[test]
    fn number_lines_are_known_however_the_number_was_read() {
        for (text, middle) in [
            ("Số:288/KH-VP", "288"),
            ("Số: /KH-VP", ""),
            ("Số: 813 /HC-CNHC", "813"),
            ("Số: Hf /2019/NĐ-CP", "Hf"),
            ("Số: ....4... -NQ/TU", "....4..."),
            ("Số: 2881KH-VP", "2881"),
        ] {
            let found = NUMBER.as_ref().unwrap().captures(text).expect(text);
            assert_eq!(found["middle"].trim(), middle, "{text}");
        }
        for text in ["Sở Tài chính", "Số điện thoại: 0123", "Sáng ngày 12/3/2020"] {
            assert!(NUMBER.as_ref().unwrap().captures(text).is_none(), "{text}");
        }
        let found = DAY.as_ref().unwrap().captures("ngày48 tháng 12 năm 2017").unwrap();
        assert_eq!((found["day"].trim(), found["month"].trim()), ("48", "12"));
    }
}
