"""A subscriber that keeps its session through every death of the broker; one thread."""

import asyncio
import json
import threading

import aiomqtt

from benchmarks.outbox.centre_child import broker_target
from benchmarks.outbox.webhook_child import facts_of
from thapcanh.alerts.delivery.mqtt_connection import broker_address, broker_client
from thapcanh.ingest.address_guard import AS_WRITTEN

_AGAIN_S = 0.05


class Listener:
    """Hears every event of the broker; `heard` has the facts of each, repeats included."""

    def __init__(self, port: int) -> None:
        self.heard: list[list[str]] = []
        self.subscribed = threading.Event()
        self._target = broker_target(port)
        threading.Thread(target=lambda: asyncio.run(self._listen()), daemon=True).start()

    async def _listen(self) -> None:
        while True:
            try:
                address = await broker_address(self._target, AS_WRITTEN)
                client = broker_client(self._target, address, identifier="outbox-benchmark")
                async with client:
                    await client.subscribe("thapcanh/events/#", qos=1)
                    self.subscribed.set()
                    async for message in client.messages:
                        self.heard.append(facts_of(json.loads(bytes(message.payload or b""))))
                        client.acknowledge(message)
            except (aiomqtt.MqttError, OSError, TimeoutError):
                await asyncio.sleep(_AGAIN_S)
