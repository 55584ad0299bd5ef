"""Command `thapcanh run`: a supervisor of one site's processes, until it is stopped."""

import http
import http.client
import ssl
import sys
import threading
import time
from pathlib import Path

from thapcanh.app.process.disk_room import DiskReserve, disks_of
from thapcanh.app.process.embedded_valkey import QueueBinaryMissing, queue_dir
from thapcanh.app.process.log import use_format
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.site import read_site
from thapcanh.app.supervisor.child import ChildSpec
from thapcanh.app.supervisor.supervisor import (
    CannotStart,
    Supervisor,
    check_port,
    hold_data_dir,
    specs_of,
)
from thapcanh.config.site import Site

POLL_S = 0.5


def run_site(config_path: Path, stop: threading.Event, extra: tuple[ChildSpec, ...] = ()) -> int:
    """Load the site, hold its data folder, and supervise until `stop`; return the exit code."""
    loaded = read_site(config_path, in_force=True)
    for problem in loaded.refused or loaded.problems:
        fail(problem)
    if loaded.site is None:
        return fail(f"{config_path}: cannot start, see above")
    if not loaded.site.cameras and loaded.site.registry.source == "files":
        return fail(f"{config_path}: no camera can run; it needs one [[cameras]] without a problem")
    site = loaded.site
    use_format(site.log.format)
    run_dir = site.site.data_dir / "run"
    try:
        check_port(site.centre.host, site.centre.port)
        with hold_data_dir(run_dir):
            reserves = [DiskReserve(folder) for folder in disks_of(_written(site))]
            announcement = Announcement(site)

            def tick() -> None:
                for reserve in reserves:
                    reserve.tend()
                announcement.check()

            tick()  # before the first file is written
            specs = [*extra, *specs_of(site, config_path.resolve(), run_dir, loaded.files)]
            return Supervisor(specs, tick).run(stop)
    except (CannotStart, QueueBinaryMissing) as error:
        return fail(error)


def _written(site: Site) -> list[Path]:
    """Create and return the folders that must not fill up: queue, spools, archive."""
    folders = [site.site.data_dir]
    if site.queue.url is None:
        queue_dir(site).mkdir(parents=True, exist_ok=True)
        folders.append(queue_dir(site))
    return folders


class Announcement:
    """Says once where the screens are, as soon as the centre answers."""

    def __init__(self, site: Site) -> None:
        host = site.centre.host
        self._host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        self._port = site.centre.port
        self._scheme = "http" if site.centre.certificate is None else "https"
        self._made = False
        self._next_at = 0.0

    def check(self) -> None:
        """Ask the centre, at most twice a second, until it answers."""
        now = time.monotonic()
        if self._made or now < self._next_at:
            return
        self._next_at = now + POLL_S
        if self._answers():
            self._made = True
            address = f"{self._scheme}://{self._host}:{self._port}"
            sys.stdout.write(f"Mở màn hình trực: {address}  (Ctrl-C dừng)\n")
            sys.stdout.flush()

    def _answers(self) -> bool:
        connection = self._connection()
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        """Return a connection to our own process; its certificate's name is not checked."""
        if self._scheme == "http":
            return http.client.HTTPConnection(self._host, self._port, timeout=1.0)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(self._host, self._port, timeout=1.0, context=context)
