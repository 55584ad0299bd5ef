"""Positions over MQTT: OwnTracks JSON on `owntracks/USER/DEVICE`."""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from thapcanh.alerts.delivery.mqtt_connection import BrokerClient, MqttTarget
from thapcanh.alerts.positions.position_check import KEPT
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.delivery.mqtt_listener import MqttListener
from thapcanh.app.positions.position_service import (
    PositionService,
    TooManyPositions,
    UnitUnregistered,
)
from thapcanh.ingest.address_guard import AddressGuard

log = logging.getLogger(__name__)

TOPIC = "owntracks/+/+"
_MOST_BYTES = 4096

InThread = Callable[..., Awaitable[Any]]


class MqttPositions:
    """Positions from one broker; owned by one task."""

    def __init__(
        self,
        target: MqttTarget,
        desk: PositionService,
        in_thread: InThread,
        guard: AddressGuard,
    ) -> None:
        self._desk = desk
        self._in_thread = in_thread
        self._listener = MqttListener(
            "positions", target, guard, self._serve, identifier=f"thapcanh-positions-{target.id}"
        )

    async def run(self) -> None:
        """Listen until cancelled."""
        await self._listener.run()

    async def _serve(self, client: BrokerClient) -> None:
        await client.subscribe(TOPIC, qos=0)
        self._listener.works()
        async for message in client.messages:
            await self._in_thread(self._receive, str(message.topic), message.payload)
            client.acknowledge(message)

    def _receive(self, topic: str, payload: Any) -> None:
        try:
            place, at = read_location(payload)
        except ValueError as error:
            log.debug("position on %s: %s", topic, error)
            return
        for unit_id in topic.split("/")[1:3]:
            try:
                found = self._desk.receive(unit_id, place, at)
            except UnitUnregistered:
                continue
            except (TooManyPositions, ArchiveError) as error:
                log.warning("position on %s could not be taken: %s", topic, error)
                return
            if found.verdict not in KEPT:
                log.warning("position on %s: %s is refused: %s", topic, place, found.verdict.value)
            return
        log.warning("position on %s: no unit has one of these names", topic)


def read_location(payload: Any) -> tuple[tuple[float, float], float]:
    """Place and time of a message of OwnTracks. Raises `ValueError` where it is no location."""
    body = payload.encode() if isinstance(payload, str) else bytes(payload or b"")
    if len(body) > _MOST_BYTES:
        raise ValueError("too long")
    try:
        message = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(message, dict) or message.get("_type") != "location":
        raise ValueError("no location")
    values = [message.get(name) for name in ("lat", "lon", "tst")]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise ValueError("lat, lon or tst is no number")
    lat, lon, tst = (value for value in values if value is not None)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < tst < 1e11):
        raise ValueError("lat, lon or tst cannot be")  # a whole number may be too long for a float
    return (float(lat), float(lon)), float(tst)
