"""The live component on a page in Chromium: who watches, and how many pictures are decoded."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.live_centre import LiveCentre
from tests.end_to_end.running_site import PASSWORD, eventually
from tests.patience import PATIENCE_S

WITHIN_MS = PATIENCE_S * 1000
# What the page does not tell: its connections, and what they decoded.
RECORD_PEERS = """
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.peers.push(this); }
};
"""
NO_WEBRTC = "RTCPeerConnection.prototype.setRemoteDescription = async () => {};"
DECODED = """async () => {
  let decoded = 0;
  for (const peer of window.peers)
    (await peer.getStats()).forEach((stats) => {
      if (stats.type === 'inbound-rtp') decoded += stats.framesDecoded;
    });
  return decoded;
}"""
RECEIVED = DECODED.replace("framesDecoded", "framesReceived")


@contextmanager
def watching(
    browser: Browser, centre: LiveCentre, *cameras: str, script: str = RECORD_PEERS
) -> Iterator[Page]:
    """A page of somebody logged in that shows these cameras."""
    context = browser.new_context(locale="vi-VN")
    try:
        page = context.new_page()
        page.add_init_script(script)
        page.request.post(
            f"{centre.address}/api/v1/session", data={"username": "admin", "password": PASSWORD}
        )
        page.goto(f"{centre.address}/?" + "&".join(f"camera={name}" for name in cameras))
        yield page
    finally:
        context.close()


def is_live(page: Page, way: str = "video") -> None:
    shown = page.locator(f"[data-liveness=live][data-way={way}]")
    expect(shown.first).to_be_visible(timeout=WITHIN_MS)


def decodes(page: Page, pictures: int) -> None:
    """Wait until the browser has decoded so many more, and most of what it was sent."""
    before: int = page.evaluate(DECODED)
    wanted = lambda: page.evaluate(DECODED) >= before + pictures  # noqa: E731
    eventually(wanted, WITHIN_MS / 1000, f"{pictures} more decoded pictures")
    most = lambda: page.evaluate(DECODED) > page.evaluate(RECEIVED) / 2  # noqa: E731
    eventually(most, WITHIN_MS / 1000, "most of what was sent decoded")  # one that starts is slow
