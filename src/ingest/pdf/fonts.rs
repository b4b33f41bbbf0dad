//! Glyphs of a font into the letters that they are, where the file says it wrongly or not at all.
//!
//! A PDF names letters in a table beside each font (`ToUnicode`). Of real office files one in
//! twelve lacks it, or has one that a faulty program wrote. What then remains: the font's own
//! character map or glyph names, if they are still inside, and the number of the glyph, which in
//! fonts that were cut down in place is that of the whole font. Each source reads the words of the
//! document, and the reading that is the least surprising as Vietnamese is taken; the file's own
//! table is left only for one that reads clearly better. Digits come with the letters: a source is
//! one fixed table, and whoever reads the words around a number right reads its digits right.

use std::collections::HashMap;
use std::sync::LazyLock;

use hayro::hayro_interpret::font::{Glyph, OutlineFontData};
use hayro::hayro_interpret::hayro_cmap::BfString;
use skrifa::raw::ps::agl::name_to_char;

use crate::document::{FontRepair, FontSource};
use crate::vi::encoding::surprise;

/// Most glyphs that are looked at to decide.
const SURVEY: usize = 200_000;
/// Most glyphs of words of one font by which its sources are compared.
const SAMPLE: usize = 3_000;
/// Letters that are too few to tell the order of glyphs by.
const FEW: usize = 20;
/// Bits by which another source must read better than the file's own table, for each letter that
/// it reads otherwise.
const MARGIN: f32 = 2.5;
/// Where the block of Vietnamese letters may begin in a font.
const BLOCKS: std::ops::Range<i32> = 300..4000;

/// Runs of glyphs and their letters, from `dictionaries/glyphs.tsv`: of the whole font, and from
/// where the block of Vietnamese letters begins.
struct Order {
    base: Vec<(i32, u32, i32)>,
    letters: Vec<(i32, u32, i32)>,
}

static ORDER: LazyLock<Order> = LazyLock::new(|| {
    let mut order = Order { base: Vec::new(), letters: Vec::new() };
    for line in include_str!("../../../dictionaries/glyphs.tsv").lines() {
        let mut cells = line.split('\t');
        let part = cells.next();
        let mut number = |radix| cells.next().and_then(|cell| i64::from_str_radix(cell, radix).ok());
        let (Some(glyph), Some(letter), Some(count)) = (number(10), number(16), number(10)) else { continue };
        let run = (glyph as i32, letter as u32, count as i32);
        match part {
            Some("base") => order.base.push(run),
            Some("letters") => order.letters.push(run),
            _ => {}
        }
    }
    order
});

/// The letter of a glyph in a font whose block of Vietnamese letters begins at `block`, and whose
/// other glyphs are `shift` places from the usual ones.
fn in_order(glyph: u32, shift: i32, block: Option<i32>) -> Option<char> {
    let find = |runs: &[(i32, u32, i32)], at: i32| {
        let index = runs.partition_point(|run| run.0 <= at).checked_sub(1)?;
        let (first, letter, count) = runs[index];
        (at < first + count).then(|| char::from_u32(letter + (at - first) as u32)).flatten()
    };
    let glyph = i32::try_from(glyph).ok()?;
    block.and_then(|block| find(&ORDER.letters, glyph - block)).or_else(|| find(&ORDER.base, glyph - shift))
}

/// Where the letters of a font are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    File,
    CharacterMap,
    GlyphNames,
    /// The order of glyphs; of `code`, the number is the character that the file names instead.
    Order {
        shift: i32,
        block: Option<i32>,
        code: bool,
    },
}

/// An embedded font program.
struct Program {
    name: String,
    map: HashMap<u32, char>,
    names: HashMap<u32, char>,
    source: Source,
    settled: bool,
    /// Whether it draws small letters as capitals, as the second fonts of TCVN3 do (`.VnTimeH`):
    /// the text alone does not say so.
    capitals: bool,
}

