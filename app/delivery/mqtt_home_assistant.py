"""Home Assistant's retained MQTT messages, kept current while the target is configured."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import aiomqtt

from thapcanh.alerts.delivery import home_assistant
from thapcanh.alerts.delivery.mqtt_connection import BrokerClient, MqttTarget, topic_root
from thapcanh.app.delivery.mqtt_listener import MqttListener
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import AddressGuard

log = logging.getLogger(__name__)

_FOLLOW_S = 2.0
_GOODBYE_S = 2.0


class MqttHomeAssistant:
    """Sensors on one broker; owned by one task, and by the loop that ends it."""

    def __init__(self, target: MqttTarget, site: Callable[[], Site], guard: AddressGuard) -> None:
        self._target = target
        self._site = site
        availability = home_assistant.availability_topic(target)
        self._listener = MqttListener(
            "home assistant", target, guard, self._serve,
            will=aiomqtt.Will(availability, b"offline", qos=1, retain=True),
        )  # fmt: skip
        self._client: BrokerClient | None = None
        self._alerts: dict[str, Mapping[str, Any]] = {}
        self._reported: dict[str, bytes] = {}
        self._telling = asyncio.Lock()
        self._ended = False
        self._removed = asyncio.Event()

    async def run(self) -> None:
        """Publish until cancelled, or until everything is deleted after `leave`."""
        listening = asyncio.create_task(self._listener.run())
        availability = asyncio.create_task(self._removed.wait())
        try:
            await asyncio.wait({listening, availability}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            listening.cancel()
            availability.cancel()
            await asyncio.gather(listening, availability, return_exceptions=True)

    async def leave(self) -> bool:
        """Delete the published messages, so that Home Assistant removes the sensors.

        Return True if done; else `run` does it when the broker answers, and then ends.
        """
        self._ended = True
        if self._client is not None and await self._delete_retained(self._client):
            return True
        log.warning("home assistant by %s: its sensors stay until it answers", self._target.id)
        return False

    async def _delete_retained(self, client: BrokerClient) -> bool:
        """Clear what the broker retains of us; return False if it did not confirm in time."""
        with suppress(aiomqtt.MqttError, TimeoutError):
            async with self._telling, asyncio.timeout(self._target.timeout_s):
                for topic in sorted(self._reported, reverse=True):
                    await client.publish(topic, b"", qos=1, retain=True)
                return True
        return False

    async def _serve(self, client: BrokerClient) -> None:
        """Serve one connection until a part of it ends; the next one publishes the rest."""
        self._alerts, self._reported = {}, {}
        loaded = asyncio.Event()
        parts = [
            asyncio.create_task(part)
            for part in (self._read(client, loaded), self._follow(client, loaded))
        ]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._client = None
            for item in parts:
                item.cancel()
            ended = await asyncio.gather(*parts, return_exceptions=True)
            if loaded.is_set():
                await self._publish_offline(client)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _read(self, client: BrokerClient, loaded: asyncio.Event) -> None:
        """Read retained and live messages; set `loaded` after the retained ones."""
        states, last = f"{topic_root(self._target)}/state/alert/", self._last_topic
        own_topics = f"{topic_root(self._target)}/home_assistant/#"
        filters = (f"{states}+", home_assistant.config_filter(self._target), own_topics)
        await client.subscribe([(item, 1) for item in filters])
        await client.publish(last, b"", qos=1)  # comes back behind all that was retained
        async for message in client.messages:
            topic, payload = str(message.topic), bytes(message.payload or b"")
            client.acknowledge(message)
            if topic.startswith(states):
                self._receive(topic, payload)
            elif topic == last and self._ended:
                if await self._delete_retained(client):
                    self._removed.set()
                return
            elif topic == last and not loaded.is_set():
                self._client = client
                self._listener.works()
                loaded.set()
            elif topic != last:
                self._reported[topic] = payload  # as it stands there, whoever told it
            if loaded.is_set():
                await self._report(client)

    async def _publish_offline(self, client: BrokerClient) -> None:
        """Publish `offline`; the broker does so only for lost connections."""
        if self._ended:
            return
        availability = home_assistant.availability_topic(self._target)
        with suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await client.publish(availability, b"offline", qos=1, retain=True)

    @property
    def _last_topic(self) -> str:
        return f"{topic_root(self._target)}/home_assistant/last"

    def _receive(self, topic: str, payload: bytes) -> None:
        alert = home_assistant.open_alert(payload)
        if alert is None:
            self._alerts.pop(topic, None)
        else:
            self._alerts[topic] = alert

    async def _follow(self, client: BrokerClient, loaded: asyncio.Event) -> None:
        """Publish changes of cameras and areas periodically."""
        await loaded.wait()
        while True:
            await self._report(client)
            await asyncio.sleep(_FOLLOW_S)

    async def _report(self, client: BrokerClient) -> None:
        """Publish what is not yet as it should be."""
        async with self._telling:
            if self._ended:
                return
            site = self._site()
            sensors = home_assistant.sensors_of(site, self._target)
            desired = home_assistant.retained_messages(
                self._target, site, sensors, self._alerts.values()
            )
            for topic in [item for item in self._reported if item not in desired]:
                if self._reported.pop(topic):
                    await client.publish(topic, b"", qos=1, retain=True)
            for topic, body in desired.items():
                if self._reported.get(topic) != body:
                    self._reported[topic] = body
                    await client.publish(topic, body, qos=1, retain=True)
