"""Events of the workers' queue, read by a program beside the centre."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from thapcanh.alerts.queue.message import Message, decode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.store.errors import QueueRefused, WireError
from thapcanh.app.replay.replayed_event import public_repr
from thapcanh.detection.event import Box, EventPhase

NEWEST = "$"  # as XREAD calls what comes from now on
_SCHEMES = ("redis", "rediss", "unix")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class QueuedEvent:
    """One message of an event: raised, updated or cleared; all of one event share `event_id`.

    `captured_at` is UTC in unix seconds, `box` is x, y, width, height in shares (0..1) of the
    picture. `belief` is None if the sender has none. `exercise` is a drill. `stream_id` is the
    position to read on after it.
    """

    stream_id: str
    event_id: str
    kind: str
    phase: EventPhase
    camera: str
    captured_at: float
    confidence: float
    label: str
    box: Box
    rule: str
    priority: int
    belief: float | None
    reasons: Mapping[str, float]
    reason: str
    exercise: bool

    __repr__ = public_repr("QueuedEvent")


def read_alerts(
    queue: str, *, after: str = NEWEST, until_empty: bool = False
) -> Iterator[QueuedEvent]:
    """Yield the events of a queue (`redis://…`), after a stream id, as they come.

    By default only new ones; `after="0"` starts with the oldest stored one. `until_empty` ends at
    the last one. Workers' self-tests and other entries are skipped. Signatures are not checked: the
    centre does that. Raise `QueueError`; its `retry_helps` says whether to try again.
    """
    reader = _reader(queue)
    try:
        if after == NEWEST:
            after = reader.last_id()
        while True:
            entries = reader.read_after(after, waits=not until_empty)
            for entry in entries:
                after = entry.stream_id
                try:
                    message = decode(entry.fields)
                except WireError:
                    continue
                if message.event.kind != SELF_TEST:
                    yield _queued(after, message)
            if until_empty and not entries:
                return
    finally:
        reader.close()


def _reader(queue: object) -> EventQueue:
    if not isinstance(queue, str) or urlsplit(queue).scheme not in _SCHEMES:
        raise QueueRefused(f"the queue's address begins with one of {', '.join(_SCHEMES)}")
    return EventQueue(queue)


def _queued(stream_id: str, message: Message) -> QueuedEvent:
    event = message.event
    return QueuedEvent(
        stream_id=stream_id,
        event_id=event.event_id,
        kind=event.kind,
        phase=event.phase,
        camera=event.camera_id,
        captured_at=event.captured_at,
        confidence=event.confidence,
        label=event.label,
        box=event.box,
        rule=event.rule_id,
        priority=event.priority,
        belief=event.belief,
        reasons=dict(event.reasons),
        reason=event.reason,
        exercise=event.exercise,
    )
