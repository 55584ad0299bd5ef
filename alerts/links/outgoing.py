"""What goes over a link, found in the outbox: reports of incidents that changed.

An event of the outbox says only that something changed; the report is made of what is so now, and
waits until the other site has it. The archive keeps events for a month: so long may a line be cut.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.typed_rows import IncidentRow, typed
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.links import link_rows, reports
from thapcanh.alerts.links.link_records import Link, LinkedIncident, LinkItem, PeerRole
from thapcanh.alerts.links.link_tables import link_incident, link_state
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.outbox import outbox
from thapcanh.alerts.store.outbox.outbox import outbox_event
from thapcanh.alerts.store.outbox.outgoing import ALERT, INCIDENT

MOST_WAITING = 5000
_AT_ONCE = 500
_WITHHELD = '{"withheld": true}'


class OutgoingReports:
    """Maker of reports for every live link; one caller at a time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def route(self, now: float) -> int:
        """Put reports of what changed on their way; return how many."""
        made = 0
        with self._db.reading() as connection:
            links = link_rows.live_links(connection)
            due = [one for one in links if _has_news(connection, one)]
        for link in due:
            if link.waiting < MOST_WAITING:  # else the outbox keeps it
                made += self._route(link, now)
        return made

    def delete_read(self) -> None:
        """Delete events that were kept for links alone, once every link read them."""
        with self._db.writing() as connection:
            read = link_rows.read_by_links(connection)
            if math.isfinite(read):
                outbox.delete_unused(connection, outbox_event.c.seq <= int(read))

    def _route(self, link: Link, now: float) -> int:
        with self._db.writing() as connection:
            seq = _position(connection, link.id)
            query = sa.select(outbox_event.c.seq, outbox_event.c.subject)
            rows = connection.execute(
                query.where(outbox_event.c.seq > seq).order_by(outbox_event.c.seq).limit(_AT_ONCE)
            ).all()
            ids = list(dict.fromkeys(_incidents(connection, [row.subject for row in rows])))
            ids += [one for one in _to_resend(connection, link.id) if one not in ids]
            made = sum(_report(connection, link, incident_id, now) for incident_id in ids)
            if rows:
                link_rows.update_state(connection, link.id, outbox_seq=rows[-1].seq)
        return made


def _has_news(connection: sa.Connection, link: Link) -> bool:
    newer = sa.select(outbox_event.c.seq).where(outbox_event.c.seq > _position(connection, link.id))
    return (
        connection.execute(newer.limit(1)).first() is not None
        or next(iter(_to_resend(connection, link.id)), None) is not None
    )


def _position(connection: sa.Connection, link_id: str) -> int:
    query = sa.select(link_state.c.outbox_seq).where(link_state.c.link_id == link_id)
    return int(connection.execute(query).scalar_one())


def _to_resend(connection: sa.Connection, link_id: str) -> list[str]:
    """Return incidents of which the other site must hear again what stands."""
    query = sa.select(link_incident.c.incident_id).where(
        link_incident.c.link_id == link_id,
        link_incident.c.sent == "{}",
        link_incident.c.report != "{}",
    )
    return list(connection.execute(query.limit(_AT_ONCE)).scalars())


def _incidents(connection: sa.Connection, subjects: list[str]) -> Iterator[str]:
    """Yield the incidents that events are about, in order."""
    alerts = {one.partition("/")[2] for one in subjects if one.startswith(f"{ALERT}/")}
    query = sa.select(incident_member.c.member_id, incident_member.c.incident_id).where(
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id.in_(sorted(alerts)),
        incident_member.c.left_at.is_(None),
    )
    of_alert = {row.member_id: row.incident_id for row in connection.execute(query)}
    for subject in subjects:
        kind, _, of = subject.partition("/")
        found = of if kind == INCIDENT else of_alert.get(of) if kind == ALERT else None
        if found is not None:
            yield found


def _report(connection: sa.Connection, link: Link, incident_id: str, now: float) -> bool:
    """Put an incident's report on its way where it is shared and says something new."""
    query = sa.select(incident).where(incident.c.id == incident_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        return False
    row = typed(IncidentRow, found)
    mine = link_rows.of_incident(connection, incident_id)
    linked = [one for one in mine if one.link_id == link.id]
    if not linked and row.merged_into is not None:
        linked = _merged(connection, link, row)
    if not _goes(connection, link, linked, row):
        for one in linked:  # said once, and not again
            link_rows.update_linked(connection, one, {"sent": _WITHHELD})
        return False
    if not linked and link.peer is PeerRole.UPPER and _is_news(link, row):
        linked = [_begun(connection, link, row, now)]
    made = [_put(connection, link, one, row, now) for one in linked]
    return any(made)


def _is_news(link: Link, row: IncidentRow) -> bool:
    """Return whether an incident is open, or was opened since the link; one may end at once."""
    return row.closed_at is None or row.opened_at >= link.made_at


def _goes(
    connection: sa.Connection, link: Link, linked: list[LinkedIncident], row: IncidentRow
) -> bool:
    """Return whether an incident goes over a link: what went up goes on to its end.

    Unless the lower site changed what it shares since.
    """
    if link.peer is PeerRole.LOWER:
        return bool(linked)
    if any(one.opened_at >= link.sharing.changed_at for one in linked):
        return True
    return reports.is_shared(connection, row, link.sharing)


def _merged(connection: sa.Connection, link: Link, row: IncidentRow) -> list[LinkedIncident]:
    """Return how an incident went over the link before it was joined into another."""
    found = link_rows.of_remote(connection, link.id, row.id)
    return [] if found is None else [found]


def _begun(connection: sa.Connection, link: Link, row: IncidentRow, now: float) -> LinkedIncident:
    """Note that an incident goes up from now on; the lower site decides."""
    connection.execute(
        sa.insert(link_incident).values(
            link_id=link.id,
            remote_id=row.id,
            incident_id=row.id,
            decides=PeerRole.LOWER.value,
            decided_at=now,
            report="{}",
            sent="{}",
            opened_at=now,
        )
    )
    found = link_rows.of_remote(connection, link.id, row.id)
    assert found is not None  # noqa: S101 - it was written just now
    return found


def _put(
    connection: sa.Connection, link: Link, linked: LinkedIncident, row: IncidentRow, now: float
) -> bool:
    report = reports.report_of(connection, row, link, linked)
    if linked.alone_at is not None:
        report["alone"] = True
    if _facts(report) == _facts(linked.sent):
        return False
    stored = json.dumps(report, ensure_ascii=False)
    link_rows.update_linked(connection, linked, {"sent": stored})
    item = LinkItem(
        seq=0,
        subject=link_rows.subject_of(linked.remote_id),
        kind=link_rows.REPORT,
        at=now,
        data=report,
    )
    link_rows.put_item(connection, link.id, item, replaces=True)
    return True


def _facts(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report without its version, which moves with every note."""
    told = report.get("incident")
    facts = dict(told) if isinstance(told, Mapping) else {}
    facts.pop("version", None)
    return {**report, "incident": facts}
