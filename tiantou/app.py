"""The API's process: routers, the layers before them, the web files."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount
from starlette.types import ASGIApp

from tiantou import openapi, parts, web_http
from tiantou.accounts import addresses_http, orgs_http, pasted_http
from tiantou.accounts import http as accounts_http
from tiantou.accounts.revocations import Revocations
from tiantou.accounts.session_http import SessionMiddleware
from tiantou.catalog import http as catalog_http
from tiantou.core import delivery, files, files_http, http_errors, partitions, queues_http
from tiantou.core.hot_http import Hot, Routes
from tiantou.core.http_guard import Guard
from tiantou.engines import pay_sandbox
from tiantou.engines.pay_sandbox_page import SandboxPage
from tiantou.live import (
    control_http,
    guests_http,
    home_http,
    on_camera_http,
    rooms,
    rooms_http,
    share_http,
    studio_http,
)
from tiantou.live.ports import Broadcasting
from tiantou.logistics import http as logistics_http
from tiantou.logistics import transit_http
from tiantou.oversight import http as oversight_http
from tiantou.parts import Parts
from tiantou.regions import http as regions_http
from tiantou.settings import Settings
from tiantou.supply import (
    acts_http,
    claims_http,
    collections_http,
    grading_http,
    inspections_http,
    lots_http,
    mixing_http,
    plots_http,
    runs_http,
    samples_http,
    seasons_http,
    slips_http,
)
from tiantou.supply import http as supply_http
from tiantou.trade import (
    audit_http,
    baskets_http,
    capacity_http,
    disruptions_http,
    imports_http,
    money_http,
    orders_http,
    parcels_http,
    payments_http,
    presales_http,
    reconcile_http,
    seller_http,
    waiting_http,
)
from tiantou.trade import http as trade_http
from tiantou.trade.admission_sql import open_admission
from tiantou.trade.bench import bench_http
from tiantou.trade.checkout import Checkout
from tiantou.trade.deals import coupons_http
from tiantou.trade.lanes import Lanes
from tiantou.trust import (
    certified_http,
    draws_http,
    holds_http,
    labels_http,
    passport_http,
    recalls_http,
    reports_http,
)
from tiantou.trust import http as trust_http
from tiantou.trust.epcis import epcis_http

log = logging.getLogger("tiantou.api")

ROUTERS = (
    accounts_http.routes,
    addresses_http.routes,
    pasted_http.routes,
    orgs_http.routes,
    regions_http.routes,
    catalog_http.routes,
    supply_http.routes,
    plots_http.routes,
    seasons_http.routes,
    collections_http.routes,
    mixing_http.routes,
    samples_http.routes,
    slips_http.routes,
    lots_http.routes,
    acts_http.routes,
    runs_http.routes,
    grading_http.routes,
    claims_http.routes,
    inspections_http.routes,
    logistics_http.routes,
    transit_http.routes,
    trade_http.routes,
    baskets_http.routes,
    capacity_http.routes,
    waiting_http.routes,
    coupons_http.routes,
    coupons_http.claim_routes,
    disruptions_http.routes,
    payments_http.routes,
    seller_http.routes,
    parcels_http.routes,
    imports_http.routes,
    bench_http.routes,
    bench_http.scan_routes,
    presales_http.routes,
    money_http.routes,
    audit_http.routes,
    reconcile_http.routes,
    home_http.routes,
    rooms_http.routes,
    studio_http.routes,
    guests_http.routes,
    control_http.routes,
    on_camera_http.routes,
    share_http.routes,
    trust_http.routes,
    recalls_http.routes,
    reports_http.routes,
    holds_http.routes,
    labels_http.routes,
    draws_http.routes,
    certified_http.routes,
    passport_http.routes,
    epcis_http.routes,
    oversight_http.routes,
    files_http.routes,
    queues_http.routes,
    web_http.routes,
)
CALLBACKS = (payments_http.CALLBACKS, pay_sandbox.PATH)
# objects that are made and not yet gone before the collector looks
COLLECT_AFTER = 50_000


def make_api() -> FastAPI:
    """The routes alone: enough for the OpenAPI document."""
    api = FastAPI(
        title="Tiantou 田头",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        separate_input_output_schemas=False,
        generate_unique_id_function=_operation_id,
    )
    for router in ROUTERS:
        api.include_router(router)
    _describe(api)
    http_errors.install(api)
    web_http.install(api)
    return api


def create_app(hot: Callable[[Any], Routes] = orders_http.hot) -> ASGIApp:
    """The application of a process, from its environment; uvicorn's factory.

    `hot` gives the routes that are found before the framework, from the app's state.
    """
    settings = Settings()
    api = make_api()
    _mount_sandbox(api, settings)
    keys = parts.open_keys(settings)
    revoked = Revocations()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with parts.open_parts(settings, "tiantou api") as made:
            await revoked.start(made.database)
            await partitions.make_ahead(made.database.engine)
            equip(api, made)
            await _answer_snapshots(made)
            parts.refresh_after_silence(made)
            lanes = Lanes(await open_admission(settings.database_url))
            checkout = api.state.checkout = Checkout(made.database, made.keys, lanes)
            _collect_seldom()
            yield
            await checkout.close()
            await revoked.close()

    api.router.lifespan_context = life
    sessions = SessionMiddleware(Hot(api, hot(api.state)), keys, revoked)
    return Guard(
        sessions,
        settings.known_hosts,
        settings.public_urls,
        bodies={"/api/files": files.UPLOAD_BYTES_MAX, "/p/": passport_http.FORM_BYTES_MAX},
        callbacks=CALLBACKS,
        peers=[url for url in (settings.gateway_url, settings.media_url) if url],
    )


def _collect_seldom() -> None:
    """What the process begins with is never looked at by the collector again, the rest seldom.

    A request leaves no circles worth a look after every 700 allocations: under load that look was
    a quarter of an order's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


