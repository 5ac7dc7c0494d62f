"""What a passport says was tested of its box: before the camera, by hand, in a laboratory."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.core.db import Tx
from tiantou.live import face as live
from tiantou.live.face import Clip
from tiantou.supply import face as supply
from tiantou.supply.face import InspectionView

TESTS_MAX, CAMERA_MAX, SHOWN_MAX, READ_MAX = 12, 6, 3, 200
# What was done before a number was entered, and a little after it.
BEFORE, AFTER = timedelta(seconds=20), timedelta(seconds=8)
TOGETHER = timedelta(seconds=25)
SHOWN_S = timedelta(seconds=30)


class BoxTest(Struct, frozen=True, kw_only=True):
    """Tests that belong together, or a lot that was only shown; the clip if it was on camera."""

    kind: str
    at: datetime
    parts: list[InspectionView]
    clip: Clip | None


async def of_lot(tx: Tx, lot_id: UUID) -> list[BoxTest]:
    """The tests of a lot and of what it was made of, newest first, TESTS_MAX at most."""
    lots = await supply.ancestors(tx, [lot_id])
    found = await supply.inspections_of_lots(tx, lots, READ_MAX)
    together = _together(found)
    groups = [one for one in together if one[0].session_id is not None][:CAMERA_MAX]
    rest = [one for one in together if one[0].session_id is None]
    groups += rest[: TESTS_MAX - len(groups)]
    seen = await live.showings(tx, lots, READ_MAX)
    tested = [one for one in found if one.session_id is not None]
    bare = [
        one
        for one in seen
        if not any(
            test.session_id == one.session_id
            and test.lot_id == one.lot_id
            and test.at >= one.begins_at
            and (one.ends_at is None or test.at <= one.ends_at)
            for test in tested
        )
    ][:SHOWN_MAX]
    moments = [
        (one[0].session_id, one[-1].at - BEFORE, one[0].at + AFTER)
        for one in groups
        if one[0].session_id is not None
    ]
    moments += [(one.session_id, one.begins_at, one.begins_at + SHOWN_S) for one in bare]
    clips = iter(await live.clips(tx, moments))
    made = [
        BoxTest(
            kind=one[0].kind,
            at=one[0].at,
            parts=one,
            clip=next(clips) if one[0].session_id is not None else None,
        )
        for one in groups
    ]
    made += [BoxTest(kind="shown", at=one.begins_at, parts=[], clip=next(clips)) for one in bare]
    return sorted(made, key=lambda one: one.at, reverse=True)


def _together(found: list[InspectionView]) -> list[list[InspectionView]]:
    """Tests of a lot in a session within TOGETHER are one, so that one clip shows them all."""
    groups: list[list[InspectionView]] = []
    for one in found:
        newest = groups[-1][0] if groups else None
        if (
            newest is not None
            and one.session_id is not None
            and (newest.session_id, newest.lot_id) == (one.session_id, one.lot_id)
            and newest.at - one.at <= TOGETHER
        ):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups
