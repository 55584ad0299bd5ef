"""Settings shared by all delivery targets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from thapcanh.config.frozen import Frozen, Id, Name
from thapcanh.config.rules import Hours, PriorityNumber
from thapcanh.config.secret import MASK, SecretUrl

WITH_HOSTS = frozenset(
    f"{name}{end}"
    for name in ("http", "mqtt", "mailto", "json", "form", "smseagle", "gotify", "ntfy", "mmost")
    for end in ("", "s")
) | {"tls", "tcp", "udp"}
"""Schemes in whose addresses a host stands; in those of others a token may stand in its place."""
_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")


def _checked_clock(clock: str) -> str:
    if not _CLOCK.match(clock):
        raise ValueError(f"{clock!r} is not a time of day, expected e.g. 07:30")
    return clock


ClockTime = Annotated[str, AfterValidator(_checked_clock)]
Secret = Annotated[SecretStr, Field(min_length=8)]


class TargetUrl(SecretUrl):
    """Prints its scheme and host alone: logins, paths and queries of targets hold tokens."""

    def __str__(self) -> str:
        return address_of(self.reveal())

    @classmethod
    def __get_pydantic_json_schema__(cls, _: Any, handler: Any) -> dict[str, Any]:
        """Describe a secret as a write-only text."""
        del handler
        return {"type": "string", "writeOnly": True}


class TargetConfig(Frozen):
    """Receiver and the alerts and incidents that it gets; each kind narrows `kind`.

    Without `kinds` it gets every kind but system troubles; without `agencies` or `areas` those of
    all. Drills are sent only with `exercises`, marked as such.
    """

    schemes: ClassVar[tuple[str, ...]] = ()
    """What stands before `://`; the kind itself judges its addresses where there are none."""
    is_for_people: ClassVar[bool] = False
    """True if a telephone rings: people are spared what is not worth another message."""

    id: Id
    kind: str
    url: TargetUrl
    name: Name | None = None
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
    timeout_s: float = Field(default=10.0, ge=1, le=60)

    @property
    def masked_address(self) -> str:
        """Displayable form of the address: paths and queries of webhooks may hold tokens."""
        return str(self.url)

    @property
    def is_for_callers(self) -> bool:
        """True if it only sends links to callers by text message."""
        return False

    @property
    def has_test(self) -> bool:
        """True if a test message can be sent."""
        return True

    @field_validator("url", mode="before")
    @classmethod
    def _opaque(cls, url: object) -> object:
        return url.reveal() if isinstance(url, SecretUrl) else url

    @model_validator(mode="after")
    def _checked_address(self) -> Self:
        if not _has_host(self.url.reveal()):
            raise ValueError(f"url is not an address of a {self.kind}, expected SCHEME://HOST:PORT")
        if self.schemes and self.url.scheme not in self.schemes:
            expected = " or ".join(f"{scheme}://" for scheme in self.schemes)
            raise ValueError(f"url is not an address of a {self.kind}, expected {expected}HOST…")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetModels:
    """Kinds of target that a configuration may name, in the order of messages."""

    models: Mapping[str, type[TargetConfig]]
    problems: Sequence[tuple[str, str]] = ()
    """Kinds that could not be taken in: (their name, what is wrong)."""

    def model_of(self, kind: object) -> type[TargetConfig] | None:
        return self.models.get(kind) if isinstance(kind, str) else None

    def expected(self) -> str:
        """Return the message that lists the valid kinds."""
        return "unknown kind of target, expected " + ", ".join(repr(kind) for kind in self.models)

    def without_others_keys(
        self, table: Mapping[str, Any], error: ValidationError
    ) -> dict[str, Any] | None:
        """Return the table without settings of other kinds; None if something else is wrong.

        A misplaced secret is an error too: it was meant for something.
        """
        others = {key for model in self.models.values() for key in model.model_fields}
        found = error.errors(include_input=False, include_url=False)
        wrong = {str(one["loc"][0]) for one in found if one["type"] == "extra_forbidden"}
        if len(wrong) < len(found) or not wrong <= others - {"secret"}:
            return None
        return {key: value for key, value in table.items() if key not in wrong}


def secret_settings(model: type[TargetConfig]) -> tuple[str, ...]:
    stated = model.model_json_schema()["properties"]
    return tuple(name for name, one in stated.items() if _is_write_only(one))


def masked_secret(value: str) -> str:
    """Return the masked form of a secret; of an address its host, and whether there is more."""
    if "://" not in value:
        return MASK
    shown = address_of(value)
    return shown if shown == value or MASK in shown else f"{shown}/{MASK}"


def _is_write_only(stated: Mapping[str, Any]) -> bool:
    return bool(stated.get("writeOnly")) or any(map(_is_write_only, stated.get("anyOf", ())))


NO_TARGETS = TargetModels(models={})
"""For processes that deliver nothing."""


def address_of(url: str) -> str:
    """Scheme, host and port; where the host may be a token, or there is none, it is not shown."""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in WITH_HOSTS:
            return f"{parts.scheme}://{MASK}" if parts.hostname else MASK
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # says what it could not understand, which may be the login
        return MASK
    if not parts.hostname:
        return MASK
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme.lower() not in WITH_HOSTS or parts.port != 0
        return bool(parts.hostname) and is_whole
    except ValueError:
        return False
