"""Many cameras listened to at once: real subscriptions, cameras that fail, and a clean end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from tests.ingest.onvif.event_camera import EventCamera, event_camera
from tests.ingest.onvif.scripted_camera import Handler, fault
from tests.patience import PATIENCE_S, patient
from thapcanh.app.camera_events.listener import COSTLY, EventListener, ListenerSettings
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.onvif.event_topics import OnvifEvent
from thapcanh.ingest.onvif.pull_point import Waits
from thapcanh.ingest.onvif.records import OnvifLogin

INPUT = "tns1:Device/Trigger/DigitalInput"
SOON = Backoff(first_s=0.05, longest_s=0.1)
FAST = ListenerSettings(
    retry=SOON, hopeless=SOON, ask_every_s=0.05, tick_s=0.05,
    waits=Waits(open_s=30.0, pull_s=1.0, answer_s=30.0),
)  # fmt: skip


class Heard:
    """What was told, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, OnvifEvent]] = []

    def __call__(self, camera_id: str, event: OnvifEvent) -> None:
        self.events.append((camera_id, event))

    def of(self, camera_id: str) -> list[bool | None]:
        return [event.is_active for name, event in self.events if name == camera_id]


@pytest.fixture
def camera() -> Iterator[EventCamera]:
    with event_camera() as running:
        yield running


@contextmanager
def _listening(heard: Heard, **logins: OnvifLogin) -> Iterator[EventListener]:
    listener = EventListener(heard, lambda: None, FAST)
    listener.follow(logins)
    with closing(_Stopping(listener)):
        yield listener


class _Stopping:
    def __init__(self, listener: EventListener) -> None:
        self.close = listener.stop


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + patient(10)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_on(listener: EventListener, camera_id: str) -> bool:
    state = listener.state(camera_id)
    return state is not None and state.is_on


def test_events_come_and_every_subscription_is_given_back_at_the_end(camera: EventCamera) -> None:
    heard = Heard()
    with _listening(heard, gate=camera.login) as listener:
        _until(lambda: _is_on(listener, "gate"))
        camera.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})
        _until(lambda: heard.of("gate") == [True])
        assert len(camera.subscriptions) == 1
    assert camera.subscriptions == {}
    assert not any(one.name == "camera-events" for one in threading.enumerate())


def test_a_lost_subscription_is_made_again_and_tells_what_changed_meanwhile(
    camera: EventCamera,
) -> None:
    heard = Heard()
    with _listening(heard, gate=camera.login) as listener:
        _until(lambda: _is_on(listener, "gate"))
        camera.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "false"})
        _until(lambda: heard.of("gate") == [False])
        camera.most = 0
        camera.lose_subscriptions()
        _until(lambda: not _is_on(listener, "gate"))
        state = listener.state("gate")
        assert state is not None
        assert "kin" not in state.detail
        camera.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})
        camera.most = 10
        _until(lambda: heard.of("gate") == [False, True])
        assert heard.events[-1][1].is_initial


def test_cameras_that_fail_hold_up_no_other(camera: EventCamera) -> None:
    heard = Heard()
    with event_camera() as wrong, event_camera() as silent:
        refused = fault("Sender not Authorized", "ter:NotAuthorized")
        wrong.camera.answers["CreatePullPointSubscription"] = refused
        ended = threading.Event()
        silent.camera.answers["CreatePullPointSubscription"] = lambda *_: _wait(ended)
        nobody = OnvifLogin(service="http://127.0.0.1:9/onvif/device_service")
        logins = {
            "gate": camera.login, "wrong": wrong.login, "silent": silent.login, "off": nobody,
        }  # fmt: skip
        try:
            with _listening(heard, **logins) as listener:
                camera.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})
                _until(lambda: heard.of("gate"))
                _until(lambda: "password" in _detail(listener, "wrong"))
                _until(lambda: "no connection" in _detail(listener, "off"))
                assert not _is_on(listener, "silent")
        finally:
            ended.set()


def _wait(ended: threading.Event) -> None:
    ended.wait(PATIENCE_S)


def _detail(listener: EventListener, camera_id: str) -> str:
    state = listener.state(camera_id)
    return "" if state is None else state.detail


def test_a_camera_that_answers_at_once_for_ever_is_asked_seldom(camera: EventCamera) -> None:
    camera.longest_s = 0.0  # it holds no answer back
    heard = Heard()
    with _listening(heard, gate=camera.login):
        _until(lambda: camera.camera.operations().count("PullMessages") >= 3)
        begun, before = time.monotonic(), camera.camera.operations().count("PullMessages")
        _until(lambda: camera.camera.operations().count("PullMessages") >= before + 10)
        assert time.monotonic() - begun >= 9 * FAST.ask_every_s


def test_a_camera_whose_answers_take_long_to_read_takes_a_small_share_of_the_thread(
    camera: EventCamera, caplog: pytest.LogCaptureFixture
) -> None:
    camera.longest_s = 0.0
    heard, ticks = Heard(), list[tuple[float, float]]()

    def tick() -> None:
        ticks.append((time.monotonic(), time.thread_time()))

    def flood(handler: Handler, body: str) -> None:
        for number in range(50):
            camera.happen(INPUT, {"InputToken": f"{number}"}, {"LogicalState": "true"})
        camera.pull(handler, body)

    camera.camera.answers["PullMessages"] = flood
    listener = EventListener(heard, tick, replace(FAST, ask_every_s=0.001))
    with closing(_Stopping(listener)):
        listener.follow({"gate": camera.login})
        _until(lambda: len(heard.events) >= 100)
        begun = len(ticks) - 1
        _until(lambda: len(heard.events) >= 500)
        _until(lambda: len(ticks) > begun + 1)
        (at, spent), (ended, all_spent) = ticks[begun], ticks[-1]
    assert all_spent - spent < 0.25 * (ended - at)
    assert sum(COSTLY in line for line in caplog.messages) == 1


def test_who_is_no_longer_wanted_is_let_go_and_another_login_is_used(camera: EventCamera) -> None:
    heard = Heard()
    with _listening(heard, gate=camera.login, yard=camera.login) as listener:
        _until(lambda: _is_on(listener, "gate") and _is_on(listener, "yard"))
        listener.follow({"gate": replace(camera.login, password="mới")})
        _until(lambda: camera.made == 3 and _is_on(listener, "gate"))
        _until(lambda: len(camera.subscriptions) == 1)
        assert listener.state("yard") is None
        listener.follow({"gate": replace(camera.login, password="mới")}, frozenset({"gate"}))
        _until(lambda: camera.made == 4)


def test_without_cameras_no_thread_begins_and_the_end_is_at_once() -> None:
    listener = EventListener(Heard(), lambda: None)
    listener.follow({})
    assert not any(one.name == "camera-events" for one in threading.enumerate())
    listener.stop()
    listener.stop()
