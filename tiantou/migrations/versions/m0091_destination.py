"""An address keeps whom a parcel goes to sealed as one, as orders copy it."""

import sqlalchemy as sa
from alembic import op

revision = "0091_destination"
down_revision = "0090_plans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; addresses of before get theirs when they are changed next."""
    op.execute("set local lock_timeout = '5s'")
    op.add_column("address", sa.Column("sealed", sa.LargeBinary()), schema="accounts")
