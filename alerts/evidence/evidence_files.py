"""Evidence rows: one per file, bound to its event's alert as soon as that exists."""

import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_tables import evidence
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, Message

log = logging.getLogger(__name__)


class EvidenceFiles:
    """Files of a batch of messages, written together.

    A seal is written once, by the file's own event; only the manifest is sealed again when its clip
    arrives.
    """

    def __init__(self, connection: sa.Connection, messages: Sequence[Message]) -> None:
        """`messages`: those of the batch."""
        self._connection = connection
        self._waiting = self._read_waiting([one.event.event_id for one in messages])
        """By event, until it has an alert."""
        self._sealed = self._read_sealed([ref.path for one in messages for ref in one.evidence])
        """By path: the row as it stands, or will once it is written."""
        self._rows: list[dict[str, Any]] = []
        self._alert_of: dict[str, str] = {}  # by event
        self._fresh: set[str] = set()  # events that have an alert since this batch

    def attach(
        self, message: Message, alert_id: str | None, now: float, *, is_new: bool = False
    ) -> None:
        """Add a message's files, and bind earlier ones of its event."""
        event_id = message.event.event_id
        rows = self._accepted(message, alert_id, now)
        if alert_id is not None:
            self._rows += rows
            self._alert_of.setdefault(event_id, alert_id)
            if is_new:
                self._fresh.add(event_id)
        elif rows:  # before its event: written at once, for they wait for no alert's row
            self._add(rows)
            self._waiting |= self._read_waiting([event_id])

    def sealed_by(self, message: Message) -> dict[str, str]:
        """Return path and seal of a message's accepted files."""
        return {
            ref.path: ref.sha256
            for ref in message.evidence
            if (row := self._sealed.get(ref.path)) is not None
            and (row["event_id"], row["sha256"]) == (message.event.event_id, ref.sha256)
        }

    def joined(self, event_id: str) -> dict[str, str]:
        """Return path and seal of files that came before their event's alert."""
        if event_id not in self._fresh:
            return {}
        self._fresh.discard(event_id)
        return self._waiting.get(event_id, {})

    def write(self) -> None:
        """Write everything collected."""
        if self._rows:
            self._add(self._rows)
        self._bind()
        self._rows, self._alert_of = [], {}

    def _accepted(self, message: Message, alert_id: str | None, now: float) -> list[dict[str, Any]]:
        """Return the rows of new files; a manifest is sealed again when its clip arrives."""
        new: list[dict[str, Any]] = []
        joins_film = False
        for ref in message.evidence:
            row = _row(ref, message.event.event_id, alert_id, now)
            before = self._sealed.setdefault(ref.path, row)
            if before is row:
                new.append(row)
                joins_film |= ref.kind is EvidenceKind.CLIP
            elif before["sha256"] != row["sha256"]:
                self._seal_again(before, row, message.source, joins_film=joins_film)
        return new

    def _seal_again(
        self, before: dict[str, Any], row: dict[str, Any], source: str, *, joins_film: bool
    ) -> None:
        is_manifest = before["kind"] == row["kind"] == EvidenceKind.MANIFEST
        is_own = before["event_id"] == row["event_id"]
        if not (is_own and is_manifest and joins_film and row["bytes"] > before["bytes"]):
            log.error(
                "evidence %s of event %s: %s gives it another seal for event %s: the first stays",
                row["path"], before["event_id"], source, row["event_id"],
            )  # fmt: skip
            return
        before.update(sha256=row["sha256"], bytes=row["bytes"])
        same_path = sa.update(evidence).where(evidence.c.path == row["path"])
        self._connection.execute(same_path.values(sha256=row["sha256"], bytes=row["bytes"]))

    def _add(self, rows: Sequence[dict[str, Any]]) -> None:
        self._connection.execute(sa.insert(evidence), list(rows))

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

    def _read_sealed(self, paths: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return event, kind, seal and size by path."""
        if not paths:
            return {}
        names = ("path", "event_id", "kind", "sha256", "bytes")
        query = sa.select(*(evidence.c[name] for name in names))
        rows = self._connection.execute(query.where(evidence.c.path.in_(sorted(set(paths)))))
        return {row.path: dict(row._mapping) for row in rows}


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
