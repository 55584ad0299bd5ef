"""One camera's understanding of what it sees: looks in, events out. Live and replay use the same.

Owned by the thread that looks. Keeps, per camera and never shared: the tracker, the places of every
rule, the open episodes. Time is the camera's own (`at_s`); no clock is read and nothing random is
made here (`new_id` is handed in), so the same looks always give the same events.
"""

from collections.abc import Callable, Sequence
from typing import assert_never

from config.camera import CameraConfig
from config.rules import BurningRule, Rule
from detection import episode as episodes
from detection.confirmation.attention import Attention, candidates
from detection.confirmation.belief_stages import BeliefSources
from detection.confirmation.habituation import Candidate, Habituation, Interest
from detection.confirmation.local_change import FramePair
from detection.confirmation.picture_motion import MotionMonitor
from detection.confirmation.stages import STAGES, Stage, StageOutcome
from detection.detections import Detections
from detection.detectors.letterbox import Picture
from detection.detectors.model_card import ModelIdentity
from detection.episode import EventEpisode
from detection.event import CORROBORATED, Event, EventPhase
from detection.region import as_box
from detection.rules.crowd import CrowdEvaluator
from detection.rules.evaluator import (
    Checks,
    PictureEvaluator,
    RuleInput,
    RuleMatch,
)
from detection.rules.line_crossing import CrossingCounts, LineCrossingEvaluator
from detection.rules.observed_place import ObservationEvaluator
from detection.rules.picture_appearance import PictureAppearance
from detection.rules.registry import evaluator_for, followed_labels, group_of
from detection.tracking.duplicate_suppression import without_duplicates
from detection.tracking.tracker import Tracker
from ingest.frame import Frame

LONGEST_LOOK_GAP_S = 5.0
BELIEF = BeliefSources()
TOLD = 1  # the priority that only people take back


