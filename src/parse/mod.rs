//! Repaired text in, what a clerk would write down out.
//!
//! [`parse`] is pure and total: it sees the text and [`Facts`], never pixels, boxes or OCR
//! confidences, never the clock, and it does not fail. What is odd becomes a [`Note`](crate::text::Note). It does not
//! resolve either: "Quyết định này" stays what it is, and a citation names a number, not a node.

mod attached;
mod body;
pub mod cite;
pub mod date;
pub mod deadline;
pub mod folded;
pub mod found;
mod header;
mod heading;
mod issuer;
mod letterhead;
mod marks;
mod names;
mod number;
mod outline;
mod portal;
mod recipients;
pub mod relation;
mod sentence;
mod sheet;
mod signature;
pub mod task;
mod unit;
mod words;

pub use found::{
    Attached, AttachedKind, BackReference, Citation, Deadline, DeadlineKind, Found, Header, Parsed, Relation, Section,
    Signer, Task,
};

use crate::facts::Facts;
use crate::table::Table;

/// Reads everything from the repaired text of one document (NFC, as
/// [`Text::fixed`](crate::text::Text::fixed) gives it). All spans point into `text`.
pub fn parse(text: &str, facts: &Facts) -> Parsed {
    parse_with(text, &[], facts)
}

/// [`parse`] of a text whose tables are known: cells in spans of `text`, in the order of the text.
pub fn parse_with(text: &str, tables: &[Table], facts: &Facts) -> Parsed {
    let read = header::read_header(text, facts);
    let outline = outline::read_outline(&read.sheet, read.content.clone(), &read.foot);
    // Folded once: what follows reads the body alone.
    let folded = read.sheet.folded.part(read.body);
    let citations = cite::citations_in(&folded, text, &read.header, facts);
    let tasks = task::tasks_in(&folded, text, &outline, &read.header, tables);
    let own = read.header.kind.as_ref().map(|kind| kind.value.as_str());
    let back_references = cite::find_back_references(text, read.body, own, &citations, facts);
    let attached = attached::find_attached(&read.sheet, read.foot.end.max(read.content.start), read.content.end, facts);
    Parsed {
        body: read.body,
        header: read.header,
        outline,
        citations,
        tasks,
        back_references,
        attached,
        notes: read.notes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    /// Every span of a parse, for the laws below.
    fn spans(parsed: &Parsed) -> Vec<Span> {
        let header = &parsed.header;
        let signer = header.signer.clone().unwrap_or_default();
        let mut spans = vec![parsed.body];
        let texts = [
            &header.number,
            &header.symbol,
            &header.kind,
            &header.issuer,
            &header.parent,
            &header.place,
            &header.subject,
            &signer.name,
            &signer.position,
            &signer.authority,
        ];
        spans.extend(texts.into_iter().flatten().map(|found| found.span));
        spans.extend(header.date.iter().map(|found| found.span));
        spans.extend(header.recipients.iter().chain(&header.addressees).map(|found| found.span));
        for found in [&header.subject_sentence, &header.urgency, &header.secrecy, &header.archive] {
            spans.extend(found.iter().map(|found| found.span));
        }
        for part in &parsed.attached {
            spans.push(part.span);
            spans.extend(part.header.key.iter().map(|found| found.span));
            spans.extend(part.header.subject.iter().chain(&part.label).map(|found| found.span));
        }
        spans.extend(parsed.outline.iter().flat_map(|section| [section.span, section.title.span]));
        spans
    }

    proptest::proptest! {
        /// Pieces of documents in any order never stop the reader, and every span lies in the text.
        #[test]
        fn any_text_is_survived(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "ĐẢNG CỘNG SẢN VIỆT NAM",
            "UBND TỈNH LÀO CAI", "SỞ Y TẾ", "Số:", "Số: 12/QĐ-UBND", "/KH-", "Hà Nội, ngày 1 tháng 2 năm 2024", "ngày",
            "KẾ HOẠCH", "V/v", "họp", "Căn cứ", "Nơi nhận:", "- Lưu: VT.", "KT. GIÁM ĐỐC", "PHÓ  GIÁM ĐỐC", "Trần Văn Bé",
            "TM.", "I.", "1. Một", "a) hai", "- ba", "Điều 1.", "PHỤ LỤC", "Số hiệu:", "Đang cập nhật", "Đăng nhập",
            "\n", "\n\n", "\t", "   ", " | ", "**", "_", ";", "…", "“", "\u{a0}", "của Chính phủ số 1/CP ngày 1/2/2003 về",
        ]), 0..40)) {
            for joint in ["", " ", "\n"] {
                let text = pieces.join(joint);
                let parsed = parse(&text, Facts::builtin());
                for span in spans(&parsed) {
                    proptest::prop_assert!(text.get(span.range()).is_some(), "{:?} in {:?}", span, text);
                }
            }
        }

        #[test]
        fn noise_is_survived(text in "\\PC{0,200}") {
            parse(&text, Facts::builtin());
        }
    }
}
