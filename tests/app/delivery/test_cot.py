"""TAK's map is told in Cursor on Target over TLS, TCP and UDP; pytak's client gets it."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from defusedxml import ElementTree as Reader

from tests.alerts.delivery.target_of_table import target_of_table
from tests.app.delivery.served import act, log_of, served, until
from tests.app.web_api.centre import Centre
from tests.ingest.sources.tls_camera import certificate
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.sender import PersonMessage
from thapcanh.alerts.delivery.targets.cot import CotTarget, cot_event
from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent, daily_test
from thapcanh.config.secret import SecretUrl
from thapcanh.config.targets import TargetConfig

MESSAGE = PersonMessage(title="Cháy\x00 <&> Hàng Bài", text="P1\nĐịa điểm: 12 Hàng Bài")


class TakServer:
    """Takes CoT by TLS, TCP or UDP, tells of others as a TAK server does, and may die."""

    def __init__(self, pem: Path | None = None, port: int = 0) -> None:
        self.events: list[ET.Element] = []
        self.raw = b""
        self._context: ssl.SSLContext | None = None
        if pem is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(pem)
            self._context.verify_mode = ssl.CERT_REQUIRED  # TAK servers ask for one
            self._context.load_verify_locations(pem)
        self._door = socket.create_server(("127.0.0.1", port))
        self.port = int(self._door.getsockname()[1])
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def die(self) -> None:
        for one in (self._door, *self._lines):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._door.accept()
                threading.Thread(target=self._read, args=(line,), daemon=True).start()

    def _read(self, line: socket.socket) -> None:
        with suppress(OSError):
            if self._context is not None:
                line = self._context.wrap_socket(line, server_side=True)
            self._lines.append(line)
            line.sendall(b'<event uid="another"/>')
            waiting = b""
            while got := line.recv(4096):
                self.raw += got
                *whole, waiting = (waiting + got).split(b"</event>")
                self.events += [Reader.fromstring(one + b"</event>") for one in whole]


@pytest.fixture
def centre(centre: Centre) -> Centre:
    """With cameras that have a place."""
    site = centre.site()
    placed = [one.model_copy(update={"lat": 21.03, "lon": 105.85}) for one in site.cameras]
    centre.site.replace(site.model_copy(update={"cameras": tuple(placed)}))
    return centre


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def tak(pem: Path) -> Iterator[TakServer]:
    made = TakServer(pem)
    yield made
    made.die()


def target(url: str, **changes: Any) -> TargetConfig:
    facts = {"id": "tak", "kind": "cot", "url": SecretUrl(url), "timeout_s": 5.0}
    return target_of_table(facts | changes)


def event(**changes: Any) -> OutgoingEvent:
    facts: dict[str, Any] = {
        "type": "thapcanh.alert.opened.v1", "subject": "alert/0190", "kind": "fire",
        "priority": 1, "version": 1, "at": 1_795_000_000.0,
        "data": {"lat": 21.0285, "lon": 105.8542, "state": "new", "number": "CB-1"},
    }  # fmt: skip
    return OutgoingEvent(**(facts | changes))


def parsed(told: OutgoingEvent) -> ET.Element:
    body = cot_event(told, MESSAGE, "d-1", 3600.0)
    assert body is not None
    found: ET.Element = Reader.fromstring(body)
    return found


def test_an_event_has_what_cursor_on_target_asks_for() -> None:
    found = parsed(event())
    assert found.attrib == {
        "version": "2.0", "uid": "thapcanh.alert.0190", "type": "b-m-p-s-m", "how": "m-g",
        "time": "2026-11-18T11:06:40.000Z", "start": "2026-11-18T11:06:40.000Z",
        "stale": "2026-11-18T12:06:40.000Z",
    }  # fmt: skip
    point = found.find("point")
    assert point is not None
    assert (point.get("lat"), point.get("lon")) == ("21.0285000", "105.8542000")
    assert set(point.attrib) == {"lat", "lon", "hae", "ce", "le"}
    contact, facts = found.find("detail/contact"), found.find("detail/thapcanh")
    assert contact is not None
    assert facts is not None
    assert contact.get("callsign") == "Cháy <&> Hàng Bài"
    assert (facts.get("kind"), facts.get("number"), facts.get("priority")) == ("fire", "CB-1", "1")
    assert found.findtext("detail/remarks") == MESSAGE.text
    later = parsed(event(type="thapcanh.alert.confirmed.v1", at=1_795_000_060.0))
    assert later.get("uid") == found.get("uid")


@pytest.mark.parametrize("state", ["closed", "rejected"])
def test_what_is_over_is_taken_back(state: str) -> None:
    found = parsed(event(data={"state": state}))  # even where its place is not known any more
    link = found.find("detail/link")
    assert (found.get("type"), link is not None and link.get("uid")) == (
        "t-x-d-d",
        "thapcanh.alert.0190",
    )
    assert found.find("detail/__forcedelete") is not None


def test_without_a_place_there_is_no_marker_and_a_test_is_a_ping() -> None:
    assert cot_event(event(data={"state": "new"}), MESSAGE, "d", 60.0) is None
    assert parsed(daily_test("tak", 1.0)).get("type") == "t-x-c-t"


def test_a_pytak_client_receives_a_marker_its_change_and_its_end(centre: Centre) -> None:
    """It listens as its users start it, and the marker has the attributes that it writes itself."""
    pytak = pytest.importorskip("pytak")
    received = asyncio.run(_received_by_pytak(centre, pytak))
    theirs: ET.Element = Reader.fromstring(
        pytak.gen_cot(lat=21.0, lon=105.0, uid="x", cot_type="b-m-p-s-m")
    )
    for one in received:
        assert set(theirs.attrib) - {"access", "qos", "opex", "caveat"} <= set(one.attrib)
        points = (theirs.find("point"), one.find("point"))
        assert len({tuple(sorted(each.attrib)) for each in points if each is not None}) == 1
        assert all(one.attrib[name].endswith("Z") for name in ("time", "start", "stale"))
    assert {one.get("type") for one in received[:-1]} == {"b-m-p-s-m"}
    uid = received[0].get("uid")
    assert [one.get("uid") for one in received[:-1]] == [uid] * 3
    assert [one.get("uid") for one in received[-1].iterfind("detail/link")] == [uid]


async def _received_by_pytak(centre: Centre, pytak: Any) -> list[ET.Element]:
    """What a pytak client gets of an alert until it is closed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = ConfigParser()
    config["ours"] = {"COT_URL": f"udp+ro://127.0.0.1:{port}"}
    reader, _ = await pytak.protocol_factory(config["ours"])
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    listening = asyncio.create_task(pytak.RXWorker(queue, config["ours"], reader).run())
    found: list[ET.Element] = []
    with served(centre, target(f"udp://127.0.0.1:{port}")):
        alert = centre.raise_alert()
        actions = iter(("acknowledge", "confirm", "close"))
        while not found or found[-1].get("type") != "t-x-d-d":
            one = Reader.fromstring(await asyncio.wait_for(queue.get(), PATIENCE_S))
            if one.get("type") != "t-x-c-t":  # the ping of a new target
                found.append(one)
                if action := next(actions, None):
                    await asyncio.to_thread(act, centre, alert, action)
    listening.cancel()
    reader.close()
    return found


