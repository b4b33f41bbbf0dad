#!/usr/bin/env python3
"""Draws number lines of letterheads and teaches the digit recogniser with them (dictionaries/digits.net).

    pip install numpy pillow torch
    npm install @fontsource/{caveat,kalam,...}          # handwriting fonts under the OFL or Apache 2.0
    python3 digits.py train FONTS STATE.pt --seconds 230      # goes on where STATE.pt stopped
    python3 digits.py measure FONTS STATE.pt                  # fonts that training never sees
    python3 digits.py export STATE.pt ../digits.net
    python3 digits.py show FONTS OUT.png                      # a sheet of samples

FONTS is the folder node_modules/@fontsource. Nothing is drawn from anybody's handwriting: digits come
from fonts, or from strokes that are written down below and shaken. Every picture is a strip of 32 rows:
1.15 font sizes above the printed baseline, 0.45 below.
"""
import argparse
import functools
import glob
import io
import os
import pickle
import time

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HEIGHT, WIDTH = 32, 176
WINDOW = 128  # columns that training sees at a time
CLASSES = 23  # 0 nothing, 1..10 a hand's 0..9, 11..20 printed 0..9, 21 slash, 22 hyphen
HELD_OUT = ["architects-daughter", "marck-script", "gochi-hand", "nanum-pen-script", "homemade-apple", "handlee"]
LIBERATION = "/usr/share/fonts/truetype/liberation*/Liberation"
PRINT = ["Serif-Regular", "Serif-Regular", "Serif-Italic", "Serif-Italic", "Serif-Bold", "Sans-Regular"]

