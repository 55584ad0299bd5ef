"""Target `mqtt`: each event as QoS 1, and the state of each alert retained."""

import asyncio
from contextlib import suppress

import aiomqtt

from thapcanh.alerts.delivery import cloud_events
from thapcanh.alerts.delivery.attempt import DELIVERED, Attempt, failed
from thapcanh.alerts.delivery.mqtt_connection import (
    BrokerClient,
    MqttTarget,
    broker_address,
    broker_client,
    cause_of,
    topic_root,
)
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.sender import SiteVoice
from thapcanh.alerts.delivery.target_kind import TargetKind
from thapcanh.alerts.store.outbox.outgoing import TEST_TYPE
from thapcanh.config.wording import Wording
from thapcanh.ingest.address_guard import AddressRefused

_QOS = 1
_GOODBYE_S = 2.0


class MqttSender:
    """Sender owned by one task; it keeps its connection."""

    is_serial = False

    def __init__(self, target: MqttTarget, voice: SiteVoice) -> None:
        self._target = target
        self._guard = voice.guard
        self._source = voice.source
        self._topic = topic_root(target)
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()

    async def send(self, due: DueDelivery) -> Attempt:
        """Publish one delivery; done when the broker has it."""
        try:
            connection = await self._connected()
        except AddressRefused as error:
            return failed(str(error))
        except aiomqtt.MqttError as error:
            return failed(cause_of(error))
        except OSError as error:
            return failed(f"no connection: {error.strerror or type(error).__name__}")
        try:
            await self._publish(connection, due)
        except aiomqtt.MqttError as error:
            await self._drop(connection)
            return failed(cause_of(error))
        except (TimeoutError, asyncio.CancelledError):
            await self._drop(connection)
            raise
        return DELIVERED

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._drop(self._connection)

    async def _publish(self, connection: "_Connection", due: DueDelivery) -> None:
        body = cloud_events.body(due.event, due.id, self._source)
        await connection.publish(f"{self._topic}/events/{due.event.subject}", body)
        if due.event.type != TEST_TYPE:
            state = b"" if due.event.is_of_closed else body
            topic = f"{self._topic}/state/{due.event.subject}"
            await connection.publish(topic, state, retain=True)

    async def _drop(self, connection: "_Connection") -> None:
        """Close this connection unless another was opened since."""
        if self._connection is connection:
            self._connection = None
        await connection.close()

    async def _connected(self) -> "_Connection":
        async with self._connecting:
            if self._connection is None:
                client = broker_client(
                    self._target, await broker_address(self._target, self._guard)
                )
                await client.__aenter__()
                self._connection = _Connection(client)
            return self._connection


class _Connection:
    """Connection; pending publications fail as soon as it ends."""

    def __init__(self, client: BrokerClient) -> None:
        self._client = client
        self._ended = asyncio.create_task(self._until_it_ends())
        self._closing = False

    async def publish(self, topic: str, body: bytes, *, retain: bool = False) -> None:
        """Publish; done when the broker has it. Raises `MqttError`."""
        publishing = asyncio.create_task(self._client.publish(topic, body, qos=_QOS, retain=retain))
        try:
            both = {publishing, self._ended}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not publishing.done():
                raise aiomqtt.MqttError("the connection ended")
            publishing.result()
        finally:
            publishing.cancel()

    async def close(self) -> None:
        """Close it; idempotent."""
        if self._closing:
            return
        self._closing = True
        self._ended.cancel()
        try:
            with suppress(aiomqtt.MqttError, OSError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await self._client.__aexit__(None, None, None)
        finally:
            self._client.give_up()

    async def _until_it_ends(self) -> None:
        with suppress(aiomqtt.MqttError):
            async for _ in self._client.messages:
                pass  # nothing is subscribed to


def _sender(target: MqttTarget, voice: SiteVoice) -> MqttSender:
    return MqttSender(target, voice)


TARGET = TargetKind(
    settings=MqttTarget,
    sender=_sender,
    name=Wording(vi="Máy chủ MQTT 5", en="MQTT 5 broker"),
    address_hint="mqtts://broker.example:8883",
    setting_names={
        "username": Wording(vi="Tên đăng nhập", en="User name"),
        "secret": Wording(vi="Mật khẩu", en="Password"),
        "topic": Wording(vi="Chủ đề gốc", en="Topic"),
        "signals": Wording(vi="Nghe cả tín hiệu thiết bị", en="Devices' signals are heard too"),
        "positions": Wording(vi="Nghe cả vị trí xe", en="Units' positions are heard too"),
        "home_assistant": Wording(
            vi="Home Assistant tự tìm thấy camera và khu vực",
            en="Home Assistant finds cameras and areas",
        ),
    },
    order=20,
)
