"""The API as `tiantou serve` runs it, and beside it a bare POST: the same checks, nothing done."""

import os
import sys
from datetime import timedelta
from typing import cast
from uuid import UUID

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from tiantou import app
from tiantou.core.hot_http import Routes, body_of
from tiantou.core.http_guard import answer
from tiantou.core.problems import Problem
from tiantou.kit import clock
from tiantou.trade import orders_http
from tiantou.trade.admission import Placed
from tiantou.trade.lifecycle import ORDER

BARE = "/bench/orders"


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads and checks the same body as the hot route does, and gives an answer of the same shape.

    Guard, session, Idempotency-Key and body are checked by the product's own code.
    """
    body = await body_of(receive)
    try:
        asked, wish = orders_http.asked_in(scope, body or b"")
    except Problem as problem:
        await answer(send, problem)
        return
    now = clock.now()
    placed = Placed(
        order_id=wish.key,
        number="0123456789ABC",
        state=ORDER.init,
        amount_fen=wish.units * wish.price_fen,
        freight_fen=0,
        pay_before_at=now + timedelta(minutes=10),
        ship_day=now.date(),
    )
    await orders_http.say_placed(send, cast(UUID, asked.shop_id), placed)


def bench_app() -> ASGIApp:
    """The application, with the bare POST among its hot routes."""
    own = orders_http.hot

    def with_bare(state: object) -> Routes:
        return {**own(state), ("POST", BARE): bare}

    return app.create_app(with_bare)


if __name__ == "__main__":
    os.environ["TIANTOU_API_PORT"] = sys.argv[1]
    uvicorn.run(
        "bench.orders.server:bench_app",
        factory=True,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        timeout_keep_alive=75,
    )
