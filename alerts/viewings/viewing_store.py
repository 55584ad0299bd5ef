"""Viewing log: who saw which evidence, live picture or export, when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.alerts.store.tables import metadata

VIEWED = "viewed"
_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
viewing = sa.Table(
    "viewing",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("username", _Text, nullable=False),
    sa.Column("role", _Text, nullable=False),
    sa.Column("what", _Text, nullable=False),
    sa.Column("object_id", _Text, nullable=False),
    sa.Column("camera", _Text),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("ground", _Text, nullable=False),
)
sa.Index("ix_viewing_at", viewing.c.at.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """Viewing. `what` is evidence, live, still or export; `ground` is the reason."""

    at: float
    username: str
    role: str
    what: str
    object_id: str
    ground: str
    camera: str | None = None
    agency: str | None = None
    area: str | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewingQuery:
    """Query of viewings, newest first; `before` is the last number read."""

    username: str | None = None
    camera: str | None = None
    before: int | None = None
    limit: int = 100
    scope: DataFilter = field(default_factory=DataFilter)


class ViewingRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note(
        self, observed: Viewing, *, action: str = VIEWED, details: Mapping[str, Any] | None = None
    ) -> int:
        facts = {"what": observed.what, "camera": observed.camera, "ground": observed.ground}
        line = AuditEntry(
            at=observed.at,
            actor=observed.username,
            role=observed.role,
            action=action,
            object_id=observed.object_id,
            details={**(details or {}), **facts} if action == VIEWED else dict(details or {}),
        )
        with self._db.writing() as connection:
            seq = add_log(connection, line)
            values = {name: getattr(observed, name) for name in Viewing.__dataclass_fields__}
            connection.execute(sa.insert(viewing).values({**values, "seq": seq}))
        return seq

    def page(self, requested: ViewingQuery) -> list[Viewing]:
        """Return the newest matching viewings in scope."""
        query = sa.select(viewing).order_by(viewing.c.seq.desc()).limit(requested.limit)
        for column, value in (
            (viewing.c.username, requested.username),
            (viewing.c.camera, requested.camera),
        ):
            if value is not None:
                query = query.where(column == value)
        if requested.before is not None:
            query = query.where(viewing.c.seq < requested.before)
        query = query.where(*owned_by(viewing, requested.scope))
        with self._db.reading() as connection:
            return [Viewing(**row._mapping) for row in connection.execute(query)]
