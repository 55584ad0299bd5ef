"""Frames in, detections out: the `Detector` protocol and the choice between its two kinds.

`load_detector` takes OpenVINO on the CPU, or Ultralytics on a GPU when there is one and the site
allows it; a GPU that does not work falls back to the CPU, said in one log line. It either returns
a detector that has looked at a picture once, or raises one clear `DetectorError`.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from config.site import DetectorConfig
from detection.detections import Detections
from detection.detectors.model_card import ModelIdentity
from ingest.frame import Frame

NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
log = logging.getLogger(__name__)


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


def has_gpu() -> bool:
    """Whether a detector could look with a GPU here."""
    if not NVIDIA_DRIVER.exists():
        return False
    import torch

    return bool(torch.cuda.is_available())


def load_detector(settings: DetectorConfig, cache_dir: Path) -> Detector:
    """A detector that is known to work, or a `DetectorError`."""
    from detection.detectors.model_card import vouched_weights
    from detection.detectors.openvino_detector import OpenVinoDetector

    weights = vouched_weights(settings)
    if settings.device == "gpu" or (settings.device == "auto" and NVIDIA_DRIVER.exists()):
        from detection.detectors.ultralytics_detector import NoGpuError, load_gpu_detector

        try:
            return load_gpu_detector(weights, settings, cache_dir)
        except NoGpuError as reason:
            log.warning("no GPU to look with (%s); looking on the CPU", reason)
    return OpenVinoDetector(weights, settings, cache_dir)
