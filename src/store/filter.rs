//! Which documents an answer is to list: what a person sets, and its comparison form.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::parse::Relation;
use crate::resolve::issuer;

use super::answer::DocumentBrief;

/// Which citing documents to list. Nothing set: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CiteFilter {
    /// Only this relation.
    pub relation: Option<Relation>,
    /// About the citing documents.
    #[serde(flatten)]
    pub document: ListFilter,
}

/// Which documents to list. Nothing set: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListFilter {
    /// Type, in any spelling, or its code: `Kế hoạch`, `ke hoach`, `KH`.
    pub kind: Option<String>,
    /// Words of the issuer, in any spelling.
    pub issuer: Option<String>,
    /// Province, in any spelling.
    pub place: Option<String>,
    /// Issued on this day or later.
    #[schemars(with = "Option<String>")]
    pub from: Option<Date>,
    /// Issued on this day or earlier.
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// A filter with its words brought to their comparison form.
pub(super) struct Filter {
    kind: Option<String>,
    issuer: Option<String>,
    place: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) limit: Option<usize>,
}

impl Filter {
    pub(super) fn of(filter: &ListFilter) -> Self {
        let kind = filter.kind.as_deref().map(|kind| {
            let facts = Facts::builtin();
            let code = facts.kinds.iter().find(|known| !known.code.is_empty() && known.code.eq_ignore_ascii_case(kind));
            code.map_or_else(|| issuer::normal(kind), |known| known.folded.clone())
        });
        let place = filter.place.as_deref().map(|place| {
            let words = issuer::normal(place);
            let bare = words.strip_prefix("thanh pho ").or_else(|| words.strip_prefix("tinh ")).unwrap_or(&words);
            bare.replace(' ', "-")
        });
        Self {
            kind,
            issuer: filter.issuer.as_deref().map(issuer::normal),
            place,
            from: filter.from.map(|date| date.to_string()),
            to: filter.to.map(|date| date.to_string()),
            limit: filter.limit,
        }
    }

    /// Whether the words of the filter admit `document`; the dates are left to SQL.
    pub(super) fn admits(&self, document: &DocumentBrief) -> bool {
        let fits = |wanted: &Option<String>, value: &Option<String>, whole: bool| {
            wanted.as_ref().is_none_or(|wanted| {
                value
                    .as_deref()
                    .map(issuer::normal)
                    .is_some_and(|v| if whole { v == *wanted } else { v.contains(wanted) })
            })
        };
        fits(&self.kind, &document.kind, true)
            && fits(&self.issuer, &document.issuer, false)
            && self.place.as_ref().is_none_or(|place| document.place.as_ref() == Some(place))
    }
}
