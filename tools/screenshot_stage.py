"""What the screenshots show beside the fair: a buyer with orders, sessions in every state.

Everything is done over HTTP as people do it; only the one-time links are made here, because a
running instance shows its own but once. For a throwaway demo instance: rows are written.
"""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from tiantou.accounts import face as accounts
from tiantou.accounts.registration import check_sign
from tiantou.core.db import Tx, open_database
from tiantou.demo.rooms import STALLS
from tiantou.kit import clock
from tiantou.media import push
from tiantou.settings import Settings
from tiantou.trade.deals.coupons import PLATFORM_ID
from tiantou.up.at_hand import at_hand
from tiantou.up.keyring import keys
from tools import screenshot_chain
from tools.screenshot_growing import grow
from tools.screenshot_person import Person
from tools.screenshot_proofs import papers, show_lot

SHOWN_S = 25
PATIENCE_S = 90
OWNER = "owner"


@dataclass
class Stage:
    """The people's cookies by name, and the ids that pages are made of."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cast:
    buyer: Person
    owner: Person
    operator: Person
    newcomer: Person


async def stage(home: Path, url: str) -> Stage:
    """Signs everybody in and plays the story once. Ends with words if something refuses."""
    made = Stage(url)
    settings = Settings(home=home)
    tokens = await _tokens(settings)
    people: dict[str, Person] = {}
    for name, token in tokens.items():
        person = Person(base_url=url, timeout=60, trust_env=False)
        await person.act("/api/auth/link", {"token": token})
        people[name], made.cookies[name] = person, str(person.cookies["tt"])
    cast = _Cast(**people)
    try:
        await _look_around(made, cast)
        await _sessions(made, cast, home)
        await _orders(made, cast)
        await _chain(made, cast)
        await _deals(made, cast)
        await papers(cast.owner, cast.operator, made.ids)
        await grow(made.ids, cast.owner.act, cast.owner.read)
        await _newcomer(cast.newcomer)
    finally:
        for person in people.values():
            await person.aclose()
    return made


async def _tokens(settings: Settings) -> dict[str, str]:
    """A one-time link for each of the cast."""
    own_keys = keys(settings)
    async with at_hand(settings, "screenshots") as dsn:
        database = open_database(dsn, pool_size=2, name="tiantou screenshots")
        try:
            async with database.begin() as tx:
                who = {
                    "buyer": await accounts.make_demo_person(tx, "演示买家"),
                    "newcomer": await accounts.make_demo_person(tx, "演示新店"),
                    "owner": await _owner(tx),
                }
                made = {
                    name: await accounts.make_person_link(tx, own_keys, one)
                    for name, one in who.items()
                }
                return made | {"operator": await accounts.make_operator_link(tx, own_keys)}
        finally:
            await database.close()


async def _owner(tx: Tx) -> UUID:
    """The owner of the fair's first shop."""
    orgs = [one for one in await accounts.search(tx, STALLS[0].shop) if one.name == STALLS[0].shop]
    if not orgs:
        raise SystemExit("there is no fair here: start `tiantou up --demo`, wait for its rooms")
    people = await accounts.people_with(tx, orgs[0].id, [OWNER])
    return people[0]


async def _deals(made: Stage, cast: _Cast) -> None:
    """What the shop packs a day, and coupons of it and of the platform, one of each claimed."""
    org = f"/api/orgs/{made.ids['org']}"
    await cast.owner.act(
        f"{org}/capacity", {"boxes": [12, 12, 12, 12, 12, 6, 0], "cut_off_minute": 960}, "PUT"
    )
    until = (clock.now() + timedelta(days=6)).isoformat()
    issued: tuple[tuple[Person, str, dict[str, Any], int, int], ...] = (
        (cast.owner, f"{org}/coupons", {"title": "产地直减", "use_days": 7}, 500, 2_000),
        (cast.owner, f"{org}/coupons", {"title": "满百减十五", "use_until": until}, 1_500, 10_000),
        (cast.operator, "/api/desk/coupons", {"title": "助农专场", "use_days": 3}, 300, 1_000),
    )
    coupons = []
    for who, path, more, off_fen, threshold_fen in issued:
        terms = {"off_fen": off_fen, "threshold_fen": threshold_fen, "pieces": 200}
        coupons.append(await who.act(path, terms | more | {"claim_until": until}))
    for one, issuer in ((coupons[0], made.ids["org"]), (coupons[2], str(PLATFORM_ID))):
        await cast.buyer.act(f"/api/coupons/{issuer}/{one['id']}/claim")


