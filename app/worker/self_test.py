"""Self-test: a known fire through this worker's decoder, model and rule, periodically.

Its event is sent as a self-test like any other (`alerts/queue/self_test_event.py`) and raises no
alert. The main thread calls `tick`, the inference thread `looked`.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum

from uuid6 import uuid7

from thapcanh.alerts.queue.self_test_event import PROVE_EVERY_S, SELF_TEST
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.detectors.reference_clip import LABEL, reference_clip
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.inference.inference_health import LoopState
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.rules.fire import FireRule
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.frame import Frame

log = logging.getLogger(__name__)
AGAIN_S = 30.0  # after a test that was not passed
UNANSWERED_S = 60.0  # the looks were too busy, or hang: that is told elsewhere
_RANK = 3  # real cameras first
_RULE = FireRule(id=SELF_TEST)
_CAMERA = CameraConfig(id=SELF_TEST, name=SELF_TEST, source=SecretUrl(LABEL))


class SelfTestResult(StrEnum):
    UNKNOWN = "unknown"
    """Not asked yet, or the model was never meant to see fire."""
    SEEING = "seeing"
    """It saw the fire."""
    BLIND = "blind"
    """It was shown the fire and saw none."""


class SelfTest:
    """Self-test of one worker, created on the main thread."""

    def __init__(
        self,
        loop: InferenceLoop,
        model: ModelIdentity,
        labels: Sequence[str],
        hand_on: Callable[[Event | None], None],
        clock: Clock,
    ) -> None:
        """Create the test; `hand_on` gets its event, or None if the model cannot detect fire."""
        self._loop = loop
        self._model = model
        self._knows_fire = LABEL in labels
        self._hand_on = hand_on
        self._clock = clock
        self._lock = threading.Lock()
        self._due_s = float("-inf")
        self._started_s: float | None = None
        self._to_show: list[Frame] = []
        self._shown: Frame | None = None  # read by the loop, which must not wait for our lock
        self.sight = SelfTestResult.UNKNOWN

    def tick(self) -> None:
        """Start a test that is due; give up one without an answer."""
        with self._lock:
            now = self._clock.monotonic()
            if self._started_s is not None:
                if now - self._started_s >= UNANSWERED_S:
                    self._end(self.sight, AGAIN_S)
            elif now >= self._due_s and self._loop.health().state is LoopState.LOOKING:
                self._start(now)

    def looked(self, frame: Frame, events: Sequence[Event]) -> None:
        """Handle the result of one picture."""
        raised = next((event for event in events if event.phase is EventPhase.RAISED), None)
        with self._lock:
            if self._started_s is None or frame is not self._shown:
                return
            if raised is not None:
                self._end(SelfTestResult.SEEING, PROVE_EVERY_S)
            elif self._to_show:
                self._show_next()
            else:
                self._end(SelfTestResult.BLIND, AGAIN_S)
                log.error("the model did not see the known fire")
        if raised is not None:
            self._hand_on(raised)

    def _start(self, now: float) -> None:
        if not self._knows_fire:
            self._due_s = now + PROVE_EVERY_S
            self._hand_on(None)
            return
        started_at = self._clock.utc()
        self._started_s = now
        try:
            self._to_show = reference_clip(SELF_TEST, lambda at_s: started_at + at_s)
        except DetectorError as error:
            log.error("%s", error)
            self._end(SelfTestResult.BLIND, AGAIN_S)
            return
        scene = CameraPipeline(_CAMERA, [_RULE], self._model, lambda: str(uuid7()))
        self._loop.add(scene, lambda: self._shown, _RANK)
        self._show_next()

    def _show_next(self) -> None:
        self._shown = self._to_show.pop(0)
        self._loop.notice(SELF_TEST)

    def _end(self, sight: SelfTestResult, again_s: float) -> None:
        self.sight = sight
        self._started_s, self._shown = None, None
        self._due_s = self._clock.monotonic() + again_s
        self._loop.remove(SELF_TEST)
