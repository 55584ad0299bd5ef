"""Password hashing in a separate low-priority process."""

import json
import logging
import os
import select
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from thapcanh.app.web_api.errors import ApiError
from thapcanh.ingest.child_process import ChildBounds, ChildProcess, ChildSetup, start_child

log = logging.getLogger(__name__)

# An idle machine gives it a whole core; a busy one about a tenth, so that a login takes 2 s then.
NICE = 10
ANSWER_WITHIN_S = 20.0
START_WITHIN_S = 300.0
READY = b"ready\n"
RESTARTED_AFTER_S = 1.0  # at most one new process in this time; questions between are refused
_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.web_api.access.passwords.child")
_BOUNDS = ChildBounds(niceness=NICE, memory_bytes=1 << 30)
_LONGEST_ANSWER = 4096


class PasswordProcessLost(Exception):
    """An ended process, or an invalid answer."""


class PasswordProcess:
    """Long-lived process, one request at a time. Thread-safe.

    Both requests raise `ApiError` (503) without an answer.
    """

    def __init__(
        self, command: Sequence[str] = _COMMAND, answer_within_s: float = ANSWER_WITHIN_S
    ) -> None:
        self._command = command
        self._answer_within_s = answer_within_s
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None
        self._started_at = -RESTARTED_AFTER_S
        self._is_ready = False

    @property
    def pid(self) -> int | None:
        """The process, once it was needed."""
        return self._process.pid if self._process is not None else None

    def hashed(self, password: str) -> str:
        answer = self._requested({"password": password}).get("hash")
        if not isinstance(answer, str):
            raise _unavailable()
        return answer

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Return True for the right password; always False, equally slowly, without a hash."""
        return self._requested({"check": password_hash, "password": password}).get("right") is True

    def close(self) -> None:
        """End the process; a later question starts another."""
        with self._lock:
            self._end()
            self._started_at = -RESTARTED_AFTER_S

    def _requested(self, question: Mapping[str, str | None]) -> Mapping[str, Any]:
        with self._lock:
            for is_last in (False, True):  # one that died while it was idle costs nobody a login
                try:
                    return self._answer_of(self._running(), json.dumps(question).encode())
                except PasswordProcessLost as error:
                    log.error("the password process is lost: %s", error)
                    self._end()
                    if is_last:
                        break
        raise _unavailable()

    def _running(self) -> ChildProcess:
        if self._process is None:
            now = time.monotonic()
            if now - self._started_at < RESTARTED_AFTER_S:
                raise PasswordProcessLost("it ended as soon as it was started")
            self._started_at, self._is_ready = now, False
            self._process = self._started()
        return self._process

    def _started(self) -> ChildProcess:
        try:
            return start_child(self._command, ChildSetup(bounds=_BOUNDS))
        except OSError as error:
            raise PasswordProcessLost(f"it cannot be started: {error}") from error

    def _answer_of(self, process: ChildProcess, question: bytes) -> Mapping[str, Any]:
        assert process.stdin is not None  # noqa: S101 a pipe
        self._wait_until_ready(process)
        try:
            process.stdin.write(question + b"\n")
            process.stdin.flush()
        except OSError as error:
            raise PasswordProcessLost(f"it has ended ({process.poll()})") from error
        line = self._line_of(process)
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise PasswordProcessLost("it gave no answer") from error
        if not isinstance(answer, dict):
            raise PasswordProcessLost("it gave no answer")
        return answer

    def _wait_until_ready(self, process: ChildProcess) -> None:
        """Raise `ApiError` while it starts."""
        assert process.stdout is not None  # noqa: S101 a pipe
        if self._is_ready:
            return
        if not _is_readable(process.stdout.fileno(), self._answer_within_s):
            if time.monotonic() - self._started_at < START_WITHIN_S:
                raise _unavailable()
            raise PasswordProcessLost(f"it did not start within {START_WITHIN_S:g} s")
        if self._line_of(process) != READY:
            raise PasswordProcessLost("it said something before it was asked")
        self._is_ready = True

    def _line_of(self, process: ChildProcess) -> bytes:
        """Return one line of its output, bounded in time and size."""
        assert process.stdout is not None  # noqa: S101 a pipe
        pipe, line = process.stdout.fileno(), b""
        until = time.monotonic() + self._answer_within_s
        while not line.endswith(b"\n"):
            if not _is_readable(pipe, max(0.0, until - time.monotonic())):
                raise PasswordProcessLost(f"no answer within {self._answer_within_s:g} s")
            piece = os.read(pipe, _LONGEST_ANSWER)
            if not piece or len(line) > _LONGEST_ANSWER:
                raise PasswordProcessLost("it ended before it answered")
            line += piece
        return line

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what could not be written when it died
                    pipe.close()


def _is_readable(pipe: int, within_s: float) -> bool:
    """Return True if there is output or its end; `poll` has no limit on file numbers."""
    waiting = select.poll()  # `select` takes no file beyond the 1,024th
    waiting.register(pipe, select.POLLIN)
    return bool(waiting.poll(within_s * 1000))


def _unavailable() -> ApiError:
    return ApiError(503, "busy", headers={"Retry-After": "2"})
