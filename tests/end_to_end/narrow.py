"""What of a page is wider than its window or out of reach below it, and where a page leads."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page

WIDTHS = (390, 360)  # of common phones, in CSS pixels

# Wider than the window, or scrolled sideways though no table and no row of links is meant to be;
# buttons and fields that begin or end outside; what stands below the window where nothing scrolls
# to it, unless a box inside the window cuts it on purpose.
_TOO_WIDE = """() => {
  const shown = (one) => one.getBoundingClientRect().width > 0 && one.checkVisibility();
  const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowX);
  const isMeant = (one) => scrolls(one) &&
    (one.tagName === 'NAV' || one.querySelector(':scope > table') !== null);
  const told = (one, by) => `${one.tagName.toLowerCase()}.${one.getAttribute('class') ?? ''}` +
    ` "${one.textContent.trim().slice(0, 40)}": ${by}`;
  const isInMeant = (one) => {
    for (let at = one; at; at = at.parentElement) if (isMeant(at)) return true;
    return false;
  };
  const all = [...document.querySelectorAll('body *')].filter(shown);
  const wide = all.filter((one) =>
    scrolls(one) && !isMeant(one) && one.scrollWidth > one.clientWidth + 1);
  const out = all.filter((one) => {
    const box = one.getBoundingClientRect();
    return one.matches('button, a, input, select, textarea, summary') && !isInMeant(one) &&
      (box.left < -1 || box.right > innerWidth + 1);
  });
  const page = document.documentElement;
  const isFixed = [page, document.body].some((one) =>
    /hidden|clip/.test(getComputedStyle(one).overflowY));
  const isReached = (one) => {
    for (let at = one.parentElement; at && at !== document.body; at = at.parentElement) {
      const way = getComputedStyle(at).overflowY;
      if (/auto|scroll/.test(way)) return true;
      if (way !== 'visible' && at.getBoundingClientRect().bottom <= innerHeight + 1) return true;
    }
    return !isFixed;
  };
  const below = all.filter((one) => one.matches('button, a, input, select, textarea, p, li') &&
    one.getBoundingClientRect().top > innerHeight && !isReached(one));
  return [
    ...(page.scrollWidth > innerWidth ? [told(page, page.scrollWidth)] : []),
    ...wide.map((one) => told(one, `${one.scrollWidth} of ${one.clientWidth}`)),
    ...below.map((one) => told(one, 'below the window, and nothing scrolls')),
    ...out.map((one) => told(one, `ends at ${Math.round(one.getBoundingClientRect().right)}`)),
  ];
}"""
_LINKS = """() => [...document.querySelectorAll('a[href^="/"]:not([target])')]
  .map((link) => link.getAttribute('href'))"""
_GO = """(to) => {
  history.pushState(null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
}"""
# Until three looks in a row find as many letters, and none of them tell of waiting.
_RESTS = """async () => {
  let [before, same] = [-1, 0];
  for (let look = 0; look < 100 && same < 3; look++) {
    await new Promise((next) => setTimeout(next, 60));
    const said = document.body.innerText;
    const isWaiting = document.querySelector('.screen .wait') || /Đang (tải|tính|lập)/.test(said);
    same = said.length === before && !isWaiting ? same + 1 : 0;
    before = said.length;
  }
}"""


def too_wide(page: Page) -> list[str]:
    """What does not fit the width of a phone, one line each."""
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 780})
        page.evaluate(_RESTS)
        found += [f"{width} px {one}" for one in page.evaluate(_TOO_WIDE)]
    return found


def walked(page: Page, starts: Iterable[str]) -> dict[str, list[str]]:
    """From these addresses along every link: what is too wide, by the form of the address."""
    waiting, seen = [*starts], dict[str, list[str]]()
    while waiting:
        address = waiting.pop()
        form = _form(address)
        if form in seen:
            continue
        page.evaluate(_GO, address)
        seen[form] = too_wide(page)
        waiting += page.evaluate(_LINKS)
    return seen


def _form(address: str) -> str:
    """Of many addresses that differ by an id or a date alone one is enough."""
    parts = urlsplit(address)
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", parts.path)
    asked = "&".join(sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
    return f"{path}?{asked}" if asked else path
