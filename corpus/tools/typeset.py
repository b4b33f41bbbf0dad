#!/usr/bin/env python3
"""Typesets a plan in the official layout (NĐ 30/2020/NĐ-CP) and makes a "scan" of it.

    pip install weasyprint pymupdf pillow numpy img2pdf     # and the font Tinos (fonts-croscore)
    python3 typeset.py TEXT.txt OUT.pdf [--pages N] [--dpi D] [--quality Q]
    python3 typeset.py TEXT.txt OUT.png --pages 1           # one page as a grey picture

TEXT holds the document line for line: letterhead lines with both columns, the number and place
line, title and subject, body (blank lines part paragraphs), "Nơi nhận:" and the signer last.
The same input gives the same pixels: the noise has a fixed seed.
"""
import argparse
import html
import io
import re

import pymupdf
import img2pdf
import numpy as np
from PIL import Image, ImageFilter
from weasyprint import HTML

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
STYLE = """
@page { size: A4; margin: 20mm 15mm 20mm 30mm;
        @top-center { content: counter(page); font: 13pt Tinos } }
@page :first { @top-center { content: none } }
body { font: 14pt/1.25 Tinos; margin: 0 }
table { width: 100%; table-layout: fixed; border-collapse: collapse; break-inside: avoid }
td { vertical-align: top; text-align: center; padding: 0 }
.head { font-size: 12.5pt; white-space: nowrap } .head td:first-child { width: 42% }
.rule { border-top: 0.8pt solid; margin: 2pt auto 0; width: 28mm }
p { margin: 0 0 5pt; text-align: justify; text-indent: 12.7mm }
.title { text-align: center; text-indent: 0; font-weight: bold; margin: 0 }
.to { text-align: left; font-size: 11pt; line-height: 1.15 }
"""


def parts(lines):
    """Splits the lines into letterhead, number line, title, body paragraphs and signature block."""
    number = next(i for i, line in enumerate(lines) if line.startswith("Số:"))
    to = next(i for i, line in enumerate(lines) if line.startswith("Nơi nhận:"))
    left = []
    for line in filter(None, lines[:number]):
        left.append(line.replace(NATION, "").replace(MOTTO, "").strip())
    blocks = [[]]
    for line in lines[number + 1 : to]:
        # A list item, a heading or a field begins a paragraph even without a blank line.
        if not line:
            blocks.append([])
        elif re.match(r"(- |\d+\. |[IVX]+\. |Phụ trách:|Thời gian )", line):
            blocks.append([line])
        else:
            blocks[-1].append(line)
    blocks = [block for block in blocks if block]
    return left, lines[number], blocks[0], blocks[1:], [line for line in lines[to:] if line]


def page_html(lines):
    left, number, title, body, ending = parts(lines)
    bold = lambda text: f"<b>{html.escape(text)}</b>"
    number, place = re.match(r"(Số:.*?/\S+)\s+(.*)", number).groups()
    paragraphs = []
    for block in body:
        text = " ".join(block)
        heading = re.match(r"([IVX]+|\d+)\. ", text) and len(text) < 130 and not text.endswith(".")
        paragraphs.append(f"<p>{bold(text) if heading else html.escape(text)}</p>")
    position = ending[0].removeprefix("Nơi nhận:").strip()
    recipients = "<br>".join(map(html.escape, ending[1:-1]))
    return f"""<html lang="vi"><meta charset="utf-8"><style>{STYLE}</style><body>
<table class="head"><tr><td>{"<br>".join(map(html.escape, left[:-1]))}<br>{bold(left[-1])}<div class="rule"></div></td>
<td>{bold(NATION)}<br>{bold(MOTTO)}<div class="rule" style="width: 55mm"></div></td></tr>
<tr><td style="padding-top: 8pt">{html.escape(number)}</td>
<td style="padding-top: 8pt"><i>{html.escape(place)}</i></td></tr></table>
<p class="title" style="margin-top: 14pt">{html.escape(title[0])}</p>
<p class="title">{"<br>".join(map(html.escape, title[1:]))}</p><div class="rule" style="margin-bottom: 10pt"></div>
{"".join(paragraphs)}
<table style="margin-top: 10pt"><tr><td class="to"><b><i>Nơi nhận:</i></b><br>{recipients}</td>
<td>{bold(position)}<div style="height: 28mm"></div>{bold(ending[-1])}</td></tr></table></body></html>"""


def scan(page, dpi, chance):
    """One page as a scanner of an office gives it: grey, a little skewed, soft and grainy."""
    pixels = page.get_pixmap(dpi=dpi * 2, colorspace=pymupdf.csGRAY)
    image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    image = image.rotate(chance.uniform(-0.5, 0.5), Image.Resampling.BICUBIC, fillcolor=255)
    image = image.resize((pixels.width // 2, pixels.height // 2), Image.Resampling.BOX)
    image = image.filter(ImageFilter.GaussianBlur(0.5))
    grey = 255 - (255 - np.asarray(image, dtype=np.float32)) * 0.88
    grey = grey * (1 - 0.04 * np.linspace(0, 1, grey.shape[1])) - 6 + chance.normal(0, 1.5, grey.shape)
    # The paper itself goes to white, as scanner programs do; that also keeps the file small.
    return Image.fromarray(np.where(grey > 232, 255, np.clip(grey, 0, 255)).astype(np.uint8))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("text")
    arguments.add_argument("out")
    arguments.add_argument("--pages", type=int, default=1000)
    arguments.add_argument("--dpi", type=int, default=200)
    arguments.add_argument("--quality", type=int, default=25)
    given = arguments.parse_args()
    lines = [line.strip() for line in open(given.text, encoding="utf-8")]
    document = pymupdf.open(stream=HTML(string=page_html(lines)).write_pdf(), filetype="pdf")
    chance = np.random.default_rng(441)
    pages = [scan(page, given.dpi, chance) for page in list(document)[: given.pages]]
    if given.out.endswith(".png"):
        pages[0].quantize(16, dither=Image.Dither.NONE).save(given.out, dpi=(given.dpi, given.dpi), optimize=True)
        return
    pictures = []
    for page in pages:
        buffer = io.BytesIO()
        page.save(buffer, "JPEG", quality=given.quality, dpi=(given.dpi, given.dpi))
        pictures.append(buffer.getvalue())
    with open(given.out, "wb") as out:
        out.write(img2pdf.convert(pictures, creator="", nodate=True))


if __name__ == "__main__":
    main()
