"""Child process of the supervisor, and the decisions about it.

`after_exit` and `is_hung` are pure. `Child` starts the process in its own session, so that Ctrl-C
reaches only the supervisor.
"""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from thapcanh.app.process import exit_codes
from thapcanh.app.process.first_secret import PASSWORD_VARIABLE, pop_from_environment
from thapcanh.app.process.work_meter import WorkMeter
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.child_process import ChildProcess, ChildSetup, plain_environment, start_child

log = logging.getLogger(__name__)

STEADY_S = 20.0  # a child that lived this long was up; its backoff starts again
BACKOFF = Backoff(first_s=0.5, longest_s=15.0)
KILLED_WITHIN_S = 5.0  # a process that waits for a hung disk inside the kernel cannot be killed
HUNG_AFTER_S = 30.0  # without a sign of life, or of work while it starts
LONGEST_START = 8  # times that: a machine may stand still for all of us


class RestartDecision(StrEnum):
    """Supervisor's reaction to an ended child."""

    RESTART_NOW = "restart_now"  # it had been steady
    RESTART_LATER = "restart_later"  # it keeps dying: wait, longer each time
    GIVE_UP = "give_up"  # it never came up and says restarting does not help


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """Process to start. Stages start upwards and stop downwards.

    `beat` is the file the child changes while it makes progress, `ready_port` a port on 127.0.0.1
    that must answer before the next stage starts, unless the child is idle for `ready_within_s`.
    `withheld` names variables that are removed from its environment, evaluated at each start.
    """

    name: str
    arguments: tuple[str, ...]
    stage: int
    stop_within_s: float = 10.0
    beat: Path | None = None
    ready_port: int | None = None
    ready_within_s: float = 15.0
    withheld: Callable[[], Collection[str]] = frozenset


def after_exit(code: int, uptime_s: float, quick_exits: int) -> tuple[RestartDecision, float]:
    """Return the step after an exit and the seconds to wait before it."""
    if code == exit_codes.UNUSABLE and uptime_s < STEADY_S and quick_exits == 0:
        return RestartDecision.GIVE_UP, 0.0
    if uptime_s >= STEADY_S:
        return RestartDecision.RESTART_NOW, 0.0
    return RestartDecision.RESTART_LATER, BACKOFF.grown_s(quick_exits + 1)


def is_hung(started_at: float, beat_at: float | None, now: float, killed_starts: int = 0) -> bool:
    """Return True if a child has made no progress for too long. Monotonic seconds.

    Each start that was killed before serving doubles the time of the next.
    """
    since = max(started_at, beat_at or started_at)
    return now - since > HUNG_AFTER_S * min(1 << killed_starts, LONGEST_START)


