//! The words that name an issuer, brought to where it sits and which body it is.
//!
//! "UBND TP.HCM", "Ủy ban nhân dân Thành phố Hồ Chí Minh" and, in a document of that city, "Ủy ban
//! nhân dân Thành phố" are one body. Nothing is looked up in a list of all bodies, since none
//! exists; the words are folded, abbreviations and heads (`Giám đốc Sở …`) are read as the body by
//! a table, and the place is cut off. What the words leave open stays open: see [`Seat`].

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::facts::{Facts, table};
use crate::vi::fold::fold;

/// Where an issuer sits. The names are slugs: folded words joined by hyphens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Not said.
    #[default]
    Unknown,
    /// A body of the whole state or the party's centre.
    National,
    /// A province or centrally run city, by its name without the word for its rank: `ho-chi-minh`.
    Province(String),
}

impl Scope {
    /// The form in which it is stored: a province's slug, `vn` for the whole state.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Unknown => None,
            Self::National => Some("vn"),
            Self::Province(slug) => Some(slug),
        }
    }

    /// Undoes [`Scope::as_text`].
    pub fn from_text(text: Option<String>) -> Self {
        match text {
            None => Self::Unknown,
            Some(text) if text == "vn" => Self::National,
            Some(slug) => Self::Province(slug),
        }
    }
}

/// What the words say of an issuer: the place it sits in and the body below that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// The province, or that there is none.
    pub scope: Scope,
    /// Whether `scope` was said by the words, if only as "Thành phố" or "tỉnh" in a document of
    /// that province, rather than taken over from the citing document.
    pub said: bool,
    /// The unit below the province: `quan-tan-phu`. `Some("")` for the province's own level; none
    /// where the words do not say.
    pub local: Option<String>,
    /// The body without its place, folded: `so giao duc va dao tao`. Empty where no issuer is named.
    pub body: String,
}

/// The words of [`normal`] that stand for levels below the province.
const LOCAL_UNITS: [&str; 8] = ["quan", "huyen", "phuong", "xa", "thi xa", "thi tran", "dac khu", "thanh pho"];

/// Words and what they are read as.
type Rewrite = (Vec<String>, Vec<String>);

struct Rules {
    /// Word sequences and what they are read as, by first word; longest first.
    rewrites: HashMap<String, Vec<Rewrite>>,
    /// Words of a province's name, its slug, whether it is a city; longest first.
    provinces: Vec<(Vec<String>, String, bool)>,
    /// Folded names of national bodies.
    national: Vec<String>,
    shared_codes: Vec<String>,
    /// First words of bodies, and where such a body sits if nothing says so; the longest first.
    seats: Vec<(String, Belongs)>,
}

/// Where a body sits whose words name no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belongs {
    /// In the province of the citing document.
    Here,
    /// In no province: it is one of the whole state.
    ToTheState,
    /// That is not known.
    Anywhere,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    Rules::read().unwrap_or_else(|error| unreachable!("a compiled-in table is checked by a test: {error}"))
});

impl Rules {
    fn read() -> Result<Self> {
        let facts = Facts::builtin();
        let mut rewrites: HashMap<String, Vec<Rewrite>> = HashMap::new();
        let mut spellings = Vec::new();
        let mut shared_codes = Vec::new();
        let mut seats = Vec::new();
        for row in table("issuers.tsv", include_str!("../../dictionaries/issuers.tsv"), 3)? {
            let (from, to) = (words(row.cells[1]), words(row.cells[2]));
            let Some(first) = from.first().cloned() else { return Err(row.error("nothing to read".into())) };
            match row.cells[0] {
                "abbreviation" | "head" => rewrites.entry(first).or_default().push((from, to)),
                "place" => spellings.push((from, to)),
                "shared_code" => shared_codes.push(from.concat()),
                "central" => seats.push((from.join(" "), Belongs::ToTheState)),
                "local" => seats.push((from.join(" "), Belongs::Here)),
                "anywhere" => seats.push((from.join(" "), Belongs::Anywhere)),
                other => return Err(row.error(format!("unknown kind `{other}`"))),
            }
        }
        for list in rewrites.values_mut() {
            list.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        }
        seats.sort_by_key(|(opening, _)| std::cmp::Reverse(opening.len()));
        let mut provinces: Vec<(Vec<String>, String, bool)> = Vec::new();
        for name in &facts.provinces {
            let all = words(name);
            let (city, name) = match all.first().map(String::as_str) {
                Some("tinh") => (false, all[1..].to_vec()),
                _ => (true, all[2.min(all.len())..].to_vec()),
            };
            let slug = name.join("-");
            match provinces.iter_mut().find(|known| known.0 == name) {
                Some(known) => known.2 |= city,
                None => provinces.push((name, slug, city)),
            }
        }
        for (from, to) in spellings {
            if let Some((_, slug, city)) = provinces.iter().find(|known| known.0 == to).cloned() {
                provinces.push((from, slug, city));
            }
        }
        provinces.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        let national = facts
            .agencies
            .iter()
            .filter(|agency| agency.level == "TW")
            .map(|agency| words(agency.name.split(['(', '/']).next().unwrap_or_default()).join(" "))
            .filter(|name| name.contains(' '))
            .collect();
        Ok(Self { rewrites, provinces, national, shared_codes, seats })
    }
}

