"""The go-live guard, one transaction; and the gate that a product passes before it is shown.

What no module keeps yet (training, tasting) is a standing that is granted until oversight keeps it.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.live import sessions_sql as sql
from tiantou.live import views
from tiantou.live.problems import GateClosed, ItemUnavailable
from tiantou.live.tables import ItemRow, SessionRow
from tiantou.live.wire import GateCheck
from tiantou.supply import face as supply
from tiantou.trade import face as trade


def _check(name: str, fault: str) -> GateCheck:
    return GateCheck(check=name, ok=not fault, why=fault)


async def _identity(tx: Tx, row: SessionRow) -> str:
    return identity_fault(await accounts.org(tx, row.org_id))


def identity_fault(org: accounts.OrgView | None) -> str:
    """What is wrong with who sells, "" if nothing is: not admitted, or verified too long ago."""
    if org is None or org.state != "admitted":
        return "not-admitted"
    if org.verified_until is not None and org.verified_until <= clock.now():
        return "verification-overdue"
    return ""


async def _standing(tx: Tx, row: SessionRow, kind: str) -> str:
    verdict = await accounts.standing(tx, "org", row.org_id, kind)
    return "" if verdict.ok else (verdict.reason or kind)


async def _guests(tx: Tx, items: Sequence[ItemRow], packs: dict[UUID, catalog.PackView]) -> str:
    """The first fault of what other sellers sell here: the seller himself, or his consent."""
    guests = [one for one in items if one.granted_permille is not None]
    orgs = await accounts.orgs(tx, {one.org_id for one in guests})
    for one in guests:
        org = orgs.get(one.org_id)
        fault = identity_fault(org)
        if fault:
            return f"seller-{fault}:{org.name if org else one.org_id}"
        pack = packs.get(one.pack_id)
        if pack is not None and pack.rooms_permille is None:
            return f"not-open-to-rooms:{pack.title}"
    return ""


async def _goods(tx: Tx, items: Sequence[ItemRow]) -> dict[str, str]:
    """The first fault of the goods in each respect, "" if there is none."""
    faults = {"seller_file": "", "unit_price": "", "certificate": "", "stock": ""}
    if not items:
        return faults | {"seller_file": "shelf-empty"}
    packs = await catalog.packs(tx, [one.pack_id for one in items])
    kinds = await catalog.varieties(tx, [pack.variety_id for pack in packs.values()])
    faults["seller_file"] = await _guests(tx, items, packs)
    standing: dict[UUID, trade.OfferView] = {}
    lots_of: dict[UUID, list[supply.PackedLotView]] = {}
    for org_id in {one.org_id for one in items}:
        theirs = [one.pack_id for one in items if one.org_id == org_id]
        standing |= await views.standing(tx, org_id, theirs)
        lots_of |= await supply.lots_for_packs(tx, org_id, theirs)
    for one in items:
        pack = packs.get(one.pack_id)
        if pack is None or not pack.on:
            faults["seller_file"] = faults["seller_file"] or "product-off"
            continue
        if one.pack_id not in standing:
            faults["stock"] = faults["stock"] or f"never-stocked:{pack.title}"
        if not pack.unit or pack.price_fen <= 0:
            faults["unit_price"] = faults["unit_price"] or pack.title
        without = any(lot.certificate_no is None for lot in lots_of.get(one.pack_id, ()))
        if without and kinds[pack.variety_id].certificate_due:
            faults["certificate"] = faults["certificate"] or f"no-certificate:{pack.title}"
    return faults


async def checks(tx: Tx, row: SessionRow, writable: bool) -> list[GateCheck]:
    """Every check of the go-live guard, with what is wrong."""
    items = [one for one in await sql.items(tx, [row.id]) if one.state != "withdrawn"]
    goods = await _goods(tx, items)
    reviewed = row.review_state == "approved"
    return [
        _check("identity", await _identity(tx, row)),
        _check("review", "" if reviewed else "not-approved"),
        _check("training", await _standing(tx, row, "training")),
        *(_check(name, fault) for name, fault in goods.items()),
        _check("recording", "" if writable else "cannot-record"),
    ]


async def must_be_open(tx: Tx, row: SessionRow, writable: bool) -> None:
    """Raises GateClosed with the checks that failed."""
    failed = [one for one in await checks(tx, row, writable) if not one.ok]
    if failed:
        raise GateClosed(checks=[one.model_dump() for one in failed])


async def item_may_be_shown(tx: Tx, item: ItemRow) -> None:
    """The gate of one product that is added or pinned on air. Raises ItemUnavailable."""
    faults = await _goods(tx, [item])
    for name, fault in faults.items():
        if fault:
            raise ItemUnavailable(why=f"{name}:{fault}")


async def close_flashes(tx: Tx, row: SessionRow) -> None:
    """Closes the flash offers of a session that is over; their units go back to the stock."""
    held: list[Any] = [one for one in await sql.items(tx, [row.id]) if one.flash_offer_id]
    for one in held:
        await trade.close_offer(tx, one.org_id, one.flash_offer_id)
        one.flash_offer_id = None
