"""RTMP sources: drones, phones and encoders that publish to a media server.

TLS goes through a relay that checks each connection's certificate.
"""

from urllib.parse import urlsplit, urlunsplit

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import is_address
from thapcanh.ingest.errors import CameraRefused, Unanswered
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.libav_connection import AvConnection, open_libav
from thapcanh.ingest.sources.scheme import SourceScheme
from thapcanh.ingest.sources.tls_opening import far_end, near_address, open_through, pinned_address
from thapcanh.ingest.sources.tls_relay import tls_door

_OPTIONS = {
    "protocol_whitelist": "rtmp,tcp",
    "rtmp_live": "live",
    "probesize": "262144",
    "analyzeduration": "2000000",
}
_PORTS = {"rtmp": 1935, "rtmps": 443}
_WAY_OUT = "check that the encoder publishes, and application and name in the path"


def _open(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    failed: Unanswered | CameraRefused
    try:
        return _by_tls(url, settings) if url.scheme == "rtmps" else _plain(url, settings)
    except Unanswered:
        problem = "the server sends no pictures of that stream"
        failed = Unanswered(str(url), problem=problem, way_out=_WAY_OUT)
    except CameraRefused:
        problem = "the server refused to play that stream"
        failed = CameraRefused(str(url), problem=problem, way_out=_WAY_OUT)
    raise failed


def _plain(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    """Open it at the checked address; the server still gets the name."""
    address = url.reveal()
    far = far_end(address, _PORTS["rtmp"], settings.guard)
    if is_address(far.host):
        return _opened(url, settings)
    at = far.guard.pinned(far.host, far.port, settings.open_timeout_s)
    own = {"rtmp_tcurl": _application_url(address)}
    return _opened(url, settings, pinned_address(address, at), own)


def _by_tls(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    """Open it by TLS; the server gets its own address, by which some choose the stream."""
    address = url.reveal()
    own = {"rtmp_tcurl": _application_url(address)}

    def near(port: int) -> AvConnection:
        return _opened(url, settings, near_address(address, "rtmp", port), own)

    return open_through(
        tls_door, far_end(address, _PORTS["rtmps"], settings.guard), url, settings, near
    )


def _opened(
    url: SecretUrl,
    settings: OpenSettings,
    address: str | None = None,
    options: dict[str, str] | None = None,
) -> AvConnection:
    return open_libav(
        url,
        {**_OPTIONS, **(options or {})},
        timeouts_s=(settings.open_timeout_s, settings.read_timeout_s),
        address=address,
        live=True,
    )


def _application_url(address: str) -> str:
    """Return the application's address without login and stream, as libav splits paths."""
    parts = urlsplit(address)
    application, *rest = parts.path.lstrip("/").split("/")
    if len(rest) > 1 and ":" not in rest[0]:
        application = f"{application}/{rest[0]}"
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme.lower(), netloc, f"/{application}", "", ""))


SCHEME = SourceScheme(
    names=tuple(_PORTS),
    open=_open,
)