/// Whether bodies below the ministries use this code too, so that it does not prove a national one.
pub(super) fn is_shared_code(folded: &str) -> bool {
    RULES.shared_codes.iter().any(|code| code == folded)
}

/// Where a body with this name, in comparison form, sits if its words name no place.
fn belongs(body: &str) -> Belongs {
    let opens = |opening: &str| body.strip_prefix(opening).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    RULES.seats.iter().find(|(opening, _)| opens(opening)).map_or(Belongs::Here, |(_, belongs)| *belongs)
}

/// Folded words; `&` and every other sign parts words.
fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The comparison form of the name of a body or unit: folded, abbreviations written out, a head
/// read as the body.
///
/// ```
/// use vanban::resolve::issuer::normal;
/// assert_eq!(normal("Giám đốc Sở GD&ĐT TP.HCM"), normal("Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh"));
/// ```
pub fn normal(name: &str) -> String {
    rewrite(words(name)).join(" ")
}

/// Applies the table from the left until nothing changes, in three passes at most, so that no
/// table can make it run for ever.
fn rewrite(mut words: Vec<String>) -> Vec<String> {
    for _ in 0..3 {
        let mut out: Vec<String> = Vec::with_capacity(words.len() + 4);
        let mut changed = false;
        let mut at = 0;
        while at < words.len() {
            let rule = RULES
                .rewrites
                .get(&words[at])
                .and_then(|list| list.iter().find(|(from, _)| words[at..].starts_with(from)));
            if let Some((from, to)) = rule {
                out.extend(to.iter().cloned());
                at += from.len();
                changed = true;
            } else {
                out.push(words[at].clone());
                at += 1;
            }
        }
        words = out;
        if !changed {
            break;
        }
    }
    words
}

/// Reads the name of an issuer. `home` is the seat of the document in which it stands, for "Ủy ban
/// nhân dân tỉnh" and names without a place.
pub fn read_seat(name: &str, home: &Seat) -> Seat {
    let words = rewrite(words(name));
    if words.is_empty() {
        return Seat::default();
    }
    let rules = &*RULES;
    let mut body = words.clone();
    let mut seat = Seat::default();
    if let Some((start, end, slug, city)) = find_province(&words) {
        seat.scope = Scope::Province(slug);
        seat.said = true;
        let ranked = match start {
            1.. if words[start - 1] == "tinh" => Some((1, false)),
            2.. if words[start - 2..start] == ["thanh", "pho"] => Some((2, true)),
            _ => None,
        };
        match ranked {
            // "thành phố Cao Bằng" is a town of the province of that name.
            Some((_, true)) if !city => seat.local = Some(format!("thanh-pho-{}", words[start..end].join("-"))),
            Some(_) => seat.local = Some(String::new()),
            None => {}
        }
        let cut = start - ranked.map_or(0, |(length, _)| length);
        // "Trường THPT Lạng Sơn": without its rank the province may be part of the name.
        if ranked.is_some() {
            body.drain(cut..end);
        } else if body.len() > 2 && is_known_kind(&body[..cut]) {
            body.drain(cut..end);
            seat.local = Some(String::new());
        }
    } else if body.last().is_some_and(|last| last == "tinh") {
        body.pop();
        seat.local = Some(String::new());
        if let Scope::Province(slug) = &home.scope
            && (!is_city(slug) || has_been_province(slug))
        {
            seat.scope = home.scope.clone();
            seat.said = true;
        }
    } else if body.len() > 2 && body.ends_with(&["thanh".to_owned(), "pho".to_owned()]) {
        body.truncate(body.len() - 2);
        if let Scope::Province(slug) = &home.scope {
            seat.scope = home.scope.clone();
            if is_city(slug) {
                seat.said = true;
                seat.local = Some(String::new());
            } else {
                seat.local = home.local.clone().filter(|local| local.starts_with("thanh-pho"));
            }
        }
    }
    if let Some((start, local)) = find_local(&body, home) {
        body.truncate(start);
        seat.local = local;
    }
    let text = body.join(" ");
    let national = seat.scope == Scope::Unknown
        && (text.contains("trung uong")
            || text.ends_with("viet nam")
            || belongs(&text) == Belongs::ToTheState
            || rules.national.iter().any(|name| contains_words(&text, name)));
    if national {
        seat.scope = Scope::National;
        seat.said = true;
        seat.local = Some(String::new());
    } else if seat.scope == Scope::Unknown
        && belongs(&text) == Belongs::Here
        && let Scope::Province(_) = home.scope
    {
        seat.scope = home.scope.clone();
    }
    seat.body = text;
    seat
}

