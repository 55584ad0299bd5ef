"""Another agency's entry is not taken over: not by any route that changes the registry."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.registry.ownership import EntryNotOwned
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.registry_tables import registry_change, registry_entry
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig

PATH = "/api/v1/registry"
CSGT = DataFilter(agencies=frozenset({"csgt"}))
THEIRS = {"id": "theirs", "name": "Kho vũ khí", "source": "rtsp://10.0.0.7/live", "agency": "pc07"}
OWN = {"id": "own", "name": "Ngã tư", "source": "rtsp://10.0.0.8/live", "agency": "csgt"}
ZONE = {"id": "gate", "name": "Cổng", "polygon": [[0, 0], [1, 0], [1, 1]]}
RULE = {"id": "r-theirs", "kind": "fire", "cameras": ["theirs"]}
STOLEN = {"name": "Của tôi", "agency": "csgt", "source": "rtsp://10.6.6.6/live"}


@pytest.fixture
def stranger(
    standing_centre: Centre, standing_address: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A technician of one agency, where another agency has a camera and a rule for it."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    site = standing_centre.site()
    standing_centre.site.replace(
        site.model_copy(update={"registry": RegistryConfig(source="database")})
    )
    with standing_centre.archive.database.writing() as connection:
        connection.execute(sa.delete(registry_entry))
        connection.execute(sa.delete(registry_change))
    standing_centre.add_user("ky-thuat", Role.TECHNICIAN)
    standing_centre.add_user("csgt", Role.TECHNICIAN, scope=CSGT)
    for name in ("ky-thuat", "csgt"):  # of 20 that began at one moment, the newest may be let go
        standing_centre.archive.end_sessions(name)
    with Desk(standing_address) as keeper, Desk(standing_address) as desk:
        keeper.log_in("ky-thuat")
        tables: tuple[tuple[str, dict[str, Any]], ...] = (
            ("agencies", {"id": "csgt", "name": "CSGT"}),
            ("agencies", {"id": "pc07", "name": "PC07"}),
            ("areas", {"id": "ba-dinh", "name": "Ba Đình"}),
            ("cameras", {**THEIRS, "zones": [ZONE]}),
            ("cameras", OWN),
            ("rules", RULE),
        )
        for kind, table in tables:
            made = _post(keeper, kind, json=table)
            assert made.status_code == 201, made.text
        yield desk.log_in("csgt")


def _post(desk: Desk, path: str, **options: Any) -> httpx.Response:
    return desk.post(f"{PATH}/{path}", headers={"X-CSRF-Token": desk.csrf}, **options)


def _registered(centre: Centre) -> dict[tuple[str, str], Any]:
    query = sa.select(registry_entry.c.kind, registry_entry.c.id, registry_entry.c.document)
    with centre.archive.database.reading() as connection:
        return {(row.kind, row.id): row.document for row in connection.execute(query)}


def _bulk(desk: Desk) -> httpx.Response:
    return _post(desk, "cameras/bulk", json={"ids": ["own", "theirs"], "agency": "csgt"})


def _import(desk: Desk, text: str, form: str, **params: Any) -> httpx.Response:
    given = {"format": form, **params}
    return _post(desk, "cameras/import", params=given, content=text.encode())


def _as_csv(desk: Desk, **params: Any) -> httpx.Response:
    lines = "id,name,source,agency", "theirs,Của tôi,rtsp://10.6.6.6/live,csgt"
    return _import(desk, "\n".join(lines), "csv", **params)


def _as_csv_of_two_columns(desk: Desk, **params: Any) -> httpx.Response:
    """What the file has no column for would stay as it is, and be judged with it."""
    return _import(desk, "id,agency\ntheirs,csgt\n", "csv", **params)


def _as_toml(desk: Desk, **params: Any) -> httpx.Response:
    table = "".join(f'{key} = "{value}"\n' for key, value in (STOLEN | {"id": "theirs"}).items())
    return _import(desk, f"[[cameras]]\n{table}", "toml", **params)


def _rule_as_toml(desk: Desk, **params: Any) -> httpx.Response:
    text = '[[rules]]\nid = "r-theirs"\nkind = "fire"\ncameras = ["own"]\n'
    return _import(desk, text, "toml", **params)


def _patch(desk: Desk) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf, "If-Match": "5"}
    return desk.patch(f"{PATH}/cameras/theirs", json=STOLEN, headers=headers)


def _patch_rule(desk: Desk) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf, "If-Match": "7"}
    return desk.patch(f"{PATH}/rules/r-theirs", json={"cameras": ["own"]}, headers=headers)


def _remove(desk: Desk) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf, "If-Match": "5"}
    return desk.delete(f"{PATH}/cameras/theirs", headers=headers)


def _add(desk: Desk) -> httpx.Response:
    return _post(desk, "cameras", json=STOLEN | {"id": "theirs"})


def _follow(desk: Desk) -> httpx.Response:
    return _post(desk, "cameras/theirs/follow", json={"address": "10.6.6.6"})


def _undo(desk: Desk) -> httpx.Response:
    return _post(desk, "changes/4/undo")


@pytest.mark.parametrize(
    "attempt",
    [
        _bulk, _as_csv, _as_csv_of_two_columns, _as_toml, _rule_as_toml, _patch, _patch_rule,
        _remove, _add, _follow, _undo,
    ],
)  # fmt: skip
def test_another_agencys_camera_is_not_taken_over(
    standing_centre: Centre, stranger: Desk, attempt: Callable[[Desk], httpx.Response]
) -> None:
    before = _registered(standing_centre)
    answer = attempt(stranger)
    assert answer.status_code >= 400 or answer.json()["imported"] is False, answer.text
    assert _registered(standing_centre) == before
    assert "10.0.0.7" not in answer.text
    assert THEIRS["name"] not in answer.text


def test_a_bulk_change_of_a_foreign_camera_is_of_one_that_is_not_there(stranger: Desk) -> None:
    for names in (["theirs"], ["own", "theirs"], ["nothing"]):
        answer = _post(stranger, "cameras/bulk", json={"ids": names, "enabled": False})
        assert (answer.status_code, answer.json()["error"]) == (404, "entry_not_found")


@pytest.mark.parametrize("attempt", [_as_csv, _as_csv_of_two_columns, _as_toml, _rule_as_toml])
def test_a_dry_run_shows_nothing_of_a_foreign_entry(
    stranger: Desk, attempt: Callable[..., httpx.Response]
) -> None:
    told = attempt(stranger, dry_run=True).json()
    assert (told["changes"], told["imported"], len(told["problems"])) == ([], False, 1)
    assert told["problems"][0]["path"] == "id"
    assert "pc07" not in str(told)
    assert THEIRS["name"] not in str(told)


def test_a_refused_rule_does_not_tell_what_is_drawn_on_a_foreign_camera(stranger: Desk) -> None:
    rule = {"id": "mine", "kind": "intrusion", "cameras": ["theirs"]}
    answers = [_post(stranger, "rules", json=rule | {"zone": zone}) for zone in ("gate", "no")]
    assert [one.status_code for one in answers] == [422, 422]
    assert answers[0].json()["problems"] == answers[1].json()["problems"]


def test_names_of_agencies_and_areas_are_listed_as_far_as_the_scope_goes(
    standing_centre: Centre, stranger: Desk
) -> None:
    assert [one["id"] for one in stranger.get(f"{PATH}/agencies").json()["items"]] == ["csgt"]
    assert stranger.get(f"{PATH}/agencies").json()["total"] == 1
    assert stranger.get(f"{PATH}/agencies/pc07").status_code == 404
    assert stranger.get(f"{PATH}/agencies/pc07/history").json()["items"] == []
    refused = _post(stranger, "cameras", json=OWN | {"id": "x", "agency": "pc07"})
    unknown = _post(stranger, "cameras", json=OWN | {"id": "x", "agency": "nobody"})
    assert refused.json()["problems"] == unknown.json()["problems"]


@pytest.mark.parametrize(
    ("kind", "name", "document"),
    [
        ("cameras", "theirs", THEIRS | {"agency": "csgt"}),
        ("cameras", "theirs", None),
        ("cameras", "own", OWN | {"agency": "pc07"}),
        ("rules", "r-theirs", RULE | {"cameras": ["own"]}),
        ("rules", "new", RULE | {"id": "new", "cameras": "*"}),
        ("agencies", "new", {"id": "new", "name": "Mới"}),
        ("watch_areas", "new", {"id": "new", "cameras": ["own", "theirs"]}),
    ],
)
def test_the_writer_itself_judges_before_and_after(
    standing_centre: Centre, stranger: Desk, kind: str, name: str, document: dict[str, Any] | None
) -> None:
    """Whatever calls it, however it judged before."""
    assert stranger.csrf
    rows = RegistryRepository(standing_centre.archive.database)
    there = rows.entries(kind, [name]).get(name)
    write = EntryWrite(
        kind=kind, id=name, expected=there.revision if there else 0, document=document
    )
    with pytest.raises(EntryNotOwned):
        rows.write([write], Author(username="csgt", role="technician", at=NOW), CSGT)
