"""Table of incidents' outcomes: people, damage, cause, means. Times are UTC unix seconds."""

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_tables import GOES_OVER
from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Number: sa.Double[float] = sa.Double()

outcome = sa.Table(
    "outcome",
    metadata,
    sa.Column(
        "incident_id", _Text, sa.ForeignKey("incident.id"), primary_key=True, info={GOES_OVER: True}
    ),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("dead", sa.Integer),
    sa.Column("injured", sa.Integer),
    sa.Column("rescued", sa.Integer),
    sa.Column("damage_vnd", _Number),
    sa.Column("area_m2", _Number),
    sa.Column("cause", _Text),
    sa.Column("premises", _Text),
    sa.Column("vehicles", sa.Integer),
    sa.Column("water_m3", _Number),
    sa.Column("by", _Text, nullable=False),
    sa.Column("at", _Number, nullable=False),
)
