"""Evidence rows: one a file, bound to the alert of its event as soon as that is known."""

import logging
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from alerts.archive.models.alerts import evidence
from alerts.message import EvidenceKind, EvidenceRef, Message

log = logging.getLogger(__name__)


class EvidenceFiles:
    """The files that a batch of messages brings, written together."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._rows: list[dict[str, Any]] = []
        self._alert_of: dict[str, str] = {}  # by event
        self._fresh: set[str] = set()  # events that have an alert since this batch

    def attach(
        self, message: Message, alert_id: str | None, now: float, *, is_new: bool = False
    ) -> None:
        """Add a message's files, and bind earlier ones of its event that waited for an alert."""
        event_id = message.event.event_id
        for ref in message.evidence:
            self._rows.append(_row(ref, event_id, alert_id, now))
        if alert_id is not None:
            self._alert_of.setdefault(event_id, alert_id)
            if is_new:
                self._fresh.add(event_id)

    def joined(self, event_id: str) -> dict[str, str]:
        """Files that came before their event had an alert, and are its now: path and seal."""
        if event_id not in self._fresh:
            return {}
        self._fresh.discard(event_id)
        columns = (evidence.c.path, evidence.c.sha256)
        waits = (evidence.c.event_id == event_id, evidence.c.alert_id.is_(None))
        rows = self._connection.execute(sa.select(*columns).where(*waits)).all()
        return {row.path: row.sha256 for row in rows}

    def write(self) -> None:
        """Put everything into the archive."""
        if self._rows:
            self._add()
        if self._alert_of:
            self._bind()
        self._rows, self._alert_of = [], {}

    def _add(self) -> None:
        """A file never changes; only the manifest is written again when another file joins it."""
        paths = sorted({row["path"] for row in self._rows})
        query = sa.select(evidence.c.path, evidence.c.kind, evidence.c.sha256, evidence.c.bytes)
        found = self._connection.execute(query.where(evidence.c.path.in_(paths)))
        known = {one.path: dict(one._mapping) for one in found}
        new: list[dict[str, Any]] = []
        for row in self._rows:
            before = known.get(row["path"])
            if before is None:
                new.append(row)
                known[row["path"]] = row
            elif before["sha256"] == row["sha256"]:
                continue
            elif before["kind"] == EvidenceKind.MANIFEST and row["bytes"] > before["bytes"]:
                before.update(sha256=row["sha256"], bytes=row["bytes"])  # it only ever grows
                self._renew(row)
            else:
                log.error(
                    "evidence %s was told twice with different seals: the first stays", row["path"]
                )
        if new:
            self._connection.execute(sa.insert(evidence), new)

    def _renew(self, row: dict[str, Any]) -> None:
        same_path = sa.update(evidence).where(evidence.c.path == row["path"])
        self._connection.execute(same_path.values(sha256=row["sha256"], bytes=row["bytes"]))

    def _bind(self) -> None:
        waits = (evidence.c.event_id.in_(sorted(self._alert_of)), evidence.c.alert_id.is_(None))
        waiting = self._connection.execute(sa.select(evidence.c.event_id).where(*waits).distinct())
        for event_id in waiting.scalars().all():
            self._connection.execute(
                sa.update(evidence)
                .where(evidence.c.event_id == event_id, evidence.c.alert_id.is_(None))
                .values(alert_id=self._alert_of[event_id])
            )


def _row(ref: EvidenceRef, event_id: str, alert_id: str | None, now: float) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "alert_id": alert_id,
        "event_id": event_id,
        "kind": ref.kind.value,
        "path": ref.path,
        "sha256": ref.sha256,
        "bytes": ref.bytes,
        "added_at": now,
    }
