"""The trace of a lot as EPCIS 2.0: whole, closed, and under the ids of the reference generator."""

import json
import math
import warnings
from collections import Counter
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from pydantic import ValidationError

from tests.trade.market import Market
from tests.trust.farm import BOX_G, Farm, open_farm
from tests.trust.work import work_off
from tests.web import Client
from tiantou.kit import clock
from tiantou.settings import Settings
from tiantou.trade.promises import CHINA
from tiantou.trust.epcis import story
from tiantou.trust.epcis.hash_id import event_id
from tiantou.trust.epcis.models import Document


@pytest.fixture(autouse=True)
def named(market: Market) -> None:
    """The instance has an address."""
    market.site.api.state.settings = Settings(public_urls="https://fair.example")


async def _told(market: Market, seller: Client, lot: object) -> dict[str, Any]:
    answer = await seller.get(f"/api/orgs/{market.shop}/lots/{lot}/epcis.jsonld")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/ld+json"
    found: dict[str, Any] = answer.json()
    return found


def _reference(document: dict[str, Any]) -> list[str]:
    reference = "epcis_event_hash_generator"
    reader = import_module(f"{reference}.json_to_py")
    generator = import_module(f"{reference}.hash_generator")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it reads its files in an old way
        events = reader.event_list_from_epcis_document_json(json.loads(json.dumps(document)))
    texts = generator.derive_prehashes_from_events(events)
    ids: list[str] = generator.calculate_hashes_from_pre_hashes(texts, "sha256")
    return ids


async def _story(market: Market) -> tuple[Farm, Client]:
    """Two harvests, three packed lots, orders of two of them, a recall of the first harvest."""
    farm, seller = await open_farm(market), await market.seller()
    await farm.sell("one", {"mix": 2, "second": 1}, ship=True)
    await farm.sell("two", {"first": 3})
    body = {"reason": "农残超标", "lots": [str(farm.slips[0].lot_id)]}
    made = (await seller.post(f"/api/orgs/{market.shop}/recalls", json=body)).json()
    path = f"/api/orgs/{market.shop}/recalls/{made['id']}/activate"
    assert (await seller.post(path, json={})).status_code == 200
    await work_off(market.database)
    return farm, seller


async def test_a_trace_is_whole_and_its_ids_are_the_reference_generators(market: Market) -> None:
    farm, seller = await _story(market)
    document = await _told(market, seller, farm.slips[0].lot_id)
    assert Document.model_validate(document).out() == document
    events = document["epcisBody"]["eventList"]
    assert [one["eventID"] for one in events] == _reference(document)
    kinds = Counter((one["type"], one["bizStep"]) for one in events)
    assert kinds[("ObjectEvent", "creating_class_instance")] == 1
    assert kinds[("TransformationEvent", "packing")] == 2
    assert kinds[("AggregationEvent", "packing")] == 1
    assert kinds[("ObjectEvent", "holding")] == 3
    times = [one["eventTime"] for one in events]
    assert times == sorted(times)
    for one in events:
        if one["type"] == "TransformationEvent":
            mass = sum(part["quantity"] for part in one["inputQuantityList"])
            boxes = sum(part["quantity"] for part in one["outputQuantityList"])
            assert math.isclose(mass * 1_000, boxes * BOX_G)


async def test_from_a_box_up_and_of_nobody_it_says_who_bought(market: Market) -> None:
    farm, seller = await _story(market)
    document = await _told(market, seller, farm.lots["mix"])
    whole = json.dumps(document, ensure_ascii=False)
    codes = {slip.lot_code for slip in farm.slips}
    harvested = {
        one["ilmd"]["cbvmda:lotNumber"]
        for one in document["epcisBody"]["eventList"]
        if one["bizStep"] == "creating_class_instance"
    }
    assert harvested == codes
    assert "/division/421182" in whole
    for private in ("王小明", "13800138000", "人民路"):
        assert private not in whole


async def test_days_tell_the_same_events(market: Market) -> None:
    farm, seller = await _story(market)
    told = set()
    for slip in farm.slips:
        document = await _told(market, seller, slip.lot_id)
        told |= {one["eventID"] for one in document["epcisBody"]["eventList"]}
    names = story.Names(market.site.api.state.settings.public_url, market.shop)
    today = clock.now().astimezone(CHINA).date()
    async with market.database.begin() as tx:
        days = [
            await story.of_day(tx, names, market.shop, today - timedelta(days=ago))
            for ago in (0, 1, 2)
        ]
    assert {event_id(one.out()) for day in days for one in day} == told


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("bizStep",), "sorting_by_magic"),
        (("disposition",), "lovely"),
        (("eventTime",), "2026-11-26T10:00:00"),
        (("action",), "MAYBE"),
        (("price",), 3),
        (("quantityList", 0, "quantity"), -1),
        (("quantityList", 0, "uom"), "JIN"),
        (("quantityList", 0, "epcClass"), "lot one"),
        (("ilmd", "cbvmda:lotNumber"), ""),
    ],
)
async def test_nonsense_is_refused(market: Market, where: tuple[Any, ...], value: Any) -> None:
    farm, seller = await open_farm(market), await market.seller()
    document = await _told(market, seller, farm.slips[0].lot_id)
    at = next(one for one in document["epcisBody"]["eventList"] if one["type"] == "ObjectEvent")
    for step in where[:-1]:
        at = at[step]
    at[where[-1]] = value
    with pytest.raises(ValidationError):
        Document.model_validate(document)


async def test_another_byte_is_another_id(market: Market) -> None:
    farm, seller = await open_farm(market), await market.seller()
    document = await _told(market, seller, farm.slips[0].lot_id)
    for event in document["epcisBody"]["eventList"]:
        before = event["eventID"]
        moved = {**event, "eventTime": event["eventTime"].replace("Z", "Z").replace("0", "1", 1)}
        assert event_id(event) == before != event_id(moved)
    with pytest.raises(ValueError, match="price"):
        event_id({**event, "price": 3})


async def test_what_is_too_wide_for_a_document_is_said(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm, seller = await open_farm(market), await market.seller()
    path = f"/api/orgs/{market.shop}/lots/{farm.slips[0].lot_id}/epcis.jsonld"
    for name in ("LOTS_MAX", "EVENTS_MAX"):
        with monkeypatch.context() as patch:
            patch.setattr(story, name, 2)
            answer = await seller.get(path)
        assert (answer.status_code, answer.json()["limit"]) == (409, 2)
