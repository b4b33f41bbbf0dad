#!/usr/bin/env python3
"""Makes pairs of lines for `vanban train channel`: what the paper said, what OCR read.

Typesets paragraphs of a text on A4 pages, wears the pages down, reads them with Tesseract, and
prints one pair a line: truth, TAB, reading, TAB, how the page was worn. Words are given to lines by
their height on the page, so a line that was lost or torn spoils no other.

    pages.py TEXT --lang eng --wear none,mild,heavy --pages 200 --seed 1 --fonts DIR > pairs.tsv
    pages.py TEXT --lang vie --wear degraded --in-order > pairs.tsv

Or takes pages of one's own scanner, each a picture and the text that stands on it, in the order of
reading (line breaks may differ). Lines that cannot be told for certain are left out.

    pages.py --own page1.png page1.txt page2.png page2.txt --lang eng > pairs.tsv

Needs Python 3.9, `pip install pillow numpy`, Tesseract with the data of the language, and for
typesetting the fonts that `--family` names (Debian: fonts-croscore, fonts-liberation2).
`python3 -m doctest pages.py` checks how lines are paired.
"""

import argparse
import difflib
import io
import os
import random
import subprocess
import sys
import tempfile
import unicodedata
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

DPI = 300
WIDTH, HEIGHT = 2480, 3508
LEFT, RIGHT, TOP, BOTTOM = 354, 177, 236, 236


def paragraphs(path, count, seed):
    """`count` paragraphs of a sensible length, drawn evenly from the text."""
    lines = [unicodedata.normalize("NFC", line.strip()) for line in open(path, encoding="utf-8")]
    lines = [line for line in lines if 20 <= len(line) <= 900]
    return random.Random(seed).sample(lines, min(count, len(lines)))


def typeset(texts, family, rng):
    """One page and its lines: (picture, [(top, bottom, text)], number of paragraphs used)."""
    page = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(page)
    size = int(rng.choice([11, 12, 13, 13, 14, 14]) * DPI / 72)
    fonts = {style: ImageFont.truetype(path, size) for style, path in family.items()}
    step = int(size * rng.uniform(1.2, 1.6))
    y, lines, used = TOP, [], 0
    for text in texts:
        style = rng.choices(["Regular", "Bold", "Italic"], [80, 12, 8])[0]
        if len(text) < 120 and rng.random() < 0.25:
            text, style = text.upper(), "Bold"
        font, x, words = fonts[style], LEFT + rng.choice([0, 150]), []
        used += 1
        for word in text.split() + [None]:
            if word is None or x + font.getlength(" ".join(words + [word])) > WIDTH - RIGHT:
                if words:
                    draw.text((x, y), " ".join(words), font=font, fill=rng.choice([0, 0, 30, 60]))
                    lines.append((y, y + step, " ".join(words)))
                    y += step
                if y + 2 * step > HEIGHT - BOTTOM:
                    return page, lines, used
                x, words = LEFT, []
            words.append(word)
        y += step // 4
    return page, lines, used


def field(noise, size, cells):
    """Smooth noise between 0 and 1 over a page: stains, uneven light."""
    small = Image.fromarray((noise.random((cells, cells)) * 255).astype(np.uint8))
    return np.asarray(small.resize(size, Image.BICUBIC), dtype=np.float32) / 255


def ghost(page, shift):
    """The back of another page, as it shines through."""
    back = page.transpose(Image.FLIP_LEFT_RIGHT).filter(ImageFilter.GaussianBlur(2.2))
    return 255 - np.roll(np.asarray(back, dtype=np.float32), shift, (0, 1))


# What offices do to paper: resolution, how black the toner is left, blur in pixels, how much of the
# back shows, how uneven the paper is, noise, JPEG quality (none: kept as it is), degrees of skew
# that straightening leaves over.
DEGRADED = {
    "scan200": (200, 0.88, 0.52, 0.00, 0.06, 4, 75, 0.2),
    "scan150": (150, 0.88, 0.43, 0.00, 0.06, 4, 75, 0.2),
    "blur300": (300, 0.85, 2.20, 0.00, 0.06, 4, 75, 0.1),
    "show300": (300, 0.85, 0.00, 0.33, 0.18, 5, 70, 0.1),
    "skew300": (300, 1.00, 0.00, 0.00, 0.06, 5, 60, 0.4),
    "heavy200": (200, 0.80, 0.93, 0.14, 0.22, 9, 30, 0.3),
    "fax200": (200, 1.00, 0.60, 0.00, 0.00, 30, None, 0.2),
    "copy200": (200, 1.00, 0.00, 0.00, 0.00, 0, 50, 0.2),
}