class Child:
    """A running child process, restarted by the supervisor's loop."""

    def __init__(self, spec: ChildSpec, start: Callable[[ChildSpec], ChildProcess]) -> None:
        self.spec = spec
        self.restarts = 0
        self._start = start
        self._quick_exits = 0
        self._was_steady = False
        self._started_at = 0.0
        self._due_at = 0.0
        self._killed_at: float | None = None
        self._beat: int | None = None
        self._beat_at = 0.0
        self._serves = False
        self._killed_starts = 0
        self._meter: WorkMeter | None = None
        self._process: ChildProcess | None = None

    @property
    def is_running(self) -> bool:
        """True while the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return self._process.pid if self._process is not None and self.is_running else None

    def start(self) -> None:
        """Start the process now."""
        self._process = self._start(self.spec)
        self._started_at = time.monotonic()
        self._serves, self._meter = False, WorkMeter(self._process.pid)

    def tend(self, now: float) -> RestartDecision | None:
        """Kill the child if it hangs, restart it if it ended; return the step after an exit.

        `now` is monotonic, so that a clock change does not look like a hang.
        """
        if self._process is None:
            if now >= self._due_at:
                self.restarts += 1
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            return self._kill(now) if self._is_hung(now) else None
        return self._ended(code, now)

    def silent_s(self, now: float) -> float:
        """Return for how long it has shown no sign of progress; `now` is monotonic."""
        self._look(now)
        return now - max(self._started_at, self._beat_at)

    def request_stop(self) -> None:
        """Send SIGTERM; idempotent."""
        if self._process is not None and self.is_running:
            self._process.terminate()

    def wait_stopped(self) -> None:
        """Wait for the child within its limit, then kill it."""
        if self._process is None:
            return
        try:
            self._process.wait(self.spec.stop_within_s)
        except subprocess.TimeoutExpired:
            log.error(
                "%s did not stop in %.0f s, killing it", self.spec.name, self.spec.stop_within_s
            )
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(KILLED_WITHIN_S)
                return
            log.error(
                "%s hangs in the system, as on a share that hangs; left alone", self.spec.name
            )

    def _kill(self, now: float) -> RestartDecision | None:
        """Kill a hanging child; abandon one that survives the kill, and start another."""
        if self._process is None:
            return None
        if self._killed_at is None:
            log.error(
                "%s has made no progress for %.0f s, killing it",
                self.spec.name, now - max(self._started_at, self._beat_at),
            )  # fmt: skip
            self._killed_at = now
            self._process.kill()
        if now - self._killed_at < KILLED_WITHIN_S:
            return None
        log.error("%s hangs in the system, as on a share that hangs; left alone", self.spec.name)
        return self._ended(-signal.SIGKILL, now)

    def _ended(self, code: int, now: float) -> RestartDecision:
        uptime_s = now - self._started_at
        # Once it was up, what keeps it from starting is the day's trouble and will pass.
        step, wait_s = after_exit(code, uptime_s, max(self._quick_exits, int(self._was_steady)))
        self._was_steady |= uptime_s >= STEADY_S
        is_killed_start = self._killed_at is not None and not self._serves
        self._killed_starts = self._killed_starts + 1 if is_killed_start else 0
        self._quick_exits = 0 if step is RestartDecision.RESTART_NOW else self._quick_exits + 1
        self._process, self._killed_at, self._due_at = None, None, now + wait_s
        log.warning(
            "%s ended with %s after %.0f s: %s",
            self.spec.name, _exit_text(code), uptime_s, step.value.replace("_", " "),
        )  # fmt: skip
        return step

    def _is_hung(self, now: float) -> bool:
        if self.spec.beat is None:
            return False
        self._look(now)
        killed_starts = 0 if self._serves else self._killed_starts
        return is_hung(self._started_at, self._beat_at, now, killed_starts)

    def _look(self, now: float) -> None:
        """Note when its file last changed, by our own clock; and until it serves, that it works.

        A process that is still being loaded, or computes without a word, does make progress.
        """
        with suppress(FileNotFoundError):
            beat = self.spec.beat.stat() if self.spec.beat is not None else None
            if beat is not None and beat.st_mtime_ns != self._beat:
                self._beat, self._beat_at = beat.st_mtime_ns, now
                self._serves |= beat.st_size == 0  # a start's file holds what it is doing
        if not self._serves and self._meter is not None and self._meter.has_worked():
            self._beat_at = now


def start_process(spec: ChildSpec) -> ChildProcess:
    """Start a child in its own session; the kernel stops it when we die."""
    password = pop_from_environment(PASSWORD_VARIABLE)
    parent_env = os.environ if password is None else {**os.environ, PASSWORD_VARIABLE: password}
    setup = ChildSetup(
        environment=environment_of(spec, parent_env),
        ends_by=signal.SIGTERM,
        stdin=subprocess.DEVNULL,
        stdout=None,
    )
    return start_child(spec.arguments, setup)


def environment_of(spec: ChildSpec, parent_env: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment, which `/proc` shows for its whole life.

    The queue gets no secrets, workers none of the centre's; the first account's password is only
    for the centre.
    """
    if spec.name == "queue":
        return plain_environment(parent_env)
    withheld = {*spec.withheld(), *(() if spec.name == "centre" else (PASSWORD_VARIABLE,))}
    return {key: value for key, value in parent_env.items() if key not in withheld}


def _exit_text(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
