"""One happening, every source, with parts that are not ours: from a SIP call to the report.

A call by SIPp through Kamailio fills the form; a recorded fire before a camera and a device's
signal by `mosquitto_pub` join its incident; it is dispatched, told to a broker and a webhook that
die in between, read as CAP by OASIS's schema, and closed with its report.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from capvalidator import check_schema
from playwright.sync_api import Browser, Page, expect

from tests.app.delivery.receiver import SECRET, Receiver
from tests.app.delivery.test_mqtt import Broker, needs_mosquitto
from tests.end_to_end.running_site import PASSWORD, Desk, RunningSite, eventually, start_site
from tests.foreign.sip_exchange import SipExchange, needs_sip, sip_exchange
from tests.patience import PATIENCE_S
from tests.running_simulator import RunningSimulator

pytestmark = [
    pytest.mark.end_to_end,
    needs_sip,
    needs_mosquitto,
]

NUMBER = "0912345678"
TALKS_S = 30.0  # until the officer has the call, on a slow machine too
PLACES = "kind,name,ward,lat,lon,note\nstreet,Hàng Bài,Cửa Nam,21.0301,105.8501,Trụ nước số 10\n"
STEPS = ("open", "assessed", "dispatched", "en_route", "on_scene", "controlled", "closed")
OUTSIDE = """
places_file = "{places}"
[[devices]]
id = "panel-17"
name = "Tủ báo cháy Hàng Bài"
lat = 21.0302
lon = 105.8502
[[targets]]
id = "hook"
kind = "webhook"
url = "{hook}"
secret = "{secret}"
[[targets]]
id = "broker"
kind = "mqtt"
url = "mqtt://127.0.0.1:{port}"
username = "centre"
secret = "right-password"
signals = true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A running centre, and what stands outside it."""

    site: RunningSite
    broker: Broker
    hook: Receiver
    exchange: SipExchange


@contextmanager
def city(folder: Path, simulator: RunningSimulator) -> Iterator[City]:
    places = folder / "places.csv"
    places.write_text(PLACES, encoding="utf-8")
    cameras = {"fire": simulator.url("fire", with_login=True)}
    with ExitStack() as parts:
        broker, hook = Broker(folder), Receiver()
        parts.callback(broker.die)
        parts.callback(hook.close)
        extra = OUTSIDE.format(places=places, hook=hook.url, secret=SECRET, port=broker.port)
        site = parts.enter_context(start_site(folder, cameras, extra))
        url = f"{site.url}/api/v1/incoming-calls"
        exchange = parts.enter_context(sip_exchange(folder, url, token(folder)))
        yield City(site=site, broker=broker, hook=hook, exchange=exchange)


def token(folder: Path) -> str:
    """As a technician makes it, at the centre's console."""
    command = [sys.executable, "-P", "-m", "thapcanh", "token", "add", "pbx", "--role", "viewer"]
    command += ["--power", "telephone", "--machine", "-c", str(folder / "thapcanh.toml")]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return made.partition("token: ")[2].split()[0]


