"""Which alerts' evidence must be kept, by whose word and why. Rows are never deleted."""

import sqlalchemy as sa

from alerts.store.tables import metadata

hold = sa.Table(
    "hold",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("set_by", sa.Text(), nullable=False),
    sa.Column("set_at", sa.Double(), nullable=False),
    sa.Column("ended_at", sa.Double()),
    sa.Column("ended_by", sa.Text()),
    sa.Column("end_reason", sa.Text()),
)
sa.Index(
    "uq_hold_in_force",
    hold.c.alert_id,
    unique=True,
    sqlite_where=hold.c.ended_at.is_(None),
    postgresql_where=hold.c.ended_at.is_(None),
)