impl Program {
    fn open(data: &OutlineFontData) -> Self {
        let mut program = Self {
            name: data.postscript_name.clone().unwrap_or_default(),
            map: HashMap::new(),
            names: HashMap::new(),
            source: Source::File,
            settled: false,
            capitals: false,
        };
        let family = program.name.rsplit('+').next().unwrap_or_default().trim_start_matches('.');
        program.capitals =
            family.starts_with("Vn") && family.split(['-', ',']).next().unwrap_or_default().ends_with('H');
        let Some(font) = skrifa::Font::new(data.data.clone(), 0) else { return program };
        let charmap = font.charmap();
        if !charmap.unicode_is_mac_roman() {
            let symbol = charmap.unicode_is_symbol();
            for (code, glyph) in charmap.unicodes() {
                let code = if symbol && (0xf000..=0xf0ff).contains(&code) { code - 0xf000 } else { code };
                let Some(c) = char::from_u32(code).filter(|c| !c.is_control()) else { continue };
                let kept = program.map.entry(glyph.to_u32()).or_insert(c);
                // A glyph with several letters (space and no-break space) is the plainest.
                *kept = (*kept).min(c);
            }
        }
        for (glyph, name) in font.glyph_names().filter(|(_, name)| !name.is_synthesized()) {
            if let Some(c) = name_to_char(name.as_str()).filter(|c| !matches!(c, '\u{e000}'..='\u{f8ff}')) {
                program.names.insert(glyph.to_u32(), c);
            }
        }
        program
    }

    fn read(&self, source: Source, letter: Letter) -> Option<char> {
        match source {
            Source::File => letter.declared,
            Source::CharacterMap => self.map.get(&letter.glyph).copied(),
            Source::GlyphNames => self.names.get(&letter.glyph).copied(),
            Source::Order { shift, block, code: false } => in_order(letter.glyph, shift, block),
            Source::Order { shift, block, code: true } => {
                letter.declared.and_then(|c| in_order(c as u32, shift, block))
            }
        }
    }

    /// [`Program::read`] with the other sources behind it.
    fn letter(&self, source: Source, letter: Letter) -> Option<char> {
        let named = |source| self.read(source, letter).filter(|c| is_named(*c));
        match source {
            // What the file names wrongly is not better than nothing.
            Source::Order { code: true, .. } => named(source),
            Source::Order { .. } => [source, Source::CharacterMap, Source::GlyphNames].into_iter().find_map(named),
            _ => [source, Source::File, Source::CharacterMap, Source::GlyphNames].into_iter().find_map(named),
        }
    }
}

/// A glyph as the page draws it.
#[derive(Clone, Copy, Debug)]
struct Letter {
    program: Option<u32>,
    glyph: u32,
    declared: Option<char>,
    /// Whether it does not touch the glyph before it.
    apart: bool,
}

/// Whether a character says which letter it is.
fn is_named(c: char) -> bool {
    c != '\u{fffd}' && !matches!(c, '\u{e000}'..='\u{f8ff}') && (!c.is_control() || c.is_whitespace())
}

/// The fonts of a document, with what was decided about them.
#[derive(Default)]
pub(in crate::ingest) struct Fonts {
    programs: Vec<Program>,
    by_key: HashMap<u128, u32>,
    /// Glyphs of the page being read that were taken from elsewhere than the file's table.
    repaired: HashMap<u32, u32>,
    /// Glyphs of the page being read whose letter the font itself names otherwise than the file.
    conflicts: usize,
    survey: Option<Vec<Letter>>,
}

impl Fonts {
    fn program(&mut self, data: &OutlineFontData) -> u32 {
        let programs = &mut self.programs;
        *self.by_key.entry(data.cache_key).or_insert_with(|| {
            programs.push(Program::open(data));
            programs.len() as u32 - 1
        })
    }

    /// The characters of a glyph: what the file says, or what was found to be right. `apart`: it
    /// does not touch the glyph before it. None where nobody knows.
    pub(in crate::ingest) fn read(&mut self, glyph: &Glyph<'_>, apart: bool) -> Option<String> {
        let declared = glyph.as_unicode();
        let Glyph::Outline(outline) = glyph else {
            self.note(Letter { program: None, glyph: 0, declared: first(declared.as_ref()), apart });
            return declared.map(whole);
        };
        let program = outline.font_data().map(|data| self.program(&data));
        let letter = Letter { program, glyph: outline.glyph_id().to_u32(), declared: first(declared.as_ref()), apart };
        self.note(letter);
        let Some(index) = program else { return declared.map(whole) };
        let font = &self.programs[index as usize];
        if font.source == Source::File && letter.declared.is_some_and(is_named) {
            let other = font.map.get(&letter.glyph).copied();
            self.conflicts += usize::from(other.is_some_and(|other| !alike(other, letter.declared)));
            let text = declared.map(whole);
            return if font.capitals { text.map(|text| text.to_ascii_uppercase()) } else { text };
        }
        if font.source == Source::File && !font.settled {
            // Decided first: it may be wrong to take what the font says.
            return declared.map(whole);
        }
        let read = font.letter(font.source, letter);
        if read != letter.declared {
            *self.repaired.entry(index).or_default() += 1;
        }
        read.map(String::from)
    }

