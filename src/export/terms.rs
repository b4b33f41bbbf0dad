//! What other vocabularies call our relations (`dictionaries/relation_terms.tsv`), and the IRIs of
//! nodes. Knows the table and the form of keys, nothing of the store.

use std::fmt::Write;
use std::sync::LazyLock;

use crate::error::Result;
use crate::facts::table;

/// One relation in other words.
pub(super) struct Term {
    /// Ours: `based_on`.
    pub(super) relation: &'static str,
    /// For people: `căn cứ`.
    pub(super) vietnamese: &'static str,
    /// `referenceType` of vbpl.vn.
    pub(super) vbpl: Option<u8>,
    /// Property of the ELI ontology, without its prefix.
    pub(super) eli: &'static str,
    /// Property of schema.org, without its prefix.
    pub(super) schema: &'static str,
}

static TERMS: LazyLock<Vec<Term>> = LazyLock::new(|| {
    read_terms().unwrap_or_else(|error| unreachable!("a compiled-in table is checked by a test: {error}"))
});

fn read_terms() -> Result<Vec<Term>> {
    let rows = table("relation_terms.tsv", include_str!("../../dictionaries/relation_terms.tsv"), 5)?;
    rows.into_iter()
        .map(|row| {
            let vbpl = match row.cells[2] {
                "" => None,
                number => Some(number.parse().map_err(|_| row.error(format!("`{number}` is no number")))?),
            };
            let [relation, vietnamese, _, eli, schema] = row.cells[..] else {
                return Err(row.error("five cells".into()));
            };
            Ok(Term { relation, vietnamese, vbpl, eli, schema })
        })
        .collect()
}

/// The terms for a relation; a relation that the table lacks is a reference.
pub(super) fn term(relation: &str) -> &'static Term {
    TERMS
        .iter()
        .find(|term| term.relation == relation)
        .unwrap_or_else(|| TERMS.iter().find(|term| term.relation == "refers_to").unwrap_or(&TERMS[0]))
}

/// The IRI of a node, after the manner of ELI: `base`, then `eli/vn/` and the key.
///
/// Keys are stable and hold the parts that an ELI template asks for (series, number, year, place,
/// body), so the IRI can be read and turned back into the key. What an IRI's path may not hold is
/// percent-encoded (RFC 3987).
pub(super) fn iri(base: &str, key: &str) -> String {
    let mut iri = format!("{base}eli/vn/");
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                iri.push(char::from(byte));
            }
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(iri, "%{byte:02X}");
            }
        }
    }
    iri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Relation;

    #[test]
    fn every_relation_has_its_terms() {
        let terms = read_terms().expect("the table reads");
        for term in &terms {
            assert!(Relation::from_name(term.relation).is_some(), "{}", term.relation);
        }
        for name in [
            "based_on",
            "implements",
            "guides",
            "amends",
            "replaces",
            "repeals",
            "corrects",
            "consolidates",
            "annexed_to",
            "approves",
            "proposes",
            "refers_to",
            "suspends",
        ] {
            assert_eq!(term(name).relation, name);
        }
    }

    #[test]
    fn iris_hold_the_key() {
        let base = "https://example.vn/";
        assert_eq!(
            iri(base, "kh-ubnd/1927/2024/ho-chi-minh"),
            "https://example.vn/eli/vn/kh-ubnd/1927/2024/ho-chi-minh"
        );
        assert_eq!(iri(base, "?tt/24~in-ab"), "https://example.vn/eli/vn/%3Ftt/24~in-ab");
    }
}
