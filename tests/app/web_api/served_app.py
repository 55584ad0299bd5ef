"""The centre's application behind a port of this machine, on a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue

from fastapi import FastAPI

from tests.patience import PATIENCE_S
from thapcanh.app.centre.web.server import Listen, serve

ANY_PORT = Listen(host="127.0.0.1", port=0)


@dataclass(frozen=True)
class Served:
    """A served application, until `end`."""

    app: FastAPI
    address: str
    stop: threading.Event
    thread: threading.Thread

    def end(self) -> None:
        self.stop.set()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@contextmanager
def serving_app(app: FastAPI, listen: Listen = ANY_PORT) -> Iterator[Served]:
    """Serve it until the block ends."""
    stop, ready = threading.Event(), SimpleQueue[int]()
    told = {"on_ready": ready.put}
    thread = threading.Thread(target=serve, args=(app, listen, stop), kwargs=told)
    thread.start()
    served = Served(app, f"http://127.0.0.1:{ready.get(timeout=PATIENCE_S)}", stop, thread)
    try:
        yield served
    finally:
        served.end()
