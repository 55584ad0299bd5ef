"""Table of positions, deleted after the site's days."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Number: sa.Double[float] = sa.Double()

unit_track = sa.Table(
    "unit_track",
    metadata,
    sa.Column("unit_id", _Text, primary_key=True),
    sa.Column("at", _Number, primary_key=True),
    sa.Column("lat", _Number, nullable=False),
    sa.Column("lon", _Number, nullable=False),
    sa.Column("received_at", _Number, nullable=False),
)
sa.Index("ix_unit_track_received", unit_track.c.received_at)
