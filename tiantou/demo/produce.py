"""Produce, drawn: one fruit at a time, and tiles full of them."""

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
SCALE = 2

LEAF: Colour = (74, 128, 62)
STEM: Colour = (96, 72, 44)


def _blank(size: int) -> Image.Image:
    return Image.new("RGBA", (size, size), (0, 0, 0, 0))


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    r, g, b = (round(a + (c - a) * share) for a, c in zip(one, other, strict=True))
    return (r, g, b)


def _ball(
    size: int, colour: Colour, squash: float = 1.0, dice: random.Random | None = None
) -> Image.Image:
    """A lit round body filling 84 % of a square; `squash` is height by width."""
    dice = dice or random.Random(0)
    body = _blank(size)
    w, h = size * 0.42, size * 0.42 * squash
    middle = size / 2
    mask = Image.new("L", (size, size), 0)
    points = []
    wobble = [dice.uniform(-0.02, 0.02) for _ in range(5)]
    for step in range(72):
        angle = step / 72 * math.tau
        bump = 1 + sum(k * math.sin((n + 2) * angle) for n, k in enumerate(wobble))
        points.append((middle + w * bump * math.cos(angle), middle + h * bump * math.sin(angle)))
    ImageDraw.Draw(mask).polygon(points, fill=255)
    shade = Image.new("RGB", (size, size), _mix(colour, (30, 18, 10), 0.42))
    light = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(light)
    draw.ellipse((size * 0.1, size * 0.06, size * 0.82, size * 0.78), fill=255)
    light = light.filter(ImageFilter.GaussianBlur(size * 0.11))
    shade.paste(Image.new("RGB", (size, size), colour), (0, 0), light)
    glow = Image.new("L", (size, size), 0)
    ImageDraw.Draw(glow).ellipse((size * 0.26, size * 0.2, size * 0.5, size * 0.4), fill=150)
    glow = glow.filter(ImageFilter.GaussianBlur(size * 0.06))
    shade.paste(Image.new("RGB", (size, size), _mix(colour, (255, 250, 235), 0.75)), (0, 0), glow)
    body.paste(shade, (0, 0), mask.filter(ImageFilter.GaussianBlur(size * 0.006)))
    return body


def orange(size: int, dice: random.Random) -> Image.Image:
    """A navel orange."""
    fruit = _ball(size, _mix((242, 138, 28), (232, 112, 16), dice.random()), 0.96, dice)
    draw = ImageDraw.Draw(fruit)
    for _ in range(size):
        angle, far = dice.uniform(0, math.tau), dice.uniform(0, 0.37) ** 0.9
        x, y = size / 2 + size * far * math.cos(angle), size / 2 + size * far * math.sin(angle)
        draw.point((x, y), fill=(206, 98, 12, 120))
    x, y = size * dice.uniform(0.42, 0.58), size * dice.uniform(0.2, 0.3)
    r = size * 0.022
    draw.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill=LEAF)
    return fruit


def apple(size: int, dice: random.Random) -> Image.Image:
    """A red apple with its stalk."""
    fruit = _ball(size, _mix((206, 44, 40), (188, 30, 34), dice.random()), 0.92, dice)
    draw = ImageDraw.Draw(fruit)
    for _ in range(26):
        x = size * dice.uniform(0.16, 0.84)
        top = size * dice.uniform(0.16, 0.4)
        draw.line(
            (x, top, x + size * dice.uniform(-0.02, 0.02), top + size * 0.22),
            fill=(244, 176, 96, 70),
            width=max(1, size // 90),
        )
    draw.ellipse((size * 0.42, size * 0.12, size * 0.58, size * 0.2), fill=(120, 40, 24, 160))
    draw.line((size * 0.5, size * 0.16, size * 0.54, size * 0.04), fill=STEM, width=size // 28)
    return fruit


def potato(size: int, dice: random.Random) -> Image.Image:
    """A potato with eyes and earth."""
    colour = _mix((216, 176, 106), (196, 152, 84), dice.random())
    tuber = _ball(size, colour, dice.uniform(0.66, 0.82), dice)
    draw = ImageDraw.Draw(tuber)
    for _ in range(9):
        x, y = size * dice.uniform(0.25, 0.75), size * dice.uniform(0.34, 0.66)
        r = size * 0.018
        draw.arc((x - r * 2, y - r, x + r * 2, y + r), 10, 170, fill=(128, 92, 46), width=2)
    return tuber.rotate(dice.uniform(0, 180), Image.Resampling.BICUBIC)


def sweet_potato(size: int, dice: random.Random) -> Image.Image:
    """A purple sweet potato."""
    root = _ball(size, _mix((134, 52, 84), (112, 40, 72), dice.random()), 0.46, dice)
    return root.rotate(dice.uniform(-40, 40), Image.Resampling.BICUBIC)


def pear(size: int, dice: random.Random) -> Image.Image:
    """A snow pear."""
    fruit = _blank(size)
    colour = _mix((222, 204, 110), (206, 190, 92), dice.random())
    top = _ball(round(size * 0.62), colour, 1.1, dice)
    fruit.alpha_composite(_ball(size, colour, 0.9, dice))
    fruit.alpha_composite(top, (round(size * 0.19), 0))
    draw = ImageDraw.Draw(fruit)
    draw.line((size * 0.5, size * 0.08, size * 0.56, 0), fill=STEM, width=size // 28)
    for _ in range(size // 3):
        x, y = size * dice.uniform(0.25, 0.75), size * dice.uniform(0.2, 0.85)
        draw.point((x, y), fill=(150, 128, 54, 150))
    return fruit


KINDS: dict[str, Callable[[int, random.Random], Image.Image]] = {
    "orange": orange,
    "apple": apple,
    "potato": potato,
    "sweet_potato": sweet_potato,
    "pear": pear,
}
_GROUND: dict[str, Colour] = {
    "orange": (96, 62, 22),
    "apple": (88, 30, 26),
    "potato": (92, 70, 38),
    "sweet_potato": (60, 30, 40),
    "pear": (96, 90, 42),
}


def sprites(kind: str, size: int, count: int, seed: int = 1) -> list[Image.Image]:
    """`count` fruits of a kind, each `size` pixels square, smooth-edged. Raises KeyError."""
    dice = random.Random(seed)
    large = [KINDS[kind](size * SCALE, dice) for _ in range(count)]
    return [one.resize((size, size), Image.Resampling.LANCZOS) for one in large]


def tile(kind: str, size: int = 800, seed: int = 1) -> Image.Image:
    """A square full of a kind of produce, as product pictures are."""
    dice = random.Random(seed)
    picture = Image.new("RGB", (size, size), _GROUND[kind])
    each = round(size * 0.32)
    some = sprites(kind, each, 8, seed)
    step = each * 0.62
    rows = range(-1, int(size / step) + 2)
    for row in rows:
        for column in rows:
            one = dice.choice(some).rotate(dice.uniform(-25, 25), Image.Resampling.BICUBIC)
            x = column * step + (row % 2) * step / 2 + dice.uniform(-0.1, 0.1) * each
            y = row * step * 0.92 + dice.uniform(-0.1, 0.1) * each
            place = (round(x - each / 2), round(y - each / 2))
            dark = Image.new("RGBA", one.size, (0, 0, 0, 0))
            dark.putalpha(one.getchannel("A").point(lambda a: a * 90 // 255))
            picture.paste(dark, (place[0] + 5, place[1] + 12), dark)
            picture.paste(one, place, one)
    return picture
