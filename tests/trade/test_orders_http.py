"""The hot route as a page meets it: every field bounded, every refusal a problem, one document."""

import asyncio
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import TO, Market
from tiantou.accounts import addresses
from tiantou.logistics import face as logistics
from tiantou.trade import events, orders_http
from tiantou.trade import face as trade

LIMITS: list[tuple[dict[str, Any], str, str]] = [
    ({"units": 0}, "units", "range"),
    ({"units": 100}, "units", "range"),
    ({"units": "1"}, "units", "type"),
    ({"price_fen": -1}, "price_fen", "range"),
    ({"snapshot": "xyz"}, "snapshot", "pattern"),
    ({"origin": "live:'; drop"}, "origin", "pattern"),
    ({"offer_id": "no"}, "offer_id", "uuid"),
    ({"note": "长" * 101}, "note", "length"),
    ({"recipient": {**TO, "phone": "12345"}}, "recipient.phone", "phone"),
    ({"recipient": {**TO, "detail": " \u200b "}}, "recipient.detail", "length"),
    ({"recipient": {**TO, "division_code": "999999"}}, "recipient.division_code", "unknown"),
    ({"recipient": {**TO, "division_code": "420000"}}, "recipient.division_code", "unknown"),
    ({"recipient": {"recipient": "王"}}, "recipient.phone", "missing"),
]


async def test_every_field_has_limits_and_is_named(market: Market) -> None:
    offer, buyer = await market.stock(3), await market.buyer()
    for change, name, code in LIMITS:
        answer = await market.order(buyer, offer, **change)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        (field,) = answer.json()["fields"]
        assert (field["name"], field["code"]) == (name, code)


