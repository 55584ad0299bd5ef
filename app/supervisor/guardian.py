"""Guardian process that ends the children of a killed supervisor."""

import os
import select
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from thapcanh.ingest.child_process import ChildProcess, ChildSetup, start_child

_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.supervisor.guardian")


class Guardian:
    """The supervisor's end. Belongs to the supervisor's thread."""

    def __init__(self) -> None:
        self._process: ChildProcess | None = None
        self._reported: frozenset[tuple[int, float]] = frozenset()

    @property
    def pid(self) -> int | None:
        """The guardian's process, while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    def watch(self, children: Iterable[tuple[int, float]]) -> None:
        """Set the live children, each with its stop time in seconds."""
        now = frozenset(children)
        if self.pid is None:
            self.close()
            self._process = start_child(_COMMAND, ChildSetup(ends_by=0, stdout=None))
            self._reported = frozenset()
        if now - self._reported:
            self._report(now - self._reported)
        self._reported = now

    def close(self) -> None:
        """Stop the guardian after the children; idempotent."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait()

    def _report(self, new: Iterable[tuple[int, float]]) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):  # it ended; the next round starts another
                self._process.stdin.write(b"".join(b"%d %g\n" % item for item in new))
                self._process.stdin.flush()


def main() -> None:
    """Learn the children of stdin until it ends, then end them."""
    for ignored in (signal.SIGINT, signal.SIGTERM):  # it ends with its pipe
        signal.signal(ignored, signal.SIG_IGN)
    children: list[tuple[int, float]] = []
    for line in sys.stdin.buffer:
        pid, stop_within_s = line.split()
        with suppress(ProcessLookupError):  # a handle is not another's when the number is reused
            children.append((os.pidfd_open(int(pid)), float(stop_within_s)))
        children = list(_living(children))
    deadline = time.monotonic()
    for handle, stop_within_s in sorted(children, key=lambda item: item[1]):
        if not _has_ended(handle, max(0.0, deadline + stop_within_s - time.monotonic())):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)


def _living(children: Iterable[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """Yield live children; close the handles of the others."""
    for handle, stop_within_s in children:
        if _has_ended(handle, 0.0):
            os.close(handle)
        else:
            yield handle, stop_within_s


def _has_ended(handle: int, within_s: float) -> bool:
    return bool(select.select([handle], [], [], within_s)[0])


if __name__ == "__main__":
    main()
