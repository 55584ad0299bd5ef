"""Coverage: how much of the time cameras saw, and how much of the time anybody wrote that down.

Frozen figures only; times are UTC unix seconds. What was not recorded is never taken for seen.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraVisibility:
    """How a camera is. `sees`: its picture comes, and shows the world."""

    state: str
    reason: str | None
    picture: str | None
    sees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSpan:
    """A camera that was the same for a while; without `until` it still is."""

    since: float
    until: float | None
    sight: CameraVisibility


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraCoverage:
    """One camera's recorded time in a period."""

    camera_id: str
    seen_s: float
    recorded_s: float
    outages: int

    @property
    def blind_s(self) -> float:
        """Recorded time in which it did not see."""
        return self.recorded_s - self.seen_s

    @property
    def share(self) -> float | None:
        """Share of the recorded time in which it saw; None where nothing was recorded."""
        return self.seen_s / self.recorded_s if self.recorded_s > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A period, of the cameras asked for; `recorded_share` is of the time that has passed."""

    cameras: tuple[CameraCoverage, ...]
    recorded_share: float

    @property
    def share(self) -> float | None:
        """Share of all recorded camera time that was seen."""
        recorded_s = sum(camera.recorded_s for camera in self.cameras)
        seen_s = sum(camera.seen_s for camera in self.cameras)
        return seen_s / recorded_s if recorded_s > 0 else None

    def worst(self, limit: int) -> list[CameraCoverage]:
        """The cameras that were blind the longest."""
        blind = [camera for camera in self.cameras if camera.blind_s > 0]
        return sorted(blind, key=lambda one: (-one.blind_s, one.camera_id))[:limit]
