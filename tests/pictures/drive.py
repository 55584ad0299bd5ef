"""Makes every picture of the documents again: `python -m tests.pictures.drive [NAME…]`.

A site of simulated cameras is served, Chromium plays an officer, a leader, a technician and a wall,
and each picture is written to `docs/pictures` as a PNG of at most 256 colours.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.end_to_end.chromium import FAKE_LENS, SOFTWARE_GL, launched
from tests.end_to_end.drill import build_screens, drilling
from tests.end_to_end.live_page import WITHIN_MS
from tests.pictures import city, incidents
from tests.pictures.shooting import INTO, Shooter, seated
from tests.pictures.stage import CAMERAS, Stage, draw_clips, pictured_site
from tests.running_simulator import running_simulator


def main(wanted: list[str]) -> None:
    """Draw the clips, serve the site, and make the pictures one after another."""
    expect.set_options(timeout=WITHIN_MS)
    shooter = Shooter(wanted)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clips = draw_clips(folder)
        files = [f"cam-{number + 1}={clips[clip]}" for number, (_, clip) in enumerate(CAMERAS)]
        simulator = stack.enter_context(running_simulator(files))
        screens = build_screens(folder / "screens")
        site = pictured_site(simulator.url, incidents.write_places(folder))
        drill = stack.enter_context(drilling(folder, screens, site))
        stage = Stage(drill, clips)
        stage.prepare()
        incidents.prepare(stage)
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(launched(playwright, *SOFTWARE_GL, *FAKE_LENS))
        scenes = (_desk, _leader, _cameras, _phone, _looking_back)
        for scene in (*scenes, incidents.incident, incidents.leader, _cut):
            scene(browser, stage, shooter)
        city.city(browser, folder / "city", screens, shooter)
    for name in shooter.made:
        print(f"{name}.png {(INTO / f'{name}.png').stat().st_size:,} bytes")  # noqa: T201


def _choose(page: Page, alert: str) -> None:
    page.locator(f"[data-alert='{alert}']").click()
    expect(page.locator(f"[data-alert='{alert}'][aria-selected=true]")).to_be_visible()


def _desk(browser: Browser, stage: Stage, shooter: Shooter) -> None:
    """An operator takes the shift, answers, proposes a false alarm, lays one aside."""
    seat = seated(browser, stage.drill)
    page = seat.page
    page.goto(stage.drill.address)
    expect(page.locator("input[type=password]")).to_be_visible()
    shooter.shoot("dang-nhap", page)
    seat.log_in("an").take_shift()
    newest = stage.alerts[-1]
    _choose(page, newest)
    shooter.shoot("nhan-ca", page)
    page.get_by_role("button", name="Nghe rõ").click()
    shooter.shoot("desk", page)
    page.keyboard.press("l")
    expect(page.locator("[data-liveness=live]").first).to_be_visible()
    shooter.shoot("truc-tiep", page)
    _choose(page, stage.alerts[-2])
    page.keyboard.press("a")
    taken = page.locator(f"[data-alert='{stage.alerts[-2]}'][data-state=acknowledged]")
    expect(taken).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_text("Vì sao là báo giả?")).to_be_visible()
    shooter.shoot("bao-gia", page)
    page.keyboard.press("5")
    expect(page.get_by_role("button", name="Chờ đồng ký 1")).to_be_visible()
    _choose(page, stage.alerts[0])
    page.get_by_role("button", name="Khác").click()
    page.locator("[data-action=shelve]").click()
    page.keyboard.type("quán nướng mở đến 22 giờ")
    page.keyboard.press("Enter")
    laid_aside = page.get_by_role("button", name="Đang tạm ngưng báo: 1").first
    laid_aside.click()
    _sheet(page, shooter, "dang-gac")
    page.keyboard.press("?")
    _sheet(page, shooter, "phim-tat")
    page.locator(".user .name").click()
    page.get_by_role("button", name="Bàn giao ca…").click()
    expect(page.get_by_role("button", name="Ký bàn giao")).to_be_visible()
    _sheet(page, shooter, "ban-giao")
    seat.context.close()


def _sheet(page: Page, shooter: Shooter, name: str) -> None:
    """Picture the sheet that is open, and close it."""
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    shooter.shoot(name, sheet)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def _leader(browser: Browser, stage: Stage, shooter: Shooter) -> None:
    """The leader co-signs, and opens the sheet of drills; then the wall."""
    seat = seated(browser, stage.drill)
    page = seat.log_in("chi-huy").take_shift().page
    page.get_by_role("button", name="Nghe rõ").click()
    _choose(page, stage.alerts[-2])
    page.keyboard.press("r")
    shooter.shoot("dong-ky", page)
    page.keyboard.press("Escape")
    page.locator(".user .name").click()
    page.get_by_role("button", name="Diễn tập…").click()
    _sheet(page, shooter, "dien-tap")
    page.goto(f"{stage.drill.address}/wall")
    expect(page.locator("aside [data-alert]").first).to_be_visible()
    shooter.shoot("wall", page)
    seat.context.close()


def _cameras(browser: Browser, stage: Stage, shooter: Shooter) -> None:
    """The technician's cameras: the tree, the live grid, one to draw on."""
    seat = seated(browser, stage.drill)
    page = seat.log_in("ky-thuat", "/cameras").page
    shooter.shoot("cay-camera", page)
    page.goto(f"{stage.drill.address}/cameras?grid")
    expect(page.locator("[data-liveness=live]").nth(4)).to_be_visible()
    shooter.shoot("luoi", page)
    page.goto(f"{stage.drill.address}/cameras/cam-1")
    expect(page.get_by_role("application").locator("img")).to_be_visible()
    shooter.shoot("camera", page)
    seat.context.close()


