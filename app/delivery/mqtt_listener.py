"""A connection to a configured broker that is opened again whenever it ends, until cancelled."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

import aiomqtt

from thapcanh.alerts.delivery.mqtt_connection import (
    BrokerClient,
    MqttTarget,
    broker_address,
    broker_client,
    cause_of,
)
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused
from thapcanh.ingest.backoff import Backoff

log = logging.getLogger(__name__)

_BACKOFF = Backoff(first_s=1.0, longest_s=30.0)
_ENDED = "the broker ended the connection"
Serve = Callable[[BrokerClient], Awaitable[str | None]]
"""Talks on a connection until it ends, or until it cannot go on: returns why, if it knows."""


class MqttListener:
    """Connection to a broker, owned by one task. `log_prefix` starts the log line of an outage."""

    def __init__(
        self,
        log_prefix: str,
        target: MqttTarget,
        guard: AddressGuard,
        serve: Serve,
        **settings: Any,
    ) -> None:
        """Create it; `settings` are the client's: its identifier, its last will."""
        self._stated = log_prefix
        self._target = target
        self._guard = guard
        self._serve = serve
        self._settings = settings
        self._failures = 0

    def works(self) -> None:
        """Reset the failure count; called by `serve` once the connection works."""
        self._failures = 0

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            why = await self._served()
            if self._failures == 0:
                log.warning("%s by %s: %s", self._stated, self._target.id, why)
            self._failures += 1
            await asyncio.sleep(_BACKOFF.wait_s(self._failures, random.random))

    async def _served(self) -> str:
        """Serve until the connection ends; return why it did."""
        try:
            address = await broker_address(self._target, self._guard)
            async with broker_client(self._target, address, **self._settings) as client:
                return await self._serve(client) or _ENDED
        except AddressRefused as error:
            return str(error)
        except aiomqtt.MqttError as error:
            return cause_of(error)
        except OSError as error:
            return f"no connection: {error.strerror or type(error).__name__}"
        except Exception:  # the outermost line of a connection: another one is opened
            log.exception("%s by %s: unexpected", self._stated, self._target.id)
            return "a fault of ours, see the log"
