//! What a file's name says of the number of the document in it.
//!
//! Clerks name a scan after its number: `441-KH-THPTLTT.pdf`. That is no proof, for names are
//! mistyped and copied; but where the number was written by a hand or is in doubt, a name that
//! agrees with one of its readings decides between them, and one that agrees with none is one more
//! rival. A number that is printed and sure is never touched.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::document::Written;
use crate::key::{DocNumber, fold_key};
use crate::parse::found::REVIEW;
use crate::record::{Field, Record};
use crate::vi::fold::fold;

/// How sure a reading is that the name agrees with: the best reading, another one.
const AGREES: f32 = 0.85;
const DECIDES: f32 = 0.7;
/// How sure the best reading can be that the name speaks against.
const AGAINST: f32 = 0.4;

/// A number and the beginning of a symbol, with anything before and behind.
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9a-z])0*([1-9][0-9]{0,4})[-_. /]+(?:(?:19|20)[0-9]{2}[-_. /]+)?([a-z]{1,8})").ok()
});

/// Lets the name of the file that `record` was read from speak on the document's number.
pub fn hear_name(record: &mut Record, path: &Path) {
    let Some(symbol) = record.header.symbol.as_ref().map(|symbol| fold(&symbol.value)) else { return };
    let stem = path.file_stem().map(|stem| fold(&stem.to_string_lossy())).unwrap_or_default();
    let Some(found) = NAME.as_ref().and_then(|name| name.captures(&stem)) else { return };
    // The name must speak of the same kind of document: `KH` of `KH-UBND`.
    let code: String = symbol.chars().take_while(char::is_ascii_alphanumeric).collect();
    if code != found[2] {
        return;
    }
    let named = found[1].to_owned();
    let Some(number) = record.header.number.as_mut().filter(|number| doubtful(number)) else { return };
    let before = number.value.clone();
    hear(number, &named, |value| value.trim_start_matches('0').to_owned());
    let after = number.value.clone();
    if let Some(key) = record.header.key.as_mut().filter(|key| doubtful(key)) {
        let whole = |number: &str| Some(key.value.strip_prefix(before.as_str())?).map(|rest| format!("{number}{rest}"));
        if let Some(named) =
            whole(if after == before { &named } else { &after }).filter(|key| DocNumber::parse(key).is_some())
        {
            hear(key, &named, |value| fold_key(value).trim_start_matches('0').to_owned());
        }
    }
}

fn doubtful(field: &Field<String>) -> bool {
    field.written == Some(Written::Hand) || field.confidence < REVIEW
}

fn hear(field: &mut Field<String>, named: &str, same: impl Fn(&str) -> String) {
    if same(&field.value) == same(named) {
        field.confidence = field.confidence.max(AGREES);
    } else if let Some(at) = field.rivals.iter().position(|rival| same(rival) == same(named)) {
        std::mem::swap(&mut field.value, &mut field.rivals[at]);
        field.confidence = DECIDES;
        // What was first is the first rival now.
        field.rivals[..=at].rotate_right(1);
    } else {
        field.rivals.insert(0, named.to_owned());
        field.confidence = field.confidence.min(AGAINST);
        return;
    }
    field.rule.push_str("+file_name");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Digest, Format, from_text};
    use crate::facts::Facts;
    use crate::model::Model;

    fn record(rivals: &[&str], confidence: f32, written: Option<Written>) -> Record {
        let text = "ỦY BAN NHÂN DÂN\nXÃ TÂN HƯNG\nSố: 441/KH-UBND\nTân Hưng, ngày 04 tháng 12 năm 2024\nKẾ HOẠCH\nvề việc trồng cây\n";
        let document = from_text(Digest::of(text.as_bytes()), Format::Txt, text.into());
        let mut record = crate::pipeline::interpret(&document, Model::builtin(), Facts::builtin());
        let number = record.header.number.as_mut().expect("a number");
        let key = record.header.key.as_mut().expect("a key");
        for (field, symbol) in [(number, ""), (key, "/KH-UBND")] {
            field.rivals = rivals.iter().map(|rival| format!("{rival}{symbol}")).collect();
            (field.confidence, field.written) = (confidence, written);
        }
        record
    }

    fn heard(mut record: Record, name: &str) -> (String, String, Vec<String>, bool) {
        hear_name(&mut record, Path::new(name));
        let (number, key) = (record.header.number.expect("a number"), record.header.key.expect("a key"));
        (number.value, key.value, number.rivals, number.confidence >= REVIEW)
    }

    #[test]
    fn a_name_decides_between_the_readings_of_a_hand() {
        let hand = || record(&["447", "141"], 0.5, Some(Written::Hand));
        let (number, key, _, sure) = heard(hand(), "a/441-KH-UBND.pdf");
        assert_eq!((number.as_str(), key.as_str(), sure), ("441", "441/KH-UBND", true));
        let (number, key, rivals, sure) = heard(hand(), "scan_141_KH_2024.pdf");
        assert_eq!((number.as_str(), key.as_str(), sure), ("141", "141/KH-UBND", true));
        assert_eq!(rivals, ["441", "447"]);
    }

    #[test]
    fn a_name_that_fits_no_reading_is_a_rival_and_one_of_another_kind_is_silent() {
        let hand = || record(&["447"], 0.5, Some(Written::Hand));
        let (number, _, rivals, sure) = heard(hand(), "99-KH-UBND.pdf");
        assert_eq!((number.as_str(), rivals[0].as_str(), sure), ("441", "99", false));
        for name in ["447-QD-UBND.pdf", "447.pdf", "KH-447.pdf", ""] {
            assert_eq!(heard(hand(), name).2, ["447"], "{name}");
        }
        let printed = record(&[], 0.97, None);
        assert_eq!(heard(printed, "99-KH-UBND.pdf").2, [""; 0]);
    }
}
