//! What a document says of itself and of those it cites, in the terms of identity.
//!
//! A [`Claim`] holds everything about one document or one citation that decides which node it
//! belongs to, and nothing else; it depends on the one document in which it stands only. Claims of
//! one [`block`](Claim::block) are the ones that can mean the same document, so a block can be
//! resolved without looking at the rest of the store.

use jiff::civil::Date;

use crate::document::Digest;
use crate::facts::Facts;
use crate::key::DocNumber;

use super::issuer::{Scope, Seat, read_home, read_seat};
use super::number::{CodeSays, Series, plain_number, printed, read_series, slug};

/// The letterhead of a document, as far as identity needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// Number and symbol: `441/KH-THPTLTT`.
    pub key: Option<String>,
    /// Type: `Kế hoạch`.
    pub kind: Option<String>,
    /// Issuing body.
    pub issuer: Option<String>,
    /// The body above it.
    pub parent: Option<String>,
    /// The place on the date line.
    pub place: Option<String>,
    /// Day of issue.
    pub date: Option<Date>,
    /// Subject (trích yếu).
    pub subject: Option<String>,
}

/// One cited document, as the citing one words it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// Number and symbol, or the bare number of a short reference.
    pub key: Option<String>,
    /// Name of a law, or the words of a short reference.
    pub name: Option<String>,
    /// Type.
    pub kind: Option<String>,
    /// Day of issue.
    pub date: Option<Date>,
    /// Who issued it, as printed.
    pub issuer: Option<String>,
    /// Its title.
    pub title: Option<String>,
}

/// How a claim names its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Naming {
    /// By number and symbol.
    Numbered,
    /// By the name of a law.
    Law,
    /// By type and bare number ("Thông tư 24"), by a title only, or not at all: it means
    /// something within its own document only.
    Local,
}

/// What is said about one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Claims that can mean the same document share this: `kh-ubnd/1927`,
    /// `luat:luat-ngan-sach-nha-nuoc`, `?tt/24` for a short reference.
    pub block: String,
    /// How the document is named.
    pub naming: Naming,
    /// Number and symbol, or the name, as printed.
    pub printed: String,
    /// The number without leading zeros; empty for a name.
    pub number: String,
    /// Folded letters of the symbol; empty for a name or a bare number.
    pub letters: String,
    /// Folded code of the type.
    pub class: Option<String>,
    /// Year of issue, from the number or the date.
    pub year: Option<i16>,
    /// Day of issue.
    pub date: Option<Date>,
    /// Where the issuer sits.
    pub scope: Scope,
    /// Whether the words say `scope`, or the citing document lends it.
    pub said: bool,
    /// The body within `scope`: empty for the one body there is by the symbol, a slug for one of
    /// many, none where it is not known.
    pub unit: Option<String>,
    /// Type as printed.
    pub kind: Option<String>,
    /// Issuer as printed.
    pub issuer: Option<String>,
    /// Subject or title.
    pub title: Option<String>,
}

impl Claim {
    /// Whether the claim says all that identity asks for: number, symbol, year, and whose it is.
    pub fn is_complete(&self) -> bool {
        self.year.is_some() && self.scope != Scope::Unknown && self.unit.is_some()
    }
}

/// What one document claims: itself, then each citation in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The document itself.
    pub own: Claim,
    /// One for each reference.
    pub cited: Vec<Claim>,
    /// For each reference, the one that it is short for: its claim is that one's.
    pub antecedents: Vec<Option<usize>>,
}

/// The part of a claim that cannot be read again from the words alone, since it depends on the
/// document around them. A store keeps it beside the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// [`Claim::block`].
    pub block: String,
    /// [`Claim::year`].
    pub year: Option<i16>,
    /// [`Claim::scope`] as [`Scope::as_text`] writes it.
    pub scope: Option<String>,
    /// [`Claim::said`].
    pub said: bool,
    /// [`Claim::unit`].
    pub unit: Option<String>,
}

/// Puts the claim of a document about itself together again.
pub fn restore_own(head: &Letterhead, kept: Kept) -> Claim {
    let reference = Reference {
        key: head.key.clone(),
        name: head.subject.clone(),
        kind: head.kind.clone(),
        date: head.date,
        issuer: head.issuer.clone(),
        title: head.subject.clone(),
    };
    restore_cited(&reference, kept)
}

