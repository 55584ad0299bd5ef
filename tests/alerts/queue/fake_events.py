"""Example events and messages for tests."""

import dataclasses
from typing import Any

from thapcanh.alerts.queue.message import EvidenceRef, Message
from thapcanh.config.rules import Priority
from thapcanh.detection.event import Event, EventPhase

_SHA = "ab" * 32
FIRST_AT = 1_800_000_000.0

_FIRE = Event(
    id="message-1",
    event_id="event-1",
    phase=EventPhase.RAISED,
    kind="fire",
    camera_id="gate",
    rule_id="fire",
    rule_version=1,
    zone_id=None,
    priority=Priority.P1,
    box=(0.4, 0.4, 0.1, 0.1),
    confidence=0.8,
    label="fire",
    track_id=None,
    model_name="model",
    model_sha256=_SHA,
    at_s=10.0,
    captured_at=FIRST_AT,
    inferred_at=FIRST_AT + 0.1,
    reason="3 of 5 looks",
    unchecked=False,
)


def fake_event(seq: int = 1, **changes: Any) -> Event:
    """Return a fire seen `seq - 1` seconds after the first, as message `seq`."""
    later = {
        "id": f"message-{seq}",
        "phase": EventPhase.RAISED if seq == 1 else EventPhase.UPDATED,
        "captured_at": FIRST_AT + seq - 1,
        "inferred_at": FIRST_AT + seq - 0.9,
        "at_s": 9.0 + seq,
    }
    return dataclasses.replace(_FIRE, **{**later, **changes})


def fake_message(
    seq: int = 1,
    event: Event | None = None,
    *,
    source: str = "worker-1",
    evidence: tuple[EvidenceRef, ...] = (),
    **changes: Any,
) -> Message:
    """Return a message with its event, numbered `seq` by its worker."""
    observed = event or fake_event(seq, **changes)
    return Message(
        event=observed,
        source=source,
        producer_epoch=1,
        producer_seq=seq,
        spooled_at=observed.inferred_at + 0.1,
        evidence=evidence,
    )
