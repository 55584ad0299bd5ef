"""Object model: a second detector for the cameras with rules that name one of its classes.

Owned by the inference thread. It waits for the first detector: fire and smoke are never delayed.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import Rule
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector import load_object_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.inference.inference_health import ObjectCounts
from thapcanh.detection.inference.region_inference import merged
from thapcanh.ingest.frame import Frame

EARLY = 0.9  # of its interval: frames come at the camera's pace
BLIND_S = 30.0
log = logging.getLogger(__name__)


class ObjectModel:
    """Detector of `[detector.objects]`; None, and the error counted, if it cannot be loaded."""

    def __init__(self, settings: DetectorConfig, detector: Detector | None, error: str) -> None:
        self._settings = settings
        self.detector = detector
        self.counts = ObjectCounts(error=error)
        self._starved_since: dict[str, float] = {}  # camera time of the first that was dropped

    def is_due(
        self,
        scene: CameraPipeline,
        frame: Frame,
        has_time: Callable[[float], bool] = lambda _: True,
    ) -> bool:
        """Return whether to run it on a frame; one that is due without time is counted.

        `has_time` gets the seconds since the camera's last inference by it.
        """
        objects, settings = scene.objects, self._settings.objects
        if objects is None or settings is None or not objects.is_on(frame.captured_at):
            return False
        since_s = objects.unobserved_s(frame.at_s)
        if since_s < EARLY * settings.interval_s:
            return False
        if has_time(since_s):
            self._starved_since.pop(frame.camera_id, None)
            return True
        self.counts.dropped += 1
        self._starved_since.setdefault(frame.camera_id, frame.at_s)
        if frame.at_s - self._starved_since[frame.camera_id] >= BLIND_S:
            self._state(f"no time for {frame.camera_id} for {BLIND_S:.0f} s")
        return False

    def detect(
        self, frames: Sequence[Frame], wholes: Sequence[Detections]
    ) -> list[Detections] | None:
        """Return its detections, with `wholes` for other classes; None if it failed."""
        if self.detector is None or self._settings.objects is None:
            return None
        labels = frozenset(self._settings.objects.labels)
        try:
            found = self.detector.detect(frames)
        except Exception as error:  # noqa: BLE001 — its fault must not stop the first detector
            self._state(str(error) if isinstance(error, DetectorError) else repr(error))
            return None
        self.counts.done += len(frames)
        if not self._starved_since:
            self._state("")
        pairs = zip(wholes, found, strict=True)
        return [merged(_of(whole, labels, has=False), _of(one, labels)) for whole, one in pairs]

    def pipeline(
        self,
        camera: CameraConfig,
        rules: Sequence[Rule],
        new_id: Callable[[], str],
        make: Callable[[Sequence[Rule]], CameraPipeline],
    ) -> CameraPipeline:
        """Return what `make` builds of a camera's rules, with a pipeline of this model's own.

        Without a usable detector all rules stay with the first.
        """
        if self.detector is None:
            return make(rules)
        own = [rule for rule in rules if self._settings.uses_objects(rule)]
        scene = make([rule for rule in rules if rule not in own])
        if own:
            scene.objects = CameraPipeline(camera, own, self.detector.model, new_id)
        return scene

    def discard(self, camera_id: str) -> None:
        """Discard a camera that stopped; thread-safe."""
        if self._starved_since.pop(camera_id, None) is not None and not self._starved_since:
            self._state("")

    def close(self) -> None:
        """Release the detector."""
        if self.detector is not None:
            self.detector.close()

    def _state(self, error: str) -> None:
        if error and error != self.counts.error:
            log.error("object model: %s", error)
        self.counts.error = error


def load_object_model(settings: DetectorConfig, cache_dir: Path) -> ObjectModel | None:
    """Return the site's object model, None without one; one that is unusable has an `error`."""
    if settings.objects is None:
        return None
    try:
        return ObjectModel(settings, load_object_detector(settings.objects, cache_dir), "")
    except DetectorError as error:
        log.error("object model: %s", error)
        return ObjectModel(settings, None, str(error))


def _of(found: Detections, labels: frozenset[str], *, has: bool = True) -> Detections:
    return found.where(np.array([(label in labels) is has for label in found.label], dtype=bool))
