"""The child that makes a clip: init segment and segments on stdin, one plain MP4 out.

Nothing is decoded. A plain MP4 plays in every browser without a script, a fragmented one does not.
"""

import io
import sys
from typing import Any

from tiantou.media.children.limits import confine

MEMORY_BYTES, CPU_S = 1 << 30, 20
REFUSED = 3


def main() -> int:
    """Writes the MP4; REFUSED if there is no picture."""
    confine(MEMORY_BYTES, CPU_S)
    import av

    source: Any = av.open(io.BytesIO(sys.stdin.buffer.read()), format="mp4")
    if not source.streams.video:
        return REFUSED
    made = io.BytesIO()
    out: Any = av.open(made, "w", format="mp4", options={"avoid_negative_ts": "make_zero"})
    tracks = {one.index: out.add_stream_from_template(one) for one in source.streams}
    begun = False
    for packet in source.demux():
        if packet.dts is None:
            continue
        # a picture that nothing precedes has to be whole
        begun = begun or (packet.stream.type == "video" and packet.is_keyframe)
        if begun:
            packet.stream = tracks[packet.stream.index]
            out.mux(packet)
    out.close()
    if not begun:
        return REFUSED
    sys.stdout.buffer.write(made.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
