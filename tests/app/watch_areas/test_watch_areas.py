"""Temporary watch areas over HTTP: two people, one of them a leader, and nobody else's cameras."""

from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest
import sqlalchemy as sa

from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.registry_tables import registry_change, registry_entry
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.watch_areas.watch_area_tasks import WatchAreaTask
from thapcanh.app.web_api.schemas import iso
from thapcanh.config.site import RegistryConfig

PATH = "/api/v1/watch-areas"
ROLES = {"an": Role.OPERATOR, "binh": Role.LEADER, "chi": Role.LEADER, "dung": Role.TECHNICIAN}
CSGT = DataFilter(agencies=frozenset({"csgt"}))


@pytest.fixture(scope="module")
def desks(standing_centre: Centre, standing_address: str) -> Iterator[dict[str, Desk]]:
    for name, role in ROLES.items():
        standing_centre.add_user(name, role)
    standing_centre.add_user("csgt-chi-huy", Role.LEADER, Role.AGENCY, scope=CSGT)
    names = [*ROLES, "csgt-chi-huy"]
    opened = {name: Desk(standing_address).log_in(name) for name in names}
    yield opened
    for desk in opened.values():
        desk.close()


@pytest.fixture(autouse=True)
def cameras(standing_centre: Centre) -> None:
    keep_in(standing_centre, "database")
    standing_centre.clock.at = NOW
    with standing_centre.archive.database.writing() as connection:
        connection.execute(sa.delete(registry_entry))
        connection.execute(sa.delete(registry_change))
    zone = {"id": "yard", "name": "Sân", "polygon": [[0, 0], [1, 0], [1, 1]]}
    tables: tuple[tuple[str, str | None, list[Any]], ...] = (
        ("gate", "pc07", [zone]),
        ("lake", "csgt", []),
        ("tower", None, []),
    )
    writes = [
        EntryWrite(
            kind="cameras", id=name, expected=0,
            document={"id": name, "name": name, "source": "rtsp://h/x", "zones": zones}
            | ({"agency": agency} if agency else {}),
        )
        for name, agency, zones in tables
    ]  # fmt: skip
    RegistryRepository(standing_centre.archive.database).write(
        writes, Author(username="dung", role="technician", at=NOW), EVERYTHING
    )


def keep_in(centre: Centre, source: Literal["files", "database"]) -> None:
    registry = RegistryConfig(source=source)
    centre.site.replace(centre.site().model_copy(update={"registry": registry}))


def propose(desk: Desk, **facts: Any) -> httpx.Response:
    table = {
        "name": "Pháo hoa Tết",
        "purpose": "An toàn cháy nổ nơi bắn pháo hoa",
        "legal_basis": "Kế hoạch 12/KH-CAHN",
        "cameras": ["gate", "lake"],
        "rules": [{"kind": "crowd"}, {"kind": "intrusion", "zone": "yard", "cameras": ["gate"]}],
        "starts_at": iso(NOW + 3600),
        "ends_at": iso(NOW + 7200),
    }
    return desk.post(PATH, json={**table, **facts}, headers={"X-CSRF-Token": desk.csrf})


def step(desk: Desk, area: dict[str, Any], name: str, **body: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf, "If-Match": f'"{area["revision"]}"'}
    return desk.post(f"{PATH}/{area['id']}/{name}", json=body or None, headers=headers)


def status(desk: Desk, area_id: str) -> str:
    return str(desk.get(f"{PATH}/{area_id}").json()["status"])


def test_one_proposes_another_approves_and_the_time_ends_it(
    desks: dict[str, Desk], standing_centre: Centre
) -> None:
    made = propose(desks["an"])
    assert made.status_code == 201, made.text
    area = made.json()
    assert (area["status"], area["proposed_by"]["username"]) == ("proposed", "an")
    approved = step(desks["binh"], area, "approve").json()
    assert (approved["status"], approved["decided_by"]["username"]) == ("planned", "binh")
    for at, expected in ((3599, "planned"), (3600, "running"), (7199, "running"), (7200, "ended")):
        standing_centre.clock.at = NOW + at
        assert status(desks["an"], area["id"]) == expected
    steps = desks["an"].get(f"{PATH}/{area['id']}").json()["steps"]
    assert [one["step"] for one in steps] == ["approved", "proposed"]


def test_nobody_approves_their_own_and_only_leaders_do(desks: dict[str, Desk]) -> None:
    own = propose(desks["binh"]).json()
    refused = step(desks["binh"], own, "approve")
    assert (refused.status_code, refused.json()["error"]) == (409, "watch_area_same_person")
    assert step(desks["dung"], own, "approve").status_code == 403
    assert step(desks["an"], own, "approve").status_code == 403
    assert status(desks["an"], own["id"]) == "proposed"
    assert step(desks["chi"], own, "approve").status_code == 200


def test_what_was_approved_is_what_was_seen(desks: dict[str, Desk]) -> None:
    area = propose(desks["an"]).json()
    assert step(desks["an"], area, "end", reason="nhầm").json()["status"] == "refused"
    late = step(desks["binh"], area, "approve")
    assert (late.status_code, late.json()["error"]) == (409, "entry_changed")
    now = desks["binh"].get(f"{PATH}/{area['id']}").json()
    assert step(desks["binh"], now, "approve").json()["error"] == "watch_area_over"


