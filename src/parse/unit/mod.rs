//! Units: who is to do something, one by one.
//!
//! Splits lists of units without cutting names that hold commas, dashes or "và", and finds where a
//! unit's name ends in a sentence. A part opens a new unit only if it begins as units do (table
//! `units.tsv`), is known as a unit of its own elsewhere in the document, or stands after a
//! semicolon; everything else belongs to the name before it. Knows no gazetteer of who exists: names
//! are kept as printed.

mod list;

use std::collections::HashSet;
use std::sync::LazyLock;

pub(crate) use list::split;

use super::folded::Folded;
use super::words::Words;
use crate::error::Result;
use crate::facts::table;
use crate::vi::fold::fold;

struct Table {
    heads: Words,
    plurals: Words,
    verbs: Words,
    /// Heads that are fields of work too.
    fields: Words,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    read_table().unwrap_or_else(|error| unreachable!("a compiled-in table is checked by a test: {error}"))
});

fn read_table() -> Result<Table> {
    let mut read =
        Table { heads: Words::default(), plurals: Words::default(), verbs: Words::default(), fields: Words::default() };
    for row in table("units.tsv", include_str!("../../../dictionaries/units.tsv"), 2)? {
        match row.cells[0] {
            "head" => read.heads.add(row.cells[1]),
            "plural" => read.plurals.add(row.cells[1]),
            "verb" => read.verbs.add(row.cells[1]),
            "field" => read.fields.add(row.cells[1]),
            "duty" => {}
            other => return Err(row.error(format!("unknown role `{other}`"))),
        }
    }
    Ok(read)
}

/// What a document says about units: names that stand alone in headings and lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    names: HashSet<String>,
}

impl Known {
    /// Takes in a name that stands alone somewhere.
    pub(crate) fn learn(&mut self, name: &str) {
        let name = form(name);
        if name.len() > 2 && name.split(' ').count() <= 16 {
            self.names.insert(name);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(&form(name))
    }
}

/// A name in comparison form: folded words only.
pub(crate) fn form(name: &str) -> String {
    let folded = fold(name);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Whether a unit's name begins at `at`: a head word, or a plural before anything.
pub(crate) fn begins(folded: &Folded, text: &str, at: usize) -> bool {
    let plain = folded.text();
    if let Some(end) = TABLE.plurals.end_at(folded, text, at) {
        let next = end + plain[end..].len() - plain[end..].trim_start().len();
        return next > end && TABLE.heads.end_at(folded, text, next).is_some() || starts_class(&plain[next..]);
    }
    let Some(end) = TABLE.heads.end_at(folded, text, at) else { return false };
    let word = folded.span(at, end).of(text);
    // "ban hành", "hội nghị", "bộ tiêu chí", "tổ chức" begin like units.
    let rest = plain[end..].trim_start();
    let trap = match &plain[at..end] {
        "ban" => rest.starts_with("hanh") || rest.starts_with("do"),
        "hoi" => rest.starts_with("nghi") || rest.starts_with("thao"),
        "bo" => {
            rest.starts_with("tieu chi")
                || rest.starts_with("tri")
                || rest.starts_with("sung")
                || rest.starts_with("luat")
        }
        "to" => rest.starts_with("chuc") || rest.starts_with("trinh"),
        "vu" => rest.starts_with("viec"),
        "bao" => ["dam", "cao", "gom", "ve", "quan", "hiem y"].iter().any(|word| rest.starts_with(word)),
        "vien" => rest.starts_with("chuc") || rest.starts_with("thong"),
        "doan" => rest.starts_with("the") && !rest.starts_with("the thao"),
        "phong" => [", chong", "chong", "trao", "ngua"].iter().any(|word| rest.starts_with(word)),
        "quy" => rest.starts_with("dinh") || rest.starts_with("hoach") || rest.starts_with("che"),
        "so" => rest.starts_with(|c: char| c.is_ascii_digit()) || rest.starts_with("luong") || rest.starts_with("hoa"),
        "dai" if rest.starts_with("hoc") || rest.starts_with("hoi") => true,
        "ba" | "ong" | "thue" | "dai" | "nhom" | "cuc" | "khoa" | "tram" | "thon" | "ap" | "thanh vien" => {
            word.chars().next().is_some_and(char::is_lowercase)
        }
        "thong ke" | "hai quan" | "co so" => {
            rest.starts_with("ha tang") || rest.starts_with("vat chat") || rest.starts_with("du lieu")
        }
        "thanh tra" | "kiem toan" | "lanh dao" => rest.starts_with(','),
        _ => false,
    };
    !trap
}

/// Classes of units that begin with a plural and a word that is no head: "các bên liên quan".
fn starts_class(rest: &str) -> bool {
    [
        "so",
        "bo",
        "ban",
        "nganh",
        "huyen",
        "xa",
        "phuong",
        "thanh vien",
        "to chuc",
        "bo phan",
        "khoi",
        "ben",
        "cap",
        "truong",
        "dia ban",
        "cau lac bo",
        "lop",
        "ca nhan",
        "ho gia dinh",
        "vien",
        "khoa",
        "thon",
        "chi bo",
        "cong chuc",
    ]
    .iter()
    .any(|word| rest.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric())))
}

