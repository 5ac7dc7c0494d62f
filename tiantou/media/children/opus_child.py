"""The child that turns a publisher's Opus packets into AAC: frames in on stdin, frames out."""

import sys

from tiantou.media.children.frames import AUDIO_SAMPLE, read, write
from tiantou.media.children.limits import confine

MEMORY_BYTES, CPU_S = 1 << 30, 3 * 3_600


def main(channels: int) -> int:
    """Runs until its input ends."""
    confine(MEMORY_BYTES, CPU_S)
    from tiantou.media.children.sound import OpusToAac

    machine = OpusToAac(channels)
    write(sys.stdout.buffer, machine.config())
    while (frame := read(sys.stdin.buffer)) is not None:
        if frame.kind != AUDIO_SAMPLE:
            return 2
        for made in machine.feed(frame.dts_us, frame.payload):
            write(sys.stdout.buffer, made)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
