"""The storm: a real site under load whose parts die at random, and the proof that nothing was lost.

    python -m tests.chaos.drive SECONDS [FOLDER]      CHAOS_RATE=25 events a second of each maker

Ends with one JSON line; exit code 1 when anything was lost, doubled, stuck or went unnoticed.
"""

import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.chaos.database import database_dies
from tests.chaos.evidence_faults import FAULTS as STORE_FAULTS
from tests.chaos.evidence_faults import store_fails
from tests.chaos.failover import NotPermitted, cut_network, fail_over
from tests.chaos.faults import CAMERA as TRICKS
from tests.chaos.faults import Faults
from tests.chaos.maker import cameras_of
from tests.chaos.people import Person, Seen, officer, reader
from tests.chaos.site import Site
from tests.chaos.verdict import FAULTS, Verdict, judge, promised
from tests.patience import patient
from tests.running_simulator import running_simulator
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.drills.synthetic_clip import (
    ClipShape,
    synthetic_fire_clip,
    synthetic_quiet_clip,
)

SHAPE = ClipShape(duration_s=10.0, onset_s=1.0, grows_s=2.0, width=416, height=234, fps=10)
LOGIN = "viewer:bí-mật-camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """How long, how wild, and how much load."""

    seconds: float = 1800.0
    makers: int = 3
    rate: float = 25.0  # events a second of each maker
    pause_s: tuple[float, float] = (0.5, 4.0)  # between two faults
    outage_s: float = 12.0  # the longest standstill of queue or archive
    each_in_turn: float = 0.3  # share of faults that are taken in turn, so that none is left out
    failovers: int = 0  # of a queue with a replica, after the storm; and cuts of its network
    settle_s: float = 120.0  # within this everything must have arrived, without any help


def run(storm: Storm, folder: Path) -> tuple[Verdict, float, int]:
    """Raise a site, storm, wait, and judge; the verdict, the seconds and the kills."""
    makers = {f"maker-{number}": storm.rate for number in range(storm.makers)}
    seen, done = Seen(), list[str]()
    with _cameras(folder, makers) as cameras:
        site = Site(folder, cameras, makers)
        with ExitStack() as stack:
            site.start()
            stack.callback(site.stop)
            _wait(site.is_up, 90.0, "the site answers")
            people = [
                Person(site.url, reader(seen), "screen"),
                Person(site.url, officer(done), "officer"),
            ]
            for person in people:
                person.start()
                stack.callback(person.stop)
            _wait(lambda: seen.first is not None, 60.0, "the screen is connected")
            began = time.monotonic()
            faults = Faults(site, list(makers), storm.outage_s)
            _storm(storm, faults, began)
            seconds = time.monotonic() - began
            stuck = _settle(storm, site, faults)
            people[1].stop()
            stuck += _quiet(storm, site, seen)
            newest = _newest_change(site)
            with suppress(TimeoutError):
                _wait(lambda: seen.last >= newest, 30.0, "the screen is up to date")
            people[0].stop()
    wanted = promised(site.data, folder / "tricks")
    verdict = judge(site.data, wanted, faults.holes, faults.died_at)
    verdict.lost += [f"change {seq} unseen and unexcused" for seq in seen.missed(newest)]
    verdict.stuck += stuck
    kills = faults.kills + _takeovers(storm, folder, verdict)
    _stores(storm, folder, verdict)
    _say(
        f"kills {kills}, restarts by the driver {site.restarts}, commands {len(done)}, "
        f"screen: {len(seen.seqs)} changes, {seen.connections} connections, "
        f"{len(seen.excused)} gaps told"
    )
    return verdict, seconds, kills


def _storm(storm: Storm, faults: Faults, began: float) -> None:
    todo, is_first_round = faults.each_once(), storm.each_in_turn == 1.0
    while is_first_round or time.monotonic() - began < storm.seconds:
        faults.throw(todo.pop() if random.random() < storm.each_in_turn else None)
        if not todo:
            todo, is_first_round = faults.each_once(), False
        time.sleep(random.uniform(*storm.pause_s))


def _settle(storm: Storm, site: Site, faults: Faults) -> list[str]:
    """No more faults: what makers, tricks and the worker sent comes through, without any help.

    A queue that was emptied between two looks of an idle publisher is only found at its next one.
    """
    over = time.time()
    _wait(site.is_up, storm.settle_s, "the site answers after the storm")
    stuck = [f"spool of {name}" for name in site.finish_makers(storm.settle_s)]
    stuck += [f"spool of {name}" for name in faults.flush(storm.settle_s)]
    try:
        _wait(lambda: _worker_has_checked(site, over), storm.settle_s, "the worker's spool")
    except TimeoutError:
        stuck.append("spool of the worker")
    return stuck


def _takeovers(storm: Storm, folder: Path, verdict: Verdict) -> int:
    """Failovers and network cuts on a line of their own; how many servers were killed."""
    if not storm.failovers:
        return 0
    outcomes = [fail_over(folder / "failover", storm.failovers)]
    for name, fault in (
        ("network", cut_network),
        ("database", database_dies),
        ("two hosts", partial(database_dies, two_hosts=True)),
    ):
        try:
            outcomes.append(fault(folder / name.replace(" ", "-"), storm.failovers))
        except NotPermitted as reason:
            _say(f"{name}: not permitted here: {reason}")
    for outcome in outcomes:
        verdict.events += outcome.events
        verdict.lost += outcome.lost
        verdict.doubled += outcome.doubled
    return sum(outcome.kills for outcome in outcomes)


def _stores(storm: Storm, folder: Path, verdict: Verdict) -> None:
    """An evidence store that is frozen, full, read only or not mounted delays no event."""
    if not storm.failovers:
        return
    for kind in STORE_FAULTS:
        try:
            outcome = store_fails(folder / f"store-{kind}", kind)
        except NotPermitted as reason:
            _say(f"no store was {kind}: not permitted here: {reason}")
            continue
        _say(f"store {kind}: {outcome.events} events, the latest after {outcome.latest_s:.2f} s")
        verdict.events += outcome.events
        verdict.lost += outcome.lost
        verdict.without_files += [f"{kind}: {one}" for one in outcome.without_files]
        if outcome.latest_s > 1.0:
            verdict.late.append(f"{kind}: {outcome.latest_s:.2f} s")


def _worker_has_checked(site: Site, after: float) -> bool:
    """Whether the worker found, after a moment, that the queue has all that it ever sent."""
    with suppress(AlertsError, OSError), closing(site.queue()) as queue:
        alive = [one for one in queue.workers() if not one["lost"]]
        return bool(alive) and all(
            (spool := one.get("spool")) is not None
            and (told := one.get("queue")) is not None
            and spool.get("waiting") == 0
            and (told.get("checked_at") or 0.0) > after
            for one in alive
        )
    return False


def _quiet(storm: Storm, site: Site, seen: Seen) -> list[str]:
    """Wait until the queue is empty and the screen has everything; what did not come to rest."""
    deadline = time.monotonic() + storm.settle_s
    before = -1
    while time.monotonic() < deadline:
        if _is_drained(site) and seen.last == before:
            return []
        before = seen.last
        time.sleep(2.0)
    return ["the queue does not drain"]


def _newest_change(site: Site) -> int:
    """What the screen must have seen by now; stopping the site brings more."""
    with closing(sqlite3.connect(site.data / "archive.sqlite")) as database:
        (newest,) = database.execute("SELECT change_seq FROM ledger").fetchone()
    return int(newest)


def _is_drained(site: Site) -> bool:
    with suppress(AlertsError, OSError), closing(site.queue()) as queue:
        depth = queue.depth()
        return depth.unread == 0 and depth.pending == 0
    return False


@contextmanager
def _cameras(folder: Path, makers: Iterable[str]) -> Iterator[dict[str, str]]:
    """A burning and a quiet camera for the real worker; quiet ones for makers and tricks."""
    clips = {"fire": folder / "fire.mp4", "quiet": folder / "quiet.mp4"}
    synthetic_fire_clip(clips["fire"], shape=SHAPE)
    synthetic_quiet_clip(clips["quiet"], shape=SHAPE)
    clips |= {camera: clips["quiet"] for maker in makers for camera in cameras_of(maker)}
    clips[TRICKS] = clips["quiet"]
    files = [f"{name}={path}" for name, path in clips.items()]
    with running_simulator(files, user=LOGIN) as simulator:
        yield {name: simulator.url(name, with_login=True) for name in clips}


def _wait(condition: Callable[[], bool], within_s: float, what: str) -> None:
    deadline = time.monotonic() + patient(within_s)
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.2)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main(arguments: list[str]) -> int:
    seconds = float(arguments[0]) if arguments else 1800.0
    seed = time.time_ns() % 1_000_000
    random.seed(seed)
    given = Path(arguments[1]) if len(arguments) > 1 else None
    folder = given or Path(tempfile.mkdtemp(prefix="thapcanh-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    _say(f"seed {seed}, folder {folder}, {seconds:.0f} s")
    rate = float(os.environ.get("CHAOS_RATE", "25"))
    verdict, took_s, kills = run(
        Storm(seconds=seconds, rate=rate, failovers=max(1, round(seconds / 60))), folder
    )
    for kind in FAULTS:
        for what in getattr(verdict, kind)[:20]:
            _say(f"{kind}: {what}")
    if verdict.ok and given is None:
        shutil.rmtree(folder)
    else:
        _say(f"kept: {folder}")
    sys.stdout.write(verdict.line(took_s, kills) + "\n")
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
