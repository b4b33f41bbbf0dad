//! What parsing gives: values, each with the place it was read from, the rule that found it and
//! how sure that rule is.

use jiff::civil::Date;
use serde::de::{IntoDeserializer, value::StrDeserializer};
use serde::{Deserialize, Serialize};

use crate::key::DocNumber;
use crate::text::{Note, Span};

/// A value, where it was read in the repaired text, and how sure we are.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<T> {
    /// The value in its normal form.
    pub value: T,
    /// The text it was read from.
    pub span: Span,
    /// The rule that found it, as `module.rule`: `header.number`, `cite.law`.
    pub rule: &'static str,
    /// 0 to 1. Under [`REVIEW`] a person should look.
    pub confidence: f32,
    /// Other values that the text allows, best first.
    pub rivals: Vec<T>,
}

/// Values below this confidence are flagged for review.
pub const REVIEW: f32 = 0.6;

impl<T> Found<T> {
    /// A value without rivals.
    pub const fn new(value: T, span: Span, rule: &'static str, confidence: f32) -> Self {
        Self { value, span, rule, confidence, rivals: Vec::new() }
    }

    /// The same proof for another form of the value.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Found<U> {
        let mut change = change;
        Found {
            value: change(self.value),
            span: self.span,
            rule: self.rule,
            confidence: self.confidence,
            rivals: self.rivals.into_iter().map(change).collect(),
        }
    }
}

/// Everything that was read from one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The document's own part of the text, without a web site's chrome around it.
    pub body: Span,
    /// What stands in the letterhead and at the foot.
    pub header: Header,
    /// Sections in the order of the text, each with its depth.
    pub outline: Vec<Section>,
    /// One for each document cited, however often it is mentioned.
    pub citations: Vec<Citation>,
    /// What somebody is to do.
    pub tasks: Vec<Task>,
    /// Words that mean a document named before, or this one.
    pub back_references: Vec<BackReference>,
    /// Annexes, attached instruments and further documents, in the order of the text.
    pub attached: Vec<Attached>,
    /// What was odd.
    pub notes: Vec<Note>,
}

/// The components of the first and last page (Nghị định 30/2020/NĐ-CP, Phụ lục I).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// The number (số) alone: `1927`, `30a`.
    pub number: Option<Found<String>>,
    /// The symbol (ký hiệu) alone: `KH-UBND`. Known even where the number was left blank.
    pub symbol: Option<Found<String>>,
    /// Number, year and symbol together.
    pub key: Option<Found<DocNumber>>,
    /// The type (tên loại văn bản): `Kế hoạch`.
    pub kind: Option<Found<String>>,
    /// The issuing body (cơ quan ban hành).
    pub issuer: Option<Found<String>>,
    /// The body above it (cơ quan chủ quản).
    pub parent: Option<Found<String>>,
    /// The place (địa danh).
    pub place: Option<Found<String>>,
    /// The day of issue.
    pub date: Option<Found<Date>>,
    /// The subject (trích yếu), on one line, as printed.
    pub subject: Option<Found<String>>,
    /// A subject that is printed in capitals, as a sentence.
    pub subject_sentence: Option<Found<String>>,
    /// The mark of urgency (mức độ khẩn): `Hỏa tốc`.
    pub urgency: Option<Found<String>>,
    /// The mark of secrecy (độ mật): `Mật`.
    pub secrecy: Option<Found<String>>,
    /// To whom it is written (kính gửi).
    pub addressees: Vec<Found<String>>,
    /// Who signed.
    pub signer: Option<Signer>,
    /// The entries of the distribution list (nơi nhận), without their bullets.
    pub recipients: Vec<Found<String>>,
    /// The archive line (lưu), which is the last of them: `Lưu: VT, KT`.
    pub archive: Option<Found<String>>,
}

/// A part of the file that is no longer the document's own text.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    /// What it is.
    pub kind: AttachedKind,
    /// The label of an annex: `PHỤ LỤC I`.
    pub label: Option<Found<String>>,
    /// Its own head: type and title of an annex or instrument, everything of a document.
    pub header: Header,
    /// Where it stands.
    pub span: Span,
}

