"""One camera's understanding of what it sees: looks in, events out. Live and replay use the same.

Owned by the thread that looks. Keeps, per camera and never shared: the tracker, the places of every
rule, the open episodes. Time is the camera's own (`at_s`); no clock is read and nothing random is
made here (`new_id` is handed in), so the same looks always give the same events.
"""

from collections.abc import Callable, Sequence

from config.camera import Camera
from config.rules import FireRule, IntrusionRule, Rule, SmokeRule
from detection import episode as episodes
from detection.change import change_of, small_luma
from detection.colour import warmth_of
from detection.confirmation import STAGES, Stage
from detection.detections import Detections
from detection.detector import ModelIdentity
from detection.episode import Episode
from detection.event import Event, Phase
from detection.letterbox import Picture
from detection.place import Sighting
from detection.region import Region, as_box
from detection.tracker import Tracker
from detection.watch import Appearance, Believed, Moment, RuleWatch
from ingest.frame import Frame

LONGEST_LOOK_GAP_S = 5.0


class Scene:
    """State of one camera; `look` is its only way in."""

    def __init__(
        self,
        camera: Camera,
        rules: Sequence[Rule],
        model: ModelIdentity,
        new_id: Callable[[], str],
        stages: Sequence[Stage] = STAGES,
    ) -> None:
        self.camera_id = camera.id
        self._model = model
        self._new_id = new_id
        self._watches = [RuleWatch(rule, camera, stages) for rule in rules]
        self._tracker = _tracker_for(rules)
        self._episodes: list[Episode] = []
        self._last_at_s: float | None = None
        self._luma: Picture | None = None
        self._look_interval_s = 0.0

    def look(self, frame: Frame, detections: Detections) -> list[Event]:
        """The messages that this look gives rise to, in order."""
        gap_s = self._pass_time(frame.at_s)
        if self._tracker is not None:
            detections = self._tracker.follow(detections)
        moment = self._moment(frame, detections)
        events: list[Event] = []
        seen: list[Episode] = []
        for watch in self._watches:
            sightings, believed = watch.look(moment)
            for sighting in sightings:
                events += self._follow(watch.rule, sighting, seen, detections)
            for place in believed:
                events += self._believe(watch.rule, place, seen, detections)
        events += self._miss(seen, gap_s, detections)
        return events

    def _moment(self, frame: Frame, detections: Detections) -> Moment:
        planes = frame.planes()
        before, self._luma = self._luma, small_luma(planes[0])
        now = self._luma

        def appearance(region: Region) -> Appearance:
            change = None if before is None else change_of(before, now, region)
            return change, warmth_of(planes, region)

        return Moment(
            rows=tuple(detections.rows()),
            at_s=frame.at_s,
            captured_at=frame.captured_at,
            look_interval_s=self._look_interval_s,
            appearance=appearance,
        )

    @property
    def is_attentive(self) -> bool:
        """Something concerns a rule here, believed or not: looks are worth more than elsewhere."""
        return any(watch.verdicts for watch in self._watches)

    def verdicts(self) -> tuple[str, ...]:
        """What every rule said of every place in the last look, for people to read."""
        return tuple(
            f"{watch.rule.id}: {verdict.outcome}: {verdict.reason}"
            for watch in self._watches
            for verdict in watch.verdicts
        )

    def _pass_time(self, at_s: float) -> float:
        """Seconds since the last look; a clock that went back makes the scene start anew."""
        last, self._last_at_s = self._last_at_s, at_s
        if last is None:
            return 0.0
        if at_s < last:
            self._luma = None
            for watch in self._watches:
                watch.forget()
            return 0.0
        gap_s = at_s - last
        usual = min(gap_s, LONGEST_LOOK_GAP_S)
        self._look_interval_s += 0.2 * (usual - self._look_interval_s)
        return gap_s

    def _follow(
        self, rule: Rule, sighting: Sighting, seen: list[Episode], look: Detections
    ) -> list[Event]:
        """A sighting at an open episode's place keeps it alive, without being confirmed anew."""
        for episode in self._episodes:
            is_open = episode.condition is episodes.Condition.ACTIVE
            if is_open and episode.group == group_of(rule) and episode.is_near(sighting):
                return self._tell_seen(episode, sighting, seen, look)
        return []

    def _believe(
        self, rule: Rule, place: Believed, seen: list[Episode], look: Detections
    ) -> list[Event]:
        """A believed place belongs to an episode of its group, or begins one."""
        group = group_of(rule)
        for episode in self._episodes:
            if episode.group == group and episode.is_about(place.sighting):
                return self._tell_seen(episode, place.sighting, seen, look)
        episode = episodes.begin(self._new_id(), rule, group, place.sighting, place.reason)
        self._episodes.append(episode)
        seen.append(episode)
        return [self._event(episode, Phase.RAISED, place.reason, look)]

    def _tell_seen(
        self, episode: Episode, sighting: Sighting, seen: list[Episode], look: Detections
    ) -> list[Event]:
        if episode in seen:
            return []
        seen.append(episode)
        news = episodes.see(episode, sighting)
        return [self._event(episode, Phase.UPDATED, news, look)] if news else []

    def _miss(self, seen: list[Episode], gap_s: float, look: Detections) -> list[Event]:
        events = []
        for episode in self._episodes:
            if any(episode is other for other in seen):
                continue
            gone = episodes.miss(episode, gap_s)
            if gone:
                events.append(self._event(episode, Phase.CLEARED, gone, look))
        self._episodes = [known for known in self._episodes if not episodes.is_over(known)]
        return events

    def _event(self, episode: Episode, phase: Phase, reason: str, look: Detections) -> Event:
        return Event(
            id=self._new_id(),
            event_id=episode.event_id,
            phase=phase,
            kind=episode.rule.kind,
            camera_id=self.camera_id,
            rule_id=episode.rule.id,
            rule_version=episode.rule.version,
            zone_id=episode.rule.zone,
            priority=episode.rule.priority,
            box=as_box(episode.last.region),
            confidence=episode.last.confidence,
            label=episode.last.label,
            track_id=episode.last.track_id,
            model_name=self._model.name,
            model_sha256=self._model.sha256,
            at_s=look.at_s,
            captured_at=look.captured_at,
            inferred_at=look.inferred_at,
            reason=reason,
        )


def _tracker_for(rules: Sequence[Rule]) -> Tracker | None:
    """Flames and smoke have places, not tracks; only rules about people and vehicles need one."""
    followed = [rule for rule in rules if isinstance(rule, IntrusionRule)]
    if not followed:
        return None
    return Tracker(frozenset(label for rule in followed for label in rule.classes))


def group_of(rule: Rule) -> str:
    """Fire and smoke in one zone are one thing to an officer; other rules speak for themselves."""
    match rule:
        case FireRule() | SmokeRule():
            return f"burning|{rule.zone or ''}"
        case IntrusionRule():
            return f"{rule.id}|{rule.zone}"
