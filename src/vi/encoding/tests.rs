use crate::text::{Edit, Span, Text, Why};

use super::*;

fn fixed(text: &str) -> String {
    Text::new(text.to_owned(), edits(text)).fixed().to_owned()
}

#[test]
fn every_letter_can_be_written_and_read() {
    let letters = "a á à ả ã ạ ă ắ ằ ẳ ẵ ặ â ấ ầ ẩ ẫ ậ e é è ẻ ẽ ẹ ê ế ề ể ễ ệ i í ì ỉ ĩ ị o ó ò ỏ õ ọ ô ố ồ ổ ỗ ộ \
                   ơ ớ ờ ở ỡ ợ u ú ù ủ ũ ụ ư ứ ừ ử ữ ự y ý ỳ ỷ ỹ ỵ đ";
    for text in [letters.to_owned(), letters.to_uppercase()] {
        for encoding in Encoding::all() {
            if encoding == Encoding::Tcvn3 && text != letters {
                assert_eq!(encode(encoding, &text), None);
                continue;
            }
            let shown = misread(encoding, &text).unwrap_or_else(|| panic!("{}", encoding.name()));
            // Letters by themselves are no evidence, so they are read, not detected. A mark of VIQR at
            // the end of a line without escapes may be a full stop.
            if encoding != Encoding::Viqr {
                assert_eq!(decode(encoding, &shown), text, "{}", encoding.name());
            }
        }
    }
}

#[test]
fn capitals_of_tcvn3_are_read_only_where_the_word_shows_them() {
    assert_eq!(fixed("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM"), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    // Typed in small letters for a font of capitals: nothing in the text says so.
    assert_eq!(fixed("céng hßa x· héi chñ nghÜa viÖt nam"), "cộng hòa xã hội chủ nghĩa việt nam");
    assert_eq!(fixed("Sè: 12/2003/Q§-UB cña ñy ban nh©n d©n tØnh"), "Số: 12/2003/QĐ-UB của ủy ban nhân dân tỉnh");
}

#[test]
fn cut_sequences_are_read_by_the_word_and_keep_rivals() {
    // The last byte of `ề` and of `ọ` has no character in Windows-1252 and was dropped.
    let raw = "CÃ´ng vÄƒn vá» viá»‡c há»c táº\u{ad}p";
    let edits = edits(raw);
    let text = Text::new(raw.to_owned(), edits.clone());
    assert_eq!(text.fixed(), "Công văn về việc học tập");
    let cut = edits.iter().find(|edit| edit.new == "về").expect("an edit for the cut word");
    assert!(cut.confidence < 0.9 && cut.rivals.iter().all(|rival| rival != "về"), "{cut:?}");
}

#[test]
fn decomposed_letters_are_composed_word_for_word() {
    let raw = "Kê\u{301} hoa\u{323}ch e\u{301}\u{302}";
    let edits = edits(raw);
    assert_eq!(Text::new(raw.to_owned(), edits.clone()).fixed(), "Kế hoạch ế");
    assert!(edits.iter().all(|edit| edit.why == Why::Unicode), "{edits:?}");
    assert_eq!(edits.len(), 3);
}

#[test]
fn a_single_foreign_word_is_no_passage() {
    for text in ["Caïn", "Noël", "Peña", "Öl", "Hanoï", "Nguyễn Thị Zoë", "Viện Goëthe tại Hà Nội", "điểm · mục · phần"]
    {
        assert_eq!(edits(text), Vec::<Edit>::new(), "{text}");
    }
}

#[test]
fn edits_stand_on_the_words_and_not_on_what_is_between() {
    let raw = "Sè: 37/2003/Q§-UB, ngµy 05 th¸ng 3 n¨m 2003 cña Uû ban";
    for edit in edits(raw) {
        assert!(edit.raw.of(raw).chars().all(|c| !c.is_ascii_digit() && !c.is_whitespace()), "{edit:?}");
    }
    let text = Text::new(raw.to_owned(), edits(raw));
    let at = text.fixed().find("năm").expect("the word");
    assert_eq!(text.raw_span(Span::at(at, at + "năm".len())).of(raw), "n¨m");
}
