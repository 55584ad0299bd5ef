"""Tables of the action log, the change feed and idempotency keys.

Times are UTC unix seconds.
"""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("change_seq", sa.BigInteger, nullable=False),
    sa.Column("oldest_change_seq", sa.BigInteger, nullable=False),
    sa.Column("log_seq", sa.BigInteger, nullable=False),
    sa.Column("log_hash", _Text, nullable=False),
    sa.Column("log_signature", _Text),  # of its end, by `thapcanh.alerts.store.log_key`
)
alert_number = sa.Table(
    "alert_number",
    metadata,
    sa.Column("day", _Text, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
alert_change = sa.Table(
    "alert_change",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("alert_id", _Text, sa.ForeignKey("alert.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("reason", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
)


sa.Index("ix_alert_change_at", alert_change.c.at)


incident_change = sa.Table(
    "incident_change",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("incident_id", _Text, sa.ForeignKey("incident.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("reason", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
)
sa.Index("ix_incident_change_at", incident_change.c.at)


action_log = sa.Table(
    "action_log",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("actor", _Text, nullable=False),
    sa.Column("role", _Text, nullable=False),
    sa.Column("action", _Text, nullable=False),
    sa.Column("object_id", _Text, nullable=False),
    sa.Column("reason", _Text),
    sa.Column("note", _Text),
    sa.Column("details", _Text, nullable=False),
    sa.Column("prev_hash", _Text, nullable=False),
    sa.Column("hash", _Text, nullable=False),
)


sa.Index("ix_action_log_object", action_log.c.object_id, action_log.c.seq)


idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("username", _Text, primary_key=True),
    sa.Column("key", _Text, primary_key=True),
    sa.Column("body_sha256", _Text, nullable=False),
    sa.Column("result", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
)
sa.Index("ix_idempotency_at", idempotency.c.at)
