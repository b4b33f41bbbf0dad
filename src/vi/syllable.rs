//! Is this string a possible Vietnamese syllable (âm tiết)?
//!
//! A syllable is onset + rime + tone. The sets below are those of modern orthography
//! (Đoàn Thiện Thuật, Ngữ âm tiếng Việt, 1977); they say what can be spelled, not what is a word.

use unicode_normalization::UnicodeNormalization;

use super::fold::is_mark;

/// Onsets (âm đầu), longest first so that the longest is taken.
const ONSETS: [&str; 28] = [
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
];

/// Rimes (vần) without tone. Those that end in a stop (c, ch, p, t) carry the sharp or heavy tone
/// only.
const RIMES: &str = " a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây \
e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu \
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot \
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơng ơp ơt \
u ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uơ up ut uy uya uych uyên uyêt uynh uyt uyu uôc uôi uôm uôn uông uôt \
ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu ";

/// The five tone marks as combining characters: huyền, sắc, ngã, hỏi, nặng.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// Whether `word` can be spelled as one Vietnamese syllable, in any letter case. Digits, other
/// letters (f, j, w, z), doubled tones and impossible rimes are refused.
///
/// ```
/// use vanban::vi::syllable::is_possible;
/// assert!(is_possible("nghiêng") && is_possible("QUỐC") && is_possible("giữ"));
/// assert!(!is_possible("phd") && !is_possible("gido") && !is_possible("cać"));
/// ```
pub fn is_possible(word: &str) -> bool {
    // No syllable is longer than "nghiêng", seven letters, each with two marks at most.
    if word.is_empty() || word.len() > 24 {
        return false;
    }
    let mut letters = String::with_capacity(word.len());
    let mut tone = None;
    for c in word.chars().flat_map(char::to_lowercase).nfd() {
        if TONES.contains(&c) {
            // A tone stands on a vowel.
            let on_vowel = letters.chars().rev().find(|c| !is_mark(*c)).is_some_and(|c| "aeiouy".contains(c));
            if !on_vowel || tone.replace(c).is_some() {
                return false;
            }
        } else {
            letters.push(c);
        }
    }
    let letters: String = letters.nfc().collect();
    let stopped = ["c", "ch", "p", "t"].iter().any(|stop| letters.ends_with(stop));
    if stopped && !matches!(tone, Some('\u{301}' | '\u{323}')) {
        return false;
    }
    ONSETS.iter().any(|onset| {
        letters.strip_prefix(onset).is_some_and(|rime| {
            is_rime(rime)
                // "gì", "giếng": the i of "gi" is also the rime's first letter; so is the u of "qu".
                || *onset == "gi" && (rime.is_empty() || is_rime(&format!("i{rime}")))
                || *onset == "qu" && is_rime(&format!("u{rime}"))
        })
    })
}

fn is_rime(rime: &str) -> bool {
    !rime.is_empty()
        && RIMES.match_indices(rime).any(|(at, _)| {
            let bytes = RIMES.as_bytes();
            bytes[at - 1] == b' ' && bytes[at + rime.len()] == b' '
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_syllables_of_official_prose() {
        let text =
            "Căn cứ Nghị định về việc hướng dẫn thuở khuya quyền giếng gì quốc uỷ Ủy ban nguyên khuyến ngoằn ngoèo";
        for word in text.split(' ') {
            assert!(is_possible(word), "{word}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_spelled() {
        for word in ["trién", "thuc", "dugc", "cht", "UNESCO", "web", "s6", "nguoén", "hoc", "xyz", "", "đđ"] {
            // "thuc" and "hoc" lack the tone that a stopped rime must carry.
            assert!(!is_possible(word), "{word}");
        }
    }
}
