"""Devices' signals over MQTT, handled like those over HTTP."""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from pydantic import ValidationError

from thapcanh.alerts.delivery.mqtt_connection import BrokerClient, MqttTarget
from thapcanh.alerts.signals.signal_schema import SignalBody
from thapcanh.alerts.store.errors import AlertsError, SpoolError
from thapcanh.app.delivery.mqtt_listener import MqttListener
from thapcanh.app.signals.signal_receipts import DeviceFlood, DeviceUnregistered
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.config.devices import DeviceConfig
from thapcanh.ingest.address_guard import AddressGuard

log = logging.getLogger(__name__)

_TOPIC = "thapcanh/signals/"
_MOST_BYTES = 4096

InThread = Callable[..., Awaitable[Any]]


class MqttSignals:
    """Signals from one broker; owned by one task. `topics` are devices' own ones."""

    def __init__(
        self,
        target: MqttTarget,
        topics: Collection[str],
        desk: SignalService,
        in_thread: InThread,
        guard: AddressGuard,
    ) -> None:
        self._topics = (f"{_TOPIC}+", *sorted(topics))
        self._desk = desk
        self._in_thread = in_thread
        self._listener = MqttListener(
            "signals", target, guard, self._serve, identifier=f"thapcanh-signals-{target.id}"
        )

    async def run(self) -> None:
        """Listen until cancelled."""
        await self._listener.run()

    async def _serve(self, client: BrokerClient) -> str | None:
        """Receive until the connection ends; return why, if a signal cannot be saved."""
        for topic in self._topics:
            await client.subscribe(topic, qos=1)
        self._listener.works()
        try:
            async for message in client.messages:
                await self._receive(str(message.topic), message.payload)
                client.acknowledge(message)
        except SpoolError as error:
            return f"a signal cannot be saved: {error}"
        return None

    async def _receive(self, topic: str, payload: Any) -> None:
        """Save a signal, or leave it for good. Raises `SpoolError` where it must come again."""
        try:
            signal, key = read_signal(payload)
            device = self._desk.devices.find(signal.device_id)
            if device is None or topic_of(device) != topic:
                raise DeviceUnregistered(signal.device_id)
            await self._in_thread(self._desk.receive, signal, key)
        except DeviceUnregistered as error:
            log.warning("signal on %s: %s is not the device of this topic", topic, error)
        except (ValidationError, ValueError):
            log.warning("signal on %s: not the published form, see signal.v1.json", topic)
        except DeviceFlood as flood:
            if not flood.is_saved:  # to wait for it would hold up every device of this broker
                log.error("signal on %s: more waits of this device than may; dropped", topic)
        except SpoolError:
            raise
        except AlertsError as error:
            log.error("signal on %s could not be taken: %s", topic, error)
        except Exception:  # the outermost line of a message: it would come again for ever
            log.exception("signal on %s: unexpected; dropped", topic)


def topic_of(device: DeviceConfig) -> str:
    return device.topic or f"{_TOPIC}{device.id}"


def read_signal(payload: Any) -> tuple[SignalBody, str]:
    """Return a message's signal and key. Raises `ValueError` (also `ValidationError`)."""
    body = payload.encode() if isinstance(payload, str) else bytes(payload or b"")
    if len(body) > _MOST_BYTES:
        raise ValueError("too long")
    signal = SignalBody.model_validate_json(body)  # refuses what is nested too deep to be read
    message: Mapping[str, Any] = json.loads(body)
    key = message.get("id")
    has_key = isinstance(key, str) and 0 < len(key) <= 128
    return signal, str(key) if has_key else hashlib.sha256(body).hexdigest()
