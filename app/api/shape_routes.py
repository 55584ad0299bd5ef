"""What the site drew on a camera's picture: masks, zones, lines; for who draws the next one."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter

from app.api.access import Asking
from app.api.forms import Form
from app.api.parts import Here
from app.api.permissions import PREFIX
from app.api.refusal import Refused

router = APIRouter(prefix=PREFIX, tags=["cameras"])

ShownPoint = tuple[float, float]  # x, y from the top left, 0..1 of the picture


class ShownZone(Form):
    """A named polygon."""

    id: str
    name: str
    polygon: list[ShownPoint]


class ShownLine(Form):
    """A named line with a point on its inside."""

    id: str
    name: str
    points: list[ShownPoint]
    inside: ShownPoint


class CameraShapes(Form):
    """Everything drawn on one camera's picture."""

    masks: list[list[ShownPoint]]
    zones: list[ShownZone]
    lines: list[ShownLine]


@router.get("/cameras/{camera_id}/shapes")
def camera_shapes(
    caller: Asking, here: Here, camera_id: Annotated[str, PathParameter(max_length=64)]
) -> CameraShapes:
    """The masks, zones and lines of a camera, as they are in force."""
    camera = here.services.site().camera(camera_id)
    if camera is None or not caller.scope.sees(camera.agency, camera.area):
        raise Refused(404, "camera_not_found")
    return CameraShapes(
        masks=[list(mask) for mask in camera.masks],
        zones=[
            ShownZone(id=zone.id, name=zone.name, polygon=list(zone.polygon))
            for zone in camera.zones
        ],
        lines=[
            ShownLine(id=line.id, name=line.name, points=list(line.points), inside=line.inside)
            for line in camera.lines
        ],
    )
