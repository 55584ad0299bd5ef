"""Tables of notices and their versions, and their rows as records. Times are UTC unix seconds."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.accounts.account_tables import user
from thapcanh.alerts.calls.caller_link_tables import caller_item
from thapcanh.alerts.facilities.facility_tables import facility
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import GOES_OVER, call, incident, incident_member
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.public_notices.personal_data import ProtectedFacts, names_in
from thapcanh.alerts.public_notices.public_notices import (
    WITHDRAWN_TITLE,
    PublicAct,
    PublicNotice,
    PublicNoticeState,
    PublicVersion,
)
from thapcanh.alerts.store.outbox.outgoing import NOTICE, OutgoingEvent, iso_time
from thapcanh.alerts.store.tables import metadata
from thapcanh.config.rules import Priority

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


def notice_event(notice: PublicNotice, version: PublicVersion) -> OutgoingEvent:
    """Return the outgoing event of a version: public text, and no officer.

    A withdrawal includes neither text nor ward, which may be its reason.
    """
    is_removed = version.act is PublicAct.WITHDRAWN
    before = notice.before(version.version)
    data = {
        "id": notice.id,
        "kind": notice.kind.value,
        "ward": None if is_removed else notice.ward,
        "state": "closed" if is_removed else notice.state.value,
        "act": version.act.value,
        "title": version.title,
        "text": version.text,
        "reason": version.reason,
        "published_at": iso_time(version.at),
        "replaces": None
        if before is None
        else {"type": _type(before), "version": before.version, "at": before.at},
    }
    return OutgoingEvent(
        type=_type(version),
        subject=f"{NOTICE}/{notice.id}",
        kind=NOTICE,
        priority=Priority.P2,
        version=version.version,
        at=version.at,
        agency=notice.agency,
        area=notice.area,
        data=data,
    )


def notices_of(connection: sa.Connection, rows: Sequence[Any]) -> list[PublicNotice]:
    versions = versions_of(connection, [row.id for row in rows])
    return [
        PublicNotice(
            **{name: getattr(row, name) for name in _SAME_NAME},
            kind=IncidentKind(row.kind),
            state=PublicNoticeState(row.state),
            versions=tuple(versions.get(row.id, ())),
        )
        for row in rows
    ]


def versions_of(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[PublicVersion]]:
    """Return the published versions of these notices, the first one first."""
    query = sa.select(public_notice_version).where(public_notice_version.c.notice_id.in_(ids))
    found: dict[str, list[PublicVersion]] = {}
    for row in connection.execute(query.order_by(public_notice_version.c.version)):
        facts = {name: getattr(row, name) for name in PublicVersion.__dataclass_fields__}
        facts["act"] = PublicAct(row.act)
        if facts["act"] is PublicAct.WITHDRAWN:  # older rows repeat what they withdrew
            facts |= {"title": WITHDRAWN_TITLE, "text": ""}
        found.setdefault(row.notice_id, []).append(PublicVersion(**facts))
    return found


def protected_facts(connection: sa.Connection, incident_id: str | None) -> ProtectedFacts:
    """Return numbers, names and places of an incident, of officers and of facilities."""
    calls = [] if incident_id is None else connection.execute(_calls_of(incident_id)).all()
    matching = incident.c.id == incident_id
    places = [*connection.execute(sa.select(incident).where(matching)), *calls]
    notes = sa.select(incident_member.c.words).where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.type == MemberType.NOTE.value,
    )
    people = [*connection.execute(sa.select(user.c.name)).scalars(), *_contacts(connection)]
    written = [row.said for row in calls] + [*connection.execute(notes).scalars(), *people]
    shown = sa.select(caller_item.c.lat, caller_item.c.lon).where(
        caller_item.c.call_id.in_([row.id for row in calls])
    )
    points = [(row.lat, row.lon) for row in [*places, *connection.execute(shown)]]
    return ProtectedFacts(
        numbers=frozenset(row.caller for row in calls if row.caller),
        names=frozenset(
            name
            for name in (*people, *(one for text in written for one in names_in(text or "")))
            if len(name.split()) > 1  # one word alone is also a word of the language
        ),
        places=frozenset(row.place for row in places if row.place),
        positions=frozenset(one for one in points if None not in one),
        wards=frozenset(row.ward for row in places if row.ward),
    )


def _calls_of(incident_id: str) -> sa.Select[Any]:
    members = sa.select(incident_member.c.member_id).where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.type == MemberType.CALL.value,
    )
    return sa.select(call).where(call.c.id.in_(members))


def _contacts(connection: sa.Connection) -> Iterator[str]:
    query = sa.select(facility.c.contacts).where(
        facility.c.removed_at.is_(None), facility.c.contacts != "[]"
    )
    for contacts in connection.execute(query).scalars():
        yield from (one["name"] for one in json.loads(contacts))


def _type(version: PublicVersion) -> str:
    return f"thapcanh.notice.{version.act.value}.v1"


_SAME_NAME = tuple(
    name for name in PublicNotice.__dataclass_fields__ if name not in {"kind", "state", "versions"}
)
