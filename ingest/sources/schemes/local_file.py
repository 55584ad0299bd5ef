"""Recorded files: a path, or a `file://` URL. Playlists, which name other files, are refused."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import Unsupported
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.libav_connection import AvConnection, open_libav
from thapcanh.ingest.sources.scheme import SourceScheme

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,ivf,mxf,nut,"
    "h264,hevc,mjpeg,mpjpeg,m4v,mpegvideo,gif,image2,wav,dav,dhav"
)
"""What holds pictures itself. ffconcat, m3u8, mpd and sdp would have us read what they name."""
_PLAYLISTS = (b"ffconcat", b"#EXTM3U", b"<?xml", b"<MPD", b"v=0")


def local_path(url: SecretUrl) -> str:
    """Return the path of a file source, given as a path or a `file://` URL."""
    if url.scheme != "file":
        return url.reveal()
    return unquote(urlsplit(url.reveal()).path)


def _open(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    """Open a file; paths are marked as files, so that no name is taken for a protocol."""
    if _is_playlist(Path(local_path(url))):
        raise Unsupported(
            str(url),
            problem="that is a playlist, and only a video itself is read",
            way_out="name the video file that it leads to",
        )
    return open_libav(
        url,
        {"protocol_whitelist": "file", "format_whitelist": _FORMATS},
        timeouts_s=(settings.open_timeout_s, settings.read_timeout_s),
        address=f"file:{local_path(url)}",
    )


def _is_playlist(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_PLAYLISTS)
    except OSError:
        return False  # libav's own error says why it cannot be read


def _check(url: SecretUrl) -> None:
    if not url.reveal().removeprefix("file://").strip():
        raise ValueError("empty, expected a URL or a file path")


SCHEME = SourceScheme(
    names=("", "file"),
    open=_open,
    check=_check,
)
