"""A lot on camera: one at a time, named to every viewer, with what was measured before them."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.live.studio import Studio
from tests.live.test_guests import Guest, shelf
from tests.live.test_guests import guest as guest
from tiantou.supply import face as supply


async def _on_air(studio: Studio) -> tuple[str, dict[str, Any]]:
    session = await studio.session()
    path = f"/api/sessions/{session['id']}"
    pinned = await studio.owner.post(f"{path}/pin", json={"item_id": session["shelf"][0]["id"]})
    assert pinned.status_code == 200, pinned.text
    return path, session


async def _lots(studio: Studio) -> dict[UUID, Any]:
    async with studio.database.begin() as tx:
        by_pack = await supply.lots_for_packs(tx, studio.org_id, studio.packs)
    return {pack: found[0] for pack, found in by_pack.items()}


async def _room(studio: Studio, path: str) -> Any:
    answer = await studio.viewer.get(path.replace("/sessions/", "/rooms/"))
    return answer.json()["on_camera"]


async def _rows(studio: Studio) -> list[tuple[Any, ...]]:
    async with studio.database.begin() as tx:
        rows = await tx.execute(
            text("select lot_id, ends_at is null from live.lot_shown order by begins_at, id")
        )
        return [tuple(row) for row in rows]


async def test_viewers_see_the_lot_and_what_was_measured_of_it(studio: Studio) -> None:
    path, _ = await _on_air(studio)
    lots = await _lots(studio)
    offered = (await studio.owner.get(f"{path}/on-camera")).json()
    assert offered["now"] is None
    assert [one["code"] for one in offered["lots"]] == [lots[studio.packs[0]].code]
    shown = await studio.owner.post(
        f"{path}/on-camera", json={"lot_id": offered["lots"][0]["lot_id"]}
    )
    assert shown.status_code == 200, shown.text
    assert shown.json()["places"] == ["甘肃省定西市渭源县本庙村"]
    tested = await studio.owner.post(
        f"{path}/on-camera/tests", json={"brix_tenth": 132, "weight_g": 251}
    )
    assert tested.status_code == 201, tested.text
    await studio.settle()
    told = [event["lot"] for event in studio.sent if event["t"] == "lot"]
    assert [len(lot["tests"]) for lot in told] == [0, 1]
    seen = await _room(studio, path)
    assert seen == told[-1] == tested.json()
    assert (seen["tests"][0]["brix_tenth"], seen["tests"][0]["weight_g"]) == (132, 251)
    async with studio.database.begin() as tx:
        row = (
            await tx.execute(
                text(
                    "select i.kind, i.session_id, i.video_at = i.at as timed, i.lot_id"
                    " from supply.inspection i"
                )
            )
        ).one()
    assert (row.kind, row.timed) == ("on_camera", True)
    assert str(row.session_id) == path.rpartition("/")[2]


async def test_it_ends_by_hand_by_another_pin_by_withdrawal_and_with_the_session(
    studio: Studio,
) -> None:
    path, session = await _on_air(studio)
    lots = await _lots(studio)
    items = [one["id"] for one in session["shelf"]]
    first, second = (str(lots[pack].lot_id) for pack in studio.packs)

    async def show(lot: str) -> None:
        answer = await studio.owner.post(f"{path}/on-camera", json={"lot_id": lot})
        assert answer.status_code == 200, answer.text

    async def gone() -> bool:
        return await _room(studio, path) is None

    await show(first)
    again = await studio.owner.post(f"{path}/on-camera", json={"lot_id": first})
    assert again.status_code == 200 and len(await _rows(studio)) == 1, "it is there already"
    assert (await studio.owner.delete(f"{path}/on-camera")).status_code == 204
    assert await gone()
    none = await studio.owner.post(f"{path}/on-camera/tests", json={"brix_tenth": 1})
    assert none.json()["type"] == "/problems/no-lot-on-camera"
    await show(first)
    await show(second)
    assert (await _room(studio, path))["code"] == lots[studio.packs[1]].code
    await studio.owner.post(f"{path}/pin", json={"item_id": items[1]})
    assert not await gone(), "its own product is explained now: the lot stays"
    await studio.owner.post(f"{path}/pin", json={"item_id": items[0]})
    assert await gone()
    await show(first)
    await studio.owner.post(f"{path}/items/{items[0]}/withdraw", json={})
    assert await gone()
    await show(second)
    assert (await studio.owner.post(f"{path}/end", json={})).status_code == 200
    assert [open_ for _, open_ in await _rows(studio)] == [False] * 5
    late = await studio.owner.post(f"{path}/on-camera", json={"lot_id": first})
    assert late.json()["type"] == "/problems/not-on-air"


async def test_a_scan_finds_the_lot_and_a_strange_code_does_not(
    studio: Studio, guest: Guest
) -> None:
    path, _ = await _on_air(studio)
    lot = (await _lots(studio))[studio.packs[0]]
    async with studio.database.begin() as tx:
        box = (await supply.boxes_of_lot(tx, lot.lot_id, 1, 0))[0]
        others = (await supply.lots_for_packs(tx, guest.org_id, guest.packs))[guest.packs[0]][0]
    for code in (lot.code.lower(), box.code, f"HTTPS://TIANTOU.TEST/P/{box.code}"):
        shown = await studio.owner.post(f"{path}/on-camera", json={"code": code})
        assert shown.status_code == 200, shown.text
        assert shown.json()["code"] == lot.code
    for asked in ({"code": others.code}, {"code": "XX"}, {}):
        refused = await studio.owner.post(f"{path}/on-camera", json=asked)
        assert refused.status_code == 422, refused.text
        assert refused.json()["fields"][0]["name"] == "code"
    strange = await studio.owner.post(f"{path}/on-camera", json={"lot_id": str(others.lot_id)})
    assert strange.status_code == 404
    await guest.opens()
    added = await studio.owner.put(
        f"{path}/shelf", json={"items": shelf(*studio.packs, guest.packs[0])}
    )
    assert added.status_code == 200, added.text
    theirs = await studio.owner.post(f"{path}/on-camera", json={"code": others.code})
    assert theirs.status_code == 200, "its seller's goods are on the shelf"


async def test_a_held_lot_is_not_shown(studio: Studio) -> None:
    path, _ = await _on_air(studio)
    lot = (await _lots(studio))[studio.packs[0]]
    async with studio.database.begin() as tx:
        await supply.hold(tx, studio.who, studio.org_id, lot.lot_id, "样例")
    refused = await studio.owner.post(f"{path}/on-camera", json={"lot_id": str(lot.lot_id)})
    assert refused.json()["type"] == "/problems/lot-not-open"


async def test_of_two_rivals_one_lot_is_on_camera(studio: Studio) -> None:
    path, _ = await _on_air(studio)
    lots = await _lots(studio)
    wanted = [str(lots[pack].lot_id) for pack in studio.packs] * 4
    answers = await asyncio.gather(
        *(studio.owner.post(f"{path}/on-camera", json={"lot_id": lot}) for lot in wanted)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sum(open_ for _, open_ in await _rows(studio)) == 1
