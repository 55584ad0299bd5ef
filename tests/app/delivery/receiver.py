"""A webhook's receiver that takes, fails, hangs, redirects and dies as a test says."""

import hashlib
import hmac
import json
import random
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from thapcanh.alerts.delivery.webhook_sender import HEADER

SECRET = "một bí mật đủ dài"
TAKEN_AND_CUT = -1  # the receiver has it, and the sender cannot know
Answer = Callable[["Receiver", dict[str, Any]], int | str | None]
"""A status, a place to redirect to, or None: the connection is cut without an answer."""


def takes(_: "Receiver", __: dict[str, Any]) -> int:
    return 204


def is_signed(header: str, body: bytes, secret: bytes, now: float) -> bool:
    """The check that `docs/integration.md` gives to receivers."""
    t, v1 = (part.partition("=")[2] for part in header.split(","))
    right = hmac.new(secret, t.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right, v1) and abs(now - int(t)) < 300


class Receiver:
    """Lives on one port through any number of deaths; `taken` is what it said yes to."""

    def __init__(self, answer: Answer = takes) -> None:
        self.answer = answer
        self.taken: list[dict[str, Any]] = []  # in the order in which they were answered
        self.asked = 0
        self.forged = 0
        self.chance = random.Random(7)
        self.released = threading.Event()  # lets hanging requests go
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.begin()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hook?token=topsecret"

    def begin(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver._requested(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True

            def handle_error(self, *_: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def die(self) -> None:
        """Stop listening; connections that are open are cut with their next request."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def close(self) -> None:
        self.released.set()
        self.die()

    def unique(self) -> list[dict[str, Any]]:
        """What came, each id once: as a receiver keeps it."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.taken:
            found.setdefault(one["id"], one)
        return list(found.values())

    def _requested(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        sent = json.loads(body)
        with self._lock:
            self.asked += 1
            header = handler.headers[HEADER]
            if not is_signed(header, body, SECRET.encode(), time.time()):
                self.forged += 1
            assert handler.headers["Idempotency-Key"] == sent["id"]
            answer = None if self._server is None else self.answer(self, sent)
            if isinstance(answer, int) and answer < 300:
                self.taken.append(sent)
        if answer is None or answer == TAKEN_AND_CUT:
            handler.close_connection = True
            handler.connection.close()
            return
        status = 302 if isinstance(answer, str) else answer
        handler.send_response(status)
        if isinstance(answer, str):
            handler.send_header("Location", answer)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
