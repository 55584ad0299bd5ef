"""Table of drills; the result of a drill is in its alert."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

drill = sa.Table(
    "drill",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("scenario_id", sa.Text(), nullable=False),
    sa.Column("scenario_name", sa.Text(), nullable=False),
    sa.Column("right_verdict", sa.Text(), nullable=False),
    sa.Column("camera_id", sa.Text(), nullable=False),
    sa.Column("camera_name", sa.Text(), nullable=False),
    sa.Column("area", sa.Text()),
    sa.Column("agency", sa.Text()),
    sa.Column("event_id", sa.Text(), nullable=False, unique=True),
    sa.Column("started_by", sa.Text(), nullable=False),
    sa.Column("started_at", sa.Double(), nullable=False),
    sa.Column("ended_at", sa.Double()),
    sa.Column("ended_by", sa.Text()),
    sa.Column("failure", sa.Text()),
)
sa.Index("ix_drill_started", drill.c.started_at.desc())
