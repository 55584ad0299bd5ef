"""Tries an address for an engineer: guarded, one at a time, a few a minute for each person."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from app.cameras.probe_guard import ProbeGuard, ProbeRefused, Resolve, resolved
from app.web_api.app_context import SiteHolder
from app.web_api.errors import ApiError
from app.web_api.request_rate import RequestRate
from config.camera import CameraConfig
from config.secret import SecretUrl
from ingest.clock import Clock
from ingest.errors import AddressWrong
from ingest.sources.pinned_address import probe_only_there
from ingest.sources.probe import ProbeReport, probe_camera
from ingest.sources.registry import SCHEMES
from ingest.sources.scheme import tidied

log = logging.getLogger(__name__)

Look = Callable[[SecretUrl], ProbeReport]
LookAtCamera = Callable[[CameraConfig], ProbeReport]

MOST_A_MINUTE = 6
_WAIT_S = 2.0


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
        self._look = look
        self._look_there = look_there
        self._resolve = resolve
        self._rate = RequestRate(clock, MOST_A_MINUTE, "probe_too_often")
        self._at_once = threading.BoundedSemaphore(1)

    def address(self, url: SecretUrl, username: str) -> ProbeReport:
        """Try an address that somebody typed."""
        self._rate.count(username)
        url = tidied(url)
        try:
            SCHEMES.check(url)
        except ValueError as wrong:
            named = AddressWrong(str(url), problem=str(wrong))
            return ProbeReport(url=str(url), ok=False, error=str(named), reason=named.reason)
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
        self._rate.count(username)
        return self._tried(camera.source, username, lambda _: self._look(camera))

    def _tried(self, url: SecretUrl, username: str, look: Look) -> ProbeReport:
        if not self._at_once.acquire(timeout=_WAIT_S):
            raise ApiError(503, "busy", headers={"Retry-After": "10"})
        try:
            log.info("%s tries %s", username, url)
            return look(url)
        finally:
            self._at_once.release()
