"""Addresses of the queue, the archive and the screens; only their form is checked."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from thapcanh.config.secret import SecretUrl

_QUEUES = ("redis", "rediss", "unix")
_SENTINELS = ("redis", "rediss")
_ARCHIVES = ("postgresql", "postgres", "postgresql+psycopg", "sqlite")
_HOSTLESS = frozenset({"unix", "sqlite", "postgresql", "postgres", "postgresql+psycopg"})
"""A socket's or a file's path, or PostgreSQL's `?host=`."""


def _checked_queue(url: SecretUrl) -> SecretUrl:
    return _checked(url, _QUEUES)


def _checked_sentinel(url: SecretUrl) -> SecretUrl:
    """Refuse a path: a Sentinel has no databases."""
    checked = _checked(url, _SENTINELS)
    if urlsplit(checked.reveal()).path.strip("/"):
        raise ValueError(f"{url} has something behind the port, a sentinel has no databases")
    return checked


def _checked_archive(url: SecretUrl) -> SecretUrl:
    return _checked(url, _ARCHIVES)


def _checked_public(url: str) -> str:
    """Raise `ValueError` unless it is an origin that other machines can open."""
    origin = origin_of(url, "https://trucban.example")
    host = urlsplit(origin).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        raise ValueError(f"{host} means this machine alone; give the name that other machines use")
    return origin


def origin_of(url: str, example: str) -> str:
    """Return scheme, host and port of an origin. Raise `ValueError` for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"is not an address such as {example}") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise ValueError(f"is not an address such as {example}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            "has something behind the host; give only https://HOST or https://HOST:PORT"
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")


def _checked(url: SecretUrl, schemes: tuple[str, ...]) -> SecretUrl:
    if "://" not in url.reveal() or url.scheme not in schemes:
        expected = ", ".join(f"{scheme}://" for scheme in schemes)
        raise ValueError(f"{url} has no known scheme, expected one of {expected}")
    parts = urlsplit(url.reveal())
    if not parts.hostname and url.scheme not in _HOSTLESS:
        raise ValueError(f"{url} has no host")
    port_of(url)
    return url


def port_of(url: SecretUrl) -> int | None:
    """Return the port or None. Raise `ValueError` if it is not a number from 0 to 65535."""
    try:
        return urlsplit(url.reveal()).port
    except ValueError:
        raise ValueError(f"{url} has a port that is not a number from 0 to 65535") from None


def check_service(url: SecretUrl | None) -> None:
    """Raise `ValueError` unless the queue's address names a service of the sentinels."""
    if url is None:
        raise ValueError("sentinels needs a url: redis://:PASSWORD@SERVICE/0")
    if url.scheme == "unix" or port_of(url) is not None:
        raise ValueError(
            f"with sentinels the url names their service, without a port: {url} does not"
        )


QueueUrl = Annotated[SecretUrl, AfterValidator(_checked_queue)]
SentinelUrl = Annotated[SecretUrl, AfterValidator(_checked_sentinel)]
ArchiveUrl = Annotated[SecretUrl, AfterValidator(_checked_archive)]
PublicUrl = Annotated[str, AfterValidator(_checked_public)]
