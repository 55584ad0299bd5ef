"""Who may enter a door: shares by rank, who gives way, what is charged and forgiven."""

import pytest

from thapcanh.app.process.admission import Admission, DoorBudget, network_of


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("budget", "there", "new", "gone"),
    [
        # an address has its share: its own oldest goes
        (DoorBudget(places=9, shares=(2,), gives_way=True), [("a",), ("b",), ("a",)], ("a",), 0),
        # all places are taken: the oldest of whoever has most
        (DoorBudget(places=3, shares=(9,), gives_way=True), [("b",), ("a",), ("a",)], ("c",), 1),
        # an account is bounded within its agency, and goes before its colleagues
        (
            DoorBudget(places=9, shares=(2, 1), gives_way=True),
            [("p", "x"), ("p", "y")], ("p", "y"), 1,
        ),
        # files do not give way
        (DoorBudget(places=1, shares=(1,)), [("a",)], ("b",), None),
    ],
)  # fmt: skip
def test_who_gives_way(
    budget: DoorBudget, there: list[tuple[str, ...]], new: tuple[str, ...], gone: int | None
) -> None:
    clock, ended = _Clock(), list[int]()
    door = Admission(budget, clock)
    places = [
        door.enter(senders, lambda number=number: ended.append(number))  # type: ignore[misc]
        for number, senders in enumerate(there)
    ]
    assert all(places)
    assert door.enter(new) is None, "all came just now"
    clock.now = budget.young_s
    place = door.enter(new)
    assert (place is None) == (gone is None)
    assert ended == ([] if gone is None else [gone])
    for one in (*places, place):
        if one is not None:
            one.leave()
            one.leave()
    assert len(door) == 0
    assert door.counts(new) == (0,) * len(new)


def test_what_stays_gives_no_way() -> None:
    clock = _Clock()
    door = Admission(DoorBudget(places=2, shares=(2,), gives_way=True), clock)
    first, second = door.enter(("a",)), door.enter(("a",))
    assert first is not None
    assert second is not None
    first.stays = True
    clock.now = 9.0
    assert door.enter(("b",)) is not None
    assert door.counts(("a",)) == (1,)
    first.leave()
    second.leave()  # it is another's place by now
    assert door.counts(("b",)) == (1,)


def test_one_agency_leaves_as_many_places_as_it_takes() -> None:
    door = Admission(DoorBudget(places=8, shares=(8, 8), leaves_free=True))
    got = [door.enter(("alpha", str(number))) is not None for number in range(6)]
    assert got.count(True) == 4
    assert door.enter(("bravo", "an")) is not None
    assert door.turned_away == 2


def test_seconds_are_charged_before_and_forgiven_slowly() -> None:
    clock = _Clock()
    budget = DoorBudget(places=1, shares=(1, 1), seconds=(100.0, 60.0), within_s=600.0)
    door = Admission(budget, clock)
    an, binh = ("alpha", "an"), ("alpha", "binh")
    assert door.charge(an, 50.0)
    assert not door.charge(an, 50.0), "he has ten left"
    assert door.spent_s(an) == 50.0
    door.correct(an, -45.0)
    assert door.charge(an, 50.0)
    assert not door.charge(binh, 50.0), "his agency has 45 left"
    assert door.wait_s(an) == 0.0
    door.correct(an, 10.0)
    assert door.wait_s(an) == pytest.approx(50.0)
    clock.now = 600.0
    assert door.spent_s(an) == 5.0
    assert door.charge(binh, 60.0)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_who_has_an_ipv6_address_has_its_whole_network(address: str, network: str) -> None:
    assert network_of(address) == network
