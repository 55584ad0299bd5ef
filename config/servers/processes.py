"""Settings of the processes: logs, metrics, and a cluster of several machines."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from thapcanh.config.file_path import FilePath
from thapcanh.config.frozen import Frozen, Id
from thapcanh.config.secret import SecretUrl


class MetricsConfig(Frozen):
    """Access to `/metrics`; without a token the page does not exist."""

    token: SecretStr | None = Field(default=None, min_length=16)


class LogConfig(Frozen):
    """Format of the logs: text for people, or one JSON object per line."""

    format: Literal["text", "json"] = "text"


class LogHeads(Frozen):
    """Destination of the action log's hourly signed end: a folder, an address."""

    drop: FilePath | None = None
    webhook: SecretUrl | None = None
    key_file: FilePath | None = None


HEAD_PORT = 6380
_HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$")


def _checked_head(address: str) -> str:
    """Raise `ValueError` for what is neither HOST nor HOST:PORT; return it with a port."""
    host, separator, port = address.partition(":")
    if not _HOST.match(host):
        raise ValueError(f"{address!r} is not the head's address, such as 10.0.0.1:{HEAD_PORT}")
    if not separator:
        return f"{host}:{HEAD_PORT}"
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError(f"{address!r} has a port that is not a number from 1 to 65535")
    return address


class ClusterConfig(Frozen):
    """Address of the head, and a worker's share before it was measured."""

    head: Annotated[str, AfterValidator(_checked_head)] | None = None
    """The head's address on the machines' own network; without it there is no cluster."""
    token_file: FilePath | None = None
    """A secret of at least 32 characters that every machine of the cluster has."""
    cameras_per_worker: int = Field(default=48, ge=1, le=2000)
    heavy: tuple[Id, ...] = ()
    """Cameras that nodes with a GPU take first."""
