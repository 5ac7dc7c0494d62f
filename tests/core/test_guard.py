"""The guard: hosts, origins, bodies, headers, addresses, and what nobody expected."""

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import Message, Receive, Scope, Send

from tiantou.core.http_errors import install
from tiantou.core.http_guard import Guard, content_policy

HOST = "tiantou.test"
ORIGIN = f"https://{HOST}:8443"
# as short as the token of a sign-in link
TOKEN = "sT0-" * 8


def _api() -> FastAPI:
    api = FastAPI()
    install(api)

    @api.post("/echo")
    async def echo(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @api.post("/stream")
    async def stream(request: Request) -> dict[str, int]:
        return {"bytes": sum([len(part) async for part in request.stream()])}

    @api.get("/who")
    async def who(request: Request) -> dict[str, str]:
        return {"ip": request.scope["client_ip"], "scheme": request.scope["scheme"]}

    @api.get("/api/mine")
    async def mine() -> None:
        return None

    @api.get("/broken/{part}")
    async def broken(part: str) -> None:
        raise RuntimeError("the secret 4711 of this machine")

    @api.get("/page/{rest:path}")
    async def page(rest: str) -> None:
        raise RuntimeError("no such file")

    @api.post("/callbacks/paid")
    async def paid() -> None:
        return None

    return api


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    guard = Guard(
        _api(),
        [HOST, "localhost:8000", "[::1]", "fd00::7"],
        [ORIGIN],
        1000,
        bodies={"/stream": 5000},
        callbacks=("/callbacks/",),
    )
    transport = httpx.ASGITransport(guard, raise_app_exceptions=False, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as made:
        yield made


def _kind(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"].removeprefix("/problems/"))


@pytest.mark.parametrize(
    ("host", "known"),
    [
        (HOST, True),
        (HOST.upper(), True),
        (f"{HOST}:8443", True),
        ("localhost:8000", True),
        ("[::1]:77", True),
        ("[fd00::7]:8443", True),
        ("localhost", False),
        ("localhost:8001", False),
        ("evil.test", False),
        (f"{HOST}.evil.test", False),
        (f"{HOST}@evil.test", False),
        ("127.0.0.1", False),
        ("", False),
    ],
)
async def test_only_known_hosts_are_served(
    client: httpx.AsyncClient, host: str, known: bool
) -> None:
    answer = await client.get("/who", headers={"host": host})
    assert answer.status_code == (200 if known else 421)
    if not known:
        assert _kind(answer) == "unknown-host"


async def test_unsafe_requests_come_from_our_own_pages(client: httpx.AsyncClient) -> None:
    for headers, good in (
        ({"origin": ORIGIN}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://evil.test"}, False),
        ({"origin": f"https://{HOST}"}, False),
        ({"origin": f"http://{HOST}:8443"}, False),
        ({"origin": "https://evil.test", "sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
    ):
        answer = await client.post("/echo", headers=headers)
        assert answer.status_code == (200 if good else 403), headers
        if not good:
            assert _kind(answer) == "foreign-origin"
    # servers that call back prove themselves by a signature
    assert (await client.post("/callbacks/paid")).status_code == 200
    assert (await client.get("/who", headers={"origin": "https://evil.test"})).status_code == 200


async def test_a_body_has_a_limit_declared_or_not(client: httpx.AsyncClient) -> None:
    headers = {"origin": ORIGIN}
    assert (await client.post("/echo", content=b"x" * 1000, headers=headers)).status_code == 200
    declared = await client.post("/echo", content=b"x" * 1001, headers=headers)
    assert (declared.status_code, declared.json()["limit_bytes"]) == (413, 1000)

    async def parts(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 500

    for path, most in (("/echo", 2), ("/stream", 10)):
        good = await client.post(path, content=parts(most), headers=headers)
        assert good.json() == {"bytes": most * 500}
        large = await client.post(path, content=parts(most + 1), headers=headers)
        assert large.status_code == 413
        assert _kind(large) == "too-large"
    lie = await client.post("/echo", headers={**headers, "content-length": "many"})
    assert lie.status_code == 413


async def test_the_address_is_believed_from_the_edge_only() -> None:
    async def ask(peer: str, forwarded: str) -> dict[str, str]:
        transport = httpx.ASGITransport(Guard(_api(), [HOST], [ORIGIN]), client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            headers = {"x-forwarded-for": forwarded, "x-forwarded-proto": "https"}
            found: dict[str, str] = (await client.get("/who", headers=headers)).json()
            return found

    assert await ask("127.0.0.1", "203.0.113.5") == {"ip": "203.0.113.5", "scheme": "https"}
    assert (await ask("127.0.0.1", "1.1.1.1, 203.0.113.5"))["ip"] == "203.0.113.5"
    assert (await ask("::1", "2001:db8::7"))["ip"] == "2001:db8::7"
    assert (await ask("127.0.0.1", "nonsense"))["ip"] == "127.0.0.1"
    assert await ask("198.51.100.4", "203.0.113.5") == {"ip": "198.51.100.4", "scheme": "http"}


async def test_every_answer_has_the_headers_that_protect(client: httpx.AsyncClient) -> None:
    for path in ("/who", "/nothing", "/broken/x"):
        answer = await client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert f"connect-src 'self' wss://{HOST}:8443" in policy
        assert "unsafe-eval" not in policy
        assert "script-src 'self';" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.headers["x-trace-id"]) == 32
    assert (await client.get("/api/mine")).headers["cache-control"] == "no-store"


def test_peers_outside_our_origin_are_named_in_the_policy() -> None:
    policy = content_policy([ORIGIN], ["wss://rt.test/x", "https://media.test/live"])
    connect = next(part for part in policy.split("; ") if part.startswith("connect-src"))
    assert connect.split()[1:] == [
        "'self'",
        "https://media.test",
        "wss://rt.test",
        f"wss://{HOST}:8443",
    ]
    assert "media-src 'self' blob: https://media.test" in policy


async def test_what_nobody_expected_is_logged_under_the_trace_that_is_shown(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.get(f"/broken/{TOKEN}")
    assert (answer.status_code, _kind(answer)) == (500, "unexpected")
    assert answer.json()["trace_id"] == answer.headers["x-trace-id"]
    assert "4711" not in answer.text
    lines = [r for r in caplog.records if r.name == "tiantou.http"]
    assert len(lines) == 1
    assert lines[0].levelno == logging.ERROR
    assert answer.json()["trace_id"] in lines[0].getMessage()
    assert "GET /broken/{part} failed" in lines[0].getMessage()
    assert TOKEN not in caplog.text
    assert (await client.get("/nothing")).json()["type"] == "/problems/not-found"
    assert (await client.delete("/who", headers={"origin": ORIGIN})).status_code == 405


async def test_ids_stay_in_the_log_and_tokens_do_not(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    known = "018f4c1e-7a64-7000-8000-0123456789ab"
    for path in (f"/broken/{known}", f"/page/link/{TOKEN}"):
        assert (await client.get(path)).status_code == 500
    said = [r.getMessage().split(" ", 1)[1] for r in caplog.records if r.name == "tiantou.http"]
    assert said == [f"GET /broken/{known} failed", "GET /page/{rest} failed"]
    assert TOKEN not in caplog.text


async def test_a_plain_route_that_fails_is_answered_too(caplog: pytest.LogCaptureFixture) -> None:
    async def hot(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyError("lost")

    transport = httpx.ASGITransport(Guard(hot, [HOST], [ORIGIN]), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
        assert _kind(await client.get(f"/link/{TOKEN}")) == "unexpected"
        assert _kind(await client.get(f"/{TOKEN}")) == "unexpected"
    assert "GET /link/… failed" in caplog.text
    assert TOKEN not in caplog.text


async def test_a_socket_of_another_site_is_closed_before_it_opens() -> None:
    sent: list[Message] = []
    called: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope["path"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    for origin in (b"https://evil.test", ORIGIN.encode()):
        scope = {
            "type": "websocket",
            "path": "/ws",
            "scheme": "ws",
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", HOST.encode()), (b"origin", origin)],
        }
        await Guard(app, [HOST], [ORIGIN])(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert called == ["/ws"]
