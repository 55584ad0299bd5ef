"""An SMS gateway that is spoken to by HTTP, on a local port."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Gateway:
    """An SMS gateway that answers as a test says, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []  # a status, and where it redirects to
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.said = b""
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.asked.append(json.loads(body))
                gateway.keys.append(self.headers["Idempotency-Key"] or "")
                status, where = gateway.answers.pop(0) if gateway.answers else (200, "")
                self.send_response(status)
                if where:
                    self.send_header("Location", where)
                self.send_header("Content-Length", str(len(gateway.said)))
                self.end_headers()
                self.wfile.write(gateway.said)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.at = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
