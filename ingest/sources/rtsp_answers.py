"""RTSP requests made before libav opens an address, to keep the login on its host."""

import base64
import hashlib
import re
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import RedirectElsewhere, RedirectLoop, Unauthorized

_MOST_STEPS = 5
_MOST_BYTES = 64 * 1024
RTSP_PORTS = {"rtsp": 554, "rtsps": 322}
_END = re.compile(rb"\n\r?\n")
_LOCATION = re.compile(rb"^[ \t]*Location:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
# As libav reads a status: it leaves out every CR, and takes a number as C's `atoi` does.
BEGINNING = re.compile(rb"R\r*T\r*S\r*P\r*/")
STATUS = re.compile(BEGINNING.pattern + rb"[^ \t\n]*(?:\n|[ \t][ \t\r]*([^ \t\n]+)[ \t\n])")
REDIRECT = re.compile(rb"[+0\r\v\f]*3\r*[0-9]\r*[0-9]")
_WITHIN_S = 3.0
_MOST_BYTES_OF_CHALLENGE = 16 * 1024
_CHALLENGE = re.compile(r"^WWW-Authenticate:\s*(\w+)(.*)$", re.IGNORECASE | re.MULTILINE)
_ALGORITHM = re.compile(r'algorithm\s*=\s*"?([\w-]+)', re.IGNORECASE)
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
Connect = Callable[[], socket.socket]


class Settled(NamedTuple):
    """An address with its login at which the server plays, and where its host was reached."""

    address: str
    at: str


class _Requested(NamedTuple):
    """Result for one address: a redirect target, or a refused login."""

    location: str | None = None
    is_refused: bool = False


def settled(url: SecretUrl, connect: Connect, within_s: float) -> Settled:
    """Follow the redirects of one server to their end.

    `connect` opens the control connection; each response takes at most `within_s`. Raise
    `RedirectElsewhere`, `RedirectLoop`, `Unauthorized`, `TimeoutError`, and what `connect` raises.
    A broken connection is left for libav to report.
    """
    address, observed = url.reveal(), set[str]()
    while len(observed) < _MOST_STEPS and address not in observed:
        observed.add(address)
        with connect() as line:
            peer = str(line.getpeername()[0])
            line.settimeout(within_s)
            requested = _Conversation(line, address).run()
        if requested.is_refused:
            raise Unauthorized(str(url))
        if requested.location is None:
            return Settled(address, peer)
        further = urljoin(bare(address), requested.location)
        if not _is_same_server(further, address, peer):
            raise RedirectElsewhere(str(url))
        address = _at_server_of(address, further)
    raise RedirectLoop(str(url))


def bare(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """Challenge that can be answered; without a nonce it is Basic."""

    realm: str = ""
    nonce: str | None = None
    opaque: str | None = None
    qop: bool = False

    def answer(self, login: tuple[str, str], method: str, uri: str) -> str:
        """Return the value of `Authorization` (RFC 2617)."""
        user, password = login
        if self.nonce is None:
            return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        first = _md5(f"{user}:{self.realm}:{password}")
        second = _md5(f"{method}:{uri}")
        reported = {"username": user, "realm": self.realm, "nonce": self.nonce, "uri": uri}
        if self.opaque is not None:
            reported["opaque"] = self.opaque
        tail = ""
        if self.qop:
            once, count = secrets.token_hex(8), "00000001"
            reported["cnonce"] = once
            reported["response"] = _md5(f"{first}:{self.nonce}:{count}:{once}:auth:{second}")
            tail = f", qop=auth, nc={count}"
        else:
            reported["response"] = _md5(f"{first}:{self.nonce}:{second}")
        return "Digest " + ", ".join(f'{name}="{value}"' for name, value in reported.items()) + tail


def challenge_of(reply: str) -> Challenge | None:
    """Return the best answerable challenge of a 401, Digest before Basic, or None."""
    answerable: Challenge | None = None
    for scheme, rest in _CHALLENGE.findall(reply.replace("\r\n", "\n")):
        fields = {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(rest)}
        if scheme.lower() == "digest" and fields.get("algorithm", "MD5").upper() == "MD5":
            return Challenge(
                realm=fields.get("realm", ""),
                nonce=fields.get("nonce", ""),
                opaque=fields.get("opaque"),
                qop="auth" in re.split(r"[\s,]+", fields.get("qop", "")),
            )
        if scheme.lower() == "basic":
            answerable = Challenge()
    return answerable


def only_unanswerable(url: str, connect: Connect) -> str | None:
    """Return the requested login scheme if none offered can be answered, else None.

    `url` must hold no login.
    """
    with suppress(OSError, ValueError):
        offered = challenges(_reply(url, connect))
        if offered and not any(_can_answer(one) for one in offered):
            return " or ".join(dict.fromkeys(offered))
    return None


def challenges(reply: str) -> list[str]:
    """Return the schemes of a 401, such as `Digest SHA-256` or `Basic`."""
    found = []
    for scheme, rest in _CHALLENGE.findall(reply):
        algorithm = _ALGORITHM.search(rest)
        is_digest = scheme.lower() == "digest"
        found.append(f"{scheme} {algorithm[1] if algorithm else 'MD5'}" if is_digest else scheme)
    return found


class _Conversation:
    """OPTIONS and DESCRIBE as libav sends them, with the login when challenged."""

    def __init__(self, line: socket.socket, address: str) -> None:
        parts = urlsplit(address)
        self._line = line
        self._uri = bare(address)
        self._login = unquote(parts.username or ""), unquote(parts.password or "")
        self._challenge: Challenge | None = None
        self._number = 0

    def run(self) -> _Requested:
        """Run until a redirect, a refused login, or the end. Raise `TimeoutError`."""
        with suppress(ConnectionError):
            for method in ("OPTIONS", "DESCRIBE"):
                reply = self._said(method)
                if _status(reply) == b"401" and self._login[0] and self._challenge is None:
                    self._challenge = challenge_of(reply.decode("latin-1"))
                    if self._challenge is None:
                        break
                    reply = self._said(method)
                    if _status(reply) == b"401":
                        return _Requested(is_refused=b"stale" not in reply.lower())
                if REDIRECT.match(_status(reply)):
                    place = _LOCATION.search(reply)
                    return _Requested(
                        location=place[1].decode("latin-1").strip() if place else "//"
                    )
        return _Requested()

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
    """Return the status of a response; empty without one."""
    found = STATUS.search(reply)
    return (found[1] or b"") if found else b""


def _is_same_server(further: str, address: str, peer: str) -> bool:
    """Return whether an address is at the same port of the same host, by name or address."""
    try:
        (scheme, host, port), (own_scheme, own_host, own_port) = map(_server, (further, address))
    except ValueError:
        return False
    return (scheme, port) == (own_scheme, own_port) and host in (own_host, peer)


def _server(address: str) -> tuple[str, str, int | None]:
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or RTSP_PORTS.get(scheme)


def _at_server_of(address: str, further: str) -> str:
    """Return the further path with the first address's login, host and port."""
    return urlunsplit(urlsplit(further)._replace(netloc=urlsplit(address).netloc))


def _can_answer(challenge: str) -> bool:
    return challenge.lower() in ("basic", "digest md5")


def _reply(url: str, connect: Connect) -> str:
    with connect() as line:
        line.settimeout(_WITHIN_S)
        line.sendall(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data and len(data) < _MOST_BYTES_OF_CHALLENGE:
            piece = line.recv(4096)
            if not piece:
                break
            data += piece
    return data.decode("latin-1").replace("\r\n", "\n")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
