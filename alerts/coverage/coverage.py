"""Coverage figures: how long cameras saw, and how long that was recorded.

Frozen; times are UTC unix seconds. Unrecorded time never counts as seen.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraVisibility:
    """Visibility of a camera. `sees`: pictures come and are usable."""

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
    """Recorded time of one camera in a period."""

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
    """Coverage of a period; `recorded_share` refers to the time that has passed."""

    cameras: tuple[CameraCoverage, ...]
    recorded_share: float

    @property
    def share(self) -> float | None:
        """Share of all recorded camera time that was seen."""
        recorded_s = sum(camera.recorded_s for camera in self.cameras)
        seen_s = sum(camera.seen_s for camera in self.cameras)
        return seen_s / recorded_s if recorded_s > 0 else None

    def worst(self, limit: int) -> list[CameraCoverage]:
        """Return the cameras that were blind longest."""
        blind = [camera for camera in self.cameras if camera.blind_s > 0]
        return sorted(blind, key=lambda one: (-one.blind_s, one.camera_id))[:limit]
