"""The outbox: what may leave the site, written with the change that it tells of; and deliveries.

`outbox_event` is written in the transaction of the change. The centre then makes one `delivery` for
each target that is to be told. Both number themselves under the writers' lock, so numbers follow
the order of commits.
"""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

outbox_event = sa.Table(
    "outbox_event",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", _Text, nullable=False, unique=True),
    sa.Column("type", _Text, nullable=False),
    sa.Column("subject", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("withheld", sa.Boolean, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("data", _Text, nullable=False),  # JSON
    sa.Column("routed_at", _Time),
    sqlite_autoincrement=True,  # a number is never given twice, although rows go
)
sa.Index(
    "ix_outbox_event_waiting",
    outbox_event.c.seq,
    sqlite_where=outbox_event.c.routed_at.is_(None),
    postgresql_where=outbox_event.c.routed_at.is_(None),
)
sa.Index("ix_outbox_event_routed", outbox_event.c.routed_at)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("event_seq", sa.Integer, sa.ForeignKey("outbox_event.seq"), nullable=False),
    sa.Column("target", _Text, nullable=False),
    sa.Column("subject", _Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("reason", _Text, nullable=False),
    sa.Column("state", _Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("due_at", _Time, nullable=False),
    sa.Column("tried_at", _Time),
    sa.Column("ended_at", _Time),
    sa.Column("status", sa.Integer),
    sa.Column("error", _Text),
    sa.UniqueConstraint("event_seq", "target", name="uq_delivery_event_seq"),
)
_WAITING = delivery.c.state == "waiting"
sa.Index(
    "ix_delivery_waiting",
    delivery.c.target,
    delivery.c.priority,
    delivery.c.event_seq,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
sa.Index("ix_delivery_subject", delivery.c.subject, delivery.c.target, delivery.c.event_seq)
sa.Index("ix_delivery_state", delivery.c.target, delivery.c.state, delivery.c.event_seq)
