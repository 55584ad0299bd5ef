"""libav's errors to ours. libav's text may hold the address with its password: it is never kept.

What enters is an exception of PyAV; what leaves is a `SourceError` built only from the masked
address and from what kind of error it was.
"""

import errno
from urllib.parse import urlsplit

import av

from config.secret import SecretUrl
from ingest.address_guard import AddressRefused, is_address, resolved, watched_cameras
from ingest.errors import (
    CameraRefused,
    ConnectionBroken,
    NotFound,
    SourceError,
    Stalled,
    TransportRefused,
    Unanswered,
    Unauthorized,
    Unreachable,
    Unsupported,
)

USUAL_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "rtmp": 1935}
_UNREACHABLE = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT, errno.EADDRNOTAVAIL}
)


def named_open_error(
    error: Exception, url: SecretUrl, *, timed_out: bool, address: str | None = None
) -> SourceError:
    """Why `url`, or the `address` to which it was settled, could not be opened."""
    shown = str(url)
    if url.scheme in ("", "file"):
        return _file_error(error, shown)
    if timed_out or isinstance(error, av.ExitError):
        return _no_answer(url, address or url.reveal())
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        return _login_error(url)
    if isinstance(error, av.HTTPNotFoundError):
        return NotFound(shown)
    if isinstance(error, av.HTTPError):
        return CameraRefused(shown)
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


def named_read_error(error: Exception, shown: str) -> SourceError:
    """Why reading ended."""
    if isinstance(error, av.ExitError | TimeoutError):
        return Stalled(shown)
    return ConnectionBroken(shown)


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
    """Timed out: tell a silent server from an address where nobody is."""
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
