"""Scripted detector for tests, without weights and libraries.

`FakeDetector(see)` calls `see(frame)` for every frame; it returns rows or raises `DetectorError`.
"""

from collections.abc import Callable, Sequence

from thapcanh.detection.detections import Detection, Detections, detections_of
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.ingest.frame import Frame

LABELS = ("fire", "smoke", "person", "car")


class FakeDetector:
    """A `Detector`; counts the frames it was given."""

    model = ModelIdentity(name="fake", sha256="0" * 64)
    labels = LABELS
    size_px = 416

    def __init__(self, see: Callable[[Frame], Sequence[Detection]], max_batch: int = 1) -> None:
        self._see = see
        self.max_batch = max_batch
        self.frames_inferred = 0
        self.closed = False

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        self.frames_inferred += len(frames)
        return [detections_of(frame, self._see(frame)) for frame in frames]

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
