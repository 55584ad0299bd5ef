"""Tables of shifts and handovers. Rows are never deleted; an end is written."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

shift = sa.Table(
    "shift",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("username", _Text, nullable=False),
    sa.Column("role", _Text, nullable=False),
    sa.Column("taken_at", _Time, nullable=False),
    sa.Column("sound_heard", sa.Boolean),
    sa.Column("ended_at", _Time),
    sa.Column("ended_by", _Text),
    sa.Column("relieved_by", _Text),
)
sa.Index(
    "uq_shift_open",
    shift.c.username,
    unique=True,
    sqlite_where=shift.c.ended_at.is_(None),
    postgresql_where=shift.c.ended_at.is_(None),
)
sa.Index("ix_shift_taken", shift.c.taken_at.desc())
sa.Index("ix_shift_ended", shift.c.ended_at)

handover = sa.Table(
    "handover",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("shift_id", _Text, sa.ForeignKey("shift.id"), nullable=False),
    sa.Column("from_username", _Text, nullable=False),
    sa.Column("to_username", _Text),
    sa.Column("offered_at", _Time, nullable=False),
    sa.Column("note", _Text),
    sa.Column("sheet", _Text, nullable=False),
    sa.Column("closed_at", _Time),
    sa.Column("outcome", _Text),
)
sa.Index(
    "uq_handover_open",
    handover.c.shift_id,
    unique=True,
    sqlite_where=handover.c.closed_at.is_(None),
    postgresql_where=handover.c.closed_at.is_(None),
)
sa.Index("ix_handover_offered", handover.c.offered_at.desc())
