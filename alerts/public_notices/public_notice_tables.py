"""Tables of notices and their published versions. Times are UTC unix seconds."""

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_tables import GOES_OVER
from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

public_notice = sa.Table(
    "public_notice",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("incident_id", _Text, sa.ForeignKey("incident.id"), info={GOES_OVER: True}),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("ward", _Text),
    sa.Column("state", _Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # the last that was published; 0: none
    sa.Column("draft", sa.Integer, nullable=False),  # counts what was drafted
    sa.Column("draft_title", _Text),
    sa.Column("draft_text", _Text),
    sa.Column("drafted_by", _Text),
    sa.Column("drafted_at", _Time),
    sa.Column("made_at", _Time, nullable=False),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
)
sa.Index("ix_public_notice_newest", public_notice.c.made_at.desc())

public_notice_version = sa.Table(
    "public_notice_version",
    metadata,
    sa.Column(
        "notice_id", _Text, sa.ForeignKey("public_notice.id"), primary_key=True, nullable=False
    ),
    sa.Column("version", sa.Integer, primary_key=True, nullable=False),
    sa.Column("act", _Text, nullable=False),
    sa.Column("title", _Text, nullable=False),
    sa.Column("text", _Text, nullable=False),
    sa.Column("reason", _Text),
    sa.Column("drafted_by", _Text),
    sa.Column("signed_by", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
)
