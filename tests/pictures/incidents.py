"""Pictures of calls, incidents, units, the roster, the situation and the hand-over."""

import time
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.pictures.shooting import Shooter, seated
from tests.pictures.stage import Stage
from thapcanh.alerts.incidents.units.unit_file import read_units
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.shifts.duties import Duty, NewDuty
from thapcanh.alerts.shifts.roster import RosterRepository
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.registry.import_files import read_lines
from thapcanh.config.local_time import LOCAL_TZ

PLACES = """kind,name,ward,area,lat,lon,aliases,note
street,Trần Quang,Cửa Nam,hoan-kiem,21.0262,105.8488,quận Hoàn Kiếm,Trụ nước trước số 10
street,Trần Quý,Cửa Nam,hoan-kiem,21.0290,105.8520,,
"""
UNITS = """id,name,kind,station,lat,lon
cc-1,Xe chữa cháy 1,fire_engine,Đội PCCC Hoàn Kiếm,21.0310,105.8500
cc-2,Xe chữa cháy 2,fire_engine,Đội PCCC Hai Bà Trưng,21.0150,105.8550
cn-1,Xe cứu nạn,rescue,Đội PCCC Hoàn Kiếm,21.0310,105.8500
cap-1,Công an phường Cửa Nam,ward_police,Cửa Nam,21.0270,105.8450
"""
LEADER = Actor(username="chi-huy", name="Trần Văn Hùng", role=Role.LEADER)
_DAY_S = 86_400.0


def write_places(folder: Path) -> Path:
    """Streets that a call's address is found in."""
    path = folder / "places.csv"
    path.write_text(PLACES, encoding="utf-8")
    return path


def prepare(stage: Stage) -> None:
    """Units, and a week of the roster with one gap."""
    database, now = stage.drill.centre.archive.database, time.time()
    UnitRepository(database).save(
        LEADER, read_units(read_lines(UNITS.encode(), "csv", 1000), lambda _: None).units, now
    )
    local = datetime.fromtimestamp(now, UTC).astimezone(LOCAL_TZ)
    today = local.replace(hour=7, minute=0, second=0, microsecond=0).timestamp()
    sunday = today - (local.weekday() + 1) * _DAY_S
    desk, on_call = ("binh", "an", "binh", "an", "binh", "an", "binh"), ("chi-huy",) * 8
    duties = [
        NewDuty(
            username=name,
            duty=duty,
            begins_at=sunday + day * _DAY_S,
            ends_at=sunday + (day + 1) * _DAY_S,
        )
        for duty, names in ((Duty.DESK, desk), (Duty.ON_CALL, on_call))
        for day, name in enumerate(names)
    ]
    RosterRepository(database).add(LEADER, duties, now)


def incident(browser: Browser, stage: Stage, shooter: Shooter) -> None:
    """A call is written down, joined with the camera's fire, and units are sent."""
    seat = seated(browser, stage.drill)
    page = seat.log_in("an").take_shift().page
    page.get_by_role("button", name="Nghe rõ").click()
    page.get_by_role("link", name="Cuộc gọi", exact=True).click()
    page.locator("#call-caller").fill("0912345678")
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    page.locator("#call-place").fill("12 tran quang")
    expect(page.locator("#call-place-0")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("#call-words").fill("Cháy ở tầng 3, khói nhiều, còn người bên trong")
    expect(page.locator("[data-liveness=live]").first).to_be_visible()
    shooter.shoot("tiep-nhan", page)
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Mở vụ việc").click()
    expect(page.locator("[data-suggestion]").first).to_be_visible()
    shooter.shoot("goi-y-ghep", page)
    page.locator("[data-suggestion]").first.get_by_role("button", name="Ghép vào").click()
    expect(page.locator("[data-member=alert]").first).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("[data-action=incident_taken]")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("[data-state=assessed]")).to_be_visible()
    for name in ("Xe chữa cháy 1", "Công an phường Cửa Nam"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Điều 2 đơn vị đã chọn").click()
    expect(page.locator("[data-state=dispatched]")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator("[data-state=en_route]")).to_be_visible()
    shooter.shoot("vu-viec", page)
    seat.context.close()


def leader(browser: Browser, stage: Stage, shooter: Shooter) -> None:
    """The roster's week and the situation of the day."""
    seat = seated(browser, stage.drill)
    page = seat.log_in("chi-huy", "/settings/roster").page
    expect(page.get_by_text("Nguyễn Thị An").first).to_be_visible()
    shooter.shoot("lich-truc", page)
    page.goto(f"{stage.drill.address}/report/situation")
    expect(page.get_by_role("button", name="Xuất Excel")).to_be_enabled()
    shooter.shoot("tinh-hinh", page)
    seat.context.close()
