"""A small RTMP server: it plays one film to the one who asks for its stream.

Of the stream `silent` it says nothing, as servers do while nobody publishes; others it refuses.

As much of the protocol as a player needs: the plain handshake, `connect`, `createStream`, `play`,
and FLV tags as messages. Requests are noted, so that a test sees what a server is told.
"""

import contextlib
import io
import itertools
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av

from tests.patience import PATIENCE_S

APPLICATION, STREAM, SILENT = "live", "yard", "silent"
_HANDSHAKE_BYTES = 1536
_SET_CHUNK_SIZE, _COMMAND = 1, 20
_OUR_CHUNK_BYTES = 0x7FFFFF
_FPS = 25
_HEADER_BYTES = {0: 11, 1: 7, 2: 3, 3: 0}
_NUMBER, _TEXT, _OBJECT, _NULL = b"\0", b"\x02", b"\x03", b"\x05"
_OBJECT_END = b"\0\0\x09"

Message = tuple[int, int, bytes]
"""Kind, time in milliseconds, body."""


@dataclass(slots=True)
class RtmpServer:
    """Where it listens, and what its callers asked for."""

    port: int
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def rtmp_server(film: Path) -> Iterator[RtmpServer]:
    """Play this film, as fast as a camera would, until the block ends."""
    messages = _flv_messages(film)
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = RtmpServer(door.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(door, server, messages), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with contextlib.suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE_S)


def _flv_messages(film: Path) -> list[Message]:
    made = io.BytesIO()
    with av.open(str(film)) as source, av.open(made, "w", format="flv") as out:
        video = source.streams.video[0]
        copy = out.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    return list(_tags(made.getvalue()))


def _tags(flv: bytes) -> Iterator[Message]:
    at = 13  # the header, and the size of no tag before the first
    while at < len(flv):
        size = int.from_bytes(flv[at + 1 : at + 4], "big")
        time_ms = int.from_bytes(flv[at + 7 : at + 8] + flv[at + 4 : at + 7], "big")
        yield flv[at], time_ms, flv[at + 11 : at + 11 + size]
        at += 11 + size + 4


def _accept(door: socket.socket, server: RtmpServer, messages: list[Message]) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(line, server, messages), daemon=True).start()


def _talk(line: socket.socket, server: RtmpServer, messages: list[Message]) -> None:
    with contextlib.suppress(OSError, EOFError), line, line.makefile("rb") as caller:
        line.settimeout(30)
        _shake_hands(line, caller)
        _send(line, (_SET_CHUNK_SIZE, 0, struct.pack(">I", _OUR_CHUNK_BYTES)))
        for kind, body in _received(caller):
            if kind != _COMMAND:
                continue
            server.asked.append(body)
            name, number = _command(body)
            if name == "connect":
                _send_command(
                    line, "_result", number, _NULL + _status("NetConnection.Connect.Success")
                )
            elif name == "createStream":
                _send_command(line, "_result", number, _NULL + _NUMBER + struct.pack(">d", 1.0))
            elif name == "play":
                _play(line, body, messages)


def _shake_hands(line: socket.socket, caller: io.BufferedReader) -> None:
    asked = _exactly(caller, 1 + _HANDSHAKE_BYTES)
    line.sendall(b"\x03" + bytes(_HANDSHAKE_BYTES) + asked[1:])
    _exactly(caller, _HANDSHAKE_BYTES)


def _play(line: socket.socket, body: bytes, messages: list[Message]) -> None:
    if _text(SILENT) in body:
        return
    if STREAM.encode() not in body:
        _send_command(
            line, "onStatus", 0.0, _NULL + _status("NetStream.Play.StreamNotFound", "error")
        )
        return
    _send_command(line, "onStatus", 0.0, _NULL + _status("NetStream.Play.Start"))
    for kind, time_ms, message in messages:
        _send(line, (kind, time_ms, message))
        time.sleep(1 / _FPS / 4)


def _received(caller: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Whole messages, put together from their chunks."""
    chunk_bytes = 128
    heads: dict[int, tuple[int, int]] = {}
    bodies: dict[int, bytes] = {}
    while True:
        first = _exactly(caller, 1)[0]
        stream, form = first & 0x3F, first >> 6
        head = _exactly(caller, _HEADER_BYTES[form])
        if form < 2:
            heads[stream] = int.from_bytes(head[3:6], "big"), head[6]
        size, kind = heads[stream]
        held = bodies.pop(stream, b"")
        held += _exactly(caller, min(chunk_bytes, size - len(held)))
        if len(held) < size:
            bodies[stream] = held
            continue
        if kind == _SET_CHUNK_SIZE:
            chunk_bytes = struct.unpack(">I", held)[0]
        yield kind, held


def _exactly(caller: io.BufferedReader, count: int) -> bytes:
    data = caller.read(count)
    if len(data) < count:
        raise EOFError
    return data


def _send(line: socket.socket, message: Message, stream: int = 1) -> None:
    kind, time_ms, body = message
    head = time_ms.to_bytes(3, "big") + len(body).to_bytes(3, "big") + bytes([kind])
    line.sendall(b"\x04" + head + struct.pack("<I", stream) + body)


def _send_command(line: socket.socket, name: str, number: float, rest: bytes) -> None:
    body = _TEXT + _text(name) + _NUMBER + struct.pack(">d", number) + rest
    _send(line, (_COMMAND, 0, body), stream=0)


def _command(body: bytes) -> tuple[str, float]:
    size = int.from_bytes(body[1:3], "big")
    return body[3 : 3 + size].decode(), struct.unpack(">d", body[4 + size : 12 + size])[0]


def _status(code: str, level: str = "status") -> bytes:
    pairs = itertools.chain.from_iterable(
        (_text(key), _TEXT, _text(value)) for key, value in (("level", level), ("code", code))
    )
    return _OBJECT + b"".join(pairs) + _OBJECT_END


def _text(value: str) -> bytes:
    return len(value).to_bytes(2, "big") + value.encode()
