"""Archived habit maps, and verdicts that they learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import Actor
from thapcanh.alerts.store.tables import metadata
from thapcanh.alerts.suppression.learned_suppressions import extent_at_verdict
from thapcanh.detection.confirmation.habits import KINDS, Lesson, LessonKind

camera_habit = sa.Table(
    "camera_habit",
    metadata,
    sa.Column("camera_id", sa.Text(), primary_key=True),
    sa.Column("record", sa.Text()),  # of `habit_record`; none after it was cleared
    sa.Column("updated_at", sa.Double()),
    sa.Column("cleared_at", sa.Double()),
    sa.Column("cleared_by", sa.Text()),
)
sa.Index(
    "ix_camera_habit_cleared",
    camera_habit.c.cleared_at,
    sqlite_where=camera_habit.c.cleared_at.is_not(None),
    postgresql_where=camera_habit.c.cleared_at.is_not(None),
)

MOST_LESSONS = 500
_MICRO = 1_000_000
_VERDICTS = {
    AlertState.CONFIRMED.value: LessonKind.CONFIRMED,
    AlertState.REJECTED.value: LessonKind.REJECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHabits:
    """Stored map of one camera, and its last clearing."""

    camera_id: str
    record: str | None
    updated_at: float | None
    cleared_at: float | None
    cleared_by: str | None


class HabitRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def store(self, records: Mapping[str, str], now: float) -> None:
        """Replace the maps of these cameras."""
        if not records:
            return
        existing = sa.select(camera_habit.c.camera_id).where(camera_habit.c.camera_id.in_(records))
        of_camera = camera_habit.c.camera_id == sa.bindparam("of")
        update = sa.update(camera_habit).where(of_camera)
        update = update.values(record=sa.bindparam("new"), updated_at=now)
        with self._db.writing() as connection:
            there = set(connection.execute(existing).scalars())
            changed = [{"of": one, "new": records[one]} for one in sorted(there)]
            added = [
                {"camera_id": one, "record": records[one], "updated_at": now}
                for one in sorted(records.keys() - there)
            ]
            if changed:
                connection.execute(update, changed)
            if added:
                connection.execute(sa.insert(camera_habit), added)

    def all_records(self) -> dict[str, str]:
        """Return every map, for a queue that lost them."""
        query = sa.select(camera_habit.c.camera_id, camera_habit.c.record)
        query = query.where(camera_habit.c.record.is_not(None))
        with self._db.reading() as connection:
            return {row.camera_id: row.record for row in connection.execute(query)}

    def of(self, camera_id: str) -> StoredHabits | None:
        query = sa.select(camera_habit).where(camera_habit.c.camera_id == camera_id)
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return StoredHabits(
            **{name: getattr(row, name) for name in StoredHabits.__dataclass_fields__}
        )

    def clear(self, camera_id: str, actor: Actor, now: float) -> None:
        """Clear a camera's habits; its worker does so with the next lesson."""
        values = {"record": None, "cleared_at": now, "cleared_by": actor.username}
        of_camera = camera_habit.c.camera_id == camera_id
        with self._db.writing() as connection:
            found = connection.execute(sa.update(camera_habit).where(of_camera).values(values))
            if found.rowcount == 0:
                connection.execute(sa.insert(camera_habit).values(camera_id=camera_id, **values))
            line = AuditEntry(
                at=now,
                actor=actor.username,
                role=actor.role.value,
                action="habits_cleared",
                object_id=camera_id,
                details={},
            )
            add_log(connection, line)

    def log_recording(
        self, camera_id: str, recording: str, places: Sequence[str], actor: str, now: float
    ) -> None:
        """Log that somebody taught a camera by a recording."""
        line = AuditEntry(
            at=now,
            actor=actor,
            action="habits_learned",
            object_id=camera_id,
            details={"recording": recording, "places": list(places)},
        )
        with self._db.writing() as connection:
            add_log(connection, line)

    def lessons_after(self, number: int, limit: int = MOST_LESSONS) -> list[Lesson]:
        """Return lessons after a number, in order; drills teach nothing."""
        since = number / _MICRO
        with self._db.reading() as connection:
            lessons = [*_verdicts(connection, since, limit), *_clearings(connection, since, limit)]
        newer = [lesson for lesson in lessons if lesson.number > number]
        return sorted(newer, key=lambda lesson: lesson.number)[:limit]


def _verdicts(connection: sa.Connection, since: float, limit: int) -> Sequence[Lesson]:
    query = (
        sa.select(alert)
        .where(
            alert.c.verdict_at >= since,
            alert.c.verdict.in_(_VERDICTS),
            alert.c.kind.in_(KINDS),
            alert.c.exercise.is_(False),
        )
        .order_by(alert.c.verdict_at)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    return [lesson for row in rows if (lesson := _lesson(connection, row)) is not None]


def _lesson(connection: sa.Connection, row: sa.Row[Any]) -> Lesson | None:
    evaluated = extent_at_verdict(connection, row)
    if evaluated is None:
        return None
    left, top, width, height = evaluated.box
    return Lesson(
        number=round(row.verdict_at * _MICRO),
        camera_id=row.camera_id,
        verdict=_VERDICTS[row.verdict],
        at=row.raised_at,
        kind=row.kind,
        region=(left, top, left + width, top + height),
    )


def _clearings(connection: sa.Connection, since: float, limit: int) -> Sequence[Lesson]:
    query = (
        sa.select(camera_habit.c.camera_id, camera_habit.c.cleared_at)
        .where(camera_habit.c.cleared_at >= since)
        .order_by(camera_habit.c.cleared_at)
        .limit(limit)
    )
    return [
        Lesson(
            number=round(row.cleared_at * _MICRO),
            camera_id=row.camera_id,
            verdict=LessonKind.CLEARED,
            at=row.cleared_at,
        )
        for row in connection.execute(query)
    ]
