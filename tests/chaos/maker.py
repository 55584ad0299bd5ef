"""A process that makes events at a steady rate through the real spool and publisher.

Each event whose `append` returned is written down in a ledger: from then on it must reach the
archive, whatever dies. On SIGTERM it clears what is open, sends what waits, and ends.

    python -m tests.chaos.maker DATA_DIR NAME RATE
"""

import random
import signal
import sys
import threading
import time
from pathlib import Path

from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.system_events import followed
from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.process.log import start_logging
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.backoff import Backoff

CAMERAS = 6
CLEARS = 0.2
FLUSH_WITHIN_S = 90.0


def cameras_of(maker: str) -> list[str]:
    """The cameras that a maker speaks of: the site must know them."""
    return [f"{maker}-camera-{number}" for number in range(CAMERAS)]


class Sender:
    """A publisher that follows the queue's address, which a new supervisor changes."""

    def __init__(self, spool: Spool, address: Path) -> None:
        self._spool = spool
        self._address = address
        self._url = ""
        self._queue: EventQueue | None = None
        self._publisher: EventPublisher | None = None

    def follow(self) -> None:
        """Begin again where the address changed."""
        try:
            url = self._address.read_text(encoding="utf-8").strip()
        except OSError:
            return
        if url != self._url:
            self.stop()
            self._url = url
            self._queue = EventQueue(url)
            self._publisher = EventPublisher(
                self._spool,
                self._queue,
                backoff=Backoff(first_s=0.1, longest_s=2.0),
                finished_before=self._queue.finished_before,
            )
            self._publisher.start()

    def has_checked_since(self, moment: float) -> bool:
        """Whether the queue had, after a moment, all that was ever sent."""
        checked_at = None if self._publisher is None else self._publisher.stats().checked_at
        return checked_at is not None and checked_at > moment

    def stop(self) -> None:
        if self._publisher is not None:
            self._publisher.stop()
        if self._queue is not None:
            self._queue.close()
        self._publisher = self._queue = None


class Maker:
    """Plays episodes on some cameras and keeps the ledger."""

    def __init__(self, folder: Path, name: str) -> None:
        self.spool = Spool(folder / "spool" / f"{name}.sqlite", name)
        self._name = name
        self._open: dict[str, Event] = {}
        self._ledger = (folder / f"{name}.ledger").open("a", encoding="utf-8")
        for event in self.spool.open_events():  # as a worker does when it starts again
            self._append(followed(event, EventPhase.CLEARED, "worker_restarted", time.time()))

    def make_one(self) -> None:
        camera = random.choice(cameras_of(self._name))
        event = self._open.get(camera)
        if event is None:
            self._open[camera] = _raised(camera)
            self._append(self._open[camera])
        elif random.random() < CLEARS:
            del self._open[camera]
            self._append(followed(event, EventPhase.CLEARED, "gone", time.time()))
        else:
            self._append(followed(event, EventPhase.UPDATED, "still there", time.time()))

    def clear_all(self) -> None:
        for event in self._open.values():
            self._append(followed(event, EventPhase.CLEARED, "the end", time.time()))
        self._open.clear()

    def _append(self, event: Event) -> None:
        self.spool.append(event, time.time())
        self._ledger.write(f"{event.id} {event.event_id} {event.phase}\n")
        self._ledger.flush()


def _raised(camera: str) -> Event:
    now = time.time()
    event_id = f"{camera}-{time.time_ns()}"
    return fake_event(
        1, id=f"{event_id}-raised", event_id=event_id, camera_id=camera, captured_at=now,
        inferred_at=now, priority=random.choice((1, 2, 3)),
    )  # fmt: skip


def main(data_dir: Path, name: str, rate: float) -> int:
    start_logging(name)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    maker = Maker(data_dir, name)
    sender = Sender(maker.spool, data_dir / "run" / "queue.url")
    due = time.monotonic()
    while not stop.is_set():
        _follow(sender)
        maker.make_one()
        due = max(due + 1.0 / rate, time.monotonic() - 1.0)
        stop.wait(due - time.monotonic())
    maker.clear_all()
    over = time.time()
    deadline = time.monotonic() + FLUSH_WITHIN_S
    while not (arrived := _has_sent(maker, sender, over)) and time.monotonic() < deadline:
        _follow(sender)
        time.sleep(0.1)
    sender.stop()
    return 0 if arrived else 1


def _has_sent(maker: Maker, sender: Sender, over: float) -> bool:
    """Nothing waits, and the queue did not lose what it took before."""
    return maker.spool.depth().count == 0 and sender.has_checked_since(over)


def _follow(sender: Sender) -> None:
    try:
        sender.follow()
    except QueueError as error:
        sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
