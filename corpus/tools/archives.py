"""Writes fixtures/ingest/plans.7z, locked.7z and locked.zip: small archives with invented text.

    pip install py7zr pyzipper
    python3 corpus/tools/archives.py fixtures/ingest
"""

import pathlib
import sys

import py7zr
import pyzipper

folder = pathlib.Path(sys.argv[1])
FILES = {"kế hoạch.txt": "Kế hoạch số 5/KH-UBND", "con/báo cáo.txt": "Báo cáo số 6/BC-UBND"}

with py7zr.SevenZipFile(folder / "plans.7z", "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 1}]) as archive:
    for name, text in FILES.items():
        archive.writestr(text.encode(), name)
with py7zr.SevenZipFile(folder / "locked.7z", "w", password="mật") as archive:
    archive.writestr(b"secret", "a.txt")
with pyzipper.AESZipFile(folder / "locked.zip", "w", encryption=pyzipper.WZ_AES) as archive:
    archive.setpassword("mật".encode())
    archive.writestr("a.txt", b"secret")