# Strokes of each digit, points in a box of 1 by 1, y downwards; several ways to write it.
STROKES = {
    0: [[[(.5, 0), (.1, .3), (.1, .75), (.5, 1), (.9, .7), (.85, .25), (.5, 0)]],
        [[(.6, .05), (.2, .2), (.05, .6), (.35, 1), (.8, .8), (.9, .35), (.55, .02), (.35, .15)]]],
    1: [[[(.5, 0), (.5, .5), (.5, 1)]], [[(.6, 0), (.45, 1)]],
        [[(.1, .35), (.4, .15), (.6, 0)], [(.6, 0), (.58, .5), (.55, 1)]],
        [[(0, .55), (.35, .3), (.7, 0)], [(.7, 0), (.55, .5), (.4, 1)]],
        [[(.25, .25), (.55, 0)], [(.55, 0), (.55, 1)], [(.25, 1), (.85, 1)]]],
    2: [[[(.1, .25), (.4, 0), (.8, .2), (.6, .6), (.05, 1)], [(.05, 1), (.5, .97), (.95, 1)]],
        [[(.1, .3), (.3, .02), (.75, .1), (.75, .45), (.35, .85), (.1, .98), (.02, .85), (.2, .78), (.5, .9), (1, .95)]],
        [[(.3, .3), (.15, .1), (.5, 0), (.8, .25), (.5, .7), (.15, 1), (0, .9), (.15, .75), (.5, .85), (.8, 1), (1.1, .85)]],
        [[(.2, .15), (.6, 0), (.8, .25), (.45, .65), (.1, .95), (.5, .9), (.95, .95)]]],
    3: [[[(.1, .12), (.5, 0), (.8, .2), (.35, .47)], [(.35, .47), (.85, .7), (.55, 1), (.05, .88)]],
        [[(.1, .03), (.8, .03)], [(.8, .03), (.4, .42)], [(.4, .42), (.85, .6), (.7, .95), (.3, 1), (.05, .88)]],
        [[(.15, .1), (.6, 0), (.75, .25), (.45, .45), (.35, .48), (.5, .47), (.8, .65), (.6, 1), (0, .95)]]],
    4: [[[(.3, 0), (.2, .3), (.05, .6)], [(.05, .6), (.95, .58)], [(.7, .25), (.65, 1)]],
        [[(.65, 0), (.05, .68)], [(.05, .68), (1, .66)], [(.65, 0), (.65, 1)]],
        [[(.2, 0), (.12, .5), (.4, .58), (.85, .5)], [(.85, .05), (.75, .5), (.7, 1)]]],
    5: [[[(.85, .03), (.3, .05)], [(.3, .05), (.2, .45)], [(.2, .45), (.6, .38), (.85, .68), (.55, 1), (.08, .9)]],
        [[(.3, .05), (.2, .42), (.65, .4), (.8, .75), (.45, 1), (.05, .9)], [(.3, .06), (.95, 0)]]],
    6: [[[(.7, 0), (.25, .35), (.1, .75), (.4, 1), (.85, .78), (.6, .5), (.15, .7)]],
        [[(.5, 0), (.2, .4), (.12, .8), (.4, 1), (.75, .85), (.7, .6), (.4, .55), (.15, .75)]]],
    7: [[[(.05, .05), (.85, .05)], [(.85, .05), (.5, .5), (.35, 1)]],
        [[(.05, .05), (.85, .05)], [(.85, .05), (.5, .5), (.35, 1)], [(.2, .5), (.85, .48)]],
        [[(.05, .2), (.1, .03), (.9, .05)], [(.9, .05), (.55, .5), (.45, 1)], [(.15, .55), (.9, .45)]],
        [[(.1, .1), (.35, .0), (.6, .1), (.9, 0)], [(.9, 0), (.55, .45), (.4, 1)]]],
    8: [[[(.8, .15), (.5, 0), (.2, .2), (.5, .47), (.85, .75), (.5, 1), (.1, .8), (.5, .48), (.8, .2), (.7, .06)]],
        [[(.55, .48), (.2, .25), (.5, 0), (.8, .22), (.5, .48), (.1, .75), (.5, 1), (.85, .78), (.5, .46)]],
        [[(.95, .05), (.6, .02), (.35, .25), (.65, .5), (.6, .9), (.25, 1), (.1, .75), (.45, .5), (.85, .25), (.95, .02)]]],
    9: [[[(.8, .25), (.45, 0), (.12, .25), (.4, .5), (.8, .25)], [(.8, .25), (.78, .6), (.65, 1)]],
        [[(.85, .2), (.5, 0), (.15, .25), (.45, .5), (.8, .3)], [(.85, .2), (.85, .7), (.5, 1), (.1, .9)]],
        [[(.75, .1), (.35, .02), (.1, .3), (.4, .5), (.8, .15)], [(.8, .15), (.65, .6), (.55, 1)]]],
}


@functools.cache
def face(path, size):
    return ImageFont.truetype(path, size)


@functools.cache
def faces():
    return [p for name in PRINT for p in sorted(glob.glob(LIBERATION + name + ".ttf"))[:1]]


