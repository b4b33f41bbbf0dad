//! What stands around a number or a law's name: the type before it, date, issuer and title after
//! it, and the part that is meant.
//!
//! All offsets are bytes of the folded text. Every reader takes a place and says how far it read;
//! none of them looks for citations.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::law::squeeze;
use crate::facts::Facts;
use crate::parse::date::expression;
use crate::parse::folded::Folded;
use crate::parse::words::Words;

/// Names of types that people write, beside those of the table of types: longer forms of them and
/// words for any document.
const MORE_KINDS: [(&str, &str); 14] = [
    ("van ban", "Văn bản"),
    ("van ban de nghi", "Văn bản"),
    ("cong van de nghi", "Công văn"),
    ("ke hoach hanh dong", "Kế hoạch"),
    ("chuong trinh hanh dong", "Chương trình hành động"),
    ("quy che phoi hop", "Quy chế phối hợp"),
    ("chuong trinh phoi hop", "Chương trình phối hợp"),
    ("ke hoach phoi hop", "Kế hoạch"),
    ("ke hoach lien tich", "Kế hoạch"),
    ("thong bao ket luan", "Thông báo"),
    ("to trinh lien nganh", "Tờ trình"),
    ("bo luat", "Bộ luật"),
    ("cong dien khan", "Công điện"),
    ("du an luat", "Luật"),
];

/// A type as printed before a number.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    /// Where its words start.
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) name: String,
    pub(super) exact: bool,
}

/// Names of types in folded form, made once for each set of facts.
pub(super) struct Kinds(HashMap<String, String>);

impl Kinds {
    pub(super) fn new(facts: &Facts) -> Self {
        let mut names: HashMap<String, String> = HashMap::new();
        for kind in &facts.kinds {
            names.entry(kind.folded.clone()).or_insert_with(|| kind.name.clone());
        }
        for (folded, name) in MORE_KINDS {
            names.insert(folded.into(), name.into());
        }
        Self(names)
    }

    /// The name of the type that is spelled so.
    pub(super) fn get(&self, folded: &str) -> Option<&str> {
        self.0.get(folded).map(String::as_str)
    }
}

/// "số" before a number, in the forms that scans make of it.
static NUMBER_WORD: LazyLock<Regex> = LazyLock::new(|| expression(r"(?:^|[\s(,;:])(s[o6ebda]?\s?[:.]?\s*)$"));

/// Where "số" starts if it stands directly before `at`, else `at`.
pub(super) fn before_number_word(plain: &str, at: usize) -> (usize, bool) {
    let start = at.saturating_sub(16);
    match NUMBER_WORD.captures(&plain[start..at]).and_then(|hit| hit.get(1)) {
        Some(word) => (start + word.start(), true),
        None => (at, false),
    }
}

/// The last words before `at`, nearest first, each with its start. A word that ends in
/// punctuation ends the list, since no name of a type runs over it.
fn words_before(plain: &str, at: usize, count: usize) -> Vec<(usize, &str)> {
    let mut words = Vec::with_capacity(count);
    let mut end = at;
    while words.len() < count {
        let head = plain[..end].trim_end();
        if end - head.len() > 4 || (words.is_empty() && head.len() < at.saturating_sub(3)) {
            break;
        }
        let start =
            head.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '*' | '/' | '-')).map_or(0, |at| at + 1);
        let word = &head[start..];
        if word.is_empty() || word.ends_with([',', ';', '.', ':', ')']) {
            break;
        }
        words.push((start, word));
        end = start;
    }
    words
}

/// The type that is printed directly before `at`.
pub(super) fn kind_before(plain: &str, at: usize, kinds: &Kinds, numbered: bool) -> Option<Kind> {
    let words = words_before(plain, at, 4);
    for count in (1..=words.len()).rev() {
        let joined: Vec<&str> = words[..count].iter().rev().map(|(_, word)| *word).collect();
        if let Some(name) = kinds.get(&joined.join(" ")) {
            let from = words[count - 1].0;
            return Some(Kind { from, to: words[0].0 + words[0].1.len(), name: name.to_owned(), exact: true });
        }
    }
    if !numbered || words.len() < 2 {
        return None;
    }
    // "K& hoach s6", "Quyét dinh": one letter misread, two in a long name.
    let joined = format!("{} {}", words[1].1, words[0].1);
    let near = kinds.0.iter().filter(|(folded, _)| folded.split(' ').count() == 2 && folded.len() >= 7);
    let (distance, name) = near.map(|(folded, name)| (strsim::levenshtein(folded, &joined), name)).min()?;
    (distance <= 1 || (distance == 2 && joined.len() >= 9)).then(|| Kind {
        from: words[1].0,
        to: words[0].0 + words[0].1.len(),
        name: name.clone(),
        exact: false,
    })
}

