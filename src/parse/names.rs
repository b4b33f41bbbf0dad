//! Names printed in capitals, in the spelling of running text.
//!
//! Turns `SỞ GIÁO DỤC VÀ ĐÀO TẠO` into `Sở Giáo dục và Đào tạo` and `PHÓ GIÁM ĐỐC` into
//! `Phó Giám đốc`, after Nghị định 30/2020/NĐ-CP, Phụ lục II. Letters keep their marks; only their
//! case changes. Which words belong together is a table (`names.tsv`); words that no table knows are
//! taken for names of persons or places.

use super::sheet::is_caps;
use crate::facts::{Facts, Phrase};
use crate::vi::fold::fold;

/// A unit's name as a person would write it. Text that does not stand in capitals (or, as old fonts
/// leave it, wholly in small letters) is only brought onto one line.
pub(crate) fn unit_name(printed: &str, facts: &Facts) -> String {
    let words: Vec<&str> = printed.split_whitespace().collect();
    // Old fonts leave names wholly or partly in small letters.
    if !is_caps(printed) && printed.starts_with(char::is_uppercase) {
        return words.join(" ");
    }
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let mut written: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let rest = &folded[at..];
        let known = [&facts.names.heads, &facts.names.fields]
            .into_iter()
            .filter_map(|list| find_phrase(list, rest))
            .max_by_key(|(_, count)| *count);
        let word = &folded[at];
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let phrase = known.as_ref().is_some_and(|(_, count)| *count > 1);
        if let Some(abbreviation) = facts.names.abbreviations.iter().find(|known| known.folded == *bare && !phrase) {
            written.push(written_like(words[at], &abbreviation.text.to_uppercase()));
            at += 1;
        } else if let Some((phrase, count)) = known {
            // "Bộ", "Ban" and the like are heads only where a name begins.
            let pattern: Vec<&str> = phrase.text.split(' ').collect();
            for offset in 0..count {
                written.push(written_like(words[at + offset], pattern[offset]));
            }
            at += count;
        } else if let Some(count) = admin_words(rest) {
            for word in &words[at..at + count] {
                written.push(word.to_lowercase());
            }
            at += count;
            let city = folded[at..].first().is_some_and(|next| next == "ho") && count == 2;
            if city || written.len() == count {
                // Named after a person: the common noun is part of the name (Phụ lục II, III.1).
                let first = written.len() - count;
                written[first] = capitalise(&written[first]);
            }
        } else if at > 0
            && (matches!(bare, "va" | "cua" | "cac")
                || !printed.is_ascii() && facts.names.small.contains(&words[at].to_lowercase()))
        {
            written.push(words[at].to_lowercase());
            at += 1;
        } else if bare.contains(|c: char| c.is_ascii_digit()) || !has_vowel(bare) {
            written.push(words[at].to_owned());
            at += 1;
        } else {
            written.push(capitalise(&words[at].to_lowercase()));
            at += 1;
        }
    }
    written.join(" ")
}

/// A title in capitals as a sentence: small letters but for the first, for abbreviations and numbers,
/// and for names of bodies and provinces that the tables know. Other names lose their capitals.
pub(crate) fn sentence_case(printed: &str, facts: &Facts) -> String {
    let words: Vec<&str> = printed.split_whitespace().collect();
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let places: Vec<Vec<String>> = facts
        .provinces
        .iter()
        .map(|name| {
            fold(name).split(' ').skip(if name.starts_with("Tỉnh") { 1 } else { 2 }).map(str::to_owned).collect()
        })
        .collect();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let stands = |at: usize, name: &[String]| {
        !name.is_empty()
            && name.iter().enumerate().all(|(i, part)| folded.get(at + i).is_some_and(|w| bare(w) == *part))
    };
    let mut written: Vec<String> = Vec::with_capacity(words.len());
    while written.len() < words.len() {
        let at = written.len();
        let phrase = find_phrase(&facts.names.heads, &folded[at..]).filter(|(_, count)| *count > 1);
        let place = places.iter().filter(|name| stands(at, name)).map(Vec::len).max();
        if let Some((phrase, count)) = phrase {
            let pattern = phrase.text.split(' ');
            written.extend(words[at..at + count].iter().zip(pattern).map(|(word, like)| written_like(word, like)));
        } else if let Some(count) = place {
            written.extend(words[at..at + count].iter().map(|word| capitalise(&word.to_lowercase())));
        } else {
            let word = bare(&folded[at]);
            let kept = word.contains(|c: char| c.is_ascii_digit())
                || words[at].contains(['/', '&'])
                || word.len() > 1 && !has_vowel(&word)
                || facts.names.abbreviations.iter().any(|known| known.folded == word)
                || matches!(word.as_str(), "ii" | "iii" | "iv" | "vi" | "vii" | "viii" | "ix" | "xi" | "xii" | "xiii");
            written.push(if kept { words[at].to_owned() } else { words[at].to_lowercase() });
        }
    }
    capitalise(&written.join(" "))
}

