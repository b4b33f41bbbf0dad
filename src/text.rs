//! Text that remembers where it came from.
//!
//! A [`Span`] is the single currency of the program: every stage names what it found by a byte
//! range, and [`Text`] turns a range of the repaired text back into the range of the raw text
//! that it was made from. Nothing here knows documents, files, models or Vietnamese.

mod compose;

use serde::{Deserialize, Serialize};

pub use compose::compose;

/// A byte range, in the text that the field holding it says.
///
/// Invariant: `start <= end`. Offsets are `u32`: inputs are limited to well under 4 GiB of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The range from `start` to `end`; the two are put in order.
    pub const fn new(start: u32, end: u32) -> Self {
        if start <= end { Self { start, end } } else { Self { start: end, end: start } }
    }

    /// [`Span::new`] for `usize` offsets, which slices and regexes give.
    pub const fn at(start: usize, end: usize) -> Self {
        Self::new(start as u32, end as u32)
    }

    /// First byte.
    pub const fn start(self) -> usize {
        self.start as usize
    }

    /// One past the last byte.
    pub const fn end(self) -> usize {
        self.end as usize
    }

    /// Length in bytes.
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range covers no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same range as a slice index.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text in this range. Empty if the range does not fit `text`.
    pub fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// Whether `other` lies wholly inside.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two ranges share a byte.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest range covering both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl From<(u32, u32)> for Span {
    fn from((start, end): (u32, u32)) -> Self {
        Self::new(start, end)
    }
}

impl From<Span> for (u32, u32) {
    fn from(span: Span) -> Self {
        (span.start, span.end)
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self::at(range.start, range.end)
    }
}

/// An encoding in which text was written before Unicode, or into which it was turned by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// TCVN 5712:1993 VN3, also called ABC: small letters only, capitals come from a second font.
    Tcvn3,
    /// TCVN 5712:1993 VN1, the same with codes for all capitals.
    Tcvn5712,
    /// VNI for Windows: the tone is a letter of its own after the vowel.
    Vni,
    /// VISCII, RFC 1456.
    Viscii,
    /// The encoding of the Vietnamese Professionals Society.
    Vps,
    /// VIQR, RFC 1456: plain ASCII, `Vie^.t`.
    Viqr,
    /// Windows code page 1258: tones as combining marks.
    Windows1258,
    /// UTF-8 whose bytes were read as Windows-1252 or Latin-1: `Viá»‡t`.
    Utf8Twice,
}

impl Encoding {
    const ALL: [Self; 8] = [
        Self::Tcvn3,
        Self::Tcvn5712,
        Self::Vni,
        Self::Viscii,
        Self::Vps,
        Self::Viqr,
        Self::Windows1258,
        Self::Utf8Twice,
    ];

    /// Every encoding, of equally likely ones the more common first.
    pub const fn all() -> [Self; 8] {
        Self::ALL
    }

    /// The name by which people know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcvn3 => "TCVN3",
            Self::Tcvn5712 => "TCVN 5712",
            Self::Vni => "VNI",
            Self::Viscii => "VISCII",
            Self::Vps => "VPS",
            Self::Viqr => "VIQR",
            Self::Windows1258 => "windows-1258",
            Self::Utf8Twice => "UTF-8 twice",
        }
    }
}

/// Why a piece of text was changed. Written as a word; an encoding with its name: `encoding: TCVN3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Why {
    /// Decoded from an old Vietnamese encoding.
    Encoding(Encoding),
    /// Brought to NFC, or a look-alike letter replaced (`Ð` U+00D0 for `Đ` U+0110).
    Unicode,
    /// Lost or wrong diacritics restored; the base letters agree.
    Diacritic,
    /// Misread letters corrected.
    Confusion,
    /// Letters that the OCR engine was not sure of replaced by others that it had named.
    Rival,
    /// Torn pieces joined.
    Join,
    /// Run-together syllables split.
    Split,
    /// A document number corrected by its own grammar and tables, never by the language model.
    Number,
    /// Changed by a person.
    Human,
}

/// The reasons that are one word.
const WORDS: [(Why, &str); 8] = [
    (Why::Unicode, "unicode"),
    (Why::Diacritic, "diacritic"),
    (Why::Confusion, "confusion"),
    (Why::Rival, "rival"),
    (Why::Join, "join"),
    (Why::Split, "split"),
    (Why::Number, "number"),
    (Why::Human, "human"),
];

