"""What retention needs to know and to write down: closed cases, their files, their deletion."""

from typing import Any

import sqlalchemy as sa

from alerts.archive.ledger import LogLine, add_log
from alerts.archive.tables import alert, evidence
from alerts.life import State
from alerts.retention import Case


def evidence_bytes(connection: sa.Connection) -> int:
    """Bytes of all evidence that was not deleted."""
    query = sa.select(sa.func.coalesce(sa.func.sum(evidence.c.bytes), 0))
    return int(connection.execute(query.where(evidence.c.deleted_at.is_(None))).scalar_one())


def closed_cases(connection: sa.Connection, limit: int) -> list[Case]:
    """Closed alerts that still have evidence, the longest closed first."""
    there = evidence.c.deleted_at.is_(None)
    has_files = sa.exists().where(evidence.c.alert_id == alert.c.id, there)
    query = sa.select(alert).where(alert.c.state == State.CLOSED.value, has_files)
    rows = connection.execute(query.order_by(alert.c.closed_at, alert.c.id).limit(limit)).all()
    ids = [row.id for row in rows]
    files = connection.execute(
        sa.select(evidence).where(evidence.c.alert_id.in_(ids), there).order_by(evidence.c.path)
    ).all()
    return [_case(row, [file for file in files if file.alert_id == row.id]) for row in rows]


def mark_deleted(connection: sa.Connection, case: Case, reason: str, now: float) -> None:
    """The files are gone; their seals stay in the log."""
    mine = sa.and_(evidence.c.alert_id == case.alert_id, evidence.c.path.in_(case.paths))
    connection.execute(sa.update(evidence).where(mine).values(deleted_at=now))
    details = {"paths": list(case.paths), "bytes": case.bytes}
    line = LogLine(
        at=now,
        action="evidence_deleted",
        object_id=case.alert_id,
        reason=reason,
        details=details,
    )
    add_log(connection, line)


def _case(row: sa.Row[Any], files: list[sa.Row[Any]]) -> Case:
    return Case(
        alert_id=row.id,
        verdict=None if row.verdict is None else State(row.verdict),
        closed_at=row.closed_at,
        bytes=sum(file.bytes for file in files),
        paths=tuple(file.path for file in files),
    )
