"""Web routes of coverage: share of time seen, blind cameras now, one camera's history.

Gaps in the record are named and never count as seen.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from thapcanh.alerts.coverage.coverage import CameraCoverage
from thapcanh.alerts.coverage.coverage_store import CoverageRepository
from thapcanh.app.cameras.camera_board import CameraBoard, picture_of, reason_of, sees, state_of
from thapcanh.app.cameras.camera_schemas import camera_response
from thapcanh.app.coverage.coverage_schemas import (
    BlindCameraResponse,
    BlindTimeResponse,
    CameraHistoryResponse,
    CameraSpanResponse,
    CoverageResponse,
    CoverageShareResponse,
)
from thapcanh.app.live.live_routes import CameraId
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import DAY_S, UtcTime
from thapcanh.app.web_api.visible_camera import visible_camera
from thapcanh.config.camera import CameraConfig

router = APIRouter(prefix=PREFIX, tags=["cameras"])

MOST_DAYS = 31
_MOST_SPANS = 1000
_MOST_BLIND = 500
_WORST = 20
NOT_RECORDED = "not_recorded"


def lately(
    state: AppStateDep,
    since: Annotated[UtcTime | None, Query(description="by default a day before `until`")] = None,
    until: Annotated[UtcTime | None, Query(description="by default now")] = None,
) -> tuple[float, float]:
    """Return the requested period; by default it ends now."""
    end = state.services.clock.utc() if until is None else until
    start = end - DAY_S if since is None else since
    if not 0 < end - start <= MOST_DAYS * DAY_S:
        raise ApiError(422, "period_wrong", days=MOST_DAYS)
    return start, end


Lately = Annotated[tuple[float, float], Depends(lately)]


@router.get("/coverage")
@permits(EVERYONE, token=TokenScope.READ)
def coverage(caller: CurrentUserDep, state: AppStateDep, period: Lately) -> CoverageResponse:
    """Return the share of a period that was seen, and the cameras that are blind now."""
    since, until = period
    covered = coverage_of(caller, state, since, until)
    cameras = state.part(CameraBoard).cameras(caller.scope)
    blind = _blind_now(cameras, state)
    return CoverageResponse(
        since=since,
        until=until,
        share=covered.share,
        recorded_share=covered.recorded_share,
        cameras_total=len(cameras),
        cameras_seeing=len(cameras) - len(blind),
        blind=blind[:_MOST_BLIND],
        worst=covered.worst,
    )


@router.get("/cameras/{camera_id}/history")
@permits(EVERYONE, token=TokenScope.READ)
def camera_history(
    caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId, period: Lately
) -> CameraHistoryResponse:
    """Return when a camera saw and when it did not, and why."""
    camera = visible_camera(caller, state, camera_id)
    since, until = period
    repository = CoverageRepository(state.services.archive.database)
    covered = repository.coverage({camera.id}, since, _passed(until, state))
    covered_camera = covered.cameras[0] if covered.cameras else None
    return CameraHistoryResponse(
        camera=camera.id,
        since=since,
        until=until,
        share=covered.share,
        recorded_share=covered.recorded_share,
        outages=covered_camera.outages if covered_camera else 0,
        blind_s=covered_camera.blind_s if covered_camera else 0.0,
        items=[
            CameraSpanResponse(
                since=span.since,
                until=span.until,
                state=span.sight.state,
                reason=span.sight.reason,
                picture=span.sight.picture,
                sees=span.sight.sees,
            )
            for span in repository.spans(camera.id, since, until, _MOST_SPANS)
        ],
    )


def coverage_of(
    caller: CurrentUser, state: AppState, since: float, until: float
) -> CoverageShareResponse:
    """Return the figures of a period for the cameras that the caller may see today."""
    names = {camera.id: camera.name for camera in state.part(CameraBoard).cameras(caller.scope)}
    repository = CoverageRepository(state.services.archive.database)
    found = repository.coverage(names, since, _passed(until, state))
    return CoverageShareResponse(
        share=found.share,
        why_not=NOT_RECORDED if found.share is None else None,
        recorded_share=found.recorded_share,
        worst=[_blind_time(each, names[each.camera_id]) for each in found.worst(_WORST)],
    )


def _passed(until: float, state: AppState) -> float:
    return min(until, state.services.clock.utc())


def _blind_now(cameras: list[CameraConfig], state: AppState) -> list[BlindCameraResponse]:
    report = state.part(CameraBoard).report()
    return [
        BlindCameraResponse(
            camera=camera.id,
            name=camera.name,
            state=state_of(camera.id, report),
            reason=reason_of(camera.id, report),
            picture=picture_of(camera.id, report),
            since=camera_response(camera, report).since,
        )
        for camera in cameras
        if not sees(camera.id, report)
    ]


def _blind_time(covered: CameraCoverage, name: str) -> BlindTimeResponse:
    return BlindTimeResponse(
        camera=covered.camera_id,
        camera_name=name,
        share=covered.share,
        blind_s=covered.blind_s,
        outages=covered.outages,
    )