/// How many bytes a list of units may take; the longest seen takes half of it.
const LONGEST: usize = 1_000;

/// Where the unit or list of units that begins at `at` ends: at the first verb in lower case, the
/// end of the sentence, a bracket or a colon. `limit` is the end of the text to look at.
pub(crate) fn list_end(folded: &Folded, text: &str, at: usize, limit: usize) -> usize {
    let plain = &folded.text()[..limit];
    let mut end = at;
    let mut here = at;
    let mut depth = 0;
    while here < limit && here < at + LONGEST {
        let rest = &plain[here..];
        let blank = rest.len() - rest.trim_start().len();
        let start = here + blank;
        let word = plain[start..].split(char::is_whitespace).next().unwrap_or_default();
        if word.is_empty() || plain[here..start].contains("\n\n") {
            break;
        }
        let lower = folded.span(start, start + 1).of(text).chars().all(char::is_lowercase);
        if here > at
            && depth == 0
            && lower
            && TABLE.verbs.end_at(folded, text, start).is_some()
            && !after_head(plain, at, here)
            && !is_noun(plain, start)
        {
            break;
        }
        for c in word.chars() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
        }
        let bare = word.trim_end_matches([',', ';', ':', '.', ')']);
        here = start + word.len();
        if depth > 0 && here > at + 400 {
            break;
        }
        end = start + if depth > 0 { word.len() } else { bare.len() };
        if word.ends_with(')') {
            end = here;
        }
        // "các Bộ: Công an, Tài chính, …" goes on, "các sở, ngành: Chủ trì …" does not.
        let class = word.ends_with(':') && is_class(plain, at, here) && {
            let next = here + plain[here..].len() - plain[here..].trim_start().len();
            next < limit && TABLE.verbs.end_at(folded, text, next).is_none()
        };
        if depth <= 0
            && !class
            && (word.ends_with(':') || word.ends_with('.') && super::cite::ends_sentence(folded, text, here - 1))
        {
            break;
        }
    }
    // "và", commas and the like before the verb belong to no name.
    let part = plain[at..end].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '-'));
    let part = part.strip_suffix(" va").unwrap_or(part);
    at + part.len()
}

/// "các Bộ: Công an, Tài chính, …": the colon stands between a class and its members.
fn is_class(plain: &str, at: usize, here: usize) -> bool {
    let part = plain[at..here].rsplit([',', ';']).next().unwrap_or_default().trim();
    matches!(
        part,
        "cac bo:"
            | "cac so:"
            | "cac ban:"
            | "cac phong:"
            | "cac truong:"
            | "truong cac phong:"
            | "giam doc cac so:"
            | "cac so, nganh:"
            | "cac bo, nganh:"
    )
}

/// "tổ chức" and "đầu tư xây dựng" are nouns among nouns: "các tổ chức chính trị", "cơ quan, tổ chức, cá
/// nhân", "Ban Quản lý dự án đầu tư xây dựng".
fn is_noun(plain: &str, start: usize) -> bool {
    let rest = &plain[start..];
    if let Some(rest) = rest.strip_prefix("to chuc") {
        let rest = rest.trim_start();
        return rest.starts_with([',', ';'])
            || [
                "ca nhan",
                "chinh tri",
                "kinh te",
                "xa hoi",
                "dang",
                "tin dung",
                "doan the",
                "co lien quan",
                "lien quan",
                "va ca nhan",
            ]
            .iter()
            .any(|word| rest.starts_with(word));
    }
    rest.starts_with("xay dung") && plain[..start].trim_end().ends_with("dau tu")
}

/// Words that open what a unit does and complete no name: "doanh nghiệp căn cứ …" against "doanh nghiệp đầu tư".
const NEVER_NAMES: [&str; 20] = [
    "can cu",
    "co trach nhiem",
    "chiu trach nhiem",
    "khan truong",
    "nghiem tuc",
    "tiep tuc",
    "chu dong",
    "tang cuong",
    "day manh",
    "theo chuc nang",
    "theo quy dinh",
    "tren co so",
    "bao cao",
    "tich cuc",
    "phoi hop",
    "kip thoi",
    "trong qua trinh",
    "bo tri",
    "ra soat",
    "cam ket",
];

