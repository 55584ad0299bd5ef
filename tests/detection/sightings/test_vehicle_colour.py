"""Plain colours are told apart; at night, by infra-red and of what is far, none is told."""

import numpy as np
import pytest

from tests.detection.sightings.seen import picture
from thapcanh.detection.sightings.sighting import VehicleColour
from thapcanh.detection.sightings.vehicle_colour import PictureColours, colour_of
from thapcanh.ingest.frame import frame_of

BOX = (0.3, 0.3, 0.7, 0.8)


@pytest.mark.parametrize(
    ("bgr", "colour"),
    [
        ((235, 235, 235), VehicleColour.WHITE),
        ((20, 20, 22), VehicleColour.BLACK),
        ((120, 122, 120), VehicleColour.GREY),
        ((30, 30, 200), VehicleColour.RED),
        ((190, 80, 20), VehicleColour.BLUE),
        ((50, 140, 40), VehicleColour.GREEN),
        ((20, 200, 240), VehicleColour.YELLOW),
        ((40, 70, 110), VehicleColour.BROWN),
    ],
)
def test_a_painted_colour_is_told(bgr: tuple[int, int, int], colour: VehicleColour) -> None:
    assert colour_of(np.full((16, 16, 3), bgr, np.uint8)) is colour
    assert PictureColours(picture(0.0, BOX, colour=bgr)).vehicle(BOX) is colour


def test_no_colour_at_night_by_infra_red_and_of_what_is_far() -> None:
    seen = picture(0.0, BOX)
    assert PictureColours(seen).vehicle(BOX) is VehicleColour.RED
    assert PictureColours(seen).vehicle((0.3, 0.3, 0.33, 0.35)) is None
    pixels = seen.bgr()
    infra_red = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    night = (pixels * 0.25).astype(np.uint8)
    for changed in (infra_red, night):
        assert PictureColours(frame_of(changed)).vehicle(BOX) is None
