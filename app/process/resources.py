"""Resources of long-running processes: memory and open files.

Full collections are rare and stop all threads: half a second with 40,000 cameras.
"""

import ctypes
import gc
import os
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

TIDY_EVERY_S = 30.0
_COLLECTIONS = 2  # the first reports come in with the first minute
_YOUNG = 1  # generations that are collected within milliseconds
_LEAST_PAUSE = 1000.0  # times what a collection took
_HEAPS = 2
_M_ARENA_MAX = -8  # of malloc.h


def use_few_heaps() -> bool:
    """Limit the heaps of all threads; call before they start. False if unsupported."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_option is not None and bool(set_option(_M_ARENA_MAX, _HEAPS))


def freeze_objects() -> None:
    """Collect after the start, then freeze the rest; call before serving."""
    gc.collect()
    gc.freeze()
    give_memory_back()


def give_memory_back() -> bool:
    """Return free pages to the system; takes milliseconds. False if unsupported."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return False
    trim(ctypes.c_size_t(0))
    return True


class MemoryManager:
    """Periodic collection after `freeze_objects`. Owned by one thread.

    `refreezes_once` freezes again after the first minute, when long-lived data arrives then.
    """

    def __init__(
        self,
        *,
        refreezes_once: bool = False,
        shrink: Callable[[], object] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`shrink` lets go of what libraries hold."""
        self._to_freeze = _COLLECTIONS if refreezes_once else 0
        self._shrink = shrink
        self._monotonic = monotonic
        self._due_at = monotonic() + TIDY_EVERY_S
        self._collect_at = float("-inf")

    def tick(self) -> None:
        """Run when due; may be called at any rate."""
        if self._monotonic() >= self._due_at:
            self.round()

    def round(self) -> None:
        """Collect garbage and give its memory back."""
        self._due_at = self._monotonic() + TIDY_EVERY_S
        if self._to_freeze:
            self._to_freeze -= 1
            gc.collect(_YOUNG)
            gc.freeze()
        elif self._monotonic() >= self._collect_at:
            self._collect()
        self._shrink()
        give_memory_back()

    def _collect(self) -> None:
        """Collect fully; the longer it takes, the rarer."""
        started_at = self._monotonic()
        gc.collect()
        ended_at = self._monotonic()
        self._collect_at = ended_at + _LEAST_PAUSE * (ended_at - started_at)


MOST_FILES = 65_536


def allow_many_files() -> None:
    """Raise the limit of open files as far as allowed.

    Connections and cameras are files; the default is 1,024.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def process_with(path: Path) -> int | None:
    """Return the id of another process that has the file open, or None."""
    limit = path.stat()
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        with suppress(OSError):  # it ended meanwhile, or is not ours to look at
            for handle in (process / "fd").iterdir():
                with suppress(OSError):
                    if os.path.samestat(handle.stat(), limit):
                        return int(process.name)
    return None
