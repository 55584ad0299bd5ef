"""The table of centres that live, or lived, on one PostgreSQL archive. UTC unix seconds."""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Time: sa.Double[float] = sa.Double()

centre = sa.Table(
    "centre",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("seen_at", _Time, nullable=False),  # by the database's clock
    sa.Column("ahead_s", _Time, nullable=False),  # its own clock against the database's
    sa.Column("within_s", _Time, nullable=False),  # how wrong that may be
)
