//! A PDF/A-2b of the pages' pictures, with the repaired text unseen under them: what an archive
//! keeps, looks as the paper does and can be searched.
//!
//! Archives ask for fonts inside the file even where nothing is drawn with them. Those here are
//! Type 3 fonts whose glyphs draw nothing, of the letters that the pages have: a few lines each,
//! and no font of others is handed on. Words stand where they stand on paper, widened to their
//! boxes, with a space after each, so that they are found and copied as words.

use std::collections::BTreeMap;
use std::io::{self, Write};

use moxcms::ColorProfile;
use pdf_writer::types::{OutputIntentSubtype, TextRenderingMode};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect as Area, Ref, Str, TextStr};

use super::{PlacedPage, PlacedWord};
use crate::document::{PagePicture, Rect};

/// A page: its words and its picture.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The words.
    pub page: PlacedPage,
    /// What the page looks like.
    pub picture: PagePicture,
}

/// Letters of one font.
const LETTERS: usize = 250;
/// Width of every glyph, in thousandths of its height.
const WIDTH: f32 = 500.0;

/// Gives out the numbers of objects.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// Writes pages as PDF/A-2b. `title` names the document; `id` is what the file was made of, so that
/// the same pages give the same bytes.
pub fn archive(sheets: &[Sheet], title: &str, id: &[u8], out: &mut impl Write) -> io::Result<()> {
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut numbers = Numbers(0);
    let (catalogue, tree, metadata, profile) = (numbers.next(), numbers.next(), numbers.next(), numbers.next());
    let letters = letters(sheets);
    let count = letters.len().div_ceil(LETTERS);
    let fonts: Vec<Ref> = (0..count).map(|_| numbers.next()).collect();
    let mut kids = Vec::new();
    for sheet in sheets {
        let (page, contents, picture) = (numbers.next(), numbers.next(), numbers.next());
        kids.push(page);
        write_page(&mut pdf, sheet, tree, [page, contents, picture], &fonts, &letters)?;
    }
    pdf.pages(tree).kids(kids.iter().copied()).count(kids.len() as i32);
    for (index, font) in fonts.iter().enumerate() {
        let own: Vec<char> = letters.keys().skip(index * LETTERS).take(LETTERS).copied().collect();
        write_font(&mut pdf, *font, &mut numbers, &own);
    }
    let mut icc = ColorProfile::new_srgb().encode().map_err(|error| io::Error::other(error.to_string()))?;
    // The library writes the present time as the day the profile was made (ICC.1, 7.2.8): the same input
    // must give the same bytes.
    if let Some(made) = icc.get_mut(24..36) {
        made.copy_from_slice(&[0x07, 0xe8, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    pdf.icc_profile(profile, &icc).n(3).range([0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    pdf.stream(metadata, described(title).as_bytes())
        .pair(Name(b"Type"), Name(b"Metadata"))
        .pair(Name(b"Subtype"), Name(b"XML"));
    let mut root = pdf.catalog(catalogue);
    root.pages(tree).metadata(metadata).lang(TextStr("vi"));
    root.output_intents()
        .push()
        .subtype(OutputIntentSubtype::PDFA)
        .output_condition_identifier(TextStr("sRGB IEC61966-2.1"))
        .info(TextStr("sRGB IEC61966-2.1"))
        .dest_output_profile(profile);
    root.finish();
    let id = id.get(..16).unwrap_or(id).to_vec();
    pdf.set_file_id((id.clone(), id));
    out.write_all(&pdf.finish())
}

/// The letters of all pages with the number of each.
fn letters(sheets: &[Sheet]) -> BTreeMap<char, usize> {
    let words = sheets.iter().flat_map(|sheet| sheet.page.lines.iter().flatten());
    let mut letters: BTreeMap<char, usize> = words.flat_map(|word| word.text.chars()).map(|c| (c, 0)).collect();
    letters.insert(' ', 0);
    letters.values_mut().enumerate().for_each(|(at, number)| *number = at);
    letters
}

fn write_page(
    pdf: &mut Pdf,
    sheet: &Sheet,
    tree: Ref,
    [page, contents, picture]: [Ref; 3],
    fonts: &[Ref],
    letters: &BTreeMap<char, usize>,
) -> io::Result<()> {
    let Sheet { page: placed, picture: image } = sheet;
    let scale = 72.0 / placed.dpi;
    let (width, height) = (placed.size.0 * scale, placed.size.1 * scale);
    let mut content = Content::new();
    content.begin_text();
    content.set_text_rendering_mode(TextRenderingMode::Invisible);
    for line in &placed.lines {
        for (index, word) in line.iter().enumerate() {
            let next = line.get(index + 1).map(|next| next.bbox.x0);
            write_word(&mut content, word, next, scale, height, letters);
        }
    }
    content.end_text();
    content.save_state();
    let Rect { x0, y0, x1, y1 } = image.area;
    content.transform([(x1 - x0) * scale, 0.0, 0.0, (y1 - y0) * scale, x0 * scale, height - y1 * scale]);
    content.x_object(Name(b"P"));
    content.restore_state();
    pdf.stream(contents, &deflate(&content.finish())?).filter(Filter::FlateDecode);

    let mut written = pdf.page(page);
    written.parent(tree).media_box(Area::new(0.0, 0.0, width, height)).contents(contents);
    let mut resources = written.resources();
    resources.x_objects().pair(Name(b"P"), picture);
    let mut named = resources.fonts();
    for (index, font) in fonts.iter().enumerate() {
        named.pair(Name(format!("F{index}").as_bytes()), *font);
    }
    named.finish();
    resources.finish();
    written.finish();

    let mut stream = pdf.image_xobject(picture, &image.data);
    stream.width(image.width as i32).height(image.height as i32).bits_per_component(i32::from(image.bits));
    stream.filter(if image.jpeg { Filter::DctDecode } else { Filter::FlateDecode });
    if image.gray {
        stream.color_space().device_gray();
    } else {
        stream.color_space().device_rgb();
    }
    Ok(())
}

/// Writes a word, widened to its box, and a space as wide as the gap behind it.
fn write_word(
    content: &mut Content,
    word: &PlacedWord,
    next: Option<f32>,
    scale: f32,
    height: f32,
    letters: &BTreeMap<char, usize>,
) {
    let Rect { x0, y0, x1, y1 } = word.bbox;
    let size = ((y1 - y0) * scale).max(1.0);
    let baseline = height - (y1 - 0.22 * (y1 - y0)) * scale;
    let mut put = |text: &str, left: f32, right: f32| {
        let natural = text.chars().count() as f32 * WIDTH / 1000.0 * size;
        let stretch = (((right - left) * scale) / natural * 100.0).clamp(1.0, 1000.0);
        content.set_text_matrix([1.0, 0.0, 0.0, 1.0, left * scale, baseline]);
        content.set_horizontal_scaling(stretch);
        let mut run: Vec<u8> = Vec::new();
        let mut font = None;
        for number in text.chars().filter_map(|c| letters.get(&c).copied()) {
            if font != Some(number / LETTERS) {
                if !run.is_empty() {
                    content.show(Str(&run));
                    run.clear();
                }
                font = Some(number / LETTERS);
                content.set_font(Name(format!("F{}", number / LETTERS).as_bytes()), size);
            }
            run.push((number % LETTERS) as u8 + 1);
        }
        content.show(Str(&run));
    };
    put(&word.text, x0, x1.max(x0 + 0.1));
    // The last word of a line has its space too: lines are joined where text is copied.
    let end = next.filter(|next| *next > x1).unwrap_or(x1 + 0.25 * (y1 - y0));
    put(" ", x1, end);
}

/// A font whose glyphs draw nothing.
fn write_font(pdf: &mut Pdf, font: Ref, numbers: &mut Numbers, letters: &[char]) {
    let (blank, map) = (numbers.next(), numbers.next());
    let mut written = pdf.type3_font(font);
    written.bbox(Area::new(0.0, -220.0, WIDTH, 780.0)).matrix([0.001, 0.0, 0.0, 0.001, 0.0, 0.0]);
    written.first_char(1).last_char(letters.len() as u8).widths(letters.iter().map(|_| WIDTH));
    let name = |index: usize| format!("g{}", index + 1);
    let mut glyphs = written.char_procs();
    for index in 0..letters.len() {
        glyphs.pair(Name(name(index).as_bytes()), blank);
    }
    glyphs.finish();
    let mut encoding = written.encoding_custom();
    let names: Vec<String> = (0..letters.len()).map(name).collect();
    encoding.differences().consecutive(1, names.iter().map(|name| Name(name.as_bytes())));
    encoding.finish();
    written.resources();
    written.to_unicode(map);
    written.finish();
    pdf.stream(blank, b"500 0 0 0 0 0 d1");
    let mut table = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) \
         /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n<00> <ff>\nendcodespacerange\n",
    );
    for (part, chunk) in letters.chunks(100).enumerate() {
        table.push_str(&format!("{} beginbfchar\n", chunk.len()));
        for (index, c) in chunk.iter().enumerate() {
            let mut units = String::new();
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = std::fmt::Write::write_fmt(&mut units, format_args!("{unit:04x}"));
            }
            table.push_str(&format!("<{:02x}> <{units}>\n", part * 100 + index + 1));
        }
        table.push_str("endbfchar\n");
    }
    table.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    pdf.stream(map, table.as_bytes());
}

/// XMP: what the file claims to be and what it is called.
fn described(title: &str) -> String {
    let title = quick_xml::escape::escape(title);
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n\
         <pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
         <dc:format>application/pdf</dc:format>\n\
         <pdf:Producer>vanban {}</pdf:Producer>\n\
         </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>",
        env!("CARGO_PKG_VERSION")
    )
}

fn deflate(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data)?;
    encoder.finish()
}
