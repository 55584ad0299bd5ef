"""Definition of a scheme of camera addresses: names, check and opening."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.server_url import port_of
from thapcanh.ingest.sources.connection import Connection, OpenSettings

ENTRY_POINTS = "thapcanh.camera_schemes"

Open: TypeAlias = Callable[[SecretUrl, OpenSettings], AbstractContextManager[Connection]]


def has_host(url: SecretUrl) -> None:
    """Raise `ValueError` for an address without a host, or with a port that is none."""
    if _is_login_cut(url.reveal()):
        raise ValueError(
            f"{url}: a password with / ? or # in it is written with %2F, %3F and %23 in their place"
        )
    if not urlsplit(url.reveal()).hostname:
        raise ValueError(f"{url} has no host")
    port_of(url)


def _is_login_cut(address: str) -> bool:
    """Return whether an unescaped character in the password cuts the host off before `@`."""
    netloc = urlsplit(address).netloc
    name, colon, port = netloc.partition(":")
    rest = address.partition("://")[2][len(netloc) :]
    is_login = bool(colon) and "@" not in netloc and "@" in rest
    return is_login and (not port.isdigit() or ("." not in name and name != "localhost"))


def tidied(url: SecretUrl) -> SecretUrl:
    """Return the address without outer spaces and with its scheme in lower case."""
    text = url.reveal().strip()
    scheme, mark, rest = text.partition("://")
    text = f"{scheme.lower()}{mark}{rest}" if mark else text
    return url if text == url.reveal() else SecretUrl(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceScheme:
    """Scheme, or several that are opened alike."""

    names: tuple[str, ...]
    """What stands before `://`, in lower case; "" is a plain path."""
    open: Open
    """Connects, or raises `SourceError` within the open timeout."""
    check: Callable[[SecretUrl], None] = field(default=has_host)
    """Raises `ValueError`, in one line that names the address, for a slip of the pen."""
