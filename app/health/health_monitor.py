"""Health monitor: findings and `now` in; raised, updated and cleared events out.

Pure but for its own memory. Faults and recovery must last before an event is raised or cleared, so
that a flapping camera is one episode with one `event_id`.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from thapcanh.alerts.queue.system_events import SystemKind, followed, is_system, system_event
from thapcanh.detection.event import Event, EventPhase

UPDATE_EVERY_S = 60.0  # a changed reason is told no oftener
LONGEST_INTERVAL_S = 10.0  # more than this between two rounds did not pass: the clock was set
SETTLED_S = 10.0  # a fault that went away for less than this did not go away
UNSEEN = "no_longer_watched"
MOVED = "camera_moved"  # to another name, agency or place: its alarms are theirs

Key = tuple[str, str, str]  # rule, subject, which one of them


class HealthVerdict(StrEnum):
    FAULT = "fault"
    FINE = "fine"
    UNSURE = "unsure"  # cannot be told: what was so stays so


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthProblem:
    """A kind of problem, and how long it must last."""

    rule_id: str
    kind: SystemKind
    priority: int = 2
    raise_after_s: float = 0.0
    clear_after_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """Verdict on one problem of one subject at one time."""

    trouble: HealthProblem
    subject: str
    verdict: HealthVerdict
    reason: str = ""
    instance: str = ""
    """Tells troubles of one subject apart that are answered one by one, as holes in a sequence."""

    @property
    def key(self) -> Key:
        """Identity of the problem over time."""
        return self.trouble.rule_id, self.subject, self.instance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """When a round is: the date, and the seconds that were watched so far."""

    utc: float
    watched_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    """One problem from its first finding. `event` is the last message, once raised.

    Times are monitored seconds.
    """

    fault_since: float
    fine_since: float | None = None
    event: Event | None = None
    told_at: float = float("-inf")


class HealthMonitor:
    """Monitor that turns findings into events; owned by one thread."""

    def __init__(self, open_events: Iterable[Event] = ()) -> None:
        """`open_events` are those that this watch had raised before it was restarted."""
        self._episodes: dict[Key, _Episode] = {
            _key(event): _Episode(fault_since=0.0, event=event)
            for event in open_events
            if is_system(event.kind)
        }
        self._watched_s = 0.0
        self._run_at: float | None = None

    @property
    def raised(self) -> frozenset[Key]:
        """The troubles that were raised and not cleared."""
        return frozenset(key for key, item in self._episodes.items() if item.event is not None)

    def adopt(self, open_events: Iterable[Event]) -> list[Event]:
        """Continue another centre's events; return those that are raised here already."""
        own_ids = {
            item.event.event_id for item in self._episodes.values() if item.event is not None
        }
        twice = []
        for event in open_events:
            if not is_system(event.kind) or event.event_id in own_ids:
                continue
            episode = self._episodes.get(_key(event))
            if episode is not None and episode.event is not None:
                twice.append(event)
            else:
                self._episodes[_key(event)] = _Episode(fault_since=self._watched_s, event=event)
        return twice

    def judge(self, findings: Sequence[HealthCheck], now: float) -> list[Event]:
        """Return the messages for these findings; a subject without findings is gone.

        `now` dates them; durations are counted from run to run, so a clock change neither raises
        nor delays anything.
        """
        at = self._timestamp(now)
        events: list[Event] = []
        for finding in findings:
            after = _checked(self._episodes.get(finding.key), finding, at)
            self._keep(finding.key, after, events)
        for key in self._episodes.keys() - {finding.key for finding in findings}:
            self._keep(key, _ended(self._episodes[key], UNSEEN, now), events)
        return events

    def end(self, subjects: Set[str], reason: str, now: float) -> list[Event]:
        """Return the clearings of these subjects' events; lasting problems are raised again."""
        events: list[Event] = []
        for key in [key for key in self._episodes if key[1] in subjects]:
            self._keep(key, _ended(self._episodes[key], reason, now), events)
        return events

    def _timestamp(self, now: float) -> "_Moment":
        if self._run_at is not None:
            self._watched_s += min(max(now - self._run_at, 0.0), LONGEST_INTERVAL_S)
        self._run_at = now
        return _Moment(utc=now, watched_s=self._watched_s)

    def _keep(self, key: Key, after: _Episode | None, events: list[Event]) -> None:
        before = self._episodes.pop(key, None)
        if after is None:
            return
        if after.event is not None and (before is None or after.event is not before.event):
            events.append(after.event)
        if after.event is None or after.event.phase is not EventPhase.CLEARED:
            self._episodes[key] = after


def _key(event: Event) -> Key:
    return event.rule_id, event.camera_id, "" if event.label == event.rule_id else event.label


def _checked(episode: _Episode | None, finding: HealthCheck, at: _Moment) -> _Episode | None:
    match finding.verdict:
        case HealthVerdict.UNSURE:
            return episode
        case HealthVerdict.FAULT:
            return _faulty(episode or _Episode(fault_since=at.watched_s), finding, at)
        case HealthVerdict.FINE:
            return None if episode is None else _fine(episode, finding, at)


def _faulty(episode: _Episode, finding: HealthCheck, at: _Moment) -> _Episode:
    episode = replace(episode, fine_since=None)
    trouble = finding.trouble
    if episode.event is None:
        if at.watched_s - episode.fault_since < trouble.raise_after_s:
            return episode
        raised = system_event(
            trouble.kind,
            finding.subject,
            trouble.rule_id,
            priority=trouble.priority,
            reason=finding.reason,
            now=at.utc,
        )
        raised = replace(raised, label=finding.instance or raised.label)
        return replace(episode, event=raised, told_at=at.watched_s)
    restarted = episode.told_at == float("-inf")  # the archive may have cleared it meanwhile
    changed = episode.event.reason != finding.reason
    if restarted or (changed and at.watched_s - episode.told_at >= UPDATE_EVERY_S):
        message = followed(episode.event, EventPhase.UPDATED, finding.reason, at.utc)
        return replace(episode, event=message, told_at=at.watched_s)
    return episode


def _fine(episode: _Episode, finding: HealthCheck, at: _Moment) -> _Episode | None:
    since = at.watched_s if episode.fine_since is None else episode.fine_since
    episode = replace(episode, fine_since=since)
    if episode.event is None:
        return None if at.watched_s - since >= SETTLED_S else episode
    if at.watched_s - since < finding.trouble.clear_after_s:
        return episode
    return _ended(episode, finding.reason or "well again", at.utc)


def _ended(episode: _Episode, reason: str, now: float) -> _Episode | None:
    if episode.event is None:
        return None
    return replace(episode, event=followed(episode.event, EventPhase.CLEARED, reason, now))
