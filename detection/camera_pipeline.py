"""Pipeline of one camera: detections in, events out; live video and replay use the same one.

Owned by the inference thread; holds the tracker, the places of every rule and the open episodes.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial

import cv2

from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import Rule
from thapcanh.detection.confirmation.attention import Attention, candidates
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.confirmation.habituation import Candidate, Habituation, Interest
from thapcanh.detection.confirmation.local_change import FramePair
from thapcanh.detection.confirmation.picture_motion import MotionMonitor
from thapcanh.detection.confirmation.stages import STAGES, Stage
from thapcanh.detection.confirmation.witness import Witness
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.detectors.letterbox import Picture
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.episode import EventEpisode
from thapcanh.detection.event import Event
from thapcanh.detection.open_episodes import OpenEpisodes
from thapcanh.detection.region import Region
from thapcanh.detection.rules.crowd import CrowdEvaluator
from thapcanh.detection.rules.evaluator import (
    AnalysedFrame,
    Checks,
    LastingEvaluator,
    PictureEvaluator,
    RegionAppearance,
    RuleInput,
    RuleMatch,
    WitnessQuestion,
)
from thapcanh.detection.rules.hours import is_open
from thapcanh.detection.rules.line_crossing import CrossingCounts, LineCrossingEvaluator
from thapcanh.detection.rules.observed_place import ObservationEvaluator
from thapcanh.detection.rules.registry import evaluator_for, followed_labels
from thapcanh.detection.tracking.tracker import Tracker, without_duplicates
from thapcanh.ingest.frame import Frame

CameraObjects = Callable[[Frame], Sequence[Detection]]
"""What a camera says that it saw itself at the moment of a frame; called by who looks."""
LONGEST_INFERENCE_GAP_S = 5.0
BELIEF = BeliefSources()


def no_camera_objects(_: Frame) -> Sequence[Detection]:
    """Return nothing: for a camera without analytics of its own, or a recording."""
    return ()


def appearance_in(changes: FramePair | None, region: Region) -> RegionAppearance:
    """Return the change inside a region, or why it cannot be measured.

    `changes` pairs the picture with the one before; None if there is no comparable one.
    """
    try:
        return RegionAppearance(change=None if changes is None else changes.inside(region))
    except (cv2.error, ValueError, IndexError) as error:
        return RegionAppearance(unmeasured=str(error).strip().partition("\n")[0])


class CameraPipeline:
    """State of one camera; `observe` is the entry, `glance` if a rule needs every picture."""

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
        self.own_objects: CameraObjects = no_camera_objects
        self.objects: CameraPipeline | None = None
        """Rules of the object model, with tracks and episodes of their own."""
        self._belief = belief
        self._open = OpenEpisodes(camera.id, model, new_id)
        checks = Checks(confirmation=stages)
        self._watches = [evaluator_for(rule, camera, checks) for rule in rules]
        self._poles = [watch for watch in self._watches if isinstance(watch, PictureEvaluator)]
        self._followed = [one for one in self._watches if not isinstance(one, ObservationEvaluator)]
        self._lasting = [one for one in self._followed if isinstance(one, LastingEvaluator)]
        self._resting: set[str] = set()  # rules that looks at the slowest pace tell as much
        self._tracker = _tracker_for(rules)
        self._last_at_s: float | None = None
        self._luma: Picture | None = None
        self._motion = MotionMonitor()
        self._look_interval_s = 0.0
        self._attention = Attention()
        self.is_called = False
        self.questions: list[WitnessQuestion] = []
        """About the last look; none where the site has no witness."""

    def observe(self, frame: Frame, detections: Detections) -> list[Event]:
        """Return the messages that this inference causes, in order."""
        gap_s = self._pass_time(frame.at_s)
        if self._tracker is not None:
            detections = self._tracker.follow(without_duplicates(detections))
        context = self._moment(frame, detections, min(gap_s, LONGEST_INFERENCE_GAP_S))
        events: list[Event] = []
        seen: list[EventEpisode] = []
        places: list[Candidate] = []
        self.questions = []
        for watch in self._watches:
            found = watch.evaluate(context)
            if isinstance(watch, ObservationEvaluator):
                places += candidates(watch.rule, (match.sighting for match in found))
                self.questions += watch.questions
            for match in found:
                events += self._open.take(watch.rule, match, seen, detections)
                self._learn(watch.rule, match, frame.captured_at)
        events += self._open.miss(seen, gap_s, detections)
        self._resting = {one.rule.id for one in self._lasting if one.can_rest}
        believed = self._open.rule_ids
        luma = frame.small_luma()
        self._attention.observe(
            places, luma, gap_s=gap_s, followed=self._followed_interest(), believed=believed
        )
        return events

    def hear(self, question: WitnessQuestion, answer: WitnessAnswer | None) -> list[Event]:
        """Return the messages that an answer causes; None means the witness failed or is late."""
        match = question.judge(answer)
        if match is None:
            return []
        look = question.look
        self._learn(question.rule, match, look.frame.captured_at)
        return self._open.take(question.rule, match, [], look.detections)

    def observe_answered(
        self,
        witness: Witness,
        frame: Frame,
        detections: Detections,
    ) -> list[Event]:
        """Observe with every question answered at once, for recordings."""
        events = self.observe(frame, detections)
        for question, answer in zip(self.questions, witness.answer(self.questions), strict=True):
            events += self.hear(question, answer)
        return events

    @property
    def needs_every_picture(self) -> bool:
        """True if a rule concerns events shorter than the time between two inferences."""
        return bool(self._poles)

    def record_call(self, number: str | None, *, is_near: bool = True) -> None:
        """Record a telephone report of a fire near this camera; thread-safe.

        `number` is the call that corroborates a detection here, or None; `is_near` requests an
        inference of this camera first.
        """
        self._open.call = number
        self.is_called = is_near

    def glance(self, frame: Frame) -> None:
        """Process every decoded picture, in order; may run on another thread than inference."""
        for pole in self._poles:
            pole.glance(frame)

    @property
    def is_moving_camera(self) -> bool:
        """True if the camera always moves; comparisons with the past then say little."""
        return self._motion.is_moving_camera

    def crossings(self) -> dict[str, CrossingCounts]:
        """Return the counts of each line crossing rule so far."""
        own = {
            watch.rule.id: watch.crossings
            for watch in self._watches
            if isinstance(watch, LineCrossingEvaluator)
        }
        return own if self.objects is None else own | self.objects.crossings()

    def present(self) -> dict[str, int]:
        """Return the last count of each crowd rule."""
        own = {
            watch.rule.id: watch.seen
            for watch in self._watches
            if isinstance(watch, CrowdEvaluator)
        }
        return own if self.objects is None else own | self.objects.present()

    def _moment(self, frame: Frame, detections: Detections, watched_s: float) -> RuleInput:
        before, self._luma = self._luma, frame.small_luma()
        now = self._luma
        state = self._motion.observe(frame.at_s, now)
        is_other = before is None or before.shape != now.shape or state.is_cut_now
        changes = None if before is None or is_other else FramePair(before, now)
        return RuleInput(
            rows=tuple(detections.rows()),
            at_s=frame.at_s,
            captured_at=frame.captured_at,
            look_interval_s=self._look_interval_s,
            watched_s=watched_s,
            appearance=partial(appearance_in, changes),
            habit=self._belief.habit_at(frame.captured_at),
            shown=AnalysedFrame(frame, detections) if self._belief.has_witness else None,
            call=self._open.call,
            is_milder_near=self._open.is_milder_near,
        )

    def _learn(self, rule: Rule, match: RuleMatch, at: float) -> None:
        """Teach habits a confirmed candidate; one raised as P1 waits for a person's verdict."""
        if self._belief.habits is None or match.belief is None:
            return
        is_told = self._open.is_told(rule, match)
        region, lesson = match.sighting.region, match.belief.lesson
        self._belief.habits.see(rule.kind, region, at, log_odds=lesson, is_told=is_told)

    @property
    def is_attentive(self) -> bool:
        """True if a rule has an observation here, believed or not."""
        if self.objects is not None and self.objects.is_attentive:
            return True
        return bool(self._open) or self._attention.interest is not Interest.NONE

    @property
    def has_candidate(self) -> bool:
        """True if an episode is open or a rule's own confidence was reached lately.

        A track that stands still for a dwell rule does not count: rare inferences suffice for it.
        """
        if self.objects is not None and self.objects.has_candidate:
            return True
        continues = not self._open.rule_ids <= self._resting
        return continues or self._attention.interest is Interest.SURE

    def _followed_interest(self) -> Interest:
        """Return the interest of tracking rules; a standing track can wait."""
        reported = {watch.rule.id for watch in self._followed if watch.verdicts}
        if not reported:
            return Interest.NONE
        return Interest.FAINT if reported <= self._resting else Interest.SURE

    @property
    def habituation(self) -> Habituation:
        """Places that were evaluated and not believed, with counters."""
        return self._attention.habituation

    def verdicts(self) -> tuple[str, ...]:
        """Return every rule's verdict on every place of the last inference, for people to read."""
        own = tuple(
            f"{watch.rule.id}: {verdict.outcome}: {verdict.reason}"
            for watch in self._watches
            for verdict in watch.verdicts
        )
        return own if self.objects is None else own + self.objects.verdicts()

    def is_on(self, at: float) -> bool:
        """Return whether a rule is in its hours, or something is not over yet."""
        in_hours = any(is_open(watch.rule.hours, at) for watch in self._watches)
        return in_hours or self.is_attentive

    def unobserved_s(self, at_s: float) -> float:
        """Return the camera time since the last inference; infinite before the first."""
        last = self._last_at_s
        return at_s - last if last is not None and last <= at_s else math.inf

    def _pass_time(self, at_s: float) -> float:
        """Return the seconds since the last inference; a clock that went back resets the scene."""
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
        usual = min(gap_s, LONGEST_INFERENCE_GAP_S)
        self._look_interval_s += 0.2 * (usual - self._look_interval_s)
        return gap_s


def _tracker_for(rules: Sequence[Rule]) -> Tracker | None:
    """Return a tracker if a rule about people or vehicles needs one, else None."""
    labels = followed_labels(rules)
    return Tracker(labels) if labels else None
