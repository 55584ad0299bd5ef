"""The walk "A new delivery target" of CONTRIBUTING.md, walked: its file, dropped in, delivers."""

import json
import os
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.delivery.served import log_of, served, until
from tests.app.web_api.centre import Centre, Desk
from tests.walks import blocks, dropped_in
from thapcanh.alerts.delivery import targets as folder
from thapcanh.alerts.delivery.registry import target_registry
from thapcanh.alerts.registry.registry_tables import registry_change, registry_entry
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.registry.reader import ReaderSettings, RegistryReader
from thapcanh.app.registry.registry_access import entry_checks
from thapcanh.app.site.site_file import load_site
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig
from thapcanh.config.targets import TargetConfig

WALK = "A new delivery target"
SECRET = "bí-mật-chuông"


class Bell:
    """A bell on a local port, and the lines that rang it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        bell = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                bell.lines.append(self.rfile.readline().decode().strip())
                self.wfile.write(b"ok\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.url = f"bell://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def bell() -> Iterator[Bell]:
    made = Bell()
    yield made
    made.server.shutdown()
    made.server.server_close()


def _discard() -> None:
    target_registry.cache_clear()
    entry_checks.cache_clear()


@pytest.fixture(params=["in the folder", "in a package from outside"])
def dropped(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    is_package = request.param == "in a package from outside"
    with dropped_in(
        WALK, "bell", folder, tmp_path / "room", forget=_discard, as_package=is_package
    ):
        yield


def _site_of(path: Path, centre: Centre) -> tuple[TargetConfig, ...]:
    """The targets as the centre follows them: of the file and of the registry."""
    settings = ReaderSettings(config_path=path, takes_targets=True)
    database = centre.archive.database
    reader = RegistryReader(RegistryRepository(database), settings, os.environ)
    reader.start()
    return load_site(path, registry=reader.entries()).site_or_raise().targets


def test_without_its_file_the_kind_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text(blocks(WALK, "toml")[0].replace("${file:/etc/thapcanh/bell.secret}", SECRET))
    (problem,) = load_site(path, environ={}).problems
    assert "targets[0].kind: unknown kind of target, expected 'webhook', 'mqtt'" in str(problem)


@pytest.mark.usefixtures("dropped")
def test_it_is_configured_published_and_delivers(
    centre: Centre, desk_of: Callable[..., Desk], bell: Bell, tmp_path: Path
) -> None:
    path = tmp_path / "thapcanh.toml"
    written = blocks(WALK, "toml")[0].replace("${file:/etc/thapcanh/bell.secret}", SECRET)
    written = written.replace("bell://10.0.0.8:7000", bell.url)
    path.write_text(written, encoding="utf-8")
    assert [str(one) for one in load_site(path, environ={}).problems] == []
    kinds = desk_of("quan", Role.ADMIN).get("/api/v1/deliveries/kinds").json()["items"]
    shown = next(each for each in kinds if each["kind"] == "bell")
    rings = shown["settings"]["properties"]["rings"]
    assert (rings["default"], rings["minimum"], rings["maximum"]) == (3, 1, 9)
    assert shown["setting_names"]["rings"] == {"vi": "Số hồi chuông", "en": "Rings"}
    assert (shown["secrets"], shown["name"]["vi"]) == (["url", "secret"], "Chuông ở đội")
    with served(centre, *_site_of(path, centre)):
        centre.raise_alert()
        until(lambda: len(bell.lines) == 2)  # and its daily test
    (line,) = [one for one in bell.lines if "thu hang ngay" not in one]
    secret, delivery, count, words = line.split(" ", 3)
    assert (secret, count) == (SECRET, "5")
    assert delivery in {one.id for one in log_of(centre)}
    assert words.startswith("P2 Chay ")


@pytest.mark.usefixtures("dropped")
def test_an_admin_adds_one_in_the_registry_and_its_secret_is_shown_nowhere(
    centre: Centre, desk_of: Callable[..., Desk], bell: Bell, tmp_path: Path
) -> None:
    registry = RegistryConfig(source="database")
    centre.site.replace(centre.site().model_copy(update={"registry": registry}))
    path = tmp_path / "thapcanh.toml"
    path.write_text('[registry]\nsource = "database"\n', encoding="utf-8")
    table: dict[str, Any] = {"id": "b", "kind": "bell", "url": f"{bell.url}/way", "secret": SECRET}
    api = "/api/v1/registry/targets"
    of_an_agency = desk_of("tu", Role.ADMIN, DataFilter(agencies=frozenset({"csgt"})))
    assert desk_of("ky-thuat", Role.TECHNICIAN).post(api, json=table).status_code == 403
    assert of_an_agency.post(api, json=table).status_code == 422
    admin = desk_of("quan", Role.ADMIN)
    for wrong, said in (
        ({"rings": 12}, "rings"),
        ({"secret": "${env:HOME}"}, "write the secret itself"),
        ({"agencies": ["fbi"]}, "not registered"),
        ({"kind": "gong"}, "unknown kind of target"),
    ):
        refused = admin.post(api, json=table | wrong, headers={"Accept-Language": "en"})
        assert (refused.status_code, said in refused.text) == (422, True), refused.text
    made = admin.post(api, json=table)
    assert made.status_code == 201, made.text
    assert made.json()["entry"]["secret"] == "<secret>"
    row = admin.patch(
        f"{api}/b",
        json={"rings": 7, "secret": "<secret>"},
        headers={"If-Match": str(made.json()["revision"])},
    )
    assert row.status_code == 200, row.text
    (found,) = _site_of(path, centre)
    with served(centre, found):
        centre.raise_alert()
        until(lambda: any("Chay" in line for line in bell.lines))
        shown = [
            admin.get(one).text for one in (api, f"{api}/b/history", "/api/v1/deliveries/targets")
        ]
    assert all(line.startswith(f"{SECRET} ") and " 7 " in line for line in bell.lines)
    with centre.archive.database.reading() as connection:
        rows = [
            str(row) for each in (registry_entry, registry_change)
            for row in connection.execute(each.select())
        ]  # fmt: skip
    assert not any(SECRET in text or "/way" in text for text in (*shown, *rows, repr(found)))
    assert of_an_agency.get(api).json()["items"] == []
    assert json.loads(shown[0])["items"][0]["entry"]["url"] == "bell://<secret>"
    worker = RegistryReader(
        RegistryRepository(centre.archive.database), ReaderSettings(config_path=path), {}
    )
    worker.start()
    assert list(worker.entries().entries["targets"]) == []
