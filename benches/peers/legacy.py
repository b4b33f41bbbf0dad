"""Reads files in old Vietnamese encodings and scores the text as the corpus of viparse does.

    python3 benches/peers/legacy.py VANBAN SCORE.py FILES TRUTH [PEER]

SCORE.py is scripts/score.py of TrizenX/viparse-corpus; FILES holds the documents, TRUTH a transcript NAME.txt for
each, PEER (if given) what another reader made of them, NAME.txt each. For each file: diacritic and character accuracy,
then the same with letter case folded: the transcripts have the small letters that were typed where the font
(.VnTimeH) shows capitals, which this program gives as they are on paper.
"""

import importlib.util
import json
import pathlib
import subprocess
import sys

program, scorer, files, truth = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
peer = pathlib.Path(sys.argv[5]) if len(sys.argv) > 5 else None
spec = importlib.util.spec_from_file_location("score", scorer)
score = sys.modules["score"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score)


def read(path):
    run = subprocess.run([program, "read", path, "--json"], capture_output=True, text=True, check=False)
    return json.loads(run.stdout)["text"] if run.returncode == 0 else ""


def rate(text, expected):
    exact = score.score_pair("", text, expected)
    folded = score.score_pair("", text.lower(), expected.lower())
    return [exact.diacritic_accuracy, exact.char_accuracy, folded.diacritic_accuracy, folded.char_accuracy]


rows = []
for path in sorted(files.iterdir()):
    expected = (truth / f"{path.stem}.txt").read_text()
    theirs = peer / f"{path.stem}.txt" if peer else None
    row = rate(read(path), expected) + (rate(theirs.read_text() if theirs.exists() else "", expected) if theirs else [])
    rows.append(row)
    print(f"{path.name:<58}", *(f"{value:.4f}" for value in row), flush=True)
print(f"{'mean':<58}", *(f"{sum(column) / len(rows):.4f}" for column in zip(*rows)))
