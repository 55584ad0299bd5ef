"""The list of alerts on the smallest monitor of a command centre: how many, and what each says."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.app.incidents.test_incidents import act, of_alert
from tests.app.web_api.centre import Desk
from tests.end_to_end.drill import Drill, drilling, end_incident, seat
from thapcanh.alerts.alert.alert_state import AlertState

pytestmark = pytest.mark.end_to_end

WHOLE_ROWS = """() => {
  const list = document.querySelector('[role=listbox]').getBoundingClientRect();
  return [...document.querySelectorAll('[role=option]')].filter((row) => {
    const box = row.getBoundingClientRect();
    return box.top >= list.top - 1 && box.bottom <= Math.min(list.bottom, innerHeight) + 1;
  }).length;
}"""
# Of a row's words those that are cut, or lie over others, though they must be read whole.
CUT_WORDS = """(row) => {
  const inside = row.getBoundingClientRect();
  const words = ['.kind', '.number', 'time', '.tag.sure'].map((one) => row.querySelector(one));
  const boxes = words.map((one) => one.getBoundingClientRect());
  const lie = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return words.filter((one, i) =>
    one.scrollWidth > one.clientWidth && one.clientWidth > 0 ||
    boxes[i].right > inside.right || boxes[i].bottom > inside.bottom ||
    boxes.some((other, j) => j > i && lie(boxes[i], other))
  ).map((one) => one.textContent.trim());
}"""


@pytest.mark.parametrize(("width", "rows"), [(1366, 8), (390, 3)])
def test_eight_rows_in_a_flood_each_with_number_time_kind_place_and_mark(
    browser: Browser, tmp_path: Path, screens: Path, width: int, rows: int
) -> None:
    """Four stood there, and the mark pushed its neighbours out of the row."""
    with drilling(tmp_path, screens) as drill, seat(browser, drill, 768) as officer:
        alerts = [drill.raise_alert(f"cam-{1 + n % 3}") for n in range(30)]
        for n in range(30):  # what tells of one fire is one row: others fill the list
            drill.raise_alert(f"cam-{1 + n % 3}", "crowd", priority=2)
        page = officer.log_in("an").take_shift().page
        page.get_by_role("button", name="Nghe rõ").click()
        answer = page.evaluate(
            """async () => {
              const { csrf } = await (await fetch('/api/v1/session')).json();
              const place = { text: '12 Hàng Bài', lat: 21.024, lon: 105.845 };
              return (await fetch('/api/v1/calls', {
                method: 'POST',
                headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' },
                body: JSON.stringify({ kind: 'fire', caller: '0912345678', place }),
              })).status;
            }"""
        )
        assert answer == 201
        page.set_viewport_size({"width": width, "height": 768 if width == 1366 else 844})
        sure = page.locator("[role=option].sure").first
        expect(sure.locator(".tag.sure")).to_have_text("✓ có người gọi báo")
        told = drill.centre.archive.alert(str(sure.get_attribute("data-alert")))
        assert told is not None
        assert told.id in alerts
        expect(sure.locator(".number")).to_contain_text("cam")  # how many tell of it
        expect(sure.locator(".kind")).to_have_text("Nghi cháy · lửa")
        expect(sure.locator(".where")).to_contain_text(told.camera_name or "")
        expect(sure.locator("time")).to_be_visible()
        assert sure.evaluate(CUT_WORDS) == []
        assert page.evaluate(WHOLE_ROWS) >= rows


# The lines on which the filters stand, and the words of them that are cut.
LINES = """() => {
  const filters = [...document.querySelectorAll('[data-filter]')];
  const cut = filters.filter((one) => one.scrollWidth > one.clientWidth);
  const lines = new Set(filters.map((one) => Math.round(one.getBoundingClientRect().top)));
  return [filters.length, lines.size, cut.map((one) => one.textContent.trim())];
}"""


@pytest.mark.parametrize("english", [False, True])
def test_all_filters_stand_in_two_lines(
    browser: Browser, tmp_path: Path, screens: Path, english: bool
) -> None:
    """With a co-signature awaited they took three, and a row of alerts less."""
    with drilling(tmp_path, screens) as drill, seat(browser, drill, 768) as leader:
        _one_behind_each_filter(drill)
        page = leader.log_in("chi-huy").take_shift().page
        page.get_by_role("button", name="Nghe rõ").click()
        if english:
            page.locator(".user .name").click()
            page.get_by_role("button", name="English").click()
            page.keyboard.press("Escape")
        for name in FILTERS:
            expect(page.locator(f"[data-filter={name}] b")).not_to_have_text("0")
        page.evaluate("document.fonts.ready")
        for chosen in FILTERS:
            page.locator(f"[data-filter={chosen}]").click()
            for width in (1366, 390):
                page.set_viewport_size({"width": width, "height": 768})
                count, lines, cut = page.evaluate(LINES)
                assert (count, cut) == (len(FILTERS), []), (chosen, width)
                assert lines <= 2, (chosen, width)


FILTERS = ("open", "cosign", "fault", "still_seen", "closed", "shelved")


def _one_behind_each_filter(drill: Drill) -> None:
    """And hundreds behind the first, as in a flood."""
    with Desk(drill.address) as desk:
        desk.log_in("an")
        ended = drill.raise_alert()
        for version, action in enumerate(("acknowledge", "confirm"), start=1):
            assert desk.act(ended, action, version).is_success
        said: dict[str, Any] = {"report": "hết khói", "despite": ["unsent"]}
        closed = act(desk, of_alert(desk, ended), "close", disposition="handled", **said)
        assert closed.is_success, closed.text
        assert desk.act(drill.raise_alert(), "acknowledge", 1).is_success
        asked = drill.raise_alert("cam-2")
        assert desk.act(asked, "acknowledge", 1).is_success
        assert desk.act(asked, "reject", 2, reason="welding").is_success
        drill.raise_alert("cam-2", priority=3)
        aside = drill.raise_alert("cam-3", "intrusion", priority=2)
        order = {"camera": "cam-3", "reason": "quán nướng", "until": time.time() + 3600}
        headers = {"X-CSRF-Token": desk.csrf, "Idempotency-Key": aside}
        assert desk.post("/api/v1/shelves", json=order, headers=headers).is_success
    drill.raise_alert("cam-1", "camera_offline", priority=2)
    for number in range(110):
        drill.raise_alert(f"cam-{1 + number % 2}", "crowd", priority=2)


def test_a_closed_fire_that_is_still_seen_is_listed(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    with drilling(tmp_path, screens) as drill, seat(browser, drill) as officer:
        fire = drill.raise_alert()
        page = officer.log_in("an").take_shift().page
        expect(page.locator(f"[data-alert='{fire}'][aria-selected=true]")).to_be_visible()
        page.keyboard.press("a")
        page.keyboard.press("c")
        expect(page.locator(f"[data-alert='{fire}'][data-state=confirmed]")).to_be_visible()
        page.keyboard.press("x")
        expect(page.get_by_text("Vẫn còn thấy lửa — đóng?")).to_be_visible()
        page.keyboard.press("x")
        found = drill.centre.archive.alert(fire)
        assert found is not None
        assert found.state is AlertState.CONFIRMED  # no key ends it
        end_incident(page, "bà con tự dập")
        tab = page.locator("[data-filter=still_seen]")
        expect(tab).to_have_text(re.compile(r"Đã đóng, vẫn thấy\s+1"))
        tab.click()
        expect(page.locator(f"[data-alert='{fire}']")).to_contain_text("Cháy · lửa")
        assert "Nghi cháy" not in page.locator("main").inner_text()
