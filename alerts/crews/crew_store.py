"""Requests and reports of crews' phones, in the archive; thread-safe.

Every method is one transaction.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.calls.sent_files import as_stored, has_room
from thapcanh.alerts.crews.crew_reports import (
    LATE_S,
    MOST_BYTES,
    MOST_OF_KIND,
    STEPS,
    UNIT_STATUS,
    CrewAlarm,
    CrewAssignment,
    CrewMedia,
    CrewOutcome,
    CrewReportKind,
    CrewReportOrder,
    CrewResult,
    CrewState,
    crew_state,
    state_outcome,
)
from thapcanh.alerts.crews.crew_tables import crew_file, crew_report
from thapcanh.alerts.incidents.incident_state import ORDER, IncidentReason, IncidentState
from thapcanh.alerts.incidents.incident_tables import assignment, incident, unit
from thapcanh.alerts.incidents.incident_writing import IncidentAct, add_step, record
from thapcanh.alerts.incidents.membership import standing_incident
from thapcanh.alerts.incidents.units.unit_store import unit_of
from thapcanh.alerts.incidents.units.units import Unit
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.idempotent import digest_of, earlier_answer, remember
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter
from thapcanh.config.rules import Priority

_MOST_ALARMS = 10
_STAYS_OPEN = (CrewReportKind.NOTE, CrewReportKind.PHOTO, CrewReportKind.VIDEO)
"""What is still taken when the incident was closed meanwhile: it tells what happened."""


class CrewRepository:
    """Repository of crews' reports."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def unit(self, unit_id: str, scope: DataFilter) -> Unit | None:
        """Return the registered unit that the account may see, or None."""
        matching = (unit.c.id == unit_id, unit.c.removed_at.is_(None), *owned_by(unit, scope))
        with self._db.reading() as connection:
            row = connection.execute(sa.select(unit).where(*matching)).one_or_none()
        return None if row is None else unit_of(row)

    def assignments(self, unit_id: str, now: float) -> list[CrewAssignment]:
        """Return a unit's present assignments and those left some hours ago."""
        query = sa.select(assignment).where(assignment.c.unit_id == unit_id, _in_reach(now))
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(assignment.c.told_at.desc())).all()
        newest: dict[str, CrewAssignment] = {}
        for row in rows:
            newest.setdefault(row.incident_id, _assignment(row))
        return list(newest.values())

    def standing(self, incident_id: str) -> str:
        """Return the incident that an incident was merged into, or itself."""
        with self._db.reading() as connection:
            return standing_incident(connection, incident_id)

    def alarms(self, scope: DataFilter, since: float) -> list[CrewAlarm]:
        """Open P1 incidents that a scope sees, the newest first."""
        query = sa.select(incident).where(
            incident.c.closed_at.is_(None),
            incident.c.priority == Priority.P1,
            incident.c.opened_at > since,
            *owned_by(incident, scope),
        )
        newest = query.order_by(incident.c.opened_at.desc(), incident.c.id).limit(_MOST_ALARMS)
        with self._db.reading() as connection:
            return [
                CrewAlarm(
                    id=row.id,
                    kind=row.kind,
                    place=row.place,
                    at=row.opened_at,
                    position=None if row.lat is None else (row.lat, row.lon),
                )
                for row in connection.execute(newest)
            ]

    def earlier(self, actor: Actor, order: CrewReportOrder) -> CrewResult | None:
        """Return the earlier result of a repeated report, or None. Raise `KeyReused`."""
        with self._db.reading() as connection:
            return _earlier(connection, actor, order)

    def report(
        self,
        actor: Actor,
        order: CrewReportOrder,
        times: tuple[float, float],
        media: CrewMedia | None = None,
    ) -> CrewResult:
        """Store a report once; `times` are when it happened, and now. Raise `KeyReused`."""
        happened, now = times
        with self._db.writing() as connection:
            earlier = _earlier(connection, actor, order)
            if earlier is not None:
                return earlier
            coming = _Taking(
                connection=connection,
                actor=actor,
                order=order,
                incident_id=standing_incident(connection, order.incident_id),
                happened=happened,
                now=now,
                media=media,
            )
            result = coming.taken()
            answer = json.dumps(asdict(result))
            remember(connection, actor.username, {order.key: (digest_of(order), answer)}, now)
            return result


def _in_reach(now: float) -> sa.ColumnElement[bool]:
    return sa.or_(assignment.c.ended_at.is_(None), assignment.c.ended_at > now - LATE_S)


def _assignment(row: sa.Row[Any]) -> CrewAssignment:
    return CrewAssignment(
        incident_id=row.incident_id,
        told_at=row.told_at,
        state=crew_state(row.answer),
        ended_at=row.ended_at,
    )


