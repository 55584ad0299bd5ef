"""Log of a camera's states that sums up repeated changes.

Not thread-safe.
"""

import logging

from thapcanh.ingest.camera.lifecycle import CameraLifecycle, CameraState

SUMMED_FOR_S = 600.0
_MOST_REPORTED = 50  # kinds of trouble of one camera that are remembered

log = logging.getLogger(__name__)


class StateLog:
    """Logger of one camera's state changes."""

    def __init__(self, camera_id: str) -> None:
        self._camera_id = camera_id
        self._told: dict[tuple[str, str], tuple[float, int]] = {}  # since when, how often since
        self._in_trouble = False

    def tell(self, life: CameraLifecycle, now: float) -> None:
        """Log a change; `now` is monotonic."""
        if life.state is CameraState.CONNECTING and self._in_trouble:
            return  # each try after a failure that was told
        if life.state is not CameraState.CONNECTING:
            self._in_trouble = life.state is CameraState.BACKOFF
        key = (life.state.value, life.reason)
        told_at, again = self._told.get(key, (float("-inf"), 0))
        if now - told_at < SUMMED_FOR_S and life.state is not CameraState.CLOSED:
            self._told[key] = told_at, again + 1
            return
        if len(self._told) >= _MOST_REPORTED:
            self._told.clear()
        self._told[key] = now, 0
        more = f" (and {again} times more in {(now - told_at) / 60:.0f} min)" if again else ""
        log.info("camera %s: %s: %s%s", self._camera_id, life.state, life.detail, more)