    fn note(&mut self, letter: Letter) {
        if let Some(survey) = self.survey.as_mut().filter(|survey| survey.len() < SURVEY) {
            survey.push(letter);
        }
    }

    /// Whether a page read since the last call had letters that the font names otherwise.
    pub(in crate::ingest) fn take_conflicts(&mut self) -> usize {
        std::mem::take(&mut self.conflicts)
    }

    /// What was repaired on the page read since the last call.
    pub(in crate::ingest) fn take_repairs(&mut self) -> Vec<FontRepair> {
        let mut repaired: Vec<_> = std::mem::take(&mut self.repaired).into_iter().collect();
        repaired.sort_unstable();
        let told = |(index, glyphs): (u32, u32)| {
            let program = &self.programs[index as usize];
            let from = match program.source {
                // Letters that the file does not name come from the font's map, or its names if it has none.
                Source::File if program.map.is_empty() => FontSource::GlyphNames,
                Source::File | Source::CharacterMap => FontSource::CharacterMap,
                Source::GlyphNames => FontSource::GlyphNames,
                Source::Order { .. } => FontSource::GlyphOrder,
            };
            FontRepair { font: program.name.clone(), from, glyphs }
        };
        repaired.into_iter().map(told).collect()
    }

    /// From here on the glyphs read are kept, for [`Fonts::settle`].
    pub(in crate::ingest) fn begin_survey(&mut self) {
        self.survey = Some(Vec::new());
    }

    /// Whether enough glyphs were kept.
    pub(in crate::ingest) fn is_surveyed(&self) -> bool {
        self.survey.as_ref().is_none_or(|survey| survey.len() >= SURVEY)
    }

    /// Decides for each font which source reads best, the font with the most glyphs first.
    pub(in crate::ingest) fn settle(&mut self) {
        let survey = self.survey.take().unwrap_or_default();
        let words = words(&survey);
        let mut glyphs = vec![0_usize; self.programs.len()];
        survey.iter().filter_map(|letter| letter.program).for_each(|index| glyphs[index as usize] += 1);
        let mut order: Vec<usize> = (0..self.programs.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(glyphs[*index]));
        // Twice, because words have glyphs of several fonts: the first round knows few of them.
        for _ in 0..2 {
            for index in &order {
                self.settle_one(*index, &words);
            }
        }
        self.conflicts = 0;
        self.repaired.clear();
    }

    fn settle_one(&mut self, index: usize, words: &[&[Letter]]) {
        let own = |letter: &Letter| letter.program == Some(index as u32);
        let mut sample = Vec::new();
        let mut size = 0;
        for word in words.iter().filter(|word| word.iter().any(own)) {
            if size > SAMPLE {
                break;
            }
            size += word.len();
            sample.push(*word);
        }
        let letters: Vec<Letter> = sample.iter().flat_map(|word| word.iter()).filter(|l| own(l)).copied().collect();
        if letters.is_empty() {
            return;
        }
        let named = letters.iter().filter(|letter| letter.declared.is_some_and(is_named)).count();
        let ordered = |program: &Program| matches!(program.source, Source::Order { .. }).then_some(program.source);
        let elsewhere: Vec<Source> =
            self.programs.iter().enumerate().filter(|(at, _)| *at != index).filter_map(|(_, p)| ordered(p)).collect();
        let mut sources = vec![Source::CharacterMap, Source::GlyphNames];
        sources.extend(&elsewhere);
        for code in [false, true] {
            let number = |letter: &Letter| if code { letter.declared.map(u32::from) } else { Some(letter.glyph) };
            let numbers: Vec<u32> = letters.iter().filter_map(number).collect();
            let likeliest = |sources: &mut dyn Iterator<Item = Source>| {
                sources
                    .map(|source| (self.cost(index, source, &sample), source))
                    .min_by(|a, b| a.0.total_cmp(&b.0))
                    .map(|(_, source)| source)
            };
            // The letters of every language tell how far the numbers are shifted, then those of
            // Vietnamese where their block begins.
            let plain = |shift| Source::Order { shift, block: None, code };
            let Some(Source::Order { shift, .. }) = likeliest(&mut (-3..=3).map(plain)) else { continue };
            let block = |block| Source::Order { shift, block, code };
            let places = blocks(&numbers).into_iter().map(Some).chain([None]);
            sources.extend(likeliest(&mut places.map(block)));
        }
        let file = self.cost(index, Source::File, &sample);
        let mut best = (0.0, Source::File);
        for source in sources {
            // The order of glyphs is a guess: a few letters prove it only if another font has it.
            if matches!(source, Source::Order { .. }) && letters.len() < FEW && !elsewhere.contains(&source) {
                continue;
            }
            let program = &self.programs[index];
            let changed = letters.iter().filter(|letter| program.letter(source, **letter) != letter.declared).count();
            let better = file - self.cost(index, source, &sample);
            // A font that names its letters is left only for a reading that is clearly better.
            let needed = if named * 2 < letters.len() { 0.0 } else { MARGIN * changed as f32 };
            if better > needed && better > best.0 {
                best = (better, source);
            }
        }
        self.programs[index].source = best.1;
        self.programs[index].settled = true;
    }