def degrade(page, how, rng):
    """A copy of the page as an office machine makes it, one of `DEGRADED`."""
    dpi, toner, blur, back, uneven, grain, quality, skew = DEGRADED[how]
    scale = dpi / DPI
    noise = np.random.default_rng(rng.randrange(1 << 30))
    page = page.rotate(rng.uniform(-skew, skew), resample=Image.BICUBIC, fillcolor=255)
    if how == "copy200":
        # Two generations of a photocopier: each blurs, and knows black and white only.
        for sigma, threshold, grains in ((1.3, 168, 22), (1.2, 140, 26)):
            pixels = np.asarray(page.filter(ImageFilter.GaussianBlur(sigma)), dtype=np.float32)
            pixels = pixels + noise.normal(0, grains, pixels.shape)
            page = Image.fromarray(np.where(pixels > threshold, 255, 0).astype(np.uint8))
        page = page.filter(ImageFilter.GaussianBlur(0.7))
    behind = ghost(page, (37, 25)) * back if back else 0.0
    pixels = 255 - (255 - np.asarray(page, dtype=np.float32)) * toner
    page = Image.fromarray(np.clip(pixels - behind, 0, 255).astype(np.uint8))
    page = page.resize((int(WIDTH * scale), int(HEIGHT * scale)), Image.BOX if scale < 1 else Image.BICUBIC)
    if blur:
        page = page.filter(ImageFilter.GaussianBlur(blur))
    pixels = np.asarray(page, dtype=np.float32)
    if uneven:
        pixels = pixels * 0.96 * (1 - uneven * field(noise, page.size, 4)) + 4 * noise.normal(0, 0.6, pixels.shape)
    pixels = pixels + noise.normal(0, grain, pixels.shape) if grain else pixels
    if how == "fax200":
        pixels = np.where(pixels > 150, 255, 0)
        specks = noise.random(pixels.shape)
        pixels[specks < 0.0025] = 0
        pixels[specks > 0.9975] = 255
    page = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if quality is None:
        return page, scale
    jpeg = io.BytesIO()
    page.save(jpeg, "JPEG", quality=quality)
    return Image.open(jpeg).convert("L"), scale


def wear(page, how, rng):
    """A worn copy of the page; coordinates move by a few pixels at most."""
    if how == "none":
        return page, 1.0
    if how in DEGRADED:
        return degrade(page, how, rng)
    heavy = how == "heavy"
    dpi = rng.choice([150, 150, 200] if heavy else [200, 250, 300])
    scale = dpi / DPI
    page = page.rotate(rng.uniform(-0.25, 0.25), resample=Image.BICUBIC, fillcolor=255)
    if rng.random() < 0.4:
        # Ink that ran, or a toner that ran out.
        page = page.filter(ImageFilter.MinFilter(3) if rng.random() < 0.5 else ImageFilter.MaxFilter(3))
    page = page.resize((int(WIDTH * scale), int(HEIGHT * scale)), Image.LANCZOS)
    page = page.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.0) if heavy else rng.uniform(0.2, 0.7)))
    pixels = np.asarray(page, dtype=np.float32)
    noise = np.random.default_rng(rng.randrange(1 << 30))
    pixels = pixels + noise.normal(0, rng.uniform(12, 28) if heavy else rng.uniform(3, 12), pixels.shape)
    pixels = np.clip(pixels, 0, 255)
    if rng.random() < 0.3:
        pixels = np.where(pixels > rng.uniform(120, 190), 255, 0)
    page = Image.fromarray(pixels.astype(np.uint8))
    jpeg = io.BytesIO()
    page.save(jpeg, "JPEG", quality=rng.randint(35, 60) if heavy else rng.randint(60, 90))
    return Image.open(jpeg).convert("L"), scale


