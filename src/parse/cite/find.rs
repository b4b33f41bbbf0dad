//! Mentions: every place where another document is named, with what is printed around it.
//!
//! Numbers, laws by name and bare numbers ("Thông tư 24") are found apart and made into one list in
//! the order of the text. What stands beside a mention is read here; what one mention lends to its
//! neighbour in a list is given by [`share_in_lists`].

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::around::{self, Kinds};
use super::law::{Named, find_laws};
use super::number::{Numbered, find_numbers, kind_by_symbol};
use crate::facts::Facts;
use crate::key::DocNumber;
use crate::parse::date::{dates_in, expression};
use crate::parse::folded::Folded;
use crate::parse::found::Found;
use crate::text::Span;

/// One mention. Places are bytes of the folded text.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    /// Where its words start: the type, else the word for "number", else the number.
    pub(super) from: usize,
    /// Where number or name end.
    pub(super) core_end: usize,
    /// Where date and issuer end.
    pub(super) to: usize,
    /// Where the title ends; `to` where there is none.
    pub(super) title_end: usize,
    pub(super) key: Option<Found<DocNumber>>,
    /// A law's name, or the words of a short reference.
    pub(super) name: Option<Found<String>>,
    pub(super) kind: Option<Found<String>>,
    /// Whether the type is printed, not read off the symbol.
    pub(super) own_kind: bool,
    pub(super) date: Option<Found<Date>>,
    /// The year printed after a law's name.
    pub(super) year: Option<i16>,
    pub(super) issuer: Option<Found<String>>,
    pub(super) title: Option<Found<String>>,
    pub(super) locator: Option<(usize, usize)>,
    /// A number without a symbol.
    pub(super) bare: bool,
    pub(super) confidence: f32,
}

/// A dated place in the folded text.
#[derive(Clone, Copy)]
struct Dated {
    from: usize,
    to: usize,
    date: Date,
    confidence: f32,
}

/// All that the readers of mentions share.
struct Context<'a> {
    folded: &'a Folded,
    text: &'a str,
    facts: &'a Facts,
    kinds: Kinds,
    dates: Vec<Dated>,
}

/// Every mention in the order of the text.
pub(super) fn find_mentions(folded: &Folded, text: &str, facts: &Facts) -> Vec<Mention> {
    let dates = dates_in(folded, text, 0, folded.text().len())
        .into_iter()
        .map(|date| Dated {
            from: folded.place(date.span.start()),
            to: folded.place(date.span.end()),
            date: date.value,
            confidence: date.confidence,
        })
        .collect();
    let context = Context { folded, text, facts, kinds: Kinds::new(facts), dates };
    let mut laws = find_laws(folded, text);
    let mut mentions = Vec::new();
    for number in find_numbers(folded, text, facts) {
        mentions.extend(numbered(&context, number, &mut laws));
    }
    for bare in find_bare(&context, &mut laws) {
        if !mentions.iter().any(|mention: &Mention| mention.from < bare.core_end && bare.from < mention.core_end) {
            mentions.push(bare);
        }
    }
    mentions.extend(laws.into_iter().map(|law| by_name(&context, law)));
    mentions.sort_by_key(|mention| (mention.from, mention.core_end));
    mentions.dedup_by(|next, kept| next.from < kept.core_end);
    cut_at_neighbours(&mut mentions, &context);
    share_in_lists(&mut mentions, folded);
    mentions
}

