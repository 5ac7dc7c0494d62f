"""Prints the targets of makefiles: `name: needs ## words`. Plain Python, for a bare machine."""

import re
import sys
from pathlib import Path

TARGET = re.compile(r"^([a-z][a-z-]*):.*?## (.*)$", re.MULTILINE)


def main(makefiles: list[str]) -> None:
    """Prints one line a target."""
    for makefile in makefiles:
        for name, words in TARGET.findall(Path(makefile).read_text()):
            print(f"  make {name:8} {words}")


if __name__ == "__main__":
    main(sys.argv[1:])
