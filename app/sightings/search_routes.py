"""Web route that searches recordings for people and vehicles."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends

from thapcanh.alerts.registry.ownership import with_all_below
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.process.bounded_reader import BoundedReader
from thapcanh.app.recordings.recording_access import (
    SeenFilm,
    asked,
    films_seen,
    recordings_of,
    seen_film,
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


def wanted_query(  # noqa: PLR0917 the framework hands each over by its name
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
    here: AppStateDep,
    wanted: Annotated[SightingQuery, Depends(wanted_query)],
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
    here.part(SearchRate).count(username)
    film = recordings_of(here)
    among = _cameras(caller, here, cameras, area)
    cameras_of = [one.camera for one in among]
    _check(wanted, cameras_of)
    here.part(ViewingLog).search(username, main_role(caller.roles).value, cameras_of, _told(wanted))
    query = replace(
        wanted,
        hidden={one.id: masked_cells(tuple(one.privacy_masks)) for one in cameras_of},
        seen={one.camera.id: one.rights.stretches for one in among if not one.sees_all},
    )
    now_s = here.services.clock.utc()

    def found() -> FoundPage:
        return search(film.folder(), query, limit, after, parts)

    try:
        page = asked(found, _SEARCHER)
    except SearchTooLong:
        raise ApiError(503, "search_too_long", headers={"Retry-After": "5"}) from None
    except SearchUnavailable:
        raise ApiError(503, "recordings_unavailable", headers={"Retry-After": "5"}) from None
    return search_response(
        query, page, here.part(CameraBoard).report(), now_s, is_first=after is None
    )


def _cameras(
    caller: CurrentUser, here: AppState, wanted: Sequence[str] | None, area: str | None
) -> list[SeenFilm]:
    """Return the cameras to search; invisible ones are not mentioned."""
    site = here.services.site()
    if wanted is not None:
        found = [seen_film(caller, here, camera_id) for camera_id in dict.fromkeys(wanted)]
    else:
        recorded = [
            one for one in here.part(CameraBoard).cameras(caller.scope) if site.recording.has(one)
        ]
        found = [one for one in films_seen(caller, here, recorded) if one is not None]
    if area is not None:
        within = with_all_below({area}, site.areas)
        found = [one for one in found if one.camera.area in within]
    return found


def _check(wanted: SightingQuery, cameras: Sequence[CameraConfig]) -> None:
    hours = (wanted.to_s - wanted.from_s) / 3600
    if hours <= 0:
        raise ApiError(422, "search_period")
    if len(cameras) > MOST_CAMERAS or hours * len(cameras) > MOST_CAMERA_HOURS:
        raise ApiError(
            422, "search_too_wide", cameras=len(cameras), hours=round(hours, 1),
            most=MOST_CAMERA_HOURS,
        )  # fmt: skip
    if (wanted.line is not None or wanted.box is not None) and len(cameras) != 1:
        raise ApiError(422, "search_one_camera")


def _told(wanted: SightingQuery) -> str:
    """Return the search as text for the viewing log."""
    parts = [f"{iso(wanted.from_s)[:16]}Z/{iso(wanted.to_s)[:16]}Z"]
    parts += sorted(wanted.labels or ())
    if wanted.colour is not None:
        parts.append(wanted.colour.value)
    if wanted.line is not None:
        parts.append(f"line {wanted.line} {wanted.to.value if wanted.to else ''}".rstrip())
    if wanted.box is not None:
        parts.append("box " + ",".join(f"{side:.2f}" for side in wanted.box))
    return " ".join(parts)