async def _look_around(made: Stage, cast: _Cast) -> None:
    """Ids of what the fair has: the shop, its room on air, its products, households, slips."""
    ids = made.ids
    me = await cast.owner.read("/api/me")
    ids["org"] = org = me["memberships"][0]["org_id"]
    held = await cast.owner.read(f"/api/orgs/{org}/sessions")
    ids["room"] = next(
        one["id"] for one in held["items"] if one["state"] in {"live", "interrupted"}
    )
    for name in ("products", "households", "slips"):
        found = await cast.owner.read(f"/api/orgs/{org}/{name}")
        ids[name[:-1]] = found["items"][0]["id"]
    lots = await cast.owner.read(f"/api/orgs/{org}/lots?kind=harvest")
    ids["lot"] = lots["items"][0]["id"]


def _planned(title: str, days: int, like: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "cover": like["cover"],
        "starts_at": (clock.now() + timedelta(days=days, minutes=5)).isoformat(),
        "planned_minutes": 120,
        "host": {"kind": "own", "name": "样例主播", "title": ""},
        "slot_fee_fen": 0,
        "commission_permille": 0,
        "venue": "here",
        "shelf": [{"pack_id": one["pack_id"]} for one in like["shelf"]],
    }


async def _sessions(made: Stage, cast: _Cast, home: Path) -> None:
    """One announced, one in review, one draft, one ready, one with its replay."""
    ids, org = made.ids, made.ids["org"]
    like = await cast.owner.read(f"/api/sessions/{ids['room']}")

    async def plan(title: str, days: int, *acts: str) -> str:
        body = _planned(title, days, like)
        one = await cast.owner.act(f"/api/orgs/{org}/sessions", body)
        for act in acts:
            await cast.owner.act(f"/api/sessions/{one['id']}/{act}")
        return str(one["id"])

    ids["draft"] = await plan("冰糖橙小果专场(草稿)", 3)
    ids["announced"] = await plan("明天上午,东坡橙园现摘", 1, "announce")
    ids["review"] = await plan("周末橙园直播", 2, "announce", "submit")
    ids["ready"] = await plan("今晚加一场", 0, "announce", "submit")
    ids["replay"] = await plan("上一场:脐橙怎么挑", 0, "announce", "submit")
    for name in ("ready", "replay"):
        await cast.operator.act(f"/api/desk/review/{ids[name]}/approve")
    await _show(made, cast, home)


async def _show(made: Stage, cast: _Cast, home: Path) -> None:
    """A short live that becomes a replay."""
    session = made.ids["replay"]
    await cast.owner.act(f"/api/sessions/{session}/go-live")
    key = await cast.owner.act(f"/api/sessions/{session}/key")
    film = push.film_of(next(iter(sorted((home / "demo").glob("orange-*.flv")))))
    stop = asyncio.Event()
    pushing = asyncio.create_task(
        push.push_for_ever(key["rtmp_url"], key["stream_key"], film, stop)
    )
    room = await cast.owner.read(f"/api/rooms/{session}")
    for item in room["shelf"][:2]:
        await asyncio.sleep(SHOWN_S / 2)
        await cast.owner.act(f"/api/sessions/{session}/pin", {"item_id": item["id"]})
    made.ids |= await show_lot(cast.owner, made.ids["org"], session)
    await asyncio.sleep(SHOWN_S / 2)
    await cast.owner.act(f"/api/sessions/{session}/end")
    stop.set()
    pushing.cancel()
    await asyncio.gather(pushing, return_exceptions=True)


async def _chain(made: Stage, cast: _Cast) -> None:
    """From a harvest to a recall."""
    address = (await cast.buyer.read("/api/me/addresses"))["items"][0]["id"]
    await screenshot_chain.play(
        made.ids,
        cast.owner,
        cast.buyer,
        address,
        partial(_pay, cast.buyer, made.ids["shop"]),
        partial(_report, cast.buyer),
    )


