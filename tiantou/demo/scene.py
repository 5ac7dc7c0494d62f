"""The film's scene: an orchard, a table with the harvest, a host who shows it. All drawn."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tiantou.demo.produce import sprites

WIDTH, HEIGHT, RATE, SECONDS = 540, 960, 15, 16
FRAMES = RATE * SECONDS
SKIN, HAT, BAND = (222, 158, 116), (226, 190, 116), (148, 52, 38)
SHADES = {
    "orange": ((186, 214, 226), (226, 232, 214), (96, 138, 84)),
    "potato": ((198, 206, 214), (232, 226, 208), (150, 146, 88)),
    "apple": ((176, 200, 214), (222, 222, 208), (104, 140, 96)),
}


@dataclass(frozen=True)
class Look:
    """What one room's film shows: its produce and the colour of the host's apron."""

    kind: str
    apron: tuple[int, int, int]
    seed: int


def _sky(look: Look) -> Image.Image:
    top, low, _ = SHADES[look.kind]
    column = Image.new("RGB", (1, HEIGHT))
    for y in range(HEIGHT):
        share = min(1.0, y / (HEIGHT * 0.55))
        column.putpixel(
            (0, y), tuple(round(a + (b - a) * share) for a, b in zip(top, low, strict=True))
        )
    return column.resize((WIDTH, HEIGHT))


def _hills(look: Look) -> Image.Image:
    dice = random.Random(look.seed)
    picture = _sky(look).convert("RGBA")
    green = SHADES[look.kind][2]
    for level in range(5):
        base = HEIGHT * (0.32 + 0.075 * level)
        phases = [(dice.uniform(0, math.tau), dice.uniform(0.6, 2.2)) for _ in range(3)]
        points: list[tuple[float, float]] = [(0, HEIGHT)]
        for x in range(0, WIDTH + 10, 10):
            wave = sum(math.sin(x / WIDTH * math.tau * f + p) for p, f in phases)
            points.append((x, base + wave * 26 / (1 + level * 0.3)))
        points.append((WIDTH, HEIGHT))
        fade = 0.62 - 0.14 * level
        haze = SHADES[look.kind][1]
        colour = tuple(round(g + (h - g) * fade) for g, h in zip(green, haze, strict=True))
        ImageDraw.Draw(picture).polygon(points, fill=(*colour, 255))
        if level >= 2:
            _trees(picture, look, dice, base, level)
    return picture


def _trees(picture: Image.Image, look: Look, dice: random.Random, base: float, level: int) -> None:
    draw = ImageDraw.Draw(picture)
    dot = {"orange": (236, 132, 30), "apple": (200, 44, 40)}.get(look.kind)
    for _ in range(7 - level):
        x, y = dice.uniform(0, WIDTH), base + dice.uniform(20, 60)
        r = 12 + level * 7
        draw.rectangle((x - r * 0.12, y, x + r * 0.12, y + r * 1.2), fill=(110, 84, 56))
        for part in range(7):
            px, py = x + dice.uniform(-r, r) * 0.6, y - r * 0.5 + dice.uniform(-r, r) * 0.5
            tone = dice.randint(-14, 14)
            leaf = (70 + tone, 112 + tone, 62 + tone)
            draw.ellipse((px - r * 0.6, py - r * 0.6, px + r * 0.6, py + r * 0.6), fill=leaf)
            if dot and part % 2:
                draw.ellipse((px - 3, py - 3, px + 3, py + 3), fill=dot)


def _host(look: Look) -> Image.Image:
    """The host from the waist up, 460 x 620, drawn at twice its size."""
    k = 2
    figure = Image.new("RGBA", (460 * k, 620 * k), (0, 0, 0, 0))
    draw = ImageDraw.Draw(figure)

    def oval(x: float, y: float, rx: float, ry: float, fill: tuple[int, ...]) -> None:
        draw.ellipse(((x - rx) * k, (y - ry) * k, (x + rx) * k, (y + ry) * k), fill=fill)

    shirt = (240, 232, 216)
    draw.rounded_rectangle((80 * k, 300 * k, 380 * k, 640 * k), 120 * k, fill=shirt)
    draw.rectangle((200 * k, 262 * k, 260 * k, 330 * k), fill=(206, 142, 102))
    oval(230, 190, 92, 104, SKIN)
    oval(140, 200, 16, 24, SKIN)
    oval(320, 200, 16, 24, SKIN)
    dark = (66, 44, 34)
    for x in (192, 268):
        draw.arc(((x - 22) * k, 176 * k, (x + 22) * k, 208 * k), 200, 340, fill=dark, width=5 * k)
    draw.arc((190 * k, 200 * k, 270 * k, 256 * k), 25, 155, fill=(150, 60, 44), width=6 * k)
    draw.line((230 * k, 205 * k, 224 * k, 224 * k), fill=(190, 124, 88), width=4 * k)
    oval(230, 128, 176, 34, HAT)
    oval(230, 96, 96, 56, HAT)
    draw.rectangle((134 * k, 100 * k, 326 * k, 124 * k), fill=BAND)
    oval(230, 124, 150, 14, (208, 170, 98))
    draw.rounded_rectangle((140 * k, 390 * k, 320 * k, 640 * k), 26 * k, fill=look.apron)
    for x in (160, 292):
        draw.line((x * k, 310 * k, (x + 4) * k, 400 * k), fill=look.apron, width=16 * k)
    return figure.resize((460, 620), Image.Resampling.LANCZOS)


def _table(look: Look) -> Image.Image:
    """Crates full of the harvest across the foot of the picture."""
    dice = random.Random(look.seed + 7)
    table = Image.new("RGBA", (WIDTH, 330), (0, 0, 0, 0))
    draw = ImageDraw.Draw(table)
    some = sprites(look.kind, 92, 8, look.seed)
    for row in range(3):
        for column in range(9):
            one = dice.choice(some).rotate(dice.uniform(-30, 30), Image.Resampling.BICUBIC)
            x = column * 64 - 30 + (row % 2) * 32 + dice.randint(-6, 6)
            table.alpha_composite(one, (max(0, x), 6 + row * 34 + dice.randint(-4, 4)))
    draw.rectangle((0, 140, WIDTH, 330), fill=(150, 108, 66))
    for y in (140, 200, 262):
        draw.rectangle((0, y, WIDTH, y + 54), fill=(172, 126, 78))
        draw.line((0, y + 54, WIDTH, y + 54), fill=(118, 82, 48), width=4)
        for _ in range(5):
            x = dice.randint(0, WIDTH)
            draw.line((x, y + 14, x + dice.randint(40, 120), y + 16), fill=(156, 112, 68), width=2)
    return table


def _mark() -> Image.Image:
    """The word DEMO, large and steady: nobody may take this for a live picture."""
    mark = Image.new("RGBA", (190, 64), (0, 0, 0, 0))
    draw = ImageDraw.Draw(mark)
    draw.rounded_rectangle((0, 0, 189, 63), 10, fill=(255, 242, 207, 235))
    font = ImageFont.load_default(44)
    draw.text((95, 31), "DEMO", font=font, fill=(128, 83, 0, 255), anchor="mm")
    return mark


def cover(look: Look, width: int = 900, height: int = 1200) -> Image.Image:
    """A still of the scene, as a session's cover."""
    (first,) = (frame for number, frame in enumerate(frames(look)) if number == 0)
    return first.crop((0, 0, WIDTH, WIDTH * height // width)).resize(
        (width, height), Image.Resampling.LANCZOS
    )


def frames(look: Look) -> Iterator[Image.Image]:
    """FRAMES pictures of WIDTH x HEIGHT that meet at their ends."""
    hills, table, host, mark = _hills(look), _table(look), _host(look), _mark()
    hand = sprites(look.kind, 150, 1, look.seed + 3)[0]
    cloud = Image.new("RGBA", (WIDTH, 120), (255, 255, 255, 0))
    shape = ImageDraw.Draw(cloud)
    for x, r in ((120, 30), (160, 42), (210, 34), (400, 24), (436, 34)):
        shape.ellipse((x - r * 1.6, 70 - r, x + r * 1.6, 70 + r), fill=(255, 255, 255, 120))
    cloud = cloud.filter(ImageFilter.GaussianBlur(8))
    font = ImageFont.load_default(26)
    for number in range(FRAMES):
        turn = number / FRAMES * math.tau
        picture = hills.copy()
        drift = round(number / FRAMES * WIDTH)
        picture.alpha_composite(cloud, (drift, 60))
        picture.alpha_composite(cloud.crop((WIDTH - drift, 0, WIDTH, 120)), (0, 60))
        sway = round(6 * math.sin(turn * 2))
        picture.alpha_composite(host, (40 + sway, 210 + round(3 * math.sin(turn * 4))))
        lift = math.sin(turn * 3)
        for side in (-1, 1):
            x = 270 + sway + side * 96
            y = 590 - round(46 * max(0.0, lift * side))
            _arm(picture, 270 + sway + side * 130, 560, x, y + 60)
            picture.alpha_composite(hand, (x - 75, y - 40))
        picture.alpha_composite(table, (0, HEIGHT - 330))
        picture.alpha_composite(mark, (84, 206))
        shown = ImageDraw.Draw(picture)
        far = round(190 * number / FRAMES)
        shown.rectangle((84, 274, 84 + far, 280), fill=(199, 56, 15, 255))
        passed = f"{number / RATE:05.2f}"
        shown.text((86, 298), passed, font=font, fill=(40, 40, 30), anchor="lm")
        yield picture.convert("RGB")


def _arm(picture: Image.Image, x0: int, y0: int, x1: int, y1: int) -> None:
    draw = ImageDraw.Draw(picture)
    draw.line((x0, y0, x1, y1), fill=(240, 232, 216), width=58)
    draw.ellipse((x1 - 30, y1 - 30, x1 + 30, y1 + 30), fill=SKIN)
