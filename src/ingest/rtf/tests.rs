use super::*;

fn text(rtf: &str) -> String {
    read(rtf.as_bytes(), &Limits::default()).unwrap().raw
}

const FONTS: &str = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Times New Roman;}
{\f1\fnil\fcharset0 .VnTime{\*\falt Arial};}{\f2\fnil\fcharset162 .VnTimeH Tur;}{\f3\fnil\fcharset163 Arial;}
{\f4\fnil\fcharset2 Wingdings;}{\f5\fnil\fcharset0 VNI-Times;}}";

#[test]
fn letters_are_read_by_their_fonts() {
    let cases = [
        (r"\f1 S\'e8 12/KH\par", "Số 12/KH\n"),
        (r"\f1 S\'e8 {\f2 k\'d5 ho\'b9ch} n\'a8m\par", "Số KẾ HOẠCH năm\n"),
        (r"\f5 ke\'e1 ho\'61\'efch\par", "kế hoạch\n"),
        (r"\f3 K\'ea\'ec\par", "Kê\u{301}\n"),
        (r"\uc1 K\u7871? ho\u7841\'61ch\par", "Kế hoạch\n"),
        (r"\uc0 K\u7871 {\uc2 \u7841 ab}x\par", "Kếạx\n"),
        (r"{\f4\'a8} \caps a\caps0 b{\v hidden}{\deleted gone}\par", "☐ Ab\n"),
        (r"a\tab b\line c\~d\_e\-f\par", "a\tb\nc d-ef\n"),
        (r"{\*\unknown x}{\stylesheet{\s0 Normal;}}{\pict\bin3 }}}}{\info{\title x}}y\par", "y\n"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}{\listtext 1.\tab}M\u7897?t\par", "link1. Một\n"),
    ];
    for (rtf, expected) in cases {
        assert_eq!(text(&format!("{FONTS}{rtf}}}")), expected, "{rtf}");
    }
}

#[test]
fn notes_and_boxes_stand_apart() {
    let rtf =
        r"một{\footnote\pard ghi chú{\f1 };} hai{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt trong khung\par}}} ba\par";
    assert_eq!(text(&format!("{FONTS}{rtf}}}")).lines().collect::<Vec<_>>().len(), 3);
}

#[test]
fn rows_become_cells() {
    let row = |cells: [&str; 3]| {
        format!(
            r"\trowd\cellx1000\cellx4000\cellx6000\pard\intbl {}\cell {}\cell {}\cell\row",
            cells[0], cells[1], cells[2]
        )
    };
    let rtf = format!("{FONTS}{}{}\\pard sau\\par}}", row(["STT", "Noi dung", "Han"]), row(["1", "a\\par b", ""]));
    let document = read(rtf.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(document.raw, "STT\tNoi dung\tHan\n1\ta b\nsau\n");
    let table = &document.tables[0];
    assert_eq!((table.rows, table.columns), (2, 3));
    assert_eq!(table.cell(1, 1).unwrap().span.of(&document.raw), "a b");
}
