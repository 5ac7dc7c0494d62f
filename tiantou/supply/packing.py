"""Boxes out of lots: never more than there is, every gram on an edge, each box with its code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from tiantou.catalog import face as catalog
from tiantou.catalog.face import PackView
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import boxes_sql, certificates, moves_sql, runs, weights
from tiantou.supply.claims import covering
from tiantou.supply.events import LotPacked
from tiantou.supply.lifecycle import LOT
from tiantou.supply.problems import GradeDiffers
from tiantou.supply.runs import Made, Masses
from tiantou.supply.views import LotView, Packed

BOXES_MAX = 100_000
WEIGHTS_MAX = 2_000
TARE_G_MAX = 100_000


class PackRun(Struct, frozen=True, kw_only=True):
    """Boxes of a pack out of lots, so many grams of each.

    `cull_g` was taken out while packing. `weights`, if the boxes were weighed, are their net grams
    in order; `tare_g` is what an empty box weighs. `packer_id` did the work.
    """

    pack_id: UUID
    boxes: int
    grams: dict[UUID, int]
    cull_g: int = 0
    tare_g: int = 0
    weights: Sequence[int] = ()
    packer_id: UUID | None = None


async def pack_lot(
    tx: Tx, who: Subject, org_id: UUID, lot_id: UUID, pack_id: UUID, boxes: int
) -> Packed:
    """Packs `boxes` boxes out of one lot. Raises as pack_run does."""
    pack = await _pack(tx, org_id, pack_id)
    run = PackRun(pack_id=pack_id, boxes=boxes, grams={lot_id: boxes * pack.net_g})
    return await pack_run(tx, who, org_id, run)


async def pack_mix(
    tx: Tx, who: Subject, org_id: UUID, pack_id: UUID, boxes: int, grams: dict[UUID, int]
) -> Packed:
    """Packs boxes out of several lots, so many grams of each, with nothing lost.

    Raises as pack_run does, and InvalidFields if the grams are not the boxes' net weight.
    """
    pack = await _pack(tx, org_id, pack_id)
    if sum(grams.values()) != boxes * pack.net_g or min(grams.values()) <= 0:
        raise InvalidFields.one("grams", "sum", sum=boxes * pack.net_g)
    return await pack_run(tx, who, org_id, PackRun(pack_id=pack_id, boxes=boxes, grams=grams))


async def pack_run(tx: Tx, who: Subject, org_id: UUID, asked: PackRun) -> Packed:
    """A pack run: a packed lot with a code for each box; a mix gets a certificate of its own.

    Raises NotFound, InvalidFields, LotNotOpen, GradeDiffers, LotShort, MassDiffers, ShortWeight,
    RootNotCovered.
    """
    pack = await _pack(tx, org_id, asked.pack_id)
    _check(pack, asked)
    total = asked.boxes * pack.net_g
    parents = await runs.taken(tx, org_id, asked.grams)
    for lot in parents:
        _fits(lot, pack)
    await covering.check(tx, org_id, pack.pack_id, list(asked.grams))
    masses = runs.weighed(
        asked.grams, total, {"cull": asked.cull_g}, weights.PACK_TOLERANCE_PERMILLE
    )
    run_id, at = ids.uuid7(), clock.now()
    await _write_run(tx, who, org_id, run_id, asked, masses, at)
    packed_id, code = await _packed_lot(tx, org_id, pack, run_id, parents, masses, at)
    made = [Made(lot_id=packed_id, grams=total)]
    left = await runs.book(tx, who, org_id, run_id, "pack", masses, made, at)
    nets = asked.weights or [pack.net_g] * asked.boxes
    await boxes_sql.add(tx, org_id, packed_id, nets, asked.tare_g)
    if len(parents) > 1:
        await certificates.issue_for_mix(tx, org_id, packed_id, list(asked.grams), total, at)
    await _tell(tx, org_id, pack, run_id, parents, packed_id, asked.boxes, masses, at)
    return Packed(
        run_id=run_id,
        lot_id=parents[0].id,
        packed_lot_id=packed_id,
        packed_code=code,
        boxes=asked.boxes,
        grams=total,
        grams_left=left,
        shrink_g=masses.losses["shrink"],
    )


async def _pack(tx: Tx, org_id: UUID, pack_id: UUID) -> PackView:
    pack = await catalog.pack(tx, pack_id)
    if pack is None or pack.org_id != org_id:
        raise NotFound()
    if pack.retired:
        raise InvalidFields.one("pack_id", "retired")
    return pack


def _check(pack: PackView, asked: PackRun) -> None:
    """Raises InvalidFields, ShortWeight."""
    if not 1 <= asked.boxes <= BOXES_MAX:
        raise InvalidFields.one("boxes", "range", min=1, max=BOXES_MAX)
    if asked.cull_g < 0:
        raise InvalidFields.one("cull_g", "range", min=0)
    if not 0 <= asked.tare_g <= TARE_G_MAX:
        raise InvalidFields.one("tare_g", "range", min=0, max=TARE_G_MAX)
    if asked.weights:
        if len(asked.weights) != asked.boxes:
            raise InvalidFields.one("weights", "length", min=asked.boxes, max=asked.boxes)
        weights.check(pack.net_g, asked.weights)
        if sum(asked.weights) + asked.cull_g > sum(asked.grams.values()):
            raise InvalidFields.one("weights", "sum", max=sum(asked.grams.values()) - asked.cull_g)


def _fits(lot: LotView, pack: PackView) -> None:
    if (lot.variety_id, lot.grade) != (pack.variety_id, pack.grade):
        raise GradeDiffers(
            lot={"variety_id": str(lot.variety_id), "grade": lot.grade},
            pack={"variety_id": str(pack.variety_id), "grade": pack.grade},
        )


async def _write_run(
    tx: Tx, who: Subject, org_id: UUID, run_id: UUID, asked: PackRun, masses: Masses, at: datetime
) -> None:
    await moves_sql.add_run(
        tx,
        id=run_id,
        org_id=org_id,
        kind="pack",
        pack_id=asked.pack_id,
        packer_id=asked.packer_id or who.person_id,
        boxes=asked.boxes,
        in_g=masses.in_g,
        out_g=masses.out_g,
        cull_g=asked.cull_g,
        gone_g=0,
        shrink_g=masses.losses["shrink"],
        tolerance_permille=weights.PACK_TOLERANCE_PERMILLE,
        by_person=who.person_id,
        at=at,
    )


async def _packed_lot(
    tx: Tx,
    org_id: UUID,
    pack: PackView,
    run_id: UUID,
    parents: list[LotView],
    masses: Masses,
    at: datetime,
) -> tuple[UUID, str]:
    code = ids.draw()
    ranks = {lot.grade_rank for lot in parents}
    values: dict[str, Any] = runs.mixed(parents, masses)
    packed_id = await moves_sql.add_lot(
        tx,
        org_id=org_id,
        code=code,
        kind="packed",
        state=LOT.init,
        variety_id=pack.variety_id,
        grade=pack.grade,
        grade_rank=ranks.pop() if len(ranks) == 1 else None,
        pack_id=pack.pack_id,
        net_g=pack.net_g,
        run_id=run_id,
        grams_in=masses.out_g,
        made_at=at,
        **values,
    )
    return packed_id, code


async def _tell(
    tx: Tx,
    org_id: UUID,
    pack: PackView,
    run_id: UUID,
    parents: list[LotView],
    packed_id: UUID,
    boxes: int,
    masses: Masses,
    at: datetime,
) -> None:
    fact = LotPacked(
        pack_id=pack.pack_id,
        run_id=run_id,
        org_id=org_id,
        lot_id=parents[0].id,
        packed_lot_id=packed_id,
        boxes=boxes,
        net_g=pack.net_g,
        floor_fen_per_box=_floor_fen_per_box(parents, masses, boxes),
        at=at,
    )
    await announce(tx, fact)


def _floor_fen_per_box(parents: list[LotView], masses: Masses, boxes: int) -> int:
    """The lowest price of a box, rounded up: the growers' floors are never undercut by a fen.

    What was culled or lost was paid for too, so all that went in counts.
    """
    whole = sum(masses.grams[lot.id] * lot.floor_fen_per_jin for lot in parents)
    return -(-whole // (500 * boxes))
