"""The tables of incidents, calls, units and who was told. Times are UTC unix seconds.

Rows of `call` are only ever added, of `incident_step` all but the control and closing of what is
opened again, and no member is deleted: what was separated keeps its row with the time.
`incident_change` shares
its numbers with `alert_change` (`ledger`).
"""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
_Number: sa.Double[float] = sa.Double()

GOES_OVER = "goes_over"
"""Marks a column that names an incident: where that is joined into another, rows go over."""

number_series = sa.Table(
    "number_series",
    metadata,
    sa.Column("series", _Text, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("number", _Text, nullable=False, unique=True),
    sa.Column("state", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("class_group", _Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("people_version", sa.Integer, nullable=False),
    sa.Column("place", _Text),
    sa.Column("ward", _Text),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("owner", _Text),
    sa.Column("held_since", _Time),  # by this owner
    sa.Column("opened_at", _Time, nullable=False),
    sa.Column("opened_by", _Text, nullable=False),
    sa.Column("last_at", _Time, nullable=False),  # when something of it was last told of
    sa.Column("due_at", _Time),  # until when somebody must answer
    sa.Column("escalated_at", _Time),
    sa.Column("disposition", _Text),
    sa.Column("report", _Text),
    sa.Column("closed_by", _Text),
    sa.Column("closed_at", _Time),
    sa.Column("merged_into", _Text, sa.ForeignKey("incident.id")),
    sa.Column(
        "words", _Text, nullable=False, server_default=""
    ),  # see `thapcanh.alerts.store.plain_text`
)
_is_open = incident.c.closed_at.is_(None)
sa.Index("ix_incident_newest", incident.c.opened_at.desc(), incident.c.id.desc())
sa.Index(
    "ix_incident_open",
    incident.c.class_group,
    incident.c.last_at,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
_is_due = incident.c.due_at.is_not(None)
sa.Index("ix_incident_due", incident.c.due_at, sqlite_where=_is_due, postgresql_where=_is_due)

incident_member = sa.Table(
    "incident_member",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("incident_id", _Text, sa.ForeignKey("incident.id"), nullable=False),
    sa.Column("type", _Text, nullable=False),
    sa.Column("member_id", _Text, nullable=False),
    sa.Column("joined_at", _Time, nullable=False),
    sa.Column("by", _Text, nullable=False),
    sa.Column("words", _Text),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("left_at", _Time),
    sa.Column("left_by", _Text),
    sa.Column("because", _Text),  # JSON: why it was joined; see `rows.joining`
    sa.Column("unseen_since", _Time),  # it came into taken work, and its holder has not seen it
    sa.Column("verdict", _Text),  # of what is no alert, and `unclear` of any
    sa.Column("verdict_reason", _Text),
    sa.Column("verdict_by", _Text),
    sa.Column("verdict_at", _Time),
)
_is_member = incident_member.c.left_at.is_(None)
sa.Index("ix_incident_member_incident", incident_member.c.incident_id, incident_member.c.joined_at)
sa.Index("ix_incident_member_member", incident_member.c.member_id)
_is_unseen = incident_member.c.unseen_since.is_not(None)
sa.Index(
    "ix_incident_member_unseen",
    incident_member.c.incident_id,
    sqlite_where=_is_unseen,
    postgresql_where=_is_unseen,
)
sa.Index(  # the type last: an index that begins with it is taken for every type, and read whole
    "uq_incident_member_live",
    incident_member.c.member_id,
    incident_member.c.type,
    unique=True,
    sqlite_where=_is_member,
    postgresql_where=_is_member,
)

incident_step = sa.Table(
    "incident_step",
    metadata,
    sa.Column("incident_id", _Text, sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("step", _Text, primary_key=True),
    sa.Column("at", _Time, nullable=False),
    sa.Column("by", _Text, nullable=False),
)

call = sa.Table(
    "call",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("number", _Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("line", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("caller", _Text),
    sa.Column("place", _Text),
    sa.Column("ward", _Text),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("said", _Text),
    sa.Column("at", _Time, nullable=False),
    sa.Column("by", _Text, nullable=False),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("words", _Text, nullable=False, server_default=""),
    sa.UniqueConstraint("year", "number", name="uq_call_number"),
)
sa.Index("ix_call_newest", call.c.at.desc(), call.c.id.desc())
sa.Index(  # all that a search asks, so that it reads no whole rows
    "ix_call_search",
    *(call.c.at.desc(), call.c.id.desc(), call.c.words, call.c.kind, call.c.agency, call.c.area),
    info={"dialect": "sqlite"},
)
sa.Index(
    "ix_call_words",
    call.c.words,
    postgresql_using="gin",
    postgresql_ops={"words": "gin_trgm_ops"},  # of the extension `pg_trgm`
    info={"dialect": "postgresql"},
)
_has_caller = call.c.caller.is_not(None)
sa.Index(
    "ix_call_caller",
    call.c.caller,
    call.c.at.desc(),
    sqlite_where=_has_caller,
    postgresql_where=_has_caller,
)

unit = sa.Table(
    "unit",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("name", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("station", _Text),
    sa.Column("phone", _Text),
    sa.Column("status", _Text, nullable=False),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("position_at", _Time),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("updated_at", _Time, nullable=False),
    sa.Column("removed_at", _Time),
)

assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column(
        "incident_id", _Text, sa.ForeignKey("incident.id"), nullable=False, info={GOES_OVER: True}
    ),
    sa.Column("unit_id", _Text, sa.ForeignKey("unit.id")),
    sa.Column("told", _Text, nullable=False),  # the unit's name then, or a service's: `114`
    sa.Column("way", _Text, nullable=False),
    sa.Column("told_at", _Time, nullable=False),
    sa.Column("told_by", _Text, nullable=False),
    sa.Column("read_back", sa.Boolean, nullable=False),
    sa.Column("due_at", _Time),  # until when it must answer
    sa.Column("answered_at", _Time),
    sa.Column("answer", _Text),
    sa.Column("escalated_at", _Time),
    sa.Column("ended_at", _Time),
)
_waits = assignment.c.due_at.is_not(None)
sa.Index("ix_assignment_incident", assignment.c.incident_id, assignment.c.told_at)
sa.Index("ix_assignment_due", assignment.c.due_at, sqlite_where=_waits, postgresql_where=_waits)
_continues = assignment.c.ended_at.is_(None)
sa.Index(
    "uq_assignment_unit",
    assignment.c.unit_id,
    unique=True,
    sqlite_where=_continues,
    postgresql_where=_continues,
)