/// Puts the claim of a citation together again.
pub fn restore_cited(reference: &Reference, kept: Kept) -> Claim {
    let number = reference.key.as_deref().and_then(DocNumber::parse);
    let naming = match kept.block.as_bytes() {
        [b'?' | b'~', ..] => Naming::Local,
        block if block.starts_with(b"luat:") => Naming::Law,
        _ => Naming::Numbered,
    };
    let mut claim = Claim {
        naming,
        printed: String::new(),
        number: number.as_ref().map(|number| plain_number(number.number())).unwrap_or_default(),
        letters: String::new(),
        class: kind_class(reference.kind.as_deref()),
        year: kept.year,
        date: reference.date,
        scope: Scope::from_text(kept.scope),
        said: kept.said,
        unit: kept.unit,
        kind: reference.kind.clone(),
        issuer: reference.issuer.clone(),
        title: reference.title.clone(),
        block: kept.block,
    };
    let series = number.as_ref().and_then(|number| read_series(number, reference.kind.as_deref()));
    let printed = number.as_ref().map(|number| printed(number, series.as_ref()));
    match (naming, series) {
        (Naming::Numbered, Some(series)) => {
            claim.number = series.number;
            claim.class = series.class.or(claim.class.take());
            claim.letters = series.letters;
            claim.printed = printed.unwrap_or_default();
        }
        (Naming::Law, _) => {
            let name = reference.name.as_deref();
            claim.class = law_name(reference.kind.as_deref(), name).map(|(class, _)| class);
            name.unwrap_or_default().clone_into(&mut claim.printed);
        }
        _ => {
            if printed.is_some() {
                claim.class = claim.class.or_else(|| kind_class(reference.name.as_deref().map(leading_words)));
            }
            let short = if claim.block.starts_with('?') { reference.name.clone().or(printed) } else { printed };
            claim.printed = short
                .or_else(|| reference.name.clone())
                .or_else(|| reference.title.clone())
                .or_else(|| reference.kind.clone())
                .unwrap_or_default();
        }
    }
    claim
}

/// Reads the claims of one document.
pub fn read_claims(digest: Digest, head: &Letterhead, references: &[Reference]) -> Claims {
    let home = read_home(head.issuer.as_deref(), head.parent.as_deref(), head.place.as_deref());
    let mut cited: Vec<Claim> = references.iter().map(|reference| read_reference(reference, &home)).collect();
    let antecedents = inherit_from_antecedents(&mut cited);
    Claims { own: read_own(digest, head, home), cited, antecedents }
}

fn read_own(digest: Digest, head: &Letterhead, home: Seat) -> Claim {
    let number = head.key.as_deref().and_then(DocNumber::parse);
    let series = number.as_ref().and_then(|number| read_series(number, head.kind.as_deref()));
    let date = head.date;
    let (scope, said, unit) = seat_of(series.as_ref(), home, head.issuer.is_some());
    let printed = number
        .as_ref()
        .map(|number| printed(number, series.as_ref()))
        .or_else(|| head.subject.clone())
        .unwrap_or_default();
    let mut claim = Claim {
        block: format!("~{}", short(digest)),
        naming: Naming::Local,
        printed,
        number: number.as_ref().map(|number| plain_number(number.number())).unwrap_or_default(),
        letters: String::new(),
        class: kind_class(head.kind.as_deref()),
        year: date.map(jiff::civil::Date::year),
        date,
        scope,
        said,
        unit,
        kind: head.kind.clone(),
        issuer: head.issuer.clone(),
        title: head.subject.clone(),
    };
    if let Some(series) = series {
        number_claim(&mut claim, series);
    } else if let Some((class, name)) = law_name(head.kind.as_deref(), head.subject.as_deref()) {
        claim.block = format!("luat:{name}");
        claim.naming = Naming::Law;
        claim.class = Some(class);
    }
    claim
}

