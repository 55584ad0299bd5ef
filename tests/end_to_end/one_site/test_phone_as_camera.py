"""A phone's browser sends by a one-time link; a desk's browser watches it as a camera.

And a fire before a phone becomes an alert with evidence, like a fire before any camera.
"""

import asyncio
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.app.live.watching import needs_address
from tests.end_to_end.chromium import FAKE_LENS, NO_GRAPHICS, launched
from tests.end_to_end.drill import violations
from tests.end_to_end.running_site import PASSWORD, Desk, RunningSite, eventually
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.end_to_end

LIVE_WITHIN_MS = 60_000

# Both sides in a few lines of what any WHIP and WHEP client does.
SEND = """async (whip) => {
  const canvas = document.body.appendChild(document.createElement('canvas'));
  [canvas.width, canvas.height] = [640, 360];
  const pen = canvas.getContext('2d');
  let number = 0;
  setInterval(() => {
    pen.fillStyle = `hsl(${number++ * 7}, 80%, 50%)`;
    pen.fillRect(0, 0, 640, 360);
  }, 50);
  const peer = (window.peer = new RTCPeerConnection());
  peer.addTrack(canvas.captureStream(20).getVideoTracks()[0]);
  await peer.setLocalDescription(await peer.createOffer());
  const answer = await fetch(whip, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: peer.localDescription.sdp,
  });
  if (answer.status === 201)
    await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  return [answer.status, answer.headers.get('Location')];
}"""
WATCH = """async ([whep, csrf]) => {
  const video = document.body.appendChild(document.createElement('video'));
  [video.muted, video.autoplay] = [true, true];
  const peer = (window.peer = new RTCPeerConnection());
  peer.addTransceiver('video', { direction: 'recvonly' });
  peer.ontrack = ({ track }) => (video.srcObject = new MediaStream([track]));
  await peer.setLocalDescription(await peer.createOffer());
  const answer = await fetch(whep, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', 'X-CSRF-Token': csrf },
    body: peer.localDescription.sdp,
  });
  await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  return answer.status;
}"""
DECODED = """async () => {
  let decoded = 0;
  (await window.peer.getStats()).forEach((stats) => {
    if (stats.type === 'inbound-rtp') decoded = stats.framesDecoded;
  });
  return decoded;
}"""


def opened(browser: Browser, watch: RunningSite) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{watch.url}/healthz")
    return page


@needs_address
def test_an_officer_lets_a_phone_in_and_watches_it(
    watch: RunningSite, playwright: Playwright
) -> None:
    """By the screens alone: the link, the phone's page with a lens, live view, and the end."""
    with launched(playwright, *NO_GRAPHICS, *FAKE_LENS) as browser:
        officer = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        officer.goto(f"{watch.url}/cameras")
        officer.fill("input[type=text]", "admin")
        officer.fill("input[type=password]", PASSWORD)
        officer.click("button[type=submit]")
        officer.get_by_role("button", name="Điện thoại làm camera").click()
        officer.get_by_label("Tên hiện trên màn hình").fill("Điện thoại tổ 7")
        officer.get_by_role("button", name="Tạo đường dẫn").click()
        expect(officer.get_by_text("chỉ mở được trên chính máy chủ")).to_be_visible()
        assert officer.get_by_role("img", name="Mã QR của đường dẫn").count() == 0
        assert violations(officer) == []
        address = officer.get_by_label("Đường dẫn", exact=True).input_value()

        lens = browser.new_context(viewport={"width": 390, "height": 844}, permissions=["camera"])
        phone = lens.new_page()
        phone.goto(address)
        begin = phone.get_by_role("button", name="Bắt đầu gửi hình")
        expect(begin).to_be_visible()
        assert violations(phone) == []
        begin.click()
        expect(phone.locator("[data-phone=sending]")).to_be_visible(timeout=LIVE_WITHIN_MS)
        link = officer.locator("[data-phone-link]").filter(has_text="Điện thoại tổ 7")
        expect(link.get_by_text("đang gửi hình")).to_be_visible(timeout=LIVE_WITHIN_MS)
        officer.get_by_role("button", name="Đóng", exact=True).click()
        row = officer.get_by_role("button", name=re.compile("^Điện thoại tổ 7"))
        row.click(timeout=LIVE_WITHIN_MS)
        officer.get_by_role("button", name="Trực tiếp", exact=True).click()
        live = officer.locator("[data-liveness=live]")
        expect(live).to_be_visible(timeout=LIVE_WITHIN_MS)

        phone.get_by_role("button", name="Dừng gửi").click()
        expect(begin).to_be_visible()
        stranger = browser.new_context(permissions=["camera"]).new_page()
        stranger.goto(address)
        stranger.get_by_role("button", name="Bắt đầu gửi hình").click()
        expect(stranger.locator("[data-phone=used]")).to_be_visible(timeout=LIVE_WITHIN_MS)


