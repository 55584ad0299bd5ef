"""One line from an event to the archive in this process, fed all the time, and what became of it.

Real spool, publisher, consumer and archive; the queue's address is a `Road`, which leads to another
server after a failover, as a virtual address or a name does at a site.
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.alert.alert_tables import event
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer import Consumer
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue, QueueSettings
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.detection.event import EventPhase
from thapcanh.ingest.backoff import Backoff

QUICK = Backoff(first_s=0.05, longest_s=0.5)
EVERY_S = 0.005
CAMERAS = 5


class Road:
    """A TCP relay on this machine that can be led elsewhere."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, name="road", daemon=True).start()

    def lead_to(self, target: tuple[str, int]) -> None:
        """From now on there; who is under way is cut off."""
        self._target = target
        self._cut_off()

    def close(self) -> None:
        self._listener.close()
        self._cut_off()

    def _cut_off(self) -> None:
        with self._lock:
            leaving, self._open = self._open, set()
        for end in leaving:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target, 2.0)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=ends, daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class Line:
    """Feeds events into its spool until it is told to finish."""

    def __init__(
        self, url: str, folder: Path, *, replicas: int = 0, archive_url: str | None = None
    ) -> None:
        settings = QueueSettings(socket_timeout_s=1.0, replicas=replicas)
        self._spool = Spool(folder / "spool.sqlite", "worker-1")
        self._queues = [EventQueue(url, settings=settings) for _ in range(2)]
        self._archive = Archive(archive_url or sqlite_url(folder / "archive.sqlite"))
        sends, reads = self._queues
        self.publisher = EventPublisher(
            self._spool, sends, backoff=QUICK, finished_before=sends.finished_before
        )
        self._consumer = Consumer(
            reads, self._archive, lambda _: None, notify=lambda _: None, backoff=QUICK
        )
        self._promised: list[str] = []
        self._stopping = threading.Event()
        self._feeder = threading.Thread(target=self._feed, name="feeder", daemon=True)

    def __enter__(self) -> Self:
        self.publisher.start()
        self._consumer.start()
        self._feeder.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._feeder.join()
        self.publisher.stop()
        self._consumer.stop()
        for queue in self._queues:
            queue.close()
        self._spool.close()
        self._archive.close()

    @property
    def promised(self) -> int:
        """How many events were spooled so far."""
        return len(self._promised)

    def waits(self) -> int:
        """How many wait in the spool."""
        return self._spool.depth().count

    def stored(self) -> Counter[str]:
        """How often each message is in the archive."""
        with self._archive.database.reading() as connection:
            return Counter(connection.execute(sa.select(event.c.id)).scalars())

    def failures(self) -> int:
        """How often the way to the archive failed."""
        return self._consumer.stats().failures

    def finish(self, within_s: float) -> tuple[list[str], list[str]]:
        """Feed no more and wait until nothing has come for `within_s` seconds.

        Return what was lost, and what was doubled or came without being sent.
        """
        self._stopping.set()
        self._feeder.join()
        stored, deadline = self.stored(), time.monotonic() + within_s
        while len(stored) < self.promised and time.monotonic() < deadline:
            time.sleep(0.1)
            before, stored = len(stored), self.stored()
            if len(stored) > before:
                deadline = time.monotonic() + within_s
        lost = [one for one in self._promised if not stored[one]]
        lost += [str(gap) for gap in self._archive.gaps(time.time(), older_than_s=0.0)]
        return lost, [one for one, count in stored.items() if count > 1]

    def _feed(self) -> None:
        number = 0
        while not self._stopping.wait(EVERY_S):
            number += 1
            camera = f"camera-{number % CAMERAS}"
            phase = EventPhase.RAISED if number <= CAMERAS else EventPhase.UPDATED
            seen = fake_event(
                number, id=f"m{number}", event_id=camera, camera_id=camera, phase=phase
            )
            self._spool.append(seen, time.time())
            self._promised.append(seen.id)


@contextmanager
def road_to(target: tuple[str, int]) -> Iterator[Road]:
    road = Road(target)
    try:
        yield road
    finally:
        road.close()