fn numbered(context: &Context<'_>, number: Numbered, laws: &mut Vec<Named>) -> Option<Mention> {
    let plain = context.folded.text();
    let (word, has_word) = around::before_number_word(plain, number.from);
    let law = take_law(laws, plain, word);
    let mut mention = blank(number.from, number.to);
    mention.confidence = number.confidence;
    let mut kind = around::kind_before(plain, word, &context.kinds, has_word);
    // "Nghị định - 30/2020/NĐ-CP" and the like are too rare to read; a number after a stroke or a
    // bracket belongs to something else ("GCN số 12/ABC").
    if kind.is_none()
        && has_word
        && let Some((head, issuer)) = around::head_before(plain, word, &context.kinds)
    {
        mention.issuer = issuer.map(|(from, to)| context.words(from, to, "cite.issuer_before", 0.85));
        let span = context.folded.span(head.from, head.to);
        mention.kind = Some(Found::new(head.name.clone(), span, "cite.kind_before", 0.85));
        kind = None;
    }
    mention.from = if has_word { word } else { number.from };
    if let Some(law) = law {
        let span = context.folded.span(law.from, law.to);
        mention.from = law.from;
        mention.kind = Some(Found::new(law.kind.to_owned(), span, "cite.kind", law.confidence));
        mention.name = Some(Found::new(law.name, span, "cite.law", law.confidence));
        mention.own_kind = true;
    } else if let Some(kind) = kind {
        let span = context.folded.span(kind.from, kind.to);
        mention.from = kind.from;
        mention.kind = Some(Found::new(kind.name, span, "cite.kind", if kind.exact { 0.97 } else { 0.7 }));
        mention.own_kind = true;
    } else if let Some(standard) = number.standard {
        let start = plain[..number.from].trim_end().len().saturating_sub(4);
        mention.from = start;
        mention.kind =
            Some(Found::new(standard.to_owned(), context.folded.span(start, start + 4), "cite.standard", 0.97));
        mention.own_kind = true;
    } else if mention.kind.is_none() {
        let named = number.key.symbol().and_then(|symbol| kind_by_symbol(symbol, context.facts));
        let span = context.folded.span(number.from, number.to);
        mention.kind = named.map(|name| Found::new(name.to_owned(), span, "cite.kind_by_symbol", 0.8));
    }
    if number.standard.is_none() && number.key.symbol().is_none() && !has_word {
        return None;
    }
    // "5G/IoT", "3D/VR360": a letter in the number needs a word before it.
    if mention.from == number.from && number.key.number().chars().any(char::is_alphabetic) {
        return None;
    }
    let span = context.folded.span(number.from, number.to);
    let mut key = Found::new(number.key, span, "cite.number", mention.confidence);
    key.rivals = number.rivals;
    mention.key = Some(key);
    context.read_after(&mut mention);
    context.read_before(&mut mention);
    Some(mention)
}

/// The law whose name ends directly before `at`, taken out of the list: "Luật Giáo dục số
/// 43/2019/QH14".
fn take_law(laws: &mut Vec<Named>, plain: &str, at: usize) -> Option<Named> {
    let index = laws.iter().rposition(|law| law.to <= at)?;
    let gap = plain.get(laws[index].to..at)?;
    (gap.len() < 6 && gap.chars().all(|c| c.is_whitespace() || matches!(c, '(' | ','))).then(|| laws.remove(index))
}

fn by_name(context: &Context<'_>, law: Named) -> Mention {
    let span = context.folded.span(law.from, law.to);
    let mut mention = blank(law.from, law.to);
    mention.kind = Some(Found::new(law.kind.to_owned(), span, "cite.kind", law.confidence));
    mention.name = Some(Found::new(law.name, span, "cite.law", law.confidence));
    mention.own_kind = true;
    mention.confidence = law.confidence;
    context.read_after(&mut mention);
    context.read_before(&mut mention);
    mention
}

