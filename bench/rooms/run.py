"""`make bench-rooms`: one room, VIEWERS viewers (10,000 unless set); server and load on own cores.

Rates are CPU time of the server process, so a busy machine bends latencies, not ratios. The last
line is one JSON object.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VIEWERS = int(os.environ.get("VIEWERS", "10000"))
SECONDS = float(os.environ.get("SECONDS", "8"))
AT_ONCE, AS_SHIPPED = "100", "0.15"


def build(folder: Path) -> None:
    """Compiles the load and the ceiling."""
    for name in ("load", "raw"):
        source = str(HERE / f"{name}.c")
        subprocess.run(["cc", "-O2", "-o", str(folder / name), source], check=True)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def pin(core: int) -> None:
    """Keeps this process on a core, where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})


def wait_for(server: subprocess.Popen[bytes], ports: tuple[int, int], paths: Path | None) -> None:
    """Returns when the server listens; raises RuntimeError if it ends first."""
    wanted = {f"{port:04X}" for port in ports}
    while server.poll() is None:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        open_ports = {line.split()[1].split(":")[1] for line in lines if line.split()[3] == "0A"}
        if wanted <= open_ports and (paths is None or paths.exists()):
            return
        time.sleep(0.05)
    raise RuntimeError("the server ended before it listened")


def measure(
    name: str, folder: Path, events: float, chats: float, share: str = ""
) -> dict[str, Any]:
    """One server under one load."""
    ports = (free_port(), free_port())
    paths = folder / "paths" if share else None
    with suppress(FileNotFoundError):
        (folder / "paths").unlink()
    command = (
        [str(folder / "raw")] if name == "raw" else [sys.executable, "-m", f"bench.rooms.{name}"]
    )
    command += [str(port) for port in ports]
    if paths:
        command += [str(VIEWERS), str(paths), share]
    server = subprocess.Popen(command, preexec_fn=lambda: pin(0))
    try:
        wait_for(server, ports, paths)
        load = [str(folder / "load"), "-p", str(ports[0]), "-c", str(ports[1]), "-n", str(VIEWERS)]
        load += ["-s", str(server.pid), "-e", str(events), "-m", str(chats), "-d", str(SECONDS)]
        load += ["-t", str(paths)] if paths else []
        done = subprocess.run(
            load, check=True, stdout=subprocess.PIPE, timeout=300, preexec_fn=lambda: pin(1)
        )
    finally:
        server.kill()
        server.wait()
    made: dict[str, Any] = json.loads(done.stdout)
    made["cpu_s"] = max(0.01, made["cpu_end_s"] - made["cpu_begin_s"])
    made["core"] = round(made["cpu_s"] / made["seconds"], 2)
    print(f"{name} {events}/s events {chats}/s chat: {json.dumps(made)}", flush=True)
    return made


def main() -> None:
    """All of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        rate = 30_000 / VIEWERS
        raw = measure("raw", folder, rate, 0)
        peer = measure("fastapi_server", folder, rate / 2, 0)
        ours = measure("gateway_server", folder, rate, 0, AT_ONCE)
        chat = measure("gateway_server", folder, 0, 500, AS_SHIPPED)
        one = measure("gateway_server", folder, 1, 100, AS_SHIPPED)
        five = measure("gateway_server", folder, 5, 100, AS_SHIPPED)
    frames = {
        key: run["events"] / run["cpu_s"]
        for key, run in (("raw", raw), ("peer", peer), ("ours", ours))
    }
    print(
        json.dumps(
            {
                "viewers": VIEWERS,
                "frames_per_core_s": round(frames["ours"]),
                "raw_c_frames_per_core_s": round(frames["raw"]),
                "ratio_raw_c": round(frames["ours"] / frames["raw"], 3),
                "ratio_fastapi": round(frames["ours"] / frames["peer"], 2),
                "chat_deliveries_per_core_s": round(chat["chats"] / chat["cpu_s"]),
                "commerce_p99_ms_1": one["p99_ms"],
                "commerce_p99_ms_5": five["p99_ms"],
                "chats_share_5": five["chats_share"],
                "core_5": five["core"],
                "joins_per_core_s": round(VIEWERS / max(0.01, ours["join_cpu_s"])),
                "kb_per_viewer": ours["kb_per_viewer"],
            }
        )
    )


if __name__ == "__main__":
    main()
