//! A made-up world of documents that cite each other, with the truth known: provinces with
//! departments and schools under a central government, numbers that start anew each year, the same
//! number in every province, a few documents that everybody cites, and citations in all the
//! degrees of completeness and damage that real ones have.

#![allow(dead_code, reason = "tests and benches each use a part")]

use jiff::civil::{Date, date};
use std::collections::HashMap;

use vanban::document::{Digest, Format, Layer};
use vanban::parse::Relation;
use vanban::record::{
    CitationRecord, DeadlineRecord, Field, FileRecord, HeaderRecord, PageRecord, Record, SCHEMA_VERSION, TaskRecord,
};
use vanban::resolve::{Letterhead, Paper, Reference};
use vanban::text::Span;

/// What the world is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) documents: usize,
    /// Citations of a document, on average.
    pub(crate) citations: usize,
    /// Syllables of a text.
    pub(crate) syllables: usize,
    /// Share of documents that are in the store; the others are only cited.
    pub(crate) held: f64,
    pub(crate) seed: u64,
}

/// The made-up world.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) documents: Vec<Made>,
}

/// One document of the world.
pub(crate) struct Made {
    pub(crate) key: String,
    kind: &'static str,
    issuer: String,
    parent: String,
    place: String,
    pub(crate) date: Date,
    title: String,
    pub(crate) held: bool,
    pub(crate) cites: Vec<MadeCitation>,
}

/// One citation, and what it truly means.
pub(crate) struct MadeCitation {
    /// Index of the document that is meant.
    pub(crate) truth: usize,
    pub(crate) manner: Manner,
    reference: Reference,
}

/// How completely a citation says what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Manner {
    /// Number, date, full issuer.
    Full,
    /// Number, date, "UBND tỉnh".
    Relative,
    /// Number and date.
    Dated,
    /// Number alone.
    Bare,
    /// "Thông tư 24".
    Short,
    /// A digit of the number is wrong.
    BadNumber,
    /// A digit of the date is wrong.
    BadDate,
}

/// A generator of numbers that is the same everywhere (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In 0..1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// In 0..`limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.share() * limit as f64) as usize
    }

    /// In 0..`limit`, small numbers far likelier.
    fn skewed(&mut self, limit: usize) -> usize {
        let share = self.share();
        (share * share * share * limit as f64) as usize
    }
}

const PROVINCES: [&str; 24] = [
    "Thành phố Hồ Chí Minh",
    "Thành phố Hà Nội",
    "Tỉnh Nghệ An",
    "Tỉnh Lào Cai",
    "Thành phố Đà Nẵng",
    "Tỉnh Đồng Nai",
    "Tỉnh Bình Dương",
    "Thành phố Cần Thơ",
    "Tỉnh Đắk Lắk",
    "Tỉnh An Giang",
    "Tỉnh Gia Lai",
    "Tỉnh Cà Mau",
    "Tỉnh Sơn La",
    "Tỉnh Quảng Ninh",
    "Thành phố Hải Phòng",
    "Tỉnh Thái Nguyên",
    "Tỉnh Phú Thọ",
    "Tỉnh Bắc Ninh",
    "Tỉnh Lâm Đồng",
    "Tỉnh Đồng Tháp",
    "Tỉnh Vĩnh Long",
    "Tỉnh Tây Ninh",
    "Tỉnh Cao Bằng",
    "Tỉnh Điện Biên",
];
const OFFICES: [(&str, &str); 4] =
    [("Sở Giáo dục và Đào tạo", "SGDĐT"), ("Sở Tài chính", "STC"), ("Sở Y tế", "SYT"), ("Sở Nội vụ", "SNV")];
const KINDS: [(&str, &str); 4] = [("Kế hoạch", "KH"), ("Quyết định", "QĐ"), ("Báo cáo", "BC"), ("Hướng dẫn", "HD")];
const CENTRAL: [(&str, &str, &str); 4] = [
    ("Nghị định", "NĐ-CP", "Chính phủ"),
    ("Thông tư", "TT-BGDĐT", "Bộ Giáo dục và Đào tạo"),
    ("Thông tư", "TT-BTC", "Bộ Tài chính"),
    ("Quyết định", "QĐ-TTg", "Thủ tướng Chính phủ"),
];
const SCHOOLS: [(&str, &str); 6] = [
    ("Trường THPT Lê Trọng Tấn", "THPTLTT"),
    ("Trường THPT Lý Tự Trọng", "THPTLTT"),
    ("Trường THPT Nguyễn Trãi", "THPTNT"),
    ("Trường THCS Kim Đồng", "THCSKĐ"),
    ("Trường THPT Nguyễn Thị Minh Khai", "THPTNTMK"),
    ("Trường THPT Ngô Thì Nhậm", "THPTNTN"),
];
const RELATIONS: [Relation; 5] =
    [Relation::BasedOn, Relation::Implements, Relation::RefersTo, Relation::Replaces, Relation::Amends];

