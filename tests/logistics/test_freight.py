"""What carrying costs, and where a seller does not send."""

import pytest

from tiantou.core.db import Database
from tiantou.kit import ids
from tiantou.logistics import face as logistics
from tiantou.logistics.face import FreightView, NotServed

ORG = ids.uuid7()


async def test_until_it_is_set_freight_is_included(database: Database) -> None:
    async with database.begin() as tx:
        quote = await logistics.quote(tx, ORG, "650102", 2500)
    assert (quote.fen, quote.days) == (0, 3)


async def test_flat_free_from_and_not_served(database: Database) -> None:
    setting = FreightView(
        flat_fen=800,
        free_from_fen=5000,
        not_served=["650000", "54", "540102", "632500"],
        days_promised=4,
    )
    async with database.begin() as tx:
        kept = await logistics.set_freight(tx, ORG, setting)
        assert kept.not_served == ["54", "6325", "65"]
        assert (await logistics.quote(tx, ORG, "110101", 2500)).fen == 800
        assert (await logistics.quote(tx, ORG, "110101", 2500, 4999)).fen == 800
        assert (await logistics.quote(tx, ORG, "110101", 2500, 5000)).fen == 0
        assert (await logistics.quote(tx, ORG, "632601", 2500)).days == 4
        for code in ("650102", "540121", "632521"):
            with pytest.raises(NotServed):
                await logistics.quote(tx, ORG, code, 2500)
