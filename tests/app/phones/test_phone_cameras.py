"""Phones as cameras of workers: told while they send, added to the site, taken out again."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from thapcanh.alerts.store.errors import QueueBusy
from thapcanh.app.live.whip.phone_links import PhoneLink, PhoneLinkOptions, PhoneLinks
from thapcanh.app.phones.phone_cameras import LOOK_EVERY_S, PhoneCameraPublisher, SiteWithPhones
from thapcanh.app.worker.reference_view_store import tamper_settings
from thapcanh.config.camera import CameraConfig
from thapcanh.config.difference import Difference, difference
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site

GATE = CameraConfig(id="gate", name="Cổng", source=SecretUrl("rtsp://10.0.0.1/gate"))
SITE = Site(cameras=(GATE,))
PHONE = {
    "id": "phone-1",
    "name": "Tổ 3",
    "agency": None,
    "area": None,
    "source": "http://c/p?key=k",
}


class Told:
    """A queue that holds one list, or does not answer."""

    def __init__(self) -> None:
        self.list: list[dict[str, Any]] = []
        self.writes = 0
        self.answers = True

    def publish_phones(
        self, centre: str, phones: Sequence[Mapping[str, Any]], ttl_s: float
    ) -> None:
        assert ttl_s > LOOK_EVERY_S
        self.list, self.writes = [dict(each) for each in phones], self.writes + 1

    def phones(self) -> list[dict[str, Any]]:
        if not self.answers:
            raise QueueBusy("busy")
        return self.list


class Worker:
    """A worker's site, and time that is moved by hand."""

    def __init__(self) -> None:
        self.queue = Told()
        self.now = 100.0
        self.change: tuple[Site, Difference] | None = None
        self.site = SiteWithPhones(SITE, self._poll, self.queue, lambda: self.now)

    def observe(self) -> tuple[Site, Difference] | None:
        self.now += LOOK_EVERY_S
        return self.site.poll()

    def _poll(self) -> tuple[Site, Difference] | None:
        change, self.change = self.change, None
        return change


@pytest.fixture
def worker() -> Worker:
    return Worker()


def link() -> PhoneLink:
    order = PhoneLinkOptions(name="Tổ 3", made_by="an", agency="pc07", area=None, ends_at=60.0)
    return PhoneLinks(lambda: 0.0).make(order)[0]


def test_nothing_is_written_while_nobody_sends() -> None:
    queue, sending = Told(), [link()]
    teller = PhoneCameraPublisher(
        queue, lambda: sending, lambda one: f"http://c/{one.camera.id}?key=k"
    )
    teller.round()
    (told,) = queue.list
    assert (told["name"], told["agency"]) == ("Tổ 3", "pc07")
    assert CameraConfig.model_validate(told).id == sending[0].camera.id
    settings = tamper_settings(CameraConfig.model_validate(told))
    assert (settings.is_fixed, settings.tells_moved) == (False, False), "it is carried"
    sending.clear()
    teller.round()
    teller.round()
    assert (queue.list, queue.writes) == ([], 2)


def test_a_phone_comes_and_goes(worker: Worker) -> None:
    assert worker.observe() is None
    worker.queue.list = [PHONE]
    change = worker.observe()
    assert change is not None
    assert [camera.id for camera in change[0].cameras] == ["gate", "phone-1"]
    assert change[1].added == {"phone-1"}
    assert "key=k" not in repr(change[0].cameras)  # the key is a secret
    assert worker.observe() is None
    worker.queue.list = []
    gone = worker.observe()
    assert gone is not None
    assert gone[1].removed == {"phone-1"}


def test_phones_stay_while_the_queue_is_silent_and_the_site_changes(worker: Worker) -> None:
    worker.queue.list = [PHONE]
    worker.observe()
    worker.queue.answers = False
    renamed = Site(cameras=(GATE.model_copy(update={"source": SecretUrl("rtsp://10.0.0.2/g")}),))
    worker.change = (renamed, difference(SITE, renamed))
    change = worker.observe()
    assert change is not None
    assert change[1].reopened == {"gate"}
    assert not change[1].removed


def test_what_is_no_camera_is_left_out(worker: Worker) -> None:
    worker.queue.list = [{"id": "phone-2"}, {**PHONE, "id": "gate"}, PHONE]
    change = worker.observe()
    assert change is not None
    assert change[1].added == {"phone-1"}