fn read_reference(reference: &Reference, home: &Seat) -> Claim {
    let number = reference.key.as_deref().and_then(DocNumber::parse);
    let series = number.as_ref().and_then(|number| read_series(number, reference.kind.as_deref()));
    let seat = reference.issuer.as_deref().map_or_else(
        || Seat {
            scope: if home.scope == Scope::National { Scope::Unknown } else { home.scope.clone() },
            ..Seat::default()
        },
        |name| read_seat(name, home),
    );
    let (scope, said, unit) = seat_of(series.as_ref(), seat, reference.issuer.is_some());
    let mut claim = Claim {
        block: String::new(),
        naming: Naming::Local,
        printed: number
            .as_ref()
            .map(|number| printed(number, series.as_ref()))
            .or_else(|| reference.name.clone())
            .unwrap_or_default(),
        number: number.as_ref().map(|number| plain_number(number.number())).unwrap_or_default(),
        letters: String::new(),
        class: kind_class(reference.kind.as_deref()),
        year: reference.date.map(jiff::civil::Date::year),
        date: reference.date,
        scope,
        said,
        unit,
        kind: reference.kind.clone(),
        issuer: reference.issuer.clone(),
        title: reference.title.clone(),
    };
    if let Some(series) = series {
        number_claim(&mut claim, series);
    } else if let Some(number) = number {
        claim.class = claim.class.or_else(|| kind_class(reference.name.as_deref().map(leading_words)));
        claim.year = number.year().and_then(|year| i16::try_from(year).ok()).or(claim.year);
        claim.block = format!("?{}/{}", claim.class.as_deref().unwrap_or("-"), claim.number);
        if let Some(name) = &reference.name {
            claim.printed.clone_from(name);
        }
    } else if let Some((class, name)) = law_name(reference.kind.as_deref(), reference.name.as_deref()) {
        claim.block = format!("luat:{name}");
        claim.naming = Naming::Law;
        claim.class = Some(class);
    } else {
        claim.printed = [&reference.name, &reference.title, &reference.kind]
            .into_iter()
            .flatten()
            .next()
            .cloned()
            .unwrap_or_default();
        claim.block = format!("?:{}", slug(&claim.printed));
    }
    claim
}

fn number_claim(claim: &mut Claim, series: Series) {
    claim.block = format!("{}/{}", series.slug, series.number);
    claim.naming = Naming::Numbered;
    claim.year = series.year.or(claim.year);
    claim.class = series.class.or(claim.class.take());
    claim.number = series.number;
    claim.letters = series.letters;
}

/// Joins what the code of the symbol says with what the words say.
fn seat_of(series: Option<&Series>, seat: Seat, named: bool) -> (Scope, bool, Option<String>) {
    let code = series.map_or(CodeSays::Nothing, |series| series.issuer);
    match code {
        CodeSays::National => (Scope::National, true, Some(String::new())),
        CodeSays::Provincial => (seat.scope, seat.said, Some(seat.local.unwrap_or_default())),
        CodeSays::Levels if !named => (seat.scope, seat.said, None),
        CodeSays::Levels => (seat.scope, seat.said, seat.local),
        CodeSays::Nothing if seat.body.is_empty() => (seat.scope, seat.said, None),
        CodeSays::Nothing => {
            let mut unit = seat.body.replace(' ', "-");
            if let Some(local) = seat.local.filter(|local| !local.is_empty()) {
                unit.push('-');
                unit.push_str(&local);
            }
            (seat.scope, seat.said, Some(unit))
        }
    }
}

/// "Thông tư 24" after one full citation of a Thông tư with that number means it.
fn inherit_from_antecedents(claims: &mut [Claim]) -> Vec<Option<usize>> {
    let mut taken = vec![None; claims.len()];
    for index in 0..claims.len() {
        let claim = &claims[index];
        if claim.naming != Naming::Local || claim.number.is_empty() || claim.class.is_none() {
            continue;
        }
        let mut antecedents = claims[..index].iter().enumerate().filter(|(at, other)| {
            taken[*at].is_none()
                && other.naming == Naming::Numbered
                && other.number == claim.number
                && other.class == claim.class
                && (claim.year.is_none() || claim.year == other.year)
        });
        let Some((at, antecedent)) = antecedents.next() else { continue };
        if antecedents.any(|(_, other)| other.block != antecedent.block || other.year != antecedent.year) {
            continue;
        }
        let mut full = antecedent.clone();
        full.said = false;
        claims[index] = full;
        taken[index] = Some(at);
    }
    taken
}

/// Folded code of a type's name.
fn kind_class(kind: Option<&str>) -> Option<String> {
    let kind = Facts::builtin().kind_by_name(kind?.trim())?;
    Some(if kind.code == "ĐA" { "de-an".into() } else { super::number::letters(&kind.code) })
        .filter(|code| !code.is_empty())
}

/// The words before the first digit: "Thông tư" of "Thông tư 24".
fn leading_words(name: &str) -> &str {
    name.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().trim().trim_end_matches("số").trim()
}

