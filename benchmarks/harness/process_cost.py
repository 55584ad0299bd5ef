"""What a process and its children cost, read from /proc: CPU-seconds, memory, threads, files."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """CPU-seconds of the process, its threads and living children, and those waited for."""
    return sum(_own_cpu_s(one) for one in _family(pid))


def rss_mb(pid: int) -> float:
    """Resident memory of the process and its living children, in MB."""
    return sum(_own_rss(one) for one in _family(pid)) / 1e6


def threads(pid: int) -> int:
    """Threads of the process and its living children."""
    return sum(_entries(one, "task") for one in _family(pid))


def files(pid: int) -> int:
    """Files and sockets that the process and its living children hold open."""
    return sum(_entries(one, "fd") for one in _family(pid))


def _entries(pid: int, folder: str) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/{folder}").iterdir()))
    except OSError:
        return 0  # it ended meanwhile


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _read(children).split():
            yield from _family(int(child))


def _own_cpu_s(pid: int) -> float:
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(int(value) for value in fields[11:15]) / _TICKS if fields else 0.0


def _own_rss(pid: int) -> int:
    fields = _read(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * _PAGE if fields else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""  # it ended meanwhile
