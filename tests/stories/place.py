"""A running instance, and the people who come to it: everything over its one address."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.up.running import Up
from tiantou.accounts import face as accounts
from tiantou.accounts import people_sql, sessions, sessions_sql
from tiantou.core import secret
from tiantou.core.db import Database, open_database
from tiantou.core.keys import Keys

PATIENCE_S = 60.0
AGAIN_S = 0.1


async def until(check: Callable[[], Awaitable[Any]], what: str, seconds: float = PATIENCE_S) -> Any:
    """Asks again and again until the answer is true; gives it. Fails with `what`."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                if found := await check():
                    return found
                await asyncio.sleep(AGAIN_S)
    except TimeoutError:
        raise AssertionError(f"not in {seconds:.0f} s: {what}") from None


class Page(httpx.AsyncClient):
    """A browser on the instance's origin: its own cookies, a key for each act."""

    async def request(self, method: str, url: Any, **more: Any) -> httpx.Response:
        """Like a page of ours would ask."""
        headers = httpx.Headers(more.pop("headers", None) or {})
        if method.upper() not in {"GET", "HEAD"}:
            headers.setdefault("origin", str(self.base_url).rstrip("/"))
            headers.setdefault("idempotency-key", str(uuid4()))
        return await super().request(method, url, headers=headers, **more)

    async def read(self, path: str, **query: Any) -> Any:
        """What is there."""
        answer = await self.get(path, params=query)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def act(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """An act that succeeds; None if there is nothing to say."""
        answer = await self.request(method, path, json={} if body is None else body)
        assert answer.status_code in {200, 201, 202, 204}, (
            f"{path}: {answer.status_code} {answer.text}"
        )
        return answer.json() if answer.content else None

    async def refused(self, path: str, body: Any = None, method: str = "POST") -> str:
        """An act that is refused; gives the problem's kind."""
        answer = await self.request(method, path, json={} if body is None else body)
        assert answer.status_code >= 400, f"{path}: {answer.status_code} {answer.text}"
        return str(answer.json()["type"]).removeprefix("/problems/")

    async def insist(self, path: str, body: Any, seconds: float = 2 * PATIENCE_S) -> httpx.Response:
        """Repeats an act under one key while processes are away: the first real answer."""
        key = {"idempotency-key": str(uuid4())}

        async def ask() -> httpx.Response | None:
            try:
                answer = await self.post(path, json=body, headers=key)
            except httpx.TransportError:
                return None
            return answer if answer.status_code < 500 else None

        found: httpx.Response = await until(ask, f"an answer of {path}", seconds)
        return found


@dataclass
class Place:
    """The instance, its database and keys, and everybody's pages."""

    start: Callable[[], Up]
    up: Up
    database: Database = field(init=False)
    keys: Keys = field(init=False)
    rtmp: str = ""
    url: str = ""
    """Its origin on loopback, without a certificate."""
    secure_url: str = ""
    """Its main origin, by HTTPS with a certificate of its own authority; with `--public` only."""
    pages: list[Page] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    running: list[asyncio.Task[None]] = field(default_factory=list)

    async def opened(self) -> None:
        """Waits until it runs, and finds the way to its database."""
        await asyncio.to_thread(self.up.wait)
        told = environment_of(self.up.children()["api"])
        self.database = open_database(told["TIANTOU_DATABASE_URL"], 4, "stories")
        self.keys, self.rtmp = secret.keys(self.up.home), told["TIANTOU_RTMP_URL"]
        urls = told["TIANTOU_PUBLIC_URLS"].split(",")
        self.url = next(url for url in urls if url.startswith("http://localhost:"))
        self.secure_url = next((url for url in urls if url.startswith("https://")), "")

    async def killed(self) -> None:
        """kill -9 of `up` itself."""
        self.up.popen.kill()
        await asyncio.to_thread(self.up.popen.wait)

    async def again(self) -> None:
        """Another `up` on the same home."""
        await self.database.close()
        self.up = self.start()
        await self.opened()

    @property
    def ws(self) -> str:
        """Its origin, for WebSockets."""
        return self.url.replace("http", "ws", 1)

    async def link(self, person_id: UUID) -> str:
        """A path that signs somebody in once."""
        async with self.database.begin() as tx:
            token = await accounts.make_person_link(tx, self.keys, person_id)
        self.secrets.add(token)
        return f"/link/{token}"

    def page(self) -> Page:
        """A browser of somebody who has not signed in."""
        made = Page(base_url=self.url, timeout=30, trust_env=False)
        self.pages.append(made)
        return made

    def codes(self, phone: str) -> list[str]:
        """The codes that were sent to a number, as the terminal shows them."""
        return re.findall(rf"\[SMS to {phone}\] sign-in-code  code=(\d{{6}})", self.up.said)

    async def sign_in(self, phone: str) -> Page:
        """Somebody comes with a phone and types the code that was sent."""
        page, before = self.page(), len(self.codes(phone))
        sent = await page.act("/api/auth/code", {"phone": phone})
        assert (sent["resend_after_s"], sent["expires_in_s"]) == (60, 600)

        async def arrived() -> bool:
            return len(self.codes(phone)) > before

        await until(arrived, "a code on the terminal")
        code = self.codes(phone)[-1]
        self.secrets.add(f"code={code}")
        wrong = "000000" if code != "000000" else "000001"
        assert await page.refused("/api/auth/sign-in", {"phone": phone, "code": wrong}) == (
            "wrong-code"
        )
        me = await page.act("/api/auth/sign-in", {"phone": phone, "code": code})
        assert me["person"]["phone_masked"].endswith(phone[-4:])
        return page

    async def operator(self) -> Page:
        """The operator, in by his one-time link."""
        async with self.database.begin() as tx:
            token = await accounts.make_operator_link(tx, self.keys)
        page = self.page()
        me = await page.act("/api/auth/link", {"token": token})
        assert me["operator"]
        assert await self.page().refused("/api/auth/link", {"token": token}) == "link-spent"
        self.secrets.add(token)
        return page

    async def person(self) -> Page:
        """Somebody new, signed in without a telephone, for crowds."""
        async with self.database.begin() as tx:
            row = await people_sql.add(tx)
            subject, version = await sessions_sql.open_session(tx, row)
        page = self.page()
        # What a cookie jar calls a host without a dot.
        page.cookies.set("tt", sessions.seal(self.keys, subject, version), domain="localhost.local")
        return page

    def folder(self, session_id: UUID | str) -> Path:
        """Where a session's recording lies."""
        (found,) = (self.up.home / "media").glob(f"*/*/{session_id}")
        return found


def environment_of(pid: int) -> dict[str, str]:
    """What a process was started with."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def free_port() -> int:
    """A port that is free now, on every loopback address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(home: Path, *arguments: str, **more: str) -> AsyncIterator[Place]:
    """An instance in a home of its own, from its start to its end.

    Its ports are chosen here, so that another `up` on the same home has the same address.
    """
    names = ("TIANTOU_PORT", "TIANTOU_HTTPS_PORT", "TIANTOU_RTMP_PORT")
    ports = {name: str(free_port()) for name in names}
    start = partial(Up, home, *arguments, **(ports | more))
    place = Place(start, start())
    try:
        await place.opened()
        yield place
    finally:
        for task in place.running:
            task.cancel()
        await asyncio.gather(*place.running, return_exceptions=True)
        for page in place.pages:
            await page.aclose()
        await asyncio.to_thread(place.up.end)
