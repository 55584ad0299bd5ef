"""Crews' reports, and officers' views of them: by incident, files, pending requests."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.calls.sent_files import read_file
from thapcanh.alerts.crews.crew_tables import crew_file, crew_report
from thapcanh.alerts.incidents.incident_state import IncidentReason, IncidentState
from thapcanh.alerts.incidents.incident_tables import incident, unit
from thapcanh.alerts.incidents.incident_writing import IncidentAct, record
from thapcanh.alerts.incidents.units.units import UnitStatus
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter

OLDEST_S = 24 * 3600.0  # what a phone held for longer is told as of a day ago
LATE_S = 12 * 3600.0  # so long after its end a crew still sends what it held
MOST_BYTES = 150_000_000  # of all files of a unit in one incident, as they are kept


class CrewState(StrEnum):
    """Progress of a unit on an assignment, in order."""

    ACKNOWLEDGED = "acknowledged"  # the crew read it
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    FINISHED = "finished"  # it can be sent elsewhere


class CrewReportKind(StrEnum):
    """Kind of report."""

    STATE = "state"
    NOTE = "note"
    REQUEST = "request"  # more forces, or something else that the crew needs
    PHOTO = "photo"
    VIDEO = "video"


class CrewOutcome(StrEnum):
    """Result of a report."""

    DONE = "done"
    LATE = "late"  # a state that the unit has passed: it is kept, and moves nothing
    ALREADY = "already"  # the same state, by another phone of the crew, or another sending
    UNKNOWN = "incident_not_found"  # the unit was not sent there, or is long back
    CLOSED = "incident_closed"
    FULL = "crew_quota"


UNIT_STATUS = {
    CrewState.ACKNOWLEDGED: UnitStatus.ASSIGNED,
    CrewState.EN_ROUTE: UnitStatus.EN_ROUTE,
    CrewState.ON_SCENE: UnitStatus.ON_SCENE,
    CrewState.FINISHED: UnitStatus.RETURNING,
}
STEPS = {
    CrewState.EN_ROUTE: IncidentState.EN_ROUTE,
    CrewState.ON_SCENE: IncidentState.ON_SCENE,
}
MOST_OF_KIND = {
    CrewReportKind.STATE: 40,
    CrewReportKind.NOTE: 200,
    CrewReportKind.REQUEST: 40,
    CrewReportKind.PHOTO: 60,
    CrewReportKind.VIDEO: 12,
}
_ORDER = {state: number for number, state in enumerate(CrewState)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewReportOrder:
    """Report as a phone sends it, identified by its key.

    `told_at` is by the phone's clock; `sha256` is that of the file as sent.
    """

    incident_id: str
    unit_id: str
    key: str
    kind: CrewReportKind
    told_at: float
    state: CrewState | None = None
    text: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewMedia:
    """Stored photo or video."""

    kind: CrewReportKind
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewResult:
    """Result of a report, and the conflicting person and time, if any."""

    outcome: CrewOutcome
    id: str | None = None
    by: str | None = None
    at: float | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewReport:
    """Stored report. `happened_at` is by the centre's clock."""

    id: str
    incident_id: str
    unit_id: str
    kind: CrewReportKind
    state: CrewState | None
    text: str | None
    happened_at: float
    received_at: float
    by: str
    bytes: int
    media_type: str | None
    answered_by: str | None
    answered_at: float | None
    unit_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewRequest:
    """Unanswered request of a crew, with its incident."""

    report: CrewReport
    incident_number: str
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewAssignment:
    """Assignment of a unit, and its progress."""

    incident_id: str
    told_at: float
    state: CrewState | None
    ended_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewAlarm:
    """P1 in the unit's ward to which it was not sent; for information only."""

    id: str
    kind: str
    place: str | None
    at: float
    position: Position | None


def happened_at(told_at: float, sent_at: float, now: float) -> float:
    """Return when something happened by the centre's clock.

    The delay on the phone counts, since its clock may be wrong by years.
    """
    held_s = min(max(sent_at - told_at, 0.0), OLDEST_S)
    return now - held_s


