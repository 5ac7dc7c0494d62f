"""What a phone gets on one wire with `tiantou up --public`: `lan.py HOME` asks and prints JSON.

It runs in a network namespace of its own, and stops everything.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.up.cable import HOST, cable
from tests.up.running import Up, left_behind, until

ASK = """
import json, socket, ssl, sys
host, plain, secure, rtmp, ca = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
def http(port, path, name, tls=False, more=""):
    made = socket.create_connection((host, port), 20)
    if tls:
        made = ssl.create_default_context(cafile=ca).wrap_socket(made, server_hostname=host)
    made.sendall(f"GET {path} HTTP/1.1\\r\\nHost: {name}\\r\\n{more}\\r\\n".encode())
    answer = b""
    made.settimeout(20)
    while piece := made.recv(65536):
        answer += piece
    return answer.decode("utf-8", "replace")
close = "Connection: close\\r\\n"
root = http(plain, "/ca/root.crt", host, more=close).partition("\\r\\n\\r\\n")[2]
open(ca, "w").write(root)
first = lambda text: text.split("\\r\\n")[0].split(" ")[1]
upgrade = ("Connection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\n"
           "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n")
got = {
    "page": first(http(plain, "/ca", host, more=close)),
    "plain": first(http(plain, "/healthz", host, more=close)),
    "plain_as_localhost": first(http(plain, "/healthz", "localhost", more=close)),
    "https": first(http(secure, "/healthz", host, True, close)),
    "unknown": first(http(secure, "/healthz", "evil.example", True, close)),
    "media": first(http(secure, "/live/none/x.m3u8", host, True, close)),
    "gateway": first(http(secure, "/rt/v1/none?ticket=none", host, True, upgrade + close)),
}
for name, port in {"rtmp": rtmp, "nothing": 5432}.items():
    try:
        socket.create_connection((host, port), 5).close()
        got[name] = "open"
    except OSError:
        got[name] = "closed"
doors = []
for port in range(1, 65536):
    with socket.socket() as probe:
        probe.settimeout(5)
        if probe.connect_ex((host, port)) == 0:
            doors.append(port)
got["doors"] = doors
print(json.dumps(got))
"""


def main(home: Path) -> None:
    """The whole visit."""
    ports = {"TIANTOU_PORT": "8080", "TIANTOU_HTTPS_PORT": "8443", "TIANTOU_RTMP_PORT": "1935"}
    with cable() as phone:
        up = Up(home, "--public", **ports)
        try:
            up.wait()
            ca = str(home.parent / "ca")
            asked = [sys.executable, "-c", ASK, HOST, "8080", "8443", "1935", ca]
            done = subprocess.run(
                [*phone.inside, *asked], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            got = json.loads(done.stdout) | {"url": up.url, "said": up.said}
            assert up.stop() == 0
            until(lambda: left_behind(home) == [], "nothing left")
        finally:
            up.end()
    sys.stdout.write(json.dumps(got))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
