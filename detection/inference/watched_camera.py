"""A camera as the inference loop knows it: its pipeline, its newest frame, whom to wake."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from detection.camera_pipeline import CameraPipeline
from detection.inference.inference_health import CameraInferences
from ingest.frame import Frame

Newest = Callable[[], Frame | None]


class WakeSignal(Protocol):
    """Told when a look saw something; `is_sure`: with the confidence that a rule asks for."""

    def __call__(self, reason: str, *, is_sure: bool) -> None:
        """Called on the looks' thread; must not wait."""
        ...


@dataclass(slots=True, kw_only=True)
class WatchedCamera:
    """One camera of the loop, with its own rank and counters."""

    scene: CameraPipeline
    newest: Newest
    rank: int
    wake: WakeSignal | None = None
    counts: CameraInferences = field(default_factory=CameraInferences)
