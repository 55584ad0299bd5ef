"""Lists of facilities that are written while somebody else writes another."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.app.facilities.test_facilities_api import ask, names_of
from tests.app.web_api.centre import Centre, Desk
from tests.patience import PATIENCE_S
from thapcanh.alerts.facilities import facility_store
from thapcanh.alerts.facilities.facility_store import (
    FacilityCodeConflict,
    FacilityRepository,
    FacilityWrite,
)
from thapcanh.alerts.store.roles import EVERYTHING, Actor, DataFilter, Role

MakeDesk = Callable[..., Desk]


def test_two_lists_that_were_judged_at_one_moment_double_nothing(
    centre: Centre, desk_of: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found the list empty, and each added every line."""
    text = (
        "code,name,kind,address,agency,area\nK-9,Kho Bắc Sơn,kho,1 Bắc Sơn,pc07,tay-ho\n"
        ",Chợ Bưởi,chợ,2 Lạc Long Quân,pc07,tay-ho\n"
    ).encode()
    desks = [desk_of(name, Role.LEADER) for name in ("an", "binh")]
    both = threading.Barrier(2)
    write = FacilityRepository.write_list

    def together(*said: Any) -> list[FacilityWrite]:
        both.wait(PATIENCE_S)
        return write(*said)

    monkeypatch.setattr(FacilityRepository, "write_list", together)
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda one: ask(one, "POST", "/import?format=csv", text), desks))
    assert [one.status_code for one in told] == [200, 200]
    counts = sorted((one.json()["added"], one.json()["changed"]) for one in told)
    assert counts == [(0, 2), (2, 0)]  # both said that they had added both
    assert names_of(desks[0].get("/api/v1/facilities")) == ["Chợ Bưởi", "Kho Bắc Sơn"]
    monkeypatch.undo()
    ward = Actor(
        username="ward", name="Phường", role=Role.LEADER,
        scope=DataFilter(areas=frozenset({"hoan-kiem"})),
    )  # fmt: skip
    (kept,) = [one for one in FacilityRepository(centre.archive.database).all(EVERYTHING)
               if one.facts.code]  # fmt: skip
    unseen = FacilityWrite(id=None, facts=replace(kept.facts, area="hoan-kiem"))
    with pytest.raises(FacilityCodeConflict, match="K-9"):
        FacilityRepository(centre.archive.database).write_list(ward, [unseen], 1.0)


def test_who_is_overtaken_in_a_list_learns_what_of_it_is_written(
    desk_of: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said that a code is another's, and not that the parts before it stand."""
    monkeypatch.setattr(facility_store, "_PART", 1)
    monkeypatch.setattr(FacilityRepository, "taken_codes", lambda *_: set())
    whole = desk_of("chief", Role.LEADER)
    ward = desk_of("ward", Role.LEADER, DataFilter(areas=frozenset({"tay-ho"})))
    header = "code,name,kind,agency,area\n"
    there = f"{header}K-9,Kho Bắc Sơn,kho,pc07,hoan-kiem\n".encode()
    assert ask(whole, "POST", "/import?format=csv", there).json()["added"] == 1
    text = f"{header}K-8,Kho mới,kho,pc07,tay-ho\nK-9,Kho Bắc Sơn,kho,pc07,tay-ho\n".encode()
    refused = ask(ward, "POST", "/import?format=csv", text)
    assert (refused.status_code, refused.json()["error"]) == (409, "facility_list_overtaken")
    assert "“K-9”" in refused.json()["detail"]
    assert "1 cơ sở của danh sách đã được ghi" in refused.json()["detail"]
    assert names_of(ward.get("/api/v1/facilities")) == ["Kho mới"]
