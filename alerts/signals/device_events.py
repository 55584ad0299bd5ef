"""A device's signals as events: they travel, fold and are answered like a camera's.

The device's id stands in the camera's place. One episode a device and kind, from its first signal
to its `cleared`; the episodes that were open before a restart are handed in.
"""

from collections.abc import Iterable

from uuid6 import uuid7

from alerts.queue.system_events import followed
from alerts.signals.signal_schema import SignalKind
from detection.event import Event, EventPhase

RULE = "device"
_MODEL = "device"
_NO_MODEL_SHA256 = "0" * 64
_PRIORITIES = {SignalKind.FIRE: 1, SignalKind.SMOKE: 2}
RAISING = frozenset(_PRIORITIES)


class DeviceEpisodes:
    """Which episodes are open; owned by the holder of the lock round it."""

    def __init__(self, open_events: Iterable[Event] = ()) -> None:
        self._open = {
            (event.camera_id, event.kind): event for event in open_events if event.rule_id == RULE
        }

    def of_signal(
        self, device_id: str, kind: SignalKind, at: float, now: float, words: str
    ) -> list[Event]:
        """The events that a signal gives rise to. `at` is when it happened, `words` why.

        Each counts once `saved` is told of it: one that could not be saved is made again.
        """
        if kind in RAISING:
            return [self._raised(device_id, kind, at, now, words)]
        if kind is not SignalKind.CLEARED:
            return []
        known = [event for key, event in self._open.items() if key[0] == device_id]
        return [followed(event, EventPhase.CLEARED, words, at) for event in known]

    def saved(self, event: Event) -> None:
        """Take an event for what the next ones follow."""
        key = (event.camera_id, event.kind)
        if event.phase is EventPhase.CLEARED:
            self._open.pop(key, None)
        else:
            self._open[key] = event

    def _raised(self, device_id: str, kind: SignalKind, at: float, now: float, words: str) -> Event:
        known = self._open.get((device_id, kind.value))
        if known is None:
            return _event(device_id, kind, at, now, words)
        return followed(known, EventPhase.UPDATED, words, at)


def _event(device_id: str, kind: SignalKind, at: float, now: float, words: str) -> Event:
    message_id = str(uuid7())
    return Event(
        id=message_id,
        event_id=message_id,
        phase=EventPhase.RAISED,
        kind=kind.value,
        camera_id=device_id,
        rule_id=RULE,
        rule_version=1,
        zone_id=None,
        priority=_PRIORITIES[kind],
        box=(0.0, 0.0, 1.0, 1.0),  # it speaks of its whole place
        confidence=1.0,
        label=kind.value,
        track_id=None,
        model_name=_MODEL,
        model_sha256=_NO_MODEL_SHA256,
        at_s=0.0,
        captured_at=at,
        inferred_at=max(at, now),
        reason=words,
    )


def reason_of(place: str | None, value: object, folded: int) -> str:
    """Why, for people: the loop, the reading, and how many were folded into this one."""
    parts = ["device signal"]
    if place:
        parts.append(place)
    if value is not None:
        parts.append(f"value {value}")
    if folded:
        parts.append(f"{folded} more folded")
    return " · ".join(parts)
