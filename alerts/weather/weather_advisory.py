"""Weather advisories: one per front, from its start to its end.

Owned by one thread.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from uuid6 import uuid7

from thapcanh.alerts.queue.system_events import followed
from thapcanh.alerts.store.distance import distance_m
from thapcanh.alerts.weather.wide_weather import AreaReport, Front
from thapcanh.detection.event import Event, EventPhase

HAZE = "haze"
RULE_ID = "wide_haze"
PRIORITY = 2
CLEAR_AFTER_S = 60.0  # a front lasts until its reports are ten minutes old; then this
UPDATE_EVERY_S = 60.0
_NAMED = 5
_NO_MODEL_SHA256 = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """An open advisory: its newest message, and the cameras of its front."""

    event: Event
    cameras: frozenset[str]
    gone_since: float | None = None


class WeatherAdvisories:
    """Conversion of fronts into messages."""

    def __init__(self, open_events: Iterable[Event] = ()) -> None:
        """`open_events` are those that were open before a restart."""
        self._open = [
            Advisory(event=event, cameras=frozenset({event.camera_id}))
            for event in open_events
            if event.kind == HAZE
        ]

    def judge(
        self, fronts: Sequence[Front], names: Mapping[str, str], now: float
    ) -> list[tuple[Event, Front | None]]:
        left = list(fronts)
        reported: list[tuple[Event, Front | None]] = []
        still_open: list[Advisory] = []
        for existing in self._open:
            front = next((one for one in left if existing.cameras & set(one.cameras)), None)
            if front is not None:
                left.remove(front)
            after, event = _followed(existing, front, names, now)
            if after is not None:
                still_open.append(after)
            if event is not None:
                reported.append((event, front))
        for front in left:
            raised = _raised(front, names, now)
            still_open.append(Advisory(event=raised, cameras=frozenset(front.cameras)))
            reported.append((raised, front))
        self._open = still_open
        return reported


def _followed(
    existing: Advisory, front: Front | None, names: Mapping[str, str], now: float
) -> tuple[Advisory | None, Event | None]:
    """Return the advisory after this evaluation, and its message, if any."""
    if front is None:
        since = now if existing.gone_since is None else existing.gone_since
        if now - since < CLEAR_AFTER_S:
            return replace(existing, gone_since=since), None
        return None, followed(existing.event, EventPhase.CLEARED, "the haze is gone", now)
    cameras = frozenset(front.cameras)
    is_due = now - existing.event.captured_at >= UPDATE_EVERY_S
    if not cameras - existing.cameras or not is_due:
        return replace(existing, gone_since=None), None
    event = followed(existing.event, EventPhase.UPDATED, _reason(front, names), now)
    return Advisory(event=event, cameras=cameras | existing.cameras), event


def _raised(front: Front, names: Mapping[str, str], now: float) -> Event:
    message_id = str(uuid7())
    return Event(
        id=message_id,
        event_id=message_id,
        phase=EventPhase.RAISED,
        kind=HAZE,
        camera_id=_middle(front.reports).camera_id,
        rule_id=RULE_ID,
        rule_version=1,
        zone_id=None,
        priority=PRIORITY,
        box=(0.0, 0.0, 0.0, 0.0),
        confidence=1.0,
        label=HAZE,
        track_id=None,
        model_name="centre",
        model_sha256=_NO_MODEL_SHA256,
        at_s=0.0,
        captured_at=now,
        inferred_at=now,
        reason=_reason(front, names),
    )


def _middle(reports: Sequence[AreaReport]) -> AreaReport:
    lat = sum(one.position[0] for one in reports) / len(reports)
    lon = sum(one.position[1] for one in reports) / len(reports)
    return min(reports, key=lambda one: (distance_m(one.position, (lat, lon)), one.camera_id))


def _reason(front: Front, names: Mapping[str, str]) -> str:
    """Return the number of cameras and the first of their names."""
    shown = [names.get(camera, camera) for camera in front.cameras[:_NAMED]]
    more = " …" if len(front.cameras) > _NAMED else ""
    return f"wide haze on {len(front.cameras)} cameras: {', '.join(shown)}{more}"
