#!/usr/bin/env python3
"""Makes the signed, stamped and locked PDFs of fixtures/pdf, with keys and names made for them.

    pip install pikepdf fonttools pillow pyhanko        # and openssl, the font Tinos
    python3 signed.py OUT_DIR
"""
import io
import pathlib
import subprocess
import sys
import tempfile

import pikepdf
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec

import layers

LINES = [(70, 60, 12, "Số:       /KH-UBND"), (300, 60, 12, "Tân Hưng, ngày       tháng 3 năm 2026"),
         (70, 120, 12, "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ;")]


def key(folder, name, subject, *algorithm):
    subprocess.run(["openssl", "req", "-x509", "-newkey", *algorithm, "-nodes", "-keyout", folder / f"{name}.key", "-out",
                    folder / f"{name}.pem", "-days", "36500", "-subj", subject, "-utf8"], check=True, capture_output=True)


def sign(data, folder, name, field):
    signer = signers.SimpleSigner.load(str(folder / f"{name}.key"), str(folder / f"{name}.pem"))
    meta = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
    space = SigFieldSpec(field, box=(360, 780, 560, 820))
    out = signers.PdfSigner(meta, signer, new_field_spec=space).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)))
    return bytes(out.getbuffer())


def stamped():
    """Number and day drawn by annotations, as signing programs do."""
    drawn = [(95, 60, "12"), (395, 60, "05")]
    letters = layers.Letters(layers.characters(LINES))
    pdf = pikepdf.new()
    font = letters.embed(pdf)
    layers.add_page(pdf, layers.drawn(LINES, letters), {"/F": font})
    annotations = Array([])
    for x, y, text in drawn:
        form = pdf.make_stream(f"BT /F 12 Tf 1 0 0 1 0 4 Tm <{letters.shown(text)}> Tj ET".encode())
        form.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 30, 16],
                               Resources=Dictionary(Font=Dictionary({"/F": font}))))
        bottom = layers.A4[1] - y - 4
        annotations.append(pdf.make_indirect(Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=text, F=4, Rect=[x, bottom, x + 30, bottom + 16],
            AP=Dictionary(N=form))))
    pdf.pages[0].Annots = annotations
    return layers.saved(pdf)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    plain = layers.saved(layers.typeset([LINES]))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        key(folder, "unit", "/CN=Ủy ban nhân dân xã Tân Hưng/O=Tỉnh Hòa Phú/C=VN", "rsa:2048")
        key(folder, "clerk", "/CN=Văn thư xã Tân Hưng/O=Xã Tân Hưng", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
        signed = sign(plain, folder, "unit", "Signature1")
        (out / "signed.pdf").write_bytes(signed)
        (out / "signed-twice.pdf").write_bytes(sign(signed, folder, "clerk", "Signature2"))
    (out / "stamped.pdf").write_bytes(stamped())
    lock = pikepdf.Encryption(owner="owner", user="mo ra", R=6)
    pikepdf.open(io.BytesIO(plain)).save(out / "locked.pdf", encryption=lock)


if __name__ == "__main__":
    main()
