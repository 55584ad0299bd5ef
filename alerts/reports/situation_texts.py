"""Leaders' texts beside the figures of a period, in versions.

Thread-safe; every method is one transaction.
"""

import json
from dataclasses import dataclass

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import Actor, DataFilter
from thapcanh.alerts.store.tables import metadata

_MOST_VERSIONS = 100
_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
situation_text = sa.Table(
    "situation_text",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("period", _Text, nullable=False),  # `CalendarSpan.key`
    sa.Column("scope", _Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("text", _Text, nullable=False),
    sa.Column("by", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.UniqueConstraint("period", "scope", "version", name="uq_situation_text_version"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationText:
    """Version of a leader's text; an empty one withdraws it."""

    version: int
    text: str
    by: str
    at: float


class SituationTextRepository:
    """Texts by period and by what their writer sees: only who sees the same reads them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def versions(self, period: str, scope: DataFilter) -> list[SituationText]:
        """Return the versions of a period's text, the newest first."""
        query = _of(period, scope).order_by(situation_text.c.version.desc())
        with self._db.reading() as connection:
            rows = connection.execute(query.limit(_MOST_VERSIONS)).all()
        return [
            SituationText(version=row.version, text=row.text, by=row.by, at=row.at) for row in rows
        ]

    def write(self, actor: Actor, period: str, text: str, expected: int, now: float) -> bool:
        """Add a version after `expected` (0: the first); False where that is not the newest."""
        with self._db.writing() as connection:
            newest = sa.select(sa.func.max(situation_text.c.version)).where(
                situation_text.c.period == period,
                situation_text.c.scope == _scope_key(actor.scope),
            )
            if (connection.execute(newest).scalar_one() or 0) != expected:
                return False
            values = {
                "id": str(uuid7()),
                "period": period,
                "scope": _scope_key(actor.scope),
                "version": expected + 1,
                "text": text,
                "by": actor.username,
                "at": now,
            }
            connection.execute(sa.insert(situation_text).values(values))
            entry = AuditEntry(
                at=now,
                actor=actor.username,
                role=actor.role.value,
                action="situation_written",
                object_id=str(values["id"]),
                details={"period": period, "version": expected + 1},
            )
            add_log(connection, entry)
            return True


def _of(period: str, scope: DataFilter) -> "sa.Select[tuple[int, str, str, float]]":
    columns = situation_text.c
    query = sa.select(columns.version, columns.text, columns.by, columns.at)
    return query.where(columns.period == period, columns.scope == _scope_key(scope))


def _scope_key(scope: DataFilter) -> str:
    named = (scope.agencies, scope.areas)
    return json.dumps([None if names is None else sorted(names) for names in named])
