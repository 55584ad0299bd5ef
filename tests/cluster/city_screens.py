"""Screens of a city of 40,000 cameras: changes on the map, the delay of events, the memory.

A real centre with the registry and the archive in PostgreSQL, every disk synced, a real queue, and
scripted workers with the shares of the Fleet's plan.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.event_maker import MakerJob, camera_ids
from benchmarks.harness.child import child, last_line, lines_until
from benchmarks.harness.pipeline_site import PASSWORD, PipelineSite
from benchmarks.harness.process_cost import rss_mb
from benchmarks.harness.results_file import quantile
from benchmarks.screens import ScreensJob
from tests.alerts.conftest import PostgresServer, postgres_binaries
from tests.cluster.city import wait
from tests.cluster.hosts import NotPermitted
from tests.cluster.map_screen import MapScreen
from tests.cluster.phases import Phases, say
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.process.free_port import free_port
from thapcanh.config.credentials import KEY_VARIABLE, new_key

RATE, SECONDS = 200.0, 20.0
MAKER, MAKER_CAMERAS, EPISODE = "maker-0", 40, 12  # 17 new fires a second
CHANGED, ROUNDS = 1000, 5
SETTLE_S = 10.0
UP_WITHIN_S = 240.0
STORED_WITHIN_S, TOLD_WITHIN_S = 120.0, 5.0
WARDS = 126


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenFigures:
    """What screens saw, and what the centre needed. `list_s`: what a screen asks first."""

    map_change_s: float
    centre_mb: float
    event_p99_ms: float
    list_s: float
    events: int
    events_lost: int


def city_cameras(count: int) -> list[str]:
    """Ids of so many cameras; events are told of the first ones."""
    told_of = camera_ids(MAKER, MAKER_CAMERAS)
    return [*told_of, *(f"cam-{number:06}" for number in range(count - len(told_of)))]


def measure_screens(
    folder: Path, queue_url: str, cameras: Sequence[str], phases: Phases
) -> ScreenFigures:
    """Start everything, then events, then changes; the plan lies in the queue."""
    with ExitStack() as stack:
        with phases("40,000 cameras start"):
            workers = stack.enter_context(
                child(["tests.cluster.scripted_workers", json.dumps(queue_url)])
            )
            list(lines_until(workers, "ready"))
            site, archive_url = stack.enter_context(_centre(folder, queue_url, cameras))
            cookie = site.log_in().cookie
        with phases("the map"), MapScreen(site.port, cookie) as screen:
            screen.until(dict.fromkeys(cameras, "online"))
            time.sleep(SETTLE_S)  # the first round of coverage, and of the health checks
            changes = [
                _change(workers, screen, sorted(cameras), number * CHANGED)
                for number in range(ROUNDS)
            ]
            say(f"on the map after {[round(one, 2) for one in changes]} s, asked {screen.asked}")
        with phases("events"):
            ages, made, lost = _events(site, queue_url, archive_url)
        with MapScreen(site.port, cookie) as second:
            first_answer_s = second.first_answer_s
        memory = rss_mb(site.centre_pid)
    return ScreenFigures(
        map_change_s=max(changes),
        centre_mb=memory,
        event_p99_ms=1000 * quantile(ages, 0.99),
        list_s=first_answer_s,
        events=made,
        events_lost=lost,
    )


def _change(
    workers: "subprocess.Popen[str]", screen: MapScreen, cameras: Sequence[str], first: int
) -> float:
    """Let cameras fall; how long until a map shows all of them."""
    assert workers.stdin is not None
    assert workers.stdout is not None
    workers.stdin.write(f"{first} {CHANGED}\n")
    workers.stdin.flush()
    fallen = cameras[first : first + CHANGED]
    seen_at = screen.until(dict.fromkeys(fallen, "backoff"))
    return seen_at - float(workers.stdout.readline())


def _events(site: PipelineSite, queue_url: str, archive_url: str) -> tuple[list[float], int, int]:
    """The age of each change at a screen, how many events were made, and how many are lost."""
    job = ScreensJob(
        host="127.0.0.1", port=site.port, cookies=(site.log_in().cookie,),
        screens_a_session=1, count=1, kinds=(),
    )  # fmt: skip
    maker_job = MakerJob(
        name=MAKER, queue_url=queue_url, spool=str(site.folder / "maker.sqlite"),
        cameras=MAKER_CAMERAS, episode=EPISODE, rate=RATE, seconds=SECONDS,
    )  # fmt: skip
    with (
        child(["benchmarks.screens", json.dumps(asdict(job))]) as screen,
        child(["benchmarks.event_maker", json.dumps(asdict(maker_job))]) as maker,
        closing(Database(archive_url)) as database,
    ):
        list(lines_until(screen, "ready"))
        list(lines_until(maker, "ready"))
        assert maker.stdin is not None
        maker.stdin.write("go\n")
        maker.stdin.flush()
        time.sleep(SECONDS)
        made = int(last_line(maker)["made"])
        with suppress(TimeoutError):
            wait(lambda: _stored(database) == made, STORED_WITHIN_S, "all events are stored")
        time.sleep(TOLD_WITHIN_S)
        seen = last_line(screen)
        return seen["ages_s"], made, made - _stored(database)


def _stored(database: Database) -> int:
    with database.reading() as connection:
        query = sa.text("SELECT count(*) FROM event WHERE source = :maker")
        return int(connection.execute(query, {"maker": MAKER}).scalar_one())


@contextmanager
def _centre(
    folder: Path, queue_url: str, cameras: Sequence[str]
) -> Iterator[tuple[PipelineSite, str]]:
    binaries = postgres_binaries()
    if binaries is None:
        raise NotPermitted("PostgreSQL is not installed")
    archive = PostgresServer(binaries, is_durable=True)
    archive.start()
    try:
        url = archive.new_archive()
        environment = {
            **os.environ, "THAPCANH_ADMIN_PASSWORD": PASSWORD, KEY_VARIABLE: new_key(),
        }  # fmt: skip
        os.environ[KEY_VARIABLE] = environment[KEY_VARIABLE]
        with closing(Archive(url)) as opened:
            _register(RegistryRepository(opened.database), cameras)
        port, config = free_port(), folder / "centre.toml"
        config.write_text(
            f'[site]\ndata_dir = "{folder / "centre"}"\n[centre]\nport = {port}\n'
            f'[queue]\nurl = "{queue_url}"\n[archive]\nurl = "{url}"\n'
            '[registry]\nsource = "database"\n',
            encoding="utf-8",
        )
        with (folder / "centre.log").open("wb") as log:
            command = [sys.executable, "-P", "-m", "thapcanh", "centre", "-c", str(config)]
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        site = PipelineSite(
            folder=folder, port=port, queue_url=queue_url, queue_pid=0, centre_pid=process.pid
        )
        try:
            wait(lambda: _answers(site), UP_WITHIN_S, "the city's centre answers")
            yield site, url
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            process.wait()
    finally:
        archive.stop()


def _register(repository: RegistryRepository, cameras: Sequence[str]) -> None:
    areas = [f"ward-{number:03}" for number in range(WARDS)]
    writes = [
        EntryWrite(kind="areas", id=area, expected=0, document={"id": area, "name": area})
        for area in areas
    ]
    for number, camera in enumerate(cameras):
        document = {
            "id": camera, "name": f"Ngã tư {number:06}, phố Hàng Bông",
            "source": f"rtsp://10.{number >> 16}.{number >> 8 & 255}.{number & 255}/stream2",
            "area": areas[number % WARDS], "lat": 21.0 + number % 1000 / 10_000,
            "lon": 105.8 + number // 1000 / 1000, "bearing_deg": float(number % 360),
        }  # fmt: skip
        writes.append(EntryWrite(kind="cameras", id=camera, expected=0, document=document))
    repository.write(writes, Author(username="city", role="admin", at=1.0), EVERYTHING)


def _answers(site: PipelineSite) -> bool:
    try:
        site.log_in()
    except OSError:
        return False
    return True
