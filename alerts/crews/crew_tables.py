"""Tables of crews' reports, photos and videos. Times are UTC unix seconds."""

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_tables import GOES_OVER
from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

crew_report = sa.Table(
    "crew_report",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column(
        "incident_id", _Text, sa.ForeignKey("incident.id"), nullable=False, info={GOES_OVER: True}
    ),
    sa.Column("unit_id", _Text, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("key", _Text, nullable=False),  # the phone's own; never twice, however late it comes
    sa.Column("kind", _Text, nullable=False),
    sa.Column("state", _Text),
    sa.Column("text", _Text),
    sa.Column("happened_at", _Time, nullable=False),
    sa.Column("received_at", _Time, nullable=False),
    sa.Column("by", _Text, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("media_type", _Text),
    sa.Column("answered_by", _Text),  # of a request
    sa.Column("answered_at", _Time),
    sa.UniqueConstraint("unit_id", "key", name="uq_crew_report_key"),
)
sa.Index("ix_crew_report_incident", crew_report.c.incident_id, crew_report.c.happened_at)
_waits = sa.and_(crew_report.c.kind == "request", crew_report.c.answered_at.is_(None))
sa.Index(
    "ix_crew_report_waits",
    crew_report.c.received_at,
    sqlite_where=_waits,
    postgresql_where=_waits,
)

crew_file = sa.Table(
    "crew_file",
    metadata,
    sa.Column("report_id", _Text, sa.ForeignKey("crew_report.id"), primary_key=True),
    sa.Column("content", _Text, nullable=False),
)
