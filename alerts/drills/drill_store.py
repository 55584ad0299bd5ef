"""Drills in the archive: started, ended, and scored by the alerts' logs."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState, TransitionReason
from thapcanh.alerts.alert.alert_tables import alert, episode_event
from thapcanh.alerts.alert.alert_writer import change_alert
from thapcanh.alerts.drills.drills import (
    Drill,
    DrillAction,
    DrillAnswer,
    DrillScore,
    DrillStanding,
    score,
)
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.store.audit_log import AuditEntry, ChangeRecord, add_change, add_log
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import SYSTEM, Actor, AlertAction, DataFilter
from thapcanh.alerts.store.tables import metadata
from thapcanh.alerts.suppression.shelving import UnshelveReason
from thapcanh.config.rules import Priority

drill = sa.Table(
    "drill",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("scenario_id", sa.Text(), nullable=False),
    sa.Column("scenario_name", sa.Text(), nullable=False),
    sa.Column("right_verdict", sa.Text(), nullable=False),
    sa.Column("camera_id", sa.Text(), nullable=False),
    sa.Column("camera_name", sa.Text(), nullable=False),
    sa.Column("area", sa.Text()),
    sa.Column("agency", sa.Text()),
    sa.Column("event_id", sa.Text(), nullable=False, unique=True),
    sa.Column("started_by", sa.Text(), nullable=False),
    sa.Column("started_at", sa.Double(), nullable=False),
    sa.Column("ended_at", sa.Double()),
    sa.Column("ended_by", sa.Text()),
    sa.Column("failure", sa.Text()),
)
sa.Index("ix_drill_started", drill.c.started_at.desc())


_ENDED = "drill_ended"
# Known before the drill began: that time ran out for somebody is no new fire.
_OLD_BUSINESS = (TransitionReason.LEASE_EXPIRED.value, *(why.value for why in UnshelveReason))
_DEEDS = (AlertAction.ACKNOWLEDGE.value, AlertAction.CONFIRM.value, AlertAction.REJECT.value)


class DrillRunning(Exception):
    """Another drill has not ended yet."""


class DrillRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, requested: Drill, actor: Actor) -> None:
        """Write a drill down before anything of it is sent; raises `DrillRunning`."""
        with self._db.writing() as connection:
            running = sa.select(drill.c.id).where(drill.c.ended_at.is_(None)).limit(1)
            if connection.execute(running).first() is not None:
                raise DrillRunning
            connection.execute(sa.insert(drill).values(asdict(requested)))
            line = AuditEntry(
                at=requested.started_at,
                actor=actor.username,
                role=actor.role.value,
                action="drill_started",
                object_id=requested.id,
                details={
                    "scenario": requested.scenario_id,
                    "camera": requested.camera_id,
                    "event": requested.event_id,
                },
            )
            add_log(connection, line)

    def end(
        self, drill_id: str, now: float, *, by: Actor | None = None, failure: str | None = None
    ) -> bool:
        """End a drill; return False if none was running. Without `by`, time ended it."""
        still_runs = sa.and_(drill.c.id == drill_id, drill.c.ended_at.is_(None))
        values = {"ended_at": now, "ended_by": by and by.username, "failure": failure}
        with self._db.writing() as connection:
            ended = connection.execute(sa.update(drill).where(still_runs).values(values))
            if not ended.rowcount:
                return False
            line = AuditEntry(
                at=now,
                actor=SYSTEM if by is None else by.username,
                role=SYSTEM if by is None else by.role.value,
                action=_ENDED,
                object_id=drill_id,
                details={"failure": failure} if failure else {},
            )
            add_log(connection, line)
            return True

    def running(self) -> Drill | None:
        query = sa.select(drill).where(drill.c.ended_at.is_(None)).order_by(drill.c.started_at)
        with self._db.reading() as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return None if row is None else _drill(row)

    def standing(self, running: Drill) -> DrillStanding:
        """Return what decides whether a drill is over; real alerts since its start count."""
        with self._db.reading() as connection:
            state = connection.execute(_alerts_of(drill.c.id == running.id)).scalar_one_or_none()
            real = sa.select(alert.c.id).where(
                alert.c.exercise.is_(False),
                alert.c.priority == Priority.P1,
                alert.c.kind.not_in(sorted(SYSTEM_KINDS)),
                alert.c.state != AlertState.CLOSED.value,
                sa.or_(
                    alert.c.stored_at >= running.started_at,
                    sa.and_(
                        alert.c.spoke_at >= running.started_at,
                        alert.c.spoke_reason.not_in(_OLD_BUSINESS),
                    ),
                ),
            )
            received = connection.execute(real.limit(1)).first() is not None
        return DrillStanding(
            state=None if state is None else AlertState(state), real_alert=received
        )

    def close_left(self, now: float) -> int:
        """Close the alerts that ended drills left open; returns how many."""
        left = _alerts_of(drill.c.ended_at.is_not(None), alert.c.state != AlertState.CLOSED.value)
        with self._db.reading() as connection:  # the usual case needs no lock
            if connection.execute(left.limit(1)).first() is None:
                return 0
        with self._db.writing() as connection:
            rows = connection.execute(left.add_columns(alert.c.id, alert.c.version)).all()
            for row in rows:
                _close(connection, row, now)
            return len(rows)

    def scores(self, limit: int, scope: DataFilter) -> list[DrillScore]:
        """Return the newest drills in scope with their results."""
        query = sa.select(drill).where(*owned_by(drill, scope)).order_by(drill.c.started_at.desc())
        return self._scored(query.limit(limit))

    def score_of(self, drill_id: str, scope: DataFilter) -> DrillScore | None:
        """Return a drill with its result, or None if the scope may not see it."""
        query = sa.select(drill).where(drill.c.id == drill_id, *owned_by(drill, scope))
        return next(iter(self._scored(query)), None)

    def _scored(self, query: sa.Select[Any]) -> list[DrillScore]:
        with self._db.reading() as connection:
            drills = [_drill(row) for row in connection.execute(query)]
            answers = dict(_answers(connection, [each.event_id for each in drills]))
        return [score(each, answers.get(each.event_id)) for each in drills]


def _alerts_of(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the query of drill alerts' states."""
    query = sa.select(alert.c.state).join(episode_event, episode_event.c.alert_id == alert.c.id)
    query = query.join(drill, drill.c.event_id == episode_event.c.event_id)
    return query.where(alert.c.exercise, *conditions)