/// What an attached part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachedKind {
    /// An annex (phụ lục).
    Annex,
    /// A text that the document issues: "Quy chế … (ban hành kèm theo …)".
    Instrument,
    /// A document with a letterhead of its own.
    Document,
}

impl Header {
    /// Moves every span by `bytes`, for a header that was read from a part of a text.
    pub(crate) fn move_by(&mut self, bytes: usize) {
        fn one<T>(found: &mut Option<Found<T>>, bytes: usize) {
            if let Some(found) = found {
                found.span = Span::at(found.span.start() + bytes, found.span.end() + bytes);
            }
        }
        let signer = self.signer.get_or_insert_default();
        for found in [
            &mut self.number,
            &mut self.symbol,
            &mut self.kind,
            &mut self.issuer,
            &mut self.parent,
            &mut self.place,
            &mut self.subject,
            &mut self.subject_sentence,
            &mut self.urgency,
            &mut self.secrecy,
            &mut self.archive,
            &mut signer.name,
            &mut signer.position,
            &mut signer.authority,
        ] {
            one(found, bytes);
        }
        one(&mut self.key, bytes);
        one(&mut self.date, bytes);
        for found in self.recipients.iter_mut().chain(&mut self.addressees) {
            found.span = Span::at(found.span.start() + bytes, found.span.end() + bytes);
        }
        if *signer == Signer::default() {
            self.signer = None;
        }
    }
}

/// The signature block (quyền hạn, chức vụ và họ tên của người ký).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signer {
    /// The name.
    pub name: Option<Found<String>>,
    /// The signer's own post (`Phó Giám đốc` under `KT. GIÁM ĐỐC`), or the post above where no
    /// other is printed.
    pub position: Option<Found<String>>,
    /// By what right: `TM.`, `KT.`, `TL.`, `TUQ.`, `Q.`; several joined by a comma.
    pub authority: Option<Found<String>>,
}

/// One heading of the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// 0 for the highest level in use.
    pub depth: u8,
    /// The numeral as printed: `II`, `1`, `a`, `Điều 5`.
    pub label: String,
    /// The heading's text.
    pub title: Found<String>,
    /// From the heading to the next one of this depth or higher.
    pub span: Span,
}

/// One cited document.
#[derive(Clone, Debug, PartialEq)]
pub struct Citation {
    /// Its number; for a short reference ("Thông tư 24") the bare number. None for a law cited by
    /// name.
    pub key: Option<Found<DocNumber>>,
    /// Its name: a law's name (`Luật Ngân sách nhà nước`), or the words of a short reference
    /// (`Thông tư 24`).
    pub name: Option<Found<String>>,
    /// Its title, where the citation gives it.
    pub title: Option<Found<String>>,
    /// Its type: `Kế hoạch`.
    pub kind: Option<Found<String>>,
    /// Its day of issue.
    pub date: Option<Found<Date>>,
    /// Who issued it, as printed.
    pub issuer: Option<Found<String>>,
    /// What this document has to do with it; the span is the words that say so.
    pub relation: Found<Relation>,
    /// The part that is meant: `khoản 2 Điều 18`.
    pub locator: Option<Found<String>>,
    /// Every mention in the order of the text: each value is the mention's own words.
    pub mentions: Vec<Found<String>>,
}

/// Words that stand for a document without naming it.
#[derive(Clone, Debug, PartialEq)]
pub struct BackReference {
    /// The words, on one line.
    pub words: Found<String>,
    /// How they refer.
    pub refers: Refers,
    /// Which of the citations is meant, as its index, if one can be told.
    pub citation: Option<usize>,
}

/// How words refer to a document that they do not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refers {
    /// To the document in which they stand: "Kế hoạch này".
    Itself,
    /// To one that was cited before: "Nghị định nêu trên".
    Earlier,
    /// By a name that the text gave it: "(sau đây gọi tắt là Đề án)".
    Alias,
}

