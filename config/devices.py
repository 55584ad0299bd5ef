"""Devices that send signals: fire panels, buttons, sensors, receivers and telephone exchanges.

A device that is not registered is refused, and its place is the registered one, never the one it
states.
"""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from thapcanh.config.frozen import Frozen, Id, Name
from thapcanh.config.servers.networks import Network

ExchangeKind = Literal["asterisk"]
DeviceKind = Annotated[str, StringConstraints(pattern=r"^[\w .-]{1,60}$")]
"""`panel`, `button`, `detector`, `sensor`, or the site's own word."""
CalledLine = Literal["112", "113", "114", "115"]
LINES: tuple[CalledLine, ...] = get_args(CalledLine)
_NO_LINE_END = r"^[^\r\n\x00]*$"  # in a text protocol another line is another command
Plain = Annotated[str, StringConstraints(pattern=_NO_LINE_END, min_length=1, max_length=100)]


class DeviceConfig(Frozen):
    """Settings of one device. Its loss is reported after `heartbeat_s` seconds of silence."""

    id: Id
    name: Name
    kind: DeviceKind = "panel"
    facility: str | None = None
    cameras: tuple[Id, ...] = ()
    """Those that look at it: they look harder first when it tells of a fire."""
    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]{3,16}$")
    """By which an alarm line knows it, as SIA DC-09 does."""
    place: str | None = None
    area: Id | None = None
    agency: Id | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    heartbeat_s: float | None = Field(default=None, ge=5, le=604_800)
    topic: str | None = Field(default=None, pattern=r"^[^#+\x00]{1,200}$")
    """The MQTT topic on which it speaks; without one, `thapcanh/signals/ID`."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon go together, one is missing")
        return self


class ListeningPortConfig(Frozen):
    """A port on which devices speak; 0 is any that is free."""

    id: Id
    protocol: Literal["tcp", "udp"] = "tcp"
    host: Plain = "0.0.0.0"
    port: int = Field(ge=0, le=65_535)


class PanelReceiverConfig(ListeningPortConfig):
    """Port for fire panels. If it has a key, unencrypted messages are refused."""

    make: Id = "sia_dc09"
    key: SecretStr | None = None
    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]{3,16}$")
    """The one panel whose key this is. Needed where its encrypted frames name no account inside."""

    @field_validator("key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value().encode()) not in (16, 24, 32):
            raise ValueError("an AES key has 16, 24 or 32 letters")
        return key


class CotReceiverConfig(ListeningPortConfig):
    """Port for Cursor on Target; only senders inside `networks` are accepted."""

    networks: tuple[Network, ...] = Field(min_length=1)
    units: dict[Plain, Plain] = Field(default_factory=dict)
    """Units by a device's uid or callsign; without it, the unit whose id is the uid or callsign."""


class ExchangeConfig(Frozen):
    """Telephone exchange. `lines` maps the numbers as the exchange reports them to lines."""

    id: Id
    kind: ExchangeKind
    name: Name | None = None
    host: Plain
    port: int = Field(default=5038, ge=1, le=65_535)
    tls: bool = False
    username: Plain
    secret: SecretStr = Field(min_length=1)
    lines: dict[str, CalledLine] = Field(
        default_factory=lambda: {str(line): line for line in LINES}
    )
    agency: Id | None = None
    area: Id | None = None
    timeout_s: float = Field(default=10.0, ge=1, le=60)
