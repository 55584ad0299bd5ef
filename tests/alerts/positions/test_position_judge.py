"""Which positions can be right."""

import pytest

from thapcanh.alerts.map.country import PositionFault, distance_to_outline_m, position_fault
from thapcanh.alerts.positions.position_check import Fix, PositionCheck, PositionVerdict

NOW = 1_795_570_000.0
HOME = (21.03, 105.85)
FAR = (21.39, 105.85)  # 40 km to the north


def told(judge: PositionCheck, place: tuple[float, float], at: float) -> PositionVerdict:
    return judge.judge(Fix(place=place, at=at), NOW + 3600).verdict


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ((0.0, 0.0), PositionFault.ZERO),
        ((13.75, 100.5), PositionFault.ABROAD),  # Bangkok
        ((11.56, 104.92), PositionFault.ABROAD),  # Phnom Penh
        ((17.97, 102.6), PositionFault.ABROAD),  # Vientiane
        ((22.8, 108.3), PositionFault.ABROAD),  # Nanning
        ((105.85, 21.03), PositionFault.ABROAD),  # exchanged
        (HOME, None),
        ((23.36, 105.32), None),  # Lũng Cú
        ((8.6, 104.7), None),  # Cà Mau
        ((21.53, 107.97), None),  # Móng Cái
        ((22.4, 102.2), None),  # A Pa Chải
        ((10.22, 103.96), None),  # Phú Quốc
        ((8.65, 111.92), None),  # Trường Sa
        ((12.67, 109.42), None),  # the easternmost cape
    ],
)
def test_what_is_not_of_this_country_is_named(
    place: tuple[float, float], fault: PositionFault | None
) -> None:
    assert position_fault(place) is fault


def test_a_jump_is_refused_until_it_is_told_three_times() -> None:
    judge = PositionCheck()
    assert told(judge, HOME, NOW) is PositionVerdict.MOVED
    found = judge.judge(Fix(place=FAR, at=NOW + 1), NOW + 1)
    assert found.verdict is PositionVerdict.JUMP
    assert (round(found.apart_m / 1000), found.apart_s) == (40, 1.0)
    assert told(judge, HOME, NOW + 2) is PositionVerdict.MOVED  # it was one wrong fix
    assert told(judge, FAR, NOW + 3) is PositionVerdict.JUMP
    assert told(judge, FAR, NOW + 4) is PositionVerdict.JUMP
    assert told(judge, FAR, NOW + 5) is PositionVerdict.MOVED
    assert judge.last is not None
    assert judge.last.place == FAR


def test_a_vehicle_that_was_out_of_reach_comes_back_anywhere() -> None:
    judge = PositionCheck(last=Fix(place=HOME, at=NOW))
    assert told(judge, FAR, NOW + 1800) is PositionVerdict.MOVED


def test_late_old_and_future_positions() -> None:
    judge = PositionCheck(last=Fix(place=HOME, at=NOW))
    assert told(judge, HOME, NOW - 60) is PositionVerdict.LATE
    assert told(judge, HOME, NOW - 2 * 86_400) is PositionVerdict.OLD
    assert told(judge, HOME, NOW + 7200) is PositionVerdict.FUTURE
    assert judge.last == Fix(place=HOME, at=NOW)


def test_the_way_to_an_outline_ends_at_its_edge() -> None:
    square = ((21.0, 105.0), (21.0, 105.01), (21.01, 105.01), (21.01, 105.0))
    assert distance_to_outline_m((21.005, 105.005), square) == 0.0
    assert round(distance_to_outline_m((20.999, 105.005), square)) == 111
    assert round(distance_to_outline_m((21.005, 105.02), square)) == 1038