impl World {
    pub(crate) fn make(plan: Plan) -> Self {
        let mut dice = Dice::new(plan.seed);
        let mut numbers: HashMap<(String, String, i16), u32> = HashMap::new();
        let mut documents: Vec<Made> = Vec::with_capacity(plan.documents);
        let mut central: Vec<usize> = Vec::new();
        let mut of_place: HashMap<usize, Vec<usize>> = HashMap::new();
        let first = date(2016, 1, 4);
        for index in 0..plan.documents {
            let day = (index as f64 / plan.documents as f64 * 3600.0) as i32;
            let on = first.checked_add(jiff::Span::new().days(day)).unwrap_or(first);
            let place = dice.skewed(PROVINCES.len());
            let level = dice.share();
            let mut made = make_document(&mut dice, place, if index < 20 { 0.0 } else { level }, on, &mut numbers);
            made.held = dice.share() < plan.held;
            let wanted = dice.below(plan.citations * 2 + 1);
            for _ in 0..wanted {
                let own = of_place.get(&place).map_or(&[][..], Vec::as_slice);
                let truth = if level >= 0.03 && !own.is_empty() && dice.share() < 0.6 {
                    own[own.len() - 1 - dice.skewed(own.len())]
                } else if central.is_empty() {
                    continue;
                } else {
                    central[dice.skewed(central.len())]
                };
                if made.cites.iter().any(|cited| cited.truth == truth) {
                    continue;
                }
                let citation = make_citation(&mut dice, truth, &documents[truth], &made);
                made.cites.push(citation);
            }
            if level < 0.03 || index < 20 {
                central.push(index);
            } else {
                of_place.entry(place).or_default().push(index);
            }
            documents.push(made);
        }
        Self { plan, documents }
    }

    /// What resolution is given: the held documents.
    pub(crate) fn papers(&self) -> Vec<Paper> {
        self.held().map(|(index, made)| made.paper(index)).collect()
    }

    /// Every document as if all were held and cited nothing: their true keys.
    pub(crate) fn all_alone(&self) -> Vec<Paper> {
        let alone = |(index, made): (usize, &Made)| Paper { references: Vec::new(), ..made.paper(index) };
        self.documents.iter().enumerate().map(alone).collect()
    }

    pub(crate) fn held(&self) -> impl Iterator<Item = (usize, &Made)> {
        self.documents.iter().enumerate().filter(|(_, made)| made.held)
    }

    /// The whole record of one document, its text made on the way.
    pub(crate) fn record(&self, index: usize) -> Record {
        self.documents[index].record(index, self.plan)
    }
}

fn make_document(
    dice: &mut Dice,
    place: usize,
    level: f64,
    on: Date,
    numbers: &mut HashMap<(String, String, i16), u32>,
) -> Made {
    let province = PROVINCES[place];
    let (kind, code) = KINDS[dice.skewed(KINDS.len())];
    let (kind, symbol, issuer, parent, year) = if level < 0.03 {
        let (kind, symbol, issuer) = CENTRAL[dice.below(CENTRAL.len())];
        (kind, symbol.to_owned(), issuer.to_owned(), String::new(), true)
    } else if level < 0.35 {
        (kind, format!("{code}-UBND"), format!("Ủy ban nhân dân {}", lower(province)), String::new(), false)
    } else if level < 0.7 {
        let (office, short) = OFFICES[dice.below(OFFICES.len())];
        (kind, format!("{code}-{short}"), format!("{office} {}", lower(province)), String::new(), false)
    } else {
        let (school, short) = SCHOOLS[dice.below(SCHOOLS.len())];
        let parent = format!("Sở Giáo dục và Đào tạo {}", lower(province));
        (kind, format!("{code}-{short}"), school.to_owned(), parent, false)
    };
    let series = numbers.entry((symbol.clone(), format!("{issuer}{parent}"), on.year())).or_default();
    *series += 1 + (dice.next() % 3) as u32;
    let key = if year { format!("{series}/{}/{symbol}", on.year()) } else { format!("{series}/{symbol}") };
    let place = if level < 0.03 { "Hà Nội".to_owned() } else { province.replace("Tỉnh ", "") };
    let title = title(dice);
    Made { key, kind, issuer, parent, place, date: on, title, held: true, cites: Vec::new() }
}