/// A post (chức vụ) in running text: `Phó Giám đốc`. What follows the post is a unit's name.
pub(crate) fn position_name(printed: &str, facts: &Facts) -> String {
    let line = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches(['.', ',', ':', ';']);
    if let Some(known) = post_of(line, facts) {
        let count = known.text.split(' ').count();
        let words: Vec<&str> = line.split(' ').collect();
        let mut written: Vec<String> = Vec::with_capacity(words.len());
        for (word, pattern) in words.iter().zip(known.text.split(' ')) {
            written.push(written_like(word, pattern));
        }
        let rest = words.get(count..).unwrap_or_default().join(" ");
        let rest = unit_name(&rest, facts);
        if !rest.is_empty() {
            written.push(rest);
        }
        return written.join(" ");
    }
    if is_caps(line) { unit_name(line, facts) } else { line.to_owned() }
}

/// A person's name: each syllable with a capital. `NGUYỄN VĂN A` gives `Nguyễn Văn A`.
pub(crate) fn person_name(printed: &str) -> String {
    let words = printed
        .split_whitespace()
        .map(|word| if is_caps(printed) { capitalise(&word.to_lowercase()) } else { word.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

/// The longest phrase of `list` with which the folded words begin, and how many words it has.
pub(crate) fn find_phrase<'a>(list: &'a [Phrase], words: &[String]) -> Option<(&'a Phrase, usize)> {
    list.iter().find_map(|phrase| {
        let mut count = 0;
        for part in phrase.folded.split(' ') {
            let word = words.get(count)?.trim_end_matches([',', '.', ';', ':', '-']);
            if word != part {
                return None;
            }
            count += 1;
        }
        Some((phrase, count))
    })
}

/// The head phrase with which printed `text` begins, folded, unless a longer field of work does, or
/// a word that only folds alike ("SỐ" for "SỞ").
pub(crate) fn head_of<'a>(text: &str, facts: &'a Facts) -> Option<&'a str> {
    let folded = fold_words(text);
    let head = facts.names.heads.iter().find(|head| begins_with(&folded, &head.folded))?;
    let field = facts.names.fields.iter().find(|field| begins_with(&folded, &field.folded));
    if field.is_some_and(|field| field.folded.len() > head.folded.len()) {
        return None;
    }
    // "PHÒNG, CHỐNG …" is no room, "SO 1050/QD" no department.
    let rest = &folded[head.folded.len()..];
    let name = rest.is_empty() || rest.starts_with(' ') && !rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
    (name && !folds_alike_only(text, &head.text, facts)).then_some(head.folded.as_str())
}

/// The post with which printed `text` begins, unless its first word only folds alike ("Trương" for
/// "Trưởng").
pub(crate) fn post_of<'a>(text: &str, facts: &'a Facts) -> Option<&'a Phrase> {
    let folded = fold_words(text);
    let post = facts.positions.iter().find(|post| begins_with(&folded, &post.folded))?;
    (!folds_alike_only(text, &post.text, facts)).then_some(post)
}

