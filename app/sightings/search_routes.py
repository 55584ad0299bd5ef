"""Web route that searches recordings for people and vehicles."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends

from thapcanh.alerts.registry.ownership import with_all_below
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.process.bounded_reader import BoundedReader
from thapcanh.app.recordings.recording_access import (
    VisibleRecordings,
    asked,
    recordings_of,
    visible_recordings,
    visible_recordings_of,
)
from thapcanh.app.sightings.search_schemas import (
    MOST_CAMERAS,
    AreaId,
    BoxText,
    Cameras,
    Classes,
    CursorText,
    Direction,
    From,
    Limit,
    LineId,
    Parts,
    SearchResponse,
    To,
    cursor_of,
    region_of,
)
from thapcanh.app.sightings.search_work import FoundPage, search, search_response
from thapcanh.app.viewings.viewing_log import ViewingLog
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.request_rate import RequestRate
from thapcanh.app.web_api.schemas import iso
from thapcanh.config.camera import CameraConfig
from thapcanh.detection.sightings.cells import masked_cells
from thapcanh.detection.sightings.query import SightingQuery
from thapcanh.detection.sightings.search import SearchTooLong, SearchUnavailable
from thapcanh.detection.sightings.sighting import VehicleColour
from thapcanh.ingest.clock import Clock

router = APIRouter(prefix=PREFIX, tags=["recordings"])

MOST_A_MINUTE = 60


class SearchRate(RequestRate):
    """Rate limit of searches per person."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, MOST_A_MINUTE, "search_too_often")


MOST_CAMERA_HOURS = 400
"""Sixteen cameras for a day, of which at most 3.2 million sightings are kept."""
_SEARCHER = BoundedReader(at_once=2, within_s=5.0)


def sighting_query(  # noqa: PLR0917 the framework hands each over by its name
    begins: From,
    ends: To,
    kinds: Classes = None,
    colour: VehicleColour | None = None,
    line: LineId = None,
    direction: Direction = None,
    box: BoxText = None,
) -> SightingQuery:
    """Return the query, without its cameras."""
    return SightingQuery(
        from_s=begins,
        to_s=ends,
        hidden={},
        labels=None if kinds is None else frozenset(kinds),
        colour=colour,
        line=line,
        to=direction,
        box=region_of(box),
    )


@router.get("/sightings")  # not below /recordings, where any word is a camera
@permits(EVERYONE, token=TokenScope.PICTURES)
def search_recordings(  # noqa: PLR0917 the framework hands each over by its name
    caller: CurrentUserDep,
    state: AppStateDep,
    filters: Annotated[SightingQuery, Depends(sighting_query)],
    cameras: Cameras = None,
    area: AreaId = None,
    cursor: CursorText = None,
    limit: Limit = 60,
    parts: Parts = 96,
) -> SearchResponse:
    """Search people and vehicles in recordings, in order of time.

    A drawn box or a line needs exactly one camera. At most 64 cameras and 400 camera-hours, sixty
    requests a minute.
    """
    after = cursor_of(cursor)
    username = caller.session.user.username
    state.part(SearchRate).count(username)
    recording = recordings_of(state)
    among = _cameras(caller, state, cameras, area)
    cameras_of = [item.camera for item in among]
    _check(filters, cameras_of)
    state.part(ViewingLog).search(
        username, main_role(caller.roles).value, cameras_of, _reported(filters)
    )
    query = replace(
        filters,
        hidden={item.id: masked_cells(tuple(item.privacy_masks)) for item in cameras_of},
        seen={item.camera.id: item.rights.stretches for item in among if not item.sees_all},
    )
    now_s = state.services.clock.utc()

    def found() -> FoundPage:
        return search(recording.folder(), query, limit, after, parts)

    try:
        page = asked(found, _SEARCHER)
    except SearchTooLong:
        raise ApiError(503, "search_too_long", headers={"Retry-After": "5"}) from None
    except SearchUnavailable:
        raise ApiError(503, "recordings_unavailable", headers={"Retry-After": "5"}) from None
    return search_response(
        query, page, state.part(CameraBoard).report(), now_s, is_first=after is None
    )


def _cameras(
    caller: CurrentUser, state: AppState, filters: Sequence[str] | None, area: str | None
) -> list[VisibleRecordings]:
    """Return the cameras to search; invisible ones are not mentioned."""
    site = state.services.site()
    if filters is not None:
        found = [
            visible_recordings(caller, state, camera_id) for camera_id in dict.fromkeys(filters)
        ]
    else:
        recorded = [
            item
            for item in state.part(CameraBoard).cameras(caller.scope)
            if site.recording.has(item)
        ]
        found = [
            item for item in visible_recordings_of(caller, state, recorded) if item is not None
        ]
    if area is not None:
        within = with_all_below({area}, site.areas)
        found = [item for item in found if item.camera.area in within]
    return found


def _check(filters: SightingQuery, cameras: Sequence[CameraConfig]) -> None:
    hours = (filters.to_s - filters.from_s) / 3600
    if hours <= 0:
        raise ApiError(422, "search_period")
    if len(cameras) > MOST_CAMERAS or hours * len(cameras) > MOST_CAMERA_HOURS:
        raise ApiError(
            422, "search_too_wide", cameras=len(cameras), hours=round(hours, 1),
            most=MOST_CAMERA_HOURS,
        )  # fmt: skip
    if (filters.line is not None or filters.box is not None) and len(cameras) != 1:
        raise ApiError(422, "search_one_camera")


def _reported(filters: SightingQuery) -> str:
    """Return the search as text for the viewing log."""
    parts = [f"{iso(filters.from_s)[:16]}Z/{iso(filters.to_s)[:16]}Z"]
    parts += sorted(filters.labels or ())
    if filters.colour is not None:
        parts.append(filters.colour.value)
    if filters.line is not None:
        parts.append(f"line {filters.line} {filters.to.value if filters.to else ''}".rstrip())
    if filters.box is not None:
        parts.append("box " + ",".join(f"{side:.2f}" for side in filters.box))
    return " ".join(parts)
