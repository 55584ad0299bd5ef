"""How many cameras there are and see, by whom they may be seen; kept up to date from what changed.

A city has few pairs of agency and area beside its cameras: a count for one person's sight adds
those, and does not ask about each camera.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from alerts.store.roles import DataFilter
from config.camera import CameraConfig

_Owner = tuple[str | None, str | None]  # agency and area


class CameraCounts:
    """Owned by who calls it: not thread-safe. `is_online` is asked about changed cameras alone."""

    def __init__(self) -> None:
        self._total: Counter[_Owner] = Counter()
        self._online: Counter[_Owner] = Counter()
        self._counted: dict[str, tuple[_Owner, bool]] = {}

    def replace(self, cameras: Iterable[CameraConfig], is_online: Callable[[str], bool]) -> None:
        """Count all of them again."""
        for counted in (self._total, self._online, self._counted):
            counted.clear()
        for camera in cameras:
            self.update(camera.id, camera, is_online)

    def update(
        self, camera_id: str, camera: CameraConfig | None, is_online: Callable[[str], bool]
    ) -> None:
        """Count one camera again; None: it is gone."""
        before = self._counted.pop(camera_id, None)
        if before is not None:
            owner, was_online = before
            self._total[owner] -= 1
            self._online[owner] -= was_online
        if camera is not None:
            owner, online = (camera.agency, camera.area), is_online(camera_id)
            self._counted[camera_id] = owner, online
            self._total[owner] += 1
            self._online[owner] += online

    def of(self, scope: DataFilter) -> tuple[int, int]:
        """How many cameras may be seen, and how many of them are online."""
        seen = [owner for owner in self._total if scope.sees(*owner)]
        return sum(self._total[one] for one in seen), sum(self._online[one] for one in seen)
