"""What a person sees: agencies and areas, areas with all below them, guests only what is named."""

import pytest

from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.web_api.access.scope_in_force import NOTHING, scope_in_force
from thapcanh.config.site import Area

TREE = (
    Area(id="hanoi", name="Hà Nội"),
    Area(id="hoan-kiem", name="Hoàn Kiếm", parent="hanoi"),
    Area(id="hang-bai", name="Hàng Bài", parent="hoan-kiem"),
    Area(id="hue", name="Huế"),
    Area(id="odd-a", name="Odd", parent="odd-b"),
    Area(id="odd-b", name="Odd", parent="odd-a"),
)


def areas(*names: str) -> DataFilter:
    return DataFilter(areas=frozenset(names))


@pytest.mark.parametrize(
    ("role", "given", "expected"),
    [
        (Role.OPERATOR, EVERYTHING, EVERYTHING),
        (Role.AGENCY, EVERYTHING, NOTHING),
        (
            Role.AGENCY,
            DataFilter(agencies=frozenset({"pc07"})),
            DataFilter(agencies=frozenset({"pc07"})),
        ),
        (Role.OPERATOR, areas("hanoi"), areas("hanoi", "hoan-kiem", "hang-bai")),
        (Role.OPERATOR, areas("hang-bai", "hue"), areas("hang-bai", "hue")),
        (Role.OPERATOR, areas("odd-a"), areas("odd-a", "odd-b")),
        (Role.OPERATOR, areas("gone"), areas("gone")),
        (Role.OPERATOR, areas(), areas()),
    ],
)
def test_the_scope_in_force(role: Role, given: DataFilter, expected: DataFilter) -> None:
    assert scope_in_force({role}, given, TREE) == expected


def test_a_guest_stays_a_guest_whatever_else_they_are() -> None:
    assert scope_in_force({Role.AGENCY, Role.LEADER}, EVERYTHING, TREE) == NOTHING
    assert not NOTHING.sees(None, None)
