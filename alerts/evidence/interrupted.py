"""What an earlier process took of events' evidence and did not save: it was killed, or had no time.

Asked once at a start. Pure but for the log.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

from uuid6 import uuid7

from thapcanh.alerts.evidence.staging import StagedItem
from thapcanh.alerts.queue.owed_parts import OwedEvidence
from thapcanh.alerts.queue.spool import OutboxItem
from thapcanh.detection.event import EventPhase

log = logging.getLogger(__name__)


def interrupted(
    owed: Iterable[OwedEvidence], waiting: Iterable[StagedItem]
) -> Iterator[OutboxItem]:
    """One message for each event of which a part is owed and does not wait for the store."""
    comes = {(item.event_id, str(item.part)) for item in waiting}
    lost: dict[str, list[OwedEvidence]] = {}
    for one in owed:
        if (one.event.event_id, one.part) not in comes:
            lost.setdefault(one.event.event_id, []).append(one)
    for event_id, parts in lost.items():
        told = tuple(one.part for one in parts)
        error = f"the worker ended before it had saved: {', '.join(told)}"
        log.error("evidence of event %s is lost: %s", event_id, error)
        event = replace(parts[0].event, id=str(uuid7()), phase=EventPhase.UPDATED)
        yield OutboxItem(event=event, evidence_error=error, evidence_only=True, settles=told)
