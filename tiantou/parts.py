"""What a process is made of: adapters chosen by settings, facts met by their reactions."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from tiantou import vendors
from tiantou.accounts import reactions as accounts_reactions
from tiantou.accounts import sign_in_sql
from tiantou.accounts.events import NoticeWanted, OrgAdmitted, OrgApplied
from tiantou.accounts.ports import Sms
from tiantou.catalog.events import ProductChanged
from tiantou.core import secret
from tiantou.core.bus import Bus
from tiantou.core.db import Database, open_database
from tiantou.core.delivery import Reaction
from tiantou.core.files import Files
from tiantou.core.keys import Keys
from tiantou.core.timers import Due, Held
from tiantou.engines import pay_sandbox
from tiantou.engines.carrier_manual import ManualCarrier
from tiantou.engines.memory_bus import MemoryBus
from tiantou.engines.nats_bus import open_nats
from tiantou.engines.pay_sandbox import PaySandbox
from tiantou.engines.sms_console import ConsoleSms
from tiantou.kit import clock
from tiantou.live import events as live_events
from tiantou.live import listeners as live_listeners
from tiantou.live import reactions as live_reactions
from tiantou.live.ports import Broadcasting
from tiantou.live.steps import TIMER as LIVE_TIMER
from tiantou.live.talk import Talk
from tiantou.logistics import parcels as logistics_parcels
from tiantou.logistics.events import ParcelDelivered, ParcelHandedOver, ParcelTroubled
from tiantou.logistics.ports import Carrier
from tiantou.media import events as media_events
from tiantou.media import face as media
from tiantou.settings import Settings
from tiantou.supply.claims.schemes import TIMER as SCHEME_TIMER
from tiantou.supply.events import BoxesRestored, BoxesWithdrawn, LotPacked
from tiantou.trade import audit as trade_audit
from tiantou.trade import capacity as trade_capacity
from tiantou.trade import deadlines as trade_deadlines
from tiantou.trade import errands as trade_errands
from tiantou.trade import events as trade_events
from tiantou.trade import expiry as trade_expiry
from tiantou.trade import reactions as trade_reactions
from tiantou.trade import reconcile as trade_reconcile
from tiantou.trade import waiting as trade_waiting
from tiantou.trade.deals import coupons as trade_coupons
from tiantou.trade.deals.claiming import Claims
from tiantou.trade.payments_http import CALLBACKS
from tiantou.trade.ports import Gateways, PaymentGateway
from tiantou.trust import claims as trust_claims
from tiantou.trust import reactions as trust_reactions
from tiantou.trust import recalls as trust_recalls
from tiantou.trust.epcis import chain as trace_chain
from tiantou.trust.events import RecallActivated, RecallContinues

REQUEST_S = 2.0


@dataclass(frozen=True)
class Parts:
    """The open parts of a process."""

    settings: Settings
    database: Database
    keys: Keys
    bus: Bus
    files: Files
    engines: dict[type[Any], Any]


def open_keys(settings: Settings) -> Keys:
    """The keys of this instance; a root secret is made if there is none. Raises SecretUnsafe."""
    given = settings.root_secret.get_secret_value()
    return secret.keys(settings.place, given, settings.root_secret_before.get_secret_value())


async def open_bus(settings: Settings, name: str) -> Bus:
    """NATS at its address; within one process, memory."""
    if settings.nats_url:
        return await open_nats(settings.nats_url, settings.nats_token.get_secret_value(), name)
    return MemoryBus()


def broadcasting(settings: Settings) -> Broadcasting:
    """Where pictures come in and go out."""
    return Broadcasting(
        page_url=settings.public_url,
        media_url=settings.media_url,
        publish_url=settings.media_url,
        gateway_url=settings.gateway_url,
        rtmp_url=settings.rtmp_url,
        recordings=settings.place / "media",
        keep=timedelta(days=settings.keep_days),
        grace=timedelta(seconds=settings.media_grace_s),
        review_at_once=settings.review == "at_once",
    )


def sms(settings: Settings) -> Sms:
    """The SMS adapter. Raises ValueError if there is none of that name."""
    if settings.sms == "console":
        return ConsoleSms(sys.stdout.write)
    raise ValueError(f"TIANTOU_SMS: no adapter is called {settings.sms}")


def payments(settings: Settings, keys: Keys) -> Gateways:
    """The payment adapters. Raises ValueError if there is none of a name."""
    return Gateways(tuple(_payment(settings, keys, name) for name in settings.payments))


def _payment(settings: Settings, keys: Keys, name: str) -> PaymentGateway:
    if name == pay_sandbox.NAME:
        here = f"http://127.0.0.1:{settings.api_port}{CALLBACKS}{name}/callback"
        return PaySandbox(keys, settings.place / "sandbox", here)
    if name not in vendors.NAMES:
        raise ValueError(f"TIANTOU_PAYMENT: no adapter is called {name}")
    if missing := settings.missing(name):
        raise ValueError(f"TIANTOU_PAYMENT={name}: set {', '.join(missing)}")
    return vendors.gateway(settings, name, f"{CALLBACKS}{name}/callback")


@asynccontextmanager
async def open_parts(settings: Settings, name: str) -> AsyncIterator[Parts]:
    """Opens what a process needs, closes it at the end. Raises ValueError without a database."""
    if not settings.database_url:
        raise ValueError("no database: run `tiantou up`, or set TIANTOU_DATABASE_URL")
    database = open_database(settings.database_url, settings.database_pool, name)
    keys = open_keys(settings)
    bus = await open_bus(settings, name)
    engines: dict[type[Any], Any] = {
        Broadcasting: broadcasting(settings),
        Talk: Talk(database, bus, keys),
        Claims: Claims(database),
        Sms: sms(settings),
        Gateways: payments(settings, keys),
        Carrier: ManualCarrier(),
    }
    try:
        yield Parts(settings, database, keys, bus, Files(settings.place / "files"), engines)
    finally:
        await bus.close()
        await database.close()


def reactions(parts: Parts) -> list[Reaction]:
    """Every reaction of the house, with the adapters it needs. Names last: they are in rows."""
    keys, bus, to_phone = parts.keys, parts.bus, parts.engines[Sms]
    live, accounts = live_reactions, accounts_reactions
    made = [
        Reaction(
            "accounts.send-sms",
            NoticeWanted,
            partial(accounts.on_notice_wanted, keys=keys, sms=to_phone),
            alone=True,
        ),
        Reaction("accounts.tell-operators", OrgApplied, accounts.on_org_applied),
        Reaction(
            "live.send-to-room",
            live_events.RoomEvent,
            partial(live.send_to_room, bus=bus),
            alone=True,
        ),
        Reaction("live.reminders", live_events.SessionChanged, live.on_session_changed),
        Reaction("live.remind", live_events.Reminded, live.on_reminded),
        Reaction("live.signal-started", media_events.SignalStarted, live.on_signal_started),
        Reaction("live.signal-back", media_events.SignalBack, live.on_signal_back),
        Reaction("live.signal-lost", media_events.SignalLost, live.on_signal_lost),
        Reaction("live.closed", media_events.BroadcastClosed, live.on_broadcast_closed),
        Reaction("live.replay", media_events.RecordingReady, live.on_recording_ready),
        Reaction("live.disposed", media_events.RecordingDisposed, live.on_recording_disposed),
        Reaction("live.sale", trade_events.OrderPaid, partial(live.on_order_paid, bus=bus)),
        Reaction(
            "live.refund", trade_events.OrderRefunded, partial(live.on_order_refunded, bus=bus)
        ),
        Reaction("live.stock", trade_events.StockMoved, partial(live.on_stock_moved, bus=bus)),
        Reaction("live.edge", trade_events.StockEdge, live.on_stock_edge),
        Reaction("live.deal-end", trade_events.OfferClosed, live.on_offer_closed),
        Reaction("live.guests", ProductChanged, live.on_product_changed),
        Reaction("live.price", trade_events.OfferPriceChanged, live.on_offer_price_changed),
    ]
    recalls = [
        Reaction("trust.recall", RecallActivated, trust_reactions.on_recall_activated, alone=True),
        Reaction(
            "trust.recall-on", RecallContinues, trust_reactions.on_recall_continues, alone=True
        ),
    ]
    return [*made, *_trade(parts), *recalls]


def _trade(parts: Parts) -> list[Reaction]:
    does = trade_reactions
    told = (
        trade_events.OrderShipped,
        trade_events.OrderDelivered,
        trade_events.OrderRefunded,
        trade_events.OrderExpired,
        trade_events.LateMoneyReturned,
    )
    return [
        Reaction("trade.stock", LotPacked, does.on_lot_packed),
        Reaction("trade.withdrawn", BoxesWithdrawn, does.on_boxes_withdrawn),
        Reaction("trade.restored", BoxesRestored, does.on_boxes_restored),
        Reaction("trade.product", ProductChanged, does.on_product_changed),
        Reaction("trade.seller-admitted", OrgAdmitted, does.on_seller_changed),
        Reaction("trade.seller-applied", OrgApplied, does.on_seller_changed),
        Reaction("trade.packed", trade_events.OrderPacked, does.on_order_packed),
        Reaction("trade.handed-over", ParcelHandedOver, does.on_parcel_handed_over),
        Reaction("trade.delivered", ParcelDelivered, does.on_parcel_delivered),
        Reaction("trade.troubled", ParcelTroubled, does.on_parcel_troubled),
        Reaction("trade.promises-moved", trade_events.PromisesMoved, does.on_promises_moved),
        Reaction("trade.waiting-offered", trade_events.WaitingOffered, trade_waiting.tell),
        Reaction("trade.waiting-ended", trade_events.WaitingEnded, trade_waiting.tell),
        *(Reaction(f"trade.tell-{fact.kind()}", fact, does.tell_buyer) for fact in told),
    ]


def timers(parts: Parts) -> dict[str, Due]:
    """Every timer's handler by its kind."""
    return {
        LIVE_TIMER: Held(live_reactions.hold_session, live_reactions.on_session_due),
        live_reactions.REMIND_TIMER: live_reactions.on_remind_due,
        **logistics_parcels.HANDLERS,
        **trade_deadlines.HANDLERS,
        SCHEME_TIMER: trust_claims.on_term_over,
        trust_recalls.TIMER: trust_recalls.on_due,
    }