    /// How surprising the words are, read with `source` for one of the fonts.
    fn cost(&self, index: usize, source: Source, words: &[&[Letter]]) -> f32 {
        let mut text = String::new();
        for word in words {
            for letter in *word {
                let read = match letter.program.map(|program| program as usize) {
                    Some(program) if program == index => self.programs[index].letter(source, *letter),
                    Some(program) => self.programs[program].letter(self.programs[program].source, *letter),
                    None => letter.declared.filter(|c| is_named(*c)),
                };
                text.push(read.unwrap_or('\u{fffd}'));
            }
            text.push(' ');
        }
        surprise(&text)
    }
}

/// Cuts what was seen into words: at gaps, and at glyphs that the file names a space.
fn words(survey: &[Letter]) -> Vec<&[Letter]> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, letter) in survey.iter().enumerate() {
        let space = letter.declared.is_some_and(char::is_whitespace);
        if space || letter.apart {
            if at > start {
                words.push(&survey[start..at]);
            }
            start = if space { at + 1 } else { at };
        }
    }
    if start < survey.len() {
        words.push(&survey[start..]);
    }
    words
}

/// Where the block of Vietnamese letters may begin, so that it holds most of the high glyph
/// numbers: the likeliest places.
fn blocks(numbers: &[u32]) -> Vec<i32> {
    let mut high: HashMap<i32, usize> = HashMap::new();
    for number in numbers.iter().filter(|number| **number >= BLOCKS.start as u32) {
        *high.entry(*number as i32).or_default() += 1;
    }
    let total: usize = high.values().sum();
    if total == 0 {
        return Vec::new();
    }
    let held = |block: i32| -> usize {
        high.iter()
            .filter(|(glyph, _)| ORDER.letters.iter().any(|run| (run.0..run.0 + run.2).contains(&(*glyph - block))))
            .map(|(_, count)| count)
            .sum()
    };
    let (mut low, mut top) = (i32::MAX, 0);
    for glyph in high.keys() {
        (low, top) = (low.min(*glyph), top.max(*glyph));
    }
    let mut places: Vec<(usize, i32)> = ((low - 100).max(BLOCKS.start)..(top + 60).min(BLOCKS.end))
        .map(|block| (held(block), block))
        .filter(|(held, _)| *held * 10 >= total * 8)
        .collect();
    places.sort_by_key(|(held, _)| std::cmp::Reverse(*held));
    places.truncate(24);
    places.into_iter().map(|(_, block)| block).collect()
}

/// Whether two names of a letter differ in nothing that matters: a space and a no-break space.
fn alike(own: char, declared: Option<char>) -> bool {
    let plain = |c: char| match c {
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => ' ',
        '\u{ad}' | '\u{2010}' | '\u{2011}' | '−' => '-',
        ';' | '\u{37e}' => ';',
        'Ð' => 'Đ',
        _ => c,
    };
    declared.is_some_and(|declared| plain(declared) == plain(own))
}

fn first(text: Option<&BfString>) -> Option<char> {
    match text? {
        BfString::Char(c) => Some(*c),
        BfString::String(text) => text.chars().next(),
    }
}

fn whole(text: BfString) -> String {
    match text {
        BfString::Char(c) => c.into(),
        BfString::String(text) => text,
    }
}
