"""A relay before a server that changes bytes of its replies: cameras that say strange things."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.patience import PATIENCE_S


@contextmanager
def changed_replies(
    port: int, changes: Mapping[bytes, bytes], *, asked: Mapping[bytes, bytes] | None = None
) -> Iterator[int]:
    """The port of a relay to 127.0.0.1:`port` until the block ends; each change keeps its length.

    What is to be changed must arrive in one piece, as short RTSP replies do. `asked`: changes of
    what the client says.
    """
    both = (asked or {}, changes)
    for before, after in (pair for one in both for pair in one.items()):
        assert len(before) == len(after), (before, after)
    with socket.create_server(("127.0.0.1", 0)) as door:
        lines: list[socket.socket] = []
        accepting = threading.Thread(target=_accept, args=(door, port, both, lines), daemon=True)
        accepting.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            for line in (door, *lines):
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            accepting.join(PATIENCE_S)
            for line in lines:
                line.close()


def _accept(
    door: socket.socket,
    port: int,
    both: tuple[Mapping[bytes, bytes], Mapping[bytes, bytes]],
    lines: list[socket.socket],
) -> None:
    with contextlib.suppress(OSError):
        while True:
            caller, _ = door.accept()
            camera = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
            camera.settimeout(None)
            lines += [caller, camera]
            for args in ((caller, camera, both[0]), (camera, caller, both[1])):
                threading.Thread(target=_pass_on, args=args, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, changes: Mapping[bytes, bytes]) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            for before, after in changes.items():
                data = data.replace(before, after)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
