#!/usr/bin/env python3
"""Makes pages whose numbers and dates are known, for `vanban eval numbers`.

    pip install numpy pillow        # Liberation fonts (fonts-liberation); handwriting fonts as for digits.py
    python3 number_pages.py FONTS OUT --pages 40 --seed 5

FONTS is a folder node_modules/@fontsource; the letterheads are filled with fonts that the digit
recogniser never saw (HELD_OUT in dictionaries/tools/digits.py). Each page is OUT/SET_NN.jpg or .png with
SET_NN.numbers.tsv beside it: kind, how, value. Names and numbers are invented. The same seed makes the
same pages.
"""
import argparse
import os
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../dictionaries/tools"))
import digits as drawn  # noqa: E402

DPI = 300
FACES = {name: drawn.glob.glob(drawn.LIBERATION + f"Serif-{name}.ttf")[0] for name in ("Regular", "Italic", "Bold")}
KINDS = [("Nghị định", "NĐ-CP", True, "của Chính phủ"), ("Thông tư", "TT-BTC", True, "của Bộ trưởng Bộ Tài chính"),
         ("Quyết định", "QĐ-UBND", False, "của Ủy ban nhân dân tỉnh"), ("Kế hoạch", "KH-UBND", False, "của Ủy ban nhân dân tỉnh"),
         ("Công văn", "SNV-CCVC", False, "của Sở Nội vụ"), ("Nghị quyết", "NQ-HĐND", False, "của Hội đồng nhân dân tỉnh"),
         ("Quyết định", "QĐ-TTg", False, "của Thủ tướng Chính phủ"), ("Thông tư", "TT-BNV", True, "của Bộ trưởng Bộ Nội vụ")]
ABOUT = ["về công tác văn thư", "về việc giao dự toán thu, chi ngân sách", "về cải cách hành chính nhà nước",
         "về chuyển đổi số trong cơ quan nhà nước", "về phòng, chống thiên tai", "về xây dựng nông thôn mới",
         "về quản lý trật tự xây dựng", "về tuyển dụng viên chức", "về trồng rừng và bảo vệ rừng"]
OWN = [("KH-UBND", "KẾ HOẠCH"), ("QĐ-UBND", "QUYẾT ĐỊNH"), ("BC-VP", "BÁO CÁO"), ("TB-SNV", "THÔNG BÁO"), ("TTr-STC", "TỜ TRÌNH")]


def face(name, points):
    return drawn.face(FACES[name], round(points * DPI / 72))


class Page:
    def __init__(self, rng):
        self.rng = rng
        self.image = Image.new("RGB", (2480, 3508), "white")
        self.pen = ImageDraw.Draw(self.image)
        self.y = 250
        self.facts = []

    def middle(self, text, font, x, y):
        self.pen.text((x, y), text, font=font, fill="black", anchor="ms")

    def paragraph(self, text, style):
        font = face(style, 14)
        x, width, line = 350, 1920, []
        first = 150
        for word in text.split() + [None]:
            if word is not None and font.getlength(" ".join(line + [word])) + first <= width:
                line.append(word)
                continue
            space = font.getlength(" ")
            if word is not None and len(line) > 1:
                space = (width - first - sum(font.getlength(w) for w in line)) / (len(line) - 1)
            at = x + first
            for w in line:
                self.pen.text((at, self.y), w, font=font, fill="black", anchor="ls")
                at += font.getlength(w) + space
            self.y += 76
            first, line = 0, [word]
        self.y += 20

    def hand(self, text, x, base, colour):
        """Digits that a hand writes from x on; where they end."""
        rng, size = self.rng, 13 * DPI / 72
        height, drop = size * rng.uniform(.62, .98), rng.normal(.02, .06) * size
        gap = rng.normal(.06, .05) * size
        for digit in map(int, text):
            glyph = self.writer.draw(digit, height)
            mask = glyph.point(lambda v: int(v * .93))
            self.image.paste(colour, (round(x), round(base + drop - glyph.height)), mask)
            x += glyph.width + max(gap, -.08 * size) + rng.normal(0, .02) * size
        return x

    def dots(self, left, right, base):
        x = left
        while x < right - 8:
            self.pen.ellipse([x, base - 4, x + 6, base + 2], fill="black")
            x += 17


def number_of(rng, length=None):
    length = length or rng.choice([1, 2, 3, 4], p=[.08, .32, .42, .18])
    return str(rng.integers(10 ** (length - 1), 10**length))


def cited(rng):
    kind, symbol, dated, who = KINDS[rng.integers(len(KINDS))]
    year = int(rng.integers(2008, 2027))
    number = number_of(rng)
    if len(number) == 1 and rng.random() < .7:
        number = "0" + number
    key = f"{number}/{year}/{symbol}" if dated else f"{number}/{symbol}"
    day, month = int(rng.integers(1, 29)), int(rng.integers(1, 13))
    date = f"{day:02d} tháng {month:02d} năm {year}" if month < 3 or rng.random() < .5 else f"{day:02d} tháng {month} năm {year}"
    if rng.random() < .35:
        date = f"{day:02d}/{month:02d}/{year}" if rng.random() < .5 else f"{day}/{month}/{year}"
    return key, f"{kind} số {key} ngày {date} {who} {ABOUT[rng.integers(len(ABOUT))]}"