/// Folded, with one space between words.
fn fold_words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split_whitespace().take(16) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&fold(word));
    }
    words
}

/// Whether the first word of `text` is a known other word than the first of `phrase`.
fn folds_alike_only(text: &str, phrase: &str, facts: &Facts) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    facts.names.others.contains(&first) && !phrase.to_lowercase().starts_with(&first)
}

/// Whether folded `text` begins with the phrase as whole words.
pub(crate) fn begins_with(text: &str, phrase: &str) -> bool {
    text.strip_prefix(phrase).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// How many of the words name a level of administration: `tỉnh`, `thành phố`.
fn admin_words(words: &[String]) -> Option<usize> {
    let first = words.first()?.as_str();
    let second = words.get(1).map_or("", String::as_str);
    match (first, second) {
        ("thanh", "pho") | ("thi", "xa" | "tran") | ("dac", "khu") => Some(2),
        ("tinh" | "huyen" | "quan" | "phuong" | "xa", _) if words.len() > 1 => Some(1),
        _ => None,
    }
}

/// `word` with the case of `pattern`: small, capitalised or all capitals.
fn written_like(word: &str, pattern: &str) -> String {
    let mut letters = pattern.chars().filter(|c| c.is_alphabetic());
    let first = letters.next().is_some_and(char::is_uppercase);
    let second = letters.next().is_some_and(char::is_uppercase);
    match (first, second) {
        (true, true) => word.to_uppercase(),
        (true, false) => capitalise(&word.to_lowercase()),
        _ => word.to_lowercase(),
    }
}

fn capitalise(word: &str) -> String {
    let mut done = false;
    word.chars()
        .flat_map(|c| {
            let first = !done && c.is_alphabetic();
            done |= first;
            if first { c.to_uppercase().collect::<Vec<_>>() } else { vec![c] }
        })
        .collect()
}

fn has_vowel(folded: &str) -> bool {
    folded.contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_written_as_in_running_text() {
        let facts = Facts::builtin();
        for (printed, expected) in [
            ("SỞ GIÁO DỤC VÀ ĐÀO TẠO", "Sở Giáo dục và Đào tạo"),
            ("ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH", "Ủy ban nhân dân Thành phố Hồ Chí Minh"),
            ("UỶ BAN NHÂN DÂN TỈNH LÀO CAI", "Uỷ ban nhân dân tỉnh Lào Cai"),
            ("UBND THÀNH PHỐ CẦN THƠ", "UBND thành phố Cần Thơ"),
            ("TRƯỜNG THPT LÊ TRỌNG TẤN", "Trường THPT Lê Trọng Tấn"),
            ("BỘ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI", "Bộ Lao động - Thương binh và Xã hội"),
            ("SỞ VĂN HOÁ, THỂ THAO VÀ DU LỊCH", "Sở Văn hoá, Thể thao và Du lịch"),
            ("ỦY BAN THƯỜNG VỤ QUỐC HỘI", "Ủy ban Thường vụ Quốc hội"),
            ("CỤC ĐƯỜNG BỘ VIỆT NAM", "Cục Đường bộ Việt Nam"),
            ("ngân hàng nhà nước việt nam", "Ngân hàng Nhà nước Việt Nam"),
            ("Sở Y tế", "Sở Y tế"),
        ] {
            assert_eq!(unit_name(printed, facts), expected);
        }
    }

    #[test]
    fn posts_are_written_as_in_running_text() {
        let facts = Facts::builtin();
        for (printed, expected) in [
            ("PHÓ GIÁM ĐỐC", "Phó Giám đốc"),
            ("PHÓ CHÁNH VĂN PHÒNG", "Phó Chánh Văn phòng"),
            ("GIÁM ĐỐC SỞ NỘI VỤ", "Giám đốc Sở Nội vụ"),
            ("Phó Hiệu trưởng", "Phó Hiệu trưởng"),
        ] {
            assert_eq!(position_name(printed, facts), expected);
        }
    }
}
