"""Web route of the masks, zones and lines drawn on a camera's picture."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter

from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.app.web_api.visible_camera import visible_camera

router = APIRouter(prefix=PREFIX, tags=["cameras"])

ShownPoint = tuple[float, float]  # x, y from the top left, 0..1 of the picture


class ZoneResponse(ApiModel):
    """A named polygon."""

    id: str
    name: str
    polygon: list[ShownPoint]


class LineResponse(ApiModel):
    """A named line with a point on its inside."""

    id: str
    name: str
    points: list[ShownPoint]
    inside: ShownPoint


class CameraShapesResponse(ApiModel):
    """Everything drawn on one camera's picture."""

    masks: list[list[ShownPoint]]
    zones: list[ZoneResponse]
    lines: list[LineResponse]


@router.get("/cameras/{camera_id}/shapes")
@permits(EVERYONE, token=TokenScope.READ)
def camera_shapes(
    caller: CurrentUserDep,
    state: AppStateDep,
    camera_id: Annotated[str, PathParameter(max_length=64)],
) -> CameraShapesResponse:
    """Return the masks, zones and lines of a camera in force."""
    camera = visible_camera(caller, state, camera_id)
    return CameraShapesResponse(
        masks=[list(mask) for mask in camera.masks],
        zones=[
            ZoneResponse(id=zone.id, name=zone.name, polygon=list(zone.polygon))
            for zone in camera.zones
        ],
        lines=[
            LineResponse(id=line.id, name=line.name, points=list(line.points), inside=line.inside)
            for line in camera.lines
        ],
    )
