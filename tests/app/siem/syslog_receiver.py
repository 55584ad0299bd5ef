"""A receiver of syslog by TLS or TCP that counts octets, and may refuse, hang or die."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path


class SyslogReceiver:
    """Listens on one port through any number of deaths; `got` has what was read whole."""

    def __init__(self, pem: Path | None, port: int = 0) -> None:
        self._context: ssl.SSLContext | None = None
        if pem is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(pem)
        self.got: list[str] = []
        self.port = port
        self._door: socket.socket | None = None
        self._lines: list[socket.socket] = []
        self.begin()

    def begin(self) -> None:
        self._door = socket.create_server(("127.0.0.1", self.port))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def die(self) -> None:
        """At once, as a process that is killed: what was not read is lost."""
        if self._door is not None:
            with contextlib.suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.shutdown(socket.SHUT_RDWR)
        self._lines.clear()

    def _accept(self, door: socket.socket) -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=self._read, args=(line,), daemon=True).start()

    def _read(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                line = self._context.wrap_socket(line, server_side=True)
            self._lines.append(line)
            with line, line.makefile("rb") as stream:
                while size := _count(stream.read):
                    body = stream.read(size)
                    if len(body) == size:
                        self.got.append(body.decode())


def _count(read: Callable[[int], bytes]) -> int:
    digits = b""
    while (one := read(1)) not in (b"", b" "):
        digits += one
    return int(digits or b"0")
