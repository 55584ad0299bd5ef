"""A bare RTSP client on a blocking socket: says exactly what a test tells it to, and no more."""

import re
import socket
import struct
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

TCP = "RTP/AVP/TCP;unicast;interleaved=0-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, list[str]]
    body: str

    def header(self, name: str) -> str:
        return self.headers[name.lower()][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rtp:
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    arrived_at: float


def parse_rtp(data: bytes) -> Rtp:
    first, second, sequence, timestamp, ssrc = struct.unpack(">BBHII", data[:12])
    assert first == 0x80
    assert second & 0x7F == 96
    return Rtp(
        marker=bool(second & 0x80),
        sequence=sequence,
        timestamp=timestamp,
        ssrc=ssrc,
        payload=data[12:],
        arrived_at=time.monotonic(),
    )


class RawClient:
    """One connection; what arrives interleaved before an answer is kept for `interleaved`."""

    def __init__(self, port: int, *, timeout_s: float = 10.0, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout_s)
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise
        self._base = f"rtsp://127.0.0.1:{port}"
        self._buffer = b""
        self.kept: list[tuple[int, bytes]] = []
        self.last = (0, b"")
        self._cseq = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def ask(self, method: str, path: str, **headers: str) -> Answer:
        self.say(method, path, **headers)
        return self.answer()

    def say(self, method: str, path: str, **headers: str) -> None:
        self._cseq += 1
        lines = [f"{method} {self._base}/{path} RTSP/1.0", f"CSeq: {self._cseq}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def play(self, name: str, transport: str = TCP) -> Answer:
        """SETUP and PLAY; the answer to SETUP."""
        setup = self.ask("SETUP", f"{name}/track1", Transport=transport)
        assert setup.status == 200
        session = setup.header("Session").partition(";")[0]
        assert self.ask("PLAY", name, Session=session).status == 200
        return setup

    def answer(self) -> Answer:
        while (first := self._take(1)) == b"$":
            self.kept.append(self._framed())
        head = first + self._until(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(": ")
            if colon:
                headers.setdefault(name.lower(), []).append(value)
        length = int(headers.get("content-length", ["0"])[0])
        match = re.match(r"RTSP/1.0 (\d+)", lines[0])
        assert match is not None, lines[0]
        return Answer(status=int(match[1]), headers=headers, body=self._take(length).decode())

    def interleaved(self) -> tuple[int, bytes]:
        """The next packet on any channel; ConnectionError when the server closes or resets."""
        if self.kept:
            self.last = self.kept.pop(0)
        else:
            assert self._take(1) == b"$"
            self.last = self._framed()
        return self.last

    def drain(self) -> None:
        """Read on until the server closes (ConnectionAbortedError) or resets (…ResetError)."""
        while True:
            self.interleaved()

    def rtp(self) -> Rtp:
        """The next RTP packet on channel 0."""
        while True:
            channel, data = self.interleaved()
            if channel == 0:
                return parse_rtp(data)

    def picture(self) -> list[Rtp]:
        """The RTP packets of the next access unit, up to the marker."""
        packets = [self.rtp()]
        while not packets[-1].marker:
            packets.append(self.rtp())
        return packets

    def _framed(self) -> tuple[int, bytes]:
        channel, length = struct.unpack(">BH", self._take(3))
        return channel, self._take(length)

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._read()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._read()
        head, _, self._buffer = self._buffer.partition(end)
        return head

    def _read(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionAbortedError("the server closed the connection")
        self._buffer += data
