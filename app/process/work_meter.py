"""Work meter: resources used by a process's main thread and children."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
LEAST_S = 0.1
"""Of processor: a loop that only waits uses a tenth of that in half a minute."""
LEAST_BYTES = 1 << 16
LEAST_FAULTS = 16  # pages that were read from the disk


@dataclass(frozen=True, slots=True)
class WorkDone:
    """Processor time, bytes moved and pages read from the disk; each only grows."""

    ticks: int = 0
    moved: int = 0
    faults: int = 0

    def __add__(self, other: "WorkDone") -> "WorkDone":
        return WorkDone(
            self.ticks + other.ticks, self.moved + other.moved, self.faults + other.faults
        )

    def is_more_than(self, earlier: "WorkDone") -> bool:
        """Return True if clearly more was done since."""
        return (
            self.ticks - earlier.ticks >= LEAST_S * _TICKS_PER_S
            or self.moved - earlier.moved >= LEAST_BYTES
            or self.faults - earlier.faults >= LEAST_FAULTS
        )


class WorkMeter:
    """Comparison of a process's work with that at the last success."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._last = work_of(pid)

    def has_worked(self) -> bool:
        """Return True if it worked since this was last True."""
        now = work_of(self._pid)
        if now.is_more_than(self._last):
            self._last = now
            return True
        # A child process that ended took its figures along: what it did is counted no more.
        self._last = WorkDone(
            min(now.ticks, self._last.ticks),
            min(now.moved, self._last.moved),
            min(now.faults, self._last.faults),
        )
        return False


def work_of(pid: int) -> WorkDone:
    """Return what the main thread did, and the child processes with all that they started."""
    done = _of_task(_PROC / str(pid) / "task" / str(pid))
    for child in _descendants(pid):
        done += _of_task(_PROC / str(child))
    return done


def _of_task(folder: Path) -> WorkDone:
    """Return a thread's or process's work; zero if it ended or is unreadable."""
    with suppress(OSError, ValueError, IndexError):
        fields = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        figures = fields.rpartition(")")[2].split()
        return WorkDone(int(figures[11]) + int(figures[12]), _moved(folder), int(figures[9]))
    return WorkDone()


def _moved(folder: Path) -> int:
    with suppress(OSError, ValueError):
        lines = (folder / "io").read_text(encoding="ascii").splitlines()
        figures = dict(line.split(": ") for line in lines)
        return int(figures["rchar"]) + int(figures["wchar"])
    return 0


def _descendants(pid: int) -> Iterator[int]:
    for folder in _tasks(pid):
        with suppress(OSError):
            for child in (folder / "children").read_text(encoding="ascii").split():
                yield int(child)
                yield from _descendants(int(child))


def _tasks(pid: int) -> list[Path]:
    with suppress(OSError):
        return list((_PROC / str(pid) / "task").iterdir())
    return []
