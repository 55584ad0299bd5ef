"""The city's servers: a queue behind Sentinels, PostgreSQL, an S3 server, two centres and nginx."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.alerts.conftest import PostgresServer, postgres_binaries, queue_binaries
from tests.alerts.evidence.s3_server import KEY_ID, SECRET, S3Server
from tests.alerts.sentinel_servers import WatchedQueue, watched_queue
from tests.cluster.hosts import SERVERS, NotPermitted
from tests.end_to_end.running_site import PASSWORD
from tests.patience import PATIENCE_S
from thapcanh.alerts.queue.redis_client import QueueAddress
from thapcanh.alerts.store.coordination.centres import living_centres
from thapcanh.alerts.store.coordination.session import centre_name
from thapcanh.alerts.store.database import Database

PORT = 8080
CENTRES = {"centre-a": 8081, "centre-b": 8082}
PREFIX = "city"


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """What all machines of the city speak to."""

    watched: WatchedQueue
    archive_url: str
    s3: S3Server
    bucket: str

    @property
    def queue(self) -> QueueAddress:
        return self.watched.address()

    def lines(self) -> Iterator[str]:
        """The parts of every machine's configuration that name queue and evidence store."""
        sentinels = ", ".join(f'"{one}"' for one in self.queue.sentinels)
        yield f'[queue]\nurl = "{self.queue.url}"\nsentinels = [{sentinels}]\nreplicas = 1'
        yield f'[evidence]\nstore = "s3"\n[evidence.s3]\nendpoint = "{self.s3.endpoint}"'
        yield f'bucket = "{self.bucket}"\nprefix = "{PREFIX}"'
        yield f'key_id = "{KEY_ID}"\nsecret = "{SECRET}"'

    def evidence(self) -> set[str]:
        """Paths of all files that the store holds."""
        return {one.removeprefix(f"{PREFIX}/") for one in self.s3.keys(self.bucket)}


class CentreMachine:
    """One of the centres, killed and started again."""

    def __init__(self, name: str, data: Path, config: Path, log: Path) -> None:
        self.name = name
        self._data = data
        self._config = config
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "thapcanh", "centre", "-c", str(self._config)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "THAPCANH_ADMIN_PASSWORD": PASSWORD},
            )

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    @property
    def is_up(self) -> bool:
        return answers(f"http://{SERVERS}:{CENTRES[self.name]}")

    def leads(self, database: Database) -> bool:
        """Whether the archive names it as the one that leads."""
        id_ = (self._data / "centre-id").read_text(encoding="ascii").strip()
        return centre_name(id_) in [one.name for one in living_centres(database) if one.leads]


def answers(url: str) -> bool:
    """Whether a centre answers there, and says that all its parts do."""
    try:
        return httpx.get(f"{url}/healthz", timeout=2.0).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def running_servers(folder: Path) -> Iterator[Servers]:
    """Queue, archive and evidence store; the centres come later. Raises `NotPermitted`."""
    binaries = postgres_binaries()
    if binaries is None:
        raise NotPermitted("PostgreSQL is not installed")
    with ExitStack() as stack:
        queue = next(iter(queue_binaries().values()))
        watched = stack.enter_context(watched_queue(queue, folder / "queue", SERVERS))
        archive = PostgresServer(binaries)
        archive.start()
        stack.callback(archive.stop)
        s3 = stack.enter_context(S3Server.started(SERVERS))
        yield Servers(
            watched=watched, archive_url=archive.new_archive(), s3=s3, bucket=s3.new_bucket()
        )


@contextmanager
def proxy(folder: Path) -> Iterator[None]:
    """Nginx before both centres, as screens see them."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        raise NotPermitted("nginx is not installed")
    config = folder / "nginx.conf"
    config.write_text(_nginx(folder), encoding="utf-8")
    running = subprocess.Popen([program, "-p", str(folder), "-c", str(config)])
    try:
        yield
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def leader(centres: Sequence[CentreMachine], database: Database) -> CentreMachine | None:
    """The centre that leads now."""
    return next((one for one in centres if one.leads(database)), None)


def started_centres(
    data: Callable[[str], Path], config: Callable[[str], Path], folder: Path
) -> list[CentreMachine]:
    """Both, starting."""
    centres = [
        CentreMachine(name, data(name), config(name), folder / f"{name}.log") for name in CENTRES
    ]
    for one in centres:
        one.start()
    return centres


def _nginx(folder: Path) -> str:
    ports = CENTRES.values()
    servers = "".join(f"server {SERVERS}:{port} max_fails=1 fail_timeout=1s;" for port in ports)
    temp = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;"
        "events { worker_connections 512; }"
        f"http {{ access_log off; {temp} upstream centres {{ {servers} }}"
        f"server {{ listen {SERVERS}:{PORT}; location / {{ proxy_pass http://centres;"
        "proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $http_host;"
        "proxy_connect_timeout 2s; proxy_read_timeout 1h; proxy_buffering off;"
        "proxy_next_upstream error timeout; } } }"
    )
