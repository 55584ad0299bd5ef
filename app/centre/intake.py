"""Intake of queue entries into the archive: checks sender and camera."""

from collections.abc import Callable, Collection

from thapcanh.alerts.alert.event_rows import raised_by
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer import Consumer
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.sender_check import SenderCheck, SenderKnowledge
from thapcanh.alerts.queue.stage_times import StageTimes
from thapcanh.alerts.queue.workers.worker_keys import WorkerKeys
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.weather.wide_weather import WeatherSettings
from thapcanh.app.live.whip.phone_links import PhoneLinks
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.weather.weather_tasks import CameraDensity
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.camera import CameraConfig
from thapcanh.config.devices import DeviceConfig
from thapcanh.config.site import Site
from thapcanh.detection.rules.registry import registry

DeviceOf = Callable[[str], DeviceConfig | None]
_SHIPPED = ("fire", "smoke", "person", "bicycle", "motorcycle", "car", "bus", "truck")


class Intake:
    """Intake of a centre. `device_of` and `links` are resolved when an entry arrives."""

    def __init__(
        self,
        archive: Archive,
        site: SiteHolder,
        weather: WeatherSettings,
        *,
        device_of: DeviceOf,
        links: Callable[[], PhoneLinks],
        reload: Callable[[], None],
    ) -> None:
        self._archive = archive
        self._site = site
        self.density = CameraDensity(site, weather)
        self._device_of = device_of
        self._links = links
        self._reload = reload
        self.stages = StageTimes()

    def consumer(
        self, queue: EventQueue, notify: Callable[[], None], leads: Callable[[], bool]
    ) -> Consumer:
        """Return the thread that stores entries, not started."""
        return Consumer(
            queue,
            self._archive,
            self.facts,
            notify=lambda _: notify(),
            stages=self.stages,
            check=SenderCheck(
                sender_knowledge(self._site, self._archive.database, self._is_camera)
            ),
            may_take=leads,
        )

    def facts(self, camera_id: str) -> CameraFacts | None:
        """Return the configuration of a camera now. Any thread."""
        links = self._links()
        return camera_facts(camera_id, self._site, links, self.density, self._device_of)

    def _is_camera(self, camera_id: str) -> bool:
        """Return True if the camera exists; reloads the site once, as workers may be ahead."""
        is_device = self._device_of(camera_id) is not None
        if not is_device and self._camera(camera_id) is None:
            self._reload()
            is_device = self._device_of(camera_id) is not None
        return not is_device and self._camera(camera_id) is not None

    def _camera(self, camera_id: str) -> CameraConfig | None:
        return _camera_of(camera_id, self._site(), self._links())


def sender_knowledge(
    site: Callable[[], Site], database: Database, is_camera: Callable[[str], bool]
) -> SenderKnowledge:
    """Return the lookups that check each entry."""
    keys = WorkerKeys(site_paths_of(site()).worker_keys_dir)
    return SenderKnowledge(
        is_camera=is_camera,
        labels=lambda: allowed_labels(site()),
        raised_by=lambda event_ids: raised_by(database, event_ids),
        key_of=keys.find,
        signed_only_since=lambda: signed_only_since(site(), keys),
    )


def signed_only_since(site: Site, keys: WorkerKeys) -> float | None:
    """Return the time from which entries must be signed by an enrolled worker; None for never."""
    stated = site.queue.signed_only
    if stated is None:
        return keys.enrolled_since(by_itself=site.queue.url is None)
    return float("-inf") if stated else None


def allowed_labels(site: Site) -> Collection[str]:
    """Return the allowed labels: of shipped models, rule kinds, and the site's rules."""
    own = (name for kind in registry().kinds.values() for name in kind.labels)
    named = (name for rule in site.rules for name in getattr(rule, "classes", ()))
    return {*_SHIPPED, *own, *named}


def camera_facts(
    camera_id: str,
    site: SiteHolder,
    links: PhoneLinks,
    density: CameraDensity,
    device_of: DeviceOf,
) -> CameraFacts | None:
    """Return the facts of a configured camera or phone; None if it is unregistered."""
    in_force = site()
    camera = _camera_of(camera_id, in_force, links)
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


def _camera_of(camera_id: str, site: Site, links: PhoneLinks) -> CameraConfig | None:
    camera = site.camera(camera_id)
    if camera is None and (link := links.known(camera_id)):
        camera = link.camera
    return camera


def _facts_of_device(device: DeviceConfig, site: Site) -> CameraFacts:
    """Return the facts of a device; fog over cameras does not apply to it."""
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
