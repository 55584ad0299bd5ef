"""Motion JPEG and HLS by HTTP. A camera may lead elsewhere on itself, never to another host."""

import http.client
from urllib.parse import urljoin, urlsplit, urlunsplit

from config.secret import SecretUrl
from ingest.errors import ConnectionBroken, RedirectElsewhere
from ingest.sources.connection import OpenSettings
from ingest.sources.libav_connection import AvConnection, open_libav
from ingest.sources.scheme import SourceScheme

_OPTIONS = {
    # a playlist from outside must not make us read files of this machine
    "protocol_whitelist": "http,https,tcp,tls,crypto,httpproxy",
    "max_redirects": "0",
}
_PORTS = {"http": 80, "https": 443}
_MOST_STEPS = 5
_ASK_WITHIN_S = 3.0


def _open(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    timeouts_s = (settings.open_timeout_s, settings.http_read_timeout_s)
    address = url.reveal()
    for _ in range(_MOST_STEPS):
        try:
            return open_libav(url, _OPTIONS, timeouts_s=timeouts_s, address=address)
        except ConnectionBroken:
            further = _redirected(address)
            if further is None:
                raise
        if _host_of(further) != _host_of(address):
            raise RedirectElsewhere(str(url))
        address = _with_login_of(url, further)
    raise RedirectElsewhere(str(url), problem="it redirects again and again")


def _redirected(address: str) -> str | None:
    """Where this address leads by a redirect; None where it does not, or does not say so to us."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=_ASK_WITHIN_S)
    try:
        line.request("GET", urlunsplit(("", "", parts.path or "/", parts.query, "")))
        reply = line.getresponse()
        place = reply.getheader("Location")
        return urljoin(address, place) if place and 300 <= reply.status < 400 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        line.close()


def _host_of(address: str) -> tuple[str, str, int | None]:
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)


def _with_login_of(url: SecretUrl, address: str) -> str:
    login, at, _ = urlsplit(url.reveal()).netloc.rpartition("@")
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{login}{at}{parts.netloc.rpartition('@')[2]}"))


SCHEME = SourceScheme(
    names=_PORTS,
    labels={"vi": "HTTP (MJPEG, HLS)", "en": "HTTP (MJPEG, HLS)"},
    open=_open,
)
