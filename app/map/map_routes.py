"""The files of the site's own map, whole or in ranges; kept by the browser for a day."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from app.map.site_map import TYPES, map_file
from app.web_api.access.access import CurrentUserDep
from app.web_api.access.endpoint_access import permits
from app.web_api.access.permissions import EVERYONE
from app.web_api.app_state import AppStateDep
from app.web_api.errors import ApiError
from app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["site"])

_A_DAY = {"Cache-Control": "private, max-age=86400"}


@router.get("/map/{path:path}", response_class=FileResponse)
@permits(EVERYONE)
def one_map_file(_: CurrentUserDep, here: AppStateDep, path: str) -> FileResponse:
    """Outlines, one tile, or a part of the tiles' file."""
    found = map_file(here.services.site().site.map, path)
    if found is None:
        raise ApiError(404, "not_found")
    return FileResponse(found, media_type=TYPES[found.suffix.lower()], headers=_A_DAY)
