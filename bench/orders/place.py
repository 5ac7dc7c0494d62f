"""What the bench runs on: a server of its own, 10,000 buyers with sessions and addresses, shops."""

import asyncio
import hashlib
import json
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import insert, text

from tiantou.accounts import addresses, destination, phones, sessions
from tiantou.accounts.destination import Destination
from tiantou.accounts.tables import AddressRow, PersonRow, SessionRow
from tiantou.core.db import Database, open_database
from tiantou.core.keys import Keys
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.migrations.run import migrate
from tiantou.trade.money.fees_sql import set_fee
from tiantou.up import postgres
from tiantou.up.children import Children, begin, stop_all
from tiantou.up.log import Log

DIVISION = "421182"
PRICE_FEN = 2990
KEY_MARK = "#" * 32
PAGE = "http://localhost"
# what Chromium on a phone sends beside what the page asks for
BROWSER = (
    "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Mobile Safari/537.36",
    "Accept: application/json",
    "Accept-Language: zh-CN,zh;q=0.9",
    "Accept-Encoding: gzip, deflate, br, zstd",
    'sec-ch-ua: "Chromium";v="141", "Not?A_Brand";v="8"',
    "sec-ch-ua-mobile: ?1",
    'sec-ch-ua-platform: "Android"',
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
)


class Buyer(NamedTuple):
    """A person with an address, and the cookies of his browser."""

    id: UUID
    no: int
    address_id: UUID
    cookies: str


class Offer(NamedTuple):
    """What is asked for."""

    shop_id: UUID
    offer_id: UUID
    pack_id: UUID
    snapshot: bytes
    origin: str


@dataclass
class Place:
    """A PostgreSQL with the product's own settings, and the database in it."""

    cluster: postgres.Cluster
    children: Children
    log: Log
    database: Database
    keys: Keys
    secret: str

    @property
    def dsn(self) -> str:
        """The address of the database."""
        return self.cluster.dsn()

    def servers(self) -> list[int]:
        """The processes of this PostgreSQL."""
        return [pid for pid in _pids() if _of(pid, self.cluster.data)]

    async def close(self) -> None:
        """Ends the server."""
        await self.database.close()
        await stop_all(self.children)
        self.log.close()


def _pids() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]


def _of(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def cpu_s(pids: Sequence[int]) -> float:
    """The CPU that processes and their ended children have used."""
    total = 0
    for pid in pids:
        try:
            said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(one) for one in said[11:15])
    return total / os.sysconf("SC_CLK_TCK")


async def open_place(home: Path) -> Place:
    """Starts the server and makes the newest schema."""
    log = Log(home / "log", terminal=StringIO())
    children = Children(log, home / "children.json")
    cluster = await postgres.cluster(home, "")
    await postgres.prepare(cluster)
    await begin(children, postgres.child(cluster))
    await postgres.make_database(cluster)
    database = open_database(cluster.dsn())
    await migrate(database.engine)
    secret = os.urandom(24).hex()
    return Place(cluster, children, log, database, Keys((secret.encode(),)), secret)


async def put_buyers(place: Place, count: int) -> list[Buyer]:
    """People who signed in a moment ago, each with one address."""
    keys, now = place.keys, clock.now()
    people = [ids.uuid7() for _ in range(count)]
    opened = {one: ids.uuid7() for one in people}
    homes = {one: ids.uuid7() for one in people}
    person = {
        "operator": False,
        "demo": False,
        "roles_version": 0,
        "roles_changed_at": now - timedelta(days=60),
        "created_at": now,
        "signed_up_at": now,
    }
    async with place.database.begin() as tx:
        await tx.execute(insert(PersonRow), [{"id": one, **person} for one in people])
        numbers = {
            row.id: row.no for row in await tx.execute(text("select id, no from accounts.person"))
        }
        seen = {"created_at": now, "last_seen_at": now}
        await tx.execute(
            insert(SessionRow),
            [{"id": opened[one], "person_id": one, **seen} for one in people],
        )
        await tx.execute(
            insert(AddressRow), [_address(keys, one, homes[one], numbers[one]) for one in people]
        )
    return [
        Buyer(one, numbers[one], homes[one], _cookies(keys, one, numbers[one], opened[one]))
        for one in people
    ]


def _address(keys: Keys, person: UUID, address_id: UUID, no: int) -> dict[str, object]:
    to = Destination("王小明", f"+86138{no:08d}", f"人民路 {no} 号 3 栋 502")
    return {
        "id": address_id,
        "person_id": person,
        "recipient": keys.encrypt(addresses.PURPOSE, "王小明"),
        "phone": phones.seal(keys, f"+86138{no:08d}"),
        "detail": keys.encrypt(addresses.PURPOSE, f"人民路 {no} 号 3 栋 502"),
        "sealed": destination.seal(keys, to),
        "division_code": DIVISION,
        "is_default": True,
        "created_at": clock.now(),
    }


def _cookies(keys: Keys, person: UUID, no: int, session: UUID) -> str:
    token = sessions.seal(keys, Subject(person, no, session), 0)
    visitor = keys.sign(sessions.VISITOR_PURPOSE, os.urandom(16), sessions.VISITOR_LIFE_S)
    return f"tt={token}; tt_v={visitor}"


