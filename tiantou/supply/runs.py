"""What every run has in common: who may go in, what goes where, to the gram."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit.money import shares
from tiantou.supply import moves_sql
from tiantou.supply.lifecycle import LOT
from tiantou.supply.problems import LotNotOpen, LotShort, MassDiffers
from tiantou.supply.views import LotView

# What leaves the chain on the way: culled, or given elsewhere.
GONE = ("spoil", "donate", "process")
PARENTS_MAX, OUTPUTS_MAX = 200, 20


class Made(Struct, frozen=True, kw_only=True):
    """A lot that a run makes, with its grams."""

    lot_id: UUID
    grams: int


class Masses(Struct, frozen=True, kw_only=True):
    """The masses of a run: grams that went in by lot, losses by their reason, grams that came out.

    `losses` has `cull`, GONE and `shrink`.
    """

    grams: dict[UUID, int]
    losses: dict[str, int]
    out_g: int

    @property
    def in_g(self) -> int:
        """All that went in."""
        return sum(self.grams.values())


def weighed(
    grams: dict[UUID, int], out_g: int, gone: dict[str, int], tolerance_permille: int
) -> Masses:
    """The masses of a run; what is missing is booked as `shrink`.

    Raises MassDiffers if more came out than went in, or if more is missing than so many thousandths
    of what went in.
    """
    in_g, out = sum(grams.values()), out_g + sum(gone.values())
    missing, allowed = in_g - out, in_g * tolerance_permille // 1000
    if not 0 <= missing <= allowed:
        raise MassDiffers(in_g=in_g, out_g=out, missing_g=missing, allowed_g=allowed)
    return Masses(grams=grams, losses={**gone, "shrink": missing}, out_g=out_g)


async def taken(tx: Tx, org_id: UUID, grams: dict[UUID, int]) -> list[LotView]:
    """The lots that go into a run, held, in the order of their ids.

    Raises NotFound, InvalidFields, LotNotOpen, LotShort(grams_left).
    """
    if not 1 <= len(grams) <= PARENTS_MAX:
        raise InvalidFields.one("lots", "length", min=1, max=PARENTS_MAX)
    if min(grams.values()) < 1:
        raise InvalidFields.one("lots", "range", min=1)
    held = await moves_sql.lock_lots(tx, org_id, grams)
    for lot_id, wanted in grams.items():
        lot = held.get(lot_id)
        if lot is None:
            raise NotFound()
        if lot.kind == "packed":
            raise InvalidFields.one("lot_id", "packed")
        if lot.state != LOT.init:
            raise LotNotOpen(state=lot.state)
        if lot.grams_left < wanted:
            raise LotShort(grams_left=lot.grams_left)
    return [held[lot_id] for lot_id in sorted(grams)]


def split(sources: Sequence[int], amounts: Sequence[int]) -> list[list[int]]:
    """Of each amount the grams that each source gives: in proportion, exact in both directions.

    The amounts sum to what the sources have. Each takes from what earlier ones left, by largest
    remainder, so no source ever gives more than it has.
    """
    left, parts = list(sources), []
    for amount in amounts:
        part = shares(amount, left) if amount else [0] * len(left)
        left = [have - gives for have, gives in zip(left, part, strict=True)]
        parts.append(part)
    return parts


async def book(
    tx: Tx,
    who: Subject,
    org_id: UUID,
    run_id: UUID,
    reason: str,
    masses: Masses,
    made: Sequence[Made],
    at: datetime,
) -> int:
    """Writes edges and moves of a run whose lots are held; says what its parents have left.

    The moves of `reason` under the run's reference sum to 0: what came out went in.
    """
    parents, ref, by = sorted(masses.grams), str(run_id), who.person_id
    losses = [(why, grams) for why, grams in masses.losses.items() if grams]
    amounts = [one.grams for one in made] + [grams for _, grams in losses]
    parts = split([masses.grams[lot_id] for lot_id in parents], amounts)
    for one, part in zip(made, parts, strict=False):
        await moves_sql.add_edges(tx, one.lot_id, dict(zip(parents, part, strict=True)))
        await moves_sql.move(tx, org_id, one.lot_id, one.grams, reason, ref, by, at)
    rest = 0
    for place, lot_id in enumerate(parents):
        into = sum(part[place] for part in parts[: len(made)])
        out = [(reason, into)]
        out += [(why, parts[len(made) + i][place]) for i, (why, _) in enumerate(losses)]
        left = 0
        for why, grams in out:
            if grams:
                left = await moves_sql.move(tx, org_id, lot_id, -grams, why, ref, by, at)
        rest += left
    return rest


def mixed(parents: Sequence[LotView], masses: Masses) -> dict[str, object]:
    """What a lot made of parents takes from them: prices are weighted means, floors rounded up."""
    total = masses.in_g
    worth = sum(masses.grams[lot.id] * lot.price_fen_per_jin for lot in parents)
    floor = sum(masses.grams[lot.id] * lot.floor_fen_per_jin for lot in parents)
    homes = {lot.household_id for lot in parents}
    plots = {lot.plot_id for lot in parents}
    seasons = {lot.season_id for lot in parents}
    return {
        "household_id": homes.pop() if len(homes) == 1 else None,
        "plot_id": plots.pop() if len(plots) == 1 else None,
        "season_id": seasons.pop() if len(seasons) == 1 else None,
        "price_fen_per_jin": (2 * worth + total) // (2 * total),
        "floor_fen_per_jin": -(-floor // total),
        "harvested_at": min(lot.harvested_at for lot in parents),
        "best_before": min(lot.best_before for lot in parents),
    }
