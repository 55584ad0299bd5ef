"""What a hand-over lists: the rows of the worklist in its order, and what blocks it.

Read only. An incident is one item with its sources, units and requests, of calls alone too.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_views import URGENCY
from thapcanh.alerts.crews.crew_reports import CrewReportKind
from thapcanh.alerts.crews.crew_tables import crew_report
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.rows.row_records import WorklistFilter, WorklistRow
from thapcanh.alerts.incidents.rows.worklist import IN_OPEN_INCIDENT, rows_of, worklist_page
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.shifts.shift_records import OpenItem
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor
from thapcanh.config.rules import Priority

_MOST_ITEMS = 200  # on one sheet; beyond, it says how many there are
_MOST_BLOCKING = 20
_OF_ALERT = (
    "id", "number", "kind", "priority", "state", "camera_name", "place", "area", "agency",
    "raised_at", "owner", "exercise",
)  # fmt: skip


def open_items(connection: sa.Connection, actor: Actor) -> tuple[list[OpenItem], int]:
    """Return what a hand-over lists now, in the order of answering, and how many there are."""
    wanted = WorklistFilter(me=actor.username, scope=actor.scope, limit=_MOST_ITEMS)
    page = worklist_page(connection, wanted)
    return _items(connection, page.rows), sum(page.counts.values())


def unanswered_p1(connection: sa.Connection, actor: Actor) -> tuple[list[OpenItem], int]:
    """Return the first P1 that nobody has answered, and how many there are."""
    waits = (
        alert.c.state == AlertState.NEW.value,
        alert.c.priority == Priority.P1,
        alert.c.exercise.is_(False),  # a drill keeps nobody from going home
        alert.c.shelf_id.is_(None),  # a leader laid it there; the sheet tells of it
        alert.c.kind.not_in(sorted(SYSTEM_KINDS)),  # technicians answer these
        *owned_by(alert, actor.scope),
    )
    ids = _incidents_waiting(connection, actor, waits)
    shown = rows_of(connection, ids, actor.scope)[:_MOST_BLOCKING]
    alone = sa.select(alert).where(*waits, ~IN_OPEN_INCIDENT)
    total = connection.execute(sa.select(sa.func.count()).select_from(alone.subquery()))
    rows = connection.execute(alone.order_by(URGENCY, alert.c.raised_at).limit(_MOST_BLOCKING))
    items = [*_items(connection, shown), *(_item_of_alert(row) for row in rows)]
    return items[:_MOST_BLOCKING], len(ids) + int(total.scalar_one())


def _incidents_waiting(
    connection: sa.Connection, actor: Actor, waits: Sequence[sa.ColumnElement[bool]]
) -> list[str]:
    """Return the open incidents of waiting alerts, and the P1 of calls alone that nobody holds."""
    members = (
        sa.select(incident_member.c.id)
        .outerjoin(alert, alert.c.id == incident_member.c.member_id)
        .where(
            incident_member.c.incident_id == incident.c.id,
            incident_member.c.type == MemberType.ALERT.value,
            incident_member.c.left_at.is_(None),
        )
    )
    is_free = (incident.c.owner.is_(None), incident.c.priority == Priority.P1, ~members.exists())
    query = sa.select(incident.c.id).where(
        incident.c.closed_at.is_(None),
        sa.or_(members.where(*waits).exists(), sa.and_(*is_free)),
        *owned_by(incident, actor.scope),
    )
    return list(connection.execute(query).scalars())


def _items(connection: sa.Connection, rows: Sequence[WorklistRow]) -> list[OpenItem]:
    ids = [row.incident.id for row in rows if row.incident is not None]
    requests = _requests(connection, ids)
    return [_item(row, requests) for row in rows]


def _item(row: WorklistRow, requests: Counter[str]) -> OpenItem:
    found = row.incident
    if found is None:
        assert row.alert is not None  # noqa: S101 - a row has an incident or an alert
        return _item_of_alert(row.alert)
    return OpenItem(
        type=MemberType.INCIDENT.value,
        id=found.id,
        number=found.number,
        kind=found.kind.value,
        priority=found.priority,
        state=row.state.value,
        camera_name=next((one.name for one in row.sources if one.name), ""),
        place=found.place.text,
        area=found.area,
        agency=found.agency,
        raised_at=found.opened_at,
        owner=row.holder,
        sources={kind.value: count for kind, count in row.source_counts},
        units=tuple(one.name for one in row.units),
        requests=requests[found.id],
    )


def _item_of_alert(found: Any) -> OpenItem:
    return OpenItem(**{name: getattr(found, name) for name in _OF_ALERT})


def _requests(connection: sa.Connection, ids: Sequence[str]) -> Counter[str]:
    """Return how many of their crews' requests nobody has answered, by incident."""
    query = sa.select(crew_report.c.incident_id, sa.func.count()).where(
        crew_report.c.kind == CrewReportKind.REQUEST.value,
        crew_report.c.answered_at.is_(None),
        crew_report.c.incident_id.in_(ids),
    )
    rows = connection.execute(query.group_by(crew_report.c.incident_id)).all()
    return Counter({str(incident_id): int(count) for incident_id, count in rows})
