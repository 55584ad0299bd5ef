"""How the library's connections behave in the child that sends: what it follows, and waits for.

A receiver that said yes has the message: what it does after that (an answer's body that never ends,
a goodbye that is not answered) makes no message be sent again.
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
    """One message by HTTP: the last status, and how long the body of an answer is waited for."""

    status: int | None = None
    body_s: float = 1.0

    def begin(self, timeout_s: float) -> None:
        """Forget the message before."""
        self.status = None
        self.body_s = min(_BODY_S, timeout_s * _BODY_SHARE)


def plain_http() -> HttpTurn:
    """Let `requests` use no proxy, `.netrc` or redirect, and read a bounded body."""
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
    """Let `smtplib` look no name up, and wait a moment for the answer to its goodbye."""
    # Without a name server, Python's search for our own name outlasts every deadline.
    socket.getfqdn = lambda name="": name or f"{socket.gethostname()}.local"
    smtplib.SMTP.quit = _quit  # type: ignore[method-assign,assignment]


def name_mails(key: str) -> None:
    """Give the next mail its delivery's id, so that a mail server knows one that comes twice."""
    mails = importlib.import_module("apprise.plugins.email.base")
    mails.make_msgid = lambda domain: f"<{key}@{domain}>"  # type: ignore[attr-defined]


def _body_of(answer: Any, within_s: float) -> bytes:
    """What came of a body in time, to a bound. However slowly it drips, its socket is shut then."""
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
    """Say goodbye, and wait for the first byte of an answer."""
    try:
        with suppress(OSError):  # `smtplib`'s errors too
            connection.putcmd("quit")
            if connection.sock is not None:
                connection.sock.settimeout(_GOODBYE_S)
                connection.sock.recv(1)
    finally:
        connection.close()