/// The seat of a document itself, from its letterhead: the issuer's words first, then the parent's,
/// then the place line.
pub fn read_home(issuer: Option<&str>, parent: Option<&str>, place: Option<&str>) -> Seat {
    let nowhere = Seat::default();
    let mut seat = issuer.map_or_else(Seat::default, |name| read_seat(name, &nowhere));
    if seat.scope == Scope::National {
        return seat;
    }
    let mut borrow = |name: &str| {
        let other = read_seat(name, &nowhere);
        if seat.scope == Scope::Unknown && other.scope != Scope::Unknown {
            seat.scope = other.scope;
            seat.said = true;
        }
        if seat.local.as_deref().is_none_or(str::is_empty) && other.local.as_deref().is_some_and(|l| !l.is_empty()) {
            seat.local = other.local;
        }
    };
    if let Some(parent) = parent {
        borrow(parent);
    }
    // Hà Nội on the place line is where ministries sit; a body that is not national by its words
    // and sits there belongs to the city.
    if let Some(place) = place {
        borrow(place);
    }
    if seat.local.is_none() && seat.scope != Scope::Unknown && !seat.body.is_empty() {
        seat.local = Some(String::new());
    }
    seat
}

/// The last province named: word range, slug, whether it is a centrally run city.
fn find_province(words: &[String]) -> Option<(usize, usize, String, bool)> {
    let mut best: Option<(usize, usize, &str, bool)> = None;
    for (name, slug, city) in &RULES.provinces {
        for start in (0..words.len()).rev() {
            if !words[start..].starts_with(name) {
                continue;
            }
            let end = start + name.len();
            let ranked = start >= 1 && words[start - 1] == "tinh"
                || start >= 2 && words[start - 2..start] == ["thanh".to_owned(), "pho".to_owned()];
            // In the middle of a name, only with its rank before it.
            if (ranked || end == words.len()) && best.is_none_or(|(_, known, ..)| end > known) {
                best = Some((start, end, slug, *city));
            }
        }
    }
    best.map(|(start, end, slug, city)| (start, end, slug.to_owned(), city))
}

/// The unit below the province at the end of a body's name: where it starts, and its slug. A bare
/// "quận" is the citing document's own.
fn find_local(body: &[String], home: &Seat) -> Option<(usize, Option<String>)> {
    for start in (1..body.len()).rev() {
        for unit in LOCAL_UNITS {
            let unit: Vec<String> = unit.split(' ').map(str::to_owned).collect();
            if !body[start..].starts_with(&unit) {
                continue;
            }
            // "Bảo hiểm xã hội", "Thị trấn" inside a longer name, "Đoàn xã": not a place.
            let rest = &body[start + unit.len()..];
            if rest.is_empty() {
                if !is_known_kind(&body[..start]) {
                    return None;
                }
                let prefix = unit.join("-");
                return Some((start, home.local.clone().filter(|local| local.starts_with(&prefix))));
            }
            let known = is_known_kind(&body[..start]);
            if known && rest.len() <= 4 && rest[0] != "hoi" {
                return Some((start, Some(body[start..].join("-"))));
            }
        }
    }
    None
}

/// Whether these words are a kind of body that exists in many places, so that what follows is
/// where.
fn is_known_kind(body: &[String]) -> bool {
    const KINDS: [&str; 20] = [
        "uy ban nhan dan",
        "hoi dong nhan dan",
        "so ",
        "phong ",
        "van phong",
        "hoi khuyen hoc",
        "cong an",
        "ban chi huy quan su",
        "bo chi huy quan su",
        "chi cuc",
        "cuc thue",
        "kho bac",
        "bao hiem xa hoi",
        "lien doan lao dong",
        "mat tran",
        "uy ban mat tran",
        "hoi ",
        "dang uy",
        "ban ",
        "thanh tra",
    ];
    let text = body.join(" ");
    KINDS.iter().any(|kind| text.starts_with(kind.trim_end()))
}

fn is_city(slug: &str) -> bool {
    RULES.provinces.iter().any(|(_, known, city)| known == slug && *city)
}

/// Whether "tỉnh" may mean this city: those that took in provinces, or were one.
fn has_been_province(slug: &str) -> bool {
    let name = slug.replace('-', " ");
    Facts::builtin().provinces.iter().any(|province| fold(province) == format!("tinh {name}"))
}

