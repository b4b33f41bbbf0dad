//! One fast look: is there anything in this text that clean Vietnamese text does not have?

/// Second bytes after C3 that are letters of Vietnamese: `À` to `Ã`, `È` to `Ê` and so on.
const LATIN: u64 = {
    let letters: [u8; 30] = [
        0x80, 0x81, 0x82, 0x83, 0x88, 0x89, 0x8a, 0x8c, 0x8d, 0x92, 0x93, 0x94, 0x95, 0x99, 0x9a, 0x9d, 0xa0, 0xa1,
        0xa2, 0xa3, 0xa8, 0xa9, 0xaa, 0xac, 0xad, 0xb2, 0xb3, 0xb4, 0xb5, 0xb9,
    ];
    let mut bits = 1 << (0xba - 0x80) | 1 << (0xbd - 0x80);
    let mut index = 0;
    while index < letters.len() {
        bits |= 1 << (letters[index] - 0x80);
        index += 1;
    }
    bits
};

/// Whether text holds a character that clean Vietnamese text hardly has, or a sign that VIQR cannot
/// do without.
pub(super) fn is_suspicious(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Numbers and no branches, so that it runs many bytes at a time.
    let sign = |byte: u8| u8::from(byte == b'^') | u8::from(byte == b'`') | u8::from(byte.wrapping_sub(1) < 7);
    if bytes.chunks(1 << 14).any(|part| part.iter().fold(0, |found, byte| found | sign(*byte)) != 0) {
        return true;
    }
    let mut at = 0;
    let mut latin = usize::MAX;
    while at < bytes.len() {
        // Eight ASCII letters at once.
        if let Some(Ok(word)) = bytes.get(at..at + 8).map(<[u8; 8]>::try_from)
            && u64::from_ne_bytes(word) & 0x8080_8080_8080_8080 == 0
        {
            at += 8;
            continue;
        }
        let byte = bytes[at];
        if byte < 0x80 {
            at += 1;
            continue;
        }
        let next = bytes.get(at + 1).copied().unwrap_or(0x80);
        let clean = match byte {
            0xc3 => {
                // Two marked vowels of which the second is ì or ò are how Windows-1258 writes one.
                let twice = latin == at && matches!(next, 0x8c | 0x92 | 0xac | 0xb2);
                latin = at + 2;
                LATIN >> (next & 0x3f) & 1 == 1 && !twice
            }
            0xc4 => matches!(next, 0x82 | 0x83 | 0x90 | 0x91 | 0xa8 | 0xa9),
            0xc5 => matches!(next, 0xa8 | 0xa9),
            0xc6 => matches!(next, 0xa0 | 0xa1 | 0xaf | 0xb0),
            0xe1 => {
                let last = bytes.get(at + 2).copied().unwrap_or(0x80);
                at += 1;
                next == 0xba && last >= 0xa0 || next == 0xbb && last <= 0xb9
            }
            // Signs that no old encoding has a letter for: degrees and powers, arrows, bullets, other
            // scripts. The rest of E2 80, E2 82 and E2 84 are those of Windows-1252.
            0xc2 => matches!(next, 0xa0 | 0xb0 | 0xb2 | 0xb3),
            0xe2 => {
                let last = bytes.get(at + 2).copied().unwrap_or(0x80);
                at += 1;
                match next {
                    0x80 => matches!(last, 0x93 | 0x94 | 0x98 | 0x99 | 0x9c | 0x9d | 0xa6 | 0xa2),
                    0x82 | 0x84 | 0x88 | 0x8b => false,
                    _ => true,
                }
            }
            0xe3..=0xef => {
                at += 1;
                // Full-width Latin, and what stands for broken bytes.
                byte != 0xef || !matches!(next, 0xbc..=0xbf)
            }
            0xf0.. => {
                at += 2;
                true
            }
            _ => false,
        };
        if !clean {
            return true;
        }
        at += 2;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_vietnamese_is_passed_over() {
        let letters = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ";
        assert!(!is_suspicious(letters));
        assert!(!is_suspicious(&letters.to_uppercase()));
        assert!(!is_suspicious("Điều 1. “Số 12/2020/NĐ-CP” – ‘a’… (x) • 50% ≥ 30 °C → \u{f0b7} 中 😀 m²"));
        for odd in [
            "ViÖt", "·", "Vie^.t", "e\u{301}", "Ð", "ð", "а", "Ａ", "ñ", "ä", "Ø", "»", "\u{ad}", "ß", "Æ", "nhiêòm",
            "™", "∙",
        ] {
            assert!(is_suspicious(odd), "{odd}");
        }
    }
}
