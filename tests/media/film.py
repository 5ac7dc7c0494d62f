"""A synthetic film with sound, encoded once a run."""

import math
from array import array
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

WIDTH, HEIGHT, FPS, GOP, RATE = 320, 180, 25, 50, 48_000


def _picture(number: int) -> Any:
    frame: Any = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for index, plane in enumerate(frame.planes):
        row = bytes((x * 2 + number * 3 + index * 40) & 255 for x in range(plane.line_size))
        plane.update(row * (plane.buffer_size // plane.line_size))
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    return frame


def _sound(at: int, samples: int) -> Any:
    tone = array("h", (int(8000 * math.sin((at + n) * 0.0576)) for n in range(samples)))
    frame: Any = av.AudioFrame("s16", "mono", samples)
    frame.planes[0].update(tone.tobytes())
    frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
    return frame


def make_film(path: Path, seconds: int, audio: str = "aac", container: str = "flv") -> Path:
    """Encodes `seconds` of moving stripes and a tone."""
    whole = {"movflags": "frag_keyframe+empty_moov"} if container == "mp4" else {}
    out: Any = av.open(str(path), "w", format=container, options=whole)
    options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "scenecut=0"}
    video = out.add_stream("libx264", rate=FPS, options=options)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    video.codec_context.gop_size, video.codec_context.bit_rate = GOP, 200_000
    sound = out.add_stream(audio, rate=RATE, layout="mono")
    step = RATE // FPS
    for number in range(seconds * FPS):
        for packet in video.encode(_picture(number)):
            out.mux(packet)
        for packet in sound.encode(_sound(number * step, step)):
            out.mux(packet)
    for stream in (video, sound):
        for packet in stream.encode(None):
            out.mux(packet)
    out.close()
    return path
