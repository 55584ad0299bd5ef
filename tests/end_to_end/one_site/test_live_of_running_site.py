"""Live view of the whole site as it is run, beside its workers: rights, passwords, and the end."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from aiortc import RTCSessionDescription
from playwright.sync_api import Browser, expect

from tests.app.live.watching import Peer, needs_address
from tests.end_to_end.running_site import (
    CAMERA_LOGIN,
    PASSWORD,
    Desk,
    RunningSite,
    eventually,
    start_site,
)
from tests.patience import PATIENCE_S
from tests.running_simulator import RunningSimulator

pytestmark = pytest.mark.end_to_end

WHEP = "/api/v1/cameras/quiet/whep"


@needs_address
def test_watching_opens_one_more_connection_and_takes_none_from_the_worker(
    watch: RunningSite, simulator: RunningSimulator
) -> None:
    async def story(desk: Desk) -> None:
        peer = Peer()
        sdp = {"Content-Type": "application/sdp"}
        answer = desk.http.post(WHEP, content=await peer.offer(), headers=sdp)
        assert answer.status_code == 201
        assert answer.headers["content-type"].startswith("application/sdp")
        described = RTCSessionDescription(sdp=answer.text, type="answer")
        await peer.connection.setRemoteDescription(described)
        async with asyncio.timeout(PATIENCE_S):
            await peer.frames(30)
        assert simulator.status("quiet").viewers == 2
        assert desk.camera("quiet")["state"] == "online"
        where = str(answer.headers["location"])
        assert desk.http.delete(where).status_code == 204  # before it closes, which ends it too
        assert desk.http.delete(where).status_code == 404
        await peer.connection.close()

    with watch.desk() as desk, ThreadPoolExecutor(1) as pool:  # the browser's loop has this thread
        eventually(lambda: simulator.status("quiet").viewers == 1, 30, "the worker watches")
        pool.submit(asyncio.run, story(desk)).result()
        eventually(lambda: simulator.status("quiet").viewers == 1, 30, "only the worker is left")


def test_a_still_needs_a_login_and_shows_no_password(watch: RunningSite) -> None:
    path = "/api/v1/cameras/fire/still.jpg"
    assert httpx.get(watch.url + path, timeout=PATIENCE_S).status_code == 401
    with watch.desk() as desk:
        answer = desk.http.get(path)
    assert answer.status_code == 200
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert CAMERA_LOGIN.partition(":")[2] not in str(answer.headers)


def test_a_live_process_that_hangs_or_dies_takes_nothing_with_it(watch: RunningSite) -> None:
    still = "/api/v1/cameras/quiet/still.jpg"

    def has_picture(desk: Desk) -> bool:
        return desk.http.get(still).status_code == 200

    def lately_seen(desk: Desk) -> set[tuple[str, str]]:
        return {(one["id"], one["last_seen_at"]) for one in desk.alerts(camera="fire")}

    with watch.desk() as desk:
        eventually(lambda: has_picture(desk), 30, "the first picture")
        (centre,) = watch.children("centre")
        for ending in (signal.SIGSTOP, signal.SIGKILL):
            (live,) = watch.children("thapcanh.app.live.process.child")
            assert "THAPCANH_ADMIN_PASSWORD" not in live.environ()
            assert CAMERA_LOGIN.partition(":")[2] not in str(live.cmdline())
            seen = lately_seen(desk)
            live.send_signal(ending)
            with Desk(watch.url) as other, ThreadPoolExecutor(1) as pool:
                asked = pool.submit(other.http.get, still, timeout=60.0)
                assert desk.http.get("/healthz").status_code == 200
                eventually(lambda: lately_seen(desk) != seen, 60, "events come on")  # noqa: B023
                if ending is signal.SIGSTOP:  # one that died may be there again before it was asked
                    assert asked.result().json()["error"] == "busy"
            eventually(lambda: has_picture(desk), 60, "pictures come back")
        assert centre.is_running()
        assert watch.children("centre") == [centre]


@needs_address
def test_an_officer_sees_the_alerts_camera_live_by_one_key(
    simulator: RunningSimulator, tmp_path: Path, browser: Browser
) -> None:
    """On a site of its own: the shared one's alert may be closed by now."""
    cameras = {"fire": simulator.url("fire", with_login=True)}
    with start_site(tmp_path, cameras) as site, site.desk() as desk:
        eventually(lambda: desk.alerts(camera="fire"), 90, "an alert of the burning camera")
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(site.url)
        page.fill("input[type=text]", "admin")
        page.fill("input[type=password]", PASSWORD)
        page.click("button[type=submit]")
        page.get_by_role("button", name="Nhận ca").first.click()
        page.keyboard.press("l")
        live = page.locator("[data-liveness=live][data-way=video]")
        expect(live).to_be_visible()
        expect(live.get_by_role("status")).to_have_text("Trực tiếp")
        expect(live.locator("[data-box]").first).to_be_visible(timeout=60_000)
        page.keyboard.press("l")
        expect(page.get_by_text("Không trực tiếp — ghi lúc")).to_be_visible()
        page.close()
