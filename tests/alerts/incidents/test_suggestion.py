"""What is suggested as one happening: one class group, near, and at one time."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from thapcanh.alerts.incidents.kinds import ClassGroup
from thapcanh.alerts.incidents.suggestion import Happening, SuggestionSettings, suggested
from thapcanh.alerts.store.distance import box_round, distance_m

HERE = (21.0285, 105.8542)
RULES = SuggestionSettings()


def happening(name: str, north_m: float = 0.0, at: float = 0.0, **facts: ClassGroup) -> Happening:
    group = facts.get("group", ClassGroup.BURNING)
    place = (HERE[0] + north_m / 111_195, HERE[1])
    return Happening(id=name, group=group, position=place, since=at, until=at)


def test_near_soon_and_of_one_group() -> None:
    told = happening("told", at=1000.0)
    others = [
        told,
        happening("far", north_m=310.0, at=1000.0),
        happening("late", at=1601.0),
        happening("crime", at=1000.0, group=ClassGroup.ORDER),
        happening("second", north_m=290.0, at=401.0),
        happening("first", north_m=-100.0, at=1590.0),
    ]
    assert [one.id for one in suggested(told, others, RULES)] == ["first", "second"]


def test_a_fire_that_is_still_seen_is_not_apart_from_a_call_about_it() -> None:
    lasting = replace(happening("lasting"), until=3600.0)
    call = happening("call", at=2000.0)
    (found,) = suggested(call, [lasting], RULES)
    assert found.apart_s == 0.0
    (back,) = suggested(lasting, [happening("call", at=4100.0)], RULES)
    assert back.apart_s == 500.0
    assert suggested(lasting, [happening("call", at=4201.0)], RULES) == []


def test_no_more_than_an_officer_reads() -> None:
    many = [happening(f"{number:02}", north_m=float(number)) for number in range(20)]
    found = suggested(happening("told"), many, RULES)
    assert [one.id for one in found] == ["00", "01", "02", "03", "04"]


@given(st.floats(-85, 85), st.floats(-170, 170), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_the_box_holds_the_circle(lat: float, lon: float, north: float, east: float) -> None:
    centre, place = (lat, lon), (lat + north, lon + east)
    (south, west), (top, right) = box_round(centre, 300.0)
    if distance_m(centre, place) <= 299.9:
        assert south <= place[0] <= top
        assert west <= place[1] <= right
