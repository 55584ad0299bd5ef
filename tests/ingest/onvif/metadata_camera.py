"""An RTSP camera of our own that sends an ONVIF metadata track, and only that, by TCP.

It speaks to whoever asks as RFC 2326 says; what it sends, how it names its track and where it errs
is the test's. `test_metadata` has libav read it too, so that it is right not for our reader alone.
"""

import contextlib
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.patience import PATIENCE_S
from thapcanh.tools.simulator.rtsp.login import Login

ONVIF = "http://www.onvif.org/ver10/schema"
NONCE = "5f7c0c9e"


def described_object(kind: str, box: tuple[float, float, float, float], **more: str) -> str:
    """An object; `box` left, top, right, bottom in the document's own coordinates."""
    left, top, right, bottom = box
    likelihood = more.get("likelihood", "0.9")
    return (
        f'<tt:Object ObjectId="{more.get("id", "7")}"><tt:Appearance>{more.get("inner", "")}'
        f'<tt:Shape><tt:BoundingBox left="{left}" top="{top}" right="{right}" bottom="{bottom}"/>'
        '<tt:CenterOfGravity x="0" y="0"/></tt:Shape>'
        f'<tt:Class><tt:Type Likelihood="{likelihood}">{kind}</tt:Type></tt:Class>'
        "</tt:Appearance></tt:Object>"
    )


def document(*objects: str, at: str = "2001-01-01T00:00:00Z", transformation: str = "") -> bytes:
    """A metadata document as cameras send it."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><tt:MetadataStream xmlns:tt="{ONVIF}">'
        f'<tt:VideoAnalytics><tt:Frame UtcTime="{at}">{transformation}{"".join(objects)}'
        "</tt:Frame></tt:VideoAnalytics></tt:MetadataStream>"
    ).encode()


@dataclass
class MetadataCamera:
    """What it sends: `now` gives a document again and again while somebody plays."""

    now: Callable[[], bytes]
    every_s: float = 0.1
    encoding: str = "vnd.onvif.metadata"
    login: Login | None = None
    has_track: bool = True
    piece: int = 300
    """Documents are cut: a camera's packets are small."""
    is_hasty: bool = False
    """It sends before it says that it will."""
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        login = f"{self.login.user}:{self.login.password}@" if self.login else ""
        return f"rtsp://{login}127.0.0.1:{self.port}/main"

    def described(self) -> str:
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "t=0 0", "a=control:*"]
        lines += ["m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=control:video"]
        if self.has_track:
            lines += ["m=application 0 RTP/AVP 107", f"a=rtpmap:107 {self.encoding}/90000"]
            lines += ["a=control:meta"]
        return "".join(f"{line}\r\n" for line in lines)


class _Session(socketserver.StreamRequestHandler):
    """One client; it plays on a thread of its own, while further questions are answered."""

    def handle(self) -> None:
        self.camera: MetadataCamera = self.server.camera  # type: ignore[attr-defined]
        self.writing = threading.Lock()
        self.is_over = threading.Event()
        player: threading.Thread | None = None
        with contextlib.suppress(OSError):
            while request := self._request():
                method, uri, fields = request
                self.camera.asked.append(f"{method} {uri.rpartition('/')[2]}")
                if self._answer(method, uri, fields) and method == "PLAY":
                    player = threading.Thread(target=self._play, daemon=True)
                    player.start()
        self.is_over.set()
        if player is not None:
            player.join(PATIENCE_S)

    def _request(self) -> tuple[str, str, dict[str, str]] | None:
        first = self.rfile.readline().decode()
        if not first.strip():
            return None
        fields: dict[str, str] = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        method, uri, _ = first.split(" ", 2)
        return method, uri, fields | {"cseq": fields.get("cseq", "")}

    def _answer(self, method: str, uri: str, fields: dict[str, str]) -> bool:
        login, body, more = self.camera.login, "", ""
        given = fields.get("authorization", "")
        if (
            login is not None
            and method != "OPTIONS"
            and not login.admits(given, method=method, nonce=NONCE)
        ):
            for name, value in login.challenges(NONCE):
                more += f"{name}: {value}\r\n"
            self._say(f"RTSP/1.0 401 Unauthorized\r\nCSeq: {fields['cseq']}\r\n{more}\r\n".encode())
            return False
        if method == "DESCRIBE":
            body = self.camera.described()
            more = f"Content-Base: {uri}/\r\nContent-Type: application/sdp\r\n"
        elif method == "SETUP":
            more = f"Transport: {fields['transport']}\r\nSession: s1;timeout=60\r\n"
        else:
            more = "Session: s1\r\n"
        if method == "PLAY" and self.camera.is_hasty:
            self._say(b"$\0\0\x05early")
        head = f"RTSP/1.0 200 OK\r\nCSeq: {fields['cseq']}\r\n{more}"
        self._say(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return True

    def _play(self) -> None:
        number = 65530  # the numbers come round
        while not self.is_over.wait(self.camera.every_s):
            whole = self.camera.now()
            cut = range(0, len(whole), self.camera.piece)
            parts = [whole[at : at + self.camera.piece] for at in cut]
            stamp = int(time.monotonic() * 90_000) & 0xFFFFFFFF
            for at, part in enumerate(parts):
                marker = 0x80 if at == len(parts) - 1 else 0
                header = struct.pack(">BBHII", 0x80, marker | 107, number & 0xFFFF, stamp, 1)
                number += 1
                try:
                    self._say(struct.pack(">cBH", b"$", 0, 12 + len(part)) + header + part)
                except OSError:
                    return

    def _say(self, data: bytes) -> None:
        with self.writing:
            self.connection.sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


@contextmanager
def metadata_camera(now: Callable[[], bytes]) -> Iterator[MetadataCamera]:
    """One that runs on a free port."""
    camera = MetadataCamera(now)
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.camera = camera  # type: ignore[attr-defined]
        camera.port = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        try:
            yield camera
        finally:
            server.shutdown()
            serving.join(PATIENCE_S)
