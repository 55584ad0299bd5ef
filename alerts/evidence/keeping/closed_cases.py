"""Archive side of retention: closed alerts, their files, their deletion.

The deleting transaction checks again, so that no hold or reopening comes too late.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert, event, evidence
from thapcanh.alerts.alert.records import ClosedCase, OwnRetention
from thapcanh.alerts.coverage import coverage_store
from thapcanh.alerts.coverage.coverage_store import UptimeDays
from thapcanh.alerts.evidence.keeping.legal_holds import hold
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database


class RetentionRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note_day(self, now: float) -> None:
        """Record that the centre runs on this day; only such days age evidence."""
        with self._db.writing() as connection:
            coverage_store.note_day(connection, now)

    def evidence_bytes(self) -> int:
        """Return the bytes of all evidence with existing files."""
        return self._bytes_of(evidence.c.gone_at.is_(None))

    def going_bytes(self) -> int:
        """Return the bytes of files marked as deleted that still exist."""
        return self._bytes_of(evidence.c.deleted_at.is_not(None), evidence.c.gone_at.is_(None))

    def closed_cases(
        self, limit: int, own: Sequence[OwnRetention] = (), now: float = 0.0
    ) -> list[ClosedCase]:
        """Return closed alerts with evidence per class, the longest closed first.

        Each retention of its own is a class, once its time is over.
        """
        with self._db.reading() as connection:
            return _closed_cases(connection, limit, own, now)

    def delete_case(self, case: ClosedCase, reason: str, now: float) -> bool:
        """Mark a closed alert's files as deleted; False if it was reopened or is needed.

        The files are deleted afterwards, outside the transaction: a store may hang.
        """
        with self._db.writing() as connection:
            if not _is_free(connection, case.alert_id):
                return False
            _mark_deleted(connection, case, reason, now)
            return True

    def may_go(self, alert_id: str) -> bool:
        """Return whether an alert is closed, on no hold and in no open incident."""
        with self._db.reading() as connection:
            return _is_free(connection, alert_id)

    def going_paths(self, limit: int) -> list[str]:
        """Return files marked as deleted that may still exist, the oldest first."""
        query = sa.select(evidence.c.path).where(
            evidence.c.deleted_at.is_not(None), evidence.c.gone_at.is_(None)
        )
        ordered = query.order_by(evidence.c.deleted_at, evidence.c.path).limit(limit)
        with self._db.reading() as connection:
            return list(connection.execute(ordered).scalars())

    def retained_moments(
        self, cameras: Collection[str], from_s: float, to_s: float
    ) -> list[tuple[str, float, float]]:
        """Return camera, from, to of alerts that are open, on hold or in an open incident.

        For each camera whose events an alert joins.
        """
        observed = (event.c.camera_id, alert.c.raised_at, alert.c.last_seen_at)
        query = (
            sa.select(*observed).distinct().join_from(alert, event, event.c.alert_id == alert.c.id)
        )
        query = query.where(
            event.c.camera_id.in_(sorted(cameras)),
            alert.c.raised_at < to_s,
            alert.c.last_seen_at > from_s,
            sa.not_(sa.and_(*_may_go())),
        )
        with self._db.reading() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def _bytes_of(self, *which: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.coalesce(sa.func.sum(evidence.c.bytes), 0)).where(*which)
        with self._db.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def note_deleted(self, paths: Sequence[str], now: float) -> None:
        """Record that these files no longer exist."""
        matching = sa.and_(evidence.c.path.in_(paths), evidence.c.deleted_at.is_not(None))
        with self._db.writing() as connection:
            connection.execute(sa.update(evidence).where(matching).values(gone_at=now))


def _is_free(connection: sa.Connection, alert_id: str) -> bool:
    query = sa.select(alert.c.id).where(alert.c.id == alert_id, *_may_go())
    return connection.execute(query).one_or_none() is not None


def _closed_cases(
    connection: sa.Connection, limit: int, own: Sequence[OwnRetention], now: float
) -> list[ClosedCase]:
    lived = UptimeDays(connection)
    over = [each for each in own if each.is_over(now)]
    retained = [each for each in own if not each.is_over(now)]
    found: dict[str, ClosedCase] = {}
    for each in over:
        for case in _cases(connection, _raised_alone_by(each.rules), limit, lived, [each]):
            found.setdefault(case.alert_id, case)
    short = sa.or_(alert.c.verdict == AlertState.REJECTED.value, alert.c.exercise)
    long = sa.or_(alert.c.verdict.is_(None), sa.not_(short))
    aside = alert.c.rule_id.in_(sorted({rule for each in retained for rule in each.rules}))
    for of_class in (sa.and_(short, ~aside), sa.and_(long, ~aside), aside):
        for case in _cases(connection, of_class, limit, lived, retained):
            found.setdefault(case.alert_id, case)
    return list(found.values())


def _raised_alone_by(rules: Collection[str]) -> sa.ColumnElement[bool]:
    """Return the condition for alerts of these rules that no other rule joined."""
    requested = sorted(rules)
    others = sa.exists().where(event.c.alert_id == alert.c.id, event.c.rule_id.not_in(requested))
    return sa.and_(alert.c.rule_id.in_(requested), ~others)


def _cases(
    connection: sa.Connection,
    of_class: sa.ColumnElement[bool],
    limit: int,
    lived: UptimeDays,
    own: Sequence[OwnRetention],
) -> list[ClosedCase]:
    there = evidence.c.deleted_at.is_(None)
    has_files = sa.exists().where(evidence.c.alert_id == alert.c.id, there)
    query = sa.select(alert).where(*_may_go(), of_class, has_files)
    rows = connection.execute(query.order_by(alert.c.closed_at, alert.c.id).limit(limit)).all()
    ids = [row.id for row in rows]
    files = connection.execute(
        sa.select(evidence).where(evidence.c.alert_id.in_(ids), there).order_by(evidence.c.path)
    ).all()
    retention_of = {rule: each for each in own for rule in each.rules}
    return [
        _case(
            row,
            [one for one in files if one.alert_id == row.id],
            lived,
            retention_of.get(row.rule_id),
        )
        for row in rows
    ]


def _may_go() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition: closed, on no hold, and in no open incident."""
    held = sa.exists().where(hold.c.alert_id == alert.c.id, hold.c.ended_at.is_(None))
    in_open_incident = (
        sa.exists()
        .where(
            incident_member.c.type == MemberType.ALERT.value,
            incident_member.c.member_id == alert.c.id,
            incident_member.c.left_at.is_(None),
        )
        .where(incident.c.id == incident_member.c.incident_id, incident.c.closed_at.is_(None))
    )
    return alert.c.state == AlertState.CLOSED.value, ~held, ~in_open_incident


def _mark_deleted(connection: sa.Connection, case: ClosedCase, reason: str, now: float) -> None:
    """Mark the files as deleted; their seals stay in the log."""
    matching = sa.and_(evidence.c.alert_id == case.alert_id, evidence.c.path.in_(case.paths))
    connection.execute(sa.update(evidence).where(matching).values(deleted_at=now))
    details = {"paths": list(case.paths), "bytes": case.bytes}
    line = AuditEntry(
        at=now,
        action="evidence_deleted",
        object_id=case.alert_id,
        reason=reason,
        details=details,
    )
    add_log(connection, line)


def _case(
    row: sa.Row[Any], files: list[sa.Row[Any]], lived: UptimeDays, own: OwnRetention | None
) -> ClosedCase:
    return ClosedCase(
        alert_id=row.id,
        verdict=None if row.verdict is None else AlertState(row.verdict),
        exercise=row.exercise,
        closed_at=row.closed_at,
        lived_days=lived.after(max(row.closed_at, own.ends_at) if own else row.closed_at),
        bytes=sum(file.bytes for file in files),
        paths=tuple(file.path for file in files),
        own=own,
    )
