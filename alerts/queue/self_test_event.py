"""Self-test event: proves the whole path from a worker's decoder to the screens."""

from dataclasses import replace

from uuid6 import uuid7

from thapcanh.config.rules import Priority
from thapcanh.detection.event import Event, EventPhase

SELF_TEST = "self_test"
PROVE_EVERY_S = 300.0

_NO_MODEL_SHA256 = "0" * 64


def self_test_event(worker_id: str, now: float, observed: Event | None = None) -> Event:
    """Return a worker's self-test event at `now` (UTC unix seconds), with what its model saw.

    Without `observed` it only proves the path from here on.
    """
    message_id = str(uuid7())
    if observed is not None:
        return replace(
            observed,
            id=message_id,
            event_id=message_id,
            kind=SELF_TEST,
            camera_id=worker_id,
            rule_id=SELF_TEST,
            priority=Priority.P3,
            captured_at=now,
            inferred_at=now,
        )
    return Event(
        id=message_id,
        event_id=message_id,
        phase=EventPhase.RAISED,
        kind=SELF_TEST,
        camera_id=worker_id,
        rule_id=SELF_TEST,
        rule_version=1,
        zone_id=None,
        priority=Priority.P3,
        box=(0.0, 0.0, 0.0, 0.0),
        confidence=0.0,
        label=SELF_TEST,
        track_id=None,
        model_name=SELF_TEST,
        model_sha256=_NO_MODEL_SHA256,
        at_s=0.0,
        captured_at=now,
        inferred_at=now,
        reason=SELF_TEST,
        unchecked=False,
    )
