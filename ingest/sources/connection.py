"""Interface of an open source, and the settings it is opened with."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from thapcanh.config.camera import TlsTrust, Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import AddressGuard, watched_cameras
from thapcanh.ingest.packets.packet import Packet, StreamInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSettings:
    """Timeouts, probe length, and the camera's transport and trust."""

    open_timeout_s: float = 8.0
    read_timeout_s: float = 5.0
    http_read_timeout_s: float = 12.0
    """HLS waits inside libav for the next segment, which may be 10 s long."""
    rtsp_probe_bytes: int = 65536
    rtsp_probe_s: float = 0.5
    transport: Transport = Transport.AUTO
    tls: TlsTrust = field(default_factory=TlsTrust)
    guard: AddressGuard = watched_cameras(())  # noqa: RUF009 it changes nothing
    """Where a camera's name may lead."""


class Connection(Protocol):
    """An open source. `live`: packets come when they are due; else as fast as they are read."""

    @property
    def stream(self) -> StreamInfo:
        """Stream parameters known so far."""
        ...

    @property
    def live(self) -> bool:
        """True if the other side sets the pace."""
        ...

    @property
    def transport(self) -> Transport | None:
        """Transport of the pictures, where there is a choice; unread data is not lost by TCP."""
        ...

    def __iter__(self) -> Iterator[Packet]: ...


class OpenSource(Protocol):
    """Opens the source at an address, or raises `SourceError`."""

    def __call__(self, url: SecretUrl, /) -> AbstractContextManager[Connection]:
        """Open the source; raises `SourceError`."""
        ...
