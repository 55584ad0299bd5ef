"""A leading centre is frozen at random moments, again and again, and another goes on storing.

    python -m tests.chaos.freeze TIMES [FOLDER]      FREEZE_RATE=20 events a second

Two centres on one PostgreSQL and one queue. Ends with one JSON line: how often the leader stood
still inside a transaction, and the seconds without a stored event; exit code 1 when an event was
lost or doubled, or nobody went on storing.
"""

import json
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer, QueueServer, postgres_binaries, queue_binaries
from tests.app.centre.several.centre_process import eventually
from tests.app.centre.several.two_centres import Site
from tests.chaos.failover import NotPermitted

PAUSE_S = (0.5, 4.0)  # between two faults
_IN_FLIGHT = 20  # what the frozen one may still have stored of what came after it stood still
_OPEN = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND state LIKE 'idle in transaction%' AND application_name = :application"
)


@dataclass(slots=True, kw_only=True)
class Freezes:
    """What became of the events."""

    freezes: int = 0
    in_transaction: int = 0
    sent: int = 0
    lost: int = 0
    doubled: int = 0
    silent_s: list[float] = field(default_factory=list)


def freeze_leaders(folder: Path, times: int, rate: float = 20.0) -> Freezes:
    """Freeze whoever leads, until another stores; and again. Raise where nobody does."""
    binaries = postgres_binaries()
    if binaries is None:
        raise NotPermitted("no PostgreSQL server is installed")
    with ExitStack() as stack:
        database = PostgresServer(binaries)
        stack.callback(database.stop)
        database.start()
        queue = QueueServer(next(iter(queue_binaries().values())), folder / "queue")
        queue.start()
        stack.callback(queue.stop)
        site = Site(folder, database.new_database(), queue.url)
        stack.callback(site.close)
        site.both_run()
        stopping = threading.Event()
        sender = threading.Thread(target=_send, args=(site, rate, stopping))
        sender.start()
        found = Freezes()
        try:
            for _ in range(times):
                _freeze(site, found)
        finally:
            stopping.set()
            sender.join()
        return _finished(site, found)


def _send(site: Site, rate: float, stopping: threading.Event) -> None:
    while not stopping.wait(1.0 / rate):
        site.send(1)


def _freeze(site: Site, found: Freezes) -> None:
    leader = eventually(site.leader, "one leads")
    time.sleep(random.uniform(*PAUSE_S))
    leader.send_signal(signal.SIGSTOP)
    at, sent = time.monotonic(), site.sent + _IN_FLIGHT
    try:
        time.sleep(0.2)  # what it had asked for is answered
        with site.database.reading() as connection:
            named = {"application": f"thapcanh centre {leader.name}"}
            found.in_transaction += bool(connection.execute(_OPEN, named).scalar_one())
        eventually(lambda: site.fires() > sent, "another one stores")
        found.silent_s.append(round(time.monotonic() - at, 1))
    finally:
        leader.send_signal(signal.SIGCONT)
    found.freezes += 1
    print(found.silent_s[-1], flush=True)  # noqa: T201


def _finished(site: Site, found: Freezes) -> Freezes:
    eventually(lambda: site.fires() >= site.sent, "all is stored")
    query = "SELECT count(DISTINCT event_id) FROM event WHERE source = 'worker-1'"
    with site.database.reading() as connection:
        different = int(connection.exec_driver_sql(query).scalar_one())
    found.sent = site.sent
    found.lost, found.doubled = site.sent - different, site.fires() - different
    return found


def main(words: list[str]) -> int:
    """Return the exit code."""
    folder = Path(words[1] if len(words) > 1 else tempfile.mkdtemp(prefix="thapcanh-freeze-"))
    rate = float(os.environ.get("FREEZE_RATE", "20"))
    found = freeze_leaders(folder, int(words[0]), rate)
    told = {**asdict(found), "median_s": statistics.median(found.silent_s)}
    told |= {"silent_s": max(found.silent_s)}
    print(json.dumps(told))  # noqa: T201
    return int(bool(found.lost or found.doubled))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
