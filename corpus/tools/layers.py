#!/usr/bin/env python3
"""Makes PDFs whose text layers are good, missing or wrong in the ways that office files have, with labels.

    pip install pikepdf fonttools pillow        # and the font Tinos (fonts-croscore), pdftoppm (poppler-utils)
    python3 layers.py OUT_DIR [--only CLASS]
    vanban eval layers OUT_DIR

Every text is made up. OUT_DIR/labels.tsv names file, page, the layer that is right and the class; the text of
each page lies beside it as FILE.PAGE.txt. The same run gives the same files.
"""
import argparse
import io
import pathlib
import random
import subprocess
import tempfile
import unicodedata

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.reorderGlyphs import reorderGlyphs
from PIL import Image, ImageFilter
from pikepdf import Array, Dictionary, Name, Stream

FONT = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"
TABLES = pathlib.Path(__file__).resolve().parent.parent.parent / "dictionaries"
A4 = (595, 842)

PLACES = ["Tân Hưng", "Hòa Phú", "Đông Thạnh", "Mỹ Lợi", "Xuân Trường", "Bình Khê", "Ngọc Sơn", "Phước Vĩnh"]
FIELDS = ["chuyển đổi số", "phòng cháy và chữa cháy", "cải cách hành chính", "bảo vệ môi trường", "an toàn thực phẩm",
          "phát triển du lịch", "giảm nghèo bền vững", "công tác văn thư, lưu trữ"]
NAMES = ["Nguyễn Thị Hồng Vân", "Trần Quốc Bửu", "Lê Đình Khải", "Phạm Thùy Dương", "Đỗ Hữu Nghĩa"]