/// "theo đề nghị của Bộ trưởng Bộ Y tế tại Tờ trình số …", "Sở Xây dựng có Văn bản số …": the issuer
/// before the type that starts at `at`.
pub(super) fn issuer_before(folded: &Folded, text: &str, at: usize, facts: &Facts) -> Option<(usize, usize)> {
    static OF: LazyLock<Regex> =
        LazyLock::new(|| expression(r"(?:^|[\s(])cua\s+([^;:.]{3,110}?)\s+(?:tai|neu\s+tai|theo)(?:\s+cac)?\s*$"));
    static HAS: LazyLock<Regex> =
        LazyLock::new(|| expression(r"(?:^|[,.;:]\s+|\n)([^,.;:\n]{3,80}?)\s+(?:(?:da|vua)\s+)?(?:co|ban\s+hanh)\s*$"));
    let floor = at.saturating_sub(130);
    let window = &folded.text()[floor..at];
    if let Some(hit) = OF.captures(window).and_then(|hit| hit.get(1)) {
        // Of several "của" the last one names the body.
        let offset = hit.as_str().rfind(" cua ").map_or(0, |at| at + 5);
        let from = floor + hit.start() + offset;
        let end = issuer_end(folded, text, from, facts)?;
        return (end == floor + hit.end()).then_some((from, end));
    }
    let hit = HAS.captures(window).and_then(|hit| hit.get(1))?;
    let from = floor + hit.start();
    let begins = crate::parse::unit::begins(folded, text, from);
    let capital = folded.span(from, from + 1).of(text).chars().all(char::is_uppercase);
    let end = issuer_end(folded, text, from, facts)?;
    (begins && capital && end == floor + hit.end()).then_some((from, end))
}

/// "Quyết định của Thủ tướng Chính phủ: số …", "các Quyết định: số …": the type, and the issuer
/// if there is one, before the number.
pub(super) fn head_before(plain: &str, at: usize, kinds: &Kinds) -> Option<(Kind, Option<(usize, usize)>)> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| expression(r"\s+cua\s+([^;:.]{3,90}?)\s*:?\s*$"));
    let start = at.saturating_sub(110);
    let window = &plain[start..at];
    if let Some(colon) = window.trim_end().strip_suffix(':')
        && let Some(kind) = kind_before(plain, start + colon.len(), kinds, false)
    {
        return Some((kind, None));
    }
    let hit = HEAD.captures(window)?;
    let kind = kind_before(plain, start + hit.get(0)?.start(), kinds, false)?;
    let issuer = hit.get(1)?;
    Some((kind, Some((start + issuer.start(), start + issuer.end()))))
}

/// Words, in lower case, at which the name of an issuer ends; phrases where one word alone may be part
/// of a name.
static ISSUER_STOPS: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "về|v/v|quy định|qui định|hướng dẫn|sửa đổi|bổ sung|ban hành|phê duyệt|triển khai|thực hiện|tại|thi hành|để\
|được|theo|nhằm|chỉ đạo|cho|yêu cầu|giao|thành lập|điều chỉnh|chuyển|gửi|là|có|không|ngày|này|đã|do|trong|khi|từ\
|đến|với|mà|đồng thời|làm|kèm theo|gồm|kết luận|công bố|xây dựng|bãi bỏ|thay thế|tăng cường|đẩy mạnh|tổng kết\
|phân công|tổ chức|kiểm tra|định kỳ|khen thưởng|như|bằng|nếu|đối với|lấy ý kiến|mời|đề nghị|thông báo|báo cáo\
|phân bổ|tổng hợp|hợp nhất|đính chính|rà soát|giai đoạn|quyết định|thì|và các|phản hồi|trả lời|phúc đáp|phải|sẽ\
|căn cứ|ủy quyền|thống nhất|bố trí|giải quyết|xem xét|tiếp tục|trên|định hướng|sơ kết|đang|cần|hiện|kiện toàn\
|xong|trước|nêu|đồng ý|một số|hoàn thành|chấp thuận|khẩn trương|tập trung|xác nhận|cấp|bảo đảm|đảm bảo|hỗ trợ",
    )
});

