"""Limits on the library's connections in the sending child.

A receiver that accepted has the message: failures after that never cause a second send.
"""

import importlib
import os
import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_GOODBYE_S = 1.0
_BODY_S, _BODY_SHARE = 3.0, 0.25  # at most, and of the target's whole time
_MOST_OF_BODY = 1 << 20
_PIECE = 8_192


@dataclass(slots=True, kw_only=True)
class HttpTurn:
    """HTTP request of one message: last status, and time limit of the response body."""

    status: int | None = None
    body_s: float = 1.0

    def begin(self, timeout_s: float) -> None:
        """Reset the state of the message before."""
        self.status = None
        self.body_s = min(_BODY_S, timeout_s * _BODY_SHARE)


def plain_http() -> HttpTurn:
    """Configure `requests` without proxy, `.netrc` and redirects, and with a limited body."""
    import requests

    turn = HttpTurn()
    trusted = ssl.get_default_verify_paths()
    authorities = os.environ.get("SSL_CERT_FILE") or trusted.cafile or trusted.capath

    class PlainSession(requests.Session):
        def __init__(self) -> None:
            super().__init__()
            self.trust_env = False

        def send(self, request: Any, **settings: Any) -> Any:
            settings |= {"allow_redirects": False, "proxies": {}, "verify": authorities or True}
            turn.status = None
            answer = super().send(request, **(settings | {"stream": True}))
            turn.status = answer.status_code
            answer._content = _body_of(answer, turn.body_s)
            return answer

    requests.sessions.Session = PlainSession  # type: ignore[misc]
    return turn


def plain_mail() -> None:
    """Configure `smtplib` without name lookups and with a short wait for QUIT."""
    # Without a name server, Python's search for our own name outlasts every deadline.
    socket.getfqdn = lambda name="": name or f"{socket.gethostname()}.local"
    smtplib.SMTP.quit = _quit  # type: ignore[method-assign,assignment]


def name_mails(key: str) -> None:
    """Set the next mail's Message-ID to its delivery's id, so that duplicates are recognised."""
    mails = importlib.import_module("apprise.plugins.email.base")
    mails.make_msgid = lambda domain: f"<{key}@{domain}>"  # type: ignore[attr-defined]


def _body_of(answer: Any, within_s: float) -> bytes:
    """Return the response body up to limits of time and size, then close its socket."""
    over = threading.Timer(within_s, _shut, (answer.raw,))
    over.daemon = True
    over.start()
    body = bytearray()
    with suppress(OSError):  # the library's errors too
        for part in answer.iter_content(_PIECE):
            body += part
            if len(body) >= _MOST_OF_BODY:
                break
    over.cancel()
    answer.close()
    return bytes(body)


def _shut(raw: Any) -> None:
    with suppress(OSError, ValueError, RuntimeError):  # it ended meanwhile
        raw.shutdown()


def _quit(connection: smtplib.SMTP) -> None:
    """Send QUIT, and wait for the first byte of a response."""
    try:
        with suppress(OSError):  # `smtplib`'s errors too
            connection.putcmd("quit")
            if connection.sock is not None:
                connection.sock.settimeout(_GOODBYE_S)
                connection.sock.recv(1)
    finally:
        connection.close()
