"""Tables of habits, and of cameras in haze advisories."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

camera_habit = sa.Table(
    "camera_habit",
    metadata,
    sa.Column("camera_id", sa.Text(), primary_key=True),
    sa.Column("record", sa.Text()),  # of `habit_record`; none after it was cleared
    sa.Column("updated_at", sa.Double()),
    sa.Column("cleared_at", sa.Double()),
    sa.Column("cleared_by", sa.Text()),
)
sa.Index(
    "ix_camera_habit_cleared",
    camera_habit.c.cleared_at,
    sqlite_where=camera_habit.c.cleared_at.is_not(None),
    postgresql_where=camera_habit.c.cleared_at.is_not(None),
)

haze_camera = sa.Table(
    "haze_camera",
    metadata,
    sa.Column("event_id", sa.Text(), primary_key=True),  # of the advisory
    sa.Column("camera_id", sa.Text(), primary_key=True),
    sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
    sa.Column("joined_at", sa.Double(), nullable=False),
)
