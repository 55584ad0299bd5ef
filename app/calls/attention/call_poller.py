"""Worker side of attention: polls every second which of its cameras are near a call.

Runs on the main thread.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from thapcanh.alerts.queue.exchanges.call_exchange import NearCall
from thapcanh.alerts.store.errors import QueueError

log = logging.getLogger(__name__)

POLL_EVERY_S = 1.0


class CallSource(Protocol):
    """Source of the published attention plan."""

    def calls(self) -> dict[str, NearCall]:
        """Return the current calls by camera; raises `QueueError`."""
        ...


class CalledCameras(Protocol):
    """A worker's cameras."""

    def set_calls(self, calls: Mapping[str, NearCall]) -> None:
        """Apply the calls to their cameras and clear the others."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    call: NearCall
    until_s: float  # by this worker's monotonic clock


class CallPoller:
    """Attention poller, one per worker."""

    def __init__(
        self, source: CallSource, cameras: CalledCameras, monotonic: Callable[[], float]
    ) -> None:
        self._source = source
        self._cameras = cameras
        self._monotonic = monotonic
        self._poll_at = 0.0
        self._reported: dict[str, _Told] = {}

    def poll(self) -> None:
        """Ask when it is time."""
        now_s = self._monotonic()
        if now_s < self._poll_at:
            return
        self._poll_at = now_s + POLL_EVERY_S
        try:
            calls = self._source.calls()
            self._reported = {
                camera: _Told(call=item, until_s=now_s + item.left_s)
                for camera, item in calls.items()
            }
        except QueueError as error:
            log.debug("what callers tell is not known: %s", error)  # the publisher tells of it
        living = {
            camera: item.call for camera, item in self._reported.items() if item.until_s > now_s
        }
        self._cameras.set_calls(living)
