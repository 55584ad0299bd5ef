"""Connections to brokers: broken off they leave nothing open, and what is hostile ends none."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiomqtt
import pytest

from tests.app.delivery.served import served, until
from tests.app.delivery.test_mqtt import PANEL, Broker, devices_of, needs_mosquitto
from tests.app.web_api.centre import Centre
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.mqtt_connection import BrokerClient, MqttTarget, broker_client
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.device_signals import SignalRepository
from thapcanh.app.delivery import mqtt_listener
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import AS_WRITTEN
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import SystemClock


class SilentBroker:
    """Takes connections and says nothing."""

    def __init__(self) -> None:
        self.opened, self.ended = asyncio.Event(), asyncio.Event()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened.set()
        try:
            while await reader.read(1000):
                pass
        finally:
            self.ended.set()
            writer.close()


def against_silence(deed: Callable[[SilentBroker, BrokerClient], Awaitable[None]]) -> None:
    """Run it; afterwards the broker has seen the end, and no task of the client is left."""

    async def run() -> None:
        broker = SilentBroker()
        async with await asyncio.start_server(broker.take, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            url = SecretUrl(f"mqtt://127.0.0.1:{port}")
            target = MqttTarget(id="broker", url=url, timeout_s=1.0)
            await deed(broker, broker_client(target, "127.0.0.1"))
            async with asyncio.timeout(PATIENCE_S):
                await broker.ended.wait()
                while any("_misc_loop" in repr(task) for task in asyncio.all_tasks()):
                    await asyncio.sleep(0.01)

    asyncio.run(run())


def test_a_broker_that_says_nothing_is_left() -> None:
    async def deed(_: SilentBroker, client: BrokerClient) -> None:
        with pytest.raises(aiomqtt.MqttError):
            await client.__aenter__()

    against_silence(deed)


@pytest.mark.parametrize("when", ["at once", "connected", "waiting for the answer"])
def test_who_waits_for_it_may_be_broken_off(when: str, caplog: pytest.LogCaptureFixture) -> None:
    async def deed(broker: SilentBroker, client: BrokerClient) -> None:
        connecting = asyncio.create_task(client.__aenter__())
        await (asyncio.sleep(0) if when == "at once" else broker.opened.wait())
        if when == "waiting for the answer":
            while not client._connected._callbacks:
                await asyncio.sleep(0.001)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting

    against_silence(deed)
    assert not [one for one in caplog.records if one.exc_info], caplog.text


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.die()


@needs_mosquitto
def test_hostile_messages_cost_no_other_device_its_signals(
    centre: Centre, broker: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One message of a thousand brackets ended the listening to every device until a restart."""
    centre.site.replace(centre.site().model_copy(update={"devices": (PANEL,)}))
    spool = Spool(tmp_path / "signals.sqlite", "signals")
    repository = SignalRepository(centre.archive.database)
    desk = SignalService(devices_of(centre), spool, repository, SystemClock())
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = {"id": "k-1", "device_id": "panel-17", "kind": "fire", "at": at}
    deep = json.dumps(told)[:-1].encode() + b', "more": ' + b"[" * 1500 + b"]" * 1500 + b"}"
    with served(centre, broker.target(signals=True), signals=desk):

        def taken() -> bool:
            for body in (b"[" * 4000, deep, json.dumps(told).encode()):
                broker.say("thapcanh/signals/panel-17", body)
            return repository.find_all([("panel-17", "k-1")]) != {}

        until(taken)
    assert not [one for one in caplog.records if one.exc_info], caplog.text
    spool.close()


def test_a_fault_of_ours_ends_no_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []

    async def serve(_: BrokerClient) -> str | None:
        heard.append(1)
        if len(heard) < 3:
            raise RuntimeError("a fault of ours")
        raise asyncio.CancelledError

    async def address(*_: object) -> str:
        return "127.0.0.1"

    @contextlib.asynccontextmanager
    async def client(*_: object, **__: object) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr(mqtt_listener, "broker_address", address)
    monkeypatch.setattr(mqtt_listener, "broker_client", client)
    monkeypatch.setattr(mqtt_listener, "_BACKOFF", Backoff(first_s=0.001, longest_s=0.001))
    target = MqttTarget(id="broker", kind="mqtt", url=SecretUrl("mqtt://127.0.0.1:1"))
    listener = mqtt_listener.MqttListener("signals", target, AS_WRITTEN, serve)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(listener.run())
    assert len(heard) == 3
