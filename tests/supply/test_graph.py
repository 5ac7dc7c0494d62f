"""Random splits, mixes, returns, scrap: mass conserved, nothing negative, the trace complete.

A model in Python follows the acts; the database must say the same.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.supply.world import World, make_world, reading
from tiantou.core.db import Database, Tx
from tiantou.core.problems import Problem
from tiantou.kit.machine import WrongState
from tiantou.kit.money import shares
from tiantou.supply import acts, trace_sql
from tiantou.supply import face as supply
from tiantou.supply.face import GradeRun, Output, PackRun

NET_G = 2_500
_N = st.integers(0, 9)
_PART = st.integers(0, 1000)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("weigh"), st.integers(1, 60_000), _N, _PART),
        st.tuples(st.just("grade"), _N, _N, _PART),
        st.tuples(st.just("grade"), _N, _N, _PART),
        st.tuples(st.just("pack"), _N, _N, _PART),
        st.tuples(st.just("pack"), _N, _N, _PART),
        st.tuples(st.just("pick"), _N, st.integers(1, 3), _PART),
        st.tuples(st.just("unpick"), _N, st.integers(1, 3), _PART),
        st.tuples(st.just("scrap"), _N, st.integers(1, 5_000), _PART),
        st.tuples(st.just("hold"), _N, _N, _PART),
        st.tuples(st.just("release"), _N, _N, _PART),
    ),
    min_size=6,
    max_size=24,
)


@dataclass
class Model:
    """What there is: grams left by lot, edges by child, states, what each reference took."""

    world: World
    bulk: list[UUID] = field(default_factory=list)
    packed: list[UUID] = field(default_factory=list)
    left: dict[UUID, int] = field(default_factory=dict)
    grown: int = 0
    lost: int = 0
    sold: int = 0
    parents: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    held: set[UUID] = field(default_factory=set)
    taken: dict[tuple[UUID, str], int] = field(default_factory=lambda: defaultdict(int))

    def some(self, first: int, second: int) -> list[UUID]:
        """One to three different bulk lots."""
        picked = [self.bulk[(first + step * second) % len(self.bulk)] for step in range(3)]
        return sorted(set(picked))

    def give(self, grams: dict[UUID, int], made: dict[UUID, int]) -> None:
        """A run: what is not in the lots that it made is lost."""
        for lot, some in grams.items():
            self.left[lot] -= some
        for lot, some in made.items():
            self.left[lot] = some
            self.parents[lot] = set(grams)
        self.lost += sum(grams.values()) - sum(made.values())

    def above(self, lot: UUID) -> set[UUID]:
        """The lot and all that it was made of."""
        found, ahead = {lot}, [lot]
        while ahead:
            new = self.parents[ahead.pop()] - found
            found |= new
            ahead += new
        return found


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    # each example is a database's work: shrinking one would take longer than a test may
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=ACTS)
async def test_whatever_happens_the_books_are_the_models(
    database: Database, steps: list[tuple[str, int, int, int]]
) -> None:
    model = Model(await make_world(database))
    start = [("weigh", 50_000, 0, 0), ("weigh", 30_001, 0, 0), ("weigh", 17, 0, 0)]
    for act, one, two, part in [*start, *steps]:
        try:
            async with database.begin() as tx:
                await _do(tx, model, act, one, two, part)
        except (Problem, WrongState, ValueError):
            continue
    async with database.begin() as tx:
        await _same_books(tx, model)
        await _same_trace(tx, model)


async def _do(tx: Tx, model: Model, act: str, one: int, two: int, part: int) -> None:
    if act == "weigh":
        slip = await supply.weigh_in(
            tx, model.world.who, model.world.org_id, reading(model.world, one)
        )
        model.bulk.append(slip.lot_id)
        model.left[slip.lot_id] = one
        model.grown += one
    elif act in {"grade", "pack"}:
        await (_grade if act == "grade" else _pack)(tx, model, one, two, part)
    elif act in {"pick", "unpick"} and model.packed:
        await _pick(tx, model, act, model.packed[one % len(model.packed)], two)
    elif act == "scrap":
        lots = [*model.bulk, *model.packed]
        lot = lots[one % len(lots)]
        grams = two if lot in model.bulk else NET_G
        why = acts.SCRAPS[part % len(acts.SCRAPS)]
        await acts.scrap(tx, model.world.who, model.world.org_id, lot, why, grams, "")
        model.left[lot] -= grams
        model.lost += grams
    elif act in {"hold", "release"}:
        lots = [*model.bulk, *model.packed]
        lot = lots[one % len(lots)]
        does = acts.hold if act == "hold" else acts.release
        await does(tx, model.world.who, model.world.org_id, lot, "样品送检")
        (model.held.add if act == "hold" else model.held.discard)(lot)


async def _grade(tx: Tx, model: Model, one: int, two: int, part: int) -> None:
    lots = model.some(one, two)
    grams = {lot: max(1, model.left[lot] * part // 1000) for lot in lots}
    total = sum(grams.values())
    cull, spoil, *outs = shares(total, [one, two, 1 + part % 7, 2, 1 + two])
    outputs = [Output(grade=f"{n}级", grams=some) for n, some in enumerate(outs) if some]
    if not outputs:
        raise ValueError("all was culled")
    outputs[0] = Output(grade="一级", grams=outputs[0].grams)
    run = GradeRun(grams=grams, outputs=outputs, cull_g=cull, gone={"spoil": spoil})
    made = await supply.grade_run(tx, model.world.who, model.world.org_id, run)
    model.bulk += made.lot_ids
    made_g = dict(zip(made.lot_ids, (output.grams for output in outputs), strict=True))
    model.give(grams, made_g)


async def _pack(tx: Tx, model: Model, one: int, two: int, part: int) -> None:
    lots = model.some(one, two)
    grams = {lot: max(1, model.left[lot] * part // 1000) for lot in lots}
    boxes = sum(grams.values()) // NET_G
    run = PackRun(
        pack_id=model.world.pack_id,
        boxes=boxes,
        grams=grams,
        cull_g=sum(grams.values()) - boxes * NET_G,
    )
    made = await supply.pack_run(tx, model.world.who, model.world.org_id, run)
    model.packed.append(made.packed_lot_id)
    model.give(grams, {made.packed_lot_id: boxes * NET_G})


async def _pick(tx: Tx, model: Model, act: str, lot: UUID, boxes: int) -> None:
    org, ref = model.world.org_id, "order:1/1"
    sign = 1 if act == "pick" else -1
    await (supply.pick if act == "pick" else supply.unpick)(tx, org, lot, boxes, ref)
    model.left[lot] -= sign * boxes * NET_G
    model.taken[lot, ref] += sign * boxes * NET_G
    model.sold += sign * boxes * NET_G


async def _same_books(tx: Tx, model: Model) -> None:
    org = {"org": model.world.org_id}
    rows = await tx.execute(
        text(
            "select l.id, l.state, l.kind, b.grams, coalesce(sum(m.delta_g), 0) as moved,"
            " (select count(*) from supply.box x where x.lot_id = l.id) as codes,"
            " l.grams_in / coalesce(l.net_g, 1) as boxes"
            " from supply.lot l join supply.lot_balance b on b.lot_id = l.id"
            " left join supply.move m on m.lot_id = l.id where l.org_id = :org"
            " group by l.id, b.grams"
        ),
        org,
    )
    seen = {row.id: row for row in rows}
    assert {lot: row.grams for lot, row in seen.items()} == model.left
    assert {lot for lot, row in seen.items() if row.state == "held"} == model.held
    for row in seen.values():
        assert row.grams == row.moved >= 0
        assert row.kind != "packed" or row.codes == row.boxes
    assert model.grown == sum(model.left.values()) + model.lost + model.sold
    wrong = await tx.execute(
        text(
            "select r.id from supply.run r where r.org_id = :org and (r.out_g <>"
            " (select sum(m.delta_g) from supply.move m where m.ref = r.id::text and delta_g > 0)"
            " or -r.in_g <> (select sum(m.delta_g) from supply.move m"
            "   where m.ref = r.id::text and m.delta_g < 0)"
            " or r.out_g <> (select sum(e.grams) from supply.lot_edge e"
            "   join supply.lot l on l.id = e.child_id where l.run_id = r.id))"
        ),
        org,
    )
    assert wrong.all() == []


async def _same_trace(tx: Tx, model: Model) -> None:
    lots = [*model.bulk, *model.packed]
    above = {lot: model.above(lot) for lot in lots}
    for lot in lots:
        assert set(await trace_sql.up(tx, [lot])) == above[lot]
        below = {other for other in lots if lot in above[other]}
        assert set(await trace_sql.down(tx, [lot])) == below
        roots = {one for one in above[lot] if not model.parents[one]}
        assert {root.lot_id for root in await trace_sql.roots(tx, [lot])} == roots
        whole = await supply.lot(tx, model.world.org_id, lot)
        assert whole is not None
        parts = await supply.roots(tx, lot)
        assert sum(part.grams for part in parts) == whole.grams_in
        assert {part.lot_id for part in parts} <= roots
