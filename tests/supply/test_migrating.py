"""What was packed before runs had several lots: its rows say the same in the new tables."""

from uuid import uuid4

import asyncpg
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tests.cluster import Cluster
from tests.supply.world import VARIETY
from tiantou.core.db import open_database
from tiantou.kit import ids
from tiantou.migrations.run import config, migrate

CHAIN = "0040_chain"

_BEFORE = """
insert into catalog.product (id, org_id, title, variety_id, grade, description, origin_code, photos,
  fresh, state, search, made_at, changed_at)
values ($1, $2, '橙', $3, '一级', '', '421182', array['x'], true, 'on', '', now(), now());
insert into catalog.pack (id, product_id, org_id, variety_id, grade, position, name, unit, net_g,
  price_fen, made_at) values ($1, $1, $2, $3, '一级', 1, '5 斤', '箱', 2500, 2990, now());
insert into supply.lot (id, org_id, code, kind, state, variety_id, grade, grams_in,
  price_fen_per_jin, floor_fen_per_jin, harvested_at, best_before, made_at, pack_id, net_g)
values ($4, $2, 'A', 'harvest', 'open', $3, '一级', 10000, 1, 0, now(), now(), now(), null, null),
       ($5, $2, 'B', 'packed', 'open', $3, '一级', 7500, 1, 0, now(), now(), now(), $1, 2500);
insert into supply.run (id, org_id, kind, lot_id, boxes, cull_g, by_person, at)
values ($6, $2, 'pack', $5, 3, 0, $7, now());
insert into supply.move (id, org_id, lot_id, place, delta_g, reason, ref, at)
values (uuidv7(), $2, $4, 'store', 10000, 'make', 's', now());
"""


async def test_packed_lots_get_their_run_and_their_boxes_codes(cluster: Cluster) -> None:
    name = f"before_{uuid4().hex[:8]}"
    connection = await asyncpg.connect(cluster.dsn("postgres"))
    await connection.execute(f"create database {name}")
    await connection.close()
    database = open_database(cluster.dsn(name))
    script = ScriptDirectory.from_config(config()).get_revision(CHAIN)
    assert script is not None
    before = str(script.down_revision)

    def to_before(inner: Connection) -> None:
        made = config()
        made.attributes["connection"] = inner
        command.upgrade(made, before)

    async with database.engine.begin() as inner:
        await inner.exec_driver_sql("create schema core")
        await inner.run_sync(to_before)
    connection = await asyncpg.connect(cluster.dsn(name))
    product, org, harvest, packed, run, who = (ids.uuid7() for _ in range(6))
    values = (product, org, VARIETY, harvest, packed, run, who)
    for statement in _BEFORE.strip().split(";\n"):
        if statement.strip(" ;\n"):
            await _insert(connection, statement, values)
    await migrate(database.engine)
    row = await connection.fetchrow("select * from supply.run")
    assert row is not None
    assert (row["in_g"], row["out_g"], row["shrink_g"], row["pack_id"]) == (7500, 7500, 0, product)
    assert (row["packer_id"], row["boxes"]) == (who, 3)
    made = await connection.fetch("select code, run_id from supply.lot order by code")
    assert [tuple(one) for one in made] == [("A", None), ("B", run)]
    boxes = await connection.fetch("select lot_id, no, net_g, code from supply.box order by no")
    assert [(one["lot_id"], one["no"], one["net_g"]) for one in boxes] == [
        (packed, no, 2500) for no in (1, 2, 3)
    ]
    assert len({one["code"] for one in boxes}) == 3
    assert await connection.fetchval("select note from supply.move") == ""
    await connection.close()
    await database.close()


async def _insert(
    connection: asyncpg.Connection, statement: str, values: tuple[object, ...]
) -> None:
    """Runs a statement with those of the values that it names, numbered anew."""
    named = [n for n in range(1, len(values) + 1) if f"${n}" in statement]
    for new, old in enumerate(named, start=1):
        statement = statement.replace(f"${old}", f"@{new}@")
    for new in range(1, len(named) + 1):
        statement = statement.replace(f"@{new}@", f"${new}")
    await connection.execute(statement, *(values[n - 1] for n in named))