def read(page, scale, lines, lang):
    """The words that Tesseract sees, given to the lines by height."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        page.save(file.name, dpi=(DPI * scale, DPI * scale), compress_level=1)
        out = subprocess.run(
            ["tesseract", file.name, "-", "-l", lang, "--psm", "6", "tsv"],
            capture_output=True, text=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}, check=False,
        ).stdout
    readings = [[] for _ in lines]
    rows = [row.split("\t") for row in out.splitlines()[1:]]
    boxes = {}
    for row in rows:
        if row[0] == "5" and row[11].strip():
            boxes.setdefault(tuple(row[2:5]), []).append(row)
    for words in boxes.values():
        top = sum(int(w[7]) for w in words) / len(words)
        height = sum(int(w[9]) for w in words) / len(words)
        middle = (top + height / 2) / scale
        near = min(range(len(lines)), key=lambda i: abs((lines[i][0] + lines[i][1]) / 2 - middle))
        readings[near] += [w[11] for w in words]
    return [" ".join(words) for words in readings]


def plain(word):
    """A word without marks, case and outer punctuation: what survives reading best."""
    letters = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(c for c in letters if c.isalnum())


def pair_lines(truth, lines):
    """The words of the truth for each line that was read; None where that is not certain.

    >>> pair_lines("Căn cứ Luật Tổ chức chính quyền địa phương".split(),
    ...            [["Can", "cir", "Luat", "To"], ["chirc", "chinh", "quyén", "dia", "phuong"]])
    [['Căn', 'cứ', 'Luật', 'Tổ'], ['chức', 'chính', 'quyền', 'địa', 'phương']]

    A mark of the page that the text lacks, next to a border of lines, leaves both in doubt:

    >>> pair_lines("Nơi nhận: Như trên".split(), [["Noi", "nhan:", "ee"], ["~", "Nhu", "trên"]])
    [None, None]
    """
    read = [word for line in lines for word in line]
    blocks = difflib.SequenceMatcher(
        None, [plain(word) for word in truth], [plain(word) for word in read], autojunk=False
    ).get_matching_blocks()
    # For each border between words that were read: the border of the truth that it stands for.
    place = {0: 0, len(read): len(truth)}
    ends = [(0, 0)]
    for start, at, size in blocks:
        before_truth, before_read = ends[-1]
        if start - before_truth == at - before_read:
            # As many words on both sides: each is the other's reading.
            place.update({before_read + step: before_truth + step for step in range(at - before_read + 1)})
        place.update({at + step: start + step for step in range(1 if size else 0, size)})
        ends.append((start + size, at + size))
    pairs, at = [], 0
    for line in lines:
        first, last = place.get(at), place.get(at + len(line))
        at += len(line)
        pairs.append(truth[first:last] if first is not None and last is not None and first < last else None)
    return pairs


def own(picture, text, lang):
    """Pairs of a page of one's own."""
    truth = unicodedata.normalize("NFC", Path(text).read_text(encoding="utf-8")).split()
    out = subprocess.run(
        ["tesseract", picture, "-", "-l", lang, "--psm", "3", "tsv"],
        capture_output=True, text=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}, check=True,
    ).stdout
    lines = {}
    for row in (row.split("\t") for row in out.splitlines()[1:]):
        if row[0] == "5" and row[11].strip():
            lines.setdefault(tuple(row[1:5]), []).append(row[11])
    lines = list(lines.values())
    return [(" ".join(said), " ".join(line)) for said, line in zip(pair_lines(truth, lines), lines) if said]


def make(task):
    """One page from start to end."""
    texts, fonts, how, lang, seed = task
    rng = random.Random(seed)
    page, lines, used = typeset(texts, rng.choice(fonts), rng)
    worn, scale = wear(page, how, rng)
    return [(how, text, reading) for (_, _, text), reading in zip(lines, read(worn, scale, lines, lang))], used


def families(folder, names):
    found = []
    for name in names:
        paths = {style: next(Path(folder).rglob(f"{name}-{style}.ttf"), None) for style in ("Regular", "Bold", "Italic")}
        if all(paths.values()):
            found.append({style: str(path) for style, path in paths.items()})
    return found


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("text", nargs="?", help="text to typeset, a paragraph a line")
    args.add_argument("--own", nargs="+", metavar="FILE", help="pictures of pages, each followed by its text")
    args.add_argument("--lang", default="eng")
    args.add_argument("--wear", default="none,mild,heavy")
    args.add_argument("--pages", type=int, default=100)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--jobs", type=int, default=2)
    args.add_argument("--fonts", default="/usr/share/fonts")
    args.add_argument("--family", default="Tinos,Tinos,Tinos,Arimo,LiberationSerif")
    args.add_argument("--in-order", action="store_true", help="take the whole text line by line instead of a sample")
    parser, args = args, args.parse_args()
    if args.own:
        if len(args.own) % 2:
            parser.error("--own takes a picture and its text, and so on")
        for picture, text in zip(args.own[::2], args.own[1::2]):
            for said, line in own(picture, text, args.lang):
                print(f"{said}\t{line}\town")
        return
    if not args.text:
        parser.error("a text to typeset, or --own, is needed")
    fonts = families(args.fonts, args.family.split(","))
    hows = args.wear.replace("degraded", ",".join(DEGRADED)).split(",")
    if args.in_order:
        texts = [unicodedata.normalize("NFC", line.strip()) for line in open(args.text, encoding="utf-8")]
        texts = [text for text in texts if text]
    else:
        texts = paragraphs(args.text, args.pages * 40, args.seed)
    tasks, at = [], 0
    for number in range(args.pages):
        take = texts[at:] if args.in_order else texts[number * 40 : number * 40 + 40]
        if not take:
            break
        tasks.append((take[:80], fonts, hows[number % len(hows)], args.lang, args.seed * 100_000 + number))
        if args.in_order:
            # How much fits is only known after typesetting, which costs little.
            rng = random.Random(tasks[-1][-1])
            at += typeset(take[:80], rng.choice(fonts), rng)[2]
    with Pool(args.jobs) as pool:
        for pairs, _ in pool.imap(make, tasks):
            for how, text, reading in pairs:
                if reading:
                    print(f"{text}\t{reading}\t{how}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
