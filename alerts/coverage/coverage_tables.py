"""How each camera was, as spans without holes; when that was written down; days that were lived."""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

camera_span = sa.Table(
    "camera_span",
    metadata,
    sa.Column("camera_id", _Text, primary_key=True),
    sa.Column("since", _Time, primary_key=True),
    sa.Column("until", _Time),
    sa.Column("state", _Text, nullable=False),
    sa.Column("reason", _Text),
    sa.Column("picture", _Text),
    sa.Column("sees", sa.Boolean, nullable=False),
    sa.Column("began_outage", sa.Boolean, nullable=False),  # it saw until then
)
sa.Index("ix_camera_span_until", camera_span.c.until)

recorded_span = sa.Table(
    "recorded_span",
    metadata,
    sa.Column("since", _Time, primary_key=True),
    sa.Column("until", _Time, nullable=False),
)

lived_day = sa.Table(
    "lived_day",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # since 1970, UTC
    sa.Column("seq", sa.Integer, nullable=False, unique=True),  # in the order they were lived
)
