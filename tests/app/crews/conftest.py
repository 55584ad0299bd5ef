"""A fire to which an engine was sent, and phones of crews."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from tests.app.crews.crew_phone import Phone
from tests.app.incidents.test_incidents import act, opened
from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.alerts.store.roles import EVERYTHING, Actor, DataFilter, Role

LEADER = Actor(username="ld", name="ld", role=Role.LEADER)
PC07 = DataFilter(agencies=frozenset({"pc07"}))
PLACE = {"text": "12 Hàng Bài", "lat": 21.0285, "lon": 105.8542}
MakePhone = Callable[..., Phone]


@pytest.fixture
def phone_of(centre: Centre, address: str) -> Iterator[MakePhone]:
    """Phones of accounts that speak for a unit."""
    with ExitStack() as made:

        def phone_of(unit: str | None, scope: DataFilter = EVERYTHING) -> Phone:
            name = f"dt-{unit}".lower()
            centre.add_user(name, Role.CREW, scope=scope)
            account = centre.archive.user(name)
            assert account is not None
            centre.archive.save_user(replace(account, unit=unit))
            phone = made.enter_context(Phone(address))
            phone.log_in(name)
            return phone

        yield phone_of


def _engine(name: str, agency: str, area: str | None = None) -> Unit:
    return Unit(
        id=name,
        name=name.replace("xe-", "Xe "),
        kind=UnitKind.FIRE_ENGINE,
        agency=agency,
        area=area,
        lat=21.03,
        lon=105.85,
        position_at=NOW,
    )


@pytest.fixture
def units(centre: Centre) -> None:
    made = [
        _engine("xe-1", "pc07", "hoan-kiem"),
        _engine("xe-2", "pc07"),
        _engine("xe-3", "csgt"),
    ]
    UnitRepository(centre.archive.database).save(LEADER, made, NOW)


@pytest.fixture
def sent(desk: Desk, units: None) -> dict[str, Any]:
    """A fire to which the first engine was sent."""
    found = opened(desk, priority=1, place=PLACE)
    answer = act(desk, found, "dispatch", units=["xe-1"])
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
def phone(phone_of: MakePhone, sent: dict[str, Any]) -> Phone:
    made: Phone = phone_of("xe-1", PC07)
    return made