/// The same words where titles are printed with a capital.
static CAPITAL_STOPS: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "quy định|ban hành|sửa đổi|hướng dẫn|phê duyệt|bổ sung|thực hiện|triển khai|căn cứ|thay thế|bãi bỏ|về việc|theo",
    )
});

/// The issuer that "của" introduces at or after `at`: where it starts and ends.
pub(super) fn issuer_after(folded: &Folded, text: &str, at: usize, facts: &Facts) -> Option<(usize, usize)> {
    static OF: LazyLock<Regex> =
        LazyLock::new(|| expression(r"^[\s,)]{0,4}(?:c[a-z]{0,2}[au]a?|do)\s+(?:lien tich\s+)?"));
    let rest = &folded.text()[at..];
    let rest = &rest[..rest.len().min(400)];
    let of = OF.find(rest)?;
    if of.as_str().trim_start_matches([',', ')', ' ']).trim() == "do" {
        return None;
    }
    let from = at + of.end();
    let to = issuer_end(folded, text, from, facts)?;
    (to > from + 1).then_some((from, to))
}

/// Where a further issuer of a joint document ends: ", Bộ Nội vụ" or " và Bộ Y tế" at `at`.
pub(super) fn joint_issuer(folded: &Folded, text: &str, at: usize, facts: &Facts) -> Option<usize> {
    let plain = folded.text();
    let rest = plain[at..].trim_start();
    let rest = rest.strip_prefix([',', ';', '-']).or_else(|| rest.strip_prefix("va "))?.trim_start();
    let from = plain.len() - rest.len();
    crate::parse::unit::begins(folded, text, from).then(|| issuer_end(folded, text, from, facts)).flatten()
}

/// Where the name of an issuer that starts at `from` ends.
fn issuer_end(folded: &Folded, text: &str, from: usize, facts: &Facts) -> Option<usize> {
    let plain = folded.text();
    let mut end = known_agency(folded, text, from).unwrap_or(from);
    let start = from;
    let mut at = end;
    for _ in 0..18 {
        let tail = &plain[at..];
        let blank = tail.len() - tail.trim_start_matches([' ', '\n', '\t']).len();
        let gap = &tail[..blank];
        if (at > start && blank == 0) || gap.contains("\n\n") || gap.contains('\t') || blank > 24 {
            break;
        }
        let word_start = at + blank;
        let word: &str = plain[word_start..].split(|c: char| c.is_whitespace()).next().unwrap_or_default();
        if word.is_empty() {
            break;
        }
        // "Ủy ban nhân dân (UBND) tỉnh"
        if word.starts_with('(') {
            let inner = folded.span(word_start + 1, word_start + word.len() - 1).of(text);
            let code = word.ends_with(')') && word.len() <= 12 && inner.chars().all(|c| c.is_uppercase() || c == '&');
            let more = plain[word_start + word.len()..].trim_start();
            if code && (more.starts_with("tinh") || more.starts_with("thanh pho") || more.starts_with("xa")) {
                at = word_start + word.len();
                end = at;
                continue;
            }
            if word == "(cu)" {
                end = word_start + word.len();
            }
            break;
        }
        let bare = word.trim_end_matches([',', ';', '.', ':', ')', '"']);
        let printed = folded.span(word_start, word_start + 1).of(text);
        let lower = printed.chars().all(char::is_lowercase);
        if bare.is_empty() || bare.bytes().any(|b| b.is_ascii_digit()) && lower {
            break;
        }
        let whole_upper = is_upper(folded.span(word_start, word_start + bare.len()).of(text));
        if at > start {
            let stops = if lower {
                ISSUER_STOPS.end_at(folded, text, word_start)
            } else {
                CAPITAL_STOPS.end_at(folded, text, word_start)
            };
            if stops.is_some()
                || (whole_upper && bare.len() > 1 && matches!(bare, "ve" | "ngay"))
                || word.starts_with('"')
            {
                break;
            }
            if bare == "va" {
                let next = plain[word_start + word.len()..].trim_start();
                let next_start = plain.len() - next.len();
                let capital = folded.span(next_start, next_start + 1).of(text).chars().all(char::is_uppercase);
                if !capital || facts.kinds.iter().any(|kind| next.starts_with(&kind.folded)) || next.starts_with("so ")
                {
                    break;
                }
            }
        }
        if bare == "-" {
            let next = plain[word_start + 1..].trim_start();
            let next_start = plain.len() - next.len();
            if !folded.span(next_start, next_start + 1).of(text).chars().all(char::is_uppercase) {
                break;
            }
        }
        at = word_start + word.len();
        if bare.len() < word.len() {
            end = word_start + bare.len();
            break;
        }
        if bare != "va" && bare != "-" {
            end = at;
        }
    }
    (end > start).then_some(end)
}

