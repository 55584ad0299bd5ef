"""Feeds of CAP warnings that the centre fetches: a power company's, a weather service's."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from thapcanh.config.frozen import Frozen, Id, Name
from thapcanh.config.secret import SecretUrl


def _checked(url: SecretUrl) -> SecretUrl:
    try:
        parts = urlsplit(url.reveal())
        is_right = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or parts.username is not None:
        raise ValueError("url is not an address of a feed, expected https://HOST/PATH")
    return url


class CapFeedConfig(Frozen):
    """A feed: one CAP document, or an Atom or RSS index of some at the same host.

    Only messages of `senders` count; they belong to the feed's agency and area.
    """

    id: Id
    name: Name
    url: Annotated[SecretUrl, AfterValidator(_checked)]
    senders: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = Field(
        min_length=1
    )
    every_s: float = Field(default=60.0, ge=10, le=3600)
    timeout_s: float = Field(default=10.0, ge=1, le=60)
    agency: Id | None = None
    area: Id | None = None
