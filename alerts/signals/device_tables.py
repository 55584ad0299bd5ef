"""Tables of registered devices and their tests."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Number: sa.Double[float] = sa.Double()

device = sa.Table(
    "device",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("name", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("facility", _Text),
    sa.Column("place", _Text),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("cameras", _Text, nullable=False),  # JSON: ids
    sa.Column("heartbeat_s", _Number),
    sa.Column("topic", _Text),
    sa.Column("account", _Text),  # by which its panel is known on an alarm line
    sa.Column("written_by", _Text, nullable=False),
    sa.Column("written_at", _Number, nullable=False),
    sa.Column("removed_by", _Text),
    sa.Column("removed_at", _Number),
)
sa.Index("ix_device_facility", device.c.facility)
sa.Index("ix_device_written", device.c.written_at)

device_test = sa.Table(
    "device_test",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("device_id", _Text, nullable=False),  # of the browser or of the files
    sa.Column("reason", _Text, nullable=False),
    sa.Column("begins_at", _Number, nullable=False),
    sa.Column("ends_at", _Number, nullable=False),
    sa.Column("begun_by", _Text, nullable=False),
    sa.Column("ended_by", _Text),
    sa.Column("ended_at", _Number),
)
sa.Index("ix_device_test_ends", device_test.c.ends_at)
