"""Tampering is told from the known view, in time, by its name; and ordinary days are not."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from tests.ingest import made_views as made
from tests.ingest.made_views import Luma
from thapcanh.ingest.camera.tamper_detector import TamperDetector, TamperSettings, Visibility
from thapcanh.ingest.camera.view_signature import view_signature

STREET = made.street()
KNOWN_WITHIN_S = 30.0  # of the 60 s; alarm and report take the rest


def _watched(
    watch: TamperDetector, pictures: Iterable[Luma], start_s: float = 0.0, every_s: float = 2.0
) -> list[Visibility]:
    return [
        watch.observe(view_signature(made.seen(picture)), start_s + number * every_s)
        for number, picture in enumerate(pictures)
    ]


def _knowing(rules: TamperSettings | None = None) -> TamperDetector:
    """A watch that has seen the street for a minute; what happens begins at 60 s."""
    watch = TamperDetector(rules=rules or TamperSettings())
    said = _watched(watch, [STREET] * 30)
    assert said[-1] is Visibility.CLEAR
    return watch


TAMPERED = [
    (made.covered, Visibility.COVERED),
    (lambda: made.turned(STREET), Visibility.MOVED),
    (lambda: made.street(9), Visibility.MOVED),
    (lambda: np.roll(STREET, made.WIDTH // 5, axis=1), Visibility.MOVED),
    (lambda: made.defocused(STREET), Visibility.BLURRED),
]


@pytest.mark.parametrize(("happens", "sight"), TAMPERED)
@pytest.mark.parametrize("every_s", [2.0, 4.0], ids=["awake", "asleep"])
def test_tampering_is_known_in_time_by_its_name_and_is_over_when_it_is(
    happens: Callable[[], Luma], sight: Visibility, every_s: float
) -> None:
    watch, count = _knowing(), round(KNOWN_WITHIN_S / every_s)
    said = _watched(watch, [happens()] * count, 60.0, every_s)
    assert said[-1] is sight
    assert {*said} <= {Visibility.CLEAR, sight}
    assert said[: round(15 / every_s)] == [Visibility.CLEAR] * round(15 / every_s), "not at once"
    back = _watched(watch, [STREET] * 8, 200.0, every_s)
    assert back[-1] is Visibility.CLEAR


def _rush_hour() -> list[Luma]:
    """Lorries of 10 s, one after the other, with gaps of as much."""
    return ([made.lorry(STREET)] * 5 + [STREET] * 5) * 5


ORDINARY: dict[str, Callable[[], list[Luma]]] = {  # made for its own test: they are large
    "a lorry that hides all, 10 s": lambda: [made.lorry(STREET, 0.95)] * 5 + [STREET] * 10,
    "a lorry that is parked before two thirds": lambda: [made.lorry(STREET)] * 50,
    "many lorries": _rush_hour,
    "headlights": lambda: ([made.headlights(STREET)] * 3 + [STREET] * 3) * 10,
    "infra-red on and off": lambda: [made.infra_red(STREET)] * 30 + [STREET] * 30,
    "a pole in the wind": lambda: [np.roll(STREET, n % 3 * 3, axis=1) for n in range(50)],
    "dusk in five minutes": lambda: [made.at_dusk(STREET, min(n / 150, 1.0)) for n in range(200)],
    "a cloud, and the exposure's answer": lambda: [(STREET * 0.4).astype(np.uint8)] * 60,
}


@pytest.mark.parametrize("day", ORDINARY)
def test_an_ordinary_day_is_no_tampering(day: str) -> None:
    said = {*_watched(_knowing(), ORDINARY[day](), 60.0)}
    assert said <= {Visibility.CLEAR, Visibility.LEARNING}


def test_a_new_view_is_accepted_once_it_has_stood_for_long() -> None:
    watch = _knowing(TamperSettings(accept_after_s=60.0))
    new = made.street(9)
    said = _watched(watch, [new] * 60, 60.0)
    assert Visibility.MOVED in said
    assert said[-1] is Visibility.CLEAR
    assert said.index(Visibility.MOVED) * 2 >= 18
    assert _watched(watch, [STREET] * 30, 300.0)[-1] is Visibility.CLEAR, "the old one is known too"


def _begun_again(watch: TamperDetector, rules: TamperSettings | None = None) -> TamperDetector:
    again = TamperDetector(rules=rules or watch.rules)
    again.recall(watch.known_views())
    return again


def test_a_camera_that_was_turned_while_nobody_watched_is_told_as_moved() -> None:
    again = _begun_again(_knowing())
    said = _watched(again, [made.street(9)] * 15)
    assert said[:8] == [Visibility.CLEAR] * 8, "not at once"
    assert said[-1] is Visibility.MOVED
    assert _watched(again, [STREET] * 8, 100.0)[-1] is Visibility.CLEAR


@pytest.mark.parametrize(
    ("happened", "sight"),
    [
        (made.seen, Visibility.CLEAR),
        (made.infra_red, Visibility.CLEAR),
        (made.defocused, Visibility.BLURRED),
    ],
)
def test_a_place_is_known_from_the_first_view_on_after_a_restart(
    happened: Callable[[Luma], Luma], sight: Visibility
) -> None:
    said = _watched(_begun_again(_knowing()), [happened(STREET)] * 15)
    assert (said[0], said[-1]) == (Visibility.CLEAR, sight)


def test_a_view_that_is_not_accepted_yet_is_not_handed_on() -> None:
    watch = _knowing()
    said = _watched(watch, [made.street(9)] * 30, 60.0)
    assert said[-1] is Visibility.MOVED
    assert len(watch.known_views()) == 1
    assert _watched(_begun_again(watch), [made.street(9)] * 15)[-1] is Visibility.MOVED


def test_an_accepted_view_is_handed_on_before_the_old_one() -> None:
    watch = _knowing(TamperSettings(accept_after_s=60.0))
    assert _watched(watch, [made.street(9)] * 60, 60.0)[-1] is Visibility.CLEAR
    assert len(watch.known_views()) == 2
    again = _begun_again(watch)
    assert {*_watched(again, [made.street(9)] * 15)} == {Visibility.CLEAR}
    only = _begun_again(watch, TamperSettings(most_known=1))
    assert _watched(only, [STREET] * 15)[-1] is Visibility.MOVED, "the newer one is known"


def test_a_view_that_is_hardly_learned_is_not_handed_on() -> None:
    watch = TamperDetector()
    _watched(watch, [STREET] * 3)
    assert watch.known_views() == ()


def test_a_recalled_view_gives_way_before_one_that_was_seen_since() -> None:
    watch = _begun_again(_knowing(), TamperSettings(accept_after_s=60.0, most_known=2))
    for round_, seed in enumerate([9, 10]):
        _watched(watch, [made.street(seed)] * 60, 200.0 * round_)
    assert _watched(watch, [made.street(9)] * 15, 500.0)[-1] is Visibility.CLEAR
    assert _watched(watch, [STREET] * 15, 600.0)[-1] is Visibility.MOVED


def test_a_cover_is_never_accepted() -> None:
    watch = _knowing(TamperSettings(accept_after_s=60.0))
    assert _watched(watch, [made.covered()] * 60, 60.0)[-1] is Visibility.COVERED


def test_a_camera_that_was_covered_before_it_was_known() -> None:
    said = _watched(TamperDetector(), [made.covered()] * 15)
    assert said[:9] == [Visibility.CLEAR] * 9
    assert said[-1] is Visibility.COVERED


def test_a_camera_on_patrol_is_not_judged() -> None:
    tour = [made.street(seed) for seed in range(4) for _ in range(3)] * 6
    assert Visibility.MOVED not in _watched(TamperDetector(), tour)


def test_of_a_camera_that_people_turn_only_a_cover_is_told() -> None:
    watch = TamperDetector(rules=TamperSettings(is_fixed=False))
    turns = [STREET] * 20 + [made.street(9)] * 20 + [made.defocused(STREET)] * 20
    assert {*_watched(watch, turns)} == {Visibility.LEARNING}
    assert _watched(watch, [made.covered()] * 15, 120.0)[-1] is Visibility.COVERED


def test_time_in_which_nothing_was_seen_does_not_count() -> None:
    watch = _knowing()
    said = _watched(watch, [made.street(9)] * 3, 60.0, every_s=100.0)
    assert said == [Visibility.CLEAR] * 3


TURNED_FROM_HERE = TamperSettings(tells_moved=False)


def test_nothing_is_told_of_a_camera_while_it_turns() -> None:
    watch = _knowing(TURNED_FROM_HERE)
    for number in range(30):  # a wall passes: flat, as a cloth before the lens is
        watch.pause()
        assert watch.sight is Visibility.LEARNING, number
    assert _watched(watch, [STREET] * 3, 130.0)[-1] is Visibility.CLEAR


def test_each_preset_has_its_own_view_and_tampering_is_told_there_too() -> None:
    watch, other = _knowing(TURNED_FROM_HERE), made.street(9)
    watch.turn_to("preset 2")
    said = _watched(watch, [other] * 30, 60.0)
    assert {*said} <= {Visibility.LEARNING, Visibility.CLEAR}
    assert said[-1] is Visibility.CLEAR
    assert _watched(watch, [made.defocused(other)] * 15, 120.0)[-1] is Visibility.BLURRED
    watch.turn_to("")
    assert _watched(watch, [STREET] * 2, 160.0) == [Visibility.CLEAR] * 2, "home is still known"
    assert _watched(watch, [made.covered()] * 15, 170.0)[-1] is Visibility.COVERED


def test_a_camera_that_others_turn_too_is_not_told_to_have_moved_and_keeps_few_views() -> None:
    watch = _knowing(TURNED_FROM_HERE)
    for round_, number in enumerate([9, 10, 11, 12, 13, 14]):
        said = _watched(watch, [made.street(number)] * 30, 100.0 + 60 * round_)
        assert {*said} <= {Visibility.LEARNING, Visibility.CLEAR}
    assert len(watch._known) <= watch.rules.most_known


def test_of_many_positions_the_oldest_are_forgotten() -> None:
    watch = _knowing(TamperSettings(tells_moved=False, most_positions=4))
    for number in range(20):
        watch.turn_to(f"preset {number}")
    assert len(watch._elsewhere) == 4
