#!/usr/bin/env python3
"""Writes ../encodings.tsv: how each Vietnamese letter is written in each old encoding.

TCVN 5712, VISCII and Windows-1258 are asked of the system's iconv; VNI, VPS and VIQR are built
from the rules in their published charts. Run it again to check the table: it gives the same bytes.
"""
import subprocess
import unicodedata
from pathlib import Path

TONES = ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"]  # none, sắc, huyền, hỏi, ngã, nặng
BASES = ["a", "â", "ă", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"]
lower = [unicodedata.normalize("NFC", base + tone) for base in BASES for tone in TONES]
letters = [c for c in lower + ["đ"] if not c.isascii()]
letters += [c.upper() for c in letters]


def one_byte(name):
    """Letter to byte, for the bytes that iconv decodes to one letter by themselves."""
    found = {}
    for byte in range(1, 256):
        # A combining encoding holds a letter back until the next one comes.
        done = subprocess.run(["iconv", "-f", name, "-t", "UTF-8"], input=bytes([byte, 0x21]), capture_output=True)
        text = done.stdout.decode("utf-8", "replace")
        if done.returncode == 0 and len(text) == 2 and text[0] in letters:
            found[text[0]] = byte
    return found


def windows_1258():
    single = one_byte("CP1258")
    marks = {"\u0300": 0xCC, "\u0309": 0xD2, "\u0303": 0xDE, "\u0301": 0xEC, "\u0323": 0xF2}
    table = {}
    for letter in letters:
        forms = [f"{single[letter]:02X}"] if letter in single else []
        parts = unicodedata.normalize("NFD", letter)
        for tone, mark in marks.items():
            if tone in parts:
                base = unicodedata.normalize("NFC", parts.replace(tone, ""))
                code = single.get(base, ord(base) if base.isascii() else None)
                forms.append(f"{code:02X}{mark:02X}")
        table[letter] = "|".join(forms)
    return table


# VNI-Windows: the tone, and with it the hat or the breve, is a letter after the vowel.
VNI_PLAIN = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
VNI_HAT = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
VNI_BREVE = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
VNI_I = {"\u0301": "í", "\u0300": "ì", "\u0309": "æ", "\u0303": "ó", "\u0323": "ò"}


def vni():
    table = {"đ": "ñ"}
    for base in BASES:
        for tone in TONES:
            letter = unicodedata.normalize("NFC", base + tone)
            if letter.isascii():
                continue
            if base == "i":
                written = VNI_I[tone]
            elif letter == "ỵ":
                written = "î"
            elif base in "âêô":
                written = {"â": "a", "ê": "e", "ô": "o"}[base] + VNI_HAT[tone]
            elif base == "ă":
                written = "a" + VNI_BREVE[tone]
            else:
                written = {"ơ": "ô", "ư": "ö"}.get(base, base) + VNI_PLAIN.get(tone, "")
            table[letter] = written
    hexed = {}
    for letter, written in table.items():
        code = lambda text: text.encode("latin-1").hex().upper()
        hexed[letter] = code(written)
        upper = code(written.upper())
        # After a capital some typists left the mark small.
        mixed = code(written[0].upper() + written[1:])
        forms, capital = [hexed[letter]], [upper] + [mixed] * (mixed != upper)
        # Some converters write i and y like the other vowels.
        base, tone = unicodedata.normalize("NFD", letter)[0], unicodedata.normalize("NFD", letter)[1:]
        if len(written) == 1 and base in "iy":
            forms.append(code(base + VNI_PLAIN[tone]))
            capital += [code(base.upper() + VNI_PLAIN[tone].upper()), code(base.upper() + VNI_PLAIN[tone])]
        hexed[letter], hexed[letter.upper()] = "|".join(forms), "|".join(capital)
    return hexed


# VPS: rows of the chart, in the order of TONES.
VPS = {
    "a": "61 E1 E0 E4 E3 E5", "â": "E2 C3 C0 C4 C5 C6", "ă": "E6 A1 A2 A3 A4 A5", "e": "65 E9 E8 C8 EB CB",
    "ê": "EA 89 8A 8B CD 8C", "i": "69 ED EC CC EF CE", "o": "6F F3 F2 D5 F5 86", "ô": "F4 D3 D2 B0 87 B6",
    "ơ": "D6 A7 A9 AA AB AE", "u": "75 FA F9 FB DB F8", "ư": "DC D9 D8 BA BB BF", "y": "79 9A FF 9B CF 9C",
    "A": "41 C1 80 81 82 02", "Â": "C2 83 84 85 1C 03", "Ă": "88 8D 8E 8F F0 04", "E": "45 C9 D7 DE FE 05",
    "Ê": "CA 90 93 94 95 06", "I": "49 B4 B5 B7 B8 10", "O": "4F B9 BC BD BE 11", "Ô": "D4 96 97 98 99 12",
    "Ơ": "F7 9D 9E 9F A6 13", "U": "55 DA A8 D1 AC 14", "Ư": "D0 AD AF B1 1D 15", "Y": "59 DD B2 FD B3 19",
}


def vps():
    table = {"đ": "C7", "Đ": "F1"}
    for base, codes in VPS.items():
        for tone, code in zip(TONES, codes.split()):
            table[unicodedata.normalize("NFC", base + tone)] = code
    return table


VIQR = {"\u0302": "^", "\u0306": "(", "\u031b": "+", "\u0301": "'", "\u0300": "`", "\u0309": "?", "\u0303": "~", "\u0323": "."}


def viqr(letter):
    if letter in "đĐ":
        return "dd" if letter == "đ" else "DD|Dd"
    parts = unicodedata.normalize("NFD", letter)
    shape = "".join(VIQR[m] for m in parts[1:] if m in "\u0302\u0306\u031b")
    tone = "".join(VIQR[m] for m in parts[1:] if m not in "\u0302\u0306\u031b")
    return parts[0] + shape + tone


vscii = one_byte("TCVN")
viscii = one_byte("VISCII")
vps_table, vni_table, cp1258 = vps(), vni(), windows_1258()
rows = []
for letter in letters:
    # VN3 (TCVN3, ABC) is the part of VN1 from A1 on that has small letters and the seven bare capitals.
    byte = vscii[letter]
    vn3 = byte >= 0xA1 and (letter.islower() or letter in "ĂÂÊÔƠƯĐ")
    rows.append("\t".join([
        letter, f"{byte:02X}" if vn3 else "-", f"{byte:02X}", vni_table[letter], f"{viscii[letter]:02X}",
        vps_table[letter], cp1258[letter], viqr(letter),
    ]))
head = """# How each Vietnamese letter is written in the encodings that were used before Unicode; made by tools/encodings.py.
# Bytes in hex; of several forms (|) the first is written and all are read; - where the encoding has no such letter.
# tcvn3: TCVN 5712:1993, VN3 (ABC; capitals come from a second font, .VnTimeH). tcvn5712: TCVN 5712:1993, VN1.
# vni: VNI-Windows (VNI Software). viscii, viqr: RFC 1456. vps: Vietnamese Professionals Society. windows1258: code page 1258.
letter	tcvn3	tcvn5712	vni	viscii	vps	windows1258	viqr
"""
Path(__file__).parent.parent.joinpath("encodings.tsv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