def lines_of(random):
    """The lines of one page: (x, y from the top, size, text)."""
    place, field = random.choice(PLACES), random.choice(FIELDS)
    number, day, month, year = random.randint(2, 980), random.randint(1, 28), random.randint(1, 12), random.randint(2019, 2026)
    cited = f"{random.randint(10, 990)}/{random.choice(['QĐ-UBND', 'KH-UBND', 'NQ-HĐND'])}"
    body = [
        f"Căn cứ Quyết định số {cited} ngày {random.randint(1, 28)} tháng {month} năm {year - 1} của Ủy ban nhân dân tỉnh",
        f"về việc {field} giai đoạn {year} - {year + 5}, Ủy ban nhân dân xã {place} xây dựng kế hoạch như sau:",
        "I. MỤC ĐÍCH, YÊU CẦU",
        f"1. Nâng cao nhận thức của cán bộ, công chức và người dân về {field}; bảo đảm việc thực",
        "hiện đúng quy định của pháp luật, phù hợp với điều kiện thực tế của địa phương.",
        "2. Các đơn vị chủ động phối hợp chặt chẽ, kịp thời báo cáo những khó khăn, vướng mắc.",
        "II. NỘI DUNG VÀ NHIỆM VỤ",
        f"1. Văn phòng Ủy ban nhân dân xã chủ trì tuyên truyền trước ngày {random.randint(1, 28)} tháng 12 năm {year}.",
        "2. Phòng Kinh tế phối hợp với Phòng Văn hóa - Xã hội rà soát, tổng hợp số liệu hằng quý.",
        f"3. Kinh phí thực hiện: {random.randint(10, 900)}.{random.randint(100, 999)}.000 đồng từ nguồn ngân sách.",
        "III. TỔ CHỨC THỰC HIỆN",
        "Yêu cầu các thôn, ấp nghiêm túc triển khai; định kỳ trước ngày 25 hằng tháng gửi báo cáo",
        "về Ủy ban nhân dân xã để tổng hợp, trình cấp có thẩm quyền xem xét, quyết định./.",
    ]
    head = [
        (60, 12, f"ỦY BAN NHÂN DÂN"), (300, 12, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (70, 12, f"XÃ {place.upper()}"), (330, 12, "Độc lập - Tự do - Hạnh phúc"),
        (75, 12, f"Số: {number}/KH-UBND"), (320, 12, f"{place}, ngày {day:02d} tháng {month:02d} năm {year}"),
    ]
    placed = []
    for row in range(3):
        placed += [(x, 60 + 18 * row, size, text) for x, size, text in head[2 * row : 2 * row + 2]]
    placed.append((260, 140, 14, "KẾ HOẠCH"))
    placed.append((180, 158, 13, f"Về {field} năm {year}"))
    placed += [(50, 200 + 22 * row, 11.5, text) for row, text in enumerate(body)]
    foot = 220 + 22 * len(body)
    placed += [(70, foot, 11, "Nơi nhận:"), (380, foot, 12, "TM. ỦY BAN NHÂN DÂN"), (70, foot + 16, 11, "- Như trên;"),
               (410, foot + 16, 12, "CHỦ TỊCH"), (70, foot + 32, 11, "- Lưu: VT."), (385, foot + 90, 12, random.choice(NAMES))]
    return placed


def text_of(placed):
    rows = {}
    for x, y, _, text in placed:
        rows.setdefault(y, []).append((x, text))
    return "\n".join("\t".join(text for _, text in sorted(row)) for _, row in sorted(rows.items())) + "\n"


class Letters:
    """A font for a PDF, broken in a given way."""

    def __init__(self, characters, order=None, keep_cmap=True, keep_names=False, unicode="right", retain=True):
        font = TTFont(FONT)
        cmap = font.getBestCmap()
        options = subset.Options(retain_gids=retain, layout_features=[], hinting=False, notdef_outline=True,
                                 glyph_names=keep_names, legacy_cmap=False)
        if order:
            names = font.getGlyphOrder()
            wanted = {glyph: cmap[letter] for glyph, letter in order.items() if letter in cmap and glyph < len(names)}
            taken, left = set(wanted.values()), iter([name for name in names if name not in set(wanted.values())])
            reorderGlyphs(font, [wanted.get(glyph) or next(left) for glyph in range(len(names))])
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(c) for c in characters])
        cutter.subset(font)
        self.glyph = {c: font.getGlyphID(font.getBestCmap()[ord(c)]) for c in characters}
        self.width = {c: font["hmtx"][font.getBestCmap()[ord(c)]][0] * 1000 / font["head"].unitsPerEm for c in characters}
        self.unicode = unicode
        font["post"].formatType = 2.0 if keep_names else 3.0
        if not keep_cmap:
            del font["cmap"]
        out = io.BytesIO()
        font.save(out, reorderTables=False)
        self.bytes = out.getvalue()

    def shown(self, text):
        return "".join(f"{self.glyph[c]:04x}" for c in text)

    def embed(self, pdf, name="ABCDEF+Tinos"):
        file = pdf.make_stream(self.bytes)
        file.Length1 = len(self.bytes)
        descriptor = pdf.make_indirect(Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/" + name), Flags=4, FontBBox=[-200, -300, 1200, 1000], ItalicAngle=0,
            Ascent=891, Descent=-216, CapHeight=660, StemV=80, FontFile2=file))
        widths = Array([])
        for glyph, width in sorted({self.glyph[c]: self.width[c] for c in self.glyph}.items()):
            widths.extend([glyph, Array([round(width, 1)])])
        inner = pdf.make_indirect(Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/" + name),
            CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
            FontDescriptor=descriptor, DW=500, W=widths, CIDToGIDMap=Name.Identity))
        font = Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/" + name), Encoding=Name("/Identity-H"),
                          DescendantFonts=[inner])
        table = {"right": lambda c: c, "codes": lambda c: chr(self.glyph[c]),
                 "wrong": lambda c: {"ư": "ƣ", "Ư": "Ƣ", "Ò": "Õ", "ò": "õ"}.get(c, c)}.get(self.unicode)
        if table:
            rows = "".join(f"<{glyph:04x}> <{ord(table(c)):04x}>\n" for c, glyph in self.glyph.items())
            font.ToUnicode = pdf.make_stream((
                "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
                f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(self.glyph)} beginbfchar\n{rows}endbfchar\n"
                "endcmap end end").encode())
        return pdf.make_indirect(font)


def drawn(placed, letters, mode=0):
    """Content that draws the lines."""
    out = []
    for x, y, size, text in placed:
        out.append(f"BT {mode} Tr /F {size} Tf 1 0 0 1 {x} {A4[1] - y} Tm <{letters.shown(text)}> Tj ET")
    return "\n".join(out)


def add_page(pdf, content, fonts=None, images=None, **more):
    resources = Dictionary()
    if fonts:
        resources.Font = Dictionary(fonts)
    if images:
        resources.XObject = Dictionary(images)
    page = Dictionary(Type=Name.Page, MediaBox=[0, 0, *A4], Resources=resources,
                      Contents=pdf.make_stream(content.encode()), **more)
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def characters(*pages):
    return sorted({c for placed in pages for *_, text in placed for c in text} | set(" 0123456789"))


