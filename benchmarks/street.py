"""`python -m benchmarks.street COUNT CLIP…`: an RTSP server of the clips, in a process of its own.

Prints one URL a camera and `ready`, serves until its input ends. It is to cost as little as it can:
clips are packed from memory, each some times over, as if cameras had been started one after the
other; whoever watches the same one is sent the same bytes. RTP comes in the RTSP connection. Who
reads too slowly loses packets up to the next keyframe.
"""

import heapq
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from thapcanh.tools.simulator.recording import Recording, read_recording
from thapcanh.tools.simulator.rtsp.access_unit import (
    RTP_CLOCK_HZ,
    AccessUnit,
    packetise,
    rtp_packets,
)
from thapcanh.tools.simulator.rtsp.rtsp_message import Reply
from thapcanh.tools.simulator.session import METHODS, describe

CHANNELS = 60  # at most: each is packed once, however many watch it
APART_S = 0.37  # so that keyframes do not all come at the same moment
MOST_WAITING = 4_000_000  # bytes, of one reader
_SESSION = ("Session", "1;timeout=600")


class Reader:
    """One connection: requests first, then what its channel sends."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.asked = b""
        self._waiting = b""
        self._needs_keyframe = True

    def give(self, unit: bytes, *, is_keyframe: bool) -> None:
        """Send it, or leave it out; never waits. Raises `OSError` where the reader is gone."""
        self.say(b"")
        self._needs_keyframe = self._needs_keyframe and not is_keyframe
        if self._needs_keyframe or len(self._waiting) > MOST_WAITING:
            self._needs_keyframe = True
            return
        self.say(unit)

    def say(self, data: bytes) -> None:
        """Send it after what waits. Raises `OSError` where the reader is gone."""
        self._waiting += data
        if self._waiting:
            with suppress(BlockingIOError):
                self._waiting = self._waiting[self.line.send(self._waiting) :]


class Channel:
    """One camera on air, for ever: the pictures of a recording when they are due."""

    def __init__(self, recording: Recording, began_s: float) -> None:
        self.recording = recording
        self.readers: set[Reader] = set()
        self._units = self._on_air(began_s)
        self._sequence = 0
        self.due_s, self._unit = next(self._units)

    def send(self) -> set[Reader]:
        """Send what is due now; returns those that are gone."""
        payloads = packetise(self._unit.nals, self.recording.codec)
        ticks = round(self.due_s * RTP_CLOCK_HZ) & 0xFFFFFFFF
        packets = rtp_packets(payloads, sequence=self._sequence, timestamp=ticks, ssrc=1)
        self._sequence = (self._sequence + len(packets)) & 0xFFFF
        data = b"".join(struct.pack(">cBH", b"$", 0, len(one)) + one for one in packets)
        gone = set()
        for reader in self.readers:
            try:
                reader.give(data, is_keyframe=self._unit.is_keyframe)
            except OSError:
                gone.add(reader)
        self.due_s, self._unit = next(self._units)
        return gone

    def _on_air(self, began_s: float) -> Iterator[tuple[float, AccessUnit]]:
        for turn in count():
            for unit in self.recording.units:
                yield began_s + turn * self.recording.duration_s + unit.dts_s, unit


class Street:
    """Accepts, answers and sends, all on one thread."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = channels
        self._ready = selectors.DefaultSelector()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self._door.setblocking(False)
        self._ready.register(self._door, selectors.EVENT_READ, self._accept)
        self.port: int = self._door.getsockname()[1]

    def serve(self) -> None:
        """Until the input ends."""
        self._ready.register(sys.stdin, selectors.EVENT_READ, sys.exit)
        due = [(one.due_s, number) for number, one in enumerate(self._channels)]
        heapq.heapify(due)
        while True:
            for key, _ in self._ready.select(max(0.0, due[0][0] - time.monotonic())):
                act: Callable[[], object] = key.data
                act()
            while due[0][0] <= time.monotonic():
                channel = self._channels[due[0][1]]
                for reader in channel.send():
                    self._end(reader)
                heapq.heapreplace(due, (channel.due_s, due[0][1]))

    def _accept(self) -> None:
        line, _ = self._door.accept()
        line.setblocking(False)
        reader = Reader(line)
        self._ready.register(line, selectors.EVENT_READ, lambda: self._hear(reader))

    def _hear(self, reader: Reader) -> None:
        try:
            heard = reader.line.recv(65536)
            reader.asked += heard
            while b"\r\n\r\n" in reader.asked and not reader.asked.startswith(b"$"):
                head, _, reader.asked = reader.asked.partition(b"\r\n\r\n")
                self._answer(reader, head.decode())
        except OSError:
            heard = b""
        if not heard:
            self._end(reader)
        if reader.asked.startswith(b"$"):
            reader.asked = b""  # what it reports of its reception

    def _answer(self, reader: Reader, head: str) -> None:
        method, url, _ = head.split("\r\n", maxsplit=1)[0].split(" ")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:])
        number = int(url.split("/")[3])
        channel = self._channels[number % len(self._channels)]
        match method:
            case "OPTIONS":
                reply = Reply(headers=(("Public", ", ".join(METHODS)),))
            case "DESCRIBE":
                base = (("Content-Base", f"{url.rstrip('/')}/"),)
                reply = Reply(headers=base, body=describe(str(number), channel.recording))
            case "SETUP":
                way = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
                reply = Reply(headers=(_SESSION, way))
            case _:
                reply = Reply(headers=(_SESSION,))
        reader.say(reply.to_bytes(fields.get("cseq", "0")))
        if method == "PLAY":
            channel.readers.add(reader)

    def _end(self, reader: Reader) -> None:
        for channel in self._channels:
            channel.readers.discard(reader)
        self._ready.unregister(reader.line)
        reader.line.close()


def main(cameras: int, paths: Sequence[Path]) -> None:
    """Serve so many cameras until the input ends."""
    recordings = [read_recording(path) for path in paths]
    number = min(cameras, max(CHANNELS, len(recordings)))
    now_s = time.monotonic()
    channels = [
        Channel(recordings[one % len(recordings)], now_s + APART_S * one % 2.0)
        for one in range(number)
    ]
    street = Street(channels)
    urls = [f"rtsp://127.0.0.1:{street.port}/{one}" for one in range(cameras)]
    sys.stdout.write("\n".join([*urls, "ready"]) + "\n")
    sys.stdout.flush()
    street.serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
