"""A recorded fire, served over RTSP, becomes an alert that an officer acknowledges."""

import hashlib
import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import av
import httpx
import pytest

from tests.end_to_end.running_site import Desk, RunningSite, eventually
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def desk(watch: RunningSite) -> Iterator[Desk]:
    with watch.desk() as session:
        yield session


@pytest.fixture(scope="module")
def alert(desk: Desk) -> dict[str, Any]:
    """The alert of the burning camera, once its clip has its tail."""

    def whole() -> dict[str, Any] | None:
        found = desk.alerts(camera="fire")
        return found[0] if found and found[0]["clip"] else None

    found: dict[str, Any] = eventually(whole, 60.0, "an alert with a clip")
    return found


def test_the_fire_is_one_alert_with_its_place(desk: Desk, alert: dict[str, Any]) -> None:
    assert alert["kind"] in ("fire", "smoke")
    assert alert["priority"] == 1
    assert alert["state"] in ("new", "acknowledged")
    assert (alert["lat"], alert["lon"]) == (21.03, 105.85)
    assert len(desk.alerts(camera="fire")) == 1
    assert desk.alerts(camera="quiet") == []


def test_its_pictures_and_film_can_be_seen_and_are_sealed(
    desk: Desk, alert: dict[str, Any]
) -> None:
    picture = desk.http.get(alert["snapshot"])
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content[:3] == b"\xff\xd8\xff"
    assert desk.http.get(alert["snapshot_boxed"]).content != picture.content

    def film() -> float | None:
        newest = desk.alerts(camera="fire")[0]["clip"]
        with av.open(io.BytesIO(desk.http.get(newest).content), "r") as container:
            stream = container.streams.video[0]
            assert stream.codec_context.name == "h264"
            frames = sum(1 for _ in container.decode(stream))
        seconds = frames / 15
        # 10 s after; before it, as much as there was since the camera was opened, 5 s at most
        return seconds if seconds >= 10.5 else None

    assert eventually(film, 30.0, "a clip with its 10 s after")
    for item in desk.http.get(f"/api/v1/alerts/{alert['id']}").json()["evidence"]:
        content = desk.http.get(item["url"]).content
        assert hashlib.sha256(content).hexdigest() == item["sha256"]
        assert len(content) == item["bytes"]


def test_evidence_and_alerts_need_a_login(watch: RunningSite, alert: dict[str, Any]) -> None:
    for path in (alert["snapshot"], alert["clip"], "/api/v1/alerts", "/api/v1/stream"):
        assert httpx.get(watch.url + path, timeout=PATIENCE_S).status_code == 401, path


def test_acknowledging_shows_on_another_screen_and_only_one_officer_gets_it(
    watch: RunningSite, desk: Desk, alert: dict[str, Any]
) -> None:
    seen: list[dict[str, Any]] = []
    listening = threading.Event()

    def listen() -> None:
        with (
            watch.desk() as other,
            other.http.stream("GET", "/api/v1/stream", timeout=30.0) as stream,
        ):
            listening.set()
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    data = json.loads(line[5:])
                    if data.get("alert", {}).get("state") == "acknowledged":
                        seen.append(data)
                        return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert listening.wait(PATIENCE_S)
    newest = desk.alerts(camera="fire")[0]
    if newest["state"] == "new":
        reply = desk.act(newest, "acknowledge")
        assert reply.status_code == 200, reply.text
        assert reply.json()["state"] == "acknowledged"
        assert reply.json()["owner"]["username"] == "admin"
    thread.join(PATIENCE_S)
    assert seen, "the other screen did not hear of it"
    assert seen[0]["alert"]["id"] == newest["id"]


def test_the_whole_life_is_in_the_log(desk: Desk, alert: dict[str, Any]) -> None:
    for action, body in (
        ("acknowledge", {}),
        ("reject", {"reason": "drill"}),
        ("close", {"note": "hết"}),
    ):
        newest = desk.http.get(f"/api/v1/alerts/{alert['id']}").json()
        reply = desk.act(newest, action, **body)
        assert reply.status_code == 200, (action, reply.text)
    whole = desk.http.get(f"/api/v1/alerts/{alert['id']}").json()
    assert whole["state"] == "closed"
    assert whole["reject_reason"] == "drill"
    steps = whole["steps"]
    order = [steps[name] for name in ("captured", "inferred", "spooled", "queued", "stored")]
    assert None not in order
    assert order == sorted(order)
    actions = [entry["action"] for entry in whole["log"]]
    for action in ("acknowledge", "reject", "close"):
        assert any(action in found for found in actions), actions