def typeset(pages, mode=0, **how):
    pdf = pikepdf.new()
    letters = Letters(characters(*pages), **how)
    font = letters.embed(pdf)
    for placed in pages:
        add_page(pdf, drawn(placed, letters, mode), {"/F": font})
    return pdf


def saved(pdf):
    out = io.BytesIO()
    pdf.save(out, static_id=True)
    return out.getvalue()


def photograph(placed, dpi=200):
    """What a page looks like when it is scanned."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "page.pdf")
        path.write_bytes(saved(typeset([placed])))
        subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "-png", path, path.with_suffix("")], check=True)
        return Image.open(next(path.parent.glob("*.png"))).convert("L").filter(ImageFilter.GaussianBlur(0.6))


def picture(pdf, image):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    stream = pdf.make_stream(out.getvalue())
    stream.update(Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=image.width, Height=image.height,
                             ColorSpace=Name.DeviceGray, BitsPerComponent=8, Filter=Name.DCTDecode))
    return stream


def scan_page(pdf, placed, over=None, mode=3, strips=1, **more):
    image = photograph(placed)
    content, images = [], {}
    for strip in range(strips):
        top, bottom = image.height * strip // strips, image.height * (strip + 1) // strips
        images[f"/I{strip}"] = picture(pdf, image.crop((0, top, image.width, bottom)))
        high = A4[1] * (bottom - top) / image.height
        content.append(f"q {A4[0]} 0 0 {high:.3f} 0 {A4[1] * (1 - bottom / image.height):.3f} cm /I{strip} Do Q")
    fonts = None
    if over:
        letters = Letters(characters(over))
        fonts = {"/F": letters.embed(pdf)}
        content.append(drawn(over, letters, mode))
    add_page(pdf, "\n".join(content), fonts, images, **more)


def english(placed, random):
    """What an English OCR program reads."""
    def misread(c):
        plain = unicodedata.normalize("NFD", c.replace("đ", "d").replace("Đ", "D"))[0]
        return random.choice("bco1e") if c != plain and random.random() < 0.15 else plain
    return [(x, y, size, "".join(map(misread, text))) for x, y, size, text in placed]


def worn(placed, random):
    """What a Vietnamese OCR program reads on a poor copy."""
    def misread(c):
        return random.choice("rtl1ifvx;'") if c.isalpha() and random.random() < 0.22 else c
    return [(x, y, size, "".join(map(misread, text))) for x, y, size, text in placed]


def in_code(placed, column):
    """The lines in an encoding of old fonts, as a PDF has them: a Latin-1 letter for each byte."""
    rows = [line.split("\t") for line in (TABLES / "encodings.tsv").read_text().splitlines() if not line.startswith("#")]
    at = rows[0].index(column)
    table = {row[0]: bytes.fromhex(row[at].split("|")[0]).decode("latin-1") for row in rows[1:] if row[at] != "-"}
    put = lambda text: "".join(table.get(c, c) for c in unicodedata.normalize("NFC", text))
    return [(x, y, size, put(text.lower() if column == "tcvn3" else text)) for x, y, size, text in placed]


def windows_order(block=1188):
    order = {}
    for line in (TABLES / "glyphs.tsv").read_text().splitlines():
        part, *numbers = line.split("\t")
        if part in ("base", "letters"):
            glyph, letter, count = int(numbers[0]), int(numbers[1], 16), int(numbers[2])
            for step in range(count):
                order[glyph + step + (block if part == "letters" else 0)] = letter + step
    return order


def simple(placed, column):
    """A page in a plain font with the codes of an old encoding."""
    coded = in_code(placed, column)
    pdf = pikepdf.new()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/Times-Roman"), Encoding=Name.WinAnsiEncoding)
    escape = lambda text: text.encode("cp1252", "replace").hex()
    content = "\n".join(f"BT /F {s} Tf 1 0 0 1 {x} {A4[1] - y} Tm <{escape(t)}> Tj ET" for x, y, s, t in coded)
    add_page(pdf, content, {"/F": font})
    return pdf


def make(random):
    """Gives (class, file, pdf, [(layer, lines)])."""
    page = lambda: lines_of(random)
    signature = lambda: [(360, 22, 9, "Ký bởi: Ủy ban nhân dân xã"), (360, 34, 9, f"Thời gian ký: {random.randint(10, 28)}.03.2026 15:33:22 +07:00")]
    def stamped(p):
        """The number alone is drawn as text: the printed page has a blank there."""
        at = next(index for index, line in enumerate(p) if line[3].startswith("Số: "))
        x, y, size, text = p[at]
        p[at] = (x, y, size, "Số:            /" + text.split("/")[1])
        return [(x + 25, y, size, text[4:].split("/")[0])]

    for _ in range(6):
        pages = [page()]
        yield "good", typeset(pages), [("native", p) for p in pages]
    for at in range(6):
        pdf, p = pikepdf.new(), page()
        scan_page(pdf, p, strips=[1, 1, 1, 1, 5, 8][at])
        yield "scan", pdf, [("recognised", p)]
    for _ in range(6):
        pdf, p = pikepdf.new(), page()
        scan_page(pdf, p, english(p, random))
        yield "english-ocr", pdf, [("recognised", p)]
    for _ in range(2):
        pdf, p = pikepdf.new(), page()
        scan_page(pdf, p, worn(p, random))
        yield "poor-ocr", pdf, [("recognised", p)]
    for at in range(5):
        pdf, p = pikepdf.new(), page()
        scan_page(pdf, p, signature() if at < 3 else stamped(p), mode=0)
        yield "signed-scan", pdf, [("recognised", p)]
    for at in range(6):
        p = page()
        yield "glyph-order", typeset([p], order=windows_order(808 if at % 2 else 1188), keep_cmap=False, unicode=None), [("recovered", p)]
    for at in range(3):
        p = page()
        order = windows_order(808 if at % 2 else 1188)
        yield "codes-as-letters", typeset([p], order=order, keep_cmap=False, unicode="codes"), [("recovered", p)]
    for _ in range(5):
        p = page()
        yield "no-tounicode", typeset([p], unicode=None, retain=random.random() < 0.5), [("recovered", p)]
    for _ in range(2):
        p = page()
        yield "names-only", typeset([p], unicode=None, keep_cmap=False, keep_names=True), [("recovered", p)]
    for _ in range(4):
        p = page()
        yield "wrong-letters", typeset([p], unicode="wrong"), [("recovered", p)]
    for _ in range(3):
        p = page()
        yield "nothing-known", typeset([p], unicode=None, keep_cmap=False, retain=False), [("recognised", p)]
    for _ in range(3):
        pages = [page(), page()]
        pdf = typeset(pages[:1])
        scan_page(pdf, pages[1])
        add_page(pdf, "")
        yield "mixed", pdf, [("native", pages[0]), ("recognised", pages[1]), ("blank", [])]
    for at in range(2):
        p = page()
        pdf = typeset([p])
        pdf.pages[0].Rotate = 90 * (1 + 2 * at)
        # Read as it is shown: the lines then run down or up the sheet.
        yield "rotated", pdf, [("native", p)]
    for at in range(2):
        p = page()
        pdf = typeset([p])
        pdf.pages[0].CropBox = [30, 20, 580, 830]
        yield "cropped", pdf, [("native", p)]
    for _ in range(3):
        pdf, p = pikepdf.new(), page()
        scan_page(pdf, p, p)
        yield "good-ocr", pdf, [("native", p)]
    for column in ("tcvn3", "vni"):
        p = page()
        yield "old-font", simple(p, column), [("native", p)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--only", help="one class")
    arguments.add_argument("--seed", type=int, default=1)
    arguments = arguments.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    labels, counts = ["file\tpage\tlayer\tclass"], {}
    for kind, pdf, pages in make(random.Random(arguments.seed)):
        counts[kind] = counts.get(kind, 0) + 1
        if arguments.only not in (None, kind):
            continue
        file = f"{kind}-{counts[kind]}.pdf"
        (arguments.out / file).write_bytes(saved(pdf))
        for number, (layer, placed) in enumerate(pages, 1):
            labels.append(f"{file}\t{number}\t{layer}\t{kind}")
            (arguments.out / f"{file}.{number}.txt").write_text(text_of(placed))
    (arguments.out / "labels.tsv").write_text("\n".join(labels) + "\n")


if __name__ == "__main__":
    main()
