"""Which logins an RTSP server asks for, read from its own 401: why a right password is refused.

libav answers Basic and Digest with MD5. A camera that asks for anything else refuses every login,
and says in its challenge what it wants. One request, without a login, on the caller's thread.
"""

import re
import socket
from collections.abc import Callable
from contextlib import suppress

_WITHIN_S = 3.0
_MOST_BYTES = 16 * 1024
_CHALLENGE = re.compile(r"^WWW-Authenticate:\s*(\w+)(.*)$", re.IGNORECASE | re.MULTILINE)
_ALGORITHM = re.compile(r'algorithm\s*=\s*"?([\w-]+)', re.IGNORECASE)

Connect = Callable[[], socket.socket]


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
