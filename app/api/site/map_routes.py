"""The files of the site's own map, whole or in ranges; kept by the browser for a day."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from app.api.app_state import AppStateDep
from app.api.auth.access import CurrentUserDep
from app.api.auth.endpoint_access import permits
from app.api.auth.permissions import EVERYONE
from app.api.errors import ApiError
from app.api.prefix import PREFIX
from app.api.site.site_map import TYPES, map_file

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
