"""Evidence rows: one a file, bound to the alert of its event as soon as that is known."""

import logging

import sqlalchemy as sa
from uuid6 import uuid7

from alerts.archive.tables import evidence
from alerts.wire import EvidenceKind, EvidenceRef, Message

logger = logging.getLogger(__name__)


def attach(connection: sa.Connection, message: Message, alert_id: str | None, now: float) -> None:
    """Add a message's files, and bind earlier ones of its event that waited for an alert."""
    event_id = message.event.event_id
    for ref in message.evidence:
        _add(connection, ref, event_id, alert_id, now)
    if alert_id is not None:
        connection.execute(
            sa.update(evidence)
            .where(evidence.c.event_id == event_id, evidence.c.alert_id.is_(None))
            .values(alert_id=alert_id)
        )


def _add(
    connection: sa.Connection, ref: EvidenceRef, event_id: str, alert_id: str | None, now: float
) -> None:
    """A file never changes; only the manifest is written anew when another file joins it."""
    same_path = evidence.c.path == ref.path
    known = connection.execute(sa.select(evidence).where(same_path)).one_or_none()
    if known is None:
        connection.execute(
            sa.insert(evidence).values(
                id=str(uuid7()),
                alert_id=alert_id,
                event_id=event_id,
                kind=ref.kind.value,
                path=ref.path,
                sha256=ref.sha256,
                bytes=ref.bytes,
                added_at=now,
            )
        )
    elif known.sha256 == ref.sha256:
        return
    elif known.kind == EvidenceKind.MANIFEST and ref.bytes > known.bytes:  # it only ever grows
        connection.execute(
            sa.update(evidence).where(same_path).values(sha256=ref.sha256, bytes=ref.bytes)
        )
    else:
        logger.error("evidence %s was told twice with different seals: the first stays", ref.path)