def _close(connection: sa.Connection, row: sa.Row[Any], now: float) -> None:
    values = {
        "state": AlertState.CLOSED.value,
        "episode_open": False,
        "lease_until": None,
        "closed_at": now,
        "people_version": row.version + 1,
    }
    version = change_alert(connection, row, values)
    line = ChangeRecord(
        alert_id=row.id, version=version, kind=ChangeKind.CLOSED, reason=_ENDED, at=now
    )
    add_change(connection, line)
    details = {
        "from": row.state,
        "to": AlertState.CLOSED.value,
        "version": version,
        "exercise": True,
    }
    log = AuditEntry(
        at=now,
        action=AlertAction.CLOSE.value,
        object_id=row.id,
        reason=_ENDED,
        details=details,
    )
    add_log(connection, log)


def _answers(connection: sa.Connection, event_ids: list[str]) -> Iterator[tuple[str, DrillAnswer]]:
    query = sa.select(episode_event.c.event_id, alert.c.id, alert.c.number, alert.c.raised_at)
    query = query.join(alert, alert.c.id == episode_event.c.alert_id)
    rows = connection.execute(query.where(episode_event.c.event_id.in_(event_ids))).all()
    deeds = _deeds(connection, [row.id for row in rows])
    for row in rows:
        yield (
            row.event_id,
            DrillAnswer(
                alert_id=row.id,
                alert_number=row.number,
                raised_at=row.raised_at,
                deeds=tuple(deeds.get(row.id, ())),
            ),
        )


def _deeds(connection: sa.Connection, alert_ids: list[str]) -> dict[str, list[DrillAction]]:
    query = sa.select(action_log).where(
        action_log.c.object_id.in_(alert_ids), action_log.c.action.in_(_DEEDS)
    )
    found: dict[str, list[DrillAction]] = {}
    for row in connection.execute(query.order_by(action_log.c.seq)):
        deed = DrillAction(action=row.action, actor=row.actor, at=row.at)
        found.setdefault(row.object_id, []).append(deed)
    return found


def _drill(row: sa.Row[Any]) -> Drill:
    facts = dict(row._mapping)
    return Drill(**{**facts, "right_verdict": AlertState(facts["right_verdict"])})
