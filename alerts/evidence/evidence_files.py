"""Evidence rows: one a file, bound to the alert of its event as soon as that is known."""

import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from alerts.alert.alert_tables import evidence
from alerts.queue.message import EvidenceKind, EvidenceRef, Message

log = logging.getLogger(__name__)


class EvidenceFiles:
    """The files that a batch of messages brings, written together."""

    def __init__(self, connection: sa.Connection, event_ids: Sequence[str]) -> None:
        """`event_ids`: the events of the batch."""
        self._connection = connection
        self._waiting = self._read_waiting(event_ids)  # by event, until it has an alert
        self._rows: list[dict[str, Any]] = []
        self._alert_of: dict[str, str] = {}  # by event
        self._fresh: set[str] = set()  # events that have an alert since this batch

    def attach(
        self, message: Message, alert_id: str | None, now: float, *, is_new: bool = False
    ) -> None:
        """Add a message's files, and bind earlier ones of its event that waited for an alert."""
        event_id = message.event.event_id
        rows = [_row(ref, event_id, alert_id, now) for ref in message.evidence]
        if alert_id is not None:
            self._rows += rows
            self._alert_of.setdefault(event_id, alert_id)
            if is_new:
                self._fresh.add(event_id)
        elif rows:  # before its event: written at once, for they wait for no alert's row
            self._add(rows)
            self._waiting |= self._read_waiting([event_id])

    def joined(self, event_id: str) -> dict[str, str]:
        """Files that came before their event had an alert, and are its now: path and seal."""
        if event_id not in self._fresh:
            return {}
        self._fresh.discard(event_id)
        return self._waiting.get(event_id, {})

    def write(self) -> None:
        """Put everything into the archive."""
        if self._rows:
            self._add(self._rows)
        self._bind()
        self._rows, self._alert_of = [], {}

    def _add(self, rows: Sequence[dict[str, Any]]) -> None:
        """A file never changes; only the manifest is written again when another file joins it."""
        paths = sorted({row["path"] for row in rows})
        query = sa.select(evidence.c.path, evidence.c.kind, evidence.c.sha256, evidence.c.bytes)
        found = self._connection.execute(query.where(evidence.c.path.in_(paths)))
        known = {one.path: dict(one._mapping) for one in found}
        new: list[dict[str, Any]] = []
        for row in rows:
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
        for event_id in sorted(self._alert_of.keys() & self._waiting.keys()):
            del self._waiting[event_id]
            self._connection.execute(
                sa.update(evidence)
                .where(evidence.c.event_id == event_id, evidence.c.alert_id.is_(None))
                .values(alert_id=self._alert_of[event_id])
            )

    def _read_waiting(self, event_ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """Path and seal, by event, of the files that wait for their event's alert."""
        columns = (evidence.c.event_id, evidence.c.path, evidence.c.sha256)
        waits = (evidence.c.event_id.in_(event_ids), evidence.c.alert_id.is_(None))
        found: dict[str, dict[str, str]] = {}
        for row in self._connection.execute(sa.select(*columns).where(*waits)):
            found.setdefault(row.event_id, {})[row.path] = row.sha256
        return found


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