async def test_other_refusals(market: Market) -> None:
    offer = await market.stock(2)
    buyer = await market.buyer()
    refusals: dict[str, dict[str, Any]] = {
        "address-needed": {"recipient": None},
        "no-such-offer": {"offer_id": str(uuid4())},
        "sold-out": {"units": 3},
    }
    for kind, change in refusals.items():
        units = change.pop("units", 1)
        answer = await market.order(buyer, offer, units, **change)
        assert answer.json()["type"] == f"/problems/{kind}", answer.text
    gone = await market.order(buyer, offer, address_id=str(uuid4()), recipient=None)
    assert gone.json()["type"] == "/problems/address-needed"
    foreign = await buyer.post("/api/orders", json={}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    body = await buyer.post("/api/orders", content=b"{", headers={"content-type": "text/plain"})
    assert body.json()["fields"] == [{"name": "body", "code": "json"}]


async def test_who_comes_too_late_is_told_without_his_address_being_read(market: Market) -> None:
    offer, winner, loser = await market.stock(1), await market.buyer(), await market.buyer()
    key = {"idempotency-key": "the-only-box"}
    first = await market.order(winner, offer, headers=key)
    assert first.status_code == 201
    assert (await market.order(loser, offer)).json()["type"] == "/problems/sold-out"
    late = await market.order(loser, offer, address_id=str(uuid4()), recipient=None)
    assert (late.status_code, late.json()["units_left"]) == (409, 0)
    again = await market.order(winner, offer, headers=key)
    assert (again.status_code, again.json()["order_id"]) == (201, first.json()["order_id"])


async def test_where_the_shop_does_not_send_nothing_is_ordered(market: Market) -> None:
    offer, buyer = await market.stock(2), await market.buyer()
    async with market.database.begin() as tx:
        setting = logistics.FreightView(
            flat_fen=800, free_from_fen=5000, not_served=["42"], days_promised=3
        )
        await logistics.set_freight(tx, market.shop, setting)
    answer = await market.order(buyer, offer)
    assert answer.json()["type"] == "/problems/not-served"


async def test_freight_is_part_of_what_is_paid(market: Market) -> None:
    offer = await market.stock(9)
    buyer = await market.buyer()
    async with market.database.begin() as tx:
        setting = logistics.FreightView(
            flat_fen=800, free_from_fen=5000, not_served=[], days_promised=3
        )
        await logistics.set_freight(tx, market.shop, setting)
    one, two = [(await market.order(buyer, offer, units)).json() for units in (1, 2)]
    assert (one["amount_fen"], one["freight_fen"]) == (2990 + 800, 800)
    assert (two["amount_fen"], two["freight_fen"]) == (5980, 0)


async def test_freight_is_told_before_the_tap(market: Market) -> None:
    offer = await market.stock(9)
    buyer, nobody = await market.buyer(), market.site.client()
    async with market.database.begin() as tx:
        setting = logistics.FreightView(
            flat_fen=800, free_from_fen=5000, not_served=["65"], days_promised=3
        )
        await logistics.set_freight(tx, market.shop, setting)
    path = f"/api/offers/{market.shop}/{offer.id}/freight"

    async def told(division: str, units: int = 1) -> dict[str, Any]:
        answer = await nobody.get(path, params={"division": division, "units": units})
        found: dict[str, Any] = answer.json()
        return found

    for units in (1, 2):
        said = await told(TO["division_code"], units)
        placed = (await market.order(buyer, offer, units)).json()
        assert said == {name: placed[name] for name in ("freight_fen", "amount_fen", "ship_day")}
    assert (await told("650102"))["type"] == "/problems/not-served"
    for bad in ("999999", "420000", "42118x"):
        assert (await told(bad))["fields"][0]["name"] == "division"
    assert (await told(TO["division_code"], 100))["fields"][0]["name"] == "units"
    unknown = await nobody.get(path.replace(str(offer.id), str(uuid4())) + "?division=421182")
    assert unknown.json()["type"] == "/problems/not-found"


async def test_a_sale_is_a_rooms_only_where_the_shop_sells(market: Market) -> None:
    offer, buyer = await market.stock(9), await market.buyer()
    own, foreign = f"live:{uuid4()}", f"live:{uuid4()}"
    async with market.database.begin() as tx:
        await trade.set_fee(tx, market.shop, own, 0)
        await trade.set_fee(tx, uuid4(), foreign, 0)
    for said, kept in ((own, own), (own, own), (foreign, "shop"), ("shop\n", "shop")):
        placed = (await market.order(buyer, offer, origin=said)).json()
        assert (await market.mine(buyer, placed))["origin"] == kept


async def test_the_address_book_and_its_loss_after_the_order(market: Market) -> None:
    """A retry gets its order even if the address is gone since."""
    offer = await market.stock(3)
    buyer = await market.buyer()
    saved = await _saved(market, buyer.person_id)
    key = {"idempotency-key": str(uuid4())}
    ask: dict[str, Any] = {"address_id": str(saved), "recipient": None, "headers": key}
    first = await market.order(buyer, offer, **ask)
    assert first.status_code == 201, first.text
    async with market.database.begin() as tx:
        await tx.execute(text("delete from accounts.address"))
    again = await market.order(buyer, offer, **ask)
    assert (again.status_code, again.json()) == (201, first.json())
    order = await market.mine(buyer, first.json())
    assert order["recipient"]["recipient"] == "李四"
    other = await market.order(buyer, offer, 2, **ask)
    assert other.json()["type"] == "/problems/key-reused"


async def _saved(market: Market, person_id: Any) -> Any:
    said = addresses.AddressText(
        recipient="李四",
        phone="13800138001",
        division_code="421182",
        detail="长江路 2 号",
        is_default=True,
    )
    async with market.database.begin() as tx:
        return (await addresses.add(tx, market.keys, person_id, said)).id


async def test_recipients_are_sealed_at_rest(market: Market) -> None:
    offer = await market.stock(3)
    await market.order(await market.buyer(), offer)
    async with market.database.begin() as tx:
        rows = await tx.execute(text("select o::text || f.body::text from trade.orders o,"
                                     " trade.outbox f"))  # fmt: skip
        for row in rows.scalars():
            for secret in (TO["recipient"], TO["phone"], TO["detail"]):
                assert secret not in row
                assert secret.encode().hex() not in row


async def test_facts_that_sql_writes_are_what_their_types_say(market: Market) -> None:
    offer = await market.stock(1)
    await market.order(await market.buyer(), offer)
    kinds = {one.kind(): one for one in (events.OrderPlaced, events.StockMoved, events.StockEdge)}
    async with market.database.begin() as tx:
        found = (await tx.execute(text("select kind, key, body from trade.outbox"))).all()
    seen = set()
    for row in found:
        if row.kind in kinds:
            fact = msgspec.convert(row.body, kinds[row.kind], strict=True, str_keys=True)
            assert fact.key() == row.key
            assert set(row.body) == set(kinds[row.kind].__struct_fields__)
            seen.add(row.kind)
    assert seen == set(kinds)


async def test_two_taps_at_once_make_one_order(market: Market) -> None:
    offer = await market.stock(5)
    buyer = await market.buyer()
    key = {"idempotency-key": str(uuid4())}
    both = await asyncio.gather(*(market.order(buyer, offer, headers=key) for _ in range(4)))
    assert {answer.status_code for answer in both} == {201}
    assert len({answer.json()["order_id"] for answer in both}) == 1
    assert (await market.standing()).units_left == 4


def test_the_document_names_the_route_and_its_problems() -> None:
    document = orders_http.openapi_paths()
    operation = document["paths"]["/api/orders"]["post"]
    problems = {
        one["properties"]["type"]["const"]
        for answer in operation["responses"].values()
        for one in answer["content"]
        .get("application/problem+json", {})
        .get("schema", {})
        .get("oneOf", [])
    }
    assert {"/problems/sold-out", "/problems/terms-changed", "/problems/busy"} <= problems
    assert operation["responses"]["503"]["description"].startswith("Busy")
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/OrderIn"}
    assert "OrderPlacedOut" in document["components"]["schemas"]


async def test_a_desk_whose_connection_was_ended_takes_another_one(market: Market) -> None:
    offer, buyer = await market.stock(3), await market.buyer()
    assert (await market.order(buyer, offer)).status_code == 201
    async with market.database.begin() as tx:
        ended = await tx.scalar(
            text(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where"
                " application_name = 'tiantou' and pid <> pg_backend_pid()"
                " and datname = current_database()"
            )
        )
    assert ended
    assert (await market.order(buyer, offer)).status_code == 201
    assert await audit(market.database) == {}
