"""A city on one machine: queue, archive, centre and cameras, a head, and nodes that come and go."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx

from alerts.events.queue import EventQueue
from alerts.fleet.store import FleetStore
from app.cluster.plan import FleetPlan, from_document
from app.simulator.drawing.synthetic_clip import (
    ClipShape,
    synthetic_fire_clip,
    synthetic_quiet_clip,
)
from app.simulator.running import running_simulator
from tests.alerts.conftest import PostgresServer, postgres_binaries
from tests.chaos.server import Server
from tests.cluster.hosts import NETWORK, SERVERS, Host, NotPermitted
from tests.end_to_end.running_site import PASSWORD, model_cache

SHAPE = ClipShape(duration_s=10.0, onset_s=1.0, grows_s=2.0, width=416, height=234, fps=10)
PORT = 8080
HEAD = f"{NETWORK}.1"
FIRST_NODE = 11
AREAS = ("ba-dinh", "hoan-kiem")


class City:
    """Everything that runs, and how to ask it."""

    def __init__(self, folder: Path, queue_url: str, archive_url: str) -> None:
        self.folder = folder
        self.queue_url = queue_url
        self.archive_url = archive_url
        self.url = f"http://{SERVERS}:{PORT}"
        self.cameras: dict[str, str] = {}
        self.head = Host("head", 1, folder / "head.log")
        self.nodes: dict[str, Host] = {}
        self._evidence = folder / "evidence"
        self._evidence.mkdir()

    def queue(self) -> EventQueue:
        return EventQueue(self.queue_url)

    def data(self, host: str) -> Path:
        """The data folder of a host; all of them mount one store of evidence there."""
        folder = self.folder / host
        if not folder.exists():
            folder.mkdir()
            (folder / "evidence").symlink_to(self._evidence)
        return folder

    def config(self, host: str) -> Path:
        """The configuration of a host: the same but for its folders."""
        path = self.folder / f"{host}.toml"
        path.write_text("\n".join(self._lines(host)), encoding="utf-8")
        return path

    def start_head(self) -> None:
        self.head.start(_program("cluster", "head", "-c", str(self.config("head"))))

    def start_node(self, name: str, *options: str) -> None:
        """A machine joins, or comes back."""
        number = FIRST_NODE + sorted({*self.nodes, name}).index(name)
        host = self.nodes.setdefault(name, Host(name, number, self.folder / f"{name}.log"))
        words = ("--node", name, "--address", host.address, "--workers", "1", *options)
        host.start(_program("cluster", "join", "-c", str(self.config(name)), *words))

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """One command of `thapcanh`, from the servers' machine."""
        return subprocess.run(
            [*_program(*words), "-c", str(self.config("servers"))],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def join_by_hand(
        self, node: str, words: Sequence[str], token: Path | None
    ) -> "subprocess.CompletedProcess[str]":
        """Let the servers' machine try to join, with this token; it must be refused."""
        config = self.config("servers")
        if token is not None:
            text = config.read_text(encoding="utf-8")
            config = config.with_name("stranger.toml")
            config.write_text(text.replace("cluster.token", token.name), encoding="utf-8")
        return subprocess.run(
            _program("cluster", "join", "-c", str(config), "--node", node, *words),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def plan(self) -> FleetPlan:
        """The plan in force."""
        with closing(FleetStore(self.queue_url)) as store:
            document = store.plan()
        return FleetPlan() if document is None else from_document(document)

    def owners(self) -> Mapping[str, str]:
        return self.plan().owners

    def moving(self) -> bool:
        return bool(self.plan().leaving)

    def spools(self, host: str) -> list[Path]:
        return sorted(self.data(host).glob("spool/*.sqlite"))

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2.0).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        for host in (*self.nodes.values(), self.head):
            host.stop()

    def _lines(self, host: str) -> Iterator[str]:
        yield "[site]"
        yield f'data_dir = "{self.data(host)}"'
        yield f'cache_dir = "{model_cache()}"'
        yield f'[centre]\nhost = "{SERVERS}"\nport = {PORT}'
        yield f'[queue]\nurl = "{self.queue_url}"'
        yield f'[archive]\nurl = "{self.archive_url}"'
        yield "[detector]\nsecond_witness = false"
        yield f'[cluster]\nhead = "{HEAD}:6380"\ntoken_file = "{self.folder / "cluster.token"}"'
        for area in AREAS:
            yield f'[[areas]]\nid = "{area}"\nname = "{area}"'
        for number, (camera, source) in enumerate(self.cameras.items()):
            yield f'[[cameras]]\nid = "{camera}"\nname = "{camera}"\nsource = "{source}"'
            yield f'lat = 21.0{number:02}\nlon = 105.85\narea = "{AREAS[number % len(AREAS)]}"'


@contextmanager
def running_city(folder: Path, cameras: int, nodes: Sequence[str]) -> Iterator[City]:
    """Servers, a head and nodes; at the end everything is stopped in order."""
    binaries = postgres_binaries()
    if binaries is None:
        raise NotPermitted("PostgreSQL is not installed")
    with ExitStack() as stack:
        queue = Server(folder / "queue", host=SERVERS)
        stack.callback(queue.kill)
        queue.wait_up()
        archive = PostgresServer(binaries)
        archive.start()
        stack.callback(archive.stop)
        queue_url = f"redis://{SERVERS}:{queue.address[1]}/0"
        city = City(folder, queue_url, archive.new_database())
        city.cameras = stack.enter_context(_cameras(folder, cameras))
        subprocess.run(_program("cluster", "token", str(folder / "cluster.token")), check=True)
        stack.enter_context(_centre(city))
        wait(city.is_up, 120.0, "the centre answers")
        stack.callback(city.stop)
        city.start_head()
        wait(lambda: city.run("cluster", "status").stdout.startswith("head"), 90.0, "the head")
        for name in nodes:
            city.start_node(name)
        yield city


@contextmanager
def _centre(city: City) -> Iterator[None]:
    with (city.folder / "centre.log").open("wb") as output:
        process = subprocess.Popen(
            _program("centre", "-c", str(city.config("servers"))),
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "THAPCANH_ADMIN_PASSWORD": PASSWORD},
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _cameras(folder: Path, count: int) -> Iterator[dict[str, str]]:
    """Every other camera burns, again and again."""
    fire, quiet = folder / "fire.mp4", folder / "quiet.mp4"
    synthetic_fire_clip(fire, shape=SHAPE)
    synthetic_quiet_clip(quiet, shape=SHAPE)
    files = [f"cam-{number:02}={quiet if number % 2 else fire}" for number in range(count)]
    with running_simulator(files, host=SERVERS) as simulator:
        yield {one.partition("=")[0]: simulator.url(one.partition("=")[0]) for one in files}


def wait(condition: Callable[[], object], within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.1)


def _program(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "app", *words]
