"""Rules of `camera_event`: cameras' events in, events of the rules' episodes out; pure.

There is one episode per camera and rule: raised when a source becomes active, cleared
`clear_after_s` after the last one is inactive, so a chattering contact raises once. A state that
holds when the rule's hours start is raised then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from thapcanh.alerts.queue.system_events import followed
from thapcanh.alerts.signals.device_events import REPORTED_BY_CAMERA
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.rules.camera_event import CameraEventRule
from thapcanh.detection.rules.hours import is_open
from thapcanh.ingest.onvif.event_topics import OnvifEvent

MOST_SOURCES = 32
TOLD_EVERY_S = 10.0
REPEATS_WITHIN_S = 60.0
"""A camera may repeat a state while it holds; told after a longer silence, it began again."""
STATES_WITHIN_S = 10.0
"""Of a new subscription: then a camera that tells its states has told them."""
_MODEL = "camera"
_NO_MODEL_SHA256 = "0" * 64

Rules = Mapping[str, Sequence[CameraEventRule]]
"""The rules of each camera that has some."""


@dataclass(slots=True)
class _Episode:
    """State of one rule on one camera. Times are UTC unix seconds."""

    rule: CameraEventRule
    active: dict[str, OnvifEvent] = field(default_factory=dict)
    heard_at: dict[str, float] = field(default_factory=dict)
    """When each active source was last told of."""
    unsure: dict[str, tuple[OnvifEvent, float]] = field(default_factory=dict)
    """What was active when a subscription was lost, and when it was told of: it may have ended."""
    is_renewed: bool = False
    """A source began again whose end was lost: what is raised is another event's."""
    pulse: OnvifEvent | None = None
    """The newest that began since the last round."""
    quiet_since: float | None = None
    raised: Event | None = None
    told_at: float = 0.0


class RuleEpisodes:
    """Owned by the thread that listens."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._registered: dict[tuple[str, str], _Episode] = {}
        self._rules: Rules = {}

    def follow(self, rules: Rules, again: frozenset[str]) -> None:
        """Replace the rules; discard the state of cameras in `again`."""
        self._rules = rules
        there = {(camera, rule.id): rule for camera, each in rules.items() for rule in each}
        self._registered = {
            key: episode
            for key, episode in self._registered.items()
            if key[0] not in again and there.get(key) == episode.rule
        }

    def restart(self, camera_id: str, now: float) -> None:
        """Mark a camera's states as uncertain, because its subscription is new."""
        for (episode_camera, _), episode in self._registered.items():
            if episode_camera == camera_id and episode.active and episode.raised is not None:
                _doubt(episode)
                episode.quiet_since = now + STATES_WITHIN_S

    def take(self, camera_id: str, event: OnvifEvent, now: float) -> None:
        for rule in self._rules.get(camera_id, ()):
            if rule.concerns(event):
                key = (camera_id, rule.id)
                _receive(self._registered.setdefault(key, _Episode(rule)), event, now)

    def due(self, now: float) -> list[Event]:
        events = [
            self._due(camera, episode, now) for (camera, _), episode in self._registered.items()
        ]
        return [event for event in events if event is not None]

    def _due(self, camera_id: str, episode: _Episode, now: float) -> Event | None:
        if episode.is_renewed and episode.raised is not None:
            episode.is_renewed = False
            return self._ended(episode, now)  # raised again in the next round
        pulse, episode.pulse = episode.pulse, None
        if episode.raised is None:
            return self._begun(camera_id, episode, pulse, now)
        if pulse is not None and now - episode.told_at >= TOLD_EVERY_S:
            episode.told_at = now
            episode.raised = followed(episode.raised, EventPhase.UPDATED, _reason(pulse), now)
            return episode.raised
        if episode.quiet_since is None or now - episode.quiet_since < episode.rule.clear_after_s:
            return None
        return self._ended(episode, now)

    def _ended(self, episode: _Episode, now: float) -> Event | None:
        ended, episode.raised = episode.raised, None
        episode.unsure.clear()
        return None if ended is None else followed(ended, EventPhase.CLEARED, "at rest again", now)

    def _begun(
        self, camera_id: str, episode: _Episode, pulse: OnvifEvent | None, now: float
    ) -> Event | None:
        pulse = pulse or next(iter(episode.active.values()), None)
        if pulse is None or not is_open(episode.rule.hours, now):
            return None
        if not episode.active:
            episode.quiet_since = now
        episode.told_at = now
        episode.raised = self._event(camera_id, episode.rule, pulse, now)
        return episode.raised

    def _event(
        self, camera_id: str, rule: CameraEventRule, last_event: OnvifEvent, now: float
    ) -> Event:
        message_id = self._new_id()
        return Event(
            id=message_id,
            event_id=message_id,
            phase=EventPhase.RAISED,
            kind=rule.kind,
            camera_id=camera_id,
            rule_id=rule.id,
            rule_version=rule.version,
            zone_id=rule.zone,
            priority=rule.priority,
            box=(0.0, 0.0, 1.0, 1.0),  # it speaks of its whole place
            confidence=1.0,
            label=last_event.kind.value,
            track_id=None,
            model_name=_MODEL,
            model_sha256=_NO_MODEL_SHA256,
            at_s=0.0,
            captured_at=now,
            inferred_at=now,
            reason=_reason(last_event),
        )


