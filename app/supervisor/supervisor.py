"""Supervisor of `thapcanh run`: starts queue, centre and workers, restarts and stops them.

It runs on the main thread without media, model or web libraries.
"""

import fcntl
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO

from thapcanh.app.process import embedded_valkey, exit_codes
from thapcanh.app.site.site_file import centre_variables
from thapcanh.app.supervisor.child import Child, ChildSpec, RestartDecision, start_process
from thapcanh.app.supervisor.guardian import Guardian
from thapcanh.config.loading.files import ON_DISK, ConfigFiles
from thapcanh.config.site import Site

log = logging.getLogger(__name__)

TICK_S = 0.2
_LOCK_FILE = "supervisor.lock"
CAMERAS_PER_WORKER = 16  # below this a second worker costs more memory than it gives time

QUEUE_STAGE, CENTRE_STAGE, WORKER_STAGE = 0, 1, 2


class CannotStart(Exception):
    """Refused start; the message says what to do."""


class Supervisor:
    def __init__(self, specs: Iterable[ChildSpec], on_tick: Callable[[], None]) -> None:
        self._children = [Child(spec, start_process) for spec in specs]
        self._on_tick = on_tick
        self._guardian = Guardian()

    def run(self, stop: threading.Event) -> int:
        """Start all, tend all, stop all; return the exit code."""
        try:
            self._start_all(stop)
            return self._tend_all(stop)
        finally:
            self._stop_all()
            self._guardian.close()

    def _start_all(self, stop: threading.Event) -> None:
        for stage in sorted({child.spec.stage for child in self._children}):
            started = [child for child in self._children if child.spec.stage == stage]
            for child in started:
                child.start()
            self._guard()
            for child in started:
                if child.spec.ready_port is not None:
                    wait_for_port(child, child.spec.ready_port, stop)

    def _tend_all(self, stop: threading.Event) -> int:
        while not stop.wait(TICK_S):
            for child in self._children:
                if child.tend(time.monotonic()) is RestartDecision.GIVE_UP:
                    log.error("%s cannot start; stopping (see its message above)", child.spec.name)
                    return exit_codes.UNUSABLE
            self._guard()
            self._on_tick()
        return exit_codes.OK

    def _guard(self) -> None:
        """Update the guardian's children."""
        living = [(item.pid, item.spec.stop_within_s) for item in self._children]
        self._guardian.watch((pid, within_s) for pid, within_s in living if pid is not None)

    def _stop_all(self) -> None:
        for stage in sorted({child.spec.stage for child in self._children}, reverse=True):
            leaving = [child for child in self._children if child.spec.stage == stage]
            for child in leaving:
                child.request_stop()
            for child in leaving:
                child.wait_stopped()


def specs_of(
    site: Site, config_path: Path, run_dir: Path, files: ConfigFiles = ON_DISK
) -> list[ChildSpec]:
    """Return the children of this site; its configuration was read in `files`.

    Centre secrets known now stay withheld from workers if the files break later.
    """
    secret = centre_variables(config_path, files=files)

    def withheld() -> frozenset[str]:
        return centre_variables(config_path, earlier=secret)

    specs: list[ChildSpec] = []
    if site.queue.url is None:
        queue = embedded_valkey.prepare(embedded_valkey.queue_dir(site), run_dir, site.queue)
        specs.append(
            ChildSpec(
                name="queue",
                arguments=queue.arguments,
                stage=QUEUE_STAGE,
                ready_port=int(queue.url.rpartition(":")[2].partition("/")[0]),
            )
        )
    specs.append(_own_count("centre", ("centre", "-c", str(config_path)), CENTRE_STAGE, run_dir))
    count = worker_count(site)
    for index in range(count):
        arguments = ("worker", "-c", str(config_path), "--index", str(index), "--of", str(count))
        worker = _own_count(f"worker-{index}", arguments, WORKER_STAGE, run_dir)
        specs.append(replace(worker, withheld=withheld))
    return specs


def worker_count(site: Site) -> int:
    """Return one worker per core, but no more than the cameras need."""
    if site.worker.count:
        return site.worker.count
    needed = -(-len(site.cameras) // CAMERAS_PER_WORKER)
    return max(1, min(os.cpu_count() or 1, needed))


def program(*arguments: str) -> tuple[str, ...]:
    """Return the command line of our own program; `-P` ignores the current folder."""
    return (sys.executable, "-P", "-m", "thapcanh", *arguments)


def hold_data_dir(run_dir: Path) -> IO[str]:
    """Lock the data folder for this supervisor; raises `CannotStart` when another holds it."""
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        file = (run_dir / _LOCK_FILE).open("a+", encoding="utf-8")
    except OSError as error:
        raise CannotStart(
            f"the data folder {run_dir.parent} cannot be written: {error.strerror}; "
            "set [site] data_dir to a folder that can"
        ) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CannotStart(
            f"another thapcanh already runs on {run_dir.parent}; stop it first"
        ) from None
    return file


def is_held(run_dir: Path) -> bool:
    """Return whether a supervisor runs on the data folder; nothing is made there."""
    try:
        with (run_dir / _LOCK_FILE).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:  # held, or not ours to look at
        return True
    return False


def check_port(host: str, port: int) -> None:
    """Raise `CannotStart` when the centre could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"cannot listen on {host}:{port}: {error.strerror}; "
                "choose another with [centre] port or --port"
            ) from None


def _own_count(name: str, arguments: tuple[str, ...], stage: int, run_dir: Path) -> ChildSpec:
    beat = run_dir / f"{name}.beat"
    beat.unlink(missing_ok=True)
    return ChildSpec(
        name=name,
        arguments=program(*arguments, "--beat", str(beat)),
        stage=stage,
        stop_within_s=20.0,  # a worker finishes its clips and hands over its spool
        beat=beat,
    )


def wait_for_port(child: Child, port: int, stop: threading.Event) -> None:
    """Wait as long as the child works on its start; raises `CannotStart`."""
    while child.silent_s(time.monotonic()) < child.spec.ready_within_s and not stop.is_set():
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if not child.is_running:
            break
        stop.wait(0.02)
    if not stop.is_set():
        raise CannotStart(f"{child.spec.name} did not answer on port {port}, see its log")
