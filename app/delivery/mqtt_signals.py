"""Devices' signals by MQTT: what a configured broker brings goes to the same desk as by HTTP.

A device speaks on its `topic`, else on `thapcanh/signals/ID`; who may publish there speaks for
it, so the broker's access rules matter. The body is the published form of a signal; an `id` beside
it is its key, else the body itself. The broker keeps what comes while the centre is away, and each
signal until it is saved here: one that cannot be saved ends the connection and comes again.
"""

import asyncio
import hashlib
import json
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import aiomqtt
from pydantic import ValidationError

from alerts.delivery.mqtt_connection import MqttTarget, broker_address, broker_client, cause_of
from alerts.signals.signal_schema import SignalBody
from alerts.store.errors import AlertsError, SpoolError
from app.signals.signal_desk import SignalDesk
from app.signals.signal_receipts import DeviceFlood, UnknownDevice
from config.devices import DeviceConfig
from ingest.address_guard import AddressGuard, AddressRefused
from ingest.backoff import Backoff

log = logging.getLogger(__name__)

_TOPIC = "thapcanh/signals/"
_MOST_BYTES = 4096
_BACKOFF = Backoff(first_s=1.0, longest_s=30.0)

InThread = Callable[..., Awaitable[Any]]


class MqttSignals:
    """One broker's signals; owned by one task. `topics` are devices' own ones."""

    def __init__(
        self,
        target: MqttTarget,
        topics: Collection[str],
        desk: SignalDesk,
        in_thread: InThread,
        guard: AddressGuard,
    ) -> None:
        self._target = target
        self._guard = guard
        self._topics = (f"{_TOPIC}+", *sorted(topics))
        self._desk = desk
        self._in_thread = in_thread
        self._failures = 0

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            why = await self._listen()
            if self._failures == 0:
                log.warning("signals by %s: %s", self._target.id, why)  # told once an outage
            self._failures += 1
            await asyncio.sleep(_BACKOFF.wait_s(self._failures, random.random))

    async def _listen(self) -> str:
        """Listen until the connection ends; return why it did."""
        try:
            address = await broker_address(self._target, self._guard)
            identifier = f"thapcanh-signals-{self._target.id}"
            async with broker_client(self._target, address, identifier=identifier) as client:
                for topic in self._topics:
                    await client.subscribe(topic, qos=1)
                self._failures = 0
                async for message in client.messages:
                    await self._take(str(message.topic), message.payload)
                    client.acknowledge(message)
        except AddressRefused as error:
            return str(error)
        except aiomqtt.MqttError as error:
            return cause_of(error)
        except SpoolError as error:
            return f"a signal cannot be saved: {error}"
        except OSError as error:
            return f"no connection: {error.strerror or type(error).__name__}"
        return "the broker ended the connection"

    async def _take(self, topic: str, payload: Any) -> None:
        """Save a signal, or leave it for good. Raises `SpoolError` where it must come again."""
        try:
            signal, key = read_signal(payload)
            device = self._desk.devices.find(signal.device_id)
            if device is None or topic_of(device) != topic:
                raise UnknownDevice(signal.device_id)
            await self._in_thread(self._desk.receive, signal, key)
        except UnknownDevice as error:
            log.warning("signal on %s: %s is not the device of this topic", topic, error)
        except (ValidationError, ValueError):
            log.warning("signal on %s: not the published form, see signal.v1.json", topic)
        except DeviceFlood:
            return  # counted, and told by the system's own alert
        except SpoolError:
            raise
        except AlertsError as error:
            log.error("signal on %s could not be taken: %s", topic, error)


def topic_of(device: DeviceConfig) -> str:
    """Where a device speaks."""
    return device.topic or f"{_TOPIC}{device.id}"


def read_signal(payload: Any) -> tuple[SignalBody, str]:
    """The signal of a message and its key. Raises `ValueError` (`ValidationError` is one)."""
    body = payload.encode() if isinstance(payload, str) else bytes(payload or b"")
    if len(body) > _MOST_BYTES:
        raise ValueError("too long")
    told: Mapping[str, Any] = json.loads(body)
    signal = SignalBody.model_validate_json(body)
    key = told.get("id")
    has_key = isinstance(key, str) and 0 < len(key) <= 128
    return signal, str(key) if has_key else hashlib.sha256(body).hexdigest()