/// Numbers without a symbol after the name of a type: "Thông tư 24", "văn bản số 35 ngày …".
fn find_bare(context: &Context<'_>, laws: &mut Vec<Named>) -> Vec<Mention> {
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b((?:thong tu(?: lien tich)?|nghi dinh|nghi quyet|quyet dinh|chi thi|ke hoach|cong van|van ban|cong dien|ket luan|thong bao|huong dan|to trinh|quy dinh|chuong trinh|bao cao|phieu chuyen|luat)(?: de nghi| hanh dong)?)\s+(?:(so|s6|se|sb)\s*:?\s*)?([0-9]{1,5}[a-z]{0,2}(?:\.[0-9]{1,3})?)(/(?:19|20)[0-9]{2})?",
        )
    });
    static NUMBERED_LAW: LazyLock<Regex> =
        LazyLock::new(|| expression(r"^[\s(,]{1,3}so\s*:?\s*([0-9]{1,4}/(?:19|20)[0-9]{2})"));
    let plain = context.folded.text();
    let mut found = Vec::new();
    for hit in BARE.captures_iter(plain) {
        let (Some(kind), Some(number)) = (hit.get(1), hit.get(3)) else { continue };
        let end = hit.get(4).map_or(number.end(), |year| year.end());
        let with_word = hit.get(2).is_some();
        let printed = context.folded.span(kind.start(), kind.start() + 1).of(context.text);
        let capital = printed.chars().all(char::is_uppercase);
        let generic = matches!(kind.as_str(), "van ban" | "chuong trinh" | "bao cao" | "thong bao");
        let heading = around::is_upper(context.folded.span(kind.start(), kind.end()).of(context.text)) && !with_word;
        if kind.as_str() == "luat" && !capital || heading {
            continue;
        }
        if !stands_alone(plain, end, with_word) || (hit.get(4).is_some() && !with_word) {
            continue;
        }
        let digits = number.as_str().bytes().all(|b| b.is_ascii_digit());
        let value: u32 = number.as_str().parse().unwrap_or(0);
        if !with_word && (!capital || generic || (digits && (1945..2100).contains(&value)) || value == 0) {
            continue;
        }
        let Some(key) = DocNumber::parse(context.folded.span(number.start(), end).of(context.text)) else { continue };
        let mut mention = blank(kind.start(), end);
        let name = context.kinds.get(kind.as_str()).map(str::to_owned);
        let kind_span = context.folded.span(kind.start(), kind.end());
        mention.confidence = if with_word { 0.8 } else { 0.75 };
        mention.kind = name.map(|name| Found::new(name, kind_span, "cite.kind", 0.97));
        mention.own_kind = true;
        mention.bare = true;
        let span = context.folded.span(number.start(), end);
        mention.key = Some(Found::new(key, span, "cite.bare_number", mention.confidence));
        mention.name = Some(context.words(kind.start(), end, "cite.short", mention.confidence));
        context.read_after(&mut mention);
        context.read_before(&mut mention);
        found.push(mention);
    }
    // "Luật Ban hành văn bản quy phạm pháp luật số 64/2025": the symbol was left out.
    laws.retain(|law| {
        let Some(hit) = NUMBERED_LAW.captures(&plain[law.to..plain.len().min(law.to + 40)]) else { return true };
        let Some(number) = hit.get(1) else { return true };
        let (from, to) = (law.to + number.start(), law.to + number.end());
        let Some(key) = DocNumber::parse(number.as_str()) else { return true };
        if plain[to..].starts_with('/') {
            return true;
        }
        let mut mention = by_name(context, law.clone());
        mention.core_end = to;
        mention.confidence = 0.7;
        mention.key = Some(Found::new(key, context.folded.span(from, to), "cite.number_without_symbol", 0.7));
        context.read_after(&mut mention);
        found.push(mention);
        false
    });
    found
}

/// Whether a bare number ends at `end`: no unit, fraction, date or symbol follows.
fn stands_alone(plain: &str, end: usize, with_word: bool) -> bool {
    static FOLLOWS: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"^(?:$|[,;:)\x22]|\.(?:\s|$)|\s*\n\s*\n|\s+(?:ngay|cua|ve|va|thi|quy dinh|de|da|duoc|nay|nham|ban hanh|huong dan|sua doi|co hieu luc|cung|voi|tai|theo|do|con|la|trong|hoac|nhu|phan|den|doi voi|[(]))",
        )
    });
    let rest = &plain[end..plain.len().min(end + 40)];
    if with_word {
        let bytes = rest.as_bytes();
        let next = bytes.first().copied().unwrap_or(b' ');
        let after = rest.trim_start();
        let joined = next.is_ascii_alphanumeric() || matches!(next, b'/' | b'%' | b'_');
        let fraction = matches!(next, b'.' | b',') && bytes.get(1).is_some_and(u8::is_ascii_digit);
        let goes_on = after.starts_with(|c: char| matches!(c, '/' | '-') || c.is_ascii_digit());
        return !(joined || fraction || goes_on);
    }
    FOLLOWS.is_match(rest)
}

const fn blank(from: usize, to: usize) -> Mention {
    Mention {
        from,
        core_end: to,
        to,
        title_end: to,
        key: None,
        name: None,
        kind: None,
        own_kind: false,
        date: None,
        year: None,
        issuer: None,
        title: None,
        locator: None,
        bare: false,
        confidence: 0.9,
    }
}