def make(rng, fonts, by_hand):
    page = Page(rng)
    while True:
        page.writer = drawn.Pen(rng, fonts)
        if page.writer.font:
            break
    page.middle("ỦY BAN NHÂN DÂN", face("Regular", 13), 720, 250)
    page.middle("XÃ TÂN HƯNG", face("Bold", 13), 720, 312)
    page.pen.line([620, 335, 820, 335], fill="black", width=4)
    page.middle("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", face("Bold", 13), 1700, 250)
    page.middle("Độc lập - Tự do - Hạnh phúc", face("Bold", 13.5), 1700, 312)
    page.pen.line([1380, 335, 2020, 335], fill="black", width=4)
    symbol, title = OWN[rng.integers(len(OWN))]
    number, base, font = number_of(rng), 430, face("Regular", 13)
    if len(number) == 1 and rng.random() < .6:
        number = "0" + number
    colour = (25, 25, 30) if rng.random() < .4 else (int(rng.integers(15, 50)), int(rng.integers(30, 80)), int(rng.integers(130, 200)))
    dotted = rng.random() < .6
    x = 470
    page.pen.text((x, base), "Số:", font=font, fill="black", anchor="ls")
    x += font.getlength("Số:") + rng.uniform(4, 22)
    start = x
    if by_hand:
        x = page.hand(number, x + (12 if dotted else 0), base, colour) + rng.uniform(0, 25)
        if dotted:
            page.dots(start, x, base)
    else:
        page.pen.text((x, base), number, font=font, fill="black", anchor="ls")
        x += font.getlength(number) + (rng.uniform(0, 12) if rng.random() < .4 else 0)
    page.pen.text((x, base), f"/{symbol}", font=font, fill="black", anchor="ls")
    page.facts.append(("number", "hand" if by_hand else "print", f"{number}/{symbol}"))
    year, month, day = int(rng.integers(2015, 2027)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    font, x = face("Italic", 14), 1330
    hand_month = by_hand and rng.random() < .35
    month_text = f"{month:02d}" if month < 3 or hand_month else str(month)
    for word, digits, hand in [("Tân Hưng, ngày", f"{day:02d}", by_hand), ("tháng", month_text, hand_month), ("năm", str(year), False)]:
        page.pen.text((x, base), word, font=font, fill="black", anchor="ls")
        x += font.getlength(word + " ") - (rng.uniform(0, 8) if hand else 0)
        if hand:
            from_x = x
            x = page.hand(digits, x, base, colour) + rng.uniform(4, 18)
            if dotted:
                page.dots(from_x, x, base)
        else:
            page.pen.text((x, base), digits, font=font, fill="black", anchor="ls")
            x += font.getlength(digits + " ")
    page.facts.append(("date", "hand" if by_hand else "print", f"{year}-{month:02d}-{day:02d}"))
    page.middle(title, face("Bold", 14), 1240, 640)
    page.middle("Về việc triển khai nhiệm vụ năm " + str(year), face("Bold", 14), 1240, 710)
    page.y = 860
    seen = set()

    def new():
        while True:
            key, text = cited(rng)
            # A number that differs from another by a digit would make the count a matter of luck.
            if key.split("/", 1)[0] not in seen:
                seen.add(key.split("/", 1)[0])
                return key, text

    for _ in range(4):
        key, text = new()
        page.facts.append(("cite", "italic", key))
        page.paragraph(f"Căn cứ {text};", "Italic")
    page.paragraph("Ủy ban nhân dân xã Tân Hưng ban hành văn bản với các nội dung như sau:", "Regular")
    for lead in ("Thực hiện", "Tiếp tục triển khai", "Theo tinh thần của", "Bảo đảm tiến độ theo"):
        key, text = new()
        page.facts.append(("cite", "print", key))
        page.paragraph(f"{lead} {text}, các ban, ngành, đoàn thể xã phối hợp tổ chức thực hiện đúng thời hạn.", "Regular")
    return page


def degrade(rng, image, kind):
    grey = np.asarray(image, float)
    dpi = {"clean": 300, "scan": 200, "low": 150, "fax": 200, "copy": 200}[kind]
    picture = image.resize((round(image.width * dpi / DPI), round(image.height * dpi / DPI)), Image.LANCZOS)
    if kind == "clean":
        return picture, dict(format="PNG")
    picture = picture.rotate(rng.normal(0, .35), resample=Image.BICUBIC, fillcolor=(255, 255, 255))
    blur = {"scan": .5, "low": .5, "fax": .4, "copy": .9}[kind]
    picture = picture.filter(ImageFilter.GaussianBlur(blur))
    pixels = np.asarray(picture, float)
    if kind == "fax":
        pixels = pixels.mean(2) + rng.normal(0, 28, pixels.shape[:2])
        return Image.fromarray(((pixels > 150) * 255).astype(np.uint8)).convert("1"), dict(format="PNG")
    fade = {"scan": .88, "low": .88, "copy": .72}[kind]
    pixels = 250 - (255 - pixels) * fade + rng.normal(0, {"scan": 4, "low": 5, "copy": 8}[kind], pixels.shape[:2])[..., None]
    if kind == "copy":
        pixels = np.repeat(pixels.mean(2)[..., None], 3, 2)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), dict(format="JPEG", quality=60)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("fonts")
    parser.add_argument("out")
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    held_out = drawn.fonts_in(arguments.fonts, True)
    for index in range(arguments.pages):
        rng = np.random.default_rng(arguments.seed * 1000 + index)
        page = make(rng, held_out, index % 2 == 0)
        kind = ["scan", "low", "copy", "clean", "fax"][index // 2 % 5]
        picture, how = degrade(rng, page.image, kind)
        name = f"{arguments.out}/{kind}_{index:03d}"
        picture.save(name + (".png" if how["format"] == "PNG" else ".jpg"), dpi=(picture.width / 8.27,) * 2, **how)
        with open(name + ".numbers.tsv", "w") as table:
            table.writelines("\t".join(fact) + "\n" for fact in page.facts)