@needs_address
def test_a_phone_that_sends_is_watched_like_a_camera(watch: RunningSite, browser: Browser) -> None:
    with watch.desk() as desk:
        order = {"name": "Điện thoại tổ 3", "minutes": 5}
        link: dict[str, Any] = desk.http.post("/api/v1/phone-links", json=order).json()
        phone, screen = opened(browser, watch), opened(browser, watch)
        whip = f"/api/v1{link['path']}/whip"
        status, where = phone.evaluate(SEND, whip)
        assert status == 201

        def is_listed() -> bool:
            items = desk.http.get("/api/v1/cameras").json()["items"]
            return any(item["id"] == link["camera"] for item in items)

        assert is_listed()
        session = screen.request.post(
            f"{watch.url}/api/v1/session",
            data={"username": "admin", "password": PASSWORD},
        ).json()
        whep = f"/api/v1/cameras/{link['camera']}/whep"
        assert screen.evaluate(WATCH, [whep, session["csrf"]]) == 201
        eventually(lambda: screen.evaluate(DECODED) >= 30, 30, "30 pictures of the phone")
        assert desk.http.get(f"/api/v1/cameras/{link['camera']}/still.jpg").status_code == 200

        stranger = opened(browser, watch)
        assert stranger.evaluate(SEND, whip)[0] == 410

        left = "async (where) => (await fetch(where, { method: 'DELETE' })).status"
        assert phone.evaluate(left, where) == 204
        eventually(lambda: not is_listed(), 10, "the phone's end")
        assert phone.evaluate(SEND, whip)[0] == 201  # the same phone may send again
        desk.http.delete(f"/api/v1/phone-links/{link['id']}")
        eventually(lambda: not is_listed(), 10, "the link's end")
        assert phone.evaluate(SEND, whip)[0] == 404
        for page in (phone, screen, stranger):
            page.context.close()


@contextmanager
def filming(film: Path, whip: str) -> Iterator[None]:
    """A phone (aiortc) that sends a film again and again until the block ends."""

    async def send() -> None:
        phone = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        film_track = MediaPlayer(str(film), loop=True).video
        assert film_track is not None
        phone.addTrack(film_track)
        await phone.setLocalDescription(await phone.createOffer())
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
            headers = {"Content-Type": "application/sdp"}
            reply = await http.post(whip, content=phone.localDescription.sdp, headers=headers)
        assert reply.status_code == 201, reply.text
        await phone.setRemoteDescription(RTCSessionDescription(sdp=reply.text, type="answer"))
        await asyncio.to_thread(over.wait)
        await phone.close()
        film_track.stop()

    over = threading.Event()
    sending = threading.Thread(target=lambda: asyncio.run(send()), name="phone")
    sending.start()
    try:
        yield
    finally:
        over.set()
        sending.join(PATIENCE_S)
        assert not sending.is_alive()


def newest_alert(desk: Desk, camera: str) -> dict[str, Any] | None:
    """The phone's alert, once its film is whole."""
    found = desk.alerts(camera=camera)
    return found[0] if found and found[0]["clip"] else None


def is_listed(desk: Desk, camera: str) -> bool:
    items = desk.http.get("/api/v1/cameras").json()["items"]
    return any(item["id"] == camera for item in items)


@needs_address
def test_a_fire_before_a_phone_is_an_alert_with_evidence(
    watch: RunningSite, clips: dict[str, Path]
) -> None:
    with watch.desk() as desk:
        order = {"name": "Điện thoại tổ 5", "minutes": 15}
        link: dict[str, Any] = desk.http.post("/api/v1/phone-links", json=order).json()
        camera = str(link["camera"])
        with filming(clips["fire"], f"{watch.url}/api/v1{link['path']}/whip"):
            alert = eventually(lambda: newest_alert(desk, camera), 120.0, "the phone's alert")
            shown = desk.camera(camera)
            assert (shown["worker"], shown["ends_at"]) == ("worker-0", link["ends_at"])
            assert desk.http.delete(f"/api/v1/phone-links/{link['id']}").status_code == 204
            eventually(lambda: not is_listed(desk, camera), 30.0, "the phone's end")
        assert alert["kind"] in ("fire", "smoke")
        assert alert["camera_name"] == "Điện thoại tổ 5"
        assert desk.http.get(alert["snapshot_boxed"]).content[:3] == b"\xff\xd8\xff"
        with av.open(io.BytesIO(desk.http.get(alert["clip"]).content), "r") as film:
            assert film.streams.video[0].codec_context.name == "h264"

        def is_over() -> bool:
            return bool(desk.alerts(camera=camera)[0]["condition"] == "cleared")

        eventually(is_over, 60.0, "the end of what the phone saw")
        for action in ("acknowledge", "confirm", "close"):  # other tests share this site
            assert desk.act(desk.alerts(camera=camera)[0], action).status_code == 200