def _earlier(connection: sa.Connection, actor: Actor, order: CrewReportOrder) -> CrewResult | None:
    answer = earlier_answer(connection, actor.username, order.key, digest_of(order))
    if answer is not None:
        facts = json.loads(answer)
        outcome = CrewOutcome(facts.pop("outcome"))
        return CrewResult(**facts | {"outcome": outcome, "replayed": True})
    # Keys are forgotten after a day, a report is not.
    matching = (crew_report.c.unit_id == order.unit_id, crew_report.c.key == order.key)
    existing = connection.execute(sa.select(crew_report.c.id).where(*matching)).scalar_one_or_none()
    if existing is None:
        return None
    return CrewResult(outcome=CrewOutcome.ALREADY, id=existing, replayed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """Report being stored, in its transaction.

    `incident_id` is that of its order, or the one it was merged into.
    """

    connection: sa.Connection
    actor: Actor
    order: CrewReportOrder
    incident_id: str
    happened: float
    now: float
    media: CrewMedia | None

    def taken(self) -> CrewResult:
        order, now = self.order, self.now
        sent = self._sent()
        if sent is None:
            return CrewResult(outcome=CrewOutcome.UNKNOWN)
        query = sa.select(incident).where(incident.c.id == self.incident_id)
        of = self.connection.execute(query).one()
        if of.closed_at is not None and self._kind not in _STAYS_OPEN:
            return CrewResult(outcome=CrewOutcome.CLOSED, by=of.closed_by, at=of.closed_at)
        outcome = CrewOutcome.DONE
        if order.state is not None:
            before = CrewState.FINISHED if sent.ended_at is not None else crew_state(sent.answer)
            outcome = state_outcome(before, order.state)
        if outcome is CrewOutcome.ALREADY:
            return CrewResult(outcome=outcome, at=sent.answered_at)
        if not self._has_room():
            return CrewResult(outcome=CrewOutcome.FULL)
        happened = min(max(self.happened, sent.told_at), now)
        report_id = self._kept(happened)
        details = {
            "unit": order.unit_id, "told": sent.told, "kind": self._kind.value,
            "report": report_id, "happened_at": happened,
        }  # fmt: skip
        if order.state is not None and outcome is CrewOutcome.DONE:
            self._moved(order.state, (sent, of), happened, details)
        else:
            is_request = self._kind is CrewReportKind.REQUEST
            why = IncidentReason.REQUESTED if is_request else IncidentReason.REPORTED
            self._record(why, details, {"last_at": now})
        return CrewResult(outcome=outcome, id=report_id)

    def _sent(self) -> sa.Row[Any] | None:
        """Return the unit's newest assignment to the incident, unless left long ago."""
        matching = (
            assignment.c.incident_id == self.incident_id,
            assignment.c.unit_id == self.order.unit_id,
        )
        query = sa.select(assignment).where(*matching, _in_reach(self.now))
        newest = query.order_by(assignment.c.told_at.desc()).limit(1)
        return self.connection.execute(newest).one_or_none()

    @property
    def _kind(self) -> CrewReportKind:
        return self.order.kind if self.media is None else self.media.kind

    @property
    def _bytes(self) -> int:
        return 0 if self.media is None else len(self.media.content)

    def _moved(
        self,
        state: CrewState,
        rows: tuple[sa.Row[Any], sa.Row[Any]],
        happened: float,
        details: dict[str, Any],
    ) -> None:
        """Update assignment and unit for a state; a step gets the crew's time."""
        sent, of = rows
        values = {
            "answered_at": happened if sent.answered_at is None else sent.answered_at,
            "answer": state.value,
            "due_at": None,
            "ended_at": happened if state is CrewState.FINISHED else None,
        }
        matching = assignment.c.id == sent.id
        self.connection.execute(sa.update(assignment).where(matching).values(values))
        doing = {"status": UNIT_STATUS[state].value, "updated_at": self.now}
        self.connection.execute(sa.update(unit).where(unit.c.id == sent.unit_id).values(doing))
        step = STEPS.get(state)
        reached: dict[str, Any] = {"last_at": self.now}
        details["answer"] = state.value
        if step is not None and ORDER[step] > ORDER[IncidentState(of.state)]:
            add_step(self.connection, of.id, step, happened, self.actor.username)
            reached |= {"state": step.value, "due_at": None}
            details["step"] = step.value
        why = IncidentReason.STEPPED if "step" in details else IncidentReason.ANSWERED
        self._record(why, details, reached)

    def _record(self, why: IncidentReason, details: dict[str, Any], values: dict[str, Any]) -> None:
        act = IncidentAct(
            incident_id=self.incident_id,
            why=why,
            now=self.now,
            by=self.actor,
            note=self.order.text,
            details=details,
        )
        record(self.connection, act, values)

    def _kept(self, happened: float) -> str:
        order, media, report_id = self.order, self.media, str(uuid7())
        values = {
            "id": report_id,
            "incident_id": self.incident_id,
            "unit_id": order.unit_id,
            "key": order.key,
            "kind": self._kind.value,
            "state": None if order.state is None else order.state.value,
            "text": order.text,
            "happened_at": happened,
            "received_at": self.now,
            "by": self.actor.username,
            "bytes": self._bytes,
            "media_type": None if media is None else media.media_type,
        }
        self.connection.execute(sa.insert(crew_report).values(values))
        if media is not None:
            retained = as_stored(media.content)
            file = sa.insert(crew_file).values(report_id=report_id, content=retained)
            self.connection.execute(file)
        return report_id

    def _has_room(self) -> bool:
        matching = (
            crew_report.c.incident_id == self.incident_id,
            crew_report.c.unit_id == self.order.unit_id,
        )
        more, most = (self._kind, self._bytes), (MOST_OF_KIND[self._kind], MOST_BYTES)
        return has_room(self.connection, crew_report, matching, more, most)
