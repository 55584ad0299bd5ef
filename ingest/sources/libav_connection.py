"""Connection through libav: opened with a scheme's options, read, closed; no retries.

Packets come until a `SourceError`; the end of the stream is `Ended`. libav's error text may contain
the password, so errors are built from the masked address and the kind of error only.
"""

import errno
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from thapcanh.config.camera import Transport
from thapcanh.config.secret import SecretUrl, has_control_character
from thapcanh.ingest.address_guard import AddressRefused, is_address, resolved, watched_cameras
from thapcanh.ingest.errors import (
    CameraRefused,
    ConnectionBroken,
    Ended,
    Garbled,
    NotFound,
    NoVideo,
    RefusedNow,
    SourceError,
    Stalled,
    TransportRefused,
    Unanswered,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from thapcanh.ingest.packets.libav import LARGEST_PX, SIZE_LIMIT, open_container
from thapcanh.ingest.packets.normaliser import Normaliser
from thapcanh.ingest.packets.packet import Encoded, Packet, StreamInfo
from thapcanh.ingest.sources.rtsp_answers import RTSP_PORTS

_LIVE_FORMATS = frozenset({"rtsp", "mpjpeg"})  # their packets come when they are due
_PICTURE_FORMATS = frozenset({"image2", "jpeg_pipe", "png_pipe", "bmp_pipe", "webp_pipe"})
_MAX_BAD_READS = 50
"""Unreadable pieces in a row before the connection is given up; about 2 s of packets."""
USUAL_PORTS = {**RTSP_PORTS, "http": 80, "rtmp": 1935}
_UNREACHABLE = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT, errno.EADDRNOTAVAIL}
)


def too_large(shown: str, width: int, height: int) -> Unsupported:
    """Return the error for pictures that are too large to decode."""
    return Unsupported(
        shown,
        problem=f"its pictures are {width} x {height}, more than {LARGEST_PX} pixels a side",
        way_out="choose a smaller stream of the camera",
    )


