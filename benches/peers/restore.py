#!/usr/bin/env python3
"""Repair beside other restorers of Vietnamese diacritics, in one run, on the same lines.

    restore.py --vanban target/release/vanban --texts DIR [--pairs FILE.tsv ...] [--lines N]
    restore.py --speed FILE        # only how fast the peers are on the lines of a file

DIR holds clean texts, which are stripped of their marks; a pairs file has the paper's line, a tab,
the reading. Peers that cannot be imported are left out: `pyvi` (PyPI) and `underthesea` (from its
repository: the released package has no restorer). One core each; the peers get the lines one by one,
vanban gets them as a file, its start included. A syllable counts as right in the same case and
marks; what differs, lacks or is too much counts as wrong.
"""
import argparse
import subprocess
import tempfile
import time
import unicodedata
from pathlib import Path

MARKS = ".,;:()“”\"'’‘?!*-–…|/"


def strip(text):
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(c for c in apart if unicodedata.category(c) != "Mn"))


def syllables(line):
    return [word for word in (token.strip(MARKS) for token in line.split()) if word]


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def peers():
    try:
        from pyvi import ViUtils
        yield "pyvi", ViUtils.add_accents
    except ImportError:
        pass
    try:
        from underthesea.pipeline.restore_diacritics import restore_diacritics
        yield "underthesea", restore_diacritics
    except ImportError:
        pass


def by_line(restore):
    def safe(line):
        try:
            return restore(line)
        except Exception:  # noqa: BLE001 - a peer that stumbles over a line leaves it as it is
            return line

    def run(lines):
        safe(lines[0])
        start = time.perf_counter()
        out = [safe(line) for line in lines]
        return out, time.perf_counter() - start

    return run


def by_vanban(binary):
    def run(lines):
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            start = time.perf_counter()
            out = subprocess.run([binary, "repair", file.name], capture_output=True, text=True, check=True).stdout
            return out.split("\n")[: len(lines)], time.perf_counter() - start

    return run


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--vanban", default="target/release/vanban")
    args.add_argument("--texts")
    args.add_argument("--pairs", nargs="*", default=[])
    args.add_argument("--lines", type=int, default=100_000)
    args.add_argument("--speed")
    args = args.parse_args()
    if args.speed:
        lines = [line for line in Path(args.speed).read_text(encoding="utf-8").split("\n") if line.strip()]
        total = sum(len(syllables(line)) for line in lines)
        for who, restore in peers():
            print(f"{who:<12} {total / by_line(restore)(lines)[1]:9.0f} syllables a second", flush=True)
        return
    sets = []
    if args.texts:
        lines = [unicodedata.normalize("NFC", line.strip()) for path in sorted(Path(args.texts).glob("*.txt"))
                 for line in path.read_text(encoding="utf-8").split("\n")]
        truth = [line for line in lines if line][: args.lines]
        sets.append(("without marks", truth, [strip(line) for line in truth]))
    for path in args.pairs:
        rows = [row.split("\t") for row in Path(path).read_text(encoding="utf-8").split("\n") if "\t" in row]
        sets.append((Path(path).name, [row[0] for row in rows][: args.lines], [row[1] for row in rows][: args.lines]))
    runners = [(name, by_line(restore)) for name, restore in peers()] + [("vanban", by_vanban(args.vanban))]
    print(f"{'':<24} {'':<12} {'syllables':>9} {'wrong %':>8} {'syll/s':>9}")
    for name, truth, raw in sets:
        wanted = [syllables(line) for line in truth]
        total = sum(map(len, wanted))
        for who, run in [("as it stands", lambda lines: (lines, None))] + runners:
            got, took = run(raw)
            wrong = sum(distance(a, syllables(b)) for a, b in zip(wanted, got))
            speed = f"{total / took:9.0f}" if took else ""
            print(f"{name:<24} {who:<12} {total:>9} {100 * wrong / total:>8.2f} {speed}", flush=True)


if __name__ == "__main__":
    main()
