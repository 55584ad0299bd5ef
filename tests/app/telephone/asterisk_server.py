"""An exchange of the tests' own that speaks AMI as Asterisk documents it; it is no Asterisk."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.patience import PATIENCE_S

CHALLENGE = "840415273"
SECRET = "bi-mat-tong-dai"


class AsteriskServer:
    """Serves one connection at a time; `tell` sends an event, `standing` are its channels."""

    def __init__(self, greeting: bytes = b"Asterisk Call Manager/5.0.2\r\n") -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._greeting = greeting
        self._link: socket.socket | None = None
        self._ready = threading.Event()
        self.standing: list[dict[str, str]] = []
        self.logins: list[dict[str, str]] = []
        self.port = int(self._listener.getsockname()[1])

    def serve(self) -> None:
        """Answer until the listener is closed."""
        with suppress(OSError):
            while True:
                self._link, _ = self._listener.accept()
                with suppress(OSError), self._link, self._link.makefile("rb") as lines:
                    self._link.sendall(self._greeting)
                    while action := _read(lines):
                        self._answer(action)
                self._ready.clear()

    def tell(self, event: str, **fields: str) -> None:
        """Send an event once somebody is logged in and has asked for the channels."""
        assert self._ready.wait(PATIENCE_S)
        self._send({"Event": event, **fields})

    def cut(self) -> None:
        """End the connection, as a dying exchange does."""
        assert self._ready.wait(PATIENCE_S)
        self._ready.clear()
        assert self._link is not None
        self._link.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._link is not None:
            with suppress(OSError):
                self._link.shutdown(socket.SHUT_RDWR)

    def _answer(self, action: dict[str, str]) -> None:
        match action.get("Action"):
            case "Challenge":
                self._send({"Response": "Success", "Challenge": CHALLENGE})
            case "Login":
                self.logins.append(action)
                right = hashlib.md5(
                    (CHALLENGE + SECRET).encode(), usedforsecurity=False
                ).hexdigest()
                is_right = action.get("Key") == right
                self._send({"Event": "FullyBooted", "Status": "Fully Booted"})
                self._send({"Response": "Success" if is_right else "Error", "Message": "…"})
            case "CoreShowChannels":
                self._send({"Response": "Success", "EventList": "start"})
                for channel in self.standing:
                    self._send({"Event": "CoreShowChannel", **channel})
                self._send({"Event": "CoreShowChannelsComplete", "EventList": "Complete"})
                self._ready.set()
            case "Ping":
                self._send({"Response": "Success", "Ping": "Pong"})

    def _send(self, message: dict[str, str]) -> None:
        assert self._link is not None
        text = "".join(f"{name}: {value}\r\n" for name, value in message.items())
        self._link.sendall(text.encode() + b"\r\n")


def _read(lines: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    while line := lines.readline().decode().rstrip("\r\n"):
        name, _, value = line.partition(": ")
        found[name] = value
    return found


@contextmanager
def asterisk(**settings: Any) -> Iterator[AsteriskServer]:
    """Serve in a thread."""
    server = AsteriskServer(**settings)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(PATIENCE_S)
