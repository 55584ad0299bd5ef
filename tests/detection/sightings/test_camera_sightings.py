"""One record a thing that passed: its way, its line, its colour; none of what a mask covers."""

from tests.detection.sightings.seen import BEGAN_S, look
from thapcanh.config.camera import CameraConfig, LineConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.region import Region
from thapcanh.detection.sightings import camera_sightings
from thapcanh.detection.sightings.camera_sightings import CameraSightings
from thapcanh.detection.sightings.cells import cells_of
from thapcanh.detection.sightings.sighting import SightingRecord, VehicleColour
from thapcanh.detection.tracking.drawn_shapes import LineSide

LINE = LineConfig(id="gate", name="Gate", points=((0.5, 0.0), (0.5, 1.0)), inside=(0.9, 0.5))
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def camera(**changes: object) -> CameraConfig:
    spec = CameraConfig(id="cam-1", name="Cam", source=SecretUrl("rtsp://10.0.0.1/"), lines=(LINE,))
    return spec.model_copy(update=changes)


def drive(
    tracks: CameraSightings, label: str = "car", *, steps: int = 9, y: float = 0.4
) -> list[SightingRecord]:
    """Something goes from left to right, two looks a second, and is gone."""
    found: list[SightingRecord] = []
    for step in range(steps):
        x = 0.1 + 0.08 * step
        found += tracks.observe(*look(step / 2, (label, (x, y, x + 0.2, y + 0.3), 0.7)))
    found += tracks.observe(*look(steps / 2 + 7.0))
    return found


def test_what_drove_past_is_one_record_with_its_way_its_line_and_its_colour() -> None:
    (one,) = drive(CameraSightings(camera()))
    assert (one.label, one.colour) == ("car", VehicleColour.RED)
    assert (one.from_s, one.to_s) == (BEGAN_S, BEGAN_S + 4.0)
    assert one.first[0] < one.middle[0] < one.last[0]
    assert one.cells & cells_of((0.2, 0.5, 0.3, 0.6))
    assert one.cells & cells_of((0.8, 0.5, 0.9, 0.6))
    assert not one.cells & cells_of((0.0, 0.0, 1.0, 0.3))
    (passage,) = one.passages
    assert (passage.line, passage.to) == ("gate", LineSide.INSIDE)
    assert BEGAN_S + 1.0 < passage.at_s < BEGAN_S + 3.5


def test_two_that_pass_each_other_are_two_and_each_keeps_its_class() -> None:
    tracks = CameraSightings(camera())
    found: list[SightingRecord] = []
    for step in range(10):
        x, back = 0.05 + 0.08 * step, 0.85 - 0.08 * step
        found += tracks.observe(
            *look(
                step / 2,
                ("car", (x, 0.5, x + 0.15, 0.7), 0.8),
                ("person", (back, 0.45, back + 0.05, 0.7), 0.7),
            )
        )
    found += tracks.end()
    assert sorted((one.label, one.passages[0].to) for one in found) == [
        ("car", LineSide.INSIDE), ("person", LineSide.OUTSIDE),
    ]  # fmt: skip


def test_nothing_is_recorded_of_what_a_mask_covers() -> None:
    for kind in ("masks", "privacy_masks"):
        found = drive(CameraSightings(camera(**{kind: (LEFT,)})))
        assert found, "on the other side it is seen"
        for one in found:
            boxes: list[Region] = [one.first, one.middle, one.last, one.best]
            assert all((box[0] + box[2]) / 2 > 0.5 for box in boxes)
            assert not one.cells & cells_of((0.0, 0.0, 0.4, 0.999))
        whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
        assert drive(CameraSightings(camera(**{kind: (whole,)}))) == []


def test_riders_have_no_colour_and_a_flicker_is_no_record() -> None:
    (rider,) = drive(CameraSightings(camera()), "motorcycle")
    assert rider.colour is None
    tracks = CameraSightings(camera())
    tracks.observe(*look(0.0, ("car", (0.1, 0.4, 0.3, 0.6), 0.5)))
    assert tracks.observe(*look(8.0)) == []


def test_one_car_that_the_detector_boxes_twice_is_one() -> None:
    tracks = CameraSightings(camera())
    for step in range(4):
        box = (0.3, 0.3, 0.6, 0.6)
        tracks.observe(*look(step / 2, ("car", box, 0.8), ("truck", (0.3, 0.3, 0.6, 0.62), 0.5)))
    (one,) = tracks.end()
    assert one.label == "car"


def test_who_stays_is_recorded_again_and_again_and_a_hostile_picture_is_bounded() -> None:
    tracks = CameraSightings(camera())
    found: list[SightingRecord] = []
    for at_s in range(0, 2000, 4):
        found += tracks.observe(*look(float(at_s), ("person", (0.3, 0.3, 0.4, 0.6), 0.7)))
    assert [round(one.to_s - one.from_s) for one in found] == [900, 900]
    noise = [
        ("person", (x / 40, y / 10, x / 40 + 0.02, y / 10 + 0.05), 0.9)
        for x in range(40)
        for y in range(10)
    ]
    for look_s in (3000.0, 3000.5, 3001.0):
        tracks.observe(*look(look_s, *noise))
    assert len(tracks.end()) <= camera_sightings.MOST_OPEN


def test_a_clock_that_goes_back_ends_every_track() -> None:
    tracks = CameraSightings(camera())
    for moment_s in (10.0, 10.5, 2.0):
        found = tracks.observe(*look(moment_s, ("car", (0.1, 0.4, 0.3, 0.6), 0.7)))
    assert [one.to_s for one in found] == [BEGAN_S + 10.5]