def test_an_extension_and_an_early_end_are_written_down(
    desks: dict[str, Desk], standing_centre: Centre
) -> None:
    area = step(desks["binh"], propose(desks["an"]).json(), "approve").json()
    sooner = step(desks["chi"], area, "extend", ends_at=iso(NOW + 5000), reason="x")
    assert sooner.status_code == 422
    longer = step(desks["chi"], area, "extend", ends_at=iso(NOW + 9000), reason="kéo dài lễ")
    assert longer.json()["ends_at"] == iso(NOW + 9000)
    standing_centre.clock.at = NOW + 4000
    assert step(desks["dung"], longer.json(), "end", reason="x").status_code == 409
    ended = step(desks["an"], longer.json(), "end", reason="lễ xong sớm").json()
    assert (ended["status"], ended["ends_at"]) == ("ended", iso(NOW + 4000))
    assert step(desks["chi"], ended, "extend", ends_at=iso(NOW + 9999), reason="x").json()[
        "error"
    ] == ("watch_area_over")
    steps = desks["an"].get(f"{PATH}/{area['id']}").json()["steps"]
    told = [(one["step"], one["by"]["username"], one["reason"]) for one in steps[:2]]
    assert told == [("ended", "an", "lễ xong sớm"), ("extended", "chi", "kéo dài lễ")]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"ends_at": iso(NOW + 3600)}, "thời điểm kết thúc phải sau thời điểm bắt đầu"),
        ({"ends_at": iso(NOW + 600 * 86_400)}, "dài hơn 366 ngày"),
        (
            {"starts_at": "9999-12-31T12:00:00Z", "ends_at": "9999-12-31T23:59:59-14:00"},
            "hãy sửa năm",
        ),
        ({"starts_at": iso(NOW - 9), "ends_at": iso(NOW - 1)}, "đã qua"),
        ({"cameras": ["gate", "nobody"]}, "'nobody', chưa có trong danh sách"),
        ({"cameras": ["gate", "gate"]}, "được chọn hai lần"),
        ({"rules": [{"kind": "intrusion", "zone": "sea"}]}, "'sea'"),
        ({"rules": [{"kind": "magic"}]}, "loại luật không có"),
        ({"rules": [{"kind": "crowd", "cameras": ["tower"]}]}, "rules[0].cameras"),
        ({"rules": [{"kind": "crowd", "cameras": [["gate"]]}]}, "rules[0].cameras"),
        ({"rules": [{"kind": "crowd", "id": "fire"}]}, "rules[0]: có mã riêng"),
        ({"zones": [{"id": "z", "name": "Z", "camera": "tower", "polygon": []}]}, "zones"),
    ],
)
def test_what_cannot_be_is_named(desks: dict[str, Desk], wrong: dict[str, Any], named: str) -> None:
    answer = propose(desks["an"], **wrong)
    assert answer.status_code == 422
    assert named in str(answer.json()), answer.text
    assert desks["an"].get(PATH).json()["items"] == []


def test_an_area_that_cannot_be_read_costs_only_itself(
    desks: dict[str, Desk], standing_centre: Centre
) -> None:
    area = propose(desks["an"]).json()
    odd = EntryWrite(kind="watch_areas", id="odd", expected=0, document={"id": "odd", "new": 1})
    author = Author(username="dung", role="technician", at=NOW)
    RegistryRepository(standing_centre.archive.database).write([odd], author, EVERYTHING)
    assert [one["id"] for one in desks["an"].get(PATH).json()["items"]] == [area["id"]]
    rounds = WatchAreaTask(
        standing_centre.archive.database, standing_centre.site, standing_centre.clock.utc
    )
    rounds.round()
    assert rounds.retentions() == []
    assert step(desks["binh"], area, "approve").status_code == 200


def test_another_agencys_cameras_are_neither_used_nor_shown(desks: dict[str, Desk]) -> None:
    csgt = desks["csgt-chi-huy"]
    refused = propose(csgt)
    assert refused.status_code == 422
    assert "'gate', chưa có trong danh sách" in refused.text
    whole = propose(desks["an"]).json()
    seen = csgt.get(f"{PATH}/{whole['id']}").json()
    assert seen["cameras"] == ["lake"]
    assert "gate" not in str(seen["rules"] + seen["zones"])
    for name, body in (("approve", {}), ("end", {"reason": "x"})):
        answer = step(csgt, whole, name, **body)
        assert (answer.status_code, answer.json()["error"]) == (409, "watch_area_partly_seen")
    hidden = propose(desks["an"], cameras=["tower"], rules=[{"kind": "crowd"}]).json()
    assert csgt.get(f"{PATH}/{hidden['id']}").status_code == 404
    assert step(csgt, hidden, "approve").status_code == 404
    own = propose(csgt, cameras=["lake"], rules=[{"kind": "crowd"}])
    assert own.status_code == 201


def test_it_is_no_entry_that_the_technician_edits_or_undoes(desks: dict[str, Desk]) -> None:
    area = propose(desks["an"]).json()
    dung = desks["dung"]
    csrf = {"X-CSRF-Token": dung.csrf, "If-Match": f'"{area["revision"]}"'}
    undone = dung.post(f"/api/v1/registry/changes/{area['revision']}/undo", headers=csrf)
    assert undone.status_code == 404
    path = f"/api/v1/registry/watch_areas/{area['id']}"
    assert dung.patch(path, json={"state": "approved"}, headers=csrf).status_code == 422
    assert status(desks["an"], area["id"]) == "proposed"


def test_a_site_watched_by_its_files_says_what_it_needs(
    desks: dict[str, Desk], standing_centre: Centre
) -> None:
    keep_in(standing_centre, "files")
    refused = propose(desks["an"])
    assert (refused.status_code, refused.json()["error"]) == (409, "watch_areas_in_files")
    assert 'source = "database"' in refused.json()["detail"]
    assert desks["an"].get(PATH).json() == {"source": "files", "items": []}
