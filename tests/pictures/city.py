"""Pictures of facilities, citizens' messages, statistics and notices: a market burns."""

from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.app.web_api.centre import Desk
from tests.end_to_end.city.market import FIRE, call_114, city_site, panels_and_vehicles, post
from tests.end_to_end.drill import Drill, drilling
from tests.pictures.shooting import Shooter, seated
from thapcanh.app.web_api.access.token_scopes import TokenScope

MARKET = {
    "name": "Chợ Hàng Bài", "kind": "market", "floors": 3, "hazards": ["bình gas", "hàng vải"],
    "place": {"lat": 21.0243, "lon": 105.845, "text": "12 Hàng Bài"},
    "access": "Cổng Hàng Bài, xe 3,5 m", "water": "Bể ngầm 60 m³ sau chợ",
    "contacts": [
        {"name": "Nguyễn Văn Bảo", "phone": "0912345678", "role": "bảo vệ, giữ khóa"},
        {"name": "Ban quản lý chợ", "phone": "02438250000", "hours": "7:00-18:00"},
    ],
}  # fmt: skip
MESSAGES = (
    ("zalo", "cháy chợ Hàng Bài, khói đen nhiều lắm", 0.0002),
    ("facebook", "Cháy chợ Hàng Bài khói đen, có xe chữa cháy chưa", 0.0003),
    ("app-114", "Cây đổ chắn đường trước số 5 Tràng Tiền", 0.006),
)


def city(browser: Browser, folder: Path, screens: Path, shooter: Shooter) -> None:
    """A market, what is told of its fire, and what the month counts of it."""
    folder.mkdir()
    with ExitStack() as stack:
        drill = stack.enter_context(drilling(folder, screens, city_site(folder)))
        panels = stack.enter_context(panels_and_vehicles(drill, folder))
        facility = _declared(drill)
        panels.tell("tu-cho", "fire", "Vòng 3, tầng 1")
        for number, (channel, text, east) in enumerate(MESSAGES):
            place = {"lat": FIRE[0], "lon": FIRE[1] + east}
            body = {"channel": channel, "ref": str(number), "text": text, "place": place}
            post(drill, TokenScope.MESSAGES, "/messages", body | {"sender": channel})
        call_114(drill)
        seat = seated(browser, drill)
        page = seat.log_in("an").take_shift().page
        page.get_by_role("button", name="Nghe rõ").click()
        page.goto(f"{drill.address}/facilities/{facility}")
        expect(page.get_by_text("bảo vệ, giữ khóa")).to_be_visible()
        shooter.shoot("co-so", page)
        page.goto(f"{drill.address}/calls")
        expect(page.locator("[data-message]")).to_have_count(2)
        shooter.shoot("tin-nhan", page)
        page.goto(f"{drill.address}/report/statistics")
        expect(page.locator("[data-figure='outcome.vehicles']")).to_be_visible()
        shooter.shoot("thong-ke", page)
        seat.context.close()


def _declared(drill: Drill) -> str:
    """The market's id; its panel is declared with it."""
    with Desk(drill.address) as technician:
        csrf = {"X-CSRF-Token": technician.log_in("ky-thuat").csrf}
        made = technician.post("/api/v1/facilities", headers=csrf, json=MARKET)
        facility = str(made.json()["id"])
        panel = {"id": "tu-cho", "name": "Tủ báo cháy chợ Hàng Bài", "facility": facility}
        told = technician.post("/api/v1/devices", headers=csrf, json=panel | {"cameras": ["cam-1"]})
        assert told.status_code == 201, told.text
    return facility