def state_outcome(before: CrewState | None, reported: CrewState) -> CrewOutcome:
    """Return whether a state advances a unit; it never goes back."""
    if before is None or _ORDER[reported] > _ORDER[before]:
        return CrewOutcome.DONE
    return CrewOutcome.ALREADY if reported is before else CrewOutcome.LATE


def crew_state(answer: str | None) -> CrewState | None:
    """Return a unit's progress by its assignment's last answer; free text gives None."""
    if answer is None:
        return None
    existing = {state.value: state for state in CrewState}
    existing[IncidentState.CONTROLLED.value] = (
        CrewState.ON_SCENE
    )  # an officer noted it for the unit
    return existing.get(answer, CrewState.ACKNOWLEDGED)


_MOST_WAITING = 50
_NAMED = sa.select(crew_report, unit.c.name.label("unit_name")).join(
    unit, unit.c.id == crew_report.c.unit_id
)


class CrewDeskRepository:
    """Reads through a scope; any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def reports(self, incident_id: str) -> list[CrewReport]:
        """Return the crews' reports on an incident, in order of time."""
        query = _NAMED.where(crew_report.c.incident_id == incident_id)
        with self._db.reading() as connection:
            rows = connection.execute(
                query.order_by(
                    crew_report.c.happened_at, crew_report.c.received_at, crew_report.c.id
                )
            ).all()
        return [_report(row) for row in rows]

    def file(self, report_id: str, scope: DataFilter) -> tuple[str, bytes] | None:
        """Media type and bytes of a crew's file that a scope may see."""
        query = (
            sa.select(crew_report.c.media_type, crew_file.c.content)
            .join(crew_file, crew_file.c.report_id == crew_report.c.id)
            .join(incident, incident.c.id == crew_report.c.incident_id)
            .where(crew_report.c.id == report_id, *owned_by(incident, scope))
        )
        with self._db.reading() as connection:
            return read_file(connection, query)

    def waiting(self, scope: DataFilter) -> list[CrewRequest]:
        """Return unanswered requests of open incidents, the oldest first."""
        query = (
            _NAMED.add_columns(incident.c.number, incident.c.place)
            .join(incident, incident.c.id == crew_report.c.incident_id)
            .where(
                crew_report.c.kind == CrewReportKind.REQUEST.value,
                crew_report.c.answered_at.is_(None),
                incident.c.closed_at.is_(None),
                *owned_by(incident, scope),
            )
        )
        with self._db.reading() as connection:
            rows = connection.execute(
                query.order_by(crew_report.c.received_at).limit(_MOST_WAITING)
            ).all()
        return [
            CrewRequest(report=_report(row), incident_number=row.number, place=row.place)
            for row in rows
        ]

    def answer(self, actor: Actor, report_id: str, now: float) -> bool:
        """Record who accepted a request; return False if the actor sees none waiting."""
        query = (
            sa.select(crew_report)
            .join(incident, incident.c.id == crew_report.c.incident_id)
            .where(
                crew_report.c.id == report_id,
                crew_report.c.kind == CrewReportKind.REQUEST.value,
                crew_report.c.answered_at.is_(None),
                *owned_by(incident, actor.scope),
            )
        )
        with self._db.writing() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return False
            matching = crew_report.c.id == report_id
            values = {"answered_by": actor.username, "answered_at": now}
            connection.execute(sa.update(crew_report).where(matching).values(values))
            act = IncidentAct(
                incident_id=row.incident_id,
                why=IncidentReason.REQUEST_TAKEN,
                now=now,
                by=actor,
                details={"unit": row.unit_id, "report": report_id},
            )
            record(connection, act, {})
        return True


def _report(row: sa.Row[Any]) -> CrewReport:
    same = {name: getattr(row, name) for name in CrewReport.__dataclass_fields__}
    state = None if row.state is None else CrewState(row.state)
    return CrewReport(**same | {"kind": CrewReportKind(row.kind), "state": state})
