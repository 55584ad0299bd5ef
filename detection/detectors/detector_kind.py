"""Frames in, detections out: the `Detector` protocol, and a kind of detector by its name.

A kind is the `DETECTOR` of a module of `detection/detectors/kinds`, or what an entry point of the
group `thapcanh.detectors` of an installed package names. It is chosen by `[detector] kind`.
"""

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
    """Not thread-safe: one loop owns it."""

    @property
    def model(self) -> ModelIdentity:
        """Which model this is."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can see."""

    @property
    def size_px(self) -> int:
        """The longest side of the picture that the model sees."""

    @property
    def max_batch(self) -> int:
        """How many frames are worth giving it at once."""

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One `Detections` a frame, in order; raises `InferenceError`."""

    def close(self) -> None:
        """Let the memory go; idempotent."""


LoadDetector = Callable[[DetectorConfig, Path], Detector]
"""The site's settings and a folder for what can be made again; raises `DetectorError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorKind:
    """One kind: what `[detector] kind` calls it, and how it is made ready."""

    name: str
    load: LoadDetector