/// Whether all letters are capitals.
pub(super) fn is_upper(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// Where the longest name of a known body that starts at `at` ends, a post before it included ("Bộ trưởng
/// Bộ Văn hóa, Thể thao và Du lịch").
fn known_agency(folded: &Folded, text: &str, at: usize) -> Option<usize> {
    static NAMES: LazyLock<Words> = LazyLock::new(|| {
        let mut names = Words::default();
        for agency in Facts::builtin().agencies.iter().filter(|agency| !agency.name.contains(['(', '/'])) {
            names.add(&agency.name);
            if agency.name.contains(" - ") {
                names.add(&agency.name.replace(" - ", ", "));
            }
        }
        names
    });
    static POSTS: LazyLock<Words> =
        LazyLock::new(|| Words::of("Bộ trưởng|Thứ trưởng|Quyền Bộ trưởng|Giám đốc|Phó Giám đốc|Chủ nhiệm|Chủ tịch"));
    let plain = folded.text();
    let start =
        POSTS.end_at(folded, text, at).map_or(at, |end| end + plain[end..].len() - plain[end..].trim_start().len());
    NAMES.end_at(folded, text, start)
}

/// The title after `at`: from the word that opens it to the end of the clause.
pub(super) fn title_after(folded: &Folded, text: &str, at: usize) -> Option<(usize, usize)> {
    static OPEN: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"^[\s,]{1,3}(?:(?:ve viec|v/v|ve)\s+|(quy dinh|huong dan|ban hanh|phe duyet|sua doi|thong qua|cong bo|thanh lap)\b)",
        )
    });
    let rest = &folded.text()[at..];
    let hit = OPEN.captures(&rest[..rest.len().min(60)])?;
    let from = hit.get(1).map_or_else(|| hit.get(0).map_or(0, |whole| whole.end()), |verb| verb.start());
    let length = clause_length(folded, text, at + from);
    (length > 3).then_some((at + from, at + from + length))
}

/// How far the clause goes on after `at`: to a semicolon, the end of a sentence or paragraph, or a
/// bracket that was opened before.
pub(crate) fn clause_length(folded: &Folded, text: &str, at: usize) -> usize {
    let rest = &folded.text()[at..];
    let rest = &rest[..rest.len().min(600)];
    let bytes = rest.as_bytes();
    let mut depth = 0;
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b';' => return index,
            b'(' => depth += 1,
            b')' if depth == 0 => return index,
            b')' => depth -= 1,
            b'.' if ends_sentence(folded, text, at + index) => return index,
            b'\n' if opens_item(&rest[index + 1..]) => return index,
            _ => {}
        }
    }
    rest.len()
}

/// Whether the full stop at `at` ends a sentence: not in a number or an abbreviation.
pub(crate) fn ends_sentence(folded: &Folded, text: &str, at: usize) -> bool {
    let rest = &folded.text()[at + 1..];
    let blank = rest.len() - rest.trim_start().len();
    if rest.is_empty() {
        return true;
    }
    if blank == 0 {
        return rest.starts_with("/.");
    }
    let next = at + 1 + blank;
    rest[..blank].contains('\n') && blank > 1 || folded.span(next, next + 1).of(text).chars().all(|c| !c.is_lowercase())
}

/// Whether the text that follows a line feed starts a paragraph of its own: a blank line, a bullet, a
/// numeral, or a word that opens a basis.
pub(super) fn opens_item(rest: &str) -> bool {
    static ITEM: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"^[ \t]*(?:\n|[-+*|~]\s|[0-9]{1,3}(?:\.[0-9]{1,2})*[.)]\s|[a-z]{1,2}\)|[ivx]{1,5}\.\s|(?:can c[ui]?r?|xet|theo de nghi|dieu [0-9]{1,3}\.)\s)",
        )
    });
    ITEM.is_match(&rest[..rest.len().min(60)])
}