def open_libav(
    url: SecretUrl,
    options: Mapping[str, str],
    *,
    timeouts_s: tuple[float, float],
    address: str | None = None,
    live: bool | None = None,
    transport: Transport | None = None,
) -> "AvConnection":
    """Connect and find the video stream. Raise `SourceError` within the open timeout.

    `timeouts_s` is for opening and for one read. `address` is what libav opens if not `url`. `live`
    tells whether the other side sets the pace; None leaves it to the format. `transport` is the
    requested one, where there is a choice.
    """
    if has_control_character(address or url.reveal()):
        raise Unsupported(
            str(url),
            problem="the address holds a line break or another control character",
            way_out="write the address anew, on one line",
        )
    open_timeout_s, read_timeout_s = timeouts_s
    started = time.monotonic()
    failed: SourceError | None = None
    try:
        container = open_container(
            address or url.reveal(), options={**SIZE_LIMIT, **options}, timeout=timeouts_s
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        took_s = time.monotonic() - started
        is_late = took_s >= open_timeout_s * 0.95
        failed = named_open_error(error, url, timed_out=is_late, address=address)
    if failed is not None:
        raise failed  # outside `except`: libav's own text, with the password, is not its context
    return AvConnection(
        container, url, read_timeout_s=read_timeout_s, live=live, transport=transport
    )


class AvConnection:
    """A `Connection` through libav. Close it on the thread that reads it."""

    def __init__(
        self,
        container: InputContainer,
        url: SecretUrl,
        *,
        read_timeout_s: float,
        live: bool | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.transport = transport
        self._container = container
        self._beside = ExitStack()
        self._live = container.format.name in _LIVE_FORMATS if live is None else live
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
        """Stream parameters known so far."""
        return self._normaliser.stream

    @property
    def live(self) -> bool:
        """True if the other side sets the pace."""
        return self._live

    @property
    def is_one_picture(self) -> bool:
        return self._container.format.name in _PICTURE_FORMATS

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
        self._beside.close()

    def close_with_it(self, beside: ExitStack) -> None:
        """Close `beside` after this connection."""
        self._beside = beside

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
                failed = _named_read_error(error, self._shown)
            if failed is not None:
                raise failed

    def _timely(self) -> Iterator[Encoded]:
        """Yield libav's packets, without a late one.

        When a read times out, libav first returns the picture that it was collecting; that one is
        old and the stream has stalled.
        """
        requested = time.monotonic()
        for encoded in self._container.demux(self._video):
            if time.monotonic() - requested >= self._read_timeout_s:
                raise Stalled(self._shown)
            if encoded.size:
                yield encoded
            requested = time.monotonic()


def named_open_error(
    error: Exception, url: SecretUrl, *, timed_out: bool, address: str | None = None
) -> SourceError:
    """Return why `url`, or its resolved `address`, could not be opened."""
    shown = str(url)
    if url.scheme in ("", "file"):
        return _file_error(error, shown)
    if timed_out or isinstance(error, av.ExitError):
        return _no_answer(url, address or url.reveal())
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        return _login_error(url)
    if isinstance(error, av.HTTPNotFoundError):
        return NotFound(shown)
    if isinstance(error, av.HTTPServerError | av.HTTPOtherClientError):
        return RefusedNow(shown)
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(shown, problem="nothing listens on that port")
    if isinstance(error, av.InvalidDataError):
        return CameraRefused(
            shown,
            problem="something answers there, but not with video",
            way_out="check port and path",
        )
    if isinstance(error, av.ProtocolNotFoundError | av.DemuxerNotFoundError):
        return Unsupported(shown)
    if isinstance(error, OSError):
        return _network_error(error, url)
    return CameraRefused(shown)


def _named_read_error(error: Exception, shown: str) -> SourceError:
    if isinstance(error, av.ExitError | TimeoutError):
        return Stalled(shown)
    return ConnectionBroken(shown)


def _video_stream(container: InputContainer, shown: str) -> VideoStream:
    video = container.streams.best("video")
    if not isinstance(video, VideoStream):
        raise NoVideo(shown)
    if video.codec_context is None:
        raise Unsupported(shown, problem="its video codec cannot be decoded")
    width, height = video.codec_context.width, video.codec_context.height
    if max(width, height) > LARGEST_PX:
        raise too_large(shown, width, height)
    return video


def _file_error(error: Exception, shown: str) -> SourceError:
    if isinstance(error, FileNotFoundError):
        return NotFound(shown, problem="no such file", way_out="check the path")
    if isinstance(error, IsADirectoryError):
        return Unsupported(shown, problem="that is a folder", way_out="name a video file in it")
    if isinstance(error, PermissionError):
        return CameraRefused(
            shown, problem="the file may not be read", way_out="change its permissions"
        )
    return Unsupported(
        shown,
        problem="not a video file that can be read",
        way_out="check that it is complete and plays elsewhere",
    )


def _login_error(url: SecretUrl) -> SourceError:
    if urlsplit(url.reveal()).username:
        return Unauthorized(str(url))
    return Unauthorized(
        str(url),
        problem="a login is needed and the address has none",
        way_out="write it as scheme://user:password@host/...",
    )


def _no_answer(url: SecretUrl, address: str) -> SourceError:
    """Return the error of a timeout: a silent server, or an address without one."""
    parts = urlsplit(address)
    try:
        port = parts.port or USUAL_PORTS.get(url.scheme, 443)
        with watched_cameras(()).connect(parts.hostname or "", port, 1.0):
            return Unanswered(str(url))
    except (OSError, AddressRefused):
        return Unreachable(str(url), problem="no connection in time")


def _network_error(error: OSError, url: SecretUrl) -> SourceError:
    shown = str(url)
    if error.errno == errno.EPROTONOSUPPORT:
        return TransportRefused(shown)
    if error.errno == errno.EPERM:  # an answer in RTMP that says no
        return CameraRefused(shown)
    host = urlsplit(url.reveal()).hostname or ""
    if not is_address(host) and not resolved(host):
        return Unreachable(shown, problem=f"the name {host} is not known", way_out="check the name")
    if error.errno in _UNREACHABLE:
        return Unreachable(shown)
    return ConnectionBroken(shown, problem="the connection broke while opening")
