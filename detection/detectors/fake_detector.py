"""A detector that sees what it is told, for tests of whatever looks: no weights, no libraries.

`FakeDetector(see)` calls `see(frame)` for every frame: rows to be seen there, or a raised
`DetectorError`. `detections_of` turns rows into `Detections`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from detection.detections import Detection, Detections
from detection.detectors.model_card import ModelIdentity
from ingest.frame import Frame

LABELS = ("fire", "smoke", "person", "car")


class FakeDetector:
    """A `Detector`; counts the frames it was given."""

    model = ModelIdentity(name="fake", sha256="0" * 64)
    labels = LABELS
    size_px = 416

    def __init__(self, see: Callable[[Frame], Sequence[Detection]], max_batch: int = 1) -> None:
        self._see = see
        self.max_batch = max_batch
        self.frames_seen = 0
        self.closed = False

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """What `see` says of every frame."""
        self.frames_seen += len(frames)
        return [detections_of(frame, self._see(frame)) for frame in frames]

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


def detections_of(frame: Frame, rows: Sequence[Detection]) -> Detections:
    """Rows (boxes in shares) as the detections of a frame (boxes in pixels)."""
    ordered = sorted(rows, key=lambda row: -row.confidence)
    size = np.array([frame.width, frame.height, frame.width, frame.height], dtype=np.float32)
    boxes = np.array([row.box for row in ordered], dtype=np.float32).reshape(-1, 4) * size
    return Detections(
        camera_id=frame.camera_id,
        at_s=frame.at_s,
        captured_at=frame.captured_at,
        inferred_at=frame.captured_at,
        width=frame.width,
        height=frame.height,
        xyxy=boxes,
        confidence=np.array([row.confidence for row in ordered], dtype=np.float32),
        label=tuple(row.label for row in ordered),
    )
