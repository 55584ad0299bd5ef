"""A real Mosquitto that is killed: events QoS 1, states retained, devices' signals heard.

Devices speak by `mosquitto_pub`.
"""

import asyncio
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from uuid6 import uuid7

from tests.app.delivery.served import act, log_of, served, until
from tests.app.web_api.centre import Centre
from tests.local_ports import listens
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.mqtt_connection import MqttTarget, broker_address, broker_client
from thapcanh.alerts.delivery.outbox.records import DeliveryState
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.alerts.positions.position_store import PositionRepository
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.device_signals import SignalRepository
from thapcanh.alerts.signals.device_store import DeviceRepository
from thapcanh.alerts.store.errors import SpoolFull
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.delivery.mqtt_signals import read_signal
from thapcanh.app.positions.position_service import PositionService
from thapcanh.app.process.free_port import free_port
from thapcanh.app.signals.devices_in_force import DevicesInForce
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.config.devices import DeviceConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.event import EventPhase
from thapcanh.ingest.address_guard import AS_WRITTEN
from thapcanh.ingest.clock import SystemClock

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
PUBLISHER = shutil.which("mosquitto_pub")
needs_mosquitto = pytest.mark.skipif(
    MOSQUITTO is None or PUBLISHER is None,
    reason="needs Debian's mosquitto and mosquitto-clients",
)
pytestmark = needs_mosquitto
_LAST = "test/last"
PANEL = DeviceConfig(id="panel-17", name="Tủ báo cháy")


class Broker:
    """Mosquitto on one port, through any number of deaths, with one login."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        passwords = folder / "passwords"
        program = str(Path(MOSQUITTO or "").parent.parent / "bin" / "mosquitto_passwd")
        program = shutil.which("mosquitto_passwd") or program
        subprocess.run([program, "-b", "-c", passwords, "centre", "right-password"], check=True)
        passwords.chmod(0o644)
        config = folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\n"
            f"password_file {passwords}\nuser root\npersistence true\n"
            f"persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\n"
        )
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None
        self.begin()

    def begin(self) -> None:
        command = [str(MOSQUITTO), "-c", str(self._config)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until(lambda: listens(self.port))

    def die(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)

    def target(self, **changes: Any) -> MqttTarget:
        facts: dict[str, Any] = {
            "id": "broker",
            "kind": "mqtt",
            "url": SecretUrl(f"mqtt://127.0.0.1:{self.port}"),
            "username": "centre",
            "secret": "right-password",
            "timeout_s": 2.0,
        }
        return MqttTarget.model_validate(facts | changes)

    def heard(self, topic: str, count: int) -> list[tuple[str, dict[str, Any]]]:
        """What somebody hears who subscribes now."""
        return asyncio.run(self._received(topic, count))

    async def _received(self, topic: str, count: int) -> list[tuple[str, dict[str, Any]]]:
        target, found = self.target(timeout_s=60.0), []
        async with broker_client(target, await broker_address(target, AS_WRITTEN)) as client:
            await client.subscribe(topic, qos=1)
            async with asyncio.timeout(PATIENCE_S):
                async for message in client.messages:
                    found.append((str(message.topic), json.loads(bytes(message.payload))))
                    if len(found) == count:
                        return found
        return found

    def retained(self, topic: str) -> list[str]:
        """Topics with a retained message: all that comes before what is published afterwards."""
        return asyncio.run(self._retained(topic))

    async def _retained(self, topic: str) -> list[str]:
        target = self.target(timeout_s=60.0)
        found: list[str] = []
        async with broker_client(target, await broker_address(target, AS_WRITTEN)) as client:
            await client.subscribe([(topic, 1), (_LAST, 1)])
            await client.publish(_LAST, b"", qos=1)
            async with asyncio.timeout(PATIENCE_S):
                async for message in client.messages:
                    if str(message.topic) == _LAST:
                        return found
                    found.append(str(message.topic))
        return found

    def say(self, topic: str, body: bytes, *flags: str) -> None:
        """Publish as a device of another maker does: by Mosquitto's own program."""
        command = [str(PUBLISHER), "-h", "127.0.0.1", "-p", str(self.port), "-q", "1", "-s"]
        login = ["-u", "centre", "-P", "right-password"]
        subprocess.run(
            [*command, *login, *flags, "-t", topic], input=body, check=True, timeout=PATIENCE_S
        )


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.die()


def test_states_are_retained_through_a_broker_that_dies(centre: Centre, broker: Broker) -> None:
    waiting = DeliveryState.WAITING
    with served(centre, broker.target()):
        kept = centre.raise_alert()
        closed = centre.raise_alert()
        until(lambda: len(log_of(centre, state=DeliveryState.DELIVERED)) >= 3)
        broker.die()
        for action in ("acknowledge", "confirm", "close"):
            act(centre, closed, action)
        act(centre, kept, "acknowledge")
        until(lambda: any(one.error for one in log_of(centre, state=waiting)))
        broker.begin()
        until(lambda: not log_of(centre, state=waiting))
    ((topic, state),) = broker.heard("thapcanh/state/#", 1)
    assert topic == f"thapcanh/state/alert/{kept}"  # the closed one is retained no more
    assert state["data"]["state"] == "acknowledged"
    assert state["type"] == "thapcanh.alert.acknowledged.v1"


def test_what_is_told_of_a_closed_alert_is_retained_no_more(centre: Centre, broker: Broker) -> None:
    """Closed by people first, cleared by the detector later: its state came back for ever."""
    episode = str(uuid7())
    seen = {"event_id": episode, "rule_id": "fire", "zone_id": "yard"}
    with served(centre, broker.target()):
        kept = centre.raise_alert()
        closed = centre.raise_alert(**seen)
        for action in ("acknowledge", "confirm", "close"):
            act(centre, closed, action)
        centre.raise_alert(**seen, phase=EventPhase.CLEARED)
        told = {"thapcanh.alert.closed.v1", "thapcanh.alert.cleared.v1"}
        until(lambda: told <= _stop_future(centre, closed))
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))
    assert broker.retained("thapcanh/state/#") == [f"thapcanh/state/alert/{kept}"]


