"""Tries an address for an engineer: guarded, one at a time, a few a minute for each person."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from app.api.app_context import SiteHolder
from app.api.cameras.probe_guard import ProbeGuard, ProbeRefused, Resolve, resolved
from app.api.errors import ApiError
from config.camera import CameraConfig
from config.secret import SecretUrl
from ingest.clock import Clock
from ingest.sources.pinned_address import probe_only_there
from ingest.sources.probe import ProbeReport, probe_camera

log = logging.getLogger(__name__)

Look = Callable[[SecretUrl], ProbeReport]
LookAtCamera = Callable[[CameraConfig], ProbeReport]

MOST_A_MINUTE = 6
_MINUTE_S = 60.0
_WAIT_S = 2.0
_MOST_PEOPLE = 1000


class Prober:
    """Thread-safe; a look takes up to some 20 s.

    An address that somebody typed is looked at in a way that the camera cannot lead elsewhere.
    """

    def __init__(
        self,
        site: SiteHolder,
        clock: Clock,
        *,
        look: LookAtCamera = probe_camera,
        look_there: Look = probe_only_there,
        resolve: Resolve = resolved,
    ) -> None:
        self._site = site
        self._clock = clock
        self._look = look
        self._look_there = look_there
        self._resolve = resolve
        self._lock = threading.Lock()
        self._asked: dict[str, deque[float]] = {}
        self._at_once = threading.BoundedSemaphore(1)

    def address(self, url: SecretUrl, username: str) -> ProbeReport:
        """Try an address that somebody typed."""
        self._count(username)
        site = self._site()
        sources = [camera.source for camera in site.cameras]
        guard = ProbeGuard(sources, site.centre.probe_networks, self._resolve)
        try:
            pinned = guard.pinned(url)
        except ProbeRefused as refused:
            log.warning("%s may not try %s: %s", username, url, refused)
            raise ApiError(403, refused.error) from None
        return replace(self._tried(pinned, username, self._look_there), url=str(url))

    def camera(self, camera: CameraConfig, username: str) -> ProbeReport:
        """Try a configured camera's own address, by its own transport and trust."""
        self._count(username)
        return self._tried(camera.source, username, lambda _: self._look(camera))

    def _tried(self, url: SecretUrl, username: str, look: Look) -> ProbeReport:
        if not self._at_once.acquire(timeout=_WAIT_S):
            raise ApiError(503, "busy", headers={"Retry-After": "10"})
        try:
            log.info("%s tries %s", username, url)
            return look(url)
        finally:
            self._at_once.release()

    def _count(self, username: str) -> None:
        now = self._clock.monotonic()
        with self._lock:
            if len(self._asked) >= _MOST_PEOPLE:
                self._asked.clear()
            times = self._asked.setdefault(username, deque(maxlen=MOST_A_MINUTE))
            if len(times) == MOST_A_MINUTE and now - times[0] < _MINUTE_S:
                wait_s = int(_MINUTE_S - (now - times[0])) + 1
                raise ApiError(429, "probe_too_often", headers={"Retry-After": str(wait_s)})
            times.append(now)
