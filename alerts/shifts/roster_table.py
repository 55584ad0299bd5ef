"""The roster: who is to be on duty when. Rows are never deleted; an end is written in."""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

roster_duty = sa.Table(
    "roster_duty",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("username", _Text, nullable=False),
    sa.Column("duty", _Text, nullable=False),
    sa.Column("begins_at", _Time, nullable=False),
    sa.Column("ends_at", _Time, nullable=False),
    sa.Column("swapped_with", _Text),
    sa.Column("written_by", _Text, nullable=False),
    sa.Column("written_at", _Time, nullable=False),
    sa.Column("removed_by", _Text),
    sa.Column("removed_at", _Time),
)
sa.Index("ix_roster_duty_ends", roster_duty.c.ends_at)
