"""The desk on its worst day, in a real browser: 203 open alerts, two officers, a leader, a wall."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.web_api.centre import Desk
from tests.conftest import WaitFor
from tests.end_to_end.drill import Drill, drilling, end_incident, seat, violations
from tests.end_to_end.flood import (
    BESIDE,
    OPEN,
    URGENT,
    URGENT_PLACES,
    Flood,
    city_site,
    flood,
    many_fires,
)
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.records import CommandRequest
from thapcanh.alerts.store.roles import Actor, AlertAction, Role
from thapcanh.detection.event import EventPhase

pytestmark = pytest.mark.end_to_end

AN = Actor(username="an", name="Đồng chí an", role=Role.OPERATOR)


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path, screens) as running:
        yield running


@pytest.fixture
def flooded(drill: Drill) -> Flood:
    return flood(drill)


class Keys:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


def _rows(page: Page) -> list[str]:
    found: list[str] = page.locator("[role=option]").evaluate_all(
        "rows => rows.map((row) => row.dataset.alert)"
    )
    return found


def _box(found: Locator) -> dict[str, float]:
    """Where it is; a row that is drawn again just then is asked for once more."""
    for _ in range(20):
        expect(found).to_be_visible()
        box = found.bounding_box()
        if box is not None:
            break
    assert box is not None
    return {name: float(str(value)) for name, value in box.items()}


def _selected(page: Page, alert: str) -> Locator:
    return page.locator(f"[data-alert='{alert}'][aria-selected=true]")


def _command(drill: Drill, alert: str, action: AlertAction, **said: Any) -> None:
    found = drill.centre.archive.alert(alert)
    assert found is not None
    order = CommandRequest(
        alert_id=alert,
        action=action,
        actor=said.pop("actor", AN),
        expected_version=found.version,
        idempotency_key=f"{alert}-{action}-{found.version}",
        **said,
    )
    drill.centre.archive.command(order, time.time())
    drill.centre.bell.notify()


def _state(drill: Drill, alert: str) -> AlertState:
    found = drill.centre.archive.alert(alert)
    assert found is not None
    return found.state


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (3840, 2160)])
def test_nothing_urgent_is_ever_hidden_on_the_wall(
    browser: Browser, tmp_path: Path, screens: Path, size: tuple[int, int]
) -> None:
    """More places burn at once than a wall of any size has rows."""
    with drilling(tmp_path, screens, city_site()) as drill, seat(browser, drill) as wall:
        fires = many_fires(drill)
        page = wall.log_in("an").page
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{drill.address}/wall")
        rows = page.locator("aside [data-alert]")
        expect(rows.first).to_have_attribute("data-alert", fires[0])
        height = rows.locator(".where").evaluate_all("all => all[0].getBoundingClientRect().height")
        assert size[0] < 1920 or height >= 24 * size[0] / 1920  # as large a share of a 4K wall
        hidden = len(fires) - rows.count()
        count = page.get_by_text(re.compile(rf"Trang.+ {hidden + BESIDE} việc, {hidden} khẩn cấp"))
        expect(count).to_be_in_viewport(ratio=1)
        below, foot = _box(count), _box(page.locator("footer"))
        assert below["y"] + below["height"] <= foot["y"]
        last = _box(rows.last)
        assert last["y"] + last["height"] <= below["y"] + 1
        newest = page.locator(f"figure[data-alert='{fires[-1]}']")
        expect(newest).to_have_attribute("data-shows", "live")
        expect(newest).to_be_in_viewport(ratio=1)


def test_the_oldest_fire_is_first_at_the_desk(
    browser: Browser, drill: Drill, flooded: Flood
) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        expect(_selected(page, flooded.fire)).to_be_in_viewport(ratio=1)
        assert _rows(page)[0] == flooded.fire
        keys = Keys(page)
        keys.press("a", "c", "x")
        expect(page.get_by_text("Vẫn còn thấy lửa — đóng?")).to_be_visible()
        assert keys.count == 3
        assert violations(page) == []


def test_a_true_fire_ends_by_its_outcome_and_words(browser: Browser, drill: Drill) -> None:
    burning: dict[str, Any] = {"event_id": "burn", "rule_id": "fire", "zone_id": None}
    fire = drill.raise_alert(**burning)
    drill.raise_alert(**burning, phase=EventPhase.CLEARED, captured_at=time.time())
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        expect(_selected(page, fire)).to_be_visible()
        Keys(page).press("a", "c", "x", "x")
        end_incident(page, "bà con tự dập")
        expect(page.locator(f"[data-alert='{fire}']")).to_have_count(0)
        assert _state(drill, fire) is AlertState.CLOSED


def test_what_is_seen_does_not_move_by_itself(
    browser: Browser, drill: Drill, flooded: Flood
) -> None:
    third = flooded.lesser[1]  # the 68 false fires of one camera are one row
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        expect(_selected(page, flooded.fire)).to_be_visible()
        expect(page.locator(f"[data-alert='{third}']")).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(_selected(page, third)).to_be_visible()
        rows = _rows(page)[:6]
        page.clock.install()
        page.clock.run_for(60_000)  # the hand is off the desk
        _command(drill, third, AlertAction.ACKNOWLEDGE, actor=_binh())
        expect(page.locator(f"[data-alert='{third}'][data-state=acknowledged]")).to_be_visible()
        page.clock.run_for(60_000)
        assert _rows(page)[:6] == rows
        assert page.locator(".list").evaluate("list => list.scrollTop") == 0
        fresh = drill.raise_alert("cam-2")
        page.clock.run_for(11_000)  # nobody is at work: a P1 is displayed at once
        expect(_selected(page, fresh)).to_be_in_viewport(ratio=1)


def _binh() -> Actor:
    return Actor(username="binh", name="Đồng chí binh", role=Role.OPERATOR)


def test_a_pending_cosignature_is_the_leaders_first_business(
    browser: Browser, drill: Drill, flooded: Flood
) -> None:
    asked = flooded.false_fires[7]
    _command(drill, asked, AlertAction.ACKNOWLEDGE)
    with seat(browser, drill) as leader:
        page = leader.log_in("chi-huy").take_shift().page
        expect(_selected(page, flooded.fire)).to_be_visible()
        _command(drill, asked, AlertAction.REJECT, reason="welding")
        expect(page.get_by_text("Đồng chí an đề nghị báo giả, chờ đồng ký")).to_be_visible()
        tab = page.locator("[data-filter=cosign]")
        expect(tab).to_have_text(re.compile(r"Chờ đồng ký\s+1"))
        tab.click()
        expect(_selected(page, asked)).to_be_visible()
        page.locator("[data-filter=open]").click()
        expect(_selected(page, flooded.fire)).to_be_visible()  # one order for all
        page.keyboard.press("Enter")  # from anywhere
        expect(_selected(page, asked)).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Hàn xì", exact=False).first).to_be_visible()
        page.wait_for_timeout(1000)  # what was not shown for a second is not signed
        page.keyboard.press("Enter")
        expect(tab).to_have_text(re.compile(r"Chờ đồng ký\s+0"))
    found = drill.centre.archive.alert(asked)
    assert found is not None
    assert (found.state, found.reject_reason, found.verdict_by) == (
        AlertState.REJECTED, "welding", "chi-huy",
    )  # fmt: skip


def _counts(drill: Drill) -> dict[str, int]:
    """How many rows of the worklist each section has."""
    with Desk(drill.address) as desk:
        found: dict[str, int] = desk.log_in("an").get("/api/v1/worklist").json()["counts"]
    return found


def test_a_handover_of_203_open_hands_over_in_six_keys(
    browser: Browser, drill: Drill, flooded: Flood
) -> None:
    urgent = (flooded.fire, *flooded.false_fires)
    for alert in urgent:
        _command(drill, alert, AlertAction.ACKNOWLEDGE)
    with seat(browser, drill) as outgoing, seat(browser, drill) as incoming:
        page = outgoing.log_in("an").take_shift().page
        other = incoming.log_in("binh").take_shift().page
        page.get_by_role("button", name="Nghe rõ").click()
        keys, others = Keys(page), Keys(other)
        page.locator(".user .name").click()
        page.get_by_role("button", name="Bàn giao ca").click()
        rows = sum(_counts(drill).values())  # what is of one fire is one
        assert 0 < rows < OPEN
        expect(page.get_by_text(f"Việc chưa xong ({rows})")).to_be_visible()
        to, note = page.get_by_label("Giao cho"), page.get_by_label("Lưu ý cho ca sau")
        assert _box(to)["y"] <= _box(note)["y"]
        expect(to).to_be_focused()
        keys.press("ArrowDown", "Enter")
        expect(page.get_by_text(re.compile("Đã ký lúc .* chờ Đồng chí binh"))).to_be_visible()
        expect(other.get_by_role("button", name="Xem và ký nhận")).to_be_visible()
        other.get_by_role("button", name="Xem và ký nhận").click()
        others.press("Enter")
        expect(other.get_by_text("Đã ký nhận ca. Người giao đã hết ca.")).to_be_visible()
        assert keys.count + others.count <= 6
        told = page.get_by_text(re.compile("Đã bàn giao ca cho Đồng chí binh lúc"))
        expect(told.first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("[data-action]")).to_have_count(0)
        assert violations(page) == []
    for alert in urgent:
        found = drill.centre.archive.alert(alert)
        assert found is not None
        assert found.owner == "binh"


def test_what_stands_against_a_handover_is_counted_whole(
    browser: Browser, drill: Drill, flooded: Flood
) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        page.locator(".user .name").click()
        page.get_by_role("button", name="Bàn giao ca").click()
        waiting = _counts(drill)["waiting"]
        assert 0 < waiting <= URGENT
        blocked = page.get_by_text(f"Chưa ký được: {waiting} việc khẩn cấp chưa ai nhận")
        expect(blocked).to_be_visible()
        assert len(flooded.false_fires) == URGENT - 1


def test_68_false_alarms_of_one_cause_take_ten_keys(
    browser: Browser, drill: Drill, flooded: Flood, wait_for: WaitFor
) -> None:
    def waits_for_a_leader() -> bool:
        found = [drill.centre.archive.alert(each) for each in flooded.false_fires]
        return all(one is not None and one.cosign_wanted_by for one in found)

    with seat(browser, drill) as officer, seat(browser, drill) as leader:
        page = officer.log_in("an").take_shift().page
        chief = leader.log_in("chi-huy").take_shift().page
        expect(_selected(page, flooded.fire)).to_be_visible()
        keys, signs = Keys(page), Keys(chief)
        keys.press("j", "d")
        expect(page.get_by_text("Đã chọn 1 dòng · 68 cảnh báo")).to_be_visible()
        keys.press("r", "5")
        tab = chief.locator("[data-filter=cosign]")
        wait_for(waits_for_a_leader, 60, "each is proposed")
        expect(tab).to_have_text(re.compile(r"Chờ đồng ký\s+1"))
        signs.press("Enter")
        expect(_selected(chief, flooded.fire)).to_have_count(0)
        signs.press("d", "Enter")
        expect(chief.get_by_text("Enter: đồng ý lý do đã đề nghị")).to_be_visible()
        chief.wait_for_timeout(1000)  # what was not shown for a second is not signed
        signs.press("Enter")
        expect(tab).to_have_text(re.compile(r"Chờ đồng ký\s+0"), timeout=60_000)
        assert keys.count + signs.count <= 10
    # What is answered together is finished in one pass.
    over = {AlertState.CLOSED}
    wait_for(lambda: {_state(drill, each) for each in flooded.false_fires} == over, 60, "the end")
    assert _state(drill, flooded.fire) is AlertState.NEW


def test_a_drill_over_open_p1_warns_first(browser: Browser, drill: Drill, flooded: Flood) -> None:
    with seat(browser, drill) as leader:
        page = leader.log_in("chi-huy").page
        page.locator(".user .name").click()
        page.get_by_role("button", name="Diễn tập…").click()
        warning = f"Đang có {URGENT_PLACES} vụ việc khẩn cấp thật chưa ai nhận"
        expect(page.get_by_text(warning)).to_be_visible()
        page.get_by_role("button", name="Bắt đầu").click()
        expect(page.get_by_role("button", name="Vẫn bắt đầu")).to_be_visible()
        assert len(flooded.lesser) > 0