def _stop_future(centre: Centre, alert_id: str) -> set[str]:
    delivered = log_of(centre, state=DeliveryState.DELIVERED)
    return {one.type for one in delivered if one.subject == f"alert/{alert_id}"}


def test_a_wrong_password_is_said_and_nothing_is_lost(centre: Centre, broker: Broker) -> None:
    with served(centre, broker.target(secret="wrong-password")) as service:
        centre.raise_alert()
        until(lambda: (state := service.states().get("broker")) and state.error)
        assert service.states()["broker"].error == "the broker does not accept our login"
    assert log_of(centre, state=DeliveryState.DEAD) == []


def devices_of(centre: Centre) -> DevicesInForce:
    return DevicesInForce(centre.site, DeviceRepository(centre.archive.database), SystemClock())


def test_devices_signals_are_heard(centre: Centre, broker: Broker, tmp_path: Path) -> None:
    centre.site.replace(centre.site().model_copy(update={"devices": (PANEL,)}))
    spool = Spool(tmp_path / "signals.sqlite", "signals")
    repository = SignalRepository(centre.archive.database)
    desk = SignalService(devices_of(centre), spool, repository, SystemClock())
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = {"id": "k-1", "device_id": "panel-17", "kind": "fire", "at": at}
    with served(centre, broker.target(signals=True), signals=desk):
        state: Callable[[], Any] = lambda: desk.states()["panel-17"][1]  # noqa: E731

        def said(topic: str, body: dict[str, Any]) -> None:
            broker.say(f"thapcanh/signals/{topic}", json.dumps(body).encode())

        def taken() -> bool:
            said("panel-17", told)
            return repository.find_all([("panel-17", "k-1")]) != {}

        until(taken)  # from when it listens; told again and again it is one
        said("panel-18", told | {"id": "k-2"})
        said("panel-17", {"kind": "fire"})
        said("panel-17", told | {"id": "k-3", "kind": "cleared"})
        until(lambda: repository.find_all([("panel-17", "k-3")]))
    assert repository.find_all([("panel-17", "k-2")]) == {}  # another's topic
    phases = [entry["type"].split(".")[2] for _, entry in spool.oldest()]
    assert phases == ["raised", "cleared"]
    assert state() is not None
    spool.close()


def test_owntracks_tells_where_units_are(centre: Centre, broker: Broker) -> None:
    leader = Actor(username="ld", name="ld", role=Role.LEADER)
    unit = Unit(id="xe-1", name="Xe 1", kind=UnitKind.FIRE_ENGINE)
    UnitRepository(centre.archive.database).save(leader, [unit], time.time())
    desk = PositionService(PositionRepository(centre.archive.database), SystemClock())
    told = {"_type": "location", "lat": 21.03, "lon": 105.85, "tst": int(time.time())}
    with served(centre, broker.target(positions=True), positions=desk):

        def said(topic: str, body: dict[str, Any]) -> None:
            broker.say(f"owntracks/{topic}", json.dumps(body).encode())

        def is_told() -> bool:
            said("nobody/phone", told)
            said("crew/xe-1", told | {"lat": 0, "lon": 0})
            said("crew/xe-1", told)
            return desk.live("xe-1") is not None

        until(is_told)
    found = desk.live("xe-1")
    assert found is not None
    assert found.place == (21.03, 105.85)


def test_a_signal_that_could_not_be_saved_comes_again(
    centre: Centre, broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.site.replace(centre.site().model_copy(update={"devices": (PANEL,)}))
    spool = Spool(tmp_path / "signals.sqlite", "signals")
    repository = SignalRepository(centre.archive.database)
    desk = SignalService(devices_of(centre), spool, repository, SystemClock())
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = {"id": "k-1", "device_id": "panel-17", "kind": "fire", "at": at}

    def said(body: dict[str, Any]) -> None:
        broker.say("thapcanh/signals/panel-17", json.dumps(body).encode())

    def taken() -> bool:
        said(told)
        return repository.find_all([("panel-17", "k-1")]) != {}

    append, refused = spool.append_all, threading.Semaphore(0)

    def refuse(*_: Any, **__: Any) -> Any:
        refused.release()
        raise SpoolFull("no room")

    with served(centre, broker.target(signals=True), signals=desk):
        until(taken)
        monkeypatch.setattr(spool, "append_all", refuse)
        said(told | {"id": "k-2", "kind": "cleared"})
        assert refused.acquire(timeout=PATIENCE_S)
        assert repository.find_all([("panel-17", "k-2")]) == {}
    with served(centre, broker.target(signals=True), signals=desk):  # after a restart
        assert refused.acquire(timeout=PATIENCE_S)
        monkeypatch.setattr(spool, "append_all", append)
        until(lambda: repository.find_all([("panel-17", "k-2")]))
    phases = [entry["type"].split(".")[2] for _, entry in spool.oldest()]
    assert phases == ["raised", "cleared"]
    spool.close()


def test_a_message_without_a_key_is_its_own() -> None:
    body = b'{"device_id": "panel-17", "kind": "smoke", "at": "2026-11-25T01:00:00Z"}'
    assert read_signal(body)[1] == read_signal(body.decode())[1]
    assert read_signal(body)[1] != read_signal(body.replace(b"smoke", b"fire"))[1]
    with pytest.raises(ValueError, match="too long"):
        read_signal(b" " * 5000)
