"""Calls as telephone exchanges tell of them. Times are UTC unix seconds.

A row changes while its call goes on and until an officer has written it down; `seq` is the number
of its newest change, of one row with those of alerts and incidents (`ledger`).
"""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

incoming_call = sa.Table(
    "incoming_call",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("exchange", _Text, nullable=False),
    sa.Column("exchange_call_id", _Text, nullable=False),
    sa.Column("line", _Text, nullable=False),
    sa.Column("caller", _Text),
    sa.Column("state", _Text, nullable=False),
    sa.Column("began_at", _Time, nullable=False),
    sa.Column("answered_at", _Time),
    sa.Column("ended_at", _Time),
    sa.Column("taken_by", _Text),
    sa.Column("taken_at", _Time),
    sa.Column("call_id", _Text, sa.ForeignKey("call.id")),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("seq", sa.BigInteger, nullable=False, unique=True),
    sa.UniqueConstraint("exchange", "exchange_call_id", name="uq_incoming_call_exchange_call"),
)
_waits = incoming_call.c.call_id.is_(None)
sa.Index(
    "ix_incoming_call_waiting",
    incoming_call.c.began_at,
    sqlite_where=_waits,
    postgresql_where=_waits,
)