impl Context<'_> {
    /// The words between two places, on one line.
    fn words(&self, from: usize, to: usize, rule: &'static str, confidence: f32) -> Found<String> {
        Found::new(around::printed(self.folded, self.text, from, to), self.folded.span(from, to), rule, confidence)
    }

    /// Date, issuer and title after the core of the mention.
    fn read_after(&self, mention: &mut Mention) {
        static YEAR: LazyLock<Regex> = LazyLock::new(|| expression(r"^\s+(?:nam\s+)?((?:19|20)[0-9]{2})\b(?:\s*\))?"));
        static NOTE: LazyLock<Regex> = LazyLock::new(|| expression(r"^\s*\((?:goi tat|sau day|viet tat)[^)]{0,60}\)"));
        let plain = self.folded.text();
        let mut at = mention.core_end;
        if let Some(note) = NOTE.find(&plain[at..plain.len().min(at + 90)]) {
            at += note.end();
        }
        if let Some(dated) = self.date_at(at) {
            self.take_date(mention, dated);
            at = dated.to;
        } else if mention.name.is_some()
            && !mention.bare
            && let Some(year) = YEAR.captures(&plain[at..plain.len().min(at + 24)])
        {
            mention.year = year[1].parse().ok();
            at += year[0].len();
        }
        let mut end = at.max(mention.core_end);
        if let Some((from, to)) = around::issuer_after(self.folded, self.text, at, self.facts) {
            let mut to = to;
            let symbol = mention.key.as_ref().and_then(|key| key.value.symbol()).unwrap_or_default();
            while symbol.contains("LT") {
                let Some(next) = around::joint_issuer(self.folded, self.text, to, self.facts) else { break };
                to = next;
            }
            mention.issuer = Some(self.words(from, to, "cite.issuer", 0.9));
            end = to;
            // "của Thủ tướng Chính phủ ngày 31/3/2022": the date after the issuer.
            if mention.date.is_none()
                && let Some(dated) = self.date_at(to)
            {
                self.take_date(mention, dated);
                end = dated.to;
            }
        }
        mention.to = end;
        mention.title_end = end;
        if let Some((from, to)) = around::title_after(self.folded, self.text, end) {
            mention.title = Some(self.words(from, to, "cite.title", 0.8));
            mention.title_end = to;
        }
    }

    fn read_before(&self, mention: &mut Mention) {
        mention.locator = around::locator_before(self.folded.text(), mention.from);
        if mention.issuer.is_none() && mention.key.is_some() {
            let start = mention.locator.map_or(mention.from, |(from, _)| from);
            mention.issuer = around::issuer_before(self.folded, self.text, start, self.facts)
                .map(|(from, to)| self.words(from, to, "cite.issuer_before", 0.8));
        }
    }

    fn take_date(&self, mention: &mut Mention, dated: Dated) {
        mention.date =
            Some(Found::new(dated.date, self.folded.span(dated.from, dated.to), "cite.date", dated.confidence));
    }

    /// The date that starts at `at`, with no more than a comma or a bracket before it.
    fn date_at(&self, at: usize) -> Option<Dated> {
        let index = self.dates.partition_point(|date| date.from < at);
        let date = *self.dates.get(index)?;
        let gap = self.folded.text().get(at..date.from)?;
        let empty = |gap: &str| gap.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '.' | '('));
        let gap = gap.trim_start_matches([' ', ',']);
        let rest = ["ban hanh", "ky"].iter().find_map(|word| gap.strip_prefix(word)).unwrap_or(gap);
        (gap.len() <= 12 && empty(rest)).then_some(date)
    }
}

/// A title ends where the next document of the same list begins.
fn cut_at_neighbours(mentions: &mut [Mention], context: &Context<'_>) {
    for index in 1..mentions.len() {
        let (head, tail) = mentions.split_at_mut(index);
        let (previous, next) = (&mut head[index - 1], &tail[0]);
        let start = next.locator.map_or(next.from, |(from, _)| from);
        if previous.title_end <= start || previous.title.is_none() {
            continue;
        }
        let plain = context.folded.text();
        let gap = plain.get(previous.to..start).unwrap_or_default().trim_end();
        if gap.ends_with([',', ';']) {
            let title = previous.title.as_ref().map_or(start, |title| context.folded.place(title.span.start()));
            let end = previous.to + gap.trim_end_matches([',', ';']).len();
            previous.title = (title < end).then(|| context.words(title, end, "cite.title", 0.7));
            previous.title_end = end;
        }
    }
}

