"""What the configuration in force says of a camera, for the alert that opens now."""

from alerts.records import CameraFacts
from app.api.app_context import SiteHolder
from app.centre.weather_rounds import CameraDensity
from app.live.whip.phone_links import PhoneLinks
from config.camera import CameraConfig


def camera_facts(
    camera_id: str, site: SiteHolder, links: PhoneLinks, density: CameraDensity
) -> CameraFacts | None:
    """The facts of a configured camera or of a phone; None of a camera that nobody knows."""
    in_force = site()
    camera = in_force.camera(camera_id)
    if camera is None and (link := links.known(camera_id)):
        camera = link.camera
    if camera is None:
        return None
    place = next((area.name for area in in_force.areas if area.id == camera.area), None)
    return CameraFacts(
        name=camera.name,
        place=place,
        area=camera.area,
        agency=camera.agency,
        lat=camera.lat,
        lon=camera.lon,
        watched_near=_watched_near(camera, density),
    )


def _watched_near(camera: CameraConfig, density: CameraDensity) -> int:
    if camera.lat is None or camera.lon is None:
        return 0
    return density.round((camera.lat, camera.lon))
