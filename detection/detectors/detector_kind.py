"""Detector protocol and kinds of detectors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.ingest.frame import Frame

ENTRY_POINTS = "thapcanh.detectors"


class Detector(Protocol):
    """Detector owned by one loop; not thread-safe."""

    @property
    def model(self) -> ModelIdentity:
        """Identity of the model."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the model."""

    @property
    def size_px(self) -> int:
        """Longest side of the picture that the model sees."""

    @property
    def max_batch(self) -> int:
        """Largest useful batch."""

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """Return one `Detections` per frame, in order. Raise `InferenceError`."""

    def close(self) -> None:
        """Release the memory; idempotent."""


LoadDetector = Callable[[DetectorConfig, Path], Detector]
"""The site's settings and a folder for what can be made again; raises `DetectorError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorKind:
    """Kind of detector: its name in `[detector] kind`, and its loader."""

    name: str
    load: LoadDetector