async def _report(buyer: Person, code: str, label: bytes) -> None:
    """Somebody with a box in hand says what is wrong with it."""
    words, photo = "打开有三个烂的,底下都湿了。", ("label.jpg", label, "image/jpeg")
    headers = {"origin": str(buyer.base_url).rstrip("/")}
    answer = await buyer.post(
        f"/p/{code}", data={"words": words}, files={"photo": photo}, headers=headers
    )
    if answer.status_code != 303:
        raise SystemExit(f"the report was answered with {answer.status_code}")


async def _orders(made: Stage, cast: _Cast) -> None:
    """An order to pay, one to pack, one on its way, one that arrived; lines and a question."""
    address = {
        "recipient": "演示买家",
        "phone": "13800000000",
        "division_code": "110105",
        "detail": "样例路 1 号",
        "is_default": True,
    }
    book = await cast.buyer.act("/api/me/addresses", address)
    room = await cast.buyer.read(f"/api/rooms/{made.ids['room']}")
    made.ids["shop"] = room["shelf"][0]["offer"]["shop_id"]
    names = ("to_pay", "paid", "packing", "shipped", "delivered")
    for number, name in enumerate(names):
        item = room["shelf"][number % 2]
        made.ids[name] = await _order(cast, made.ids, item, book["id"], name)
    await cast.buyer.act(f"/api/rooms/{made.ids['room']}/chat", {"text": "小果和大果差多少?"})
    question = {"text": "一箱大概几个?"}
    await cast.buyer.act(f"/api/rooms/{made.ids['room']}/questions", question)


async def _order(
    cast: _Cast, ids: dict[str, str], item: dict[str, Any], address: str, until: str
) -> str:
    offer = item["offer"]
    asked = {
        "shop_id": offer["shop_id"],
        "offer_id": offer["id"],
        "units": 1,
        "price_fen": offer["price_fen"],
        "snapshot": offer["snapshot"],
        "origin": f"live:{ids['room']}",
        "address_id": address,
        "note": "",
    }
    placed = await cast.buyer.act("/api/orders", asked)
    order = str(placed["order_id"])
    if until == "to_pay":
        return order
    await _pay(cast.buyer, ids["shop"], order)
    mine = f"/api/orgs/{ids['shop']}/orders/{order}"
    steps: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "packing": [("start-packing", {})],
        "shipped": [("start-packing", {}), ("pack", {})],
    }
    done = steps.get(until, steps["shipped"] if until == "delivered" else [])
    for act, body in done:
        await cast.owner.act(f"{mine}/{act}", body)
    if until in {"shipped", "delivered"}:
        await cast.owner.act(f"{mine}/ship", {"carrier": "self", "waybill": ""})
    if until == "delivered":
        await _state(cast.owner, mine, "shipped")
        await cast.owner.act(f"{mine}/delivered")
    return order


async def _pay(buyer: Person, shop: str, order: str) -> None:
    """Through the sandbox provider's page, as its payer would."""
    back = f"/paid/{shop}/{order}"
    started = await buyer.act(f"/api/orders/{shop}/{order}/pay", {"return_to": back})
    url = str(started["redirect_url"])
    token = parse_qs(urlsplit(url).query)["s"][0]
    shown = await buyer.get(url)
    wanted = re.search(r'name="choice" value="(\w+)"', shown.text)
    if wanted is None:
        raise SystemExit(f"{url}: the sandbox does not offer to pay")
    form = {"s": token, "choice": wanted.group(1), "refunds": "done"}
    origin = str(buyer.base_url).rstrip("/")
    answer = await buyer.post(url.split("?")[0], data=form, headers={"origin": origin})
    if answer.status_code != 303:
        raise SystemExit(f"the sandbox answered {answer.status_code}")
    await _state(buyer, f"/api/me/orders/{shop}/{order}", "paid")


async def _state(person: Person, path: str, state: str) -> None:
    for _ in range(PATIENCE_S):
        if (await person.read(path))["state"] == state:
            return
        await asyncio.sleep(1)
    raise SystemExit(f"{path} does not become {state}")


async def _newcomer(person: Person) -> None:
    """A shop that waits for the operator."""
    first = f"93360734{uuid4().int % 10**9:09d}"
    await person.act(
        "/api/orgs",
        {
            "kind": "coop",
            "name": f"寻乌样例柑橘合作社 {first[-3:]}(演示)",
            "registration_code": first + check_sign(first),
            "division_code": "360734",
            "address": "样例村 2 号",
            "contact_name": "样例联系人",
            "contact_phone": "0900-000 0000",
        },
    )
