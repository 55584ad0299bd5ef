"""RTMP: drones, phones and encoders that publish to a media server, read from there."""

from config.secret import SecretUrl
from ingest.sources.connection import OpenSettings
from ingest.sources.libav_connection import AvConnection, open_libav
from ingest.sources.scheme import SourceScheme

_OPTIONS = {
    "protocol_whitelist": "rtmp,rtmps,tcp,tls",
    "rtmp_live": "live",
    "probesize": "262144",
    "analyzeduration": "2000000",
}


def _open(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    timeouts_s = (settings.open_timeout_s, settings.read_timeout_s)
    return open_libav(url, _OPTIONS, timeouts_s=timeouts_s, live=True)


SCHEME = SourceScheme(
    names={"rtmp": 1935, "rtmps": 443},
    labels={"vi": "RTMP", "en": "RTMP"},
    open=_open,
)
