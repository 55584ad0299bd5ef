"""What may go wrong, each as one function that returns when it is over (or has begun to heal)."""

import json
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import psutil

from tests.alerts.queue.fake_events import fake_event
from tests.chaos.site import Site
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.message import Entry
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.detection.event import Event

WRONG_BY_S = (-86_400.0, -90.0, 45.0, 3_600.0, 7 * 86_400.0)
CAMERA = "tricks"  # the camera that every forged source speaks of: the site must know it


class Faults:
    """Throws one fault at a time; counts what it did."""

    def __init__(self, site: Site, makers: list[str], outage_s: float) -> None:
        self.kills = 0
        self.died_at: list[float] = []  # UTC, of workers and what takes them along
        self.holes: set[tuple[str, int]] = set()  # (source, seq) that the centre must notice
        self._site = site
        self._makers = makers
        self._outage_s = outage_s  # the longest
        self._tricks = 0
        self._table: list[tuple[int, Callable[[], None]]] = [
            (5, lambda: self._kill("worker")),
            (5, lambda: self._kill("centre")),
            (4, lambda: self._kill("valkey-server")),
            (2, lambda: self._kill("supervisor")),
            (4, lambda: self._kill(random.choice(self._makers))),
            (2, self._queue_stands_still),
            (2, self._queue_empty),
            (2, self._archive_locked),
            (2, self._clock_set),
            (2, self._duplicates),
            (2, self._reordered),
            (2, self._poison),
            (2, self._hole),
        ]

    def throw(self, fault: Callable[[], None] | None = None) -> None:
        """One fault, or one by chance; what it needs may be dead, then nothing happens."""
        if fault is None:
            weights = [weight for weight, _ in self._table]
            (fault,) = random.choices([fault for _, fault in self._table], weights)
        with suppress(AlertsError, psutil.NoSuchProcess, OSError):
            fault()

    def each_once(self) -> list[Callable[[], None]]:
        """Every fault, in a random order."""
        faults = [fault for _, fault in self._table]
        random.shuffle(faults)
        return faults

    def flush(self, within_s: float) -> list[str]:
        """Send again what the tricks' spools still hold or the queue lost; who could not."""
        stuck = []
        for path in sorted((self._site.folder / "tricks").glob("*.sqlite")):
            spool = Spool(path, path.stem)
            queue = self._site.queue()
            publisher = EventPublisher(spool, queue)
            publisher.start()
            deadline = time.monotonic() + within_s
            while time.monotonic() < deadline:
                if publisher.stats().checked_at and not spool.depth().count:
                    break
                time.sleep(0.05)
            else:
                stuck.append(path.stem)
            publisher.stop()
            queue.close()
            spool.close()
        return stuck

    def _kill(self, name: str) -> None:
        self.kills += self._site.kill(name)
        if name in ("worker", "supervisor"):
            self.died_at.append(time.time())

    def _queue_stands_still(self) -> None:
        for process in self._site.processes("valkey-server"):
            process.send_signal(signal.SIGSTOP)
            time.sleep(random.uniform(1.0, self._outage_s))
            process.send_signal(signal.SIGCONT)

    def _queue_empty(self) -> None:
        self.kills += self._site.empty_queue()

    def _archive_locked(self) -> None:
        path = self._site.data / "archive.sqlite"
        if not path.exists():
            return
        with suppress(sqlite3.OperationalError):
            database = sqlite3.connect(path, isolation_level=None, timeout=2.0)
            try:
                database.execute("BEGIN IMMEDIATE")
                time.sleep(random.uniform(1.0, self._outage_s))
            finally:
                database.close()

    def _clock_set(self) -> None:
        """One part's date is wrong for a while, and is put right again."""
        part = random.choice(["worker", "centre", "supervisor", *self._makers])
        self._site.set_clock(part, random.choice(WRONG_BY_S))
        time.sleep(random.uniform(1.0, self._outage_s))
        self._site.set_clock(part, 0.0)

    def _duplicates(self) -> None:
        """What a maker sent lately, once more."""
        copy = self._site.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        name = random.choice(self._makers)
        for part in (self._site.data / "spool").glob(f"{name}.sqlite*"):
            shutil.copy(part, copy)
        with suppress(sqlite3.DatabaseError):
            database = sqlite3.connect(copy / f"{name}.sqlite")
            rows = database.execute("SELECT entry FROM outbox ORDER BY seq DESC LIMIT 50")
            self._add_raw([_entry(text) for (text,) in rows])
            database.close()

    def _reordered(self) -> None:
        spool = self._trick("shuffled")
        for seq in range(1, 8):
            spool.append(_trick_event(spool.source, seq), time.time())
        items = spool.oldest()
        random.shuffle(items)
        self._send(spool, items)

    def _hole(self) -> None:
        """Five messages of which the third never comes."""
        spool = self._trick("hole")
        for seq in range(1, 6):
            spool.append(_trick_event(spool.source, seq), time.time())
        spool.confirm([(3, "0-1")], 0.0)  # and forgotten at the next confirmation
        self.holes.add((spool.source, 3))
        spool.confirm([], 7 * 3600.0)
        self._send(spool, spool.oldest())

    def _poison(self) -> None:
        self._add_raw(
            [{"id": "x", "data": "{"}, {"": "\x00"}, {"type": "unknown", "a": "b" * 4000}]
        )

    def _trick(self, kind: str) -> Spool:
        self._tricks += 1
        name = f"{kind}-{self._tricks}"
        return Spool(self._site.folder / "tricks" / f"{name}.sqlite", name)

    def _send(self, spool: Spool, entries: list[tuple[int, Entry]]) -> None:
        queue = self._site.queue()
        try:
            for seq, entry in entries:
                spool.confirm([(seq, queue.add(entry))], time.monotonic())
        finally:
            queue.close()
            spool.close()

    def _add_raw(self, entries: list[Entry]) -> None:
        queue = self._site.queue()
        try:
            for entry in entries:
                with queue._named():
                    queue._redis.xadd(redis_keys.EVENTS, cast(Any, entry))
        finally:
            queue.close()


def _trick_event(source: str, seq: int) -> Event:
    return fake_event(seq, id=f"{source}-{seq}", event_id=source, camera_id=CAMERA)


def _entry(text: str) -> Entry:
    entry: Entry = json.loads(text)
    return entry
