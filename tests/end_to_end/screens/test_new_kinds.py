"""A rule and a delivery target of one file each: seen in the browser's forms, tuned, at work.

The files are those of CONTRIBUTING.md, dropped into a centre that is served to Chromium.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.delivery.served import served, until
from tests.app.test_new_target import SECRET, Bell
from tests.detection.rule_film import RuleFilm, car, told
from tests.end_to_end.drill import Drill, drill_site, drilling, seat, violations
from tests.walks import dropped_in
from thapcanh.alerts.delivery import targets as target_folder
from thapcanh.alerts.delivery.registry import target_registry
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING, Role
from thapcanh.app.registry.reader import ReaderSettings, RegistryReader
from thapcanh.app.registry.registry_access import entry_checks
from thapcanh.app.site.site_file import load_site
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig, Site
from thapcanh.detection import rules as rule_folder
from thapcanh.detection.rules.registry import registry as rule_registry

pytestmark = pytest.mark.end_to_end

YARD = {"id": "yard", "name": "Sân", "polygon": [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]}


def _forget() -> None:
    for one in (rule_registry, target_registry, entry_checks):
        one.cache_clear()


@pytest.fixture
def drill(tmp_path: Path, screens: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drill]:
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    site = drill_site().model_copy(update={"registry": RegistryConfig(source="database")})
    with ExitStack() as stack:
        for walk, name, folder in (
            ("A new rule", "blocked_exit", rule_folder),
            ("A new delivery target", "bell", target_folder),
        ):
            stack.enter_context(dropped_in(walk, name, folder, tmp_path / name, forget=_forget))
        running = stack.enter_context(drilling(tmp_path, screens, site))
        running.centre.add_user("quan", Role.ADMIN)
        camera = site.cameras[0]
        document = {"id": camera.id, "name": camera.name, "source": "rtsp://h/1", "zones": [YARD]}
        write = EntryWrite(kind="cameras", id=camera.id, expected=0, document=document)
        author = Author(username="ky-thuat", role="technician", at=1.0)
        RegistryRepository(running.centre.archive.database).write([write], author, EVERYTHING)
        yield running


def _in_force(drill: Drill, folder: Path) -> Site:
    """The site as a centre follows it: of its files and of the registry."""
    path = folder / "thapcanh.toml"
    path.write_text('[registry]\nsource = "database"\n', encoding="utf-8")
    rows = RegistryRepository(drill.centre.archive.database)
    settings = ReaderSettings(config_path=path, takes_targets=True)
    reader = RegistryReader(rows, settings, os.environ)
    reader.start()
    return load_site(path, registry=reader.entries()).site_or_raise()


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for pictures."""
    if folder := os.environ.get("THAPCANH_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_rule_of_one_file_is_tuned_in_the_browser_and_fires(
    browser: Browser, drill: Drill, tmp_path: Path
) -> None:
    with seat(browser, drill) as technician, seat(browser, drill) as officer:
        page = technician.log_in("ky-thuat", "/registry/cam-1").page
        page.get_by_role("button", name="Luật", exact=True).click()
        page.get_by_role("combobox", name="Báo khi").select_option(label="Chắn lối thoát nạn")
        page.get_by_role("combobox", name="Vùng", exact=True).select_option("yard")
        looks = page.get_by_label("Số lượt liên tiếp")
        expect(looks).to_have_value("3")
        assert (looks.get_attribute("min"), looks.get_attribute("max")) == ("1", "50")
        looks.fill("5")
        page.get_by_label("Mức ưu tiên").select_option("1")
        page.get_by_role("button", name="Thêm luật").click()
        expect(page.get_by_text("Chắn lối thoát nạn Sân")).to_be_visible()
        _look(page, "new-rule")
        site = _in_force(drill, tmp_path)
        (rule,) = [one for one in site.rules if one.kind == "blocked_exit"]
        film = RuleFilm(rule, camera=site.cameras[0])
        assert told(film.looks(2.0, car())) == []  # four looks; three were enough before
        (raised,) = told(film.looks(1.0, car()))
        assert (raised.kind, raised.priority, raised.reason) == (
            "blocked_exit", 1, "blocked in 5 looks",
        )  # fmt: skip
        facts = {"rule_id": rule.id, "label": "car", "reason": raised.reason}
        drill.raise_alert("cam-1", raised.kind, priority=raised.priority, **facts)
        desk = officer.log_in("an").take_shift().page
        expect(desk.get_by_text("Chắn lối thoát nạn").first).to_be_visible()


def test_a_target_of_one_file_is_declared_in_the_browser_and_delivers(
    browser: Browser, drill: Drill, tmp_path: Path
) -> None:
    bell = Bell()
    try:
        with seat(browser, drill) as admin:
            page = admin.log_in("quan", "/settings/deliveries").page
            page.get_by_role("combobox", name="Loại nơi nhận").select_option(label="Chuông ở đội")
            page.get_by_label("Mã (chữ không dấu").fill("doi-1")
            page.get_by_label("Tên nơi nhận").fill("Đội 1")
            page.get_by_label("Địa chỉ").fill(bell.url)
            page.get_by_label("Mã bí mật").fill(SECRET)
            page.get_by_label("Số hồi chuông").fill("5")
            page.get_by_role("checkbox", name="3", exact=True).uncheck()
            assert violations(page) == []
            _look(page, "new-target")
            page.get_by_role("button", name="Thêm nơi nhận").click()
            expect(page.get_by_text("Đội 1")).to_be_visible()
            page.get_by_role("button", name="Sửa nơi nhận doi-1").click()
            expect(page.get_by_label("Mã bí mật")).to_have_value("<secret>")
            page.get_by_label("Số hồi chuông").fill("7")
            page.get_by_role("button", name="Lưu thay đổi").click()
            expect(page.get_by_text("Đã lưu thay đổi.")).to_be_visible()
            (target,) = _in_force(drill, tmp_path).targets
            assert target.priorities == (1, 2)
            with served(drill.centre, target):
                drill.raise_alert("cam-1")
                until(lambda: any("P1 Chay" in line for line in bell.lines))
                expect(page.get_by_text("Đang nhận tốt")).to_be_visible()
            assert all(line.startswith(f"{SECRET} ") and " 7 " in line for line in bell.lines)
            _look(page, "target-told")
    finally:
        bell.server.shutdown()
        bell.server.server_close()
