"""A city on one machine: servers, centres, cameras, a head, and nodes that come and go."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tests.cluster.hosts import CAMERAS, NETWORK, SERVERS, Host
from tests.cluster.servers import (
    CENTRES,
    PORT,
    CentreMachine,
    Servers,
    answers,
    leader,
    proxy,
    running_servers,
    started_centres,
)
from tests.end_to_end.running_site import model_cache
from tests.running_simulator import running_simulator
from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.database import Database
from thapcanh.app.cluster.plan import FleetPlan, from_document
from thapcanh.app.drills.synthetic_clip import (
    ClipShape,
    synthetic_fire_clip,
    synthetic_quiet_clip,
)

SHAPE = ClipShape(duration_s=10.0, onset_s=1.0, grows_s=2.0, width=416, height=234, fps=10)
HEAD = f"{NETWORK}.1"
FIRST_NODE = 11
AREAS = ("ba-dinh", "hoan-kiem")


class City:
    """Everything that runs, and how to ask it."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.folder = folder
        self.servers = servers
        self.archive_url = servers.archive_url
        self.centres: list[CentreMachine] = []
        self.url = f"http://{SERVERS}:{PORT}"
        self.cameras: dict[str, str] = {}
        self.head = Host("head", 1, folder / "head.log")
        self.nodes: dict[str, Host] = {}

    def queue(self) -> EventQueue:
        return EventQueue(self.servers.queue)

    def data(self, host: str) -> Path:
        """The data folder of a host."""
        folder = self.folder / host
        folder.mkdir(exist_ok=True)
        return folder

    def config(self, host: str) -> Path:
        """The configuration of a host; a node's has no archive and no camera."""
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
        self,
        node: str,
        words: Sequence[str],
        *,
        other: Mapping[str, str] | None = None,
        python_path: Path | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        """Let the servers' machine try to join; it must be refused.

        `other` has what stands in its configuration instead; `python_path` what Python finds first.
        """
        text = self.config("servers").read_text(encoding="utf-8")
        for before, after in (other or {}).items():
            text = text.replace(before, after)
        config = self.folder / "stranger.toml"
        config.write_text(text, encoding="utf-8")
        environment = dict(os.environ)
        if python_path is not None:
            environment["PYTHONPATH"] = f"{python_path}:{environment.get('PYTHONPATH', '')}"
        return subprocess.run(
            _program("cluster", "join", "-c", str(config), "--node", node, *words),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=environment,
        )

    def plan(self) -> FleetPlan:
        """The plan in force."""
        with closing(FleetStore(self.servers.queue)) as store:
            document = store.plan()
        return FleetPlan() if document is None else from_document(document)

    def owners(self) -> Mapping[str, str]:
        return self.plan().owners

    def burning(self) -> list[str]:
        """The cameras that see fire."""
        return list(self.cameras)[::2]

    def moving(self) -> bool:
        return bool(self.plan().leaving)

    def spools(self, host: str) -> list[Path]:
        return sorted(self.data(host).glob("spool/*.sqlite"))

    def is_up(self) -> bool:
        """Whether a screen has an answer through the proxy."""
        return answers(self.url)

    def leader(self) -> CentreMachine | None:
        with closing(Database(self.archive_url)) as database:
            return leader(self.centres, database)

    def stop(self) -> None:
        for host in (*self.nodes.values(), self.head):
            host.stop()

    def _lines(self, host: str) -> Iterator[str]:
        yield "[site]"
        yield f'data_dir = "{self.data(host)}"'
        yield f'cache_dir = "{model_cache()}"'
        yield f'[centre]\nhost = "{SERVERS}"\nport = {CENTRES.get(host, PORT)}'
        yield from self.servers.lines()
        yield "[detector]\nsecond_witness = false"
        yield f'[cluster]\nhead = "{HEAD}:6380"\ntoken_file = "{self.folder / "cluster.token"}"'
        if host in self.nodes:
            yield '[registry]\nsource = "fleet"'
        else:
            yield f'[archive]\nurl = "{self.archive_url}"'
            yield from self._cameras()

    def _cameras(self) -> Iterator[str]:
        for area in AREAS:
            yield f'[[areas]]\nid = "{area}"\nname = "{area}"'
        for number, (camera, source) in enumerate(self.cameras.items()):
            yield f'[[cameras]]\nid = "{camera}"\nname = "{camera}"\nsource = "{source}"'
            yield f'lat = 21.0{number:02}\nlon = 105.85\narea = "{AREAS[number % len(AREAS)]}"'


@contextmanager
def running_city(folder: Path, cameras: int, nodes: Sequence[str]) -> Iterator[City]:
    """Servers, a head and nodes; at the end everything is stopped in order."""
    with ExitStack() as stack:
        city = City(folder, stack.enter_context(running_servers(folder)))
        city.cameras = stack.enter_context(_cameras(folder, cameras))
        subprocess.run(_program("cluster", "token", str(folder / "cluster.token")), check=True)
        stack.enter_context(_centres(city))
        stack.callback(city.stop)
        city.start_head()
        wait(lambda: city.run("cluster", "status").stdout.startswith("head"), 90.0, "the head")
        for name in nodes:
            city.start_node(name)
        yield city


@contextmanager
def _centres(city: City) -> Iterator[None]:
    city.centres = started_centres(city.data, city.config, city.folder)
    try:
        with proxy(city.folder):
            wait(lambda: all(one.is_up for one in city.centres), 180.0, "both centres answer")
            wait(city.is_up, 60.0, "the proxy answers")
            yield
    finally:
        for centre in city.centres:
            centre.end(signal.SIGTERM)


@contextmanager
def _cameras(folder: Path, count: int) -> Iterator[dict[str, str]]:
    """Every other camera burns, again and again."""
    fire, quiet = folder / "fire.mp4", folder / "quiet.mp4"
    synthetic_fire_clip(fire, shape=SHAPE)
    synthetic_quiet_clip(quiet, shape=SHAPE)
    files = [f"cam-{number:02}={quiet if number % 2 else fire}" for number in range(count)]
    with running_simulator(files, host=CAMERAS) as simulator:
        yield {one.partition("=")[0]: simulator.url(one.partition("=")[0]) for one in files}


def wait(condition: Callable[[], object], within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.1)


def _program(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "thapcanh", *words]
