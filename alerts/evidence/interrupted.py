"""Evidence that an earlier process accepted and did not save, because it was killed."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

from uuid6 import uuid7

from thapcanh.alerts.evidence.staging import StagedItem
from thapcanh.alerts.queue.pending_parts import PendingEvidence
from thapcanh.alerts.queue.spool import OutboxItem
from thapcanh.detection.event import EventPhase

log = logging.getLogger(__name__)


def interrupted(
    pending: Iterable[PendingEvidence], waiting: Iterable[StagedItem]
) -> Iterator[OutboxItem]:
    """Yield one message for each event with a pending part that is not staged."""
    staged = {(item.event_id, str(item.part)) for item in waiting}
    lost: dict[str, list[PendingEvidence]] = {}
    for one in pending:
        if (one.event.event_id, one.part) not in staged:
            lost.setdefault(one.event.event_id, []).append(one)
    for event_id, parts in lost.items():
        reported = tuple(one.part for one in parts)
        error = f"the worker ended before it had saved: {', '.join(reported)}"
        log.error("evidence of event %s is lost: %s", event_id, error)
        event = replace(parts[0].event, id=str(uuid7()), phase=EventPhase.UPDATED)
        yield OutboxItem(event=event, evidence_error=error, evidence_only=True, settles=reported)
