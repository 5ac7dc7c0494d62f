"""Finding people by what they say of themselves."""

from tiantou.accounts import people_sql, phones
from tiantou.accounts.views import PersonView
from tiantou.core.db import Tx
from tiantou.core.keys import Keys


async def by_phone(tx: Tx, keys: Keys, given: str, field: str = "phone") -> PersonView | None:
    """The person of a mobile number; None if nobody signed up with it. Raises InvalidFields."""
    row = await people_sql.by_phone(tx, phones.index(keys, phones.read(field, given)))
    return None if row is None else await people_sql.person(tx, row.id)
