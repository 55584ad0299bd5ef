"""Where an RTSP server plays: asked before libav opens it, for libav carries a login anywhere.

libav follows a redirect to any host and answers whoever asks there with the camera's login, in
clear where Basic is asked for. So the server is asked as libav would ask it, by OPTIONS and
DESCRIBE; a redirect on the same server is followed, any other is refused, and a circle is named. A
login goes out on this connection alone. On the caller's thread, within seconds.
"""

import re
import socket
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from config.secret import SecretUrl
from ingest.errors import RedirectElsewhere, RedirectLoop, Unauthorized
from ingest.sources.rtsp_challenge import Challenge, Connect, challenge_of

_MOST_STEPS = 5
_MOST_BYTES = 64 * 1024
_PORTS = {"rtsp": 554, "rtsps": 322}
_END = re.compile(rb"\n\r?\n")
_LOCATION = re.compile(rb"^[ \t]*Location:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
# As libav reads a status: it leaves out every CR, and takes a number as C's `atoi` does.
BEGINNING = re.compile(rb"R\r*T\r*S\r*P\r*/")
STATUS = re.compile(BEGINNING.pattern + rb"[^ \t\n]*(?:\n|[ \t][ \t\r]*([^ \t\n]+)[ \t\n])")
REDIRECT = re.compile(rb"[+0\r\v\f]*3\r*[0-9]\r*[0-9]")


class Settled(NamedTuple):
    """An address with its login at which the server plays, and where its host was reached."""

    address: str
    at: str


class _Asked(NamedTuple):
    """What became of one address: where it leads, or that the login is not accepted."""

    location: str | None = None
    is_refused: bool = False


def settled(url: SecretUrl, connect: Connect, within_s: float) -> Settled:
    """Follow the redirects of one server to their end.

    `connect` opens the camera's control connection; each answer takes at most `within_s`. Raises
    `RedirectElsewhere`, `RedirectLoop`, `Unauthorized`, what `connect` raises, and `TimeoutError`
    where nothing answers. A connection that breaks is left to libav to name.
    """
    address, seen = url.reveal(), set[str]()
    while len(seen) < _MOST_STEPS and address not in seen:
        seen.add(address)
        with connect() as line:
            peer = str(line.getpeername()[0])
            line.settimeout(within_s)
            asked = _Conversation(line, address).run()
        if asked.is_refused:
            raise Unauthorized(str(url))
        if asked.location is None:
            return Settled(address, peer)
        further = urljoin(bare(address), asked.location)
        if not _is_same_server(further, address, peer):
            raise RedirectElsewhere(str(url))
        address = _at_server_of(address, further)
    raise RedirectLoop(str(url))


def bare(address: str) -> str:
    """The address without its login."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


class _Conversation:
    """OPTIONS and DESCRIBE as libav asks them, with the login when it is asked for."""

    def __init__(self, line: socket.socket, address: str) -> None:
        parts = urlsplit(address)
        self._line = line
        self._uri = bare(address)
        self._login = unquote(parts.username or ""), unquote(parts.password or "")
        self._challenge: Challenge | None = None
        self._number = 0

    def run(self) -> _Asked:
        """Until a redirect, a refused login, or the end. Raises `TimeoutError`."""
        with suppress(ConnectionError):
            for method in ("OPTIONS", "DESCRIBE"):
                reply = self._said(method)
                if _status(reply) == b"401" and self._login[0] and self._challenge is None:
                    self._challenge = challenge_of(reply.decode("latin-1"))
                    if self._challenge is None:
                        break
                    reply = self._said(method)
                    if _status(reply) == b"401":
                        return _Asked(is_refused=b"stale" not in reply.lower())
                if REDIRECT.match(_status(reply)):
                    place = _LOCATION.search(reply)
                    return _Asked(location=place[1].decode("latin-1").strip() if place else "//")
        return _Asked()

    def _said(self, method: str) -> bytes:
        self._number += 1
        lines = [f"{method} {self._uri} RTSP/1.0", f"CSeq: {self._number}"]
        if method == "DESCRIBE":
            lines.append("Accept: application/sdp")
        if self._challenge is not None:
            lines.append(f"Authorization: {self._challenge.answer(self._login, method, self._uri)}")
        self._line.sendall("\r\n".join([*lines, "", ""]).encode())
        data = b""
        while not _END.search(data) and len(data) < _MOST_BYTES:
            piece = self._line.recv(4096)
            if not piece:
                break
            data += piece
        return data


def _status(reply: bytes) -> bytes:
    """The status of a reply, as libav finds it; empty where there is none."""
    found = STATUS.search(reply)
    return (found[1] or b"") if found else b""


def _is_same_server(further: str, address: str, peer: str) -> bool:
    """Whether an address leads to the same port of the same host, by its name or its address."""
    try:
        (scheme, host, port), (own_scheme, own_host, own_port) = map(_server, (further, address))
    except ValueError:
        return False
    return (scheme, port) == (own_scheme, own_port) and host in (own_host, peer)


def _server(address: str) -> tuple[str, str, int | None]:
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)


def _at_server_of(address: str, further: str) -> str:
    """The further path with the first address's login, host and port."""
    return urlunsplit(urlsplit(further)._replace(netloc=urlsplit(address).netloc))
