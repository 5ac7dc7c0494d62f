"""What catalog announces."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tiantou.core.outbox import Fact


class ProductChanged(Fact, frozen=True, kw_only=True):
    """A product was made or changed. `pack_ids` are its packs now, `retired` those just retired."""

    keyed_by: ClassVar[str] = "product_id"
    product_id: UUID
    org_id: UUID
    state: str
    pack_ids: list[UUID]
    retired: list[UUID]
    at: datetime
