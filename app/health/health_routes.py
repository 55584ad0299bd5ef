"""Web routes of health probes and the API document.

`/healthz` fails when no camera is watched, `/readyz` as soon as one camera has no live worker
(`Readiness`, pure). `Liveness` checks that the event loop runs and that requests get threads: once
a second a task takes one.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from enum import StrEnum

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Depends, Request, Response

from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.cameras.camera_board import CameraBoard, CameraReport
from thapcanh.app.stream.heartbeat import EventIntake
from thapcanh.app.web_api.access.access import enforce
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import OPEN
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.middleware.fair_places import FairPlaces
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel

UNFIT = 503
health = APIRouter()
schema = APIRouter(prefix=PREFIX)
DEGRADED_SHARE = 0.1  # of the cameras: fewer are repaired one by one, each with its own alarm
STARTING_S = 60.0  # a worker loads its model in well under this
TRIED_EVERY_S = 1.0
UNHEALTHY_AFTER_S = 10.0  # `/healthz` fails: a balancer sends officers to another centre
SERVED_WITHIN_S = 45.0  # no sign of life after it: longer than any wait for the archive (30 s)


class Readiness(StrEnum):
    """Overall state of the system."""

    OK = "ok"  # a living worker speaks of every camera, or there is none to watch
    EARLIER = "earlier_configuration"  # the same, by the last good one: the files are broken
    DEGRADED = "degraded"  # the same, and many cameras send no pictures
    STARTING = "starting"  # not yet, and this server began a moment ago
    UNKNOWN = "queue_unavailable"  # nobody can report
    PARTLY = "partly_unwatched"  # some camera has no living worker
    NO_INTAKE = "events_not_taken"  # no centre leads: what workers see is on no screen
    CENTRE_LOST = "centre_missing"  # watched, but a centre that should live does not
    CENTRE_CLOCK = "centre_clock_wrong"  # the same of one whose clock is off
    OUTDATED = (
        "centre_outdated"  # another program changed the tables: nothing is stored by this one
    )
    BLIND = "unwatched"  # no worker lives
    STUCK = "does_not_answer"  # requests get no thread: nobody is served
    OPENING = "centre_opening"  # answered by `starting_page` until the centre itself serves


class HealthResponse(ApiModel):
    """Health of the process and the site, without further details."""

    status: Readiness
    report_age_s: int | None = None
    """Age of the workers' report in seconds; missing before the first one."""


@health.get("/healthz", dependencies=[Depends(enforce)])
@permits(OPEN)
async def is_healthy(state: AppStateDep, response: Response) -> HealthResponse:
    """Fail without the archive, if no worker watches any camera, or if requests starve.

    Also if this program is older than the archive's tables.
    """
    found, age_s = await anyio.to_thread.run_sync(_found, state, limiter=state.health)
    if found in (Readiness.BLIND, Readiness.STUCK, Readiness.OUTDATED):
        response.status_code = UNFIT
    return HealthResponse(status=found, report_age_s=age_s)


@health.get("/readyz", dependencies=[Depends(enforce)])
@permits(OPEN)
async def is_ready(state: AppStateDep, response: Response) -> HealthResponse:
    """Fail until each camera has a live worker, queue and archive answer, and events arrive.

    Also while an expected centre is missing, or its clock is wrong. `earlier_configuration` and
    `degraded` do not fail: cameras are watched, and another centre would see no more.
    """
    found, age_s = await anyio.to_thread.run_sync(_fit, state, limiter=state.health)
    if found not in (Readiness.OK, Readiness.DEGRADED, Readiness.EARLIER):
        response.status_code = UNFIT
    return HealthResponse(status=found, report_age_s=age_s)


def _found(state: AppState) -> tuple[Readiness, int | None]:
    """Return the state and the report's age in s; runs in threads. Raises `ArchiveError`."""
    report, now = state.part(CameraBoard).report(), state.services.clock.monotonic()
    age_s = None if report.at == float("-inf") else int(max(0.0, now - report.at))
    if state.part(Liveness).silent_s() > UNHEALTHY_AFTER_S:
        return Readiness.STUCK, age_s
    if not state.services.archive.database.is_written_here():
        return Readiness.OUTDATED, age_s
    cameras = [camera.id for camera in state.services.site().cameras]
    return readiness(report, cameras, now - state.began_at), age_s


def _fit(state: AppState) -> tuple[Readiness, int | None]:
    """Return the state including intake and other centres. Raises `ArchiveError`."""
    found, age_s = _found(state)
    return (_fitness(state) if found is Readiness.OK else found), age_s


def _fitness(state: AppState) -> Readiness:
    if state.part(EventIntake).stopped_since() is not None:
        return Readiness.NO_INTAKE
    if (trouble := _of_centres(state)) is not None:
        return trouble
    total, online = state.part(CameraBoard).counts(EVERYTHING)
    if total - online >= max(1.0, DEGRADED_SHARE * total):
        return Readiness.DEGRADED
    return Readiness.OK if state.services.site.refused_since is None else Readiness.EARLIER


def _of_centres(state: AppState) -> Readiness | None:
    """Return the problem of other centres, or None."""
    expected = state.services.expected_centres()
    if any(item.is_missing for item in expected):
        return Readiness.CENTRE_LOST
    return Readiness.CENTRE_CLOCK if any(item.clock_is_off for item in expected) else None


@schema.get(
    "/openapi.json",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    dependencies=[Depends(enforce)],
)
@permits(OPEN)  # what a client is made from; it tells nothing of the site
def api_document(request: Request) -> Response:
    """Return this document."""
    return Response(request.app.openapi_text, media_type="application/json")


def readiness(report: CameraReport, cameras: Collection[str], up_s: float) -> Readiness:
    """Judge the newest report; `up_s` is how long this server has been up."""
    if not report.is_known:
        return Readiness.UNKNOWN
    if all(camera in report.cameras for camera in cameras):
        return Readiness.OK
    if up_s < STARTING_S:
        return Readiness.STARTING
    has_live = any(not worker["lost"] for worker in report.workers)
    return Readiness.PARTLY if has_live else Readiness.BLIND


class Liveness:
    """When a thread was last had."""

    def __init__(
        self,
        turns: FairPlaces,
        lookups: CapacityLimiter,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._turns = turns
        self._lookups = lookups
        self._monotonic = monotonic
        self._served_at = monotonic()
        self._trials: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to try, on the loop that serves."""
        self._served_at = self._monotonic()
        self._trials = asyncio.create_task(self._try())

    def close(self) -> None:
        """Try no more; calling twice is fine."""
        if self._trials is not None:
            self._trials.cancel()

    def show(self, mark: Callable[[], None]) -> None:
        """Show the sign of life while requests are served; called by the loop, while it turns."""
        if self.silent_s() <= SERVED_WITHIN_S:
            mark()

    def silent_s(self) -> float:
        """Return for how many seconds no request could have been served."""
        now = self._monotonic()
        unserved_s = max(0.0, now - self._served_at - TRIED_EVERY_S)
        return max(unserved_s, self._turns.stuck_s(now))

    async def _try(self) -> None:
        """Take a thread of session look-ups and one of request handlers periodically."""
        while True:
            for limiter in (self._lookups, None):
                await anyio.to_thread.run_sync(_nothing, limiter=limiter)
            self._served_at = self._monotonic()
            await asyncio.sleep(TRIED_EVERY_S)


def _nothing() -> None:
    """Do nothing; getting the thread is the test."""
