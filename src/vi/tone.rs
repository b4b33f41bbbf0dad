//! Where the tone mark sits: `hòa` (old) and `hoà` (new) are one syllable in two spellings.

/// The vowel pairs that the two styles spell differently when no consonant follows: old, new.
const PAIRS: [(&str, &str); 15] = [
    ("òa", "oà"),
    ("óa", "oá"),
    ("ỏa", "oả"),
    ("õa", "oã"),
    ("ọa", "oạ"),
    ("òe", "oè"),
    ("óe", "oé"),
    ("ỏe", "oẻ"),
    ("õe", "oẽ"),
    ("ọe", "oẹ"),
    ("ùy", "uỳ"),
    ("úy", "uý"),
    ("ủy", "uỷ"),
    ("ũy", "uỹ"),
    ("ụy", "uỵ"),
];

/// The old-style spelling of a lower-case syllable written in the new style, if it differs:
/// `hoà` gives `hòa`. After `q` the u belongs to the onset and both styles write `quý`.
pub fn to_old(syllable: &str) -> Option<String> {
    swap(syllable, |pair| (pair.1, pair.0))
}

/// The new-style spelling of a lower-case syllable written in the old style, if it differs:
/// `thủy` gives `thuỷ`.
pub fn to_new(syllable: &str) -> Option<String> {
    swap(syllable, |pair| pair)
}

fn swap(
    syllable: &str,
    order: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Option<String> {
    // The last letter is a plain a, e or y in the old style, a marked one in the new: neither is rare,
    // so the two bytes before the end decide quickly.
    PAIRS.iter().copied().map(order).find_map(|(from, to)| {
        let stem = syllable.strip_suffix(from)?;
        (!stem.ends_with('q')).then(|| format!("{stem}{to}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_told_apart_only_in_open_syllables() {
        for (new, old) in [("hoà", "hòa"), ("thuỷ", "thủy"), ("khoẻ", "khỏe"), ("uỷ", "ủy")] {
            assert_eq!(to_old(new).as_deref(), Some(old));
            assert_eq!(to_new(old).as_deref(), Some(new));
        }
        for same in ["hoàn", "quý", "quỹ", "toàn", "hoa", "của"] {
            assert_eq!(to_old(same), None);
            assert_eq!(to_new(same), None);
        }
    }
}