def test_a_tak_server_has_a_marker_until_the_alert_is_closed(
    centre: Centre, tak: TakServer, pem: Path
) -> None:
    mine = target(f"tls://127.0.0.1:{tak.port}", ca=pem.read_text(), secret=pem.read_text())
    with served(centre, mine):
        alert = centre.raise_alert()
        uid = f"thapcanh.alert.{alert}"
        until(lambda: [one for one in tak.events if one.get("uid") == uid])
        tak.die()
        act(centre, alert, "acknowledge")
        until(lambda: any(one.error for one in log_of(centre)))
        again = TakServer(pem, tak.port)
        for action in ("confirm", "close"):
            act(centre, alert, action)
        until(lambda: [one for one in again.events if one.get("type") == "t-x-d-d"])
        again.die()
    told = {one.get("type") for event in again.events for one in event.findall("detail/thapcanh")}
    assert {"thapcanh.alert.acknowledged.v1", "thapcanh.alert.confirmed.v1"} <= told
    assert b"PRIVATE KEY" not in again.raw


def test_a_server_that_is_not_believed_gets_nothing(
    centre: Centre, tak: TakServer, tmp_path: Path
) -> None:
    other = certificate(tmp_path, host="127.0.0.3").read_text()
    with served(centre, target(f"tls://127.0.0.1:{tak.port}", ca=other)) as service:
        centre.raise_alert()
        until(lambda: (state := service.states().get("tak")) and state.error)
        assert "certificate is not trusted" in str(service.states()["tak"].error)
    assert tak.raw == b""


def test_datagrams_and_plain_tcp_are_told_where_they_are_asked_for(centre: Centre) -> None:
    plain = TakServer()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(30)
        udp = target(f"udp://127.0.0.1:{door.getsockname()[1]}")
        tcp = target(f"tcp://127.0.0.1:{plain.port}", id="tcp")
        with served(centre, udp, tcp):
            alert = centre.raise_alert()
            found = [Reader.fromstring(door.recv(65_536)) for _ in range(2)]  # and its daily test
            until(lambda: len(plain.events) == 2)
    uid = f"thapcanh.alert.{alert}"
    assert uid in {one.get("uid") for one in found} & {one.get("uid") for one in plain.events}
    assert str(CotTarget(id="t", url=SecretUrl("tls://a:1/x")).url) == "tls://a:1"
    plain.die()


def test_an_alert_without_a_place_is_skipped_and_no_dead_letter(centre: Centre) -> None:
    """Nobody has to decide about it, and nothing is said of the server's health."""
    server = TakServer()
    bare = [one.model_copy(update={"lat": None, "lon": None}) for one in centre.site().cameras]
    centre.site.replace(centre.site().model_copy(update={"cameras": tuple(bare)}))
    url = SecretUrl(f"tcp://127.0.0.1:{server.port}")
    tak = target_of_table({"id": "tak", "kind": "cot", "url": url, "timeout_s": 2.0})
    try:
        with served(centre, tak) as service:
            centre.raise_alert()
            until(lambda: log_of(centre, target="tak") and _states_of(centre) == {"discarded"})
            until(lambda: "tak" in service.states())
            assert service.states()["tak"].dead == 0
    finally:
        server.die()
    whys = {one.error for one in log_of(centre, target="tak") if one.kind != "test"}
    assert whys == {"its place is not known: a map cannot show it"}


def _states_of(centre: Centre) -> set[str]:
    return {one.state.value for one in log_of(centre, target="tak") if one.kind != "test"}
