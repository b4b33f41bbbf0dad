#!/usr/bin/env python3
"""Prints texts and reads them back: what an OCR model makes of whole documents, for `eval parse --readings`.

Typesets each text line for line on A4 pages (dictionaries/tools/pages.py: 300 dpi), reads the pages with
Tesseract and writes the readings under the same names. Blank lines stay, long lines are wrapped as a printer
would. Needs Pillow, NumPy and Tesseract.

    readings.py OUT TEXT.txt... --lang eng --wear none
"""

import argparse
import random
import sys
import unicodedata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "dictionaries" / "tools"))
import pages  # noqa: E402
from PIL import Image, ImageDraw, ImageFont  # noqa: E402


def typeset(lines, family):
    """Pages of (picture, [(top, bottom, text)]); a blank line is an entry without text and height."""
    size = int(13 * pages.DPI / 72)
    font = ImageFont.truetype(family["Regular"], size)
    step = int(size * 1.35)
    done, page, rows, y = [], None, [], 0
    for line in lines:
        words, row = line.split(), []
        if not words:
            if page:
                rows.append((y, y, ""))
                y += step // 2
            continue
        for word in words + [None]:
            if word is not None and font.getlength(" ".join(row + [word])) <= pages.WIDTH - pages.RIGHT - pages.LEFT:
                row.append(word)
                continue
            if row:
                if page is None or y + step > pages.HEIGHT - pages.BOTTOM:
                    page, rows, y = Image.new("L", (pages.WIDTH, pages.HEIGHT), 255), [], pages.TOP
                    done.append((page, rows))
                ImageDraw.Draw(page).text((pages.LEFT, y), " ".join(row), font=font, fill=0)
                rows.append((y, y + step, " ".join(row)))
                y += step
            row = [word]
    return done


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("out", type=Path)
    args.add_argument("texts", type=Path, nargs="+")
    args.add_argument("--lang", default="eng")
    args.add_argument("--wear", default="none")
    args.add_argument("--fonts", default="/usr/share/fonts")
    args.add_argument("--family", default="Tinos")
    args = args.parse_args()
    family = pages.families(args.fonts, [args.family])[0]
    for path in args.texts:
        lines = unicodedata.normalize("NFC", path.read_text(encoding="utf-8")).split("\n")
        rng, read = random.Random(path.name), []
        for page, rows in typeset(lines, family):
            worn, scale = pages.wear(page, args.wear, rng)
            printed = [row for row in rows if row[2]]
            readings = iter(pages.read(worn, scale, printed, args.lang))
            read += [next(readings) if row[2] else "" for row in rows]
        (args.out / path.name).write_text("\n".join(read) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
