"""Two machines on one wire: `lan.py HOME` runs in a network namespace of its own.

It makes a second one (the phone), a cable between the two, starts `tiantou up --public`, asks from
the phone what a phone asks, prints what it got as JSON, and stops everything. It needs no
privilege where user namespaces are allowed, and none of the real network is touched.
"""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.up.running import Up, left_behind, until

_NEWUSER, _NEWNET = 0x10000000, 0x40000000
HOST, PHONE = "192.168.77.1", "192.168.77.2"

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


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _unshare(flags: int) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        sys.exit("namespaces are refused here")


def _own_network() -> None:
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        _unshare(_NEWNET)
        return
    _unshare(_NEWUSER | _NEWNET)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


def _phone() -> subprocess.Popen[bytes]:
    """A process that holds the phone's namespace."""
    words = (
        f"import ctypes, sys; ctypes.CDLL(None).unshare({_NEWNET})\n"
        "print(flush=True); sys.stdin.read()"
    )
    made = subprocess.Popen(
        [sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert made.stdout
    made.stdout.readline()
    return made


def main(home: Path) -> None:
    """The whole visit."""
    _own_network()
    phone = _phone()
    inside = ["nsenter", "--target", str(phone.pid), "--net"]
    _ip("link", "set", "lo", "up")
    _ip("link", "add", "wire", "type", "veth", "peer", "name", "phone", "netns", str(phone.pid))
    _ip("addr", "add", f"{HOST}/24", "dev", "wire")
    _ip("link", "set", "wire", "up")
    for words in (["addr", "add", f"{PHONE}/24", "dev", "phone"], ["link", "set", "phone", "up"]):
        subprocess.run([*inside, "ip", *words], check=True)
    ports = {"TIANTOU_PORT": "8080", "TIANTOU_HTTPS_PORT": "8443", "TIANTOU_RTMP_PORT": "1935"}
    up = Up(home, "--public", **ports)
    try:
        up.wait()
        asked = [sys.executable, "-c", ASK, HOST, "8080", "8443", "1935", str(home.parent / "ca")]
        done = subprocess.run([*inside, *asked], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        got = json.loads(done.stdout) | {"url": up.url, "said": up.said}
        assert up.stop() == 0
        until(lambda: left_behind(home) == [], "nothing left")
    finally:
        up.end()
        assert phone.stdin
        phone.stdin.close()
        phone.wait()
    sys.stdout.write(json.dumps(got))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
