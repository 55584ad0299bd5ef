"""Which logins an RTSP server asks for, read from its own 401, and how one is answered.

libav answers Basic and Digest with MD5, as here. A camera that asks for anything else refuses every
login, and says so in its challenge: one request, without a login, on the caller's thread.
"""

import base64
import hashlib
import re
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

_WITHIN_S = 3.0
_MOST_BYTES = 16 * 1024
_CHALLENGE = re.compile(r"^WWW-Authenticate:\s*(\w+)(.*)$", re.IGNORECASE | re.MULTILINE)
_ALGORITHM = re.compile(r'algorithm\s*=\s*"?([\w-]+)', re.IGNORECASE)

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')

Connect = Callable[[], socket.socket]


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A login that is asked for and can be answered. Without a nonce it is Basic."""

    realm: str = ""
    nonce: str | None = None
    opaque: str | None = None
    qop: bool = False

    def answer(self, login: tuple[str, str], method: str, uri: str) -> str:
        """The value of `Authorization` (RFC 2617)."""
        user, password = login
        if self.nonce is None:
            return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        first = _md5(f"{user}:{self.realm}:{password}")
        second = _md5(f"{method}:{uri}")
        told = {"username": user, "realm": self.realm, "nonce": self.nonce, "uri": uri}
        if self.opaque is not None:
            told["opaque"] = self.opaque
        tail = ""
        if self.qop:
            once, count = secrets.token_hex(8), "00000001"
            told["cnonce"] = once
            told["response"] = _md5(f"{first}:{self.nonce}:{count}:{once}:auth:{second}")
            tail = f", qop=auth, nc={count}"
        else:
            told["response"] = _md5(f"{first}:{self.nonce}:{second}")
        return "Digest " + ", ".join(f'{name}="{value}"' for name, value in told.items()) + tail


def challenge_of(reply: str) -> Challenge | None:
    """The best challenge of a 401 that can be answered: Digest before Basic; None without one."""
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
    """The login that is asked for, when none of those offered can be answered; else None.

    `url` must hold no login.
    """
    with suppress(OSError, ValueError):
        offered = challenges(_reply(url, connect))
        if offered and not any(_can_answer(one) for one in offered):
            return " or ".join(dict.fromkeys(offered))
    return None


def challenges(reply: str) -> list[str]:
    """The schemes of a 401, as `Digest SHA-256` or `Basic`."""
    found = []
    for scheme, rest in _CHALLENGE.findall(reply):
        algorithm = _ALGORITHM.search(rest)
        is_digest = scheme.lower() == "digest"
        found.append(f"{scheme} {algorithm[1] if algorithm else 'MD5'}" if is_digest else scheme)
    return found


def _can_answer(challenge: str) -> bool:
    return challenge.lower() in ("basic", "digest md5")


def _reply(url: str, connect: Connect) -> str:
    with connect() as line:
        line.settimeout(_WITHIN_S)
        line.sendall(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data and len(data) < _MOST_BYTES:
            piece = line.recv(4096)
            if not piece:
                break
            data += piece
    return data.decode("latin-1").replace("\r\n", "\n")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