/// The part that is meant, printed directly before `at`: `điểm b khoản 4 Điều 8`.
pub(super) fn locator_before(plain: &str, at: usize) -> Option<(usize, usize)> {
    static LOCATOR: LazyLock<Regex> = LazyLock::new(|| {
        let unit = r"(?:diem|khoan|dieu|muc|tieu muc|chuong|phan|phu luc|doan)";
        let item = r"(?:[0-9]{1,3}[a-z]?|[ivx]{1,5}|[a-y]{1,2}[0-9]?)";
        expression(&format!(
            r"(\b{unit}\s+{item}\b(?:\s*(?:,|;|va|-)\s*{item}\b)*(?:(?:\s*(?:,|;|va|va tai|cua))?\s+{unit}\s+{item}\b(?:\s*(?:,|;|va|-)\s*{item}\b)*)*)\s*[-,]?\s*(?:cua\s+|tai\s+)?$"
        ))
    });
    let start = at.saturating_sub(220);
    let found = LOCATOR.captures(&plain[start..at])?.get(1)?;
    // "mục tiêu 5" is no locator: a unit must carry a numeral or a letter, and Điều one of them.
    Some((start + found.start(), start + found.end()))
}

/// The text between two places on one line, without quotes around it.
pub(super) fn printed(folded: &Folded, text: &str, from: usize, to: usize) -> String {
    squeeze(folded.span(from, to).of(text)).trim_matches(['"', '“', '”', ',', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> Option<String> {
        let folded = Folded::of(text);
        let (from, to) = issuer_after(&folded, text, 0, Facts::builtin())?;
        Some(printed(&folded, text, from, to))
    }

    /// Text after the date; the issuer.
    #[test]
    fn issuers_end_where_the_title_starts() {
        for (text, expected) in [
            (" của Chính phủ quy định chi tiết", "Chính phủ"),
            (" của Thủ tướng Chính phủ về việc phê duyệt", "Thủ tướng Chính phủ"),
            (" của Ủy\nban nhân dân Thành phố về thực hiện", "Ủy ban nhân dân Thành phố"),
            (" của Bộ trưởng Bộ Văn hóa, Thể thao và Du lịch quy định", "Bộ trưởng Bộ Văn hóa, Thể thao và Du lịch"),
            (" của UBND tỉnh Lào Cai; ", "UBND tỉnh Lào Cai"),
            (" của Giám đốc Sở Công Thương, Phòng", "Giám đốc Sở Công Thương"),
            (", của Hội đồng Thi đua - Khen thưởng Trung ương về", "Hội đồng Thi đua - Khen thưởng Trung ương"),
            (" của Ủy ban nhân dân (UBND) tỉnh Đồng Tháp ban hành", "Ủy ban nhân dân (UBND) tỉnh Đồng Tháp"),
            (" cta Uy ban nhan dan Thanh phé vé thuc hién", "Uy ban nhan dan Thanh phé"),
            (" CỦA THỦ TƯỚNG CHÍNH PHỦ VỀ VIỆC", "THỦ TƯỚNG CHÍNH PHỦ"),
        ] {
            assert_eq!(issuer(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(issuer(" quy định chi tiết"), None);
    }

    /// Text before the act; the locator.
    #[test]
    fn locators_stand_before_the_act() {
        for (text, expected) in [
            ("quy định tại khoản 2 Điều 18 ", "khoản 2 Điều 18"),
            ("theo điểm a, b, đ khoản 1 Điều 2 của ", "điểm a, b, đ khoản 1 Điều 2"),
            ("điểm b khoản 1 Điều 41 và điểm b khoản 1 Điều 47 ", "điểm b khoản 1 Điều 41 và điểm b khoản 1 Điều 47"),
            ("tại Điều 9 ", "Điều 9"),
        ] {
            let folded = Folded::of(text);
            let (from, to) = locator_before(folded.text(), folded.text().len()).expect("present");
            assert_eq!(printed(&folded, text, from, to), expected);
        }
        assert_eq!(locator_before("muc tieu cua ", 13), None);
    }
}
