"""Who outside is told: `[[targets]]`, one address that receives alerts, with what it may receive.

The address is the only one that is ever opened for it: the centre follows no redirect. `secret`
signs what is sent (webhook), is a password (MQTT) or the receiver's token (CAP), and is written as
`${env:NAME}` or `${file:/path}`.
"""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from config.frozen import Frozen, Id, Name
from config.rules import Hours, Priority
from config.secret import SecretUrl
from config.servers.server_url import port_of

TargetKind = Literal["webhook", "mqtt", "cap"]
_SCHEMES: dict[str, tuple[str, ...]] = {
    "webhook": ("https", "http"),
    "mqtt": ("mqtts", "mqtt"),
    "cap": ("https", "http"),
}
_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")


def _checked_clock(clock: str) -> str:
    if not _CLOCK.match(clock):
        raise ValueError(f"{clock!r} is not a time of day, expected e.g. 07:30")
    return clock


ClockTime = Annotated[str, AfterValidator(_checked_clock)]


class TargetConfig(Frozen):
    """One receiver, and which alerts and incidents it is told of.

    Without `kinds` it is told of every kind but the system's own troubles; without `agencies` or
    `areas` of all of them. Drills leave only where `exercises` is set, marked as such.
    """

    id: Id
    kind: TargetKind
    url: SecretUrl
    name: Name | None = None
    secret: SecretStr | None = Field(default=None, min_length=8)
    username: str | None = None
    topic: str | None = Field(default=None, pattern=r"^[^#+\x00]{1,200}$")
    kinds: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    priorities: Annotated[tuple[Priority, ...], Field(min_length=1)] = (1, 2, 3)
    agencies: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    areas: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    quiet_hours: Hours = ()
    """Priorities 2 and 3 wait until these are over; a P1 never waits."""
    on_call_of: Name | None = None
    """An account: told only while the roster has that person on call, or nobody at all."""
    exercises: bool = False
    unanswered_after_s: float | None = Field(default=None, ge=5, le=86_400)
    """Only P1 that nobody acknowledged for so long, and what becomes of them."""
    test_at: ClockTime = "07:30"
    """When it gets a test message every day, local time."""
    signals: bool = False
    """MQTT: devices' signals are heard on this broker too."""
    timeout_s: float = Field(default=10.0, ge=1, le=60)

    @property
    def masked_address(self) -> str:
        """What may be shown of the address: paths and queries of webhooks hold tokens too."""
        parts = urlsplit(self.url.reveal())
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")

    @model_validator(mode="after")
    def _checked(self) -> Self:
        schemes = _SCHEMES[self.kind]
        parts = urlsplit(self.url.reveal())
        if self.url.scheme not in schemes or not parts.hostname:
            expected = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ValueError(f"url is not an address of a {self.kind}, expected {expected}HOST…")
        port_of(self.url)
        if self.kind != "mqtt" and self.secret is None:
            raise ValueError("secret is missing: the receiver could not tell who sends")
        return self