/// Whether the words so far are a head that a verb-like word completes: "Đoàn kiểm tra", "Tổ giúp việc",
/// "Ban quản lý", "Cơ quan thường trực".
fn after_head(plain: &str, at: usize, here: usize) -> bool {
    let next = plain[here..].trim_start();
    if NEVER_NAMES.iter().any(|word| next.starts_with(word)) {
        return false;
    }
    let part = plain[at..here].trim_end();
    let part = part.rsplit([',', ';']).next().unwrap_or(part).trim_start();
    let part = part.strip_prefix("va ").unwrap_or(part);
    if ["cac", "nhung", "mot so", "tat ca", "moi", "tung"]
        .iter()
        .any(|word| part == *word || part.ends_with(&format!(" {word}")))
    {
        return true;
    }
    let part = ["cac ", "mot so ", "tung "].iter().find_map(|word| part.strip_prefix(word)).unwrap_or(part);
    matches!(
        part,
        "doan"
            | "ban"
            | "to"
            | "hoi dong"
            | "phong"
            | "uy ban"
            | "trung tam"
            | "co quan"
            | "don vi"
            | "ban quan ly"
            | "van phong"
            | "chu"
            | "nhom"
            | "to chuc"
            | "doanh nghiep"
            | "bo phan"
            | "vien"
            | "khu"
            | "ban chi dao"
            | "don vi duoc"
            | "co so"
            | "nha"
    )
}

/// Whether a verb in lower case stands after the blanks at `at`.
pub(crate) fn ends_at_verb(folded: &Folded, text: &str, at: usize) -> bool {
    let rest = &folded.text()[at..];
    let start = at + rest.len() - rest.trim_start_matches([' ', '\n', ',']).len();
    let lower = folded.span(start, start + 1).of(text).chars().all(char::is_lowercase);
    lower && TABLE.verbs.end_at(folded, text, start).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, known: &[&str]) -> Vec<String> {
        let folded = Folded::of(text);
        let mut names = Known::default();
        for name in known {
            names.learn(name);
        }
        let found = split(&folded, text, (0, folded.text().len()), &names, "unit.test");
        found.into_iter().map(|unit| unit.value).collect()
    }

    /// A list; its units, joined by a bar.
    #[test]
    fn names_are_not_cut() {
        for (text, expected) in [
            (
                "Phòng Giáo dục thường xuyên – Chuyên nghiệp và Đại học.",
                "Phòng Giáo dục thường xuyên – Chuyên nghiệp và Đại học",
            ),
            (
                "Văn phòng Sở, Phòng Chính trị, tư tưởng, Phòng Kế hoạch - Tài chính, Phòng Khảo thí và Kiểm định chất lượng giáo dục.",
                "Văn phòng Sở|Phòng Chính trị, tư tưởng|Phòng Kế hoạch - Tài chính|Phòng Khảo thí và Kiểm định chất lượng giáo dục",
            ),
            (
                "Ban lãnh đạo, Công đoàn, Đoàn Thanh niên, Chi Đoàn giáo\nviên, Văn phòng.",
                "Ban lãnh đạo|Công đoàn|Đoàn Thanh niên|Chi Đoàn giáo viên|Văn phòng",
            ),
            ("Sở Kế hoạch và Đầu tư, Tài chính, Công an tỉnh", "Sở Kế hoạch và Đầu tư|Tài chính|Công an tỉnh"),
            ("Sở Văn hóa, Thể thao và Du lịch, Sở Y tế", "Sở Văn hóa, Thể thao và Du lịch|Sở Y tế"),
            (
                "Các sở, ban, ngành; UBND các phường, xã; Các\ndoanh nghiệp viễn thông",
                "Các sở, ban, ngành|UBND các phường, xã|Các doanh nghiệp viễn thông",
            ),
            (
                "Công an tỉnh và các sở, ngành, địa phương có liên quan",
                "Công an tỉnh|các sở, ngành, địa phương có liên quan",
            ),
            ("các Bộ, ngành và địa phương liên quan", "các Bộ, ngành và địa phương liên quan"),
            ("các Bộ, ngành và các địa phương liên quan", "các Bộ, ngành|các địa phương liên quan"),
            ("Trung tâm Thông tin và Chương trình giáo dục", "Trung tâm Thông tin và Chương trình giáo dục"),
        ] {
            assert_eq!(units(text, &[]).join("|"), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_alone_elsewhere_is_a_unit() {
        let text = "Phòng Chính trị, Tư tưởng";
        assert_eq!(units(text, &[]).len(), 1);
        assert_eq!(units(text, &["Tư tưởng"]).len(), 2);
    }

    #[test]
    fn a_list_ends_at_the_verb() {
        for (text, expected) in [
            ("Sở Tài chính và các đơn vị liên quan tham mưu Ủy ban", "Sở Tài chính và các đơn vị liên quan"),
            ("Công an tỉnh tăng cường công tác", "Công an tỉnh"),
            ("Đoàn kiểm tra có trách nhiệm", "Đoàn kiểm tra"),
            ("Sở Xây dựng: Rà soát", "Sở Xây dựng"),
            ("các Bộ: Công an, Tài chính chủ trì", "các Bộ: Công an, Tài chính"),
            ("Các cơ sở đào tạo đại học mở rộng", "Các cơ sở đào tạo đại học"),
        ] {
            let folded = Folded::of(text);
            let end = list_end(&folded, text, 0, folded.text().len());
            assert_eq!(folded.span(0, end).of(text), expected);
        }
    }
}
