"""Sides of a line, the strip about it that decides nothing, and the ways round its ends."""

from collections.abc import Sequence

import pytest

from thapcanh.config.camera import LineConfig
from thapcanh.detection.tracking.drawn_shapes import CountingLine, LineCourse, LineSide, after_step

SPEC = LineConfig(id="gate", name="Gate", points=((0.2, 0.5), (0.8, 0.5)), inside=(0.5, 0.9))
INSIDE, OUTSIDE = LineSide.INSIDE, LineSide.OUTSIDE


@pytest.mark.parametrize(
    ("at", "height", "side"),
    [
        ((0.5, 0.8), 0.0, INSIDE),
        ((0.5, 0.2), 0.0, OUTSIDE),
        ((0.5, 0.505), 0.0, None),
        ((0.5, 0.495), 0.0, None),
        ((0.5, 0.515), 0.0, INSIDE),
        ((0.5, 0.515), 0.5, None),  # a tall box trembles more
    ],
)
def test_sides(at: tuple[float, float], height: float, side: LineSide | None) -> None:
    assert CountingLine(SPEC).side(at, height) is side


def test_the_direction_in_which_the_line_was_drawn_does_not_matter() -> None:
    turned = SPEC.model_copy(update={"points": (SPEC.points[1], SPEC.points[0])})
    assert CountingLine(turned).side((0.5, 0.8)) is INSIDE
    other = SPEC.model_copy(update={"inside": (0.5, 0.1)})
    assert CountingLine(other).side((0.5, 0.8)) is OUTSIDE


def reached(ways: Sequence[tuple[float, float]], spec: LineConfig = SPEC) -> list[LineSide]:
    """The sides reached by crossing, along a way."""
    line, course, found = CountingLine(spec), None, []
    for at in ways:
        course, side = after_step(course, line, at, 0.2)
        found += [side] if side else []
    return found


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ([(0.5, 0.7), (0.5, 0.3)], [OUTSIDE]),
        ([(0.5, 0.3), (0.5, 0.7)], [INSIDE]),
        ([(0.5, 0.7), (0.5, 0.502), (0.5, 0.3)], [OUTSIDE]),  # by way of the line itself
        ([(0.5, 0.7), (0.5, 0.502), (0.5, 0.7)], []),  # turned back on it
        ([(0.5, 0.7)] + [(0.5, 0.498), (0.5, 0.503)] * 10, []),  # waits on it
        ([(0.5, 0.7), (0.5, 0.3), (0.5, 0.7), (0.5, 0.3)], [OUTSIDE, INSIDE, OUTSIDE]),
        ([(0.5, 0.3)], []),  # appeared outside: nobody knows where from
        ([(0.1, 0.7), (0.1, 0.3)], []),  # past its end
        ([(0.1, 0.7), (0.1, 0.3), (0.5, 0.3)], []),
        ([(0.1, 0.7), (0.9, 0.3)], [OUTSIDE]),  # slanting through it
    ],
)
def test_crossings(ways: list[tuple[float, float]], expected: list[LineSide]) -> None:
    assert reached(ways) == expected


def test_a_course_is_the_last_sure_place() -> None:
    course, side = after_step(None, CountingLine(SPEC), (0.5, 0.7), 0.2)
    assert (course, side) == (LineCourse(side=INSIDE, at=(0.5, 0.7)), None)
    assert after_step(course, CountingLine(SPEC), (0.5, 0.5), 0.2) == (course, None)