/// What a document does to the one that it cites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Căn cứ.
    BasedOn,
    /// Thực hiện, triển khai, thi hành.
    Implements,
    /// Hướng dẫn, quy định chi tiết.
    Guides,
    /// Sửa đổi, bổ sung (either way round).
    Amends,
    /// Thay thế.
    Replaces,
    /// Bãi bỏ, hủy bỏ.
    Repeals,
    /// Đính chính.
    Corrects,
    /// Hợp nhất.
    Consolidates,
    /// Kèm theo.
    AnnexedTo,
    /// Phê duyệt.
    Approves,
    /// Theo đề nghị, xét đề nghị.
    Proposes,
    /// Đình chỉ, tạm ngưng.
    Suspends,
    /// Theo, tại, nêu tại, and every mention that says no more.
    RefersTo,
}

impl Relation {
    /// The name used in JSON, the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BasedOn => "based_on",
            Self::Implements => "implements",
            Self::Guides => "guides",
            Self::Amends => "amends",
            Self::Replaces => "replaces",
            Self::Repeals => "repeals",
            Self::Corrects => "corrects",
            Self::Consolidates => "consolidates",
            Self::AnnexedTo => "annexed_to",
            Self::Approves => "approves",
            Self::Proposes => "proposes",
            Self::Suspends => "suspends",
            Self::RefersTo => "refers_to",
        }
    }

    /// Undoes [`Relation::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }
}

/// Something that somebody is to do (nhiệm vụ).
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// What is to be done: the heading of a labelled task, else the sentence.
    pub text: Found<String>,
    /// Who is responsible (chủ trì, phụ trách).
    pub lead: Vec<Found<String>>,
    /// Who takes part (phối hợp).
    pub coordinate: Vec<Found<String>>,
    /// Persons named, without their title.
    pub people: Vec<Found<String>>,
    /// When it is due.
    pub deadline: Option<Deadline>,
    /// What is to come of it (sản phẩm, kết quả).
    pub product: Option<Found<String>>,
    /// Where the money comes from (nguồn kinh phí).
    pub budget: Option<Found<String>>,
}

/// When something is due, as far as the paper says.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadline {
    /// How to read `start` and `end`.
    pub kind: DeadlineKind,
    /// First day, both days included.
    pub start: Option<Date>,
    /// Last day. For `before` the day that is printed, whether or not it still counts:
    /// `inclusive` tells.
    pub end: Option<Date>,
    /// Whether `end` itself still counts: false for "trước ngày", true for "chậm nhất ngày".
    pub inclusive: bool,
    /// The words, as printed.
    pub text: Found<String>,
    /// Said to be a plan only ("dự kiến").
    pub tentative: bool,
    /// For `recurring`: an RFC 5545 rule (`FREQ=YEARLY`) where the words allow one.
    pub recurrence: Option<String>,
    /// For `event`: what it waits for.
    pub anchor: Option<String>,
    /// Set where a day was not printed but counted from the day of issue.
    pub computed: Option<Computed>,
}

/// How a day that the paper does not print was computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Computed {
    /// The day of issue that was counted from.
    #[schemars(with = "String")]
    pub from: Date,
    /// What was added, as an ISO 8601 duration (`P15D`); none where only the year was inferred: the first
    /// such day that is not before the day of issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    /// Working days were counted: weekends and public holidays left out.
    pub working_days: bool,
}

/// The shapes of deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// Up to a day ("trước ngày", "chậm nhất", "đến hết").
    Before,
    /// Within a period or on a day ("Quý IV năm 2024", "ngày 20/11/2024").
    Interval,
    /// Again and again ("hằng quý", "thường xuyên").
    Recurring,
    /// After or until something that has no date yet ("sau khi UNESCO công bố kết quả").
    Event,
}

impl DeadlineKind {
    /// The name used in JSON, the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Interval => "interval",
            Self::Recurring => "recurring",
            Self::Event => "event",
        }
    }
}
