"""The book of drills in the archive's database: started, ended, and scored from the alerts' logs.

One drill runs at a time: two at once would teach nobody anything. Each step is in the action log.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from alerts.archive.drill_tables import drill
from alerts.archive.engine import Database
from alerts.archive.ledger import LogLine, add_log
from alerts.archive.tables import action_log, alert, episode_event
from alerts.drill import Answer, Deed, Drill, DrillScore, score
from alerts.life import State
from alerts.roles import SYSTEM, Action, Actor, Scope

_DEEDS = (Action.ACKNOWLEDGE.value, Action.CONFIRM.value, Action.REJECT.value)


class DrillRuns(Exception):
    """Another drill has not ended yet."""


class DrillBook:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, wanted: Drill, actor: Actor) -> None:
        """Write a drill down before anything of it is sent; raises `DrillRuns`."""
        with self._db.writing() as connection:
            running = sa.select(drill.c.id).where(drill.c.ended_at.is_(None)).limit(1)
            if connection.execute(running).first() is not None:
                raise DrillRuns
            connection.execute(sa.insert(drill).values(asdict(wanted)))
            line = LogLine(
                at=wanted.started_at,
                actor=actor.username,
                role=actor.role.value,
                action="drill_started",
                object_id=wanted.id,
                details={
                    "scenario": wanted.scenario_id,
                    "camera": wanted.camera_id,
                    "event": wanted.event_id,
                },
            )
            add_log(connection, line)

    def end(
        self, drill_id: str, now: float, *, by: Actor | None = None, failure: str | None = None
    ) -> bool:
        """End a drill once; false when it had ended, or never was. Without `by`, time did it."""
        still_runs = sa.and_(drill.c.id == drill_id, drill.c.ended_at.is_(None))
        values = {"ended_at": now, "ended_by": by and by.username, "failure": failure}
        with self._db.writing() as connection:
            ended = connection.execute(sa.update(drill).where(still_runs).values(values))
            if not ended.rowcount:
                return False
            line = LogLine(
                at=now,
                actor=SYSTEM if by is None else by.username,
                role=SYSTEM if by is None else by.role.value,
                action="drill_ended",
                object_id=drill_id,
                details={"failure": failure} if failure else {},
            )
            add_log(connection, line)
            return True

    def running(self) -> Drill | None:
        """The drill that has not ended."""
        query = sa.select(drill).where(drill.c.ended_at.is_(None)).order_by(drill.c.started_at)
        with self._db.reading() as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return None if row is None else _drill(row)

    def scores(self, limit: int, scope: Scope) -> list[DrillScore]:
        """The newest drills with their results, of what the scope may see."""
        query = sa.select(drill).where(*_seen_by(scope)).order_by(drill.c.started_at.desc())
        with self._db.reading() as connection:
            drills = [_drill(row) for row in connection.execute(query.limit(limit))]
            answers = dict(_answers(connection, [each.event_id for each in drills]))
        return [score(each, answers.get(each.event_id)) for each in drills]


def _answers(connection: sa.Connection, event_ids: list[str]) -> Iterator[tuple[str, Answer]]:
    query = sa.select(episode_event.c.event_id, alert.c.id, alert.c.number, alert.c.raised_at)
    query = query.join(alert, alert.c.id == episode_event.c.alert_id)
    rows = connection.execute(query.where(episode_event.c.event_id.in_(event_ids))).all()
    deeds = _deeds(connection, [row.id for row in rows])
    for row in rows:
        yield (
            row.event_id,
            Answer(
                alert_id=row.id,
                alert_number=row.number,
                raised_at=row.raised_at,
                deeds=tuple(deeds.get(row.id, ())),
            ),
        )


def _deeds(connection: sa.Connection, alert_ids: list[str]) -> dict[str, list[Deed]]:
    query = sa.select(action_log).where(
        action_log.c.object_id.in_(alert_ids), action_log.c.action.in_(_DEEDS)
    )
    found: dict[str, list[Deed]] = {}
    for row in connection.execute(query.order_by(action_log.c.seq)):
        deed = Deed(action=row.action, actor=row.actor, at=row.at)
        found.setdefault(row.object_id, []).append(deed)
    return found


def _seen_by(scope: Scope) -> list[sa.ColumnElement[bool]]:
    seen = ((drill.c.agency, scope.agencies), (drill.c.area, scope.areas))
    return [column.in_(sorted(names)) for column, names in seen if names is not None]


def _drill(row: sa.Row[Any]) -> Drill:
    facts = dict(row._mapping)
    return Drill(**{**facts, "right_verdict": State(facts["right_verdict"])})
