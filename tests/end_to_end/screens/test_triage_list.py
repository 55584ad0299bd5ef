"""The list of alerts on the smallest monitor of a command centre: how many, and what each says."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.end_to_end.drill import drilling, seat

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
        expect(sure.locator(".number")).to_have_text(told.number[-6:])
        expect(sure.locator(".kind")).to_have_text("Nghi cháy · lửa")
        expect(sure.locator(".where")).to_contain_text(told.camera_name or "")
        expect(sure.locator("time")).to_be_visible()
        assert sure.evaluate(CUT_WORDS) == []
        assert page.evaluate(WHOLE_ROWS) >= rows
