"""A camera by HTTP: motion JPEG, files, logins by Basic and Digest, redirects."""

import base64
import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.ingest.fake_source import synthetic_packets
from tests.patience import PATIENCE_S
from thapcanh.config.secret import SecretUrl

USER, PASSWORD = "viewer", "tr0ub4dor"


class HttpCamera(ThreadingHTTPServer):
    """Serves on 127.0.0.1; `hosts` are the names that it was asked by."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.pictures = [bytes(one.encoded) for one in synthetic_packets(20, codec="mjpeg")]
        self.over = threading.Event()
        self.hosts: list[str] = []
        self.snapshots = 0
        self.gone = False

    def url(self, path: str, login: str = "") -> SecretUrl:
        """An address of it."""
        return SecretUrl(f"http://{login}127.0.0.1:{self.server_port}/{path}")


class _Handler(BaseHTTPRequestHandler):
    server: HttpCamera

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers.get("Host", ""))
        path = self.path.lstrip("/")
        if path.startswith(("basic", "digest")) and not self._logged_in(path):
            return
        if path.endswith("mjpeg"):
            self._motion_jpeg(stall="stall" in path, count=10 if "short" in path else 400)
        elif path.endswith("snap.jpg") and not self.server.gone:
            self.server.snapshots += 1
            self._send(self.server.pictures[self.server.snapshots % 20], "image/jpeg")
        elif path.startswith("to/"):
            self._redirect(path.removeprefix("to/"))
        elif path == "broken":
            self.send_error(500)
        elif (self.server.folder / path).is_file():
            self._send((self.server.folder / path).read_bytes(), "application/octet-stream")
        elif path == "page":
            self._send(b"<html><body>Login</body></html>" * 50, "text/html")
        else:
            self.send_error(404)

    def _logged_in(self, path: str) -> bool:
        sent = self.headers.get("Authorization", "")
        if path.startswith("basic"):
            good = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            challenge, ok = 'Basic realm="cam"', sent == good
        else:
            challenge, ok = 'Digest realm="cam", nonce="n1"', _digest_is_right(sent, self.path)
        if not ok:
            self.send_response(401)
            self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Length", "0")
            self.end_headers()
        return ok

    def _redirect(self, place: str) -> None:
        port = self.server.server_port
        to = {"itself": "/short-mjpeg", "round": "/to/round", "snap": "/digest/snap.jpg"}.get(
            place, f"http://localhost:{port}/short-mjpeg"
        )
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _motion_jpeg(self, *, stall: bool, count: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=part")
        self.end_headers()
        for number in range(count):
            picture = self.server.pictures[number % 20]
            head = f"--part\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + picture + b"\r\n")
            except OSError:
                return
            pause_s = 60.0 if stall and number == 5 else 0.05
            if self.server.over.wait(pause_s):
                return


def _digest_is_right(sent: str, path: str) -> bool:
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', sent))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - RFC 7616's own default

    own = md5(f"{USER}:cam:{PASSWORD}")
    return given.get("response") == md5(f"{own}:n1:{md5(f'GET:{path}')}")


@contextmanager
def http_camera(folder: Path) -> Iterator[HttpCamera]:
    """A camera that serves the files of a folder beside what it makes."""
    server = HttpCamera(folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join(PATIENCE_S)
    server.server_close()
