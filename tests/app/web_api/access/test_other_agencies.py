"""Every route of the running application, asked by each role with another agency's ids.

The routes are those of its OpenAPI document: one that is added is walked too, and one whose
parameters are not known fails (`known_routes`). Nothing of another agency is told or changed.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from uuid6 import uuid7

from tests.app.web_api.access.known_names import NOT_CALLED
from tests.app.web_api.access.known_routes import KnownRoutes, RouteCall, UnknownRoute
from tests.app.web_api.access.two_agencies import MARK, OWN_SCOPE, TwoAgencies, marked_site
from tests.app.web_api.centre import Centre, Desk, serving
from tests.app.web_api.endpoints import ENDPOINTS, GUARDED
from tests.made_archives import archive_at
from tests.source_trees import modules_of
from thapcanh.alerts.store.roles import Role
from thapcanh.app.centre.web.application import openapi
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.config.credentials import KEY_VARIABLE, new_key


@pytest.fixture(scope="module")
def agencies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoAgencies]:
    folder = tmp_path_factory.mktemp("agencies")
    archive = archive_at(folder / "archive.sqlite")
    centre = Centre(archive=archive, folder=folder)
    marked_site(centre)
    with pytest.MonkeyPatch.context() as patched, serving(centre) as served:
        patched.setenv(KEY_VARIABLE, new_key())
        yield TwoAgencies(centre, served.address)
    archive.close()


@pytest.fixture(scope="module")
def known(agencies: TwoAgencies) -> KnownRoutes:
    """What is known of the document that the running application gives out."""
    with Desk(agencies.address) as desk:
        document = desk.get(f"{PREFIX}/openapi.json").json()
    return KnownRoutes(document, PREFIX, agencies.ids)


@pytest.fixture(scope="module")
def desks(agencies: TwoAgencies) -> Iterator[dict[Role, Desk]]:
    """A desk a role, each limited to one's own agency."""
    made = {}
    for role in Role:
        agencies.centre.add_user(f"own-{role.value}", role, scope=OWN_SCOPE)
        made[role] = Desk(agencies.address).log_in(f"own-{role.value}")
    yield made
    for desk in made.values():
        desk.close()


LISTS = {f"{PREFIX}/registry/{{kind}}/{{entry_id}}/history"}  # empty as of what never was
WALKED = sorted(GUARDED)


def as_declared(path: str) -> str:
    """A path of the document as the router has it."""
    return path.replace("{path}", "{path:path}")


def _query(agencies: TwoAgencies, desk: Desk, call: RouteCall) -> httpx.Response:
    headers = {
        "X-CSRF-Token": desk.csrf,
        "Idempotency-Key": str(uuid7()),
        "If-Match": str(_version(agencies, desk, call)),
    }
    options: dict[str, Any] = {"params": call.query, "headers": headers}
    if call.raw is not None:
        options["content"] = call.raw.encode()
        headers["Content-Type"] = _types(call)
    elif call.body is not None:
        options["json"] = call.body
    return desk.request(call.method, call.path, **options)


def _types(call: RouteCall) -> str:
    if call.path.endswith("/whep"):
        return "application/sdp"
    return "application/cap+xml" if call.path.endswith("/cap") else "application/octet-stream"


def _version(agencies: TwoAgencies, desk: Desk, call: RouteCall) -> int:
    """The version of one's own record, so that a change is judged by its owner."""
    for kind in ("alerts", "incidents"):
        own = agencies.ids.own[f"{kind.removesuffix('s')}_id"]
        if call.path.startswith(f"{PREFIX}/{kind}/{own}/"):
            return int(desk.get(f"{PREFIX}/{kind}/{own}").json()["version"])
    entry = call.path.rpartition("/")[2]
    return agencies.revisions.get(entry, 1)


def _reported(agencies: TwoAgencies, call: RouteCall, answer: httpx.Response) -> list[str]:
    """What an answer tells of the other agency beyond what was asked with."""
    content = answer.content
    words = [MARK]
    if not call.is_foreign and call.body is None and call.raw is None and not call.query:
        ids = (one for one in agencies.ids.foreign.values() if isinstance(one, str))
        words += [one for one in ids if one.strip("0")]
    return [word for word in words if len(word) > 4 and word.encode() in content]


def test_every_route_is_known_and_the_document_has_them_all(known: KnownRoutes) -> None:
    routes = {(method, as_declared(path)) for method, path in known.routes()}
    api = {key for key in ENDPOINTS if key[1].startswith(PREFIX)}
    assert api - routes == set(), "not in the document, so not walked"
    not_called = {route for route in WALKED if not known.calls(*route)}
    assert not_called == {(method, f"{PREFIX}{path}") for method, path in NOT_CALLED}
    public = len(routes - GUARDED.keys())
    print(f"{len(routes)} routes known: {len(WALKED) - len(not_called)} asked, {public} public")  # noqa: T201


def test_a_route_that_is_not_known_fails(agencies: TwoAgencies) -> None:
    document = openapi()
    gadget = {"name": "gadget_id", "in": "path", "schema": {"type": "string"}}
    document["paths"][f"{PREFIX}/gadgets/{{gadget_id}}"] = {"get": {"parameters": [gadget]}}
    body = {"schema": {"type": "object", "properties": {"gadget": {"type": "string"}}}}
    document["paths"][f"{PREFIX}/gadgets"] = {
        "post": {"requestBody": {"content": {"application/json": body}}}
    }
    routes = KnownRoutes(document, PREFIX, agencies.ids)
    for route in (("GET", f"{PREFIX}/gadgets/{{gadget_id}}"), ("POST", f"{PREFIX}/gadgets")):
        with pytest.raises(UnknownRoute, match="gadget"):
            routes.calls(*route)


@pytest.mark.parametrize(("method", "path"), WALKED)
def test_nothing_of_another_agency_is_told_or_changed(
    agencies: TwoAgencies, known: KnownRoutes, desks: dict[Role, Desk], method: str, path: str
) -> None:
    before = agencies.foreign_rows()
    calls = known.calls(method, path)
    for role, desk in desks.items():
        may = role in GUARDED[method, path]
        for call in calls if may else calls[:1]:
            answer = _query(agencies, desk, call)
            shown = f"{role}: {call} -> {answer.status_code} {answer.text[:300]}"
            assert _reported(agencies, call, answer) == [], shown
            assert answer.status_code < 500, shown
            if not may:
                assert answer.status_code == 403, shown
            elif call.is_foreign and not (path in LISTS and answer.json()["items"] == []):
                assert answer.status_code == 404, shown
    assert agencies.foreign_rows() == before


def test_no_route_judges_by_itself_whose_a_camera_is() -> None:
    """Only `visible_camera` finds a camera that a person names; exceptions have a reason."""
    judges = {
        "alert_routes.py",  # who may take an alert over
        "ptz_neighbour_routes.py",  # cameras beside one that is seen
        "unit_routes.py",  # a unit as it would be; as it is, the archive judges
        "facility_routes.py",  # likewise a facility
        "device_routes.py",  # likewise a device, and those of the files
        "phone_routes.py",  # a camera that is not there yet
        "live_routes.py",  # asked again while a picture is sent
        "stream_routes.py",  # which changes a screen is told of
    }
    found = {
        path.name
        for path in modules_of("app")
        if path.name.endswith("_routes.py") and ".sees(" in path.read_text(encoding="utf-8")
    }
    assert found == judges
