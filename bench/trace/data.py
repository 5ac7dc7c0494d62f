"""The drawn chain in an empty database, by COPY."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from bench.trace.draw import NET_G, SCANS, Graph, Sold, draw_graph, draw_orders
from tiantou.catalog.face import variety_id
from tiantou.kit import clock, ids

PRICE_FEN = 2_990
BUYERS = 10_000
BATCH = 50_000
DIVISION = "421182"
VARIETY = variety_id("橙", "纽荷尔脐橙")
SNAPSHOT = hashlib.sha256(b"bench").digest()


def uid(kind: int, number: int) -> UUID:
    """An id in the order of its number, as those of the product are."""
    return UUID(int=0x0190 << 112 | 7 << 76 | kind << 70 | 2 << 62 | number)


ORG, LOT, SLIP, RUN, ORDER, PERSON, PACK, PRODUCT, OFFER, HOUSE, PLOT, PAY, MOVE = range(13)


@dataclass
class Made:
    """What the measurements name."""

    lines: int
    shops: list[UUID] = field(default_factory=list)
    harvest: list[UUID] = field(default_factory=list)
    packed: list[UUID] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    orders: list[tuple[UUID, UUID]] = field(default_factory=list)
    packing: list[tuple[UUID, UUID, str]] = field(default_factory=list)


async def load(dsn: str, lines: int, seed: int) -> Made:
    """Fills an empty database of the newest schema."""
    dice = random.Random(seed)
    graph, made = draw_graph(lines, dice), Made(lines)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("set session_replication_role = replica")
        await _shops(connection, graph, made)
        await _lots(connection, graph, made)
        await _orders(connection, graph, made, dice)
        await connection.execute("set session_replication_role = default")
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()
    return made


async def copy(connection: Any, table: str, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
    """Rows into a table, `BATCH` at a time."""
    schema, _, name = table.partition(".")
    ahead: list[tuple[Any, ...]] = []
    for row in rows:
        ahead.append(row)
        if len(ahead) == BATCH:
            await _put(connection, schema, name, columns, ahead)
            ahead = []
    await _put(connection, schema, name, columns, ahead)


async def _put(connection: Any, schema: str, name: str, columns: str, rows: list[Any]) -> None:
    await connection.copy_records_to_table(
        name, schema_name=schema, columns=columns.split(), records=rows
    )


async def _shops(connection: Any, graph: Graph, made: Made) -> None:
    now, count = clock.now(), max(graph.shop_of) + 1
    made.shops = [uid(ORG, n) for n in range(count)]
    await copy(
        connection,
        "accounts.person",
        "id operator demo roles_version roles_changed_at created_at",
        ((uid(PERSON, n), False, False, 1, now, now) for n in range(BUYERS)),
    )
    await copy(
        connection,
        "accounts.organization",
        "id kind name registration_code division_code address contact_name contact_phone state demo"
        " applied_at",
        (
            (
                shop,
                "coop",
                f"合作社{n}",
                f"{n:018}",
                DIVISION,
                "1",
                "1",
                "1",
                "admitted",
                False,
                now,
            )
            for n, shop in enumerate(made.shops)
        ),
    )
    await copy(
        connection,
        "catalog.product",
        "id org_id title variety_id grade description origin_code photos fresh state search made_at"
        " changed_at",
        (
            (uid(PRODUCT, n), shop, "脐橙", VARIETY, "一级", "", DIVISION, ["0" * 64], True, "on",
             "脐橙", now, now)
            for n, shop in enumerate(made.shops)
        ),
    )  # fmt: skip
    await copy(
        connection,
        "catalog.pack",
        "id product_id org_id variety_id grade position name unit net_g pieces price_fen made_at",
        (
            (uid(PACK, n), uid(PRODUCT, n), shop, VARIETY, "一级", 1, "5 斤", "箱", NET_G, 10,
             PRICE_FEN, now)
            for n, shop in enumerate(made.shops)
        ),
    )  # fmt: skip
    await copy(connection, "trade.shop", "shop_id at", ((shop, now) for shop in made.shops))
    await _offers(connection, made, now)


async def _offers(connection: Any, made: Made, now: datetime) -> None:
    await copy(
        connection,
        "trade.offer",
        "shop_id offer_id pack_id product_id kind state price_fen floor_fen net_g opens_at"
        " ship_within_days snapshot",
        (
            (shop, uid(OFFER, n), uid(PACK, n), uid(PRODUCT, n), "standing", "open", PRICE_FEN, 0,
             NET_G, now, 2, SNAPSHOT)
            for n, shop in enumerate(made.shops)
        ),
    )  # fmt: skip
    await copy(
        connection,
        "trade.pool",
        "shop_id pool_id kind available taken",
        (
            (shop, uid(PACK, n), "stock", 100_000, 2 * made.lines)
            for n, shop in enumerate(made.shops)
        ),
    )
    await copy(
        connection,
        "trade.draw",
        "shop_id offer_id pool_id per_unit",
        ((shop, uid(OFFER, n), uid(PACK, n), 1) for n, shop in enumerate(made.shops)),
    )


async def _lots(connection: Any, graph: Graph, made: Made) -> None:
    now, lots = clock.now(), range(len(graph.shop_of))
    farms = [lot for lot in lots if graph.kind_of[lot] == "harvest"]
    made.harvest = [uid(LOT, lot) for lot in farms]
    made.packed = [uid(LOT, lot) for lot in graph.boxes]
    grown = now - timedelta(days=3)
    await copy(
        connection,
        "supply.household",
        "id org_id no name village division_code made_at",
        (
            (uid(HOUSE, lot), made.shops[graph.shop_of[lot]], n + 1, "农户", "村", DIVISION, now)
            for n, lot in enumerate(farms)
        ),
    )
    await copy(
        connection,
        "supply.plot",
        "id org_id household_id name village division_code area_m2 outline photos made_at",
        (
            (uid(PLOT, lot), made.shops[graph.shop_of[lot]], uid(HOUSE, lot), "地", "村", DIVISION,
             2000, [], [], now)
            for lot in farms
        ),
    )  # fmt: skip
    await copy(connection, "supply.slip", _SLIP, (_slip(graph, made, lot, grown) for lot in farms))
    await copy(connection, "supply.lot", _LOT, (_lot(graph, made, lot, grown) for lot in lots))
    await copy(
        connection,
        "supply.lot_edge",
        "parent_id child_id grams",
        (
            (uid(LOT, parent), uid(LOT, lot), grams)
            for lot in lots
            for parent, grams in graph.parents[lot]
        ),
    )


_SLIP = (
    "id org_id code household_id plot_id variety_id grade grams price_fen_per_jin"
    " floor_fen_per_jin value_fen state harvested_at entered_by on_behalf at"
)
_LOT = (
    "id org_id code kind state variety_id grade household_id plot_id slip_id pack_id net_g grams_in"
    " price_fen_per_jin floor_fen_per_jin harvested_at best_before made_at"
)


def _slip(graph: Graph, made: Made, lot: int, grown: datetime) -> tuple[Any, ...]:
    org = made.shops[graph.shop_of[lot]]
    return (
        uid(SLIP, lot), org, f"S{lot}", uid(HOUSE, lot), uid(PLOT, lot), VARIETY, "一级",
        graph.grams(lot), 250, 180, 1, "agreed", grown, uid(PERSON, 0), False, grown,
    )  # fmt: skip


def _lot(graph: Graph, made: Made, lot: int, grown: datetime) -> tuple[Any, ...]:
    shop, kind = graph.shop_of[lot], graph.kind_of[lot]
    farm, box = kind == "harvest", kind == "packed"
    return (
        uid(LOT, lot), made.shops[shop], f"L{lot}", kind, "open", VARIETY, "一级",
        uid(HOUSE, lot) if farm else None, uid(PLOT, lot) if farm else None,
        uid(SLIP, lot) if farm else None, uid(PACK, shop) if box else None,
        NET_G if box else None, graph.grams(lot), 250, 180, grown, grown + timedelta(days=90),
        grown,
    )  # fmt: skip


async def _orders(connection: Any, graph: Graph, made: Made, dice: random.Random) -> None:
    sold = list(draw_orders(graph, made.lines, dice))
    now = clock.now()
    name = f"{now:%Y%m%d}"
    await copy(connection, "trade.orders", _ORDERS, (_order(made, one, now) for one in sold))
    await copy(
        connection,
        "trade.order_line",
        "shop_id order_id line_no offer_id pack_id buyer_id units price_fen amount_fen net_g",
        (
            (made.shops[one.shop], uid(ORDER, one.number), 1, uid(OFFER, one.shop),
             uid(PACK, one.shop), _buyer(one), _units(one), PRICE_FEN, _units(one) * PRICE_FEN,
             NET_G)
            for one in sold
        ),
    )  # fmt: skip
    await copy(
        connection,
        "trade.order_event",
        "shop_id order_id seq event state by at",
        (
            (made.shops[one.shop], uid(ORDER, one.number), 1, "place", one.state, "buyer", now)
            for one in sold
        ),
    )
    await copy(
        connection,
        "trade.payment",
        "payment_id buyer_id provider provider_no state amount_fen return_to redirect_url at"
        " ends_at decided_at paid_at asks way",
        (
            (uid(PAY, one.number), _buyer(one), "sandbox", f"{name}{one.number}", "paid",
             _units(one) * PRICE_FEN, "/", "/", now, now, now, now, 0, "page")
            for one in sold
        ),
    )  # fmt: skip
    await copy(
        connection,
        "trade.payment_part",
        "payment_id shop_id order_id amount_fen",
        (
            (uid(PAY, one.number), made.shops[one.shop], uid(ORDER, one.number),
             _units(one) * PRICE_FEN)
            for one in sold
        ),
    )  # fmt: skip
    await _picks(connection, graph, made, sold)


async def _picks(connection: Any, graph: Graph, made: Made, sold: list[Sold]) -> None:
    now = clock.now()
    gone = dict.fromkeys(graph.boxes, 0)
    boxes: dict[int, list[str]] = {lot: [] for lot in graph.boxes}
    for one in sold:
        for lot in one.lots:
            gone[lot] += 1
            boxes[lot].append(_ref(made, one))
    await copy(
        connection,
        "trade.pick",
        "shop_id order_id line_no lot_id lot_code boxes at",
        (
            (made.shops[one.shop], uid(ORDER, one.number), 1, uid(LOT, lot), f"L{lot}", 1, now)
            for one in sold
            for lot in one.lots
        ),
    )
    await copy(
        connection,
        "supply.move",
        "id org_id lot_id place delta_g reason ref note at",
        _moves(graph, made, sold, now),
    )
    await copy(
        connection,
        "supply.lot_balance",
        "lot_id place grams",
        (
            (uid(LOT, lot), "store", (graph.boxes[lot] - gone[lot]) * NET_G if lot in gone else 0)
            for lot in range(len(graph.shop_of))
        ),
    )
    await _boxes(connection, graph, made, boxes)
    for one in sold:
        key = (made.shops[one.shop], uid(ORDER, one.number))
        if one.lots:
            made.orders.append(key)


async def _boxes(connection: Any, graph: Graph, made: Made, boxes: dict[int, list[str]]) -> None:
    """A code for each box; the first ones of a lot are those that were sold."""
    free: dict[int, list[str]] = {}

    def rows() -> Iterator[tuple[Any, ...]]:
        for lot, count in graph.boxes.items():
            org, taken = made.shops[graph.shop_of[lot]], boxes[lot]
            for no in range(1, count + 1):
                code, ref = ids.draw(), taken[no - 1] if no <= len(taken) else None
                (made.codes if ref else free.setdefault(graph.shop_of[lot], [])).append(code)
                yield code, org, uid(LOT, lot), no, NET_G, 300, ref

    await copy(connection, "supply.box", "code org_id lot_id no net_g tare_g ref", rows())
    for number in range(made.lines, made.lines + SCANS):
        shop = number % len(made.shops)
        code = free[shop].pop()
        made.packing.append((made.shops[shop], uid(ORDER, number), code))


def _moves(graph: Graph, made: Made, sold: list[Sold], now: datetime) -> Iterator[tuple[Any, ...]]:
    number = 0
    for lot in range(len(graph.shop_of)):
        org, grams = made.shops[graph.shop_of[lot]], graph.grams(lot)
        why = {"harvest": "make", "graded": "grade", "packed": "pack"}[graph.kind_of[lot]]
        out = {"harvest": "grade", "graded": "pack"}.get(graph.kind_of[lot])
        for delta, reason in ((grams, why), (-grams, out)):
            if reason:
                yield uid(MOVE, number), org, uid(LOT, lot), "store", delta, reason, "run", "", now
                number += 1
    for one in sold:
        for lot in one.lots:
            org = made.shops[one.shop]
            ref = _ref(made, one)
            yield uid(MOVE, number), org, uid(LOT, lot), "store", -NET_G, "pick", ref, "", now
            number += 1


def _ref(made: Made, one: Sold) -> str:
    return f"order:{made.shops[one.shop]}/{uid(ORDER, one.number)}/1"


def _buyer(one: Sold) -> UUID:
    return uid(PERSON, one.number % BUYERS)


def _units(one: Sold) -> int:
    return max(1, len(one.lots))


_ORDERS = (
    "shop_id order_id number channel paid_by buyer_id buyer_no state snapshot origin division_code"
    " note goods_fen freight_fen amount_fen paid_fen refunded_fen ship_day placed_at paid_at"
    " units_back"
)


def _order(made: Made, one: Sold, now: datetime) -> tuple[Any, ...]:
    fen = _units(one) * PRICE_FEN
    return (
        made.shops[one.shop], uid(ORDER, one.number), f"N{one.number}", "tiantou", "gateway",
        _buyer(one), one.number % BUYERS, one.state, SNAPSHOT, "shop", DIVISION, "", fen, 0, fen,
        fen, 0, now.date(), now, now, False,
    )  # fmt: skip
