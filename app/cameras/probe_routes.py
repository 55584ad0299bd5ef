"""Web route that tests a camera's address, as `thapcanh probe` does."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, model_validator

from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.roles import EVERYTHING, Role
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import main_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep, SiteHolder
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.request_rate import RequestRate
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.app.web_api.visible_camera import visible_camera
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import Network
from thapcanh.ingest.address_guard import (
    AddressGuard,
    AddressRefused,
    Refusal,
    Resolve,
    resolved,
    tried_addresses,
)
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.errors import AddressWrong
from thapcanh.ingest.sources.pinned_address import probe_only_there
from thapcanh.ingest.sources.probe import ProbeReport, probe_camera
from thapcanh.ingest.sources.registry import SCHEMES
from thapcanh.ingest.sources.rtsp_answers import RTSP_PORTS
from thapcanh.ingest.sources.scheme import tidied

router = APIRouter(prefix=PREFIX, tags=["cameras"])
log = logging.getLogger(__name__)
Look = Callable[[SecretUrl], ProbeReport]
LookAtCamera = Callable[[CameraConfig, tuple[Network, ...]], ProbeReport]
MOST_A_MINUTE = 6
_WAIT_S = 2.0
SPEAKS_RTSP = frozenset(
    {
        "unauthorized", "not_found", "refused", "transport", "redirect", "redirect_loop",
        "srtp_only", "unsupported", "no_keyframe", "address",
    }
)  # fmt: skip
"""Failures that only a camera's own words bring about, or none but what was typed."""
SAME_AFTER_S = 10.0  # longer than a port that is closed, filtered or silent is waited for
_NO_CAMERA = "no_camera"


class ProbeRequest(BaseModel):
    """Either an address or a configured camera."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str | None, Field(max_length=1024, repr=False)] = None
    camera: Annotated[str | None, Field(max_length=64)] = None

    @model_validator(mode="after")
    def exactly_one(self) -> Self:
        """Raise `ValueError` unless exactly one of both is given."""
        if (self.url is None) == (self.camera is None):
            raise ValueError("give either url or camera")
        return self


class ProbeResponse(ApiModel):
    """Description of a source, or why it cannot be read; never its password."""

    ok: bool
    url: str
    error: str | None
    reason: str | None
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    keyframe_interval_s: float | None
    has_b_frames: bool | None
    bitrate_kbps: float | None
    opened_in_s: float | None
    time_to_first_frame_s: float | None
    notes: list[str]


@router.post("/probe")
@permits(frozenset({Role.TECHNICIAN, Role.ADMIN}))
async def try_source(
    body: ProbeRequest, caller: CurrentUserDep, state: AppStateDep
) -> ProbeResponse:
    """Open the source as a worker would, read some seconds, report. RTSP only."""
    started, clock = state.services.clock.monotonic(), state.services.clock
    answer = await run_in_threadpool(_tried, body, caller, state)
    if answer.reason == _NO_CAMERA:
        await asyncio.sleep(rest_s(started, clock.monotonic()))
    return answer


def _tried(body: ProbeRequest, caller: CurrentUser, state: AppState) -> ProbeResponse:
    username = caller.session.user.username
    _write_down(caller, state, body)
    if body.url is not None:
        report = state.part(Prober).address(SecretUrl(body.url.strip()), username)
        sees_ports = Role.ADMIN in caller.roles and caller.scope == EVERYTHING
        return _shown(report if sees_ports else without_ports(report), url=None)
    camera = visible_camera(caller, state, body.camera or "")
    return _shown(state.part(Prober).camera(camera, username), url="")


def without_ports(report: ProbeReport) -> ProbeReport:
    """Return the report without details of ports that do not speak RTSP."""
    if report.ok or report.reason in SPEAKS_RTSP:
        return report
    error = f"{report.url}: no camera's pictures here; an admin of the whole site is told why"
    return ProbeReport(url=report.url, ok=False, error=error, reason=_NO_CAMERA)


def rest_s(started: float, now: float) -> float:
    """Return the seconds to wait, so that all answers about non-camera ports take equally long."""
    return max(0.0, started + SAME_AFTER_S - now)


class ProbeRefused(Exception):
    """An address that is not tried; `error` is the machine's name for why."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Prober:
    """Tester of addresses. Thread-safe; a test takes up to some 20 s.

    The camera cannot redirect the test of a typed address elsewhere.
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
        """Test an address that a person typed."""
        self._rate.count(username)
        url = tidied(url)
        try:
            SCHEMES.check(url)
        except ValueError as wrong:
            named = AddressWrong(str(url), problem=str(wrong))
            return ProbeReport(url=str(url), ok=False, error=str(named), reason=named.reason)
        site = self._site()
        doors = doors_of(camera.source for camera in site.cameras)
        guard = tried_addresses(doors, site.networks, self._resolve)
        try:
            pinned = pinned_url(url, guard)
        except ProbeRefused as refused:
            log.warning("%s may not try %s: %s", username, url, refused)
            raise ApiError(403, refused.error) from None
        return replace(self._tried(pinned, username, self._look_there), url=str(url))

    def camera(self, camera: CameraConfig, username: str) -> ProbeReport:
        """Try a configured camera's own address, by its own transport and trust."""
        self._rate.count(username)
        networks = self._site().camera_networks
        return self._tried(camera.source, username, lambda _: self._look(camera, networks))

    def _tried(self, url: SecretUrl, username: str, look: Look) -> ProbeReport:
        if not self._at_once.acquire(timeout=_WAIT_S):
            raise ApiError(503, "busy", headers={"Retry-After": "10"})
        try:
            log.info("%s tries %s", username, url)
            return look(url)
        finally:
            self._at_once.release()


