#!/usr/bin/env python3
"""Makes pairs of lines for `vanban train channel`: what the paper said, what OCR read.

Typesets paragraphs of a text on A4 pages, wears the pages down, reads them with Tesseract, and
prints one pair a line: truth, TAB, reading. Words are given to lines by their height on the page,
so a line that was lost or torn spoils no other. Needs Pillow, NumPy and Tesseract.

    pages.py TEXT --lang eng --wear none,mild,heavy --pages 200 --seed 1 --fonts DIR > pairs.tsv
"""

import argparse
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


def wear(page, how, rng):
    """A worn copy of the page; coordinates move by a few pixels at most."""
    if how == "none":
        return page, 1.0
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
    args.add_argument("text")
    args.add_argument("--lang", default="eng")
    args.add_argument("--wear", default="none,mild,heavy")
    args.add_argument("--pages", type=int, default=100)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--jobs", type=int, default=2)
    args.add_argument("--fonts", default="/usr/share/fonts")
    args.add_argument("--family", default="Tinos,Tinos,Tinos,Arimo,LiberationSerif")
    args.add_argument("--in-order", action="store_true", help="take the whole text line by line instead of a sample")
    args = args.parse_args()
    fonts = families(args.fonts, args.family.split(","))
    hows = args.wear.split(",")
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
