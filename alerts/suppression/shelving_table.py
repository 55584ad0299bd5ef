"""Table of shelvings. Rows are never deleted; an end is written."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

shelf = sa.Table(
    "shelf",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("name", _Text, nullable=False),
    sa.Column("camera_id", _Text, nullable=False),
    sa.Column("camera_name", _Text, nullable=False),
    sa.Column("rule_id", _Text),
    sa.Column("zone_id", _Text),
    sa.Column("area", _Text),
    sa.Column("agency", _Text),
    sa.Column("reason", _Text, nullable=False),
    sa.Column("covers_p1", sa.Boolean, nullable=False),
    sa.Column("set_by", _Text, nullable=False),
    sa.Column("set_at", _Time, nullable=False),
    sa.Column("until", _Time, nullable=False),
    sa.Column("ended_at", _Time),
    sa.Column("ended_by", _Text),
    sa.Column("end_reason", _Text),
)
sa.Index(
    "ix_shelf_in_force",
    shelf.c.camera_id,
    sqlite_where=shelf.c.ended_at.is_(None),
    postgresql_where=shelf.c.ended_at.is_(None),
)
sa.Index("ix_shelf_ended", shelf.c.ended_at)
