"""Table of devices' signals; `key` is the sender's, which makes repeats harmless."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

device_signal = sa.Table(
    "device_signal",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("device_id", _Text, nullable=False),
    sa.Column("key", _Text, nullable=False),
    sa.Column("body_sha256", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("told_at", _Time, nullable=False),  # by the device's clock
    sa.Column("received_at", _Time, nullable=False),
    sa.Column("ahead_s", _Time),  # how wrong that clock is; None where it can be believed
    sa.Column("place", _Text),
    sa.Column("restores", _Text),  # of `restored`: the one kind that is over; None: all of the zone
    sa.Column("value", _Text),
    sa.Column("folded", sa.Integer, nullable=False),
    sa.Column("event_id", _Text),  # of the episode that it raised or went on
    sa.UniqueConstraint("device_id", "key", name="uq_device_signal_key"),
)
sa.Index("ix_device_signal_received", device_signal.c.received_at)