/// Whether nothing but the glue of a list stands in `gap`.
pub(super) fn is_glue(gap: &str) -> bool {
    static GLUE: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r#"^(?:[\s,;:"()*+|-]|[0-9]{1,3}[.)]\s|[a-z]\)|\b(?:va|hoac|cung|cac|cung nhu|so|tai|cua|theo|dong thoi|voi)\b)*$"#,
        )
    });
    gap.len() < 80 && GLUE.is_match(gap)
}

/// In a list, what is printed once holds for all: "các Nghị định số A ngày a, số B ngày b của Chính
/// phủ", "số 008/CĐ-UBND và số 009/CĐ-UBND ngày 19/11/2025".
pub(super) fn share_in_lists(mentions: &mut [Mention], folded: &Folded) {
    let plain = folded.text();
    let mut start = 0;
    while start < mentions.len() {
        let mut end = start + 1;
        while end < mentions.len() {
            let from = mentions[end].locator.map_or(mentions[end].from, |(from, _)| from);
            let glued = plain.get(mentions[end - 1].to..from).is_some_and(is_glue);
            // Items without a type of their own continue a list over their titles too.
            let elided = !mentions[end].own_kind
                && mentions[end].key.is_some()
                && plain
                    .get(mentions[end - 1].to..from)
                    .is_some_and(|gap| gap.len() < 400 && gap.trim_end().ends_with([',', ';']) && !gap.contains(". "));
            if !glued && !elided {
                break;
            }
            end += 1;
        }
        share(&mut mentions[start..end]);
        start = end;
    }
}

/// Forward for the type and an issuer printed before the list, backward for date and issuer.
fn share(list: &mut [Mention]) {
    for index in 1..list.len() {
        let (head, tail) = list.split_at_mut(index);
        let (previous, next) = (&head[index - 1], &mut tail[0]);
        if next.own_kind || next.key.is_none() {
            continue;
        }
        let symbol_says = next.kind.as_ref().map(|kind| kind.value.as_str());
        let same = previous.kind.as_ref().map(|kind| kind.value.as_str());
        if symbol_says.is_none() || symbol_says == same {
            next.kind.clone_from(&previous.kind);
        }
        if next.issuer.is_none() && previous.issuer.as_ref().is_some_and(|issuer| issuer.rule == "cite.issuer_before") {
            next.issuer.clone_from(&previous.issuer);
        }
    }
    for index in (1..list.len()).rev() {
        let (head, tail) = list.split_at_mut(index);
        let (previous, next) = (&mut head[index - 1], &tail[0]);
        let same_body = match (&previous.key, &next.key) {
            (Some(a), Some(b)) => body_code(&a.value) == body_code(&b.value),
            _ => false,
        };
        if !same_body {
            continue;
        }
        if previous.issuer.is_none() {
            previous.issuer =
                next.issuer.clone().map(|issuer| Found { confidence: 0.75, rule: "cite.issuer_shared", ..issuer });
        }
        let year_fits = previous.key.as_ref().and_then(|key| key.value.year());
        if previous.date.is_none() && !next.own_kind {
            previous.date = next
                .date
                .clone()
                .filter(|date| year_fits.is_none_or(|year| i32::from(year) == i32::from(date.value.year())))
                .map(|date| Found { confidence: 0.6, rule: "cite.date_shared", ..date });
        }
    }
}

/// The first letters of the organ's code in a symbol: `ub` for both `QĐ-UB` and `QĐ-UBND`.
fn body_code(key: &DocNumber) -> String {
    let symbol = key.symbol().unwrap_or_default();
    let code = symbol.rsplit(['-', '/']).next().unwrap_or_default();
    crate::vi::fold::fold(code).chars().take(2).collect()
}

/// The mention's own words: from its type to its issuer.
pub(super) fn words_of(mention: &Mention, folded: &Folded, text: &str) -> (String, Span) {
    let span = folded.span(mention.from, mention.to.max(mention.core_end));
    (super::law::squeeze(span.of(text)), span)
}
