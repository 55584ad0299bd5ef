"""Table of receivers' positions in the action log."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

siem_position = sa.Table(
    "siem_position",
    metadata,
    sa.Column("receiver", sa.Text(), primary_key=True),
    sa.Column("seq", sa.BigInteger(), nullable=False),
    sa.Column("hash", sa.Text(), nullable=False),
    sa.Column("at", sa.Double(), nullable=False),
)
