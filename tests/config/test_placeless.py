"""A slip of the pen in where a camera stands blinds nobody: it is watched without a place."""

from pathlib import Path

import pytest

from tests.config.test_load import CAMERA, messages, written
from thapcanh.config.problem import Weight


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("lat = 21.0\n", "cameras[1]: lat and lon go together"),
        ("lat = 210.0\nlon = 105.8\n", "cameras[1].lat: input should be less than or equal to 90"),
        ("lat = '21,02'\nlon = 105.8\n", "cameras[1].lat: wrong type, expected a number"),
        ("latt = 21.0\nlon = 105.8\n", "cameras[1].latt: unknown key, did you mean 'lat'?"),
        ("bearing_deg = 700\n", "cameras[1].bearing_deg: input should be less than 360"),
        ("agency = 'nobody'\n", "cameras[1].agency: names the agency 'nobody', which is not"),
        ("area = 'nowhere'\n", "cameras[1].area: names the area 'nowhere', which is not"),
        ("aera = 'hk'\n", "cameras[1].aera: unknown key, did you mean 'area'?"),
    ],
)
def test_a_camera_with_a_wrong_place_is_watched_without_it(
    tmp_path: Path, extra: str, expected: str
) -> None:
    loaded = written(tmp_path, CAMERA.format(id="good") + CAMERA.format(id="bad") + extra)
    good, bad = loaded.site_or_raise().cameras
    assert (bad.lat, bad.lon, bad.bearing_deg, bad.area, bad.agency) == (None,) * 5
    assert expected in "\n".join(messages(loaded))
    assert {problem.weight for problem in loaded.problems} == {Weight.WITHOUT}
    assert good.id == "good"


def test_a_wrong_place_beside_another_fault_sets_the_camera_aside(tmp_path: Path) -> None:
    extra = "lat = 210.0\nlon = 105.8\nmasks = 3\n"
    loaded = written(tmp_path, CAMERA.format(id="good") + CAMERA.format(id="bad") + extra)
    assert [camera.id for camera in loaded.site_or_raise().cameras] == ["good"]
    assert {problem.weight for problem in loaded.problems} == {Weight.SET_ASIDE}
