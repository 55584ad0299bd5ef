"""Events of devices' signals, processed like a camera's."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from uuid6 import uuid7

from thapcanh.alerts.queue.system_events import SystemKind, followed
from thapcanh.alerts.signals.signal_schema import SignalBody, SignalKind
from thapcanh.alerts.store.plain_text import legible
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.onvif.event_topics import OnvifEventKind

RULE = "device"
_MODEL = "device"
REPORTED_BY_CAMERA = "told by the camera: "
_NAMING = "device signal: "  # before the zone, in the words of an event
_NAMES_A_ZONE = (_NAMING, f"{REPORTED_BY_CAMERA}{OnvifEventKind.DIGITAL_INPUT.value} ")
_BETWEEN = " · "
_MOST_NAMED = 8  # other zones in one reason
_NO_MODEL_SHA256 = "0" * 64
_PRIORITIES = {
    SignalKind.FIRE: 1,
    SignalKind.SMOKE: 2,
    SignalKind.TAMPER: 3,
    SignalKind.FAULT: 3,
    SignalKind.SUPERVISORY: 3,
}
RAISING = frozenset(_PRIORITIES)
BURNING = (SignalKind.FIRE, SignalKind.SMOKE)
_RULES = {kind: RULE if kind in BURNING else f"panel_{kind.value}" for kind in _PRIORITIES}


def is_told_by_device(kind: str, rule_id: str) -> bool:
    """Return whether a device reports fire: a P1 until cameras that see nothing lower it."""
    return rule_id == RULE and kind == SignalKind.FIRE


_Key = tuple[str, str]  # device, and what it says


class DeviceEpisodes:
    """Open episodes, guarded by the owner's lock."""

    def __init__(self, open_events: Iterable[Event] = ()) -> None:
        self._open = {
            (event.camera_id, event.label): event
            for event in open_events
            if event.rule_id in _RULES.values()
        }
        self._zones: dict[_Key, frozenset[str]] = {}
        """Zones that told of an episode and were not restored; of one before a restart, `know`."""
        self._unknown = frozenset(self._open)

    def copied(self) -> "DeviceEpisodes":
        """Return a copy, to roll back to."""
        same = DeviceEpisodes()
        same._open, same._zones = dict(self._open), dict(self._zones)
        same._unknown = self._unknown
        return same

    @property
    def unknown(self) -> Mapping[str, frozenset[str]]:
        """Devices whose open episodes have unknown zones, with those episodes' ids."""
        return self._ids(self._unknown & self._open.keys())

    @property
    def open_ids(self) -> Mapping[str, frozenset[str]]:
        return self._ids(self._open)

    def over_elsewhere(
        self, standing: Mapping[str, Sequence[SignalBody]], now: float
    ) -> list[Event]:
        """Return the ends of episodes that these devices no longer report to any centre."""
        stated = {(one.device_id, one.kind.value) for each in standing.values() for one in each}
        over = [key for key in self._open if key[0] in standing and key not in stated]
        words = reason_of(None, None, 0)
        return [followed(self._open[key], EventPhase.CLEARED, words, now) for key in over]

    def know(self, standing: Iterable[SignalBody]) -> None:
        """Record what those devices reported and did not restore."""
        for one in standing:
            key = (one.device_id, one.kind.value)
            if one.place and key in self._unknown:
                self._zones[key] = self._zones.get(key, frozenset()) | {one.place}
        self._unknown = frozenset()

    def of_signal(self, signal: SignalBody, at: float, now: float, words: str) -> list[Event]:
        """Return the events of a signal. `at` is its time, `words` the reason.

        Each counts once `saved` is called for it.
        """
        if signal.kind in RAISING:
            return [self._raised(signal, at, now, words)]
        if signal.kind not in (SignalKind.CLEARED, SignalKind.RESTORED):
            return []
        over = [key for key in self._concerned(signal) if self._drop_zone(key, signal.place)]
        return [followed(self._open[key], EventPhase.CLEARED, words, at) for key in over]

    def saved(self, event: Event) -> None:
        key = (event.camera_id, event.label)
        if event.phase is EventPhase.CLEARED:
            self._open.pop(key, None)
            self._zones.pop(key, None)
        else:
            self._open[key] = event

    def _raised(self, signal: SignalBody, at: float, now: float, words: str) -> Event:
        key = (signal.device_id, signal.kind.value)
        existing = self._open.get(key)
        if signal.place and (existing is None or key in self._zones):
            self._zones[key] = self._zones.get(key, frozenset()) | {signal.place}
        words += _beside(self._others_than(signal))
        if existing is None:
            return _event(signal, at, now, words)
        return followed(existing, EventPhase.UPDATED, words, at)

    def _others_than(self, signal: SignalBody) -> frozenset[str]:
        """Return the device's other zones that report the same; fire and smoke are one alert."""
        kinds = BURNING if signal.kind in BURNING else (signal.kind,)
        zones = (self._zones.get((signal.device_id, kind.value), frozenset()) for kind in kinds)
        return frozenset[str]().union(*zones) - {signal.place}

    def _ids(self, keys: Iterable[_Key]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for key in keys:
            found[key[0]] = found.get(key[0], frozenset()) | {self._open[key].event_id}
        return found

    def _concerned(self, signal: SignalBody) -> Iterator[_Key]:
        """Yield the open episodes that a signal may end."""
        named = signal.restores
        for device_id, kind in list(self._open):
            if device_id == signal.device_id and named in (None, kind):
                yield device_id, kind

    def _drop_zone(self, key: _Key, place: str | None) -> bool:
        """Drop a zone from an episode; return whether none is left. Without `place` all are."""
        zones = self._zones.get(key)
        if place is None:
            return True
        if not zones:
            return key not in self._unknown
        left = zones - {place}
        self._zones[key] = left
        return not left


def _event(signal: SignalBody, at: float, now: float, words: str) -> Event:
    message_id = str(uuid7())
    return Event(
        id=message_id,
        event_id=message_id,
        phase=EventPhase.RAISED,
        kind=_kind_of(signal.kind),
        camera_id=signal.device_id,
        rule_id=_RULES[signal.kind],
        rule_version=1,
        zone_id=None,
        priority=_PRIORITIES[signal.kind],
        box=(0.0, 0.0, 1.0, 1.0),  # it speaks of its whole place
        confidence=1.0,
        label=signal.kind.value,
        track_id=None,
        model_name=_MODEL,
        model_sha256=_NO_MODEL_SHA256,
        at_s=0.0,
        captured_at=at,
        inferred_at=max(at, now),
        reason=words,
    )


def _kind_of(kind: SignalKind) -> str:
    """Return the event kind; a panel's own faults are the system's troubles."""
    return kind.value if kind in BURNING else SystemKind.DEVICE_FAULT.value


def reason_of(place: str | None, value: object, folded: int, ahead_s: float | None = None) -> str:
    """Return the reason for people: loop, reading, and number of merged signals.

    `ahead_s` is the error of the device's clock, or None.
    """
    zone = _legible(place or "")
    parts = [f"{_NAMING}{zone}" if zone else "device signal"]
    if value is not None:
        parts.append(f"value {_legible(str(value))}")
    if ahead_s is not None:
        parts.append(f"dated {abs(ahead_s):.0f} s {'ahead' if ahead_s > 0 else 'back'}")
    if folded:
        parts.append(f"{folded} more folded")
    return _BETWEEN.join(parts)


def _beside(zones: Collection[str]) -> str:
    named = [_legible(zone) for zone in sorted(zones)]
    more = ", …" if len(named) > _MOST_NAMED else ""
    return f"{_BETWEEN}also {', '.join(named[:_MOST_NAMED])}{more}" if named else ""


def _legible(zone: str) -> str:
    return legible(zone).replace(_BETWEEN, ", ")


def reported_zone(reason: str) -> str | None:
    """Return the zone or input that the reason of a device's event names, or None."""
    first = reason.split(_BETWEEN, maxsplit=1)[0]
    return first if first.startswith(_NAMES_A_ZONE) else None