class CameraPipeline:
    """State of one camera; `observe` is the way in, `glance` where a rule needs every picture."""

    def __init__(
        self,
        camera: CameraConfig,
        rules: Sequence[Rule],
        model: ModelIdentity,
        new_id: Callable[[], str],
        stages: Sequence[Stage] = STAGES,
        *,
        belief: BeliefSources = BELIEF,
    ) -> None:
        self.camera_id = camera.id
        self._model = model
        self._belief = belief
        self._new_id = new_id
        checks = Checks(confirmation=stages, belief=belief.stages)
        self._watches = [evaluator_for(rule, camera, checks) for rule in rules]
        self._poles = [watch for watch in self._watches if isinstance(watch, PictureEvaluator)]
        self._followed = [one for one in self._watches if not isinstance(one, ObservationEvaluator)]
        self._tracker = _tracker_for(rules)
        self._episodes: list[EventEpisode] = []
        self._last_at_s: float | None = None
        self._luma: Picture | None = None
        self._motion = MotionMonitor()
        self._look_interval_s = 0.0
        self._attention = Attention()
        self._call: str | None = None
        self.is_called = False

    def observe(self, frame: Frame, detections: Detections) -> list[Event]:
        """The messages that this look gives rise to, in order."""
        gap_s = self._pass_time(frame.at_s)
        if self._tracker is not None:
            detections = self._tracker.follow(without_duplicates(detections))
        moment = self._moment(frame, detections, min(gap_s, LONGEST_LOOK_GAP_S))
        events: list[Event] = []
        seen: list[EventEpisode] = []
        places: list[Candidate] = []
        for watch in self._watches:
            found = watch.evaluate(moment)
            if isinstance(watch, ObservationEvaluator):
                places += candidates(watch.rule, (judged.sighting for judged in found))
            for judged in found:
                events += self._take(watch.rule, judged, seen, detections)
                self._learn(watch.rule, judged, frame.captured_at)
        events += self._miss(seen, gap_s, detections)
        follows = any(watch.verdicts for watch in self._followed)
        believed = {episode.rule.id for episode in self._episodes}
        luma = frame.small_luma()
        self._attention.observe(places, luma, gap_s=gap_s, follows=follows, believed=believed)
        return events

    @property
    def needs_every_picture(self) -> bool:
        """A rule is about what lasts shorter than the time between two looks."""
        return bool(self._poles)

    def hear_call(self, number: str | None, *, is_near: bool = True) -> None:
        """Somebody telephoned of a fire near this camera; from any thread.

        `number`: of the call that corroborates what is seen here, None where none does; `is_near`:
        whether the camera shall be looked at first.
        """
        self._call = number
        self.is_called = is_near

    def glance(self, frame: Frame) -> None:
        """Every decoded picture, in order; on another thread than the looks, if need be."""
        for pole in self._poles:
            pole.glance(frame)

    @property
    def is_moving_camera(self) -> bool:
        """Carried, flown or steered all the time: comparisons with the past tell little."""
        return self._motion.is_moving_camera

    def crossings(self) -> dict[str, CrossingCounts]:
        """How many went over each line so far, by rule."""
        return {
            watch.rule.id: watch.crossings
            for watch in self._watches
            if isinstance(watch, LineCrossingEvaluator)
        }

    def present(self) -> dict[str, int]:
        """How many the last look saw where each crowd would be, by rule."""
        return {
            watch.rule.id: watch.seen
            for watch in self._watches
            if isinstance(watch, CrowdEvaluator)
        }

    def _moment(self, frame: Frame, detections: Detections, watched_s: float) -> RuleInput:
        planes = frame.planes()
        before, self._luma = self._luma, frame.small_luma()
        now = self._luma
        state = self._motion.observe(frame.at_s, now)
        is_other = before is None or before.shape != now.shape or state.is_cut_now
        changes = None if before is None or is_other else FramePair(before, now)
        picture = PictureAppearance(planes=planes, luma=now, changes=changes, state=state)
        return RuleInput(
            rows=tuple(detections.rows()),
            at_s=frame.at_s,
            captured_at=frame.captured_at,
            look_interval_s=self._look_interval_s,
            watched_s=watched_s,
            appearance=picture.of,
            habit=self._belief.habit_at(frame.captured_at),
            witness=self._belief.witness_of(frame),
            call=self._call,
        )

    def _learn(self, rule: Rule, judged: RuleMatch, at: float) -> None:
        """What the looks confirmed is a candidate; what is told as P1 waits for people's word."""
        if self._belief.habits is None or judged.belief is None:
            return
        near = (one for one in self._open_of(group_of(rule)) if one.is_near(judged.sighting))
        is_told = any(one.priority == TOLD for one in near)
        self._belief.habits.see(rule.kind, judged.sighting.region, at, is_told=is_told)

    @property
    def is_attentive(self) -> bool:
        """Something concerns a rule here, believed or not: looks are worth more than elsewhere."""
        return bool(self._episodes) or self._attention.interest is not Interest.NONE

    @property
    def has_candidate(self) -> bool:
        """More than a hint: an episode is open, or a rule's own confidence was reached lately."""
        return bool(self._episodes) or self._attention.interest is Interest.SURE

    @property
    def habituation(self) -> Habituation:
        """What was judged and not believed here, with its counters."""
        return self._attention.habituation

    def verdicts(self) -> tuple[str, ...]:
        """What every rule said of every place in the last look, for people to read."""
        return tuple(
            f"{watch.rule.id}: {verdict.outcome}: {verdict.reason}"
            for watch in self._watches
            for verdict in watch.verdicts
        )

    def _pass_time(self, at_s: float) -> float:
        """Seconds since the last look; a clock that went back makes the scene start again."""
        last, self._last_at_s = self._last_at_s, at_s
        if last is None:
            return 0.0
        if at_s < last:
            self._luma = None
            self._motion.forget()
            self._attention.forget()
            for watch in self._watches:
                watch.forget()
            return 0.0
        gap_s = at_s - last
        usual = min(gap_s, LONGEST_LOOK_GAP_S)
        self._look_interval_s += 0.2 * (usual - self._look_interval_s)
        return gap_s

    def _take(
        self, rule: Rule, judged: RuleMatch, seen: list[EventEpisode], look: Detections
    ) -> list[Event]:
        """A believed place belongs to an episode of its group or begins one.

        One that still waits keeps an open episode alive; one that is rejected does nothing.
        """
        group = group_of(rule)
        sighting, verdict = judged.sighting, judged.verdict
        known = [] if judged.stands_alone else self._open_of(group)
        match verdict.outcome:
            case StageOutcome.REJECTED:
                return []
            case StageOutcome.WAITING:
                episode = next((one for one in known if one.is_near(sighting)), None)
                return self._tell_seen(episode, rule, judged, seen, look) if episode else []
            case StageOutcome.ACCEPTED:
                episode = next((one for one in known if one.is_about(sighting)), None)
                if episode is not None:
                    return self._tell_seen(episode, rule, judged, seen, look)
                episode = episodes.begin(self._new_id(), rule, group, judged)
                self._episodes.append(episode)
                seen.append(episode)
                return [self._event(episode, EventPhase.RAISED, episodes.told(judged), look)]
            case _:
                assert_never(verdict.outcome)

    def _open_of(self, group: str) -> list[EventEpisode]:
        return [episode for episode in self._episodes if episode.group == group]

    def _tell_seen(
        self,
        episode: EventEpisode,
        rule: Rule,
        judged: RuleMatch,
        seen: list[EventEpisode],
        look: Detections,
    ) -> list[Event]:
        seen.append(episode)
        news = episodes.see(episode, rule, judged)
        return [self._event(episode, EventPhase.UPDATED, news, look)] if news else []

    def _miss(self, seen: list[EventEpisode], gap_s: float, look: Detections) -> list[Event]:
        """Every episode that this look saw nothing of comes nearer to its end."""
        events = []
        for episode in list(self._episodes):
            gone = None if episode in seen else episodes.miss(episode, gap_s)
            if gone:
                self._episodes.remove(episode)
                events.append(self._event(episode, EventPhase.CLEARED, gone, look))
        return events

    def _event(
        self, episode: EventEpisode, phase: EventPhase, reason: str, look: Detections
    ) -> Event:
        call = self._call if isinstance(episode.rule, BurningRule) else None
        return Event(
            id=self._new_id(),
            event_id=episode.event_id,
            phase=phase,
            kind=episode.rule.kind,
            camera_id=self.camera_id,
            rule_id=episode.rule.id,
            rule_version=episode.rule.version,
            zone_id=episode.rule.zone,
            priority=episode.priority,
            box=as_box(episode.last.region),
            confidence=episode.last.confidence,
            label=episode.last.label,
            track_id=episode.last.track_id,
            model_name=self._model.name,
            model_sha256=self._model.sha256,
            at_s=look.at_s,
            captured_at=look.captured_at,
            inferred_at=look.inferred_at,
            reason=reason if call is None else f"{CORROBORATED} {call} · {reason}",
            call=call,
            unchecked=episode.unchecked,
            belief=episode.belief.value,
            reasons=episode.belief.by_name,
        )


def _tracker_for(rules: Sequence[Rule]) -> Tracker | None:
    """Flames and smoke have places, not tracks; only rules about people and vehicles need one."""
    labels = followed_labels(rules)
    return Tracker(labels) if labels else None
