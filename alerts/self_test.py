"""A message that proves the whole path, from a worker's spool to the screens, and alarms nobody.

A worker accepts one every few minutes; the centre stores it and opens no alert. When none has come
for a while, something on the way is broken, however calm the screens are.
"""

from uuid6 import uuid7

from detection.event import Event, Phase

SELF_TEST = "self_test"
PROVE_EVERY_S = 300.0

_NO_MODEL_SHA256 = "0" * 64


def self_test_event(worker_id: str, now: float) -> Event:
    """A self-test of one worker at a time (UTC unix seconds)."""
    message_id = str(uuid7())
    return Event(
        id=message_id,
        event_id=message_id,
        phase=Phase.RAISED,
        kind=SELF_TEST,
        camera_id=worker_id,
        rule_id=SELF_TEST,
        rule_version=1,
        zone_id=None,
        priority=3,
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
