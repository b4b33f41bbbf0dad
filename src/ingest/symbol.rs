//! Characters of symbol fonts, whose codes say nothing of what they look like.

/// What the character `code` of a symbol font looks like; for any other font the character that
/// Windows-1252 has at that code. None for codes that are no character.
pub(super) fn symbol(font: &str, code: u32) -> Option<char> {
    // Word moves the codes of such fonts into the private area.
    let low = if (0xf000..=0xf0ff).contains(&code) { code - 0xf000 } else { code };
    let name = font.to_ascii_lowercase();
    if name.starts_with("symbol") {
        return Some(match low {
            0xa3 => '≤',
            0xb3 => '≥',
            0xb0 => '°',
            0xb1 => '±',
            0xb4 => '×',
            0xb7 => '•',
            0xb8 => '÷',
            0xb9 => '≠',
            0xbb => '≈',
            0xae => '→',
            0xde => '⇒',
            0xe5 => '∑',
            0x61 => 'α',
            0x62 => 'β',
            0x67 => 'γ',
            0x64 => 'δ',
            0x6d => 'μ',
            0x70 => 'π',
            0x71 => 'θ',
            0x44 => 'Δ',
            0x57 => 'Ω',
            low => byte(low)?,
        });
    }
    if name.starts_with("wingdings") || name.starts_with("webdings") || name.starts_with("zapf") {
        return Some(match low {
            0x6f | 0xa8 | 0x71 | 0x72 => '☐',
            0xfe | 0x53 | 0x54 => '☑',
            0xfd => '☒',
            0xfc => '✓',
            0xfb => '✗',
            0xe0 | 0xf0 => '→',
            _ => '•',
        });
    }
    if low != code || low < 0x100 { byte(low) } else { char::from_u32(code) }
}

/// The character of Windows-1252.
fn byte(code: u32) -> Option<char> {
    let byte = [u8::try_from(code).ok().filter(|byte| *byte >= 0x20)?];
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next()
}
