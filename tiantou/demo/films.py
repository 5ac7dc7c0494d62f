"""Films: the drawn scene with a plucked tune, encoded once as a short loop and kept.

Run as a child: `python -m tiantou.demo.films <kind> <file>`.
"""

import array
import math
import random
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

from tiantou.demo.looks import LOOKS
from tiantou.demo.scene import FRAMES, HEIGHT, RATE, SECONDS, WIDTH, Look, frames

SOUND_HZ = 48_000
GOP = RATE * 2
VIDEO_BITS = 700_000
_PENTATONIC = (220.0, 247.5, 277.2, 330.0, 371.3, 440.0)


def _tune(seed: int) -> "array.array[int]":
    """SECONDS of plucked strings, 16-bit mono; silent at both ends."""
    dice = random.Random(seed)
    total = SOUND_HZ * SECONDS
    mixed = [0.0] * total
    at = 0.2
    while at < SECONDS - 1.6:
        pitch = dice.choice(_PENTATONIC) * dice.choice((1.0, 1.0, 0.5))
        first, last = int(at * SOUND_HZ), min(total, int((at + 1.5) * SOUND_HZ))
        for n in range(first, last):
            t = (n - first) / SOUND_HZ
            fade = math.exp(-3.2 * t) * min(1.0, t * 200)
            angle = math.tau * pitch * t
            mixed[n] += fade * (math.sin(angle) + 0.4 * math.sin(2 * angle))
        at += dice.choice((0.5, 0.5, 1.0))
    return array.array("h", (int(max(-1.0, min(1.0, one * 0.22)) * 32_000) for one in mixed))


def _sound(stream: "av.AudioStream", seed: int) -> Iterator[Any]:
    tune, at, step = _tune(seed), 0, 1024
    while at + step <= len(tune):
        frame = av.AudioFrame(format="s16", layout="mono", samples=step)
        frame.planes[0].update(tune[at : at + step].tobytes())
        frame.sample_rate, frame.pts = SOUND_HZ, at
        frame.time_base = Fraction(1, SOUND_HZ)
        yield from stream.encode(frame)
        at += step
    yield from stream.encode(None)


def _from_image(image: Image.Image) -> Any:
    make: Any = av.VideoFrame.from_image
    return make(image)


def _picture(stream: "av.VideoStream", look: Look) -> Iterator[Any]:
    for number, image in enumerate(frames(look)):
        frame: Any = _from_image(image)
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        yield from stream.encode(frame)
        if number % RATE == 0:
            sys.stdout.write(f"{100 * number // FRAMES}\n")
            sys.stdout.flush()
    yield from stream.encode(None)


def make(look: Look, file: Path) -> None:
    """Writes an FLV of H.264 (no B-frames, a key frame every 2 s) and AAC."""
    part = file.with_suffix(".part")
    with av.open(str(part), "w", format="flv") as film:
        video = film.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.bit_rate = VIDEO_BITS
        video.options = {
            "preset": "veryfast",
            "profile": "main",
            "g": str(GOP),
            "keyint_min": str(GOP),
            "sc_threshold": "0",
            "bf": "0",
        }
        sound = film.add_stream("aac", rate=SOUND_HZ, layout="mono")
        sound.bit_rate = 48_000
        packets = [*_picture(video, look), *_sound(sound, look.seed)]
        for packet in sorted(packets, key=lambda one: float((one.dts or 0) * one.time_base)):
            film.mux(packet)
    part.rename(file)


if __name__ == "__main__":
    make(LOOKS[sys.argv[1]], Path(sys.argv[2]))