def _operation_id(route: APIRoute) -> str:
    return openapi.operation_id(route.endpoint.__module__, route.name)


def _describe(api: FastAPI) -> None:
    """The OpenAPI document is made once, with what the framework does not know of."""
    made = cache(lambda: openapi.complete(FastAPI.openapi(api), orders_http.openapi_paths()))
    api.openapi = made  # type: ignore[method-assign]


def _mount_sandbox(api: FastAPI, settings: Settings) -> None:
    """The sandbox provider's page; production has no sandbox."""
    if settings.demo and pay_sandbox.NAME in settings.payments:
        gateway = parts.payments(settings, parts.open_keys(settings)).named(pay_sandbox.NAME)
        if isinstance(gateway, pay_sandbox.PaySandbox):
            page = Mount(pay_sandbox.PATH.rstrip("/"), SandboxPage(gateway))
            api.router.routes.insert(0, page)


def equip(api: FastAPI, made: Parts) -> None:
    """Hands the routes what they ask for."""
    api.state.database, api.state.keys = made.database, made.keys
    api.state.bus, api.state.files, api.state.engines = made.bus, made.files, made.engines
    api.state.mode, api.state.role = made.settings.mode, made.settings.role
    api.state.settings = made.settings
    everybody = delivery.consumers(parts.reactions(made))
    api.state.kinds_taken = {one.name: sorted(one.reactions) for one in everybody}
    api.state.payout_due_days = made.settings.payout_due_days


async def _answer_snapshots(made: Parts) -> None:
    """Gateways ask for a room as a whole when they begin to serve it."""
    ways: Broadcasting = made.engines[Broadcasting]

    async def snapshot(_: str, payload: bytes) -> bytes | None:
        try:
            session_id = UUID(str(json.loads(payload)["topic"]))
        except (ValueError, KeyError, TypeError):
            return None
        async with made.database.begin() as tx:
            return await rooms.snapshot(tx, session_id, made.keys, ways)

    await made.bus.subscribe("rooms.snapshot", _safely(snapshot), group="api")


def _safely(handle: Callable[[str, bytes], Any]) -> Callable[[str, bytes], Any]:
    async def run(subject: str, payload: bytes) -> bytes | None:
        try:
            async with asyncio.timeout(5):
                found: bytes | None = await handle(subject, payload)
                return found
        except Exception as error:
            log.warning("no answer on %s: %r", subject, error)
            return None

    return run