impl From<Why> for String {
    fn from(why: Why) -> Self {
        if let Why::Encoding(encoding) = why {
            return format!("encoding: {}", encoding.name());
        }
        WORDS.iter().find(|(known, _)| *known == why).map_or_else(Self::new, |(_, word)| (*word).into())
    }
}

impl TryFrom<String> for Why {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let encoding = text
            .strip_prefix("encoding: ")
            .and_then(|name| Encoding::ALL.into_iter().find(|encoding| encoding.name() == name))
            .map(Self::Encoding);
        let word = || WORDS.iter().find(|(_, word)| *word == text).map(|(why, _)| *why);
        encoding.or_else(word).ok_or_else(|| format!("unknown reason `{text}`"))
    }
}

/// One replacement, in coordinates of the raw text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// What was replaced; empty for an insertion.
    pub raw: Span,
    /// What stands there instead.
    pub new: String,
    /// The reason.
    pub why: Why,
    /// Posterior probability of `new`, 0 to 1.
    pub confidence: f32,
    /// Other readings that were nearly as good, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<String>,
}

/// Raw text, the edits on it, and the repaired text that they give.
///
/// Invariant: edits are sorted, do not overlap, lie on character borders, and `fixed` is always
/// `raw` with `edits` applied.
#[derive(Clone, Debug, Default)]
pub struct Text {
    raw: String,
    edits: Vec<Edit>,
    fixed: String,
    /// Where the replacement of each edit starts in `fixed`.
    starts: Vec<u32>,
}

impl Text {
    /// Applies `edits` to `raw`.
    ///
    /// # Panics
    /// If the edits overlap, are not sorted or cut a character: a bug in the caller.
    pub fn new(raw: String, edits: Vec<Edit>) -> Self {
        let mut fixed = String::with_capacity(raw.len() + raw.len() / 4);
        let mut starts = Vec::with_capacity(edits.len());
        let mut read = 0;
        for edit in &edits {
            assert!(edit.raw.start() >= read, "edits are sorted and do not overlap");
            fixed.push_str(&raw[read..edit.raw.start()]);
            starts.push(fixed.len() as u32);
            fixed.push_str(&edit.new);
            read = edit.raw.end();
        }
        fixed.push_str(&raw[read..]);
        Self { raw, edits, fixed, starts }
    }

    /// Text that needed no repair.
    pub fn clean(raw: String) -> Self {
        Self::new(raw, Vec::new())
    }

    /// The text as it was read.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The repaired text.
    pub fn fixed(&self) -> &str {
        &self.fixed
    }

    /// The edits, in order.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// The range of the raw text that `span` of the repaired text was made from. A span that
    /// touches an edit takes in the whole edit, since which of its letters came from which
    /// cannot be said.
    ///
    /// ```
    /// use vanban::text::{Edit, Span, Text, Why};
    /// let edit = |a, b, new: &str| Edit {
    ///     raw: Span::new(a, b), new: new.into(), why: Why::Diacritic, confidence: 1.0, rivals: vec![],
    /// };
    /// let text = Text::new("Ke hoach so 12".into(), vec![edit(0, 2, "Kế"), edit(3, 8, "hoạch"), edit(9, 11, "số")]);
    /// assert_eq!(text.fixed(), "Kế hoạch số 12");
    /// let twelve = text.fixed().find("12").unwrap();
    /// assert_eq!(text.raw_span(Span::at(twelve, twelve + 2)), Span::new(12, 14));
    /// assert_eq!(text.raw_span(Span::at(0, 1)), Span::new(0, 2));
    /// ```
    pub fn raw_span(&self, span: Span) -> Span {
        let touched = self.edits_in(span);
        let mut raw = Span::new(self.to_raw(span.start, false), self.to_raw(span.end, true));
        for edit in &self.edits[touched] {
            raw = raw.cover(edit.raw);
        }
        raw
    }

    /// The indexes of the edits whose replacements `span` of the repaired text touches.
    pub fn edits_in(&self, span: Span) -> std::ops::Range<usize> {
        let end_of = |i: usize| self.starts[i] + self.edits[i].new.len() as u32;
        let first = partition(self.edits.len(), |i| {
            end_of(i) < span.start || (end_of(i) == span.start && !self.edits[i].new.is_empty())
        });
        let last = partition(self.edits.len(), |i| {
            self.starts[i] < span.end || (self.starts[i] == span.end && self.edits[i].new.is_empty())
        });
        first..last.max(first)
    }

