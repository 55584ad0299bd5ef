"""One file of an account at a time, a few of the site; every file is read by the one reader."""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.app.web_api.centre import Centre, Desk, serving
from tests.patience import PATIENCE_S
from tests.source_trees import ROOT, modules_of
from thapcanh.alerts.store.roles import Role
from thapcanh.app.imports.file_reader import FileReader, ImportPlaces
from thapcanh.app.process.admission import DoorBudget
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.middleware.fair_places import RequestOwner
from thapcanh.config.site import RegistryConfig

API = "/api/v1"
ROUTES = {
    "/registry/cameras/import?format=csv&dry_run=true": {"content": b"id,name\n"},
    "/facilities/import?format=csv&dry_run=true": {"content": b"id,name,kind\n"},
    "/roster/import?format=csv&dry_run=true": {"content": b"date,username\n"},
    "/units/import": {"json": {"csv": "id,name,kind\n"}},
}


class HeldReader:
    """Reads nothing until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.begun = threading.Semaphore(0)

    def read(self, *_: object) -> list[object]:
        self.begun.release()
        assert self.let_go.wait(PATIENCE_S)
        return []


def test_places_are_given_back() -> None:
    places = ImportPlaces(DoorBudget(places=2, shares=(2, 1)))
    an, binh, chi = (RequestOwner(account=name, agency=name) for name in ("an", "binh", "chi"))
    with places.taken(an), places.taken(binh):
        for owner, error in ((an, "import_in_hand"), (chi, "imports_in_hand")):
            with pytest.raises(ApiError) as refused, places.taken(owner):
                pass
            assert refused.value.error == error
    with places.taken(an), places.taken(chi):
        pass


def test_one_agency_leaves_others_a_place_for_their_file() -> None:
    places = ImportPlaces()
    mine = [RequestOwner(account=name, agency="of pc07") for name in ("an", "binh", "chi")]
    with places.taken(mine[0]), places.taken(mine[1]):
        with pytest.raises(ApiError, match="imports_in_hand"), places.taken(mine[2]):
            pass
        with places.taken(RequestOwner(account="dung", agency="of csgt")):
            pass


@contextmanager
def _held(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[HeldReader, str]]:
    reader = HeldReader()
    site = centre.site()
    centre.site.replace(site.model_copy(update={"registry": RegistryConfig(source="database")}))
    for name in ("rows", "lines"):
        monkeypatch.setattr(FileReader, name, reader.read)
    with serving(centre) as served:
        try:
            yield reader, served.address
        finally:
            reader.let_go.set()


def _send(desk: Desk, route: str) -> httpx.Response:
    given = ROUTES[route]
    return desk.post(f"{API}{route}", headers={"X-CSRF-Token": desk.csrf}, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("route", ROUTES)
def test_a_second_file_waits_and_is_told_so_in_the_readers_language(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    for name in ("an", "binh", "chi", "dung"):
        centre.add_user(name, Role.TECHNICIAN, Role.LEADER)
    with _held(centre, monkeypatch) as (reader, address), ThreadPoolExecutor(3) as senders:
        desks = [Desk(address).log_in(name) for name in ("an", "binh", "chi", "dung")]
        first = [senders.submit(_send, desk, route) for desk in desks[:3]]
        for _ in first:
            assert reader.begun.acquire(timeout=PATIENCE_S)
        own, other = _send(desks[0], route), _send(desks[3], route)
        assert (own.status_code, own.json()["error"]) == (429, "import_in_hand")
        assert own.json()["detail"].startswith("Tệp trước của đồng chí")
        assert (other.status_code, other.headers["Retry-After"]) == (503, "5")
        assert desks[3].get(f"{API}/alerts").status_code == 200
        reader.let_go.set()
        assert all(one.result().status_code < 500 for one in first)
        for desk in desks:
            desk.close()


def test_every_route_that_imports_is_known_here(centre: Centre) -> None:
    """A new route that takes a file is added to `ROUTES`, and so is held to the same places."""
    paths = [path for path in centre.app().openapi()["paths"] if path.endswith("/import")]
    assert {f"{API}{route}".partition("?")[0] for route in ROUTES} == set(paths)


def test_nothing_in_the_centre_reads_a_workbook_or_an_archive_that_was_sent() -> None:
    """Only the child process does: it may be slow, large and killed."""
    readers: Callable[[str], bool] = lambda text: (  # noqa: E731
        "import_files import" in text and ("read_rows" in text or "read_lines" in text)
    )
    found = {
        str(path.relative_to(ROOT))
        for path in modules_of("app")
        if readers(path.read_text(encoding="utf-8"))
    }
    assert found == {"app/imports/child.py", "app/registry/command.py"}


def test_a_list_is_given_up_when_its_sender_hangs_up(centre: Centre) -> None:
    """It was read to its end, up to a minute of a core, for nobody."""
    centre.add_user("an", Role.TECHNICIAN)
    site = centre.site()
    centre.site.replace(site.model_copy(update={"registry": RegistryConfig(source="database")}))
    with serving(centre) as served, Desk(served.address) as desk:
        here = served.app.state.here
        reader, in_hand = here.part(FileReader), here.part(ImportPlaces)._in_hand
        reader._command = (sys.executable, "-c", "import time; time.sleep(600)")
        cookie = desk.log_in("an").cookies["thapcanh_session"]
        host, port = served.address.removeprefix("http://").split(":")
        head = (
            f"POST {API}/registry/cameras/import?format=csv HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: thapcanh_session={cookie}\r\nContent-Length: 4\r\n\r\nid\n1"
        )
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as line:
            line.sendall(head.encode())
            _until(lambda: len(in_hand) == 1)
        _until(lambda: len(in_hand) == 0)


def _until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
