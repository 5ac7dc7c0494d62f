"""nginx in front, by the example in docs/operating/nginx.conf: real nginx, real `up`."""

import asyncio
import json
import random
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from tests.up.running import ROOT, Up, until
from tests.up.test_edge import Upstream
from tiantou.up import authority
from tiantou.up.sockets import PortTaken, open_single

EXAMPLE = ROOT / "docs" / "operating" / "nginx.conf"
NAME = "shop.example.org"
FORWARDED = {"X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6"}
MAIN = """daemon off; master_process off; worker_processes 1;
pid {folder}/pid; error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Front:
    """A running nginx with the example's site."""

    folder: Path
    port: int
    plain: int

    @property
    def origin(self) -> str:
        """As a browser sees it."""
        return f"https://{NAME}:{self.port}"

    def trust(self) -> ssl.SSLContext:
        """Trusts the site's certificate."""
        return ssl.create_default_context(cafile=authority.certificate_path(self.folder))

    def log(self) -> str:
        """The access log."""
        return (self.folder / "access.log").read_text()


def _free(name: str) -> int:
    """A free port out of reach of those that clients are given: nginx takes it only later."""
    while True:
        try:
            door = open_single(name, random.randrange(18_000, 30_000), "")
        except PortTaken:
            continue
        door.close()
        return door.port


