"""Detections of one frame: boxes, confidences, labels, times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thapcanh.ingest.frame import Frame

if TYPE_CHECKING:
    import supervision

Boxes = npt.NDArray[np.float32]
Confidences = npt.NDArray[np.float32]
TrackIds = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detections:
    """Boxes of one inference. Times: `at_s` camera time; `*_at` UTC unix seconds."""

    camera_id: str
    at_s: float
    captured_at: float
    inferred_at: float
    width: int
    height: int
    xyxy: Boxes
    confidence: Confidences
    label: tuple[str, ...]
    track_id: TrackIds | None = None

    def __post_init__(self) -> None:
        n = len(self.label)
        if self.xyxy.shape != (n, 4) or self.confidence.shape != (n,):
            raise ValueError(
                f"{n} labels beside boxes {self.xyxy.shape} and confidences {self.confidence.shape}"
            )
        if self.track_id is not None and self.track_id.shape != (n,):
            raise ValueError(f"{n} labels beside track ids {self.track_id.shape}")

    def __len__(self) -> int:
        return len(self.label)

    def tracked(self, track_id: TrackIds) -> "Detections":
        return replace(self, track_id=track_id)

    def where(self, mask: npt.NDArray[np.bool_]) -> "Detections":
        """Return the boxes for which `mask` (n,) is true."""
        track_id = None if self.track_id is None else self.track_id[mask]
        label = tuple(self.label[index] for index in np.flatnonzero(mask))
        return replace(
            self,
            xyxy=self.xyxy[mask],
            confidence=self.confidence[mask],
            label=label,
            track_id=track_id,
        )

    def to_supervision(self, labels: Sequence[str]) -> "supervision.Detections":
        """Return the boxes as `supervision.Detections`; `labels` numbers the classes."""
        import supervision

        return supervision.Detections(
            xyxy=self.xyxy,
            confidence=self.confidence,
            class_id=np.array([labels.index(label) for label in self.label], dtype=int),
            data={"class_name": np.array(self.label, dtype=str)},
        )

    def rows(self) -> Iterator["Detection"]:
        """Yield one `Detection` per box, in shares of the picture."""
        scale = np.array([self.width, self.height, self.width, self.height], dtype=np.float32)
        shares = np.clip(self.xyxy / scale, 0.0, 1.0)
        for index, label in enumerate(self.label):
            x1, y1, x2, y2 = (float(value) for value in shares[index])
            track = -1 if self.track_id is None else int(self.track_id[index])
            yield Detection(
                box=(x1, y1, x2, y2),
                confidence=float(self.confidence[index]),
                label=label,
                track_id=None if track < 0 else track,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Detection: box x1, y1, x2, y2 in shares (0..1) of the picture."""

    box: tuple[float, float, float, float]
    confidence: float
    label: str
    track_id: int | None = None


def detections_of(frame: Frame, rows: Sequence[Detection]) -> Detections:
    """Return rows (boxes in shares) as the detections of a frame (boxes in pixels)."""
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