/// The class and slug of a law's name, with its abbreviations written out. None for what is not a
/// law: a plan named by its title alone is too easily taken for another.
fn law_name(kind: Option<&str>, name: Option<&str>) -> Option<(String, String)> {
    const LAWS: [(&str, &str); 4] = [("luat", "luat"), ("bo luat", "bl"), ("phap lenh", "pl"), ("hien phap", "hp")];
    let name = super::issuer::normal(name?);
    let class_of = |text: &str| {
        LAWS.iter().find(|(law, _)| text.strip_prefix(law).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
    };
    if let Some((_, class)) = class_of(&name) {
        return Some(((*class).to_owned(), name.replace(' ', "-")));
    }
    let kind = super::issuer::normal(kind?);
    let (_, class) = class_of(&kind).filter(|(law, _)| *law == kind)?;
    (!name.is_empty()).then(|| ((*class).to_owned(), format!("{kind} {name}").replace(' ', "-")))
}

/// The first twelve digits of a digest, enough to tell files apart in a key.
pub(crate) fn short(digest: Digest) -> String {
    let mut hex = digest.to_string();
    hex.truncate(12);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(references: &[Reference]) -> Claims {
        let head = Letterhead {
            key: Some("441/KH-THPTLTT".into()),
            kind: Some("Kế hoạch".into()),
            issuer: Some("Trường THPT Lê Trọng Tấn".into()),
            parent: Some("Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh".into()),
            place: Some("Thành phố Hồ Chí Minh".into()),
            date: Some(jiff::civil::date(2024, 12, 4)),
            subject: None,
        };
        read_claims(Digest::of(b"441"), &head, references)
    }

    fn reference(key: &str, kind: &str, issuer: &str) -> Reference {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Reference { key: some(key), kind: some(kind), issuer: some(issuer), ..Reference::default() }
    }

    #[test]
    fn the_school_claims_its_own_number() {
        let own = claims(&[]).own;
        assert_eq!(own.block, "kh-thptltt/441");
        assert_eq!(own.scope, Scope::Province("ho-chi-minh".into()));
        assert_eq!(own.unit.as_deref(), Some("truong-thpt-le-trong-tan"));
        assert!(own.is_complete());
    }

    #[test]
    fn a_short_reference_takes_its_one_antecedent() {
        let short = reference("24", "Thông tư", "");
        let full = reference("24/2023/TT-BGDĐT", "Thông tư", "");
        let before = claims(&[short.clone(), full.clone()]);
        assert_eq!((before.cited[0].block.as_str(), before.cited[0].naming), ("?tt/24", Naming::Local));
        let after = claims(&[full.clone(), short.clone()]);
        assert_eq!(after.cited[1].block, "tt-bgddt/24");
        let torn = claims(&[full, reference("24/2022/TT-BTC", "Thông tư", ""), short]);
        assert_eq!(torn.cited[2].naming, Naming::Local);
    }

    #[test]
    fn what_is_kept_restores_the_claim() {
        let references = [
            reference("24/2023/TT-BGDĐT", "Thông tư", "Bộ Giáo dục và Đào tạo"),
            reference("24", "Thông tư", ""),
            reference("7", "", ""),
            reference("1927/KH-UBND", "Kế hoạch", "UBND Quận Tân Phú"),
            Reference { name: Some("Luật Ngân sách nhà nước".into()), ..Reference::default() },
            Reference { name: Some("Thông tư 5".into()), key: Some("5".into()), ..Reference::default() },
            Reference { name: Some("Đề án Một".into()), kind: Some("Đề án".into()), ..Reference::default() },
        ];
        let claims = claims(&references);
        for (index, claim) in claims.cited.iter().enumerate() {
            let kept = Kept {
                block: claim.block.clone(),
                year: claim.year,
                scope: claim.scope.as_text().map(str::to_owned),
                said: claim.said,
                unit: claim.unit.clone(),
            };
            let words = &references[claims.antecedents[index].unwrap_or(index)];
            assert_eq!(&restore_cited(words, kept), claim);
        }
        assert_eq!(claims.antecedents[1], Some(0));
    }

    #[test]
    fn laws_are_named_in_full() {
        let law = |name: &str| Reference { name: Some(name.into()), ..Reference::default() };
        let claims = claims(&[
            law("Luật Tổ chức HĐND và UBND"),
            law("Luật Tổ chức Hội đồng nhân dân và Uỷ ban nhân dân"),
            law("Đề án Xây dựng xã hội học tập"),
        ]);
        assert_eq!(claims.cited[0].block, claims.cited[1].block);
        assert_eq!(claims.cited[2].naming, Naming::Local);
    }
}
