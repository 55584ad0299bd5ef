"""Who looks harder after calls: how many, how near, for how long, and what a flood does."""

from thapcanh.alerts.calls.call_attention import (
    AttentionPlan,
    AttentionSettings,
    CameraAttention,
    TellingCall,
    planned,
)
from thapcanh.alerts.store.distance import Position, distance_m

SETTINGS = AttentionSettings()
STREET = 21.0
NORTH_100_M = 0.0009


def call(number: int, at_m: float = 0.0, caller: str | None = None, at: float = 0.0) -> TellingCall:
    return TellingCall(
        id=f"c{number}",
        number=f"113-{number:04d}",
        caller=caller,
        position=(STREET + at_m / 100 * NORTH_100_M, 105.8),
        at=at,
    )


def near(place: Position) -> list[tuple[str, float]]:
    """A camera every hundred metres along a street, the nearest first; none beyond 800 m."""
    cameras = ((f"cam{n}", (STREET + n * NORTH_100_M, 105.8)) for n in range(1000))
    found = [(name, distance_m(place, at)) for name, at in cameras]
    return sorted((one for one in found if one[1] <= SETTINGS.within_m), key=lambda one: one[1])


def plan(*calls: TellingCall, room: int = 24) -> AttentionPlan:
    return planned(calls, near, room, SETTINGS)


def test_the_nearest_look_harder_until_the_time_is_over() -> None:
    told = plan(call(42, at=1000.0))
    assert sorted(told.given) == ["cam0", "cam1", "cam2"]
    assert told.given["cam0"] == CameraAttention(call="113-0042", until=1600.0, corroborates=True)
    assert told.left_out == frozenset()


def test_a_camera_that_is_too_far_to_corroborate_only_looks_harder() -> None:
    told = plan(call(1, at_m=-500.0))
    assert told.given["cam0"].corroborates is False


def test_the_first_call_that_corroborates_is_named_and_the_last_one_ends_it() -> None:
    far, first, later = call(1, at_m=-350.0, at=10.0), call(2, at=20.0), call(3, at=30.0)
    one = plan(far, first, later).given["cam0"]
    assert (one.call, one.corroborates, one.until) == ("113-0002", True, 630.0)


def test_a_flood_from_one_number_takes_two_places_and_no_more() -> None:
    hoaxes = [call(n, at_m=3000.0 * n, caller="0900", at=float(n)) for n in range(50)]
    real = call(99, at_m=61_500.0, caller="0911", at=100.0)
    told = plan(*hoaxes, real)
    assert len(told.given) == 3 * SETTINGS.calls_of_caller + 3
    assert real.id not in told.left_out
    assert len(told.left_out & {one.id for one in hoaxes if near(one.position)}) > 20


def test_a_flood_from_many_numbers_gives_way_to_a_place_that_two_tell_of() -> None:
    hoaxes = [call(n, at_m=3000.0 * n, caller=f"09{n}", at=float(n)) for n in range(30)]
    told = plan(*hoaxes)
    assert len(told.given) == 24
    fire = call(98, at_m=95_000.0, caller="0981", at=100.0)
    assert fire.id in plan(*hoaxes, fire).left_out
    second = call(99, at_m=95_100.0, caller="0982", at=101.0)
    both = plan(*hoaxes, fire, second)
    assert {fire.id, second.id}.isdisjoint(both.left_out)
    assert len(both.given) == 24


def test_what_is_left_over_of_the_room_is_given() -> None:
    assert len(plan(call(1), call(2, at_m=9000.0), room=4).given) == 4
    assert plan(call(1), call(2, at_m=9000.0), room=3).left_out == {"c2"}


def test_a_call_where_no_camera_is_near_is_not_left_out() -> None:
    assert plan(call(1, at_m=-90_000.0)) == AttentionPlan(given={}, left_out=frozenset())


def test_a_large_site_has_more_room_up_to_a_bound() -> None:
    assert [SETTINGS.room(of) for of in (1, 6, 40, 96, 10_000)] == [6, 6, 10, 24, 24]
