"""What the configuration in force says of a camera, for the alert that opens now."""

from collections.abc import Callable

from alerts.alert.records import CameraFacts
from app.live.whip.phone_links import PhoneLinks
from app.weather.weather_rounds import CameraDensity
from app.web_api.app_context import SiteHolder
from config.camera import CameraConfig
from config.devices import DeviceConfig
from config.site import Site


def camera_facts(
    camera_id: str,
    site: SiteHolder,
    links: PhoneLinks,
    density: CameraDensity,
    device_of: Callable[[str], DeviceConfig | None],
) -> CameraFacts | None:
    """The facts of a configured camera or of a phone; None of a camera that nobody knows."""
    in_force = site()
    camera = in_force.camera(camera_id)
    if camera is None and (link := links.known(camera_id)):
        camera = link.camera
    if camera is None:
        device = device_of(camera_id)
        return None if device is None else _facts_of_device(device, in_force)
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


def _facts_of_device(device: DeviceConfig, site: Site) -> CameraFacts:
    """A device speaks of its own place; fog over cameras says nothing about it."""
    area = next((area.name for area in site.areas if area.id == device.area), None)
    return CameraFacts(
        name=device.name,
        place=device.place or area,
        area=device.area,
        agency=device.agency,
        lat=device.lat,
        lon=device.lon,
    )


def _watched_near(camera: CameraConfig, density: CameraDensity) -> int:
    if camera.lat is None or camera.lon is None:
        return 0
    return density.round((camera.lat, camera.lon))
