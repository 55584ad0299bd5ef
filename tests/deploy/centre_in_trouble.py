"""Servers that stand for a centre in trouble, behind the proxies whose samples are in `deploy/`."""

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from thapcanh.app.health.health_routes import Readiness
from thapcanh.app.web_api.errors import ApiError, answer
from thapcanh.app.web_api.language import Language

NO_ARCHIVE, DEAD, FROZEN = "archive_unavailable", "dead", "frozen"
_UNFIT = (Readiness.BLIND, Readiness.STUCK, Readiness.OUTDATED)


def told(state: str) -> tuple[int, bytes]:
    """What a centre in this state answers to `/healthz`."""
    if state == NO_ARCHIVE:
        refusal = answer(ApiError(503, NO_ARCHIVE), None, Language.VI)
        return refusal.status_code, bytes(refusal.body)
    return 503 if state in _UNFIT else 200, f'{{"status":"{state}"}}'.encode()


@contextmanager
def centre(name: str, state: str, port: int) -> Iterator[None]:
    """A server that tells its name, and how it is; a frozen one takes calls and says nothing."""
    if state == DEAD:
        yield
        return
    if state == FROZEN:
        with socket.create_server(("127.0.0.1", port)):
            yield
        return

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = told(state) if self.path == "/healthz" else (200, name.encode())
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(port: int, path: str = "/") -> tuple[int, str]:
    """The answer's status and text; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()
    except OSError:
        return 0, "no answer"
