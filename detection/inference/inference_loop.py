"""Inference loop of a worker: one thread, the newest frame of the most overdue camera.

Decoder threads call `notice`; this thread selects by `DeadlineScheduler`, runs the detector and the
camera's `CameraPipeline`, and calls `on_look` with (frame, detections, events). `stop` is
idempotent and waits for the running inference at most.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from thapcanh.config.site import InferenceConfig
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.witness import SilentWitness, Witness
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.event import Event
from thapcanh.detection.inference.inference_health import (
    CameraInferences,
    InferenceHealth,
    LoopState,
    ObjectCounts,
)
from thapcanh.detection.inference.object_model import ObjectModel
from thapcanh.detection.inference.region_inference import RegionInference
from thapcanh.detection.inference.scheduling import (
    BatchWindow,
    DeadlineScheduler,
    ScheduledInference,
)
from thapcanh.detection.inference.watched_camera import Newest, WakeSignal, WatchedCamera
from thapcanh.detection.inference.witness_thread import WitnessThread
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.histogram import Histogram
from thapcanh.ingest.stoppable_thread import StoppableThread

STALLED_AFTER = 3  # failed looks in a row
PAUSE_WHEN_STALLED_S = 0.5  # a detector that fails at once must not burn a core
HANGING_AFTER_S = 9.0  # with the alarm on its way it is known within 15 s
IDLE_WAIT_S = 1.0
IN_LINE_S = 0.5  # of the deadline is kept for the looks that are in line, in any case
FIRST_RANK = 1  # of a camera on which something is being confirmed or going on
CANDIDATE = "something is being watched"  # why a camera is woken from here
FAINT = "something faint was seen"
_INTERVALS_S = (0.1, 0.25, 0.5, 0.75, 1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 7.5, 10.0)
_INFERENCES_S = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
log = logging.getLogger(__name__)
OnInference = Callable[[Frame, Detections, list[Event]], None]
OnEvents = Callable[[Frame, list[Event]], None]
_Due = tuple[WatchedCamera, Frame, ScheduledInference]


class InferenceLoop:
    """Owns the detector's thread; cameras come and go while it runs."""

    def __init__(
        self,
        detector: Detector,
        looks: InferenceConfig,
        on_look: OnInference,
        clock: Clock | None = None,
        *,
        witness: Witness | None = None,
        objects: ObjectModel | None = None,
        on_events: OnEvents = lambda *_: None,
    ) -> None:
        """Create it; `on_events` gets what follows from the witness' answers, after `on_look`."""
        self._detector = detector
        self._objects = objects
        self._on_look, self._on_events = on_look, on_events
        self._clock = clock or SystemClock()
        self._schedule = DeadlineScheduler(interval_s=looks.interval_s, deadline_s=looks.deadline_s)
        self._company = BatchWindow(detector.max_batch, looks.interval_s)
        self._cameras: dict[str, WatchedCamera] = {}
        self._total = CameraInferences()
        self._regions = RegionInference(self._detect, detector.size_px, is_on=looks.regions)
        self.intervals = Histogram(_INTERVALS_S)  # between two looks at a camera
        self.inferences = Histogram(_INFERENCES_S)  # how long the detector took each time
        self._state = LoopState.IDLE
        self._reason = "not started"
        self._busy_since_s: float | None = None
        self._failures_in_a_row = 0
        self._lock = threading.Lock()
        self._thread = StoppableThread(self._run, "looks", self._clock)
        self._witness = WitnessThread(witness or SilentWitness(), self._thread.wake, self._clock)
        self.witness_waits = self._witness.waits  # from question to answer

    def add(
        self,
        scene: CameraPipeline,
        newest: Newest,
        rank: int = 2,
        *,
        wake: WakeSignal | None = None,
    ) -> None:
        """Add a camera, from its next frame on; `wake` is called when a rule saw something.

        It is called on the inference thread and must not block.
        """
        watched = WatchedCamera(scene=scene, newest=newest, rank=rank, wake=wake)
        with self._lock:
            self._cameras[scene.camera_id] = watched
            self._schedule.add(scene.camera_id, self._clock.monotonic(), rank)

    def remove(self, camera_id: str) -> None:
        with self._lock:
            self._cameras.pop(camera_id, None)
            self._schedule.remove(camera_id)
            self._company.discard(camera_id)
        self._regions.discard(camera_id)
        if self._objects is not None:
            self._objects.discard(camera_id)

    def notice(self, camera_id: str, *, is_calm: bool = False) -> None:
        """Announce a new frame; called by the camera's own thread.

        `is_calm` means the camera sleeps and the frame shows nothing new as far as it knows.
        """
        with self._lock:
            if camera_id not in self._cameras:
                return
            now_s = self._clock.monotonic()
            hold_s = self._company.hold_s(
                camera_id, now_s, is_calm=is_calm, cameras=len(self._cameras)
            )
            hold_s = min(hold_s, self._schedule.slack_s(camera_id, now_s) - IN_LINE_S)
            if hold_s > 0:
                is_news = self._company.add(camera_id, now_s, hold_s)
            else:
                self._company.drop(camera_id)
                is_news = self._schedule.ready(camera_id, now_s)
        if is_news:
            self._thread.wake()

    def start(self) -> None:
        self._set_state(LoopState.LOOKING, "started")
        self._witness.start()
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Stop the thread; return whether it ended."""
        self._witness.stop()
        ended = self._thread.stop(timeout_s)
        if ended:
            self._set_state(LoopState.CLOSED, "stopped")
        return ended

    def health(self) -> InferenceHealth:
        with self._lock:
            since_s, now_s = self._busy_since_s, self._clock.monotonic()
            busy_s = 0.0 if since_s is None else now_s - since_s
            state, reason = self._state, self._reason
            if busy_s > HANGING_AFTER_S:
                hangs = f"one look goes on for over {HANGING_AFTER_S:.0f} s"
                state, reason = LoopState.STALLED, hangs
            return InferenceHealth(
                state=state,
                reason=reason,
                **self._total.sums(),
                cameras=len(self._cameras),
                regions=self._regions.counts.done,
                regions_dropped=self._regions.counts.dropped,
                unanswered=self._witness.unanswered,
                objects=ObjectCounts() if self._objects is None else self._objects.counts,
            )

    def counters_of(self, camera_id: str) -> CameraInferences | None:
        with self._lock:
            watched = self._cameras.get(camera_id)
            return None if watched is None else watched.counts

    def rank_of(self, camera_id: str) -> int | None:
        with self._lock:
            return self._schedule.rank_of(camera_id)

    def _run(self) -> None:
        while not self._thread.is_stopping:
            try:
                self._turn()
            except Exception as error:  # outermost line of the thread
                log.exception("a look failed")
                self._failed(f"{type(error).__name__}: {error}")

    def _turn(self) -> None:
        """Process answers of the witness and a batch, or wait for the next frame."""
        self._witness.hear(self._cameras, self._on_events)
        batch = self._batch()
        if not batch:
            self._rest()
            return
        self._busy_since_s = self._clock.monotonic()
        try:
            observed = self._seen(batch)
        finally:
            self._busy_since_s = None
        for one, detections in observed:
            self._judge(one, detections, one[0].scene)
            self._witness.hear(self._cameras, self._on_events)  # a batch of looks takes a while
        if self._objects is not None:
            self._see_objects(self._objects, observed)

    def _judge(self, due: _Due, detections: Detections, scene: CameraPipeline) -> None:
        try:
            self._observe(due, detections, scene)
        except Exception as error:  # noqa: BLE001 — a fault in one camera costs no other a look
            self._count_failed([due], f"{type(error).__name__}: {error}", cause=error)

    def _see_objects(self, objects: ObjectModel, observed: list[tuple[_Due, Detections]]) -> None:
        """Run the object model for the cameras of a batch that need it, and have time for it."""
        is_due = partial(objects.is_due, has_time=self._has_time)
        due = [(one, seen) for one, seen in observed if is_due(one[0].scene, one[1])]
        if not due:
            return
        self._busy_since_s = self._clock.monotonic()
        try:
            found = objects.detect([one[1] for one, _ in due], [seen for _, seen in due])
        finally:
            self._busy_since_s = None
        for (one, _), detections in zip(due, found or [], strict=False):
            if one[0].scene.objects is not None:
                self._judge(one, detections, one[0].scene.objects)

    def _observe(self, due: _Due, detections: Detections, scene: CameraPipeline) -> None:
        watched, frame, turn = due
        detections, events = watched.observe(frame, detections, scene)
        if watched.wake is not None and watched.scene.is_attentive:
            sure = watched.scene.has_candidate
            watched.wake(CANDIDATE if sure else FAINT, is_sure=sure)
        self._witness.ask(watched, scene.questions)
        if scene is watched.scene:
            self._count(watched, turn)
        self._on_look(frame, detections, events)

    def _seen(self, batch: list[_Due]) -> list[tuple[_Due, Detections]]:
        """Return the detections of a batch; if it fails, each frame is tried alone.

        So a bad picture only costs its own camera an inference.
        """
        try:
            found = self._regions.observe([frame for _, frame, _ in batch], self._has_time)
        except Exception as error:  # noqa: BLE001 — whatever a picture brings about
            if len(batch) > 1:
                return [observed for one in batch for observed in self._seen([one])]
            reason = str(error) if isinstance(error, DetectorError) else repr(error)
            self._count_failed(batch, reason, cause=error)
            self._failed(reason)
            return []
        self._succeeded()
        return list(zip(batch, found, strict=True))

    def _detect(self, frames: Sequence[Frame]) -> list[Detections]:
        start_s = self._clock.monotonic()
        found = self._detector.detect(frames)
        self.inferences.observe(self._clock.monotonic() - start_s)
        return found

    def _has_time(self, waited_s: float = 0.0) -> bool:
        with self._lock:
            return self._schedule.has_time(self._clock.monotonic(), waited_s)

    def _batch(self) -> list[_Due]:
        """Return as many due cameras as the detector accepts at once, with their newest frames."""
        batch: list[_Due] = []
        with self._lock:
            self._thread.clear_wakes()
            now_s = self._clock.monotonic()
            joining = self._company.due(now_s, with_others=self._schedule.wait_s(now_s) <= 0)
            for camera_id, since_s in joining.items():
                self._schedule.ready(camera_id, since_s)
            while len(batch) < self._detector.max_batch:
                turn = self._schedule.next(self._clock.monotonic())
                if turn is None:
                    break
                watched = self._cameras[turn.camera_id]
                frame = watched.newest()
                if frame is not None:
                    batch.append((watched, frame, turn))
        return batch

    def _rest(self) -> None:
        with self._lock:
            now_s = self._clock.monotonic()
            wait_s = min(self._schedule.wait_s(now_s), self._company.wait_s(now_s), IDLE_WAIT_S)
        self._thread.rest(min(wait_s, self._witness.wait_s()))

    def _failed(self, reason: str) -> None:
        """Count a failure; several in a row are a stall."""
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= STALLED_AFTER:
            self._set_state(LoopState.STALLED, reason)
            self._thread.pause(PAUSE_WHEN_STALLED_S)

    def _succeeded(self) -> None:
        self._failures_in_a_row = 0
        if self._state is LoopState.STALLED:
            self._set_state(LoopState.LOOKING, "looks again")

    def _set_state(self, state: LoopState, reason: str) -> None:
        with self._lock:
            changed = state is not self._state
            self._state, self._reason = state, reason
        if changed:
            report = log.error if state is LoopState.STALLED else log.info
            report("looks: %s (%s)", state, reason)

    def _count(self, watched: WatchedCamera, turn: ScheduledInference) -> None:
        self.intervals.observe(turn.unseen_s)
        with self._lock:
            for counts in (watched.counts, self._total):
                counts.looks += 1
                counts.late += turn.late
            scene = watched.scene
            is_first = scene.is_attentive or scene.is_called
            attention = FIRST_RANK if is_first else watched.rank
            self._schedule.prefer(scene.camera_id, attention)
            watched.counts.measure(turn.unseen_s)
            self._total.wakes_withheld += watched.counts.withheld(scene.habituation.withheld)

    def _count_failed(self, batch: list[_Due], reason: str, cause: Exception | None = None) -> None:
        with self._lock:
            self._total.failed += len(batch)
            for watched, _, _ in batch:
                watched.counts.failed += 1
            failed = self._total.failed
        if failed & (failed - 1) == 0:  # the 1st, 2nd, 4th, 8th …: said, not shouted
            log.warning("a look failed, %d so far: %s", failed, reason, exc_info=cause)