/// Whether `name` stands in `text` as whole words.
fn contains_words(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        (at == 0 || text.as_bytes()[at - 1] == b' ')
            && text.as_bytes().get(at + name.len()).is_none_or(|next| *next == b' ')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city() -> Seat {
        read_home(
            Some("Trường THPT Lê Trọng Tấn"),
            Some("Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh"),
            Some("Thành phố Hồ Chí Minh"),
        )
    }

    /// Words; scope (`*` national, `?` unknown), said, local (`?` unknown), body.
    #[test]
    fn reads_issuers_in_a_document_of_the_city() {
        for (text, scope, said, local, body) in [
            ("Ủy ban nhân dân Thành phố", "ho-chi-minh", true, "", "uy ban nhan dan"),
            ("UBND Thành phố", "ho-chi-minh", true, "", "uy ban nhan dan"),
            ("UBND TP.HCM", "ho-chi-minh", true, "", "uy ban nhan dan"),
            ("Ủy ban nhân dân Thành phố Hồ Chí Minh", "ho-chi-minh", true, "", "uy ban nhan dan"),
            ("Chủ tịch UBND thành phố Hà Nội", "ha-noi", true, "", "uy ban nhan dan"),
            ("UBND tỉnh Lào Cai", "lao-cai", true, "", "uy ban nhan dan"),
            ("UBND tỉnh Thừa Thiên Huế", "hue", true, "", "uy ban nhan dan"),
            ("UBND Quận Tân Phú", "ho-chi-minh", false, "quan-tan-phu", "uy ban nhan dan"),
            ("UBND thành phố Cao Bằng", "cao-bang", true, "thanh-pho-cao-bang", "uy ban nhan dan"),
            ("Sở Giáo dục và đào tạo", "ho-chi-minh", false, "?", "so giao duc va dao tao"),
            ("Sở Công Thương Lào Cai", "lao-cai", true, "", "so cong thuong"),
            ("Ủy ban nhân dân", "ho-chi-minh", false, "?", "uy ban nhan dan"),
            ("Hội Khuyến học Thành phố Hồ Chí Minh", "ho-chi-minh", true, "", "hoi khuyen hoc"),
            ("Bộ trưởng Bộ Giáo dục và Đào tạo", "*", true, "", "bo giao duc va dao tao"),
            ("Thủ tướng Chính phủ", "*", true, "", "thu tuong chinh phu"),
            ("Cục Đường bộ Việt Nam", "*", true, "", "cuc duong bo viet nam"),
            ("Bảo hiểm xã hội Thành phố", "ho-chi-minh", true, "", "bao hiem xa hoi"),
            ("Cục Nhà giáo", "*", true, "", "cuc nha giao"),
            ("Cục trưởng Cục Quản lý Khám, chữa bệnh", "*", true, "", "cuc quan ly kham chua benh"),
            ("Cục Thuế", "ho-chi-minh", false, "?", "cuc thue"),
            ("Cục Thuế tỉnh Lào Cai", "lao-cai", true, "", "cuc thue"),
            ("Cục Quản lý thị trường Thành phố Hà Nội", "ha-noi", true, "", "cuc quan ly thi truong"),
            ("Công ty TNHH Hoa Sen", "?", false, "?", "cong ty tnhh hoa sen"),
            ("Tập đoàn Hoa Sen", "?", false, "?", "tap doan hoa sen"),
        ] {
            let seat = read_seat(text, &city());
            let scope = match scope {
                "*" => Scope::National,
                "?" => Scope::Unknown,
                name => Scope::Province(name.into()),
            };
            let local = (local != "?").then(|| local.to_owned());
            assert_eq!(seat, Seat { scope, said, local, body: body.into() }, "{text}");
        }
    }

    #[test]
    fn a_ministry_lends_no_province() {
        let home = read_home(Some("Bộ Nội vụ"), None, Some("Hà Nội"));
        assert_eq!(home.scope, Scope::National);
        assert_eq!(read_seat("UBND thành phố", &home).scope, Scope::Unknown);
    }

    #[test]
    fn a_province_is_not_the_city_of_the_citing_document() {
        let home = read_home(Some("Ủy ban nhân dân tỉnh Lào Cai"), None, Some("Lào Cai"));
        assert_eq!(home.scope, Scope::Province("lao-cai".into()));
        let seat = read_seat("UBND Thành phố", &home);
        assert_eq!((seat.said, seat.local), (false, None));
        assert!(read_seat("UBND tỉnh", &home).said);
        assert_eq!(read_seat("UBND tỉnh", &city()).scope, Scope::Province("ho-chi-minh".into()));
        assert!(!read_seat("UBND tỉnh", &city()).said);
    }
}
