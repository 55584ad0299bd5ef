"""One connection to a camera or file: opens, reads, raises. It never retries and never waits.

`open_source(url)` gives a `Connection`: the stream's parameters, then packets until a
`SourceError` ends them (the end of the stream is `Ended`). All on the caller's thread.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from config.secret import SecretUrl
from ingest.container import open_container
from ingest.errors import Ended, Garbled, NoVideo, SourceError, Stalled, Unsupported
from ingest.packets.normaliser import Normaliser
from ingest.packets.packet import Encoded, Packet, StreamInfo
from ingest.sources.libav_errors import named_open_error, named_read_error

_LIVE_FORMATS = frozenset({"rtsp", "mpjpeg"})  # their packets come when they are due
_MAX_BAD_READS = 50
"""Unreadable pieces in a row before the connection is given up; about 2 s of packets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSettings:
    """How long to wait, and how much to read before saying what the stream is."""

    open_timeout_s: float = 8.0
    read_timeout_s: float = 5.0
    http_read_timeout_s: float = 12.0
    """HLS waits inside libav for the next segment, which may be 10 s long."""
    rtsp_probe_bytes: int = 65536
    rtsp_probe_s: float = 0.5


class Connection(Protocol):
    """An open source. `live`: packets come when they are due; else as fast as they are read."""

    @property
    def stream(self) -> StreamInfo:
        """What is known of the stream so far."""
        ...

    @property
    def live(self) -> bool:
        """Whether the other side sets the pace."""
        ...

    def __iter__(self) -> Iterator[Packet]: ...


class OpenSource(Protocol):
    """Opens the source at an address, or raises `SourceError`."""

    def __call__(self, url: SecretUrl, /) -> AbstractContextManager[Connection]:
        """Open the source; raises `SourceError`."""
        ...


def open_source(url: SecretUrl, settings: OpenSettings | None = None) -> "AvConnection":
    """Connect and find the video stream. Raises `SourceError` within the open timeout."""
    chosen = settings or OpenSettings()
    over_http = url.scheme in ("http", "https")
    read_timeout_s = chosen.http_read_timeout_s if over_http else chosen.read_timeout_s
    began = time.monotonic()
    failed: SourceError | None = None
    try:
        container = open_container(
            _address(url),
            options=_options(url, chosen),
            timeout=(chosen.open_timeout_s, read_timeout_s),
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        took_s = time.monotonic() - began
        failed = named_open_error(error, url, timed_out=took_s >= chosen.open_timeout_s * 0.95)
    if failed is not None:
        raise failed  # outside `except`: libav's own text, with the password, is not its context
    return AvConnection(container, url, read_timeout_s=read_timeout_s)


class AvConnection:
    """A `Connection` through libav. Close it on the thread that reads it."""

    def __init__(self, container: InputContainer, url: SecretUrl, *, read_timeout_s: float) -> None:
        self._container = container
        self._read_timeout_s = read_timeout_s
        self._shown = str(url)
        try:
            self._video = _video_stream(container, self._shown)
            arrival_is_time = container.format.name == "mpjpeg"
            self._normaliser = Normaliser(self._video, arrival_is_time=arrival_is_time)
        except SourceError:
            container.close()
            raise

    @property
    def stream(self) -> StreamInfo:
        """What is known of the stream so far."""
        return self._normaliser.stream

    @property
    def live(self) -> bool:
        """Whether the other side sets the pace."""
        return self._container.format.name in _LIVE_FORMATS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Safe to call twice."""
        self._container.close()

    def __iter__(self) -> Iterator[Packet]:
        bad_reads = 0
        while True:
            failed: SourceError | None = None
            try:
                for encoded in self._timely():
                    bad_reads = 0
                    yield from self._normaliser.take(encoded, received_at=time.time())
                failed = Ended(self._shown)
            except av.InvalidDataError:
                bad_reads += 1
                if bad_reads > _MAX_BAD_READS:
                    failed = Garbled(self._shown)
            except (av.FFmpegError, OSError) as error:
                failed = named_read_error(error, self._shown)
            if failed is not None:
                raise failed

    def _timely(self) -> Iterator[Encoded]:
        """Libav's packets.

        When a read runs into its timeout, libav first hands out the picture it was still
        collecting, as if it had just come: that one is old, and the stream has stalled.
        """
        asked = time.monotonic()
        for encoded in self._container.demux(self._video):
            if time.monotonic() - asked >= self._read_timeout_s:
                raise Stalled(self._shown)
            if encoded.size:
                yield encoded
            asked = time.monotonic()


def _video_stream(container: InputContainer, shown: str) -> VideoStream:
    video = container.streams.best("video")
    if not isinstance(video, VideoStream):
        raise NoVideo(shown)
    if video.codec_context is None:
        raise Unsupported(shown, problem="its video codec cannot be decoded")
    return video


def _address(url: SecretUrl) -> str:
    """What libav opens. Paths are marked as files, so that no name is taken for a protocol."""
    if url.scheme not in ("", "file"):
        return url.reveal()
    return f"file:{local_path(url)}"


def local_path(url: SecretUrl) -> Path:
    """The path of a file source, given as a path or a `file://` URL."""
    if url.scheme != "file":
        return Path(url.reveal())
    return Path(unquote(urlsplit(url.reveal()).path))


def _options(url: SecretUrl, settings: OpenSettings) -> dict[str, str]:
    if url.scheme in ("http", "https"):
        # a playlist from outside must not make us read files of this machine
        return {"protocol_whitelist": "http,https,tcp,tls,crypto,httpproxy"}
    if url.scheme not in ("rtsp", "rtsps"):
        return {}
    return {
        "rtsp_transport": "tcp",
        "allowed_media_types": "video",
        "probesize": str(settings.rtsp_probe_bytes),
        "analyzeduration": str(int(settings.rtsp_probe_s * 1_000_000)),
        "fpsprobesize": "0",
    }
