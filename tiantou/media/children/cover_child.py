"""The child that makes a cover: init segment and segment on stdin, its key frame as JPEG out."""

import io
import sys
from typing import Any

from tiantou.media.children.limits import confine

MEMORY_BYTES, CPU_S = 2 << 30, 20
WIDTH_MAX = 720
REFUSED = 3


def main() -> int:
    """Writes the JPEG; REFUSED if there is no picture."""
    confine(MEMORY_BYTES, CPU_S)
    import av

    opened: Any = av.open(io.BytesIO(sys.stdin.buffer.read()), format="mp4")
    if not opened.streams.video:
        return REFUSED
    opened.streams.video[0].codec_context.skip_frame = "NONKEY"
    for frame in opened.decode(video=0):
        width = min(WIDTH_MAX, frame.width) // 2 * 2
        height = frame.height * width // frame.width // 2 * 2
        small = frame.reformat(width, height, format="rgb24").to_image()
        out = io.BytesIO()
        small.save(out, "JPEG", quality=82)
        sys.stdout.buffer.write(out.getvalue())
        return 0
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
