"""Points on an edge are inside; boxes are covered in proportion."""

import pytest

from thapcanh.detection.tracking.drawn_shapes import ZonePolygon

RIGHT_HALF = ZonePolygon(((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
L_SHAPE = ZonePolygon(((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0)))


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((0.75, 0.5), True),
        ((0.25, 0.5), False),
        ((0.5, 0.5), True),
        ((0.499, 0.5), False),
        ((1.0, 1.0), True),
    ],
)
def test_holds(point: tuple[float, float], expected: bool) -> None:
    assert RIGHT_HALF.holds(point) is expected


def test_a_concave_zone_leaves_its_notch_out() -> None:
    assert L_SHAPE.holds((0.25, 0.75))
    assert not L_SHAPE.holds((0.75, 0.75))
    assert L_SHAPE.covers((0.0, 0.0, 1.0, 1.0)) == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((0.6, 0.2, 0.8, 0.4), 1.0),
        ((0.1, 0.2, 0.3, 0.4), 0.0),
        ((0.25, 0.0, 0.75, 1.0), 0.5),
        ((0.0, 0.0, 1.0, 1.0), 0.5),
    ],
)
def test_covers(box: tuple[float, float, float, float], share: float) -> None:
    assert RIGHT_HALF.covers(box) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("at", [0.0, 0.3, 0.7, 1.0])
def test_a_box_smaller_than_a_cell_asks_the_cell_it_lies_in(at: float) -> None:
    assert RIGHT_HALF.covers((at, at, at, at)) == (1.0 if at > 0.5 else 0.0)
