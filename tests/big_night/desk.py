"""The desk of one officer in Chromium: what is drawn when, what is in view, keys, pictures."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Response
from playwright.sync_api import TimeoutError as NotShown

from tests.big_night.site import PASSWORD

SIZES = ((1366, 768), (1920, 1080), (3840, 2160), (390, 844))
_WITHIN_MS, _ANSWER_S = 120_000, 5.0
_AGAIN_MS, _PRESSES = 30_000, 4

# Notes when each row, or a source that a row displays, was painted first: by the wall's clock.
_NOTE = """
window.drawn = {};
new MutationObserver(() => {
  for (const row of document.querySelectorAll('[data-row]'))
    for (const id of [row.dataset.row, row.dataset.alert]) {
      if (!id || id in window.drawn) continue;
      window.drawn[id] = null;
      requestAnimationFrame(() => setTimeout(() => (window.drawn[id] = Date.now() / 1000)));
    }
}).observe(document, { childList: true, subtree: true, attributes: true });
"""
# Rows that are wholly in view; controls and words of which the middle is not covered.
_IN_VIEW = """() => {
  const shows = (one, box) => {
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (box.width < 1 || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return false;
    const top = document.elementFromPoint(x, y);
    return top !== null && (one.contains(top) || top.contains(one));
  };
  const rows = [...document.querySelectorAll('[role=option][data-row]')].filter((row) => {
    const box = row.getBoundingClientRect();
    return shows(row, box) && box.top >= 0 && box.bottom <= innerHeight;
  });
  const asks = 'button, a[href], input, select, textarea, summary';
  const controls = [...document.querySelectorAll(asks)].filter((one) =>
    shows(one, one.getBoundingClientRect()));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let words = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode, range = document.createRange();
    range.selectNodeContents(text);
    const on = text.parentElement;
    if (on.checkVisibility() && shows(on, range.getBoundingClientRect()))
      words += text.data.split(/\\s+/).filter(Boolean).length;
  }
  const held = document.querySelector('.held.urgent') ? 1 : 0;
  return { rows: rows.map((row) => row.dataset.row), controls: controls.length, words, held };
}"""


class Desk:
    """Its page."""

    def __init__(self, browser: Browser, url: str, username: str) -> None:
        self._context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(_WITHIN_MS)
        self.page.add_init_script(_NOTE)
        self.page.goto(url)
        self.page.locator("input[type=text]").fill(username)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.locator("button[type=submit]").click()
        self.page.locator("input[type=password]").wait_for(state="detached")
        self.keys, self.orders = 0, list[int]()
        self.page.on("response", self._note_order)

    def take_shift(self) -> None:
        self.page.get_by_role("button", name="Nhận ca", exact=True).press("Enter")
        self.page.get_by_role("button", name="Nghe rõ").click()

    def _note_order(self, answer: Response) -> None:
        if answer.request.method == "POST" and answer.url.endswith("/dispatch"):
            self.orders.append(answer.status)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def drawn(self) -> dict[str, float]:
        found: dict[str, float | None] = self.page.evaluate("window.drawn")
        return {name: at for name, at in found.items() if at is not None}

    def in_view(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(_IN_VIEW)
        return found

    def answer_fire(self, incident: str, has_units: Callable[[], bool]) -> None:
        """Take, confirm and dispatch by keys, each when the screen shows the one before."""
        self.keys = 0
        row = self.page.locator(f"[data-row='{incident}']")
        row.wait_for()
        if row.get_attribute("aria-selected") != "true":
            self._press_until("n", f"[data-row='{incident}'][aria-selected=true]")
        for key, state in (("a", "acknowledged"), ("c", "confirmed")):
            self._press_until(key, f"[data-row='{incident}'][data-state={state}]")
        for _ in range(5):  # what was refused is ordered again, and counted
            self._press_until("v", "[data-armed=true]")
            self.press("Enter")
            self.page.locator("[data-armed=true]").wait_for(state="detached")
            until = time.monotonic() + _ANSWER_S
            while time.monotonic() < until:
                if has_units():
                    return
                self.page.wait_for_timeout(100)

    def _press_until(self, key: str, shows: str) -> None:
        """Press a key, and again as a person does where the screen answers nothing."""
        for _ in range(_PRESSES):
            self.press(key)
            with suppress(NotShown):
                self.page.locator(shows).wait_for(timeout=_AGAIN_MS)
                return
        told = self.page.locator("main").aria_snapshot()
        raise AssertionError(f"{key} was pressed {_PRESSES} times, {shows} never showed: {told}")

    def pictures(self, folder: Path, name: str) -> None:
        """The page at each size; then as it was."""
        for width, height in SIZES:
            self.page.set_viewport_size({"width": width, "height": height})
            time.sleep(1.0)
            self.page.screenshot(path=str(folder / f"{name}-{width}x{height}.png"))
        self.page.set_viewport_size({"width": 1366, "height": 768})

    def close(self) -> None:
        self._context.close()