    /// The range of the repaired text that the replacement of edit `index` covers.
    pub fn edit_span(&self, index: usize) -> Span {
        Span::new(self.starts[index], self.starts[index] + self.edits[index].new.len() as u32)
    }

    /// The range of the repaired text that `span` of the raw text became.
    pub fn fixed_span(&self, span: Span) -> Span {
        let place = |offset: u32, end: bool| {
            let next = partition(self.edits.len(), |i| {
                self.edits[i].raw.start < offset
                    || (!end && self.edits[i].raw.start == offset && self.edits[i].raw.is_empty())
            });
            let Some(last) = next.checked_sub(1) else { return offset };
            let edit = &self.edits[last];
            if offset < edit.raw.end {
                self.starts[last] + if end { edit.new.len() as u32 } else { 0 }
            } else {
                self.starts[last] + edit.new.len() as u32 + (offset - edit.raw.end)
            }
        };
        Span::new(place(span.start, false), place(span.end, true))
    }

    /// One offset of the repaired text in the raw text. Inside a replacement: its start or end.
    fn to_raw(&self, offset: u32, end: bool) -> u32 {
        let next = partition(self.edits.len(), |i| self.starts[i] <= offset);
        let Some(last) = next.checked_sub(1) else { return offset };
        let stop = self.starts[last] + self.edits[last].new.len() as u32;
        if offset < stop {
            if end && offset > self.starts[last] { self.edits[last].raw.end } else { self.edits[last].raw.start }
        } else {
            self.edits[last].raw.end + (offset - stop)
        }
    }
}

/// The number of leading indexes below `len` for which `before` holds; `before` is monotone.
fn partition(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = usize::midpoint(low, high);
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// Something odd that a stage wants a person to know: a value beside the result, not a log line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Note {
    /// Where, in the text that the holder of the note says; none for the document as a whole.
    #[schemars(with = "Option<(u32, u32)>")]
    pub span: Option<Span>,
    /// One sentence in plain English, without a final full stop.
    pub message: String,
}

impl Note {
    /// A note about the whole document.
    pub fn general(message: impl Into<String>) -> Self {
        Self { span: None, message: message.into() }
    }

    /// A note about one place.
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self { span: Some(span), message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Raw text of letters that say where they stand, and edits on it.
    fn edited() -> impl Strategy<Value = (String, Vec<Edit>)> {
        prop::collection::vec((0u32..4, 0u32..3, "[a-z\u{1ea1}]{0,3}"), 0..12).prop_map(|parts| {
            let mut at = 0;
            let edits: Vec<Edit> = parts
                .into_iter()
                .map(|(gap, length, new)| {
                    // Insertions at one place would have no order: part them by a byte at least.
                    let start = at + gap + 1;
                    at = start + length;
                    Edit { raw: Span::new(start, at), new, why: Why::Confusion, confidence: 1.0, rivals: Vec::new() }
                })
                .collect();
            let raw = (0..at + 3).map(|index| char::from(b'A' + (index % 26) as u8)).collect();
            (raw, edits)
        })
    }

    proptest! {
        #[test]
        fn fixed_is_raw_with_edits_applied((raw, edits) in edited()) {
            let text = Text::new(raw.clone(), edits.clone());
            let mut applied = raw;
            for edit in edits.iter().rev() {
                applied.replace_range(edit.raw.range(), &edit.new);
            }
            prop_assert_eq!(text.fixed(), applied);
        }

        /// Every byte of the repaired text lies in the raw span of every span that holds it.
        #[test]
        fn raw_spans_hold_the_origin_of_every_byte((raw, edits) in edited(), a in 0usize..80, b in 0usize..80) {
            let text = Text::new(raw, edits);
            let length = text.fixed().len();
            let span = Span::at(a.min(b).min(length), a.max(b).min(length));
            let found = text.raw_span(span);
            for at in span.range() {
                let of_edit = (0..text.edits().len()).find(|index| text.edit_span(*index).range().contains(&at));
                let origin = if let Some(index) = of_edit {
                    text.edits()[index].raw
                } else {
                        let before = (0..text.edits().len()).rfind(|index| text.edit_span(*index).end() <= at);
                        let (raw_end, fixed_end) = before
                            .map_or((0, 0), |index| (text.edits()[index].raw.end(), text.edit_span(index).end()));
                        Span::at(raw_end + at - fixed_end, raw_end + at - fixed_end + 1)
                };
                prop_assert!(found.contains(origin), "byte {at} of {span:?}: {origin:?} is not in {found:?}");
            }
        }
    }
}