def pinned_url(url: SecretUrl, guard: AddressGuard) -> SecretUrl:
    """Return the address with its host name resolved. Raises `ProbeRefused`."""
    parts = _rtsp_parts(url.reveal())
    port = _port(parts)
    try:
        found = guard.judged(parts.hostname or "", port)[0]
    except AddressRefused as refused:
        is_unresolved = refused.refusal is Refusal.UNKNOWN
        raise ProbeRefused("probe_unknown_host" if is_unresolved else "probe_network") from None
    userinfo, at, _ = parts.netloc.rpartition("@")
    host = f"[{found}]" if ":" in found else found
    return SecretUrl(urlunsplit(parts._replace(netloc=f"{userinfo}{at}{host}:{port}")))


def doors_of(sources: Iterable[SecretUrl]) -> Iterator[tuple[str, int]]:
    """Host and port of each source that has them."""
    for source in sources:
        try:
            parts = urlsplit(source.reveal())
            host, port = parts.hostname, parts.port or RTSP_PORTS.get(parts.scheme.lower(), 80)
        except ValueError:
            continue
        if host:
            yield host, port


def _write_down(caller: CurrentUser, state: AppState, body: ProbeRequest) -> None:
    tried = body.camera or str(SecretUrl((body.url or "").strip()))
    line = AuditEntry(
        at=state.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action="address_tried",
        object_id=tried,
        details={},
    )
    note_in_log(state.services.archive.database, line)


def _shown(report: ProbeReport, url: str | None) -> ProbeResponse:
    """Return the response; a configured camera's address (`url` is None) is left out."""
    error = report.error
    if url is not None and error is not None:
        error = error.replace(report.url, "…")
    facts = {name: getattr(report, name) for name in ProbeResponse.model_fields}
    facts |= {"url": report.url if url is None else url, "error": error}
    return ProbeResponse.model_validate({**facts, "notes": list(report.notes)})


def _rtsp_parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme.lower() in RTSP_PORTS and bool(parts.hostname) and _port(parts) > 0
    except ValueError:
        is_valid = False
    if not is_valid or any(ord(letter) <= 32 for letter in text):
        raise ProbeRefused("probe_not_rtsp")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port if parts.port is not None else RTSP_PORTS[parts.scheme.lower()]
