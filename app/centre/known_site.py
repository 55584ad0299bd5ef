"""What entries of the stream are judged by: the site in force, the archive, the workers' keys.

`camera_facts`: what the configuration in force says of a camera, for the alert that opens now.
"""

from collections.abc import Callable, Collection

from alerts.alert.event_rows import raised_by
from alerts.alert.records import CameraFacts
from alerts.queue.sender_check import SenderKnowledge
from alerts.queue.workers.worker_keys import WorkerKeys
from alerts.store.database import Database
from app.live.whip.phone_links import PhoneLinks
from app.site.site_paths import site_paths_of
from app.weather.weather_rounds import CameraDensity
from app.web_api.app_state import SiteHolder
from config.camera import CameraConfig
from config.devices import DeviceConfig
from config.site import Site
from detection.rules.registry import registry

_SHIPPED = ("fire", "smoke", "person", "bicycle", "motorcycle", "car", "bus", "truck")


def known_site(
    site: Callable[[], Site], database: Database, is_camera: Callable[[str], bool]
) -> SenderKnowledge:
    """What the centre knows, asked again for each entry."""
    return SenderKnowledge(
        is_camera=is_camera,
        labels=lambda: known_labels(site()),
        raised_by=lambda event_ids: raised_by(database, event_ids),
        key_of=WorkerKeys(site_paths_of(site()).worker_keys_dir).find,
        signed_only=lambda: site().queue.signed_only,
    )


def known_labels(site: Site) -> Collection[str]:
    """What a detection may be called: by shipped models, by kinds of rule, by the site's rules."""
    own = (name for kind in registry().kinds.values() for name in kind.labels)
    named = (name for rule in site.rules for name in getattr(rule, "classes", ()))
    return {*_SHIPPED, *own, *named}


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
