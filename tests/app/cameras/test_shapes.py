"""What is drawn on a camera's picture is told to those who see the camera, and to nobody else."""

from collections.abc import Callable

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.config.camera import LineConfig, ZoneConfig

GATE = ((0.1, 0.5), (0.9, 0.5), (0.9, 1.0))


def test_shapes_are_told_as_they_are_in_force(desk_of: Callable[..., Desk], centre: Centre) -> None:
    desk = desk_of("an", Role.OPERATOR, DataFilter(areas=frozenset({"hoan-kiem"})))
    assert desk.get("/api/v1/cameras/cam-1/shapes").json() == {
        "masks": [], "zones": [], "lines": [],
    }  # fmt: skip
    site = centre.site()
    line = LineConfig(id="l", name="Vạch", points=((0.1, 0.6), (0.9, 0.6)), inside=(0.5, 0.9))
    drawn = site.cameras[0].model_copy(
        update={
            "masks": (GATE,),
            "zones": (ZoneConfig(id="gate", name="Cổng", polygon=GATE),),
            "lines": (line,),
        }
    )
    centre.site.replace(site.model_copy(update={"cameras": (drawn, *site.cameras[1:])}))
    shapes = desk.get("/api/v1/cameras/cam-1/shapes").json()
    polygon = [list(point) for point in GATE]
    assert shapes["masks"] == [polygon]
    assert shapes["zones"] == [{"id": "gate", "name": "Cổng", "polygon": polygon}]
    assert shapes["lines"][0]["inside"] == [0.5, 0.9]
    for hidden in ("cam-2", "nothing"):
        assert desk.get(f"/api/v1/cameras/{hidden}/shapes").status_code == 404
