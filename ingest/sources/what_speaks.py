"""Detection of the protocol at an address that could not be opened.

Never raises.
"""

import re
import ssl
from contextlib import suppress
from urllib.parse import urljoin, urlsplit, urlunsplit

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused, Endpoint
from thapcanh.ingest.errors import (
    CameraRefused,
    ConnectionBroken,
    NeedsTls,
    OtherProtocol,
    RedirectLoop,
    SourceError,
    SpeaksNoTls,
    SrtpOnly,
    TransportRefused,
    Unanswered,
    WebPage,
)
from thapcanh.ingest.sources.rtsp_answers import RTSP_PORTS

LOOKED_AT = (CameraRefused, ConnectionBroken, TransportRefused, Unanswered)
"""What may have a better reason than libav gives."""
_FAILED = (OSError, ValueError, AddressRefused)
_WITHIN_S = 2.0
_MOST_BYTES = 16 * 1024
_MOST_STEPS = 5
_PORTS = {**RTSP_PORTS, "http": 80, "https": 443}
_HEADER = r"^{}:[ \t]*([^\r\n]*)"
_VIDEO = re.compile(rb"^m=video \d+ (\S+)", re.MULTILINE)


def what_speaks(url: SecretUrl, guard: AddressGuard) -> SourceError | None:
    """Return a better reason why this address gives no pictures, or None."""
    parts = urlsplit(url.reveal())
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    far = Endpoint(parts.hostname, parts.port or _PORTS[parts.scheme], guard)
    by_tls = parts.scheme[-1] == "s"
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    reply, observed = _reply(far, _question(bare)), {bare}
    while (further := _redirected(reply, bare)) and further not in observed:
        observed.add(bare := further)
        if len(observed) > _MOST_STEPS:
            break
        reply = _reply(far, _question(bare))
    speaks = reply[:5].upper() in (b"RTSP/", b"HTTP/")
    shown = str(url)
    if by_tls:
        return SpeaksNoTls(shown) if speaks and not _speaks_tls(far) else None
    if not speaks:
        return NeedsTls(shown) if _speaks_tls(far) else None
    return named(reply, bare, shown)


def named(reply: bytes, requested: str, shown: str) -> SourceError | None:
    """Return what the response to `requested`, an address without login, means.

    Redirects that lead on were followed: one that is left leads back.
    """
    speaks, desired = reply[:4].upper(), requested[:4].upper().encode()
    kind = _header(reply, "Content-Type").lower()
    if "text/html" in kind and b" 200 " in reply[:16]:
        return WebPage(shown)
    if speaks != desired:
        return OtherProtocol(shown, problem=f"{speaks.decode()} is spoken on that port")
    if _redirected(reply, requested):
        return RedirectLoop(shown)
    videos = _VIDEO.findall(reply)
    if videos and all(b"SAVP" in one for one in videos):
        return SrtpOnly(shown)
    return None


def _question(bare: str) -> bytes:
    parts = urlsplit(bare)
    if parts.scheme.startswith("rtsp"):
        text = f"DESCRIBE {bare} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    else:
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        text = f"GET {path} HTTP/1.0\r\nHost: {parts.hostname}\r\n\r\n"
    return text.encode()


def _redirected(reply: bytes, requested: str) -> str | None:
    place = _header(reply, "Location") if reply[9:10] == b"3" else ""
    further = urljoin(requested, place) if place else ""
    return further if further and urlsplit(further)[:2] == urlsplit(requested)[:2] else None


def _header(reply: bytes, name: str) -> str:
    head = reply.partition(b"\r\n\r\n")[0].decode("latin-1")
    found = re.search(_HEADER.format(name), head, re.IGNORECASE | re.MULTILINE)
    return found[1].strip() if found else ""


def _reply(far: Endpoint, question: bytes) -> bytes:
    """Return the start of a response in clear; empty without one."""
    data = b""
    with suppress(*_FAILED), far.connect(_WITHIN_S) as line:
        line.sendall(question)
        while len(data) < _MOST_BYTES and (piece := line.recv(4096)):
            data += piece
            head, mark, body = data.partition(b"\r\n\r\n")
            if mark and len(body) >= _length(head):
                break
    return data


def _length(head: bytes) -> int:
    found = re.search(rb"^Content-Length:[ \t]*(\d{1,9})", head, re.IGNORECASE | re.MULTILINE)
    return int(found[1]) if found else 0


def _speaks_tls(far: Endpoint) -> bool:
    """Return whether a TLS handshake succeeds with any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        suppress(*_FAILED),
        far.connect(_WITHIN_S) as line,
        context.wrap_socket(line),
    ):
        return True
    return False
