"""An MQTT 5 broker as target: each event once more as QoS 1, and the state of each alert retained.

`TOPIC/events/alert/ID` has the events, `TOPIC/state/alert/ID` the newest state, retained until the
alert is closed: who subscribes later knows at once what is open. Both carry the CloudEvent.
"""

import asyncio
from contextlib import suppress

import aiomqtt

from alerts.archive.outbox.records import DueDelivery
from alerts.delivery import cloud_events
from alerts.delivery.attempt import DELIVERED, Attempt, failed
from alerts.delivery.outgoing import TEST_TYPE
from app.centre.delivery.mqtt_connection import broker_address, broker_client, cause_of
from app.centre.delivery.network_guard import AddressRefused
from config.targets import TargetConfig

_ENDED = ".closed.v1"
_QOS = 1
_DEFAULT_TOPIC = "thapcanh"


class MqttSender:
    """Owned by one task; connects when it must and keeps the connection."""

    def __init__(self, target: TargetConfig, source: str) -> None:
        self._target = target
        self._source = source
        self._topic = (target.topic or _DEFAULT_TOPIC).rstrip("/")
        self._client: aiomqtt.Client | None = None
        self._connecting = asyncio.Lock()

    async def send(self, due: DueDelivery) -> Attempt:
        """Publish one delivery; done when the broker has it."""
        body = cloud_events.body(due.event, due.id, self._source)
        try:
            client = await self._connected()
            await client.publish(f"{self._topic}/events/{due.event.subject}", body, qos=_QOS)
            if due.event.type != TEST_TYPE:
                state = b"" if due.event.type.endswith(_ENDED) else body
                topic = f"{self._topic}/state/{due.event.subject}"
                await client.publish(topic, state, qos=_QOS, retain=True)
        except AddressRefused as error:
            return failed(str(error))
        except aiomqtt.MqttError as error:
            await self.close()
            return failed(cause_of(error))
        except (TimeoutError, asyncio.CancelledError):
            await self.close()
            raise
        except OSError as error:
            await self.close()
            return failed(f"no connection: {error.strerror or type(error).__name__}")
        return DELIVERED

    async def close(self) -> None:
        """Let the connection go."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(aiomqtt.MqttError, OSError):
                await client.__aexit__(None, None, None)

    async def _connected(self) -> aiomqtt.Client:
        async with self._connecting:
            if self._client is None:
                client = broker_client(self._target, await broker_address(self._target))
                await client.__aenter__()
                self._client = client
            return self._client
