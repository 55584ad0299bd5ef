"""Who outside is told: `[[targets]]`, one address that receives alerts, with what it may receive.

The address is the only one that is ever opened for it: the centre follows no redirect. `secret`
signs what is sent (webhook), is a password (MQTT) or the receiver's token (CAP), and is written as
`${env:NAME}` or `${file:/path}`. An address of the kind `apprise` (mail, SMS gateways, sirens)
holds its login itself, written in the same way.
"""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from config.apprise_url import check_apprise_url, is_mail, is_sms
from config.frozen import Frozen, Id, Name
from config.rules import Hours, PriorityNumber
from config.secret import MASK, SecretUrl

TargetKind = Literal["webhook", "mqtt", "cap", "apprise"]
MessageForm = Literal["full", "sms", "sms_unmarked"]
"""Whole sentences; one SMS in Vietnamese (70 letters); one SMS without marks (160 letters)."""
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


class TargetUrl(SecretUrl):
    """Prints its scheme and host alone: logins, paths and queries of targets hold tokens."""

    def __str__(self) -> str:
        return _address_of(self.reveal())


class TargetConfig(Frozen):
    """One receiver, and which alerts and incidents it is told of.

    Without `kinds` it is told of every kind but the system's own troubles; without `agencies` or
    `areas` of all of them. Drills leave only where `exercises` is set, marked as such.
    """

    id: Id
    kind: TargetKind
    url: TargetUrl
    name: Name | None = None
    secret: SecretStr | None = Field(default=None, min_length=8)
    username: str | None = None
    topic: str | None = Field(default=None, pattern=r"^[^#+\x00]{1,200}$")
    kinds: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    priorities: Annotated[tuple[PriorityNumber, ...], Field(min_length=1)] = (1, 2, 3)
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
    text: MessageForm | None = None
    """Apprise: how long its messages are; without it SMS gateways get `sms_unmarked`."""
    signals: bool = False
    """MQTT: devices' signals are heard on this broker too."""
    timeout_s: float = Field(default=10.0, ge=1, le=60)

    @property
    def masked_address(self) -> str:
        """What may be shown of the address: paths and queries of webhooks hold tokens too."""
        return str(self.url)

    @property
    def message_form(self) -> MessageForm:
        """How long a message for people may be."""
        return self.text or ("sms_unmarked" if is_sms(self.url.scheme) else "full")

    @field_validator("url", mode="before")
    @classmethod
    def _opaque(cls, url: object) -> object:
        return url.reveal() if isinstance(url, SecretUrl) else url

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if str(self.url) == MASK:
            raise ValueError(f"url is not an address of a {self.kind}, expected SCHEME://HOST:PORT")
        if self.kind == "apprise":
            self._check_apprise()
            return self
        schemes = _SCHEMES[self.kind]
        if self.url.scheme not in schemes:
            expected = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ValueError(f"url is not an address of a {self.kind}, expected {expected}HOST…")
        if self.kind != "mqtt" and self.secret is None:
            raise ValueError("secret is missing: the receiver could not tell who sends")
        if self.text is not None:
            raise ValueError(f"text is for apprise, a {self.kind} is told in its own form")
        return self

    def _check_apprise(self) -> None:
        check_apprise_url(self.url.reveal())
        if self.secret is not None or self.username is not None:
            raise ValueError("write the login into url: mailtos://USER:${file:/path}@HOST…")
        if is_mail(self.url.scheme) and self.message_form != "full":
            raise ValueError("text of a mail is full")


def _address_of(url: str) -> str:
    """Scheme, host and port; where it has none, nothing of it is shown."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # says what it could not understand, which may be the login
        return MASK
    if not parts.hostname:
        return MASK
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"
