"""Packed, mixed, picked, given back, read again or taken back: no gram comes or goes."""

from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.supply.world import World, make_world, reading
from tiantou.core.db import Database, Tx
from tiantou.core.problems import Problem
from tiantou.kit.machine import WrongState
from tiantou.supply import face as supply
from tiantou.supply import mixing, slips

NET_G = 2_500
_SMALL = st.integers(0, 7)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("weigh"), st.integers(1, 30_000), _SMALL),
        st.tuples(st.just("pack"), _SMALL, st.integers(1, 6)),
        st.tuples(st.just("mix"), _SMALL, st.integers(1, 2 * NET_G - 1)),
        st.tuples(st.just("pick"), _SMALL, st.integers(1, 4)),
        st.tuples(st.just("pick_first_expired"), _SMALL, st.integers(1, 8)),
        st.tuples(st.just("unpick"), _SMALL, st.integers(1, 4)),
        st.tuples(st.just("read_again"), _SMALL, st.integers(1, 30_000)),
        st.tuples(st.just("void"), _SMALL, _SMALL),
        st.tuples(st.just("mix_lots"), _SMALL, st.integers(1, 15_000)),
        st.tuples(st.just("relabel"), _SMALL, st.integers(1, 15_000)),
        st.tuples(st.just("pack_bulk"), _SMALL, st.integers(1, 6)),
    ),
    min_size=4,
    max_size=24,
)


@dataclass
class Yard:
    """What the acts of one example have to act on."""

    world: World
    slips: list[supply.SlipView] = field(default_factory=list)
    packed: list[UUID] = field(default_factory=list)
    bulk: list[UUID] = field(default_factory=list)

    def lot(self, number: int) -> UUID:
        """A lot in bulk: of the scale, mixed or relabelled."""
        lots = [slip.lot_id for slip in self.slips] + self.bulk
        return lots[number % len(lots)]


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    # each example is a database's work: shrinking one would take longer than a test may
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
async def test_mass_is_conserved(database: Database, acts: list[tuple[str, int, int]]) -> None:
    yard = Yard(await make_world(database))
    for act, one, two in [("weigh", 20_000, 0), ("weigh", 10_000, 0), *acts]:
        try:
            async with database.begin() as tx:
                await _do(tx, yard, act, one, two)
        except (Problem, WrongState, ValueError):
            continue
    await _audit(database, yard)


async def _do(tx: Tx, yard: Yard, act: str, one: int, two: int) -> None:
    world = yard.world
    org, who, pack = world.org_id, world.who, world.pack_id
    if act == "weigh":
        yard.slips.append(await supply.weigh_in(tx, who, org, reading(world, one)))
    elif act == "pack":
        lot_id = yard.slips[one % len(yard.slips)].lot_id
        yard.packed.append((await supply.pack_lot(tx, who, org, lot_id, pack, two)).packed_lot_id)
    elif act == "mix":
        first, second = (yard.slips[(one + n) % len(yard.slips)].lot_id for n in (0, 1))
        grams = {first: two, second: 2 * NET_G - two}
        yard.packed.append((await supply.pack_mix(tx, who, org, pack, 2, grams)).packed_lot_id)
    elif act == "mix_lots":
        halves = {yard.lot(one): two, yard.lot(one + 1): two}
        yard.bulk.append((await mixing.mix(tx, who, org, halves)).lot_id)
    elif act == "relabel":
        made = await mixing.relabel(tx, who, org, yard.lot(one), two, "一级", "标签丢了")
        yard.bulk.append(made.lot_id)
    elif act == "pack_bulk" and yard.bulk:
        lot_id = yard.bulk[one % len(yard.bulk)]
        yard.packed.append((await supply.pack_lot(tx, who, org, lot_id, pack, two)).packed_lot_id)
    elif act == "pick_first_expired":
        await supply.pick_first_expired(tx, org, pack, two, f"order:{one}")
    elif act in {"pick", "unpick"} and yard.packed:
        take = supply.pick if act == "pick" else supply.unpick
        await take(tx, org, yard.packed[one % len(yard.packed)], two, f"order:{one}")
    elif act == "read_again":
        slip_id = yard.slips[one % len(yard.slips)].id
        await supply.step(tx, who, org, slip_id, "dispute")
        await slips.read_again(tx, who, org, slip_id, two, "")
    elif act == "void":
        await slips.void(tx, who, org, yard.slips[one % len(yard.slips)].id, "")


async def _audit(database: Database, yard: Yard) -> None:
    """The books of one organization, in SQL."""
    async with database.begin() as tx:
        org = {"org": yard.world.org_id}
        for statement in (_BALANCE, _RUNS, _EDGES, _GROWN):
            wrong = (await tx.execute(text(statement), org)).all()
            assert wrong == []
        for lot_id in yard.packed + yard.bulk:
            lot = await supply.lot(tx, yard.world.org_id, lot_id)
            assert lot is not None
            shares = await supply.roots(tx, lot_id)
            assert sum(share.grams for share in shares) == lot.grams_in
            assert lot.kind != "packed" or lot.grams_left % NET_G == 0
        everything = await supply.descendants(tx, [slip.lot_id for slip in yard.slips])
        mass = await supply.mass_of(tx, everything)
        assert mass.made_g == mass.in_store_g + mass.in_orders_g


_BALANCE = """
select l.id, b.grams, sum(m.delta_g)
from supply.lot l join supply.lot_balance b on b.lot_id = l.id
left join supply.move m on m.lot_id = l.id
where l.org_id = :org
group by l.id, b.grams having b.grams <> coalesce(sum(m.delta_g), 0) or b.grams < 0
"""
_RUNS = """
select ref, sum(delta_g) from supply.move
where org_id = :org and reason in ('pack', 'mix', 'relabel') group by ref having sum(delta_g) <> 0
"""
_EDGES = """
select l.id from supply.lot l where l.org_id = :org and (
    l.kind in ('packed', 'graded') and l.grams_in <>
        (select sum(e.grams) from supply.lot_edge e where e.child_id = l.id)
    or l.kind in ('harvest', 'graded') and
        coalesce((select sum(e.grams) from supply.lot_edge e where e.parent_id = l.id), 0) <>
        coalesce((select -sum(m.delta_g) from supply.move m
                  where m.lot_id = l.id and m.delta_g < 0
                    and m.reason in ('pack', 'mix', 'relabel')), 0))
"""
_GROWN = """
with sums as (
    select sum(delta_g) filter (where reason in ('make', 'count')) as grown,
           sum(delta_g) filter (where reason in ('pick', 'return')) as gone,
           (select sum(b.grams) from supply.lot_balance b
            join supply.lot l on l.id = b.lot_id where l.org_id = :org) as here
    from supply.move where org_id = :org
)
select * from sums where grown + coalesce(gone, 0) <> here
"""
