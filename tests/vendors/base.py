"""What the simulated providers have in common: books, faults, a server, keys made for the run."""

import asyncio
import base64
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

import httpx
import uvicorn
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.web import until
from tiantou.core.outgoing import Outgoing
from tiantou.trade.ports import PaymentGateway

CHINA = timezone(timedelta(hours=8))
PATIENCE_S = 3.0
HERE = frozenset({"127.0.0.1"})
NOT_DONE = frozenset({"down", "cut", "hang"})


@cache
def rsa_key(whose: str) -> rsa.RSAPrivateKey:
    """A key of somebody, made once a run."""
    assert whose
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signature(key: rsa.RSAPrivateKey, text: str) -> str:
    """SHA256 with RSA, in base64."""
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, said: str, text: str) -> bool:
    """Whether it is the key's signature."""
    try:
        key.verify(base64.b64decode(said), text.encode(), padding.PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def yuan(fen: int) -> str:
    """As bills and Alipay write amounts."""
    return f"{fen / 100:.2f}"


@dataclass
class Trade:
    """A payment in the provider's books."""

    out_no: str
    fen: int
    way: str
    notify_url: str
    expires_at: datetime
    asked: dict[str, Any]
    no: str = field(default_factory=lambda: f"42{secrets.randbits(60):018d}")
    token: str = field(default_factory=lambda: secrets.token_hex(12))
    state: str = "waiting"
    paid_at: datetime | None = None


@dataclass
class Back:
    """A refund in the provider's books. `state`: done, pending, refused."""

    out_no: str
    trade: Trade
    fen: int
    state: str
    no: str = field(default_factory=lambda: f"50{secrets.randbits(60):018d}")
    at: datetime = field(default_factory=lambda: datetime.now(CHINA))


class Vendor(ABC):
    """A provider. `faults`: what befalls requests whose path or method has a word in it.

    `down`: a 502; `cut`: the connection ends before anything is done; `hang`: no answer while the
    adapter waits; `lost`: it is done, and the answer is lost; `unsigned`: somebody else signs.
    """

    name = ""

    def __init__(self) -> None:
        self.trades: dict[str, Trade] = {}
        self.backs: dict[str, Back] = {}
        self.faults: dict[str, str] = {}
        self.refunds_will = "done"
        self.calls: list[str] = []
        self.url = ""

    @abstractmethod
    def gateway(self, outgoing: Outgoing, home: str) -> PaymentGateway:
        """The adapter, set up for this provider."""

    @abstractmethod
    def routes(self) -> list[Route]:
        """Its HTTP routes."""

    @abstractmethod
    def notice(
        self, trade: Trade, *, key: str = "", age_s: int = 0, fen: int | None = None
    ) -> tuple[dict[str, str], bytes]:
        """A callback that says that a trade is paid, signed by `key`, its own if empty."""

    @abstractmethod
    def refund_notice(self, back: Back) -> tuple[dict[str, str], bytes]:
        """A callback that says what became of a refund."""

    @abstractmethod
    def opened(self, page: dict[str, Any] | str) -> Trade:
        """The trade that the buyer's page leads to: an address, or what our page shows."""

    def trade_of(self, payment_id: UUID) -> Trade:
        """The trade of one of our payments."""
        return self.trades[payment_id.hex]

    def pay(self, trade: Trade) -> None:
        """The payer pays, unless the trade is closed or over."""
        assert trade.state == "waiting" and datetime.now(CHINA) < trade.expires_at
        trade.state, trade.paid_at = "paid", datetime.now(CHINA)

    def back(self, out_no: str, trade: Trade | None, fen: int) -> Back | str:
        """Carries a refund out, once per number; or a word on why not."""
        if trade is None or trade.state != "paid":
            return "not-paid"
        known = self.backs.get(out_no)
        if known is not None:
            return known if (known.fen, known.trade) == (fen, trade) else "another"
        gone = sum(one.fen for one in self.backs.values() if one.trade is trade)
        if self.refunds_will == "no-money":
            return "no-money"
        if fen < 1 or gone + fen > trade.fen:
            return "too-much"
        self.backs[out_no] = Back(out_no, trade, fen, self.refunds_will)
        return self.backs[out_no]

    def booked(self, day: str) -> list[tuple[Trade, Back | None]]:
        """What was paid and sent back on a day."""
        paid = [one for one in self.trades.values() if one.paid_at]
        return [
            *((one, None) for one in paid if f"{one.paid_at:%Y-%m-%d}" == day),
            *((one.trade, one) for one in self.backs.values() if f"{one.at:%Y-%m-%d}" == day),
        ]

    @property
    def gone_fen(self) -> int:
        """All that went back to payers."""
        return sum(one.fen for one in self.backs.values() if one.state == "done")

    def fault(self, what: str) -> str:
        """What befalls a request of this name."""
        self.calls.append(what)
        return next((how for word, how in self.faults.items() if word in what), "")

    async def answered(self, fault: str, answer: Response) -> Response:
        """The answer, or what a fault makes of it."""
        if fault == "down":
            return Response("upstream", 502)
        if fault == "hang":
            await asyncio.sleep(PATIENCE_S + 1)
        return _Cut() if fault in {"hang", "cut", "lost"} else answer


V = TypeVar("V", bound=Vendor)


class _Cut(Response):
    """The connection ends without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Says nothing, and cuts."""
        cycle: Any = receive
        cycle.__self__.transport.abort()


@asynccontextmanager
async def serving(vendor: V) -> AsyncIterator[V]:
    """The provider, listening."""
    app = Starlette(routes=vendor.routes())
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="critical", lifespan="off", http="h11"
        )
    )
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    vendor.url = f"http://127.0.0.1:{port}"
    try:
        yield vendor
    finally:
        server.should_exit = True
        await task


async def call_back(
    home: str, name: str, said: tuple[dict[str, str], bytes], path: str = ""
) -> httpx.Response:
    """The provider calls us back."""
    headers, body = said
    async with httpx.AsyncClient(base_url=home, trust_env=False) as provider:
        url = path or f"/api/payments/{name}/callback"
        return await provider.post(url, content=body, headers=headers)


async def form_or_query(request: Request) -> dict[str, str]:
    """The parameters of a request."""
    if request.method == "GET":
        return dict(request.query_params)
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