def ticks(parts: Parts) -> Sequence[tuple[str, float, Callable[[], Awaitable[object]]]]:
    """What is done again and again: name, seconds between, what."""

    async def forget() -> None:
        async with parts.database.begin() as tx:
            await sign_in_sql.forget(tx)

    async def dispose() -> None:
        root = parts.settings.place / "media"
        await media.dispose_due(parts.database, root, clock.now())

    async def open_days() -> None:
        async with parts.database.begin() as tx:
            await trade_capacity.open_ahead(tx)

    return [
        ("trade.waiting", trade_waiting.SWEEP_EVERY_S, lambda: trade_waiting.sweep(parts.database)),
        ("trade.capacity", trade_capacity.OPEN_EVERY_S, open_days),
        ("media.retention", 6 * 3600, dispose),
        (
            "trade.errands",
            trade_errands.EVERY_S,
            lambda: trade_errands.run(parts.database, parts.engines[Gateways]),
        ),
        (
            "trade.reconcile",
            trade_reconcile.EVERY_S,
            lambda: trade_reconcile.sweep(parts.database, parts.engines[Gateways]),
        ),
        ("trade.expiry", 1.0, lambda: trade_expiry.sweep(parts.database)),
        (
            "trade.coupons",
            trade_coupons.EXPIRE_EVERY_S,
            lambda: trade_coupons.expire(parts.database),
        ),
        ("trade.forget", 3600, lambda: trade_expiry.forget(parts.database)),
        ("accounts.forget", 86_400, forget),
        (
            "trust.traces",
            trace_chain.EVERY_S,
            lambda: trace_chain.sweep(parts.database, parts.keys, parts.settings.public_url),
        ),
        ("trade.audit", trade_audit.LOOK_EVERY_S, lambda: trade_audit.nightly(parts.database)),
    ]


async def listen(parts: Parts) -> None:
    """Subscribes to what rooms tell of themselves."""
    await live_listeners.listen(parts.database, parts.bus)


def refresh_after_silence(parts: Parts) -> None:
    """After the bus was lost, gateways read their rooms anew: last values may have been lost."""

    async def refresh() -> None:
        await parts.bus.publish("rooms.refresh", b"{}")

    parts.bus.on_reconnect(refresh)
