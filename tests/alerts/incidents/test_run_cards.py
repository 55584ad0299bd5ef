"""Which run card an incident has, and which units it proposes."""

from typing import get_args

import pytest

from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.units.nearest_units import by_way, suggested_units
from thapcanh.alerts.incidents.units.run_cards import card_for, proposed_units
from thapcanh.alerts.incidents.units.units import Unit, UnitKind, UnitStatus
from thapcanh.config.dispatch.run_cards import (
    IncidentKindName,
    RunCardConfig,
    UnitKindName,
    step_id,
)
from thapcanh.config.site import Area

TREE = (
    Area(id="ha-noi", name="Hà Nội"),
    Area(id="hoan-kiem", name="Hoàn Kiếm", parent="ha-noi"),
    Area(id="hang-bac", name="Hàng Bạc", parent="hoan-kiem"),
    Area(id="ring", name="Vòng", parent="ring"),
)
FIRE = IncidentKind.FIRE


def card(name: str, *areas: str, **facts: object) -> RunCardConfig:
    table = {"id": name, "name": name, "kinds": ["fire"], "areas": areas or None, **facts}
    return RunCardConfig.model_validate(table)


CARDS = (card("city"), card("district", "hoan-kiem"), card("other", "tay-ho"))


@pytest.mark.parametrize(
    ("kind", "area", "found"),
    [
        (FIRE, "hang-bac", "district"),
        (FIRE, "hoan-kiem", "district"),
        (FIRE, "ha-noi", "city"),
        (FIRE, "ring", "city"),
        (FIRE, None, "city"),
        (IncidentKind.TRAFFIC, "hang-bac", None),
    ],
)
def test_the_card_of_the_nearest_area_is_taken(
    kind: IncidentKind, area: str | None, found: str | None
) -> None:
    chosen = card_for(CARDS, kind, area, TREE)
    assert (None if chosen is None else chosen.id) == found


def unit(name: str, kind: UnitKind, lat: float, **facts: object) -> Unit:
    return Unit(id=name, name=name, kind=kind, lat=lat, lon=105.8, **facts)  # type: ignore[arg-type]


def test_the_nearest_that_can_go_are_proposed_and_what_lacks_is_said() -> None:
    engine, medic = UnitKind.FIRE_ENGINE, UnitKind.AMBULANCE
    units = [
        unit("far", engine, 21.9),
        unit("near", engine, 21.01),
        unit("busy", engine, 21.0, status=UnitStatus.ON_SCENE),
        unit("patrol", UnitKind.POLICE_PATROL, 21.0),
    ]
    asks = card(
        "asks",
        units=[
            {"kind": "police_patrol", "count": 1},
            {"kind": "fire_engine", "count": 3},
            {"kind": "ambulance", "count": 1},
        ],
    )
    first = [UnitKind(one.kind) for one in asks.units]
    nearest = suggested_units(FIRE, (21.0, 105.8), units, first=first)
    told = proposed_units(asks, nearest, [])
    assert told.units == ("patrol", "near", "far")
    assert told.missing == ((engine, 1), (medic, 1))
    again = proposed_units(asks, nearest, [engine, engine, medic])
    assert (again.units, again.missing) == (("patrol", "near"), ())


def test_of_each_kind_those_come_first_that_are_there_soonest() -> None:
    engine, ward = UnitKind.FIRE_ENGINE, UnitKind.WARD_POLICE
    units = [
        unit("over the river", engine, 21.01),
        unit("same bank", engine, 21.02),
        unit("nobody knows", engine, 21.001),
        unit("ward", ward, 21.0),
    ]
    near = suggested_units(FIRE, (21.0, 105.8), units)
    assert [one.unit.id for one in near][:2] == ["nobody knows", "over the river"]
    soonest = by_way(near, {"over the river": 600.0, "same bank": 180.0, "ward": 1.0})
    assert [one.unit.id for one in soonest] == [
        "same bank", "over the river", "nobody knows", "ward",
    ]  # fmt: skip
    assert by_way(near, {}) == near


def test_a_step_keeps_its_name_wherever_it_stands() -> None:
    assert step_id("Báo 114") == step_id("Báo 114") != step_id("Báo 115")


def test_the_configuration_knows_every_kind() -> None:
    assert get_args(IncidentKindName) == tuple(IncidentKind)
    assert get_args(UnitKindName) == tuple(UnitKind)


@pytest.mark.parametrize(
    "facts",
    [
        {"steps": ["Báo 114", "Báo 114"]},
        {"kinds": []},
        {"kinds": ["flood"]},
        {"units": [{"kind": "tank"}]},
        {"units": [{"kind": "power"}, {"kind": "power"}]},
        {"units": [{"kind": "power", "count": 0}]},
        {"tell": ["a\nb"]},
    ],
)
def test_a_wrong_card_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(facts))):
        card("wrong", **facts)