@contextmanager
def officer(browser: Browser, site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
    try:
        page = context.new_page()
        page.goto(site.url)
        page.locator("input[type=text]").fill("admin")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.get_by_role("button", name="Nhận ca", exact=True).press("Enter")
        yield page
    finally:
        context.close()


def take_the_call(page: Page) -> None:
    """The number comes from the exchange; the officer types the rest."""
    page.get_by_role("button", name="Nhận cuộc gọi").click()
    expect(page.locator("#call-caller")).to_have_value(NUMBER)
    page.locator("#call-place").fill("12 hang bai")
    expect(page.locator("#call-place-0")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("#call-words").fill("cháy tầng 3")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã ghi cuộc gọi 114-0001")).to_be_visible()
    page.get_by_role("button", name="Mở vụ việc").click()


def join_all(page: Page, count: int) -> None:
    """Join what is suggested until the incident has so many alerts."""
    for number in range(1, count + 1):
        page.locator("[data-suggestion]").first.get_by_role("button", name="Ghép vào").click()
        expect(page.locator("[data-member=alert]")).to_have_count(number)


def told(hook: Receiver, incident: str) -> list[str]:
    """What the webhook took of an incident, each event once, in its order."""
    subject = f"incident/{incident}"
    ours = [one for one in hook.unique() if one["subject"] == subject]
    return [one["type"].removeprefix("thapcanh.incident.").removesuffix(".v1") for one in ours]


def test_from_a_sip_call_to_the_report(
    browser: Browser, simulator: RunningSimulator, tmp_path: Path
) -> None:
    with (
        city(tmp_path, simulator) as outside,
        officer(browser, outside.site) as page,
        outside.site.desk() as desk,
        ExitStack() as line,
    ):
        seen = eventually(lambda: desk.alerts(camera="fire"), 60, "the camera's fire")[0]
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        signal = {"id": "k", "device_id": "panel-17", "kind": "fire", "at": at}
        said = ("thapcanh/signals/panel-17", json.dumps(signal).encode())
        outside.broker.say(*said)
        device = eventually(lambda: desk.alerts(camera="panel-17"), 60, "the device's fire")[0]
        caller = line.enter_context(outside.exchange.call(NUMBER, "114", TALKS_S))
        take_the_call(page)
        join_all(page, 2)
        incident = page.url.rpartition("/")[2]
        outside.broker.die()
        outside.hook.die()
        page.keyboard.press("c")
        expect(page.locator("[data-state=assessed]")).to_be_visible()
        page.get_by_role("button", name="Đã báo 114").click()
        expect(page.locator("[data-told='114']")).to_be_visible()
        outside.broker.begin()
        outside.hook.begin()
        message = desk.http.get(f"/api/v1/incidents/{incident}/cap")
        check_schema(message.content)
        for key, state in (("1", "en_route"), ("2", "on_scene"), ("3", "controlled")):
            page.keyboard.press(key)
            expect(page.locator(f"[data-state={state}]")).to_be_visible()
        eventually(lambda: state_at(outside.broker, incident) == "controlled", 60, "the subscriber")
        page.locator("#close-report").fill("Đã dập tắt, không có thiệt hại về người")
        page.get_by_role("button", name="Kết thúc vụ việc").click()
        expect(page.get_by_text("Còn mở: ghi vài chữ")).to_be_visible()
        page.get_by_role("button", name="Kết thúc vụ việc").click()  # it was read
        expect(page.locator("[data-state=closed]")).to_be_visible()
        detail = desk.http.get(f"/api/v1/incidents/{incident}/detail").json()
        assert {one["id"] for one in detail["alerts"]} == {seen["id"], device["id"]}
        assert [one["caller"] for one in detail["calls"]] == [NUMBER]
        assert_times(page, detail)
        wanted = ["assessed", "dispatched", "stepped", "stepped", "stepped", "closed"]
        eventually(lambda: told(outside.hook, incident)[-6:] == wanted, 60, "the webhook")
        eventually(lambda: waiting(desk) == [], 60, "all is delivered")
        assert outside.hook.forged == 0
        assert caller.wait(PATIENCE_S) == 0


def apart(work: Callable[[], Any]) -> Any:
    """Run what has an event loop of its own beside the browser's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def waiting(desk: Desk) -> list[Any]:
    """What targets have not taken yet."""
    answer = desk.http.get("/api/v1/deliveries", params={"state": "waiting"})
    items: list[Any] = answer.json()["items"]
    return items


def state_at(broker: Broker, incident: str) -> str | None:
    """What somebody hears of an incident who subscribes now."""
    try:
        ((_, state),) = apart(lambda: broker.heard(f"thapcanh/state/incident/{incident}", 1))
    except TimeoutError:
        return None
    return str(state["data"]["state"])


def assert_times(page: Page, detail: dict[str, Any]) -> None:
    """Each step has one time: on the screen, in its log, and in the archive."""
    for step in STEPS[1:]:
        shown = page.locator(f"[data-step={step}] time").inner_text()
        assert page.locator(f"[data-reached={step}] .figures").first.inner_text() == shown
    assert [one["step"] for one in detail["incident"]["steps"]] == list(STEPS)
    logged = {one["step"]: one["at"] for one in detail["log"] if one["step"]}
    for one in detail["incident"]["steps"][1:]:
        assert logged[one["step"]] == one["at"]
