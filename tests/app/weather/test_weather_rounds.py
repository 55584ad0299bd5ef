"""Fog over a ward becomes one advisory in the archive that names its cameras, and ends with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from tests.made_archives import archive_at
from thapcanh.alerts.alert.records import Alert, CameraFacts
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.coordination.leadership import SoleLeader
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.alerts.weather.weather_advisory import HAZE, HazeRepository
from thapcanh.alerts.weather.wide_weather import WeatherSettings
from thapcanh.app.health.left_open import LeaderTerms
from thapcanh.app.weather.weather_tasks import CameraDensity, WeatherTask
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site

SETTINGS = WeatherSettings()
WARD = {f"cam-{number}": (21.02 + 0.007 * number, 105.85) for number in range(5)}


class Centre:
    """The archive, the spool and the rounds of a centre whose clock is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = FIRST_AT
        self.archive = archive_at(folder / "archive.sqlite")
        self.spool = Spool(folder / "spool.sqlite", "centre")
        cameras = tuple(
            CameraConfig(id=one, name=one.upper(), source=SecretUrl("x.mp4"), lat=lat, lon=lon)
            for one, (lat, lon) in WARD.items()
        )
        self.site = Site(cameras=cameras)
        self.density = CameraDensity(lambda: self.site, SETTINGS)
        self._seq = 0
        self.rounds = self.started()

    def started(self) -> WeatherTask:
        """The rounds as after a start of the centre."""
        return WeatherTask(
            self.archive.database,
            self.spool,
            self.density,
            lambda: self.now,
            SETTINGS,
            terms=LeaderTerms(SoleLeader(), self.spool.open_events, is_shared=False),
        )

    def see(self, camera_id: str) -> None:
        self._seq += 1
        message = fake_message(
            self._seq,
            id=f"m{self._seq}",
            event_id=f"of-{camera_id}",
            camera_id=camera_id,
            kind="smoke",
            rule_id="smoke",
            priority=3,
            captured_at=self.now,
        )
        self.archive.take_in(message, queued_at=self.now, now=self.now, camera=self.facts)

    def facts(self, camera_id: str) -> CameraFacts:
        lat, lon = WARD[camera_id]
        agency = "pc07" if camera_id < "cam-3" else "port"
        near = self.density.round((lat, lon))
        return CameraFacts(
            name=camera_id.upper(), lat=lat, lon=lon, agency=agency, watched_near=near
        )

    def round(self) -> list[Alert]:
        """One round, and the advisories that the archive holds after it."""
        self.rounds.round()
        outlet = ArchiveTransport(self.archive, self.facts)
        outlet.add_all([entry for _, entry in self.spool.oldest(100)])
        return [one for one in self.archive.alerts().items if one.kind == HAZE]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    made = Centre(tmp_path)
    yield made
    made.spool.close()
    made.archive.close()


def test_fog_is_one_advisory_that_names_its_cameras(centre: Centre) -> None:
    for camera in ("cam-0", "cam-1"):
        centre.see(camera)
    assert centre.round() == []
    for camera in ("cam-2", "cam-3"):
        centre.see(camera)
    (advisory,) = centre.round()
    assert (advisory.priority, advisory.camera_id) == (2, "cam-1")
    assert advisory.reason.startswith("wide haze on 4 cameras: CAM-0, CAM-1, CAM-2, CAM-3")
    haze = HazeRepository(centre.archive.database)
    named = haze.cameras(advisory.id, EVERYTHING)
    assert [one.camera_name for one in named] == ["CAM-0", "CAM-1", "CAM-2", "CAM-3"]
    assert {one.alert_id for one in named} < {one.id for one in centre.archive.alerts().items}


def test_cameras_that_join_are_named_too_and_only_to_those_who_may_see_them(
    centre: Centre,
) -> None:
    for camera in ("cam-0", "cam-1", "cam-2"):
        centre.see(camera)
    centre.round()
    centre.now += 61
    for camera in WARD:
        centre.see(camera)
    (advisory,) = centre.round()
    haze = HazeRepository(centre.archive.database)
    assert len(haze.cameras(advisory.id, EVERYTHING)) == 5
    port = DataFilter(agencies=frozenset({"port"}))
    assert [one.camera_id for one in haze.cameras(advisory.id, port)] == ["cam-3", "cam-4"]


def test_the_advisory_ends_after_the_fog_also_over_a_restart(centre: Centre) -> None:
    for camera in ("cam-0", "cam-1", "cam-2"):
        centre.see(camera)
    centre.round()
    centre.rounds = centre.started()
    centre.now += 601
    (advisory,) = centre.round()
    assert advisory.condition == "active"
    centre.now += 61
    (advisory,) = centre.round()
    assert advisory.condition == "cleared"


def test_the_cameras_round_a_place_are_those_of_the_site_in_force(centre: Centre) -> None:
    assert centre.density.round(WARD["cam-2"]) == 5
    centre.site = Site(cameras=centre.site.cameras[:1])
    assert centre.density.round(WARD["cam-2"]) == 1


def test_the_cameras_round_a_place_are_counted_again_on_another_site() -> None:
    cameras = tuple(
        CameraConfig(id=one, name=one, source=SecretUrl("x.mp4"), lat=lat, lon=lon)
        for one, (lat, lon) in WARD.items()
    )
    in_force = [Site(cameras=cameras)]
    density = CameraDensity(lambda: in_force[0], SETTINGS)
    middle = WARD["cam-2"]
    assert [density.round(middle), density.round(middle)] == [len(WARD), len(WARD)]
    in_force[0] = Site(cameras=cameras[:2])
    assert density.round(middle) == 2
    assert density.near(middle, SETTINGS.within_m) == 2
