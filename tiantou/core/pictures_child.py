"""The child that decodes pictures: bytes in on stdin, WebP of each size out in a folder.

It runs with limits on memory and time, and exits with 3 if the bytes are not a picture it takes.
"""

import io
import json
import resource
import sys
from pathlib import Path

from PIL import Image, ImageOps

SIZES = (96, 320, 800, 1600)
PIXELS_MAX = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
REFUSED = 3


def main(folder: Path) -> int:
    """Writes `{size}.webp` for each size, prints {"width", "height"} of the largest."""
    memory = 1 << 30
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    raw = sys.stdin.buffer.read()
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                return REFUSED
            turned = ImageOps.exif_transpose(opened)
            picture = turned.convert("RGBA" if "A" in turned.getbands() else "RGB")
    except Exception:
        return REFUSED
    for size in SIZES:
        smaller = picture.copy()
        smaller.thumbnail((size, size), Image.Resampling.LANCZOS)
        smaller.save(folder / f"{size}.webp", "WEBP", quality=82, method=4)
    sys.stdout.write(json.dumps({"width": smaller.width, "height": smaller.height}))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