def _site(front: Front, inner: tuple[int, int, int]) -> str:
    """The example with this test's ports, certificate and log; nothing else is changed."""
    pair = front.folder / "edge" / "authority"
    text = EXAMPLE.read_text()
    for old, new in (
        *((f"127.0.0.1:{8080 + n}", f"127.0.0.1:{port}") for n, port in enumerate(inner)),
        ("listen 80", f"listen 127.0.0.1:{front.plain}"),
        ("listen 443", f"listen 127.0.0.1:{front.port}"),
        ("/etc/letsencrypt/live/shop.example.org/fullchain.pem", f"{pair / 'site.crt'}"),
        ("/etc/letsencrypt/live/shop.example.org/privkey.pem", f"{pair / 'site.key'}"),
        ("/var/log/nginx/tiantou.log", f"{front.folder / 'access.log'}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return "\n".join(line for line in text.splitlines() if "listen [::]" not in line)


class Nginx:
    """Starts nginx on the example; `run` gives its front."""

    def __init__(self, folder: Path) -> None:
        self._front = Front(folder, _free("https"), _free("http"))
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def front(self) -> Front:
        """Known before it runs: the instance behind must be told its address."""
        return self._front

    def run(self, inner: tuple[int, int, int]) -> Front:
        """Starts; `inner` are the ports of API, gateway and media."""
        front = self._front
        authority.ensure(front.folder, [NAME])
        (front.folder / "site.conf").write_text(_site(front, inner))
        main = front.folder / "main.conf"
        main.write_text(MAIN.format(folder=front.folder))
        program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        assert program, "python -m tools.test_needs"
        command = [program, "-p", str(front.folder), "-c", str(main)]
        self._popen = popen = subprocess.Popen(command, stderr=subprocess.PIPE)
        until(lambda: popen.poll() is not None or (front.folder / "pid").exists(), "nginx")
        assert popen.poll() is None, popen.stderr and popen.stderr.read().decode()
        return front

    def end(self) -> None:
        """Stops."""
        if self._popen:
            self._popen.terminate()
            self._popen.communicate(timeout=20)


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    """Not started yet."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    made = Nginx(folder)
    yield made
    made.end()


def _client(front: Front) -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=front.trust(), http2=False, trust_env=False, timeout=30)


async def _ask(client: httpx.AsyncClient, front: Front, path: str, **more: str) -> httpx.Response:
    """A GET by the public name, on loopback."""
    headers = {"host": f"{NAME}:{front.port}"} | more
    return await client.get(
        f"https://127.0.0.1:{front.port}{path}",
        headers=headers,
        extensions={"sni_hostname": NAME},
    )


async def test_the_example_sends_each_path_home_and_says_who_asks(nginx: Nginx) -> None:
    inner = [await Upstream(name).start() for name in ("api", "gateway", "media")]
    ports = (inner[0].port, inner[1].port, inner[2].port)
    try:
        front = await asyncio.to_thread(nginx.run, ports)
        async with _client(front) as client:
            for path, name in (
                ("/", "api"),
                ("/api/me", "api"),
                ("/rt/v1/x?t=secret-ticket", "gateway"),
                ("/live/secret-token/i.m3u8", "media"),
                ("/in/secret-id", "media"),
            ):
                told = (await _ask(client, front, path, **FORWARDED)).json()
                assert (told["name"], told["asked"].split()[1]) == (name, path)
                headers = told["headers"]
                assert headers["x-forwarded-for"] == "127.0.0.1"
                assert headers["x-forwarded-proto"] == "https"
                assert headers["host"] == f"{NAME}:{front.port}"
                assert not {"forwarded", "x-real-ip"} & headers.keys()
            await _flv_is_not_held_back(client, front, inner[2])
        assert "secret" not in front.log()
        assert "GET /live/ 200" in front.log()
    finally:
        for one in inner:
            await one.stop()


async def _flv_is_not_held_back(client: httpx.AsyncClient, front: Front, media: Upstream) -> None:
    request = client.build_request(
        "GET",
        f"https://127.0.0.1:{front.port}/live/secret/flv",
        headers={"host": NAME},
        extensions={"sni_hostname": NAME},
    )
    answer = await client.send(request, stream=True)
    pieces = answer.aiter_bytes()
    assert await anext(pieces) == b"first"
    media.go_on.set()
    assert await anext(pieces) == b"second"
    await answer.aclose()


async def test_an_instance_behind_the_example(nginx: Nginx, tmp_path: Path) -> None:
    ports = (_free("api"), _free("gateway"), _free("media"))
    names = ("API", "GATEWAY", "MEDIA")
    told = {f"TIANTOU_{name}_PORT": str(port) for name, port in zip(names, ports, strict=True)}
    told |= {"TIANTOU_EDGE": "none", "TIANTOU_PUBLIC_URLS": nginx.front.origin}
    up = await asyncio.to_thread(Up, tmp_path / "home", **told)
    try:
        await asyncio.to_thread(up.wait)
        assert up.url == nginx.front.origin
        front = await asyncio.to_thread(nginx.run, ports)
        async with _client(front) as client:
            await _pages(client, front, ports[2])
        await _sockets(front)
    finally:
        await asyncio.to_thread(up.end)


async def _pages(client: httpx.AsyncClient, front: Front, media: int) -> None:
    config = await _ask(client, front, "/api/config")
    assert (config.status_code, config.json()["mode"]) == (200, "demo")
    assert f"wss://{NAME}:{front.port}" in config.headers["content-security-policy"]
    assert config.headers["strict-transport-security"]
    base = f"https://127.0.0.1:{front.port}"
    for origin, status in ((front.origin, 422), ("https://elsewhere.example", 403)):
        answer = await client.post(
            f"{base}/api/auth/code",
            json={"phone": "1"},
            headers={"host": f"{NAME}:{front.port}", "origin": origin},
            extensions={"sni_hostname": NAME},
        )
        assert answer.status_code == status
    # The API knows that the page came by https: such cookies are for this host alone.
    assert config.headers["set-cookie"].startswith("__Host-")
    wrong = await _ask(client, front, "/live/wrong/i.m3u8")
    direct = await client.get(f"http://127.0.0.1:{media}/live/wrong/i.m3u8")
    assert (wrong.status_code, wrong.content) == (direct.status_code, direct.content)
    plain = await client.get(f"http://127.0.0.1:{front.plain}/a?b=c", headers={"host": NAME})
    assert (plain.status_code, plain.headers["location"]) == (308, f"https://{NAME}/a?b=c")
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(f"http://127.0.0.1:{front.plain}/", headers={"host": "other.example"})


async def _sockets(front: Front) -> None:
    """WebSockets arrive where they should, and are refused there by their own rules."""
    way: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": front.port,
        "ssl": front.trust(),
        "server_hostname": NAME,
    }
    base = front.origin.replace("https", "wss")
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{base}/rt/v1/room?t=wrong", origin=Origin(front.origin), **way)
    assert refused.value.response.status_code == 401
    publisher = await connect(f"{base}/in/{uuid4()}", origin=Origin(front.origin), **way)
    await publisher.send(json.dumps({"key": "wrong", "kind": "webcodecs", "video": None}))
    with pytest.raises(ConnectionClosed) as closed:
        await publisher.recv()
    assert closed.value.rcvd and 4400 <= closed.value.rcvd.code < 4500
