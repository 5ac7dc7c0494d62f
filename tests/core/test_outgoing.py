"""Outgoing connections: named hosts, checked addresses, one time limit, one size limit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tiantou.core.outgoing import NotAllowed, Outgoing, Unreachable, is_public

HERE = frozenset({"127.0.0.1", "localhost"})
Say = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(say: Say) -> AsyncIterator[int]:
    """A server that answers every connection with `say`; gives its port."""
    running = await asyncio.start_server(say, "127.0.0.1", 0)
    async with running:
        yield running.sockets[0].getsockname()[1]


async def _head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode()


async def test_a_request_arrives_whole_and_its_answer_comes_back() -> None:
    seen: list[str] = []

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await _head(reader)
        seen.append(head + (await reader.readexactly(5)).decode())
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n0\r\n\r\n"
        )
        writer.close()

    async with serving(say) as port:
        out = Outgoing(HERE, HERE)
        url = f"http://127.0.0.1:{port}/a?b=c"
        answer = await out.ask("POST", url, {"X-One": "1"}, b"hello")
    assert (answer.status, answer.body) == (302, b"abc")
    assert answer.headers["location"] == "http://10.0.0.1/"
    assert len(seen) == 1, "a redirect is not followed"
    assert seen[0].startswith("POST /a?b=c HTTP/1.1\r\n")
    assert f"127.0.0.1:{port}" in seen[0] and "X-One: 1" in seen[0] and seen[0].endswith("hello")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://127.0.0.1/",
        "http://api.example/",
        "https://user@api.example/",
        "ftp://api.example/",
        "https://api.example.evil.example/",
        "https://xbills.example/",
    ],
)
async def test_what_is_not_named_is_not_called(url: str) -> None:
    out = Outgoing(frozenset({"api.example", ".bills.example"}))
    with pytest.raises(NotAllowed):
        await out.ask("GET", url)


async def test_a_public_name_with_a_private_address_is_not_called() -> None:
    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("it was called")

    async with serving(say) as port:
        with pytest.raises(NotAllowed, match="no public address"):
            await Outgoing(HERE).ask("GET", f"https://localhost:{port}/")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fd00::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_silence_too_much_and_nonsense_are_unreachable() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4096)
        writer.close()

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-something\r\n\r\n")
        writer.close()

    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    out = Outgoing(HERE, HERE)
    for say in (silent, endless, nonsense, nothing):
        async with serving(say) as port:
            with pytest.raises(Unreachable):
                await out.ask("GET", f"http://127.0.0.1:{port}/", timeout_s=0.3, bytes_max=1000)
    with pytest.raises(Unreachable):
        await out.ask("GET", "http://127.0.0.1:1/")
