"""Reports of incidents: what goes over a link, made from the archive, and read as text.

A report is the incident as it is now, not a difference: of several that wait only the newest goes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.typed_rows import IncidentRow
from thapcanh.alerts.incidents.incident_state import (
    ORDER,
    Disposition,
    IncidentState,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import incident_member
from thapcanh.alerts.incidents.incident_writing import reached_steps
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.rows.row_records import Source, SourceVerdict
from thapcanh.alerts.incidents.rows.sources import sources_of, units_of
from thapcanh.alerts.links import link_rows
from thapcanh.alerts.links.link_records import (
    Link,
    LinkedIncident,
    LinkRefused,
    Sharing,
    SiteLinkRefusal,
)
from thapcanh.alerts.store.outbox.outgoing import iso_time
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.config.rules import Priority

MOST_SOURCES = 12
MOST_UNITS = 12
_LONGEST = 300
_UNTRUE = (Disposition.FALSE_ALARM, Disposition.HOAX, Disposition.NOTHING_FOUND)
_INCIDENT = ("number", "state", "kind", "priority", "version", "place", "ward", "lat", "lon",
             "area", "disposition", "merged_into")  # fmt: skip
_READ = ("incident", "sources", "units", "verdict", "alone")
_STATES = {
    IncidentState.OPEN: "chưa xác minh",
    IncidentState.ASSESSED: "đã xác nhận",
    IncidentState.DISPATCHED: "đã điều lực lượng",
    IncidentState.EN_ROUTE: "lực lượng đang đến",
    IncidentState.ON_SCENE: "lực lượng đã đến nơi",
    IncidentState.CONTROLLED: "đã khống chế",
    IncidentState.CLOSED: "đã kết thúc",
}
_ENDS = {
    Disposition.HANDLED: "đã xử lý xong",
    Disposition.TRANSFERRED: "đã chuyển cơ quan khác",
    Disposition.FALSE_ALARM: "báo nhầm",
    Disposition.HOAX: "báo giả",
    Disposition.NOTHING_FOUND: "không phát hiện gì",
    Disposition.DUPLICATE: "trùng vụ khác",
}


def report_of(
    connection: sa.Connection, row: IncidentRow, link: Link, linked: LinkedIncident
) -> dict[str, Any]:
    """Return the report of an incident to a site, with the sources that are shared.

    No officer is named, and what that site told is not told back.
    """
    sources = [
        one
        for one in sources_of(connection, [row.id], EVERYTHING, MOST_SOURCES)[row.id]
        if (one.camera_id is None or link.sharing.covers_camera(one.camera_id))
        and one.id != link_rows.source_id(link.id, linked.remote_id)
    ]
    units = units_of(connection, [row.id])[row.id][:MOST_UNITS]
    steps = reached_steps(connection, [row.id])[row.id]
    return {
        "incident": {name: getattr(row, name) for name in _INCIDENT}
        | {"opened_at": row.opened_at, "closed_at": row.closed_at, "steps": steps},
        "verdict": _verdict(row, sources),
        "sources": [_source(one) for one in sources],
        "units": [{"name": one.name, "status": one.status} for one in units],
    }


def is_shared(connection: sa.Connection, row: IncidentRow, sharing: Sharing) -> bool:
    """Return whether an incident goes up: no drill, and of what the lower site shares."""
    if not sharing.covers(row.kind, row.priority, row.area):
        return False
    of_it = (
        sa.select(alert.c.camera_id, alert.c.exercise)
        .join(incident_member, incident_member.c.member_id == alert.c.id)
        .where(
            incident_member.c.incident_id == row.id,
            incident_member.c.type == MemberType.ALERT.value,
            incident_member.c.left_at.is_(None),
        )
    )
    found = connection.execute(of_it).all()
    if any(one.exercise for one in found):
        return False
    return not found or any(sharing.covers_camera(one.camera_id) for one in found)


def _verdict(row: IncidentRow, sources: Sequence[Source]) -> str | None:
    if row.disposition in _UNTRUE:
        return SourceVerdict.FALSE.value
    if ORDER[IncidentState(row.state)] >= ORDER[IncidentState.ASSESSED]:
        return SourceVerdict.TRUE.value
    verdicts = {one.verdict for one in sources}
    if SourceVerdict.TRUE in verdicts:
        return SourceVerdict.TRUE.value
    return SourceVerdict.FALSE.value if verdicts == {SourceVerdict.FALSE} else None


def _source(one: Source) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "name": one.name,
        "what": one.what,
        "text": (one.text or "")[:_LONGEST],
        "verdict": one.verdict and one.verdict.value,
        "at": iso_time(one.at),
    }


def words_of(report: Mapping[str, Any]) -> str:
    """Return a report in one line of Vietnamese; what a later version added is text, too."""
    told = report.get("incident")
    incident = told if isinstance(told, Mapping) else {}
    parts = [text(incident.get("number")), *_sources(report.get("sources"))]
    parts.append(state_words(incident))
    parts += _units(report.get("units"))
    parts += [f"{text(name)}: {text(value)}" for name, value in report.items() if name not in _READ]
    return " · ".join(part for part in parts if part)[:1000]


def _sources(found: Any) -> list[str]:
    sources = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    return [
        " ".join(part for part in (text(one.get("name")), text(one.get("text"))) if part)
        or text(one.get("kind"))
        for one in sources[:3]
    ]


def state_words(incident: Mapping[str, Any]) -> str:
    """Return how far an incident is, or how it ended, in officers' words."""
    state, end = text(incident.get("state")), text(incident.get("disposition"))
    if end:
        return {one.value: words for one, words in _ENDS.items()}.get(end, end)
    return {one.value: words for one, words in _STATES.items()}.get(state, state)


def _units(found: Any) -> list[str]:
    units = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    names = ", ".join(text(one.get("name")) for one in units[:MOST_UNITS])
    return [f"lực lượng: {names}"] if names else []


def text(value: object) -> str:
    """Return whatever another site sent as a short text without control characters."""
    if value is None:
        return ""
    whole = str(value)[:_LONGEST]
    return " ".join("".join(one if one.isprintable() else " " for one in whole).split())


def incident_of(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the incident in a report. Raise `LinkRefused` if there is none."""
    found = report.get("incident")
    if not isinstance(found, Mapping):
        raise LinkRefused(SiteLinkRefusal.UNREADABLE, "incident")
    return found


def kind_of(value: object) -> IncidentKind:
    """Return a kind; one that this version does not know is `other`."""
    known = {one.value: one for one in IncidentKind}
    return known.get(str(value), IncidentKind.OTHER)


def priority_of(value: object) -> int:
    return value if value in (1, 2, 3) and isinstance(value, int) else int(Priority.P2)
