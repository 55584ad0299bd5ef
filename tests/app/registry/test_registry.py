"""The registry over HTTP: who may change what, what is refused, history, undo, and import."""

from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest
import sqlalchemy as sa

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.registry.registry_tables import registry_change, registry_entry
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig

PATH = "/api/v1/registry"
ZONE = {"id": "yard", "name": "Sân", "polygon": [[0, 0], [1, 0], [1, 1]]}


@pytest.fixture(scope="module")
def key() -> str:
    return new_key()


@pytest.fixture(scope="module")
def desks(standing_centre: Centre, standing_address: str) -> Iterator[dict[str, Desk]]:
    """A technician of everything, and one of an agency."""
    csgt = DataFilter(agencies=frozenset({"csgt"}))
    standing_centre.add_user("ky-thuat", Role.TECHNICIAN)
    standing_centre.add_user("csgt", Role.TECHNICIAN, scope=csgt)
    with Desk(standing_address) as all_of_it, Desk(standing_address) as own:
        yield {"all": all_of_it.log_in("ky-thuat"), "csgt": own.log_in("csgt")}


@pytest.fixture(autouse=True)
def empty(standing_centre: Centre, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty registry, which is the site's."""
    monkeypatch.setenv(KEY_VARIABLE, key)
    _keep_in(standing_centre, "database")
    with standing_centre.archive.database.writing() as connection:
        connection.execute(sa.delete(registry_entry))
        connection.execute(sa.delete(registry_change))


@pytest.fixture
def keeper(desks: dict[str, Desk]) -> Desk:
    desk = desks["all"]
    for kind, name in (("agencies", "csgt"), ("agencies", "pc07"), ("areas", "tay-ho")):
        assert _add(desk, kind, id=name, name=name.upper()).status_code == 201
    return desk


def _keep_in(centre: Centre, source: Literal["files", "database"]) -> None:
    registry = RegistryConfig(source=source)
    centre.site.replace(centre.site().model_copy(update={"registry": registry}))


def _add(desk: Desk, kind: str = "cameras", /, **table: Any) -> httpx.Response:
    if kind == "cameras":
        table = {"name": "Cổng chính", "source": "rtsp://10.0.0.7/live", **table}
    return desk.post(f"{PATH}/{kind}", json=table, headers={"X-CSRF-Token": desk.csrf})


def _change(desk: Desk, entry_id: str, revision: int, /, **patch: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf, "If-Match": f'"{revision}"'}
    return desk.patch(f"{PATH}/cameras/{entry_id}", json=patch, headers=headers)


def _post(desk: Desk, path: str, **options: Any) -> httpx.Response:
    return desk.post(f"{PATH}/{path}", headers={"X-CSRF-Token": desk.csrf}, **options)


def test_a_camera_is_added_found_changed_and_taken_away(keeper: Desk) -> None:
    made = _add(keeper, id="gate", agency="csgt", area="tay-ho").json()
    found = keeper.get(f"{PATH}/cameras", params={"text": "cong CHINH", "area": "tay-ho"}).json()
    assert (found["total"], found["items"], found["next"]) == (1, [made], None)
    assert keeper.get(f"{PATH}/cameras", params={"agency": "pc07"}).json()["total"] == 0
    changed = _change(keeper, "gate", made["revision"], zones=[ZONE], area=None).json()
    assert changed["entry"]["zones"] == [ZONE]
    assert "area" not in changed["entry"]
    headers = {"X-CSRF-Token": keeper.csrf, "If-Match": str(changed["revision"])}
    assert keeper.delete(f"{PATH}/cameras/gate", headers=headers).status_code == 200
    assert keeper.get(f"{PATH}/cameras/gate").status_code == 404


def test_pages_follow_each_other_by_their_cursor(keeper: Desk) -> None:
    for name in ("c", "a", "b"):
        _add(keeper, id=name)
    first = keeper.get(f"{PATH}/cameras", params={"limit": 2}).json()
    rest = keeper.get(f"{PATH}/cameras", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == ["a", "b", "c"]
    assert (first["total"], rest["total"], rest["next"]) == (3, None, None)


def test_a_login_is_kept_encrypted_and_never_said(standing_centre: Centre, keeper: Desk) -> None:
    made = _add(keeper, id="gate", source="rtsp://admin:hush@10.0.0.7/live").json()
    assert made["entry"]["source"] == "rtsp://<secret>@10.0.0.7/live"
    renamed = _change(keeper, "gate", made["revision"], **(made["entry"] | {"name": "Cổng"}))
    assert renamed.status_code == 200
    other = _change(
        keeper, "gate", renamed.json()["revision"], source="rtsp://<secret>@10.9.9.9/live"
    )
    assert other.status_code == 422
    assert "hãy viết lại tên đăng nhập" in other.json()["detail"]
    history = keeper.get(f"{PATH}/cameras/gate/history").text
    files = ("archive.sqlite", "archive.sqlite-wal")
    stored = b"".join((standing_centre.folder / name).read_bytes() for name in files)
    assert "hush" not in history
    assert b"hush" not in stored


def test_every_error_of_an_entry_is_told(keeper: Desk) -> None:
    answer = _add(keeper, id="gate", lat=200, agency="nobody", zones=[{"id": "z"}])
    assert answer.status_code == 422
    found = {one["path"] for one in answer.json()["problems"]}
    assert found == {"lat", "agency", "zones.z.name", "zones.z.polygon"}


@pytest.mark.parametrize(
    "source",
    [
        "rtsp://127.0.0.1/x", "rtsp://169.254.169.254/x", "rtsp://[::ffff:127.0.0.1]/x",
        "rtsp://localhost/x", "/etc/passwd", "file:///etc/passwd", "rtsp://${env:HOME}@10.0.0.1/",
        "rtsp://${file:/etc/passwd}@10.0.0.1/x",
    ],
)  # fmt: skip
def test_an_address_that_a_worker_must_not_open_is_refused(keeper: Desk, source: str) -> None:
    assert _add(keeper, id="gate", source=source).status_code == 422


def test_who_changed_it_first_wins(keeper: Desk) -> None:
    revision = _add(keeper, id="gate").json()["revision"]
    assert _change(keeper, "gate", revision, name="Một").status_code == 200
    late = _change(keeper, "gate", revision, name="Hai")
    assert (late.status_code, late.json()["error"]) == (409, "entry_changed")
    without = keeper.patch(
        f"{PATH}/cameras/gate", json={"name": "Ba"}, headers={"X-CSRF-Token": keeper.csrf}
    )
    assert without.status_code == 428


def test_an_agencys_technician_keeps_its_own_cameras_only(
    keeper: Desk, desks: dict[str, Desk]
) -> None:
    own = _add(keeper, id="own", agency="csgt").json()
    _add(keeper, id="other", agency="pc07")
    csgt = desks["csgt"]
    assert [one["id"] for one in csgt.get(f"{PATH}/cameras").json()["items"]] == ["own"]
    assert csgt.get(f"{PATH}/cameras/other").status_code == 404
    assert _change(csgt, "other", 5, name="x").status_code == 404
    assert _change(csgt, "own", own["revision"], agency="pc07").status_code == 422
    assert _change(csgt, "own", own["revision"], name="x").status_code == 200
    assert _add(csgt, id="third", agency="pc07").status_code == 422
    assert _add(csgt, "rules", id="all", kind="fire", cameras="*").status_code == 422
    assert _post(csgt, "cameras/bulk", json={"ids": ["other"], "enabled": False}).status_code == 404


def test_a_rule_names_what_there_is_and_keeps_it_there(keeper: Desk) -> None:
    made = _add(keeper, id="gate", zones=[ZONE]).json()
    rule = {"id": "r", "kind": "fire", "cameras": ["gate"], "zone": "yard"}
    wrong = _add(keeper, "rules", **rule | {"zone": "roof"})
    assert "'roof'" in wrong.json()["detail"]
    assert _add(keeper, "rules", **rule).status_code == 201
    gone = _change(keeper, "gate", made["revision"], zones=[])
    assert "luật 'r' đang dùng vùng 'yard'" in gone.json()["detail"]


def test_an_agencys_technician_lists_the_rules_of_its_cameras(
    keeper: Desk, desks: dict[str, Desk]
) -> None:
    csgt = desks["csgt"]
    for name, agency in (("own", "csgt"), ("other", "pc07")):
        assert _add(keeper, id=name, agency=agency).status_code == 201
    rules = {"own": ["own"], "other": ["other"], "both": ["own", "other"], "all": "*"}
    for name, cameras in rules.items():
        made = _add(keeper, "rules", id=f"r-{name}", kind="fire", cameras=cameras)
        assert made.status_code == 201
    listed = csgt.get(f"{PATH}/rules").json()["items"]
    assert {one["id"]: one["entry"]["cameras"] for one in listed} == {
        "r-all": "*", "r-both": ["own"], "r-own": ["own"],
    }  # fmt: skip
    assert csgt.get(f"{PATH}/rules/r-other").status_code == 404
    assert csgt.get(f"{PATH}/rules/r-both").json()["entry"]["cameras"] == ["own"]
    of_camera = keeper.get(f"{PATH}/rules", params={"camera": "other"}).json()
    assert [one["id"] for one in of_camera["items"]] == ["r-all", "r-both", "r-other"]
    assert of_camera["total"] == 3


def test_many_are_changed_at_once_and_each_change_can_be_undone(keeper: Desk) -> None:
    for name in ("a", "b"):
        _add(keeper, id=name, agency="csgt")
    wanted = {"ids": ["a", "b"], "agency": "pc07", "enabled": False}
    assert _post(keeper, "cameras/bulk", json=wanted).json() == {"changed": 2}
    newest, first = keeper.get(f"{PATH}/cameras/a/history").json()["items"]
    assert (newest["by"]["username"], newest["can_undo"], first["can_undo"]) == (
        "ky-thuat", True, False,
    )  # fmt: skip
    assert (first["before"], newest["before"]["agency"]) == (None, "csgt")
    assert newest["after"]["agency"] == "pc07"
    assert _post(keeper, f"changes/{first['revision']}/undo").status_code == 409
    back = _post(keeper, f"changes/{newest['revision']}/undo").json()
    assert back["entry"] == newest["before"]
    assert keeper.get(f"{PATH}/cameras/a").json() == back


def test_another_agencys_changes_are_neither_undone_nor_named(
    keeper: Desk, desks: dict[str, Desk]
) -> None:
    first = _add(keeper, id="hidden", agency="pc07").json()["revision"]
    newest = _change(keeper, "hidden", first, name="x").json()["revision"]
    for revision in (first, newest, newest + 1000):
        refused = _post(desks["csgt"], f"changes/{revision}/undo")
        assert refused.status_code == 404
        assert "hidden" not in refused.text


def test_a_removed_camera_comes_back_with_its_login(keeper: Desk) -> None:
    made = _add(keeper, id="gate", source="rtsp://admin:hush@10.0.0.7/live").json()
    headers = {"X-CSRF-Token": keeper.csrf, "If-Match": str(made["revision"])}
    revision = keeper.delete(f"{PATH}/cameras/gate", headers=headers).json()["revision"]
    assert _post(keeper, f"changes/{revision}/undo").status_code == 200
    again = keeper.get(f"{PATH}/cameras/gate").json()
    assert _change(keeper, "gate", again["revision"], source=again["entry"]["source"]).is_success


def test_an_import_is_told_before_it_is_done(keeper: Desk) -> None:
    _add(keeper, id="gate", name="Cổng", zones=[ZONE])
    text = "id,name,source\ngate,Cổng mới,rtsp://10.0.0.7/live\nyard,Sân,rtsp://10.0.0.8/live\n"
    options: dict[str, Any] = {"params": {"format": "csv", "dry_run": True}, "content": text}
    plan = _post(keeper, "cameras/import", **options).json()
    assert (plan["created"], plan["changed"], plan["imported"]) == (1, 1, False)
    assert plan["changes"][0]["after"] == {"name": "Cổng mới"}
    assert keeper.get(f"{PATH}/cameras").json()["total"] == 1
    options["params"]["dry_run"] = False
    assert _post(keeper, "cameras/import", **options).json()["imported"] is True
    assert keeper.get(f"{PATH}/cameras/gate").json()["entry"]["zones"] == [ZONE]


def test_a_wrong_line_imports_nothing_and_every_error_is_told(keeper: Desk) -> None:
    text = (
        "id,name,source,lat,agency\n"
        "a,A,rtsp://10.0.0.1/x,,\n"
        "b,,rtsp://10.0.0.2/x,abc,\n"
        'c,"C\nhai dòng",rtsp://10.0.0.3/x,,nobody\n'
        "a,A,rtsp://10.0.0.1/x,,\n"
    )
    answer = _post(keeper, "cameras/import", params={"format": "csv"}, content=text).json()
    assert [(one["line"], one["path"]) for one in answer["problems"]] == [
        (3, "lat"), (3, "name"), (4, "agency"), (6, "id"),
    ]  # fmt: skip
    assert answer["imported"] is False
    assert keeper.get(f"{PATH}/cameras").json()["total"] == 0


@pytest.mark.parametrize("form", ["csv", "xlsx", "toml"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\x00", b"PK\x03\x04junk", b"a" * 300_000])
def test_nonsense_is_no_file(keeper: Desk, form: str, content: bytes) -> None:
    answer = _post(keeper, "cameras/import", params={"format": form}, content=content)
    assert (answer.status_code, answer.json()["error"]) == (422, "import_unreadable")


def test_a_site_of_files_is_not_changed_here(standing_centre: Centre, keeper: Desk) -> None:
    _keep_in(standing_centre, "files")
    answer = _add(keeper, id="gate")
    assert (answer.status_code, answer.json()["error"]) == (409, "registry_in_files")


def test_what_cameras_are_of_does_not_go_away(keeper: Desk) -> None:
    assert _add(keeper, "areas", id="ho-tay", name="Hồ Tây", parent="tay-ho").status_code == 201
    _add(keeper, id="gate", agency="csgt", area="ho-tay")
    for path, named in (
        ("agencies/csgt", "còn 1 camera và 0 khu vực con"),
        ("areas/ho-tay", "còn 1 camera và 0 khu vực con"),
        ("areas/tay-ho", "còn 0 camera và 1 khu vực con"),
    ):
        there = keeper.get(f"{PATH}/{path}").json()
        headers = {"X-CSRF-Token": keeper.csrf, "If-Match": str(there["revision"])}
        refused = keeper.delete(f"{PATH}/{path}", headers=headers)
        assert (refused.status_code, named in refused.text) == (409, True), refused.text
        assert _post(keeper, f"changes/{there['revision']}/undo").status_code == 409  # its creation
    there = keeper.get(f"{PATH}/agencies/pc07").json()
    headers = {"X-CSRF-Token": keeper.csrf, "If-Match": str(there["revision"])}
    assert keeper.delete(f"{PATH}/agencies/pc07", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("parent", "named"),
    [("ho-tay", "nằm trong chính khu vực này"), ("sao-hoa", "chưa có trong danh sách")],
)
def test_an_area_lies_in_one_that_is_there_and_never_in_itself(
    keeper: Desk, parent: str, named: str
) -> None:
    _add(keeper, "areas", id="ho-tay", name="Hồ Tây", parent="tay-ho")
    there = keeper.get(f"{PATH}/areas/tay-ho").json()
    headers = {"X-CSRF-Token": keeper.csrf, "If-Match": str(there["revision"])}
    refused = keeper.patch(f"{PATH}/areas/tay-ho", json={"parent": parent}, headers=headers)
    assert refused.status_code == 422
    assert named in refused.text
