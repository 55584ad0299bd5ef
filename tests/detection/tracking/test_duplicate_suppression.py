"""One thing boxed twice is one; two people near each other stay two."""

from collections.abc import Callable

import pytest

from thapcanh.detection.detections import Detection, detections_of
from thapcanh.detection.tracking.tracker import without_duplicates
from thapcanh.ingest.frame import Frame

MAN = Detection(box=(0.40, 0.20, 0.50, 0.60), confidence=0.8, label="person")


def _row(x1: float, y1: float, x2: float, y2: float, label: str = "person") -> Detection:
    return Detection(box=(x1, y1, x2, y2), confidence=0.4, label=label)


@pytest.mark.parametrize(
    ("other", "left"),
    [
        (_row(0.44, 0.21, 0.50, 0.60), 1),  # half of him, of his height
        (_row(0.38, 0.19, 0.56, 0.61), 1),  # he with his bag
        (_row(0.42, 0.20, 0.49, 0.50), 2),  # who stands behind him has higher feet
        (_row(0.42, 0.42, 0.47, 0.60), 2),  # a child in front of him
        (_row(0.47, 0.20, 0.57, 0.60), 2),  # who walks beside him
        (_row(0.40, 0.20, 0.50, 0.60, "bicycle"), 2),  # what he rides
        (_row(0.41, 0.20, 0.49, 0.60, "fire"), 2),  # what burns is nobody's double
    ],
)
def test_doubles_of_a_person(make_frame: Callable[..., Frame], other: Detection, left: int) -> None:
    found = without_duplicates(detections_of(make_frame(), [MAN, other]))
    assert len(found) == left
    assert found.confidence[0] == pytest.approx(0.8)


def test_a_car_that_is_also_called_a_truck_is_one(make_frame: Callable[..., Frame]) -> None:
    car = Detection(box=(0.2, 0.4, 0.4, 0.6), confidence=0.7, label="car")
    truck = Detection(box=(0.19, 0.4, 0.41, 0.6), confidence=0.5, label="truck")
    assert without_duplicates(detections_of(make_frame(), [car, truck])).label == ("car",)
