"""The edge: one origin, known hosts, own authority, no token in a log. Against real Caddy."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from tiantou.up import authority, edge
from tiantou.up.children import Children, Kept, begin, stop_all
from tiantou.up.edge_config import Doors, Plan
from tiantou.up.log import Log
from tiantou.up.sockets import Door, open_door

# An address of this machine that is not the one of `localhost`.
LAN = "127.0.0.2"


class Upstream:
    """A plain HTTP/1.1 server that answers with its name and what it was asked."""

    def __init__(self, name: str) -> None:
        self.name, self.port = name, 0
        self._server: asyncio.Server | None = None
        self.go_on = asyncio.Event()

    async def start(self) -> "Upstream":
        """Listens on any port."""
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Listens no more."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:-2])}
            if "/flv" in lines[0]:
                writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst")
                await writer.drain()
                await self.go_on.wait()
                writer.write(b"second")
            else:
                told = {"name": self.name, "asked": lines[0], "headers": headers}
                body = json.dumps(told).encode()
                head = (
                    f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode() + body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@dataclass
class Running:
    """A running edge, what is behind it, and where it is."""

    kept: Kept
    children: Children
    home: Path
    plain: int
    secure: int
    media: Upstream

    async def get(self, path: str, host: str = "localhost", **headers: str) -> httpx.Response:
        """A GET over plain HTTP with any Host."""
        async with httpx.AsyncClient(timeout=30) as client:
            return await client.get(
                f"http://127.0.0.1:{self.plain}{path}", headers={"Host": host, **headers}
            )

    def trust(self) -> ssl.SSLContext:
        """What a phone has after /ca: this authority and no other."""
        return ssl.create_default_context(cafile=str(authority.certificate_path(self.home)))

    async def tls(self, path: str, host: str = "localhost", sni: str = "localhost") -> str:
        """A GET over HTTPS, the certificate checked for `sni`; the status line and all."""
        reader, writer = await asyncio.open_connection(
            LAN if sni == LAN else "127.0.0.1", self.secure, ssl=self.trust(), server_hostname=sni
        )
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        return answer


def _doors(door: Door) -> Doors:
    streams, datagrams = door.streams, door.datagrams
    return Doors(tuple(s.fileno() for s in streams), tuple(s.fileno() for s in datagrams))


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """The edge as `up --public` runs it, on loopback, before three talkative servers."""
    behind = [await Upstream(name).start() for name in ("api", "gateway", "media")]
    plain = open_door("http", 0, "", everywhere=True)
    secure = open_door("https", 0, "", everywhere=True, http3=True)
    plan = Plan(
        home=tmp_path,
        plain=_doors(plain),
        secure=_doors(secure),
        https_port=secure.port,
        plain_port=plain.port,
        names=(LAN, "fair.local"),
    )
    api, gateway, media = (one.port for one in behind)
    plan = replace(plan, api=api, gateway=gateway, media=media)
    children = Children(Log(tmp_path / "log" / "t.log", StringIO()), tmp_path / "c.json")
    kept = await begin(children, edge.child(plan))
    yield Running(kept, children, tmp_path, plain.port, secure.port, behind[2])
    behind[2].go_on.set()
    await stop_all(children)
    children.log.close()
    for one in behind:
        await one.stop()
    plain.close()
    secure.close()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "api"),
        ("/api/home", "api"),
        ("/livestock", "api"),
        ("/rt/v1/room?ticket=t", "gateway"),
        ("/rt/v1/room/sse?ticket=t", "gateway"),
        ("/live/token/1.m3u8", "media"),
        ("/in/room", "media"),
    ],
)
async def test_one_origin(running: Running, path: str, name: str) -> None:
    told = (await running.get(path)).json()
    assert told["name"] == name
    assert told["asked"] == f"GET {path} HTTP/1.1"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.3", "[::2]"])
async def test_an_unknown_host_is_refused(running: Running, host: str) -> None:
    assert (await running.get("/", host)).status_code == 421
    assert " 421 " in (await running.tls("/", host)).split("\r\n")[0]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]", "LOCALHOST"])
async def test_loopback_gets_everything_in_plain(running: Running, host: str) -> None:
    assert (await running.get("/api/home", host)).json()["name"] == "api"


async def test_others_get_a_redirect_in_plain(running: Running) -> None:
    answer = await running.get("/room/1?a=b", f"{LAN}:{running.plain}")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://{LAN}:{running.secure}/room/1?a=b"
    for path in ("/api/home", "/live/t/1.m3u8", "/rt/v1/r", "/ca/other", "/ca/root.key"):
        assert (await running.get(path, LAN)).status_code == 308


async def test_forwarding_headers_are_the_edges_own(running: Running) -> None:
    forged = {
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "1.2.3.4",
        "Forwarded": "for=1.2.3.4",
    }
    headers = (await running.get("/", "localhost", **forged)).json()["headers"]
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == "localhost"
    assert "x-real-ip" not in headers and "forwarded" not in headers
    assert "evil" not in json.dumps(headers)


async def test_https_by_the_own_authority(running: Running) -> None:
    for name in ("localhost", "127.0.0.1", LAN, "fair.local"):
        answer = await running.tls("/api/home", name, name)
        assert " 200 " in answer and '"name": "api"' in answer
        assert '"x-forwarded-proto": "https"' in answer


async def test_h2_and_h3_are_offered(running: Running) -> None:
    context = running.trust()
    context.set_alpn_protocols(["h2", "http/1.1"])
    _, writer = await asyncio.open_connection(
        "127.0.0.1", running.secure, ssl=context, server_hostname="localhost"
    )
    chosen: ssl.SSLObject = writer.get_extra_info("ssl_object")
    assert chosen.selected_alpn_protocol() == "h2"
    writer.close()
    assert f'h3=":{running.secure}"' in (await running.tls("/")).lower()


async def test_the_page_on_the_certificate(running: Running) -> None:
    page = await running.get("/ca", LAN)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert authority.fingerprint(running.home) in page.text
    assert "证书信任设置" in page.text and "Certificate Trust Settings" in page.text
    assert f"https://{LAN}:{running.secure}" in page.text and "<svg" in page.text
    root = await running.get("/ca/root.crt", LAN)
    assert root.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_pem_x509_certificate(root.content)
    assert b"PRIVATE" not in root.content


async def test_a_stream_is_flushed_at_once(running: Running) -> None:
    url = f"http://127.0.0.1:{running.plain}/live/token/flv"
    async with httpx.AsyncClient() as client, client.stream("GET", url) as answer:
        pieces = answer.aiter_raw()
        assert await asyncio.wait_for(anext(pieces), 10) == b"first"
        running.media.go_on.set()
        assert await asyncio.wait_for(anext(pieces), 10) == b"second"


async def test_no_token_is_in_a_log(running: Running) -> None:
    await running.get("/live/SECRET1/1.m3u8?x=SECRET2")
    await running.get("/in/SECRET3", Authorization="SECRET4", Cookie="s=SECRET5")
    await running.get("/rt/v1/room?ticket=SECRET6")
    await running.get("/link/SECRET7", Referer="http://x/link/SECRET8")
    await running.get("/api/home?token=SECRET9")
    await running.media.stop()
    running.media.go_on.set()
    assert (await running.get("/live/SECRET10/1.m3u8")).status_code == 503
    await stop_all(running.children)
    texts = [path.read_text() for path in (running.home / "log").iterdir()]
    assert len(texts) == 2 and "SECRET" not in "".join(texts)
    assert '"uri":"/live/"' in texts[0] + texts[1] and '"uri":"/api/home"' in texts[0] + texts[1]


async def test_a_part_between_two_lives_is_a_problem_that_says_when(running: Running) -> None:
    await running.media.stop()
    answer = await running.get("/live/t/1.m3u8")
    assert answer.status_code == 503 and answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/busy"


async def test_a_killed_edge_comes_back_on_the_same_sockets(running: Running) -> None:
    assert running.kept.process
    before = await running.tls("/")
    running.kept.process.send(9)
    after = await running.tls("/")
    assert " 200 " in before and " 200 " in after


async def test_websockets_pass(tmp_path: Path) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    plain = open_door("http", 0, "")
    children = Children(Log(tmp_path / "log" / "t.log", StringIO()), tmp_path / "c.json")
    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        plan = Plan(tmp_path, _doors(plain), None, 0, (), plain.port, gateway=port)
        await begin(children, edge.child(plan))
        async with connect(f"ws://127.0.0.1:{plain.port}/rt/v1/room") as socket_:
            for message in ("a", b"b" * 100_000):
                await socket_.send(message)
                assert await socket_.recv() == message
        await stop_all(children)
    children.log.close()
    plain.close()


def test_the_authority_vouches_for_little(tmp_path: Path) -> None:
    assert authority.ensure(tmp_path, ["192.168.1.5", "localhost"])
    assert not authority.ensure(tmp_path, ["192.168.1.6", "10.0.0.1", "fair.local", "fd00::1"])
    root = x509.load_pem_x509_certificate(authority.certificate_path(tmp_path).read_bytes())
    limits = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert x509.DNSName("com") not in (limits.value.permitted_subtrees or [])
    assert authority.key_path(tmp_path).stat().st_mode & 0o777 == 0o600
    before = authority.fingerprint(tmp_path)
    assert authority.ensure(tmp_path, ["fair.example"])
    assert authority.fingerprint(tmp_path) != before
    assert not authority.ensure(tmp_path, ["fair.example", "192.168.1.5"])


async def test_a_stolen_root_cannot_pose_as_another_site(tmp_path: Path) -> None:
    authority.ensure(tmp_path, ["localhost"])
    authority._issue(tmp_path, ["bank.example", "localhost"])
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    site = authority.site_path(tmp_path)
    server.load_cert_chain(site, site.with_suffix(".key"))
    trusting = ssl.create_default_context(cafile=str(authority.certificate_path(tmp_path)))
    listening = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=server)
    port = listening.sockets[0].getsockname()[1]
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
        await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname="localhost")
    listening.close()
