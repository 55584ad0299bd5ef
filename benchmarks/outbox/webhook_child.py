"""`python -m benchmarks.outbox.webhook_child PORT FILE`: a receiver that may be killed at any time.

Each message is in the file before it is answered: a line with its id, subject and sequence.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def main() -> None:
    """Serve until killed."""
    port, path = int(sys.argv[1]), sys.argv[2]
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Keep a message and say so."""
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            os.write(file, (json.dumps(facts_of(told)) + "\n").encode())
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = True

    Server(("127.0.0.1", port), Handler).serve_forever()


def facts_of(told: dict[str, Any]) -> list[str]:
    """What is kept of a CloudEvent: its id, subject and sequence."""
    return [told["id"], told["subject"], told["sequence"]]


if __name__ == "__main__":
    main()