def smooth(points, steps=9):
    """A curve through the points (Catmull-Rom)."""
    points = np.array(points, float)
    if len(points) < 3:
        return points
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    curve = []
    for i in range(1, len(padded) - 2):
        a, b, c, d = padded[i - 1 : i + 3]
        for t in np.linspace(0, 1, steps, endpoint=False):
            curve.append(.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.array(curve + [points[-1]])


class Pen:
    """How one writer writes: the same for all digits of a strip."""

    def __init__(self, rng, fonts):
        self.rng = rng
        self.font = None if rng.random() < .5 else fonts[rng.integers(len(fonts))]
        self.ways = {digit: rng.integers(len(ways)) for digit, ways in STROKES.items()}
        self.width = rng.uniform(.035, .11)
        self.slant = rng.normal(.15, .2)
        self.shake = rng.uniform(.015, .06)
        self.aspect = rng.uniform(.42, .8)

    def draw(self, digit, height):
        """One digit as an 'L' picture, ink 255, cropped to its ink; `height` in pixels."""
        rng = self.rng
        big = max(int(height * 1.25), 8)
        if self.font:
            font = face(self.font, big // 4 * 4)
            picture = Image.new("L", (big * 2, big * 2))
            ImageDraw.Draw(picture).text((big // 2, big // 3), str(digit), font=font, fill=255)
            for _ in range(int(rng.integers(0, 2))):
                picture = picture.filter(ImageFilter.MaxFilter(3))
        else:
            picture = Image.new("L", (big * 2, big * 2))
            pen = ImageDraw.Draw(picture)
            width = max(1, round(height * self.width))
            aspect = self.aspect * (rng.uniform(.5, .8) if digit == 1 else 1)
            shift = rng.normal(0, self.shake / 2, 2)
            for stroke in STROKES[digit][self.ways[digit]]:
                points = smooth(np.array(stroke) + rng.normal(0, self.shake, (len(stroke), 2)) * .7 + shift)
                x = (points[:, 0] - .5) * aspect - (points[:, 1] - .5) * self.slant
                line = [(big + a * height, big + b * height) for a, b in zip(x, points[:, 1] - .5)]
                pen.line(line, fill=255, width=width, joint="curve")
                for a, b in (line[0], line[-1]):
                    r = width / 2
                    pen.ellipse([a - r, b - r, a + r, b + r], fill=255)
        picture = picture.rotate(rng.normal(0, 4), resample=Image.BILINEAR)
        if self.font and abs(self.slant) > .1:
            shear = self.slant * .5
            picture = picture.transform(picture.size, Image.AFFINE, (1, shear, -shear * big, 0, 1, 0), Image.BILINEAR)
        box = picture.getbbox()
        if not box:
            return Image.new("L", (3, int(height)))
        picture = picture.crop(box)
        wanted = height * rng.uniform(.88, 1.12)
        scale = wanted / picture.height
        return picture.resize((max(2, round(picture.width * scale)), max(3, round(wanted))), Image.LANCZOS)


SYMBOLS = ["KH-UBND", "QĐ-UBND", "CV-SGDĐT", "NQ-HĐND", "TB-VP", "BC-SCT", "KH-THPT", "HC-CNHC", "TTr-STC", "GM-UBND",
           "UBND-VX", "SNV-CCVC", "TT-BTC", "NĐ-CP", "CT-TTg", "HD-BTC", "CAT-PV01", "BYT-KCB"]


def number(rng, kind):
    """Digits of a number or a day."""
    if kind == "date":
        return f"{rng.integers(1, 32):02d}" if rng.random() < .7 else str(rng.integers(1, 13))
    length = rng.choice([1, 2, 3, 4], p=[.1, .35, .4, .15])
    digits = "".join(map(str, rng.integers(0, 10, length)))
    return digits if length < 3 else str(rng.integers(1, 10)) + digits[1:]


def strip(rng, fonts, kind=None, hand=None):
    """A strip as floats (32 rows, ink 1), its classes, and where each stands: (classes, columns)."""
    scale = 2
    size = int(20 * scale * rng.uniform(.85, 1.18))  # nominally 1.6 of it are the 32 rows
    rows, columns = HEIGHT * scale, WIDTH * scale
    base = int(1.15 * 20 * scale) + int(rng.normal(0, 1.3 * scale))
    paper = Image.new("L", (columns, rows))
    pen = ImageDraw.Draw(paper)
    kind = kind or ("date" if rng.random() < .4 else "number")
    hand = (rng.random() < .75) if hand is None else hand
    path = faces()[rng.integers(len(faces()))] if kind == "number" else faces()[2]
    font = face(path, int(size * rng.uniform(.93, 1.05)))
    marks = []  # class, left, right

    def put(text, x, tight=1.0):
        for c in text:
            cls = 11 + int(c) if c.isdigit() else 21 if c == "/" else 22 if c == "-" else 0
            width = font.getlength(c)
            pen.text((x, base), c, font=font, fill=255, anchor="ls")
            if cls:
                marks.append((cls, x, x + width))
            x += width * tight
        return x

    x = rng.uniform(-1.6, .3) * size
    lead = ("Số:" if rng.random() < .8 else "Số") if kind == "number" else "ngày"
    if rng.random() < .85:
        x = put(lead, x)
    else:
        x = rng.uniform(.0, .6) * size
    x += rng.exponential(.18) * size if rng.random() < .8 else 0
    start = x
    digits = number(rng, kind)
    if hand:
        writer = Pen(rng, fonts)
        height = size * rng.uniform(.55, 1.0)
        drop = rng.normal(.02, .07) * size
        gap = rng.normal(.04, .07) * size
        for digit in map(int, digits):
            glyph = writer.draw(digit, height)
            top = round(base + drop - height + (height - glyph.height) + rng.normal(0, .02) * size)
            layer = Image.new("L", paper.size)
            layer.paste(glyph, (round(x), top))
            paper.paste(255, (0, 0), layer)
            marks.append((1 + digit, x, x + glyph.width))
            x += glyph.width + gap + rng.normal(0, .03) * size
            drop += rng.normal(0, .02) * size
    else:
        x = put(digits, x)
    tail = rng.exponential(.25) * size if rng.random() < .7 else rng.normal(-.05, .05) * size
    end = x + max(tail, -.1 * size)
    if hand and rng.random() < .45:  # the dotted line that is written over
        y = base + rng.normal(0, .03) * size
        dots, step = start - rng.uniform(0, .3) * size, size * rng.uniform(.12, .32)
        r = size * rng.uniform(.02, .05)
        while dots < end:
            pen.ellipse([dots - r, y - r, dots + r, y + r], fill=255)
            dots += step
    if kind == "number":
        if rng.random() < .3:
            end = put(f"/{rng.integers(2015, 2030)}", end)
        symbol = SYMBOLS[rng.integers(len(SYMBOLS))]
        put(("/" if rng.random() < .93 else "-") + symbol, end)
    else:
        put("tháng" if rng.random() < .6 else "năm", end + .1 * size)
    return wear(rng, paper, scale), marks, scale


def wear(rng, paper, scale):
    """Ink on paper as a scanner sees it: floats, ink 1, stretched as the reader stretches them."""
    width, height = paper.size
    f = rng.choice([1 / scale, 1.5 / scale, 1], p=[.45, .35, .2])
    picture = paper.rotate(rng.normal(0, .5), resample=Image.BILINEAR)
    picture = picture.filter(ImageFilter.GaussianBlur(abs(rng.normal(.5, .5)) * scale * .6))
    picture = picture.resize((max(8, int(width * f)), max(8, int(height * f))), Image.BILINEAR)
    strength = rng.uniform(.55, 1)
    ink = np.asarray(picture, float) / 255 * strength
    ink = ink + rng.normal(0, rng.uniform(0, .08), ink.shape)
    if rng.random() < .2:
        ink = (ink > strength * rng.uniform(.2, .5)) * 1.0
    grey = Image.fromarray((255 - np.clip(ink, 0, 1) * 255).astype(np.uint8))
    if rng.random() < .4:
        data = io.BytesIO()
        grey.save(data, "JPEG", quality=int(rng.integers(15, 80)))
        grey = Image.open(data)
    grey = grey.resize((WIDTH, HEIGHT), Image.BILINEAR)
    return stretch(255 - np.asarray(grey, float))


def stretch(ink):
    """Paper to 0, the darkest to 1."""
    low, high = np.percentile(ink, 50), np.percentile(ink, 99)
    return np.clip((ink - low) / max(high - low, 40), 0, 1).astype(np.float32)


def fonts_in(folder, held_out):
    found = []
    for path in sorted(glob.glob(f"{folder}/*/files/*-latin-400-normal.woff2")):
        if (path.split("/files/")[0].rsplit("/", 1)[1] in HELD_OUT) == held_out:
            found.append(path)
    return found


def sample(rng, fonts, window=False, **kind):
    """Strip, classes in order, and a class for each of the half-width columns (-1 where open)."""
    ink, marks, scale = strip(rng, fonts, **kind)
    frames = np.zeros(WIDTH // 2, np.int64)
    marks = sorted(((cls, left / scale / 2, right / scale / 2) for cls, left, right in marks), key=lambda m: m[1] + m[2])
    inside = [(cls, (left + right) / 2) for cls, left, right in marks if 1 <= (left + right) / 2 < len(frames) - 1]
    for _, left, right in marks:
        frames[max(0, int(np.floor(left))) : max(0, int(np.ceil(right)))] = -1
    for cls, left, right in marks:
        middle, reach = (left + right) / 2, max((right - left) * .2, .5)
        if 1 <= middle < len(frames) - 1:
            frames[max(0, int(middle - reach + .5)) : int(middle + reach + .5)] = cls
    classes = [cls for cls, _ in inside]
    if window:
        start = int(rng.integers(0, (WIDTH - WINDOW) // 2 + 1) * rng.random() ** 2)
        end = start + WINDOW // 2
        ink, frames = ink[:, 2 * start : 2 * end], frames[start:end]
        classes = [cls for cls, middle in inside if start + 1 <= middle < end - 1]
    return ink, classes, frames


def network():
    import torch
    from torch import nn

    def block(a, b, pool):
        return [nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(pool)]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen = nn.Sequential(*block(1, 16, (2, 2)), *block(16, 32, (2, 1)), *block(32, 32, (2, 1)), *block(32, 48, (2, 1)))
            self.line = nn.Sequential(nn.Conv1d(96, 64, 5, padding=2, bias=False), nn.BatchNorm1d(64), nn.ReLU())
            self.drop = nn.Dropout(.1)
            self.out = nn.Conv1d(64, CLASSES, 1)

        def forward(self, x):
            x = self.seen(x)
            return self.out(self.drop(self.line(x.flatten(1, 2))))

    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    return torch, Net()


def train(arguments):
    torch, net = network()
    net = net.to(memory_format=torch.channels_last)
    fonts = fonts_in(arguments.fonts, False)
    optimiser = torch.optim.Adam(net.parameters(), 2e-3)
    step, rng = 0, np.random.default_rng(int(time.time()))
    bank, kept = [], arguments.state + ".bank"
    if os.path.exists(kept):
        with open(kept, "rb") as file:
            bank = [(ink.astype(np.float32) / 255, classes, frames) for ink, classes, frames in pickle.load(file)]
    if os.path.exists(arguments.state):
        state = torch.load(arguments.state)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    for group in optimiser.param_groups:
        group["lr"] = arguments.rate
    net.train()
    began, shown = time.time(), []
    while time.time() - began < arguments.seconds:
        # Drawing costs as much as learning: each strip is used a few times.
        bank += [sample(rng, fonts, True) for _ in range(40 if len(bank) < 1000 else 8)]
        bank = bank[-6000:]
        batch = [bank[i] for i in rng.integers(0, len(bank), 64)]
        ink = torch.from_numpy(np.stack([b[0] for b in batch]))[:, None]
        ink = ink * (.7 + .3 * torch.rand(64, 1, 1, 1)) + .03 * torch.randn(ink.shape)
        frames = torch.from_numpy(np.stack([b[2] for b in batch]))
        out = net(ink.to(memory_format=torch.channels_last))
        loss = torch.nn.functional.cross_entropy(out, frames, ignore_index=-1)
        chances = out.log_softmax(1).permute(2, 0, 1)
        lengths = torch.tensor([len(b[1]) for b in batch])
        labels = torch.tensor(sum([b[1] for b in batch], []))
        whole = torch.nn.functional.ctc_loss(chances, labels, torch.full((64,), WINDOW // 2), lengths, zero_infinity=True)
        (loss + .3 * whole).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5)
        optimiser.step()
        optimiser.zero_grad()
        step += 1
        shown.append((loss.item(), whole.item()))
        if step % 50 == 0:
            print(step, *np.mean(shown, 0).round(4), f"{time.time() - began:.0f} s", flush=True)
            shown = []
    torch.save({"net": net.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, arguments.state)
    with open(kept, "wb") as file:
        pickle.dump([((ink * 255).astype(np.uint8), classes, frames) for ink, classes, frames in bank], file)


def greedy(out):
    best, last = [], 0
    for cls in out.argmax(0):
        if cls and cls != last:
            best.append(int(cls))
        last = cls
    return best


def measure(arguments):
    torch, net = network()
    net.load_state_dict(torch.load(arguments.state)["net"])
    net.eval()
    rng = np.random.default_rng(7)
    for name, fonts, kind in [("held out, hand", fonts_in(arguments.fonts, True), dict(hand=True)), ("held out, print", fonts_in(arguments.fonts, True), dict(hand=False))]:
        right = whole = 0
        for _ in range(arguments.count):
            if kind["hand"]:
                while True:  # only the fonts are held out: no strokes
                    state = rng.bit_generator.state
                    if Pen(rng, fonts).font:
                        rng.bit_generator.state = state
                        break
            ink, classes, _ = sample(rng, fonts, **kind)
            with torch.no_grad():
                read = greedy(net(torch.from_numpy(ink)[None, None])[0].numpy())
            value = lambda classes: "".join("/" if c == 21 else "-" if c == 22 else str((c - 1) % 10) for c in classes)
            whole += read == classes
            right += value(read).split("/")[0] == value(classes).split("/")[0]
        print(f"{name}: number right {right / arguments.count:.3f}, all classes right {whole / arguments.count:.3f}")


def export(arguments):
    """Batch norms folded in; each output's weights as signed bytes and a scale. Little endian."""
    torch, net = network()
    net.load_state_dict(torch.load(arguments.state)["net"])
    net.eval()
    data = bytearray(b"VBDIGIT1")

    def layer(conv, norm):
        weight = conv.weight.detach().numpy().astype(np.float64)
        weight = weight.reshape(weight.shape[0], -1)
        bias = conv.bias.detach().numpy() if conv.bias is not None else np.zeros(len(weight))
        if norm is not None:
            gain = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach().numpy()
            weight = weight * gain[:, None]
            bias = (bias - norm.running_mean.numpy()) * gain + norm.bias.detach().numpy()
        scale = np.maximum(np.abs(weight).max(1) / 127, 1e-12)
        data.extend(np.array(weight.shape, "<u4").tobytes())
        data.extend(scale.astype("<f4").tobytes() + bias.astype("<f4").tobytes())
        data.extend(np.round(weight / scale[:, None]).astype(np.int8).tobytes())

    for i in range(0, 16, 4):
        layer(net.seen[i], net.seen[i + 1])
    layer(net.line[0], net.line[1])
    layer(net.out, None)
    open(arguments.out, "wb").write(data)
    print(len(data), "bytes")


def show(arguments):
    rng = np.random.default_rng(3)
    fonts = fonts_in(arguments.fonts, False)
    sheet = Image.new("L", (WIDTH * 4 + 30, (HEIGHT + 4) * 24), 255)
    for i in range(96):
        ink, classes, _ = sample(rng, fonts)
        sheet.paste(Image.fromarray((255 - ink * 255).astype(np.uint8)), ((i % 4) * (WIDTH + 10), (i // 4) * (HEIGHT + 4)))
    sheet.resize((sheet.width * 2, sheet.height * 2)).save(arguments.out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    sub = parser.add_subparsers(required=True)
    for name, run, names in [("train", train, ["fonts", "state"]), ("measure", measure, ["fonts", "state"]),
                             ("export", export, ["state", "out"]), ("show", show, ["fonts", "out"])]:
        one = sub.add_parser(name)
        one.set_defaults(run=run)
        for argument in names:
            one.add_argument(argument)
        one.add_argument("--seconds", type=float, default=230)
        one.add_argument("--rate", type=float, default=2e-3)
        one.add_argument("--count", type=int, default=300)
    arguments = parser.parse_args()
    arguments.run(arguments)
