"""What a scheme of camera addresses is: its names, its own check, and how it is opened.

A scheme is one module that holds a `SCHEME`: in `ingest/sources/schemes/`, or in any package that
names it under the entry point group `ENTRY_POINTS`. Nothing here opens a connection.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from config.secret import SecretUrl
from config.servers.server_url import port_of
from ingest.sources.connection import Connection, OpenSettings

ENTRY_POINTS = "thapcanh.camera_schemes"

Open: TypeAlias = Callable[[SecretUrl, OpenSettings], AbstractContextManager[Connection]]


def has_host(url: SecretUrl) -> None:
    """Raise `ValueError` for an address without a host, or with a port that is none."""
    if not urlsplit(url.reveal()).hostname:
        raise ValueError(f"{url} has no host")
    port_of(url)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceScheme:
    """One scheme, or some that are opened alike."""

    names: tuple[str, ...]
    """What stands before `://`, in lower case; "" is a plain path."""
    open: Open
    """Connects, or raises `SourceError` within the open timeout."""
    check: Callable[[SecretUrl], None] = field(default=has_host)
    """Raises `ValueError`, in one line that names the address, for a slip of the pen."""
