"""SRT: encoders over lossy lines. Read as a caller; needs a libav that was built with libsrt."""

from urllib.parse import urlsplit

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import Unsupported
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.libav_connection import AvConnection, open_libav
from thapcanh.ingest.sources.scheme import SourceScheme, has_host
from thapcanh.ingest.sources.tls_opening import pinned_address

_OPTIONS = {"mode": "caller", "transtype": "live", "probesize": "262144"}


def _open(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    """Open an address that the guard allows. Raise `Unsupported` without libsrt."""
    timeouts_s = (settings.open_timeout_s, settings.read_timeout_s)
    failed: Unsupported | None = None
    try:
        host = urlsplit(url.reveal()).hostname or ""
        address = pinned_address(url.reveal(), settings.guard.judged(host)[0])
        return open_libav(url, _OPTIONS, timeouts_s=timeouts_s, address=address, live=True)
    except Unsupported:
        failed = Unsupported(
            str(url),
            problem="the media library of this installation has no SRT",
            way_out="install PyAV built with libsrt, or have the encoder send RTSP or RTMP",
        )
    raise failed


def _check(url: SecretUrl) -> None:
    has_host(url)
    if urlsplit(url.reveal()).port is None:
        raise ValueError(f"{url} has no port, and SRT has no usual one")


SCHEME = SourceScheme(
    names=("srt",),
    open=_open,
    check=_check,
)