def _phone(browser: Browser, stage: Stage, shooter: Shooter) -> None:
    """A phone that sends the browser's own test picture."""
    seat = seated(browser, stage.drill)
    page = seat.log_in("an", "/cameras").page
    page.get_by_role("button", name="Điện thoại làm camera").click()
    page.get_by_role("button", name="Tạo đường dẫn").click()
    address = page.get_by_label("Đường dẫn", exact=True).input_value()
    lens = browser.new_context(viewport={"width": 390, "height": 700}, permissions=["camera"])
    phone = lens.new_page()
    phone.goto(address)
    phone.get_by_role("button", name="Bắt đầu gửi hình").click()
    expect(phone.locator("[data-phone=sending]")).to_be_visible()
    shooter.shoot("dien-thoai", phone)
    lens.close()
    seat.context.close()


def _looking_back(browser: Browser, stage: Stage, shooter: Shooter) -> None:
    """History, one alert in full, the day's report."""
    seat = seated(browser, stage.drill)
    page = seat.log_in("chi-huy", "/history").page
    expect(page.get_by_role("listitem").first).to_be_visible()
    shooter.shoot("lich-su", page)
    page.goto(f"{stage.drill.address}/history/{stage.alerts[-2]}")
    expect(page.get_by_text("✓")).to_be_visible()
    shooter.shoot("mot-canh-bao", page)
    page.goto(f"{stage.drill.address}/report")
    expect(page.get_by_role("button", name="Xuất Excel")).to_be_enabled()
    shooter.shoot("report", page)
    seat.context.close()


def _cut(browser: Browser, stage: Stage, shooter: Shooter) -> None:
    """The desk when the centre is gone."""
    seat = seated(browser, stage.drill)
    page = seat.log_in("an").page
    _choose(page, stage.alerts[-1])
    stage.drill.cut()
    expect(page.get_by_role("alert").get_by_text("MẤT KẾT NỐI")).to_be_visible()
    shooter.shoot("mat-ket-noi", page)
    seat.context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
