"""A record of an agency or an area that is not listed is refused, by every route and import.

It was stored, and nobody whose list is narrowed to agencies or areas ever saw it again. Routes are
found in the API document: one that takes an agency or an area and has no request here fails.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.app.web_api.centre import Centre, Desk, made_site
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig

Body = Mapping[str, Any] | str
OWNER = frozenset({"agency", "area", "agencies", "areas"})
UNLISTED = "khongco"
CAMERA = {"id": "cam-9", "name": "Cổng", "source": "rtsp://10.0.0.9/x"}
ACCOUNT = {"name": "Đồng chí Hoa", "roles": ["operator"], "agencies": None, "areas": None}
FORM: Mapping[str, Mapping[str, Any]] = {
    "post /accounts": {"username": "hoa-moi", **ACCOUNT},
    "put /accounts/{username}": {"version": "x", **ACCOUNT},
    "post /devices": {"id": "tu-1", "name": "Tủ báo cháy"},
    "post /facilities": {"name": "Chợ", "kind": "market"},
    "patch /facilities/{facility_id}": {},
    "post /links/invitations": {},
    "post /phone-links": {"name": "Tổ 3", "minutes": 5},
    "post /registry/cameras/bulk": {"ids": ["cam-9"]},
    "post /registry/{kind}": CAMERA,
    "patch /registry/{kind}/{entry_id}": {},
    "post /units": {"id": "xe-1", "name": "Xe 1", "kind": "fire_engine"},
    "put /units/{unit_id}": {"name": "Xe 1", "kind": "fire_engine"},
}
FILES: Mapping[str, str] = {
    "post /facilities/import?format=csv": "Tên,Loại,{vietnamese}\nChợ,market,{unlisted}\n",
    "post /registry/cameras/import?format=csv": "id,name,source,{owner}\ncam-8,x,rtsp://10.0.0.9/y,{unlisted}\n",
    "post /units/import": "id,name,kind,{owner}\nxe-2,Xe 2,fire_engine,{unlisted}\n",
}
WITHOUT_OWNER = frozenset({"post /roster/import"})  # days and people alone
TRIED_ELSEWHERE = frozenset({"put /links/{link_id}/sharing"})  # tests/app/links
UNTYPED = frozenset({"post /registry/{kind}", "patch /registry/{kind}/{entry_id}"})


def takers(document: Mapping[str, Any]) -> Iterator[str]:
    """Every operation that takes an agency or area, or a file, as `method path`."""
    schemas = document["components"]["schemas"]

    def names(schema: Mapping[str, Any], within: frozenset[str] = frozenset()) -> Iterator[str]:
        reference = schema.get("$ref", "").rpartition("/")[2]
        if reference and reference not in within:
            yield from names(schemas[reference], within | {reference})
        parts = (*schema.get("anyOf", ()), *schema.get("allOf", ()), schema.get("items"))
        for part in filter(None, parts):
            yield from names(part, within)
        for name, part in schema.get("properties", {}).items():
            yield name
            yield from names(part, within)

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "delete"):
                continue
            content = operation.get("requestBody", {}).get("content", {}).values()
            taken = {name for one in content for name in names(one["schema"])}
            if taken & OWNER or path.endswith("/import"):
                yield f"{method} {path.removeprefix(PREFIX)}"


def test_every_route_that_takes_an_owner_is_tried(standing_centre: Centre) -> None:
    found = set(takers(standing_centre.app().openapi()))
    tried = {key.partition("?")[0] for key in (*FORM, *FILES)}
    assert found == (tried - UNTYPED) | WITHOUT_OWNER | TRIED_ELSEWHERE
    assert len(found) > 10


@pytest.fixture
def keeper(centre: Centre, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Who may do all of it, where a unit, a facility, a camera and an account are."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    site = made_site().model_copy(update={"registry": RegistryConfig(source="database")})
    facts = centre.site().site
    centre.site.replace(site.model_copy(update={"site": facts, "cameras": ()}))
    centre.add_user("hoa", Role.OPERATOR)
    centre.add_user("quan", Role.ADMIN, Role.TECHNICIAN, Role.LEADER, Role.OPERATOR)
    desk = Desk(address).log_in("quan")
    for key in ("post /units", "post /facilities", "post /registry/{kind}"):
        made = asked(desk, key, {})
        assert made.is_success, (key, made.text)
        if key == "post /facilities":
            desk.facility = made.json()["id"]  # type: ignore[attr-defined]
    yield desk
    desk.close()


def asked(desk: Desk, key: str, owner: Mapping[str, Any]) -> Any:
    method, _, path = key.partition(" ")
    ids = {
        "username": "hoa", "unit_id": "xe-1", "kind": "cameras", "entry_id": "cam-9",
        "facility_id": getattr(desk, "facility", ""),
    }  # fmt: skip
    body = {**FORM[key], **owner}
    if key == "post /registry/{kind}" and owner:
        body["id"] = "cam-7"
    if key == "put /accounts/{username}":
        accounts = desk.get(f"{PREFIX}/accounts").json()["items"]
        body["version"] = next(one["version"] for one in accounts if one["username"] == "hoa")
    headers = {"X-CSRF-Token": desk.csrf, "If-Match": "1"}
    if "{entry_id}" in path:
        entry = desk.get(f"{PREFIX}/registry/cameras/cam-9").json()
        headers["If-Match"] = str(entry["revision"])
    return desk.request(method, PREFIX + path.format(**ids), json=body, headers=headers)


@pytest.mark.parametrize("what", ["agency", "area"])
@pytest.mark.parametrize("key", sorted(FORM))
def test_a_record_of_an_unlisted_owner_is_refused(keeper: Desk, key: str, what: str) -> None:
    plural = {"agency": "agencies", "area": "areas"}[what]
    owner = {plural: [UNLISTED]} if "accounts" in key else {what: UNLISTED}
    refused = asked(keeper, key, owner)
    assert refused.status_code == 422, refused.text
    assert UNLISTED in refused.text, "the refusal names it"


@pytest.mark.parametrize("what", ["agency", "area"])
@pytest.mark.parametrize("key", sorted(FILES))
def test_a_file_with_an_unlisted_owner_changes_nothing(keeper: Desk, key: str, what: str) -> None:
    words = {"agency": "Đơn vị", "area": "Địa bàn"}[what]
    text = FILES[key].format(owner=what, vietnamese=words, unlisted=UNLISTED)
    is_form = key.endswith("units/import")
    sent = json.dumps({"csv": text}) if is_form else text
    kind = "application/json" if is_form else "text/csv"
    headers = {"X-CSRF-Token": keeper.csrf, "Content-Type": kind}
    answer = keeper.post(PREFIX + key.partition(" ")[2], content=sent.encode(), headers=headers)
    told = answer.json()
    assert told.get("imported", False) is False, told
    assert UNLISTED in json.dumps(told.get("problems"), ensure_ascii=False), told
    for listed in ("units", "facilities"):
        items = keeper.get(f"{PREFIX}/{listed}").json()["items"]
        assert UNLISTED not in json.dumps(items)
