"""Two machines on one wire, each a network namespace: this process, and a phone.

It needs no privilege where user namespaces are allowed, and none of the real network is touched.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

_NEWUSER, _NEWNET = 0x10000000, 0x40000000
HOST, PHONE = "192.168.77.1", "192.168.77.2"


@dataclass(frozen=True)
class Phone:
    """The other end of the wire; `inside` begins a command that runs there."""

    pid: int

    @property
    def inside(self) -> list[str]:
        """Words before a command."""
        return ["nsenter", "--target", str(self.pid), "--net"]

    def spoke_to(self) -> set[tuple[str, int]]:
        """Addresses and ports that its TCP connections of this moment lead to, loopback too."""
        found = set()
        for row in Path(f"/proc/{self.pid}/net/tcp").read_text().splitlines()[1:]:
            address, port = row.split()[2].split(":")
            text = str(IPv4Address(int.from_bytes(bytes.fromhex(address), "little")))
            found.add((text, int(port, 16)))
        return found - {("0.0.0.0", 0)}


def _ip(*words: str, before: list[str] | None = None) -> None:
    subprocess.run([*(before or ()), "ip", *words], check=True)


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


def _holder() -> subprocess.Popen[bytes]:
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


@contextmanager
def cable() -> Iterator[Phone]:
    """Takes this process, which has one thread only, onto a wire to a phone."""
    _own_network()
    holder = _holder()
    phone = Phone(holder.pid)
    try:
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "wire", "type", "veth", "peer", "name", "phone", "netns", str(phone.pid))
        _ip("addr", "add", f"{HOST}/24", "dev", "wire")
        _ip("link", "set", "wire", "up")
        _ip("link", "set", "lo", "up", before=phone.inside)
        _ip("addr", "add", f"{PHONE}/24", "dev", "phone", before=phone.inside)
        _ip("link", "set", "phone", "up", before=phone.inside)
        # A phone that knows no way into the world tells its pages that it is offline.
        _ip("route", "add", "default", "via", HOST, before=phone.inside)
        yield phone
    finally:
        assert holder.stdin
        holder.stdin.close()
        holder.wait()
