"""The addresses at which other devices reach this machine."""

import fcntl
import ipaddress
import socket
import struct
from pathlib import Path

_SIOCGIFADDR = 0x8915
_IFNAME_BYTES = 15
# Documentation's address: a datagram socket "connected" to it sends nothing, but shows the route.
_SOMEWHERE = ("192.0.2.1", 9)


def addresses() -> list[str]:
    """IPv4 first, the one of the default route foremost; then global IPv6. Loopback never."""
    found = [_towards_the_world()]
    found += [_address_of(name) for _, name in socket.if_nameindex()]
    found += _global_ipv6()
    return [one for one in dict.fromkeys(found) if one and _useful(one)]


def _useful(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not (address.is_loopback or address.is_unspecified or address.is_link_local)


def _towards_the_world() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _address_of(interface: str) -> str:
    request = struct.pack("256s", interface.encode()[:_IFNAME_BYTES])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
        except OSError:
            return ""
    return socket.inet_ntoa(answer[20:24])


def _global_ipv6() -> list[str]:
    try:
        rows = Path("/proc/net/if_inet6").read_text().splitlines()
    except OSError:
        return []
    found = []
    for row in rows:
        digits, _, _, scope, *_ = row.split()
        if scope == "00":
            found.append(str(ipaddress.IPv6Address(bytes.fromhex(digits))))
    return found