fn make_citation(dice: &mut Dice, truth: usize, target: &Made, citing: &Made) -> MadeCitation {
    let roll = dice.share();
    let yeared = target.key.matches('/').count() == 2;
    let manner = match roll {
        _ if roll < 0.55 => Manner::Full,
        _ if roll < 0.70 => Manner::Relative,
        _ if roll < 0.80 => Manner::Dated,
        _ if roll < 0.94 => Manner::Bare,
        _ if roll < 0.97 && yeared => Manner::Short,
        _ if roll < 0.98 => Manner::BadNumber,
        _ if roll < 0.99 => Manner::BadDate,
        _ => Manner::Full,
    };
    let mut reference = Reference {
        key: Some(target.key.clone()),
        kind: Some(target.kind.to_owned()),
        date: Some(target.date),
        issuer: Some(if target.parent.is_empty() {
            target.issuer.clone()
        } else {
            format!("{} {}", target.issuer, target.parent.replace("Sở Giáo dục và Đào tạo ", ""))
        }),
        title: (dice.share() < 0.6).then(|| target.title.clone()),
        name: None,
    };
    let same_place = target.place == citing.place;
    match manner {
        Manner::Full => {}
        Manner::Relative if same_place && target.issuer.starts_with("Ủy ban") => {
            let city = target.issuer.contains("thành phố");
            reference.issuer = Some(if city { "UBND Thành phố" } else { "UBND tỉnh" }.into());
        }
        Manner::Relative => reference.issuer = Some(target.issuer.split(" tỉnh ").next().unwrap_or_default().into()),
        Manner::Dated => reference.issuer = None,
        Manner::Bare | Manner::Short => {
            (reference.issuer, reference.date) = (None, None);
            if manner == Manner::Short {
                let number = target.key.split('/').next().unwrap_or_default();
                reference.name = Some(format!("{} {number}", target.kind));
                reference.key = Some(number.to_owned());
                reference.title = None;
            }
        }
        Manner::BadNumber => {
            let (number, rest) = target.key.split_once('/').unwrap_or_default();
            let at = dice.below(number.len());
            let digit = number.as_bytes()[at] - b'0';
            let other = char::from(b'1' + (digit + dice.below(8) as u8) % 9);
            reference.key = Some(format!("{}{other}{}/{rest}", &number[..at], &number[at + 1..]));
        }
        Manner::BadDate => {
            let day = target.date.day();
            let other = if day % 10 == 8 {
                day - 5
            } else if day <= 20 {
                day + 8
            } else {
                day - 10
            };
            reference.date = target.date.with().day(other).build().ok();
        }
    }
    MadeCitation { truth, manner, reference }
}

impl Made {
    fn head(&self) -> Letterhead {
        Letterhead {
            key: Some(self.key.clone()),
            kind: Some(self.kind.to_owned()),
            issuer: Some(self.issuer.clone()),
            parent: (!self.parent.is_empty()).then(|| self.parent.clone()),
            place: Some(self.place.clone()),
            date: Some(self.date),
            subject: Some(self.title.clone()),
        }
    }

    fn paper(&self, index: usize) -> Paper {
        Paper {
            digest: Digest::of(&index.to_le_bytes()),
            head: self.head(),
            references: self.cites.iter().map(|cited| cited.reference.clone()).collect(),
        }
    }

