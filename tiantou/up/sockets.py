"""Listening sockets: bound once by `up` and handed down, so that a child's restart loses nobody.

SO_REUSEPORT is not used: with it a second instance would bind silently beside the first.
"""

import errno
import socket
from dataclasses import dataclass
from pathlib import Path

from tiantou.kit.mendable import Mendable

BACKLOG = 1024
PRIVILEGED = 1024


class PortTaken(Mendable):
    """A port cannot be had. The message says who has it and what to do."""


@dataclass(frozen=True)
class Door:
    """What listens on one port: stream sockets, and datagram ones for HTTP/3."""

    port: int
    streams: tuple[socket.socket, ...]
    datagrams: tuple[socket.socket, ...] = ()

    @property
    def fds(self) -> tuple[int, ...]:
        """Every descriptor, for handing down."""
        return tuple(one.fileno() for one in (*self.streams, *self.datagrams))

    def close(self) -> None:
        """Gives the port back."""
        for one in (*self.streams, *self.datagrams):
            one.close()


def open_door(
    what: str, port: int, setting: str, everywhere: bool = False, http3: bool = False
) -> Door:
    """Binds `port` (0: any) on loopback, or on every address. `what` and `setting` are for words.

    IPv6 is taken where the machine has it. Raises PortTaken.
    """
    streams = [_bind(what, port, setting, socket.AF_INET, socket.SOCK_STREAM, everywhere)]
    port = streams[0].getsockname()[1]
    families = [socket.AF_INET]
    if _has_ipv6():
        try:
            streams.append(
                _bind(what, port, setting, socket.AF_INET6, socket.SOCK_STREAM, everywhere)
            )
            families.append(socket.AF_INET6)
        except PortTaken:
            streams[0].close()
            raise
    datagrams = (
        _bind(what, port, setting, family, socket.SOCK_DGRAM, everywhere)
        for family in (families if http3 else ())
    )
    return Door(port, tuple(streams), tuple(datagrams))


def open_single(what: str, port: int, setting: str, everywhere: bool = False) -> Door:
    """One socket, for a child that takes no more: on loopback, or on all of both kinds."""
    if everywhere and _has_ipv6():
        stream = _bind(what, port, setting, socket.AF_INET6, socket.SOCK_STREAM, True, both=True)
    else:
        stream = _bind(what, port, setting, socket.AF_INET, socket.SOCK_STREAM, everywhere)
    return Door(stream.getsockname()[1], (stream,))


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _bind(
    what: str,
    port: int,
    setting: str,
    family: socket.AddressFamily,
    kind: socket.SocketKind,
    everywhere: bool,
    both: bool = False,
) -> socket.socket:
    made = socket.socket(family, kind)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if both else 1)
        address = "::" if everywhere else "::1"
    else:
        address = "" if everywhere else "127.0.0.1"
    try:
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        if kind == socket.SOCK_STREAM:
            made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise PortTaken(_words(what, port, setting, error)) from None
    return made


def _words(what: str, port: int, setting: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        who = owner(port)
        return (
            f"port {port} ({what}) is taken{' by ' + who if who else ''}.\n"
            f"  Stop that program, or choose another port: {setting}"
        )
    if error.errno == errno.EACCES and port < PRIVILEGED:
        return (
            f"port {port} ({what}) needs a privilege this user does not have.\n"
            f"  Choose a port from {PRIVILEGED} up: {setting}; or allow it once:\n"
            f"  sysctl net.ipv4.ip_unprivileged_port_start={port}"
        )
    return f"port {port} ({what}) cannot be opened: {error.strerror}. Choose another: {setting}"


def owner(port: int) -> str:
    """Who listens on a TCP port, as `name (process 12)`; empty if it cannot be seen."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            cells = row.split()
            if cells[3] == "0A" and int(cells[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{cells[9]}]")
    for link in Path("/proc").glob("[0-9]*/fd/*") if inodes else ():
        try:
            if str(link.readlink()) in inodes:
                process = link.parts[2]
                name = Path(f"/proc/{process}/comm").read_text().strip()
                return f"{name} (process {process})"
        except OSError:
            continue
    return ""