async def put_offers(place: Place, boxes: int, shops: int = 1, each: int = 1) -> list[Offer]:
    """Offers of fresh shops, sold in a live room, each with boxes of its own."""
    made = []
    async with place.database.begin() as tx:
        for _ in range(shops):
            shop_id, origin = ids.uuid7(), f"live:{uuid4()}"
            await tx.execute(
                text("insert into trade.shop (shop_id, at) values (:shop, :now)"),
                {"shop": shop_id, "now": clock.now()},
            )
            await set_fee(tx, shop_id, origin, 100)
            for _ in range(each):
                offer_id = ids.uuid7()
                snapshot = hashlib.sha256(offer_id.bytes).digest()
                made.append(Offer(shop_id, offer_id, ids.uuid7(), snapshot, origin))
        rows = [{**one._asdict(), **_common(boxes)} for one in made]
        for statement in (_OFFER, _POOL, _DRAW, *([_MOVE] if boxes else [])):
            names = statement.compile().params
            await tx.execute(statement, [{name: row[name] for name in names} for row in rows])
    return made


def _common(boxes: int) -> dict[str, Any]:
    now = clock.now()
    return {"boxes": boxes, "now": now, "opens": now - timedelta(hours=1), "price": PRICE_FEN}


_OFFER = text(
    "insert into trade.offer (shop_id, offer_id, pack_id, product_id, kind, state, price_fen,"
    " floor_fen, net_g, opens_at, ship_within_days, snapshot) values (:shop_id, :offer_id,"
    " :pack_id, :pack_id, 'standing', 'open', :price, 0, 2500, :opens, 2, :snapshot)"
)
_POOL = text("insert into trade.pool values (:shop_id, :pack_id, 'stock', :boxes, 0)")
_MOVE = text(
    "insert into trade.pool_move values"
    " (:shop_id, uuidv7(), :pack_id, :boxes, 'packed', 'bench', :now)"
)
_DRAW = text("insert into trade.draw values (:shop_id, :offer_id, :pack_id, 1)")


def write_requests(file: Path, path: str, buyers: Sequence[Buyer], offers: Sequence[Offer]) -> None:
    """One request of each buyer, as the page sends it, the offers taken in turn."""
    with file.open("wb") as out:
        for at, buyer in enumerate(buyers):
            raw = request(path, buyer, offers[at % len(offers)])
            out.write(struct.pack("<I", len(raw)) + raw)


def request(path: str, buyer: Buyer, offer: Offer, coupon: UUID | None = None) -> bytes:
    """A whole request, as the page's browser sends it; KEY_MARK stands where its key goes."""
    asked = {
        "shop_id": str(offer.shop_id),
        "offer_id": str(offer.offer_id),
        "units": 1,
        "price_fen": PRICE_FEN,
        "snapshot": offer.snapshot.hex(),
        "origin": offer.origin,
        "address_id": str(buyer.address_id),
        "recipient": None,
        "note": "",
        **({"coupon": str(coupon)} if coupon else {}),
    }
    body = json.dumps(asked, separators=(",", ":")).encode()
    head = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Connection: keep-alive",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        f"Idempotency-Key: {KEY_MARK}",
        f"Origin: {PAGE}",
        f"Referer: {PAGE}/rooms/{offer.origin[5:]}",
        f"Cookie: {buyer.cookies}",
        *BROWSER,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


# What a run may leave behind: nothing here, or the run has failed. `d` names the offers' shops.
OVERSOLD = """
select coalesce(sum(greatest(0, x.units - m.put_in)), 0)::int from (
  select d.shop_id, d.pool_id, sum(l.units * d.per_unit) as units
    from trade.order_line l join trade.orders o using (shop_id, order_id)
    join trade.draw d using (shop_id, offer_id) where not o.units_back group by 1, 2) x
  left join (select shop_id, pool_id, sum(delta) as put_in from trade.pool_move group by 1, 2) m
    using (shop_id, pool_id)"""
WRONG = """
select count(*)::int from trade.pool p
  left join (select d.shop_id, d.pool_id, sum(l.units * d.per_unit) as units
    from trade.order_line l join trade.orders o using (shop_id, order_id)
    join trade.draw d using (shop_id, offer_id) where not o.units_back group by 1, 2) x
    using (shop_id, pool_id)
 where p.taken <> coalesce(x.units, 0)"""


async def audited(place: Place) -> int:
    """Units sold beyond what was put in. Raises ValueError if a pool's books differ at all."""
    async with place.database.begin() as tx:
        wrong = await tx.scalar(text(WRONG))
        oversold = await tx.scalar(text(OVERSOLD))
    if wrong:
        raise ValueError(f"{wrong} pools do not add up")
    return int(oversold or 0)


async def orders_of(place: Place, shop_ids: Sequence[UUID]) -> int:
    """How many orders shops have."""
    async with place.database.begin() as tx:
        found = await tx.scalar(
            text("select count(*) from trade.orders where shop_id = any(:shops)"),
            {"shops": list(shop_ids)},
        )
    return int(found or 0)


async def settle(place: Place) -> None:
    """Lets the server write out what it owes, so that no run pays for the one before."""
    async with place.database.engine.connect() as connection:
        raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await raw.execute(text("checkpoint"))
    await asyncio.sleep(0.5)
