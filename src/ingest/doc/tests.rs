use std::io::Write;

use super::*;

/// Where the text and the page of run settings lie in the file that [`doc`] makes.
const TEXT: u32 = 0x600;
const PAGE: u32 = 0xa00;

fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at + bytes.len() {
        file.resize(at + bytes.len(), 0);
    }
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A Word document with this text in codes of Windows-1252, all of it in one font, with the other
/// modifiers of the runs given.
fn doc(text: &[u8], font: &str, modifiers: &[u8], flags: u16) -> Vec<u8> {
    let mut file = vec![0; PAGE as usize + 512];
    put(&mut file, 0, &0xa5ec_u16.to_le_bytes());
    put(&mut file, 2, &0xc1_u16.to_le_bytes());
    put(&mut file, 10, &flags.to_le_bytes());
    put(&mut file, 0x4c, &(text.len() as u32).to_le_bytes());
    put(&mut file, TEXT as usize, text);
    let end = TEXT + text.len() as u32;
    // One stretch, its settings at byte 400 of the page.
    put(&mut file, PAGE as usize, &TEXT.to_le_bytes());
    put(&mut file, PAGE as usize + 4, &end.to_le_bytes());
    put(&mut file, PAGE as usize + 8, &[200]);
    let mut run = vec![4 + modifiers.len() as u8, 0x4f, 0x4a, 1, 0];
    run.extend(modifiers);
    put(&mut file, PAGE as usize + 400, &run);
    put(&mut file, PAGE as usize + 511, &[1]);
    let mut table = Vec::new();
    let mut list = |file: &mut Vec<u8>, index: usize, bytes: &[u8]| {
        put(file, 0x9a + 8 * index, &(table.len() as u32).to_le_bytes());
        put(file, 0x9e + 8 * index, &(bytes.len() as u32).to_le_bytes());
        table.extend(bytes);
    };
    let words = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    list(&mut file, 12, &words(&[TEXT, end, PAGE / 512]));
    let mut pieces = vec![2];
    pieces.extend(words(&[16, 0, text.len() as u32]));
    pieces.extend([0, 0]);
    pieces.extend(words(&[0x4000_0000 | (TEXT * 2)]));
    pieces.extend([0, 0]);
    list(&mut file, 33, &pieces);
    let mut fonts = vec![2, 0, 0, 0];
    for name in ["Arial", font] {
        let units: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        fonts.push(39 + units.len() as u8);
        fonts.extend([0; 39]);
        fonts.extend(units);
    }
    list(&mut file, 15, &fonts);
    let mut container = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    container.create_stream("/WordDocument").unwrap().write_all(&file).unwrap();
    container.create_stream("/0Table").unwrap().write_all(&table).unwrap();
    container.into_inner().into_inner()
}

fn text(bytes: &[u8]) -> String {
    read(bytes, &Limits::default()).unwrap().raw
}

#[test]
fn letters_are_read_by_the_font_of_their_run() {
    let line = b"S\xe8 5 c\xf1a t\xd8nh\x0bhai\tba\r";
    assert_eq!(text(&doc(line, ".VnTime", &[], 0)), "Số 5 của tỉnh\nhai\tba\n");
    assert_eq!(text(&doc(line, ".VnTimeH", &[], 0)), "SỐ 5 CỦA TỈNH\nHAI\tBA\n");
    assert_eq!(text(&doc(b"ke\xe1 hoa\xefch\r", "VNI-Times", &[0x3b, 0x08, 1], 0)), "KẾ HOẠCH\n");
    assert_eq!(text(&doc(b"caf\xe9\r", "Arial", &[], 0)), "café\n");
}

#[test]
fn fields_show_their_result_and_hidden_text_is_left_out() {
    assert_eq!(text(&doc(b"a\x13 PAGE \x147\x15b\x1ec\r", "Arial", &[], 0)), "a7b-c\n");
    assert_eq!(text(&doc(b"gone\r", "Arial", &[0x3c, 0x08, 1], 0)), "");
    assert_eq!(text(&doc(b"gone\r", "Arial", &[0x00, 0x08, 1], 0)), "");
}

#[test]
fn what_is_locked_or_broken_is_an_error() {
    let locked = doc(b"a\r", "Arial", &[], 0x100);
    assert!(matches!(read(&locked, &Limits::default()), Err(Error::Locked("DOC"))));
    let good = doc(b"a\r", "Arial", &[], 0);
    for end in (0..good.len()).step_by(101) {
        // The end of a container may be padding.
        let _ = read(&good[..end], &Limits::default());
    }
    assert!(read(&good[..600], &Limits::default()).is_err());
}
