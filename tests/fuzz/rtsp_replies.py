"""Replies of cameras that are broken or hostile: opening ends with a named error, never otherwise.

A camera on a real port answers as its script says and then hangs up. No reply can make the reader
crash, hang, or tell the camera's password.
"""

import contextlib
import itertools
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from hypothesis import strategies as st

from tests.fuzz.runs import Run, is_clear
from tests.patience import PATIENCE_S
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.registry import open_source

Script = tuple[bytes, ...]

PASSWORD = "the-cameras-word"
QUICK = OpenSettings(
    open_timeout_s=1.0, read_timeout_s=1.0, rtsp_probe_bytes=4096, rtsp_probe_s=0.1
)
MOST_PACKETS = 5
AT_ONCE = 8
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0IAH5WoFAFuQA==,aM48gA==\r\n"
    "a=control:track1\r\n"
)


def _reply(cseq: int, *headers: str, body: str = "", status: str = "200 OK") -> bytes:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {cseq}", *headers]
    if body:
        lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body]).encode()


def _rtp(number: int, payload: bytes) -> bytes:
    packet = struct.pack(">BBHII", 0x80, 0xE0, number, number * 3000, 7) + payload
    return b"$\x00" + struct.pack(">H", len(packet)) + packet


_SPS, _PPS = bytes.fromhex("6742001f95a814016e40"), bytes.fromhex("68ce3c80")
GOOD: Script = (
    _reply(1, "Public: OPTIONS, DESCRIBE, SETUP, PLAY"),
    _reply(2, "Content-Base: rtsp://127.0.0.1/", body=_SDP),
    _reply(3, "Session: 5;timeout=60", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"),
    _reply(4, "Session: 5", "RTP-Info: url=track1;seq=1;rtptime=3000")
    + b"".join(
        _rtp(number, one) for number, one in enumerate((_SPS, _PPS, b"\x65\x88\x84\x00" * 40))
    ),
)
PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"\r\n", b"\r\n\r\n", b"$\x00\xff\xff", b"RTSP/1.0 401 Unauthorized\r\n", b"A" * 5000,
         b"Content-Length: 99999999999\r\n", b"9" * 30, b"\x00", b"Session: ", b"%s%n%x",
         b"Content-Length: -1\r\n", b"a=fmtp:96 sprop-parameter-sets=,,,\r\n",
         b'WWW-Authenticate: Digest realm="x", nonce="\r\n', b"WWW-Authenticate: Basic\r\n",
         b"Location: file:///etc/passwd\r\n", b"RTSP/1.0 302 Found\r\n",
         b"m=video 0 RTP/AVP 97\r\n", b"interleaved=300-1", b"a=rtpmap:96 H265/0\r\n"]
    ),
)  # fmt: skip


@st.composite
def _changed(draw: st.DrawFn) -> Script:
    """The good script with some replies cut, stuffed, doubled, left out or answered otherwise."""
    script = list(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, len(script) - 1))
        reply = script[number]
        at = draw(st.integers(0, len(reply)))
        what = draw(st.sampled_from(["stuff", "stuff", "cut", "skip", "double", "status", "swap"]))
        if what == "stuff":
            script[number] = reply[:at] + draw(PIECES) + reply[at + draw(st.integers(0, 20)) :]
        elif what == "cut":
            script[number] = reply[:at]
        elif what == "skip" and len(script) > 1:
            del script[number]
        elif what == "double":
            script.insert(number, reply)
        elif what == "status":
            code = draw(
                st.sampled_from([b"401", b"404", b"302", b"454", b"461", b"500", b"0", b"x"])
            )
            script[number] = reply.replace(b"200", code, 1)
        else:
            other = draw(st.integers(0, len(script) - 1))
            script[number], script[other] = script[other], script[number]
    return tuple(script)


class _Camera:
    """Serves one connection after another: each request gets the script's next reply."""

    def __init__(self) -> None:
        self.script: Script = GOOD
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join(PATIENCE_S)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                with self._door.accept()[0] as caller:
                    caller.settimeout(0.1)  # who waits for the rest of a cut reply is hung up on
                    with contextlib.suppress(OSError):
                        self._answer(caller)

    def _answer(self, caller: socket.socket) -> None:
        for reply in self.script:
            asked = b""
            while b"\r\n\r\n" not in asked:
                got = caller.recv(4096)
                if not got:
                    return
                asked += got
            caller.sendall(reply)


def _check(camera: _Camera, script: Script) -> None:
    camera.script = script
    url = SecretUrl(f"rtsp://viewer:{PASSWORD}@127.0.0.1:{camera.port}/live")
    try:
        with open_source(url, QUICK) as connection:
            list(itertools.islice(connection, MOST_PACKETS))
    except SourceError as error:
        is_clear(error, without=PASSWORD)


def fuzz(run: Run) -> int:
    """Open each; see the module. Several cameras at once, since most of it is waiting."""
    scripts = st.one_of(_changed(), st.lists(st.binary(max_size=80), max_size=4).map(tuple))
    together = st.lists(scripts, min_size=AT_ONCE, max_size=AT_ONCE)
    cameras = [_Camera() for _ in range(AT_ONCE)]
    fewer = replace(run, inputs=-(-run.inputs // AT_ONCE))
    with ThreadPoolExecutor(AT_ONCE) as threads:

        def check(each: list[Script]) -> None:
            list(threads.map(_check, cameras, each))

        try:
            return AT_ONCE * fewer.tried(together, check)
        finally:
            for camera in cameras:
                camera.close()
