"""No screen is wider than a phone: each of `routes.ts`, and every one that a link leads to."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.web_api.centre import Desk
from tests.end_to_end.drill import Drill, drill_site, drilling, seat
from tests.end_to_end.narrow import too_wide, walked
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING, Role
from thapcanh.app.web.build_hook import WEB
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig

pytestmark = pytest.mark.end_to_end

SHELL = WEB / "src" / "shell"
EVERY_DUTY = (Role.LEADER, Role.OPERATOR, Role.TECHNICIAN, Role.ADMIN, Role.AUDITOR)
PLACE = {"lat": 21.024, "lon": 105.845, "text": "12 Hàng Bài, phường Hoàn Kiếm"}


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, screens: Path) -> Iterator[Drill]:
    site = drill_site().model_copy(update={"registry": RegistryConfig(source="database")})
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(KEY_VARIABLE, new_key())
        with drilling(tmp_path_factory.mktemp("drill"), screens, site) as running:
            _register(running)
            running.see(cam_1="online", cam_2="backoff", cam_3="online")
            running.centre.add_user("tat-ca", *EVERY_DUTY)
            for number in range(1, 4):
                running.raise_alert(f"cam-{number}")
            yield running


def _register(drill: Drill) -> None:
    site = drill.centre.site()
    made: list[tuple[str, str, dict[str, Any]]] = [
        *(("agencies", one.id, {"name": one.name}) for one in site.agencies),
        *(("areas", one.id, {"name": one.name}) for one in site.areas),
        *(
            ("cameras", one.id, {"name": one.name, "source": one.source.reveal(), "area": one.area})
            for one in site.cameras
        ),
    ]
    writes = [
        EntryWrite(kind=kind, id=name, expected=0, document={"id": name, **facts})
        for kind, name, facts in made
    ]
    author = Author(username="ky-thuat", role="technician", at=1.0)
    RegistryRepository(drill.centre.archive.database).write(writes, author, EVERYTHING)


def _made(desk: Desk, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"X-CSRF-Token": desk.csrf}
    answer = desk.post(f"/api/v1/{path}", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _paths() -> dict[str, str]:
    """Every screen of `routes.ts` and where it stands."""
    text = (SHELL / "routes.ts").read_text(encoding="utf-8")
    screens = re.search(r"SCREENS = \[(.*?)\]", text, re.DOTALL)
    assert screens is not None
    names = re.findall(r"'(\w+)'", screens[1])
    paths = dict(re.findall(r"^  (\w+): '(/\w*)',$", text, re.MULTILINE))
    assert sorted(names) == sorted(paths)
    return paths


def _outside() -> set[str]:
    text = (SHELL / "screens.ts").read_text(encoding="utf-8")
    found = re.search(r"OUTSIDE = \[(.*?)\]", text)
    assert found is not None
    return set(re.findall(r"\w+", found[1]))


def _with_more_below() -> set[str]:
    """The screens that show one thing in full at an address of its own."""
    text = (SHELL / "screens.ts").read_text(encoding="utf-8")
    loaders = re.findall(r"^  (\w+): \(\) => import\('([^']+)'\)", text, re.MULTILINE)
    return {
        name
        for name, file in loaders
        if "router.rest" in (SHELL / file).resolve().read_text(encoding="utf-8")
    }


def test_no_screen_is_wider_than_a_phone(browser: Browser, drill: Drill) -> None:
    """The registry of cameras was 540 px wide."""
    paths = _paths()
    now = datetime.now(UTC)
    with seat(browser, drill, 768) as officer, Desk(drill.address) as desk:
        desk.log_in("tat-ca")
        facility = _made(desk, "facilities", {"name": "Chợ Hôm", "kind": "chợ", "place": PLACE})
        area = _made(
            desk,
            "watch-areas",
            {
                "name": "Pháo hoa hồ Hoàn Kiếm", "purpose": "An toàn cháy nổ",
                "legal_basis": "Kế hoạch 12/KH-CAHN ngày 01/11/2026", "cameras": ["cam-1"],
                "rules": [{"kind": "crowd"}], "starts_at": now.isoformat(),
                "ends_at": (now + timedelta(hours=2)).isoformat(),
            },
        )  # fmt: skip
        _made(desk, "calls", {"kind": "fire", "caller": "0912345678", "place": PLACE})
        page = officer.log_in("tat-ca").take_shift().page
        # What is reached by a press of a button, not by a link.
        pressed = [
            "/cameras/cam-1", "/cameras?grid", "/cameras?removed", "/registry/cam-1", "/registry/+",
            "/areas/+", f"/areas/{area['id']}", "/facilities/new", "/facilities/import",
            f"/facilities/{facility['id']}", "/search?camera=cam-1",
        ]  # fmt: skip
        seen = walked(page, [*pressed, *(paths[one] for one in paths.keys() - _outside())])
        assert {form: wide for form, wide in seen.items() if wide} == {}
        for screen in _with_more_below():
            assert any(form.startswith(f"{paths[screen]}/") for form in seen), screen


def test_no_figure_of_the_report_lies_over_the_next_on_a_phone(
    browser: Browser, drill: Drill
) -> None:
    """Eight stood in one row, each cut by the one beside it."""
    with seat(browser, drill, 768) as officer:
        page = officer.log_in("tat-ca", "/report").page
        page.set_viewport_size({"width": 360, "height": 780})
        figures = page.locator(".figures-row > *")
        expect(figures).to_have_count(8)
        spilled = "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
        assert figures.evaluate_all(spilled) == 0


def test_nothing_beside_the_registry_is_wider_than_a_phone(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill, 768) as engineer:
        page = engineer.log_in("tat-ca", "/registry").page
        page.set_viewport_size({"width": 390, "height": 780})
        for name in ("Đơn vị, khu vực", "Nhập từ tệp", "Tìm camera"):
            page.get_by_role("button", name=name, exact=True).first.click()
            assert too_wide(page) == [], name
        _has_the_table_below(page)


def _has_the_table_below(page: Page) -> None:
    page.get_by_role("button", name="Tràng Tiền", exact=True).click()
    expect(page.get_by_role("heading", name="Tràng Tiền")).to_be_in_viewport()
    expect(page.get_by_role("region", name="Danh sách camera")).to_be_visible()


def test_no_sheet_is_wider_than_a_phone(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill, 768) as officer:
        page = officer.log_in("tat-ca").take_shift().page
        page.set_viewport_size({"width": 390, "height": 780})
        page.keyboard.press("Shift+Slash")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert too_wide(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        for name in (
            "Nhật ký xem hình",
            "Xác thực hai bước",
            "Đổi mật khẩu",
            "Diễn tập…",
            "Bàn giao ca…",
        ):
            page.get_by_role("button", name="Đồng chí tat-ca").click()
            page.get_by_role("button", name=name).click()
            expect(page.get_by_role("dialog")).to_be_visible()
            assert too_wide(page) == [], name
            page.keyboard.press("Escape")
        for key in ("r", "m"):
            page.keyboard.press(key)
            assert too_wide(page) == [], key
            page.keyboard.press("Escape")


def test_no_page_outside_the_login_is_wider_than_a_phone(browser: Browser, drill: Drill) -> None:
    paths = _paths()
    with seat(browser, drill, 768) as stranger:
        page = stranger.page
        for path in ("/", *(paths[one] for one in _outside())):
            page.goto(drill.address + path)
            expect(page.locator("#app > *").first).to_be_visible()
            assert too_wide(page) == [], path