    fn record(&self, index: usize, plan: Plan) -> Record {
        let mut dice = Dice::new(plan.seed ^ index as u64);
        let mut text = format!(
            "{}\nSố: {}\n{}, ngày {}\n{}\n{}\n",
            self.issuer, self.key, self.place, self.date, self.kind, self.title
        );
        let mut citations = Vec::with_capacity(self.cites.len());
        for (order, cited) in self.cites.iter().enumerate() {
            let reference = &cited.reference;
            let words = format!(
                "{} số {} ngày {} của {}",
                reference.kind.as_deref().unwrap_or_default(),
                reference.key.as_deref().unwrap_or_default(),
                reference.date.map(|date| date.to_string()).unwrap_or_default(),
                reference.issuer.as_deref().unwrap_or_default()
            );
            text.push_str("Căn cứ ");
            let start = text.len();
            text.push_str(&words);
            let span = Span::at(start, text.len());
            text.push_str(" về ");
            text.push_str(reference.title.as_deref().unwrap_or("một số việc"));
            text.push_str(";\n");
            let some = |value: &Option<String>| value.clone().map(|value| field(value, span));
            citations.push(CitationRecord {
                key: some(&reference.key),
                name: some(&reference.name),
                title: some(&reference.title),
                kind: some(&reference.kind),
                date: reference.date.map(|date| field(date, span)),
                issuer: some(&reference.issuer),
                relation: field(RELATIONS[(index + order) % 40 % RELATIONS.len() * usize::from(order > 2)], span),
                locator: None,
                mentions: vec![field(words, span)],
            });
        }
        text.push_str(&words(&mut dice, plan.syllables));
        let span = Span::new(0, 10);
        let tasks = (0..index % 4)
            .map(|order| TaskRecord {
                text: field(words(&mut dice, 8), span),
                lead: vec![field(OFFICES[order % 4].0.to_owned(), span)],
                coordinate: vec![field(SCHOOLS[order].0.to_owned(), span)],
                people: Vec::new(),
                product: None,
                budget: None,
                deadline: Some(DeadlineRecord {
                    kind: field(vanban::parse::DeadlineKind::Interval, span),
                    start: Some(field(self.date, span)),
                    end: self
                        .date
                        .checked_add(jiff::Span::new().days(30 * i64::from(order as u32)))
                        .ok()
                        .map(|date| field(date, span)),
                    text: field("Quý IV năm 2024".into(), span),
                    inclusive: true,
                    tentative: false,
                    recurrence: None,
                    anchor: None,
                    edtf: None,
                    computed: None,
                }),
            })
            .collect();
        let some = |value: &str| (!value.is_empty()).then(|| field(value.to_owned(), span));
        Record {
            header: HeaderRecord {
                key: some(&self.key),
                kind: some(self.kind),
                issuer: some(&self.issuer),
                parent: some(&self.parent),
                place: some(&self.place),
                date: Some(field(self.date, span)),
                subject: some(&self.title),
                ..HeaderRecord::default()
            },
            citations,
            tasks,
            ..blank(Digest::of(&index.to_le_bytes()), text)
        }
    }
}

/// The record of a text of one page in which nothing was found.
pub(crate) fn blank(digest: Digest, text: String) -> Record {
    Record {
        schema_version: SCHEMA_VERSION.into(),
        file: FileRecord {
            digest,
            format: Format::Txt,
            pages: vec![PageRecord { size: None, layer: Layer::Native, judged: None }],
            within: None,
            signatures: Vec::new(),
        },
        header: HeaderRecord::default(),
        outline: Vec::new(),
        citations: Vec::new(),
        tasks: Vec::new(),
        declared: Vec::new(),
        tables: Vec::new(),
        back_references: Vec::new(),
        attached: Vec::new(),
        text,
        edits: Vec::new(),
        notes: Vec::new(),
    }
}

/// A field of page 1, read with a confidence of 0.9.
pub(crate) fn field<T>(value: T, span: Span) -> Field<T> {
    Field {
        value,
        raw: String::new(),
        span,
        page: 1,
        bbox: None,
        confidence: 0.9,
        rule: "cite.number".into(),
        rivals: Vec::new(),
        written: None,
    }
}

fn lower(province: &str) -> String {
    province.replace("Thành phố", "thành phố").replace("Tỉnh", "tỉnh")
}

/// A subject: half of it words that most subjects have.
fn title(dice: &mut Dice) -> String {
    let special: Vec<String> = (0..6).map(|_| syllable(dice.below(480))).collect();
    format!("về việc triển khai thực hiện {}", special.join(" "))
}

/// Syllables, common ones far likelier.
fn words(dice: &mut Dice, count: usize) -> String {
    let mut out = String::with_capacity(count * 7);
    for index in 0..count {
        if index > 0 {
            out.push(if index % 14 == 0 { '\n' } else { ' ' });
        }
        out.push_str(&syllable(dice.skewed(480)));
    }
    out
}

/// One of 480 syllables.
fn syllable(pick: usize) -> String {
    const ONSETS: [&str; 20] =
        ["th", "ch", "tr", "nh", "kh", "ph", "ng", "b", "c", "d", "đ", "h", "l", "m", "n", "s", "t", "v", "x", "g"];
    const RIMES: [&str; 24] = [
        "ực", "iện", "ội", "ương", "ành", "ố", "ông", "àn", "oạt", "uyên", "áo", "ục", "ạch", "inh", "ơ", "ân", "ước",
        "ai", "ều", "ảo", "ấp", "ên", "ộng", "ường",
    ];
    format!("{}{}", ONSETS[pick % ONSETS.len()], RIMES[pick / ONSETS.len()])
}
