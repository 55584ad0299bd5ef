"""MQTT 5 connection to a configured broker, for targets and devices' signals.

`broker_address` raises `AddressRefused`, the client raises `aiomqtt.MqttError`; `cause_of` names
the cause without secrets.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

import aiomqtt
from pydantic import Field

from thapcanh.config.targets import Secret, TargetConfig
from thapcanh.ingest.address_guard import AddressGuard

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_REFUSED_LOGIN = frozenset({4, 5, 134, 135})  # MQTT 3 and MQTT 5: bad login, not authorised
_KEEPALIVE_S = 20
_DEFAULT_TOPIC = "thapcanh"


class MqttTarget(TargetConfig):
    """An MQTT 5 broker; `secret` is the password."""

    schemes: ClassVar[tuple[str, ...]] = ("mqtts", "mqtt")

    kind: Literal["mqtt"] = "mqtt"
    secret: Secret | None = None
    username: str | None = None
    topic: str | None = Field(default=None, pattern=r"^[^#+\x00]{1,200}$")
    signals: bool = False
    """Devices' signals are heard on this broker too."""
    positions: bool = False
    """Where units are is heard on it, as OwnTracks tells it."""
    home_assistant: bool = False
    """Home Assistant finds a sensor for each camera and area on it."""


class BrokerClient(aiomqtt.Client):
    """Client with manual acknowledgement of received messages."""

    def __init__(self, hostname: str, port: int, address: str, **settings: Any) -> None:
        """Connect to `address`; `hostname` is whose certificate is believed."""
        super().__init__(hostname, port, **settings)
        self._address = (address, port)
        self._client._create_socket_connection = self._line  # type: ignore[method-assign]
        self._client.manual_ack_set(on=True)
        self._is_given_up = False

    async def __aenter__(self) -> Self:
        """Connect. What is broken off on the way leaves no connection behind."""
        try:
            return await super().__aenter__()
        except BaseException:
            if self._connected.cancelled():  # the library asks it once more when the line ends
                self._connected = asyncio.Future()
            self.give_up()
            raise

    def give_up(self) -> None:
        """Close the connection, also one being opened, without waiting."""
        self._is_given_up = True
        self._client.disconnect()

    def _line(self) -> socket.socket:
        """Connect to the checked address instead of resolving the name again."""
        return socket.create_connection(self._address, self.timeout)

    def _client_connect(self) -> None:
        """Connect on a thread, which continues if its awaiter is cancelled."""
        super()._client_connect()
        if self._is_given_up:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._client.disconnect)

    def acknowledge(self, message: aiomqtt.Message) -> None:
        self._client.ack(message.mid, message.qos)


def topic_root(target: MqttTarget) -> str:
    return (target.topic or _DEFAULT_TOPIC).rstrip("/")


def broker_client(
    target: MqttTarget,
    address: str,
    *,
    identifier: str | None = None,
    will: aiomqtt.Will | None = None,
) -> BrokerClient:
    """Return an unconnected client. With an identifier the broker keeps its session.

    `will` is published by the broker when the connection ends.
    """
    parts = urlsplit(target.url.reveal())
    is_tls = target.url.scheme == "mqtts"
    properties = None
    if identifier is not None:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 3 * 24 * 3600
    return BrokerClient(
        parts.hostname or "",
        parts.port or _PORTS[target.url.scheme],
        address,
        username=target.username,
        password=None if target.secret is None else target.secret.get_secret_value(),
        identifier=identifier,
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=identifier is None,
        properties=properties,
        keepalive=_KEEPALIVE_S,
        will=will,
        timeout=target.timeout_s,
        tls_context=ssl.create_default_context() if is_tls else None,
    )


async def broker_address(target: MqttTarget, guard: AddressGuard) -> str:
    """Return the checked address to connect to. Raise `AddressRefused`."""
    parts = urlsplit(target.url.reveal())
    port = parts.port or _PORTS[target.url.scheme]
    return (await guard.judged_on_loop(parts.hostname or "", port))[0]


def cause_of(error: aiomqtt.MqttError) -> str:
    """Return what went wrong, for people."""
    code = getattr(error, "rc", None)
    value = getattr(code, "value", code)
    if value in _REFUSED_LOGIN:
        return "the broker does not accept our login"
    words = " ".join(str(error).split())
    return f"the broker does not serve us: {words[:120]}"
