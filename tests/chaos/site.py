"""A real site under fire: a supervisor that is started again whenever it is dead, and its children.

The driver stands where systemd stands in service: it restarts the supervisor, and nothing else.
"""

import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from tests.end_to_end.running_site import PASSWORD, model_cache
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.app.process.free_port import free_port

SYSTEMD_WAITS_S = 1.0
CLOCK = Path(__file__).parent / "clock"


class Site:
    """Starts, watches and stops `thapcanh run` and the makers."""

    def __init__(
        self, folder: Path, cameras: dict[str, str], makers: dict[str, float], settings: str = ""
    ) -> None:
        """`settings`: more sections of the configuration."""
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log.txt"
        self.restarts = 0
        self._config = folder / "thapcanh.toml"
        self._config.write_text(_config(self.port, cameras, settings), encoding="utf-8")
        self._output = self.log.open("ab")
        self._makers = makers
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()
        self._tending = threading.Thread(target=self._tend, name="systemd", daemon=True)

    def start(self) -> None:
        self._tending.start()

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2.0).status_code == 200
        except httpx.TransportError:
            return False

    def processes(self, word: str) -> list[psutil.Process]:
        """Live children of the supervisor whose command line holds `word`."""
        found = []
        with suppress(psutil.Error, KeyError):
            for child in psutil.Process(self._running["supervisor"].pid).children(recursive=True):
                with suppress(psutil.Error):
                    if any(word in part for part in child.cmdline()):
                        found.append(child)
        return found

    def kill(self, name: str) -> bool:
        """SIGKILL one process by its part's name; false when there is none at this moment."""
        process = self._running.get(name)
        if process is not None:
            process.kill()
            return True
        victims = self.processes(name)
        for victim in victims:
            with suppress(psutil.NoSuchProcess):
                victim.kill()
        return bool(victims)

    def empty_queue(self) -> bool:
        """Delete the queue's data and kill it: it comes back with nothing."""
        shutil.rmtree(self.data / "queue" / "appendonlydir", ignore_errors=True)
        return self.kill("valkey-server")

    def set_clock(self, part: str, wrong_by_s: float) -> None:
        """Set one part's wall clock; supervisor, worker, centre, or a maker."""
        folder = self.folder / "clocks"
        folder.mkdir(exist_ok=True)
        draft = folder / f"{part}.new"
        draft.write_text(str(wrong_by_s), encoding="ascii")
        draft.replace(folder / part)

    def queue(self) -> EventQueue:
        """The site's queue, at the address of the supervisor that runs now."""
        address = self.data / "run" / "queue.url"
        return EventQueue(address.read_text(encoding="utf-8").strip())

    def finish_makers(self, within_s: float) -> list[str]:
        """Ask the makers to clear and send what they have; the names of those that could not."""
        for name in self._makers:
            self._makers[name] = 0.0  # not started again
        leaving = {name: self._running[name] for name in self._makers if name in self._running}
        for process in leaving.values():
            process.terminate()
        stuck = []
        for name, process in leaving.items():
            try:
                if process.wait(within_s):
                    stuck.append(name)
            except subprocess.TimeoutExpired:
                stuck.append(name)
        return stuck

    def stop(self) -> None:
        self._stopping.set()
        self._tending.join(10)
        for name, process in self._running.items():
            if name in self._makers:  # they have finished, or have nothing more to prove
                process.kill()
            else:
                process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._output.close()

    def _tend(self) -> None:
        while True:
            self._start("supervisor", "-m", "thapcanh", "run", "-c", str(self._config))
            for name, rate in self._makers.items():
                if rate:
                    words = (str(self.data), name, str(rate))
                    self._start(name, "-m", "tests.chaos.maker", *words)
            if self._stopping.wait(SYSTEMD_WAITS_S):
                return

    def _start(self, name: str, *words: str) -> None:
        before = self._running.get(name)
        if before is not None and before.poll() is None:
            return
        self.restarts += before is not None
        self._running[name] = subprocess.Popen(
            [sys.executable, *words],
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "THAPCANH_ADMIN_PASSWORD": PASSWORD, **self._clocks()},
            start_new_session=True,
        )

    def _clocks(self) -> dict[str, str]:
        places = [str(CLOCK), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {"CHAOS_CLOCK": str(self.folder / "clocks"), "PYTHONPATH": os.pathsep.join(places)}


def _config(port: int, cameras: dict[str, str], settings: str) -> str:
    lines = ["[site]", f'cache_dir = "{model_cache()}"', "[centre]", f"port = {port}"]
    lines += ["[queue]", "signed_only = false", settings]  # makers of events have no key
    for camera_id, source in cameras.items():
        lines += ["[[cameras]]", f'id = "{camera_id}"', f'name = "{camera_id}"',
                  f'source = "{source}"', "lat = 21.03", "lon = 105.85"]  # fmt: skip
    return "\n".join(lines)
