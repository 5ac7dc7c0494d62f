"""Runs every benchmark of bench/, one after the other; each prints its ratio to a peer."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Runs `bench/bench_*.py`; ends with an error if one of them does."""
    found = sorted((ROOT / "bench").glob("bench_*.py"))
    if not found:
        print("There is no benchmark yet")
    failed = []
    for path in found:
        print(f"== {path.stem}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"bench.{path.stem}"], cwd=ROOT)
        if done.returncode != 0:
            failed.append(path.stem)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
