"""Connections to the outside: only to named hosts, at addresses checked when connecting.

A request has one time limit and one size limit. Redirects are not followed: a 3xx is an answer like
any other. Private addresses, and plain HTTP, are for hosts that the operator named.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import h11

TIMEOUT_S = 10.0
ANSWER_BYTES_MAX = 1024 * 1024
READ_BYTES = 64 * 1024
_PORTS = {"https": 443, "http": 80}


class Unreachable(Exception):
    """No answer, or none that could be read. Whether the request arrived is not known."""


class NotAllowed(Exception):
    """The address is none that this process may call. Nothing was sent."""


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True)
class Outgoing:
    """Who may be called. `hosts`: names, or `.name` for all below it. `private`: the operator's
    allow list of hosts that may have private addresses and speak plain HTTP.
    """

    hosts: frozenset[str]
    private: frozenset[str] = field(default=frozenset())

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        timeout_s: float = TIMEOUT_S,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> Answer:
        """One request on a connection of its own. Raises NotAllowed, Unreachable."""
        scheme, host, port, target = self._allowed(url)
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await self._connect(scheme, host, port)
                try:
                    said = {"Host": _host(host, port, scheme), **(headers or {})}
                    return await _exchange(reader, writer, method, target, said, body, bytes_max)
                finally:
                    writer.close()
        except (OSError, TimeoutError, h11.ProtocolError, ssl.SSLError) as error:
            raise Unreachable(f"{host}: {type(error).__name__}") from error

    def _allowed(self, url: str) -> tuple[str, str, int, str]:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        named = host in self.hosts or any(
            one.startswith(".") and host.endswith(one) for one in self.hosts
        )
        if not named or parts.username or parts.scheme not in _PORTS:
            raise NotAllowed(f"{parts.scheme}://{host} is not on the list")
        if parts.scheme == "http" and host not in self.private:
            raise NotAllowed(f"plain HTTP to {host}")
        target = parts.path or "/"
        if parts.query:
            target += "?" + parts.query
        return parts.scheme, host, parts.port or _PORTS[parts.scheme], target

    async def _connect(
        self, scheme: str, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connects to an address of the host that is public, or private by permission."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        known = dict.fromkeys(str(one[4][0]) for one in found)
        addresses = [one for one in known if host in self.private or is_public(one)]
        if not addresses:
            raise NotAllowed(f"{host} has no public address")
        failed: OSError = OSError(f"{host} has no address")
        for address in addresses:
            try:
                # The name stays that of the certificate; the address is the one just checked.
                if scheme == "http":
                    return await asyncio.open_connection(address, port, limit=READ_BYTES)
                return await asyncio.open_connection(
                    address, port, limit=READ_BYTES, ssl=_tls(), server_hostname=host
                )
            except OSError as error:
                failed = error
        raise failed


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or is_public(str(mapped)))


def _host(host: str, port: int, scheme: str) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == _PORTS[scheme] else f"{name}:{port}"


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    bytes_max: int,
) -> Answer:
    wire = h11.Connection(h11.CLIENT)
    fixed = [("Connection", "close"), ("Content-Length", str(len(body)))]
    request = h11.Request(method=method, target=target, headers=[*headers.items(), *fixed])
    writer.write(wire.send(request) or b"")
    writer.write(wire.send(h11.Data(data=body)) or b"")
    writer.write(wire.send(h11.EndOfMessage()) or b"")
    await writer.drain()
    status, told, chunks, size = 0, dict[str, str](), list[bytes](), 0
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Response):
            status = event.status_code
            told = {name.decode(): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            size += len(event.data)
            if size > bytes_max:
                raise Unreachable(f"the answer has more than {bytes_max} bytes")
            chunks.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            return Answer(status, told, b"".join(chunks))
        elif isinstance(event, h11.ConnectionClosed):
            raise Unreachable("closed without an answer")
