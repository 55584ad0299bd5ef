"""Makes what strangers send anew, in a process that can be ended, and only while they wait for it.

The process is told nothing but the file, has a lower priority, and bounds on memory and time. One
file of crews and one of all others at a time: a flood of films must not take the desk's processors,
nor strangers' films hold up what a crew shows.
"""

import base64
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from fastapi import Request, Response

from alerts.calls.caller_links import CallerItemKind
from app.process.admission import Admission, DoorBudget
from app.process.door_budgets import MEDIA_OF_CREWS, MEDIA_OF_STRANGERS
from app.web_api.connected import while_connected
from app.web_api.errors import ApiError
from app.web_api.middleware.fair_places import FairPlaces
from ingest.child_process import (
    ChildBounds,
    ChildProcess,
    ChildSetup,
    lines_of,
    plain_environment,
    start_child,
)

log = logging.getLogger(__name__)

_MEDIA_TYPES = {CallerItemKind.PHOTO: "image/jpeg", CallerItemKind.VIDEO: "video/mp4"}
_COMMAND = (sys.executable, "-P", "-m", "app.calls.media_child")
_WITHIN_S, _CPU_S, _MEMORY_BYTES, _TOLD_BYTES = 90.0, 80, 3 << 30, 48 << 20
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeMedia:
    """A photo or a film without anything beside its pictures."""

    kind: CallerItemKind
    content: bytes

    @property
    def media_type(self) -> str:
        """What it is for a browser."""
        return _MEDIA_TYPES[self.kind]


def sent_file(found: tuple[str, bytes] | None) -> Response:
    """The answer with a file's media type and bytes; 404 where none was found."""
    if found is None:
        raise ApiError(404, "caller_file_not_found")
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(found[1], media_type=found[0], headers=headers)


class MediaDesk:
    """Makes one file at a time for one group of senders; belongs to the event loop.

    The next file is of who spent least. What a file takes of a processor is charged to its sender
    before, and what it did not take is given back; it is given up when the sender leaves.
    """

    def __init__(self, budget: DoorBudget) -> None:
        self._admission = Admission(budget)
        self._turns = FairPlaces(self._admission)
        self._thread = anyio.CapacityLimiter(1)

    async def made(self, request: Request, sender: str, content: bytes) -> MadeMedia:
        """Decode a file and write its pictures again, in its turn.

        Raises `ApiError` where it is no photo and no film, takes too much to be read, or its sender
        spent too much before.
        """
        if not content:  # has no body, and so no place among bodies
            raise ApiError(422, "caller_file_unreadable")
        making = _Making(content)
        turn = await while_connected(request, self._turns.take((sender,)))
        try:
            if not self._admission.charge((sender,), _CPU_S):
                raise ApiError(429, "media_seconds", headers={"Retry-After": "600"})
            try:
                work = anyio.to_thread.run_sync(making.run, limiter=self._thread)
                made = await while_connected(request, work, making.stop)
            finally:
                self._admission.correct((sender,), making.used_s - _CPU_S)
        finally:
            turn.leave()
        if made is None:
            log.info("a file of %d bytes is no photo and no film, or takes too much", len(content))
            raise ApiError(422, "caller_file_unreadable")
        return made


class OfStrangers(MediaDesk):
    """Files of callers and citizens."""

    def __init__(self) -> None:
        super().__init__(MEDIA_OF_STRANGERS)


class OfCrews(MediaDesk):
    """Files of crews."""

    def __init__(self) -> None:
        super().__init__(MEDIA_OF_CREWS)


class _Making:
    """One file in its process; `stop` may be called by any thread."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None
        self._is_over = False
        self.used_s = 0.0

    def run(self) -> MadeMedia | None:
        """Make it; None where it cannot be read, or was stopped."""
        setup = ChildSetup(
            environment=plain_environment(os.environ) | _ONE_THREAD,
            bounds=ChildBounds(memory_bytes=_MEMORY_BYTES, cpu_s=_CPU_S, niceness=10),
        )
        with start_child(_COMMAND, setup) as process:
            timer = threading.Timer(_WITHIN_S, self.stop)
            timer.daemon = True
            timer.start()
            try:
                self._begin(process)
                return self._told(process)
            finally:
                timer.cancel()
                self.stop()
                self.used_s = _processor_s(process)
                self._begin(None)

    def stop(self) -> None:
        """Give it up."""
        with self._lock:
            self._is_over = True
            if self._process is not None:  # not waited for, so the number is still its own
                os.kill(self._process.pid, signal.SIGKILL)

    def _begin(self, process: ChildProcess | None) -> None:
        with self._lock:
            self._process = process
            if self._is_over and process is not None:
                os.kill(process.pid, signal.SIGKILL)

    def _told(self, process: ChildProcess) -> MadeMedia | None:
        if process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(self._content)
        for told in lines_of(process, _TOLD_BYTES):
            if told["phase"] != "done":
                return None
            content = base64.b64decode(told["content"])
            return MadeMedia(kind=CallerItemKind(told["kind"]), content=content)
        return None


def _processor_s(process: ChildProcess) -> float:
    """What a process used of a processor that was killed, and is not waited for yet."""
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float(_CPU_S)  # nobody can say
    return (int(fields[11]) + int(fields[12])) / _TICKS_S