def _receive(episode: _Episode, event: OnvifEvent, now: float) -> None:
    source = f"{event.kind.value} {event.source}"
    if event.is_deleted or event.is_active == episode.rule.when_inactive:
        episode.active.pop(source, None)
        episode.heard_at.pop(source, None)
        episode.unsure.pop(source, None)
        if not episode.active and episode.quiet_since is None:
            episode.quiet_since = now
    elif event.is_active is None:
        episode.pulse = event
        episode.quiet_since = None if episode.active else now
    elif source in episode.active:
        _repeat(episode, source, event, now)
    elif len(episode.active) < MOST_SOURCES:
        episode.is_renewed |= _started_unnoticed(episode.unsure.pop(source, None), event, now)
        episode.active[source], episode.heard_at[source] = event, now
        episode.pulse, episode.quiet_since = event, None


def _doubt(episode: _Episode) -> None:
    """Mark all active sources as uncertain until they are reported again."""
    lost = {source: (event, episode.heard_at[source]) for source, event in episode.active.items()}
    episode.unsure = dict(islice((lost | episode.unsure).items(), MOST_SOURCES))
    episode.active.clear()
    episode.heard_at.clear()


def _started_unnoticed(
    last: tuple[OnvifEvent, float] | None, event: OnvifEvent, now: float
) -> bool:
    """Return True if a state of a new subscription started while there was none.

    An officer may have closed the alert of the last one; an update would not sound.
    """
    if last is None or event.told_at is None:
        return False
    last_event, heard_at = last
    return event.told_at != last_event.told_at and now - heard_at >= REPEATS_WITHIN_S


def _repeat(episode: _Episode, source: str, event: OnvifEvent, now: float) -> None:
    """Apply a repeated active state, which is a new start if the last end was lost.

    A resent message has the first one's timestamp; a state at a synchronization point is
    `is_initial`. An earlier timestamp counts too, because a camera's clock may be set back.
    """
    last = episode.active[source]
    if event.is_initial or event.told_at is None or event.told_at == last.told_at:
        return
    if episode.raised is not None and now - episode.heard_at[source] >= REPEATS_WITHIN_S:
        episode.pulse, episode.is_renewed = event, True
    episode.active[source], episode.heard_at[source] = event, now


def _reason(last_event: OnvifEvent) -> str:
    source = last_event.source.replace("·", " ")  # parts of a reason are told apart by it
    return f"{REPORTED_BY_CAMERA}{last_event.kind.value} {source}".rstrip()
